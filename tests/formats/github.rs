//! The format `github`, read as the runner reads it: line by line, `::` first, then the older `##[`.

use std::collections::BTreeMap;

use crate::fixtures;
use crate::hostile_names::{self, NAMES};
use crate::support::{Repo, lock, package};

/// A command that the runner would carry out.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// Reads what follows each `%` as the runner does; what it does not know stays.
fn decode(text: &str, known: &[(&str, char)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = known.iter().find(|(code, _)| rest.starts_with(code));
        out.push(code.map_or(c, |&(_, meant)| meant));
        rest = &rest[code.map_or(c.len_utf8(), |(code, _)| code.len())..];
    }
    out
}

const DATA: [(&str, char); 3] = [("%25", '%'), ("%0D", '\r'), ("%0A", '\n')];
const PROPERTY: [(&str, char); 5] = [("%25", '%'), ("%0D", '\r'), ("%0A", '\n'), ("%3A", ':'), ("%2C", ',')];

/// What the runner makes of a line: any name counts as a command here, also one that it does not know.
fn command(line: &str) -> Option<Command> {
    if let Some((head, data)) = line.trim_start().strip_prefix("::").and_then(|line| line.split_once("::")) {
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
        let properties = pairs.map(|(key, value)| (key.to_owned(), decode(value, &PROPERTY))).collect();
        return Some(Command { name: name.to_owned(), properties, data: decode(data, &DATA) });
    }
    let (name, data) = line.split_once("##[")?.1.split_once(']')?;
    Some(Command { name: format!("##[{name}]"), properties: BTreeMap::new(), data: data.to_owned() })
}

/// The lines of a report.
#[derive(Default)]
struct Log {
    commands: Vec<Command>,
    plain: Vec<String>,
}

impl Log {
    fn of(repo: &Repo, more: &[&str]) -> Self {
        let run = repo.run(&[&["check", "--format", "github"], more].concat());
        hostile_names::nothing_raw(&run.stdout);
        let mut log = Self::default();
        for line in run.stdout.lines() {
            match command(line) {
                Some(command) => log.commands.push(command),
                None => log.plain.push(line.to_owned()),
            }
        }
        let known = ["error", "warning", "group", "endgroup"];
        assert!(log.commands.iter().all(|command| known.contains(&command.name.as_str())), "{}", run.stdout);
        log
    }

    fn named(&self, name: &str) -> Vec<&Command> {
        self.commands.iter().filter(|command| command.name == name).collect()
    }
}

#[test]
fn it_agrees_with_json_on_every_fixture() {
    fixtures::of_rules().iter().for_each(|(_, repo)| agrees_with_json(repo));
}

/// GitHub takes no columns of what goes over several lines.
#[test]
fn it_agrees_with_json_on_several_lines() {
    let repo = Repo::demo("a = \"\"\"1,\n<2\"\"\"\nb = \"1\"", "demo 0.1.0");
    let report = repo.check();
    let is_long = |finding: &serde_json::Value| finding["start"]["line"] != finding["end"]["line"];
    assert!(report.list().iter().any(is_long), "{:?}", report.findings());
    agrees_with_json(&repo);
}

fn agrees_with_json(repo: &Repo) {
    let log = Log::of(repo, &[]);
    let report = repo.check();
    let mut expected = Vec::new();
    for level in ["deny", "warn"] {
        expected.extend(report.list().iter().filter(|finding| finding["level"] == level));
    }
    assert_eq!(log.commands.len(), expected.len());
    for (command, finding) in log.commands.iter().zip(expected) {
        assert_eq!(command.name, if finding["level"] == "deny" { "error" } else { "warning" });
        let text = |key: &str| finding[key].as_str().expect("a string");
        let number = |end: &str, of: &str| finding[end][of].to_string();
        let property = |key: &str| command.properties.get(key).cloned();
        assert_eq!(property("file").as_deref(), Some(text("path")));
        assert_eq!(property("title").as_deref(), Some(text("rule")));
        assert_eq!(property("line"), Some(number("start", "line")));
        assert_eq!(property("endLine"), Some(number("end", "line")));
        let is_one = finding["start"]["line"] == finding["end"]["line"];
        assert_eq!(property("col"), is_one.then(|| number("start", "column")));
        let has_end = is_one && finding["start"] != finding["end"];
        assert_eq!(property("endColumn"), has_end.then(|| number("end", "column")));
        assert!(command.data.contains(&format!(
            "{} {}: {}",
            fixtures::place(finding),
            text("rule"),
            hostile_names::shown(text("message"))
        )));
        assert!(finding["help"].as_str().is_none_or(|help| command.data.ends_with(help)));
    }
    assert!(log.plain.iter().any(|line| line.contains(" pinned")), "{:?}", log.plain);
}

/// A repository with so many findings that fail, and so many warnings.
fn with(deny: usize, warn: usize) -> Repo {
    let list = |name: &str, count: usize| (0..count).map(|at| format!("{name}{at} = \"1\"\n")).collect::<String>();
    let tables = format!("[workspace.dependencies]\n{}\n[dependencies]\n{}", list("w", warn), list("d", deny));
    let locked: String = (0..deny).map(|at| format!("d{at} 1.0.0 crates-io\n")).collect();
    let edges: Vec<String> = (0..deny).map(|at| format!("d{at}")).collect();
    let locked = format!("{locked}demo 0.1.0 -> {}", edges.join(", "));
    Repo::new().file("Cargo.toml", package("demo", &tables)).file("Cargo.lock", lock(&locked))
}

/// GitHub keeps ten of a kind from a step: none is lost without a word.
#[test]
fn no_more_than_ten_annotations_of_a_kind() {
    for (count, annotated, more) in [(10, 10, None), (11, 9, Some("2 more")), (500, 9, Some("491 more"))] {
        let log = Log::of(&with(count, count), &[]);
        for kind in ["error", "warning"] {
            let commands = log.named(kind);
            assert_eq!(commands.len(), 10, "{kind}");
            assert_eq!(commands.iter().filter(|command| command.properties.contains_key("file")).count(), annotated);
            let last = commands.last().expect("ten");
            assert_eq!(more.is_some_and(|more| last.data.starts_with(more)), more.is_some(), "{}", last.data);
        }
        for (level, name) in [("deny", 'd'), ("warn", 'w')] {
            let lines: Vec<&String> = log.plain.iter().filter(|line| line.starts_with(level)).collect();
            assert_eq!(lines.len(), count - annotated);
            let last = format!("`{name}{} = \"1\"`", count - 1);
            assert!(lines.last().is_none_or(|line| line.contains(&last)), "{lines:?}");
        }
        assert_eq!(log.named("group").len(), log.named("endgroup").len());
        assert_eq!(log.named("group").len(), if more.is_some() { 2 } else { 0 });
    }
}

#[test]
fn quiet_is_what_fails_and_verbose_is_all() {
    let repo = with(1, 1);
    repo.write("vendor/##[group]/Cargo.toml", package("vendored", ""));
    let quiet = Log::of(&repo, &["-q"]);
    assert_eq!((quiet.named("error").len(), quiet.commands.len(), quiet.plain.len()), (1, 1, 0));
    let verbose = Log::of(&repo, &["-v"]);
    assert_eq!((verbose.named("error").len(), verbose.named("warning").len()), (1, 1));
    assert!(verbose.plain.iter().any(|line| line.starts_with("skipped vendor/##\\u{5b}group]/Cargo.toml: ")));
}

#[test]
fn names_survive_as_data() {
    for name in NAMES {
        let repo = hostile_names::repo_of(name);
        let log = Log::of(&repo, &["-v"]);
        let report = repo.check();
        assert!(report.list().len() >= 4, "{name:?}: {:?}", report.findings());
        let annotations = [log.named("error"), log.named("warning")].concat();
        for finding in report.list() {
            let text = |key: &str| hostile_names::shown(finding[key].as_str().expect("a string"));
            let column = finding["start"]["column"].to_string();
            let holds = |command: &&Command| {
                command.properties["file"] == text("path")
                    && command.properties["col"] == column
                    && command.properties["title"] == text("rule")
                    && command.data.contains(&text("message"))
            };
            assert!(annotations.iter().any(holds), "{name:?}: {finding:#} {annotations:#?}");
        }
    }
}

#[test]
fn names_in_the_log_are_no_commands() {
    for name in NAMES {
        let list: String =
            (0..40).map(|at| format!("{} = \"1\"\n", hostile_names::toml(&format!("{name}{at}")))).collect();
        let repo = Repo::new().file("Cargo.toml", package("demo", &format!("[dependencies]\n{list}")));
        repo.write("Cargo.lock", lock("demo 0.1.0"));
        let log = Log::of(&repo, &[]);
        let lines: Vec<&String> = log.plain.iter().filter(|line| line.starts_with("deny ")).collect();
        assert!(lines.len() >= 31, "{lines:?}");
        let visible = hostile_names::shown(&format!("{name}39")).replace("##[", "##\\u{5b}");
        assert!(lines.iter().any(|line| line.contains(&visible)), "{name:?}: {lines:?}");
    }
}

/// The runner cuts a message of more than 4,096 characters.
#[test]
fn long_names_are_shortened() {
    let log = Log::of(&hostile_names::repo_of(&"n".repeat(10_000)), &[]);
    for command in &log.commands {
        assert!(command.data.chars().count() < 4096 && command.data.contains('…'), "{}", command.data);
    }
}
