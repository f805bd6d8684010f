//! Each case that decides how a repository stands to a release.

use std::collections::BTreeMap;

use cargo_pinned::fleet::exposure::judge;
use cargo_pinned::fleet::query::Query;
use cargo_pinned::reporter::exposed::{Answer, Status};
use cargo_pinned::scanner::excludes::Excludes;
use cargo_pinned::scanner::{self};
use cargo_pinned::source::memory;

use crate::support::{COMMIT, lock, package};

/// What is asked for, unless a case says otherwise.
const QUERY: &str = "foo@1.0.200";

pub(crate) fn answer(query: &str, files: &[(&str, String)]) -> Answer {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.clone().into_bytes())).collect();
    let snapshot = memory::snapshot(files, scanner::wants);
    let excludes = Excludes::new(true, []).expect("the default excludes are patterns");
    judge(&scanner::scan(&snapshot, &excludes), &Query::parse(query).expect("a query"))
}

/// One package `demo` with these lines behind its version, and a lockfile unless that is empty (see [`lock`]).
fn demo(manifest: &str, locked: &str) -> Vec<(&'static str, String)> {
    let mut files = vec![("Cargo.toml", package("demo", manifest)), ("src/lib.rs", String::new())];
    if !locked.is_empty() {
        files.push(("Cargo.lock", lock(locked)));
    }
    files
}

#[track_caller]
fn check(manifest: &str, locked: &str, expected: Status) -> Answer {
    asked(QUERY, manifest, locked, expected)
}

#[track_caller]
fn asked(query: &str, manifest: &str, locked: &str, expected: Status) -> Answer {
    let answer = answer(query, &demo(manifest, locked));
    assert_eq!(answer.status, expected, "{answer:#?}");
    answer
}

/// The chains to the packages that are asked for, each with its kind.
fn chains(answer: &Answer) -> Vec<String> {
    let shown = answer.packages.iter().filter(|package| package.is_wanted || answer.status != Status::Has);
    shown.map(|package| format!("{}: {}", package.kind.unwrap_or("none"), package.via.join(" > "))).collect()
}

#[test]
fn what_a_lockfile_holds_is_there_with_the_shortest_chain_to_it() {
    let locked = "demo 0.1.0 -> far, near\nfar 1.0.0 crates-io -> farther\nfarther 1.0.0 crates-io -> foo\n\
                  near 2.0.0 crates-io -> foo\nfoo 1.0.200 crates-io";
    let answer = check("[dependencies]\nfar = \"1\"\nnear = \"2\"\n", locked, Status::Has);
    assert_eq!(chains(&answer), ["normal: demo 0.1.0 > near 2.0.0 > foo 1.0.200"]);
    assert_eq!((answer.packages[0].lockfile.as_str(), answer.packages[0].line), ("Cargo.lock", 39));
}

#[test]
fn a_chain_says_what_its_first_step_is_for() {
    let locked = "demo 0.1.0 -> foo\nfoo 1.0.200 crates-io";
    for (table, kind) in
        [("dev-dependencies", "dev"), ("build-dependencies", "build"), ("target.'cfg(windows)'.dependencies", "normal")]
    {
        let answer = check(&format!("[{table}]\nfoo = {{ version = \"1\" }}\n"), locked, Status::Has);
        assert_eq!(chains(&answer), [format!("{kind}: demo 0.1.0 > foo 1.0.200")]);
    }
    // Of two that are as long, the one in the product.
    let locked = "demo 0.1.0 -> a, b\na 1.0.0 crates-io -> foo\nb 1.0.0 crates-io -> foo\nfoo 1.0.200 crates-io";
    let answer = check("[dev-dependencies]\na = \"1\"\n[dependencies]\nb = \"1\"\n", locked, Status::Has);
    assert_eq!(chains(&answer), ["normal: demo 0.1.0 > b 1.0.0 > foo 1.0.200"]);
    let optional = "[dependencies]\nfoo = { version = \"1\", optional = true }\n";
    check(optional, "demo 0.1.0 -> foo\nfoo 1.0.200 crates-io", Status::Has);
    check(optional, "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io", Status::WouldGet);
}

#[test]
fn of_several_locked_versions_one_is_enough() {
    let locked =
        "demo 0.1.0 -> bar, foo 1.0.200\nbar 1.0.0 crates-io -> foo 0.9.0\nfoo 0.9.0 crates-io\nfoo 1.0.200 crates-io";
    let answer = check("[dependencies]\nfoo = \"1\"\nbar = \"1\"\n", locked, Status::Has);
    assert_eq!(chains(&answer), ["normal: demo 0.1.0 > foo 1.0.200"]);
    let versions: Vec<&str> = answer.packages.iter().map(|package| package.version.as_str()).collect();
    assert_eq!(versions, ["1.0.200", "0.9.0"]);
}

#[test]
fn what_nothing_leads_to_is_in_the_lockfile_all_the_same() {
    let answer = check("", "demo 0.1.0\nfoo 1.0.200 crates-io", Status::Has);
    assert_eq!(chains(&answer), ["none: "]);
}

#[test]
fn a_declaration_that_admits_it_would_get_it() {
    let locked = "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io";
    check("[dependencies]\nfoo = \"1\"\n", locked, Status::WouldGet);
    check("[dependencies]\nfoo = \">=0.9, <2\"\n", locked, Status::WouldGet);
    check("[dependencies]\nfoo = \"*\"\n", locked, Status::WouldGet);
    check("[dependencies]\nother = { package = \"foo\", version = \"1.0\" }\n", locked, Status::WouldGet);
    // Stale: the lockfile holds nothing that the declaration admits, so the next build resolves it anew.
    check("[dependencies]\nfoo = \"=1.0.200\"\n", locked, Status::WouldGet);
    // Newer: said to be so, since only a withdrawal leads back.
    let newer = "demo 0.1.0 -> foo\nfoo 1.0.201 crates-io";
    let answer = check("[dependencies]\nfoo = \"1\"\n", newer, Status::WouldGet);
    assert!(answer.packages[0].is_newer && answer.declarations[0].is_newer);
}

#[test]
fn without_a_lockfile_the_next_build_gets_what_is_admitted() {
    check("[dependencies]\nfoo = \"1\"\n", "", Status::WouldGet);
    check("[dependencies]\nfoo = \"=1.0.200\"\n", "", Status::WouldGet);
    check("[dependencies]\nfoo = \"=1.0.100\"\n", "", Status::Held);
    check("", "", Status::Absent);
}

/// Whatever else it depends on may bring it in, and nothing is there that says so.
#[test]
fn without_a_lockfile_what_dependencies_bring_in_is_unknown() {
    let answer = check("[dependencies]\nbar = \"=1.0.0\"\n", "", Status::Unknown);
    assert!(answer.unclear[0].contains("without a Cargo.lock"), "{:?}", answer.unclear);
    check("[dependencies]\nbar = { path = \"../bar\" }\n", "", Status::Unknown);
    // Of the versions that are compatible cargo takes one, and this requirement says which.
    check("[dependencies]\nbar = \"1\"\nfoo = \"=1.0.100\"\n", "", Status::Held);
    check("[dependencies]\nbar = \"1\"\nfoo = \"=0.9.0\"\n", "", Status::Unknown);
}

#[test]
fn what_no_declaration_admits_is_held_off() {
    let locked = "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io";
    check("[dependencies]\nfoo = \"=1.0.100\"\n", locked, Status::Held);
    check("[dependencies]\nfoo = \"~1.0.100, <1.0.200\"\n", locked, Status::Held);
    check("[dependencies]\nfoo = \"0.9\"\n", "demo 0.1.0 -> foo\nfoo 0.9.1 crates-io", Status::Held);
    check("[dependencies]\nbar = \"1\"\n", "demo 0.1.0 -> bar\nbar 1.0.0 crates-io", Status::Absent);
}

#[test]
fn a_package_in_between_may_admit_what_is_compatible() {
    let between = |version: &str| format!("demo 0.1.0 -> bar\nbar 1.0.0 crates-io -> foo\nfoo {version} crates-io");
    let manifest = "[dependencies]\nbar = \"=1.0.0\"\n";
    let answer = check(manifest, &between("1.0.100"), Status::MayGet);
    assert_eq!(chains(&answer), ["normal: demo 0.1.0 > bar 1.0.0 > foo 1.0.100"]);
    check(manifest, &between("0.8.5"), Status::Held);
    check(manifest, &between("2.0.0"), Status::Held);
    asked("foo@0.8.6", manifest, &between("0.8.5"), Status::MayGet);
    asked("foo@0.0.4", manifest, &between("0.0.3"), Status::Held);
    let git =
        format!("demo 0.1.0 -> bar\nbar 1.0.0 git+https://example.com/bar#{COMMIT} -> foo\nfoo 1.0.100 crates-io");
    check("[dependencies]\nbar = { git = \"https://example.com/bar\" }\n", &git, Status::MayGet);
}

/// The package in between counts, and not only what leads there on the shortest way.
#[test]
fn the_chain_of_what_may_come_leads_through_the_package_in_between() {
    let locked = "demo 0.1.0 -> bar, foo\nbar 1.0.0 crates-io -> foo\nfoo 1.0.100 crates-io";
    let answer = check("[dependencies]\nbar = \"=1.0.0\"\nfoo = \"=1.0.100\"\n", locked, Status::MayGet);
    assert_eq!(chains(&answer), ["normal: demo 0.1.0 > bar 1.0.0 > foo 1.0.100"]);
    // Its own requirement keeps the one place for compatible versions, and the report says so.
    assert!(answer.is_kept_out);
    let keeper = answer.packages[0].kept_by.as_ref().expect("a requirement of its own");
    assert_eq!((keeper.path.as_str(), keeper.line, keeper.requirement.as_str()), ("Cargo.toml", 8, "=1.0.100"));
    let answer = asked(
        "foo@>=0.9",
        "[dependencies]\nbar = \"=1.0.0\"\nfoo = \"=1.0.100\"\n",
        &locked.replace("100", "1"),
        Status::Has,
    );
    assert!(!answer.is_kept_out);
    // One that admits more than compatible versions can make room.
    let answer = check("[dependencies]\nbar = \"=1.0.0\"\nfoo = \">=0.9, <1.0.150\"\n", locked, Status::MayGet);
    assert!(!answer.is_kept_out);
}

#[test]
fn manifests_out_of_sight_are_in_between_too() {
    let locked = "demo 0.1.0 -> bar\nbar 1.0.0 -> foo\nfoo 1.0.100 crates-io";
    check("[dependencies]\nbar = { path = \"../bar\" }\n", locked, Status::MayGet);
    // Within the repository, its requirement is at hand.
    let mut files = demo("[dependencies]\nbar = { path = \"bar\" }\n", locked);
    files.push(("bar/Cargo.toml", package("bar", "[dependencies]\nfoo = \"=1.0.100\"\n").replace("0.1.0", "1.0.0")));
    assert_eq!(answer(QUERY, &files).status, Status::Held);
}

/// A package of the repository's own says nothing of the registry's that has its name.
#[test]
fn a_package_in_between_is_no_other_of_its_name() {
    let locked = "demo 0.1.0 -> bar\nbar 1.0.0 crates-io -> foo\nfoo 1.0.100 crates-io";
    let mut files = demo("[dependencies]\nbar = \"=1.0.0\"\n", locked);
    files.push(("bar/Cargo.toml", package("bar", "[workspace]\n")));
    assert_eq!(answer(QUERY, &files).status, Status::MayGet);
}

#[test]
fn pre_releases_are_admitted_as_cargo_admits_them() {
    let locked = "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io";
    asked("foo@1.1.0-rc.1", "[dependencies]\nfoo = \"1\"\n", locked, Status::Held);
    asked("foo@1.1.0-rc.1", "[dependencies]\nfoo = \">=1, <1.1.0-rc.2\"\n", locked, Status::Held);
    asked("foo@1.1.0-rc.1", "[dependencies]\nfoo = \">=1.0.0, <1.1.0-rc.2\"\n", locked, Status::WouldGet);
    asked(
        "foo@1.1.0-rc.2",
        "[dependencies]\nfoo = \"1.1.0-rc.1\"\n",
        "demo 0.1.0 -> foo\nfoo 1.1.0-rc.1 crates-io",
        Status::WouldGet,
    );
    // A range that is asked for has what lies between its bounds.
    asked("foo@>=1.1, <1.2.1", "", "demo 0.1.0\nfoo 1.2.0-rc.1 crates-io", Status::Has);
}

#[test]
fn ranges_are_compared_exactly() {
    let locked = "demo 0.1.0 -> foo\nfoo 2.0.9 crates-io";
    asked("foo@>=2.1, <2.1.4", "[dependencies]\nfoo = \"2\"\n", locked, Status::WouldGet);
    asked("foo@>=2.1, <2.1.4", "[dependencies]\nfoo = \"~2.0\"\n", locked, Status::Held);
    asked("foo@>=2.1, <2.1.4", "[dependencies]\nfoo = \"=2.1.4\"\n", "", Status::Held);
    asked("foo@>=2.1, <2.1.4", "[dependencies]\nfoo = \">2.1.2, <3\"\n", "", Status::WouldGet);
    asked("foo@>=2.1, <2.1.4", "[dependencies]\nfoo = \">2.1.3, <3\"\n", "", Status::Held);
    asked("foo", "[dependencies]\nfoo = \"2\"\n", locked, Status::Has);
    asked("foo@*", "[dependencies]\nfoo = \"=2.0.9\"\n", "", Status::WouldGet);
    asked("foo@2.0", "[dependencies]\nfoo = \"2\"\n", locked, Status::Has);
}

#[test]
fn build_metadata_is_no_other_release() {
    asked("foo@1.0.200", "", "demo 0.1.0\nfoo 1.0.200+1.2.3 crates-io", Status::Has);
    asked("foo@1.0.200+x", "", "demo 0.1.0\nfoo 1.0.200 crates-io", Status::Has);
}

#[test]
fn another_source_is_said_and_counts() {
    let git = format!("git+https://example.com/foo?branch=main#{COMMIT}");
    let answer = check(
        "[dependencies]\nfoo = { git = \"https://example.com/foo\", branch = \"main\" }\n",
        &format!("demo 0.1.0 -> foo\nfoo 1.0.200 {git}"),
        Status::Has,
    );
    assert_eq!(answer.packages[0].source.as_deref(), Some(git.as_str()));
    let registry = "[dependencies]\nfoo = { version = \"1\", registry-index = \"https://example.com/index\" }\n";
    check(registry, "demo 0.1.0 -> foo\nfoo 1.0.200 registry+https://example.com/index", Status::Has);
    check(registry, "demo 0.1.0 -> foo\nfoo 1.0.100 registry+https://example.com/index", Status::WouldGet);
    // A package of the repository's own.
    asked("demo@0.1.0", "", "demo 0.1.0", Status::Has);
    asked("demo@0.2.0", "", "demo 0.1.0", Status::Held);
}

#[test]
fn a_branch_may_come_to_it_and_a_commit_does_not() {
    let on = |reference: &str, query: &str| {
        let manifest = format!("[dependencies]\nfoo = {{ git = \"https://example.com/foo\", {reference} }}\n");
        (manifest, format!("demo 0.1.0 -> foo\nfoo 1.0.100 git+https://example.com/foo?{query}#{COMMIT}"))
    };
    let (manifest, locked) = on("branch = \"main\"", "branch=main");
    check(&manifest, &locked, Status::MayGet);
    asked("foo@2.0.0", &manifest, &locked, Status::Held);
    check(&manifest, "", Status::MayGet);
    let (manifest, locked) = on(&format!("rev = \"{COMMIT}\""), &format!("rev={COMMIT}"));
    check(&manifest, &locked, Status::Held);
    let (manifest, locked) = on("tag = \"v1.0.100\"", "tag=v1.0.100");
    check(&manifest, &locked, Status::Held);
}

/// Cargo prefers a patch as long as it satisfies the requirement.
#[test]
fn what_is_patched_stays_so() {
    let patch = |source: &str| format!("[dependencies]\nfoo = \"1\"\n[patch.crates-io]\nfoo = {{ {source} }}\n");
    let mut files = demo(&patch("path = \"foo\""), "demo 0.1.0 -> foo\nfoo 1.0.100");
    files.push(("foo/Cargo.toml", package("foo", "").replace("0.1.0", "1.0.100")));
    assert_eq!(answer(QUERY, &files).status, Status::Held);
    let git = |reference: &str, query: &str| {
        let manifest = patch(&format!("git = \"https://example.com/foo\", {reference}"));
        (manifest, format!("demo 0.1.0 -> foo\nfoo 1.0.100 git+https://example.com/foo?{query}#{COMMIT}"))
    };
    let (manifest, locked) = git("branch = \"main\"", "branch=main");
    check(&manifest, &locked, Status::MayGet);
    let (manifest, locked) = git(&format!("rev = \"{COMMIT}\""), &format!("rev={COMMIT}"));
    check(&manifest, &locked, Status::Held);
}

#[test]
fn a_workspace_s_entry_counts_through_its_users() {
    let root = |requirement: &str| {
        format!("[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\nfoo = \"{requirement}\"\n")
    };
    let app = |uses: &str| package("app", &format!("[dependencies]\n{uses}\n"));
    let files = |requirement: &str, uses: &str, locked: &str| {
        vec![("Cargo.toml", root(requirement)), ("app/Cargo.toml", app(uses)), ("Cargo.lock", lock(locked))]
    };
    let locked = "app 0.1.0 -> foo\nfoo 1.0.100 crates-io";
    assert_eq!(answer(QUERY, &files("1", "foo.workspace = true", locked)).status, Status::WouldGet);
    assert_eq!(answer(QUERY, &files("=1.0.100", "foo.workspace = true", locked)).status, Status::Held);
    // One that no member uses reaches no build.
    assert_eq!(answer(QUERY, &files("1", "", "app 0.1.0")).status, Status::Held);
    let has = answer(QUERY, &files("1", "foo.workspace = true", "app 0.1.0 -> foo\nfoo 1.0.200 crates-io"));
    assert_eq!(chains(&has), ["normal: app 0.1.0 > foo 1.0.200"]);
}

#[test]
fn a_repository_is_what_the_worst_of_its_workspaces_is() {
    let manifest =
        |requirement: &str| package("demo", &format!("[workspace]\n[dependencies]\nfoo = \"{requirement}\"\n"));
    let locked = |version: &str| lock(&format!("demo 0.1.0 -> foo\nfoo {version} crates-io"));
    let mut files = vec![
        ("held/Cargo.toml", manifest("=1.0.100")),
        ("held/Cargo.lock", locked("1.0.100")),
        ("unknown/Cargo.toml", package("demo", "[workspace]\n[dependencies]\nbar = \"1\"\n")),
    ];
    assert_eq!(answer(QUERY, &files).status, Status::Unknown);
    let between = lock("demo 0.1.0 -> bar\nbar 1.0.0 crates-io -> foo\nfoo 1.0.100 crates-io");
    files.push(("may/Cargo.toml", package("demo", "[workspace]\n[dependencies]\nbar = \"1\"\n")));
    files.push(("may/Cargo.lock", between));
    assert_eq!(answer(QUERY, &files).status, Status::MayGet);
    files.push(("would/Cargo.toml", manifest("1")));
    files.push(("would/Cargo.lock", locked("1.0.100")));
    assert_eq!(answer(QUERY, &files).status, Status::WouldGet);
    files.push(("has/Cargo.toml", manifest("1")));
    files.push(("has/Cargo.lock", locked("1.0.200")));
    let has = answer(QUERY, &files);
    assert_eq!(has.status, Status::Has);
    assert_eq!(has.packages[0].lockfile, "has/Cargo.lock");
    // What could not be told is said of it all the same.
    assert_eq!(has.unclear.len(), 1);
}

#[test]
fn a_lockfile_that_no_workspace_has_is_read_too() {
    let has = answer(QUERY, &[("nix/Cargo.lock", lock("app 1.0.0 -> foo\nfoo 1.0.200 crates-io"))]);
    assert_eq!((has.status, chains(&has)), (Status::Has, vec!["none: app 1.0.0 > foo 1.0.200".to_owned()]));
    // Nothing here ever updates it.
    let other = answer(
        QUERY,
        &[("nix/Cargo.lock", lock("app 1.0.0 -> bar\nbar 1.0.0 crates-io -> foo\nfoo 1.0.100 crates-io"))],
    );
    assert_eq!(other.status, Status::Held);
}

#[test]
fn what_is_left_out_by_default_is_counted() {
    let files = [
        ("fixtures/old/Cargo.toml", package("old", "[dependencies]\nfoo = \"1\"\n")),
        ("fixtures/old/Cargo.lock", lock("old 0.1.0 -> foo\nfoo 1.0.200 crates-io")),
    ];
    let answer = answer(QUERY, &files);
    assert_eq!((answer.status, answer.skipped), (Status::Absent, 1));
}

#[test]
fn old_lockfiles_are_read() {
    let source = crate::support::CRATES_IO;
    let locked = format!(
        "[root]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\n \"foo 1.0.200 ({source})\",\n]\n\n\
         [[package]]\nname = \"foo\"\nversion = \"1.0.200\"\nsource = \"{source}\"\n\n[metadata]\n"
    );
    let mut files = demo("[dependencies]\nfoo = \"1\"\n", "");
    files.push(("Cargo.lock", locked));
    let has = answer(QUERY, &files);
    assert_eq!((has.status, chains(&has)), (Status::Has, vec!["normal: demo 0.1.0 > foo 1.0.200".to_owned()]));
}

#[test]
fn what_cannot_be_read_is_never_taken_as_well() {
    let conflict = "version = 4\n\n<<<<<<< HEAD\n=======\n>>>>>>> topic\n".to_owned();
    let mut files = demo("[dependencies]\nbar = \"1\"\n", "");
    files.push(("Cargo.lock", conflict.clone()));
    let unknown = answer(QUERY, &files);
    assert_eq!(unknown.status, Status::Unknown);
    assert!(unknown.unclear[0].starts_with("Cargo.lock:3: "), "{:?}", unknown.unclear);
    // What is certain stays so.
    let mut files = demo("[dependencies]\nfoo = \"1\"\n", "");
    files.push(("Cargo.lock", conflict));
    assert_eq!(answer(QUERY, &files).status, Status::WouldGet);
    let broken = answer(QUERY, &[("Cargo.toml", "[package\n".to_owned())]);
    assert_eq!(broken.status, Status::Unknown);
    check("[dependencies]\nfoo = \"banana\"\n", "demo 0.1.0", Status::Unknown);
    check("[dependencies]\nfoo = { verison = \"1\" }\n", "demo 0.1.0", Status::Unknown);
    // No toolchain file says anything of crates.
    let mut files = demo("", "demo 0.1.0");
    files.push(("rust-toolchain.toml", "[toolchain\n".to_owned()));
    assert_eq!(answer(QUERY, &files).status, Status::Absent);
}

#[test]
fn names_that_a_registry_takes_as_one_are_one() {
    asked("serde-json@1.0.1", "", "demo 0.1.0\nserde_json 1.0.1 crates-io", Status::Has);
}
