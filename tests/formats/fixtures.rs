//! Every repository of `fixtures/`, and the reports of one run: the JSON report, which the others must agree with, and one more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Repo, Report, repository};

/// Every repository of `fixtures/`, by its path there, committed to a fresh git repository.
pub(crate) fn all() -> Vec<(String, Repo)> {
    let mut found = of_rules();
    found.extend(below(&repository().join("fixtures/cli")).iter().map(|case| committed(&case.join("in"))));
    assert!(found.len() > 30, "the fixtures are where this looks for them");
    found
}

/// What each rule passes, and what it finds something in.
pub(crate) fn of_rules() -> Vec<(String, Repo)> {
    let rules = below(&repository().join("fixtures/rules"));
    assert!(rules.len() >= 11, "the fixtures are where this looks for them");
    rules.iter().flat_map(|rule| ["pass", "fail"].map(|which| committed(&rule.join(which)))).collect()
}

fn committed(path: &Path) -> (String, Repo) {
    let name = path.strip_prefix(repository().join("fixtures")).expect("it is below").display().to_string();
    (name, Repo::copy_of(path).git())
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

/// A finding's place in the JSON report, as `path:line:column`.
pub(crate) fn place(finding: &serde_json::Value) -> String {
    let path = finding["path"].as_str().expect("a path");
    format!("{path}:{}:{}", finding["start"]["line"], finding["start"]["column"])
}

/// A JSON schema of `tests/schemas`, which checks formats such as URIs too.
pub(crate) fn schema(name: &str) -> jsonschema::Validator {
    let path = repository().join("tests/schemas").join(name);
    let schema = fs::read_to_string(path).expect("the schema is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
}
