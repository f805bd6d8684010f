//! The format `gitlab`: valid by GitLab's documentation, and it says what the JSON report says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Repo, Report};
use crate::{fixtures, hostile_names, positions};

/// A valid report, each issue with the finding of the JSON report of the same run that it is.
#[track_caller]
fn pairs(repo: &Repo, schema: &jsonschema::Validator) -> Vec<(Value, Value)> {
    let (Report(json), text) = fixtures::reports(repo, "gitlab");
    let issues: Value = serde_json::from_str(&text).expect("the report is JSON");
    if let Err(error) = schema.validate(&issues) {
        panic!("the schema refuses the report at {}: {error}", error.instance_path());
    }
    let (findings, issues) = (json["findings"].as_array().expect("a list"), issues.as_array().expect("a list"));
    assert_eq!(issues.len(), findings.len(), "as many issues as findings");
    let fingerprints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(fingerprints.len(), issues.len(), "GitLab keeps one issue a fingerprint");
    findings.iter().cloned().zip(issues.iter().cloned()).collect()
}

#[track_caller]
fn agrees(finding: &Value, issue: &Value) {
    assert_eq!(issue["check_name"], finding["rule"]);
    assert_eq!(issue["severity"], if finding["level"] == "deny" { "major" } else { "minor" });
    assert_eq!(issue["location"]["path"], finding["path"]);
    assert_eq!(issue["location"]["lines"]["begin"], finding["start"]["line"]);
    assert_eq!(issue["fingerprint"], finding["fingerprint"]);
}

#[test]
fn every_fixture_is_valid_and_agrees_with_the_json_report() {
    let schema = fixtures::schema("gitlab-code-quality.json");
    let mut count = 0;
    for (name, repo) in fixtures::all() {
        for (finding, issue) in pairs(&repo, &schema) {
            count += 1;
            agrees(&finding, &issue);
            let description = issue["description"].as_str().expect("a string");
            for key in ["message", "help"] {
                let said = finding[key].as_str().unwrap_or_default();
                assert!(description.contains(said), "{name}: {description}");
            }
        }
    }
    assert!(count > 50, "{count} findings");
}

#[test]
fn a_run_without_findings_is_an_empty_list() {
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0 -> a\na 1.0.0 crates-io");
    let (_, text) = fixtures::reports(&repo, "gitlab");
    assert_eq!(text, "[]\n");
}

#[test]
fn lines_are_those_of_an_editor() {
    let (repo, places) = positions::repo();
    let pairs = pairs(&repo, &fixtures::schema("gitlab-code-quality.json"));
    for place in places {
        let (_, issue) = pairs.iter().find(|(finding, _)| finding["name"] == place.name).expect("an issue");
        assert_eq!(issue["location"]["lines"]["begin"], place.line, "{}", place.name);
    }
}

#[test]
fn hostile_names_are_data() {
    let pairs = pairs(&hostile_names::repo_of_all(), &fixtures::schema("gitlab-code-quality.json"));
    let mut found = Vec::new();
    for (finding, issue) in &pairs {
        agrees(finding, issue);
        let description = issue["description"].as_str().expect("a string");
        hostile_names::nothing_raw(description);
        let name = finding["name"].as_str().expect("a string");
        if finding["rule"] == "unpinned-crate" {
            assert!(description.contains(&hostile_names::shown(name)), "{name:?}: {description:?}");
        }
        found.push(name);
    }
    for name in hostile_names::names() {
        assert!(found.contains(&name.as_str()), "{name:?}");
    }
}
