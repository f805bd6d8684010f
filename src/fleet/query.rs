//! What an incident is about: `serde@1.0.200`, a range, a bare name; behind a surface, what is no crate.

mod release;

use std::str::FromStr;

use pep440_rs::Version as PythonVersion;
use semver::{Comparator, Op, Prerelease, Version, VersionReq};
use version_ranges::Ranges;

use crate::scanner::cargo::versions::{Interval, admitted, has_compatible};
use crate::scanner::dependency::{Dependency, Origin, Surface};
use crate::scanner::image;
use crate::scanner::ranges;

pub use release::{Cover, flavour, is_commit, is_digest};

/// The kinds of things that a query can name.
const SURFACES: [Surface; 7] =
    [Surface::Crate, Surface::Npm, Surface::Python, Surface::Action, Surface::Image, Surface::Tool, Surface::Web];

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
    versions: Versions,
}

/// The versions that are asked for, by the order of their ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Versions {
    /// As Cargo and npm order them.
    Semver(Interval),
    /// As Python does.
    Python(Ranges<PythonVersion>),
    /// A name that is in no order: a branch, a commit id, a digest, a tag.
    Named,
}

impl Query {
    /// Reads a query: `NAME@VERSION`, `NAME@RANGE`, `NAME` or `NAME@*`, behind `npm:`, `python:`, `action:`, `image:`, `tool:`
    /// or `web:` for what is no crate.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (surface, rest) = match text.split_once(':') {
            Some((word, rest)) => {
                let known = SURFACES.into_iter().find(|surface| surface.name() == word);
                (known.ok_or_else(|| no_surface(text, word))?, rest)
            }
            None => (Surface::Crate, text),
        };
        let (name, wanted) = split(surface, rest.trim());
        let (name, wanted) = (name.trim(), wanted.map(str::trim));
        if !is_name(surface, name) {
            let (what, example) = example(surface);
            let beyond = match surface {
                Surface::Crate if name.contains('/') => format!("; or `action:{text}`, `npm:{text}` or `image:{text}`"),
                _ => String::new(),
            };
            return Err(format!("`{text}`: `{name}` is no name of {what}: write {example}{beyond}"));
        }
        let wanted = wanted.filter(|wanted| *wanted != "*");
        let versions = versions_of(surface, wanted).map_err(|why| format!("`{text}`: {why}"))?;
        let is_empty = match &versions {
            Versions::Semver(interval) => interval.is_empty(),
            Versions::Python(ranges) => ranges.is_empty(),
            Versions::Named => false,
        };
        if is_empty {
            return Err(format!("`{text}`: no version lies within these bounds"));
        }
        let (text, name, wanted) = (text.to_owned(), name.to_owned(), wanted.map(str::to_owned));
        Ok(Self { text, surface, name, wanted, versions })
    }

    /// Whether a declaration names what is asked for, as its ecosystem compares names. A tool that a script installs from crates,
    /// npm or Python's packages is one of those, and so is a script of a page from a network that delivers npm's.
    #[must_use]
    pub fn names(&self, dependency: &Dependency) -> bool {
        match (self.surface, dependency.surface) {
            (Surface::Crate, Surface::Crate | Surface::Git)
            | (Surface::Npm, Surface::Npm)
            | (Surface::Python, Surface::Python) => self.is_named(&dependency.package),
            (Surface::Crate | Surface::Npm | Surface::Python, Surface::Tool) => {
                dependency.ecosystem == Some(self.surface) && self.is_named(&dependency.package)
            }
            (Surface::Npm, Surface::Web) => {
                dependency.origin == Origin::Surface
                    && is_npm_s(&dependency.package)
                    && self.is_named(&dependency.package)
            }
            (asked, surface) => asked == surface && self.is_named(&dependency.package),
        }
    }

    /// Whether a package has the name. A registry lets no two names differ in case, `-` and `_` alone, and who is in a hurry
    /// takes one for the other.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let below = |whole: &str, part: &str| {
            whole.get(..part.len()).is_some_and(|start| start.eq_ignore_ascii_case(part))
                && matches!(whole.as_bytes().get(part.len()), None | Some(b'/'))
        };
        match self.surface {
            Surface::Npm => self.name.eq_ignore_ascii_case(name),
            // What is in a repository comes with it.
            Surface::Action => below(name, &self.name),
            Surface::Image => image::package(&self.name) == image::package(name),
            // A host has all that is on it, and on those below it.
            Surface::Web => {
                below(name, &self.name)
                    || self.name.contains('.')
                        && name.split('/').next().is_some_and(|host| {
                            let own = self.name.split('/').next().unwrap_or_default();
                            host.strip_suffix(own)
                                .is_some_and(|ahead| ahead.ends_with('.') && below(&name[ahead.len()..], &self.name))
                        })
            }
            _ => {
                let plain = |byte: u8| if matches!(byte, b'-' | b'.') { b'_' } else { byte.to_ascii_lowercase() };
                name.len() == self.name.len() && name.bytes().map(plain).eq(self.name.bytes().map(plain))
            }
        }
    }

    /// Whether a version is asked for.
    #[must_use]
    pub fn has(&self, version: &Version) -> bool {
        self.interval().is_some_and(|versions| versions.contains(version))
    }

    /// Whether a version is newer than all that are asked for.
    #[must_use]
    pub fn is_older_than(&self, version: &Version) -> bool {
        self.interval().is_some_and(|versions| versions.is_before(version))
    }

    /// Whether a requirement admits a version that is asked for, by cargo's rules.
    #[must_use]
    pub fn is_admitted(&self, requirement: &VersionReq) -> bool {
        self.interval().is_some_and(|versions| admitted(requirement, versions).is_some())
    }

    /// Whether a version that is asked for is compatible with a locked one, in cargo's sense.
    #[must_use]
    pub fn is_compatible(&self, locked: &Version) -> bool {
        self.interval().is_some_and(|versions| has_compatible(versions, locked))
    }

    /// Whether all that is asked for is compatible with a locked version: only one of them all can be in a lockfile.
    #[must_use]
    pub fn is_all_compatible(&self, locked: &Version) -> bool {
        self.interval().is_some_and(|versions| versions.is_within(&Interval::compatible(locked)))
    }

    /// The versions that are asked for, where they are ordered as Cargo's are.
    fn interval(&self) -> Option<&Interval> {
        match &self.versions {
            Versions::Semver(interval) => Some(interval),
            _ => None,
        }
    }

    /// The versions that are asked for, where they are Python's.
    #[must_use]
    pub fn python(&self) -> Option<&Ranges<PythonVersion>> {
        match &self.versions {
            Versions::Python(ranges) => Some(ranges),
            _ => None,
        }
    }

    /// Whether a pre-release alone is asked for.
    #[must_use]
    pub fn is_pre_release(&self) -> bool {
        self.wanted.as_deref().is_some_and(|wanted| {
            PythonVersion::from_str(wanted.trim_start_matches('=')).is_ok_and(|version| version.any_prerelease())
        })
    }
}

/// The name and the version of a query. A name of npm's may begin with `@`, and a reference of git's may contain one.
fn split(surface: Surface, text: &str) -> (&str, Option<&str>) {
    let from = usize::from(text.starts_with('@') && surface == Surface::Npm);
    let at = match surface {
        Surface::Web | Surface::Tool => text.rfind('@').filter(|at| *at > 0),
        _ => text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at),
    };
    match at {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        // `node:20` is how everyone else writes it.
        None if surface == Surface::Image => {
            let slash = text.rfind('/').map_or(0, |at| at + 1);
            match text[slash..].find(':') {
                Some(colon) => (&text[..slash + colon], Some(&text[slash + colon + 1..])),
                None => (text, None),
            }
        }
        None => (text, None),
    }
}

fn is_name(surface: Surface, name: &str) -> bool {
    let more: &[char] = match surface {
        Surface::Crate => &['-', '_'],
        Surface::Python => &['-', '_', '.'],
        Surface::Action => &['-', '_', '.', '/'],
        Surface::Image => &['-', '_', '.', '/', ':'],
        _ => &['-', '_', '.', '/', ':', '@', '~', '+', '!', '%'],
    };
    let is_whole = surface != Surface::Action || name.split('/').filter(|part| !part.is_empty()).count() >= 2;
    !name.is_empty() && is_whole && name.chars().all(|c| c.is_alphanumeric() || more.contains(&c))
}

/// What a surface has, and how it is asked for.
fn example(surface: Surface) -> (&'static str, &'static str) {
    match surface {
        Surface::Npm => ("a package of npm's", "npm:NAME@VERSION, as in npm:left-pad@1.3.0"),
        Surface::Python => ("a Python package", "python:NAME@VERSION, as in python:requests@2.31.0"),
        Surface::Action => ("an action", "action:OWNER/REPOSITORY@REFERENCE, as in action:actions/checkout@v4"),
        Surface::Image => ("an image", "image:NAME@TAG, as in image:node@20.1.0"),
        Surface::Tool => ("a tool", "tool:NAME@VERSION, as in tool:ripgrep@14.1.0"),
        Surface::Web => ("what a page loads", "web:NAME@VERSION, as in web:vue@3"),
        _ => ("a crate", "NAME@VERSION, as in serde@1.0.200"),
    }
}

fn no_surface(text: &str, word: &str) -> String {
    let known: Vec<&str> = SURFACES.iter().map(|surface| surface.name()).collect();
    let meant = match word {
        "pip" | "pypi" => "`python`".to_owned(),
        "cargo" | "crates" => "`crate`".to_owned(),
        "docker" => "`image`".to_owned(),
        _ => known
            .iter()
            .find(|name| word.strip_suffix('s') == Some(**name))
            .map_or_else(String::new, |name| format!("`{name}`")),
    };
    let meant = if meant.is_empty() { meant } else { format!(", did you mean {meant}?") };
    format!("`{text}`: `{word}` is no kind of thing to ask for{meant}; there is {}", known.join(", "))
}

/// Whether a name is one of npm's: with a `/` only behind a scope.
fn is_npm_s(name: &str) -> bool {
    name.starts_with('@') || !name.contains('/')
}

fn versions_of(surface: Surface, wanted: Option<&str>) -> Result<Versions, String> {
    match (surface, wanted) {
        (Surface::Python, None) => Ok(Versions::Python(Ranges::full())),
        (Surface::Python, Some(wanted)) => python(wanted).map(Versions::Python),
        (_, None) => Ok(Versions::Semver(Interval::all())),
        (Surface::Crate, Some(wanted)) => versions(wanted).map(Versions::Semver),
        (Surface::Npm, Some(wanted)) => versions(&with_commas(wanted)).map(Versions::Semver),
        (_, Some("")) => Err("there is nothing behind the `@`".to_owned()),
        (Surface::Image, Some(wanted)) if !wanted.starts_with(['<', '>', '=', '^', '~']) => {
            // Of `20.1.0-alpine` what comes ahead of the flavour.
            let numbers = wanted.strip_suffix(flavour(wanted)).unwrap_or(wanted);
            Ok(release::interval(numbers).filter(|_| !is_digest(wanted)).map_or(Versions::Named, Versions::Semver))
        }
        (_, Some(wanted)) if is_commit(wanted) => Ok(Versions::Named),
        (_, Some(wanted)) => {
            let known = release::interval(wanted).or_else(|| versions(&with_commas(wanted)).ok());
            Ok(known.map_or(Versions::Named, Versions::Semver))
        }
    }
}

/// Comparators with commas between them, where npm has blanks: `>=1 <2`, `>= 1`.
fn with_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for word in text.split_whitespace() {
        let is_new = !out.is_empty() && !out.ends_with(['<', '>', '=', '^', '~', ',']);
        out.push_str(if is_new { ", " } else { "" });
        let bare = word.trim_start_matches(['<', '>', '=', '^', '~']);
        out.push_str(&word[..word.len() - bare.len()]);
        out.push_str(bare.strip_prefix('v').unwrap_or(bare));
    }
    out
}

/// The versions that a text names, in Python's order: `2.31` is every 2.31.x, and `==2.31` that release.
fn python(text: &str) -> Result<Ranges<PythonVersion>, String> {
    let is_partial = |text: &str| text.split('.').count() < 3 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let specifier = match PythonVersion::from_str(text) {
        Ok(_) if is_partial(text) => format!("=={text}.*"),
        Ok(version) => format!("=={version}"),
        Err(_) if text.is_empty() => return Err("there is nothing behind the `@`".to_owned()),
        Err(_) => text.to_owned(),
    };
    ranges::python(&specifier).ok_or_else(|| format!("`{text}` is neither a version nor a range"))
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

/// Every version that begins with these numbers.
fn partial_of(major: u64, minor: Option<u64>) -> Interval {
    let comparator = Comparator { op: Op::Exact, major, minor, patch: None, pre: Prerelease::EMPTY };
    Interval::of(&VersionReq { comparators: vec![comparator] })
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
        refused("npm:left-pad@banana", "neither a version nor a range");
        refused("python:requests@banana", "neither a version nor a range");
        refused("action:checkout@v4", "no name of an action");
        refused("tj-actions/changed-files", "or `action:tj-actions/changed-files`");
        refused("actions:a/b", "did you mean `action`?");
        refused("pip:requests", "did you mean `python`?");
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
