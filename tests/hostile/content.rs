//! What stands in the files: conflict markers, bytes that are no text, marks and line ends.

use crate::support::{Repo, lock, package};

fn unreadable(repo: &Repo) -> (Vec<String>, String) {
    let report = repo.check();
    let findings = report.findings().into_iter().filter(|line| line.contains(" unreadable-file ")).collect();
    (findings, report.messages())
}

#[test]
fn conflict_markers_in_a_lockfile_are_named() {
    let ours = lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    let conflict = ours.replacen("name = \"a\"", "<<<<<<< HEAD\nname = \"a\"\n=======\nname = \"b\"\n>>>>>>> topic", 1);
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0").file("Cargo.lock", conflict);
    let (findings, messages) = unreadable(&repo);
    assert_eq!(findings, ["Cargo.lock:4:1 unreadable-file Cargo.lock"]);
    assert!(messages.contains("unresolved merge conflict"), "{messages}");
    // It is broken, not missing and not stale: one finding.
    assert_eq!(repo.findings().len(), 1, "{:?}", repo.findings());
}

#[test]
fn conflict_markers_in_a_manifest_with_crlf_are_named() {
    let manifest =
        package("demo", "[dependencies]\n<<<<<<< HEAD\na = \"1\"\n=======\n>>>>>>> topic\n").replace('\n', "\r\n");
    let report = Repo::new().file("Cargo.toml", manifest).check();
    assert_eq!(report.findings(), ["Cargo.toml:7:1 unreadable-file Cargo.toml"]);
    // The line, without its end.
    assert_eq!(report.list()[0]["end"], serde_json::json!({ "line": 7, "column": 13 }));
}

#[test]
fn a_manifest_that_is_not_utf8_is_found_and_the_rest_is_judged() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", b"[package]\nname = \"\xff\xfe\"\n")
        .file("two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\n"))
        .file("Cargo.lock", lock("a 1.0.0 crates-io\ntwo 0.1.0 -> a"));
    let report = repo.check();
    assert!(report.findings().contains(&"one/Cargo.toml:1:1 unreadable-file Cargo.toml".to_owned()));
    assert!(report.findings().contains(&"two/Cargo.toml:7:6 unpinned-crate a".to_owned()));
    assert!(report.messages().contains("not UTF-8: the byte at offset 18"), "{}", report.messages());
}

#[test]
fn a_lockfile_that_is_not_utf8_is_found() {
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0").file("Cargo.lock", b"version = 4\n# \xc3\x28\n");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.lock:1:1 unreadable-file Cargo.lock"]);
    assert!(report.messages().contains("not UTF-8"), "{}", report.messages());
}

#[test]
fn utf16_is_found() {
    let utf16: Vec<u8> = package("demo", "").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [&[0xff, 0xfe][..], &utf16].concat();
    let report = Repo::new().file("Cargo.toml", bytes).check();
    assert_eq!(report.findings(), ["Cargo.toml:1:1 unreadable-file Cargo.toml"]);
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let plain = Repo::demo("a = \"1\"\nb = \"=1.0.0\"", "a 1.0.0 crates-io\nb 1.0.0 crates-io\ndemo 0.1.0 -> a, b");
    let before = plain.findings();
    assert_eq!(before, ["Cargo.toml:7:6 unpinned-crate a"]);
    for file in ["Cargo.toml", "Cargo.lock"] {
        let text = plain.read(file);
        plain.write(file, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }
    assert_eq!(plain.findings(), before);
}

#[test]
fn nul_bytes_are_found() {
    let report = Repo::new().file("Cargo.toml", package("demo", "a = \"\0\"\n")).check();
    assert_eq!(report.findings(), ["Cargo.toml:6:6 unreadable-file Cargo.toml"]);
}

#[test]
fn empty_files_are_judged() {
    let repo =
        Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.0\"\n")).file("Cargo.lock", "");
    let findings = repo.findings();
    assert!(
        findings.iter().all(|line| line.starts_with("Cargo.lock:1:1 lock-stale")) && !findings.is_empty(),
        "{findings:?}"
    );
    let nothing = Repo::new().file("Cargo.toml", "");
    assert!(nothing.run(&["check"]).error().contains("nothing to check"));
}

#[test]
fn wrong_types_everywhere_are_no_panic() {
    let manifest = "package = { name = 1, version = [], edition = {}, workspace = true }\nworkspace = { members = 3, exclude = [[1]], dependencies = [1], package = 1 }\n\
         dependencies = { a = 1, b = [], c = { version = 1, git = 2, path = 3 }, d = { branch = {} } }\ntarget = { x = 1, y = { dependencies = 1 } }\npatch = { z = 1, crates-io = { a = 1 } }\nreplace = 1\nfeatures = 7\n";
    let locked = "version = 4\npackage = [1, { name = 2 }, { name = \"a\", version = \"1\", dependencies = 7, source = [], checksum = {} }]\nmetadata = 1\npatch = { unused = 3 }\nroot = 1\n";
    let repo = Repo::new()
        .file("Cargo.toml", manifest)
        .file("Cargo.lock", locked)
        .file("rust-toolchain.toml", "toolchain = 1\n")
        .file(
            ".cargo/config.toml",
            "paths = 1\npatch = 1\nregistries = [1]\nsource = { a = 1 }\ninclude = { path = 1 }\n",
        );
    let report = repo.check();
    assert!(report.findings().iter().any(|line| line.contains("unreadable-file")), "{:?}", report.findings());
    assert_eq!(repo.run(&["list"]).code, 0);
}
