//! The policy and cargo's configuration as weapons.

use std::fs::File;

use crate::support::{Repo, package};

fn demo() -> Repo {
    Repo::new().file("Cargo.toml", package("demo", ""))
}

#[test]
fn a_huge_policy_is_refused() {
    let repo = demo().file("pinned.toml", "");
    let file = File::options().write(true).open(repo.root().join("pinned.toml")).expect("it was just written");
    file.set_len(40 << 20).expect("files can be sparse");
    let error = repo.run(&["check"]).error();
    assert!(error.contains("pinned.toml") && error.contains("40 MiB, more than the 32 MiB that are read"), "{error}");
}

#[test]
fn a_policy_that_is_not_utf8_is_refused() {
    let error = demo().file("pinned.toml", b"exclude = [\"\xff\"]\n").run(&["check"]).error();
    assert!(error.contains("the policy `pinned.toml` is not UTF-8"), "{error}");
    let error = demo().file("other.toml", b"\xff").run(&["check", "--config", "other.toml"]).error();
    assert!(error.contains("`other.toml`") && error.contains("UTF-8"), "{error}");
}

#[test]
fn a_policy_with_a_byte_order_mark_and_crlf_is_read() {
    let repo = demo().file("pinned.toml", "\u{feff}# ü\r\nexclude = []\r\nexclde = []\r\n");
    let error = repo.run(&["check"]).error();
    assert!(error.starts_with("error: pinned.toml:3:1: unknown key `exclde`"), "{error}");
}

/// Each pattern is tried on every path: one that backtracks must not stop the run.
#[test]
fn patterns_that_backtrack_are_no_hang() {
    let pattern = format!("{}b", "**/a*a*a*a*a*/".repeat(20));
    let deep = vec!["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; 60].join("/");
    let repo = demo()
        .file("pinned.toml", format!("exclude = [\"{pattern}\"]\n"))
        .file(&format!("{deep}/Cargo.toml"), package("deep", "[workspace]\n"));
    assert_eq!(repo.run(&["check"]).code, 0);
    let repo = Repo::new()
        .file("Cargo.toml", format!("[workspace]\nmembers = [\"{pattern}\"]\n"))
        .file(&format!("{deep}/Cargo.toml"), package("deep", "[workspace]\n"));
    assert!(repo.run(&["check"]).code < 2);
}

#[test]
fn configuration_that_includes_itself_is_no_hang() {
    let repo = demo()
        .file(".cargo/config.toml", "include = [\"config.toml\", \"a.toml\"]\n")
        .file(".cargo/a.toml", "include = \"b.toml\"\n")
        .file(".cargo/b.toml", "include = [\"a.toml\", \"config.toml\"]\npaths = [\"fork\"]\n");
    assert_eq!(repo.findings(), [".cargo/b.toml:2:1 source-override paths"]);
}

#[test]
fn configuration_that_includes_thousands_is_no_hang() {
    let repo = demo().file(".cargo/config.toml", "include = \"0.toml\"\n");
    for n in 0..2_000 {
        repo.write(format!(".cargo/{n}.toml"), format!("include = \"{}.toml\"\n", n + 1));
    }
    let report = repo.check();
    assert_eq!(report.findings(), [".cargo/1999.toml:1:12 unreadable-file 1999.toml"]);
}

#[test]
fn paths_in_a_circle_are_no_hang() {
    let to = |name: &str, next: &str| {
        package(name, &format!("[workspace]\n[dependencies]\n{next} = {{ path = \"../{next}\" }}\n"))
    };
    let repo = Repo::new()
        .file("a/Cargo.toml", to("a", "b"))
        .file("b/Cargo.toml", to("b", "c"))
        .file("c/Cargo.toml", to("c", "a"));
    assert_eq!(repo.findings().len(), 3, "{:?}", repo.findings());
    let pointing =
        |name: &str, to: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nworkspace = \"../{to}\"\n");
    let repo = Repo::new().file("a/Cargo.toml", pointing("a", "b")).file("b/Cargo.toml", pointing("b", "a"));
    assert!(repo.run(&["check", "--no-default-excludes"]).code <= 2);
}

#[test]
fn a_dependency_on_itself_is_no_hang() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\ndemo = { path = \".\" }\n"));
    assert_eq!(repo.run(&["check"]).code, 1);
}
