//! The format `junit`: valid by the schema of Jenkins' xUnit plugin, and it says what the JSON report says.

use std::fs;

use serde_json::Value;

use crate::support::{Repo, Report, repository};
use crate::{fixtures, hostile_names, positions};

/// A case, as a viewer of test results would show it.
#[derive(Debug, PartialEq)]
struct Case {
    suite: String,
    name: String,
    class: String,
    /// `failure` or `skipped` with its type, message and text; nothing for a case that passes.
    status: Option<(String, String, String, String)>,
}

/// A report, valid by the schema, and the JSON report of the same run.
#[track_caller]
fn report(repo: &Repo) -> (Report, String) {
    let (json, text) = fixtures::reports(repo, "junit");
    if let Err(errors) = validate(&text) {
        panic!("the schema refuses the report: {errors}");
    }
    (json, text)
}

/// Whether the schema takes a document.
fn validate(text: &str) -> Result<(), String> {
    let schema = fs::read_to_string(repository().join("tests/schemas/junit-10.xsd")).expect("the schema is there");
    let schema = uppsala::parse(&schema).expect("the schema is XML");
    let validator = uppsala::XsdValidator::from_schema(&schema).expect("the schema is one");
    let document = uppsala::parse(text).map_err(|error| error.to_string())?;
    let errors: Vec<String> = validator.validate(&document).iter().map(ToString::to_string).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// The cases of a report, whose counts are right.
fn cases(text: &str) -> Vec<Case> {
    let document = uppsala::parse(text).expect("the report is XML");
    let root = document.document_element().expect("it has a root");
    let attribute =
        |node, key: &str| document.get_attribute(node, key).unwrap_or_else(|| panic!("no `{key}`")).to_owned();
    let children = |node, name: Option<&str>| -> Vec<uppsala::NodeId> {
        let named = |child: &uppsala::NodeId| {
            document.element(*child).is_some_and(|element| name.is_none_or(|name| element.name.matches(None, name)))
        };
        document.children(node).into_iter().filter(named).collect()
    };
    let mut cases = Vec::new();
    let mut failures = 0;
    for suite in children(root, None) {
        let name = attribute(suite, "name");
        let before = cases.len();
        for case in children(suite, Some("testcase")) {
            let status = children(case, None).first().map(|status| {
                let element = document.element(*status).expect("an element").name.local_name.clone().into_owned();
                let text = document.text_content_deep(*status);
                (element, attribute(*status, "type"), attribute(*status, "message"), text)
            });
            let class = attribute(case, "classname");
            cases.push(Case { suite: name.clone(), name: attribute(case, "name"), class, status });
        }
        let new = &cases[before..];
        let of =
            |kind: &str| new.iter().filter(|case| case.status.as_ref().is_some_and(|status| status.0 == kind)).count();
        let count = |key: &str| attribute(suite, key).parse().unwrap_or(usize::MAX);
        assert_eq!((count("tests"), count("failures"), count("skipped")), (new.len(), of("failure"), of("skipped")));
        failures += of("failure");
    }
    let count = |key: &str| attribute(root, key).parse().ok();
    assert_eq!((count("tests"), count("failures")), (Some(cases.len()), Some(failures)));
    cases
}

/// The case that a finding is: text that XML cannot hold is shown escaped.
fn case(finding: &Value) -> Case {
    let shown = |key: &str| {
        let text = hostile_names::shown(finding[key].as_str().expect("a string"));
        text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
    };
    let (rule, path, message) = (shown("rule"), shown("path"), shown("message"));
    let place = format!("{}:{}", finding["start"]["line"], finding["start"]["column"]);
    let help = if finding["help"].is_null() { String::new() } else { format!("\nhelp: {}", shown("help")) };
    let kind = if finding["level"] == "deny" { "failure" } else { "skipped" };
    Case {
        suite: path.clone(),
        name: format!("{rule}: {} ({place})", shown("name")),
        class: path.clone(),
        status: Some((kind.to_owned(), rule, message.clone(), format!("{path}:{place}\n{message}{help}"))),
    }
}

#[track_caller]
fn agrees(json: &Report, text: &str) {
    let expected: Vec<Case> = json.list().iter().map(case).collect();
    assert_eq!(cases(text), expected);
}

#[test]
fn every_fixture_is_valid_and_agrees_with_the_json_report() {
    let (mut failures, mut skipped) = (0, 0);
    for (_, repo) in fixtures::all() {
        let (json, text) = report(&repo);
        if json.list().is_empty() {
            assert_eq!(cases(&text).len(), 1);
        } else {
            agrees(&json, &text);
        }
        failures += text.matches("<failure ").count();
        skipped += text.matches("<skipped ").count();
    }
    assert!(failures > 50 && skipped > 2, "{failures} failures, {skipped} skipped");
}

/// The validator is not one that takes everything.
#[test]
fn the_schema_refuses_what_is_not_junit() {
    let (_, text) = report(&Repo::demo("a = \"1\"", "demo 0.1.0 -> a\na 1.0.0 crates-io"));
    for (is, becomes) in [
        ("<testsuites ", "<testsuites skipped=\"0\" "),
        (" tests=\"1\" skipped", " skipped"),
        ("<testcase name=", "<testcase title="),
        ("failure", "fault"),
        ("</testsuites>", "<testcase name=\"a\"/></testsuites>"),
    ] {
        assert!(text.contains(is), "{is}: {text}");
        assert!(validate(&text.replace(is, becomes)).is_err(), "{becomes}");
    }
}

#[test]
fn a_run_without_findings_is_one_case_that_passes() {
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0 -> a\na 1.0.0 crates-io");
    let (_, text) = report(&repo);
    let name = "no findings in 1 declaration".to_owned();
    let suite = "cargo-pinned".to_owned();
    assert_eq!(cases(&text), [Case { suite: suite.clone(), name, class: suite, status: None }]);
}

#[test]
fn a_comparison_without_new_findings_says_so() {
    let repo = Repo::demo("a = \"1\"", "demo 0.1.0 -> a\na 1.0.0 crates-io").git();
    let run = repo.run(&["check", "--base", "HEAD", "--format", "junit"]);
    let names: Vec<String> = cases(&run.stdout).into_iter().map(|case| case.name).collect();
    assert_eq!((run.code, names), (0, vec!["no new findings in 1 declaration".to_owned()]));
}

#[test]
fn places_are_those_of_an_editor() {
    let (repo, places) = positions::repo();
    let (json, text) = report(&repo);
    agrees(&json, &text);
    let cases = cases(&text);
    for place in places {
        let name = format!("unpinned-crate: {} ({}:{})", place.name, place.line, place.column);
        assert!(cases.iter().any(|case| case.name == name), "{name}: {cases:?}");
    }
}

#[test]
fn hostile_names_are_data() {
    let (json, text) = report(&hostile_names::repo_of_all());
    agrees(&json, &text);
    hostile_names::nothing_raw(&text);
    let red = "\\u{1b}[31mred\\u{1b}[0m";
    let cases = cases(&text);
    assert!(cases.iter().any(|case| case.name.starts_with(&format!("unpinned-crate: {red} ("))), "{red}");
    assert!(cases.iter().any(|case| case.class == format!("below/{red}/Cargo.toml")), "{red}");
    for name in hostile_names::names() {
        assert!(json.list().iter().any(|finding| finding["name"] == name.as_str()), "{name:?}");
    }
}
