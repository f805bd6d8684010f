//! The same tree gives the same findings, whichever snapshot shows it: random trees, random edits, and git's own corners.

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Repo, lock, package};
use crate::{against, said};

/// What the three kinds of snapshots must agree in.
fn judged(repo: &Repo, arguments: &[&str]) -> String {
    let run = repo.run(&[&["check", "--format", "json"], arguments].concat());
    let report = run.report().0;
    let kept = ["findings", "excepted", "skipped", "summary"].map(|key| report[key].clone());
    serde_json::to_string_pretty(&Value::from(kept.to_vec())).expect("it is JSON")
}

/// Directories of all kinds that matter: a workspace's members, nested ones, what is left out by default, other names.
const DIRECTORIES: [&str; 10] = [
    "",
    "crates/one",
    "crates/two",
    "crates/two/inner",
    "vendor/lib",
    "tests/data/x",
    "ünï cödé",
    "fuzz",
    "crates/Ω",
    "crates/fixtures/deep",
];

/// One edit of a tree: a file and what it becomes; none where it goes.
#[derive(Debug, Clone)]
struct Edit {
    path: String,
    content: Option<String>,
}

fn requirement() -> impl Strategy<Value = String> {
    let texts = ["\"1\"", "\"=1.0.1\"", "\"*\"", "{ git = \"https://example.com/g\", branch = \"b\" }"];
    let paths =
        ["{ path = \"../two\" }", "{ path = \"../../vendor/lib\" }", "{ path = \"/out\" }", "{ workspace = true }"];
    prop::sample::select([texts, paths].concat()).prop_map(str::to_owned)
}

fn manifest() -> impl Strategy<Value = String> {
    let dependencies = prop::collection::vec(requirement(), 0..4);
    (dependencies, any::<bool>(), any::<bool>(), 0..3u8).prop_map(|(dependencies, is_root, crlf, broken)| {
        let mut text = String::new();
        if is_root {
            text += "[workspace]\nmembers = [\"crates/*\", \"linked\"]\n\n[workspace.dependencies]\nd0 = \"1\"\n\n";
        }
        let tables: String =
            dependencies.iter().enumerate().map(|(at, written)| format!("d{at} = {written}\n")).collect();
        text += &package("demo", &format!("[dependencies]\n{tables}"));
        if broken == 0 {
            text += "[[oops\n";
        }
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let directory = prop::sample::select(DIRECTORIES.to_vec());
    let locks = ["demo 0.1.0", "d0 1.0.1 crates-io\ndemo 0.1.0 -> d0"].map(lock);
    let config = "include = [\"more.txt\"]\npaths = [\"x\"]\n".to_owned();
    let file = prop_oneof![
        5 => manifest().prop_map(|text| ("Cargo.toml", text)),
        2 => prop::sample::select(locks.to_vec()).prop_map(|text| ("Cargo.lock", text)),
        1 => prop::sample::select(vec!["stable\n", "1.80.1\n"]).prop_map(|text| ("rust-toolchain", text.to_owned())),
        1 => Just((".cargo/config.toml", config)),
        1 => Just((".cargo/more.txt", "paths = [\"y\"]\n".to_owned())),
        1 => Just(("src/lib.rs", String::new())),
        1 => Just((".gitignore", "Cargo.lock\n".to_owned())),
        1 => Just(("pinned.toml", "exclude = [\"fuzz\"]\n[rules]\nunpinned-toolchain = \"warn\"\n".to_owned())),
    ];
    (directory, file, any::<bool>()).prop_map(|(directory, (name, content), keep)| {
        let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
        Edit { path, content: keep.then_some(content) }
    })
}

fn apply(repo: &Repo, edits: &[Edit]) {
    for Edit { path, content } in edits {
        match content {
            Some(content) => repo.write(path, content),
            None => {
                let path = repo.root().join(path);
                drop(std::fs::remove_file(&path));
                // Git knows no empty directory, and takes those away that it empties.
                let above = path.ancestors().skip(1).take_while(|above| *above != repo.root());
                above.for_each(|directory| drop(std::fs::remove_dir(directory)));
            }
        }
    }
    // Whatever else is drawn, there is something to check.
    if !repo.root().join("Cargo.toml").exists() {
        repo.write("Cargo.toml", package("demo", ""));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn one_tree_one_answer(first in prop::collection::vec(edit(), 4..16), second in prop::collection::vec(edit(), 1..8)) {
        let repo = Repo::new();
        apply(&repo, &first);
        let repo = linked(repo);
        repo.run_git(&["init", "--quiet"]);
        repo.run_git(&["add", "--all", "--force"]);
        repo.commit();
        let before = judged(&repo, &[]);
        prop_assert_eq!(&judged(&repo, &["--staged"]), &before);
        prop_assert_eq!(&judged(&repo, &["--rev", "HEAD"]), &before);
        apply(&repo, &second);
        repo.run_git(&["add", "--all", "--force"]);
        let after = judged(&repo, &[]);
        prop_assert_eq!(&judged(&repo, &["--staged"]), &after);
        // A comparison says of each finding one thing, the same from wherever the tree is read.
        let compared = against(&repo, "HEAD", &[]);
        let staged = against(&repo, "HEAD", &["--staged"]);
        prop_assert_eq!(&compared.0["findings"], &staged.0["findings"]);
        prop_assert_eq!(&compared.0["moved"], &staged.0["moved"]);
        repo.commit();
        prop_assert_eq!(&judged(&repo, &["--rev", "HEAD"]), &after);
        prop_assert_eq!(&judged(&repo, &["--rev", "HEAD^"]), &before);
        let said = said(&compared);
        prop_assert_eq!(said.new.len() + said.moved + said.known, repo.check().list().len());
        let revisions = against(&repo, "HEAD^", &["--rev", "HEAD"]);
        prop_assert_eq!(&revisions.0["findings"], &compared.0["findings"]);
    }
}

/// A member that is a symbolic link to a directory, where the system has them.
#[cfg(unix)]
fn linked(repo: Repo) -> Repo {
    repo.link("linked", "crates/one")
}

#[cfg(not(unix))]
fn linked(repo: Repo) -> Repo {
    repo
}

/// What checkout converts has other bytes on the disk: the findings are the same, at other offsets of the same lines.
#[test]
fn converted_line_ends_move_spans_alone() {
    let repo =
        Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").file(".gitattributes", "*.toml eol=crlf\n").git();
    std::fs::remove_file(repo.root().join("Cargo.toml")).expect("it is there");
    repo.run_git(&["checkout", "--", "Cargo.toml"]);
    assert!(repo.read("Cargo.toml").contains("\r\n"));
    let place = |arguments: &[&str]| {
        let report = repo.run(&[&["check", "--format", "json"], arguments].concat()).report();
        (report.findings(), report.list()[0]["fingerprint"].clone(), report.list()[0]["span"]["start"].clone())
    };
    let (worktree, staged) = (place(&[]), place(&["--staged"]));
    assert_eq!((&worktree.0, &worktree.1), (&staged.0, &staged.1));
    assert_ne!(worktree.2, staged.2);
    assert_eq!(said(&against(&repo, "HEAD", &[])).known, 1);
}

/// A workspace of two members with a float each.
fn workspace() -> Repo {
    let member = |name: &str| package(name, "[dependencies]\na = \"1\"\n");
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")
        .file("crates/one/Cargo.toml", member("one"))
        .file("crates/two/Cargo.toml", member("two"))
        .file("crates/two/src/lib.rs", "")
        .file("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> a"))
        .git()
}

const BOTH: [&str; 2] = ["crates/one/Cargo.toml:7:6 unpinned-crate a", "crates/two/Cargo.toml:7:6 unpinned-crate a"];

/// What a sparse checkout leaves out is part of the build of whoever has it: a lockfile is not stale for want of it.
#[test]
fn a_sparse_checkout_is_judged_whole() {
    for sparse_index in ["--no-sparse-index", "--sparse-index"] {
        let repo = workspace();
        repo.run_git(&["sparse-checkout", "set", "--cone", sparse_index, "crates/one"]);
        assert!(!repo.root().join("crates/two").exists());
        for arguments in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
            let report = repo.run(&[&["check", "--format", "json"], arguments].concat()).report();
            assert_eq!(report.findings(), BOTH, "{sparse_index} {arguments:?}");
        }
        assert_eq!(said(&against(&repo, "HEAD", &[])).known, 2, "{sparse_index}");
        assert_eq!(said(&against(&repo, "HEAD", &["--staged"])).known, 2, "{sparse_index}");
    }
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let repo = workspace();
    let to = repo.outside().join("linked");
    repo.run_git(&["worktree", "add", "--quiet", "-b", "topic", to.to_str().expect("text")]);
    repo.write("crates/one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.1\"\n"));
    repo.run_git(&["add", "--all"]);
    let linked = repo.at("linked");
    assert!(linked.root().join(".git").is_file());
    assert_eq!(linked.run(&["check", "--format", "json", "--staged"]).report().findings(), BOTH);
    linked.write("crates/two/Cargo.toml", package("two", "[dependencies]\na = \"*\"\n"));
    assert_eq!(against(&linked, "main", &[]).findings(), ["crates/two/Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(against(&linked, "main", &["--staged"]).findings(), [""; 0]);
}

#[test]
fn a_shallow_clone_has_its_tip() {
    let repo = workspace();
    repo.write("README", "more");
    repo.commit();
    let (from, to) = (format!("file://{}", repo.root().display()), repo.outside().join("clone"));
    repo.run_git(&["clone", "--quiet", "--depth", "1", &from, to.to_str().expect("text")]);
    let clone = repo.at("clone");
    for arguments in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
        assert_eq!(clone.run(&[&["check", "--format", "json"], arguments].concat()).report().findings(), BOTH);
    }
    let error = clone.run(&["check", "--rev", "HEAD^"]).error();
    assert!(error.contains("git fetch --unshallow"), "{error}");
}

/// A clone without blobs, which git would fetch on demand: the tool opens no connection, and says what is not there.
#[test]
fn a_clone_without_its_objects_says_so() {
    let repo = workspace();
    repo.run_git(&["config", "uploadpack.allowFilter", "true"]);
    let (from, to) = (format!("file://{}", repo.root().display()), repo.outside().join("clone"));
    repo.run_git(&["clone", "--quiet", "--bare", "--filter=blob:none", &from, to.to_str().expect("text")]);
    let report = repo.at("clone").run(&["check", "--format", "json", "--rev", "HEAD"]).report();
    assert!(
        report.findings().contains(&"Cargo.toml:1:1 unreadable-file Cargo.toml".to_owned()),
        "{:?}",
        report.findings()
    );
    assert!(report.messages().contains("not in this clone"), "{}", report.messages());
}

/// A person stages a part of what they did, with the disk holding something else.
#[test]
fn what_is_staged_in_part_is_judged_as_it_will_be_committed() {
    let repo = workspace();
    let manifest = |a: &str, b: &str| {
        package("one", &format!("[dependencies]\na = \"{a}\"\n# a gap\n\n\n\n\n\n\n\nb = \"{b}\"\n"))
    };
    repo.write("crates/one/Cargo.toml", manifest("1", "=2.0.0"));
    repo.commit();
    // Two hunks on the disk, of which one is staged, as `git add --patch` would.
    repo.write("crates/one/Cargo.toml", manifest("=1.0.1", "*"));
    stage_in_part(&repo, "y\nn\n");
    let diff = repo.git_output(&["diff", "--cached", "--unified=0"]);
    assert!(diff.contains("+a = \"=1.0.1\"") && !diff.contains("\"*\""), "{diff}");
    assert_eq!(against(&repo, "HEAD", &["--staged"]).findings(), [""; 0]);
    assert_eq!(against(&repo, "HEAD", &[]).findings(), ["crates/one/Cargo.toml:16:6 unpinned-crate b"]);
}

fn stage_in_part(repo: &Repo, answers: &str) {
    use std::io::Write as _;
    let mut git = std::process::Command::new("git");
    git.args(["add", "--patch"]).current_dir(repo.root());
    git.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let mut git = git.spawn().expect("git is installed");
    let asked = git.stdin.take().expect("it is piped").write_all(answers.as_bytes());
    assert!(asked.is_ok() && git.wait().is_ok_and(|status| status.success()));
}

/// `git commit PATH` makes an index of its own, which it names to the hook: what is staged beside it does not count.
#[test]
#[cfg(unix)]
fn a_commit_of_some_paths_is_judged_by_its_own_index() {
    use std::os::unix::fs::PermissionsExt;
    let repo = workspace();
    let hook = repo.root().join(".git/hooks/pre-commit");
    let check = format!("'{}' check --staged --base HEAD", env!("CARGO_BIN_EXE_cargo-pinned"));
    repo.write(".git/hooks/pre-commit", format!("#!/bin/sh\n{check}\n"));
    std::fs::set_permissions(&hook, PermissionsExt::from_mode(0o755)).expect("a file of ours");
    repo.write("crates/one/Cargo.toml", package("one", "[dependencies]\na = \"*\"\n"));
    repo.run_git(&["add", "--all"]);
    repo.write("crates/two/Cargo.toml", package("two", "[dependencies]\na = \"=1.0.1\"\n"));
    assert!(!commits(&repo, &["--all"]));
    assert!(commits(&repo, &["crates/two/Cargo.toml"]));
    assert!(!commits(&repo, &[]));
}

/// Whether git, with its hooks, makes a commit.
#[cfg(unix)]
fn commits(repo: &Repo, arguments: &[&str]) -> bool {
    let mut git = std::process::Command::new("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "t"]);
    git.args(arguments).current_dir(repo.root());
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.output().expect("git is installed").status.success()
}

#[test]
fn a_changed_file_is_read_though_git_is_told_to_take_it_for_untouched() {
    let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git();
    let path = repo.root().join("Cargo.toml");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
    let age =
        || std::fs::File::options().write(true).open(&path).expect("it is there").set_modified(old).expect("it can");
    age();
    repo.run_git(&["update-index", "--refresh"]);
    repo.run_git(&["config", "core.trustCtime", "false"]);
    repo.run_git(&["config", "core.checkStat", "minimal"]);
    // As long as it was, and as old.
    repo.write("Cargo.toml", repo.read("Cargo.toml").replace("=1.0.1", ">1.0.0"));
    age();
    assert_eq!(repo.git_output(&["status", "--short"]), "");
    assert_eq!(against(&repo, "HEAD", &[]).findings(), ["Cargo.toml:7:6 unpinned-crate a"]);
}

#[test]
fn what_is_replaced_is_read_as_git_reads_it() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git();
    let floating = repo.git_output(&["rev-parse", "HEAD^{tree}"]);
    repo.write("Cargo.toml", repo.read("Cargo.toml").replace("\"1\"", "\"=1.0.1\""));
    repo.commit();
    let findings = || repo.run(&["check", "--format", "json", "--rev", "HEAD"]).report().findings();
    assert_eq!(findings(), [""; 0]);
    repo.run_git(&["replace", &repo.git_output(&["rev-parse", "HEAD^{tree}"]), &floating]);
    assert_eq!(findings(), ["Cargo.toml:7:6 unpinned-crate a"]);
}

/// A directory from which the last file went is on the disk still, and in no commit.
#[test]
fn an_emptied_directory_is_none() {
    let repo = workspace();
    std::fs::remove_file(repo.root().join("crates/two/Cargo.toml")).expect("it is there");
    std::fs::remove_file(repo.root().join("crates/two/src/lib.rs")).expect("it is there");
    repo.run_git(&["add", "--all"]);
    assert!(repo.root().join("crates/two/src").is_dir());
    assert_eq!(judged(&repo, &[]), judged(&repo, &["--staged"]));
}
