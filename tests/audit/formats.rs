//! The forms of the report.

use std::fs;

use serde_json::Value;

use crate::Fleet;
use crate::support::package;

/// Text of a repository that no terminal and no page must get as it is.
const HOSTILE: &str = "\u{1b}[31mred\u{1b}[0m|<img src=x>`@everyone`\u{202e}\u{9b}";

fn hostile() -> Fleet {
    let manifest =
        package("demo", &format!("[dependencies]\n{HOSTILE:?} = \"1\"\n").replace("\\u{", "\\u00").replace('}', ""));
    let manifest = manifest.replace("\\u00202e", "\\u202e");
    Fleet::new().with(&format!("evil {}", "\u{1b}[2J|<b>`"), &[("Cargo.toml", &manifest)]).floating("plain")
}

#[test]
fn nothing_of_a_repository_reaches_a_terminal_raw() {
    let fleet = hostile();
    fleet.0.write("bad\u{1b}[2J/.git", "noise\u{1b}[2J");
    for arguments in [&[][..], &["-v"], &["--format", "json"], &["--format", "ndjson"], &["--format", "markdown"]] {
        let out = fleet.run(arguments).stdout;
        assert!(out.contains("plain"), "{out}");
        let raw = out.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        // Raw, it would be taken for a style, and taken out.
        assert!(out.contains("evil \\u{1b}[2J") || out.contains("evil \\u001b[2J"), "{arguments:?}: {out}");
        let is_json = arguments.iter().any(|argument| argument.ends_with("json"));
        assert!(raw.is_none() || (is_json && raw == Some('\u{202e}')), "{arguments:?}: {raw:?}");
    }
}

/// The ranking: the worst first, and every line within the columns of a terminal that says how many it has.
#[test]
fn the_table_is_ranked() {
    let three = package("demo", "[dependencies]\na = \"1\"\nb = \"1\"\nc = \"1\"\n");
    let fleet = Fleet::new().floating("few").with("many", &[("Cargo.toml", &three)]);
    let fleet = fleet.with("none", &[("Cargo.toml", &package("demo", ""))]);
    let out = fleet.run(&[]).stdout;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines,
        [
            "  deny   warn  pinned  repository  most of",
            "     4      0      0%  many        unpinned-crate 3, lock-missing 1",
            "     2      0      0%  few         lock-missing 1, unpinned-crate 1",
            "",
            "6 findings (6 deny, 0 warn) in 2 of 3 repositories; 0 of 4 declarations pinned",
        ]
    );
    let verbose = fleet.run(&["-v"]).stdout;
    assert!(verbose.contains("without findings\n  none  0 of 0 declarations pinned"), "{verbose}");
    let quiet = fleet.run(&["-q"]).stdout;
    assert!(!quiet.contains("findings"), "{quiet}");
}

/// The lines of NDJSON are the rows of the JSON report.
#[test]
fn a_line_of_ndjson_is_a_row() {
    let fleet = hostile();
    let lines = fleet.run(&["--format", "ndjson"]).stdout;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(rows, fleet.audit(&[]).rows());
    assert_eq!(rows.len(), 2);
}

#[test]
fn the_summary_counts_all_rows() {
    let fleet = Fleet::new().floating("a").floating("b").file("c/.git", "");
    let audit = fleet.audit(&[]);
    let summary = &audit.json["summary"];
    assert_eq!((&summary["repositories"], &summary["failed"]), (&3.into(), &1.into()));
    for key in ["deny", "warn", "declarations", "pinned", "files", "skipped", "fixable"] {
        let sum: u64 = audit.rows().iter().map(|row| row["summary"][key].as_u64().expect("a number")).sum();
        assert_eq!(summary[key], sum, "{key}");
    }
    assert_eq!((&summary["new"], &audit.row("a")["new"]), (&Value::Null, &Value::Null));
}

/// However many there are, an issue takes it.
#[test]
fn markdown_stays_within_what_an_issue_takes() {
    let many: String = (0..60).map(|at| format!("{}-{at} = \"1\"\n", "n".repeat(60))).collect();
    let manifest = package("demo", &format!("[dependencies]\n{many}"));
    let mut fleet = Fleet::new();
    for at in 0..40 {
        fleet = fleet.with(&format!("{}-{at}", "r".repeat(60)), &[("Cargo.toml", &manifest)]);
    }
    let out = fleet.run(&["--format", "markdown"]).stdout;
    assert!(out.len() <= 65_536 && out.len() > 40_000, "{} bytes", out.len());
    assert_eq!(out.lines().next(), Some("❌ **cargo-pinned audit: 2440 failing findings in 40 of 40 repositories**"));
    assert_eq!(out.matches("<details>").count(), out.matches("</details>").count());
}

#[test]
fn markdown_names_what_is_wrong() {
    let fleet = Fleet::new().floating("mine").file("broken/.git", "noise");
    fleet.git("mine", &["remote", "add", "origin", "https://example.com/org/mine"]);
    let out = fleet.run(&["--format", "markdown"]).stdout;
    assert!(out.contains("; 1 could not be judged**\n"), "{out}");
    assert!(out.contains("| [`mine`](https://example.com/org/mine) | 2 | 0 | 0/1 |"), "{out}");
    assert!(out.contains("| `Cargo.toml:7:6` | `unpinned-crate` |"), "{out}");
    assert!(out.contains("| `broken` | "), "{out}");
}

/// A log for each repository that was judged, valid by the official schema, and none for another: it would close its findings.
#[test]
fn a_log_for_each_repository_that_was_judged() {
    let fleet = hostile().floating("a/x").floating("b/x").file("broken/.git", "noise");
    fleet.git("plain", &["remote", "add", "origin", "https://user:secret@example.com/org/plain"]);
    fleet.run(&["--output", "sarif=logs", "--output", "json=report.json"]);
    let report: Value = serde_json::from_str(&fleet.0.read("report.json")).expect("the report is JSON");
    assert_eq!(report["repositories"].as_array().map(Vec::len), Some(5));
    let mut names: Vec<String> = fs::read_dir(fleet.0.root().join("logs"))
        .expect("the directory was made")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    assert_eq!(names, ["a_x.sarif", "b_x.sarif", "evil___2J__b__.sarif", "plain.sarif"]);
    let schema = serde_json::from_str(include_str!("../schemas/sarif-2.1.0.json")).expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("the schema is one");
    for name in names {
        let log: Value = serde_json::from_str(&fleet.0.read(&format!("logs/{name}"))).expect("a log is JSON");
        assert_eq!(schema.validate(&log).map_err(|error| error.to_string()), Ok(()));
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(2), "{name}");
    }
    let log: Value = serde_json::from_str(&fleet.0.read("logs/plain.sarif")).expect("a log is JSON");
    let origin = &log["runs"][0]["versionControlProvenance"][0];
    assert_eq!(
        (&origin["repositoryUri"], &origin["branch"]),
        (&"https://example.com/org/plain".into(), &"main".into())
    );
}

/// A log of an audit says the same as that of a check.
#[test]
fn a_log_is_that_of_a_check() {
    let fleet = Fleet::new().floating("plain");
    fleet.run(&["--output", "sarif=logs"]);
    let audit: Value = serde_json::from_str(&fleet.0.read("logs/plain.sarif")).expect("a log is JSON");
    let check = fleet.0.run_in("plain", &["check", "--rev", "HEAD", "--format", "sarif"]).stdout;
    let check: Value = serde_json::from_str(&check).expect("a log is JSON");
    assert_eq!(audit["runs"][0]["results"], check["runs"][0]["results"]);
    assert_eq!(audit["runs"][0]["tool"], check["runs"][0]["tool"]);
}
