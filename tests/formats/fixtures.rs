//! Every repository of `fixtures/`, and the reports of one run: the JSON report, which the others must agree with, and one more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Repo, Report, repository};

/// Every repository of `fixtures/`, by its path there, committed to a fresh git repository.
pub(crate) fn all() -> Vec<(String, Repo)> {
    let fixtures = repository().join("fixtures");
    let mut found = Vec::new();
    for rule in below(&fixtures.join("rules")) {
        found.extend(["pass", "fail"].map(|which| rule.join(which)));
    }
    found.extend(below(&fixtures.join("cli")).into_iter().map(|case| case.join("in")));
    assert!(found.len() > 30, "the fixtures are where this looks for them");
    let name = |path: &Path| path.strip_prefix(&fixtures).expect("it is below").display().to_string();
    found.iter().map(|path| (name(path), Repo::copy_of(path).git())).collect()
}

fn below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the fixtures are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

/// The JSON report and the one in another format, of one run; standard output gets the same bytes as a file.
#[track_caller]
pub(crate) fn reports(repo: &Repo, format: &str) -> (Report, String) {
    let file = repo.outside().join("report");
    let output = format!("{format}={}", file.display());
    let json = repo.run(&["check", "--format", "json", "--output", &output]).report();
    let other = fs::read_to_string(file).expect("the report was written, and is text");
    let run = repo.run(&["check", "--format", format]);
    assert_eq!(run.stdout, other, "standard output and a file");
    assert_eq!(run.stderr, "", "nothing on standard error beside a report");
    (json, other)
}

/// A JSON schema of `tests/schemas`, which checks formats such as URIs too.
pub(crate) fn schema(name: &str) -> jsonschema::Validator {
    let path = repository().join("tests/schemas").join(name);
    let schema = fs::read_to_string(path).expect("the schema is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}
