//! Fingerprints: the same while lines move, and never the same for two findings.

use std::collections::BTreeSet;

use crate::rules::{fixture, ids, judge};
use crate::support::{Repo, Report, package};

fn fingerprints(report: &Report) -> Vec<String> {
    let all = report.list().iter().map(|finding| finding["fingerprint"].as_str().expect("a string").to_owned());
    let all: Vec<String> = all.collect();
    let is_hash =
        |print: &String| print.len() == 64 && print.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    assert!(all.iter().all(is_hash), "{all:?}");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each is of one finding");
    all
}

/// The same names in several tables, twice the same problem, and the same in two packages.
fn repeated(above: &str, between: &str) -> Repo {
    let manifest = |name: &str| {
        let tables = "[dependencies]\nb = \"1\"\nc = { path = \"../../c\" }\n\n[dev-dependencies]\nb = \"1\"\n\n[target.x.dependencies]\nb = \"1\"\n\n[target.y.dependencies]\nb = \"1\"\n";
        let text = package(name, &tables.replace("\n\n[", &format!("\n{between}\n[")));
        format!("{above}{text}")
    };
    Repo::new().file("one/Cargo.toml", manifest("one")).file("two/Cargo.toml", manifest("two"))
}

#[test]
fn they_stay_when_lines_are_inserted_above() {
    let before = repeated("", "").check();
    let moved = repeated("# a comment\n\n\n", "# another\n\n").check();
    assert!(before.list().len() >= 12, "{:?}", before.findings());
    assert_ne!(before.findings(), moved.findings());
    assert_eq!(fingerprints(&before), fingerprints(&moved));
}

#[test]
fn they_stay_in_every_rules_fixture() {
    for rule in ids() {
        let repo = fixture(&rule, "fail");
        let before = fingerprints(&judge(&rule, &repo));
        assert!(!before.is_empty(), "{rule}");
        for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"] {
            if repo.root().join(file).exists() {
                repo.write(file, format!("# one more\n\n{}", repo.read(file)));
            }
        }
        assert_eq!(fingerprints(&judge(&rule, &repo)), before, "{rule}");
    }
}

#[test]
fn they_stay_when_a_requirement_changes() {
    let with = |requirement: &str| {
        let manifest = package("demo", &format!("[dependencies]\na = \"{requirement}\"\n"));
        fingerprints(&Repo::new().file("Cargo.toml", manifest).check())
    };
    assert_eq!(with("1"), with("*"));
}

#[test]
fn they_do_not_depend_on_where_the_repository_is() {
    let repo = repeated("", "").git();
    assert_eq!(fingerprints(&repo.check()), fingerprints(&repeated("", "").check()));
}

#[test]
fn equal_findings_have_their_own() {
    let locked = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.com/one\"\n\n\
         [[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.com/two\"\n\n\
         [[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n";
    let report = Repo::new().file("Cargo.toml", package("demo", "")).file("Cargo.lock", locked).check();
    let unverified = report.findings().iter().filter(|line| line.contains("lock-unverified a")).count();
    assert_eq!(unverified, 2, "{:?}", report.findings());
    // Baselines hold them, so that they are the same in every release of the tool too.
    let known: Vec<String> = fingerprints(&report).iter().map(|print| print[..8].to_owned()).collect();
    assert_eq!(known, ["7f904947", "a43f7dbb", "45db6756", "776954fd"]);
}
