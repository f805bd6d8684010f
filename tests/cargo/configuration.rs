//! Cargo's own configuration: which files of it count.

use crate::support::{Repo, package};

fn demo() -> Repo {
    Repo::new().file("Cargo.toml", package("demo", ""))
}

#[test]
fn the_file_without_extension_beats_the_other() {
    let repo = demo().file(".cargo/config", "paths = [\"old\"]\n").file(".cargo/config.toml", "paths = [\"new\"]\n");
    assert_eq!(repo.findings(), [".cargo/config:1:1 source-override paths"]);
}

#[test]
fn includes_are_followed() {
    let repo = demo()
        .file(".cargo/config.toml", "include = [\"more.toml\", { path = \"third.toml\" }]\n")
        .file(".cargo/more.toml", "include = \"fourth.toml\"\n")
        .file(".cargo/third.toml", "paths = [\"three\"]\n")
        .file(".cargo/fourth.toml", "# one line\npaths = [\"four\"]\n")
        .file(".cargo/unused.toml", "paths = [\"never\"]\n");
    let expected = [".cargo/fourth.toml:2:1 source-override paths", ".cargo/third.toml:1:1 source-override paths"];
    assert_eq!(repo.findings(), expected);
}

#[test]
fn an_include_that_is_not_there_is_found_unless_it_is_optional() {
    let repo = demo().file(".cargo/config.toml", "include = [\"lost.toml\"]\n");
    assert_eq!(repo.findings(), [".cargo/config.toml:1:13 unreadable-file config.toml"]);
    let repo = demo().file(".cargo/config.toml", "include = [{ path = \"lost.toml\", optional = true }]\n");
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn a_members_own_configuration_counts_as_well() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n")
        .file("one/Cargo.toml", package("one", ""))
        .file("one/.cargo/config.toml", "paths = [\"fork\"]\n");
    assert_eq!(repo.findings(), ["one/.cargo/config.toml:1:1 source-override paths"]);
}

#[test]
fn empty_paths_override_nothing() {
    assert_eq!(demo().file(".cargo/config.toml", "paths = []\n").findings(), [""; 0]);
}

#[test]
fn a_configuration_that_cannot_be_parsed_is_found() {
    let repo = demo().file(".cargo/config.toml", "paths = [\n");
    let report = repo.check();
    assert_eq!(report.list().len(), 1);
    assert!(report.messages().contains("not valid TOML"), "{}", report.messages());
}
