//! One repository, three moments: the working tree, what is staged, and a revision.

use crate::support::{Repo, Report, lock, package};

fn repo() -> Repo {
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\", \"linked\"]\nexclude = [\"fuzz\"]\n")
        .file("crates/one/Cargo.toml", package("one", "[dependencies]\na = \"1\"\nb = { path = \"../../fuzz\" }\n"))
        .file("fuzz/Cargo.toml", package("b", "[dependencies]\nc = \"*\"\n"))
        .file("real/Cargo.toml", package("real", "[dependencies]\na = \"=1.0.1\"\n"))
        .file("tests/data/x/Cargo.toml", package("x", "[dependencies]\na = \"1\"\n"))
        .file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n")
        .file(".cargo/config.toml", "include = [\"more.txt\"]\n")
        .file(".cargo/more.txt", "paths = [\"elsewhere\"]\n")
        .file(
            "Cargo.lock",
            lock("a 1.0.1 crates-io\nb 0.1.0 -> c\nc 1.0.3 crates-io\none 0.1.0 -> a, b\nreal 0.1.0 -> a"),
        )
        .file("pinned.toml", "[rules]\nunpinned-toolchain = \"warn\"\n")
}

fn report(repo: &Repo, arguments: &[&str]) -> Report {
    repo.run(&[&["check", "--format", "json"], arguments].concat()).report()
}

#[test]
#[cfg(unix)]
fn the_same_tree_has_the_same_findings_in_every_kind_of_snapshot() {
    let repo = repo().link("linked", "real").git();
    let worktree = report(&repo, &[]).0;
    assert!(worktree["findings"].as_array().is_some_and(|findings| findings.len() >= 4), "{worktree}");
    for (arguments, kind) in [(&["--staged"][..], "index"), (&["--rev", "HEAD"][..], "revision")] {
        let other = report(&repo, arguments).0;
        for key in ["findings", "excepted", "skipped", "summary"] {
            assert_eq!(other[key], worktree[key], "{kind} {key}");
        }
        assert_eq!(other["snapshot"]["kind"], kind);
        assert_eq!(other["snapshot"]["root"], worktree["snapshot"]["root"]);
    }
    let revision = report(&repo, &["--rev", "HEAD"]).0["snapshot"]["revision"].clone();
    assert_eq!(revision.as_str().map(str::len), Some(40));
}

#[test]
fn a_bare_repository_has_revisions() {
    let repo = repo().file("linked/Cargo.toml", package("linked", "")).git();
    let expected = report(&repo, &[]).findings();
    repo.run_git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let bare = repo.outside().join("bare.git");
    let bare = bare.to_str().expect("a path");
    assert_eq!(report(&repo, &["--rev", "main", "--root", bare]).findings(), expected);
}

/// A package whose one dependency floats or not, as the last three letters say: in HEAD, staged, on the disk.
fn three(states: [bool; 3]) -> Repo {
    let manifest = |floats: bool| {
        package("demo", if floats { "[dependencies]\na = \"1\"\n" } else { "[dependencies]\na = \"=1.0.1\"\n" })
    };
    let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a");
    repo.write("Cargo.toml", manifest(states[0]));
    let repo = repo.git();
    repo.write("Cargo.toml", manifest(states[1]));
    repo.run_git(&["add", "--all"]);
    repo.write("Cargo.toml", manifest(states[2]));
    repo
}

#[test]
fn each_kind_sees_its_own_moment() {
    for bits in 0..8u8 {
        let states = [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0];
        let repo = three(states);
        let floats = |arguments: &[&str]| !report(&repo, arguments).findings().is_empty();
        assert_eq!([floats(&["--rev", "HEAD"]), floats(&["--staged"]), floats(&[])], states);
    }
}

#[test]
fn what_is_deleted_renamed_or_only_announced_is_staged_so() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git();
    repo.run_git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    assert_eq!(
        report(&repo, &["--staged"]).findings(),
        ["Cargo.toml:1:1 lock-missing demo", "Cargo.toml:7:6 unpinned-crate a"]
    );
    // Announced without content: it is not there yet.
    repo.run_git(&["add", "--intent-to-add", "Cargo.lock"]);
    assert_eq!(report(&repo, &["--staged"]).findings().len(), 2);
    repo.run_git(&["add", "Cargo.lock"]);
    repo.write("sub/keep", "");
    repo.run_git(&["add", "--all"]);
    repo.run_git(&["mv", "Cargo.toml", "Cargo.lock", "sub"]);
    assert_eq!(report(&repo, &["--staged"]).findings(), ["sub/Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(report(&repo, &["--staged", "sub"]).findings(), ["sub/Cargo.toml:7:6 unpinned-crate a"]);
}

#[test]
fn another_index_can_be_named_as_git_names_it() {
    let repo = three([false, false, true]);
    std::fs::copy(repo.root().join(".git/index"), repo.root().join(".git/other")).expect("the index can be copied");
    repo.run_git(&["add", "--all"]);
    let with = |index: &str| {
        let command =
            repo.command(&["check", "--staged", "-q"]).env("GIT_INDEX_FILE", repo.root().join(".git").join(index));
        command.output().expect("it runs").status.code()
    };
    assert_eq!((with("other"), with("index")), (Some(0), Some(1)));
    // A relative one is named from the top of the work tree, wherever git is called.
    std::fs::create_dir(repo.root().join("below")).expect("it is new");
    let below = |index: &str| {
        let command = crate::support::command(&repo.root().join("below"), &["check", "--staged", "-q"]);
        command.env("GIT_INDEX_FILE", index).output().expect("it runs").status.code()
    };
    assert_eq!((below(".git/other"), below(".git/index")), (Some(0), Some(1)));
}

#[test]
fn a_path_in_a_repository_elsewhere_says_which_repository_is_meant() {
    let repo = repo().git();
    let path = repo.root().join("crates/one");
    let path = path.to_str().expect("text");
    for kind in [&["--staged"][..], &["--rev", "HEAD"]] {
        let command = crate::support::command(repo.outside(), &[&["check", path, "--format", "json"], kind].concat());
        let findings = crate::support::Run::new(command).report().findings();
        assert_eq!(findings, ["crates/one/Cargo.toml:7:6 unpinned-crate a"]);
    }
}

#[cfg(unix)]
#[test]
fn a_path_can_be_named_by_way_of_a_link() {
    let repo = repo().git();
    std::os::unix::fs::symlink(repo.root(), repo.outside().join("link")).expect("links can be made");
    let path = repo.outside().join("link/crates/one");
    let findings = report(&repo, &["--rev", "HEAD", path.to_str().expect("text")]).findings();
    assert_eq!(findings, ["crates/one/Cargo.toml:7:6 unpinned-crate a"]);
}

#[test]
fn the_policy_and_the_baseline_are_the_moments_own() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git();
    repo.write("pinned.toml", "[rules]\nunpinned-crate = \"allow\"\n");
    assert_eq!(report(&repo, &[]).findings(), Vec::<String>::new());
    assert_eq!(report(&repo, &["--staged"]).findings().len(), 1);
    repo.run_git(&["add", "--all"]);
    assert_eq!(report(&repo, &["--staged"]).findings(), Vec::<String>::new());
    assert_eq!(report(&repo, &["--rev", "HEAD"]).findings().len(), 1);
}

#[test]
fn a_path_narrows_a_revision_though_it_is_gone_from_the_disk() {
    let repo = repo().file("linked/Cargo.toml", package("linked", "")).git();
    std::fs::remove_dir_all(repo.root().join("crates")).expect("it can be removed");
    assert_eq!(
        report(&repo, &["--rev", "HEAD", "crates/one"]).findings(),
        ["crates/one/Cargo.toml:7:6 unpinned-crate a"]
    );
    assert_eq!(repo.run(&["check", "--rev", "HEAD", "nowhere"]).code, 2);
    assert_eq!(repo.run(&["check", "--rev", "HEAD", "../outside"]).code, 2);
}

#[test]
fn what_is_not_there_is_an_error_that_says_how_to_get_it() {
    let repo = Repo::demo("a = \"1\"", "").git();
    let run = repo.run(&["check", "--rev", "origin/main"]);
    assert!(run.stderr.contains("`origin/main`") && run.stderr.contains("git fetch"), "{}", run.stderr);
    assert_eq!(run.code, 2);
    let run = Repo::demo("a = \"1\"", "").run(&["check", "--staged"]);
    assert!(run.stderr.contains("there is no git repository"), "{}", run.stderr);
    assert_eq!(run.code, 2);
    assert_eq!(repo.run(&["check", "--rev", "HEAD", "--staged"]).code, 2);
}

#[test]
fn submodules_are_counted_and_not_entered() {
    let repo = Repo::demo("a = \"=1.0.1\"\ns = { path = \"sub\" }", "a 1.0.1 crates-io\ndemo 0.1.0 -> a, s\ns 0.1.0");
    let repo = repo.git();
    let inner = Repo::new().file("Cargo.toml", package("s", "[dependencies]\nb = \"1\"\n")).git();
    repo.run_git(&["submodule", "--quiet", "add", inner.root().to_str().expect("a path"), "sub"]);
    repo.commit();
    for arguments in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
        let report = report(&repo, arguments);
        assert_eq!(report.findings(), Vec::<String>::new(), "{arguments:?}");
        assert_eq!(report.skipped(), ["sub: a submodule or another repository: never entered"], "{arguments:?}");
    }
}

#[test]
fn repositories_of_sha_256_are_read() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a");
    repo.run_git(&["init", "--quiet", "--object-format=sha256"]);
    repo.commit();
    for arguments in [&["--staged"][..], &["--rev", "HEAD"]] {
        assert_eq!(report(&repo, arguments).findings(), ["Cargo.toml:7:6 unpinned-crate a"], "{arguments:?}");
    }
}
