//! Sets of versions, and what a requirement admits of one: exactly, and not by trying versions out.
//!
//! Every version has a next one in semver's order: behind `1.2.3` comes `1.2.4-0`, and behind `1.2.4-a` comes `1.2.4-a.0`. So a
//! set without gaps is a first version that is in it, and a first one behind it that is not; build metadata counts for
//! nothing. A requirement of cargo's is such a set but for pre-releases, of which it admits only those of a `major.minor.patch`
//! that one of its comparators names a pre-release of (`semver`'s `eval.rs`).

use std::cmp::Ordering;

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

/// Versions without a gap in semver's order, pre-releases included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The first one.
    from: Version,
    /// The first one behind it; none where there is no end.
    to: Option<Version>,
}

impl Interval {
    /// Every version.
    #[must_use]
    pub fn all() -> Self {
        Self { from: first(0, 0, 0), to: None }
    }

    /// One version, whatever its build metadata.
    #[must_use]
    pub fn one(version: &Version) -> Self {
        let version = Version { build: BuildMetadata::EMPTY, ..version.clone() };
        Self { to: next(&version), from: version }
    }

    /// What lies between the bounds of a requirement, pre-releases included.
    #[must_use]
    pub fn of(requirement: &VersionReq) -> Self {
        requirement.comparators.iter().fold(Self::all(), |all, comparator| all.meet(&bounds(comparator)))
    }

    /// What cargo takes as compatible with a version: no two of these are in one lockfile from one source.
    #[must_use]
    pub fn compatible(version: &Version) -> Self {
        let &Version { major, minor, patch, .. } = version;
        match (major, minor) {
            (0, 0) => Self { from: first(0, 0, patch), to: behind(0, 0, patch) },
            (0, _) => Self { from: first(0, minor, 0), to: behind_minor(0, minor) },
            _ => Self { from: first(major, 0, 0), to: behind_major(major) },
        }
    }

    fn none() -> Self {
        Self { from: first(0, 0, 0), to: Some(first(0, 0, 0)) }
    }

    /// Whether a version is in it.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        self.from.cmp_precedence(version) != Ordering::Greater && !self.is_before(version)
    }

    /// Whether a version is behind all that is in it.
    #[must_use]
    pub fn is_before(&self, version: &Version) -> bool {
        self.to.as_ref().is_some_and(|to| to.cmp_precedence(version) != Ordering::Greater)
    }

    /// Whether no version is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to.as_ref().is_some_and(|to| *to <= self.from)
    }

    /// What is in both.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let from = (&self.from).max(&other.from).clone();
        let to = match (&self.to, &other.to) {
            (Some(a), Some(b)) => Some(a.min(b).clone()),
            (to, None) | (None, to) => to.clone(),
        };
        Self { from, to }
    }

    /// Whether all of it is in another.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.is_empty() || self.meet(other) == *self
    }

    /// The first version in it that is no pre-release.
    #[must_use]
    pub fn release(&self) -> Option<Version> {
        // Without its pre-release a version is the next release, and one that is none stays itself.
        let release = Version { pre: Prerelease::EMPTY, ..self.from.clone() };
        self.contains(&release).then_some(release)
    }

    /// The first version in it that is a pre-release of the same release as `version`.
    #[must_use]
    pub fn pre_release(&self, version: &Version) -> Option<Version> {
        let found = self.meet(&pre_releases(version));
        (!found.is_empty()).then_some(found.from)
    }
}

/// A version of the set that a requirement admits, by cargo's rules; none where it admits none of them.
#[must_use]
pub fn admitted(requirement: &VersionReq, of: &Interval) -> Option<Version> {
    let release = Interval::of(requirement).meet(of).release();
    release.or_else(|| {
        let named = requirement.comparators.iter().filter_map(pre_release);
        named.filter_map(|version| pre_release_admitted(requirement, &version, of)).next()
    })
}

/// Whether any of `versions` is compatible with a locked one. Pre-releases count only where the one or the other names one of the
/// same release: else the `2.0.0-rc.1` below `<2.0.0` would be what everybody with a 2.1.0 may get.
#[must_use]
pub fn has_compatible(versions: &Interval, locked: &Version) -> bool {
    let both = versions.meet(&Interval::compatible(locked));
    let is_named = |version: &Version| !version.pre.is_empty() && both.pre_release(version).is_some();
    // A bound that stands for all pre-releases of a release begins with the first of them, and names none.
    let bound = Some(&versions.from).filter(|from| from.pre.as_str() != "0");
    both.release().is_some() || is_named(locked) || bound.is_some_and(is_named)
}

/// A pre-release of the release of `version` that is in a set and that a requirement admits which names another of them.
fn pre_release_admitted(requirement: &VersionReq, version: &Version, of: &Interval) -> Option<Version> {
    let mut found = of.meet(&pre_releases(version));
    for comparator in &requirement.comparators {
        if comparator.patch.is_some() {
            found = found.meet(&bounds(comparator));
        } else if !admits_pre_releases(comparator, version) {
            return None;
        }
    }
    (!found.is_empty()).then_some(found.from)
}

/// Whether a comparator without a patch lets the pre-releases of a release pass, where another one names one of them: it lets
/// all of them pass or none, and `semver` itself says which.
fn admits_pre_releases(comparator: &Comparator, version: &Version) -> bool {
    let &Version { major, minor, patch, .. } = version;
    let sample = first(major, minor, patch);
    let naming = Comparator { op: Op::Exact, major, minor: Some(minor), patch: Some(patch), pre: sample.pre.clone() };
    VersionReq { comparators: vec![comparator.clone(), naming] }.matches(&sample)
}

/// The pre-release that a comparator names.
fn pre_release(comparator: &Comparator) -> Option<Version> {
    let (minor, patch) = (comparator.minor?, comparator.patch?);
    let version = Version { pre: comparator.pre.clone(), ..Version::new(comparator.major, minor, patch) };
    (!version.pre.is_empty()).then_some(version)
}

/// All pre-releases of the release of a version.
fn pre_releases(version: &Version) -> Interval {
    let &Version { major, minor, patch, .. } = version;
    Interval { from: first(major, minor, patch), to: Some(Version::new(major, minor, patch)) }
}

/// What a comparator admits, pre-releases apart: of them it is what lies between its bounds.
fn bounds(comparator: &Comparator) -> Interval {
    let major = comparator.major;
    let (minor, patch) = (comparator.minor, comparator.patch);
    // The versions that it names: one, or all that begin alike.
    let (from, to) = match (minor, patch) {
        (Some(minor), Some(patch)) => {
            let version = Version { pre: comparator.pre.clone(), ..Version::new(major, minor, patch) };
            (version.clone(), next(&version))
        }
        (Some(minor), None) => (first(major, minor, 0), behind_minor(major, minor)),
        (None, _) => (first(major, 0, 0), behind_major(major)),
    };
    let below = |to: Version| Interval { from: first(0, 0, 0), to: Some(to) };
    match comparator.op {
        Op::Greater => to.map_or_else(Interval::none, |from| Interval { from, to: None }),
        Op::GreaterEq => Interval { from, to: None },
        Op::Less => below(from),
        Op::LessEq => to.map_or_else(Interval::all, below),
        Op::Tilde => {
            Interval { from, to: minor.map_or_else(|| behind_major(major), |minor| behind_minor(major, minor)) }
        }
        Op::Caret => {
            let to = match (major, minor, patch) {
                (0, Some(0), Some(patch)) => behind(0, 0, patch),
                (0, Some(minor), _) => behind_minor(0, minor),
                _ => behind_major(major),
            };
            Interval { from, to }
        }
        // An operator that is not there yet is read like the narrowest.
        _ => Interval { from, to },
    }
}

/// The first pre-release of a release.
fn first(major: u64, minor: u64, patch: u64) -> Version {
    Version { pre: Prerelease::new("0").unwrap_or_default(), ..Version::new(major, minor, patch) }
}

/// The version right behind another; none behind the last.
fn next(version: &Version) -> Option<Version> {
    if version.pre.is_empty() {
        return behind(version.major, version.minor, version.patch);
    }
    let pre = Prerelease::new(&format!("{}.0", version.pre)).unwrap_or_default();
    Some(Version { pre, ..Version::new(version.major, version.minor, version.patch) })
}

/// The first version behind a release.
fn behind(major: u64, minor: u64, patch: u64) -> Option<Version> {
    patch.checked_add(1).map(|patch| first(major, minor, patch)).or_else(|| behind_minor(major, minor))
}

/// The first version behind all of a minor version.
fn behind_minor(major: u64, minor: u64) -> Option<Version> {
    minor.checked_add(1).map(|minor| first(major, minor, 0)).or_else(|| behind_major(major))
}

/// The first version behind all of a major version.
fn behind_major(major: u64) -> Option<Version> {
    major.checked_add(1).map(|major| first(major, 0, 0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn requirement(text: &str) -> VersionReq {
        VersionReq::parse(text).expect("a requirement")
    }

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    /// Whether a requirement admits any of the versions that another one names.
    #[track_caller]
    fn check(declared: &str, queried: &str, expected: bool) {
        let queried = Interval::of(&requirement(queried));
        let found = admitted(&requirement(declared), &queried);
        assert_eq!(found.is_some(), expected, "{declared} and {queried:?}: {found:?}");
        if let Some(found) = found {
            assert!(requirement(declared).matches(&found) && queried.contains(&found), "{found}");
        }
    }

    #[test]
    fn what_is_compatible_ends_where_the_first_part_that_is_not_0_goes_up() {
        for (one, within, without) in [
            ("1.2.3", ["1.0.0", "1.99.0"], ["0.99.0", "2.0.0"]),
            ("0.2.5", ["0.2.0", "0.2.99"], ["0.1.99", "0.3.0"]),
            ("0.0.3", ["0.0.3", "0.0.3"], ["0.0.2", "0.0.4"]),
        ] {
            let range = Interval::compatible(&version(one));
            assert!(within.iter().all(|text| range.contains(&version(text))), "{one}: {range:?}");
            assert!(!without.iter().any(|text| range.contains(&version(text))), "{one}: {range:?}");
        }
    }

    #[test]
    fn build_metadata_makes_no_other_version() {
        assert_eq!(Interval::one(&version("1.0.0+a")), Interval::one(&version("1.0.0")));
    }

    #[test]
    fn ranges_meet_to_the_last_version() {
        check("1.2", ">=2.1, <2.1.4", false);
        check("2", ">=2.1, <2.1.4", true);
        check("=2.1.3", ">=2.1, <2.1.4", true);
        check("=2.1.4", ">=2.1, <2.1.4", false);
        check(">2.1.3", ">=2.1, <2.1.4", false);
        check("~2.1.3", ">=2.1, <2.1.4", true);
        check("0.0.3", "<0.0.3", false);
        check("0.0.3", "<=0.0.3", true);
        check(">1.2", "=1.2", false);
        check(">=1.2, <1.2", "*", false);
        check("*", "<1", true);
        check(">18446744073709551615.18446744073709551615.18446744073709551615", "*", false);
        check(">=18446744073709551615.18446744073709551615.18446744073709551615", "*", true);
    }

    #[test]
    fn a_pre_release_is_admitted_only_where_a_comparator_names_one_of_its_release() {
        check("1", "=1.2.0-rc.1", false);
        check("*", "=1.2.0-rc.1", false);
        check("1.2.0-rc.1", "=1.2.0-rc.1", true);
        check("1.2.0-beta", "=1.2.0-rc.1", true);
        check("1.2.0-rc.2", "=1.2.0-rc.1", false);
        check("1.2.0-beta", "=1.3.0-rc.1", false);
        check(">=1.2.0-a, <1.2.0", ">1.2.0-a, <1.2.0-a.0", false);
        check(">=1.2.0-a, <1.2.0", ">1.2.0-a, <1.2.0-a.1", true);
        // Cargo's rule for a bound without a patch: it lets no pre-release of its own minor version pass.
        check(">=1.2, <1.2.5-beta", "=1.2.5-alpha", false);
        check(">=1, <1.2.5-beta", "=1.2.5-alpha", false);
        check(">0, <1.2.5-beta", "=1.2.5-alpha", true);
    }

    #[track_caller]
    fn compatible(locked: &str, queried: &str, expected: bool) {
        assert_eq!(
            has_compatible(&Interval::of(&requirement(queried)), &version(locked)),
            expected,
            "{locked} {queried}"
        );
    }

    #[test]
    fn compatible_is_what_cargo_keeps_once() {
        compatible("1.0.100", "=1.0.200", true);
        compatible("0.8.5", "=1.0.0", false);
        // Of its own pre-releases none is what everybody with the release may get.
        compatible("2.0.0", "<2.0.0", false);
        compatible("0.8.5", "=0.8.6", true);
        compatible("0.0.3", "=0.0.4", false);
        compatible("0.0.3", "=0.0.3", true);
        compatible("2.1.9", ">=1.5, <2.1.4", true);
        // No release of the second major version is queried, and nobody speaks of its pre-releases.
        compatible("2.1.0", "<2.0.0", false);
        compatible("2.0.0-beta", "<2.0.0", true);
        compatible("2.1.0", "=2.2.0-rc.1", true);
    }

    #[test]
    fn build_metadata_counts_for_nothing() {
        let one = Interval::one(&version("1.0.0+a"));
        assert!(one.contains(&version("1.0.0")) && one.contains(&version("1.0.0+b")));
        assert!(!one.contains(&version("1.0.1-0")) && one.is_before(&version("1.0.1-0")));
    }

    const VERSION: &str = "[0-2]\\.[0-2]\\.[0-2](-(0|1|a|a\\.0|a\\.1|b))?";
    const COMPARATOR: &str = "(=|>|>=|<|<=|~|\\^)[0-2](\\.[0-2](\\.[0-2](-(0|1|a|a\\.0|b))?)?)?";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// For one version we are `semver`; for a set, what we find is in both, and where a version is in both we find one.
        #[test]
        fn what_is_admitted_is_what_semver_admits(
            ours in prop::collection::vec(COMPARATOR, 1..4),
            theirs in prop::collection::vec(COMPARATOR, 1..3),
            sample in VERSION,
        ) {
            let (declared, queried) = (requirement(&ours.join(", ")), requirement(&theirs.join(", ")));
            let (sample, queried) = (version(&sample), Interval::of(&queried));
            let one = admitted(&declared, &Interval::one(&sample));
            prop_assert_eq!(one.is_some(), declared.matches(&sample));
            match admitted(&declared, &queried) {
                Some(found) => prop_assert!(declared.matches(&found) && queried.contains(&found), "{}", found),
                None => prop_assert!(!(declared.matches(&sample) && queried.contains(&sample))),
            }
        }

        /// The next version is the next one: none is between.
        #[test]
        fn nothing_is_between_a_version_and_the_next(a in VERSION, b in VERSION) {
            let (a, b) = (version(&a), version(&b));
            let next = next(&a).expect("it is not the last");
            prop_assert!(a < next && (b <= a || b >= next));
        }
    }
}
