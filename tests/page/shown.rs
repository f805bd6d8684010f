//! What a reader sees without the script: totals, plots and the ranking.

use cargo_pinned::reporter::audit::{Audit, Packed};

use crate::{Page, sample, text};

fn empty() -> Audit {
    Audit { rows: Vec::new(), ..sample::audit(0, 1) }
}

/// A figure of the totals: its value and its note.
fn figure(page: &Page, name: &str) -> Option<(String, String)> {
    let found = page.all(".figures > div").into_iter().find(|figure| text(*figure).starts_with(name))?;
    let parts: Vec<String> = found.child_elements().map(text).collect();
    Some((parts[1].clone(), parts[2].clone()))
}

#[test]
fn the_totals_are_those_of_the_rows() {
    let audit = sample::audit(200, 20);
    let page = Page::of(&audit);
    let plain = |count: usize| count.to_string();
    let sum = |of: fn(&cargo_pinned::reporter::audit::Row) -> usize| audit.rows.iter().map(of).sum::<usize>();
    let shown = |name: &str| figure(&page, name).expect("a figure").0.replace(',', "");
    assert_eq!(shown("Deny"), plain(sum(|row| row.counts.deny)));
    assert_eq!(shown("Warn"), plain(sum(|row| row.counts.warn)));
    assert_eq!(shown("Fixable"), plain(sum(|row| row.counts.fixable)));
    assert_eq!(shown("New"), plain(sum(|row| row.change.as_ref().map_or(0, |change| change.new.len()))));
    assert_eq!(shown("Resolved"), plain(sum(|row| row.change.as_ref().map_or(0, |change| change.resolved.len()))));
    let failing = sum(|row| usize::from(row.counts.deny > 0));
    let broken = sum(|row| usize::from(row.error.is_some()));
    let lead = text(page.one(".lead"));
    assert!(lead.starts_with(&format!("{failing} of 200 repositories fail.")), "{lead}");
    assert_eq!(lead.contains(&format!("{broken} could not be judged")), broken > 0, "{lead}");
    let before = audit.runs[audit.runs.len() - 2].deny;
    let change = format!("−{} since the last run", before - sum(|row| row.counts.deny));
    assert_eq!(figure(&page, "Deny").expect("a figure").1.replace(',', ""), change);
}

#[test]
fn the_ranking_has_every_repository_worst_first() {
    let audit = sample::audit(130, 20);
    let page = Page::of(&audit);
    let mut expected: Vec<_> = audit.rows.iter().collect();
    expected.sort_by(|a, b| {
        let key = |row: &cargo_pinned::reporter::audit::Row| (row.counts.deny, row.counts.warn, row.error.is_some());
        key(b).cmp(&key(a)).then_with(|| a.name.cmp(&b.name))
    });
    assert_eq!(page.texts(".ranking .opener"), expected.iter().map(|row| row.name.clone()).collect::<Vec<_>>());
    let count = |row: &cargo_pinned::reporter::audit::Row, count: usize| match row.error {
        Some(_) => "–".to_owned(),
        None => count.to_string(),
    };
    let deny: Vec<String> = expected.iter().map(|row| count(row, row.counts.deny)).collect();
    assert_eq!(page.texts(".ranking tbody td.deny"), deny);
    assert_eq!(
        page.all(".ranking tbody svg.bar").len(),
        expected.iter().filter(|row| row.counts.deny + row.counts.warn > 0).count()
    );
}

#[test]
fn the_breakdown_adds_up() {
    let audit = sample::audit(100, 20);
    let page = Page::of(&audit);
    let items: Vec<_> = audit.rows.iter().flat_map(|row| row.findings.items()).collect();
    for pick in page.all(".pick[data-kind=rule]") {
        let rule = pick.attr("data-value").expect("a rule");
        let line =
            pick.ancestors().filter_map(scraper::ElementRef::wrap).find(|element| element.value().name() == "tr");
        let numbers: Vec<String> =
            line.expect("a line").child_elements().skip(2).map(|cell| text(cell).replace(',', "")).collect();
        let count =
            |level: &str| items.iter().filter(|item| item.rule == rule && item.level == level).count().to_string();
        let rows = audit.rows.iter().filter(|row| row.findings.items().iter().any(|item| item.rule == rule)).count();
        assert_eq!(numbers, [count("deny"), count("warn"), rows.to_string()], "{rule}");
    }
    assert_eq!(page.all(".pick[data-kind=rule]").len(), 5);
    assert!(page.all(".pick[data-kind=owner]").len() > 8);
}

#[test]
fn the_trend_is_a_picture_with_words_and_a_table() {
    let audit = sample::audit(50, 20);
    let page = Page::of(&audit);
    for svg in page.all("svg[role=img]") {
        let ids = svg.attr("aria-labelledby").expect("a name");
        for id in ids.split(' ') {
            assert!(!text(page.one(&format!("#{id}"))).is_empty(), "{id}");
        }
    }
    assert_eq!(page.all("svg[role=img]").len(), 3);
    let last = audit.runs.last().expect("a run");
    let first: Vec<String> = page.all(".as-table tbody tr")[0].child_elements().map(text).collect();
    assert_eq!(
        first.join(" ").replace(',', ""),
        format!("2026-11-25 50 {} {} {} {} {}", last.failed, last.deny, last.warn, last.new, last.resolved)
    );
    assert_eq!(page.all(".as-table tbody tr").len(), audit.runs.len());
}

#[test]
fn what_is_to_be_looked_at_is_listed() {
    let mut audit = sample::audit(150, 20);
    audit.rows[0].error = Some("no such commit".to_owned());
    audit.rows[1].stale = Some("timed out".to_owned());
    let page = Page::of(&audit);
    let lists = page.texts(".attention summary");
    for name in [
        "Could not be judged",
        "Judged from an old mirror",
        "Exceptions that end within 90 days",
        "New since",
        "Resolved since",
        "Locally waived",
    ] {
        assert!(lists.iter().any(|list| list.starts_with(name)), "{name}: {lists:?}");
    }
    assert!(page.texts(".attention td").contains(&"no such commit".to_owned()));
    assert!(page.texts(".attention td").contains(&"timed out".to_owned()));
    // The days to the end of an exception, nearest first, and none that is further off.
    let days: Vec<String> = page.texts(".attention td.day");
    assert!(
        days.is_sorted()
            && days.iter().all(|day| ["in 3 ", "in 12", "in 40", "in 80"].iter().any(|end| day.contains(end))),
        "{days:?}"
    );
}

/// The organisation's exception is one, however many repositories need it.
#[test]
fn an_exception_of_many_repositories_is_listed_once() {
    let mut audit = sample::audit(16, 20);
    let item = |name: &str| cargo_pinned::reporter::audit::Item {
        rule: "unpinned-crate".to_owned(),
        name: name.to_owned(),
        reason: Some("until the vendor publishes 3.5".to_owned()),
        expires: Some("2026-11-30".to_owned()),
        ..Default::default()
    };
    for row in &mut audit.rows {
        row.waived = Packed::new(&[]);
        row.excepted = Packed::new(&[item("openssl"), item("openssl-sys")]);
    }
    audit.rows[3].excepted =
        Packed::new(&[cargo_pinned::reporter::audit::Item { rule: "unpinned-git".to_owned(), ..item("x") }]);
    let page = Page::of(&audit);
    let lists = page.texts(".attention summary");
    assert!(lists.contains(&"Exceptions that end within 90 days 2".to_owned()), "{lists:?}");
    let headed: Vec<String> = page.texts(".attention th[scope=row]");
    let is_many = |text: &&String| text.starts_with("15 repositories ") && text.ends_with(" and 12 others");
    assert_eq!(headed.iter().filter(is_many).count(), 1, "{headed:?}");
    assert!(headed.contains(&audit.rows[3].name), "{headed:?}");
    assert!(page.texts(".attention td").contains(&"unpinned-crate openssl, openssl-sys".to_owned()));
}

#[test]
fn a_new_finding_links_to_its_line_at_its_commit() {
    let audit = sample::audit(150, 20);
    let page = Page::of(&audit);
    let links = page.all(".attention td.place a");
    assert!(!links.is_empty());
    for link in links {
        let href = link.attr("href").expect("a link");
        let row =
            audit.rows.iter().find(|row| row.commit.as_ref().is_some_and(|commit| href.contains(commit.as_str())));
        let row = row.expect("the commit is a row's");
        let (path, line) = href.rsplit_once('#').expect("a line");
        let number: usize = line.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number");
        assert!(row.findings.items().iter().any(|item| path.ends_with(&item.path) && item.line == number), "{href}");
        assert_eq!(link.attr("rel"), Some("noopener noreferrer"));
    }
}

#[test]
fn without_a_history_nothing_is_said_of_one() {
    let mut audit = sample::audit(40, 20);
    audit.runs.clear();
    for row in &mut audit.rows {
        row.change = None;
        let items: Vec<_> = row
            .findings
            .items()
            .into_iter()
            .map(|item| cargo_pinned::reporter::audit::Item { since: None, ..item })
            .collect();
        row.findings = Packed::new(&items);
    }
    let page = Page::of(&audit);
    assert!(figure(&page, "New").is_none() && figure(&page, "Resolved").is_none());
    assert_eq!(figure(&page, "Deny").expect("a figure").1, "findings");
    assert!(page.all(".trend, .ranking .change, .ranking .age, #ages").is_empty());
    assert!(text(page.one("[aria-labelledby=trend]")).contains("--history"));
}

#[test]
fn references_are_told_apart_only_where_there_are_several() {
    let mut audit = sample::audit(10, 20);
    assert!(Page::of(&audit).all(".ref").is_empty());
    audit.rows[1].name = audit.rows[0].name.clone();
    audit.rows[1].reference = Some("v1.2".to_owned());
    let page = Page::of(&audit);
    assert_eq!(page.all(".ref").len(), 10);
    assert!(text(page.one("header")).contains("9 repositories, 10 references"));
    assert!(page.texts(".opener").contains(&format!("{} v1.2", audit.rows[1].name)));
}

#[test]
fn an_audit_of_nothing_is_a_page_too() {
    let page = Page::of(&empty());
    assert_eq!(text(page.one(".lead")), "No repository was judged.");
    assert!(page.all(".ranking tbody, .attention, .pick").is_empty());
    assert_eq!(figure(&page, "Pinned share").expect("a figure").0, "–");
}

#[test]
fn where_nothing_could_be_judged_nothing_is_said_to_pass() {
    let mut audit = sample::audit(2, 20);
    for row in &mut audit.rows {
        row.counts = cargo_pinned::reporter::audit::Counts::default();
        (row.findings, row.error) = (Packed::default(), Some("no HEAD".to_owned()));
    }
    let page = Page::of(&audit);
    assert_eq!(text(page.one(".lead")), "No repository could be judged.");
    assert_eq!(page.texts(".ranking tbody td.deny"), ["–", "–"]);
    assert!(page.all("tr.clean").is_empty());
}

#[test]
fn one_that_passes_is_said_to_pass() {
    let mut audit = sample::audit(2, 20);
    for row in &mut audit.rows {
        row.counts = cargo_pinned::reporter::audit::Counts { declarations: 3, pinned: 3, ..Default::default() };
        (row.findings, row.error) = (Packed::default(), None);
    }
    let page = Page::of(&audit);
    assert_eq!(text(page.one(".lead")), "All 2 repositories pass.");
    assert_eq!(figure(&page, "Pinned share").expect("a figure").0, "100 %");
    assert_eq!(page.all("tr.clean").len(), 2);
}
