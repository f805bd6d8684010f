//! What the rows of an audit come to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;

use super::data::Opened;
use super::forge::Lines;
use super::words::days_since;
use crate::policy::exception::NOTICE_DAYS;
use crate::reporter::audit::{Audit, Item, Row};

/// How many entries of a kind are listed; the ranking has them all.
pub(super) const LISTED: usize = 100;

/// How far ahead the end of an exception is listed, in days.
pub(super) const AHEAD: i32 = 90;

/// The ages of findings: up to so many days, and how that is called.
pub(super) const AGES: [(i32, &str); 5] = [
    (7, "under a week"),
    (30, "1 week to 30 days"),
    (90, "30 to 90 days"),
    (365, "90 days to a year"),
    (i32::MAX, "over a year"),
];

/// How many findings something has, and in how many rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) deny: usize,
    pub(super) warn: usize,
    pub(super) rows: usize,
}

impl Tally {
    pub(super) fn all(self) -> usize {
        self.deny + self.warn
    }

    fn add(&mut self, level: &str) {
        *(if level == "deny" { &mut self.deny } else { &mut self.warn }) += 1;
    }
}

/// What an exception is known by: its last day, its rule and its reason. The organisation's is one, in however many repositories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exception {
    pub(super) day: Date,
    pub(super) rule: String,
    pub(super) reason: String,
}

/// An exception that ends soon: where it lets something pass, and what.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) days: i32,
    pub(super) soon: bool,
    /// The repositories, worst first.
    pub(super) repositories: Vec<String>,
    pub(super) names: BTreeSet<String>,
}

/// What a repository waives by itself, and by what.
pub(super) struct Waived {
    pub(super) repository: String,
    pub(super) rule: String,
    pub(super) reason: String,
    pub(super) count: usize,
}

/// A finding that is new, or one that is gone.
pub(super) struct Changed {
    pub(super) repository: String,
    pub(super) rule: String,
    pub(super) level: String,
    pub(super) what: String,
    pub(super) place: String,
    pub(super) link: Option<String>,
}

/// A list that is cut.
pub(super) struct Cut<T> {
    pub(super) shown: Vec<T>,
    pub(super) count: usize,
}

impl<T> Default for Cut<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), count: 0 }
    }
}

impl<T> Cut<T> {
    fn push(&mut self, entry: impl FnOnce() -> T) {
        self.count += 1;
        if self.shown.len() < LISTED {
            self.shown.push(entry());
        }
    }
}

/// The totals.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) rows: usize,
    /// Repositories, however many of their references were judged.
    pub(super) repositories: usize,
    pub(super) failing: usize,
    pub(super) warned: usize,
    pub(super) clean: usize,
    pub(super) unjudged: usize,
    pub(super) stale: usize,
    pub(super) deny: usize,
    pub(super) warn: usize,
    pub(super) excepted: usize,
    pub(super) baselined: usize,
    pub(super) waived: usize,
    pub(super) fixable: usize,
    pub(super) declarations: usize,
    pub(super) pinned: usize,
    /// The most findings in a row.
    pub(super) most: usize,
    /// Whether any row was judged by a run before.
    pub(super) compared: bool,
    pub(super) owned: bool,
    pub(super) aged: bool,
    pub(super) rules: BTreeMap<String, Tally>,
    pub(super) surfaces: BTreeMap<String, Tally>,
    /// The owner that nobody names is the empty one.
    pub(super) owners: BTreeMap<String, Tally>,
    pub(super) ages: [Tally; AGES.len()],
    pub(super) endings: BTreeMap<Exception, Ending>,
    pub(super) waivers: Cut<Waived>,
    pub(super) new: Cut<Changed>,
    pub(super) gone: Cut<Changed>,
    /// The age of each row's oldest finding in days, in the order of the ranking.
    pub(super) oldest: Vec<Option<i32>>,
}

impl Totals {
    /// What can be told without opening the findings.
    pub(super) fn new(audit: &Audit) -> Self {
        let names: HashSet<&str> = audit.rows.iter().map(|row| row.name.as_str()).collect();
        let mut totals = Self { rows: audit.rows.len(), repositories: names.len(), ..Self::default() };
        for row in &audit.rows {
            let counts = &row.counts;
            totals.deny += counts.deny;
            totals.warn += counts.warn;
            totals.excepted += counts.excepted;
            totals.baselined += counts.baselined;
            totals.waived += counts.waived;
            totals.fixable += counts.fixable;
            totals.declarations += counts.declarations;
            totals.pinned += counts.pinned;
            totals.most = totals.most.max(counts.deny + counts.warn);
            totals.compared |= row.change.is_some();
            totals.owned |= row.owner.is_some();
            totals.stale += usize::from(row.stale.is_some());
            let standing = match () {
                () if row.error.is_some() => &mut totals.unjudged,
                () if counts.deny > 0 => &mut totals.failing,
                () if counts.warn > 0 => &mut totals.warned,
                () => &mut totals.clean,
            };
            *standing += 1;
            let owner = totals.owners.entry(row.owner.clone().unwrap_or_default()).or_default();
            owner.deny += counts.deny;
            owner.warn += counts.warn;
            owner.rows += usize::from(counts.deny + counts.warn > 0);
        }
        totals
    }

    /// What a row is.
    pub(super) fn noun(&self) -> &'static str {
        if self.rows == self.repositories { "repository" } else { "reference" }
    }

    /// A row's reference, where rows are told apart by it.
    pub(super) fn reference<'a>(&self, row: &'a Row) -> Option<&'a str> {
        row.reference.as_deref().filter(|_| self.rows != self.repositories)
    }

    /// What a row is called.
    pub(super) fn title(&self, row: &Row) -> String {
        match self.reference(row) {
            Some(reference) => format!("{} at {reference}", row.name),
            None => row.name.clone(),
        }
    }

    /// Takes in what the findings of a row tell.
    pub(super) fn add(&mut self, opened: &Opened<'_>, today: Date) {
        let title = self.title(opened.row);
        let (mut rules, mut surfaces) = (HashSet::new(), HashSet::new());
        for (item, new) in opened.findings.iter().zip(opened.new) {
            tally(&mut self.rules, &item.rule, &item.level, rules.insert(item.rule.as_str()));
            tally(&mut self.surfaces, &item.surface, &item.level, surfaces.insert(item.surface.as_str()));
            if let Some(days) = days_since(item.since.as_deref(), today) {
                self.aged = true;
                if let Some(at) = AGES.iter().position(|(under, _)| days < *under) {
                    self.ages[at].add(&item.level);
                }
            }
            if *new {
                self.new.push(|| changed(&title, item, opened.lines));
            }
        }
        for gone in opened.row.change.iter().flat_map(|change| &change.resolved) {
            self.gone.push(|| Changed {
                repository: title.clone(),
                rule: gone.rule.clone(),
                level: String::new(),
                what: gone.name.clone(),
                place: gone.path.clone(),
                link: None,
            });
        }
        self.end(&title, opened.excepted.iter().chain(opened.waived), today);
        for waived in grouped(opened.waived) {
            let (first, count) = (waived[0], waived.len());
            self.waivers.push(|| Waived {
                repository: title.clone(),
                rule: first.rule.clone(),
                reason: first.reason.clone().unwrap_or_default(),
                count,
            });
        }
        self.oldest.push(opened.oldest);
    }

    /// Adds the exceptions by which something passes in a repository, where they end soon.
    fn end<'a>(&mut self, title: &str, items: impl Iterator<Item = &'a Item>, today: Date) {
        for items in grouped(items) {
            let Item { rule, reason, expires, .. } = items[0];
            let Some(day) = expires.as_deref().and_then(|day| day.parse::<Date>().ok()) else { continue };
            let Ok(days) = today.until(day).map(|span| span.get_days()) else { continue };
            if !(0..=AHEAD).contains(&days) {
                continue;
            }
            let exception = Exception { day, rule: rule.clone(), reason: reason.clone().unwrap_or_default() };
            let ending = self.endings.entry(exception).or_default();
            (ending.days, ending.soon) = (days, i64::from(days) <= NOTICE_DAYS);
            ending.repositories.push(title.to_owned());
            ending.names.extend(items.iter().map(|item| item.name.clone()));
        }
    }
}

fn tally(tallies: &mut BTreeMap<String, Tally>, key: &str, level: &str, first: bool) {
    // An owned key only where it is a new one.
    if !tallies.contains_key(key) {
        tallies.insert(key.to_owned(), Tally::default());
    }
    if let Some(tally) = tallies.get_mut(key) {
        tally.add(level);
        tally.rows += usize::from(first);
    }
}

/// The items that one exception or waiver covers: of one rule, with one reason and one last day.
fn grouped<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<Vec<&'a Item>> {
    let mut groups: BTreeMap<_, Vec<&Item>> = BTreeMap::new();
    for item in items {
        groups.entry((&item.rule, &item.reason, &item.expires)).or_default().push(item);
    }
    groups.into_values().collect()
}

fn changed(title: &str, item: &Item, lines: Option<&Lines>) -> Changed {
    Changed {
        repository: title.to_owned(),
        rule: item.rule.clone(),
        level: item.level.clone(),
        what: item.message.clone(),
        place: format!("{}:{}", item.path, item.line),
        link: lines.map(|lines| lines.link(&item.path, item.line)),
    }
}
