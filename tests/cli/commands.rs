//! The verbs, and what is typed in their place.

use std::io::Read as _;

use clap::CommandFactory as _;
use snapbox::str;

use crate::support::{Repo, process};

fn floating() -> Repo {
    Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
}

fn exact() -> Repo {
    Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
}

#[test]
fn bare_is_check() {
    let repo = floating();
    let checked = repo.run(&["check"]);
    assert_eq!(checked.code, 1);
    for typed in
        [&[][..], &["pinned"], &["pinned", "check"], &["--color", "never"], &["pinned", "--today", "2026-01-01"]]
    {
        let run = repo.run(typed);
        assert_eq!((run.code, &run.stdout, run.stderr.as_str()), (1, &checked.stdout, ""), "{typed:?}");
    }
}

#[test]
fn cargo_calls_with_its_own_word() {
    exact().command(&["pinned", "check"]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
no findings; 1 of 1 declaration pinned

"#]]);
    exact().command(&["pinned", "list", "."]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
Cargo.toml
  [dependencies]
  7:6  a = "=1.0.1"  exact    1.0.1

1 of 1 declaration pinned

"#]]);
}

#[test]
fn a_directory_named_like_the_tool_can_be_checked() {
    let repo = Repo::new().file("pinned/Cargo.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n");
    assert_eq!(repo.run(&["check", "pinned"]).code, 0);
}

#[test]
fn a_global_option_may_stand_before_the_verb() {
    let repo = exact();
    let run = repo.run(&["--color", "never", "list"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, repo.run(&["list"]).stdout);
    assert_eq!(repo.run(&["--color=never", "explain"]).stdout, repo.run(&["explain"]).stdout);
}

#[test]
fn explain_lists_the_rules() {
    exact().command(&["explain"]).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
checksum-changed     deny  in a comparison: the same name, version and source with another checksum
lock-missing         deny  a workspace or standalone package without a lockfile
lock-stale           deny  a lockfile that `cargo --locked` would refuse
lock-uncommitted     deny  a lockfile that git ignores or does not track
lock-unverified      deny  a locked package without a checksum or full commit, or with another commit than its `rev`
outside-path         deny  a path dependency that leads out of the repository
release-too-new      allow in a comparison: a new release that has not been public for `min-age`
release-yanked       allow in a comparison: a new release that was withdrawn
source-override      warn  cargo's configuration takes dependencies from elsewhere
stale-exception      warn  an exception that matches nothing, or that ends within 14 days
unlocked-build       warn  a build in a workflow, Dockerfile or script that may change the lockfile
unpinned-action      deny  an action or reusable workflow by anything but a full commit id
unpinned-crate       deny  a registry requirement that admits more than one version
unpinned-git         deny  a git dependency by branch, tag, nothing, or a `rev` that is not a full commit id
unpinned-image       deny  a container image without a digest
unpinned-npm         deny  a dependency in package.json that is not one version: a range, a tag, a git reference
unpinned-python      deny  a Python requirement that admits more than one version
unpinned-tool        deny  a tool that a script installs at no exact version, or a downloaded script that is run right away
unpinned-toolchain   deny  a toolchain channel that moves
unpinned-web         deny  a script or style of a page whose URL names no full version
unreadable-file      deny  a file that cannot be parsed or read

`cargo pinned explain RULE` says what a rule does, why, and when to allow it.

"#]]);
}

#[test]
fn explain_documents_a_rule() {
    exact().command(&["explain", "unpinned-git"]).assert().code(0).stderr_eq("").stdout_eq(str![[r##"
# unpinned-git

Surface: git. Default level: deny. Default require: content.

## What it does

Flags each git dependency whose reference can come to mean another commit: a `branch`, a `tag`, no reference at all, and a `rev` that is not 40 (or 64) hex digits from start to end: a short id, a tag, `refs/pull/1/head`. The fragment of a URL (`…/repo#abc`) is ignored by cargo and pins nothing. A `version` beside it pins nothing either.

## Why this is bad

Whoever can push to that repository can change what you build: a branch moves with each push, a tag can be moved, and a short id can come to name a second commit.

## Example

Fails (`Cargo.toml`):

```
[package]
name = "demo"
version = "0.1.0"
edition = "2024"

[dependencies]
left = { git = "https://example.com/left.git", branch = "main" }
```

Passes (`Cargo.toml`):

```
[package]
name = "demo"
version = "0.1.0"
edition = "2024"

[dependencies]
left = { git = "https://example.com/left.git", rev = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345" }
```

## When to allow it

For a repository of your own whose branch is released together with this one: `require = "locked"` lets it pass while the lockfile holds it to a full commit.

## Options

- `level`: `deny`, `warn` or `allow`.
- `require`: the weakest pin that passes: `latest`, `range`, `tag`, `exact`, `content`, or `locked`.
- `kinds`: which of normal, build and dev dependencies are judged; all by default.

"##]]);
}

#[test]
fn explain_has_every_section_for_every_rule() {
    let repo = Repo::new();
    let list = repo.run(&["explain"]).stdout;
    let rules: Vec<&str> =
        list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split(' ').next()).collect();
    assert!(rules.len() >= 10, "{rules:?}");
    for rule in rules {
        let page = repo.run(&["explain", rule]).stdout;
        for section in ["What it does", "Why this is bad", "Example", "When to allow it", "Options"] {
            assert!(page.contains(&format!("\n## {section}\n")), "{rule} lacks {section}");
        }
    }
}

#[test]
fn an_unknown_rule_is_named_with_its_nearest() {
    exact().command(&["explain", "unpined-crate"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unknown rule `unpined-crate`; did you mean `unpinned-crate`?

"#]]);
    exact().command(&["--deny", "lock-stael"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unknown rule `lock-stael`; did you mean `lock-stale`?

"#]]);
}

#[test]
fn an_unknown_verb_is_named_with_its_nearest() {
    exact().command(&["chekc"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unrecognized subcommand 'chekc'

  tip: a similar subcommand exists: 'check'

Usage: cargo pinned [check] [OPTIONS]
       cargo pinned <COMMAND> [OPTIONS]

For more information, try '--help'.

"#]]);
    exact().command(&["pinned", "lst"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unrecognized subcommand 'lst'

  tip: a similar subcommand exists: 'list'

Usage: cargo pinned [check] [OPTIONS]
       cargo pinned <COMMAND> [OPTIONS]

For more information, try '--help'.

"#]]);
}

#[test]
fn a_path_needs_the_verb() {
    exact().command(&["."]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unrecognized subcommand '.'

Usage: cargo pinned [check] [OPTIONS]
       cargo pinned <COMMAND> [OPTIONS]

For more information, try '--help'.

"#]]);
}

#[test]
fn an_unknown_option_is_usage() {
    exact().command(&["--formt", "json"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: unexpected argument '--formt' found

  tip: a similar argument exists: '--format'

Usage: cargo pinned check --format <FORMAT> [PATH]

For more information, try '--help'.

"#]]);
    exact().command(&["--format", "yaml"]).assert().code(2).stdout_eq("").stderr_eq(str![[r#"
error: invalid value 'yaml' for '--format <FORMAT>'
  [possible values: human, full, json, sarif, github, gitlab, junit, markdown]

For more information, try '--help'.

"#]]);
}

#[test]
fn help_and_version_are_on_standard_output() {
    let repo = Repo::new();
    for typed in [&["--version"][..], &["-V"], &["pinned", "--version"], &["pinned", "-V"], &["--color", "never", "-V"]]
    {
        repo.command(typed).assert().code(0).stderr_eq("").stdout_eq(str![[r#"
cargo-pinned 0.1.0

"#]]);
    }
    for typed in [&["--help"][..], &["-h"], &["help"], &["check", "--help"], &["pinned", "--help"]] {
        let run = repo.run(typed);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{typed:?}");
        assert!(run.stdout.contains("Usage: cargo pinned"), "{typed:?}: {}", run.stdout);
    }
}

/// Nobody reads: the far end of the pipe is closed before the tool starts.
#[test]
fn a_closed_pipe_is_no_error() {
    let repo = floating();
    for typed in
        [&["check"][..], &["check", "--format", "json"], &["list"], &["list", "--format", "json"], &["explain"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut child = process(repo.root(), typed).stdout(writer).spawn().expect("the binary starts");
        let mut stderr = String::new();
        child.stderr.take().expect("it is piped").read_to_string(&mut stderr).expect("text");
        let status = child.wait().expect("it ends");
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{typed:?}");
    }
}

/// The reader takes the first line of a report that is larger than a pipe holds, and leaves.
#[test]
fn a_pipe_that_closes_early_is_no_error() {
    let dependencies: String = (0..2000).map(|n| format!("dependency-{n} = \"1\"\n")).collect();
    let repo = Repo::demo(&dependencies, "demo 0.1.0");
    let mut child = process(repo.root(), &["check", "--format", "json"]).spawn().expect("the binary starts");
    let mut first = [0; 1];
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_exact(&mut first).expect("a report begins");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut stderr).expect("text");
    assert_eq!((child.wait().expect("it ends").code(), stderr.as_str(), first), (Some(0), "", *b"{"));
}

#[test]
fn init_writes_a_policy_that_changes_nothing_and_never_a_second_time() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").file("sub/keep", "").git();
    let before = repo.findings();
    let run = repo.run_in("sub", &["init"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let written = repo.read("pinned.toml");
    assert!(written.contains("# unpinned-crate = { level = \"deny\", require = \"exact\" }"), "{written}");
    assert_eq!(repo.findings(), before);
    let again = repo.run(&["init"]);
    assert!(again.stderr.contains("there is a policy already"), "{}", again.stderr);
    assert_eq!((again.code, repo.read("pinned.toml")), (2, written));
}

#[test]
fn completions_and_the_manual_know_every_verb() {
    let repo = Repo::new();
    let verbs = ["check", "list", "baseline", "init", "explain"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = repo.run(&["completions", shell]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(verbs.iter().all(|verb| run.stdout.contains(verb)), "{shell}");
    }
    let manual = repo.run(&["man"]);
    assert!(
        manual.stdout.contains(".TH") && verbs.iter().all(|verb| manual.stdout.contains(verb)),
        "{}",
        manual.stdout
    );
    assert_eq!(repo.run(&["completions", "csh"]).code, 2);
}

#[test]
fn the_manual_has_every_option_and_a_page_for_each_verb() {
    let repo = Repo::new();
    let whole = repo.run(&["man"]).stdout;
    let written = repo.run(&["man", "--output", "share/man1"]);
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (0, "", ""));
    let mut command = cargo_pinned::cli::Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = vec!["cargo-pinned.1".to_owned()];
    for verb in command.get_subcommands() {
        let page = format!("cargo-pinned-{}.1", verb.get_name());
        let alone = repo.read(&format!("share/man1/{page}"));
        assert!(alone.contains(concat!("\"cargo-pinned ", env!("CARGO_PKG_VERSION"), "\"")), "{alone}");
        let heading = format!(".SH \"CARGO PINNED {}\"\n", verb.get_name().to_uppercase());
        let (_, section) = whole.split_once(&heading).expect("the one page has a section of the verb");
        let section = section.split("\n.SH ").next().unwrap_or_default();
        for option in verb.get_arguments().filter(|option| !option.is_hide_set()) {
            let Some(long) = option.get_long() else { continue };
            let long = format!("\\fB\\-\\-{}\\fR", long.replace('-', "\\-"));
            assert!(alone.contains(&long) && section.contains(&long), "{}: {long}", verb.get_name());
        }
        pages.push(page);
    }
    pages.sort();
    let there = std::fs::read_dir(repo.root().join("share/man1")).expect("the directory was made");
    let mut there: Vec<String> =
        there.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect();
    there.sort();
    assert_eq!(there, pages);
    assert!(whole.contains(".SH \"EXIT STATUS\"") && !whole.contains("EXTRA"), "{whole}");
    let refused = repo.file("taken", "").run(&["man", "--output", "taken"]);
    assert!(refused.error().contains("`taken`"));
}

#[test]
fn init_prints_the_schema_for_editors_and_writes_nothing() {
    let repo = exact();
    let run = repo.run(&["init", "--schema"]);
    let schema: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    assert!(validator.is_valid(&serde_json::json!({ "rules": { "lock-stale": "warn" } })));
    assert!(!validator.is_valid(&serde_json::json!({ "rules": { "lock-stail": "warn" } })));
    assert!((run.code, run.stderr.as_str()) == (0, "") && !repo.root().join("pinned.toml").exists());
}

/// A list says where each declaration stands as a finding about it does, and is what its schema says.
#[test]
fn a_list_has_the_places_of_findings() {
    let repo = Repo::demo(
        "\"é\" = { package = \"a\", version = \"1\" }\nb = \"1\"",
        "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b",
    );
    let list: serde_json::Value =
        serde_json::from_str(&repo.run(&["list", "--format", "json"]).stdout).expect("it is JSON");
    let schema =
        std::fs::read_to_string(crate::support::repository().join("schemas/list-v1.json")).expect("it is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    assert!(jsonschema::validator_for(&schema).expect("the schema is one").is_valid(&list), "{list}");
    let findings = repo.check();
    let findings = findings.0["findings"].as_array().expect("a list");
    let listed = list["declarations"].as_array().expect("a list");
    assert_eq!((listed.len(), findings.len()), (2, 2));
    let human = repo.run(&["list"]).stdout;
    for (listed, found) in listed.iter().zip(findings) {
        assert_eq!((&listed["start"], &listed["end"]), (&found["start"], &found["end"]));
        let place = format!("  {}:{}", found["start"]["line"], found["start"]["column"]);
        assert!(human.lines().any(|line| line.starts_with(&place)), "{place}: {human}");
    }
}
