//! What a fix writes: the version in the manifest and wherever the lockfile repeats what is written there.

use crate::support::Repo;
use crate::{demo, lock};

fn fix(repo: &Repo) -> i32 {
    repo.run(&["fix"]).code
}

#[test]
fn manifest_and_lockfile_are_pinned_together_and_nothing_else_changes() {
    for line_end in ["\n", "\r\n"] {
        let text = |a: &str, x: &str| {
            format!("\u{feff}{{\n\t\"dependencies\" : {{ \"a\":\"{a}\" ,\n \"x\": \"{x}\" }} // why\n}}")
                .replace('\n', line_end)
        };
        let locked = |a: &str, x: &str| {
            lock(
                &format!("{{ \"dependencies\": {{ \"a\": \"{a}\", \"x\": \"{x}\" }} }}"),
                "node_modules/a 1.2.3\nnode_modules/x 2.0.0",
            )
        };
        let repo = Repo::new()
            .file("package.json", text("^1", "npm:@s/y@~2"))
            .file("package-lock.json", locked("^1", "npm:@s/y@~2"));
        assert_eq!(fix(&repo), 0);
        assert_eq!(repo.read("package.json"), text("1.2.3", "npm:@s/y@2.0.0"));
        assert_eq!(repo.read("package-lock.json"), locked("1.2.3", "npm:@s/y@2.0.0"));
        assert_eq!(repo.findings(), [""; 0]);
    }
}

#[test]
fn what_the_lockfile_knows_otherwise_is_not_pinned() {
    let repo = demo("{ \"a\": \"^1\" }", "node_modules/a 1.2.3");
    repo.write("package.json", "{ \"dependencies\": { \"a\": \"^2\" } }");
    assert_eq!(fix(&repo), 1);
    assert_eq!(repo.read("package.json"), "{ \"dependencies\": { \"a\": \"^2\" } }");
    assert!(repo.check().messages().contains("the lockfile holds nothing for it"));
}

/// npm refuses a direct dependency that is not as its override says.
#[test]
fn what_is_overridden_is_left_to_people() {
    let manifest = "{ \"dependencies\": { \"a\": \"^1\" }, \"overrides\": { \"a\": \"^1\" } }";
    let repo = demo("{ \"a\": \"^1\" }", "node_modules/a 1.2.3").file("package.json", manifest);
    assert_eq!(fix(&repo), 1);
    assert_eq!(repo.read("package.json"), manifest);
}

#[test]
fn with_yarn_the_version_is_named_and_nothing_written() {
    let manifest = "{ \"dependencies\": { \"a\": \"^1\" } }";
    let repo = Repo::new().file("package.json", manifest).file("yarn.lock", "a@^1:\n  version \"1.2.3\"\n");
    assert_eq!(fix(&repo), 1);
    assert_eq!(repo.read("package.json"), manifest);
    assert!(
        repo.check().messages().contains("write `1.2.3`, which the lockfile holds, and bring that along by an install")
    );
}

#[test]
fn a_version_that_is_none_is_never_written() {
    let repo = demo("{ \"a\": \"^1\" }", "node_modules/a 1.2.3\\\", \\\"b\\\": \\\"*");
    assert_eq!(fix(&repo), 1);
    assert_eq!(repo.read("package.json"), "{ \"name\": \"demo\", \"dependencies\": { \"a\": \"^1\" } }");
}

/// pnpm quotes what YAML would take for a number, which an exact version never is.
#[test]
fn what_pnpm_repeats_is_written_as_pnpm_writes_it() {
    let locked = |root: &str, catalog: &str| {
        format!(
            "lockfileVersion: '9.0'\n\ncatalogs:\n  default:\n    c:\n      specifier: {catalog}\n      version: 5.1.0\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: {root}\n        version: 1.1.0\n      c:\n        specifier: 'catalog:'\n        version: 5.1.0\n"
        )
    };
    let repo = Repo::new()
        .file("package.json", "{ \"dependencies\": { \"a\": \"1\", \"c\": \"catalog:\" } }")
        .file("pnpm-workspace.yaml", "catalog:\n  c: '5'\n")
        .file("pnpm-lock.yaml", locked("'1'", "^5"));
    assert_eq!(fix(&repo), 1, "the lockfile knows the catalog's entry by another specifier");
    assert_eq!(repo.read("pnpm-lock.yaml"), locked("1.1.0", "^5"));
    repo.write("pnpm-lock.yaml", locked("1.1.0", "'5'"));
    assert_eq!(fix(&repo), 0);
    assert_eq!(repo.read("pnpm-lock.yaml"), locked("1.1.0", "5.1.0"));
    assert_eq!(repo.read("pnpm-workspace.yaml"), "catalog:\n  c: '5.1.0'\n");
}

/// A merge can leave a lockfile whose packages are not what its own root asks for.
#[test]
fn what_the_manifest_does_not_admit_is_never_written() {
    let repo = demo("{ \"a\": \"^2\" }", "node_modules/a 1.2.3");
    assert_eq!(fix(&repo), 1);
    assert_eq!(repo.read("package.json"), "{ \"name\": \"demo\", \"dependencies\": { \"a\": \"^2\" } }");
}
