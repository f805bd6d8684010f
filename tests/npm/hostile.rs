//! What a hostile repository may hold.

use crate::support::Repo;
use crate::{demo, lock};

/// The message of the one finding of `unreadable-file`.
#[track_caller]
fn unreadable(path: &str, content: impl AsRef<[u8]>, place: &str, message: &str) {
    let repo = Repo::new().file("package.json", "{}").file(path, content);
    let report = repo.check();
    let name = path.rsplit('/').next().expect("a name");
    assert_eq!(report.findings(), [format!("{path}:{place} unreadable-file {name}")]);
    assert!(report.messages().contains(message), "{}", report.messages());
}

#[test]
fn what_cannot_be_parsed_is_said_at_its_place() {
    unreadable("x/package.json", "{\n  \"a\" 1\n}", "2:7", "not valid JSON");
    unreadable("x/package.json", "[]", "1:1", "no object");
    unreadable("x/package.json", "{\n<<<<<<< HEAD\n}", "2:1", "unresolved merge conflict");
    unreadable("package-lock.json", "{\n  \"packages\": {", "2:15", "not a lockfile of npm");
    unreadable("yarn.lock", "a@1:\n>>>>>>> x\n", "2:1", "unresolved merge conflict");
    unreadable("pnpm-lock.yaml", "a: [\n", "2:1", "not a lockfile of pnpm");
    unreadable("bun.lock", "{,}", "1:2", "not valid JSON");
    unreadable("pnpm-workspace.yaml", "a: [\n", "2:1", "not valid YAML");
}

#[test]
fn a_template_of_a_manifest_and_an_empty_file_are_none() {
    let repo = Repo::new()
        .file("package.json", "{ \"packageManager\": \"npm@11.0.0\" }")
        .file("x/package.json", "{ {{#if a}} \"dependencies\": {} {{/if}} }")
        .file("y/package.json", " \n");
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn depth_and_size_end() {
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + "1" + &close.repeat(count);
    let repo = Repo::new()
        .file("package.json", format!("{{ \"overrides\": {} }}", deep("{ \"a\": ", "}", 400)))
        .file("a/package.json", deep("[", "]", 100_000))
        .file("b/package.json", "{}")
        .file("b/package-lock.json", format!("{{\"packages\": {{\"\": {} }}}}", deep("{\"a\":", "}", 100_000)))
        .file("c/package.json", "{}")
        .file("c/pnpm-lock.yaml", deep("[", "]", 10_000))
        .file("d/package.json", "{}")
        .file("d/pnpm-lock.yaml", "a: &a [x]\nimporters: {.: {dependencies: *a}}\n")
        .file("e/package.json", "{}")
        .file("e/bun.lock", deep("[", "]", 100_000));
    let report = repo.check();
    let mut found = report.findings();
    found.retain(|line| line.contains("unreadable-file"));
    let places: Vec<&str> = found.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(places, ["a/package.json", "b/package-lock.json", "c/pnpm-lock.yaml", "e/bun.lock", "package.json"]);
}

#[test]
fn what_is_no_text_is_read_and_not_written() {
    let mut locked = lock("{ \"dependencies\": { \"a\": \"^1\" } }", "node_modules/a 1.2.3").into_bytes();
    let at = locked.windows(9).position(|window| window == b"sha512-x\"").expect("it is there");
    locked[at + 7] = 0xff;
    let repo = demo("{ \"a\": \"^1\" }", "node_modules/a 1.2.3").file("package-lock.json", &locked);
    assert_eq!(repo.run(&["fix"]).code, 1);
    assert_eq!(std::fs::read(repo.root().join("package-lock.json")).expect("it is there"), locked);
}

#[test]
fn values_of_other_types_are_not_passed_over() {
    let repo = Repo::new()
        .file("package.json", "{ \"dependencies\": { \"a\": 1, \"b\": null, \"c\": {} }, \"devDependencies\": [\"d\"], \"overrides\": 3, \"workspaces\": 4, \"packageManager\": [], \"pnpm\": 5 }")
        .file("package-lock.json", "{}");
    assert_eq!(repo.check().findings().len(), 4, "{:?}", repo.findings());
}
