//! Declarations: what admits more or less than it did, what comes from elsewhere, and what only moved.

use crate::support::{COMMIT, Repo, package};
use crate::{declarations, diff, list, text};

/// What differs where `[dependencies]` of one package goes from the one text to the other.
#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let manifest = |lines: &str| package("demo", &format!("[dependencies]\n{lines}\n"));
    let repo = Repo::new().file("Cargo.toml", manifest(before)).git();
    repo.write("Cargo.toml", manifest(after));
    assert_eq!(declarations(&diff(&repo)), expected);
}

#[test]
fn requirements_are_tightened_loosened_or_changed() {
    check("a = \"1\"", "a = \"=1.2.3\"", &["tightened a 1 =1.2.3"]);
    check("a = \"=1.2.3\"", "a = \"*\"", &["loosened a =1.2.3 *"]);
    check("a = \"1.2\"", "a = \">=1.2, <3\"", &["loosened a 1.2 >=1.2, <3"]);
    check("a = \"=1.2.3\"", "a = \"=1.2.4\"", &["changed a =1.2.3 =1.2.4"]);
    check("a = \"1\"", "a = { version = \"1\", features = [\"x\"] }", &[]);
    check("a = \"1\"", "b = \"1\"", &["added b - 1", "removed a 1 -"]);
}

#[test]
fn git_references_move() {
    let git = |reference: &str| format!("a = {{ git = \"https://example.com/a\"{reference} }}");
    let (branch, tag, rev) = (git(", branch = \"main\""), git(", tag = \"v1\""), git(&format!(", rev = \"{COMMIT}\"")));
    check(&branch, &rev, &[&format!("tightened a main {COMMIT}")]);
    check(&tag, &branch, &["loosened a v1 main"]);
    check(&tag, &tag.replace("v1", "v2"), &["changed a v1 v2"]);
    check(&git(""), &branch, &["changed a none main"]);
    check(&rev, &rev.replace("https://example.com/a", "https://example.com/a.git/"), &[]);
}

#[test]
fn another_source_is_told_from_another_requirement() {
    check("a = \"1\"", "a = { git = \"https://example.com/a\" }", &["source-changed a 1 none"]);
    check("a = \"1\"", "a = { package = \"evil\", version = \"1\" }", &["source-changed a 1 1"]);
    check("a = \"1\"", "a = { version = \"1\", registry = \"ours\" }", &["source-changed a 1 1"]);
    check("a = \"1\"", "a = { path = \"../outside\" }", &["source-changed a 1 none"]);
}

#[test]
fn paths_to_ones_own_packages_are_left_out() {
    let own = |version: &str| format!("a = {{ path = \"a\", version = \"{version}\" }}");
    check(&own("1"), &own("2"), &[]);
    check("", &own("1"), &[]);
    check(&own("1"), "a = \"1\"", &["source-changed a 1 1"]);
}

#[test]
fn what_left_one_place_for_another_moved() {
    let manifest = |rest: &str| package("demo", rest);
    let repo = Repo::new().file("Cargo.toml", manifest("[dependencies]\na = \"1\"\nb = \"1\"\n")).git();
    repo.write("Cargo.toml", manifest("[dev-dependencies]\na = \"1\"\n\n[build-dependencies]\nb = \"=1.0.0\"\n"));
    let found = diff(&repo);
    assert_eq!(declarations(&found), ["tightened b 1 =1.0.0", "moved a 1 1"]);
    assert_eq!(text(&list(&found, "declarations")[1]["before"], "table"), "dependencies");
}

/// Two members `m` and `n` that each depend on `a` by this text.
fn workspace(root: &str, member: &str) -> Repo {
    let repo = Repo::new();
    write(&repo, root, member);
    repo.git()
}

fn write(repo: &Repo, root: &str, member: &str) {
    repo.write("Cargo.toml", format!("[workspace]\nmembers = [\"m\", \"n\"]\n{root}"));
    for name in ["m", "n"] {
        repo.write(format!("{name}/Cargo.toml"), package(name, &format!("[dependencies]\n{member}\n")));
    }
}

const INHERITED: &str = "a.workspace = true";

#[test]
fn what_members_now_inherit_is_neither_added_nor_removed() {
    let repo = workspace("", "a = \"1\"");
    write(&repo, "[workspace.dependencies]\na = \"1\"\n", INHERITED);
    assert_eq!(declarations(&diff(&repo)), ["moved a 1 1", "moved a 1 1"]);
    write(&repo, "[workspace.dependencies]\na = \"=1.0.0\"\n", INHERITED);
    assert_eq!(declarations(&diff(&repo)), ["tightened a 1 =1.0.0", "tightened a 1 =1.0.0"]);
    repo.commit();
    write(&repo, "", "a = \"1\"");
    assert_eq!(declarations(&diff(&repo)), ["loosened a =1.0.0 1", "loosened a =1.0.0 1"]);
}

#[test]
fn the_toolchain_is_a_declaration_like_any_other() {
    let toolchain = |channel: &str| format!("[toolchain]\nchannel = \"{channel}\"\n");
    let repo = Repo::demo("", "demo 0.1.0").file("rust-toolchain.toml", toolchain("1.90.0")).git();
    for (channel, kind) in [("1.91.0", "changed"), ("stable", "loosened"), ("1.90", "loosened")] {
        repo.write("rust-toolchain.toml", toolchain(channel));
        let found = diff(&repo);
        let change = &list(&found, "declarations")[0];
        assert_eq!((text(change, "surface"), text(change, "kind")), ("toolchain", kind), "{channel}");
        assert_eq!(text(&change["after"], "path"), "rust-toolchain.toml");
    }
}
