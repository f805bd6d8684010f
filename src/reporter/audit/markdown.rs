//! For an issue that is kept up to date: the verdict, a ranking, and what is wrong in the worst, within what GitHub takes.

use std::io::{self, Write};

use super::{Audit, Item, Row};
use crate::reporter::markdown::page::Page;
use crate::reporter::markdown::text::{code, link, prose};
use crate::reporter::plural;
use crate::reporter::terminal::{escape, shorten};

/// The most rows of the ranking.
const RANKED: usize = 100;

/// The most repositories whose findings are listed.
const DETAILED: usize = 20;

/// The most findings that are listed of one.
const LISTED: usize = 25;

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.line(verdict(audit));
    page.line("");
    page.line(counts(audit));
    page.line("");
    for note in &audit.notes {
        page.line(format_args!("⚠️ {}\n", prose(note)));
    }
    let failed: Vec<&Row> = audit.failed().collect();
    if !failed.is_empty() {
        page.line("**Could not be judged**\n");
        let why = |row: &&Row| vec![name(audit, row), prose(row.error.as_deref().unwrap_or_default())];
        page.table(&["Repository", "Why"], failed[..failed.len().min(RANKED)].iter().map(why));
    }
    ranking(audit, &mut page);
    let stale: Vec<&Row> = audit.stale().collect();
    if !stale.is_empty() {
        let why = |row: &&Row| vec![name(audit, row), prose(row.stale.as_deref().unwrap_or_default())];
        page.fold(&format!("{} judged by the last good mirror", plural(stale.len(), "row")), |page| {
            page.table(&["Repository", "Why"], stale.iter().map(why));
        });
    }
    details(audit, &mut page);
    out.write_all(page.text().as_bytes())
}

/// What came of it, in one line that can be read without all others.
fn verdict(audit: &Audit) -> String {
    let (total, failed) = (audit.total(), audit.failed().count());
    let all = audit.rows.len();
    let repositories = if all == 1 { "1 repository".to_owned() } else { format!("{all} repositories") };
    let sign = match (total.deny, total.warn, failed) {
        (0, 0, 0) => "✅",
        (0, _, 0) => "⚠️",
        _ => "❌",
    };
    let found = match (total.deny, total.warn) {
        (0, 0) if failed == 0 => format!("no findings in {repositories}"),
        (0, 0) => format!("no findings in {} of {repositories}", all - failed),
        (0, warn) => format!("{} in {repositories}", plural(warn, "warning")),
        (deny, warn) => {
            let rows = audit.rows.iter().filter(|row| row.counts.deny > 0).count();
            let warnings = if warn > 0 { format!(", {}", plural(warn, "warning")) } else { String::new() };
            format!("{} in {rows} of {repositories}{warnings}", plural(deny, "failing finding"))
        }
    };
    let failed = if failed > 0 { format!("; {failed} could not be judged") } else { String::new() };
    format!("{sign} **cargo-pinned audit: {found}{failed}**")
}

/// What else counts.
fn counts(audit: &Audit) -> String {
    let total = audit.total();
    let mut counts = vec![format!("{} of {} pinned", total.pinned, plural(total.declarations, "declaration"))];
    if let Some((new, resolved)) = audit.change() {
        counts.push(format!("since the last run {new} new and {resolved} resolved"));
    }
    for (count, what) in [
        (total.fixable, "can be fixed by `cargo pinned fix`"),
        (total.waived, "locally waived"),
        (total.excepted, "excepted"),
        (total.baselined, "in baselines"),
    ] {
        if count > 0 {
            counts.push(format!("{count} {what}"));
        }
    }
    format!("{}. Judged on {}.", counts.join("; "), audit.today)
}

/// The repositories with findings, worst first.
fn ranking(audit: &Audit, page: &mut Page) {
    let ranked = audit.ranked();
    if ranked.is_empty() {
        return;
    }
    let (has_owner, has_change) =
        (ranked.iter().any(|row| row.owner.is_some()), ranked.iter().any(|row| row.change.is_some()));
    let mut columns = vec!["Repository", "Deny", "Warn", "Pinned"];
    columns.extend(has_change.then_some("Change"));
    columns.extend(has_owner.then_some("Owner"));
    columns.push("Most of");
    let cells = |row: &&Row| {
        let counts = &row.counts;
        let most = row.findings.rules().into_iter().take(3).map(|(rule, count)| format!("{} {count}", code(rule)));
        let mut cells = vec![
            name(audit, row),
            counts.deny.to_string(),
            counts.warn.to_string(),
            format!("{}/{}", counts.pinned, counts.declarations),
        ];
        if has_change {
            let change = row.change.as_ref();
            cells.push(
                change.map_or_else(String::new, |change| format!("+{} −{}", change.new.len(), change.resolved.len())),
            );
        }
        if has_owner {
            cells.push(code(row.owner.as_deref().unwrap_or_default()));
        }
        cells.push(most.collect::<Vec<_>>().join(", "));
        cells
    };
    page.table(&columns, ranked[..ranked.len().min(RANKED)].iter().map(cells));
    if ranked.len() > RANKED {
        page.line(format_args!("… and {} more with findings\n", ranked.len() - RANKED));
    }
}

/// What is wrong in the worst, folded.
fn details(audit: &Audit, page: &mut Page) {
    for row in audit.ranked().into_iter().take(DETAILED) {
        let items = row.findings.items();
        let mut shown: Vec<&Item> = items.iter().collect();
        // What fails, and what is new, comes first.
        let is_new = |item: &Item| row.change.as_ref().is_some_and(|change| change.new.contains(&item.fingerprint));
        shown.sort_by_key(|item| (item.level != "deny", !is_new(item)));
        let title = format!("{}: {}", html(&audit.called(row)), plural(items.len(), "finding"));
        page.fold(&title, |page| {
            let cells = |item: &&Item| {
                let place = shorten(&escape(&item.path), 120);
                let place = code(&format!("{place}:{}:{}", item.line, item.column));
                let what = if item.subject.is_empty() { prose(&item.message) } else { code(&item.subject) };
                vec![place, code(&item.rule), what, prose(item.help.as_deref().unwrap_or_default())]
            };
            page.table(
                &["Place", "Rule", "Declaration", "What to do"],
                shown[..shown.len().min(LISTED)].iter().map(cells),
            );
            if shown.len() > LISTED {
                page.line(format_args!("… and {} more\n", shown.len() - LISTED));
            }
        });
    }
}

/// A row's name, as a link to its remote where that is plainly one.
fn name(audit: &Audit, row: &Row) -> String {
    link(&audit.called(row), row.url.as_deref())
}

/// A name in the title of what is folded, which is HTML, and no Markdown.
fn html(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ' | '(' | ')');
    shorten(&escape(name), 120)
        .chars()
        .map(|c| if plain(c) { c.to_string() } else { format!("&#{};", u32::from(c)) })
        .collect()
}
