//! What an incident is about: `serde@1.0.200`, a range, a bare name; later also what is no crate.

use semver::{Comparator, Op, Prerelease, Version, VersionReq};

use crate::scanner::cargo::versions::{Interval, admitted, has_compatible};
use crate::scanner::dependency::Surface;

/// The kinds of things that a query can name and that nothing here reads yet.
const UNREAD: [&str; 6] = ["npm", "python", "action", "image", "tool", "web"];

/// A package, and the versions of it that are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// As the user typed it.
    pub text: String,
    /// The kind of thing that is named.
    pub surface: Surface,
    /// Its name.
    pub name: String,
    /// The versions, as a person would write them behind the name; none for any version.
    pub wanted: Option<String>,
    versions: Interval,
}

impl Query {
    /// Reads a query: `NAME@VERSION`, `NAME@RANGE`, `NAME` or `NAME@*`, each also behind `crate:`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rest = match text.split_once(':') {
            Some(("crate", rest)) => rest,
            Some((surface, _)) if UNREAD.contains(&surface) => {
                return Err(format!(
                    "`{text}`: what is declared of `{surface}` is not read yet, so nothing can be said of it: only crates are"
                ));
            }
            Some((surface, _)) => {
                return Err(format!(
                    "`{text}`: `{surface}` is no kind of thing to ask for: there is `crate`, and later {}",
                    UNREAD.join(", ")
                ));
            }
            None => text,
        };
        let (name, wanted) = rest.split_once('@').map_or((rest, None), |(name, wanted)| (name, Some(wanted.trim())));
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
            return Err(format!("`{text}`: `{name}` is no name of a crate: write NAME@VERSION, as in serde@1.0.200"));
        }
        let versions = match wanted {
            None | Some("*") => Interval::all(),
            Some(wanted) => versions(wanted).map_err(|why| format!("`{text}`: {why}"))?,
        };
        if versions.is_empty() {
            return Err(format!("`{text}`: no version lies within these bounds"));
        }
        Ok(Self {
            text: text.to_owned(),
            surface: Surface::Crate,
            name: name.to_owned(),
            wanted: wanted.filter(|wanted| *wanted != "*").map(str::to_owned),
            versions,
        })
    }

    /// Whether a package has the name. A registry lets no two names differ in case, `-` and `_` alone, and who is in a hurry
    /// takes one for the other.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let plain = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
        name.len() == self.name.len() && name.bytes().map(plain).eq(self.name.bytes().map(plain))
    }

    /// Whether a version is asked for.
    #[must_use]
    pub fn has(&self, version: &Version) -> bool {
        self.versions.contains(version)
    }

    /// Whether a version is newer than all that are asked for.
    #[must_use]
    pub fn is_older_than(&self, version: &Version) -> bool {
        self.versions.is_before(version)
    }

    /// Whether a requirement admits a version that is asked for, by cargo's rules.
    #[must_use]
    pub fn is_admitted(&self, requirement: &VersionReq) -> bool {
        admitted(requirement, &self.versions).is_some()
    }

    /// Whether a version that is asked for is compatible with a locked one, in cargo's sense.
    #[must_use]
    pub fn is_compatible(&self, locked: &Version) -> bool {
        has_compatible(&self.versions, locked)
    }

    /// Whether all that is asked for is compatible with a locked version: only one of them all can be in a lockfile.
    #[must_use]
    pub fn is_all_compatible(&self, locked: &Version) -> bool {
        self.versions.is_within(&Interval::compatible(locked))
    }
}

/// The versions that a text names. Unlike a requirement, `1.2` is every 1.2.x, as in a package id of cargo's, and a range has
/// the pre-releases between its bounds.
fn versions(text: &str) -> Result<Interval, String> {
    if let Ok(version) = Version::parse(text) {
        return Ok(Interval::one(&version));
    }
    if let Some(comparator) = partial(text) {
        return Ok(Interval::of(&VersionReq { comparators: vec![comparator] }));
    }
    let requirement = VersionReq::parse(text);
    let requirement = requirement.map_err(|error| format!("`{text}` is neither a version nor a range: {error}"))?;
    Ok(Interval::of(&requirement))
}

/// `1` or `1.2`.
fn partial(text: &str) -> Option<Comparator> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    let (major, minor) = (numbers.next()??, numbers.next());
    let minor = minor.map_or(Some(None), |minor| minor.map(Some))?;
    numbers.next().is_none().then_some(Comparator { op: Op::Exact, major, minor, patch: None, pre: Prerelease::EMPTY })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, has: &[&str], has_not: &[&str]) {
        let query = Query::parse(query).expect("a query");
        let has_version = |text: &&&str| query.has(&Version::parse(text).expect("a version"));
        assert_eq!(has.iter().filter(|text| !has_version(text)).collect::<Vec<_>>(), [&""; 0]);
        assert_eq!(has_not.iter().filter(has_version).collect::<Vec<_>>(), [&""; 0]);
    }

    #[test]
    fn a_query_names_versions() {
        check("serde@1.0.200", &["1.0.200", "1.0.200+build"], &["1.0.201", "1.0.200-rc.1"]);
        check("crate:serde@1.0.200-rc.1", &["1.0.200-rc.1"], &["1.0.200", "1.0.200-rc.2"]);
        check("foo@>=2.1, <2.1.4", &["2.1.0", "2.1.3", "2.1.2-rc.1", "2.1.4-rc.1"], &["2.0.9", "2.1.4"]);
        check("foo@1.2", &["1.2.0", "1.2.9"], &["1.3.0", "1.1.9"]);
        check("foo@1", &["1.0.0", "1.9.0"], &["2.0.0", "0.9.0"]);
        check("foo@=1.2.3", &["1.2.3"], &["1.2.4"]);
        check("foo@^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0"]);
        for any in ["foo", "foo@*", "crate:foo"] {
            check(any, &["0.0.0", "1.0.0-a", "99.0.0"], &[]);
        }
    }

    #[track_caller]
    fn refused(query: &str, says: &str) {
        let error = Query::parse(query).expect_err("no query");
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        refused("npm:left-pad@1.3.0", "not read yet");
        refused("action:actions/checkout@v4", "not read yet");
        refused("gem:rails@7", "no kind of thing");
        refused("", "no name");
        refused("@1.0.0", "no name");
        refused("serde@", "neither a version nor a range");
        refused("serde@v1.0.200", "neither a version nor a range");
        refused("serde@>2, <1", "no version lies");
    }

    #[test]
    fn names_are_one_whatever_joins_their_words() {
        let query = Query::parse("serde-json").expect("a query");
        assert!(query.is_named("serde_json") && query.is_named("Serde-JSON") && !query.is_named("serde_jso"));
    }
}
