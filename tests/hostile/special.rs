//! What stands where a file should: pipes, sockets, directories, files that nobody may read.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::support::{Repo, lock, package};

/// Makes a named pipe: whoever opens it waits for its other end.
fn pipe(repo: &Repo, path: &str) {
    let path = repo.root().join(path);
    std::fs::create_dir_all(path.parent().expect("it is below the root")).expect("its directory can be made");
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo is installed");
    assert!(made.success());
}

#[test]
fn a_named_pipe_is_never_opened() {
    for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain", ".cargo/config.toml"] {
        let repo = Repo::new();
        if file != "Cargo.toml" {
            repo.write("Cargo.toml", package("demo", ""));
        }
        let repo = repo.git();
        pipe(&repo, file);
        let report = repo.check();
        let name = file.rsplit('/').next().expect("a name");
        assert_eq!(report.findings(), [format!("{file}:1:1 unreadable-file {name}")]);
        assert!(report.messages().contains("a named pipe, not a regular file: not opened"), "{}", report.messages());
    }
}

#[test]
fn a_named_pipe_outside_of_git_is_not_opened_either() {
    let repo = Repo::new().file("one/Cargo.toml", package("one", ""));
    pipe(&repo, "Cargo.toml");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:1:1 unreadable-file Cargo.toml"]);
    // The search for the root passes it on the way up.
    assert_eq!(repo.run_in("one", &["check"]).code, 0);
}

#[test]
fn a_named_pipe_behind_a_link_is_not_opened() {
    let repo = Repo::new().link("Cargo.toml", "pipe");
    pipe(&repo, "pipe");
    let report = repo.check();
    assert_eq!(report.findings().len(), 1);
    assert!(report.messages().contains("not a regular file: not opened"), "{}", report.messages());
}

#[test]
fn a_named_pipe_is_no_policy() {
    let repo = Repo::new().file("Cargo.toml", package("demo", ""));
    pipe(&repo, "pinned.toml");
    let error = repo.run(&["check"]).error();
    assert!(error.contains("pinned.toml") && error.contains("a named pipe"), "{error}");
}

/// Git's rules are read from a file that anyone can put a pipe in place of.
#[test]
fn a_named_pipe_holds_no_ignore_rules() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).git();
    repo.write("new/Cargo.toml", package("new", "[workspace]\n[dependencies]\na = \"1\"\n"));
    pipe(&repo, "new/.gitignore");
    assert_eq!(repo.findings()[0], "new/.gitignore:1:1 unreadable-file .gitignore");
    pipe(&repo, ".gitignore");
    let expected = [
        ".gitignore:1:1 unreadable-file .gitignore",
        "new/.gitignore:1:1 unreadable-file .gitignore",
        "new/Cargo.toml:1:1 lock-missing new",
        "new/Cargo.toml:8:6 unpinned-crate a",
    ];
    assert_eq!(repo.findings(), expected);
}

#[test]
fn a_socket_is_not_opened() {
    let repo = Repo::new();
    let _socket = UnixListener::bind(repo.root().join("Cargo.toml")).expect("sockets can be made");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:1:1 unreadable-file Cargo.toml"]);
    assert!(report.messages().contains("a socket, not a regular file: not opened"), "{}", report.messages());
}

#[test]
fn a_directory_named_like_a_manifest_is_none() {
    let repo = Repo::new().file("Cargo.toml/inner/file", "");
    assert!(repo.run(&["check"]).error().contains("nothing to check"));
    let member = Repo::new().file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n").file("one/Cargo.toml/file", "");
    let report = member.check();
    assert_eq!(report.findings(), ["Cargo.toml:2:13 unreadable-file Cargo.toml"]);
}

#[test]
fn a_directory_named_like_a_lockfile_is_none() {
    let repo =
        Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.0\"\n")).file("Cargo.lock/file", "");
    assert_eq!(repo.findings(), ["Cargo.toml:1:1 lock-missing demo"]);
}

/// The binary as a user who may not read everything: this one, or, where that is root, `nobody`.
fn unprivileged(repo: &Repo, arguments: &[&str]) -> snapbox::cmd::Command {
    let id = Command::new("id").arg("-u").output().expect("id is installed").stdout;
    if id != b"0\n" {
        return repo.command(arguments);
    }
    // Root reads everything: the test is run as another user, who must be able to reach both ends.
    for path in [repo.outside(), repo.root()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    let binary = repo.outside().join("cargo-pinned");
    std::fs::copy(env!("CARGO_BIN_EXE_cargo-pinned"), &binary).expect("it can be copied");
    let command = snapbox::cmd::Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    command.arg(binary).args(arguments).current_dir(repo.root()).timeout(std::time::Duration::from_secs(60))
}

fn forbid(repo: &Repo, path: &str) {
    let path = repo.root().join(path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).expect("it is ours");
}

#[test]
fn a_file_that_may_not_be_read_is_found() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.0\"\n"))
        .file("Cargo.lock", lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a"));
    forbid(&repo, "Cargo.lock");
    let report = crate::support::Run::new(unprivileged(&repo, &["check", "--format", "json"])).report();
    assert_eq!(report.findings(), ["Cargo.lock:1:1 unreadable-file Cargo.lock"]);
    assert!(report.messages().contains("cannot be read: Permission denied"), "{}", report.messages());
}

#[test]
fn a_directory_that_may_not_be_listed_is_found() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", ""))
        .file("secret/Cargo.toml", package("secret", "[workspace]\n[dependencies]\na = \"1\"\n"));
    forbid(&repo, "secret");
    let report = crate::support::Run::new(unprivileged(&repo, &["check", "--format", "json"])).report();
    // Given back, so that the temporary directory can be removed.
    std::fs::set_permissions(repo.root().join("secret"), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!(report.findings(), ["secret:1:1 unreadable-file secret"]);
    assert!(report.messages().contains("this directory cannot be listed: Permission denied"), "{}", report.messages());
}
