//! For a person in a hurry: how many have it, then who, worst first, and by which way.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Admits, Answer, Declaration, Exposed, Package, Row, Status};
use crate::reporter::plural;
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
        let mut rows: Vec<&Row> = exposed.rows.iter().filter(|row| row.answer.status == status).collect();
        if rows.is_empty() || !is_listed {
            continue;
        }
        // What may come by itself ahead of what could only go back, and of what is kept out for now.
        rows.sort_by_key(|row| (row.answer.is_kept_out, is_newer(&row.answer)));
        let (style, title) = heading(status, exposed.surface);
        writeln!(out, "\n{style}{title}{style:#} ({})", rows.len())?;
        if let Some(lightly) = lightly(status, &rows) {
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

/// Of how many of the repositories under a heading it is to be taken lightly.
fn lightly(status: Status, rows: &[&Row]) -> Option<String> {
    let count = |is: &dyn Fn(&Answer) -> bool| rows.iter().filter(|row| is(&row.answer)).count();
    let kept = count(&|answer| answer.is_kept_out);
    let newer = count(&|answer| !answer.is_kept_out && is_newer(answer));
    let newer = (newer > 0).then(|| format!("{newer} only by going back from a newer version"));
    let kept = (kept > 0).then(|| format!("{kept} kept out by a requirement of their own"));
    let parts: Vec<String> = newer.into_iter().chain(kept).collect();
    (matches!(status, Status::WouldGet | Status::MayGet) && !parts.is_empty()).then(|| parts.join(", "))
}

/// The answer in a line.
fn summary(exposed: &Exposed, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let all = match exposed.rows.len() {
        1 => "1 repository".to_owned(),
        count => format!("{count} repositories"),
    };
    let name = escape(&exposed.name);
    let what = match &exposed.versions {
        Some(versions) => format!("{name} {}", escape(versions)),
        None => format!("any {name}"),
    };
    let has = exposed.count(Status::Has);
    let head = match (has, exposed.rows.len()) {
        (0, 1) => format!("the repository does not have {what}"),
        (1, 1) => format!("the repository has {what}"),
        (0, _) => format!("none of {all} has {what}"),
        (1, _) => format!("1 of {all} has {what}"),
        (has, _) => format!("{has} of {all} have {what}"),
    };
    let others =
        [(Status::WouldGet, "would get it"), (Status::MayGet, "may get it"), (Status::Unknown, "could not be judged")];
    let others = others.map(|(status, words)| (exposed.count(status), words));
    let others: Vec<String> =
        others.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    let text = if others.is_empty() { head } else { format!("{head}; {}", others.join(", ")) };
    let style = if has > 0 { heading(Status::Has, exposed.surface).0 } else { Style::new().bold() };
    write!(out, "{style}")?;
    pieces(&words(&text), 0, terminal, out)?;
    write!(out, "{style:#}")
}

fn heading(status: Status, surface: &str) -> (Style, &'static str) {
    let has_lockfiles = matches!(surface, "crate" | "npm" | "python");
    let red = AnsiColor::Red.on_default().bold();
    let yellow = AnsiColor::Yellow.on_default().bold();
    match status {
        Status::Has => (red, "has it"),
        Status::WouldGet if has_lockfiles => (yellow, "would get it: an update may take it"),
        Status::WouldGet => (yellow, "would get it: a build may take it"),
        Status::MayGet if !has_lockfiles => (yellow, "may get it: what is written may come to it"),
        Status::MayGet => (yellow, "may get it: a package in between decides"),
        Status::Unknown => (yellow, "could not be judged"),
        Status::Held => (AnsiColor::Green.on_default().bold(), "held off it"),
        Status::Absent => (AnsiColor::Green.on_default().bold(), "does not know it"),
    }
}

/// What is not listed, and what was left out.
fn rest(exposed: &Exposed, verbose: bool, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let (held, absent) = (exposed.count(Status::Held), exposed.count(Status::Absent));
    let skipped: usize = exposed.rows.iter().map(|row| row.answer.skipped).sum();
    let mut parts = Vec::new();
    if held > 0 && !verbose {
        parts.push(format!("{held} held off it"));
    }
    if absent > 0 && !verbose {
        parts.push(format!("{absent} without it"));
    }
    if !parts.is_empty() {
        parts = vec![format!("{} (-v lists them)", parts.join(", "))];
    }
    if skipped > 0 {
        parts.push(format!("{} skipped by default (--no-default-excludes reads them)", plural(skipped, "file")));
    }
    if parts.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    pieces(&words(&parts.join("; ")), 0, terminal, out)
}

/// Whether every locked package of the name is newer than what was asked for.
fn is_newer(answer: &Answer) -> bool {
    !answer.packages.is_empty() && answer.packages.iter().all(|package| package.is_newer)
}

/// One repository: its name, and beside it what is known.
fn repository(row: &Row, names: usize, verbose: bool, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    let name = escape(&row.name);
    let (lines, partly) = (lines(row), partly(&row.answer, verbose));
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

/// What is said of a repository.
fn lines(row: &Row) -> Vec<Line> {
    let answer = &row.answer;
    if let Some(error) = &row.error {
        return vec![words(&brief(error))];
    }
    let admitting = |admits| answer.declarations.iter().filter(move |declaration| declaration.admits == admits);
    let moving = answer.packages.iter().filter(|package| package.may_move);
    let mut lines: Vec<Line> = match answer.status {
        Status::Has => {
            let written = answer.declarations.iter().filter(|declaration| declaration.is_wanted);
            let held = answer.shown().filter(|package| package.is_wanted);
            held.map(package).chain(written.map(declaration)).collect()
        }
        Status::WouldGet => admitting(Admits::Yes).map(declaration).collect(),
        Status::MayGet => moving.clone().map(package).chain(admitting(Admits::Maybe).map(declaration)).collect(),
        Status::Unknown | Status::Absent => Vec::new(),
        Status::Held => {
            answer.packages.iter().map(package).chain(answer.declarations.iter().map(declaration)).collect()
        }
    };
    if answer.is_kept_out {
        let keepers = answer.packages.iter().filter_map(|package| package.kept_by.as_ref());
        let mut keepers: Vec<String> = keepers
            .map(|keeper| {
                format!("{}:{} asks for `{}`", escape(&keeper.path), keeper.line, escape(&keeper.requirement))
            })
            .collect();
        keepers.dedup();
        lines.insert(0, words(&format!("kept out while {}", keepers.first().map_or("", String::as_str))));
    }
    if answer.status == Status::Unknown {
        lines.extend(answer.unclear.iter().map(|unclear| words(&brief(unclear))));
    }
    lines
}

/// What is said of a repository of which something is known, and not all: behind everything else.
fn partly(answer: &Answer, verbose: bool) -> Vec<Line> {
    match (answer.status, answer.unclear.as_slice()) {
        (Status::Unknown, _) | (_, []) => Vec::new(),
        (_, unclear) if verbose => {
            unclear.iter().map(|unclear| words(&format!("not judged: {}", brief(unclear)))).collect()
        }
        (_, [only]) => vec![words(&format!("not judged: {}", brief(only)))],
        (_, [first, rest @ ..]) => vec![words(&format!("not judged: {} (and {} more: -v)", brief(first), rest.len()))],
    }
}

fn words(text: &str) -> Line {
    text.split(' ').map(str::to_owned).collect()
}

/// A locked package: the chain to it, and what is special about it.
fn package(package: &Package) -> Line {
    let mut line: Line = match package.via.as_slice() {
        [] => {
            let name = escape(&format!("{} {}", package.name, package.version));
            vec![name, "(nothing there leads to it)".to_owned()]
        }
        [first, rest @ ..] => {
            let first = escape(first);
            std::iter::once(first).chain(rest.iter().map(|step| format!("> {}", escape(step)))).collect()
        }
    };
    if package.is_newer {
        line.push("(newer)".to_owned());
    }
    if let Some(kind @ ("dev" | "build")) = package.kind {
        line.push(format!("({kind})"));
    }
    match &package.source {
        _ if package.is_usual => {}
        None if package.via.len() != 1 => line.push("(a path)".to_owned()),
        None => line.push("(a package of its own)".to_owned()),
        Some(source) => line.push(format!("(from {})", escape(source))),
    }
    if package.lockfile != "Cargo.lock" {
        line.push(format!("in {}", escape(&package.lockfile)));
    }
    line
}

/// A declaration: where, what, and what it is held to.
fn declaration(declaration: &Declaration) -> Line {
    let Declaration { path, line, name, package, .. } = declaration;
    let written = match &declaration.requirement {
        Some(requirement) => format!("{name} = \"{requirement}\""),
        None => name.clone(),
    };
    let mut out = vec![escape(&format!("{path}:{line}")), escape(&written)];
    // `docker.io/library/node` says no more than `node`.
    if package != name && !package.ends_with(&format!("/{name}")) {
        out.push(escape(&format!("({package})")));
    }
    if let Some(origin) = &declaration.origin {
        out.push(escape(&format!("({origin})")));
    }
    match (declaration.has_lock, declaration.locked.as_slice()) {
        (false, _) if !declaration.is_lockable => {}
        (false, _) => out.push("no lockfile".to_owned()),
        (true, []) => out.push("not in the lockfile".to_owned()),
        (true, versions) => {
            let newer = if declaration.is_newer { " (newer)" } else { "" };
            out.push(escape(&format!("locked {}{newer}", versions.join(", "))));
        }
    }
    if let Some(note) = &declaration.note {
        out.push(escape(&format!("({note})")));
    }
    if declaration.kind == "workspace" && declaration.used_by.is_empty() {
        out.push("(no member uses it)".to_owned());
    }
    out
}
