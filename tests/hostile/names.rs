//! Names that are meant for a terminal, or for nobody.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::support::{Repo, lock, package};

/// Control characters, and those that reorder or hide what is beside them.
const RAW: [char; 12] = [
    '\u{1b}',
    '\u{7}',
    '\r',
    '\u{8}',
    '\u{9b}',
    '\u{7f}',
    '\u{202e}',
    '\u{200f}',
    '\u{2066}',
    '\u{200b}',
    '\u{feff}',
    '\u{e0041}',
];

/// Nothing raw in what a person sees, in any command; colours are not asked for.
#[track_caller]
fn nothing_raw(repo: &Repo) {
    for arguments in
        [&["check"][..], &["check", "-v"], &["check", "-q"], &["list"], &["check", "--no-default-excludes", "-v"]]
    {
        let run = repo.run(arguments);
        for text in [&run.stdout, &run.stderr] {
            let raw = text.chars().find(|c| RAW.contains(c) || (c.is_control() && *c != '\n'));
            assert_eq!(raw, None, "{arguments:?}: {text:?}");
        }
        assert!(run.stdout.contains("\\u{1b}"), "{arguments:?}: {:?}", run.stdout);
    }
}

/// A TOML string with these characters escaped.
fn toml(text: &str) -> String {
    let escaped = text.chars().map(|c| if c.is_control() { format!("\\U{:08X}", u32::from(c)) } else { c.to_string() });
    format!("\"{}\"", escaped.collect::<String>())
}

#[test]
fn keys_and_requirements_never_reach_a_terminal_raw() {
    for raw in RAW {
        let name = format!("a\u{1b}[31m{raw}b");
        let dependencies = format!(
            "{} = \"1\"\nb = {}\nc = {{ git = {}, branch = {} }}\nd = {{ path = {} }}\n",
            toml(&name),
            toml(&name),
            toml(&name),
            toml(&name),
            toml(&format!("../{name}"))
        );
        let tables = format!("[dependencies]\n{dependencies}\n[target.{}.dependencies]\ne = \"1\"\n", toml(&name));
        let manifest = package("demo", &tables);
        nothing_raw(&Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("demo 0.1.0")));
    }
}

#[test]
fn package_names_and_locked_text_never_reach_a_terminal_raw() {
    for raw in RAW {
        let name = toml(&format!("a\u{1b}]0;{raw}b"));
        let manifest = format!("[package]\nname = {name}\nversion = \"0.1.0\"\n\n[dependencies]\na = \"1\\u001B\"\n");
        let locked = format!(
            "version = 4\n\n[[package]]\nname = {name}\nversion = \"0.1.0\"\ndependencies = [{name}]\n\n\
             [[package]]\nname = \"b\"\nversion = {name}\nsource = {name}\nchecksum = {name}\n"
        );
        nothing_raw(&Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", locked));
    }
}

#[test]
fn file_names_never_reach_a_terminal_raw() {
    for raw in RAW {
        let directory = format!("a\u{1b}[2J{raw}b");
        let repo = Repo::new().file(&format!("{directory}/Cargo.toml"), package("demo", "[dependencies]\na = \"1\"\n"));
        repo.write(format!("vendor/{directory}/Cargo.toml"), package("other", "[dependencies]\na = \"1\"\n"));
        nothing_raw(&repo);
        nothing_raw(&repo.git());
    }
}

#[test]
fn links_never_reach_a_terminal_raw() {
    let repo = Repo::new().link("Cargo.toml", "/\u{1b}[31m\u{202e}");
    repo.write("\u{1b}/Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"));
    nothing_raw(&repo);
}

#[test]
fn error_messages_never_reach_a_terminal_raw() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).file("pinned.toml", "\"a\\u001B[31m\" = 1\n");
    let error = repo.run(&["check"]).error();
    assert!(error.contains("\\u{1b}[31m") && !error.contains('\u{1b}'), "{error:?}");
    let error = repo.run(&["check", "lost\u{1b}[31m"]).error();
    assert!(error.contains("\\u{1b}[31m") && !error.contains('\u{1b}'), "{error:?}");
}

/// JSON keeps the text as it is: its escapes are JSON's own.
#[test]
fn json_keeps_names_as_they_are() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\n\"a\\u001B\u{202e}\\u007F\" = \"1\"\n"));
    let report = repo.check();
    assert_eq!(report.list()[1]["name"], "a\u{1b}\u{202e}\u{7f}");
    let list = repo.run(&["list", "--format", "json"]).stdout;
    assert!(list.contains("\"a\\u001b\u{202e}\\u007f\""), "{list}");
}

#[test]
fn names_of_10_000_characters_are_shortened() {
    let long = "n".repeat(10_000);
    let wide = "名".repeat(10_000);
    let manifest =
        package("demo", &format!("[dependencies]\n{long} = \"1\"\n\"{wide}\" = {{ version = \"{long}\" }}\n"));
    let repo = Repo::new()
        .file("Cargo.toml", manifest)
        .file("Cargo.lock", lock(&format!("{long} 1.0.0 crates-io\ndemo 0.1.0 -> {long}")));
    for arguments in [&["check"][..], &["list"]] {
        let run = repo.run(arguments);
        let longest = run.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(200), "{arguments:?}: a line of {longest:?} characters");
        assert!(run.stdout.contains('…'), "{}", run.stdout);
    }
}

#[test]
fn a_directory_with_a_newline_in_its_name_is_one_line() {
    let repo = Repo::new().file("a\nb/Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n"));
    for repo in [
        repo.file("c/Cargo.toml", package("c", "")),
        Repo::new().file("a\nb/Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n")).git(),
    ] {
        let report = repo.check();
        assert_eq!(report.list().last().expect("a finding")["path"], "a\nb/Cargo.toml");
        let text = repo.run(&["check"]).stdout;
        assert!(text.starts_with("a\\u{a}b/Cargo.toml\n"), "{text}");
    }
}

#[test]
fn a_name_that_is_not_utf8_is_found() {
    let name = Path::new(OsStr::from_bytes(b"caf\xe9"));
    let member = package("other", "[workspace]\n[dependencies]\na = \"1\"\n");
    let found = |repo: &Repo, expected: &str| {
        let report = repo.check();
        assert_eq!(report.findings(), [expected]);
        assert!(report.messages().contains("its name is not UTF-8"), "{}", report.messages());
    };
    let repo = Repo::new().file("Cargo.toml", package("demo", ""));
    repo.write(name.join("Cargo.toml"), &member);
    found(&repo, "caf\u{fffd}/Cargo.toml:1:1 unreadable-file Cargo.toml");
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).git();
    repo.write(name.join("Cargo.toml"), &member);
    found(&repo, "caf\u{fffd}:1:1 unreadable-file caf\u{fffd}");
    repo.commit();
    found(&repo, "caf\u{fffd}/Cargo.toml:1:1 unreadable-file Cargo.toml");
}
