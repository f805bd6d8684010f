//! The policy engine: from a scan to findings.
//!
//! [`evaluate`] is the single loop over the rules. A rule finds violations; what they weigh is decided here, from the
//! [`Policy`].

pub mod action;
pub mod age;
pub mod baseline;
pub mod comparison;
pub mod config;
pub mod exception;
pub mod file;
pub mod finding;
pub mod floor;
pub mod locks;
pub mod loosening;
mod pages;
pub mod relock;
pub mod repin;
pub mod rule;
pub mod rules;
#[cfg(test)]
pub(crate) mod schema;
pub mod scope;
mod values;

use std::collections::{HashMap, HashSet};

use config::{Policy, Setting};
use exception::{Excepted, Exception, Usage};
use finding::{Finding, Level};
use jiff::civil::Date;
use rayon::prelude::*;
use rule::{Context, Rule};
use scope::Scoped;

use crate::change::releases::Releases;
use crate::scanner::Scan;
use crate::text::{FileId, Span};

/// What came of judging a scan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, sorted by path, span and rule.
    pub findings: Vec<Finding>,
    /// What exceptions let pass, sorted alike.
    pub excepted: Vec<Excepted>,
    /// What the baseline lets pass, sorted alike.
    pub baselined: Vec<Finding>,
    /// The fingerprints in the baseline that accept nothing any more.
    pub gone: Vec<String>,
}

/// What a scan is compared with, for the rules that compare; nothing, by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before<'a> {
    /// What was there: one scan for each base.
    pub bases: &'a [Scan],
    /// What is known of the releases that are new since then; none where nothing was looked up.
    pub releases: Option<&'a Releases>,
}

/// Judges a scan by a policy, on a day.
#[must_use]
pub fn evaluate(scan: &Scan, policy: &Policy, today: Date, before: Before<'_>) -> Outcome {
    let scoped = Scoped::new(policy, scan);
    let found = rules::RULES.par_iter().map(|rule| judge(&scoped, rule, before, &[])).flatten_iter();
    let mut findings: Vec<Finding> = found.collect();
    // Counted before anything is excepted: an exception must not change what another finding is known by.
    sort(scan, &mut findings);
    number(scan, &mut findings);
    let (mut findings, excepted, usages) = except(scan, policy, today, !before.bases.is_empty(), findings);
    // Over a floor, what no exception matches is said of the repository's policy alone, and of the floor's in the whole fleet.
    if let Some(rule) = rules::find(rules::STALE_EXCEPTION).filter(|_| policy.own.is_none()) {
        let mut stale = judge(&scoped, rule, before, &usages);
        number(scan, &mut stale);
        findings.append(&mut stale);
    }
    sort(scan, &mut findings);
    let has_baseline = !policy.baseline.entries.is_empty();
    let on = rules::RULES.iter().filter(|rule| has_baseline && scoped.is_on(rule.id)).map(|rule| rule.id);
    let on: HashSet<&str> = on.collect();
    let (findings, baselined, gone) = policy.baseline.split(scan, findings, |rule| on.contains(rule));
    Outcome { findings, excepted, baselined, gone }
}

/// Sorts findings, and drops what is said twice: a file can be read through two links.
fn sort(scan: &Scan, findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| place(scan, a).cmp(&place(scan, b)));
    findings.dedup_by(|a, b| place(scan, a) == place(scan, b) && a.violation.message == b.violation.message);
}

/// Runs one rule.
fn judge(scoped: &Scoped<'_>, rule: &'static Rule, before: Before<'_>, usages: &[Usage]) -> Vec<Finding> {
    let (scan, policy) = (scoped.scan, scoped.policy);
    let mut findings = Vec::new();
    if !scoped.is_on(rule.id) {
        return findings;
    }
    let nothing = Releases::default();
    let (bases, releases) = (before.bases, before.releases.unwrap_or(&nothing));
    let violations = (rule.check)(&Context { scan, bases, releases, id: rule.id, scoped, usages });
    findings.reserve_exact(violations.len());
    for violation in violations {
        let declaration = violation.declaration.and_then(|index| scan.dependencies.get(index));
        let setting = match declaration {
            Some(declaration) => scoped.declaration(rule.id, declaration),
            // One in a lockfile that is about a member is judged where the member is.
            None => Some(scoped.file(rule.id, violation.about.unwrap_or(violation.span.file))),
        };
        let level = setting.as_ref().map_or(Level::Allow, |setting| policy.raise(setting.level.min(violation.cap)));
        if level != Level::Allow {
            let policy = setting.and_then(|setting| line(policy, rule, &setting));
            findings.push(Finding { rule: rule.id, level, violation, ordinal: 0, policy, ended: None });
        }
    }
    findings
}

/// The place in the policy file that made a rule say what it does not by default.
fn line(policy: &Policy, rule: &Rule, setting: &Setting) -> Option<Span> {
    let is_typed = policy.typed.contains_key(rule.id);
    let is_default = (is_typed || setting.level == rule.level) && setting.is_as_usual(rule);
    let at = setting.at.clone().filter(|_| !is_default)?;
    let file = policy.own.as_ref().filter(|_| setting.is_own).map_or(policy.file, |own| own.file);
    Some(Span::new(file?, at))
}

/// That an exception holds no more, in words.
pub(crate) fn ended_on(day: Date) -> String {
    format!("its exception ended on {day}")
}

/// Whether a rule is on anywhere in what was scanned.
#[must_use]
pub fn is_on(rule: &str, policy: &Policy, scan: &Scan) -> bool {
    Scoped::new(policy, scan).is_on(rule)
}

/// How old a release of a package must be that a lockfile is to get; none where nobody asks for that.
#[must_use]
pub fn min_age(policy: &Policy, scan: &Scan, lock: FileId, name: &str, today: Date) -> Option<age::Age> {
    let path = scan.files.path(lock);
    let is_let_off =
        |exception: &Exception| exception.is_about(rules::RELEASE_TOO_NEW, name, path) && exception.holds(today);
    let setting = Scoped::new(policy, scan).file(rules::RELEASE_TOO_NEW, lock).into_owned();
    let is_asked = setting.level != Level::Allow && !policy.exceptions.iter().any(is_let_off);
    setting.min_age.filter(|_| is_asked)
}

/// Takes out the findings that an exception lets pass, and says what became of each exception.
fn except(
    scan: &Scan,
    policy: &Policy,
    today: Date,
    compares: bool,
    findings: Vec<Finding>,
) -> (Vec<Finding>, Vec<Excepted>, Vec<Usage>) {
    if policy.exceptions.is_empty() {
        return (findings, Vec::new(), Vec::new());
    }
    let named = exception::Named::new(&policy.exceptions);
    let mut matched = vec![false; policy.exceptions.len()];
    let (mut kept, mut excepted) = (Vec::with_capacity(findings.len()), Vec::new());
    for mut finding in findings {
        let path = scan.files.path(finding.violation.span.file);
        // The first of them in the policy counts.
        let mut covering = named.about(finding.rule, &finding.violation.name, path);
        covering.retain(|&at| policy.exceptions[at].covers(&finding, path));
        covering.iter().for_each(|&at| matched[at] = true);
        let mut covering = covering.into_iter().map(|at| &policy.exceptions[at]);
        match covering.clone().find(|exception| exception.holds(today)) {
            Some(Exception { reason, expires, .. }) => {
                excepted.push(Excepted { finding, reason: reason.clone(), expires: *expires });
            }
            None => {
                if let Some(ended) = covering.find_map(|exception| exception.expires) {
                    finding.violation.message += &format!(" ({})", ended_on(ended));
                    finding.ended = Some(ended);
                }
                kept.push(finding);
            }
        }
    }
    let usage = |(exception, matched): (&Exception, bool)| Usage {
        span: Span::new(policy.file.unwrap_or(FileId(u32::MAX)), exception.at.clone()),
        about: exception.about(),
        matched,
        // A rule that is off, or that had nothing to compare with, says nothing of its exceptions.
        judged: policy.setting(exception.rule).level != Level::Allow
            && (compares || exception.rule != rules::CHECKSUM_CHANGED)
            && !rules::OF_RELEASES.contains(&exception.rule),
        ends: exception.expires.filter(|_| exception.ends_soon(today)),
    };
    let usages = policy.exceptions.iter().zip(matched).map(usage).collect();
    (kept, excepted, usages)
}

/// What findings are sorted by: path, span and rule.
fn place<'f>(scan: &'f Scan, finding: &'f Finding) -> (&'f str, u32, u32, &'static str, &'f str) {
    let span = finding.violation.span;
    (scan.files.path(span.file), span.start, span.end, finding.rule, &finding.violation.name)
}

/// Tells equal findings apart by their order.
fn number(scan: &Scan, findings: &mut [Finding]) {
    let mut seen: HashMap<(&str, &str, &str, &str), usize> = HashMap::with_capacity(findings.len());
    let ordinals: Vec<usize> = findings
        .iter()
        .map(|finding| {
            let violation = &finding.violation;
            let key =
                (finding.rule, scan.files.path(violation.span.file), violation.place.as_str(), violation.name.as_str());
            let count = seen.entry(key).or_default();
            *count += 1;
            *count - 1
        })
        .collect();
    for (finding, ordinal) in findings.iter_mut().zip(ordinals) {
        finding.ordinal = ordinal;
    }
}
