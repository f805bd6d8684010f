//! What people see: the worst first, in 80 columns, in a comment that is taken, and safe whatever a repository is named.

use unicode_width::UnicodeWidthStr as _;

use crate::hostile_names::{names, nothing_raw, repo_of_all};
use crate::support::{Repo, lock, package};
use crate::{json, packages};

const BEFORE: &str = "a 1.1.0 crates-io -> t\nb 1.0.0 crates-io\ndemo 0.1.0 -> a, b\nt 1.0.0 crates-io";
const AFTER: &str =
    "a 1.0.0 crates-io -> t, u\nb 1.0.1 crates-io\ndemo 0.1.0 -> a, b\nt 2.0.0 crates-io\nu 1.0.0 crates-io";

fn changed() -> Repo {
    let repo = Repo::demo("a = \"1\"\nb = \"1\"", BEFORE).git();
    repo.write("Cargo.toml", package("demo", "[dependencies]\na = \"*\"\nb = \"=1.0.1\"\n"));
    repo.write("Cargo.lock", lock(AFTER));
    repo
}

#[test]
fn a_person_sees_the_worst_first() {
    let expected = "\
Cargo.lock  4 → 5 packages
  downgraded
    a  1.1.0 → 1.0.0  direct: demo
  added
    u  1.0.0  by demo → a
  upgraded
    b  1.0.0 → 1.0.1  direct: demo
    t  1.0.0 → 2.0.0  by demo → a

Cargo.toml
  loosened
    a  1 → *  [dependencies]
  tightened
    b  1 → =1.0.1  [dependencies]

HEAD to the working tree
  packages: 1 downgraded, 1 added, 2 upgraded
  declarations: 1 loosened, 1 tightened
  release age unknown of 4 packages: cargo's cache does not have it (--online
    asks the registry)
";
    assert_eq!(changed().run(&["diff", "HEAD"]).stdout, expected);
}

#[test]
fn a_comment_has_the_verdict_in_its_first_line() {
    let text = changed().run(&["diff", "HEAD", "--format", "markdown"]).stdout;
    let verdict = "⚠️ **cargo-pinned: packages: 1 downgraded, 1 added, 2 upgraded; declarations: 1 loosened, 1 tightened**, \
                   from `HEAD` to the working tree";
    assert_eq!(text.lines().next(), Some(verdict));
    assert!(text.contains("| `u` | `1.0.0` | `by demo → a` |\n"), "{text}");
    assert!(text.contains("| loosened | `a` | `1 → *` | `Cargo.toml [dependencies]` |\n"), "{text}");
}

#[test]
fn nothing_is_said_of_nothing() {
    let repo = Repo::demo("a = \"1\"\nb = \"1\"", BEFORE).git();
    assert_eq!(repo.run(&["diff", "HEAD"]).stdout, "no pin differs between HEAD and the working tree\n");
    let text = repo.run(&["diff", "HEAD", "--format", "markdown"]).stdout;
    assert_eq!(text, "✅ **cargo-pinned: no pin differs**, from `HEAD` to the working tree\n");
}

#[test]
fn reports_go_to_files_too() {
    let repo = changed();
    let run = repo.run(&["diff", "HEAD", "--output", "markdown=diff.md", "--output", "json=diff.json"]);
    assert_eq!(run.code, 0);
    assert!(repo.read("diff.md").starts_with("⚠️") && repo.read("diff.json").contains("cargo-pinned/diff/v1"));
}

/// A lockfile in which each of many workspaces gets many packages.
fn large(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|at| format!("package-with-a-name-{at:06}")).collect();
    let packages: Vec<String> = names.iter().map(|name| format!("{name} 1.0.0 crates-io")).collect();
    lock(&format!("demo 0.1.0 -> {}\n{}", names.join(", "), packages.join("\n")))
}

#[test]
fn a_large_change_stays_readable_and_a_comment_is_taken() {
    let repo = Repo::demo("a = \"1\"", "demo 0.1.0").git();
    repo.write("Cargo.lock", large(3_000));
    let human = repo.run(&["diff", "HEAD"]).stdout;
    assert!(human.lines().count() < 60 && human.contains("… and 2960 more (-v shows them)"), "{human}");
    assert!(repo.run(&["diff", "HEAD", "--verbose"]).stdout.lines().count() > 3_000);
    for side in ["added", "removed"] {
        let comment = repo.run(&["diff", "HEAD", "--format", "markdown"]).stdout;
        assert!(comment.len() <= 65_536 && comment.contains("… and "), "{side}: {}", comment.len());
        assert!(comment.lines().next().expect("a line").contains(&format!("packages: 3000 {side}")));
        repo.commit();
        repo.write("Cargo.lock", lock("demo 0.1.0"));
    }
}

/// From nothing to everything, and back.
#[test]
fn hostile_names_reach_no_terminal_and_no_renderer() {
    let repo = repo_of_all();
    repo.run_git(&["init", "--quiet"]);
    repo.run_git(&["commit", "--quiet", "--allow-empty", "--message", "before"]);
    repo.commit();
    // One text a name, as the key of a declaration.
    for ends in [["HEAD^", "HEAD"], ["HEAD", "HEAD^"]] {
        let found = json(repo.run(&[&["diff", "--format", "json"], &ends[..]].concat()));
        let declared = found["declarations"].as_array().expect("a list");
        for name in names() {
            assert!(declared.iter().any(|change| change["name"] == name.as_str()), "{name:?} is in the JSON as it is");
        }
        let human = repo.run(&[&["diff"], &ends[..]].concat()).stdout;
        for line in human.lines() {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
            nothing_raw(line);
        }
        let comment = repo.run(&[&["diff", "--format", "markdown"], &ends[..]].concat()).stdout;
        assert!(comment.len() <= 65_536);
        is_inert(&comment);
    }
}

#[test]
fn hostile_packages_reach_no_terminal_and_no_renderer() {
    let repo = Repo::demo("", "demo 0.1.0").git();
    let mut text = lock("demo 0.1.0");
    for name in names() {
        let name = serde_json::to_string(&name).expect("a string").replace("\u{7f}", "\\u007f");
        text += &format!(
            "\n[[package]]\nname = {name}\nversion = \"1.0.0\"\nsource = \"git+https://user:secret@example.com/{}#{}\"\n",
            "a%60",
            crate::support::COMMIT
        );
    }
    repo.write("Cargo.lock", text);
    let run = json(repo.run(&["diff", "HEAD", "--format", "json"]));
    assert!(packages(&run).len() > 40 && !run.to_string().contains("secret"));
    let human = repo.run(&["diff", "HEAD"]).stdout;
    assert!(human.lines().all(|line| line.width() <= 80) && !human.contains('\u{1b}') && !human.contains("secret"));
    let comment = repo.run(&["diff", "HEAD", "--format", "markdown"]).stdout;
    assert!(!comment.contains("secret"));
    is_inert(&comment);
}

/// Nothing of a comment but its own bold text, tables and folds is read as anything but code.
fn is_inert(comment: &str) {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    for event in Parser::new_ext(comment, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(
                Tag::Paragraph
                | Tag::Strong
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell
                | Tag::HtmlBlock,
            )
            | Event::End(_)
            | Event::Code(_)
            | Event::SoftBreak => {}
            Event::Html(html) => {
                let html = html.trim_end();
                let is_ours = html == "</details>"
                    || html
                        .strip_prefix("<details><summary>")
                        .and_then(|rest| rest.strip_suffix("</summary>"))
                        .is_some();
                assert!(is_ours && html.matches('<').count() <= 3, "{html}");
            }
            Event::Text(text) => {
                assert!(!text.contains(['@', '#', '<', '[', '\u{1b}']), "{text}");
                assert!(!text.contains("www."), "{text}");
            }
            other => panic!("{other:?} in a comment"),
        }
    }
}
