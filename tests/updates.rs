//! The configuration of update bots in docs/updates.md: Dependabot's against its schema, both against what the page promises.
//!
//! Renovate's own validator, and Renovate itself, are asked by `.ci/updates.sh`.

use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

/// The first block of code in a language.
fn block(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/updates.md");
    let page = std::fs::read_to_string(path).expect("the page is there").replace("\r\n", "\n");
    let (_, rest) = page.split_once(&format!("```{language}\n")).expect("it has such a block");
    rest.split("```").next().unwrap_or_default().to_owned()
}

/// YAML as JSON, as far as such a configuration uses it.
fn yaml(text: &str) -> Value {
    fn value(events: &mut dyn Iterator<Item = Event<'_>>, first: Event<'_>) -> Value {
        let mut more = |end: Event<'_>| {
            let mut list = Vec::new();
            while let Some(event) = events.next().filter(|event| *event != end) {
                list.push(value(events, event));
            }
            list
        };
        match first {
            Event::Scalar(text, ScalarStyle::Plain, ..) => text.parse::<i64>().map_or(json!(text), Value::from),
            Event::Scalar(text, ..) => json!(text),
            Event::SequenceStart(..) => Value::Array(more(Event::SequenceEnd)),
            Event::MappingStart(..) => {
                let list = more(Event::MappingEnd);
                let pairs = list.chunks(2).map(|pair| (pair[0].as_str().expect("a key").to_owned(), pair[1].clone()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            other => panic!("{other:?} is not expected here"),
        }
    }
    let mut events = Parser::new_from_str(text).map(|event| event.expect("it is YAML").0);
    let is_frame = |event: &Event<'_>| matches!(event, Event::StreamStart | Event::DocumentStart(_));
    let first = events.find(|event| !is_frame(event)).expect("it is not empty");
    value(&mut events, first)
}

#[test]
fn dependabots_is_what_its_schema_takes_and_keeps_pins_exact() {
    let config = yaml(&block("yaml"));
    let schema: Value = serde_json::from_str(include_str!("schemas/dependabot-2.0.json")).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let errors: Vec<String> = schema.iter_errors(&config).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    let update = &config["updates"][0];
    assert_eq!((&update["package-ecosystem"], &update["versioning-strategy"]), (&json!("cargo"), &json!("increase")));
    assert_eq!(update["cooldown"]["default-days"], 3);
    assert_eq!(update["groups"]["serde"]["patterns"], json!(["serde", "serde_derive", "serde_core"]));
}

#[test]
fn renovates_moves_manifests_too_and_groups_the_same_packages() {
    let config: Value = serde_json::from_str(&block("json")).expect("it is JSON");
    let rules = config["packageRules"].as_array().expect("a list");
    assert!(rules.iter().all(|rule| rule["matchManagers"] == json!(["cargo"])), "{rules:?}");
    assert_eq!(rules[0]["rangeStrategy"], "pin");
    let groups: Vec<&Value> = rules[1..].iter().map(|rule| &rule["groupName"]).collect();
    let dependabot = yaml(&block("yaml"));
    let same: Vec<&String> = dependabot["updates"][0]["groups"].as_object().expect("groups").keys().collect();
    let mut groups: Vec<&str> = groups.iter().filter_map(|group| group.as_str()).collect();
    groups.sort_unstable();
    assert_eq!(groups, same);
    let days = dependabot["updates"][0]["cooldown"]["default-days"].as_i64().expect("a number");
    assert_eq!(config["minimumReleaseAge"], format!("{days} days"));
}
