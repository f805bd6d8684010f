//! Holds the documentation to the code: the rules, what is left out, ARCHITECTURE.md. Commands and links are held by `book`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_pinned::cli::{AuditFormat, Cli, Format};
use cargo_pinned::commands::explain;
use cargo_pinned::policy::rules::RULES;
use cargo_pinned::scanner::excludes;
use clap::{CommandFactory as _, ValueEnum};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.replace("\r\n", "\n")
}

#[test]
fn the_registry_is_sorted_and_complete() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids, sorted.iter().copied().collect::<Vec<_>>(), "sorted, and no id twice");
    let files = std::fs::read_dir(root().join("src/policy/rules")).expect("the rules' directory");
    let files: BTreeSet<String> = files
        .map(|file| file.expect("a file").file_name().to_string_lossy().trim_end_matches(".rs").replace('_', "-"))
        .collect();
    assert_eq!(files, ids.iter().map(|id| (*id).to_owned()).collect(), "one file a rule, named by its id");
}

#[test]
fn every_rule_is_documented() {
    for rule in RULES {
        for text in [rule.summary, rule.what, rule.why, rule.allow] {
            assert!(text.len() > 10, "{} lacks a part of its documentation", rule.id);
        }
        assert_ne!(rule.example.fails, rule.example.passes, "{}", rule.id);
        for kind in ["pass", "fail"] {
            let fixture = root().join("fixtures/rules").join(rule.id).join(kind);
            assert!(fixture.is_dir(), "{} is missing", fixture.display());
        }
    }
}

/// docs/rules.md is made from the rules; `UPDATE_DOCS=1` writes it anew.
#[test]
fn the_rules_page_is_up_to_date() {
    let mut page =
        "<!-- Made from the rules' own documentation by the test `docs`: UPDATE_DOCS=1 writes it anew. -->\n\n\
                    # The rules\n\n| rule | surface | default | what it flags |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for rule in RULES {
        let surface = rule.surface.map_or("any", |surface| surface.name());
        let require = rule.require.map(|require| format!(", require `{require}`")).unwrap_or_default();
        page += &format!("| [`{0}`](#{0}) | {surface} | {1}{require} | {2} |\n", rule.id, rule.level, rule.summary);
    }
    for rule in RULES {
        page += &format!("\n{}", explain::page(rule).replace("\n## ", "\n### ").replacen("# ", "## ", 1));
    }
    let path = root().join("docs/rules.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    assert_eq!(read("docs/rules.md"), page, "run the tests with UPDATE_DOCS=1");
}

#[test]
fn the_architecture_names_every_module() {
    let text = read("ARCHITECTURE.md");
    for directory in [
        "src",
        "src/source",
        "src/scanner",
        "src/scanner/cargo",
        "src/scanner/python",
        "src/change",
        "src/policy",
        "src/reporter",
        "src/reporter/diff",
        "src/commands",
    ] {
        for file in std::fs::read_dir(root().join(directory)).expect("a directory of sources") {
            let name = file.expect("a file").file_name().to_string_lossy().into_owned();
            if name.ends_with(".rs") {
                assert!(text.contains(&name), "ARCHITECTURE.md does not mention {directory}/{name}");
            }
        }
    }
}

#[test]
fn the_chapter_of_the_policy_lists_the_default_excludes() {
    let text = read("docs/policy.md");
    for pattern in excludes::DEFAULT {
        assert!(text.contains(&format!("`{pattern}`")), "docs/policy.md does not mention {pattern}");
    }
}

#[test]
fn the_book_names_every_verb_and_every_format() {
    let (codes, contents) = (read("docs/exit-codes.md"), read("docs/README.md"));
    for verb in Cli::command().get_subcommands() {
        let typed = format!("`cargo pinned {}", verb.get_name());
        assert!(contents.replace("[check]", "check").contains(&typed), "docs/README.md does not mention {typed}`");
        assert!(
            codes.contains(&format!("`{}`", verb.get_name())),
            "docs/exit-codes.md does not mention {}",
            verb.get_name()
        );
    }
    let page = read("docs/formats.md");
    let formats = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let of_audits = AuditFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    for format in formats.chain(of_audits) {
        assert!(
            page.contains(&format!("| `{}` |", format.get_name())),
            "docs/formats.md does not mention {}",
            format.get_name()
        );
    }
}

#[test]
fn the_changelog_is_kept() {
    let text = read("CHANGELOG.md");
    assert!(text.contains("# Changelog") && text.contains("## [Unreleased]"));
}
