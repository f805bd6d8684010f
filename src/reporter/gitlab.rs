//! GitLab's code quality report: a list of issues, of which its merge request widget shows the difference between two branches.
//!
//! The widget compares by fingerprint, and by itself, so every finding of today is here, whatever it was compared with: one that
//! is missing is shown as mended. GitLab gives up at the first issue that it cannot read, and keeps one issue a
//! fingerprint.

use std::io::{self, Write};

use serde::Serialize;

use super::{Locator, Report, sentence};
use crate::policy::finding::{Finding, Level};

/// One finding.
#[derive(Serialize)]
struct Issue<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    categories: [&'static str; 1],
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

/// Where a finding is.
#[derive(Serialize)]
struct Location<'a> {
    /// Relative to the repository.
    path: &'a str,
    lines: Lines,
}

/// The line where it begins, from 1.
#[derive(Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.scan);
    let issues: Vec<Issue<'_>> = report.current().map(|finding| issue(report, &locator, finding)).collect();
    super::json::write(&issues, out)
}

fn issue<'a>(report: &'a Report<'_>, locator: &Locator<'_>, finding: &'a Finding) -> Issue<'a> {
    let violation = &finding.violation;
    let path = report.scan.files.path(violation.span.file);
    Issue {
        kind: "issue",
        categories: ["Security"],
        description: sentence(violation),
        check_name: finding.rule,
        fingerprint: finding.fingerprint(path),
        severity: severity(finding.level),
        location: Location { path, lines: Lines { begin: locator.range(violation.span).0.line } },
    }
}

/// `critical` and `blocker` are left to what is broken today: a declaration that floats may break any day.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "major",
        Level::Warn => "minor",
        Level::Allow => "info",
    }
}
