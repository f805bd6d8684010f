//! Rows are what `check` says of the same commit.

use std::fs;

use serde_json::Value;

use crate::support::{Repo, repository};
use crate::{Fleet, floating};

/// Every fixture of a rule, as a repository of one fleet: each row is the report of `check` at the same commit, finding by
/// finding, with its fix, its place and its counts.
#[test]
fn a_row_is_the_report_of_a_check() {
    let fleet = Fleet::new();
    let mut names = Vec::new();
    for rule in fs::read_dir(repository().join("fixtures/rules")).expect("the fixtures are there") {
        let rule = rule.expect("they can be listed");
        for case in ["fail", "pass"] {
            let name = format!("{}-{case}", rule.file_name().to_string_lossy());
            let from = rule.path().join(case);
            let copy = Repo::copy_of(&from);
            copy_into(copy.root(), &fleet.0.root().join(&name));
            fleet.git(&name, &["init", "--quiet", "."]);
            fleet.commit(&name);
            names.push(name);
        }
    }
    let audit = fleet.audit(&["--today", "2026-01-01"]);
    assert!(names.len() > 20, "the fixtures are where this test looks for them");
    let mut findings = 0;
    for name in names {
        let run = fleet.0.run_in(&name, &["check", "--rev", "HEAD", "--format", "json", "--today", "2026-01-01"]);
        let row = audit.row(&name);
        if run.code == 2 {
            assert!(run.stderr.contains("nothing to check"), "{}", run.stderr);
            assert_eq!((&row["error"], &row["summary"]["declarations"]), (&Value::Null, &0.into()), "{name}");
            continue;
        }
        let check = run.report().0;
        for key in ["findings", "excepted"] {
            assert_eq!(row[key], check[key], "{name} {key}");
        }
        assert_eq!(row["commit"], check["snapshot"]["revision"]);
        for (key, count) in check["summary"].as_object().expect("counts") {
            assert_eq!(&row["summary"][key], count, "{name} {key}");
        }
        findings += check["findings"].as_array().expect("a list").len();
    }
    assert!(findings > 10, "there is something to compare");
}

fn copy_into(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it can be listed");
        if entry.file_type().expect("it has a type").is_dir() {
            copy_into(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("it can be copied");
        }
    }
}

/// What a repository's own policy lets pass counts where there is no floor: exceptions, baseline, excludes, scopes.
#[test]
fn without_a_floor_each_repository_is_judged_by_its_own_policy() {
    let policy = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\nreason = \"why\"\nexpires = 2026-02-01\n";
    let fleet = Fleet::new().with("mine", &[("Cargo.toml", &floating()), ("pinned.toml", policy)]).floating("other");
    let before = fleet.audit(&["--today", "2026-01-01"]);
    assert_eq!(before.findings("mine"), ["Cargo.toml lock-missing demo deny"]);
    assert_eq!(before.row("mine")["excepted"][0]["reason"], "why");
    assert_eq!(before.row("mine")["excepted"][0]["expires"], "2026-02-01");
    let missing = "Cargo.toml lock-missing demo deny";
    assert_eq!(before.findings("other"), [missing, "Cargo.toml unpinned-crate a deny"]);
    let after = fleet.audit(&["--today", "2026-02-02"]);
    assert_eq!(after.findings("mine"), [missing, "Cargo.toml unpinned-crate a deny"]);
}

/// What is committed is judged: neither what is staged nor what is on the disk.
#[test]
fn what_is_committed_is_judged() {
    let fleet = Fleet::new().floating("mine");
    let before = fleet.audit(&[]);
    fleet.0.write("mine/Cargo.toml", "noise");
    fleet.git("mine", &["add", "--all"]);
    assert_eq!(fleet.audit(&[]).rows(), before.rows());
    fs::remove_file(fleet.0.root().join("mine/.git/index")).expect("git wrote it");
    assert_eq!(fleet.audit(&[]).rows(), before.rows());
}

/// A repository with nothing of ours in it is a row, and no error.
#[test]
fn a_repository_with_nothing_to_check_is_a_row() {
    let fleet = Fleet::new().with("docs", &[("README.md", "# docs\n")]);
    let audit = fleet.audit(&[]);
    assert_eq!((audit.code, &audit.row("docs")["error"]), (0, &Value::Null));
    assert!(fleet.run(&[]).stdout.contains("nothing to check in 1"));
}

/// The remote is named by the repository's own configuration, and no secret in it is.
#[test]
fn the_remote_is_named_without_credentials() {
    let fleet = Fleet::new().floating("mine").floating("other");
    fleet.git("mine", &["remote", "add", "origin", "https://user:secret@example.com/org/mine.git"]);
    let audit = fleet.audit(&[]);
    assert_eq!(audit.row("mine")["url"], "https://example.com/org/mine.git");
    assert_eq!(audit.row("other")["url"], Value::Null);
    assert!(!audit.json.to_string().contains("secret"));
}

/// Rows do not depend on how many threads there are.
#[test]
fn the_report_is_the_same_on_one_thread() {
    let mut fleet = Fleet::new();
    for at in 0..20 {
        fleet = fleet.floating(&format!("r{at}"));
    }
    let one = fleet.0.command(&["audit", ".", "--format", "json"]).env("RAYON_NUM_THREADS", "1");
    let one = crate::read(crate::support::Run::new(one));
    assert_eq!(one.rows(), fleet.audit(&[]).rows());
    assert_eq!(one.rows().len(), 20);
}

/// With a history, a repository whose HEAD has not moved is not opened: whatever git keeps its HEAD in, it is the same row.
#[test]
fn what_has_not_moved_is_the_same_row() {
    let fleet = Fleet::new()
        .floating("loose")
        .floating("packed")
        .floating("detached")
        .floating("remote")
        .floating("linked/main");
    fleet.git("packed", &["pack-refs", "--all"]);
    fleet.git("detached", &["checkout", "--quiet", "--detach"]);
    fleet.git("remote", &["remote", "add", "origin", "https://me:secret@example.com/remote.git"]);
    fleet.git("linked/main", &["worktree", "add", "--quiet", "../other"]);
    fleet.git(".", &["clone", "--quiet", "--bare", "loose", "bare.git"]);
    let first = fleet.audit(&["--history", "../history.db"]);
    for row in first.rows() {
        let peek = cargo_pinned::source::peek::peek(
            &fleet.0.root().join(row["path"].as_str().expect("a path")),
            row["name"] == "bare",
        );
        // A linked working tree has to be opened.
        assert_eq!(peek.is_none(), row["name"] == "other", "{row}");
        assert!(peek.is_none_or(|peek| peek.commit == row["commit"]), "{row}");
    }
    let again = fleet.audit(&["--history", "../history.db"]);
    let told = |audit: &crate::Audit| -> Vec<serde_json::Value> {
        let keys = ["name", "path", "url", "reference", "commit", "error", "summary", "findings"];
        audit.rows().iter().map(|row| keys.map(|key| row[key].clone()).to_vec().into()).collect()
    };
    assert_eq!(told(&first), told(&again));
    assert_eq!(again.row("remote")["url"], "https://example.com/remote.git");
    // A commit moves it, and so does a branch that HEAD is put on.
    let fleet = fleet.file("packed/Cargo.toml", &crate::floating().replace("a = ", "b = "));
    fleet.commit("packed");
    fleet.git("loose", &["checkout", "--quiet", "--orphan", "new"]);
    let moved = fleet.audit(&["--history", "../history.db"]);
    assert_ne!(moved.row("packed")["commit"], first.row("packed")["commit"]);
    assert_eq!(moved.row("packed")["new"].as_array().map(Vec::len), Some(1), "{}", moved.row("packed"));
    assert!(moved.row("loose")["error"].as_str().is_some_and(|why| why.contains("nothing is committed yet")));
}
