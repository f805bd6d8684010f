//! Holds the documentation to the code: the rules, what is left out, ARCHITECTURE.md, what it is built from. Commands and links are held by `book`.

use std::collections::{BTreeMap, BTreeSet};
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

/// The packages that Cargo.lock has, each with those that it needs.
fn locked() -> BTreeMap<String, Vec<String>> {
    let lock: toml::Table = toml::from_str(&read("Cargo.lock")).expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("it has packages");
    let named = |package: &toml::Value| format!("{} {}", text(&package["name"]), text(&package["version"]));
    let all: Vec<String> = packages.iter().map(named).collect();
    // One that is there once is named without its version.
    let full = |name: &toml::Value| {
        let name = text(name);
        all.iter()
            .find(|known| **known == name || known.split(' ').next() == Some(&*name))
            .expect("it is there")
            .clone()
    };
    let needs = |package: &toml::Value| {
        let needed = package.get("dependencies").and_then(toml::Value::as_array);
        needed.into_iter().flatten().map(full).collect()
    };
    packages.iter().map(|package| (named(package), needs(package))).collect()
}

fn text(value: &toml::Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// All that these packages need, themselves included.
fn closure(locked: &BTreeMap<String, Vec<String>>, roots: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut pending: Vec<String> = roots.collect();
    let mut found = BTreeSet::new();
    while let Some(name) = pending.pop() {
        if found.insert(name.clone()) {
            pending.extend(locked[&name].iter().cloned());
        }
    }
    found
}

/// The direct dependencies in these tables: each with its features, those of a target with the target, and its locked name.
fn direct(
    locked: &BTreeMap<String, Vec<String>>,
    tables: &[(&str, &toml::Value)],
) -> BTreeMap<String, (String, String)> {
    let mut all: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (target, table) in tables {
        for (name, entry) in table.as_table().expect("a table") {
            let version = entry.get("version").unwrap_or(entry);
            let version = text(version).trim_start_matches('=').to_owned();
            let uses_defaults = entry.get("default-features").and_then(toml::Value::as_bool) != Some(false);
            let named = entry.get("features").and_then(toml::Value::as_array);
            let features = uses_defaults.then(|| "default".to_owned()).into_iter();
            let features = features.chain(named.into_iter().flatten().map(text));
            let mut features = features.map(|feature| format!("`{feature}`")).collect::<Vec<_>>().join(", ");
            if !target.is_empty() {
                features = format!("{features} on `{target}`").trim_start().to_owned();
            }
            let known = all.entry(name.clone()).or_default();
            known.0 = if known.0.is_empty() { features } else { format!("{}; {features}", known.0) };
            let full = format!("{name} {version}");
            // What follows a `+` is no part of a requirement.
            let is_it = |locked: &&String| **locked == full || locked.starts_with(&format!("{full}+"));
            known.1.clone_from(locked.keys().find(is_it).expect("it is locked"));
        }
    }
    all
}

/// docs/dependencies.md names the direct dependencies, with their features and how much each brings; `UPDATE_DOCS=1` writes
/// all but what each is for.
#[test]
fn the_page_of_dependencies_is_up_to_date() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let locked = locked();
    let mut tables = vec![("", &manifest["dependencies"])];
    let targets = manifest["target"].as_table().expect("it has targets");
    tables.extend(targets.iter().map(|(target, tables)| (target.as_str(), &tables["dependencies"])));
    let (program, tests) = (direct(&locked, &tables), direct(&locked, &[("", &manifest["dev-dependencies"])]));

    let path = root().join("docs/dependencies.md");
    let page = read("docs/dependencies.md");
    let mut expected = String::new();
    for part in page.split_inclusive("\n## ") {
        let (these, others) = match part.lines().next() {
            Some("In the program") => (&program, vec![&program]),
            Some("For the tests") => (&tests, vec![&program, &tests]),
            _ => {
                expected += part;
                continue;
            }
        };
        let row = |line: &str| line.strip_prefix("| `").and_then(|rest| rest.split('`').next().map(str::to_owned));
        let reason = |name: &str| {
            let line = part.lines().find(|line| row(line).as_deref() == Some(name));
            line.and_then(|line| line.trim_end_matches(" |").rsplit(" | ").next()).unwrap_or("TODO").to_owned()
        };
        let head = part.split_once("| --- | --- | --- | --- |\n").expect("a table").0;
        expected += &format!("{head}| --- | --- | --- | --- |\n");
        for (name, (features, full)) in these {
            let rest = others.iter().flat_map(|all| all.values()).map(|(_, full)| full).filter(|other| *other != full);
            let rest = closure(&locked, rest.cloned());
            let alone = closure(&locked, [full.clone()].into_iter()).difference(&rest).count();
            expected += &format!("| `{name}` | {features} | {alone} | {} |\n", reason(name));
        }
        let behind = part.rsplit_once("|\n").map_or("", |(_, behind)| behind);
        expected += behind;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the page can be written");
    }
    assert_eq!(page, expected, "run the tests with UPDATE_DOCS=1");
    assert!(!page.contains("| TODO |"), "say what each is for");
}

#[test]
fn the_changelog_is_kept() {
    let text = read("CHANGELOG.md");
    assert!(text.contains("# Changelog") && text.contains("## [Unreleased]"));
}
