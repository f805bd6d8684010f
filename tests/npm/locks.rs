//! What each lockfile holds a declaration to.

use serde_json::Value;

use crate::support::Repo;
use crate::{demo, lock};

/// Each declaration of `list` as `file name locked verified`, of those that are locked.
#[track_caller]
fn check(repo: &Repo, expected: &[&str]) {
    let run = repo.run(&["list", "--format", "json"]);
    let json: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let rows = json["declarations"].as_array().expect("a list").iter();
    let line = |row: &Value| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let version = text(&row["locked"])?;
        Some(format!("{} {} {version}", text(&row["path"])?, text(&row["name"])?))
    };
    assert_eq!(rows.filter_map(line).collect::<Vec<_>>(), expected, "{}", run.stdout);
}

#[test]
fn npm_looks_from_the_package_upwards() {
    let root = "{ \"dependencies\": { \"a\": \"^1\" } }";
    let member = "{ \"name\": \"p\", \"dependencies\": { \"a\": \"^2\", \"b\": \"^3\", \"q\": \"^1\" } }";
    let packages =
        "node_modules/a 1.1.0\np/node_modules/a 2.2.0\nnode_modules/b 3.3.0\nnode_modules/z/node_modules/b 9.0.0";
    let locked = lock(root, packages).replace(
        "  }\n}",
        &format!(
            ",\n    \"p\": {member},\n    \"node_modules/q\": {{ \"resolved\": \"q\", \"link\": true }}\n  }}\n}}"
        ),
    );
    let repo = Repo::new()
        .file("package.json", "{ \"workspaces\": [\"p\", \"q\"], \"dependencies\": { \"a\": \"^1\" } }")
        .file("p/package.json", member)
        .file("q/package.json", "{ \"name\": \"q\", \"version\": \"1.0.0\" }")
        .file("package-lock.json", locked);
    check(&repo, &["p/package.json a 2.2.0", "p/package.json b 3.3.0", "package.json a 1.1.0"]);
    assert!(!repo.findings().iter().any(|line| line.ends_with(" q")), "a package of one's own is pinned by its commit");
}

#[test]
fn the_first_version_of_npm_holds_what_the_range_admits() {
    let repo = Repo::new()
        .file("package.json", "{ \"dependencies\": { \"a\": \"^1\", \"b\": \"^2\" } }")
        .file("package-lock.json", "{ \"lockfileVersion\": 1, \"dependencies\": { \"a\": { \"version\": \"1.5.0\", \"integrity\": \"sha1-x\" }, \"b\": { \"version\": \"1.0.0\" } } }");
    check(&repo, &["package.json a 1.5.0"]);
}

/// pnpm and Yarn write what the root takes in the place of a specifier, and not the specifier.
#[test]
fn what_is_taken_in_its_place_holds_a_declaration() {
    let manifest = |table: &str| format!("{{ \"dependencies\": {{ \"a\": \"^1.0.0\", \"b\": \"^1.0.0\" }}, {table} }}");
    let pnpm = "lockfileVersion: '9.0'\n\noverrides:\n  a: 1.2.0\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: 1.2.0\n        version: 1.2.0\n\npackages:\n\n  a@1.2.0:\n    resolution: {integrity: sha512-x}\n";
    let yarn = "__metadata:\n  version: 8\n\n\"a@npm:1.2.0\":\n  version: 1.2.0\n  resolution: \"a@npm:1.2.0\"\n  checksum: 10c0/ab\n  languageName: node\n  linkType: hard\n";
    let in_place = "\"a\": \"1.2.0\", \"b@2\": \"1.0.0\"";
    for (name, text, table) in [
        ("pnpm-lock.yaml", pnpm, format!("\"pnpm\": {{ \"overrides\": {{ {in_place} }} }}")),
        ("yarn.lock", yarn, format!("\"resolutions\": {{ {in_place} }}")),
    ] {
        let repo = Repo::new().file("package.json", manifest(&table)).file(name, text);
        check(&repo, &["package.json a 1.2.0"]);
        repo.write("pinned.toml", "[rules]\nunpinned-npm = { require = \"locked\" }\n");
        let found = repo.findings().into_iter().filter(|line| line.contains("npm")).collect::<Vec<_>>();
        assert_eq!(found.len(), 1, "only what the lockfile does not have: {found:?}");
        repo.write("pinned.toml", "");
        repo.run(&["fix", "--no-verify"]);
        assert_eq!(repo.read("package.json"), manifest(&table), "an install has to go with it");
    }
}

#[test]
fn a_binary_lockfile_is_there_and_not_read() {
    let repo = Repo::new()
        .file("package.json", "{ \"workspaces\": [\"p\"], \"dependencies\": { \"a\": \"^1.0.0\" } }")
        .file("p/package.json", "{ \"name\": \"p\", \"dependencies\": { \"b\": \"^1.0.0\" } }")
        .file("bun.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\0\x01".as_slice());
    let report = repo.run(&["check", "--surface", "npm", "--format", "json"]).report();
    let found = report.list().iter().filter(|one| one["rule"] == "unpinned-npm");
    let is_said = |one: &Value| one["help"].as_str().is_some_and(|help| help.contains("bun.lockb"));
    assert_eq!(found.map(is_said).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn pnpm_holds_by_directory() {
    let repo = Repo::new()
        .file("package.json", "{ \"dependencies\": { \"a\": \"^1\", \"x\": \"npm:a@^2\" } }")
        .file("pnpm-workspace.yaml", "packages: [p]\ncatalog:\n  c: ^5\n")
        .file("p/package.json", "{ \"name\": \"p\", \"dependencies\": { \"a\": \"^2\", \"@s/b\": \"^3\", \"c\": \"catalog:\", \"d\": \"^4\" } }")
        .file("pnpm-lock.yaml", "lockfileVersion: '9.0'\n\ncatalogs:\n  default:\n    c:\n      specifier: ^5\n      version: 5.1.0\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.1.0(peer@1.0.0)\n      x:\n        specifier: npm:a@^2\n        version: a@2.2.0\n\n  p:\n    dependencies:\n      '@s/b':\n        specifier: ^3\n        version: 3.3.0\n      a:\n        specifier: ^2\n        version: 2.2.0\n      d:\n        specifier: ^3\n        version: 3.0.0\n\npackages:\n\n  '@s/b@3.3.0':\n    resolution: {integrity: sha512-x}\n\n  a@1.1.0:\n    resolution: {integrity: sha512-x}\n");
    check(
        &repo,
        &[
            "p/package.json a 2.2.0",
            "p/package.json @s/b 3.3.0",
            "package.json a 1.1.0",
            "package.json x 2.2.0",
            "pnpm-workspace.yaml c 5.1.0",
        ],
    );
    // What the lockfile knows by another specifier it does not hold, and what has no hash is not held either.
    repo.write("pinned.toml", "[rules]\nunpinned-npm = { require = \"locked\" }\n");
    assert_eq!(
        repo.findings(),
        [
            "p/package.json:1:40 unpinned-npm a",
            "p/package.json:1:82 unpinned-npm d",
            "package.json:1:38 unpinned-npm x",
            "pnpm-workspace.yaml:3:6 unpinned-npm c"
        ]
    );
}

#[test]
fn the_fifth_version_of_pnpm_has_specifiers_apart() {
    let repo = Repo::new()
        .file("package.json", "{ \"dependencies\": { \"@s/a\": \"^1\" } }")
        .file("pnpm-lock.yaml", "lockfileVersion: 5.4\nspecifiers:\n  '@s/a': ^1\ndependencies:\n  '@s/a': 1.1.0_peer@1.0.0\npackages:\n  /@s/a/1.1.0_peer@1.0.0:\n    resolution: {integrity: sha512-x}\n");
    check(&repo, &["package.json @s/a 1.1.0"]);
    repo.write("pinned.toml", "[rules]\nunpinned-npm = { require = \"locked\" }\n");
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn yarn_holds_by_what_is_asked() {
    let manifest = "{ \"dependencies\": { \"a\": \"^1\", \"@s/b\": \"^2 || ^3\", \"c\": \"^4\" } }";
    let old = "# yarn lockfile v1\n\n\"@s/b@^2 || ^3\":\n  version \"3.0.0\"\n  resolved \"https://example.com/b.tgz#3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345\"\n\na@^1, a@^1.1:\n  version \"1.2.0\"\n  integrity sha512-x\n  dependencies:\n    version \"9\"\n";
    let new = "__metadata:\n  version: 8\n\n\"@s/b@npm:^2 || ^3\":\n  version: 3.0.0\n  resolution: \"@s/b@npm:3.0.0\"\n  checksum: 10c0/x\n\n\"a@npm:^1, a@npm:^1.1\":\n  version: 1.2.0\n  resolution: \"a@npm:1.2.0\"\n  checksum: 10c0/x\n";
    for lockfile in [old, new] {
        let repo = Repo::new().file("package.json", manifest).file("yarn.lock", lockfile);
        check(&repo, &["package.json a 1.2.0", "package.json @s/b 3.0.0"]);
        repo.write("pinned.toml", "[rules]\nunpinned-npm = { require = \"locked\" }\n");
        assert_eq!(repo.findings(), ["package.json:1:58 unpinned-npm c"]);
    }
}

#[test]
fn bun_holds_by_name() {
    let repo = Repo::new()
        .file("package.json", "{ \"workspaces\": [\"p\"], \"dependencies\": { \"a\": \"^1\" } }")
        .file("p/package.json", "{ \"name\": \"p\", \"dependencies\": { \"a\": \"^2\" } }")
        .file("bun.lock", "{ \"workspaces\": { \"\": { \"dependencies\": { \"a\": \"^1\", }, }, \"p\": { \"name\": \"p\", \"dependencies\": { \"a\": \"^2\" } } }, \"packages\": { \"a\": [\"a@1.1.0\", \"\", {}, \"sha512-x\"], \"p/a\": [\"a@2.2.0\", \"\", {}, \"sha512-x\"], }, }");
    check(&repo, &["p/package.json a 2.2.0", "package.json a 1.1.0"]);
}

#[test]
fn a_range_passes_where_the_policy_takes_what_is_locked() {
    let repo = demo("{ \"a\": \"^1\", \"b\": \"^1\" }", "node_modules/a 1.2.3");
    repo.write("pinned.toml", "[rules]\nunpinned-npm = { require = \"locked\" }\n");
    assert_eq!(repo.findings(), ["package.json:1:54 unpinned-npm b"]);
}

#[test]
fn an_archive_is_held_by_the_hash_in_the_lockfile() {
    let url = "{ \"a\": \"https://example.com/a.tgz\" }";
    assert_eq!(demo(url, "node_modules/a 1.2.3").findings(), [""; 0]);
    assert_eq!(demo(url, "node_modules/b 1.2.3").findings(), ["package.json:1:43 unpinned-npm a"]);
}
