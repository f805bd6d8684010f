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
use finding::{Finding, Level, fingerprint};
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
            findings.push(Finding { rule: rule.id, level, violation, fingerprint: String::new() });
        }
    }
    let place = |finding: &Finding| {
        let span = finding.violation.span;
        (scan.files.path(span.file).to_owned(), span.start, span.end, finding.rule, finding.violation.name.clone())
    };
    findings.sort_by_cached_key(place);
    findings.dedup_by(|a, b| place(a) == place(b) && a.violation.message == b.violation.message);
    number(scan, &mut findings);
    Outcome { findings }
}

/// Gives each finding its fingerprint: equals are told apart by their order.
fn number(scan: &Scan, findings: &mut [Finding]) {
    let mut seen: HashMap<(&str, &str, String, String), usize> = HashMap::new();
    for finding in findings {
        let path = scan.files.path(finding.violation.span.file);
        let key = (finding.rule, path, finding.violation.place.clone(), finding.violation.name.clone());
        let ordinal = seen.entry(key).or_default();
        finding.fingerprint = fingerprint(finding.rule, path, &finding.violation, *ordinal);
        *ordinal += 1;
    }
}
