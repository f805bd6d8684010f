//! The organisation's policy as a floor.

use serde_json::Value;

use crate::support::package;
use crate::{Audit, Fleet, floating, list};

/// What is found of one repository by a floor, beside its own policy: findings, excepted, waived.
fn judge(floor: &str, own: &str, more: &[&str]) -> Audit {
    let manifest =
        package("demo", "[dependencies]\na = \"1\"\nb = { git = \"https://example.com/b\", tag = \"v1\" }\n");
    let toolchain = "[toolchain]\nchannel = \"stable\"\n";
    let files = [("Cargo.toml", manifest.as_str()), ("rust-toolchain.toml", toolchain), ("pinned.toml", own)];
    let fleet = Fleet::new().with("mine", &files);
    fleet.0.write("floor.toml", format!("rules.lock-missing = \"allow\"\n{floor}"));
    fleet.audit(&[&["--policy", "floor.toml", "--today", "2026-01-01"], more].concat())
}

const A: &str = "Cargo.toml unpinned-crate a";
const B: &str = "Cargo.toml unpinned-git b";
const T: &str = "rust-toolchain.toml unpinned-toolchain channel";

#[track_caller]
fn check(floor: &str, own: &str, expected: &[(&str, &str)]) {
    check_waived(floor, own, expected, &[]);
}

#[track_caller]
fn check_waived(floor: &str, own: &str, expected: &[(&str, &str)], waived: &[(&str, &str)]) {
    let audit = judge(floor, own, &[]);
    let expected: Vec<String> = expected.iter().map(|(found, level)| format!("{found} {level}")).collect();
    assert_eq!(audit.findings("mine"), expected, "floor {floor:?}, own {own:?}");
    let row = audit.row("mine");
    let reasons: Vec<(String, &str)> = list(&row["waived"])
        .into_iter()
        .zip(row["waived"].as_array().expect("a list").iter().map(|item| item["reason"].as_str().expect("a reason")))
        .collect();
    let reasons: Vec<(&str, &str)> =
        reasons.iter().map(|(found, why)| (found.rsplit_once(' ').expect("a level").0, *why)).collect();
    assert_eq!(reasons, waived, "floor {floor:?}, own {own:?}");
    assert_eq!(row["summary"]["waived"], waived.len());
}

/// The table of precedence: level and `require` of each.
#[test]
fn the_stricter_of_both_holds() {
    let rest = |a: &'static str| [(A, a), (B, "deny"), (T, "deny")];
    // The repository says nothing: the floor holds, also where it is looser than the defaults.
    check("", "", &rest("deny"));
    check("rules.unpinned-crate = \"warn\"\n", "", &rest("warn"));
    check("rules.unpinned-crate = \"allow\"\n", "", &[(B, "deny"), (T, "deny")]);
    // It tightens.
    check("rules.unpinned-crate = \"warn\"\n", "rules.unpinned-crate = \"deny\"\n", &rest("deny"));
    check("rules.unpinned-crate = \"allow\"\n", "rules.unpinned-crate = \"warn\"\n", &rest("warn"));
    check("rules.unpinned-git = { require = \"tag\" }\n", "", &[(A, "deny"), (T, "deny")]);
    check(
        "rules.unpinned-git = { require = \"tag\" }\n",
        "rules.unpinned-git = { require = \"exact\" }\n",
        &rest("deny"),
    );
    check(
        "rules.unpinned-crate = { require = \"locked\" }\n",
        "rules.unpinned-crate = { require = \"exact\" }\n",
        &rest("deny"),
    );
    check("rules.unpinned-crate = { require = \"locked\" }\n", "", &[(B, "deny"), (T, "deny")]);
    check(
        "rules.unpinned-crate = { kinds = [\"dev\"] }\n",
        "rules.unpinned-crate = { kinds = [\"normal\"] }\n",
        &rest("deny"),
    );
    check("rules.unpinned-crate = { kinds = [\"dev\"] }\n", "", &[(B, "deny"), (T, "deny")]);
    // It cannot loosen.
    let allowed = [(A, "allowed by its pinned.toml")];
    check_waived("", "rules.unpinned-crate = \"allow\"\n", &rest("deny"), &allowed);
    check_waived("rules.unpinned-crate = \"warn\"\n", "rules.unpinned-crate = \"allow\"\n", &rest("warn"), &allowed);
    check_waived("", "rules.unpinned-crate = { require = \"locked\" }\n", &rest("deny"), &allowed);
    check_waived("", "rules.unpinned-crate = { kinds = [\"dev\"] }\n", &rest("deny"), &allowed);
    check("", "rules.unpinned-crate = \"warn\"\n", &rest("deny"));
}

/// Scopes: those of the floor hold, those of the repository as far as they tighten.
#[test]
fn a_scope_of_the_repository_tightens_and_does_not_loosen() {
    let rest = |a: &'static str| [(A, a), (B, "deny"), (T, "deny")];
    let scope = |rule: &str| format!("[[scope]]\npaths = [\"Cargo.toml\"]\nrules.unpinned-crate = {rule}\n");
    check_waived("", &scope("\"allow\""), &rest("deny"), &[(A, "allowed by its pinned.toml")]);
    check(&scope("\"warn\""), "", &rest("warn"));
    check(&scope("\"warn\""), &scope("\"deny\""), &rest("deny"));
    check("rules.unpinned-crate = \"warn\"\n", &scope("\"deny\""), &rest("deny"));
    // What it tightens everywhere, it can take back in a part, down to the floor.
    let both = format!("rules.unpinned-crate = \"deny\"\n{}", scope("\"allow\""));
    check_waived("rules.unpinned-crate = \"warn\"\n", &both, &rest("warn"), &[(A, "allowed by its pinned.toml")]);
    check("", "[[scope]]\npaths = [\"other/**\"]\nrules.unpinned-crate = \"allow\"\n", &rest("deny"));
}

/// The toolchain's file and the age of a release: what each side asks for, and whether it is found.
#[test]
fn options_that_are_no_level_are_tightened_too() {
    let asks = |yes: bool| format!("rules.unpinned-toolchain = {{ require-file = {yes} }}\n");
    for (floor, own) in [(false, false), (false, true), (true, false), (true, true)] {
        let manifest = package("demo", "");
        let fleet = Fleet::new().with("mine", &[("Cargo.toml", manifest.as_str()), ("pinned.toml", &asks(own))]);
        fleet.0.write("floor.toml", format!("rules.lock-missing = \"allow\"\n{}", asks(floor)));
        let found = fleet.audit(&["--policy", "floor.toml"]).findings("mine");
        let expected: &[&str] = if floor || own { &["Cargo.toml unpinned-toolchain channel deny"] } else { &[] };
        assert_eq!(found, expected, "floor {floor}, own {own}");
    }
}

const EXCEPTION: &str = "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\nreason = \"we know\"\n";

#[test]
fn what_a_repository_lets_pass_counts_for_honoured_rules_alone() {
    let all = [(A, "deny"), (B, "deny"), (T, "deny")];
    let honour = "[audit]\nhonour = [\"unpinned-crate\"]\n";
    let exclude = "exclude = [\"Cargo.toml\"]\n";
    let scope = "[[scope]]\npaths = [\"**\"]\nrules.unpinned-crate = \"allow\"\nrules.unpinned-git = \"allow\"\n";
    check_waived("", EXCEPTION, &all, &[(A, "we know")]);
    check(honour, EXCEPTION, &all[1..]);
    let excluded = "excluded by its pinned.toml";
    check_waived("", exclude, &all, &[(A, excluded), (B, excluded)]);
    check_waived(honour, exclude, &all[1..], &[(B, excluded)]);
    let allowed = "allowed by its pinned.toml";
    check_waived("", scope, &all, &[(A, allowed), (B, allowed)]);
    check_waived(honour, scope, &all[1..], &[(B, allowed)]);
    // Levels are no waiver that is honoured: the stricter one holds.
    check_waived(honour, "rules.unpinned-crate = \"allow\"\n", &all, &[(A, allowed)]);
    let audit = judge(honour, EXCEPTION, &[]);
    assert_eq!(audit.row("mine")["excepted"][0]["reason"], "we know");
}

#[test]
fn a_baseline_counts_for_honoured_rules_alone() {
    let fleet = Fleet::new().with("mine", &[("Cargo.toml", &floating())]);
    fleet.0.run_in("mine", &["baseline"]);
    fleet.commit("mine");
    fleet.0.write("floor.toml", "");
    let strict = fleet.audit(&["--policy", "floor.toml"]);
    assert_eq!((strict.findings("mine").len(), &strict.row("mine")["summary"]["baselined"]), (2, &0.into()));
    let reasons: Vec<&Value> =
        strict.row("mine")["waived"].as_array().expect("a list").iter().map(|item| &item["reason"]).collect();
    assert_eq!(reasons, ["in its baseline", "in its baseline"]);
    fleet.0.write("floor.toml", "[audit]\nhonour = [\"unpinned-crate\"]\n");
    let honoured = fleet.audit(&["--policy", "floor.toml"]);
    assert_eq!(honoured.findings("mine"), ["Cargo.toml lock-missing demo deny"]);
    assert_eq!(honoured.row("mine")["summary"]["baselined"], 1);
    // Without a floor it counts for all.
    assert_eq!(fleet.audit(&[]).findings("mine"), Vec::<String>::new());
}

#[test]
fn the_floor_s_own_exceptions_hold_everywhere() {
    check(EXCEPTION, "", &[(B, "deny"), (T, "deny")]);
    let audit = judge(EXCEPTION, "", &[]);
    assert_eq!(audit.json["notes"], serde_json::json!([]));
    // One that matches nothing in the whole fleet is said of the run, and of no row.
    let stale = EXCEPTION.replace("\"a\"", "\"zz\"");
    let audit = judge(&stale, "", &[]);
    let note = audit.json["notes"][0].as_str().expect("a note");
    assert!(note.starts_with("the exception for unpinned-crate of `zz` matches nothing in any repository"), "{note}");
    assert!(audit.findings("mine").iter().all(|found| !found.contains("stale-exception")));
    let ending = format!("{EXCEPTION}expires = 2026-01-10\n");
    assert_eq!(judge(&ending, "", &[]).json["notes"][0], "the exception for unpinned-crate of `a` ends on 2026-01-10");
}

/// Its own exceptions that match nothing are the repository's to mend, as in a check.
#[test]
fn a_stale_exception_of_a_repository_is_found() {
    let own = EXCEPTION.replace("\"a\"", "\"zz\"");
    let stale = "pinned.toml stale-exception unpinned-crate of `zz` warn";
    let audit = judge("", &own, &[]);
    assert!(audit.findings("mine").contains(&stale.to_owned()), "{:?}", audit.findings("mine"));
    let denied = judge("rules.stale-exception = \"deny\"\n", &own, &[]);
    assert!(denied.findings("mine").contains(&stale.replace(" warn", " deny")), "{:?}", denied.findings("mine"));
}

#[test]
fn the_command_line_can_only_tighten() {
    let tightened = judge("rules.unpinned-crate = \"warn\"\n", "", &["--deny", "unpinned-crate"]);
    assert_eq!(tightened.findings("mine")[0], format!("{A} deny"));
    let fleet = Fleet::new().floating("mine").file("floor.toml", "rules.unpinned-crate = \"warn\"\n");
    let error = fleet.run(&["--policy", "floor.toml", "--allow", "unpinned-crate"]).error();
    assert!(error.contains("`--allow unpinned-crate` would loosen the policy, by which it is `warn`"), "{error}");
    assert_eq!(fleet.run(&["--policy", "floor.toml", "--warn", "unpinned-crate"]).code, 1, "for the missing lockfile");
}

/// A policy that cannot be read is a finding: the floor holds all the same.
#[test]
fn an_unreadable_policy_is_a_finding_under_a_floor() {
    let audit = judge("", "[rules]\nunpined-crate = \"allow\"\n", &[]);
    let found = audit.findings("mine");
    assert_eq!(found[0], format!("{A} deny"));
    assert!(found.contains(&"pinned.toml unreadable-file pinned.toml deny".to_owned()), "{found:?}");
    let findings = audit.row("mine")["findings"].as_array().expect("a list");
    let policy = findings.iter().find(|finding| finding["path"] == "pinned.toml").expect("it was found");
    assert_eq!(policy["start"]["line"], 2);
    assert_eq!(audit.row("mine")["error"], Value::Null);
}

/// The line of the policy that decided is named: of the floor, or of the repository's own.
#[test]
fn a_finding_names_the_policy_that_decided() {
    let line = |audit: &Audit, rule: &str| {
        let findings = audit.row("mine")["findings"].as_array().expect("a list");
        findings.iter().find(|finding| finding["rule"] == rule).expect("it is there")["policy"].clone()
    };
    let floor = "rules.unpinned-crate = \"warn\"\nrules.unpinned-git = \"warn\"\n";
    let audit = judge(floor, "\nrules.unpinned-crate = \"deny\"\n", &[]);
    assert_eq!(line(&audit, "unpinned-git"), serde_json::json!({ "path": "floor.toml", "line": 3 }));
    // At level deny it is the default again, which needs no saying.
    assert_eq!(line(&audit, "unpinned-crate"), Value::Null);
    let audit = judge("rules.unpinned-crate = \"allow\"\n", "\nrules.unpinned-crate = \"warn\"\n", &[]);
    assert_eq!(line(&audit, "unpinned-crate"), serde_json::json!({ "path": "pinned.toml", "line": 2 }));
    // A scope that is honoured decides where it changes something, and only there.
    let honour =
        "rules.unpinned-crate = { level = \"warn\", require = \"tag\" }\naudit.honour = [\"unpinned-crate\"]\n";
    for (says, expected) in [
        ("{ require = \"exact\" }", serde_json::json!({ "path": "pinned.toml", "line": 3 })),
        ("{ require = \"tag\" }", serde_json::json!({ "path": "floor.toml", "line": 2 })),
    ] {
        let scope = format!("[[scope]]\npaths = [\"**\"]\nrules.unpinned-crate = {says}\n");
        assert_eq!(line(&judge(honour, &scope, &[]), "unpinned-crate"), expected, "{says}");
    }
}

#[test]
fn a_floor_must_be_readable() {
    let fleet = Fleet::new().floating("mine");
    for (text, expected) in [
        ("exclud = []\n", "floor.toml:1:1: unknown key `exclud`"),
        ("[audit]\nhonor = []\n", "floor.toml:2:1: unknown key of `audit` `honor`; did you mean `honour`?"),
        ("[audit]\nhonour = [\"unpined-crate\"]\n", "did you mean `unpinned-crate`?"),
        ("[audit]\nhonour = 3\n", "`honour` must be a list of rules"),
        ("audit = 3\n", "`audit` must be a table"),
    ] {
        fleet.0.write("floor.toml", text);
        let error = fleet.run(&["--policy", "floor.toml"]).error();
        assert!(error.contains(expected), "{error}");
    }
    // One file can be floor and a repository's own policy: there the table means nothing.
    let own = "[audit]\nhonour = [\"unpinned-crate\"]\n";
    let fleet = Fleet::new().with("mine", &[("Cargo.toml", &floating()), ("pinned.toml", own)]);
    assert_eq!(fleet.audit(&[]).findings("mine").len(), 2);
}
