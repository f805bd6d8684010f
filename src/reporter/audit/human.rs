//! For a person at a terminal: the repositories that need attention, worst first, and what came of all.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Audit, Row};
use crate::reporter::terminal::{self, brief, escape, pad, shorten, width, wrap};
use crate::reporter::{Detail, plural};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const DENY: Style = AnsiColor::Red.on_default();
const WARN: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// The most rows of the table before the rest is counted.
const MOST: usize = 50;

pub(super) fn render(audit: &Audit, detail: Detail, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut ranked = audit.ranked();
    if detail == Detail::Quiet {
        ranked.retain(|row| row.counts.deny > 0);
    }
    let most = if detail == Detail::Verbose { usize::MAX } else { MOST };
    table(audit, &ranked[..ranked.len().min(most)], columns, out)?;
    if ranked.len() > most {
        writeln!(out, "{DIM}… and {} more with findings (-v shows them){DIM:#}", ranked.len() - most)?;
    }
    if detail == Detail::Verbose {
        clean(audit, columns, out)?;
    }
    let failed = audit.failed().map(|row| (row, row.error.as_deref().unwrap_or_default()));
    list(audit, "could not be judged", DENY, failed.collect(), columns, out)?;
    if detail == Detail::Quiet {
        return Ok(());
    }
    let stale = audit.stale().map(|row| (row, row.stale.as_deref().unwrap_or_default()));
    list(audit, "judged by their last good mirror", WARN, stale.collect(), columns, out)?;
    for note in &audit.notes {
        writeln!(out, "{WARN}note{WARN:#}: {}", wrap(&brief(note), 6, 2, columns))?;
    }
    summary(audit, columns, out)
}

/// The rows with findings, in columns.
fn table(audit: &Audit, rows: &[&Row], columns: usize, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|row| escape(&audit.called(row))).collect();
    let changes: Vec<String> = rows.iter().map(|row| change(row)).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or(0);
    let changed = if widest(&changes) == 0 { 0 } else { widest(&changes).max("change".len()) + 2 };
    // Half of what the numbers leave: the rest says what was found.
    let room = columns.saturating_sub("  deny   warn  pinned".len() + changed + 2 + 2).max(30);
    let name = widest(&names).clamp("repository".len(), room / 2);
    let change = if changed == 0 { String::new() } else { format!("  {}", pad("change", changed - 2)) };
    writeln!(out, "{BOLD}  deny   warn  pinned{change}  {}  most of{BOLD:#}", pad("repository", name))?;
    for ((row, called), change) in rows.iter().zip(&names).zip(&changes) {
        let counts = &row.counts;
        let (deny, warn) = (number(counts.deny), number(counts.warn));
        let change = if changed == 0 { String::new() } else { format!("  {}", pad(change, changed - 2)) };
        let style = if counts.deny > 0 { DENY } else { WARN };
        let called = pad(&shorten(called, name), name);
        let found = most(row, room - name);
        let share = share(counts.pinned, counts.declarations);
        writeln!(out, "{style}{deny:>6}{style:#} {warn:>6}  {share:>6}{change}  {called}  {DIM}{found}{DIM:#}")?;
    }
    writeln!(out)
}

/// A count, in at most six columns.
fn number(count: usize) -> String {
    if count > 999_999 { format!("{}k", count / 1_000) } else { count.to_string() }
}

/// A share in per cent; rounded down, so that only all is all.
fn share(part: usize, all: usize) -> String {
    (part * 100).checked_div(all).map_or_else(|| "-".to_owned(), |share| format!("{share}%"))
}

/// The change since the last run.
fn change(row: &Row) -> String {
    match &row.change {
        None => String::new(),
        Some(change) => match (change.new.len(), change.resolved.len()) {
            (0, 0) => "=".to_owned(),
            (new, 0) => format!("+{new}"),
            (0, gone) => format!("-{gone}"),
            (new, gone) => format!("+{new} -{gone}"),
        },
    }
}

/// The rules with the most findings of a row, as many as there is room for.
fn most(row: &Row, room: usize) -> String {
    let mut text = String::new();
    for (rule, count) in row.findings.rules() {
        let next = format!("{}{rule} {count}", if text.is_empty() { "" } else { ", " });
        if width(&text) + width(&next) > room {
            break;
        }
        text += &next;
    }
    text
}

/// The rows without a finding.
fn clean(audit: &Audit, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let is_clean = |row: &&Row| row.error.is_none() && row.counts.deny + row.counts.warn == 0;
    let rows: Vec<&Row> = audit.rows.iter().filter(is_clean).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{BOLD}without findings{BOLD:#}")?;
    for row in rows {
        let counts = &row.counts;
        let what = match counts.declarations {
            0 if counts.files == 0 => "nothing to check".to_owned(),
            all => format!("{} of {} pinned", counts.pinned, plural(all, "declaration")),
        };
        let called = shorten(&escape(&audit.called(row)), columns.saturating_sub(4 + width(&what)));
        writeln!(out, "  {called}  {DIM}{what}{DIM:#}")?;
    }
    writeln!(out)
}

/// Rows of which something is to be said in words.
fn list(
    audit: &Audit,
    title: &str,
    style: Style,
    rows: Vec<(&Row, &str)>,
    columns: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{style}{title}{style:#}")?;
    for (row, why) in rows {
        let called = shorten(&escape(&audit.called(row)), columns / 2);
        writeln!(out, "  {called}: {}", wrap(&brief(why), 4 + width(&called), 4, columns))?;
    }
    writeln!(out)
}

/// What came of all rows.
fn summary(audit: &Audit, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let total = audit.total();
    let (all, failed) = (audit.rows.len(), audit.failed().count());
    if failed == all {
        return writeln!(out, "{}no repository could be judged{:#}", DENY.bold(), DENY.bold());
    }
    let found = audit.rows.iter().filter(|row| row.counts.deny + row.counts.warn > 0).count();
    let repositories = if all == 1 { "1 repository".to_owned() } else { format!("{all} repositories") };
    let (style, head) = match (total.deny, total.warn) {
        (0, 0) if failed == 0 => (GOOD.bold(), format!("no findings in {repositories}")),
        (0, 0) => (BOLD, format!("no findings in {} of {repositories}", all - failed)),
        (deny, warn) => {
            let head =
                format!("{} ({deny} deny, {warn} warn) in {found} of {repositories}", plural(deny + warn, "finding"));
            (if deny > 0 { DENY.bold() } else { WARN.bold() }, head)
        }
    };
    let mut rest = format!("; {} of {} pinned", total.pinned, plural(total.declarations, "declaration"));
    for (count, what) in
        [(total.baselined, "in baselines"), (total.excepted, "excepted"), (total.waived, "locally waived")]
    {
        if count > 0 {
            rest += &format!("; {count} {what}");
        }
    }
    let idle = |row: &&Row| row.error.is_none() && row.counts.files == 0 && row.counts.deny + row.counts.warn == 0;
    let idle = audit.rows.iter().filter(idle).count();
    if idle > 0 {
        rest += &format!("; nothing to check in {idle}");
    }
    writeln!(out, "{}", terminal::summary(&head, style, &rest, columns))?;
    if let Some((new, resolved)) = audit.change() {
        writeln!(out, "since the last run: {new} new, {resolved} resolved")?;
    }
    if failed > 0 {
        writeln!(out, "{DENY}{failed} of {repositories} could not be judged{DENY:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::audit::{Change, Counts, Item, Packed};

    fn row(name: &str, counts: Counts) -> Row {
        let item = |rule: &str| Item { rule: rule.to_owned(), level: "deny".to_owned(), ..Item::default() };
        let findings =
            if counts.deny > 0 { vec![item("unpinned-toolchain"), item("unpinned-action")] } else { Vec::new() };
        Row {
            name: name.to_owned(),
            path: format!("/srv/mirrors/{name}"),
            url: None,
            owner: None,
            labels: Vec::new(),
            reference: None,
            commit: None,
            error: None,
            stale: Some(
                "could not be fetched: timed out after 300 s; this is as of 2026-11-18, the last time it worked"
                    .to_owned(),
            ),
            counts,
            findings: Packed::new(&findings),
            excepted: Packed::new(&[]),
            waived: Packed::new(&[]),
            change: Some(Change { new: vec!["a".to_owned(); 12], resolved: Vec::new() }),
        }
    }

    #[test]
    fn every_line_fits_the_terminal() {
        let some = Counts {
            deny: 1_234_567,
            warn: 98_765,
            excepted: 1_234,
            baselined: 12_345,
            waived: 432,
            declarations: 7_654_321,
            pinned: 1_234_567,
            files: 3,
            ..Counts::default()
        };
        let clean = Counts { declarations: 12, pinned: 12, files: 1, ..Counts::default() };
        let idle = Counts::default();
        let long = "team/a-repository-whose-name-is-longer-than-anybody-would-like-to-type";
        let mut failed = row("failed", idle);
        failed.error =
            Some("the pack `objects/pack/pack-3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345.pack` is damaged".to_owned());
        let rows = vec![row(long, some), row("billing", some), row("clean", clean), failed, row("idle", idle)];
        let notes = vec![
            "the exception for unpinned-crate of `openssl*` matches nothing in any repository: delete it".to_owned(),
        ];
        let today = "2026-11-26".parse().expect("a date");
        let audit = Audit { rows, today, at: String::new(), runs: Vec::new(), notes };
        for columns in 60..=100 {
            let mut out = Vec::new();
            render(&audit, Detail::Verbose, columns, &mut out).expect("it can be written");
            let text = anstream::adapter::strip_bytes(&out).into_vec();
            for line in String::from_utf8(text).expect("text").lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
        }
    }
}
