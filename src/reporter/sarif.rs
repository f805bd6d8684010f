//! For code scanning: SARIF 2.1.0, as GitHub reads it. The official schema is `tests/schemas/sarif-2.1.0.json`.
//!
//! What an exception or the baseline lets pass is left out. Under a comparison every finding of today is here, those that the base
//! has as well as `unchanged`: a result that is missing is closed as mended.

pub(super) mod log;

use std::io::{self, Write};

use log::{
    Artifact, Change, Configuration, Content, Descriptor, Documentation, Driver, Fingerprints, Invocation, Location,
    Log, Mending, Notification, Outcome, Physical, Properties, Provenance, Region, Replacement, RuleProperties, Run,
    Text, Tool,
};

use super::audit::{self, Item, ItemFix, ItemPlace, Items};
use super::{Report, escape, plural};
use crate::policy::finding::Level;
use crate::policy::rule::Rule;
use crate::policy::rules::RULES;

/// Where the form of a log is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths are relative to: where it is, the reader knows.
const ROOT: &str = "%SRCROOT%";

/// The most results of one run that GitHub accepts.
const MOST: usize = 25_000;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    super::json::write(&log(&results(report), Vec::from_iter(report.looser()), MOST), out)
}

/// Writes the log of one row of an audit: `notes` is what its reader has to know.
pub(super) fn row(
    items: Vec<Item>,
    notes: Vec<String>,
    origin: Option<Provenance<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let results: Vec<(Item, Option<&'static str>)> = items.into_iter().map(|item| (item, None)).collect();
    let mut log = log(&results, notes, MOST);
    log.runs[0].version_control_provenance.extend(origin);
    super::json::write(&log, out)
}

/// Every finding of today, with its state under a comparison.
fn results(report: &Report<'_>) -> Vec<(Item, Option<&'static str>)> {
    let items = Items::new(report.scan);
    let state = |at| report.comparison.map(|_| if at < report.findings.len() { "new" } else { "unchanged" });
    report.current().enumerate().map(|(at, finding)| (items.of(finding), state(at))).collect()
}

/// The log with at most `most` results.
fn log<'a>(results: &'a [(Item, Option<&'static str>)], mut notes: Vec<String>, most: usize) -> Log<'a> {
    let all = results.len();
    let mut kept: Vec<&(Item, Option<&'static str>)> = results.iter().collect();
    if all > most {
        kept.sort_by_key(|(item, _)| item.level != Level::Deny.name());
        kept.truncate(most);
        notes.push(format!("{}: only {most} of them are here, those that fail the run first", plural(all, "finding")));
    }
    let note = |note: String| Notification { level: "warning", message: text(&escape(&note)) };
    let invocation =
        Invocation { execution_successful: true, tool_execution_notifications: notes.into_iter().map(note).collect() };
    let results = kept.into_iter().map(|(item, state)| outcome(item, *state)).collect();
    let run = Run {
        tool: Tool { driver: driver() },
        invocations: [invocation],
        version_control_provenance: Vec::new(),
        column_kind: "unicodeCodePoints",
        results,
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn driver() -> Driver {
    let homepage = env!("CARGO_PKG_REPOSITORY");
    Driver {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: (!homepage.is_empty()).then_some(homepage),
        rules: RULES.iter().map(|rule| descriptor(rule)).collect(),
    }
}

fn descriptor(rule: &Rule) -> Descriptor {
    Descriptor {
        id: rule.id,
        short_description: text(rule.summary),
        full_description: text(rule.what),
        help: Documentation { text: help(rule, false), markdown: help(rule, true) },
        default_configuration: Configuration { level: level(rule.level) },
        properties: RuleProperties {
            tags: ["security", "supply-chain"],
            precision: "very-high",
            severity: if rule.level == Level::Deny { "error" } else { "warning" },
        },
    }
}

/// A rule's documentation; its example is a file before and after.
fn help(rule: &Rule, markdown: bool) -> String {
    let title = |title: &str| if markdown { format!("**{title}**") } else { format!("{title}:") };
    let block = |code: &str| {
        let code = code.trim_end();
        if markdown { format!("```\n{code}\n```") } else { code.to_owned() }
    };
    let file = |what: &str| format!("{what} ({})", rule.example.file);
    let parts = [
        rule.what.to_owned(),
        title("Why this is bad"),
        rule.why.to_owned(),
        title(&file("Fails")),
        block(rule.example.fails),
        title(&file("Passes")),
        block(rule.example.passes),
        title("When to allow it"),
        rule.allow.to_owned(),
    ];
    parts.join("\n\n")
}

fn artifact(path: &str) -> Artifact {
    Artifact { uri: uri(path), uri_base_id: ROOT }
}

fn region(region: &audit::Region) -> Region {
    Region {
        start_line: region.line,
        start_column: region.column,
        end_line: region.end_line,
        end_column: region.end_column,
    }
}

fn location(path: &str, at: &audit::Region, message: Option<Text>) -> Location {
    Location { physical_location: Physical { artifact_location: artifact(path), region: region(at) }, message }
}

fn outcome<'a>(item: &'a Item, baseline_state: Option<&'static str>) -> Outcome<'a> {
    let by_policy = |place: &ItemPlace| location(&place.path, &place.region, Some(text("set by the policy here")));
    let sentence = match &item.help {
        Some(help) => escape(&format!("{}; {help}", item.message)),
        None => escape(&item.message),
    };
    Outcome {
        rule_id: &item.rule,
        rule_index: RULES.iter().position(|rule| rule.id == item.rule),
        level: if item.level == Level::Deny.name() { level(Level::Deny) } else { level(Level::Warn) },
        baseline_state,
        message: Text { text: unlinked(sentence) },
        locations: [location(&item.path, &item.region, None)],
        related_locations: item.policy.iter().map(by_policy).collect(),
        partial_fingerprints: Fingerprints { github: item.fingerprint.clone(), own: item.fingerprint.clone() },
        fixes: item.fix.iter().map(mending).collect(),
        properties: properties(item),
    }
}

fn mending(fix: &ItemFix) -> Mending<'_> {
    let mut files: Vec<&str> = Vec::new();
    for (place, _) in &fix.edits {
        if !files.contains(&place.path.as_str()) {
            files.push(&place.path);
        }
    }
    let change = |file: &str| {
        let edits = fix.edits.iter().filter(|(place, _)| place.path == file);
        Change {
            artifact_location: artifact(file),
            replacements: edits
                .map(|(place, text)| Replacement {
                    deleted_region: region(&place.region),
                    inserted_content: Content { text },
                })
                .collect(),
        }
    };
    Mending {
        description: Text { text: unlinked(escape(&fix.title)) },
        artifact_changes: files.into_iter().map(change).collect(),
    }
}

fn properties(item: &Item) -> Properties<'_> {
    Properties {
        surface: &item.surface,
        name: &item.name,
        requirement: item.requirement.as_deref(),
        pin: item.pin.as_deref(),
        required: item.required.clone(),
        locked: item.locked.as_deref(),
    }
}

fn text(text: &str) -> Text {
    Text { text: text.to_owned() }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "none",
    }
}

/// A message's text in which nothing is a link: `[words](target)` is one, in plain text too, unless its brackets are escaped.
fn unlinked(text: String) -> String {
    if !text.contains("](") {
        return text;
    }
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::Comparison;
    use crate::reporter::sample::{judged, report};
    use crate::text::Span;

    /// The run of a log that the official schema takes, as JSON.
    fn run(report: &Report<'_>, most: usize) -> serde_json::Value {
        let results = results(report);
        let log = log(&results, Vec::from_iter(report.looser()), most);
        let log = serde_json::to_value(log).expect("a log is JSON");
        let schema = serde_json::from_str(include_str!("../../tests/schemas/sarif-2.1.0.json"));
        let schema = jsonschema::validator_for(&schema.expect("the schema is JSON")).expect("the schema is one");
        assert_eq!(schema.validate(&log).map_err(|error| error.to_string()), Ok(()));
        log["runs"][0].clone()
    }

    /// Each result as what a key path says of it.
    fn each(run: &serde_json::Value, pointer: &str) -> Vec<String> {
        let results = run["results"].as_array().expect("a list").iter();
        results.map(|result| result.pointer(pointer).and_then(|text| text.as_str()).unwrap_or("").to_owned()).collect()
    }

    #[test]
    fn a_comparison_carries_every_finding_of_today_with_its_state() {
        let (scan, findings) = judged(3);
        let (revision, base, loosened) = ("main", "0", ["`unpinned-crate` was `deny`\u{1b}".to_owned()]);
        let (moved, known) = (&findings[1..2], &findings[2..]);
        let comparison = Comparison { revision, base, moved, known, loosened: &loosened, unaccepted: 0 };
        let compared = run(&report(&scan, &findings[..1], Some(comparison)), MOST);
        assert_eq!(each(&compared, "/properties/name"), ["a0", "a1", "a2"]);
        assert_eq!(each(&compared, "/baselineState"), ["new", "unchanged", "unchanged"]);
        let notes = &compared["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(notes.as_array().map(Vec::len), Some(1));
        let note = "the policy is looser than that of main: `unpinned-crate` was `deny`\\u{1b}";
        assert_eq!(notes[0]["message"]["text"], note);
        assert_eq!(notes[0]["level"], "warning");
        let alone = run(&report(&scan, &findings, None), MOST);
        assert_eq!(each(&alone, "/baselineState"), ["", "", ""]);
        assert!(alone["invocations"][0]["toolExecutionNotifications"].is_null());
    }

    #[test]
    fn of_too_many_findings_those_that_fail_the_run_are_kept() {
        let (scan, mut findings) = judged(3);
        findings[0].level = Level::Warn;
        let cut = run(&report(&scan, &findings, None), 2);
        assert_eq!(each(&cut, "/properties/name"), ["a1", "a2"]);
        let note = &cut["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert_eq!(note, "3 findings: only 2 of them are here, those that fail the run first");
        assert_eq!(each(&run(&report(&scan, &findings, None), 3), "/properties/name"), ["a0", "a1", "a2"]);
    }

    #[test]
    fn a_line_of_the_policy_is_a_related_place() {
        let (mut scan, mut findings) = judged(3);
        let policy = scan.files.add("pinned.toml".to_owned(), "[rules]\nunpinned-crate = \"deny\"\n".to_owned());
        findings[1].policy = Some(Span::new(policy, 25..31));
        let run = run(&report(&scan, &findings, None), MOST);
        assert_eq!(each(&run, "/relatedLocations/0/message/text"), ["", "set by the policy here", ""]);
        let place = &run["results"][1]["relatedLocations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "pinned.toml");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&2.into(), &18.into()));
    }

    #[test]
    fn text_is_no_link_and_a_path_is_a_uri() {
        assert_eq!(unlinked("`[patch]` (is) [this] way".to_owned()), "`[patch]` (is) [this] way");
        assert_eq!(unlinked("[a](b) \\".to_owned()), "\\[a\\](b) \\\\");
        assert_eq!(uri("a b/ü:%#?/c.toml"), "a%20b/%C3%BC%3A%25%23%3F/c.toml");
    }
}
