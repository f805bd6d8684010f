//! `audit --history` and `audit --cache`, as users type them.

use std::path::Path;

use serde_json::Value;

use super::support::{Repo, Run, command, lock, package};

/// A repository with one requirement that floats, and an exception for another until the last day of the month.
fn repository() -> Repo {
    let manifest = package("demo", "[dependencies]\na = \"1\"\nb = \"=1.0.0\"\nc = \"1\"\n");
    let exception = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"c\"\nreason = \"why\"\nexpires = 2026-12-31\n";
    let locked = lock("a 1.0.0 crates-io\nb 1.0.0 crates-io\nc 1.0.0 crates-io\ndemo 0.1.0 -> a, b, c");
    Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", locked).file("pinned.toml", exception).git()
}

fn audit(directory: &Path, arguments: &[&str]) -> (i32, Value) {
    let all = [&["audit", "--format", "json"], arguments].concat();
    let run = Run::new(command(directory, &all));
    (run.code, serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr)))
}

/// What is new and gone in the first row, and the first day of each finding.
fn changes(report: &Value) -> String {
    let row = &report["repositories"][0];
    let list = |value: &Value, key: &str| {
        value.as_array().map_or_else(
            || "-".to_owned(),
            |all| {
                let name = |one: &Value| if key.is_empty() { "x" } else { one[key].as_str().unwrap_or("?") }.to_owned();
                all.iter().map(name).collect::<Vec<_>>().join(" ")
            },
        )
    };
    let since: Vec<String> = row["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            format!("{} {}", finding["name"].as_str().expect("a name"), finding["since"].as_str().unwrap_or("?"))
        })
        .collect();
    format!("{}; new {}; gone {}", since.join(", "), list(&row["new"], ""), list(&row["resolved"], "name"))
}

#[test]
fn what_is_new_and_gone_is_told_and_can_be_all_that_fails() {
    let repo = repository();
    let run = |today: &str| {
        let arguments = [".", "--history", "../history", "--fail-on", "new", "--today", today];
        let (code, report) = audit(repo.root(), &arguments);
        (code, changes(&report))
    };
    assert_eq!(run("2026-11-25"), (1, "a 2026-11-25; new -; gone -".to_owned()), "all is new");
    assert_eq!(run("2026-11-26"), (0, "a 2026-11-25; new ; gone ".to_owned()));
    repo.write(
        "Cargo.toml",
        repo.read("Cargo.toml").replace("a = \"1\"", "a = \"=1.0.0\"").replace("b = \"=1.0.0\"", "b = \"1\""),
    );
    repo.commit();
    assert_eq!(run("2026-11-27"), (1, "b 2026-11-27; new x; gone a".to_owned()));
    assert_eq!(run("2026-11-28"), (0, "b 2026-11-27; new ; gone ".to_owned()));
    // Nothing was committed: the exception is about to end, and has ended.
    assert_eq!(run("2026-12-16").1, "b 2026-11-27; new ; gone ");
    assert!(run("2026-12-17").1.contains("new x"), "its end is near");
    let (code, said) = run("2027-01-01");
    assert!(code == 1 && said.starts_with("b 2026-11-27, c 2027-01-01"), "{said}");
}

#[test]
fn a_repository_that_has_not_changed_is_not_read() {
    let repo = repository();
    let first = audit(repo.root(), &[".", "--history", "../history"]).1;
    // Its commit is there, and none of its files: it could not be judged.
    let commit = repo.git_output(&["rev-parse", "HEAD"]);
    let objects = repo.root().join(".git/objects");
    let listed = repo.git_output(&["rev-list", "--objects", "HEAD"]);
    for id in listed.lines().filter_map(|line| line.split(' ').next()).filter(|id| *id != commit) {
        std::fs::remove_file(objects.join(&id[..2]).join(&id[2..])).expect("it is a file of its own");
    }
    let second = audit(repo.root(), &[".", "--history", "../history"]).1;
    let bare = |report: &Value| {
        let mut row = report["repositories"][0].clone();
        ["new", "resolved"].iter().for_each(|key| row[key] = Value::Null);
        row
    };
    assert_eq!(bare(&first), bare(&second));
    let (code, _) = audit(repo.root(), &[".", "--history", "../history", "--deny", "warnings"]);
    assert_eq!(code, 2, "by another policy it would have to be read");
}

#[test]
fn a_url_is_mirrored_and_judged_as_its_repository_is() {
    let repo = repository();
    let url = format!("file://{}", repo.root().display());
    let error = audit(repo.outside(), &[&url]).1;
    let error = error["repositories"][0]["error"].as_str().expect("it cannot be judged").to_owned();
    assert!(error.contains("--cache DIR"), "{error}");
    let near = audit(repo.outside(), &["repo"]).1;
    let far = audit(repo.outside(), &[&url, "--cache", "cache", "--history", "history"]);
    let findings = |report: &Value| report["repositories"][0]["findings"].as_array().expect("a list").len();
    assert_eq!((far.0, findings(&far.1)), (1, findings(&near)));
    assert_eq!(far.1["repositories"][0]["commit"], near["repositories"][0]["commit"]);
    std::fs::remove_dir_all(repo.root()).expect("it is there");
    let stale = audit(repo.outside(), &[&url, "--cache", "cache", "--history", "history"]);
    let why = stale.1["repositories"][0]["stale"].as_str().expect("it is said").to_owned();
    assert!(stale.0 == 1 && why.starts_with("not fetched, judged as of "), "{why}");
    assert_eq!(changes(&stale.1).split_once("; ").expect("two parts").1, "new ; gone ");
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is() {
    let repo = repository().file("../text", "not a history");
    let error = |arguments: &[&str]| Run::new(command(repo.root(), &[&["audit", "."], arguments].concat())).error();
    assert!(error(&["--history", "../text"]).contains("the history `../text` is no SQLite database"));
    assert!(error(&["--fail-on", "new"]).contains("--history FILE"));
    assert!(error(&["--cache", "../cache", "--allow-protocol", "ext"]).contains("`ext` in --allow-protocol"));
}
