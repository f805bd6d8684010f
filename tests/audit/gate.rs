//! How an audit ends.

use crate::{Fleet, floating};

const QUIET: &str = "[rules]\nlock-missing = \"allow\"\nunpinned-crate = \"warn\"\n";

#[test]
fn findings_at_level_deny_fail_the_run() {
    let clean = Fleet::new().with("warned", &[("Cargo.toml", &floating()), ("pinned.toml", QUIET)]);
    assert_eq!(clean.run(&[]).code, 0);
    assert_eq!(clean.run(&["--deny", "warnings"]).code, 1);
    assert_eq!(clean.run(&["--deny", "unpinned-crate"]).code, 1);
    let denied = clean.floating("denied");
    assert_eq!(denied.run(&[]).code, 1);
    assert_eq!(denied.run(&["--allow", "lock-missing", "--allow", "unpinned-crate"]).code, 0);
    assert_eq!(denied.run(&["--allow", "lock-missing", "--warn", "unpinned-crate"]).code, 0);
}

/// What could not be judged is not passed over, unless the user says so; where nothing could be, that is no audit.
#[test]
fn what_could_not_be_judged_fails_the_run_in_its_own_way() {
    let fleet = Fleet::new().floating("denied").file("broken/.git", "noise");
    let run = fleet.run(&[]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("unpinned-crate 1"), "what was found is said all the same: {}", run.stdout);
    assert_eq!(fleet.run(&["--ignore-failed"]).code, 1);
    let alone = Fleet::new().file("broken/.git", "noise");
    let run = alone.run(&["--ignore-failed"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.ends_with("no repository could be judged\n"), "{}", run.stdout);
}

#[test]
fn what_is_asked_for_must_be_possible() {
    let fleet = Fleet::new().floating("mine");
    for (arguments, expected) in [
        (&["--format", "sarif"][..], "--output sarif=DIR"),
        (&["--fail-on", "new"], "history"),
        (&["--deny", "unpined-crate"], "did you mean `unpinned-crate`?"),
        (&["--refs", "a[", "--format", "json"], "`a[` in --refs is no glob"),
        (&["--today", "tomorrow"], "is not a date"),
        (&["--policy", "none.toml"], "cannot read the policy `none.toml`"),
    ] {
        let error = fleet.run(arguments).error();
        assert!(error.contains(expected), "{error}");
    }
}

/// An error that stops the report comes before it: nothing was printed.
#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let fleet = Fleet::new().floating("mine");
    let error = fleet.run(&["--output", "json=no/such/directory/report.json"]).error();
    assert!(error.contains("cannot write the report"), "{error}");
}
