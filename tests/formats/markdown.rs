//! The format `markdown`, read back by a parser of GitHub's Markdown.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::fixtures;
use crate::hostile_names::{self, NAMES};
use crate::support::{Repo, lock, package};

/// A cell: its text outside of code, and each piece of code.
#[derive(Debug, Default, Clone)]
struct Cell {
    text: String,
    code: Vec<String>,
}

/// What a renderer makes of the page.
#[derive(Debug, Default)]
struct Page {
    source: String,
    /// The rows of all tables, without their heads.
    rows: Vec<Vec<Cell>>,
    /// What is beside tables and tags.
    text: String,
    html: Vec<String>,
}

fn markdown(repo: &Repo, more: &[&str]) -> Page {
    Page::of(repo.run(&[&["check", "--format", "markdown"], more].concat()).stdout)
}

impl Page {
    fn of(source: String) -> Self {
        hostile_names::nothing_raw(&source);
        let mut page = Self { source: source.clone(), ..Self::default() };
        let (mut cell, mut in_head) = (None::<Cell>, false);
        for event in
            Parser::new_ext(&source, Options::ENABLE_GFM | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
        {
            match event {
                Event::Start(Tag::TableHead) => in_head = true,
                Event::End(TagEnd::TableHead) => in_head = false,
                Event::Start(Tag::TableRow) => page.rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => cell = Some(Cell::default()),
                Event::End(TagEnd::TableCell) => {
                    let cell = cell.take().expect("a cell began");
                    if !in_head {
                        page.rows.last_mut().expect("a row").push(cell);
                    }
                }
                Event::Code(code) => match &mut cell {
                    Some(cell) => cell.code.push(code.to_string()),
                    None => page.text.push_str(&code),
                },
                Event::Text(text) => match &mut cell {
                    Some(cell) => cell.text.push_str(&text),
                    None => page.text.push_str(&text),
                },
                Event::Html(html) | Event::InlineHtml(html) => page.html.push(html.trim().to_owned()),
                Event::Start(
                    Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough | Tag::Heading { .. },
                ) => {
                    panic!("markup that is not ours: {source}")
                }
                _ => {}
            }
        }
        page.only_our_tags();
        page
    }

    /// No tag but ours, each opened one closed, and nothing outside of code that GitHub would make a link.
    fn only_our_tags(&self) {
        let mut open = 0;
        for html in &self.html {
            let title = html.strip_prefix("<details><summary>").and_then(|html| html.strip_suffix("</summary>"));
            match title {
                Some(title) => {
                    assert!(title.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '), "{title}");
                    open += 1;
                }
                None => {
                    assert_eq!(html, "</details>", "{}", self.source);
                    open -= 1;
                }
            }
            assert!((0..=1).contains(&open), "{}", self.source);
        }
        assert_eq!(open, 0, "{}", self.source);
        for cell in self.rows.iter().flatten() {
            assert!(!cell.text.contains(['@', '#', '<', '>', '&', '$', '*', '_', '[', '/', '\\', '|']), "{cell:?}");
        }
    }

    /// Each row as `path:line:column rule`.
    fn places(&self) -> Vec<String> {
        let mut places: Vec<String> =
            self.rows.iter().map(|row| format!("{} {}", row[0].code.concat(), row[1].code.concat())).collect();
        places.sort();
        places
    }
}

/// The findings of the JSON report, as [`Page::places`] has them.
fn expected(repo: &Repo) -> Vec<String> {
    let report = repo.check();
    let excepted = report.0["excepted"].as_array().expect("a list");
    let line = |finding| {
        format!("{} {}", hostile_names::shown(&fixtures::place(finding)), finding["rule"].as_str().expect("a rule"))
    };
    let mut places: Vec<String> = report.list().iter().chain(excepted).map(line).collect();
    places.sort();
    places
}

#[test]
fn it_agrees_with_json_on_every_fixture() {
    for (_, repo) in &fixtures::of_rules() {
        let page = markdown(repo, &[]);
        assert_eq!(page.places(), expected(repo), "{}", page.source);
        let summary = &repo.check().0["summary"];
        let verdict = page.source.lines().next().expect("a verdict");
        let (deny, warn) = (summary["deny"].as_u64().expect("a number"), summary["warn"].as_u64().expect("a number"));
        let sign = ["✅", "⚠️", "❌"][if deny > 0 { 2 } else { usize::from(warn > 0) }];
        assert!(verdict.starts_with(sign), "{verdict}");
        assert_eq!(verdict.contains("no findings"), deny + warn == 0);
        assert_eq!(verdict.contains("1 finding fails"), deny == 1);
        assert_eq!(verdict.contains("1 warning"), warn == 1);
        assert!(page.text.contains(&format!("{} of {} declaration", summary["pinned"], summary["declarations"])));
    }
}

#[test]
fn names_come_back_as_code() {
    for name in NAMES {
        let repo = hostile_names::repo_of(name);
        let page = markdown(&repo, &[]);
        let visible = hostile_names::shown(name);
        // A bar behind a backslash is the one character that has to be written otherwise.
        let visible = visible.replace("\\|", "\\\\u{7c}");
        let declarations: Vec<&String> =
            page.rows.iter().filter(|row| row.len() == 5).flat_map(|row| &row[2].code).collect();
        for expected in
            [format!("{visible} = \"1\""), format!("b = \"{visible}\""), format!("c branch = \"{visible}\"")]
        {
            assert!(declarations.iter().any(|code| code.contains(&expected)), "{expected}: {}", page.source);
        }
        if !name.contains('/') {
            let place = format!("{visible}/Cargo.toml:8:6");
            assert!(page.rows.iter().any(|row| row[0].code == [place.as_str()]), "{place}: {}", page.source);
            let skipped = format!("vendor/{visible}/Cargo.toml");
            assert!(page.rows.iter().any(|row| row[0].code == [skipped.as_str()]), "{skipped}: {}", page.source);
        }
        assert!(page.rows.iter().all(|row| row.len() == 5 || row.len() == 2), "{}", page.source);
    }
}

#[test]
fn long_names_are_cut_and_others_are_not() {
    for (length, whole) in [(100, true), (10_000, false)] {
        let name = "n".repeat(length);
        let page = markdown(&hostile_names::repo_of(&name), &[]);
        let declaration =
            &page.rows.iter().find(|row| row[2].code.concat().ends_with("n = \"1\"")).expect("a row")[2].code;
        assert_eq!(declaration.concat() == format!("{name} = \"1\""), whole, "{declaration:?}");
        assert_eq!(declaration.concat().contains('…'), !whole);
        assert!(page.source.lines().all(|line| line.chars().count() < 1500));
    }
}

#[test]
fn many_warnings_are_folded() {
    let list = |count: usize| (0..count).map(|at| format!("w{at} = \"1\"\n")).collect::<String>();
    for (count, folded) in [(10, None), (11, Some("1 more warning")), (30, Some("20 more warnings"))] {
        let manifest = package("demo", &format!("[workspace.dependencies]\n{}", list(count)));
        let page = markdown(&Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("demo 0.1.0")), &[]);
        assert_eq!(page.rows.len(), count);
        let title = page.html.first().cloned();
        assert_eq!(title, folded.map(|title| format!("<details><summary>{title}</summary>")), "{}", page.source);
    }
}

#[test]
fn exceptions_and_what_was_skipped_are_folded() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").file(
        "pinned.toml",
        "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\nreason = \"<b>@everyone</b> | `x\"\nexpires = 9999-12-30\n",
    );
    repo.write("vendor/c/Cargo.toml", package("c", ""));
    let page = markdown(&repo, &[]);
    assert_eq!(page.html[0], "<details><summary>1 finding excepted</summary>");
    assert_eq!(page.html[2], "<details><summary>1 file skipped</summary>");
    assert_eq!(page.rows[0][2].code, ["a = \"1\""]);
    assert_eq!(page.rows[0][3].code, ["<b>@everyone</b>", "|", "`x"]);
    assert_eq!(page.rows[0][4].text, "9999-12-30");
    let quiet = markdown(&repo, &["-q"]);
    assert!(quiet.html.is_empty() && quiet.rows.is_empty(), "{}", quiet.source);
}

/// A comment takes 65,536 characters: what is beyond is counted.
#[test]
fn a_page_of_3000_findings_is_cut_between_rows() {
    for name in ["a", "日本語日本語日本語日本語日本語"] {
        let list: String = (0..3_000).map(|at| format!("\"{name}{at}\" = \"1\"\n")).collect();
        let warn: String = (0..500).map(|at| format!("w{at} = \"1\"\n")).collect();
        let manifest = package("demo", &format!("[workspace.dependencies]\n{warn}\n[dependencies]\n{list}"));
        let repo = Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("demo 0.1.0"));
        repo.write("vendor/c/Cargo.toml", package("c", ""));
        let all = repo.check().list().len();
        let page = markdown(&repo, &[]);
        assert!(page.source.chars().count() <= 60_000, "{} characters", page.source.chars().count());
        assert!(page.source.len() <= 65_536, "{} bytes", page.source.len());
        assert!(page.source.len() > 50_000, "as much as there is room for, not {} bytes", page.source.len());
        assert!(page.source.starts_with(&format!("❌ **cargo-pinned: {} findings fail, 500 warnings**", all - 500)));
        let more = page.source.lines().filter_map(|line| line.strip_prefix("… and ")?.strip_suffix(" more"));
        let more: usize = more.map(|count| count.parse::<usize>().expect("a number")).sum();
        // The one row of what was skipped is shown or counted as well.
        assert_eq!(page.rows.len() + more, all + 1, "{}", page.source);
        assert!(page.rows.iter().all(|row| row.len() == 5 || row.len() == 2));
    }
}
