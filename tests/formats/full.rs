//! The format `full`: what rustc's users are used to, and nothing raw in it.

use crate::fixtures;
use crate::hostile_names::{self, NAMES};
use crate::support::{Repo, Run, lock, package};

/// A report without styles.
fn full(repo: &Repo) -> String {
    repo.run(&["check", "--format", "full", "--color", "never"]).stdout
}

/// The findings that a text shows, each as `level rule path:line:column`.
fn shown(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some((head, _)) = line.split_once("]: ").filter(|(head, _)| !head.contains(' ')) {
            found.push(head.replacen('[', " ", 1));
        } else if let Some(place) = line.trim_start().strip_prefix("--> ") {
            let last = found.last_mut().expect("a place belongs to a finding");
            *last = format!("{last} {place}");
        }
    }
    found
}

#[test]
fn it_agrees_with_json_on_every_fixture() {
    for (_, repo) in &fixtures::of_rules() {
        let report = repo.check();
        let expected: Vec<String> = report
            .list()
            .iter()
            .map(|finding| {
                let level = if finding["level"] == "deny" { "error" } else { "warning" };
                let rule = finding["rule"].as_str().expect("a rule");
                format!("{level} {rule} {}", fixtures::place(finding))
            })
            .collect();
        let text = full(repo);
        assert_eq!(shown(&text), expected, "{text}");
        let human = repo.run(&["check"]).stdout;
        let summary = human.lines().find(|line| line.contains(" pinned")).expect("a summary");
        assert!(text.lines().any(|line| line == summary), "{text}");
    }
}

#[test]
fn it_looks_as_rustc_does() {
    let text = full(&Repo::demo("a = \"1\" # ü", "a 1.0.1 crates-io\ndemo 0.1.0 -> a"));
    let expected = "error[unpinned-crate]: `a = \"1\"` admits more than one version
 --> Cargo.toml:7:6
  |
7 | a = \"1\" # ü
  |      ^ range, must be exact
  |
help: pin to `=1.0.1`, which Cargo.lock holds
  |
7 | a = \"=1.0.1\" # ü
  |      +++++

1 finding (1 deny) in 1 file; 0 of 1 declaration pinned
1 can be fixed now: cargo pinned fix
";
    assert_eq!(text, expected);
}

#[test]
fn a_finding_about_a_whole_file_shows_no_line() {
    let text = full(&Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"=1.0.0\"\n")));
    assert!(text.contains("--> Cargo.toml:1:1\n"), "{text}");
    assert!(text.contains("= help: run `cargo generate-lockfile`"), "{text}");
    assert!(!text.contains('^') && !text.contains(" | "), "{text}");
}

#[test]
fn quiet_and_verbose_say_less_and_more() {
    let manifest = package("demo", "[workspace.dependencies]\nb = \"1\"\n\n[dependencies]\na = \"1\"\n");
    let repo = Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("a 1.0.1 crates-io\ndemo 0.1.0 -> a"));
    repo.write("vendor/c/Cargo.toml", package("c", ""));
    let run = |more: &str| repo.run(&["check", "--format", "full", more]).stdout;
    assert!(run("--color=never").contains("warning[unpinned-crate]"));
    assert!(!run("--color=never").contains("vendor/c/Cargo.toml"));
    let quiet = run("-q");
    assert!(quiet.contains("error[unpinned-crate]") && !quiet.contains("warning") && !quiet.contains("pinned\n"));
    assert!(run("-v").contains("\nskipped\n  vendor/c/Cargo.toml"), "{}", run("-v"));
}

#[test]
fn columns_are_those_of_json() {
    let text = format!(
        "\u{feff}package = {{ name = \"demo\", version = \"0.1.0\" }}\ndependencies = {{ \"\\u001B\" = \"1\", \"{}\" = \"2\", c = \"3\" }}\n",
        "日".repeat(60)
    );
    let repo = Repo::new().file("Cargo.toml", text).file("Cargo.lock", lock("demo 0.1.0"));
    let places: Vec<String> = repo.check().list().iter().map(fixtures::place).collect();
    let text = full(&repo);
    let shown: Vec<String> =
        shown(&text).iter().map(|line| line.rsplit(' ').next().expect("a place").to_owned()).collect();
    assert_eq!(shown, places, "{text}");
}

#[test]
fn what_goes_over_several_lines_is_shown_by_its_first() {
    let text = full(&Repo::demo("a = \"\"\"1,\r\n<2\"\"\"", "demo 0.1.0"));
    let lines = "7 | a = \"\"\"1,\n  |        ^^ latest, must be exact\n  |\n";
    assert!(text.contains(lines), "{text}");
}

/// Whether the text has nothing but lines of characters that show; styles are those that are asked for.
#[track_caller]
fn nothing_raw(run: &Run) {
    let text = anstream::adapter::strip_str(&run.stdout).to_string();
    hostile_names::nothing_raw(&text);
    // What is left of a text when styles are taken out has to be all of it: nothing in it opened a sequence of its own.
    let styles = run.stdout.matches("\u{1b}[").count();
    assert_eq!(run.stdout.matches('\u{1b}').count(), styles, "{:?}", run.stdout);
    for style in run.stdout.split("\u{1b}[").skip(1) {
        let (codes, _) = style.split_once('m').expect("a style ends");
        assert!(codes.chars().all(|c| c.is_ascii_digit() || c == ';'), "{codes:?}");
    }
}

#[test]
fn nothing_hostile_reaches_a_terminal_raw() {
    for name in NAMES {
        let repo = hostile_names::repo_of(name);
        for color in ["never", "always"] {
            let run = repo.run(&["check", "--format", "full", "--color", color, "-v"]);
            nothing_raw(&run);
            assert_eq!(run.stdout.contains('\u{1b}'), color == "always");
            assert!(run.stdout.contains(hostile_names::shown(name).as_str()), "{name:?}: {}", run.stdout);
        }
    }
}

/// Text between the quotes reaches the source line as it is in the file.
#[test]
fn source_lines_are_data() {
    let raw = "\u{202e}\u{200b}\u{7f}\u{1b}[31m\u{9b}\0\u{8}\r";
    let manifest = format!(
        "[package]\nname = \"demo\"\n# {raw}\n[dependencies]\n\"a\u{202e}\u{200f}\u{feff}\u{e0041}b\" = \"1\t\"\n"
    );
    for color in ["never", "always"] {
        let repo = Repo::new().file("Cargo.toml", &manifest).file("Cargo.lock", "version = 4\n");
        nothing_raw(&repo.run(&["check", "--format", "full", "--color", color]));
    }
}

#[test]
fn a_manifest_of_one_long_line_is_shown_in_part() {
    let dependencies: Vec<String> =
        (0..20_000).map(|at| format!("a{at} = {{ version = \"1\", default-features = false }}")).collect();
    let text = format!(
        "package = {{ name = \"demo\", version = \"0.1.0\" }}\ndependencies = {{ {} }}\n",
        dependencies.join(", ")
    );
    assert!(text.len() > 1_000_000);
    let repo = Repo::new().file("Cargo.toml", text).file("Cargo.lock", lock("demo 0.1.0"));
    let text = full(&repo);
    assert_eq!(text.matches("error[unpinned-crate]").count(), 20_000);
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(200), "a line of {longest:?} characters");
}

#[test]
fn long_names_are_shortened() {
    let text = full(&hostile_names::repo_of(&"n".repeat(10_000)));
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(600), "a line of {longest:?} characters");
    assert!(text.contains('…'), "{text}");
}
