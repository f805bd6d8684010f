//! For a person at a terminal: the repositories that need attention, worst first, and what came of all.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Audit, Row};
use crate::reporter::terminal::{brief, escape, pad, shorten, width};
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
        clean(audit, out)?;
    }
    let failed = audit.failed().map(|row| (row, row.error.as_deref().unwrap_or_default()));
    list(audit, "could not be judged", DENY, failed.collect(), columns, out)?;
    if detail == Detail::Quiet {
        return Ok(());
    }
    let stale = audit.stale().map(|row| (row, row.stale.as_deref().unwrap_or_default()));
    list(audit, "judged by their last good mirror", WARN, stale.collect(), columns, out)?;
    for note in &audit.notes {
        writeln!(out, "{WARN}note{WARN:#}: {}", brief(note))?;
    }
    summary(audit, out)
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
fn clean(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
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
        writeln!(out, "  {}  {DIM}{what}{DIM:#}", escape(&audit.called(row)))?;
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
        write!(out, "  {called}:")?;
        let mut used = 3 + width(&called);
        for word in brief(why).split(' ') {
            let word = shorten(word, columns.saturating_sub(4));
            if used + 1 + width(&word) > columns {
                write!(out, "\n   ")?;
                used = 3;
            }
            write!(out, " {word}")?;
            used += 1 + width(&word);
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// What came of all rows.
fn summary(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
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
    write!(out, "{style}{head}{style:#}; {} of {} pinned", total.pinned, plural(total.declarations, "declaration"))?;
    for (count, what) in
        [(total.baselined, "in baselines"), (total.excepted, "excepted"), (total.waived, "locally waived")]
    {
        if count > 0 {
            write!(out, "; {count} {what}")?;
        }
    }
    let idle = |row: &&Row| row.error.is_none() && row.counts.files == 0 && row.counts.deny + row.counts.warn == 0;
    let idle = audit.rows.iter().filter(idle).count();
    if idle > 0 {
        write!(out, "; nothing to check in {idle}")?;
    }
    writeln!(out)?;
    if let Some((new, resolved)) = audit.change() {
        writeln!(out, "since the last run: {new} new, {resolved} resolved")?;
    }
    if failed > 0 {
        writeln!(out, "{DENY}{failed} of {repositories} could not be judged{DENY:#}")?;
    }
    Ok(())
}
