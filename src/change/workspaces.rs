//! The two sides of a comparison, workspace by workspace.
//!
//! A workspace is known by its directory. One that is gone from there is looked for elsewhere by the names of its members, so
//! that a directory that was renamed is no workspace that went and another one that came.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::checksums;
use super::declarations;
use super::packages;
use super::routes::Routes;
use super::{Alarm, Changes, PackageChange, PackageKind, Presence, Route, Side, WorkspaceChange, unread};
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::{LockedPackage, Lockfile};
use crate::scanner::cargo::workspace::Workspace;

/// Compares two scans. `is_unchanged` says whether the file at a path is the same on both sides.
#[must_use]
pub fn compare<'a>(before: &'a Scan, after: &'a Scan, is_unchanged: &dyn Fn(&str) -> bool) -> Changes<'a> {
    let matched = matched(before, after);
    let broken = (Broken::of(before), Broken::of(after));
    let changed = |&(old, new): &(Option<&'a Workspace>, Option<&'a Workspace>)| {
        let readable = |workspace: Option<&'a Workspace>, broken: &Broken| {
            let lock = workspace.and_then(|workspace| workspace.lock.as_ref());
            lock.is_none_or(|lock| !broken.has(lock))
        };
        workspace(old, new, readable(old, &broken.0) && readable(new, &broken.1))
    };
    let mut workspaces: Vec<WorkspaceChange<'a>> = matched.iter().filter_map(changed).collect();
    workspaces.sort_by_key(|workspace| workspace.directory);
    let moved = matched.iter().filter_map(|(old, new)| Some(((*old)?.directory.as_str(), (*new)?.directory.as_str())));
    let moved: HashMap<&str, &str> = moved.filter(|(old, new)| old != new).collect();
    let mut lost = unread(before, Side::Before, is_unchanged);
    lost.extend(unread(after, Side::After, is_unchanged));
    lost.sort();
    let lacking: HashSet<&str> = lost.iter().map(|unread| unread.path).collect();
    Changes {
        alarms: alarms(before, after),
        workspaces,
        declarations: declarations::compare(before, after, &moved, &lacking, is_unchanged),
        unread: lost,
    }
}

/// The files of a scan that something could not be read of.
struct Broken(HashSet<u32>);

impl Broken {
    fn of(scan: &Scan) -> Self {
        Self(scan.problems.iter().map(|problem| problem.span.file.0).collect())
    }

    fn has(&self, lock: &Lockfile) -> bool {
        !lock.problems.is_empty() || self.0.contains(&lock.file.0)
    }
}

/// The releases that were replaced, each with the way to it.
fn alarms<'a>(before: &'a Scan, after: &'a Scan) -> Vec<Alarm<'a>> {
    let mut routes: HashMap<&str, Routes<'a>> = HashMap::new();
    let alarm = |found: checksums::Replaced<'a>| {
        let directory = found.workspace.directory.as_str();
        let route = found.workspace.lock.as_ref().map(|lock| {
            let routes = routes.entry(directory).or_insert_with(|| Routes::new(lock));
            routes.to(found.package)
        });
        Alarm { directory, package: found.package, before: found.before, route: route.unwrap_or_default() }
    };
    checksums::replaced([before], after).into_iter().map(alarm).collect()
}

/// A workspace as it was and as it is.
type Pair<'a> = (Option<&'a Workspace>, Option<&'a Workspace>);

fn matched<'a>(before: &'a Scan, after: &'a Scan) -> Vec<Pair<'a>> {
    let by_directory = |scan: &'a Scan| -> HashMap<&'a str, &'a Workspace> {
        scan.workspaces.iter().map(|workspace| (workspace.directory.as_str(), workspace)).collect()
    };
    let (old, new) = (by_directory(before), by_directory(after));
    let stay = after.workspaces.iter().filter_map(|new| Some((Some(*old.get(new.directory.as_str())?), Some(new))));
    let mut pairs: Vec<Pair<'a>> = stay.collect();
    let gone: Vec<&Workspace> =
        before.workspaces.iter().filter(|workspace| !new.contains_key(workspace.directory.as_str())).collect();
    let come = after.workspaces.iter().filter(|workspace| !old.contains_key(workspace.directory.as_str()));
    // A name that several have tells nothing.
    let mut by_member: HashMap<&str, Option<usize>> = HashMap::new();
    for (at, workspace) in gone.iter().enumerate() {
        for member in &workspace.members {
            by_member.entry(&member.name).and_modify(|known| *known = None).or_insert(Some(at));
        }
    }
    let mut taken = vec![false; gone.len()];
    for new in come {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for at in new.members.iter().filter_map(|member| *by_member.get(member.name.as_str())?) {
            *shared.entry(at).or_default() += 1;
        }
        let free = shared.into_iter().filter(|(at, _)| !taken[*at]);
        let best = free.max_by_key(|&(at, count)| (count, std::cmp::Reverse(at))).map(|(at, _)| at);
        if let Some(at) = best {
            taken[at] = true;
        }
        pairs.push((best.map(|at| gone[at]), Some(new)));
    }
    let left = gone.iter().zip(taken).filter(|(_, taken)| !taken);
    pairs.extend(left.map(|(old, _)| (Some(*old), None)));
    pairs
}

fn presence(before: bool, after: bool) -> Presence {
    match (before, after) {
        (true, true) => Presence::Kept,
        (false, true) => Presence::Added,
        (true, false) => Presence::Removed,
        (false, false) => Presence::Absent,
    }
}

/// What differs in a workspace; none where nothing does, as far as its lockfiles can be read.
fn workspace<'a>(
    old: Option<&'a Workspace>,
    new: Option<&'a Workspace>,
    is_readable: bool,
) -> Option<WorkspaceChange<'a>> {
    let shown = new.or(old)?;
    let lock = |workspace: Option<&'a Workspace>| workspace.and_then(|workspace| workspace.lock.as_ref());
    let (before, after) = (lock(old), lock(new));
    let is_same = before.zip(after).is_some_and(|(before, after)| Arc::ptr_eq(before, after));
    let packages = |lock: Option<&'a Arc<Lockfile>>| lock.map_or(&[][..], |lock| &lock.packages);
    let mut change = WorkspaceChange {
        directory: &shown.directory,
        moved_from: old.map(|old| old.directory.as_str()).filter(|old| *old != shown.directory),
        presence: presence(old.is_some(), new.is_some()),
        lock: presence(before.is_some(), after.is_some()),
        locked: (packages(before).len(), packages(after).len()),
        packages: Vec::new(),
        own: Vec::new(),
        duplicates: Vec::new(),
    };
    if is_readable && !is_same {
        let (pairs, duplicates) = packages::compare(packages(before), packages(after));
        if change.lock == Presence::Kept {
            change.duplicates = duplicates;
        }
        place(pairs, before, after, &mut change);
    }
    let is_kept = |presence| matches!(presence, Presence::Kept | Presence::Absent);
    let is_quiet = change.presence == Presence::Kept && is_kept(change.lock) && change.moved_from.is_none();
    let is_empty = change.packages.is_empty() && change.own.is_empty() && change.duplicates.is_empty();
    (!is_quiet || !is_empty).then_some(change)
}

/// Puts the packages that differ where they belong, each with the way to it.
fn place<'a>(
    pairs: Vec<packages::Pair<'a>>,
    before: Option<&'a Arc<Lockfile>>,
    after: Option<&'a Arc<Lockfile>>,
    change: &mut WorkspaceChange<'a>,
) {
    if pairs.is_empty() {
        return;
    }
    let has_gone = pairs.iter().any(|(kind, ..)| *kind == PackageKind::Removed);
    let was = before.filter(|_| has_gone).map(|lock| Routes::new(lock));
    let is = after.map(|lock| Routes::new(lock));
    for (kind, old, new) in pairs {
        let to =
            |routes: &Option<Routes<'a>>, package: &LockedPackage| routes.as_ref().map(|routes| routes.to(package));
        let route: Option<Route<'a>> = match (old, new) {
            (_, Some(new)) => to(&is, new),
            (Some(old), None) => to(&was, old),
            (None, None) => None,
        };
        let is_own = [old, new].into_iter().flatten().all(|package| package.source.is_none());
        let list = if is_own { &mut change.own } else { &mut change.packages };
        let route = route.unwrap_or_default();
        list.push(PackageChange { kind, before: old, after: new, route, release: None });
    }
    for list in [&mut change.packages, &mut change.own] {
        // Stable: by name and version, as they came.
        list.sort_by_key(|change| (change.kind, !change.route.direct));
    }
}
