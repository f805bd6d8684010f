//! Workflow commands, which GitHub shows as annotations.
//!
//! The runner keeps ten annotations of each kind from a step, and drops the rest without a word: the last of them says how
//! many more there are, and these follow in the log. The runner reads a line as a command if it begins with `::`, blanks
//! aside, or has `##[` anywhere: no text from a repository can make one.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::terminal::{brief, escape};
use super::{Detail, Locator, Report, human, plural};
use crate::policy::finding::{Finding, Level};

/// The most annotations of one kind that GitHub keeps from a step.
const MOST: usize = 10;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { report, locator: Locator::new(report.scan) };
    let (denied, warned): (Vec<&Finding>, Vec<&Finding>) =
        report.shown().partition(|finding| finding.level == Level::Deny);
    let looser = report.looser();
    if let Some(looser) = &looser {
        writeln!(out, "::warning title=cargo-pinned::{}", data(&brief(looser)))?;
    }
    page.annotate("error", &denied, MOST, out)?;
    page.annotate("warning", &warned, MOST - usize::from(looser.is_some()), out)?;
    if report.detail == Detail::Quiet {
        return Ok(());
    }
    if let Some(unaccepted) = report.unaccepted() {
        writeln!(out, "::notice title=cargo-pinned::{}", data(&brief(&unaccepted)))?;
    }
    if report.detail == Detail::Verbose && !report.skipped.is_empty() {
        writeln!(out, "::group::{} skipped", plural(report.skipped.len(), "file"))?;
        for skipped in report.skipped {
            writeln!(out, "skipped {}: {}", plain(&skipped.path), plain(&skipped.why))?;
        }
        writeln!(out, "::endgroup::")?;
    }
    let files: BTreeSet<_> = report.shown().map(|finding| finding.violation.span.file).collect();
    human::summary(report, files.len(), out)
}

/// What is needed to write findings.
struct Page<'a> {
    report: &'a Report<'a>,
    locator: Locator<'a>,
}

impl Page<'_> {
    /// Findings of one level as annotations, and those beyond the first `most` as lines of the log.
    fn annotate(&self, command: &str, findings: &[&Finding], most: usize, out: &mut dyn Write) -> io::Result<()> {
        let shown = if findings.len() > most { most - 1 } else { findings.len() };
        let (annotated, rest) = findings.split_at(shown);
        for finding in annotated {
            self.annotation(command, finding, out)?;
        }
        if rest.is_empty() {
            return Ok(());
        }
        // Never one alone: it would have been the last annotation.
        let more =
            format!("{} more {}", rest.len(), if command == "error" { "findings that fail" } else { "warnings" });
        writeln!(out, "::{command} title=cargo-pinned::{more}: see the log of this step")?;
        writeln!(out, "::group::{more}")?;
        for finding in rest {
            writeln!(out, "{} {}", finding.level, plain(&self.message(finding)))?;
        }
        writeln!(out, "::endgroup::")
    }

    fn annotation(&self, command: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let span = finding.violation.span;
        let (start, end) = self.locator.range(span);
        let path = property(self.report.scan.files.path(span.file));
        write!(out, "::{command} file={path},line={},endLine={}", start.line, end.line)?;
        // GitHub knows columns only within one line.
        if start.line == end.line {
            write!(out, ",col={}", start.column)?;
            if start.column < end.column {
                write!(out, ",endColumn={}", end.column)?;
            }
        }
        writeln!(out, ",title={}::{}", finding.rule, data(&self.message(finding)))
    }

    /// The finding in one line; with its place, since the log shows the message alone.
    fn message(&self, finding: &Finding) -> String {
        let violation = &finding.violation;
        let (start, _) = self.locator.range(violation.span);
        let path = escape(self.report.scan.files.path(violation.span.file));
        let mut message =
            format!("{path}:{}:{} {}: {}", start.line, start.column, finding.rule, brief(&violation.message));
        if let Some(help) = &violation.help {
            message += &format!("; {}", brief(help));
        }
        message
    }
}

/// The text of a command.
fn data(text: &str) -> String {
    escape(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line of the log, or what follows the first word of one.
fn plain(text: &str) -> String {
    escape(text).replace("##[", "##\\u{5b}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::sample::Sample;

    /// The warning about the policy is one of the ten, and the first.
    #[test]
    fn a_looser_policy_is_the_first_annotation() {
        let mut sample = Sample::new(12);
        sample.warn();
        let loosened = ["`exclude` has `##[error]`,\n100%".to_owned()];
        let mut out = Vec::new();
        render(&sample.compared(&loosened), &mut out).expect("it can be written");
        let text = String::from_utf8(out).expect("text");
        let first = "::warning title=cargo-pinned::the policy is looser than that of main: `exclude` has `##[error]`,\\u{a}100%25";
        assert_eq!(text.lines().next(), Some(first));
        assert_eq!(text.matches("::warning ").count(), 10, "{text}");
        assert!(text.contains("::warning title=cargo-pinned::4 more warnings: "), "{text}");
        assert!(text.contains("; 12 in main already; 2 moved\n"), "{text}");
    }

    #[test]
    fn text_is_escaped_for_its_place() {
        assert_eq!(data("100%: a,b%0A\u{1b}"), "100%25: a,b%250A\\u{1b}");
        assert_eq!(property("a:b,c%3A"), "a%3Ab%2Cc%253A");
        assert_eq!(plain("###[error]x"), "###\\u{5b}error]x");
    }
}
