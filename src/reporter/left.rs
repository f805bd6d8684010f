//! What a fix left, for a person: each finding with what to do about it.

use std::io::{self, Write};

use anstyle::Style;

use super::terminal::{escape, pad, wrap};
use super::{Locator, Report, human};
use crate::policy::finding::{Finding, Level};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the findings of a report, each with its help, and the summary.
pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.scan);
    let path = |finding: &Finding| report.scan.files.path(finding.violation.span.file);
    let groups: Vec<&[Finding]> = report.findings.chunk_by(|a, b| path(a) == path(b)).collect();
    for group in &groups {
        writeln!(out, "{BOLD}{}{BOLD:#}", escape(path(&group[0])))?;
        let place = |finding: &Finding| {
            let (start, _) = locator.range(finding.violation.span);
            format!("{}:{}", start.line, start.column)
        };
        let room = group.iter().map(|finding| place(finding).len()).max().unwrap_or(0);
        let rules = group.iter().map(|finding| finding.rule.len()).max().unwrap_or(0);
        for finding in *group {
            let style = if finding.level == Level::Deny { human::DENY } else { human::WARN };
            let (place, rule) = (pad(&place(finding), room), pad(finding.rule, rules));
            let violation = &finding.violation;
            let subject = if violation.subject.is_empty() { &violation.message } else { &violation.subject };
            let indent = 2 + room + 2 + rules + 2;
            let subject = wrap(&escape(subject), indent, indent, report.width.max(indent + 20));
            writeln!(out, "  {DIM}{place}{DIM:#}  {style}{rule}{style:#}  {subject}")?;
        }
        helps(group, report.width, out)?;
    }
    if !groups.is_empty() {
        writeln!(out)?;
    }
    human::summary(report, groups.len(), out)
}

/// What to do about the findings of a file, each advice once.
fn helps(group: &[Finding], columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut said: Vec<&str> = Vec::new();
    for help in group.iter().filter_map(|finding| finding.violation.help.as_deref()) {
        if said.contains(&help) {
            continue;
        }
        said.push(help);
        writeln!(out, "    {DIM}= {}{DIM:#}", wrap(&escape(help), 6, 6, columns))?;
    }
    Ok(())
}
