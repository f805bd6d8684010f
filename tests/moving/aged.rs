//! `set NAME` without a version, where the policy says how old a release must be.

use crate::registry::{Project, moved};

const RULE: &str = "[rules]\nrelease-too-new = { level = \"warn\", min-age = \"3 days\" }\n";

/// The newest compatible release was published today, the one ahead of it a week ago.
fn project(policy: &str) -> Project {
    let project = Project::new().of_user();
    for (version, day) in [("1.0.1", "01"), ("1.0.2", "03"), ("1.1.0", "09"), ("2.0.0", "01")] {
        project.published("low", version, &format!("2026-04-{day}T10:00:00Z"));
    }
    project.file("pinned.toml", policy).demo("[dependencies]\nlow = \"=1.0.1\"\n")
}

const SET: [&str; 4] = ["set", "low", "--today", "2026-04-10"];

#[test]
fn the_newest_that_is_old_enough_is_taken_and_a_newer_one_named() {
    let project = project(RULE);
    let run = project.done(&SET);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.0.2, released 2026-04-03"]);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.0.2\""));
    let expected =
        "`low 1.1.0` was published on 2026-04-09 at 10:00 UTC, and must be 3 days old: `set low@1.1.0` takes it";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    // Some days later it is old enough.
    let run = project.done(&["set", "low", "--today", "2026-04-13"]);
    assert_eq!(
        (moved(&run), run.stderr.contains("published on")),
        (vec!["upgraded low 1.0.2 → 1.1.0, released 2026-04-09".to_owned()], false)
    );
}

#[test]
fn where_nobody_asks_for_an_age_cargo_says_what_is_newest() {
    let excepted = format!("{RULE}[[exception]]\nrule = \"release-too-new\"\nname = \"low\"\nreason = \"ours\"\n");
    let allowed = "[rules]\nrelease-too-new = { level = \"allow\", min-age = \"3 days\" }\n";
    for policy in ["", allowed, &excepted] {
        assert_eq!(moved(&project(policy).done(&SET)), ["upgraded low 1.0.1 → 1.1.0, released 2026-04-09"]);
    }
    // One for another package, or that has ended, lets nothing off.
    for other in ["name = \"user\"\n", "name = \"low\"\nexpires = 2026-04-01\n"] {
        let excepted = format!("{RULE}[[exception]]\nrule = \"release-too-new\"\nreason = \"r\"\n{other}");
        assert_eq!(
            moved(&project(&excepted).done(&SET)),
            ["upgraded low 1.0.1 → 1.0.2, released 2026-04-03"],
            "{other}"
        );
    }
    // A rule that names no age has one by default.
    let run = project("[rules]\nrelease-too-new = \"warn\"\n").done(&SET);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.0.2, released 2026-04-03"]);
    // And a version that is named is taken, whatever its age.
    let run = project(RULE).done(&["set", "low@1.1.0", "--today", "2026-04-10"]);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.1.0, released 2026-04-09"]);
}

#[test]
fn what_is_yanked_or_of_unknown_age_is_not_taken() {
    let project = project(RULE);
    project.yank("low", "1.0.2");
    let run = project.done(&SET);
    assert!(run.stdout.is_empty() && run.stderr.contains("nothing to move"), "{}{}", run.stdout, run.stderr);
    project.publish("low", "1.2.0", &[]);
    let run = project.done(&SET);
    assert!(run.stderr.contains("`low 1.2.0` is of unknown age, and must be 3 days old"), "{}", run.stderr);
}

#[test]
fn what_is_not_known_is_refused_with_what_to_do() {
    let project = Project::new().file("pinned.toml", RULE).demo("[dependencies]\nlow = \"=1.0.1\"\n");
    let said = project.refused(&SET);
    let expected = "which releases of `low` are 3 days old is not known: cargo's cache does not have it; ask the registry \
                    with `--online`, or name a version";
    assert!(said.contains(expected), "{said}");
}
