//! `--base`: what is new against where two lines of history part, in real git repositories.

#[path = "../support/mod.rs"]
mod support;

mod changes;
mod checksums;
mod history;
mod policy;
mod snapshots;

use serde_json::Value;
use support::Repo;

/// What a comparison says: the new findings, and how many moved and are known.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    new: Vec<String>,
    moved: usize,
    known: usize,
}

/// The report of the working tree, or of what `arguments` say, against a base.
fn against(repo: &Repo, base: &str, arguments: &[&str]) -> support::Report {
    let mut all = vec!["check", "--format", "json", "--base", base];
    all.extend(arguments);
    repo.run(&all).report()
}

fn said(report: &support::Report) -> Said {
    let count = |key: &str| usize::try_from(report.0["summary"][key].as_u64().expect("a number")).expect("small");
    let listed = report.0["moved"].as_array().map(Vec::len);
    assert_eq!(listed, Some(count("moved")), "each that moved is listed");
    Said { new: report.findings(), moved: count("moved"), known: count("known") }
}

/// Asserts what a comparison with HEAD says of the working tree.
#[track_caller]
fn is(repo: &Repo, new: &[&str], moved: usize, known: usize) {
    let report = against(repo, "HEAD", &[]);
    let new = new.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(said(&report), Said { new, moved, known });
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().expect("a string")
}
