//! Each rule's own fixtures: `fail` has a finding of it, `pass` has none.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::support::{Repo, Report, Run, repository};

pub(crate) fn fixtures() -> PathBuf {
    repository().join("fixtures/rules")
}

/// The ids of the rules that have fixtures.
pub(crate) fn ids() -> Vec<String> {
    let folders = std::fs::read_dir(fixtures()).expect("the fixtures are there");
    let mut ids: Vec<String> = folders
        .map(|folder| folder.expect("it can be listed").file_name().into_string().expect("ids are text"))
        .collect();
    ids.sort();
    ids
}

/// A fixture in a git repository of its own; what its `.gitignore` names is not committed. Of a rule that compares, the
/// folder `base` is committed before.
pub(crate) fn fixture(rule: &str, which: &str) -> Repo {
    let folder = fixtures().join(rule);
    let base = folder.join("base");
    if !base.is_dir() {
        return Repo::copy_of(&folder.join(which)).git();
    }
    let repo = Repo::copy_of(&base).git();
    repo.copy(&folder.join(which));
    repo.commit();
    repo
}

/// The report of a rule's fixture, compared with its base where it has one.
pub(crate) fn judge(rule: &str, repo: &Repo) -> Report {
    if fixtures().join(rule).join("base").is_dir() {
        // The day after a release that cargo's cache has in this `CARGO_HOME`.
        let arguments = ["check", "--format", "json", "--base", "HEAD^", "--today", "2026-04-05"];
        Run::new(repo.command(&arguments).env("CARGO_HOME", repository().join("fixtures/cargo-home"))).report()
    } else {
        repo.check()
    }
}

fn of_rule(report: &Report, rule: &str) -> usize {
    report.list().iter().filter(|finding| finding["rule"] == rule).count()
}

#[test]
fn every_rule_has_fixtures() {
    let explained = Repo::new().run(&["explain"]).stdout;
    let rules = explained.lines().take_while(|line| !line.is_empty());
    let rules: Vec<&str> = rules.filter_map(|line| line.split(' ').next()).collect();
    assert!(!rules.is_empty());
    assert_eq!(ids(), rules);
}

#[test]
fn what_fails_is_found_and_what_passes_is_not() {
    for rule in ids() {
        let fail = judge(&rule, &fixture(&rule, "fail"));
        assert!(of_rule(&fail, &rule) > 0, "{rule}/fail: {:?}", fail.findings());
        let pass = judge(&rule, &fixture(&rule, "pass"));
        assert_eq!(of_rule(&pass, &rule), 0, "{rule}/pass: {:?}", pass.findings());
    }
}

/// A fixture shows one thing: what passes has no finding at all, and what fails none of another rule.
#[test]
fn fixtures_show_nothing_else() {
    for rule in ids() {
        let pass = judge(&rule, &fixture(&rule, "pass"));
        assert_eq!(pass.findings(), [""; 0], "{rule}/pass");
        let fail = judge(&rule, &fixture(&rule, "fail"));
        let other: Vec<String> = fail.findings().into_iter().filter(|line| !line.contains(&rule)).collect();
        assert_eq!(other, [""; 0], "{rule}/fail");
    }
}

#[test]
fn the_surface_in_a_report_can_be_asked_for() {
    let mut surfaces = BTreeSet::new();
    for rule in ids() {
        let repo = fixture(&rule, "fail");
        let report = repo.check();
        for finding in report.list().iter().filter(|finding| finding["rule"] == rule.as_str()) {
            let surface = finding["surface"].as_str().expect("a string");
            let narrowed = repo.run(&["check", "--surface", surface, "--format", "json"]).report();
            assert!(narrowed.list().contains(finding), "{rule}: {surface}");
            surfaces.insert(surface.to_owned());
        }
    }
    assert!(surfaces.len() >= 4, "{surfaces:?}");
}

#[test]
fn the_summary_counts_what_is_there() {
    for rule in ids() {
        let report = judge(&rule, &fixture(&rule, "fail"));
        let level = |level: &str| report.list().iter().filter(|finding| finding["level"] == level).count();
        let fixable = report.list().iter().filter(|finding| !finding["fix"].is_null()).count();
        let summary = &report.0["summary"];
        assert_eq!(summary["deny"], level("deny"), "{rule}");
        assert_eq!(summary["warn"], level("warn"), "{rule}");
        assert_eq!(summary["fixable"], fixable, "{rule}");
        assert_eq!(summary["skipped"], report.skipped().len(), "{rule}");
        assert!(summary["pinned"].as_u64() <= summary["declarations"].as_u64(), "{rule}");
    }
}

#[test]
fn findings_are_sorted_by_path_span_and_rule() {
    let repo = Repo::new()
        .file("b/Cargo.toml", "[package]\nname = \"b\"\nversion = \"0.1.0\"\n\n[dependencies]\nz = \"1\"\na = \"1\"\nm = { path = \"../../m\" }\n")
        .file("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.1.0\"\n\n[dependencies]\nz = \"1\"\na = { git = \"https://example.com/a\" }\n")
        .file("Cargo.toml", "[package]\nname = \"r\"\nversion = \"0.1.0\"\n\n[workspace]\nexclude = [\"a\", \"b\"]\n")
        .file("rust-toolchain", "stable\n");
    let report = repo.check();
    let key = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().expect("a string").to_owned();
        let at = |key: &str| finding["span"][key].as_u64().expect("a number");
        (text("path"), at("start"), at("end"), text("rule"))
    };
    let keys: Vec<_> = report.list().iter().map(key).collect();
    assert!(keys.len() >= 8, "{keys:?}");
    assert!(keys.is_sorted(), "{keys:?}");
}

#[test]
fn two_runs_are_the_same_to_the_byte() {
    let repo = fixture("unpinned-git", "fail");
    for arguments in [&["check", "--format", "json"][..], &["check", "-v"], &["list", "--format", "json"]] {
        assert_eq!(repo.run(arguments).stdout, repo.run(arguments).stdout);
    }
}
