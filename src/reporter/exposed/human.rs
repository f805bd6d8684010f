//! For a person in a hurry: how many have it, then who, worst first, and by which way.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::words::{self, Said};
use super::{Exposed, Row, Status};
use crate::reporter::terminal::{brief, escape, pad, shorten, width};

const DIM: Style = Style::new().dimmed();

/// The widest name that stands in a line with what is said of it.
const NAME: usize = 24;

/// The most ways of one repository before the rest is counted.
const MOST: usize = 3;

/// A line of the report: pieces that are not broken, unless they are too long for any line.
type Line = Vec<String>;

pub(super) fn render(exposed: &Exposed, verbose: bool, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    summary(exposed, terminal, out)?;
    for status in Status::ALL {
        let is_listed = verbose || !matches!(status, Status::Held | Status::Absent);
        let rows = exposed.of(status);
        if rows.is_empty() || !is_listed {
            continue;
        }
        let (style, title) = (style(status), words::title(status, exposed.surface));
        writeln!(out, "\n{style}{title}{style:#} ({})", rows.len())?;
        if let Some(lightly) = words::lightly(status, &rows) {
            write!(out, "  {DIM}")?;
            pieces(&words(&lightly), 2, terminal.saturating_sub(2), out)?;
            write!(out, "{DIM:#}")?;
        }
        let names = rows.iter().map(|row| width(&escape(&row.name))).filter(|&wide| wide <= NAME).max().unwrap_or(0);
        for row in rows {
            repository(row, names, verbose, terminal, out)?;
        }
    }
    rest(exposed, verbose, terminal, out)
}

/// The answer in a line.
fn summary(exposed: &Exposed, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let style = if exposed.count(Status::Has) > 0 { style(Status::Has) } else { Style::new().bold() };
    write!(out, "{style}")?;
    pieces(&words(&escape(&words::summary(exposed))), 0, terminal, out)?;
    write!(out, "{style:#}")
}

fn style(status: Status) -> Style {
    let colour = match status {
        Status::Has => AnsiColor::Red,
        Status::WouldGet | Status::MayGet | Status::Unknown => AnsiColor::Yellow,
        Status::Held | Status::Absent => AnsiColor::Green,
    };
    colour.on_default().bold()
}

/// What is not listed, and what was left out.
fn rest(exposed: &Exposed, verbose: bool, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let Some(rest) = words::rest(exposed, verbose) else { return Ok(()) };
    writeln!(out)?;
    pieces(&words(&rest), 0, terminal, out)
}

/// One repository: its name, and beside it what is known.
fn repository(row: &Row, names: usize, verbose: bool, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let name = escape(&row.name);
    let (said, partly) = (words::said(row), words::partly(&row.answer, verbose));
    let (lines, partly): (Vec<Line>, Vec<Line>) = (said.iter().map(line).collect(), partly.iter().map(line).collect());
    let (indent, room) = (2 + names + 2, terminal.saturating_sub(2 + names + 2).max(20));
    if lines.is_empty() && partly.is_empty() {
        return writeln!(out, "  {name}");
    }
    let mut at = 0;
    if width(&name) <= names {
        write!(out, "  {}", pad(&name, names))?;
        at = indent - 2;
    } else {
        writeln!(out, "  {name}")?;
    }
    let count = lines.len();
    let shown = if verbose || count == MOST + 1 { count } else { count.min(MOST) };
    for line in lines.into_iter().take(shown) {
        write!(out, "{}", " ".repeat(indent.saturating_sub(at)))?;
        pieces(&line, indent, room, out)?;
        at = 0;
    }
    if shown < count {
        writeln!(out, "{}{DIM}… and {} more (-v lists them){DIM:#}", " ".repeat(indent), count - shown)?;
    }
    for line in partly {
        write!(out, "{DIM}{}", " ".repeat(indent.saturating_sub(at)))?;
        pieces(&line, indent, room, out)?;
        write!(out, "{DIM:#}")?;
        at = 0;
    }
    Ok(())
}

/// What is said as pieces that are safe.
fn line(said: &Said) -> Line {
    match said {
        Said::Way(steps) => steps.iter().map(|step| escape(step)).collect(),
        Said::Phrase(phrase) => words(&brief(phrase)),
    }
}

fn words(text: &str) -> Line {
    text.split(' ').map(str::to_owned).collect()
}

/// Pieces in lines that are as long as there is room.
fn pieces(line: &Line, indent: usize, room: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut used = 0;
    for piece in line {
        let piece = shorten(piece, room - 2);
        let wide = width(&piece);
        if used > 0 && used + 1 + wide > room {
            // What goes on stands two blanks further in.
            write!(out, "\n{}", " ".repeat(indent + 2))?;
            used = 2;
        } else if used > 0 {
            write!(out, " ")?;
            used += 1;
        }
        write!(out, "{piece}")?;
        used += wide;
    }
    writeln!(out)
}
