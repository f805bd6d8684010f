//! `diff`: what a change of pins brings in, in real git repositories.

#[path = "../support/mod.rs"]
mod support;

mod declarations;
mod ends;
mod history;
#[path = "../formats/hostile_names.rs"]
#[allow(dead_code, reason = "the names alone are used here")]
mod hostile_names;
mod packages;
mod reports;
mod settled;
mod surfaces;

use serde_json::Value;
use support::{Repo, Run};

/// The JSON diff of a run, valid by the schema; the exit code agrees with it.
#[track_caller]
fn json(run: Run) -> Value {
    let Run { code, stdout, stderr } = run;
    let json: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {stderr}"));
    let schema = std::fs::read_to_string(support::repository().join("schemas/diff-v1.json")).expect("it is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    if let Err(error) = validator.validate(&json) {
        panic!("the schema refuses the diff at {}: {error}", error.instance_path());
    }
    let expected = match (&json["summary"]["checksum_changed"], &json["summary"]["unread"]) {
        (alarms, _) if *alarms != 0 => 1,
        (_, unread) if *unread != 0 => 2,
        _ => 0,
    };
    assert_eq!((code, stderr.as_str()), (expected, ""));
    json
}

/// The diff of HEAD and the working tree.
#[track_caller]
fn diff(repo: &Repo) -> Value {
    json(repo.run(&["diff", "HEAD", "--format", "json"]))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("-")
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().expect("a list")
}

/// The packages that differ, each as `kind name before after`, those of one's own behind a star.
fn packages(diff: &Value) -> Vec<String> {
    let workspaces = list(diff, "workspaces").iter();
    let lines = workspaces.flat_map(|workspace| {
        let line = |star: &'static str| {
            move |change: &Value| {
                let version = |side: &str| text(&change[side], "version").to_owned();
                let (kind, name) = (text(change, "kind"), text(change, "name"));
                format!("{star}{kind} {name} {} {}", version("before"), version("after"))
            }
        };
        let own: Vec<String> = list(workspace, "own").iter().map(line("*")).collect();
        list(workspace, "packages").iter().map(line("")).chain(own)
    });
    lines.collect()
}

/// The declarations that differ, each as `kind name before after`: requirement or reference.
fn declarations(diff: &Value) -> Vec<String> {
    let line = |change: &Value| {
        let said = |side: &str| {
            let declared = &change[side];
            let keys = ["branch", "tag", "rev", "requirement"];
            let found = keys.iter().find_map(|key| declared[*key].as_str());
            found.unwrap_or(if declared.is_null() { "-" } else { "none" }).to_owned()
        };
        format!("{} {} {} {}", text(change, "kind"), text(change, "name"), said("before"), said("after"))
    };
    list(diff, "declarations").iter().map(line).collect()
}
