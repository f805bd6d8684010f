//! For a person at a terminal: what asks for a second look first, then package by package, and a summary.

use std::io::{self, Write};

use anstyle::Style;

use super::super::human::{DENY, WARN};
use super::super::terminal::{escape, pad, shorten, width};
use super::{Detail, Diff, plural, words};
use crate::change::{DeclarationChange, DeclarationKind, PackageChange, PackageKind, WorkspaceChange};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The most lines of a list before the rest is counted.
const MOST: usize = 40;

/// A line of a list: a name, what became of it, and how it comes in, step by step.
type Row = (String, String, Vec<String>);

pub(super) fn render(diff: &Diff<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lists = Lists { diff, is_whole: diff.detail == Detail::Verbose };
    lists.alarms(out)?;
    lists.unread(out)?;
    if diff.detail == Detail::Quiet {
        return Ok(());
    }
    for workspace in &diff.changes.workspaces {
        lists.workspace(workspace, out)?;
    }
    lists.declarations(out)?;
    summary(diff, out)?;
    words::unknown(diff).map_or(Ok(()), |unknown| lists.wrapped(&unknown, out))
}

fn summary(diff: &Diff<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (base, head) = diff.ends();
    let (base, head) = (shorten(&escape(base), 40), shorten(&escape(head), 40));
    let counts = diff.counts();
    let own: usize = diff.changes.workspaces.iter().map(|workspace| workspace.own.len()).sum();
    if counts.is_empty() && own == 0 && diff.changes.workspaces.is_empty() {
        let nothing = if diff.changes.unread.is_empty() { "no pin differs" } else { "no other pin differs" };
        return writeln!(out, "{BOLD}{nothing}{BOLD:#} between {base} and {head}");
    }
    writeln!(out, "{BOLD}{base} to {head}{BOLD:#}")?;
    for count in &counts {
        writeln!(out, "  {count}")?;
    }
    if own > 0 {
        writeln!(out, "  {DIM}{}{DIM:#}", own_packages(own))?;
    }
    Ok(())
}

fn own_packages(count: usize) -> String {
    let differ = if count == 1 { "package differs" } else { "packages differ" };
    format!("{count} of the repository's own {differ}")
}

/// What is needed to write lists.
struct Lists<'a> {
    diff: &'a Diff<'a>,
    /// Whether nothing is cut.
    is_whole: bool,
}

impl Lists<'_> {
    fn alarms(&self, out: &mut dyn Write) -> io::Result<()> {
        let alarms = &self.diff.changes.alarms;
        if alarms.is_empty() {
            return Ok(());
        }
        let (have, releases) = if alarms.len() == 1 { ("has", "1 release") } else { ("have", "releases") };
        let releases = if alarms.len() == 1 { releases.to_owned() } else { format!("{} {releases}", alarms.len()) };
        let style = DENY.bold();
        writeln!(out, "{style}{releases} {have} another checksum than before{style:#}")?;
        writeln!(out, "  a release is never replaced: find out who serves another before anything is built")?;
        let rows = alarms.iter().map(|alarm| {
            let name = format!("{} {}", alarm.package.name, alarm.package.version);
            (name, words::checksums(alarm), words::steps(&alarm.route))
        });
        self.list(rows.collect(), DENY, out)?;
        writeln!(out)
    }

    fn unread(&self, out: &mut dyn Write) -> io::Result<()> {
        let unread = &self.diff.changes.unread;
        if unread.is_empty() {
            return Ok(());
        }
        let style = WARN.bold();
        writeln!(out, "{style}{} could not be compared{style:#}", plural(unread.len(), "file"))?;
        let shown = if self.is_whole { unread.len() } else { MOST };
        for one in unread.iter().take(shown) {
            let what = format!("{} ({}): {}", one.path, words::side(one.side), one.why);
            self.wrapped(&what, out)?;
        }
        self.more(unread.len().saturating_sub(shown), out)?;
        writeln!(out)
    }

    /// A sentence, broken between words.
    fn wrapped(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let room = self.diff.width.saturating_sub(4).max(40);
        let (mut used, mut line) = (0, String::new());
        for word in super::super::terminal::brief(text).split(' ') {
            let word = shorten(word, room);
            if used > 0 && used + 1 + width(&word) > room {
                line.push_str("\n    ");
                used = 0;
            } else if used > 0 {
                line.push(' ');
                used += 1;
            }
            used += width(&word);
            line.push_str(&word);
        }
        writeln!(out, "  {line}")
    }

    fn workspace(&self, change: &WorkspaceChange<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (before, after) = change.locked;
        let counts = if before == after { plural(after, "package") } else { format!("{before} → {after} packages") };
        let path = self.cut(&escape(&words::lock_path(change.directory)), 20);
        writeln!(out, "{BOLD}{path}{BOLD:#}  {DIM}{counts}{DIM:#}")?;
        let whole = words::workspace(change);
        if !whole.is_empty() {
            self.wrapped(&whole, out)?;
        }
        for kind in PackageKind::ALL {
            let found: Vec<&PackageChange<'_>> = change.packages.iter().filter(|change| change.kind == kind).collect();
            let rows = found.iter().map(|change| {
                let name = change.package().map_or("", |package| &package.name).to_owned();
                let what = words::versions(change) + &words::release(change, self.diff.moment);
                (name, what, words::steps(&change.route))
            });
            let style = match kind {
                PackageKind::Source | PackageKind::Commit | PackageKind::Downgraded => WARN,
                _ => Style::new(),
            };
            self.titled(words::package_kind(kind), rows.collect(), style, out)?;
            if kind == PackageKind::Added {
                let duplicates = change.duplicates.iter();
                let rows = duplicates.map(|found| (found.name.to_owned(), found.after.join(", "), Vec::new()));
                self.titled("new duplicates", rows.collect(), Style::new(), out)?;
            }
        }
        if self.is_whole {
            let rows = change.own.iter().map(|change| {
                let name = change.package().map_or("", |package| &package.name).to_owned();
                (name, words::versions(change), vec![words::package_kind(change.kind).to_owned()])
            });
            self.titled("the repository's own", rows.collect(), DIM, out)?;
        } else if !change.own.is_empty() && change.packages.is_empty() {
            writeln!(out, "  {DIM}{} (-v lists them){DIM:#}", own_packages(change.own.len()))?;
        }
        writeln!(out)
    }

    fn declarations(&self, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.diff.changes.declarations;
        let path = |change: &DeclarationChange<'_>| change.declared().map_or("", |declared| declared.path).to_owned();
        for group in all.chunk_by(|a, b| path(a) == path(b)) {
            writeln!(out, "{BOLD}{}{BOLD:#}", self.cut(&escape(&path(&group[0])), 0))?;
            for kind in DeclarationKind::ALL {
                let rows = group.iter().filter(|change| change.kind == kind).filter_map(|change| {
                    let declared = change.declared()?;
                    let what = words::declared(kind, change.before, change.after);
                    let table = vec![words::table(declared.dependency)];
                    Some((words::name(declared.dependency), what, table))
                });
                let style = match kind {
                    DeclarationKind::Source | DeclarationKind::Loosened => WARN,
                    _ => Style::new(),
                };
                self.titled(words::declaration_kind(kind), rows.collect(), style, out)?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn titled(&self, title: &str, rows: Vec<Row>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "  {style}{title}{style:#}")?;
        self.list(rows, style, out)
    }

    /// Rows in columns, as far as they fit; what does not is cut in the middle.
    fn list(&self, rows: Vec<Row>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let shown = if self.is_whole { rows.len() } else { rows.len().min(MOST) };
        let left = rows.len() - shown;
        let safe = |(name, what, steps): Row| {
            (escape(&name), escape(&what), steps.iter().map(|step| escape(step)).collect::<Vec<_>>())
        };
        let rows: Vec<Row> = rows.into_iter().take(shown).map(safe).collect();
        let widest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let (names, whats, ways) =
            (widest(|row| width(&row.0)), widest(|row| width(&row.1)), widest(|row| width(&row.2.join(words::ARROW))));
        let room = self.diff.width.saturating_sub(4);
        let name = if self.is_whole { names } else { names.min(room * 2 / 5) };
        // What a few long ones need must not take the room from the last column of all, which can be cut with the least loss.
        let rest = room.saturating_sub(name + 2 + 2 + ways.min(room / 4)).max(12);
        let what = if self.is_whole { whats } else { whats.min(rest) };
        for (first, second, steps) in &rows {
            let first = pad(&self.fit(first, name), name);
            let rest = if steps.is_empty() {
                self.fit(second, room.saturating_sub(name + 2))
            } else {
                let second = pad(&self.fit(second, what), what);
                format!("{second}  {DIM}{}{DIM:#}", self.way(steps, room.saturating_sub(name + what + 4)))
            };
            writeln!(out, "    {style}{first}{style:#}  {}", rest.trim_end())?;
        }
        self.more(left, out)
    }

    /// A way in so many columns: what is in the middle of it is left out first.
    fn way(&self, steps: &[String], columns: usize) -> String {
        let whole = steps.join(words::ARROW);
        if self.is_whole || width(&whole) <= columns {
            return whole;
        }
        let Some((first, rest)) = steps.split_first() else { return whole };
        let shorter =
            (1..rest.len()).map(|from| [&[first.clone(), "…".to_owned()], &rest[from..]].concat().join(words::ARROW));
        let fitting = shorter.into_iter().find(|way| width(way) <= columns);
        fitting.unwrap_or_else(|| shorten(&whole, columns))
    }

    fn more(&self, left: usize, out: &mut dyn Write) -> io::Result<()> {
        match left {
            0 => Ok(()),
            left => writeln!(out, "    {DIM}… and {left} more (-v shows them){DIM:#}"),
        }
    }

    fn fit(&self, text: &str, columns: usize) -> String {
        if self.is_whole { text.to_owned() } else { shorten(text, columns) }
    }

    /// A text for a line of its own, with room left behind it.
    fn cut(&self, text: &str, behind: usize) -> String {
        self.fit(text, self.diff.width.saturating_sub(behind).max(40))
    }
}
