//! What a version requirement admits, by cargo's own definition of "exact".
//!
//! Cargo calls a requirement exact if it has exactly one comparator, whose operator is `=` and which names minor and patch
//! (`OptVersionReq::is_exact` in cargo's sources). The parser is the one that cargo uses, `semver`.

use semver::{Op, Version, VersionReq};

use crate::scanner::dependency::Pin;

/// A version requirement, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// Cargo reads it as this.
    Valid(VersionReq),
    /// Cargo refuses it, for this reason.
    Invalid(String),
}

impl Requirement {
    /// Reads a requirement as cargo does.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match VersionReq::parse(text) {
            Ok(requirement) => Self::Valid(requirement),
            Err(error) => Self::Invalid(error.to_string()),
        }
    }

    /// How tightly it holds; what cargo refuses holds nothing.
    #[must_use]
    pub fn pin(&self) -> Pin {
        match self {
            Self::Invalid(_) => Pin::Latest,
            Self::Valid(requirement) => match requirement.comparators.as_slice() {
                [] => Pin::Latest,
                [only] if only.op == Op::Exact && only.minor.is_some() && only.patch.is_some() => Pin::Exact,
                _ => Pin::Range,
            },
        }
    }

    /// Whether it admits `version`; what cargo refuses admits none.
    #[must_use]
    pub fn admits(&self, version: &Version) -> bool {
        match self {
            Self::Valid(requirement) => requirement.matches(version),
            Self::Invalid(_) => false,
        }
    }
}

/// What two versions have in common if cargo takes them as compatible.
#[must_use]
pub fn range(version: &Version) -> (u64, u64, u64) {
    match (version.major, version.minor, version.patch) {
        (0, 0, patch) => (0, 0, patch),
        (0, minor, _) => (0, minor, 0),
        (major, ..) => (major, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(requirement: &str, expected: Pin) {
        let requirement = Requirement::parse(requirement);
        assert!(matches!(requirement, Requirement::Valid(_)), "cargo reads it");
        assert_eq!(requirement.pin(), expected);
    }

    #[test]
    fn exact_is_one_full_comparator() {
        for exact in ["=1.2.3", "= 1.2.3", "=1.2.3 ", " =1.2.3", "=1.2.3-rc.1", "=1.2.3+build", "=0.0.0"] {
            check(exact, Pin::Exact);
        }
    }

    #[test]
    fn everything_else_floats() {
        for range in ["1", "1.2", "1.2.3", "^1.2.3", "~1.2.3", "0.0.3", "=1.2", "=1", "=1.2.*", "=1.x"] {
            check(range, Pin::Range);
        }
        for range in [">=1.2.3, <1.2.4", ">=1.2.3, <=1.2.3", "=1.2.3, =1.2.3", "1.*", ">1", "<=2"] {
            check(range, Pin::Range);
        }
        check("*", Pin::Latest);
        check("x", Pin::Latest);
    }

    #[test]
    fn what_cargo_refuses_holds_nothing() {
        for invalid in
            ["==1.2.3", "=v1.2.3", "=01.2.3", "", "=1.2.3,", "\t=1.2.3", "\u{a0}=1.2.3", "=1.2.3\n", "latest"]
        {
            let requirement = Requirement::parse(invalid);
            assert!(matches!(requirement, Requirement::Invalid(_)), "{invalid:?}");
            assert_eq!(requirement.pin(), Pin::Latest, "{invalid:?}");
        }
    }

    proptest::proptest! {
        /// A requirement is exact for us if and only if cargo's definition says so of what `semver` reads.
        #[test]
        fn exactness_is_cargos(text in "[=^~<>*xX ,.0-9a-c+-]{0,12}|=[ ]?[0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9]{1,2})?(-[a-z0-9.]{1,4})?") {
            let ours = Requirement::parse(&text).pin() == Pin::Exact;
            let cargos = VersionReq::parse(&text).is_ok_and(|requirement| {
                requirement.comparators.len() == 1
                    && requirement.comparators.iter().all(|cmp| {
                        matches!((cmp.op, cmp.minor, cmp.patch), (Op::Exact, Some(_), Some(_)))
                    })
            });
            proptest::prop_assert_eq!(ours, cargos);
            if ours {
                // An exact requirement starts with `=` and admits exactly the version that it spells.
                let spelled = text.trim_matches(' ').trim_start_matches('=').trim_matches(' ');
                let version = Version::parse(spelled).expect("an exact requirement spells a version");
                proptest::prop_assert!(Requirement::parse(&text).admits(&version));
            }
        }
    }
}
