//! `release-too-new` and `release-yanked`: what is new against a base, and never what is not known.

use crate::project::{Project, SEMVER, SUM};
use crate::support::CRATES_IO;

const NEW: &str = "[rules]\nrelease-too-new = \"deny\"\n";
const YANKED: &str = "[rules]\nrelease-yanked = \"deny\"\n";

/// With one release of `semver` new.
fn semver(policy: &str, at: usize) -> Project {
    let (version, sum) = SEMVER[at];
    Project::with_cache().policy(policy).locks(&[("semver", version, sum, CRATES_IO)])
}

#[test]
fn what_is_new_is_held_to_the_least_age() {
    let (code, found, _) = semver(NEW, 2).found(&[]);
    let expected = "deny release-too-new: `semver 1.0.28` was published 23 hours ago, and must be 3 days old";
    assert_eq!((code, found), (1, vec![expected.to_owned()]));
    assert_eq!(semver(NEW, 1).found(&[]).1, [""; 0]);
    // To the minute: it was published at 00:25.
    let at = |day: &str| semver(NEW, 2).run(&["check", "--base", "HEAD", "--today", day]).code;
    assert_eq!([at("2026-04-07"), at("2026-04-08"), at("2026-04-01")], [1, 0, 1]);
    let text = semver(NEW, 2).run(&["check", "--base", "HEAD", "--today", "2026-04-05", "--format", "full"]).stdout;
    assert!(text.contains("wait until 2026-04-07 00:26 UTC"), "{text}");
}

#[test]
fn it_is_off_by_default_and_says_nothing_of_what_was_there() {
    assert_eq!(semver("", 2).found(&[]), (0, Vec::new(), String::new()));
    let project = semver(NEW, 2);
    project.repo.commit();
    assert_eq!(project.found(&[]).1, [""; 0]);
    // Nor without a base.
    let run = project.run(&["check", "--today", "2026-04-05"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    // Another lockfile of the base has the release.
    let manifest = project.repo.read("Cargo.toml").replace("[package]", "[workspace]\n\n[package]");
    project.repo.write("other/Cargo.toml", manifest);
    project.repo.write("other/Cargo.lock", project.repo.read("Cargo.lock"));
    assert_eq!(project.found(&[]).1.iter().filter(|line| line.contains("release-")).count(), 0);
}

#[test]
fn the_least_age_is_the_policys_and_a_scopes() {
    let hours = "[rules]\nrelease-too-new = { level = \"deny\", min-age = \"20 hours\" }\n";
    assert_eq!(semver(hours, 2).found(&[]).1, [""; 0]);
    let scoped =
        format!("{hours}[[scope]]\npaths = [\"Cargo.lock\"]\nrules.release-too-new = {{ min-age = \"1 week\" }}\n");
    let (code, found, _) = semver(&scoped, 2).found(&[]);
    assert_eq!((code, found.len()), (1, 1));
    assert!(found[0].ends_with("must be 7 days old"), "{found:?}");
    // It is the scope that decided, and the rule where the scope asks for the same.
    let line = |policy: &str| {
        let run = semver(policy, 2).run(&["check", "--base", "HEAD", "--today", "2026-04-05", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        assert_eq!(report["findings"][0]["locked"], "1.0.28");
        report["findings"][0]["policy"]["line"].as_u64()
    };
    assert_eq!((line(&scoped), line(&scoped.replace("20 hours", "1 week"))), (Some(5), Some(2)));
    let error = semver("", 2).policy("[rules]\nrelease-too-new = { min-age = \"soon\" }\n").run(&["check"]).error();
    assert!(error.contains("`min-age` must be a number and a unit"), "{error}");
    let error = semver("", 2).policy("[rules]\nrelease-too-new = { min-aeg = \"1 day\" }\n").run(&["check"]).error();
    assert!(error.contains("did you mean `min-age`?"), "{error}");
}

#[test]
fn an_unknown_age_is_never_old_enough_and_weighs_a_warning() {
    let project = Project::new().policy(NEW).locks(&[("semver", SEMVER[0].0, SEMVER[0].1, CRATES_IO)]);
    let (code, found, _) = project.found(&[]);
    let expected = "warn release-too-new: the age of `semver 1.0.26` is not known: cargo's cache does not have it";
    assert_eq!((code, found), (0, vec![expected.to_owned()]));
    let text = project.run(&["check", "--base", "HEAD", "--format", "full"]).stdout;
    assert!(text.contains("`--online`"), "{text}");
    assert_eq!(project.found(&["--deny", "warnings"]).0, 1);
    // However old the release would have to be.
    let nothing = "[rules]\nrelease-too-new = { level = \"deny\", min-age = \"0 days\" }\n";
    let project = Project::new().policy(nothing).locks(&[("semver", SEMVER[0].0, SEMVER[0].1, CRATES_IO)]);
    assert_eq!(project.found(&[]).1.len(), 1);
}

#[test]
fn each_unknown_one_is_said_once() {
    let names: Vec<String> = (0..60).map(|at| format!("package-{at:02}")).collect();
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), "1.0.0", SUM, CRATES_IO)).collect();
    let project = Project::new().policy(NEW).locks(&all);
    assert_eq!(project.found(&[]).1.len(), 60);
    let text = project.run(&["check", "--base", "HEAD"]).stdout;
    assert!(text.lines().count() < 90 && text.contains("… and 20 more of release-too-new"), "{text}");
}

#[test]
fn what_was_yanked_is_found() {
    let project = Project::with_cache().policy(YANKED).locks_real(1);
    let (code, found, _) = project.found(&[]);
    let expected = "deny release-yanked: `bitflags 2.12.0` was withdrawn by its author (yanked)";
    assert_eq!((code, found), (1, vec![expected.to_owned()]));
    let (code, found, _) = Project::new().policy(YANKED).locks_real(1).found(&[]);
    assert_eq!((code, found.len()), (0, 2));
    assert!(
        found[0].starts_with("warn release-yanked: whether `bitflags 2.12.0` was yanked is not known"),
        "{found:?}"
    );
}

#[test]
fn an_exception_lets_one_release_pass_and_is_not_stale_afterwards() {
    let exception =
        "[[exception]]\nrule = \"release-too-new\"\nname = \"semver\"\nreason = \"the fix of something worse\"\n";
    let project = semver(&format!("{NEW}{exception}"), 2);
    assert_eq!(project.found(&[]), (0, Vec::new(), String::new()));
    project.repo.commit();
    assert_eq!(project.found(&[]).1, [""; 0], "it matches nothing any more, and is none that is stale");
    assert_eq!(project.run(&["check", "--format", "json"]).report().findings(), [""; 0], "nor without a base");
    // One that comes with a change may be for another one.
    let other = exception.replace("\"semver\"", "\"our-*\"");
    project.repo.write("pinned.toml", format!("{NEW}{exception}{other}"));
    assert_eq!(project.found(&[]).1, [""; 0]);
}

#[test]
fn a_change_that_asks_for_less_is_said_first() {
    let project = semver("[rules]\nrelease-too-new = { level = \"deny\", min-age = \"1 week\" }\n", 2);
    project.repo.write("pinned.toml", "[rules]\nrelease-too-new = { level = \"deny\", min-age = \"1 hour\" }\n");
    let text = project.run(&["check", "--base", "HEAD", "--today", "2026-04-05"]).stdout;
    let first = text.lines().next().unwrap_or_default();
    assert!(first.contains("`release-too-new` went from a least age of 7 days to 1 hour"), "{text}");
}
