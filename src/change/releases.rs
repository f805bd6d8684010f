//! What is known of the releases that a change brings in: when each was published, and whether it was withdrawn.
//!
//! What a release index says is given; here it is only kept, and asked for. What is not known is unknown, with why: it is
//! never "old enough" and never "not yanked".

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Changes, PackageKind};
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::workspace::Workspace;

/// What a release index knows of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// When it was published.
    pub released: Option<Timestamp>,
    /// Whether it was withdrawn, as far as the index had it when it was last asked.
    pub yanked: Option<bool>,
    /// Why something of it is not known, as a lowercase fragment.
    pub why: Option<String>,
}

impl Release {
    /// One of which nothing is known, and why.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { released: None, yanked: None, why: Some(why.into()) }
    }

    /// How long it had been public at a moment; negative for one that is of the future.
    #[must_use]
    pub fn age(&self, moment: Timestamp) -> Option<SignedDuration> {
        Some(moment.duration_since(self.released?))
    }
}

/// A release: its name, its version, and its source as cargo tells sources apart.
type Key = (String, String, String);

/// What is known of releases, and the moment that their age is counted to.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    /// The moment that ages are counted to.
    pub moment: Timestamp,
    known: HashMap<Key, Release>,
}

impl Releases {
    /// Nothing known yet, at a moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self { moment, known: HashMap::new() }
    }

    /// Takes what is known of a package's release.
    pub fn insert(&mut self, package: &LockedPackage, release: Release) {
        if let Some((name, version, source)) = key(package) {
            self.known.insert((name.to_owned(), version.to_owned(), source.to_owned()), release);
        }
    }

    /// What is known of the release of a package.
    #[must_use]
    pub fn of(&self, package: &LockedPackage) -> Release {
        let own = |(name, version, source): (&str, &str, &str)| {
            self.known.get(&(name.to_owned(), version.to_owned(), source.to_owned())).cloned()
        };
        key(package).and_then(own).unwrap_or_else(|| Release::unknown("no index was asked"))
    }
}

/// The release of a package that a registry has; what git holds is no release, and has no age.
fn key(package: &LockedPackage) -> Option<(&str, &str, &str)> {
    let source = package.source.as_ref().filter(|source| !source.is_git())?;
    Some((&package.name, &package.version, source.identity()))
}

/// The packages from registries whose releases no lockfile of any base has, each with the workspace that locks it. Without a
/// base nothing is new.
#[must_use]
pub fn arrivals<'a>(bases: &'a [Scan], scan: &'a Scan) -> Vec<(&'a Workspace, &'a LockedPackage)> {
    if bases.is_empty() {
        return Vec::new();
    }
    let known: HashSet<(&str, &str, &str)> =
        bases.iter().flat_map(locked).filter_map(|(_, package)| key(package)).collect();
    locked(scan).filter(|(_, package)| key(package).is_some_and(|release| !known.contains(&release))).collect()
}

/// The packages of all lockfiles of a scan, each with its workspace.
pub(super) fn locked(scan: &Scan) -> impl Iterator<Item = (&Workspace, &LockedPackage)> {
    let locks = scan.workspaces.iter().filter_map(|workspace| Some((workspace, workspace.lock.as_ref()?)));
    locks.flat_map(|(workspace, lock)| lock.packages.iter().map(move |package| (workspace, package)))
}

impl<'a> Changes<'a> {
    /// The packages that are brought in from registries.
    #[must_use]
    pub fn brought(&self) -> Vec<&'a LockedPackage> {
        let changes = self.workspaces.iter().flat_map(|workspace| &workspace.packages);
        let come = changes.filter(|change| change.kind != PackageKind::Removed).filter_map(|change| change.after);
        come.filter(|package| key(package).is_some()).collect()
    }

    /// Takes what is known of their releases.
    pub fn know(&mut self, releases: &Releases) {
        for change in self.workspaces.iter_mut().flat_map(|workspace| &mut workspace.packages) {
            let come = change.after.filter(|package| key(package).is_some());
            change.release = come.filter(|_| change.kind != PackageKind::Removed).map(|package| releases.of(package));
        }
    }
}
