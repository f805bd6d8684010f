//! What a repository lets pass by itself, where a floor is below its own policy: what of it counts, and what is said of the rest.

use std::collections::{HashMap, HashSet};

use crate::policy::Outcome;
use crate::policy::finding::{Finding, Level};
use crate::policy::rules::STALE_EXCEPTION;
use crate::reporter::audit::{Item, Items};
use crate::scanner::Scan;

/// What a policy finds in a scan, without the scan: another one can have other files by the same numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Item>,
    pub(super) excepted: Vec<Item>,
    pub(super) baselined: Vec<Item>,
}

impl Found {
    pub(super) fn of(scan: &Scan, outcome: &Outcome) -> Self {
        let items = Items::new(scan);
        let all = |findings: &[Finding]| findings.iter().map(|finding| items.of(finding)).collect();
        let excepted = outcome.excepted.iter().map(|excepted| Item {
            reason: Some(excepted.reason.clone()),
            expires: excepted.expires.map(|day| day.to_string()),
            ..items.of(&excepted.finding)
        });
        Self { findings: all(&outcome.findings), excepted: excepted.collect(), baselined: all(&outcome.baselined) }
    }

    pub(super) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|item| item.level == level.name()).count()
    }

    fn keys(&self) -> HashSet<(&str, &str)> {
        self.findings.iter().map(key).collect()
    }
}

/// What tells findings apart.
fn key(item: &Item) -> (&str, &str) {
    (&item.rule, &item.fingerprint)
}

/// Puts together what the floor finds; for the rules that it honours, what it finds with what the repository lets pass; and what the
/// repository's own policy says of its own exceptions.
pub(super) fn join(honour: &[&str], mut strict: Found, honouring: Option<Found>, own: &Found) -> Found {
    if let Some(honouring) = honouring {
        let is_honoured = |item: &Item| honour.contains(&item.rule.as_str());
        for (all, more) in [
            (&mut strict.findings, honouring.findings),
            (&mut strict.excepted, honouring.excepted),
            (&mut strict.baselined, honouring.baselined),
        ] {
            all.retain(|item| !is_honoured(item));
            all.extend(more.into_iter().filter(is_honoured));
        }
    }
    strict.findings.extend(own.findings.iter().filter(|item| item.rule == STALE_EXCEPTION).cloned());
    for items in [&mut strict.findings, &mut strict.excepted] {
        let place =
            |item: &Item| (item.path.clone(), item.region.start, item.region.end, item.rule.clone(), item.name.clone());
        items.sort_by_cached_key(place);
    }
    strict
}

/// What is found of a repository beside the floor.
pub(super) struct Alone {
    /// What its own policy finds.
    pub(super) own: Found,
    /// What it would find if it excluded nothing, where it does.
    pub(super) included: Option<Found>,
    /// What is found where no policy says anything.
    pub(super) default: Found,
}

impl Alone {
    /// Those of the findings that the repository's own policy would let pass, each with how. What would pass without it too is not
    /// its doing.
    pub(super) fn waived(&self, findings: &[Item]) -> Vec<Item> {
        let found = self.own.keys();
        let baselined: HashSet<_> = self.own.baselined.iter().map(key).collect();
        let excepted: HashMap<_, _> = self.own.excepted.iter().map(|item| (key(item), item)).collect();
        let included = self.included.as_ref().map(Found::keys).unwrap_or_default();
        let default = self.default.keys();
        let waive = |item: &Item| {
            let at = key(item);
            if found.contains(&at) {
                return None;
            }
            if let Some(excepted) = excepted.get(&at) {
                let (reason, expires) = (excepted.reason.clone(), excepted.expires.clone());
                return Some(Item { reason, expires, ..item.clone() });
            }
            let reason = if baselined.contains(&at) {
                "in its baseline"
            } else if included.contains(&at) {
                "excluded by its pinned.toml"
            } else if default.contains(&at) {
                "allowed by its pinned.toml"
            } else {
                return None;
            };
            Some(Item { reason: Some(reason.to_owned()), expires: None, ..item.clone() })
        };
        findings.iter().filter_map(waive).collect()
    }
}
