//! A repository whose lockfile changes, and a `CARGO_HOME` beside it.

#![cfg_attr(not(feature = "online"), allow(dead_code, reason = "what asks registries uses a part of it"))]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{CRATES_IO, Repo, Run, package, repository};

/// The checksums of releases of `semver`, as crates.io has them.
pub(crate) const SEMVER: [(&str, &str); 3] = [
    ("1.0.26", "56e6fa9c48d24d85fb3de5ad847117517440f6beceb7798af16b4a87d616b8d0"),
    ("1.0.27", "d767eb0aabc880b29956c35734170f26ed551a859dbd361d140cdbeca61ab1e2"),
    ("1.0.28", "8a7852d02fc848982e0c167ef163aaff9cd91dc640ba85e263cb1ce46fae51cd"),
];

/// The checksum of a release of `bitflags` that was yanked.
pub(crate) const BITFLAGS: (&str, &str) =
    ("2.12.0", "2c61cd05405eb1d0f3a4660f802bad76ece84b6e722426342ba5dd511f724e97");

/// A checksum for releases that are made up.
pub(crate) const SUM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A package in a lockfile: name, version, checksum, source.
pub(crate) type Locked<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A repository, at first with nothing locked but itself.
pub(crate) struct Project {
    pub(crate) repo: Repo,
    home: PathBuf,
    variables: Vec<(String, String)>,
}

impl Project {
    /// One with an empty `CARGO_HOME`.
    pub(crate) fn new() -> Self {
        let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\n")).file("Cargo.lock", lock(&[]));
        let home = repo.outside().join("home");
        Self { repo: repo.git(), home, variables: Vec::new() }
    }

    /// With what cargo wrote about two crates of crates.io.
    pub(crate) fn with_cache() -> Self {
        Self { home: repository().join("fixtures/cargo-home"), ..Self::new() }
    }

    /// The user's configuration of cargo.
    pub(crate) fn config(self, text: &str) -> Self {
        fs::create_dir_all(&self.home).expect("it can be made");
        fs::write(self.home.join("config.toml"), text).expect("it can be written");
        self
    }

    /// With crates.io replaced by a registry in the user's configuration.
    pub(crate) fn replaced(self, url: &str) -> Self {
        self.config(&format!("[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nregistry = \"{url}\"\n"))
    }

    /// With a variable in the environment.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Commits a policy.
    pub(crate) fn policy(self, text: &str) -> Self {
        self.repo.write("pinned.toml", text);
        self.repo.commit();
        self
    }

    /// Locks these in the working tree.
    pub(crate) fn locks(self, packages: &[Locked<'_>]) -> Self {
        let names: String = packages.iter().map(|(name, version, ..)| format!("{name} = \"={version}\"\n")).collect();
        self.repo.write("Cargo.toml", package("demo", &format!("[dependencies]\n{names}")));
        self.repo.write("Cargo.lock", lock(packages));
        self
    }

    /// Locks a release of `semver` and one of `bitflags`.
    pub(crate) fn locks_real(self, semver: usize) -> Self {
        let (version, sum) = SEMVER[semver];
        self.locks(&[("bitflags", BITFLAGS.0, BITFLAGS.1, CRATES_IO), ("semver", version, sum, CRATES_IO)])
    }

    /// Runs it, with no proxy but those of the test.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.repo.command(arguments).env("CARGO_HOME", &self.home);
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            command = command.env_remove(name);
        }
        for (name, value) in &self.variables {
            command = command.env(name, value);
        }
        Run::new(command)
    }

    /// What `diff` knows of each package that is new, as `name released yanked`, counted to a day; and what else it says.
    #[track_caller]
    pub(crate) fn known(&self, arguments: &[&str]) -> (Vec<String>, String) {
        let all = [&["diff", "HEAD", "--format", "json", "--today", "2026-04-05"], arguments].concat();
        let run = self.run(&all);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let json: Value = serde_json::from_str(&run.stdout).expect("a diff is JSON");
        let packages = json["workspaces"][0]["packages"].as_array().expect("a list");
        let line = |package: &Value| {
            let text = |key: &str| package[key].to_string().replace('"', "");
            format!("{} {} {}", text("name"), text("released"), text("yanked"))
        };
        (packages.iter().map(line).collect(), run.stderr)
    }

    /// The findings of `check` against HEAD, each as `level name: message`, counted to a day; and what else it says.
    #[track_caller]
    pub(crate) fn found(&self, arguments: &[&str]) -> (i32, Vec<String>, String) {
        let all = [&["check", "--base", "HEAD", "--format", "json", "--today", "2026-04-05"], arguments].concat();
        let run = self.run(&all);
        let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
        let line = |finding: &Value| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}: {}", text("level"), text("rule"), text("message"))
        };
        let findings = json["findings"].as_array().expect("a list").iter().map(line).collect();
        (run.code, findings, run.stderr)
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

/// A lockfile of a package `demo` that needs these.
pub(crate) fn lock(packages: &[Locked<'_>]) -> String {
    let needs: String = packages.iter().map(|(name, ..)| format!(" \"{name}\",\n")).collect();
    let needs = if needs.is_empty() { String::new() } else { format!("dependencies = [\n{needs}]\n") };
    let mut out = format!("version = 4\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n{needs}");
    for (name, version, sum, source) in packages {
        out += &format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{sum}\"\n"
        );
    }
    out
}
