//! Packages: what became of them, what leads to them, and releases that were replaced.

use serde_json::json;

use crate::support::{CHECKSUM, COMMIT, CRATES_IO, Repo, lock, package};
use crate::{diff, list, packages, text};

const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

/// A package `demo` that depends on `a`, with this in its lockfile, committed.
fn locked(packages: &str) -> Repo {
    Repo::demo("a = \"1\"", packages).git()
}

#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let repo = locked(before);
    repo.write("Cargo.lock", lock(after));
    assert_eq!(packages(&diff(&repo)), expected);
}

#[test]
fn each_thing_that_can_become_of_a_package_has_a_name() {
    check(
        "a 1.0.1 crates-io -> b\nb 0.3.0 crates-io\ndemo 0.1.0 -> a\nz 2.0.0 crates-io",
        "a 1.0.0 crates-io -> b, c\nb 0.4.0 crates-io\nc 1.0.0 crates-io\ndemo 0.2.0 -> a",
        &[
            "downgraded a 1.0.1 1.0.0",
            "added c - 1.0.0",
            "upgraded b 0.3.0 0.4.0",
            "removed z 2.0.0 -",
            "*upgraded demo 0.1.0 0.2.0",
        ],
    );
    let git = |digit: &str| format!("git+https://example.com/a#{}{digit}", &COMMIT[..39]);
    check(
        &format!("a 1.0.0 crates-io\nb 1.0.0 {}\ndemo 0.1.0 -> a, b", git("1")),
        &format!("a 1.0.0 registry+https://example.com/index\nb 1.0.0 {}\ndemo 0.1.0 -> a, b", git("2")),
        &["source-changed a 1.0.0 1.0.0", "commit-changed b 1.0.0 1.0.0"],
    );
}

#[test]
fn another_format_of_the_lockfile_is_no_change() {
    let repo = locked("a 1.0.1 crates-io\ndemo 0.1.0 -> a");
    let old = format!(
        "[[package]]\nname = \"a\"\nversion = \"1.0.1\"\nsource = \"{CRATES_IO}\"\n\n[[package]]\nname = \"demo\"\n\
         version = \"0.1.0\"\ndependencies = [\n \"a 1.0.1 ({CRATES_IO})\",\n]\n\n[metadata]\n\
         \"checksum a 1.0.1 ({CRATES_IO})\" = \"{CHECKSUM}\"\n"
    );
    repo.write("Cargo.lock", &old);
    assert_eq!((packages(&diff(&repo)), list(&diff(&repo), "alarms").len()), (vec![], 0));
    // The checksum in `[metadata]` is one all the same.
    repo.write("Cargo.lock", old.replace(CHECKSUM, OTHER));
    assert_eq!(list(&diff(&repo), "alarms").len(), 1);
}

#[test]
fn another_checksum_of_one_release_fails_and_is_said_first() {
    let repo = locked("a 1.0.1 crates-io\nb 1.0.0 crates-io\ndemo 0.1.0 -> a");
    let after = lock("a 1.0.1 crates-io\nb 2.0.0 crates-io\ndemo 0.1.0 -> a").replacen(CHECKSUM, OTHER, 1);
    repo.write("Cargo.lock", after);
    let found = diff(&repo);
    let alarm = &list(&found, "alarms")[0];
    assert_eq!((text(alarm, "name"), &alarm["before"], text(alarm, "after")), ("a", &json!([CHECKSUM]), OTHER));
    assert_eq!((&alarm["direct"], &alarm["path"]), (&json!(true), &json!(["demo 0.1.0", "a 1.0.1"])));
    assert_eq!(packages(&found), ["upgraded b 1.0.0 2.0.0"]);
    let run = repo.run(&["diff", "HEAD"]);
    let first = run.stdout.lines().next().expect("a line");
    assert_eq!((run.code, first), (1, "1 release has another checksum than before"));
    assert!(run.stdout.contains("checksum 01234567… → fedcba98…"), "{}", run.stdout);
    let quiet = repo.run(&["diff", "HEAD", "--quiet"]);
    assert!(quiet.code == 1 && !quiet.stdout.contains("upgraded"), "{}", quiet.stdout);
}

#[test]
fn a_checksum_that_is_gone_is_an_alarm_and_one_that_came_is_none() {
    let (with, without) = ("a 1.0.1 crates-io\ndemo 0.1.0 -> a", format!("checksum = \"{CHECKSUM}\"\n"));
    let repo = locked(with);
    repo.write("Cargo.lock", lock(with).replace(&without, ""));
    assert_eq!(list(&diff(&repo), "alarms")[0]["after"], json!(null));
    repo.commit();
    repo.write("Cargo.lock", lock(with));
    assert_eq!(list(&diff(&repo), "alarms").len(), 0);
}

#[test]
fn the_shortest_way_to_what_is_new_is_told() {
    let repo = locked("a 1.0.0 crates-io -> b\nb 1.0.0 crates-io\ndemo 0.1.0 -> a");
    repo.write(
        "Cargo.lock",
        lock("a 1.0.0 crates-io -> b, c\nb 1.0.0 crates-io -> c\nc 1.0.0 crates-io -> d\nd 1.0.0 crates-io\ndemo 0.1.0 -> a"),
    );
    let found = diff(&repo);
    let new = list(&list(&found, "workspaces")[0], "packages");
    assert_eq!(new[0]["path"], json!(["demo 0.1.0", "a 1.0.0", "c 1.0.0"]));
    assert_eq!(new[1]["path"], json!(["demo 0.1.0", "a 1.0.0", "c 1.0.0", "d 1.0.0"]));
    assert!(new.iter().all(|package| package["direct"] == json!(false)));
    // Nobody was asked for it, so it is not known: never that it is old enough.
    assert!(new.iter().all(|package| package["released"].is_null() && package["yanked"].is_null()));
    let human = repo.run(&["diff", "HEAD"]).stdout;
    assert!(human.contains("d  1.0.0  by demo → a → c"), "{human}");
}

#[test]
fn another_version_of_what_was_there_once_is_a_new_duplicate() {
    let repo = locked("a 1.0.0 crates-io\ndemo 0.1.0 -> a\nz 1.0.0 crates-io\nz 2.0.0 crates-io");
    repo.write(
        "Cargo.lock",
        lock("a 1.0.0 crates-io\na 2.0.0 crates-io\ndemo 0.1.0 -> a 1.0.0\nz 1.0.0 crates-io\nz 2.1.0 crates-io"),
    );
    let found = diff(&repo);
    let duplicates = &list(&found, "workspaces")[0]["duplicates"];
    assert_eq!(*duplicates, json!([{ "name": "a", "before": ["1.0.0"], "after": ["1.0.0", "2.0.0"] }]));
    assert_eq!(packages(&found), ["added a - 2.0.0", "upgraded z 2.0.0 2.1.0"]);
}

#[test]
fn workspaces_are_told_apart_and_one_that_was_moved_is_followed() {
    let locked = "a 1.0.0 crates-io\ndemo 0.1.0 -> a";
    let repo = Repo::new();
    repo.write("old/Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"));
    repo.write("old/Cargo.lock", lock(locked));
    repo.write("gone/Cargo.toml", package("gone", "[dependencies]\nx = \"1\"\n"));
    repo.write("gone/Cargo.lock", lock("gone 0.1.0 -> x\nx 1.0.0 crates-io"));
    let repo = repo.git();
    repo.run_git(&["rm", "-rq", "gone"]);
    repo.run_git(&["mv", "old", "new"]);
    repo.write("new/Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.1\"\n"));
    repo.write("new/Cargo.lock", lock("a 1.0.1 crates-io\ndemo 0.1.0 -> a"));
    let found = diff(&repo);
    let workspaces = list(&found, "workspaces")
        .iter()
        .map(|workspace| (text(workspace, "directory"), text(workspace, "moved_from"), text(workspace, "presence")));
    assert_eq!(workspaces.collect::<Vec<_>>(), [("gone", "-", "removed"), ("new", "old", "kept")]);
    assert_eq!(packages(&found), ["removed x 1.0.0 -", "*removed gone 0.1.0 -", "upgraded a 1.0.0 1.0.1"]);
    assert_eq!(crate::declarations(&found), ["removed x 1 -", "tightened a 1 =1.0.1"]);
}

#[test]
fn a_lockfile_on_one_side_alone_is_told() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n")).git();
    repo.write("Cargo.lock", lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a"));
    let found = diff(&repo);
    assert_eq!(text(&list(&found, "workspaces")[0], "lockfile"), "added");
    assert_eq!(packages(&found), ["added a - 1.0.0", "*added demo - 0.1.0"]);
    assert!(repo.run(&["diff", "HEAD"]).stdout.contains("locked for the first time"));
    repo.commit();
    repo.run_git(&["rm", "-q", "Cargo.lock"]);
    assert_eq!(text(&list(&diff(&repo), "workspaces")[0], "lockfile"), "removed");
    assert!(repo.run(&["diff", "HEAD"]).stdout.contains("no longer locked"));
}

#[test]
fn what_cannot_be_read_is_said_and_fails_and_the_rest_is_compared() {
    let repo = locked("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    let said = |expected: &str, declared: &str| {
        let found = diff(&repo);
        let unread: Vec<_> = list(&found, "unread").iter().map(|one| (text(one, "path"), text(one, "side"))).collect();
        assert_eq!(unread, [("Cargo.lock", expected)]);
        assert_eq!((packages(&found), crate::declarations(&found)), (vec![], vec![declared.to_owned()]));
    };
    let manifest = |requirement: &str| package("demo", &format!("[dependencies]\na = \"{requirement}\"\n"));
    repo.write("Cargo.lock", "version = 4\n<<<<<<< HEAD\n");
    repo.write("Cargo.toml", manifest("=1.0.0"));
    said("after", "tightened a 1 =1.0.0");
    repo.commit();
    repo.write("Cargo.lock", lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a"));
    repo.write("Cargo.toml", manifest("1"));
    said("before", "loosened a =1.0.0 1");
    let human = repo.run(&["diff", "HEAD"]);
    assert_eq!((human.code, human.stdout.lines().next()), (2, Some("1 file could not be compared")));
}

#[test]
fn what_a_manifest_that_cannot_be_read_declared_is_not_called_gone() {
    let repo = locked("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    let whole = repo.read("Cargo.toml");
    repo.write("Cargo.toml", format!("{whole}<<<<<<< HEAD\n"));
    let found = diff(&repo);
    assert_eq!(text(&list(&found, "unread")[0], "path"), "Cargo.toml");
    assert_eq!(crate::declarations(&found), [""; 0]);
}

#[test]
fn an_alarm_weighs_more_than_what_cannot_be_read() {
    let repo = locked("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    repo.write("Cargo.lock", lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a").replace(CHECKSUM, OTHER));
    repo.write("other/Cargo.toml", "[package");
    repo.run_git(&["add", "--all"]);
    let found = diff(&repo);
    assert_eq!((list(&found, "alarms").len(), list(&found, "unread").len()), (1, 1));
    assert_eq!(repo.run(&["diff", "HEAD"]).code, 1);
}

#[test]
fn what_cannot_be_read_and_did_not_change_is_no_failure() {
    let repo = locked("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    repo.write("broken/Cargo.toml", "[package\n");
    repo.write("binary/Cargo.toml", [0xff, 0xfe]);
    repo.commit();
    assert_eq!(list(&diff(&repo), "unread").len(), 0);
    repo.write("binary/Cargo.toml", [0xff, 0xfd]);
    let found = diff(&repo);
    assert!(list(&found, "unread").iter().all(|unread| text(unread, "path") == "binary/Cargo.toml"), "{found}");
    assert!(!list(&found, "unread").is_empty());
}
