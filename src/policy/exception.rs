//! Exceptions: findings that the policy lets pass for a reason, and for a time.
//!
//! An exception holds through its last day. From 14 days before, it is mentioned; afterwards its findings are back, and name
//! the day. One that matches nothing is mentioned as well, where what it is about was judged.

use std::collections::HashMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::finding::Finding;
use crate::scanner::pattern::Pattern;
use crate::scanner::pattern::index::{Index, are_rarer, texts};
use crate::text::Span;

/// How long before its end an exception is mentioned, in days.
pub const NOTICE_DAYS: i64 = 14;

/// An exception, as written.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The rule's id.
    pub rule: &'static str,
    /// A glob of names, in which `*` crosses a `/`; any, where it is not said.
    pub name: Option<Pattern>,
    /// Globs of paths; any, where there is none.
    pub paths: Vec<Pattern>,
    /// Why.
    pub reason: String,
    /// The last day that it holds; for good, where it is not said.
    pub expires: Option<Date>,
    /// The bytes of its heading in the policy file.
    pub at: std::ops::Range<usize>,
}

impl Exception {
    /// Whether a finding in the file at `path` is what it is about.
    #[must_use]
    pub fn covers(&self, finding: &Finding, path: &str) -> bool {
        self.is_about(finding.rule, &finding.violation.name, path)
    }

    /// Whether a finding of this rule and name in the file at `path` is what it is about.
    #[must_use]
    pub fn is_about(&self, rule: &str, named: &str, path: &str) -> bool {
        self.rule == rule
            && self.name.as_ref().is_none_or(|name| name.matches_name(named))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.matches(path)))
    }

    /// What it is about, in words.
    #[must_use]
    pub fn about(&self) -> String {
        let name = self.name.as_ref().map(|name| format!(" of `{}`", name.as_str())).unwrap_or_default();
        format!("{}{name}", self.rule)
    }

    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        self.expires.is_none_or(|last| today <= last)
    }

    /// Whether it holds, and ends within [`NOTICE_DAYS`].
    #[must_use]
    pub fn ends_soon(&self, today: Date) -> bool {
        let notice = today.checked_add(NOTICE_DAYS.days()).unwrap_or(Date::MAX);
        self.holds(today) && self.expires.is_some_and(|last| last <= notice)
    }

    /// The first day after today on which it means something else: its end is near from then on, or it holds no more.
    #[must_use]
    pub fn changes_after(&self, today: Date) -> Option<Date> {
        let last = self.expires?;
        let days = [last.checked_sub(NOTICE_DAYS.days()), last.tomorrow()];
        days.into_iter().flatten().find(|day| *day > today)
    }
}

/// Exceptions by what they name, or by where they hold, so that not each finding is held to each of them.
pub(super) struct Named<'p> {
    /// Those of one name, by rule and name.
    by_name: HashMap<(&'static str, &'p str), Vec<usize>>,
    /// Those of a glob of names.
    by_glob: Index,
    /// Those that hold in some paths, where many have the same name or none has one.
    by_path: Index,
    /// Those of any name in any path.
    rest: Vec<usize>,
}

impl<'p> Named<'p> {
    pub(super) fn new(exceptions: &'p [Exception]) -> Self {
        let name = |exception: &'p Exception| exception.name.as_ref().map(|name| (exception.rule, name.as_str()));
        let place = |exception: &'p Exception| texts(&exception.paths);
        let (mut by_name, mut rest) = (HashMap::<_, Vec<usize>>::new(), Vec::new());
        let (mut globs, mut paths) = (Vec::new(), Vec::new());
        for ((at, exception), is_rarer) in exceptions.iter().enumerate().zip(are_rarer(exceptions, place, name)) {
            let is_placed = !exception.paths.is_empty() && (exception.name.is_none() || is_rarer);
            match &exception.name {
                _ if is_placed => paths.extend(exception.paths.iter().map(|path| (at, path))),
                None => rest.push(at),
                Some(glob) => match glob.literal() {
                    Some(name) => by_name.entry((exception.rule, name)).or_default().push(at),
                    None => globs.push((at, glob)),
                },
            }
        }
        let index = |patterns: Vec<(usize, &'p Pattern)>| Index::new(patterns.into_iter());
        Self { by_name, by_glob: index(globs), by_path: index(paths), rest }
    }

    /// Those that may be about a finding in the file at `path`, in the order of the policy.
    pub(super) fn about(&self, rule: &'static str, name: &str, path: &str) -> Vec<usize> {
        let mut about = self.rest.clone();
        about.extend(self.by_name.get(&(rule, name)).into_iter().flatten());
        about.extend(self.by_glob.candidates(name));
        about.extend(self.by_path.candidates(path));
        about.sort_unstable();
        about
    }
}

/// A finding that an exception lets pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Excepted {
    /// The finding.
    pub finding: Finding,
    /// Why.
    pub reason: String,
    /// The last day.
    pub expires: Option<Date>,
}

/// What became of an exception in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The exception's place in the policy file.
    pub span: Span,
    /// What it is about, in words.
    pub about: String,
    /// Whether it matched a finding.
    pub matched: bool,
    /// Whether all that it could match was judged.
    pub judged: bool,
    /// Its last day, where that is near.
    pub ends: Option<Date>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(expires: &str) -> Exception {
        let expires = (!expires.is_empty()).then(|| expires.parse().expect("a date"));
        let (paths, reason) = (Vec::new(), "a reason".to_owned());
        Exception { rule: "lock-stale", name: None, paths, reason, expires, at: 0..0 }
    }

    #[track_caller]
    fn check(expires: &str, today: &str, holds: bool, ends_soon: bool) {
        let (exception, today) = (until(expires), today.parse().expect("a date"));
        assert_eq!((exception.holds(today), exception.ends_soon(today)), (holds, ends_soon), "{expires} {today}");
    }

    #[test]
    fn an_exception_holds_through_its_last_day() {
        check("2026-12-31", "2026-12-31", true, true);
        check("2026-12-31", "2027-01-01", false, false);
        check("", "9999-12-31", true, false);
    }

    #[test]
    fn its_end_is_mentioned_14_days_before() {
        check("2026-12-31", "2026-12-16", true, false);
        check("2026-12-31", "2026-12-17", true, true);
        check("2024-03-01", "2024-02-16", true, true);
        check("9999-12-31", "9999-12-30", true, true);
    }

    /// Day by day: nothing changes before the day that is said, and something does on it.
    #[test]
    fn the_next_day_of_change_is_the_first_one() {
        let state = |expires: &str, today| (until(expires).holds(today), until(expires).ends_soon(today));
        for expires in ["2026-12-31", "2024-03-01", "9999-12-31", ""] {
            let mut day: Date = expires.parse::<Date>().map_or(Date::MAX, |last| last.saturating_sub(20.days()));
            while let Some(next) = until(expires).changes_after(day) {
                let between = day.series(1.day()).take_while(|day| *day < next);
                for same in between {
                    assert_eq!(state(expires, same), state(expires, day), "{expires}: {same} is as {day}");
                }
                assert_ne!(state(expires, next), state(expires, day), "{expires}: {next} is not as {day}");
                day = next;
            }
            let rest = day.series(1.day()).take(100);
            rest.for_each(|later| assert_eq!(state(expires, later), state(expires, day), "{expires}: {later}"));
        }
    }

    proptest::proptest! {
        /// The index finds what a loop over all finds, in the same order.
        #[test]
        fn the_index_misses_none_and_keeps_the_order(
            written in proptest::collection::vec(
                (0usize..2, "([ab]|[ab]?[*?][ab*?]?)?", proptest::collection::vec("[ab*/]{0,4}", 0..3)), 0..12),
            name in "[ab]{1,3}",
            path in "[ab/]{0,5}",
        ) {
            const RULES: [&str; 2] = ["lock-stale", "unpinned-crate"];
            let exception = |(rule, name, paths): &(usize, String, Vec<String>)| Exception {
                rule: RULES[*rule],
                name: Pattern::new(name).ok().filter(|_| !name.is_empty()),
                paths: paths.iter().filter_map(|path| Pattern::new(path).ok()).collect(),
                ..until("")
            };
            let exceptions: Vec<Exception> = written.iter().map(exception).collect();
            let named = Named::new(&exceptions);
            for rule in RULES {
                let is_about = |at: &usize| exceptions[*at].is_about(rule, &name, &path);
                let loop_over_all: Vec<usize> = (0..exceptions.len()).filter(is_about).collect();
                let by_index: Vec<usize> = named.about(rule, &name, &path).into_iter().filter(is_about).collect();
                proptest::prop_assert_eq!(by_index, loop_over_all);
            }
        }
    }
}
