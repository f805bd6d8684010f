//! What changed between two verdicts on one target: a pure comparison.
//!
//! A finding is known by its fingerprint, with a pin that was as weak or weaker, at a level that was as high or higher: what
//! got worse in its place is new. The design asks the same of baselines and comparisons.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::reporter::audit::{Change, Gone, Item};
use crate::scanner::dependency::Pin;

/// A finding as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) fingerprint: String,
    /// The day of the first of the runs in a row that had it.
    pub(super) since: String,
    pub(super) level: String,
    pub(super) pin: Option<String>,
    pub(super) rule: String,
    pub(super) name: String,
    pub(super) path: String,
}

impl Mark {
    fn of(item: &Item) -> Self {
        Self {
            fingerprint: item.fingerprint.clone(),
            since: item.since.clone().unwrap_or_default(),
            level: item.level.clone(),
            pin: item.pin.clone(),
            rule: item.rule.clone(),
            name: item.name.clone(),
            path: item.path.clone(),
        }
    }

    /// Whether a finding is what it was, or better.
    fn knows(&self, item: &Item) -> bool {
        tightness(self.pin.as_deref()) <= tightness(item.pin.as_deref())
            && (self.level == "deny" || item.level != "deny")
    }
}

/// How tight a pin is; what has none is below all.
fn tightness(pin: Option<&str>) -> Option<usize> {
    Pin::ALL.iter().position(|known| Some(known.name()) == pin)
}

/// Gives each finding its first day. The change against what was there before, where anything was; and what to remember.
pub(super) fn compare(before: Option<&[Mark]>, items: &mut [Item], today: Date) -> (Option<Change>, Vec<Mark>) {
    let marks = before.unwrap_or_default();
    let known: HashMap<&str, &Mark> = marks.iter().map(|mark| (mark.fingerprint.as_str(), mark)).collect();
    let mut new = Vec::new();
    for item in items.iter_mut() {
        let mark = known.get(item.fingerprint.as_str()).filter(|mark| mark.knows(item));
        item.since = Some(mark.map_or_else(|| today.to_string(), |mark| mark.since.clone()));
        if mark.is_none() {
            new.push(item.fingerprint.clone());
        }
    }
    let there: HashSet<&str> = items.iter().map(|item| item.fingerprint.as_str()).collect();
    let gone = marks.iter().filter(|mark| !there.contains(mark.fingerprint.as_str())).map(|mark| Gone {
        fingerprint: mark.fingerprint.clone(),
        rule: mark.rule.clone(),
        name: mark.name.clone(),
        path: mark.path.clone(),
    });
    let change = before.map(|_| Change { new, resolved: gone.collect() });
    (change, items.iter().map(Mark::of).collect())
}
