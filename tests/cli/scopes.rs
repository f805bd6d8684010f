//! Scopes: parts of a repository in which a rule has other settings.

use crate::support::{Repo, Report, lock, package};

const PUBLIC: &str = "description = \"a library\"\nlicense = \"MIT\"\n";

/// Two members that float `a` themselves and inherit `b` from the root, where it floats.
fn repo(policy: &str, one: &str) -> Repo {
    let dependencies = "[dependencies]\na = \"1\"\nb.workspace = true\n";
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n\n[workspace.dependencies]\nb = \"1\"\n")
        .file("one/Cargo.toml", package("one", &format!("{one}{dependencies}")))
        .file("one/src/lib.rs", "")
        .file("two/Cargo.toml", package("two", dependencies))
        .file("two/src/main.rs", "")
        .file("Cargo.lock", lock("a 1.0.1 crates-io\nb 1.0.2 crates-io\none 0.1.0 -> a, b\ntwo 0.1.0 -> a, b"))
        .file("pinned.toml", policy)
        .git()
}

fn report(repo: &Repo, arguments: &[&str]) -> Report {
    repo.run(&[&["check", "--format", "json"], arguments].concat()).report()
}

/// The findings of `unpinned-crate`, each as `path name level`.
#[track_caller]
fn check(policy: &str, one: &str, arguments: &[&str], expected: &[&str]) {
    let report = report(&repo(policy, one), arguments);
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or("").to_owned();
    let findings = report.list().iter().filter(|finding| finding["rule"] == "unpinned-crate");
    let found: Vec<String> = findings
        .map(|finding| format!("{} {} {}", text(finding, "path"), text(finding, "name"), text(finding, "level")))
        .collect();
    assert_eq!(found, expected, "{policy}");
}

const ROOT: &str = "Cargo.toml b deny";

#[test]
fn what_is_inherited_is_judged_by_the_weakest_require_of_those_who_inherit_it() {
    let scope = "[[scope]]\npackages = [\"one\"]\nrules.unpinned-crate = { require = \"locked\" }\n";
    check(scope, "", &[], &["two/Cargo.toml a deny"]);
    // A tighter one in one member does not bind the others.
    let scope = "[rules]\nunpinned-crate = { require = \"locked\" }\n[[scope]]\npaths = [\"one/**\"]\nrules.unpinned-crate = { require = \"exact\" }\n";
    check(scope, "", &[], &["one/Cargo.toml a deny"]);
}

#[test]
fn the_message_of_what_is_inherited_names_who_inherits_it() {
    let report = report(&repo("", ""), &[]);
    let message = report.list()[0]["message"].as_str().expect("a message");
    assert!(message.ends_with(", in one and two"), "{message}");
}

#[test]
fn later_scopes_win_and_the_command_line_wins_over_all() {
    let scopes = "[[scope]]\npaths = [\"*/**\"]\nrules.unpinned-crate = \"allow\"\n[[scope]]\npackages = [\"two\"]\nrules.unpinned-crate = \"warn\"\n";
    check(scopes, "", &[], &["Cargo.toml b warn", "two/Cargo.toml a warn"]);
    let all = ["Cargo.toml b deny", "one/Cargo.toml a deny", "two/Cargo.toml a deny"];
    check(scopes, "", &["--deny", "unpinned-crate"], &all);
    check(scopes, "", &["--allow", "unpinned-crate"], &[]);
}

#[test]
fn a_rule_that_is_off_can_be_on_in_a_scope() {
    let policy =
        "[rules]\nunpinned-crate = \"allow\"\n[[scope]]\npackages = [\"two\"]\nrules.unpinned-crate = \"deny\"\n";
    check(policy, "", &[], &[ROOT, "two/Cargo.toml a deny"]);
}

#[test]
fn what_is_published_as_a_library_is_what_a_registry_takes() {
    let scope = "[[scope]]\npublished = true\nrules.unpinned-crate = { require = \"locked\" }\n";
    let (free, bound) = (&["two/Cargo.toml a deny"][..], &[ROOT, "one/Cargo.toml a deny", "two/Cargo.toml a deny"][..]);
    check(scope, PUBLIC, &[], free);
    check(scope, "description = \"a library\"\nlicense-file = \"L\"\npublish = [\"ours\"]\n", &[], free);
    for kept in ["", "description = \"a library\"\n", "license = \"MIT\"\n"] {
        check(scope, kept, &[], bound);
    }
    check(scope, &format!("{PUBLIC}publish = false\n"), &[], bound);
    check(scope, &format!("{PUBLIC}publish = []\n"), &[], bound);
}

#[test]
fn development_dependencies_of_a_library_burden_nobody() {
    let scope = "[[scope]]\npublished = true\nrules.unpinned-crate = { require = \"locked\" }\n";
    let repo = repo(scope, PUBLIC);
    repo.write(
        "one/Cargo.toml",
        package("one", &format!("{PUBLIC}[dev-dependencies]\na = \"1\"\nb.workspace = true\n")),
    );
    repo.commit();
    let findings = report(&repo, &[]).findings();
    assert_eq!(findings.iter().filter(|finding| finding.starts_with("one/")).count(), 1, "{findings:?}");
}

#[test]
fn a_stale_lockfile_is_judged_where_the_member_is() {
    let policy = "[[scope]]\npaths = [\"two/**\"]\nrules.lock-stale = \"warn\"\n";
    let repo = repo(policy, "");
    repo.write(
        "two/Cargo.toml",
        package("two", "[dependencies]\na = \"=1.0.1\"\nb.workspace = true\nc = \"=1.0.0\"\n"),
    );
    repo.commit();
    let report = report(&repo, &["--allow", "unpinned-crate"]);
    assert_eq!(report.0["summary"]["warn"], 1);
    assert_eq!(report.0["summary"]["deny"], 0);
}

#[test]
fn mistakes_in_a_scope_have_a_place() {
    for (policy, expected) in [
        (
            "[[scope]]\nrules.lock-stale = \"warn\"\n",
            "pinned.toml:1:1: a scope needs `paths`, `packages` or `published`",
        ),
        ("[[scope]]\npath = [\"a\"]\n", "pinned.toml:2:1: unknown key of a scope `path`; did you mean `paths`?"),
        ("[[scope]]\npublished = 1\n", "pinned.toml:2:13: `published` must be true or false"),
        ("[[scope]]\npaths = \"a\"\n", "`paths` must be a list of globs"),
        (
            "[[scope]]\npaths = [\"a\"]\nrules.lock-stal = \"warn\"\n",
            "unknown rule `lock-stal`; did you mean `lock-stale`?",
        ),
        ("scope = 1\n", "`scope` must be tables"),
    ] {
        let run = repo(policy, "").run(&["check"]);
        assert!(run.stderr.contains(expected), "{policy}: {}", run.stderr);
        assert_eq!(run.code, 2, "{policy}");
    }
}

/// The line of the policy that each finding of a rule names, in order; 0 where it names none.
fn policy_lines(policy: &str, rule: &str, arguments: &[&str]) -> Vec<u64> {
    let report = report(&repo(policy, ""), arguments);
    let findings = report.list().iter().filter(|finding| finding["rule"] == rule);
    let line = |finding: &serde_json::Value| {
        let line = finding["policy"]["line"].as_u64().unwrap_or(0);
        assert!(line == 0 || finding["policy"]["path"] == "pinned.toml", "{finding}");
        line
    };
    findings.map(line).collect()
}

#[test]
fn a_finding_names_the_line_of_the_policy_that_made_it_one() {
    let rule = "unpinned-crate";
    assert_eq!(policy_lines("", rule, &[]), [0, 0, 0]);
    // What says the default has made nothing a finding.
    assert_eq!(
        policy_lines("[rules]\nunpinned-crate = { level = \"deny\", require = \"exact\" }\n", rule, &[]),
        [0, 0, 0]
    );
    let warn = "[rules]\nlock-stale = \"warn\"\nunpinned-crate = \"warn\"\n";
    assert_eq!(policy_lines(warn, rule, &[]), [3, 3, 3]);
    // Of several, the last that changed something: at the root the one of a scope of a member that inherits it.
    let scoped = "[rules]\nunpinned-crate = \"warn\"\n\n[[scope]]\npaths = [\"two/**\"]\nrules.unpinned-crate = \"deny\"\nrules.lock-stale = \"warn\"\n";
    assert_eq!(policy_lines(scoped, rule, &[]), [0, 2, 0]);
    // A scope that asks for what holds anyway has made nothing a finding.
    let scope = |says: &str| format!("[[scope]]\npaths = [\"**\"]\nrules.unpinned-crate = {{ {says} }}\n");
    assert_eq!(policy_lines(&format!("{warn}{}", scope("require = \"exact\"")), rule, &[]), [3, 3, 3]);
    // The command line is no line of the policy.
    assert_eq!(policy_lines(warn, rule, &["--deny", rule]), [0, 0, 0]);
    let required = "[rules]\nunpinned-toolchain = { require-file = true }\n";
    assert_eq!(policy_lines(required, "unpinned-toolchain", &[]), [2]);
    let required = "[[scope]]\npaths = [\"Cargo.toml\"]\nrules.unpinned-toolchain = { require-file = true }\n";
    assert_eq!(policy_lines(required, "unpinned-toolchain", &[]), [3]);
    let waived = "[rules]\nunpinned-toolchain = { require-file = true }\n[[scope]]\npaths = [\"*.toml\"]\nrules.unpinned-toolchain = { require-file = false }\n";
    assert_eq!(policy_lines(waived, "unpinned-toolchain", &[]), [0; 0]);
    // Where several scopes say the same of what is inherited, the first.
    let scope = |path: &str| format!("[[scope]]\npaths = [\"{path}/**\"]\nrules.unpinned-crate = \"warn\"\n");
    assert_eq!(policy_lines(&(scope("one") + &scope("two")), rule, &[]), [3, 3, 6]);
    assert_eq!(policy_lines(&(scope("two") + &scope("one")), rule, &[]), [6, 6, 3]);
}

/// A policy that asks of a surface what it does not have would switch its rule off without a word.
#[test]
fn what_no_lockfile_holds_cannot_be_asked_to_be_locked() {
    let page = Repo::new().file("index.html", "<script src=\"https://unpkg.com/vue@3\"></script>\n");
    for policy in [
        "[rules]\nunpinned-web = { require = \"locked\" }\n",
        "[[scope]]\npaths = [\"**\"]\nrules.unpinned-web = { require = \"locked\" }\n",
    ] {
        page.write("pinned.toml", policy);
        let error = page.run(&["check"]).error();
        assert!(
            error.contains("no lockfile holds what `unpinned-web` judges: `locked` would let everything pass"),
            "{error}"
        );
    }
}
