//! A repository made for one test, and the binary run in it.
//!
//! Each run is killed after a minute: a hang is a failure that says so, and no test waits by the clock.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A full commit id.
pub(crate) const COMMIT: &str = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";

/// The checksum of every locked package.
pub(crate) const CHECKSUM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The source of packages from crates.io.
pub(crate) const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What is killed as a hang.
const LIMIT: Duration = Duration::from_secs(60);

/// A directory `repo` in a temporary directory, so that there is an outside that belongs to the test too.
pub(crate) struct Repo {
    outside: TempDir,
    root: PathBuf,
}

impl Repo {
    pub(crate) fn new() -> Self {
        let outside = TempDir::with_prefix("cargo-pinned-").expect("a temporary directory");
        let root = outside.path().canonicalize().expect("it exists").join("repo");
        fs::create_dir(&root).expect("the directory is new");
        Self { outside, root }
    }

    /// A copy of a directory of fixtures; a file `gitignore` becomes `.gitignore`.
    pub(crate) fn copy_of(from: &Path) -> Self {
        let repo = Self::new();
        copy(from, &repo.root);
        repo
    }

    /// One package `demo` with these lines behind `[dependencies]`, and a lockfile (see [`lock`]).
    pub(crate) fn demo(dependencies: &str, locked: &str) -> Self {
        let manifest = package("demo", &format!("[dependencies]\n{dependencies}\n"));
        Self::new().file("Cargo.toml", manifest).file("Cargo.lock", lock(locked))
    }

    /// Copies a directory of fixtures over what is there.
    pub(crate) fn copy(&self, from: &Path) {
        copy(from, &self.root);
    }

    /// Writes a file, with its directories.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("its directory can be made");
        fs::write(path, content).expect("it can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).expect("the file is there and is text")
    }

    /// A symbolic link at `path` with the text `target`.
    #[cfg(unix)]
    pub(crate) fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("its directory can be made");
        std::os::unix::fs::symlink(target, path).expect("links can be made");
        self
    }

    /// Makes it a git repository with everything committed.
    pub(crate) fn git(self) -> Self {
        self.run_git(&["init", "--quiet"]);
        self.commit();
        self
    }

    pub(crate) fn commit(&self) {
        self.run_git(&["add", "--all"]);
        self.run_git(&["commit", "--quiet", "--allow-empty", "--message", "test"]);
    }

    /// Runs git, with no configuration but this.
    pub(crate) fn run_git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]);
        git.args(["-c", "protocol.file.allow=always"]).args(arguments).current_dir(&self.root);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = git.output().expect("git is installed");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What git prints, without the newline at its end.
    pub(crate) fn git_output(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(&self.root);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = git.output().expect("git is installed");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// A directory beside the root, as the root: a clone, or a linked work tree.
    pub(crate) fn at(self, beside: &str) -> Self {
        let root = self.outside().join(beside);
        Self { root, ..self }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory around the root.
    pub(crate) fn outside(&self) -> &Path {
        self.root.parent().expect("the root is in a directory")
    }

    /// The binary in the root, ready for snapbox's assertions.
    pub(crate) fn command(&self, arguments: &[&str]) -> snapbox::cmd::Command {
        command(&self.root, arguments)
    }

    /// Runs the binary in the root.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.command(arguments))
    }

    /// Runs the binary in a directory below the root.
    pub(crate) fn run_in(&self, directory: &str, arguments: &[&str]) -> Run {
        Run::new(command(&self.root.join(directory), arguments))
    }

    /// The JSON report of `check`.
    pub(crate) fn check(&self) -> Report {
        self.run(&["check", "--format", "json"]).report()
    }

    /// The findings of `check`, each as `path:line:column rule name`.
    pub(crate) fn findings(&self) -> Vec<String> {
        self.check().findings()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the directory can be made");
    for entry in fs::read_dir(from).expect("the fixture is there") {
        let entry = entry.expect("the fixture can be listed");
        let name = entry.file_name();
        let name = if name == "gitignore" { OsStr::new(".gitignore") } else { &name };
        if entry.file_type().expect("it has a type").is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("it can be copied");
        }
    }
}

/// The binary in a directory, with nothing in its environment that decides about colours.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> snapbox::cmd::Command {
    let mut command = snapbox::cmd::Command::new(env!("CARGO_BIN_EXE_cargo-pinned"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command = command.env_remove(name);
    }
    // What cargo happens to know on this machine of releases decides nothing in a test.
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-cargo-home");
    command.env("CARGO_HOME", home).args(arguments).current_dir(directory).timeout(LIMIT)
}

/// The binary in a directory as a plain process, for tests that hold its ends themselves.
pub(crate) fn process(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-pinned"));
    command.args(arguments).current_dir(directory).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Runs to the end; a hang, a signal, a panic and any other exit code than the three are failures here.
    pub(crate) fn new(command: snapbox::cmd::Command) -> Self {
        let output = command.output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stderr.contains("panicked"), "{stderr}");
        let code = output.status.code();
        let code = code.unwrap_or_else(|| panic!("killed, after a hang of {LIMIT:?} or by a signal: {stderr}"));
        assert!((0..=2).contains(&code), "exit code {code}: {stderr}");
        Self { code, stdout, stderr }
    }

    /// Its report, valid by the schema; the exit code agrees with it.
    pub(crate) fn report(self) -> Report {
        let json: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}), exit code {}: {}", self.code, self.stderr));
        if let Err(error) = schema().validate(&json) {
            panic!("the schema refuses the report at {}: {error}", error.instance_path());
        }
        let deny = json["summary"]["deny"].as_u64().expect("a number");
        assert_eq!(self.code, i32::from(deny > 0), "the exit code of {deny} findings that fail");
        assert_eq!(self.stderr, "", "nothing on standard error beside a report");
        Report(json)
    }

    /// The error of a run that could not do its job, whose standard output is empty.
    #[track_caller]
    pub(crate) fn error(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (2, ""), "{}", self.stderr);
        self.stderr
    }
}

fn schema() -> &'static jsonschema::Validator {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let schema = fs::read_to_string(repository().join("schemas/report-v1.json")).expect("the schema is there");
        let schema = serde_json::from_str(&schema).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is one")
    })
}

/// The root of the project's own repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A JSON report.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// The findings as they are in the report.
    pub(crate) fn list(&self) -> &[Value] {
        self.0["findings"].as_array().expect("a list")
    }

    /// Each finding as `path:line:column rule name`.
    pub(crate) fn findings(&self) -> Vec<String> {
        let line = |finding: &Value| {
            let text = |key: &str| finding[key].as_str().expect("a string").to_owned();
            let start = &finding["start"];
            format!("{}:{}:{} {} {}", text("path"), start["line"], start["column"], text("rule"), text("name"))
        };
        self.list().iter().map(line).collect()
    }

    /// The messages and helps of all findings, one a line.
    pub(crate) fn messages(&self) -> String {
        let words = |finding: &Value| {
            let help = finding["help"].as_str().unwrap_or_default();
            format!("{}; {help}\n", finding["message"].as_str().expect("a string"))
        };
        self.list().iter().map(words).collect()
    }

    /// What the fix of each finding puts in its place; what else goes with that is left out.
    pub(crate) fn replacements(&self) -> Vec<String> {
        let edits = self.list().iter().filter_map(|finding| finding["fix"]["edits"].as_array()?.first());
        edits.map(|edit| edit["replacement"].as_str().expect("a string").to_owned()).collect()
    }

    /// What was skipped, each as `path: why`.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let skipped = self.0["skipped"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        skipped.map(|skipped| format!("{}: {}", text(&skipped["path"]), text(&skipped["why"]))).collect()
    }
}

/// A manifest of a package of edition 2021 and version 0.1.0, followed by `rest`.
pub(crate) fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{rest}")
}

/// A lockfile from one line a package: `name version [source] [-> edge, edge]`, where the source `crates-io` stands for
/// itself; registry packages get a checksum.
pub(crate) fn lock(packages: &str) -> String {
    let mut out = String::from("version = 4\n");
    for line in packages.lines() {
        let (head, edges) = line.split_once(" -> ").unwrap_or((line, ""));
        let mut words = head.trim_end_matches(" ->").split_whitespace();
        let (name, version) = (words.next().expect("a name"), words.next().expect("a version"));
        out.push_str(&format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n"));
        if let Some(source) = words.next() {
            let source = if source == "crates-io" { CRATES_IO } else { source };
            out.push_str(&format!("source = \"{source}\"\n"));
            if !source.starts_with("git+") {
                out.push_str(&format!("checksum = \"{CHECKSUM}\"\n"));
            }
        }
        if !edges.is_empty() {
            let edges: String = edges.split(", ").map(|edge| format!(" \"{edge}\",\n")).collect();
            out.push_str(&format!("dependencies = [\n{edges}]\n"));
        }
    }
    out
}
