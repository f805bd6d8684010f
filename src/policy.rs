//! The policy engine: from a scan to findings.
//!
//! [`evaluate`] is the single loop over the rules. A rule finds violations; what they weigh is decided here, from the
//! [`Policy`](config::Policy).

pub mod config;
pub mod finding;
pub mod rule;
pub mod rules;

use std::collections::HashMap;

use config::Policy;
use finding::{Finding, Level};
use rule::Context;

use crate::scanner::Scan;

/// What came of judging a scan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, sorted by path, span and rule.
    pub findings: Vec<Finding>,
}

/// Judges a scan by a policy.
#[must_use]
pub fn evaluate(scan: &Scan, policy: &Policy) -> Outcome {
    let mut findings = Vec::new();
    for rule in rules::RULES {
        let setting = policy.setting(rule.id);
        if setting.level == Level::Allow {
            continue;
        }
        for violation in (rule.check)(&Context { scan, setting }) {
            let level = policy.raise(setting.level.min(violation.cap));
            findings.push(Finding { rule: rule.id, level, violation, ordinal: 0 });
        }
    }
    findings.sort_by(|a, b| place(scan, a).cmp(&place(scan, b)));
    findings.dedup_by(|a, b| place(scan, a) == place(scan, b) && a.violation.message == b.violation.message);
    number(scan, &mut findings);
    Outcome { findings }
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
