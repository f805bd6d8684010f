//! Our reading of requirements against what their own libraries say of them, and against anything at all.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::scanner::dependency::{Dependency, Pin};
use crate::scanner::surfaces::Sheet;

/// What `packaging` made of several hundred lines; `.ci/python.py` made the record, and holds it to the library.
const PACKAGING: &str = include_str!("../../../fixtures/python/requirements.jsonl");

/// What `poetry-core` made of constraints.
const POETRY: &str = include_str!("../../../fixtures/python/poetry.jsonl");

fn rows(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON"))
}

#[test]
fn requirements_are_what_packaging_says() {
    let mut rows = rows(PACKAGING);
    let head = rows.next().expect("a first line");
    assert_eq!(head["packaging"], "26.3");
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows {
        count += 1;
        let line = row["line"].as_str().expect("a line");
        let read = requirement::parse(line);
        // It takes `===` with nothing behind it, which admits nothing; we say that it names no version.
        if line.split(';').next().is_some_and(|line| line.trim().ends_with("===")) {
            assert!(read.is_err() && row["exact"] == true, "{line:?}");
            continue;
        }
        let name = read.as_ref().ok().map(|read| requirement::normalize(&line[read.name.clone()]));
        if name.as_deref() != row["name"].as_str() {
            wrong.push(format!("{line:?}: {read:?}"));
        }
        let Ok(read) = read else { continue };
        let specifier = &line[read.specifier];
        if (specifier::pin(specifier) == Ok(Pin::Exact)) != (row["exact"] == true) {
            wrong.push(format!("{line:?}: exact or not"));
        }
        if read.url.is_none() && !specifier.contains("===") {
            let versions = head["versions"].as_array().expect("versions").iter().filter_map(Value::as_str);
            let admitted: Vec<&str> = versions.filter(|version| specifier::admits(specifier, version)).collect();
            if row["admits"] != Value::from(admitted.clone()) {
                wrong.push(format!("{line:?}: admits {admitted:?}, not {}", row["admits"]));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count >= 300, "{count}");
}

#[test]
fn constraints_are_what_poetry_says() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(POETRY).skip(1) {
        count += 1;
        let constraint = row["constraint"].as_str().expect("a constraint");
        let pin = specifier::poetry_pin(constraint).map(|pin| pin.name());
        if pin.as_ref().ok().copied() != row["pin"].as_str() {
            wrong.push(format!("{constraint:?}: {pin:?}, not {}", row["pin"]));
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count >= 45, "{count}");
}

/// Holds that each place in a file is in it, and is what is written there.
fn hold(text: &str, sheet: &Sheet) {
    for Dependency { span, requirement, site, package, .. } in &sheet.dependencies {
        let slice = text.get(span.range()).expect("a place in the text");
        assert!(
            !package.contains(['_', '.']) || !package.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        );
        if let Some(requirement) = requirement.as_ref().filter(|_| site.is_some()) {
            assert_eq!(slice, requirement);
        }
        if let Some(site) = site {
            assert!(text.get(site.span.range()).is_some());
        }
    }
    for problem in &sheet.problems {
        assert!(text.get(problem.span.range()).is_some());
    }
}

const NAMES: [&str; 6] =
    ["requirements.txt", "pyproject.toml", "Pipfile", "uv.lock", "Pipfile.lock", "a-requirements.txt"];

/// Text made of what means something to these files.
fn texts() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("a"),
        Just("b[c]"),
        Just("=="),
        Just(">=1"),
        Just("1.0"),
        Just(" "),
        Just("\\\n"),
        Just("\n"),
        Just("\r\n"),
        Just("#"),
        Just(";"),
        Just("os_name=='nt'"),
        Just("@"),
        Just("git+https://e.org/x"),
        Just("-r "),
        Just("--hash=sha256:"),
        Just("${X}"),
        Just("é"),
        Just("\""),
        Just("'"),
        Just("[project]\ndependencies = [\""),
        Just("\"]\n"),
        Just("[tool.poetry.dependencies]\n"),
        Just(" = "),
        Just("[[package]]\nname = \"a\"\n"),
        Just("{ git = \"x\", tag = \"y\" }"),
        Just("\\u00e9"),
        Just("("),
        Just(")"),
        Just("\u{feff}"),
        Just("[tool.uv.sources]\n"),
        Just(","),
        Just("*"),
        Just("version = \"1\"\n"),
        Just("."),
        Just("/"),
        Just("-e "),
    ];
    proptest::collection::vec(words, 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_odd(text in prop_oneof![texts(), any::<String>()]) {
        for name in NAMES {
            hold(&text, &read(FileId(0), name, &text));
        }
        for odd in [requirement::parse(&text).is_ok(), marker::is_one(&text), specifier::poetry_pin(&text).is_ok()] {
            let _ = odd;
        }
        let _ = (specifier::pin(&text).is_ok(), specifier::admits(&text, "1.0"), reference::read(&text, "a/b"));
    }
}
