//! For a person at a terminal: findings by surface and file, in columns, and a summary.

mod section;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use rayon::prelude::*;

use super::terminal::{self, escape, pad, shorten, width, wrap};
use super::{Detail, Locator, Report, plural};
use crate::policy::ended_on;
use crate::policy::finding::{Finding, Level};
use crate::scanner::dependency::Surface;
use section::Section;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
pub(super) const DENY: Style = AnsiColor::Red.on_default();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
const FIX: Style = AnsiColor::Green.on_default();

/// The most lines of one rule in one file before the rest is counted.
const MOST: usize = 40;

/// The most files in a row that say the same before the rest is counted: generated pages come by the hundred.
const ALIKE: usize = 10;

/// One line of the report.
struct Row {
    places: Vec<String>,
    rule: &'static str,
    level: Level,
    /// The declaration, for findings about one; else the whole message.
    subject: Option<String>,
    message: String,
    pin: &'static str,
    action: String,
    /// What to do about a lockfile: its message has no column for that, and the last one gets it on a line of its own.
    help: Option<String>,
    /// What else is to be said of the declaration, on a line of its own.
    note: Option<String>,
}

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let quiet = report.detail == Detail::Quiet;
    let mut shown: Vec<&Finding> = report.shown().collect();
    let path = |finding: &&Finding| report.scan.files.path(finding.violation.span.file);
    let section = |finding: &&Finding| Section::of(finding.violation.surface, path(finding));
    shown.sort_by_key(section);
    let groups: Vec<&[&Finding]> = shown.chunk_by(|a, b| section(a) == section(b) && path(a) == path(b)).collect();
    let rows = |group: &&[&Finding]| {
        (section(&group[0]), path(&group[0]), rows(group, &Locator::new(report.scan), report.detail))
    };
    let files: Vec<(Section, &str, Vec<Row>)> = groups.par_iter().map(rows).collect();
    loosened(report, out)?;
    let columns = Columns::new(files.iter().flat_map(|(_, _, rows)| rows), report.width);
    let has_titles = Section::need_titles(files.iter().map(|(section, ..)| *section));
    for part in files.chunk_by(|(a, ..), (b, ..)| a == b) {
        if let Some((section, ..)) = part.first().filter(|_| has_titles) {
            let count = part.iter().flat_map(|(.., rows)| rows).map(|row| row.places.len()).sum();
            section.heading(count, report.width, out)?;
        }
        self::part(part, &columns, report, out)?;
    }
    if quiet {
        return Ok(());
    }
    let lists = report.detail == Detail::Verbose && !report.skipped.is_empty();
    if lists && !files.is_empty() {
        writeln!(out)?;
    }
    skipped(report, out)?;
    if lists || !files.is_empty() {
        writeln!(out)?;
    }
    let paths: std::collections::HashSet<&str> = files.iter().map(|(_, path, _)| *path).collect();
    summary(report, paths.len(), out)
}

/// The files of one section; of many that say the same, the first.
fn part(
    files: &[(Section, &str, Vec<Row>)],
    columns: &Columns,
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let detail = report.detail;
    for alike in files.chunk_by(|(.., a), (.., b)| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says(b))) {
        let is_many = alike.len() > ALIKE && detail != Detail::Verbose;
        let shown = if is_many { &alike[..1] } else { alike };
        for (_, path, rows) in shown {
            writeln!(out, "{BOLD}{}{BOLD:#}", escape(path))?;
            file(rows, columns, detail, out)?;
        }
        if let Some((_, last, _)) = alike.last().filter(|_| is_many) {
            let more = alike.len() - 1;
            let more = format!("… and {more} more files up to {} with the same (-v shows them)", escape(last));
            writeln!(out, "{DIM}{}{DIM:#}", wrap(&more, 0, 2, report.width))?;
        }
    }
    Ok(())
}

/// That the gate was made wider by the very change that it judges: said first, and to whoever wants to hear little too.
fn loosened(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match report.looser() {
        Some(looser) => writeln!(out, "{WARN}{}{WARN:#}\n", wrap(&escape(&looser), 0, 2, report.width)),
        None => Ok(()),
    }
}

fn rows(findings: &[&Finding], locator: &Locator<'_>, detail: Detail) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(findings.len());
    // Lines that say the same are one, with how many they are; who asks for everything gets each place.
    let mut said = std::collections::HashMap::new();
    for finding in findings {
        let violation = &finding.violation;
        let (start, _) = locator.range(violation.span);
        let place = format!("{}:{}", start.line, start.column);
        let title = violation.fix.as_ref().map(|fix| fix.title.as_str());
        let says =
            (finding.rule, finding.level, violation.subject.as_str(), violation.message.as_str(), violation.pin, title);
        let at = *said.entry(says).or_insert(rows.len());
        if let Some(before) = rows.get_mut(at).filter(|_| detail != Detail::Verbose) {
            before.places.push(place);
            continue;
        }
        rows.push(Row {
            places: vec![place],
            rule: finding.rule,
            level: finding.level,
            subject: (!violation.subject.is_empty()).then(|| escape(&violation.subject)),
            message: escape(&violation.message),
            pin: violation.pin.map_or("", |pin| pin.name()),
            action: escape(&action(finding)),
            help: violation.help.as_deref().filter(|_| violation.surface == Surface::Lockfile).map(escape),
            note: finding.ended.map(ended_on),
        });
    }
    rows
}

/// What to do, in the few words that a column has room for.
fn action(finding: &Finding) -> String {
    let violation = &finding.violation;
    match (&violation.fix, violation.cap) {
        (Some(fix), _) => fix.title.clone(),
        (None, Level::Warn) if violation.help.as_ref().is_some_and(|help| help.ends_with("delete it")) => {
            "unused: delete it".to_owned()
        }
        _ => String::new(),
    }
}

impl Row {
    /// Whether another one says the same, at whatever places.
    fn says(&self, other: &Self) -> bool {
        let said = |row: &Self| (row.rule, row.level, row.pin, row.places.len());
        said(self) == said(other)
            && (&self.subject, &self.message, &self.action, &self.help, &self.note)
                == (&other.subject, &other.message, &other.action, &other.help, &other.note)
    }

    fn place(&self) -> String {
        match self.places.as_slice() {
            [first] => first.clone(),
            [first, rest @ ..] => format!("{first} +{}", rest.len()),
            [] => String::new(),
        }
    }
}

/// The widths of the columns.
struct Columns {
    place: usize,
    rule: usize,
    subject: usize,
    /// What stands ahead of a declaration or a message.
    indent: usize,
    terminal: usize,
}

impl Columns {
    fn new<'r>(rows: impl Iterator<Item = &'r Row> + Clone, terminal: usize) -> Self {
        let widest = |of: &dyn Fn(&Row) -> usize| rows.clone().map(of).max().unwrap_or(0);
        // A few long ones must not take the room from all: they reach beyond their column.
        let place = widest(&|row| width(&row.place())).clamp(5, 8);
        let rule = widest(&|row| width(row.rule));
        let action = widest(&|row| width(&row.action)).min("pin to =1.0.228".len());
        // What the other columns leave, with two blanks between each.
        let room = terminal.saturating_sub(2 + place + 2 + rule + 2 + 2 + 7 + 1 + action).max(20);
        let subject = widest(&|row| row.subject.as_deref().map_or(0, width)).min(room);
        Self { place, rule, subject, indent: 2 + place + 2 + rule + 2, terminal }
    }

    /// A text below the declarations, in as many lines as it needs; a place took so many columns `beyond` its own.
    fn wrap(&self, text: &str, beyond: usize) -> String {
        wrap(text, self.indent + beyond, self.indent, self.terminal.max(self.indent + 20))
    }
}

fn file(rows: &[Row], columns: &Columns, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut printed = std::collections::BTreeMap::new();
    let is_shown = |row: &&Row| {
        let count: &mut usize = printed.entry(row.rule).or_default();
        *count += 1;
        *count <= MOST || detail == Detail::Verbose
    };
    let shown: Vec<&Row> = rows.iter().filter(is_shown).collect();
    let helps = shown.iter().enumerate().filter_map(|(at, row)| Some((row.help.as_ref()?, at)));
    let last: std::collections::HashMap<&String, usize> = helps.collect();
    for (at, row) in shown.iter().enumerate() {
        line(row, columns, out)?;
        let is_last = |help: &&String| detail != Detail::Quiet && last.get(help) == Some(&at);
        if let Some(help) = row.help.as_ref().filter(is_last) {
            writeln!(out, "{}{FIX}{}{FIX:#}", " ".repeat(columns.indent), columns.wrap(help, 0))?;
        }
    }
    for (rule, count) in printed {
        if count > MOST && detail != Detail::Verbose {
            writeln!(out, "  {DIM}… and {} more of {rule} (-v shows them){DIM:#}", count - MOST)?;
        }
    }
    Ok(())
}

fn line(row: &Row, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    let style = if row.level == Level::Deny { DENY } else { WARN };
    let place = pad(&row.place(), columns.place);
    let rule = pad(row.rule, columns.rule);
    write!(out, "  {DIM}{place}{DIM:#}  {style}{rule}{style:#}  ")?;
    let beyond = width(&place).saturating_sub(columns.place);
    let Some(subject) = &row.subject else {
        return writeln!(out, "{}", columns.wrap(&row.message, beyond));
    };
    let room = columns.subject.saturating_sub(beyond);
    let subject = pad(&shorten(subject, room), room);
    let below = " ".repeat(columns.indent);
    if row.action.is_empty() {
        writeln!(out, "{}", format!("{subject}  {}", row.pin).trim_end())?;
    } else if columns.indent + columns.subject + 2 + 7 + 1 + width(&row.action) > columns.terminal {
        writeln!(out, "{}", format!("{subject}  {}", row.pin).trim_end())?;
        writeln!(out, "{below}{FIX}{}{FIX:#}", columns.wrap(&row.action, 0))?;
    } else {
        writeln!(out, "{subject}  {} {FIX}{}{FIX:#}", pad(row.pin, 7), row.action)?;
    }
    match &row.note {
        Some(note) => writeln!(out, "{below}{}", columns.wrap(note, 0)),
        None => Ok(()),
    }
}

/// What was skipped, and why; nothing where not everything is asked for.
pub(super) fn skipped(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.detail != Detail::Verbose || report.skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{BOLD}skipped{BOLD:#}")?;
    for skipped in report.skipped {
        let path = escape(&skipped.path);
        let why = wrap(&escape(&skipped.why), 2 + width(&path) + 2, 4, report.width);
        writeln!(out, "  {path}  {DIM}{why}{DIM:#}")?;
    }
    Ok(())
}

/// The last lines of every report for people: how many findings there are, in how many `files`, and what else counts.
pub(super) fn summary(report: &Report<'_>, files: usize, out: &mut dyn Write) -> io::Result<()> {
    let (deny, warn) = (report.count(Level::Deny), report.count(Level::Warn));
    let noun = if report.comparison.is_some() { "new finding" } else { "finding" };
    let head = match (deny, warn) {
        (0, 0) => format!("no {noun}s"),
        (deny, 0) => format!("{} ({deny} deny) in {}", plural(deny, noun), plural(files, "file")),
        (0, warn) => format!("{} ({warn} warn) in {}", plural(warn, noun), plural(files, "file")),
        (deny, warn) => {
            format!("{} ({deny} deny, {warn} warn) in {}", plural(deny + warn, noun), plural(files, "file"))
        }
    };
    let style = if deny > 0 {
        DENY.bold()
    } else if warn > 0 {
        WARN.bold()
    } else {
        FIX.bold()
    };
    let mut rest = format!("; {} of {} pinned", report.pinned(), plural(report.declarations.len(), "declaration"));
    let mut add = |count: usize, what: String| {
        if count > 0 {
            rest += &format!("; {what}");
        }
    };
    if let Some(comparison) = report.comparison {
        let (known, moved) = (comparison.known.len(), comparison.moved.len());
        add(known, format!("{known} in {} already", escape(comparison.revision)));
        add(moved, format!("{moved} moved"));
    }
    add(report.baselined, format!("{} in the baseline", report.baselined));
    add(report.excepted.len(), format!("{} excepted", report.excepted.len()));
    let skipped = report.skipped.len();
    let hint = if report.detail == Detail::Verbose { "" } else { " (-v lists them)" };
    add(skipped, format!("{} skipped{hint}", plural(skipped, "file")));
    writeln!(out, "{}", terminal::summary(&head, style, &rest, report.width))?;
    match report.fixable() {
        0 => Ok(()),
        count => writeln!(out, "{count} can be fixed now: cargo pinned fix"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::exception::Excepted;
    use crate::reporter::Comparison;
    use crate::reporter::sample::Sample;
    use crate::scanner::Skipped;

    /// No line is wider than the terminal, whatever there is to say: summaries, fixes with long titles, places with counts.
    #[test]
    fn every_line_fits_the_terminal() {
        let mut sample = Sample::new(60);
        sample.set_help("write it, and then have cargo bring the lockfile up to date", Some("=1.0.0"));
        let skipped = ["a/Cargo.toml", "b/Cargo.toml"].map(|path| Skipped {
            path: path.to_owned(),
            why: "cargo refuses it: the workspace at `a` neither claims nor excludes what is there".to_owned(),
        });
        let loosened = vec!["`unpinned-crate` went from deny to allow".to_owned(); 4];
        let full = sample.compared(&loosened);
        let excepted: Vec<Excepted> = full
            .findings
            .iter()
            .map(|finding| Excepted { finding: finding.clone(), reason: "for now".to_owned(), expires: None })
            .collect();
        let comparison = full.comparison.map(|comparison| Comparison { revision: "release/2026-11", ..comparison });
        for detail in [Detail::Normal, Detail::Verbose] {
            for columns in 60..=100 {
                let report = Report {
                    baselined: 123,
                    excepted: &excepted,
                    skipped: &skipped,
                    detail,
                    width: columns,
                    comparison,
                    root: full.root.clone(),
                    ..full
                };
                let mut out = Vec::new();
                render(&report, &mut out).expect("it can be written");
                let text = anstream::adapter::strip_bytes(&out).into_vec();
                for line in String::from_utf8(text).expect("text").lines() {
                    assert!(width(line) <= columns, "{columns}: {line}");
                }
            }
        }
    }
}
