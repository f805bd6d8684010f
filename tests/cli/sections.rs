//! The report for people where there is more than Cargo's: by surface, then by file.

use snapbox::str;

use crate::support::{Repo, package};

#[test]
fn what_is_about_one_surface_stands_together() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"))
        .file(".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    container: node\n    steps:\n      - uses: b/c@v1\n      - run: pip install d\n")
        .file("z/package.json", "{\"dependencies\": {\"e\": \"^1.0.0\"}}\n");
    repo.command(&["check", "--allow", "lock-missing"]).assert().code(1).stdout_eq(str![[r#"
── Cargo: 1 finding ────────────────────────────────────────────────────────────
Cargo.toml
  7:6    unpinned-crate   a = "1"        range
── actions: 1 finding ──────────────────────────────────────────────────────────
.github/workflows/ci.yml
  7:19   unpinned-action  b/c@v1         tag
── images: 1 finding ───────────────────────────────────────────────────────────
.github/workflows/ci.yml
  5:16   unpinned-image   node           latest
── npm: 1 finding ──────────────────────────────────────────────────────────────
z/package.json
  1:25   unpinned-npm     "e": "^1.0.0"  range
── tools and builds in scripts: 1 finding ──────────────────────────────────────
.github/workflows/ci.yml
  8:26   unpinned-tool    d              latest

5 findings (5 deny) in 3 files; 0 of 5 declarations pinned

"#]]);
    // With one surface there is nothing to tell apart.
    let alone = repo.run(&["check", "--surface", "action"]).stdout;
    assert!(alone.starts_with(".github/workflows/ci.yml\n"), "{alone}");
}
