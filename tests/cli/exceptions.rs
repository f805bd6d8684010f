//! Exceptions: what passes for a reason, and for a time.

use crate::support::{Repo, lock, package};

/// Two packages that float `a` and `b`, and a policy.
fn repo(policy: &str) -> Repo {
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = \"1\"\n"))
        .file("two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\nb = \"1\"\n"))
        .file("Cargo.lock", lock("a 1.0.1 crates-io\nb 1.0.2 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> a, b"))
        .file("pinned.toml", policy)
        .git()
}

#[track_caller]
fn check(policy: &str, today: &str, arguments: &[&str], expected: &[&str], excepted: &[&str]) {
    let report = repo(policy).run(&[&["check", "--format", "json", "--today", today], arguments].concat()).report();
    assert_eq!(report.findings(), expected);
    let names = |key: &str| -> Vec<String> {
        let list = report.0[key].as_array().expect("a list").iter();
        list.map(|one| format!("{} {}", one["path"].as_str().unwrap_or(""), one["name"].as_str().unwrap_or("")))
            .collect()
    };
    assert_eq!(names("excepted"), excepted);
    assert_eq!(report.0["summary"]["excepted"], excepted.len());
}

const ONE: &str = "one/Cargo.toml:7:6 unpinned-crate a";
const TWO: &str = "two/Cargo.toml:7:6 unpinned-crate a";
const B: &str = "two/Cargo.toml:8:6 unpinned-crate b";

#[test]
fn one_is_narrowed_by_name_and_by_path() {
    let policy = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\nreason = \"why\"\n";
    check(policy, "2026-01-01", &[], &[B], &["one/Cargo.toml a", "two/Cargo.toml a"]);
    let narrowed = format!("{policy}paths = [\"two/**\"]\n");
    check(&narrowed, "2026-01-01", &[], &[ONE, B], &["two/Cargo.toml a"]);
}

#[test]
fn one_for_another_rule_is_stale_and_lets_nothing_pass() {
    let policy = "[[exception]]\nrule = \"unpinned-git\"\nname = \"a\"\nreason = \"why\"\n";
    check(policy, "2026-01-01", &[], &[ONE, "pinned.toml:1:1 stale-exception unpinned-git of `a`", TWO, B], &[]);
    // Where its rule is off, nothing is said of it; and a report of something else does not mention the policy.
    check(policy, "2026-01-01", &["--allow", "unpinned-git"], &[ONE, TWO, B], &[]);
    check(policy, "2026-01-01", &["one"], &[ONE], &[]);
    check(policy, "2026-01-01", &["--surface", "crate"], &[ONE, TWO, B], &[]);
}

#[test]
fn the_end_of_one_that_did_nothing_because_its_rule_is_off_is_no_news() {
    let policy = "[rules]\nunpinned-git = \"allow\"\n\n[[exception]]\nrule = \"unpinned-git\"\nreason = \"why\"\nexpires = 2026-06-30\n";
    check(policy, "2026-06-20", &[], &[ONE, TWO, B], &[]);
    // One that lets something pass in a scope is of use there.
    let scoped = "[rules]\nunpinned-crate = \"allow\"\n\n[[scope]]\npaths = [\"one/**\"]\nrules.unpinned-crate = \"deny\"\n\n\
                  [[exception]]\nrule = \"unpinned-crate\"\nreason = \"why\"\nexpires = 2026-06-30\n";
    check(scoped, "2026-06-20", &[], &["pinned.toml:8:1 stale-exception unpinned-crate"], &["one/Cargo.toml a"]);
}

#[test]
fn one_that_has_ended_is_named_by_what_comes_back() {
    let policy = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"b\"\nreason = \"why\"\nexpires = 2026-06-30\n";
    check(policy, "2026-06-01", &[], &[ONE, TWO], &["two/Cargo.toml b"]);
    let soon = "pinned.toml:1:1 stale-exception unpinned-crate of `b`";
    check(policy, "2026-06-20", &[], &[ONE, soon, TWO], &["two/Cargo.toml b"]);
    check(policy, "2026-07-01", &[], &[ONE, TWO, B], &[]);
    let report = repo(policy).run(&["check", "--format", "json", "--today", "2026-07-01"]).report();
    let message = report.0["findings"][2]["message"].as_str().expect("a message");
    assert!(message.ends_with("(its exception ended on 2026-06-30)"), "{message}");
    for (format, expected) in
        [("human", "  its exception ended on 2026-06-30\n"), ("markdown", "its exception ended on `2026-06-30` |")]
    {
        let text = repo(policy).run(&["check", "--format", format, "--today", "2026-07-01"]).stdout;
        assert_eq!(text.matches(expected).count(), 1, "{text}");
    }
}

#[test]
fn an_exception_changes_no_fingerprint_of_another() {
    let prints = |policy: &str| -> Vec<String> {
        let report = repo(policy).run(&["check", "--format", "json", "--today", "2026-01-01"]).report();
        let findings = report.0["findings"].as_array().expect("a list");
        findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap_or("").to_owned()).collect()
    };
    let without = prints("");
    let with =
        prints("[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\npaths = [\"one/**\"]\nreason = \"why\"\n");
    assert_eq!(with, without[1..]);
}

#[test]
fn what_is_wrong_in_one_is_an_error_at_its_place() {
    for (policy, expected) in [
        ("[[exception]]\nrule = \"unpinned-crate\"\n", "pinned.toml:1:1: an exception needs a `reason`"),
        ("[[exception]]\nreason = \"why\"\n", "pinned.toml:1:1: an exception needs a `rule`"),
        ("[[exception]]\nrule = \"unpinned-crate\"\nreason = \" \"\n", "an exception needs a `reason`"),
        (
            "[[exception]]\nrule = \"unpined\"\nreason = \"why\"\n",
            "pinned.toml:2:8: unknown rule `unpined`; did you mean",
        ),
        ("[[exception]]\nresaon = \"why\"\n", "unknown key of an exception `resaon`; did you mean `reason`?"),
        ("[[exception]]\nexpires = 2026-13-01\n", "pinned.toml:2:"),
        ("[[exception]]\nexpires = \"soon\"\n", "`expires` must be a day, such as 2026-12-31"),
        ("[[exception]]\nname = \"a***\"\n", "is no glob"),
        ("exception = 3\n", "`exception` must be tables"),
    ] {
        let run = repo(policy).run(&["check"]);
        assert!(run.stderr.contains(expected), "{policy}: {}", run.stderr);
        assert_eq!(run.code, 2, "{policy}");
    }
}

/// Names of actions, images and packages of npm's have a `/` in them, which is a character like others there.
#[test]
fn a_star_in_a_name_crosses_a_slash() {
    let steps = ["actions/checkout@v4", "actions/cache/save@v4", "other/checkout@v4"]
        .map(|uses| format!("      - uses: {uses}\n"));
    let workflow = format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{}", steps.concat());
    let findings = |name: &str| {
        let policy = format!("[[exception]]\nrule = \"unpinned-action\"\nname = \"{name}\"\nreason = \"why\"\n");
        let repo = Repo::new().file(".github/workflows/a.yml", &*workflow).file("pinned.toml", policy).git();
        let report = repo.run(&["check", "--format", "json"]).report();
        let names: Vec<String> =
            report.findings().iter().map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned()).collect();
        names
    };
    assert_eq!(findings("actions/*"), ["other/checkout"]);
    assert_eq!(findings("*/checkout"), ["actions/cache/save"]);
    assert_eq!(findings("*"), [""; 0]);
    assert_eq!(findings("actions/checkout"), ["actions/cache/save", "other/checkout"]);
    assert_eq!(findings("actions"), ["actions/checkout", "actions/cache/save", "other/checkout", "`actions`"]);
}
