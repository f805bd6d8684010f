//! Where findings stand: the span is the text between the quotes, and lines and columns agree with it.

use serde_json::Value;

use crate::rules::{fixture, ids, judge};
use crate::support::{COMMIT, Repo, package};

/// Line and column as a person counts them, without the code under test: split, then count.
fn place(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).expect("a span ends between characters");
    let line = before.matches('\n').count() as u64 + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    let column = last.strip_prefix('\u{feff}').unwrap_or(last).chars().count() as u64 + 1;
    (line, column)
}

/// Every span of a report lies in its file, and its positions are where it is.
fn holds(repo: &Repo, finding: &Value) {
    let path = finding["path"].as_str().expect("a string");
    let text = repo.read(path);
    let number = |value: &Value| value.as_u64().expect("a number");
    let offset = |key: &str| usize::try_from(number(&finding["span"][key])).expect("it is in a file");
    for (key, position) in [("start", &finding["start"]), ("end", &finding["end"])] {
        let expected = place(&text, offset(key));
        assert_eq!((number(&position["line"]), number(&position["column"])), expected, "{path} {key}");
    }
    assert!(offset("start") <= offset("end"));
    // A requirement is the text between its quotes, unless escapes or its absence make it another.
    if let (Some(requirement), "crate" | "git") =
        (finding["requirement"].as_str(), finding["surface"].as_str().expect("a string"))
    {
        assert_eq!(&text[offset("start")..offset("end")], requirement, "{path}");
        let quotes = (text.as_bytes()[offset("start") - 1], text.as_bytes()[offset("end")]);
        assert!(matches!(quotes, (b'"', b'"') | (b'\'', b'\'')), "{path}: {quotes:?}");
    }
}

/// One manifest with every form of declaration that floats.
fn every_form() -> String {
    package(
        "demo",
        "[dependencies] # ein Ümlaut: ß\n\
         a = \"1\"\n\
         b\t=\t'1.2' # tabs\n\
         c = { features = [\"ü🦀\"], version = \"^1.2.3\" }\n\
         \"d\".version = \"~1\"\n\
         e = \"\"\"1\"\"\"\n\
         f = '''2'''\n\
         \"ключ\" = \"*\" \n\
         g = { git = \"https://example.com/g\", branch = \"ветка\" }\n\
         h = { git = \"https://example.com/h\", tag = 'v1' } # 日本語\n\
         \n\
         [dependencies.i]\n\
         version = \">=1, <2\"\n\
         \n\
         [target.'cfg(any(unix, target_os = \"ü\"))'.dependencies]\n\
         j = \"1\"\n",
    )
}

#[test]
fn rule_fixtures_have_their_spans() {
    for rule in ids() {
        let repo = fixture(&rule, "fail");
        let report = judge(&rule, &repo);
        assert!(!report.list().is_empty());
        report.list().iter().for_each(|finding| holds(&repo, finding));
    }
}

#[test]
fn every_form_has_its_span() {
    let plain = every_form();
    let forms = [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
    ];
    let mut places = Vec::new();
    for text in forms {
        let repo = Repo::new().file("Cargo.toml", text).file("Cargo.lock", "version = 4\n");
        let report = repo.run(&["check", "--surface", "crate,git", "--format", "json"]).report();
        assert_eq!(report.list().len(), 11, "{:?}", report.findings());
        report.list().iter().for_each(|finding| holds(&repo, finding));
        places.push(report.findings());
    }
    // A mark and the kind of line ends move bytes, and no line or column.
    places.iter().for_each(|place| assert_eq!(place, &places[0]));
}

#[test]
fn lists_have_their_spans() {
    let repo = Repo::new().file("Cargo.toml", every_form()).file("Cargo.lock", "version = 4\n");
    let text = repo.read("Cargo.toml");
    let listed = repo.run(&["list", "--format", "json"]).stdout;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let declarations = listed["declarations"].as_array().expect("a list");
    assert_eq!(declarations.len(), 11);
    for declaration in declarations {
        let at = |key: &str| usize::try_from(declaration["span"][key].as_u64().expect("a number")).expect("it fits");
        assert_eq!(declaration["requirement"].as_str(), text.get(at("start")..at("end")));
    }
}

#[test]
fn a_requirement_with_escapes_has_the_span_of_what_is_written() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"\\u0031.0\"\n"));
    let report = repo.check();
    let finding = &report.list()[1];
    assert_eq!(finding["requirement"], "1.0");
    assert_eq!(finding["start"], serde_json::json!({ "line": 7, "column": 6 }));
    assert_eq!(finding["end"], serde_json::json!({ "line": 7, "column": 14 }));
}

#[test]
fn a_bare_toolchain_line_has_its_span() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).file("rust-toolchain", "  stable \n");
    let report = repo.check();
    let finding = &report.list()[0];
    assert_eq!(finding["span"], serde_json::json!({ "start": 2, "end": 8 }));
    holds(&repo, finding);
}

#[test]
fn findings_of_lockfiles_stand_in_them() {
    let repo = Repo::demo(
        "a = \"=1.0.0\"\nb = \"=2.0.0\"",
        &format!("a 1.0.0 git+https://example.com/a#{COMMIT}\ndemo 0.1.0 -> a"),
    );
    let report = repo.check();
    assert!(!report.list().is_empty());
    for finding in report.list() {
        assert_eq!(finding["path"], "Cargo.lock");
        holds(&repo, finding);
    }
    let missing = Repo::new().file("x/Cargo.toml", package("x", "[dependencies]\na = \"=1.0.0\"\n")).check();
    assert_eq!(missing.findings(), ["x/Cargo.toml:1:1 lock-missing x"]);
}
