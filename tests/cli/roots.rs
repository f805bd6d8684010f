//! Which repository is judged, and what a PATH narrows the report to.

use snapbox::str;

use crate::support::{Repo, command, lock, package};

/// A workspace of two members: the first inherits what floats at the root, and both float themselves.
fn workspace() -> Repo {
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n\n[workspace.dependencies]\na = \"1\"\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na.workspace = true\nb = \"1\"\n"))
        .file("one/src/lib.rs", "")
        .file("two/Cargo.toml", package("two", "[dependencies]\nb = \"1\"\n"))
        .file("Cargo.lock", lock("a 1.0.1 crates-io\nb 1.0.2 crates-io\none 0.1.0 -> a, b\ntwo 0.1.0 -> b"))
}

const ALL: [&str; 3] =
    ["Cargo.toml:5:6 unpinned-crate a", "one/Cargo.toml:8:6 unpinned-crate b", "two/Cargo.toml:7:6 unpinned-crate b"];

#[track_caller]
fn reported(repo: &Repo, directory: &str, arguments: &[&str], expected: &[&str]) {
    let arguments = [&["check", "--format", "json"], arguments].concat();
    let report = repo.run_in(directory, &arguments).report();
    assert_eq!(report.findings(), expected);
    assert_eq!(report.0["snapshot"]["root"].as_str(), repo.root().to_str());
}

#[test]
fn from_a_member_the_whole_repository_is_judged() {
    let repo = workspace().git();
    reported(&repo, "one", &[], &ALL);
    reported(&repo, "one/src", &[], &ALL);
}

#[test]
fn a_path_narrows_the_report_and_not_the_judgement() {
    let repo = workspace().file("pinned.toml", "[rules]\nunpinned-crate = \"warn\"\n").git();
    for (directory, typed) in [("", "one"), ("one", "."), ("one", "Cargo.toml"), ("one/src", ".."), ("two", "../one")] {
        reported(&repo, directory, &[typed], &ALL[1..2]);
    }
    for (directory, typed) in [("", "one/Cargo.toml"), ("one", "Cargo.toml"), ("two", "../one/Cargo.toml")] {
        reported(&repo, directory, &["--manifest-path", typed], &ALL[1..2]);
    }
    reported(&repo, "", &["."], &ALL);
    // The root's policy and lockfile count: a warning, with the locked version as its fix.
    let report = repo.run_in("one", &["check", ".", "--format", "json"]).report();
    assert_eq!(report.0["summary"]["warn"], 1);
    assert_eq!(report.0["summary"]["declarations"], 1);
    assert_eq!(report.replacements(), ["=1.0.2"]);
}

#[test]
fn a_stale_lockfile_is_reported_with_the_member_that_it_is_about() {
    let repo = workspace().file("one/Cargo.toml", package("one", "[dependencies]\nc = \"=1.0.0\"\n")).git();
    let stale = |typed: &str| {
        let report = repo.run(&["check", typed, "--format", "json", "--surface", "lockfile"]).report();
        report.findings()
    };
    assert_eq!(stale("two"), [""; 0]);
    let expected = ["Cargo.lock:16:9 lock-stale c", "Cargo.lock:19:3 lock-stale a", "Cargo.lock:20:3 lock-stale b"];
    assert_eq!(stale("one"), expected);
}

#[test]
fn a_similar_name_is_not_below() {
    let repo = workspace().git();
    repo.write("one-more/Cargo.toml", package("one-more", "[workspace]\n[dependencies]\nc = \"1\"\n"));
    reported(&repo, "", &["one"], &ALL[1..2]);
}

#[test]
fn outside_of_git_the_workspace_that_claims_the_package_is_the_root() {
    let repo = workspace();
    reported(&repo, "one", &[], &ALL);
    reported(&repo, "one", &["."], &ALL[1..2]);
    reported(&repo, "one/src", &[], &ALL);
}

#[test]
fn outside_of_git_a_package_that_no_workspace_claims_is_its_own_root() {
    let repo = workspace().file("three/Cargo.toml", package("three", "[workspace]\n[dependencies]\nc = \"1\"\n"));
    let report = repo.run_in("three", &["check", "--format", "json"]).report();
    assert_eq!(report.0["snapshot"]["root"].as_str(), repo.root().join("three").to_str());
    assert_eq!(report.findings(), ["Cargo.toml:1:1 lock-missing three", "Cargo.toml:8:6 unpinned-crate c"]);
}

#[test]
fn a_root_can_be_named() {
    let repo = workspace().git();
    reported(&repo, "one", &["--root", ".."], &ALL);
    let outside = command(repo.outside(), &["check", "--root", "repo", "--format", "json"]);
    assert_eq!(crate::support::Run::new(outside).report().findings(), ALL);
    let inner = repo.run(&["check", "--root", "two", "--format", "json"]).report();
    assert_eq!(inner.findings(), ["Cargo.toml:1:1 lock-missing two", "Cargo.toml:7:6 unpinned-crate b"]);
    repo.command(&["--root", "lost"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: cannot find `lost`: No such file or directory (os error 2)

"#]]);
    repo.command(&["--root", "Cargo.toml"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: `[..]/repo/Cargo.toml` is not a directory

"#]]);
}

#[test]
fn a_path_below_no_root_is_refused() {
    let repo = workspace().git();
    repo.command(&["check", "--root", "one", "two"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: `[..]/repo/two` is not below the root `[..]/repo/one`

"#]]);
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let repo = workspace().git();
    repo.command(&["check", "lost"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: cannot find `lost`: No such file or directory (os error 2)

"#]]);
    repo.command(&["--manifest-path", "lost/Cargo.toml"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: cannot find `lost/Cargo.toml`: No such file or directory (os error 2)

"#]]);
    repo.command(&["--manifest-path", "Cargo.lock"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: `[..]/repo/Cargo.lock` is not a Cargo.toml

"#]]);
    let both = repo.run(&["check", "one", "--manifest-path", "two/Cargo.toml"]).error();
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn a_gate_that_guards_nothing_is_an_error() {
    Repo::new().command(&["check"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: nothing to check in `[..]/repo`

"#]]);
    workspace().git().command(&["check", "one/src"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: nothing to check in `[..]/repo/one/src`

"#]]);
    let skipped = Repo::new().file("vendor/a/Cargo.toml", package("a", "")).git();
    skipped.command(&["check"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: nothing to check in `[..]/repo` (1 skipped: --no-default-excludes includes them)

"#]]);
}

#[test]
fn files_that_declare_nothing_were_checked_all_the_same() {
    let cases = [
        ("index.html", "<script src=\"app.js\"></script>"),
        ("package.json", "{ \"name\": \"demo\" }"),
        ("requirements.txt", "# none yet\n"),
        ("Dockerfile", "FROM scratch\n"),
    ];
    for (path, text) in cases {
        let run = Repo::new().file(path, text).run(&["check"]);
        assert_eq!((run.code, run.stdout.as_str()), (0, "no findings; 0 of 0 declarations pinned\n"), "{path}");
    }
}

#[test]
fn a_root_below_the_top_of_a_work_tree_has_gits_word_for_its_files() {
    let repo = Repo::new()
        .file(".gitignore", "target/\nCargo.lock\n")
        .file("tests/data/app/Cargo.toml", package("app", "[dependencies]\na = \"1\"\n"))
        .file("tests/data/app/Cargo.lock", lock("a 1.0.1 crates-io\napp 0.1.0 -> a"))
        .git();
    // What git ignores is not there, below a root that is test data itself.
    repo.write("tests/data/app/target/package/b/Cargo.toml", package("b", "[dependencies]\na = \"1\"\n"));
    let report = repo.run(&["check", "--root", "tests/data/app", "--format", "json"]).report();
    assert_eq!(report.findings(), ["Cargo.lock:1:1 lock-uncommitted Cargo.lock", "Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(report.0["summary"]["skipped"], 0);
}

/// A finding about a lockfile names it, and so can whoever looks at that finding again.
#[test]
fn a_lockfile_can_be_named() {
    let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git();
    assert_eq!(repo.run(&["check", "Cargo.lock"]).code, 0);
    repo.write("Cargo.lock", repo.read("Cargo.lock").replace("1.0.1", "1.0.2"));
    let run = repo.run(&["check", "Cargo.lock"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("lock-stale"), "{}", run.stdout);
}

/// What a directory of links leads to is reported where it is: whoever names the links is told so.
#[test]
#[cfg(unix)]
fn a_directory_of_symbolic_links_names_what_is_not_followed() {
    let repo = Repo::new()
        .file("real/Cargo.toml", package("real", "[dependencies]\na = \"1\"\n"))
        .link("links/one", "../real")
        .git();
    for verb in ["check", "fix", "list"] {
        let error = repo.run(&[verb, "links"]).error();
        let said = "links`: the symbolic link `links/one` to `../real` is not followed, name what it leads to\n";
        assert!(error.ends_with(said), "{error}");
    }
    let repo =
        repo.link("links/two", "../real").link("links/three", "../real").link("links/Cargo.toml", "../real/Cargo.toml");
    let error = repo.run(&["check", "links"]).error();
    assert!(error.contains("`links/Cargo.toml` to `../real/Cargo.toml`, `links/one` to"), "{error}");
    assert!(error.ends_with(" and 1 more are not followed, name what they lead to\n"), "{error}");
    assert_eq!(repo.run(&["check", "links/one"]).code, 1);
}

/// What PATH narrows is what the verb does.
#[test]
fn the_help_says_what_a_path_narrows() {
    let repo = Repo::new();
    for (verb, does) in [("check", "Report"), ("list", "Report"), ("fix", "Pin"), ("baseline", "Accept")] {
        let help = repo.run(&[verb, "--help"]).stdout;
        assert!(
            help.contains(&format!("{does} only what is in this file or directory; the root still rules")),
            "{help}"
        );
        assert!(does == "Report" || !help.contains("Report only"), "{help}");
    }
}
