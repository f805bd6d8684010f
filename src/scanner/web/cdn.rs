//! What a URL loads: packages from the networks that deliver them, each with its own way to name a version.

use super::address::{Address, Version, is_expression};
use super::vendor;
use crate::scanner::dependency::Pin;

/// Something that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Load {
    /// The package; else host and path.
    pub(super) name: String,
    /// The version, where the URL has one.
    pub(super) version: Option<Version>,
    /// How tightly the URL holds it.
    pub(super) pin: Pin,
    /// Whether it is a package of a network that delivers them.
    pub(super) is_package: bool,
}

impl Load {
    fn package(name: String, version: Option<Version>, pin: Pin) -> Self {
        Self { name, version, pin, is_package: true }
    }
}

/// What a URL loads: one thing, but for lists.
pub(super) fn loads(address: &Address) -> Vec<Load> {
    let path = address.path();
    let packages = match address.host.as_str() {
        "cdn.jsdelivr.net"
        | "fastly.jsdelivr.net"
        | "gcore.jsdelivr.net"
        | "testingcf.jsdelivr.net"
        | "quantil.jsdelivr.net" => jsdelivr(&path),
        "unpkg.com" | "www.unpkg.com" | "esm.run" | "bundle.run" | "npm.elemecdn.com" => {
            npm(&path).into_iter().collect()
        }
        "esm.sh" | "cdn.esm.sh" => esm(&path).into_iter().collect(),
        "cdn.skypack.dev" => skypack(&path).into_iter().collect(),
        "ga.jspm.io" | "jspm.dev" => npm(&path).into_iter().collect(),
        "cdnjs.cloudflare.com" => library(&path, cdnjs).into_iter().collect(),
        "ajax.googleapis.com" => library(&path, hosted).into_iter().collect(),
        "cdn.tailwindcss.com" => tailwind(&path),
        "raw.githubusercontent.com" | "rawgit.com" | "cdn.rawgit.com" | "raw.githack.com" | "rawcdn.githack.com" => {
            raw(&path).into_iter().collect()
        }
        "cdn.statically.io" => path.strip_prefix(&["gh"]).and_then(raw).into_iter().collect(),
        _ => Vec::new(),
    };
    if packages.is_empty() { vec![vendor::load(address)] } else { packages }
}

/// `/npm/…`, `/gh/…`, and `/combine/` with a list of either.
fn jsdelivr(path: &[&str]) -> Vec<Load> {
    let one = |path: &[&str]| match path {
        ["npm", rest @ ..] => npm(rest),
        ["gh", rest @ ..] => github(rest),
        _ => None,
    };
    match path {
        ["combine", rest @ ..] => {
            let list = rest.join("/");
            list.split(',').filter_map(|item| one(&item.split('/').collect::<Vec<_>>())).collect()
        }
        path => one(path).into_iter().collect(),
    }
}

/// `[@scope/]name[@version]`, as npm has it.
fn npm(path: &[&str]) -> Option<Load> {
    let (scope, segment) = match path {
        [scope, segment, ..] if scope.starts_with('@') => (Some(scope), *segment),
        [segment, ..] => (None, *segment),
        [] => return None,
    };
    // jspm says which registry, and esm.sh has options behind the version.
    let start = segment.find(':').map_or(0, |at| at + 1);
    let end = segment.find('&').unwrap_or(segment.len()).max(start);
    let at = segment[start..end].find('@').map(|at| start + at);
    let name = &segment[start..at.unwrap_or(end)];
    if name.is_empty() {
        return None;
    }
    let name = scope.map_or_else(|| name.to_owned(), |scope| format!("{scope}/{name}"));
    let version = at.map(|at| at + 1..end).filter(|range| !range.is_empty());
    let pin = match &version {
        None if is_expression(segment) => Pin::Unknown,
        None => Pin::Latest,
        Some(range) => requirement(&segment[range.clone()]),
    };
    Some(Load::package(name, version.map(|range| Version::new(segment, range)), pin))
}

/// How tightly the version of a package holds: a range, a tag of the registry, or one release.
pub(super) fn requirement(version: &str) -> Pin {
    let bare = version.trim_start_matches(['v', '=']);
    match version {
        _ if is_expression(version) => Pin::Unknown,
        "*" | "x" | "X" => Pin::Latest,
        _ if semver::Version::parse(bare).is_ok() => Pin::Exact,
        _ if bare.starts_with(|c: char| c.is_ascii_digit() || "^~<>=".contains(c)) => Pin::Range,
        _ => Pin::Latest,
    }
}

/// `user/repository[@reference]`, from a network that keeps each release for good.
fn github(path: &[&str]) -> Option<Load> {
    let [user, segment, ..] = path else { return None };
    let (name, reference) = match segment.split_once('@') {
        Some((name, reference)) => (name, Some(reference).filter(|reference| !reference.is_empty())),
        None => (*segment, None),
    };
    let pin = reference.map_or(Pin::Latest, |reference| commit(reference).unwrap_or_else(|| requirement(reference)));
    let version = reference.map(|reference| Version::new(segment, segment.len() - reference.len()..segment.len()));
    Some(Load::package(format!("{user}/{name}"), version, pin))
}

/// `user/repository/reference/…`, as git has it: a tag can be moved.
fn raw(path: &[&str]) -> Option<Load> {
    let [user, repository, rest @ ..] = path else { return None };
    let rest = match rest {
        ["refs", "heads" | "tags", rest @ ..] => rest,
        rest => rest,
    };
    let reference = rest.first()?;
    let pin = commit(reference).unwrap_or_else(|| requirement(reference).min(Pin::Tag));
    let pin = if is_expression(reference) { Pin::Unknown } else { pin };
    let version = Version::new(reference, 0..reference.len());
    Some(Load::package(format!("{user}/{repository}"), Some(version), pin))
}

/// How tightly a commit id holds; none for what is no commit id.
fn commit(reference: &str) -> Option<Pin> {
    let is_hex = reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    match reference.len() {
        40 | 64 if is_hex => Some(Pin::Content),
        7..=39 if is_hex => Some(Pin::Tag),
        _ => None,
    }
}

/// A package, behind what esm.sh writes ahead of it: the version of its own build, an asterisk, another registry.
fn esm(path: &[&str]) -> Option<Load> {
    let is_build = |segment: &str| {
        let number = segment.strip_prefix('v').unwrap_or_default();
        segment == "stable" || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match path {
        [build, rest @ ..] if is_build(build) && !rest.is_empty() => esm(rest),
        ["gh", rest @ ..] => github(rest),
        ["jsr", rest @ ..] => npm(rest),
        [first, rest @ ..] if first.starts_with('*') => npm(&[&[&first[1..]], rest].concat()),
        path => npm(path),
    }
}

/// A package, or what is pinned: `/pin/name@v1.2.3-hash/…`, `/-/name@v1.2.3-hash/…`.
fn skypack(path: &[&str]) -> Option<Load> {
    match path {
        ["pin" | "-", rest @ ..] => npm(rest),
        path => npm(path),
    }
}

/// `/ajax/libs/name/version/…`.
fn library(path: &[&str], pin: fn(&str) -> Pin) -> Option<Load> {
    let ["ajax", "libs", name, version, _, ..] = path else { return None };
    let held = if is_expression(version) { Pin::Unknown } else { pin(version) };
    Some(Load::package((*name).to_owned(), Some(Version::new(version, 0..version.len())), held))
}

/// cdnjs has one directory for each release, whatever its number looks like (`4.7`, `r128`), and no other ones.
fn cdnjs(version: &str) -> Pin {
    if version == "latest" { Pin::Latest } else { Pin::Exact }
}

/// Google's libraries: `1` and `1.12` are the newest of their kind; three numbers, or a revision (`r84`), are one release.
fn hosted(version: &str) -> Pin {
    let is_revision = version.strip_prefix('r').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if is_revision || vendor::full(version).is_some() { Pin::Exact } else { requirement(version) }
}

/// Tailwind's script: the newest one, or the one of a version.
fn tailwind(path: &[&str]) -> Vec<Load> {
    let version = path.first().copied().filter(|first| first.starts_with(|c: char| c.is_ascii_digit()));
    let pin = version.map_or(Pin::Latest, requirement);
    vec![Load::package("tailwindcss".to_owned(), version.map(|one| Version::new(one, 0..one.len())), pin)]
}
