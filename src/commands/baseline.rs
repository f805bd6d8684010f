//! `baseline`: accept today's findings, so that only new ones fail.

use anyhow::{Result, bail};

use super::Output;
use super::check::{is_reported, today};
use super::subject::Subject;
use super::writing::{Purpose, replace};
use crate::cli;
use crate::exit::Exit;
use crate::policy;
use crate::policy::baseline::{Accepted, Baseline, FILE};
use crate::policy::rules;

/// Writes the baseline anew: what is found now is accepted, what is gone is dropped. With a PATH, what is elsewhere stays.
///
/// # Errors
/// Where the repository cannot be judged, or the file cannot be written.
pub fn run(args: &cli::Baseline, output: &Output) -> Result<Exit> {
    if args.subject.rev.is_some() || args.subject.staged {
        bail!("a baseline is made of the working tree: leave out `--rev` and `--staged`");
    }
    let mut subject = Subject::load(&args.subject)?;
    let before = std::mem::take(&mut subject.policy.baseline);
    let mut outcome =
        policy::evaluate(&subject.scan, &subject.policy, today(args.today.as_deref())?, policy::Before::default());
    // A reminder that an exception ends is no float, and would come no more.
    outcome.findings.retain(|finding| is_reported(&subject, finding) && finding.rule != rules::STALE_EXCEPTION);
    let mut baseline = Baseline::of(&subject.scan, &outcome.findings);
    let accepted = baseline.entries.len();
    // What PATH and the surfaces leave out of the report stays as it was.
    let is_elsewhere = |entry: &&Accepted| {
        let surface = rules::find(&entry.rule).and_then(|rule| rule.surface);
        !subject.contains(&entry.path) || surface.is_some_and(|surface| !subject.wants(surface))
    };
    baseline.entries.extend(before.entries.iter().filter(is_elsewhere).cloned());
    baseline.entries.sort();
    baseline.entries.dedup();
    if baseline != before || !baseline.entries.is_empty() {
        replace(&subject.snapshot.root.join(FILE), baseline.render().as_bytes(), Purpose::Read)?;
    }
    let noun = if accepted == 1 { "finding" } else { "findings" };
    let (now, then) = (baseline.entries.len(), before.entries.len());
    let entries = if now == 1 { "entry" } else { "entries" };
    output
        .write(|out| writeln!(out, "accepted {accepted} {noun} in {FILE}; it has {now} {entries}, and had {then}"))?;
    Ok(Exit::Clean)
}
