//! The format `sarif`: valid by the official schema, and it says what the JSON report says.

use serde_json::Value;

use crate::support::{Repo, Report};
use crate::{fixtures, hostile_names, positions};

/// A valid log, and the JSON report of the same run.
#[track_caller]
fn log(repo: &Repo, schema: &jsonschema::Validator) -> (Report, Value) {
    let (json, text) = fixtures::reports(repo, "sarif");
    let log: Value = serde_json::from_str(&text).expect("SARIF is JSON");
    if let Err(error) = schema.validate(&log) {
        panic!("the schema refuses the log at {}: {error}", error.instance_path());
    }
    (json, log)
}

/// The results of a log, with the findings of the JSON report that they are.
fn pairs<'r>(json: &'r Report, log: &'r Value) -> Vec<(&'r Value, &'r Value)> {
    let results = log["runs"][0]["results"].as_array().expect("a list");
    assert_eq!(results.len(), json.list().len(), "as many results as findings");
    json.list().iter().zip(results).collect()
}

/// What a percent-encoded URI stands for.
fn decoded(uri: &str) -> String {
    assert!(uri.is_ascii() && !uri.contains(' '), "{uri:?}");
    let mut parts = uri.split('%');
    let mut bytes = parts.next().expect("there is a first part").as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits behind a %"));
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).expect("paths are UTF-8")
}

/// A region as line and column of its start, then of its end.
fn region(region: &Value) -> ((usize, usize), (usize, usize)) {
    let number = |key: &str| usize::try_from(region[key].as_u64().expect("a number")).expect("a small one");
    ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")))
}

#[track_caller]
fn agrees(finding: &Value, result: &Value, rules: &Value) {
    assert_eq!(result["ruleId"], finding["rule"]);
    let index = result["ruleIndex"].as_u64().and_then(|index| rules.get(usize::try_from(index).ok()?));
    assert_eq!(index.expect("a rule of the list")["id"], finding["rule"]);
    let level = if finding["level"] == "deny" { "error" } else { "warning" };
    assert_eq!(result["level"], level);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(decoded(place["artifactLocation"]["uri"].as_str().expect("a string")), finding["path"]);
    let at = |place: &Value| {
        let number = |key: &str| usize::try_from(place[key].as_u64().expect("a number")).expect("a small one");
        (number("line"), number("column"))
    };
    assert_eq!(region(&place["region"]), (at(&finding["start"]), at(&finding["end"])));
    assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], finding["fingerprint"]);
    assert_eq!(result["partialFingerprints"]["cargoPinned/v1"], finding["fingerprint"]);
    for key in ["surface", "name", "requirement", "pin", "required", "locked"] {
        assert_eq!(result["properties"][key], finding[key], "{key}");
    }
    assert_eq!(result["fixes"][0]["description"]["text"].is_string(), finding["fix"].is_object());
    assert!(result["baselineState"].is_null(), "nothing was compared");
}

#[test]
fn every_fixture_is_valid_and_agrees_with_the_json_report() {
    let schema = fixtures::schema("sarif-2.1.0.json");
    let mut count = 0;
    for (name, repo) in fixtures::all() {
        let (json, log) = log(&repo, &schema);
        let rules = &log["runs"][0]["tool"]["driver"]["rules"];
        for (finding, result) in pairs(&json, &log) {
            count += 1;
            let message = result["message"]["text"].as_str().expect("a string");
            assert!(message.starts_with(finding["message"].as_str().expect("a string")), "{name}: {message}");
            agrees(finding, result, rules);
        }
    }
    assert!(count > 50, "{count} findings");
}

#[test]
fn the_tool_and_its_rules_are_described() {
    let repo = Repo::demo("a = \"1\"", "demo 0.1.0 -> a\na 1.0.0 crates-io");
    let (_, log) = log(&repo, &fixtures::schema("sarif-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!((&driver["name"], &driver["version"]), (&"cargo-pinned".into(), &env!("CARGO_PKG_VERSION").into()));
    assert_eq!((&run["columnKind"], &log["version"]), (&"unicodeCodePoints".into(), &"2.1.0".into()));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let explained = Repo::new().run(&["explain"]).stdout;
    let ids: Vec<&str> = explained.lines().take_while(|line| !line.is_empty()).map(|line| &line[..20]).collect();
    let rules = driver["rules"].as_array().expect("a list");
    assert_eq!(rules.len(), ids.len());
    for (rule, id) in rules.iter().zip(ids) {
        assert_eq!(rule["id"], id.trim_end());
        for key in ["shortDescription", "fullDescription"] {
            let text = rule[key]["text"].as_str().expect("a string");
            assert!((10..=1024).contains(&text.len()), "{id}: GitHub shows at most 1,024 characters of {key}");
        }
        let help = rule["help"]["markdown"].as_str().expect("a string");
        assert!(help.contains("**Why this is bad**") && help.contains("**When to allow it**"), "{help}");
        assert_eq!(help.matches("```").count(), 4, "two examples: {help}");
    }
}

#[test]
fn what_an_exception_or_the_baseline_lets_pass_is_left_out() {
    let policy = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\nreason = \"a test of exceptions\"\n";
    let locked = "demo 0.1.0 -> a, b, c\na 1.0.0 crates-io\nb 1.0.0 crates-io\nc 1.0.0 crates-io";
    let repo = Repo::demo("a = \"1\"\nb = \"1\"\nc = \"1\"", locked).file("pinned.toml", policy);
    let schema = fixtures::schema("sarif-2.1.0.json");
    let names = |repo: &Repo| {
        let (json, log) = log(repo, &schema);
        let pairs = pairs(&json, &log);
        pairs.iter().map(|(_, result)| result["properties"]["name"].to_string()).collect::<Vec<_>>()
    };
    assert!(names(&repo).contains(&"\"b\"".to_owned()));
    assert!(!names(&repo).contains(&"\"a\"".to_owned()));
    assert_eq!(repo.run(&["baseline"]).code, 0);
    assert_eq!(names(&repo), [""; 0]);
}

#[test]
fn lines_and_columns_are_those_of_an_editor_and_fixes_apply_there() {
    let (repo, places) = positions::repo();
    let (_, log) = log(&repo, &fixtures::schema("sarif-2.1.0.json"));
    let results = log["runs"][0]["results"].as_array().expect("a list");
    let of = |name: &str| results.iter().find(|result| result["properties"]["name"] == name).expect("a result");
    let mut text = repo.read("Cargo.toml");
    for place in places.iter().rev() {
        let result = of(place.name);
        let expected = ((place.line, place.column), (place.line, place.end));
        assert_eq!(region(&result["locations"][0]["physicalLocation"]["region"]), expected, "{}", place.name);
        let change = &result["fixes"][0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "Cargo.toml");
        for replacement in change["replacements"].as_array().expect("a list") {
            let (from, to) = region(&replacement["deletedRegion"]);
            let with = replacement["insertedContent"]["text"].as_str().expect("a string");
            text = positions::replace(&text, from, to, with);
        }
    }
    assert_eq!(text, positions::pinned());
}

#[test]
fn hostile_names_are_data() {
    let (json, log) = log(&hostile_names::repo_of_all(), &fixtures::schema("sarif-2.1.0.json"));
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    let mut found = Vec::new();
    for (finding, result) in pairs(&json, &log) {
        agrees(finding, result, rules);
        let message = result["message"]["text"].as_str().expect("a string");
        hostile_names::nothing_raw(message);
        assert!(!message.replace("\\]", "").contains("]("), "no link: {message}");
        found.push(result["properties"]["name"].as_str().expect("a string").to_owned());
    }
    for name in hostile_names::names() {
        assert!(found.contains(&name), "{name:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_has_a_region() {
    let repo = Repo::new().file("Cargo.toml", b"\xff\xfe");
    let (json, log) = log(&repo, &fixtures::schema("sarif-2.1.0.json"));
    let pairs = pairs(&json, &log);
    assert_eq!(pairs[0].0["rule"], "unreadable-file");
    assert_eq!(region(&pairs[0].1["locations"][0]["physicalLocation"]["region"]), ((1, 1), (1, 1)));
}
