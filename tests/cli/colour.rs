//! Colours: only where they are wanted, and the same text beneath them.

use crate::support::Repo;

fn repo() -> Repo {
    Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
}

/// What `check` prints with these arguments and this environment.
fn printed(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let repo = repo();
    let mut command = repo.command(arguments);
    for (name, value) in environment {
        command = command.env(name, value);
    }
    let output = command.output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[track_caller]
fn check(arguments: &[&str], environment: &[(&str, &str)], coloured: bool) {
    let text = printed(arguments, environment);
    assert_eq!(text.contains('\u{1b}'), coloured, "{text:?}");
    assert!(text.contains("unpinned-crate"), "{text:?}");
}

#[test]
fn a_pipe_gets_no_colours() {
    check(&[], &[], false);
    check(&["--color", "auto"], &[], false);
    check(&[], &[("CLICOLOR_FORCE", "")], false);
}

#[test]
fn the_environment_decides_where_nothing_is_typed() {
    check(&[], &[("CLICOLOR_FORCE", "1")], true);
    check(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false);
}

#[test]
fn what_is_typed_beats_the_environment() {
    check(&["--color", "always"], &[("NO_COLOR", "1")], true);
    check(&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false);
    check(&["check", "--color", "always"], &[], true);
    check(&["--color=always", "--quiet"], &[], true);
}

#[test]
fn colours_change_nothing_but_colours() {
    let plain = printed(&["--color", "never"], &[]);
    let coloured = printed(&["--color", "always"], &[]);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn json_has_no_colours_even_if_asked() {
    let text = printed(&["--format", "json", "--color", "always"], &[]);
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_report_in_a_file_has_no_colours() {
    let repo = repo();
    let run = repo.run(&["--color", "always", "--output", "human=report.txt"]);
    assert!(run.stdout.contains('\u{1b}'));
    assert_eq!(repo.read("report.txt"), anstream::adapter::strip_str(&run.stdout).to_string());
}
