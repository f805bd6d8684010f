//! Releases whose checksum is not what it was.
//!
//! A registry does not replace a release. So what counts is every lockfile of the old side, not the one in the same place.

use std::collections::{HashMap, HashSet};

use super::releases::locked;
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::workspace::Workspace;

/// A release with another checksum than it had, or with none.
#[derive(Debug)]
pub struct Replaced<'a> {
    /// The workspace in whose lockfile it is.
    pub workspace: &'a Workspace,
    /// The package as it is locked now.
    pub package: &'a LockedPackage,
    /// The checksums that it had, sorted.
    pub before: Vec<&'a str>,
}

/// A release: name, version and source, as cargo tells sources apart: another spelling of a registry is the same one.
type Release<'a> = (&'a str, &'a str, &'a str);

/// The packages of a scan that no base knows with the checksum that they have, though one has the release.
#[must_use]
pub fn replaced<'a>(bases: impl IntoIterator<Item = &'a Scan>, scan: &'a Scan) -> Vec<Replaced<'a>> {
    let mut before: HashMap<Release<'a>, HashSet<Option<&'a str>>> = HashMap::new();
    for (_, package) in bases.into_iter().flat_map(locked) {
        if let Some(release) = release(package) {
            before.entry(release).or_default().insert(package.checksum.as_deref());
        }
    }
    if before.is_empty() {
        return Vec::new();
    }
    let changed = |(workspace, package): (&'a Workspace, &'a LockedPackage)| {
        let known = before.get(&release(package)?)?;
        let mut sums: Vec<&str> = known.iter().copied().flatten().collect();
        sums.sort_unstable();
        let is_other = !known.contains(&package.checksum.as_deref()) && !sums.is_empty();
        is_other.then_some(Replaced { workspace, package, before: sums })
    };
    locked(scan).filter_map(changed).collect()
}

/// The release of a package that a registry has; what git holds has a commit instead of a checksum.
fn release(package: &LockedPackage) -> Option<Release<'_>> {
    let source = package.source.as_ref().filter(|source| !source.is_git())?;
    Some((&package.name, &package.version, source.identity()))
}
