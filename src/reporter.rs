//! Reporters: a report goes in, bytes come out, and nothing is called back.
//!
//! Lines and columns are computed here, for people; each wire format has its own private types.

pub mod audit;
pub mod diff;
pub mod exposed;
mod full;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod left;
mod list;
mod markdown;
#[cfg(test)]
mod sample;
mod sarif;
mod terminal;

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

use crate::policy::baseline::FILE;
use crate::policy::exception::Excepted;
use crate::policy::finding::{Finding, Level, Violation};
use crate::scanner::dependency::Dependency;
use crate::scanner::{Scan, Skipped};
use crate::text::{FileId, LineIndex, Position, Span};

pub use list::{list_human, list_json};
pub use terminal::{escape, escape_lines};

/// A form that a report can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Human,
    /// Each finding with its source line, as rustc shows it.
    Full,
    /// For programs: version 1 of the JSON report.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// For whatever shows test results: JUnit's XML.
    Junit,
    /// For a step summary or a comment.
    Markdown,
}

/// How much a report for people says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The findings that fail the run, and nothing else.
    Quiet,
    /// What needs attention, and a summary.
    Normal,
    /// Everything, what was skipped included.
    Verbose,
}

/// Everything that a report says.
#[derive(Debug)]
pub struct Report<'a> {
    /// The kind of snapshot: `worktree`.
    pub kind: &'static str,
    /// The full id of the commit, for revisions.
    pub revision: Option<&'a str>,
    /// The snapshot's root, as the user would name it.
    pub root: String,
    /// What was scanned.
    pub scan: &'a Scan,
    /// The findings, sorted.
    pub findings: &'a [Finding],
    /// What exceptions let pass, sorted.
    pub excepted: &'a [Excepted],
    /// How many findings the baseline lets pass.
    pub baselined: usize,
    /// The declarations that were judged.
    pub declarations: &'a [&'a Dependency],
    /// How many files were read.
    pub files: usize,
    /// What was left out.
    pub skipped: &'a [Skipped],
    /// How much a report for people says.
    pub detail: Detail,
    /// The columns of the terminal.
    pub width: usize,
    /// What the snapshot was compared with; then `findings` are the new ones alone.
    pub comparison: Option<Comparison<'a>>,
}

/// What a comparison with a base says beside the new findings.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// The revision as the user typed it.
    pub revision: &'a str,
    /// The full id of the commit that was compared with: the first, where there are several merge bases; the empty tree's,
    /// where there is no commit yet.
    pub base: &'a str,
    /// Findings that left one place for another, sorted: where they are now.
    pub moved: &'a [Finding],
    /// Findings that the base has as well, sorted.
    pub known: &'a [Finding],
    /// In what the policy or the baseline became looser than the base's, one phrase each.
    pub loosened: &'a [String],
    /// How many of `moved` and `known` the baseline accepted there and does not accept here.
    pub unaccepted: usize,
}

impl Report<'_> {
    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Every finding of today: under a comparison those that moved, and those that the base has as well, behind the new ones.
    fn current(&self) -> impl Iterator<Item = &Finding> {
        let others = self.comparison.iter().flat_map(|comparison| comparison.moved.iter().chain(comparison.known));
        self.findings.iter().chain(others)
    }

    fn pinned(&self) -> usize {
        use crate::scanner::dependency::Pin;
        self.declarations.iter().filter(|dependency| matches!(dependency.pin, Pin::Exact | Pin::Content)).count()
    }

    /// In what the policy became looser than the base's, as a sentence without its full stop; none where it did not.
    fn looser(&self) -> Option<String> {
        let comparison = self.comparison.filter(|comparison| !comparison.loosened.is_empty())?;
        Some(format!("the policy is looser than that of {}: {}", comparison.revision, comparison.loosened.join("; ")))
    }

    /// That the full check will fail where this comparison does not, and what to do about it; none where it will not.
    #[must_use]
    pub fn unaccepted(&self) -> Option<String> {
        let comparison = self.comparison.filter(|comparison| comparison.unaccepted > 0)?;
        let (count, revision) = (comparison.unaccepted, comparison.revision);
        let (are, it) = if count == 1 { ("is", "it") } else { ("are", "them") };
        Some(format!(
            "{} that the baseline of {revision} accepts {are} not in this one, and a check without a base reports {it}: \
             run `cargo pinned baseline`, and commit {FILE} with this change",
            plural(count, "finding"),
        ))
    }

    /// The findings that are shown: the ones that fail the run alone, where nothing else is asked for.
    fn shown(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| self.detail != Detail::Quiet || finding.level == Level::Deny)
    }

    fn fixable(&self) -> usize {
        self.findings.iter().filter(|finding| finding.violation.fix.is_some()).count()
    }
}

/// Writes a report.
///
/// # Errors
/// Where `out` refuses.
pub fn render(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(report, out),
        Format::Full => full::render(report, out),
        Format::Json => json::render(report, out),
        Format::Sarif => sarif::render(report, out),
        Format::Github => github::render(report, out),
        Format::Gitlab => gitlab::render(report, out),
        Format::Junit => junit::render(report, out),
        Format::Markdown => markdown::render(report, out),
    }
}

/// Writes what a fix left, for a person: each finding with what to do about it.
///
/// # Errors
/// Where `out` refuses.
pub fn left(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    left::render(report, out)
}

/// Finds lines and columns, each file indexed once.
struct Locator<'a> {
    scan: &'a Scan,
    indexes: RefCell<HashMap<FileId, LineIndex<'a>>>,
}

impl<'a> Locator<'a> {
    fn new(scan: &'a Scan) -> Self {
        Self { scan, indexes: RefCell::default() }
    }

    fn range(&self, span: Span) -> (Position, Position) {
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry(span.file).or_insert_with(|| LineIndex::new(self.scan.files.text(span.file)));
        (index.position(span.start as usize), index.position(span.end as usize))
    }
}

/// What is wrong and what to do about it, in one line that is safe to show.
fn sentence(violation: &Violation) -> String {
    match &violation.help {
        Some(help) => escape(&format!("{}; {help}", violation.message)),
        None => escape(&violation.message),
    }
}

/// `1 finding`, `2 findings`.
fn plural(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::sample::{judged, report};
    use super::*;

    /// A report that is told apart by its findings' names: which of the three are in it, in which order.
    #[track_caller]
    fn check(format: Format, expected: &[&str]) {
        let (scan, findings) = judged(3);
        let (moved, known) = (&findings[1..2], &findings[2..]);
        let comparison = Comparison { revision: "main", base: "0", moved, known, loosened: &[], unaccepted: 0 };
        let mut bytes = Vec::new();
        render(format, &report(&scan, &findings[..1], Some(comparison)), &mut bytes).expect("a vector takes all");
        let text = String::from_utf8(bytes).expect("reports are text");
        let mut names: Vec<(usize, &str)> =
            ["a0", "a1", "a2"].iter().filter_map(|name| Some((text.find(&format!("`{name} = "))?, *name))).collect();
        names.sort_unstable();
        assert_eq!(names.iter().map(|(_, name)| *name).collect::<Vec<_>>(), expected, "{text}");
    }

    /// Where a finding that is not listed counts as mended, those that are not new are listed too.
    #[test]
    fn under_a_comparison_what_compares_by_itself_gets_every_finding() {
        check(Format::Sarif, &["a0", "a1", "a2"]);
        check(Format::Gitlab, &["a0", "a1", "a2"]);
    }

    #[test]
    fn under_a_comparison_the_cases_that_fail_are_the_new_findings() {
        check(Format::Junit, &["a0"]);
    }
}
