//! `checksum-changed`: the same release with another checksum.

use crate::support::{CHECKSUM, Repo, lock, package};
use crate::{against, is};

const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

fn pinned() -> Repo {
    Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git()
}

fn tampered(packages: &str) -> String {
    lock(packages).replacen(CHECKSUM, OTHER, 1)
}

#[test]
fn another_checksum_is_new_and_says_both() {
    let repo = pinned();
    repo.write("Cargo.lock", tampered("a 1.0.1 crates-io\ndemo 0.1.0 -> a"));
    is(&repo, &["Cargo.lock:4:9 checksum-changed a"], 0, 0);
    let messages = against(&repo, "HEAD", &[]).messages();
    assert!(messages.contains("fedcba98…") && messages.contains("01234567…"), "{messages}");
}

#[test]
fn another_version_or_source_is_another_release() {
    let repo = pinned();
    repo.write("Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.2\"\n"));
    repo.write("Cargo.lock", tampered("a 1.0.2 crates-io\ndemo 0.1.0 -> a"));
    is(&repo, &[], 0, 0);
}

#[test]
fn another_spelling_of_a_registry_is_the_same_source() {
    let locked = "a 1.0.1 crates-io -> t\ndemo 0.1.0 -> a\nt 1.0.0 crates-io";
    let repo = Repo::demo("a = \"=1.0.1\"", locked).git();
    let before = repo.read("Cargo.lock");
    let (head, transitive) = before.split_at(before.find("name = \"t\"").expect("it is locked"));
    for spelling in
        ["https://github.com/rust-lang/crates.io-index.git", "https://github.com/Rust-Lang/crates.io-index/"]
    {
        let respelled = transitive.replace("https://github.com/rust-lang/crates.io-index", spelling);
        repo.write("Cargo.lock", format!("{head}{respelled}"));
        is(&repo, &[], 0, 0);
        repo.write("Cargo.lock", format!("{head}{}", respelled.replace(CHECKSUM, OTHER)));
        is(&repo, &["Cargo.lock:20:9 checksum-changed t"], 0, 0);
    }
}

#[test]
fn a_lockfile_elsewhere_is_held_to_what_was_known() {
    let repo = pinned();
    repo.write(
        "other/Cargo.toml",
        package("other", "[dependencies]\na = \"=1.0.1\"\n").replace("[package]", "[workspace]\n\n[package]"),
    );
    repo.write("other/Cargo.lock", tampered("a 1.0.1 crates-io\nother 0.1.0 -> a"));
    repo.run_git(&["add", "--all"]);
    is(&repo, &["other/Cargo.lock:4:9 checksum-changed a"], 0, 0);
}

#[test]
fn without_a_comparison_nothing_is_said_of_it_or_of_its_exceptions() {
    let exception = "[[exception]]\nrule = \"checksum-changed\"\nreason = \"our registry replaces releases\"\n";
    let repo = pinned();
    repo.write("pinned.toml", exception);
    repo.commit();
    assert_eq!(repo.findings(), [""; 0]);
    repo.write("Cargo.lock", tampered("a 1.0.1 crates-io\ndemo 0.1.0 -> a"));
    let report = against(&repo, "HEAD", &[]);
    assert_eq!((report.list().len(), &report.0["summary"]["excepted"]), (0, &serde_json::json!(1)));
}
