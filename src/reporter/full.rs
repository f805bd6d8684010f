//! Each finding with its source line, underlined, and its help, as rustc shows them.

mod excerpt;

use std::collections::BTreeSet;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Patch, Renderer, Snippet};

use self::excerpt::{Excerpt, Limits};
use super::terminal::{brief, escape, shorten};
use super::{Detail, Locator, Report, human};
use crate::edit::Edit;
use crate::policy::finding::{Finding, Level, Violation};
use crate::text::Span;

/// The most edits of a fix that are shown.
const MOST_EDITS: usize = 4;

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let renderer = Renderer::styled().term_width(report.width);
    let page = Page { report, locator: Locator::new(report.scan) };
    if let Some(looser) = report.looser() {
        let group = Group::with_title(Title::WARNING.primary_title(brief(&looser)));
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    let mut files = BTreeSet::new();
    for finding in report.shown() {
        files.insert(finding.violation.span.file);
        writeln!(out, "{}\n", renderer.render(&page.groups(finding)))?;
    }
    if report.detail == Detail::Quiet {
        return Ok(());
    }
    if report.detail == Detail::Verbose && !report.skipped.is_empty() {
        human::skipped(report, out)?;
        writeln!(out)?;
    }
    human::summary(report, files.len(), out)
}

/// What is needed to show a finding.
struct Page<'a> {
    report: &'a Report<'a>,
    locator: Locator<'a>,
}

impl<'a> Page<'a> {
    fn groups(&self, finding: &'a Finding) -> Vec<Group<'a>> {
        let violation = &finding.violation;
        let level = if finding.level == Level::Deny { Title::ERROR } else { Title::WARNING };
        let title = level.primary_title(brief(&violation.message)).id(finding.rule);
        let mut group = self.place(Group::with_title(title), violation.span, AnnotationKind::Primary, label(violation));
        if let Some(policy) = finding.policy {
            group = self.place(group, policy, AnnotationKind::Context, Some("set by the policy here".to_owned()));
        }
        let patches = self.patches(violation);
        let title = violation.fix.as_ref().map(|fix| &fix.title);
        let Some(help) = violation.help.as_ref().or(title).map(|help| brief(help)) else {
            return vec![group];
        };
        if patches.is_empty() {
            return vec![group.element(Title::HELP.message(help))];
        }
        vec![group, Title::HELP.secondary_title(help).elements(patches)]
    }

    /// A place in a group: its line, underlined, or where it is, if there is no such line.
    fn place(&self, group: Group<'a>, span: Span, kind: AnnotationKind, label: Option<String>) -> Group<'a> {
        let files = &self.report.scan.files;
        let (start, _) = self.locator.range(span);
        let path = escape(files.path(span.file));
        // A file as a whole has no line to show.
        let is_whole = span == Span::top(span.file);
        let limits = Limits { before: 1000, within: self.report.width / 2, after: self.report.width * 2 };
        let excerpt = Excerpt::new(files.text(span.file), span.range(), limits).filter(|_| !is_whole);
        match excerpt {
            Some(Excerpt { line, span, is_cut: false }) => {
                let annotation = kind.span(span).label(label);
                group.element(Snippet::source(line).line_start(start.line).path(path).annotation(annotation))
            }
            // The renderer would count the columns from where the line is cut.
            cut => {
                let group = group.element(Origin::path(path).line(start.line).char_column(start.column));
                let note = cut.map(|_| "the line is too long to be shown".to_owned());
                let notes = note.into_iter().chain(label);
                group.elements(notes.map(|note| Title::NOTE.message(note)))
            }
        }
    }

    /// The lines that a fix changes; none where it cannot be shown in the file of the finding.
    fn patches(&self, violation: &Violation) -> Vec<Snippet<'a, Patch<'a>>> {
        let edits = violation.fix.as_ref().map_or(&[][..], |fix| &fix.edits);
        if edits.len() > MOST_EDITS || edits.iter().any(|edit| edit.span.file != violation.span.file) {
            return Vec::new();
        }
        let patches: Option<Vec<_>> = edits.iter().map(|edit| self.patch(edit)).collect();
        patches.unwrap_or_default()
    }

    fn patch(&self, edit: &Edit) -> Option<Snippet<'a, Patch<'a>>> {
        let files = &self.report.scan.files;
        let (start, end) = self.locator.range(edit.span);
        let room = self.report.width.saturating_sub(10);
        let limits = Limits { before: room / 3, within: room / 3, after: room / 4 };
        let excerpt = Excerpt::new(files.text(edit.span.file), edit.span.range(), limits)?;
        if start.line != end.line || edit.replacement.contains('\n') {
            return None;
        }
        // What is put in is there to be read and copied: a whole commit id, with room to spare.
        let patch = Patch::new(excerpt.span, shorten(&escape(&edit.replacement), 120));
        let path = escape(files.path(edit.span.file));
        Some(Snippet::source(excerpt.line).line_start(start.line).path(path).patch(patch))
    }
}

/// What is written, and what would pass, in the words of the policy.
fn label(violation: &Violation) -> Option<String> {
    match (violation.pin, violation.required) {
        (Some(pin), Some(required)) => Some(format!("{}, must be {required}", pin.name())),
        (Some(pin), None) => Some(pin.name().to_owned()),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::sample::Sample;

    fn text(report: &Report<'_>) -> String {
        let mut out = Vec::new();
        render(report, &mut out).expect("it can be written");
        anstream::adapter::strip_str(&String::from_utf8_lossy(&out)).to_string()
    }

    #[test]
    fn the_line_of_the_policy_is_shown_as_well() {
        let mut sample = Sample::new(1);
        sample.set_policy("[rules]\nunpinned-crate = \"deny\"\n", 8..22);
        let expected = "\
error[unpinned-crate]: `a0 = \"1\"` admits more than one version
 --> Cargo.toml:5:7
  |
5 | a0 = \"1\"
  |       ^ range, must be exact
  |
 ::: pinned.toml:2:1
  |
2 | unpinned-crate = \"deny\"
  | -------------- set by the policy here
  |
  = help: ";
        let text = text(&sample.report());
        assert!(text.starts_with(expected), "{text}");
    }

    /// Behind a help with a patch, and behind one without.
    #[test]
    fn help_is_data() {
        let mut sample = Sample::new(1);
        for fix in [None, Some("=1\u{202e}\u{1b}[31m")] {
            sample.set_help("write \u{1b}[31m`=\u{202e}1`", fix);
            let mut out = Vec::new();
            render(&sample.report(), &mut out).expect("it can be written");
            let text = String::from_utf8_lossy(&out);
            assert!(text.contains("write \\u{1b}[31m`=\\u{202e}1`\n"), "{text:?}");
            assert!(!text.contains("\u{1b}[31m`") && !text.contains('\u{202e}'), "{text:?}");
            assert_eq!(text.contains("=1\\u{202e}\\u{1b}[31m"), fix.is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_looser_policy_is_said_first_and_what_moved_last() {
        let sample = Sample::new(3);
        let text = text(&sample.compared(&["`exclude` has\u{1b}[31m `a`".to_owned(), "two".to_owned()]));
        assert!(
            text.starts_with("warning: the policy is looser than that of main: `exclude` has\\u{1b}[31m `a`; two\n")
        );
        assert_eq!(text.matches("error[unpinned-crate]").count(), 3, "{text}");
        assert!(text.contains("; 3 in main already; 2 moved\n"), "{text}");
    }
}
