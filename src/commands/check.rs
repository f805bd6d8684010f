//! `check`: find what floats.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result, bail};

use super::subject::Subject;
use super::{Output, releases, transaction};
use crate::change::releases::{Releases, arrivals};
use crate::cli::{self, Format};
use crate::exit::Exit;
use crate::policy::baseline;
use crate::policy::comparison::{self, Accepted};
use crate::policy::config::{self, Policy};
use crate::policy::finding::{Finding, Level};
use crate::policy::{self, Before, rules};
use crate::reporter::{self, Detail, Report};
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::{Scan, Skipped};
use crate::source::Kind;
use crate::text::Span;

/// Judges a repository, and says so.
///
/// # Errors
/// Where it cannot be judged: no such path, an unreadable policy, nothing to check there.
pub fn run(args: &cli::Check, output: &Output) -> Result<Exit> {
    let today = today(args.today.as_deref())?;
    let mut subject = match &args.base {
        Some(revision) => Subject::compared(&args.subject, revision, args.policy_from)?,
        None => Subject::load(&args.subject)?,
    };
    levels(args, &mut subject.policy)?;
    let bases = subject.base.as_ref().map_or(&[][..], |base| &base.scans);
    let releases = of_what_is_new(args, &subject, bases)?;
    let before = Before { bases, releases: releases.as_ref() };
    let mut outcome = policy::evaluate(&subject.scan, &subject.policy, today, before);
    let base = subject.base.as_ref().map(|base| base.judge(&subject.policy, today));
    let (known, loosened) = base.map_or_else(Default::default, |base| (base.known, base.loosened));
    let findings = std::mem::take(&mut outcome.findings);
    let accepted = Accepted { baselined: &outcome.baselined, excepted: &outcome.excepted };
    let mut compared = comparison::compare(&subject.scan, findings, accepted, &known);
    let lists = [&mut compared.new, &mut compared.moved, &mut compared.known, &mut compared.unaccepted];
    for findings in lists.into_iter().chain([&mut outcome.baselined]) {
        findings.retain(|finding| is_reported(&subject, finding));
    }
    outcome.excepted.retain(|excepted| is_reported(&subject, &excepted.finding));
    let skipped: Vec<Skipped> =
        subject.scan.skipped.iter().filter(|skipped| subject.contains(&skipped.path)).cloned().collect();
    let declarations = subject.declarations();
    let report = Report {
        kind: subject.snapshot.kind.name(),
        revision: subject.snapshot.revision.as_deref(),
        root: subject.snapshot.root.display().to_string(),
        scan: &subject.scan,
        findings: &compared.new,
        excepted: &outcome.excepted,
        baselined: outcome.baselined.len(),
        declarations: &declarations,
        files: subject.scan.read.iter().filter(|path| subject.contains(path)).count(),
        skipped: &skipped,
        detail: detail(args),
        width: Output::width(),
        comparison: subject.base.as_ref().map(|base| reporter::Comparison {
            revision: &base.revision,
            base: &base.name,
            moved: &compared.moved,
            known: &compared.known,
            loosened: &loosened,
            unaccepted: compared.unaccepted.len(),
        }),
    };
    write(args, &report, output)?;
    notes(args, &subject, &report, outcome.gone.len());
    let denied = compared.new.iter().any(|finding| finding.level == Level::Deny);
    let exit = if denied { Exit::Findings } else { Exit::Clean };
    // The process ends here, and gives all of it back at once: freeing it piece by piece takes longer.
    std::mem::forget((outcome, compared, known));
    std::mem::forget(subject);
    Ok(exit)
}

/// What is known of the releases that are new, where a rule is on that asks for it; nobody else needs it read.
fn of_what_is_new(args: &cli::Check, subject: &Subject, bases: &[Scan]) -> Result<Option<Releases>> {
    if !rules::OF_RELEASES.iter().any(|rule| policy::is_on(rule, &subject.policy, &subject.scan)) {
        return Ok(None);
    }
    let new: Vec<&LockedPackage> = arrivals(bases, &subject.scan).into_iter().map(|(_, package)| package).collect();
    Ok(Some(releases::known(&new, args.online, args.today.as_deref())?))
}

fn detail(args: &cli::Check) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

/// Writes the report to the files that the user names, and to standard output.
fn write(args: &cli::Check, report: &Report<'_>, output: &Output) -> Result<()> {
    for (format, path) in &args.output {
        let write = || -> std::io::Result<()> {
            let mut file = BufWriter::new(anstream::StripStream::new(File::create(path)?));
            reporter::render(reporter_format(*format), &Report { width: 120, ..copy(report) }, &mut file)?;
            file.flush()
        };
        write().with_context(|| format!("cannot write the report `{}`", path.display()))?;
    }
    output.write(|out| reporter::render(reporter_format(args.format), report, out))?;
    Ok(())
}

/// Says beside the report what is to be done about the baseline, of which so many entries can go, and about a fix.
fn notes(args: &cli::Check, subject: &Subject, report: &Report<'_>, gone: usize) {
    let mut out = anstream::stderr();
    if let Some(unaccepted) = report.unaccepted().filter(|_| !args.quiet) {
        let _ = writeln!(out, "note: {}", reporter::escape(&unaccepted));
    } else if gone > 0 && !args.quiet {
        let (entries, file) = (if gone == 1 { "entry" } else { "entries" }, baseline::FILE);
        let _ = writeln!(out, "note: {gone} {entries} of {file} can go: run `cargo pinned baseline` again");
    }
    if subject.snapshot.kind == Kind::Worktree && transaction::is_interrupted(&subject.snapshot.root) {
        let _ = writeln!(
            out,
            "note: a change was cut short here: the next `cargo pinned fix`, `set` or `rollback` puts it back"
        );
    }
}

fn copy<'a>(report: &Report<'a>) -> Report<'a> {
    Report { root: report.root.clone(), ..*report }
}

fn reporter_format(format: Format) -> reporter::Format {
    match format {
        Format::Human => reporter::Format::Human,
        Format::Full => reporter::Format::Full,
        Format::Json => reporter::Format::Json,
        Format::Sarif => reporter::Format::Sarif,
        Format::Github => reporter::Format::Github,
        Format::Gitlab => reporter::Format::Gitlab,
        Format::Junit => reporter::Format::Junit,
        Format::Markdown => reporter::Format::Markdown,
    }
}

/// A finding is reported where it stands, and one in a lockfile with the member that it is about.
pub(super) fn is_reported(subject: &Subject, finding: &Finding) -> bool {
    let violation = &finding.violation;
    let about = violation.about.map(Span::top);
    subject.wants(violation.surface)
        && (subject.is_inside(violation.span) || about.is_some_and(|about| subject.is_inside(about)))
}

/// The levels of the command line, on top of the policy's.
fn levels(args: &cli::Check, policy: &mut Policy) -> Result<()> {
    for (ids, level) in [(&args.allow, Level::Allow), (&args.warn, Level::Warn), (&args.deny, Level::Deny)] {
        for id in ids {
            if id == "warnings" && level == Level::Deny {
                policy.deny_warnings();
            } else if !policy.set_level(id, level) {
                bail!("unknown rule `{id}`{}", nearest(id));
            }
        }
    }
    Ok(())
}

/// The rule whose id is nearest to a word, as the end of a message.
pub(super) fn nearest(word: &str) -> String {
    config::suggestion(word, &rules::RULES.iter().map(|rule| rule.id).collect::<Vec<_>>())
}

/// The day to judge by.
pub(super) fn today(given: Option<&str>) -> Result<jiff::civil::Date> {
    match given {
        Some(text) => {
            let date: Option<jiff::civil::Date> = text.parse().ok();
            // The parser takes other forms of a date as well, and times behind it.
            let date = date.filter(|date| date.to_string() == text);
            date.with_context(|| format!("`{text}` is not a date of the form YYYY-MM-DD"))
        }
        None => Ok(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()),
    }
}
