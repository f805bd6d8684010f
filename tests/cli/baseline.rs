//! The baseline: an old repository with many findings, in which only new ones fail.

use crate::support::{Repo, Run, lock, package};

const FILE: &str = "pinned-baseline.toml";

fn repo(one: &str) -> Repo {
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", &format!("[dependencies]\n{one}")))
        .file("two/Cargo.toml", package("two", "[dependencies]\nb = \"1\"\n"))
        .file("Cargo.lock", lock("a 1.0.1 crates-io\nb 1.0.2 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> b"))
        .git()
}

/// The findings that are left, and how many the baseline lets pass.
#[track_caller]
fn check(repo: &Repo, expected: &[&str], baselined: usize) {
    let report = repo.run(&["check", "--format", "json", "--allow", "lock-stale"]);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).expect("a report");
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or("").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let found: Vec<String> = findings.map(|one| format!("{} {}", text(one, "path"), text(one, "name"))).collect();
    assert_eq!(found, expected);
    assert_eq!(report["summary"]["baselined"], baselined);
}

fn accept(repo: &Repo, arguments: &[&str]) -> Run {
    let run = repo.run(&[&["baseline"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

#[test]
fn what_is_accepted_passes_and_what_is_new_fails() {
    let repo = repo("a = \"1\"\n");
    check(&repo, &["one/Cargo.toml a", "two/Cargo.toml b"], 0);
    let run = accept(&repo, &[]);
    assert!(run.stdout.starts_with("accepted 2 findings in pinned-baseline.toml"), "{}", run.stdout);
    check(&repo, &[], 2);
    // Lines that move change nothing; a second table is a second declaration.
    repo.write(
        "one/Cargo.toml",
        package("one", "# moved\n\n[dependencies]\na = \"1.0\"\n\n[build-dependencies]\na = \"1\"\n"),
    );
    check(&repo, &["one/Cargo.toml a"], 2);
}

#[test]
fn a_known_range_that_becomes_a_star_is_new() {
    let repo = repo("a = \"1\"\n");
    accept(&repo, &[]);
    repo.write("one/Cargo.toml", package("one", "[dependencies]\na = \"*\"\n"));
    check(&repo, &["one/Cargo.toml a"], 1);
    // The other way round, it has only become better.
    accept(&repo, &[]);
    repo.write("one/Cargo.toml", package("one", "[dependencies]\na = \"1\"\n"));
    check(&repo, &[], 2);
}

#[test]
fn what_was_mended_can_go_and_running_it_again_lets_it() {
    let repo = repo("a = \"1\"\n");
    accept(&repo, &[]);
    repo.write("one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.1\"\n"));
    let run = repo.run(&["check"]);
    assert_eq!(run.stderr, "note: 1 entry of pinned-baseline.toml can go: run `cargo pinned baseline` again\n");
    assert_eq!(run.code, 0);
    accept(&repo, &[]);
    assert_eq!(repo.run(&["check"]).stderr, "");
    assert_eq!(repo.read(FILE).matches("fingerprint").count(), 1);
}

#[test]
fn a_path_leaves_the_rest_of_the_baseline_alone() {
    let repo = repo("a = \"1\"\n");
    accept(&repo, &["one"]);
    check(&repo, &["two/Cargo.toml b"], 1);
    accept(&repo, &["two"]);
    check(&repo, &[], 2);
}

#[test]
fn the_file_is_the_same_for_the_same_findings_and_has_a_line_for_each() {
    let repo = repo("a = \"1\"\n");
    accept(&repo, &[]);
    let first = repo.read(FILE);
    accept(&repo, &[]);
    assert_eq!(repo.read(FILE), first);
    let entries: Vec<&str> = first.lines().filter(|line| line.contains("fingerprint")).collect();
    assert!(
        entries[0]
            .starts_with("  { path = \"one/Cargo.toml\", rule = \"unpinned-crate\", name = \"a\", pin = \"range\"")
    );
    assert_eq!(entries.len(), 2);
}

#[test]
fn where_nothing_is_found_no_file_is_made() {
    let repo = repo("a = \"=1.0.1\"\n");
    repo.write("two/Cargo.toml", package("two", "[dependencies]\nb = \"=1.0.2\"\n"));
    accept(&repo, &[]);
    assert!(!repo.root().join(FILE).exists());
}

#[test]
fn one_that_cannot_be_read_is_an_error_at_its_place() {
    let repo = repo("a = \"1\"\n");
    for (text, expected) in [
        ("accepted = 3\n", "pinned-baseline.toml:1:1:"),
        ("<<<<<<< a\n", "an unresolved merge"),
        ("[", "not valid TOML"),
    ] {
        repo.write(FILE, text);
        let run = repo.run(&["check"]);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert_eq!(run.code, 2);
    }
}

#[test]
#[cfg(unix)]
fn the_file_keeps_its_mode_and_nothing_is_left_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = repo("a = \"1\"\n");
    repo.write(FILE, "accepted = []\n");
    let path = repo.root().join(FILE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("the mode can be set");
    accept(&repo, &[]);
    assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o640);
    let names = std::fs::read_dir(repo.root()).expect("the root").filter_map(Result::ok).map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.starts_with(".cargo-pinned")), "{names:?}");
}

#[test]
fn what_a_report_leaves_out_stays_accepted() {
    let repo = repo("a = \"1\"\n");
    repo.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    accept(&repo, &[]);
    let all = repo.read(FILE);
    for arguments in [&["--surface", "crate"][..], &["--surface", "toolchain"], &["one"]] {
        accept(&repo, arguments);
        assert_eq!(repo.read(FILE), all, "{arguments:?}");
    }
    // A rule that is off for one run finds nothing, and what it would find is not gone.
    assert_eq!(repo.run(&["check", "--allow", "unpinned-crate"]).stderr, "");
}

#[test]
fn it_is_made_of_the_working_tree_alone() {
    for arguments in [&["baseline", "--staged"][..], &["baseline", "--rev", "HEAD"]] {
        let run = repo("a = \"1\"\n").run(arguments);
        assert!(run.stderr.contains("made of the working tree"), "{}", run.stderr);
        assert_eq!(run.code, 2);
    }
}
