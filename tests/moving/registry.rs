//! A project with a registry in crates.io's place: a directory beside it, named by cargo's configuration above the root.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::support::{Repo, Run, package};

/// A project and its registry.
pub(crate) struct Project {
    pub(crate) repo: Repo,
}

impl Project {
    /// With releases that the tests share.
    pub(crate) fn new() -> Self {
        let project = Self { repo: Repo::new() };
        let registry = project.registry().display().to_string().replace('\\', "/");
        let config =
            format!("[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = \"{registry}\"\n");
        project.beside(".cargo/config.toml", &config);
        for version in ["1.0.1", "1.0.2"] {
            project.publish("pair", version, &[("pair-half", &format!("={version}"))]);
            project.publish("pair-half", version, &[]);
        }
        for version in ["1.0.1", "1.0.2", "1.1.0", "2.0.0"] {
            project.publish("low", version, &[]);
        }
        project.publish("user", "1.0.0", &[("low", "1")]);
        project
    }

    /// Says in the index when a release was published.
    pub(crate) fn published(&self, name: &str, version: &str, time: &str) {
        let path = self.registry().join(format!("index/{}", place(name)));
        let text = fs::read_to_string(&path).expect("it is published");
        let dated = |line: &str| {
            let is_it = line.contains(&format!("\"vers\":\"{version}\""));
            let time = format!("\"pubtime\":\"{time}\",\"vers\"");
            if is_it { line.replace("\"vers\"", &time) } else { line.to_owned() }
        };
        fs::write(path, text.lines().map(|line| dated(line) + "\n").collect::<String>()).expect("it can be written");
    }

    /// Has the user's own configuration name the registry, and not only what is above the root.
    pub(crate) fn of_user(self) -> Self {
        let config = fs::read_to_string(self.repo.outside().join(".cargo/config.toml")).expect("it is there");
        self.beside("home/config.toml", &config);
        self
    }

    fn registry(&self) -> PathBuf {
        self.repo.outside().join("registry")
    }

    fn beside(&self, path: &str, text: &str) {
        let path = self.repo.outside().join(path);
        fs::create_dir_all(path.parent().expect("it is below the directory")).expect("its directory can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// Publishes a release with an empty library.
    pub(crate) fn publish(&self, name: &str, version: &str, needs: &[(&str, &str)]) {
        self.release(name, version, needs, "", "", false);
    }

    /// Publishes a release: `extra` stands in its `[package]`, `code` is its library.
    pub(crate) fn release(
        &self,
        name: &str,
        version: &str,
        needs: &[(&str, &str)],
        extra: &str,
        code: &str,
        is_yanked: bool,
    ) {
        let lines: String = needs.iter().map(|(name, requirement)| format!("{name} = \"{requirement}\"\n")).collect();
        let manifest = package(name, &format!("{extra}\n[dependencies]\n{lines}")).replacen("0.1.0", version, 1);
        let top = format!("{name}-{version}");
        self.beside(&format!("staging/{top}/Cargo.toml"), &manifest);
        self.beside(&format!("staging/{top}/src/lib.rs"), code);
        fs::create_dir_all(self.registry()).expect("it can be made");
        let archive = self.registry().join(format!("{top}.crate"));
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive).arg(&top).current_dir(self.repo.outside().join("staging"));
        assert!(tar.status().expect("tar is installed").success());
        let sum: String =
            Sha256::digest(fs::read(&archive).expect("it is there")).iter().map(|byte| format!("{byte:02x}")).collect();
        let needs: Vec<serde_json::Value> = needs
            .iter()
            .map(|(name, requirement)| {
                serde_json::json!({ "name": name, "req": requirement, "features": [], "optional": false,
                    "default_features": true, "target": null, "kind": "normal" })
            })
            .collect();
        let line = serde_json::json!({ "name": name, "vers": version, "deps": needs, "cksum": sum, "features": {},
            "yanked": is_yanked });
        let index = format!("registry/index/{}", place(name));
        let before = fs::read_to_string(self.repo.outside().join(&index)).unwrap_or_default();
        self.beside(&index, &format!("{before}{line}\n"));
    }

    /// Withdraws a release.
    pub(crate) fn yank(&self, name: &str, version: &str) {
        let path = self.registry().join(format!("index/{}", place(name)));
        let text = fs::read_to_string(&path).expect("it is published");
        let yanked = |line: &str| {
            let is_it = line.contains(&format!("\"vers\":\"{version}\""));
            if is_it { line.replace("\"yanked\":false", "\"yanked\":true") } else { line.to_owned() }
        };
        fs::write(path, text.lines().map(|line| yanked(line) + "\n").collect::<String>()).expect("it can be written");
    }

    /// One package `demo` with these lines behind its version, locked by cargo and committed.
    pub(crate) fn demo(self, rest: &str) -> Self {
        self.file("Cargo.toml", &package("demo", rest)).file("src/lib.rs", "").locked()
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.repo.write(path, text);
        self
    }

    /// Locks it, with what is not asked for exactly at its oldest here, and commits everything.
    pub(crate) fn locked(self) -> Self {
        self.cargo(&["generate-lockfile", "--offline"]);
        for (name, oldest) in [("low", "1.0.1"), ("pair", "1.0.1")] {
            let _ = self.try_cargo(&["update", name, "--precise", oldest, "--offline"]);
        }
        self.repo.run_git(&["init", "--quiet"]);
        self.commit("start");
        self
    }

    pub(crate) fn commit(&self, message: &str) {
        self.repo.run_git(&["add", "--all"]);
        self.repo.run_git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    pub(crate) fn try_cargo(&self, arguments: &[&str]) -> Result<(), String> {
        let mut command = Command::new(cargo());
        command.args(arguments).current_dir(self.repo.root()).env("CARGO_HOME", self.home());
        command.env("CARGO_TARGET_DIR", self.repo.outside().join("target"));
        let output = command.output().expect("cargo starts");
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    #[track_caller]
    pub(crate) fn cargo(&self, arguments: &[&str]) {
        self.try_cargo(arguments).unwrap_or_else(|error| panic!("cargo {arguments:?}: {error}"));
    }

    fn home(&self) -> PathBuf {
        self.repo.outside().join("home")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &cargo())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], cargo: &str) -> Run {
        Run::new(self.repo.command(arguments).env("CARGO_HOME", self.home()).env("CARGO", cargo))
    }

    /// Runs it to success, with everything as cargo would have it: the lockfile is taken as it is.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        self.cargo(&["metadata", "--locked", "--offline", "--format-version", "1"]);
        run
    }

    /// Runs it to a refusal, after which nothing is changed; what it said.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let before = self.repo.git_output(&["status", "--porcelain"]);
        let diff = self.repo.git_output(&["diff", "HEAD"]);
        let run = self.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert_eq!(self.repo.git_output(&["status", "--porcelain"]), before);
        assert_eq!(self.repo.git_output(&["diff", "HEAD"]), diff);
        run.stderr
    }

    /// The versions of a package in the lockfile.
    pub(crate) fn held(&self, name: &str) -> Vec<String> {
        let lock = self.repo.read("Cargo.lock");
        let line = format!("name = \"{name}\"\nversion = \"");
        lock.split(&line).skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    }
}

/// Where an index has a package.
fn place(name: &str) -> String {
    match name.len() {
        1 | 2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The packages that changed, as `diff` lists them below a lockfile's name: each as what became of it, its name, and its versions.
pub(crate) fn moved(run: &Run) -> Vec<String> {
    let (mut moved, mut is_lock, mut heading) = (Vec::new(), false, "");
    for line in run.stdout.lines() {
        match line.len() - line.trim_start().len() {
            0 => is_lock = line.split("  ").next().is_some_and(|path| path.ends_with("Cargo.lock")),
            2 => heading = line.trim(),
            _ if is_lock => {
                let columns: Vec<&str> = line.split("  ").map(str::trim).filter(|text| !text.is_empty()).collect();
                moved.push(format!("{heading} {}", columns[..2].join(" ")));
            }
            _ => {}
        }
    }
    moved
}
