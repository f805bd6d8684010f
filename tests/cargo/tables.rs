//! Which tables declare dependencies, and how their keys may be spelled.

use crate::support::{Repo, lock, package};

#[test]
fn the_hyphenated_spelling_beats_the_old_one() {
    let tables = "[dev_dependencies]\nold = \"1\"\n\n[dev-dependencies]\nnew = \"1\"\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", tables))
        .file("Cargo.lock", lock("demo 0.1.0 -> new\nnew 1.0.0 crates-io"));
    assert_eq!(repo.findings(), ["Cargo.toml:10:8 unpinned-crate new"]);
}

#[test]
fn the_old_spelling_counts_below_targets_too() {
    let tables = "[target.'cfg(unix)'.build_dependencies]\nold = \"1\"\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", tables))
        .file("Cargo.lock", lock("demo 0.1.0 -> old\nold 1.0.0 crates-io"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:8 unpinned-crate old"]);
    let listed = repo.run(&["list"]).stdout;
    assert!(listed.contains("[target.'cfg(unix)'.build_dependencies]"), "{listed}");
}

#[test]
fn edition_2024_refuses_the_old_spellings() {
    let manifest =
        "[project]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dev_dependencies]\nold = \"=1.0.0\"\n";
    let repo =
        Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("demo 0.1.0 -> old\nold 1.0.0 crates-io"));
    let report = repo.check();
    let expected = ["Cargo.toml:1:2 unreadable-file Cargo.toml", "Cargo.toml:6:2 unreadable-file Cargo.toml"];
    assert_eq!(report.findings(), expected);
    assert!(report.messages().contains("`dev_dependencies` is a spelling that edition 2024 no longer has"));
}

#[test]
fn an_inherited_edition_refuses_them_as_well() {
    let member = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition.workspace = true\n\n[dev_dependencies]\nold = \"=1.0.0\"\n";
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n\n[workspace.package]\nedition = \"2024\"\n")
        .file("one/Cargo.toml", member)
        .file("Cargo.lock", lock("old 1.0.0 crates-io\none 0.1.0 -> old"));
    assert_eq!(repo.findings(), ["one/Cargo.toml:6:2 unreadable-file Cargo.toml"]);
}

#[test]
fn project_is_an_old_name_of_package() {
    let manifest = "[project]\nname = \"demo\"\nversion = \"0.1.0\"\n\n[dependencies]\na = \"1\"\n";
    let repo = Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a"));
    assert_eq!(repo.findings(), ["Cargo.toml:6:6 unpinned-crate a"]);
}

#[test]
fn keys_may_be_dotted_and_quoted() {
    let keys = "dependencies.a = \"1\"\n\"dependencies\".'b'.version = \"1\"\ndependencies.\"c\" = { \"version\" = '1' }\ntarget.x.dependencies.d = '''1'''\n";
    let manifest = format!("{keys}package = {{ name = \"demo\", version = \"0.1.0\", edition = \"2021\" }}\n");
    let repo = Repo::new().file("Cargo.toml", manifest).file(
        "Cargo.lock",
        lock("a 1.0.0 crates-io\nb 1.0.0 crates-io\nc 1.0.0 crates-io\nd 1.0.0 crates-io\ndemo 0.1.0 -> a, b, c, d"),
    );
    let expected = [
        "Cargo.toml:1:19 unpinned-crate a",
        "Cargo.toml:2:31 unpinned-crate b",
        "Cargo.toml:3:35 unpinned-crate c",
        "Cargo.toml:4:30 unpinned-crate d",
    ];
    assert_eq!(repo.findings(), expected);
}

#[test]
fn a_replaced_package_has_no_version_to_pin() {
    let git = format!("git+https://example.com/a.git?branch=main#{}", crate::support::COMMIT);
    let manifest = "[dependencies]\na = \"=1.0.0\"\n\n[replace]\n\"a:1.0.0\" = { git = \"https://example.com/a.git\", branch = \"main\" }\n";
    let locked = lock(&format!(
        "a 1.0.0 crates-io\na 1.0.0 {git}\ndemo 0.1.0 -> a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)"
    ));
    let replaced = format!("checksum = \"{}\"\n", crate::support::CHECKSUM);
    let with = "replace = \"a 1.0.0 (git+https://example.com/a.git?branch=main)\"\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", manifest))
        .file("Cargo.lock", locked.replacen(&replaced, with, 1));
    let report = repo.run(&["check", "--surface", "git,crate", "--format", "json"]).report();
    assert_eq!(report.findings(), ["Cargo.toml:10:60 unpinned-git a:1.0.0"]);
}

#[test]
fn build_metadata_is_exact_and_no_fix_writes_it() {
    let repo = Repo::demo(
        "a = \"=1.2.3+build\"\nb = \"1\"",
        "a 1.2.3+other crates-io\nb 1.0.0+spec crates-io\ndemo 0.1.0 -> a, b",
    );
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:8:6 unpinned-crate b"]);
    assert_eq!(report.replacements(), ["=1.0.0"]);
}

#[test]
fn a_path_and_a_git_reference_pin_what_has_a_version_too() {
    let commit = crate::support::COMMIT;
    let dependencies = format!(
        "a = {{ path = \"a\", version = \"0.1\" }}\nb = {{ git = \"https://example.com/b\", rev = \"{commit}\", version = \"0.1\" }}"
    );
    let locked = format!("a 0.1.0\nb 0.1.0 git+https://example.com/b?rev={commit}#{commit}\ndemo 0.1.0 -> a, b");
    let repo = Repo::demo(&dependencies, &locked).file("a/Cargo.toml", package("a", "[workspace]\n"));
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn old_toolchain_file_beats_the_new_one() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", ""))
        .file("rust-toolchain", "1.80.1\n")
        .file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    let report = repo.check();
    assert_eq!(report.findings(), [""; 0]);
    assert_eq!(report.skipped().len(), 1);
}

#[test]
fn a_list_says_that_something_may_be_missing() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "[[dependencies]]\na = \"1\"\n"));
    let run = repo.run(&["list"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("what one file declares may be missing"), "{}", run.stderr);
    let whole = Repo::new().file("Cargo.toml", package("demo", "")).run(&["list"]);
    assert_eq!(whole.stderr, "");
}
