//! The command as users type it: targets, reports, exit codes.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{Repo, Run, command, lock, package, repository};

/// A repository `demo` below a directory, committed.
fn add(fleet: &Repo, name: &str, dependencies: &str, locked: &str) {
    fleet.write(format!("{name}/Cargo.toml"), package("demo", &format!("[dependencies]\n{dependencies}\n")));
    fleet.write(format!("{name}/src/lib.rs"), "");
    if !locked.is_empty() {
        fleet.write(format!("{name}/Cargo.lock"), lock(locked));
    }
    commit(fleet, name);
}

fn commit(fleet: &Repo, name: &str) {
    fleet.run_git(&["init", "--quiet", name]);
    fleet.run_git(&["-C", name, "add", "--all"]);
    fleet.run_git(&["-C", name, "commit", "--quiet", "--allow-empty", "--message", "test"]);
}

/// One repository of each status.
fn fleet() -> Repo {
    let fleet = Repo::new();
    add(&fleet, "a-has", "bar = \"1\"", "demo 0.1.0 -> bar\nbar 2.3.4 crates-io -> foo\nfoo 1.0.200 crates-io");
    add(&fleet, "b-would", "foo = \"1\"", "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io");
    add(&fleet, "c-may", "bar = \"=1.0.0\"", "demo 0.1.0 -> bar\nbar 1.0.0 crates-io -> foo\nfoo 1.0.100 crates-io");
    add(&fleet, "d-held", "foo = \"=1.0.100\"", "demo 0.1.0 -> foo\nfoo 1.0.100 crates-io");
    add(&fleet, "e-absent", "bar = \"=1.0.0\"", "demo 0.1.0 -> bar\nbar 1.0.0 crates-io");
    fleet
}

/// The JSON report of a run, valid by its schema.
fn report(run: &Run) -> Value {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| {
        let text = std::fs::read_to_string(repository().join("schemas/exposed-v1.json")).expect("the schema is there");
        jsonschema::validator_for(&serde_json::from_str(&text).expect("the schema is JSON")).expect("the schema is one")
    });
    let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    if let Err(error) = schema.validate(&json) {
        panic!("the schema refuses the report at {}: {error}", error.instance_path());
    }
    assert_eq!(run.stderr, "");
    json
}

/// Each repository of a report as `name status`.
fn statuses(json: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let rows = json["repositories"].as_array().expect("a list").iter();
    rows.map(|row| format!("{} {}", text(&row["name"]), text(&row["status"]))).collect()
}

#[test]
fn the_json_report_says_of_each_repository_what_is_known() {
    let run = fleet().run(&["exposed", "foo@1.0.200", ".", "--format", "json"]);
    assert_eq!(run.code, 1);
    let json = report(&run);
    assert_eq!(json["schema"], "cargo-pinned/exposed/v1");
    assert_eq!(json["query"], "foo@1.0.200");
    assert_eq!(statuses(&json), ["a-has has", "b-would would-get", "c-may may-get", "d-held held", "e-absent absent"]);
    let rows = &json["repositories"];
    assert_eq!(rows[0]["via"], serde_json::json!([["demo 0.1.0", "bar 2.3.4", "foo 1.0.200"]]));
    assert_eq!(rows[0]["locked"], serde_json::json!(["1.0.200"]));
    assert_eq!(rows[0]["commit"].as_str().map(str::len), Some(40));
    let declared = &rows[1]["declarations"][0];
    assert_eq!(
        (&declared["path"], &declared["line"], &declared["requirement"], &declared["pin"], &declared["locked"]),
        (&"Cargo.toml".into(), &7.into(), &"1".into(), &"range".into(), &"1.0.100".into())
    );
    assert_eq!(rows[4]["declarations"], serde_json::json!([]));
    assert_eq!(json["summary"]["would_get"], 1);
}

#[test]
fn the_exit_code_is_the_answer() {
    let fleet = fleet();
    let code = |query: &str, targets: &[&str]| fleet.run(&[&["exposed", query], targets].concat()).code;
    assert_eq!(code("foo@1.0.200", &["d-held", "e-absent"]), 0);
    for target in ["a-has", "b-would", "c-may"] {
        assert_eq!(code("foo@1.0.200", &["d-held", target]), 1, "{target}");
    }
    assert_eq!(code("foo@2.0.0", &["."]), 0);
    // An answer that lacks a repository is none.
    fleet.write("f-broken/Cargo.toml", "[package\n");
    commit(&fleet, "f-broken");
    assert_eq!(code("foo@1.0.200", &["f-broken"]), 2);
    assert_eq!(code("foo@1.0.200", &["."]), 2);
}

#[test]
fn the_report_for_a_person_is_worst_first_and_fits_the_line() {
    let fleet = fleet();
    let run = fleet.run(&["exposed", "foo@1.0.200", "."]);
    let expected = "\
1 of 5 repositories has foo 1.0.200; 1 would get it, 1 may get it

has it (1)
  a-has    demo 0.1.0 > bar 2.3.4 > foo 1.0.200

would get it: an update may take it (1)
  b-would  Cargo.toml:7 foo = \"1\" locked 1.0.100

may get it: a package in between decides (1)
  c-may    demo 0.1.0 > bar 1.0.0 > foo 1.0.100

1 held off it, 1 without it (-v lists them)
";
    // Names are as wide as the widest of their part.
    let plain =
        |text: &str| text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>();
    assert_eq!(plain(&run.stdout), plain(expected));
    let verbose = fleet.run(&["exposed", "foo@1.0.200", ".", "-v"]).stdout;
    assert!(
        verbose.contains("held off it (1)\n  d-held  ") && verbose.contains("does not know it (1)\n  e-absent\n"),
        "{verbose}"
    );
}

#[test]
fn the_report_for_an_issue_says_the_same_and_files_come_beside() {
    let fleet = fleet();
    let list = "[[repository]]\npath = \"a-has\"\nowner = \"@team|a\"\n\
                [[repository]]\npath = \"b-would\"\n[[repository]]\npath = \"c-may\"\n[[repository]]\npath = \"d-held\"\n\
                [[repository]]\npath = \"e-absent\"\n";
    fleet.write("list.toml", list);
    let arguments =
        ["exposed", "foo@1.0.200", "--from", "list.toml", "--format", "markdown", "--output", "json=a.json"];
    let run = fleet.run(&[&arguments[..], &["--output", "human=a.txt"]].concat());
    let expected = "\
❌ **cargo-pinned exposed: 1 of 5 repositories has foo `1.0.200`; 1 would get it, 1 may get it**

**has it** (1)

| Repository | How | Owner |
| --- | --- | --- |
| `a-has` | `demo 0.1.0 > bar 2.3.4 > foo 1.0.200` | `@team\\|a` |

**would get it: an update may take it** (1)

| Repository | How |
| --- | --- |
| `b-would` | `Cargo.toml:7 foo = \"1\" locked 1.0.100` |

**may get it: a package in between decides** (1)

| Repository | How |
| --- | --- |
| `c-may` | `demo 0.1.0 > bar 1.0.0 > foo 1.0.100` |

1 held off it, 1 without it (-v lists them)
";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, expected, ""));
    assert!(fleet.read("a.json").contains("\"cargo-pinned/exposed/v1\""));
    assert!(
        fleet
            .read("a.txt")
            .starts_with("1 of 5 repositories has foo 1.0.200; 1 would get it, 1 may get it\n\nhas it (1)\n")
    );
    let verbose = fleet.run(&["exposed", "foo@1.0.200", ".", "--format", "markdown", "-v"]).stdout;
    let held = "<details><summary>held off it (1)</summary>\n\n| Repository | How |\n| --- | --- |\n\
                | `d-held` | `demo 0.1.0 > foo 1.0.100`<br>`Cargo.toml:7 foo = \"=1.0.100\" locked 1.0.100` |\n";
    assert!(verbose.contains(held), "{verbose}");
    let clean = fleet.run(&["exposed", "foo@9.0.0", "d-held", "--format", "markdown"]).stdout;
    assert!(clean.starts_with("✅ **cargo-pinned exposed: the repository does not have foo `9.0.0`**\n"), "{clean}");
}

#[test]
fn what_is_committed_is_judged_and_not_what_is_on_the_disk() {
    let fleet = Repo::new();
    add(&fleet, "demo", "foo = \"1\"", "demo 0.1.0 -> foo\nfoo 1.0.200 crates-io");
    fleet.write("demo/Cargo.lock", lock("demo 0.1.0 -> foo\nfoo 1.0.100 crates-io"));
    let status = |arguments: &[&str]| {
        let run = fleet.run(&[&["exposed", "foo@1.0.200", "demo", "--format", "json"], arguments].concat());
        statuses(&report(&run)).join(",")
    };
    assert_eq!(status(&[]), "demo has");
    commit(&fleet, "demo");
    assert_eq!(status(&[]), "demo would-get");
    assert_eq!(status(&["--rev", "HEAD^"]), "demo has");
    assert_eq!(status(&["--rev", "nowhere"]), "demo unknown");
}

#[test]
fn bare_repositories_and_lists_of_targets_are_read() {
    let fleet = fleet();
    fleet.run_git(&["clone", "--quiet", "--bare", "a-has", "mirrors/a.git"]);
    fleet.write("fleet.txt", "# the fleet\nmirrors/a.git\nb-would # here\nhttps://example.com/none.git\nnowhere\n");
    let run = fleet.run(&["exposed", "foo@1.0.200", "--from", "fleet.txt", "--format", "json"]);
    assert_eq!(run.code, 2);
    let json = report(&run);
    assert_eq!(statuses(&json), ["a has", "b-would would-get", "none unknown", "nowhere unknown"]);
    assert!(json["repositories"][2]["error"].as_str().expect("an error").contains("on this machine"));
}

/// What is wrong with one repository is its row, and the others are judged.
#[test]
fn a_repository_that_cannot_be_opened_is_a_row() {
    let fleet = fleet();
    fleet.run_git(&["init", "--quiet", "empty"]);
    fleet.write("lost/.git", "gitdir: /nowhere\n");
    fleet.run_git(&["clone", "--quiet", "--bare", "a-has", "corrupt.git"]);
    corrupt(&fleet.root().join("corrupt.git/objects"));
    let run = fleet.run(&["exposed", "foo@1.0.200", ".", "--format", "json"]);
    assert_eq!(run.code, 2);
    let json = report(&run);
    let unknown: Vec<String> = statuses(&json).into_iter().filter(|row| row.ends_with(" unknown")).collect();
    assert_eq!(unknown, ["corrupt unknown", "empty unknown", "lost unknown"]);
    assert_eq!(json["summary"]["has"], 1);
}

/// Overwrites every object.
fn corrupt(directory: &Path) {
    for entry in std::fs::read_dir(directory).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            corrupt(&path);
        } else {
            std::fs::remove_file(&path).expect("it is there");
            std::fs::write(&path, "no object").expect("it can be written");
        }
    }
}

#[test]
fn a_query_that_cannot_be_answered_is_an_error() {
    let fleet = fleet();
    let error = |query: &str| fleet.run(&["exposed", query, "."]).error();
    assert!(error("gem:rails@7").contains("no kind of thing"));
    assert!(error("action:checkout@v4").contains("action:OWNER/REPOSITORY@REFERENCE"));
    assert!(error("foo@banana").contains("neither a version nor a range"));
    assert!(fleet.run(&["exposed", "foo@1.0.200"]).error().contains("TARGET"));
    assert!(fleet.run(&["exposed", "foo@1.0.200", "--from", "none.txt"]).error().contains("none.txt"));
}

#[test]
fn a_repository_cannot_write_to_the_terminal() {
    let fleet = Repo::new();
    add(
        &fleet,
        "demo",
        "foo = { version = \"1\", registry-index = \"https://user:secret@example.com/\u{202e}index\" }",
        "demo 0.1.0 -> foo\nfoo 1.0.100 registry+https://user:secret@example.com/index",
    );
    fleet.write(
        "demo/a\u{202e}b/Cargo.toml",
        package("demo", "[workspace]\n[dependencies]\nfoo = { version = \"1\", registry = \"a\\u001b[31m\" }\n"),
    );
    fleet.write("demo/a\u{202e}b/src/lib.rs", "");
    commit(&fleet, "demo");
    let run = fleet.run(&["exposed", "foo@1.0.200", ".", "-v"]);
    assert!(run.stdout.contains("a\\u{202e}b/Cargo.toml:8"), "{}", run.stdout);
    assert!(run.stdout.contains("registry a\\u{1b}[31m"), "{}", run.stdout);
    assert!(!run.stdout.contains(['\u{202e}', '\u{1b}']) && !run.stdout.contains("secret"), "{}", run.stdout);
    for format in ["json", "markdown"] {
        let other = fleet.run(&["exposed", "foo@1.0.200", ".", "--format", format]).stdout;
        assert!(!other.contains("secret"), "{other}");
        assert!(
            format == "json" || other.contains("a\\u{202e}b") && !other.contains(['\u{202e}', '\u{1b}']),
            "{other}"
        );
    }
}

#[test]
fn default_excludes_are_counted_and_can_be_read() {
    let fleet = Repo::new();
    add(&fleet, "demo", "", "demo 0.1.0");
    fleet.write("demo/fixtures/old/Cargo.toml", package("old", "[dependencies]\nfoo = \"1\"\n"));
    fleet.write("demo/fixtures/old/Cargo.lock", lock("old 0.1.0 -> foo\nfoo 1.0.200 crates-io"));
    // What a repository leaves out for itself is no answer to an incident.
    fleet.write("demo/tools/Cargo.toml", package("tools", "[workspace]\n[dependencies]\nfoo = \"=1.0.100\"\n"));
    fleet.write("demo/tools/Cargo.lock", lock("tools 0.1.0 -> foo\nfoo 1.0.100 crates-io"));
    fleet.write("demo/pinned.toml", "exclude = [\"tools/**\"]\n");
    commit(&fleet, "demo");
    let run = fleet.run(&["exposed", "foo@1.0.200", "demo"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("1 held off it (-v lists them); 1 file skipped by default"), "{}", run.stdout);
    let run = fleet.run(&["exposed", "foo@1.0.200", "demo", "--no-default-excludes"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("in fixtures/old/Cargo.lock"), "{}", run.stdout);
}

/// Nothing is written and no process is started: cargo and git are not even at hand.
#[test]
fn it_needs_no_other_program() {
    let fleet = fleet();
    let without = command(fleet.root(), &["exposed", "foo@1.0.200", "."]).env("PATH", "");
    assert_eq!(Run::new(without).code, 1);
}

/// What is elsewhere is read in the mirror that an audit left, and nothing is fetched for it.
#[test]
fn a_url_is_read_in_the_mirror_of_an_audit() {
    let fleet = fleet();
    let url = format!("file://{}/a-has", fleet.root().display());
    let exposed = |more: &[&str]| fleet.run(&[&["exposed", "foo@1.0.200", &url, "--format", "json"], more].concat());
    let error = |run: &Run| report(run)["repositories"][0]["error"].as_str().unwrap_or_default().to_owned();
    assert!(error(&exposed(&[])).contains("`--cache DIR`"));
    assert!(error(&exposed(&["--cache", "../cache"])).contains("there is no mirror of it in the cache"));
    fleet.run(&["audit", &url, "--cache", "../cache"]);
    std::fs::rename(fleet.root().join("a-has"), fleet.root().join("gone")).expect("it can be moved");
    let run = exposed(&["--cache", "../cache"]);
    assert_eq!((run.code, statuses(&report(&run))), (1, vec!["a-has has".to_owned()]));
}
