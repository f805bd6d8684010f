//! Fixes: their edits remove the finding, and change nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rules::{fixture, ids};
use crate::support::{COMMIT, Repo, Report, lock, package};

/// The text of a file with the edits of some findings applied, by nothing but their spans.
pub(crate) fn applied(path: &str, text: &str, findings: &[&Value]) -> String {
    let mut edits: Vec<(usize, usize, &str)> = Vec::new();
    let all = findings.iter().flat_map(|finding| finding["fix"]["edits"].as_array().into_iter().flatten());
    for edit in all.filter(|edit| edit["path"] == path) {
        let at = |key: &str| usize::try_from(edit["span"][key].as_u64().expect("a number")).expect("it fits");
        edits.push((at("start"), at("end"), edit["replacement"].as_str().expect("a string")));
    }
    // From the end, so that what is yet to change stays where it was.
    edits.sort_unstable();
    // Two dependencies on one repository bring the same change of the lockfile.
    edits.dedup();
    let mut out = text.to_owned();
    for (start, end, replacement) in edits.into_iter().rev() {
        out.replace_range(start..end, replacement);
    }
    out
}

/// Writes the files of a repository with every fix of a report.
fn apply(repo: &Repo, report: &Report) -> usize {
    let findings: Vec<&Value> = report.list().iter().filter(|finding| !finding["fix"].is_null()).collect();
    let edits = findings.iter().filter_map(|finding| finding["fix"]["edits"].as_array()).flatten();
    let paths: BTreeSet<&str> = edits.filter_map(|edit| edit["path"].as_str()).collect();
    for path in paths {
        repo.write(path, applied(path, &repo.read(path), &findings));
    }
    findings.len()
}

#[test]
fn the_fixes_of_rule_fixtures_remove_their_findings() {
    let mut fixed = 0;
    for rule in ids() {
        let repo = fixture(&rule, "fail");
        let before = repo.check();
        fixed += apply(&repo, &before);
        let kept: Vec<&Value> = before.list().iter().filter(|finding| finding["fix"].is_null()).collect();
        let after = repo.check();
        assert_eq!(after.list().iter().collect::<Vec<_>>(), kept, "{rule}");
    }
    assert!(fixed >= 2, "unpinned-crate and unpinned-git have fixes");
}

/// One dependency in each form that takes a fix; `before` and `after` are whole manifests behind `[package]`.
#[track_caller]
fn check(before: &str, after: &str) {
    let left = format!("left 0.3.0 git+https://example.com/left#{COMMIT}");
    let main = format!("main 0.4.0 git+https://example.com/main?branch=main#{COMMIT}");
    let locked =
        lock(&format!("a 1.0.1 crates-io\nb 2.3.4+meta crates-io\ndemo 0.1.0 -> a, b, left, main\n{left}\n{main}"));
    for line_end in ["\n", "\r\n"] {
        let text = |rest: &str| format!("\u{feff}{}", package("demo", rest)).replace('\n', line_end);
        let repo = Repo::new().file("Cargo.toml", text(before)).file("Cargo.lock", &locked);
        let report = repo.run(&["check", "--surface", "crate,git", "--format", "json"]).report();
        assert!(apply(&repo, &report) > 0, "{:?}", report.findings());
        assert_eq!(repo.read("Cargo.toml"), text(after).replace("COMMIT", COMMIT));
        let again = repo.run(&["check", "--surface", "crate,git", "--format", "json"]).report();
        assert_eq!(again.findings(), [""; 0]);
    }
}

#[test]
fn requirements_are_pinned_in_place() {
    check("[dependencies]\na = \"1\" # why\n", "[dependencies]\na = \"=1.0.1\" # why\n");
    check("[dependencies]\na = '^1'\nb='2'\n", "[dependencies]\na = '=1.0.1'\nb='=2.3.4'\n");
    check(
        "[dependencies]\na = { version = \"1\", features = [] }\n",
        "[dependencies]\na = { version = \"=1.0.1\", features = [] }\n",
    );
    check("[dependencies.a]\nversion = \"\"\"1\"\"\"\n", "[dependencies.a]\nversion = \"\"\"=1.0.1\"\"\"\n");
    check(
        "[dependencies]\na.version = \"*\"\na.optional = true\n",
        "[dependencies]\na.version = \"=1.0.1\"\na.optional = true\n",
    );
    check(
        "[dependencies]\nx = { package = \"a\", version = \"1\" }\n",
        "[dependencies]\nx = { package = \"a\", version = \"=1.0.1\" }\n",
    );
    check("[dependencies]\na = \"\\u0031\"\n", "[dependencies]\na = \"=1.0.1\"\n");
}

#[test]
fn references_are_pinned_in_place() {
    check(
        "[dependencies]\nmain = { git = \"https://example.com/main\", branch = 'main', features = [] } # why\n",
        "[dependencies]\nmain = { git = \"https://example.com/main\", rev = \"COMMIT\", features = [] } # why\n",
    );
    check(
        "[dependencies.main]\nbranch = \"main\"\ngit = \"https://example.com/main\"\n",
        "[dependencies.main]\nrev = \"COMMIT\" # main\ngit = \"https://example.com/main\"\n",
    );
    check(
        "[dependencies]\nmain.git = \"https://example.com/main\"\nmain.branch = \"main\"\n",
        "[dependencies]\nmain.git = \"https://example.com/main\"\nmain.rev = \"COMMIT\" # main\n",
    );
}

#[test]
fn a_reference_is_added_where_there_is_none() {
    check(
        "[dependencies]\nleft = { git = \"https://example.com/left\" }\n",
        "[dependencies]\nleft = { git = \"https://example.com/left\", rev = \"COMMIT\" }\n",
    );
    check(
        "[dependencies.left]\ngit = \"https://example.com/left\" # why\nfeatures = []\n",
        "[dependencies.left]\ngit = \"https://example.com/left\" # why\nrev = \"COMMIT\"\nfeatures = []\n",
    );
    check(
        "[dependencies]\nleft.git = \"https://example.com/left\"\n",
        "[dependencies]\nleft.git = \"https://example.com/left\"\nleft.rev = \"COMMIT\"\n",
    );
    check(
        "[dependencies]\n  \"left\" . git='https://example.com/left'",
        "[dependencies]\n  \"left\" . git='https://example.com/left'\n  \"left\" . rev = \"COMMIT\"",
    );
}

/// The table that holds it may itself stand on the line: what precedes the key there is not to be repeated.
#[test]
fn a_reference_is_added_among_dotted_keys_of_an_inline_table() {
    check(
        "[target]\nx = { dependencies = { left.git = \"https://example.com/left\", a = \"=1.0.1\" } }\n",
        "[target]\nx = { dependencies = { left.git = \"https://example.com/left\", left.rev = \"COMMIT\", a = \"=1.0.1\" } }\n",
    );
    check(
        "[target]\nx = { dependencies = { \"left\" . 'git' = \"https://example.com/left\" } }\n",
        "[target]\nx = { dependencies = { \"left\" . 'git' = \"https://example.com/left\", \"left\" . rev = \"COMMIT\" } }\n",
    );
    check(
        "[target.x]\ndependencies = { a = '=1.0.1', left.git = 'https://example.com/left' }\n",
        "[target.x]\ndependencies = { a = '=1.0.1', left.git = 'https://example.com/left', left.rev = \"COMMIT\" }\n",
    );
}

#[test]
fn what_members_inherit_is_pinned_at_the_root() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n\n[workspace.dependencies]\na = { version = \"1\" }\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = { workspace = true, features = [\"x\"] }\n"))
        .file("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0 -> a"));
    assert_eq!(apply(&repo, &repo.check()), 1);
    assert_eq!(repo.findings(), [""; 0]);
}
