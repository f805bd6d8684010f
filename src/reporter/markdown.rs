//! For a step summary or a comment on a change: the verdict in the first line, then tables.

pub(super) mod page;
pub(super) mod text;

use std::io::{self, Write};

use self::page::Page;
use self::text::{code, prose};
use super::terminal::shorten;
use super::{Detail, Locator, Report, plural};
use crate::policy::ended_on;
use crate::policy::exception::Excepted;
use crate::policy::finding::{Finding, Level, Violation};

/// The most warnings that are not folded.
const WARNINGS: usize = 10;

/// The columns of a table of findings.
const COLUMNS: [&str; 5] = ["Place", "Rule", "Declaration", "Pin", "What to do"];

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.line(verdict(report));
    page.line("");
    page.line(counts(report));
    page.line("");
    if let Some(unaccepted) = report.unaccepted() {
        page.line(prose(&unaccepted));
        page.line("");
    }
    let rows = Rows { report, locator: Locator::new(report.scan) };
    rows.findings(&mut page);
    if report.detail != Detail::Quiet {
        rows.others(&mut page);
    }
    out.write_all(page.text().as_bytes())
}

/// What came of it, in one line that can be read without all others.
fn verdict(report: &Report<'_>) -> String {
    let (deny, warn) = (report.count(Level::Deny), report.count(Level::Warn));
    let looser = report.looser();
    let sign = if deny > 0 {
        "❌"
    } else if warn > 0 || looser.is_some() {
        "⚠️"
    } else {
        "✅"
    };
    let new = if report.comparison.is_some() { "new " } else { "" };
    let fails = if deny == 1 { "fails" } else { "fail" };
    let fail = || format!("{} {fails}", plural(deny, &format!("{new}finding")));
    let found = match (deny, warn) {
        (0, 0) => format!("no {new}findings"),
        (0, warn) => plural(warn, &format!("{new}warning")),
        (_, 0) => fail(),
        (_, warn) => format!("{}, {}", fail(), plural(warn, &format!("{new}warning"))),
    };
    let looser = looser.map(|looser| format!("; {}", prose(&looser))).unwrap_or_default();
    format!("{sign} **cargo-pinned: {found}**{looser}")
}

/// What else counts.
fn counts(report: &Report<'_>) -> String {
    let mut counts =
        vec![format!("{} of {} pinned", report.pinned(), plural(report.declarations.len(), "declaration"))];
    if report.fixable() > 0 {
        counts.push(format!("{} can be fixed by `cargo pinned fix`", report.fixable()));
    }
    if report.baselined > 0 {
        counts.push(format!("{} in the baseline", report.baselined));
    }
    if let Some(comparison) = report.comparison.filter(|comparison| !comparison.known.is_empty()) {
        counts.push(format!("{} in {} already", comparison.known.len(), code(comparison.revision)));
    }
    counts.join("; ")
}

/// What is needed to write rows.
struct Rows<'a> {
    report: &'a Report<'a>,
    locator: Locator<'a>,
}

impl Rows<'_> {
    /// The findings: what fails, and the first warnings, in sight.
    fn findings(&self, page: &mut Page) {
        let (denied, warned): (Vec<&Finding>, Vec<&Finding>) =
            self.report.shown().partition(|finding| finding.level == Level::Deny);
        if !denied.is_empty() {
            self.table(page, &denied);
        }
        if warned.is_empty() {
            return;
        }
        page.line("**Warnings**\n");
        let (first, rest) = warned.split_at(warned.len().min(WARNINGS));
        self.table(page, first);
        if !rest.is_empty() {
            page.fold(&plural(rest.len(), "more warning"), |page| self.table(page, rest));
        }
    }

    /// What asks for nothing, folded.
    fn others(&self, page: &mut Page) {
        let report = self.report;
        let moved: Vec<&Finding> = report.comparison.iter().flat_map(|comparison| comparison.moved).collect();
        if !moved.is_empty() {
            page.fold(&format!("{} moved", plural(moved.len(), "finding")), |page| self.table(page, &moved));
        }
        if !report.excepted.is_empty() {
            let title = format!("{} excepted", plural(report.excepted.len(), "finding"));
            let columns = ["Place", "Rule", "Declaration", "Reason", "Until"];
            let rows = report.excepted.iter().map(|excepted| self.excepted(excepted));
            page.fold(&title, |page| page.table(&columns, rows));
        }
        if !report.skipped.is_empty() {
            let title = format!("{} skipped", plural(report.skipped.len(), "file"));
            let rows = report.skipped.iter().map(|skipped| vec![code(&skipped.path), prose(&skipped.why)]);
            page.fold(&title, |page| page.table(&["File", "Why"], rows));
        }
    }

    fn table(&self, page: &mut Page, findings: &[&Finding]) {
        page.table(&COLUMNS, findings.iter().map(|finding| self.finding(finding)));
    }

    fn finding(&self, finding: &Finding) -> Vec<String> {
        let violation = &finding.violation;
        let title = violation.fix.as_ref().map(|fix| fix.title.as_str());
        let mut what = prose(title.or(violation.help.as_deref()).unwrap_or_default());
        // A declaration is shown instead of the message, which says so too.
        if let Some(ended) = finding.ended.filter(|_| !violation.subject.is_empty()) {
            what += &format!("; {}", prose(&ended_on(ended)));
        }
        vec![
            self.place(finding),
            code(finding.rule),
            declaration(finding),
            violation.pin.map_or("", |pin| pin.name()).to_owned(),
            what,
        ]
    }

    fn excepted(&self, excepted: &Excepted) -> Vec<String> {
        let finding = &excepted.finding;
        let until = excepted.expires.map(|day| day.to_string()).unwrap_or_default();
        vec![self.place(finding), code(finding.rule), declaration(finding), prose(&excepted.reason), until]
    }

    fn place(&self, finding: &Finding) -> String {
        let span = finding.violation.span;
        let (start, _) = self.locator.range(span);
        let path = shorten(&super::escape(self.report.scan.files.path(span.file)), 120);
        code(&format!("{path}:{}:{}", start.line, start.column))
    }
}

/// The declaration; or what is wrong, where a finding is about none.
fn declaration(finding: &Finding) -> String {
    let (violation, name) = (&finding.violation, &finding.violation.name);
    if !violation.subject.is_empty() {
        return code(&violation.subject);
    }
    // A plain name that the message has in it needs no saying twice; any other one comes out of no sentence as it was.
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ' | '`'));
    if is_plain && violation.message.contains(name.as_str()) && name.matches('`').count() % 2 == 0 {
        return sentence(violation);
    }
    let message = if name.contains('`') { code(&violation.message) } else { sentence(violation) };
    format!("{}: {message}", code(name))
}

/// The message; as it is, where what it quotes has quotes itself.
fn sentence(violation: &Violation) -> String {
    match &violation.requirement {
        Some(requirement) if requirement.contains('`') => code(&violation.message),
        _ => prose(&violation.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::Comparison;
    use crate::reporter::sample::Sample;

    fn text(report: &Report<'_>) -> String {
        let mut out = Vec::new();
        render(report, &mut out).expect("it can be written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_first_line_says_that_the_policy_is_looser() {
        let loosened = ["`exclude` has `@a`".to_owned(), "x_y".to_owned()];
        let text = text(&Sample::new(3).compared(&loosened));
        let verdict = "❌ **cargo-pinned: 3 new findings fail**; the policy is looser than that of main: `exclude` has `@a`; `x_y`";
        assert_eq!(text.lines().next(), Some(verdict));
        let none = super::tests::text(&Sample::new(0).compared(&loosened));
        assert!(none.starts_with("⚠️ **cargo-pinned: no new findings**; the policy is looser"), "{none}");
    }

    #[test]
    fn what_the_baseline_misses_after_a_move_is_said_with_what_to_do() {
        let sample = Sample::new(3);
        let mut report = sample.compared(&[]);
        assert!(!text(&report).contains("cargo pinned baseline"));
        report.comparison = report.comparison.map(|comparison| Comparison { unaccepted: 2, ..comparison });
        let said = "\n\n2 findings that the baseline of main accepts are not in this one, and a check without a base reports them: \
                    run `cargo pinned baseline`, and commit `pinned-baseline.toml` with this change\n\n";
        assert!(text(&report).contains(said), "{}", text(&report));
    }

    #[test]
    fn what_moved_is_folded() {
        let text = text(&Sample::new(3).compared(&[]));
        assert!(text.starts_with("❌ **cargo-pinned: 3 new findings fail**\n"), "{text}");
        assert!(text.contains("; 3 in `main` already\n"), "{text}");
        let (_, moved) = text.split_once("<details><summary>2 findings moved</summary>\n").expect("they are there");
        assert!(moved.contains("`a0 = ") && moved.contains("`a1 = ") && !moved.contains("`a2 = "), "{moved}");
    }
}
