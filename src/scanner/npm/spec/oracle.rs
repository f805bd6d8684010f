//! What npm makes of 248 specifiers, held against ours; where we differ, each one by itself with the reason.

use super::{Kind, parse};
use crate::scanner::dependency::Pin;

/// What npm takes for one version, and we do not: forms that it reads loosely. They are ranges until they are written as
/// versions are, since pnpm, Yarn and Bun do not all read them alike.
const LOOSE: [&str; 13] = [
    "v 1.2.3",
    "==1.2.3",
    "=v1.2.3",
    "v=1.2.3",
    "vv1.2.3",
    "1.2.3-rc.01",
    "1.2.3-",
    "1.2.3beta",
    "01.2.3",
    "1.02.3",
    "1.2.03",
    "1.2.3-01",
    "1.2.3x",
];

/// What is another kind of thing to us: a name without a version, in whose place none could be written.
const KINDS: [&str; 2] = ["\"npm:a\" alias:range Odd", "\"npm:@s/a\" alias:range Odd"];

/// A line of the table: the specifier, npm's version of it, npm's type of it.
fn table() -> Vec<(String, Option<String>, String)> {
    let lines = include_str!("../../../../tests/npm/specs.tsv").lines().filter(|line| !line.starts_with('#'));
    let one = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [spec, version, _, kind] = cells.as_slice() else { panic!("{line}") };
        let version = Some((*version).to_owned()).filter(|version| version != "-");
        (serde_json::from_str(spec).expect("a string"), version, (*kind).to_owned())
    };
    lines.map(one).collect()
}

#[test]
fn what_is_exact_to_us_is_one_version_to_npm() {
    let table = table();
    assert!(table.len() >= 200);
    let is_there = |loose: &&str| table.iter().any(|(text, _, kind)| text == loose && kind == "version");
    assert!(LOOSE.iter().all(is_there), "each difference is one");
    for (text, version, kind) in &table {
        let ours = parse(text, "x").pin == Pin::Exact;
        let theirs = kind.trim_start_matches("alias:") == "version";
        // Yarn's own forms, which npm does not read.
        let is_foreign = ["npm:1.2.3", "patch:a@npm%3A1.2.3#./p", "jsr:@s/a@1.2.3"].contains(&text.as_str());
        assert!(!ours || theirs || is_foreign, "{text:?} is exact to us, and {kind} to npm");
        assert!(ours || !theirs || LOOSE.contains(&text.as_str()), "{text:?} is a version to npm alone");
        assert!(ours || version.is_none(), "{text:?} is a strict version to npm: {version:?}");
    }
}

#[test]
fn what_a_specifier_names_is_what_npm_says() {
    let mut differences = Vec::new();
    for (text, _, kind) in table() {
        let ours = parse(&text, "x").kind;
        let same = match kind.trim_start_matches("alias:") {
            "version" | "range" | "tag" => matches!(ours, Kind::Registry),
            "git" => ours == Kind::Git,
            "remote" => ours == Kind::Archive,
            "file" | "directory" => ours == Kind::Own,
            _ => continue,
        };
        if !same {
            differences.push(format!("{text:?} {kind} {ours:?}"));
        }
    }
    assert_eq!(differences, KINDS);
}
