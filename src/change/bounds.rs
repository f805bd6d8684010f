//! Which of two version requirements admits more.
//!
//! The comparators of a requirement hold together, so what it admits is one range. Whether a requirement admits pre-releases at
//! all is left aside: that follows from how its ends are written.

use std::cmp::Ordering;
use std::ops::Bound;

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

/// How what one requirement admits relates to what another does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Same,
    /// Less: a part of it.
    Tighter,
    /// More: all of it, and something else.
    Looser,
    /// Something else.
    Other,
}

/// What `after` admits, seen from `before`; none where one of them is no requirement.
#[must_use]
pub fn relation(before: &str, after: &str) -> Option<Relation> {
    let range = |text: &str| Some(Range::of(&VersionReq::parse(text).ok()?));
    let (before, after) = (range(before)?, range(after)?);
    Some(match (after.is_within(&before), before.is_within(&after)) {
        (true, true) => Relation::Same,
        (true, false) => Relation::Tighter,
        (false, true) => Relation::Looser,
        (false, false) => Relation::Other,
    })
}

/// The versions from one bound to another.
struct Range {
    low: Bound<Version>,
    high: Bound<Version>,
}

impl Range {
    fn of(requirement: &VersionReq) -> Self {
        let mut range = Self { low: Bound::Unbounded, high: Bound::Unbounded };
        for comparator in &requirement.comparators {
            let (low, high) = bounds(comparator);
            if compare_low(&low, &range.low) == Ordering::Greater {
                range.low = low;
            }
            if compare_high(&high, &range.high) == Ordering::Less {
                range.high = high;
            }
        }
        range
    }

    fn is_within(&self, other: &Self) -> bool {
        compare_low(&self.low, &other.low) != Ordering::Less
            && compare_high(&self.high, &other.high) != Ordering::Greater
    }
}

fn compare_low(a: &Bound<Version>, b: &Bound<Version>) -> Ordering {
    let rank = |bound: &Bound<Version>| u8::from(matches!(bound, Bound::Excluded(_)));
    compare(a, b, Ordering::Less).then(rank(a).cmp(&rank(b)))
}

fn compare_high(a: &Bound<Version>, b: &Bound<Version>) -> Ordering {
    let rank = |bound: &Bound<Version>| u8::from(!matches!(bound, Bound::Excluded(_)));
    compare(a, b, Ordering::Greater).then(rank(a).cmp(&rank(b)))
}

/// By the version alone; `open` is how no bound compares with one.
fn compare(a: &Bound<Version>, b: &Bound<Version>, open: Ordering) -> Ordering {
    match (version(a), version(b)) {
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => open,
        (Some(_), None) => open.reverse(),
    }
}

fn version(bound: &Bound<Version>) -> Option<&Version> {
    match bound {
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
        Bound::Unbounded => None,
    }
}

/// The bounds of one comparator, as `semver` documents them.
fn bounds(comparator: &Comparator) -> (Bound<Version>, Bound<Version>) {
    let Comparator { op, major, minor, patch, .. } = comparator;
    let (minor_or_0, patch_or_0) = (minor.unwrap_or(0), patch.unwrap_or(0));
    let pre = comparator.pre.clone();
    let first = Version { pre, ..Version::new(*major, minor_or_0, patch_or_0) };
    let from = Bound::Included(first.clone());
    // Everything that starts with what is written ends there.
    let next = match (minor, patch) {
        (None, _) => before(major.checked_add(1), 0, 0),
        (Some(minor), None) => after_minor(*major, *minor),
        (Some(_), Some(_)) => Bound::Included(first.clone()),
    };
    match op {
        Op::Exact | Op::Wildcard => (from, next),
        Op::Greater => match next {
            Bound::Included(version) => (Bound::Excluded(version), Bound::Unbounded),
            Bound::Excluded(version) => (Bound::Included(version), Bound::Unbounded),
            Bound::Unbounded => (Bound::Unbounded, Bound::Unbounded),
        },
        Op::GreaterEq => (from, Bound::Unbounded),
        Op::Less => (Bound::Unbounded, Bound::Excluded(first)),
        Op::LessEq => (Bound::Unbounded, next),
        Op::Tilde => match minor {
            Some(minor) => (from, after_minor(*major, *minor)),
            None => (from, next),
        },
        _ => {
            let end = match (major, minor, patch) {
                (1.., _, _) | (0, None, _) => before(major.checked_add(1), 0, 0),
                (0, Some(minor @ 1..), _) | (0, Some(minor @ 0), None) => after_minor(0, *minor),
                (0, Some(0), Some(patch)) => before(Some(0), 0, patch.saturating_add(1)),
            };
            (from, end)
        }
    }
}

fn after_minor(major: u64, minor: u64) -> Bound<Version> {
    match minor.checked_add(1) {
        Some(minor) => before(Some(major), minor, 0),
        None => before(major.checked_add(1), 0, 0),
    }
}

/// Up to a version, its pre-releases excluded too; without one there is no end.
fn before(major: Option<u64>, minor: u64, patch: u64) -> Bound<Version> {
    let Some(major) = major else { return Bound::Unbounded };
    // The lowest pre-release that there is.
    let pre = Prerelease::new("0").unwrap_or(Prerelease::EMPTY);
    Bound::Excluded(Version { major, minor, patch, pre, build: BuildMetadata::EMPTY })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: Relation) {
        assert_eq!(relation(before, after), Some(expected), "{before} -> {after}");
        let opposite = match expected {
            Relation::Tighter => Relation::Looser,
            Relation::Looser => Relation::Tighter,
            other => other,
        };
        assert_eq!(relation(after, before), Some(opposite), "{after} -> {before}");
    }

    #[test]
    fn a_part_is_tighter() {
        for (wide, narrow) in [
            ("1", "=1.2.3"),
            ("1", "1.2"),
            ("1.2", "~1.2"),
            ("*", "0"),
            (">=1", "1"),
            (">1.2.3", ">1.2"),
            ("<2", "<=1.9"),
            ("0.0", "0.0.3"),
            ("1.*", "1.2.*"),
            (">=1, <3", "^2"),
            ("=1.2", "=1.2.3"),
            (">=1.2.3", ">1.2.3"),
            ("<=1.2.3", "<1.2.3"),
        ] {
            check(wide, narrow, Relation::Tighter);
        }
    }

    #[test]
    fn the_same_in_other_words() {
        for (one, other) in [("1.2.3", "^1.2.3"), ("1", "1.*"), ("~1.2", "1.2.*"), ("=1", "^1"), (">1", ">=2.0.0-0")] {
            check(one, other, Relation::Same);
        }
    }

    #[test]
    fn neither_of_both() {
        for (one, other) in [("=1.0.1", "=1.0.2"), ("1", "2"), ("0.1", "0.2"), ("<2", ">1"), ("~1.2", ">=1.2.5, <2")] {
            check(one, other, Relation::Other);
        }
        assert_eq!(relation("1", "latest"), None);
    }

    proptest::proptest! {
        /// What a tighter requirement admits, the looser one does too.
        #[test]
        fn what_is_tighter_admits_no_more(
            a in "(|=|~|>|>=|<|<=)[0-2](\\.[0-2](\\.[0-2])?)?", b in "(|=|~|>|>=|<|<=)[0-2](\\.[0-2](\\.[0-2])?)?"
        ) {
            let (one, other) = (VersionReq::parse(&a).expect("one"), VersionReq::parse(&b).expect("one"));
            let found = relation(&a, &b).expect("both are requirements");
            let all = (0..4).flat_map(|x| (0..4).flat_map(move |y| (0..4).map(move |z| Version::new(x, y, z))));
            let (mut only_one, mut only_other) = (false, false);
            for version in all {
                only_one |= one.matches(&version) && !other.matches(&version);
                only_other |= other.matches(&version) && !one.matches(&version);
            }
            match found {
                Relation::Same => proptest::prop_assert!(!only_one && !only_other),
                Relation::Tighter => proptest::prop_assert!(!only_other),
                Relation::Looser => proptest::prop_assert!(!only_one),
                // Two that admit nothing may be written apart.
                Relation::Other => {}
            }
        }
    }
}
