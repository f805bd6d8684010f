//! What is the same on both sides is not read, and that must not show.

use crate::support::{COMMIT, Repo};
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
