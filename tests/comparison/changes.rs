//! What a change makes of the findings that were there.

use crate::is;
use crate::support::{Repo, lock, package};

const LOCKED: &str = "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b";

fn demo(tables: &str) -> String {
    package("demo", tables)
}

/// A package with two floats, committed.
fn floating() -> Repo {
    Repo::demo("a = \"1\"\nb = \"1.0\"", LOCKED).git()
}

#[test]
fn nothing_changed_nothing_new() {
    is(&floating(), &[], 0, 2);
}

#[test]
fn reordering_and_reformatting_is_nothing_new() {
    let repo = floating();
    repo.write("Cargo.toml", demo("\n\n[dependencies]\n# one\nb = { version = '1.0' }\n\n\na    =    \"1\"\r\n"));
    is(&repo, &[], 0, 2);
}

#[test]
fn a_new_float_is_exactly_one() {
    let repo = floating();
    repo.write("Cargo.toml", demo("[dependencies]\nnew = \"1\"\na = \"1\"\nb = \"1.0\"\n"));
    repo.write(
        "Cargo.lock",
        lock("a 1.0.1 crates-io\nb 1.0.2 crates-io\nnew 1.0.0 crates-io\ndemo 0.1.0 -> a, b, new"),
    );
    is(&repo, &["Cargo.toml:7:8 unpinned-crate new"], 0, 2);
}

#[test]
fn a_weaker_pin_is_new_and_a_tighter_one_is_known() {
    let repo = floating();
    repo.write("Cargo.toml", demo("[dependencies]\na = \"*\"\nb = \"1.0.2\"\n"));
    is(&repo, &["Cargo.toml:7:6 unpinned-crate a"], 0, 1);
}

#[test]
fn another_table_is_moved_and_a_second_table_is_new() {
    let repo = floating();
    repo.write("Cargo.toml", demo("[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"1.0\"\n"));
    is(&repo, &[], 1, 1);
    repo.write("Cargo.toml", demo("[dependencies]\na = \"1\"\nb = \"1.0\"\n\n[dev-dependencies]\nb = \"1.0\"\n"));
    is(&repo, &["Cargo.toml:11:6 unpinned-crate b"], 0, 2);
    // What is written at another place differs: that is not the one that left.
    repo.write("Cargo.toml", demo("[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"1\"\n"));
    is(&repo, &["Cargo.toml:10:6 unpinned-crate b"], 0, 1);
}

/// Two members that depend on the same, each for itself.
fn members(a: &str, b: &str, root: &str) -> Vec<(&'static str, String)> {
    vec![
        ("Cargo.toml", format!("[workspace]\nmembers = [\"crates/*\"]\n{root}")),
        ("crates/one/Cargo.toml", package("one", &format!("[dependencies]\n{a}\n"))),
        ("crates/two/Cargo.toml", package("two", &format!("[dependencies]\n{b}\n"))),
        ("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> a")),
    ]
}

fn workspace() -> Repo {
    members("a = \"1\"", "a = \"1\"", "")
        .into_iter()
        .fold(Repo::new(), |repo, (path, text)| repo.file(path, text))
        .git()
}

#[test]
fn centralising_is_nothing_new() {
    let repo = workspace();
    let root = "\n[workspace.dependencies]\na = \"1\"\n";
    for (path, text) in members("a.workspace = true", "a = { workspace = true }", root) {
        repo.write(path, text);
    }
    is(&repo, &[], 1, 0);
}

#[test]
fn centralising_something_looser_is_new() {
    let repo = workspace();
    let root = "\n[workspace.dependencies]\na = \">=1\"\n";
    for (path, text) in members("a.workspace = true", "a = { workspace = true }", root) {
        repo.write(path, text);
    }
    is(&repo, &["Cargo.toml:5:6 unpinned-crate a"], 0, 0);
}

#[test]
fn renaming_a_crates_directory_is_nothing_new() {
    let repo = workspace();
    repo.run_git(&["mv", "crates/one", "crates/uno"]);
    is(&repo, &[], 1, 1);
}

#[test]
fn findings_without_a_requirement_move_with_their_directory() {
    let repo = Repo::new().file("tools/old/Cargo.toml", package("tool", "[dependencies]\na = \"=1.0.0\"\n")).git();
    repo.run_git(&["mv", "tools/old", "tools/new"]);
    is(&repo, &[], 1, 0);
}

#[test]
fn a_file_that_was_mended_makes_no_room_for_another_that_broke() {
    let repo = workspace();
    repo.write("crates/one/Cargo.toml", "[[");
    repo.commit();
    is(&repo, &[], 0, 2);
    repo.write("crates/one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.1\"\n"));
    repo.write("crates/two/Cargo.toml", "[[");
    is(&repo, &["crates/two/Cargo.toml:1:3 unreadable-file Cargo.toml"], 0, 0);
    // The same one elsewhere.
    repo.run_git(&["checkout", "--quiet", "--", "."]);
    repo.run_git(&["mv", "crates/one", "crates/uno"]);
    is(&repo, &[], 1, 1);
}

#[test]
fn what_was_mended_is_not_missed() {
    let repo = floating();
    repo.write("Cargo.toml", demo("[dependencies]\na = \"=1.0.1\"\nb = \"=1.0.2\"\n"));
    is(&repo, &[], 0, 0);
}

#[test]
fn path_narrows_what_is_reported_and_not_what_is_known() {
    let repo = workspace();
    // It moves from one member to the other: seen from the second alone it is not new either.
    repo.write("crates/one/Cargo.toml", package("one", ""));
    repo.write("crates/two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\n\n[dev-dependencies]\na = \"1\"\n"));
    let report = crate::against(&repo, "HEAD", &["crates/two"]);
    assert_eq!(crate::said(&report), crate::Said { new: vec![], moved: 1, known: 1 });
    assert_eq!(crate::text(&report.0["moved"][0], "path"), "crates/two/Cargo.toml");
}

#[test]
fn what_an_exception_let_pass_is_not_known_elsewhere() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
        .file(
            "pinned.toml",
            "[[exception]]\nrule = \"unpinned-crate\"\npaths = [\"Cargo.toml\"]\nreason = \"until it moves\"\n",
        )
        .git();
    is(&repo, &[], 0, 0);
    repo.write("Cargo.toml", "[workspace]\nmembers = [\"demo\"]\n");
    repo.write("demo/Cargo.toml", demo("[dependencies]\na = \"1\"\n"));
    let new = crate::against(&repo, "HEAD", &[]).findings();
    assert!(new.contains(&"demo/Cargo.toml:7:6 unpinned-crate a".to_owned()), "{new:?}");
}

#[test]
fn what_no_build_reached_is_new_once_a_member_inherits_it() {
    let root = "\n[workspace.dependencies]\na = \"1\"\n";
    let files = |one: &str, locked: &str| [members(one, "", root), vec![("Cargo.lock", lock(locked))]].concat();
    let repo =
        files("", "one 0.1.0\ntwo 0.1.0").into_iter().fold(Repo::new(), |repo, (path, text)| repo.file(path, text));
    let repo = repo.git();
    is(&repo, &[], 0, 1);
    for (path, text) in files("a.workspace = true", "a 1.0.1 crates-io\none 0.1.0 -> a\ntwo 0.1.0") {
        repo.write(path, text);
    }
    is(&repo, &["Cargo.toml:5:6 unpinned-crate a"], 0, 0);
}

/// Asserts that what floats under a key is new where it becomes something else, in its place and in another.
#[track_caller]
fn is_another(before: &str, after: &str) {
    let repo = Repo::demo(before, LOCKED).git();
    let only = |report: &crate::support::Report| -> Vec<String> {
        report.findings().into_iter().filter(|finding| finding.contains(" unpinned-")).collect()
    };
    repo.write("Cargo.toml", demo(&format!("[dependencies]\n{before}\n")));
    assert_eq!(only(&crate::against(&repo, "HEAD", &[])), [""; 0]);
    for table in ["dependencies", "build-dependencies"] {
        repo.write("Cargo.toml", demo(&format!("[{table}]\n{after}\n")));
        assert_eq!(only(&crate::against(&repo, "HEAD", &[])).len(), 1, "{table}");
    }
}

#[test]
fn another_package_or_source_under_the_same_key_is_new() {
    is_another("a = \"1\"", "a = { version = \"1\", package = \"c\" }");
    is_another("a = \"1\"", "a = { version = \"1\", registry = \"other\" }");
    let git = |url: &str| format!("a = {{ git = \"{url}\", branch = \"main\" }}");
    is_another(&git("https://example.com/a"), &git("https://example.org/a"));
    // Cargo takes these as one.
    let repo = Repo::demo(&git("https://github.com/Some/a"), LOCKED).git();
    repo.write("Cargo.toml", demo(&format!("[dependencies]\n{}\n", git("https://github.com/some/a.git"))));
    let new = crate::against(&repo, "HEAD", &[]).findings();
    assert!(!new.iter().any(|finding| finding.contains("unpinned-git")), "{new:?}");
}

#[test]
fn people_are_told_what_is_new_and_what_is_known() {
    let repo = floating();
    repo.write("Cargo.toml", demo("[dependencies]\na = \"*\"\n\n[build-dependencies]\nb = \"1.0\"\n"));
    let run = repo.run(&["check", "--base", "HEAD"]);
    let last = run.stdout.lines().rev().nth(1).unwrap_or_default().to_owned();
    assert_eq!(last, "1 new finding (1 deny) in 1 file; 0 of 2 declarations pinned; 1 moved");
}

#[test]
fn the_registry_that_is_meant_anyway_may_be_named_where_a_float_goes() {
    let members = |one: &str, two: &str| {
        let member = |name: &str, lines: &str| package(name, &format!("[dependencies]\n{lines}"));
        [("one/Cargo.toml", member("one", one)), ("two/Cargo.toml", member("two", two))]
    };
    let mut repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> a"));
    for (path, text) in members("a = \"1\"\n", "") {
        repo = repo.file(path, text);
    }
    let repo = repo.git();
    for (path, text) in members("", "a = { version = \"1\", registry = \"crates-io\" }\n") {
        repo.write(path, text);
    }
    let report = crate::against(&repo, "HEAD", &["--surface", "crate"]);
    assert_eq!(
        (report.findings().len(), report.0["summary"]["moved"].as_u64()),
        (0, Some(1)),
        "{:?}",
        report.findings()
    );
}

/// Of what stands several times in a place, the one that is new is told by what is written, wherever among them it was put.
#[test]
fn among_equals_the_new_one_is_told_by_what_is_written() {
    let script = |lines: &[&str]| {
        lines.iter().map(|version| format!("npm install --global tool@{version}\n")).collect::<String>()
    };
    let repo = Repo::new().file("install.sh", script(&["^1", "^2"])).git();
    repo.write("install.sh", script(&["^3", "^1", "^2"]));
    is(&repo, &["install.sh:1:27 unpinned-tool tool"], 0, 2);
    repo.write("install.sh", script(&["^2", "latest", "^1"]));
    is(&repo, &["install.sh:2:27 unpinned-tool tool"], 0, 2);
}
