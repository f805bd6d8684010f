//! Cargo as the oracle: a workspace is locked, a release comes out, we say how the workspace stands to it, and `cargo update`
//! shows whether it is taken.
//!
//! The registry is a directory of the test's own, in crates.io's place: no network.

use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_pinned::reporter::exposed::Status;
use tempfile::TempDir;

use crate::statuses::answer;
use crate::support::package;

/// The release that comes out.
const RELEASE: &str = "1.0.200";

/// A workspace, and what becomes of it.
struct Case {
    name: &'static str,
    /// The manifest of the package `demo` behind its version.
    manifest: &'static str,
    /// The requirement of `foo` in the package `bar`, which is in the registry.
    between: &'static str,
    /// The release that comes out.
    release: &'static str,
    /// How the workspace stands to it before the update.
    status: Status,
    /// Whether a requirement of its own keeps it out.
    is_kept_out: bool,
    /// Whether the update takes it.
    is_taken: bool,
}

const fn case(name: &'static str, manifest: &'static str, status: Status, is_taken: bool) -> Case {
    Case { name, manifest, between: "1", release: RELEASE, status, is_kept_out: false, is_taken }
}

const CASES: &[Case] = &[
    case("admitted", "[dependencies]\nfoo = \"1\"\n", Status::WouldGet, true),
    case("admitted by a wide range", "[dependencies]\nfoo = \">=0.8\"\n", Status::WouldGet, true),
    case("for development", "[dev-dependencies]\nfoo = \"1\"\n", Status::WouldGet, true),
    case(
        "for another platform",
        "[target.'cfg(target_os = \"none\")'.dependencies]\nfoo = \"1\"\n",
        Status::WouldGet,
        true,
    ),
    case("optional", "[dependencies]\nfoo = { version = \"1\", optional = true }\n", Status::WouldGet, true),
    case("renamed", "[dependencies]\nother = { package = \"foo\", version = \"1\" }\n", Status::WouldGet, true),
    case("exact", "[dependencies]\nfoo = \"=1.0.100\"\n", Status::Held, false),
    case("below it", "[dependencies]\nfoo = \">=1, <1.0.200\"\n", Status::Held, false),
    case("of another major version", "[dependencies]\nfoo = \"0.8\"\n", Status::Held, false),
    case("in between, admitted", "[dependencies]\nbar = \"=1.0.0\"\n", Status::MayGet, true),
    Case {
        between: "=1.0.100",
        ..case("in between, exact", "[dependencies]\nbar = \"=1.0.0\"\n", Status::MayGet, false)
    },
    Case {
        between: "0.8",
        ..case("in between, incompatible", "[dependencies]\nbar = \"=1.0.0\"\n", Status::Held, false)
    },
    Case {
        is_kept_out: true,
        ..case("in between and exact", "[dependencies]\nbar = \"1\"\nfoo = \"=1.0.100\"\n", Status::MayGet, false)
    },
    Case {
        is_kept_out: true,
        ..case(
            "admitted and exact",
            "[dependencies]\nfoo = \"1\"\n[build-dependencies]\nfoo = \"=1.0.100\"\n",
            Status::WouldGet,
            false,
        )
    },
    case(
        "admitted beside an older one",
        "[dependencies]\nfoo = \"1\"\nold = { package = \"foo\", version = \"=0.8.5\" }\n",
        Status::WouldGet,
        true,
    ),
    case(
        "inherited",
        "[dependencies]\nfoo.workspace = true\n[workspace.dependencies]\nfoo = \"1\"\n",
        Status::WouldGet,
        true,
    ),
    case("inherited by none", "[workspace.dependencies]\nfoo = \"1\"\n", Status::Held, false),
    case("patched", "[dependencies]\nfoo = \"1\"\n[patch.crates-io]\nfoo = { path = \"foo\" }\n", Status::Held, false),
    case(
        "patched for another",
        "[dependencies]\nfoo = \"1\"\n[patch.crates-io]\nbar = { path = \"foo/bar\" }\n",
        Status::WouldGet,
        true,
    ),
    Case { release: "1.1.0-rc.1", ..case("a pre-release", "[dependencies]\nfoo = \"1\"\n", Status::Held, false) },
    Case {
        release: "1.1.0-rc.1",
        ..case(
            "a pre-release that is named",
            "[dependencies]\nfoo = \">=1.0.0, <1.1.0-rc.2\"\n",
            Status::WouldGet,
            true,
        )
    },
    Case {
        release: "1.1.0-rc.1",
        ..case(
            "a pre-release below a bound without a patch",
            "[dependencies]\nfoo = \">=1, <1.1.0-rc.2\"\n",
            Status::Held,
            false,
        )
    },
    Case {
        release: "1.0.50",
        ..case("older than what is locked", "[dependencies]\nfoo = \"1\"\n", Status::WouldGet, false)
    },
];

/// A workspace on the disk with its registry.
struct Project {
    directory: TempDir,
    files: Vec<(&'static str, String)>,
}

impl Project {
    fn new(case: &Case) -> Self {
        let directory = TempDir::with_prefix("cargo-pinned-").expect("a temporary directory");
        let patch = |name: &str| package(name, "").replace("0.1.0", "1.0.100");
        // A workspace of its own, with its tables at the end: what precedes them belongs to the package.
        let manifest = package("demo", &format!("{}\n[workspace.metadata]\n", case.manifest));
        let mut files =
            vec![("Cargo.toml", manifest), ("src/lib.rs", String::new()), ("build.rs", "fn main() {}\n".to_owned())];
        if case.manifest.contains("[patch") {
            files.extend([
                ("foo/Cargo.toml", patch("foo")),
                ("foo/bar/Cargo.toml", patch("bar").replace("1.0.100", "0.9.0")),
            ]);
            files.extend([("foo/src/lib.rs", String::new()), ("foo/bar/src/lib.rs", String::new())]);
        }
        let project = Self { directory, files };
        for (path, text) in &project.files {
            project.write(&format!("demo/{path}"), text);
        }
        let registry = project.path("registry").display().to_string().replace('\\', "/");
        let config = format!(
            "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\ndirectory = \"{registry}\"\n[net]\noffline = true\n"
        );
        project.write("demo/.cargo/config.toml", &config);
        project.publish("foo", "0.8.5", "");
        project.publish("foo", "1.0.100", "");
        project.publish("bar", "1.0.0", &format!("[dependencies]\nfoo = \"{}\"\n", case.between));
        project
    }

    fn path(&self, below: &str) -> std::path::PathBuf {
        self.directory.path().join(below)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is below the directory")).expect("its directory can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn publish(&self, name: &str, version: &str, dependencies: &str) {
        let at = format!("registry/{name}-{version}");
        self.write(&format!("{at}/Cargo.toml"), &package(name, dependencies).replace("0.1.0", version));
        self.write(&format!("{at}/src/lib.rs"), "");
        self.write(
            &format!("{at}/.cargo-checksum.json"),
            &format!("{{\"files\":{{}},\"package\":\"{:064}\"}}", version.len()),
        );
    }

    fn cargo(&self, arguments: &[&str]) {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(self.path("demo")).env("CARGO_HOME", self.path("home"));
        let output = command.output().expect("cargo starts");
        assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn lock(&self) -> String {
        read(&self.path("demo/Cargo.lock"))
    }

    /// Whether the lockfile has a version of foo.
    fn has(&self, version: &str) -> bool {
        self.lock().contains(&format!("name = \"foo\"\nversion = \"{version}\"\n"))
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it is there")
}

#[test]
fn what_we_say_of_a_release_is_what_an_update_does() {
    for case in CASES {
        let project = Project::new(case);
        project.cargo(&["generate-lockfile"]);
        project.publish("foo", case.release, "");
        let query = format!("foo@{}", case.release);
        let mut files = project.files.clone();
        files.push(("Cargo.lock", project.lock()));
        let before = answer(&query, &files);
        assert_eq!((before.status, before.is_kept_out), (case.status, case.is_kept_out), "{}: {before:#?}", case.name);
        project.cargo(&["update"]);
        assert_eq!(project.has(case.release), case.is_taken, "{}: {}", case.name, project.lock());
        let mut files = project.files.clone();
        files.push(("Cargo.lock", project.lock()));
        assert_eq!(answer(&query, &files).status == Status::Has, case.is_taken, "{}", case.name);
    }
}

/// Where nothing is locked, whatever the first build takes was not said to be held off.
#[test]
fn without_a_lockfile_nothing_is_taken_that_is_said_to_be_held() {
    let mut taken = 0;
    for case in CASES {
        let project = Project::new(case);
        project.publish("foo", case.release, "");
        let found = answer(&format!("foo@{}", case.release), &project.files).status;
        project.cargo(&["generate-lockfile"]);
        let has = project.has(case.release);
        assert!(!has || found < Status::Held, "{}: {found:?}", case.name);
        // What would get it does, but for what keeps it out, for what is newer, and for a patch: which version that has
        // nobody says without a lockfile.
        let is_else = case.is_kept_out || case.release == "1.0.50" || case.name == "patched";
        let gets = found == Status::WouldGet && !is_else;
        assert!(!gets || has, "{}: {}", case.name, project.lock());
        taken += usize::from(has);
    }
    assert!(taken > 5, "only {taken} took it");
}

/// A version that is newer than the release keeps its place until it is withdrawn.
#[test]
fn from_a_newer_version_only_a_withdrawal_leads_back() {
    let case = case("newer", "[dependencies]\nfoo = \"1\"\n", Status::WouldGet, true);
    let project = Project::new(&case);
    project.publish("foo", "1.0.201", "");
    project.cargo(&["generate-lockfile"]);
    project.publish("foo", RELEASE, "");
    let mut files = project.files.clone();
    files.push(("Cargo.lock", project.lock()));
    let found = answer(&format!("foo@{RELEASE}"), &files);
    assert_eq!((found.status, found.packages[0].is_newer), (Status::WouldGet, true));
    project.cargo(&["update"]);
    assert!(!project.has(RELEASE));
    fs::remove_dir_all(project.path("registry/foo-1.0.201")).expect("it is there");
    project.cargo(&["update"]);
    assert!(project.has(RELEASE));
}
