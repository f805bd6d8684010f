//! The options of `check` and `list`.

use serde_json::Value;
use snapbox::str;

use crate::support::{COMMIT, Repo, lock, package};

/// One finding of each surface: a range, a branch, a moving toolchain, and a lockfile without a checksum.
fn everything() -> Repo {
    let left = format!("left 0.1.0 git+https://example.com/left.git?branch=main#{COMMIT}");
    let locked = lock(&format!("a 1.0.1 crates-io\ndemo 0.1.0 -> a, left\n{left}"));
    let bare = locked.lines().filter(|line| !line.starts_with("checksum")).collect::<Vec<_>>().join("\n");
    Repo::new()
        .file(
            "Cargo.toml",
            package(
                "demo",
                "[dependencies]\na = \"1\"\nleft = { git = \"https://example.com/left.git\", branch = \"main\" }\n",
            ),
        )
        .file("Cargo.lock", bare)
        .file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n")
}

/// A package whose only finding is a warning.
fn warned() -> Repo {
    Repo::new().file("Cargo.toml", package("demo", "")).file(".cargo/config.toml", "paths = [\"fork\"]\n")
}

fn rules(repo: &Repo, arguments: &[&str]) -> Vec<String> {
    let report = repo.run(&[&["check", "--format", "json"], arguments].concat()).report();
    report.list().iter().map(|finding| finding["rule"].as_str().expect("a string").to_owned()).collect()
}

#[test]
fn surfaces_narrow_the_report() {
    let repo = everything();
    assert_eq!(rules(&repo, &[]), ["lock-unverified", "unpinned-crate", "unpinned-git", "unpinned-toolchain"]);
    assert_eq!(rules(&repo, &["--surface", "git"]), ["unpinned-git"]);
    assert_eq!(rules(&repo, &["--surface", "crate,toolchain"]), ["unpinned-crate", "unpinned-toolchain"]);
    assert_eq!(rules(&repo, &["--surface", "lockfile", "--surface", "crate"]), ["lock-unverified", "unpinned-crate"]);
    let listed = repo.run(&["list", "--surface", "git"]).stdout;
    assert!(listed.contains("left branch = \"main\"") && !listed.contains("a = \"1\""), "{listed}");
}

#[test]
fn an_unknown_surface_lists_those_there_are() {
    everything().command(&["--surface", "crates"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unknown surface `crates`: there are crate, git, lockfile, toolchain, action, image, npm, python, tool, web, policy

"#]]);
}

#[test]
fn levels_can_be_typed() {
    let repo = everything();
    let all = ["unpinned-crate", "unpinned-git", "unpinned-toolchain", "lock-unverified"];
    let with = |option: &'static str| all.iter().flat_map(|&rule| [option, rule]).collect::<Vec<_>>();
    assert_eq!(repo.run(&with("--warn")).code, 0);
    assert_eq!(rules(&repo, &with("--allow")), [""; 0]);
    assert_eq!(rules(&repo, &["--allow", "unpinned-git"]), ["lock-unverified", "unpinned-crate", "unpinned-toolchain"]);
    assert_eq!(repo.run(&[with("--warn"), vec!["--deny", "unpinned-git"]].concat()).code, 1);
}

#[test]
fn what_is_typed_beats_the_policy() {
    let repo = everything().file("pinned.toml", "[rules]\nunpinned-crate = \"allow\"\nunpinned-git = \"warn\"\n");
    assert_eq!(rules(&repo, &[]), ["lock-unverified", "unpinned-git", "unpinned-toolchain"]);
    let typed = rules(&repo, &["--deny", "unpinned-crate", "--allow", "unpinned-git"]);
    assert_eq!(typed, ["lock-unverified", "unpinned-crate", "unpinned-toolchain"]);
}

#[test]
fn warnings_can_be_denied_at_once() {
    let repo = warned();
    assert_eq!(repo.findings(), [".cargo/config.toml:1:1 source-override paths"]);
    assert_eq!(repo.run(&["check"]).code, 0);
    assert_eq!(repo.run(&["check", "--deny", "warnings"]).code, 1);
    assert_eq!(repo.run(&["check", "--deny", "source-override"]).code, 1);
    assert_eq!(repo.run(&["check", "--deny", "warnings", "--allow", "source-override"]).code, 0);
}

#[test]
fn a_policy_can_be_named() {
    let repo = everything()
        .file("pinned.toml", "[rules]\nunpinned-git = \"allow\"\n")
        .file("ci/strict.toml", "[rules]\nunpinned-crate = \"allow\"\n");
    let rules = rules(&repo, &["--config", "ci/strict.toml"]);
    assert_eq!(rules, ["lock-unverified", "unpinned-git", "unpinned-toolchain"]);
    repo.command(&["--config", "ci/lost.toml"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: cannot read the policy `ci/lost.toml`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn mistakes_in_the_policy_have_a_place() {
    for (policy, expected) in [
        (
            "[rules]\nunpined-crate = \"warn\"\n",
            "error: pinned.toml:2:1: unknown rule `unpined-crate`; did you mean `unpinned-crate`?\n",
        ),
        ("[rules]\nlock-stale = \"wran\"\n", "error: pinned.toml:2:14: unknown level `wran`; did you mean `warn`?\n"),
        (
            "# ü\n[rules]\nunpinned-crate = { requrie = \"exact\" }\n",
            "error: pinned.toml:3:20: unknown option of `unpinned-crate` `requrie`; did you mean `require`?\n",
        ),
        ("exclude = [1]\n", "error: pinned.toml:1:12: `exclude` must be a list of strings, and is an integer\n"),
        ("[rules\n", "error: pinned.toml:1:7: not valid TOML: unclosed table, expected `]`\n"),
    ] {
        assert_eq!(everything().file("pinned.toml", policy).run(&["check"]).error(), expected);
    }
}

#[test]
fn a_mistake_in_a_named_policy_names_that_file() {
    let repo = everything().file("ci/strict.toml", "exclde = []\n");
    let error = repo.run(&["--config", "ci/strict.toml"]).error();
    assert_eq!(error, "error: ci/strict.toml:1:1: unknown key `exclde`; did you mean `exclude`?\n");
}

#[test]
fn a_broken_exclude_is_named() {
    let repo = everything().file("pinned.toml", "exclude = [\"a/**b\"]\n");
    repo.command(&[]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: pinned.toml:1:12: `a/**b` is no glob: recursive wildcards must form a single path component

"#]]);
}

#[test]
fn one_run_writes_several_reports() {
    let repo = everything();
    let run = repo.run(&["check", "--output", "json=out.json", "--output", "human=out.txt", "--format", "human"]);
    assert_eq!(run.code, 1);
    assert_eq!(repo.read("out.txt"), run.stdout);
    let json = repo.run(&["check", "--format", "json"]).stdout;
    assert_eq!(repo.read("out.json"), json);
    assert!(serde_json::from_str::<Value>(&json).is_ok());
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let repo = everything();
    repo.command(&["--output", "json=no/such/directory.json"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: cannot write the report `no/such/directory.json`: No such file or directory (os error 2)

"#]]);
    for wrong in ["json", "json=", "yaml=a"] {
        let run = repo.run(&["check", "--output", wrong]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong}");
        assert!(run.stderr.contains("--output <FORMAT=FILE>"), "{}", run.stderr);
    }
    let said = repo.run(&["check", "--output", "yaml=a"]).stderr;
    assert!(said.contains("`yaml` is no format: human, full, json, sarif"), "{said}");
}

#[test]
fn quiet_prints_what_fails_and_nothing_else() {
    let run = warned().run(&["-q"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    let run = everything().run(&["-q", "--warn", "unpinned-crate"]);
    assert!(run.stdout.contains("unpinned-git") && !run.stdout.contains("unpinned-crate"), "{}", run.stdout);
    assert!(!run.stdout.contains("finding"), "{}", run.stdout);
    assert_eq!(
        warned().run(&["-q", "-v"]).error().lines().next(),
        Some("error: the argument '--quiet' cannot be used with '--verbose'")
    );
}

#[test]
fn verbose_lists_what_was_skipped() {
    let repo = warned().file("vendor/a/Cargo.toml", package("a", "[dependencies]\nb = \"1\"\n"));
    let short = repo.run(&["check"]).stdout;
    assert!(short.contains("1 file skipped (-v lists them)") && !short.contains("vendor"), "{short}");
    let long = repo.run(&["check", "-v"]).stdout;
    assert!(long.contains("  vendor/a/Cargo.toml  default exclude `**/vendor/**`\n"), "{long}");
    assert_eq!(repo.check().skipped(), ["vendor/a/Cargo.toml: default exclude `**/vendor/**`"]);
}

#[test]
fn default_excludes_can_be_switched_off() {
    let repo = warned().file("vendor/a/Cargo.toml", package("a", "[dependencies]\nb = \"1\"\n[workspace]\n"));
    let report = repo.run(&["check", "--no-default-excludes", "--format", "json"]).report();
    let expected = ["vendor/a/Cargo.toml:1:1 lock-missing a", "vendor/a/Cargo.toml:7:6 unpinned-crate b"];
    assert_eq!(report.findings()[1..], expected);
    assert_eq!(report.skipped(), [""; 0]);
}

#[test]
fn today_is_a_date() {
    assert_eq!(everything().run(&["--today", "2026-02-28"]).code, 1);
    for wrong in ["2026-02-30", "tomorrow", "28.2.2026", "", "2026-2-3", "20260203", "2026-02-03T00:00"] {
        let error = everything().run(&["--today", wrong]).error();
        assert!(error.starts_with(&format!("error: `{wrong}` is not a date of the form YYYY-MM-DD")), "{error}");
    }
}
