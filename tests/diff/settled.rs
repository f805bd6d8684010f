//! What is the same on both sides is not read, and that must not show.

use crate::support::{COMMIT, Repo, package};
use crate::{declarations, diff};

const STEPS: &str = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ";

#[test]
fn what_differs_is_told_beside_files_that_stay_as_they_are() {
    let workflow = |uses: &str| format!("{STEPS}{uses}\n");
    let repo = Repo::new()
        .file(".github/workflows/a.yml", workflow("actions/checkout@v4"))
        .file(".github/workflows/b.yml", workflow("actions/cache@v4"))
        .file("Dockerfile", "FROM node:20\n")
        .file("package.json", "{\"dependencies\": {\"left\": \"^1.0.0\"}}")
        .file("web/package.json", "{\"dependencies\": {\"right\": \"^1.0.0\"}}")
        .git();
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
    repo.write(".github/workflows/a.yml", workflow(&format!("actions/checkout@{COMMIT}")));
    repo.write("web/package.json", "{\"dependencies\": {\"right\": \"1.0.3\"}}");
    assert_eq!(
        declarations(&diff(&repo)),
        [format!("tightened actions/checkout v4 {COMMIT}"), "tightened right ^1.0.0 1.0.3".to_owned()]
    );
}

#[test]
fn a_lockfile_alone_changes_no_declaration() {
    let lock = |version: &str| {
        format!(
            "{{\"lockfileVersion\": 3, \"packages\": {{\"\": {{\"dependencies\": {{\"left\": \"^1.0.0\"}}}}, \
             \"node_modules/left\": {{\"version\": \"{version}\", \"integrity\": \"sha512-AA==\"}}}}}}"
        )
    };
    let repo = Repo::new()
        .file("package.json", "{\"dependencies\": {\"left\": \"^1.0.0\"}}")
        .file("package-lock.json", lock("1.0.0"))
        .git();
    repo.write("package-lock.json", lock("1.0.1"));
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
}

/// A workspace whose members are claimed in every way, beside packages that stand alone: each path with its manifest.
fn manifests() -> Vec<(&'static str, String)> {
    let member = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n{rest}")
    };
    let root = "[workspace]\nmembers = [\"named\", \"crates/*\", \"tests/claimed/sub\"]\nexclude = [\"alone\"]\n\n[workspace.dependencies]\n\
                a = \"1\"\nby-path = { path = \"crates/one/by-path\" }\n";
    vec![
        ("Cargo.toml", root.to_owned()),
        ("named/Cargo.toml", member("named", "a.workspace = true\nb = \"1\"\nby-path.workspace = true\n")),
        ("crates/one/Cargo.toml", member("one", "a = \"1.0\"\n")),
        ("crates/one/by-path/Cargo.toml", member("by-path", "b = \"=1.0.0\"\n")),
        (
            "crates/two/Cargo.toml",
            member("two", "one = { path = \"../one\" }\nb = { version = \"1\", optional = true }\n"),
        ),
        ("tests/claimed/sub/Cargo.toml", member("claimed", "a = \"2\"\n")),
        ("tests/data/sub/Cargo.toml", member("data", "a = \"3\"\n")),
        ("alone/Cargo.toml", member("alone", "a = \"1\"\n")),
        ("alone/inner/Cargo.toml", member("inner", "b = \"1\"\n")),
        ("crates/refused/inner/Cargo.toml", member("refused", "b = \"4\"\n")),
        ("other/Cargo.toml", format!("[workspace]\n\n{}", member("other", "a = \"1\"\n"))),
        ("other/below/Cargo.toml", member("below", "b = \"1\"\n")),
    ]
}

/// What is changed, each as a file, a text in it and what it becomes.
const EDITS: [(&str, &str, &str); 25] = [
    ("Cargo.toml", "a = \"1\"", "a = \"=1.0.0\""),
    ("Cargo.toml", "\"crates/*\", ", ""),
    ("Cargo.toml", "\"alone\"", "\"alone\", \"named\""),
    ("Cargo.toml", "by-path = {", "two = { path = \"crates/two\" }\nby-path = {"),
    ("named/Cargo.toml", "b = \"1\"", "b = \"=1.0.0\""),
    ("named/Cargo.toml", "a.workspace = true", "a = \"1.1\""),
    ("named/Cargo.toml", "a.workspace = true", "gone.workspace = true"),
    ("named/Cargo.toml", "by-path.workspace = true\n", ""),
    ("crates/one/Cargo.toml", "a = \"1.0\"", "a.workspace = true"),
    ("crates/one/Cargo.toml", "a = \"1.0\"", "a = { version = \"1.0\", path = \"../../alone\" }"),
    ("crates/one/Cargo.toml", "name = \"one\"", "name = \"uno\""),
    ("crates/one/by-path/Cargo.toml", "b = \"=1.0.0\"", "b = \"1\""),
    ("crates/two/Cargo.toml", "optional = true", "optional = false"),
    ("crates/two/Cargo.toml", "b = { version = \"1\"", "b = { version = \"1.2\""),
    ("tests/claimed/sub/Cargo.toml", "a = \"2\"", "a = \"=2.0.0\""),
    ("tests/data/sub/Cargo.toml", "a = \"3\"", "a = \"=3.0.0\""),
    ("alone/Cargo.toml", "a = \"1\"", "a = \"=1.0.0\""),
    ("alone/inner/Cargo.toml", "b = \"1\"", "b = \"<\""),
    ("crates/refused/inner/Cargo.toml", "b = \"4\"", "b = \"=4.0.0\""),
    ("other/below/Cargo.toml", "b = \"1\"", "b = \"=1.0.0\""),
    // Who belongs to whom is said elsewhere, or cannot be read.
    ("crates/one/Cargo.toml", "name = \"one\"", "name = \"one\"\nworkspace = \"../../other\""),
    ("alone/Cargo.toml", "name = \"alone\"", "name = \"alone\"\nworkspace = \"../other\""),
    ("named/Cargo.toml", "[dependencies]", "[dependencies"),
    ("tests/data/sub/Cargo.toml", "a = \"3\"", "a = \"3\"\n[workspace]"),
    ("Cargo.toml", "\"tests/claimed/sub\"", "\"tests/*/sub\""),
];

/// Cargo's configuration that changes has every manifest read. Whatever else changes, that must make no difference.
#[test]
fn manifests_that_are_not_read_make_no_difference() {
    let locked = |version: &str, sum: &str| {
        let sum = sum.repeat(64);
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        format!(
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{sum}\"\n"
        )
    };
    let mut repo = Repo::new().file(".cargo/config.toml", "# one\n").file("other/Cargo.lock", locked("1.0.1", "a"));
    for lock in ["Cargo.lock", "alone/Cargo.lock", "named/Cargo.lock"] {
        repo = repo.file(lock, locked("1.0.0", "a"));
    }
    for (path, manifest) in manifests() {
        repo = repo.file(path, manifest);
    }
    let repo = repo.git();
    let mut told = std::collections::BTreeSet::new();
    for (number, &first) in EDITS.iter().enumerate() {
        for second in [first, EDITS[(number + 7) % EDITS.len()]] {
            let files: std::collections::BTreeSet<&str> = [first.0, second.0].into();
            let manifests = manifests();
            for path in files {
                let mut text = manifests.iter().find(|(at, _)| *at == path).expect("it is there").1.clone();
                for (_, from, to) in [first, second].iter().filter(|(at, ..)| *at == path) {
                    text = text.replace(from, to);
                }
                repo.write(path, text);
            }
            // The checksum is another than that of the same release in a lockfile that stays.
            repo.write("Cargo.lock", locked("1.0.1", if number % 2 == 0 { "b" } else { "a" }));
            let part = repo.run(&["diff", "HEAD", "--format", "json"]).stdout;
            repo.write(".cargo/config.toml", "# two\n");
            let whole = repo.run(&["diff", "HEAD", "--format", "json"]).stdout;
            assert_eq!(part, whole, "{first:?} {second:?}");
            told.extend(declarations(&serde_json::from_str(&part).expect("it is JSON")));
            repo.run_git(&["checkout", "--quiet", "."]);
        }
    }
    // Files that come, go or move.
    let moves: [(&[&str], &[&str]); 8] = [
        (&["tests/data/sub/Cargo.toml"], &["tests/data/moved/Cargo.toml"]),
        (&["crates/refused/inner/Cargo.toml"], &["crates/three/Cargo.toml"]),
        (&["crates/two/Cargo.toml"], &["crates/one/two/Cargo.toml"]),
        (&["crates/refused/inner/Cargo.toml"], &[]),
        (&[], &["crates/three/Cargo.toml"]),
        (&["named/Cargo.lock"], &[]),
        (&["named/Cargo.lock"], &["crates/two/Cargo.lock"]),
        (&["alone/Cargo.lock"], &["alone/inner/Cargo.lock"]),
    ];
    for (gone, new) in moves {
        let text = |path: &str| {
            let like = gone.first().copied().unwrap_or("crates/two/Cargo.toml");
            repo.git_output(&["show", &format!("HEAD:{like}")])
                + if path.ends_with("toml") { "\na = \"5\"\n" } else { "\n" }
        };
        for path in new {
            repo.write(path, text(path));
        }
        for path in gone {
            std::fs::remove_file(repo.root().join(path)).expect("it is there");
        }
        let part = repo.run(&["diff", "HEAD", "--format", "json"]).stdout;
        repo.write(".cargo/config.toml", "# two\n");
        let whole = repo.run(&["diff", "HEAD", "--format", "json"]).stdout;
        assert_eq!(part, whole, "{gone:?} {new:?}");
        told.extend(declarations(&serde_json::from_str(&part).expect("it is JSON")));
        repo.run_git(&["checkout", "--quiet", "."]);
        repo.run_git(&["clean", "--quiet", "--force", "-d"]);
    }
    assert!(told.len() > 10, "what is compared is not next to nothing: {told:?}");
}

/// Where nothing of what is read changed, there was something to compare all the same.
#[test]
fn what_is_not_read_is_something_to_compare() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = \"1\"\n"))
        .file("README.md", "")
        .git();
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
    repo.write("README.md", "more");
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
    // The lockfile of a member is nobody's.
    repo.write("one/Cargo.lock", "version = 4\n");
    repo.commit();
    repo.write("one/Cargo.lock", "version = 3\n");
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
}

/// What is left out stays so though it changed, where it stands alone.
#[test]
fn what_is_left_out_and_changed_is_not_told() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"))
        .file("tests/data/Cargo.toml", package("data", "[dependencies]\na = \"1\"\n"))
        .file("other/Cargo.toml", package("other", "[dependencies]\na = \"1\"\n"))
        .git();
    repo.write("tests/data/Cargo.toml", package("data", "[dependencies]\na = \"2\"\n"));
    assert_eq!(declarations(&diff(&repo)), [""; 0]);
    repo.write("Cargo.toml", package("demo", "[dependencies]\na = \"2\"\n"));
    assert_eq!(declarations(&diff(&repo)), ["changed a 1 2"]);
}

/// No file changed but a link, which leads to another one now, while one more still leads to what it led to.
#[test]
#[cfg(unix)]
fn a_manifest_that_is_a_link_is_told_by_what_it_leads_to() {
    let repo = Repo::new()
        .file("one.toml", package("demo", "[dependencies]\na = \"1\"\n"))
        .file("two.toml", package("demo", "[dependencies]\na = \"2\"\n"))
        .link("a/Cargo.toml", "../one.toml")
        .link("b/Cargo.toml", "../one.toml")
        .git();
    std::fs::remove_file(repo.root().join("b/Cargo.toml")).expect("it is there");
    let repo = repo.link("b/Cargo.toml", "../two.toml");
    assert_eq!(declarations(&diff(&repo)), ["removed a 1 -", "added a - 2"]);
}

/// Cargo's configuration patches what it likes, and no manifest or lockfile beside it changed.
#[test]
fn a_patch_in_a_configuration_is_told() {
    let patch =
        |branch: &str| format!("[patch.crates-io]\na = {{ git = \"https://example.com/a\", branch = \"{branch}\" }}\n");
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"))
        .file("two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\n"))
        .file(".cargo/config.toml", patch("one"))
        .git();
    repo.write(".cargo/config.toml", patch("two"));
    assert_eq!(declarations(&diff(&repo)), ["changed a one two"]);
}

/// What cannot be read on either side is said, though the rest of its workspace stays as it is.
#[test]
fn a_manifest_that_is_broken_on_both_sides_is_said() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", ""))
        .file("two/Cargo.toml", package("two", "[dependencies\n"))
        .git();
    repo.write("two/Cargo.toml", package("two", "[dependencies\na = \"1\"\n"));
    let found = diff(&repo);
    assert_eq!(
        (&found["unread"][0]["path"], &found["unread"][0]["side"]),
        (&"two/Cargo.toml".into(), &"before".into())
    );
}
