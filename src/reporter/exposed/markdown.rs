//! For the issue of an incident: the answer in the first line, then who has it and who would get it, by which way.

use std::io::{self, Write};

use super::words::{self, Said};
use super::{Exposed, Row, Status};
use crate::reporter::markdown::page::Page;
use crate::reporter::markdown::text::{code, code_of, link, prose};

/// The most ways of one repository before the rest is counted.
const MOST: usize = 3;

/// The most characters of a way: a chain of a few packages, each with its version.
const WAY: usize = 300;

pub(super) fn render(exposed: &Exposed, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.line(verdict(exposed));
    page.line("");
    for status in Status::ALL {
        let rows = exposed.of(status);
        if rows.is_empty() {
            continue;
        }
        let (title, count) = (words::title(status, exposed.surface), rows.len());
        if !matches!(status, Status::Held | Status::Absent) {
            page.line(format_args!("**{title}** ({count})\n"));
            if let Some(lightly) = words::lightly(status, &rows) {
                page.line(format_args!("{lightly}\n"));
            }
            table(&mut page, &rows, verbose);
        } else if verbose {
            page.fold(&format!("{title} ({count})"), |page| table(page, &rows, verbose));
        }
    }
    if let Some(rest) = words::rest(exposed, verbose) {
        page.line(rest);
    }
    out.write_all(page.text().as_bytes())
}

/// The answer, in one line that can be read without all others.
fn verdict(exposed: &Exposed) -> String {
    let has = |status| exposed.count(status) > 0;
    let sign = if has(Status::Has) {
        "❌"
    } else if has(Status::WouldGet) || has(Status::MayGet) || has(Status::Unknown) {
        "⚠️"
    } else {
        "✅"
    };
    format!("{sign} **cargo-pinned exposed: {}**", prose(&words::summary(exposed)))
}

fn table(page: &mut Page, rows: &[&Row], verbose: bool) {
    let has_owner = rows.iter().any(|row| row.owner.is_some());
    let mut columns = vec!["Repository", "How"];
    columns.extend(has_owner.then_some("Owner"));
    let cells = |row: &&Row| {
        let mut cells = vec![link(&row.name, row.url.as_deref()), how(row, verbose)];
        if has_owner {
            cells.push(code(row.owner.as_deref().unwrap_or_default()));
        }
        cells
    };
    page.table(&columns, rows.iter().map(cells));
}

/// What is known of a repository, a line each.
fn how(row: &Row, verbose: bool) -> String {
    let said = words::said(row);
    let shown = if verbose || said.len() == MOST + 1 { said.len() } else { said.len().min(MOST) };
    let mut lines: Vec<String> = said[..shown].iter().map(line).collect();
    if shown < said.len() {
        lines.push(format!("… and {} more", said.len() - shown));
    }
    lines.extend(words::partly(&row.answer, verbose).iter().map(line));
    lines.join("<br>")
}

fn line(said: &Said) -> String {
    match said {
        Said::Way(steps) => code_of(&steps.join(" "), WAY),
        Said::Phrase(phrase) => prose(phrase),
    }
}
