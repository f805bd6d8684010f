//! Releases whose checksum is not what it was.
//!
//! A registry does not replace a release. So what counts is every lockfile of the old side, not the one in the same place.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::{LockedPackage, Lockfile};
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
    let bases: Vec<&Scan> = bases.into_iter().collect();
    let asked = asked(&bases, scan);
    if asked.is_empty() {
        return Vec::new();
    }
    let names: HashSet<&str> = asked.iter().map(|(_, package)| package.name.as_str()).collect();
    let mut before: HashMap<Release<'a>, HashSet<Option<&'a str>>> = HashMap::new();
    for package in bases.iter().flat_map(|base| locks(base)).flat_map(|(_, lock)| &lock.packages) {
        if let Some(release) = release(package).filter(|_| names.contains(package.name.as_str())) {
            before.entry(release).or_default().insert(package.checksum.as_deref());
        }
    }
    let changed = |(workspace, package): (&'a Workspace, &'a LockedPackage)| {
        let known = before.get(&release(package)?)?;
        let mut sums: Vec<&str> = known.iter().copied().flatten().collect();
        sums.sort_unstable();
        let is_other = !known.contains(&package.checksum.as_deref()) && !sums.is_empty();
        is_other.then_some(Replaced { workspace, package, before: sums })
    };
    asked.into_iter().filter_map(changed).collect()
}

/// The packages whose checksum may be another: those that the lockfile in the same place did not have just so.
fn asked<'a>(bases: &[&'a Scan], scan: &'a Scan) -> Vec<(&'a Workspace, &'a LockedPackage)> {
    let mut asked = Vec::new();
    for (workspace, lock) in locks(scan) {
        let was: Vec<&Lockfile> = bases
            .iter()
            .flat_map(|base| locks(base))
            .filter_map(|(old, lock)| (old.directory == workspace.directory).then_some(&**lock))
            .collect();
        if was.iter().any(|was| std::ptr::eq(*was, &**lock)) {
            continue;
        }
        let mut was = was.first().map_or(&[][..], |was| &was.packages);
        for package in &lock.packages {
            // Both are in cargo's order; where they are not, more is asked for than need be.
            let key = |package: &'a LockedPackage| (&package.name, &package.version);
            let passed = was.iter().take_while(|old| key(old) < key(package)).count();
            was = &was[passed..];
            if !was.first().is_some_and(|old| is_same(old, package)) {
                asked.push((workspace, package));
            }
        }
    }
    asked
}

fn is_same(a: &LockedPackage, b: &LockedPackage) -> bool {
    let source = match (&a.source, &b.source) {
        (Some(a), Some(b)) => a.text == b.text,
        (a, b) => a.is_none() && b.is_none(),
    };
    source && (&a.name, &a.version, &a.checksum) == (&b.name, &b.version, &b.checksum)
}

/// The lockfiles of a scan that a workspace has.
fn locks(scan: &Scan) -> impl Iterator<Item = (&Workspace, &Arc<Lockfile>)> {
    scan.workspaces.iter().filter_map(|workspace| Some((workspace, workspace.lock.as_ref()?)))
}

/// The release of a package that a registry has; what git holds has a commit instead of a checksum.
fn release(package: &LockedPackage) -> Option<Release<'_>> {
    let source = package.source.as_ref().filter(|source| !source.is_git())?;
    Some((&package.name, &package.version, source.identity()))
}
