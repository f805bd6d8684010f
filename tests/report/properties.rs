//! Over generated manifests: spans hold the text that is declared, and a fix changes nothing but its span.
//!
//! These run the scanner and the rules in memory, as a thousand processes would take too long.

use cargo_pinned::edit;
use cargo_pinned::policy::{self, config::Policy};
use cargo_pinned::scanner::{self, excludes::Excludes};
use cargo_pinned::source::memory;
use cargo_pinned::text::Span;
use proptest::prelude::*;

use crate::support::{COMMIT, lock};

/// How one dependency is written; the name is put in for `NAME` and the line end for `\n`.
fn entry() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "NAME = \"1\"",
        "NAME='1.0'  # a comment with \"quotes\" and = signs",
        "NAME = \"\"\"^1\"\"\"",
        "NAME = '''~1.0'''",
        "\"NAME\" = \"*\"",
        "'NAME'\t=\t\">=1, <2\"",
        "NAME = { version = \"1\" }",
        "NAME = {version='1',features=[\"ü\",'🦀']} # ß",
        "NAME = { features = [\n  \"a\", # [dependencies]\n  'b',\n], version = \"1\" }",
        "NAME.version = \"1\"",
        "\"NAME\" . 'version' = '''1'''",
        "NAME = \"\\u0031\"",
        "NAME = \"=1.0.0\"",
        "NAME = { git = \"https://example.com/NAME\" }",
        "NAME = { git = 'https://example.com/NAME', features = [] } # why",
        "NAME.git = \"https://example.com/NAME\" # why",
        "  NAME.'git' = '''https://example.com/NAME'''",
        "NAME = { path = \"../NAME\" }",
        "NAME.git = \"https://example.com/NAME\"\nNAME.branch = 'main'",
        "NAME = {\n  git = 'https://example.com/NAME' # why\n}",
        "NAME = {\n  git = 'https://example.com/NAME', # why\n}",
        "NAME = { branch = \"main\", git = 'https://example.com/NAME' }",
    ])
}

/// Which table a dependency is in, and in which form.
fn heading() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "[dependencies]",
        "[ \"dev-dependencies\" ] # tests",
        "[build-dependencies]",
        "[target.'cfg(unix)'.dependencies]",
        "[target.\"x86_64-ü\".'dev-dependencies']",
        "[workspace.dependencies]",
        "[patch.crates-io]",
    ])
}

/// A manifest with some dependencies, and the lockfile that holds each to 1.0.0.
#[derive(Debug, Clone)]
struct Generated {
    manifest: String,
    locked: String,
}

fn generated() -> impl Strategy<Value = Generated> {
    let tables = prop::collection::btree_map(heading(), prop::collection::vec(entry(), 0..4), 1..4);
    let style = (any::<bool>(), any::<bool>(), any::<bool>(), "(# [a-zü🦀\"'=]{0,12}\n)?\n?");
    (tables, style).prop_map(|(tables, (crlf, mark, end, between))| {
        let mut text = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\n".to_owned();
        let (mut edges, mut packages, mut number) = (Vec::new(), String::new(), 0);
        for (heading, entries) in tables {
            text.push_str(&format!("{between}{heading}\n"));
            for entry in entries {
                let name = format!("dep-{number}");
                number += 1;
                text.push_str(&format!("{}\n", entry.replace("NAME", &name)));
                let branch = if entry.contains("branch") { "?branch=main" } else { "" };
                let git = format!("git+https://example.com/{name}{branch}#{COMMIT}");
                let source = if entry.contains("git") { git.as_str() } else { "crates-io" };
                packages.push_str(&format!("{name} 1.0.0 {source}\n"));
                edges.push(name);
            }
        }
        if end {
            text.pop();
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let manifest = if mark { format!("\u{feff}{text}") } else { text };
        let locked = lock(&format!("{packages}demo 0.1.0 -> {}", edges.join(", ")));
        Generated { manifest, locked }
    })
}

/// What was found in a generated manifest.
fn judged(case: &Generated) -> (scanner::Scan, Vec<policy::finding::Finding>) {
    let files = [("Cargo.toml", &case.manifest), ("Cargo.lock", &case.locked)];
    let files = files.map(|(path, text)| (path.to_owned(), text.clone().into_bytes()));
    let excludes = Excludes::new(true, []).expect("the defaults are patterns");
    let scan = scanner::scan(&memory::snapshot(files.into(), scanner::wants), &excludes);
    let findings =
        policy::evaluate(&scan, &Policy::default(), jiff::civil::date(2026, 1, 1), policy::Before::default()).findings;
    (scan, findings)
}

/// A case with edits applied, each to its file.
fn fixed<'e>(case: &Generated, scan: &scanner::Scan, edits: impl IntoIterator<Item = &'e edit::Edit>) -> Generated {
    let (manifest, locked): (Vec<_>, Vec<_>) = edits.into_iter().partition(|edit| in_manifest(scan, edit.span));
    let apply = |text: &str, edits| edit::apply(text, edits).expect("fixes do not overlap");
    Generated { manifest: apply(&case.manifest, manifest), locked: apply(&case.locked, locked) }
}

fn in_manifest(scan: &scanner::Scan, span: Span) -> bool {
    scan.files.path(span.file) == "Cargo.toml"
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_span_replaced_by_its_own_text_changes_nothing(case in generated()) {
        let (scan, _) = judged(&case);
        prop_assert_eq!(&scan.problems, &[], "every form is one that cargo reads");
        for dependency in &scan.dependencies {
            prop_assert!(in_manifest(&scan, dependency.span));
            let text = scan.files.slice(dependency.span);
            prop_assert!(!text.is_empty());
            let edit = edit::Edit { span: dependency.span, replacement: text.to_owned() };
            prop_assert_eq!(edit::apply(&case.manifest, [&edit]), Ok(case.manifest.clone()));
            // Bare of escapes, what is written is what is meant.
            if let Some(requirement) = dependency.requirement.as_deref().filter(|_| !text.contains('\\')) {
                prop_assert_eq!(text, requirement);
            }
        }
    }

    #[test]
    fn a_fix_changes_nothing_but_its_span(case in generated()) {
        let (scan, findings) = judged(&case);
        for finding in &findings {
            let Some(fix) = &finding.violation.fix else { continue };
            let range = fix.edits[0].span.range();
            prop_assert!(in_manifest(&scan, fix.edits[0].span));
            let pinned = edit::apply(&case.manifest, &fix.edits[..1]).expect("the fix fits the text");
            prop_assert!(pinned.starts_with(&case.manifest[..range.start]));
            prop_assert!(pinned.ends_with(&case.manifest[range.end..]));
            prop_assert_eq!(pinned.len(), case.manifest.len() - range.len() + fix.edits[0].replacement.len());
            // What is fixed is found no more, and nothing else is: with the comment and the lockfile that go with it.
            let (scan, after) = judged(&fixed(&case, &scan, &fix.edits));
            prop_assert_eq!(&scan.problems, &[]);
            let prints = |findings: &[policy::finding::Finding]| -> Vec<String> {
                findings.iter().map(|finding| finding.fingerprint("Cargo.toml")).collect()
            };
            let mut expected = prints(&findings);
            expected.retain(|print| *print != finding.fingerprint("Cargo.toml"));
            prop_assert_eq!(prints(&after), expected);
        }
    }

    #[test]
    fn all_fixes_together_leave_nothing_to_fix(case in generated()) {
        let (scan, findings) = judged(&case);
        let edits = findings.iter().filter_map(|finding| finding.violation.fix.as_ref()).flat_map(|fix| &fix.edits);
        let (_, after) = judged(&fixed(&case, &scan, edits));
        prop_assert!(after.iter().all(|finding| finding.violation.fix.is_none()), "{after:?}");
    }
}
