//! For whatever shows test results: JUnit's XML, valid by the schema of Jenkins' xUnit plugin.
//!
//! A suite a file, a case a finding: what fails the run is a failure, and what does not is skipped, which every viewer shows and none
//! fails on. A run without findings is one case that passes, as some viewers take an empty report for a broken one. Under a
//! comparison the new findings alone are here, so that the cases that fail are those that the run fails on.
//!
//! Nothing in it tells when or where it was made: equal findings make equal bytes.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{Locator, Report, escape, plural};
use crate::policy::finding::{Finding, Level};

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.scan);
    let path = |finding: &Finding| report.scan.files.path(finding.violation.span.file);
    let mut suites: Vec<Suite> = report
        .findings
        .chunk_by(|a, b| path(a) == path(b))
        .map(|group| {
            let file = text(path(&group[0]));
            let cases = group.iter().map(|finding| case(&file, finding, &locator)).collect();
            Suite { name: file, cases }
        })
        .collect();
    if suites.is_empty() {
        suites.push(clean(report));
    }
    let mut xml = Writer::new_with_indent(out, b' ', 4);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (tests, _, failures) = counts(suites.iter().flat_map(|suite| &suite.cases));
    // The count of what was skipped is no attribute of the root's in the schema; the suites have their own.
    let root = xml.create_element("testsuites").with_attributes([
        ("name", env!("CARGO_PKG_NAME")),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", "0"),
    ]);
    root.write_inner_content(|xml| suites.iter().try_for_each(|suite| suite.write(xml)))?;
    xml.write_indent()
}

/// A file, or what stands for all of them where nothing was found.
struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// A finding; without a status, a case that passes.
struct Case {
    name: String,
    class: String,
    status: Option<Status>,
}

/// What became of a case that does not pass.
struct Status {
    element: &'static str,
    message: String,
    rule: &'static str,
    description: String,
}

/// What the element of a failure is called.
const FAILURE: &str = "failure";

/// How many cases there are, how many of them are skipped, and how many fail, each as an attribute says it.
fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> (String, String, String) {
    let (mut all, mut skipped, mut failures) = (0_usize, 0_usize, 0_usize);
    for case in cases {
        all += 1;
        match &case.status {
            Some(status) if status.element == FAILURE => failures += 1,
            Some(_) => skipped += 1,
            None => {}
        }
    }
    (all.to_string(), skipped.to_string(), failures.to_string())
}

impl Suite {
    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let (tests, skipped, failures) = counts(self.cases.iter());
        let suite = xml.create_element("testsuite").with_attributes([
            ("name", self.name.as_str()),
            ("tests", &tests),
            ("skipped", &skipped),
            ("errors", "0"),
            ("failures", &failures),
        ]);
        suite.write_inner_content(|xml| self.cases.iter().try_for_each(|case| case.write(xml)))?;
        Ok(())
    }
}

impl Case {
    fn write<W: Write>(&self, xml: &mut Writer<W>) -> io::Result<()> {
        let attributes = [("name", self.name.as_str()), ("classname", self.class.as_str())];
        let case = xml.create_element("testcase").with_attributes(attributes);
        let Some(status) = &self.status else {
            case.write_empty()?;
            return Ok(());
        };
        case.write_inner_content(|xml| {
            let attributes = [("message", status.message.as_str()), ("type", status.rule)];
            let element = xml.create_element(status.element).with_attributes(attributes);
            element.write_text_content(BytesText::new(&status.description)).map(|_| ())
        })?;
        Ok(())
    }
}

fn case(file: &str, finding: &Finding, locator: &Locator<'_>) -> Case {
    let violation = &finding.violation;
    let (start, _) = locator.range(violation.span);
    let (line, column) = (start.line, start.column);
    let element = match finding.level {
        Level::Deny => FAILURE,
        Level::Warn | Level::Allow => "skipped",
    };
    let message = text(&violation.message);
    let mut description = format!("{file}:{line}:{column}\n{message}");
    if let Some(help) = &violation.help {
        description += &format!("\nhelp: {}", text(help));
    }
    Case {
        name: format!("{}: {} ({line}:{column})", finding.rule, text(&violation.name)),
        class: file.to_owned(),
        status: Some(Status { element, message, rule: finding.rule, description }),
    }
}

fn clean(report: &Report<'_>) -> Suite {
    let judged = plural(report.declarations.len(), "declaration");
    let new = if report.comparison.is_some() { "new " } else { "" };
    let name = format!("no {new}findings in {judged}");
    let class = env!("CARGO_PKG_NAME").to_owned();
    Suite { name: class.clone(), cases: vec![Case { name, class, status: None }] }
}

/// Text of the repository without what XML cannot hold: control characters are shown escaped, and so are the two that are none.
fn text(text: &str) -> String {
    escape(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
