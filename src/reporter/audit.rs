//! The report of an audit: many repositories, one row each, with what was found in it.
//!
//! The rows own what they hold, since no repository's scan outlives its judgement. Findings are packed, so that thousands of
//! repositories fit in little memory, and unpacked one row at a time.

pub mod html;
mod human;
mod json;
mod markdown;
mod packed;
mod sarif;

use std::io::{self, Write};

use jiff::civil::Date;

use super::Detail;
#[cfg(test)]
pub(super) use json::schema;
pub use packed::{Item, ItemFix, ItemPlace, Items, Packed, Region};
pub use sarif::{file_names, sarif};

/// A form that the report of an audit can take in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Human,
    /// For programs: version 1 of the JSON report.
    Json,
    /// The same, with a line for each row and nothing else.
    Ndjson,
    /// For an issue that is kept up to date.
    Markdown,
    /// One page that asks nothing of anybody.
    Html,
}

/// Writes the report of an audit; `detail` and `width` are for people.
///
/// # Errors
/// Where `out` refuses.
pub fn render(format: Format, audit: &Audit, detail: Detail, width: usize, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(audit, detail, width, out),
        Format::Json => json::render(audit, out),
        Format::Ndjson => json::lines(audit, out),
        Format::Markdown => markdown::render(audit, out),
        Format::Html => html::render(audit, out),
    }
}

/// Everything that the report of an audit says.
#[derive(Debug)]
pub struct Audit {
    /// A row for each repository, or for each of its references that was judged; sorted by name, then by reference.
    pub rows: Vec<Row>,
    /// The day that was judged by.
    pub today: Date,
    /// When the audit ran, in UTC, as RFC 3339 has it.
    pub at: String,
    /// The runs in the history, oldest first, this one last; empty without a history.
    pub runs: Vec<Run>,
    /// What is to be said of the run as a whole, as sentences: an exception of the floor that matches nothing anywhere.
    pub notes: Vec<String>,
}

impl Audit {
    /// What was counted in all rows.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.rows.iter().map(|row| row.counts).fold(Counts::default(), |all, one| Counts {
            deny: all.deny + one.deny,
            warn: all.warn + one.warn,
            excepted: all.excepted + one.excepted,
            baselined: all.baselined + one.baselined,
            waived: all.waived + one.waived,
            declarations: all.declarations + one.declarations,
            pinned: all.pinned + one.pinned,
            files: all.files + one.files,
            skipped: all.skipped + one.skipped,
            fixable: all.fixable + one.fixable,
        })
    }

    /// The rows that could not be judged.
    pub fn failed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.error.is_some())
    }

    /// The rows that were judged by what was there before.
    fn stale(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.error.is_none() && row.stale.is_some())
    }

    /// The rows with findings, worst first.
    fn ranked(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.counts.deny + row.counts.warn > 0).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse((row.counts.deny, row.counts.warn)), &row.name, &row.reference));
        rows
    }

    /// What a row is called beside others: with its reference, where another row is of the same repository.
    fn called(&self, row: &Row) -> String {
        let at = self.rows.partition_point(|other| other.name < row.name);
        let is_alone = self.rows[at..].iter().take_while(|other| other.name == row.name).count() <= 1;
        match row.reference.as_ref().filter(|_| !is_alone) {
            Some(reference) => format!("{} ({reference})", row.name),
            None => row.name.clone(),
        }
    }

    /// How many findings are new and how many are gone since the last run; none without a history.
    fn change(&self) -> Option<(usize, usize)> {
        let mut changes = self.rows.iter().filter_map(|row| row.change.as_ref()).peekable();
        changes.peek()?;
        Some(changes.fold((0, 0), |(new, gone), change| (new + change.new.len(), gone + change.resolved.len())))
    }
}

/// A run in the history, for the trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it ran, in UTC, as RFC 3339 has it.
    pub at: String,
    /// How many rows it had.
    pub repositories: usize,
    /// How many of them could not be judged.
    pub failed: usize,
    /// Findings at level deny, in all rows.
    pub deny: usize,
    /// Findings at level warn, in all rows.
    pub warn: usize,
    /// Findings that the run before did not have.
    pub new: usize,
    /// Findings that only the run before had.
    pub resolved: usize,
}

/// What came of one repository, or of one of its references.
#[derive(Debug)]
pub struct Row {
    /// The name: what the list of targets calls it, else the shortest end of its path that tells it from the others.
    pub name: String,
    /// Where it was read from, as the user would name it.
    pub path: String,
    /// The remote, without credentials, where it is known.
    pub url: Option<String>,
    /// Who answers for it, by the list of targets.
    pub owner: Option<String>,
    /// Labels, by the list of targets.
    pub labels: Vec<String>,
    /// The reference that was judged, in short, where it is known: `main`, `v1.2`.
    pub reference: Option<String>,
    /// The full id of the commit that was judged.
    pub commit: Option<String>,
    /// Why it could not be judged.
    pub error: Option<String>,
    /// Why it was judged from the last good mirror, where it could not be fetched.
    pub stale: Option<String>,
    /// What was counted.
    pub counts: Counts,
    /// The findings, sorted by path, span and rule.
    pub findings: Packed,
    /// What exceptions let pass, each with its reason.
    pub excepted: Packed,
    /// What the repository's own policy would let pass, and the organisation's does not: it is among the findings too.
    pub waived: Packed,
    /// What changed since the last run that judged it; none without a history, or where it is new in it.
    pub change: Option<Change>,
}

/// What was counted in a row; as in the summary of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings at level deny.
    pub deny: usize,
    /// Findings at level warn.
    pub warn: usize,
    /// Findings that an exception lets pass.
    pub excepted: usize,
    /// Findings that the baseline lets pass.
    pub baselined: usize,
    /// Findings that the repository's own policy would let pass, and the organisation's does not.
    pub waived: usize,
    /// Declarations that were judged.
    pub declarations: usize,
    /// Those held by an exact version or by content.
    pub pinned: usize,
    /// Files that were read.
    pub files: usize,
    /// What was left out on purpose.
    pub skipped: usize,
    /// Findings with a fix.
    pub fixable: usize,
}

/// What changed in a row since the last run that judged it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The findings that were not there, by fingerprint.
    pub new: Vec<String>,
    /// The findings that are gone.
    pub resolved: Vec<Gone>,
}

/// A finding that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its rule.
    pub rule: String,
    /// The package, or what else was concerned.
    pub name: String,
    /// Where it stood.
    pub path: String,
}
