//! For whatever shows test results: JUnit's XML, valid by the schema of Jenkins' xUnit plugin.
//!
//! A suite a file, a case a finding: what fails the run is a failure, and what does not is skipped, which every viewer shows and none
//! fails on. A run without findings is one case that passes, as some viewers take an empty report for a broken one. Under a
//! comparison the new findings alone are here, so that the cases that fail are those that the run fails on.
//!
//! Nothing in it tells when or where it was made: equal findings make equal bytes.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{Locator, Report, escape, plural};
use crate::policy::finding::{Finding, Level};

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.scan);
    let path = |finding: &Finding| report.scan.files.path(finding.violation.span.file);
    let mut document = Document::new(env!("CARGO_PKG_NAME"));
    for group in report.findings.chunk_by(|a, b| path(a) == path(b)) {
        let file = text(path(&group[0]));
        let mut suite = TestSuite::new(&file);
        suite.add_test_cases(group.iter().map(|finding| case(&file, finding, &locator)));
        document.add_test_suite(suite);
    }
    if report.findings.is_empty() {
        document.add_test_suite(clean(report));
    }
    let xml = document.to_string().map_err(io::Error::other)?;
    // The root's count of what was skipped is no attribute of the schema's; its suites have their own.
    let skipped = format!(" skipped=\"{}\"", document.skipped);
    out.write_all(xml.replacen(&skipped, "", 1).as_bytes())
}

fn case(file: &str, finding: &Finding, locator: &Locator<'_>) -> TestCase {
    let violation = &finding.violation;
    let (start, _) = locator.range(violation.span);
    let (line, column) = (start.line, start.column);
    let mut status = match finding.level {
        Level::Deny => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Level::Warn | Level::Allow => TestCaseStatus::skipped(),
    };
    let message = text(&violation.message);
    let mut description = format!("{file}:{line}:{column}\n{message}");
    if let Some(help) = &violation.help {
        description += &format!("\nhelp: {}", text(help));
    }
    status.set_message(message).set_type(finding.rule).set_description(description);
    let mut case = TestCase::new(format!("{}: {} ({line}:{column})", finding.rule, text(&violation.name)), status);
    case.set_classname(file);
    case
}

fn clean(report: &Report<'_>) -> TestSuite {
    let judged = plural(report.declarations.len(), "declaration");
    let new = if report.comparison.is_some() { "new " } else { "" };
    let mut case = TestCase::new(format!("no {new}findings in {judged}"), TestCaseStatus::success());
    case.set_classname(env!("CARGO_PKG_NAME"));
    let mut suite = TestSuite::new(env!("CARGO_PKG_NAME"));
    suite.add_test_case(case);
    suite
}

/// Text of the repository without what XML cannot hold: control characters are shown escaped, and so are the two that are none.
fn text(text: &str) -> String {
    escape(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
