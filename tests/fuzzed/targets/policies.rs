//! Policies and baselines.

use cargo_pinned::policy::baseline::Baseline;
use cargo_pinned::policy::config::Policy;
use cargo_pinned::policy::finding::Finding;
use cargo_pinned::policy::loosening::loosened;
use cargo_pinned::policy::{self, Before, floor};

use super::repository::{DAY, Judged};

/// A page that loads what floats.
pub(super) const PAGE: &str = "<!doctype html>\n<script src=\"https://cdn.jsdelivr.net/npm/vue\"></script>\n";

/// Holds that a policy is read or refused at a place in it, and that one is no looser than itself.
pub(super) fn policy(text: &str) {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => {
            assert!(text.get(error.at.clone()).is_some(), "{:?} is not in the policy", error.at);
            assert!(!error.message.is_empty());
            return;
        }
    };
    assert_eq!(loosened(&policy, &policy), [""; 0]);
    let default = Policy::default();
    let _ = loosened(&policy, &default);
    let _ = floor::only_tightens(&policy);
    for (floor, own) in [(&policy, &default), (&default, &policy), (&policy, &policy)] {
        for honoured in [true, false] {
            let _ = floor::over(floor, own, honoured);
        }
    }
}

/// Holds that a baseline is written as it is read, and that it accepts all that it was made of.
pub(super) fn baseline(judged: &Judged) {
    let findings: Vec<Finding> = judged.findings().cloned().collect();
    let baseline = Baseline::of(&judged.scan, &findings);
    let text = baseline.render();
    assert_eq!(Baseline::parse(&text).as_ref(), Ok(&baseline), "{text}");
    let mut policy = judged.policy.clone();
    policy.baseline = baseline;
    let again = policy::evaluate(&judged.scan, &policy, DAY, Before::default());
    assert_eq!(again.gone, [""; 0]);
    assert!(again.findings.is_empty(), "everything is accepted: {:?}", again.findings);
}
