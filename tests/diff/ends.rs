//! What is compared: revisions, the working tree, what is staged, and where two lines of history part.

use crate::support::{Repo, lock, package};
use crate::{diff, json, packages, text};

fn at(version: &str) -> String {
    lock(&format!("a {version} crates-io\ndemo 0.1.0 -> a"))
}

/// Versions 1.0.1 on main and 1.0.2 on the branch `topic`, both from 1.0.0.
fn parted() -> Repo {
    let repo = Repo::demo("a = \"1\"", "a 1.0.0 crates-io\ndemo 0.1.0 -> a").git();
    repo.run_git(&["checkout", "-qb", "topic"]);
    repo.write("Cargo.lock", at("1.0.2"));
    repo.commit();
    repo.run_git(&["checkout", "-q", "-"]);
    repo.write("Cargo.lock", at("1.0.1"));
    repo.commit();
    repo
}

#[track_caller]
fn check(repo: &Repo, ends: &[&str], expected: &[&str]) {
    let arguments = [&["diff", "--format", "json"], ends].concat();
    assert_eq!(packages(&json(repo.run(&arguments))), expected, "{ends:?}");
}

#[test]
fn each_side_is_what_was_named() {
    let repo = parted();
    // With the base itself, as `git diff` has it, and not with where the two part.
    check(&repo, &["topic"], &["downgraded a 1.0.2 1.0.1"]);
    check(&repo, &["HEAD", "topic"], &["upgraded a 1.0.1 1.0.2"]);
    check(&repo, &["topic..HEAD"], &["downgraded a 1.0.2 1.0.1"]);
    check(&repo, &["topic..."], &["upgraded a 1.0.0 1.0.1"]);
    check(&repo, &["HEAD...topic"], &["upgraded a 1.0.0 1.0.2"]);
    check(&repo, &["HEAD^"], &["upgraded a 1.0.0 1.0.1"]);
    repo.write("Cargo.lock", at("1.0.3"));
    repo.run_git(&["add", "Cargo.lock"]);
    repo.write("Cargo.lock", at("1.0.4"));
    check(&repo, &["HEAD"], &["upgraded a 1.0.1 1.0.4"]);
    check(&repo, &["HEAD", "--staged"], &["upgraded a 1.0.1 1.0.3"]);
    check(&repo, &["HEAD", "HEAD"], &[]);
}

#[test]
fn what_was_compared_is_in_the_report() {
    let repo = parted();
    let commit = |name: &str| repo.git_output(&["rev-parse", name]);
    let found = json(repo.run(&["diff", "HEAD...topic", "--format", "json"]));
    assert_eq!(text(&found["base"], "commit"), commit("HEAD^"));
    assert_eq!((text(&found["head"], "commit"), text(&found["head"], "kind")), (commit("topic").as_str(), "revision"));
    assert_eq!(text(&diff(&repo)["head"], "kind"), "worktree");
}

#[test]
fn a_bare_repository_is_compared_by_its_revisions() {
    let repo = parted();
    repo.run_git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    let bare = repo.at("bare.git");
    check(&bare, &["topic", "HEAD"], &["downgraded a 1.0.2 1.0.1"]);
    let error = bare.run(&["diff", "topic"]).error();
    assert!(error.contains("is bare: say what is to be compared, as BASE HEAD"), "{error}");
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let repo = parted();
    for (arguments, expected) in [
        (&["diff", "nowhere"][..], "there is no revision `nowhere` here"),
        (&["diff", "topic", "nowhere"], "there is no revision `nowhere` here"),
        (&["diff", "HEAD..topic", "HEAD"], "`HEAD..topic` names both sides already"),
        (&["diff", "HEAD..topic", "--staged"], "`HEAD..topic` names both sides already"),
        (&["diff"], "<BASE>"),
        (&["diff", "HEAD", "topic", "--staged"], "--staged"),
    ] {
        let error = repo.run(arguments).error();
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
    let outside = Repo::demo("a = \"1\"", "demo 0.1.0").run(&["diff", "HEAD"]).error();
    assert!(outside.contains("is in no git repository"), "{outside}");
    let empty = Repo::new().file("README.md", "nothing").git().run(&["diff", "HEAD"]).error();
    assert!(empty.contains("nothing to compare"), "{empty}");
}

#[test]
fn test_data_is_left_out_unless_it_is_asked_for() {
    let repo = Repo::demo("", "demo 0.1.0");
    let data = |requirement: &str| package("data", &format!("[dependencies]\na = \"{requirement}\"\n"));
    repo.write("fixtures/x/Cargo.toml", data("1"));
    let repo = repo.git();
    repo.write("fixtures/x/Cargo.toml", data("2"));
    let count = |arguments: &[&str]| {
        let found = json(repo.run(&[&["diff", "HEAD", "--format", "json"], arguments].concat()));
        found["declarations"].as_array().map(Vec::len)
    };
    assert_eq!((count(&[]), count(&["--no-default-excludes"])), (Some(0), Some(1)));
}
