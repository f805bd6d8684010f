//! A `.git` that is broken, elsewhere, or someone else's.

use std::fs;

use crate::support::{Repo, package};

fn floating() -> Repo {
    Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"))
}

const FOUND: [&str; 2] = ["Cargo.toml:1:1 lock-missing demo", "Cargo.toml:7:6 unpinned-crate a"];

#[test]
fn a_truncated_index_is_an_error() {
    let repo = floating().git();
    let index = repo.root().join(".git/index");
    let bytes = fs::read(&index).expect("git wrote it");
    for length in [0, 1, 11, 12, 40, bytes.len() / 2, bytes.len() - 21, bytes.len() - 1] {
        fs::write(&index, &bytes[..length]).expect("it is ours");
        let error = repo.run(&["check"]).error();
        assert!(error.starts_with("error: cannot read git's index"), "{length} bytes: {error}");
    }
}

#[test]
fn an_index_of_noise_is_an_error() {
    let repo = floating().git();
    let noise = [&b"DIRC\x00\x00\x00\x02\xff\xff\xff\xff"[..], &[0xff; 4096]].concat();
    for bytes in [&b"not an index at all, though it is long enough for one"[..], &noise] {
        fs::write(repo.root().join(".git/index"), bytes).expect("it is ours");
        let error = repo.run(&["check"]).error();
        assert!(error.starts_with("error: cannot read git's index"), "{error}");
    }
}

/// A work tree that is mounted without its repository: judged, and what cannot be known is said.
#[test]
fn a_git_file_to_nowhere_is_said() {
    for text in ["gitdir: /no/such/directory\n", "", "noise\n"] {
        let run = floating().file(".git", text).run(&["check"]);
        assert_eq!(run.code, 1);
        assert!(run.stdout.contains("unpinned-crate"), "{}", run.stdout);
        assert!(run.stderr.contains("cannot be opened") && run.stderr.contains("nothing is known"), "{}", run.stderr);
    }
}

/// What git itself refuses to open.
#[test]
fn a_repository_of_an_unknown_format_is_said() {
    let repo = floating().git();
    repo.run_git(&["config", "core.repositoryformatversion", "1"]);
    repo.run_git(&["config", "extensions.objectformat", "sha3"]);
    let run = repo.run(&["check"]);
    assert!(run.stderr.contains("cannot be opened"), "{}", run.stderr);
}

#[test]
fn every_format_of_repository_is_read() {
    let ignored = |format: &[&str]| {
        let repo =
            Repo::demo("a = \"=1.0.0\"", "a 1.0.0 crates-io\ndemo 0.1.0 -> a").file(".gitignore", "Cargo.lock\n");
        repo.run_git(&[&["init", "--quiet"], format].concat());
        repo.commit();
        repo
    };
    const UNCOMMITTED: [&str; 1] = ["Cargo.lock:1:1 lock-uncommitted Cargo.lock"];
    for format in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        assert_eq!(ignored(format).findings(), UNCOMMITTED, "{format:?}");
    }
    for index in [&["--split-index"][..], &["--index-version", "4"], &["--untracked-cache"]] {
        let repo = ignored(&[]);
        repo.run_git(&[&["update-index"], index].concat());
        assert_eq!(repo.findings(), UNCOMMITTED, "{index:?}");
    }
}

#[test]
fn an_empty_git_directory_is_no_repository() {
    let repo = floating();
    fs::create_dir(repo.root().join(".git")).expect("it is new");
    assert_eq!(repo.findings(), FOUND);
}

#[test]
fn an_empty_repository_has_nothing_to_check() {
    let repo = Repo::new().git();
    assert!(repo.run(&["check"]).error().contains("nothing to check"));
    let fresh = Repo::new();
    fresh.run_git(&["init", "--quiet"]);
    assert!(fresh.run(&["check"]).error().contains("nothing to check"));
    // Nothing is committed or staged yet, and what is there counts.
    fresh.write("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"));
    assert_eq!(fresh.findings(), FOUND);
}

#[test]
fn a_bare_repository_has_no_files() {
    let repo = Repo::new();
    repo.run_git(&["init", "--quiet", "--bare"]);
    assert_eq!(repo.run(&["check"]).code, 2);
}

#[test]
fn a_submodule_is_never_entered() {
    let theirs = floating().git();
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\ntheirs = { path = \"sub/inner\" }\n"))
        .file("Cargo.lock", crate::support::lock("demo 0.1.0 -> theirs\ntheirs 0.1.0"));
    repo.run_git(&["init", "--quiet"]);
    repo.run_git(&["submodule", "--quiet", "add", theirs.root().to_str().expect("text"), "sub"]);
    repo.commit();
    let report = repo.check();
    assert_eq!(report.findings(), [""; 0], "a path into it is held by its commit");
    assert_eq!(report.skipped(), ["sub: a submodule or another repository: never entered"]);
    assert_eq!(repo.run_in("sub", &["check"]).code, 1, "asked for by itself, it is a repository");
}

#[test]
fn another_repository_inside_is_never_entered() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).git();
    repo.write("clone/Cargo.toml", package("clone", "[workspace]\n[dependencies]\na = \"1\"\n"));
    fs::create_dir(repo.root().join("clone/.git")).expect("it is new");
    let report = repo.check();
    assert_eq!(report.findings(), [""; 0]);
    assert_eq!(report.skipped(), ["clone: a submodule or another repository: never entered"]);
}

#[test]
fn a_linked_worktree_is_a_work_tree() {
    let repo = floating().git();
    repo.run_git(&["worktree", "add", "--quiet", "../other"]);
    let run = crate::support::command(&repo.outside().join("other"), &["check", "--format", "json"]);
    assert_eq!(crate::support::Run::new(run).report().findings(), FOUND);
}

/// A tracked file counts although a rule ignores it, and a tracked one that is gone does not.
#[test]
fn what_is_tracked_counts_while_it_is_there() {
    let repo = floating().file("gone/Cargo.toml", package("gone", "[workspace]\n[dependencies]\nb = \"1\"\n")).git();
    repo.write(".gitignore", "Cargo.toml\n");
    fs::remove_dir_all(repo.root().join("gone")).expect("it is ours");
    assert_eq!(repo.findings(), FOUND);
}
