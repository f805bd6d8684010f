//! Joins manifests to the lockfiles that hold them.
//!
//! A lockfile beside a manifest is its own; one of uv's further up is, if it says that the manifest's directory is a member.
//! No lockfile holds what a build requires: those are `Locked::Nowhere`, as is what only narrows the choice of others.

use std::collections::HashMap;

use super::lockfile::{Lock, Member, Repeat, Tool};
use super::{Facts, facts, specifier};
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Locked, LockedVersion, Origin, Pin, PinSite, Repeated, Role, Surface};
use crate::scanner::project::Project;
use crate::scanner::surfaces::Placed;
use crate::source::{Snapshot, parent};

/// The most versions of one package in a lockfile of which it is asked which fits, and the most places that repeat one
/// requirement: what has more is nothing that a tool writes.
const MOST: usize = 64;

/// A lockfile in its place.
struct Held<'s> {
    placed: &'s Placed,
    lock: &'s Lock,
}

impl Held<'_> {
    /// Whether what a declaration names is a project of this repository, as `[tool.uv.sources]` of a workspace's root says for all.
    fn is_member(&self, dependency: &Dependency) -> bool {
        dependency.origin == Origin::Surface && self.lock.members.iter().any(|member| member.name == dependency.package)
    }

    /// Whether another lockfile holds a package to the same version, or does not hold it: a pin to that leaves both fresh.
    fn agrees(&self, other: &Self, package: &str) -> bool {
        let versions = |held: &Self| {
            let all = held.lock.packages.get(package).into_iter().flatten();
            all.map(|one| one.version.clone()).collect::<Vec<_>>()
        };
        let own = versions(self);
        own.is_empty() || own.len() == 1 && own == versions(other)
    }
}

/// The projects of the lockfiles of uv, by their directories: one may be in several, by a path that leads to it.
type Members<'l> = HashMap<String, Vec<(&'l Held<'l>, &'l Member)>>;

fn members<'l>(locks: &'l HashMap<&str, Vec<Held<'l>>>) -> Members<'l> {
    let mut members = Members::new();
    for (directory, held) in locks.iter().flat_map(|(directory, all)| all.iter().map(move |held| (directory, held))) {
        for member in &held.lock.members {
            if let Some(place) = crate::source::join(directory, &member.directory) {
                members.entry(place).or_default().push((held, member));
            }
        }
    }
    members
}

/// Joins every manifest to its lockfile, and says which projects there are.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], scan: &mut Scan) {
    let mut locks: HashMap<&str, Vec<Held<'_>>> = HashMap::new();
    for placed in sheets {
        if let Some(Facts::Lock(lock)) = facts(placed) {
            locks.entry(parent(&placed.place)).or_default().push(Held { placed, lock });
        }
    }
    if locks.is_empty() {
        return;
    }
    let members = members(&locks);
    for placed in sheets {
        let Some(Facts::Project(project)) = facts(placed) else { continue };
        let Some((held, member)) = find(&locks, &placed.place) else { continue };
        let others = members.get(parent(&placed.place)).map_or(&[][..], Vec::as_slice).iter();
        let others: Vec<_> = others.filter(|(other, _)| other.placed.file != held.placed.file).copied().collect();
        let range = placed.first..placed.first + placed.sheet.dependencies.len();
        let dependencies = scan.dependencies.get_mut(range).unwrap_or_default();
        let mut repeats: HashMap<&str, Vec<&Repeat>> = HashMap::new();
        for repeat in member.into_iter().chain(others.iter().map(|(_, member)| *member)).flat_map(|one| &one.repeats) {
            repeats.entry(&repeat.package).or_default().push(repeat);
        }
        dependencies.iter_mut().filter(|dependency| is_held(dependency)).for_each(|dependency| {
            let repeats = repeats.get(dependency.package.as_str()).map_or(&[][..], Vec::as_slice);
            if held.is_member(dependency) {
                (dependency.pin, dependency.site) = (Pin::Content, None);
            }
            if !others.iter().all(|(other, _)| other.agrees(held, &dependency.package)) {
                dependency.site = None;
            }
            hold(dependency, held, repeats);
        });
        if parent(&placed.place) == parent(&held.placed.place) {
            let directory = parent(&placed.place);
            scan.projects.push(Project {
                surface: Surface::Python,
                name: project.name.clone().unwrap_or_else(|| directory.to_owned()),
                manifest: placed.file,
                has_dependencies: dependencies.iter().any(is_held),
                lock: Some(held.placed.file),
                tracking: snapshot.entries()[held.placed.entry].tracking,
                makes_lock: held.lock.tool.makes(),
            });
        }
    }
}

/// The lockfile of the manifest at a place, and as what it is in there.
fn find<'l>(locks: &'l HashMap<&str, Vec<Held<'_>>>, place: &str) -> Option<(&'l Held<'l>, Option<&'l Member>)> {
    let directory = parent(place);
    let is_pipfile = place.rsplit('/').next() == Some("Pipfile");
    let own = locks.get(directory).into_iter().flatten();
    // In the order of their tools' names where several stand side by side: uv's first.
    let own = own.filter(|held| (held.lock.tool == Tool::Pipenv) == is_pipfile);
    let own = own.min_by_key(|held| held.lock.tool != Tool::Uv);
    if let Some(held) = own {
        return Some((held, held.lock.members.iter().find(|member| member.directory.is_empty())));
    }
    let mut above = directory;
    while !above.is_empty() && !is_pipfile {
        above = parent(above);
        let relative = directory.strip_prefix(above).unwrap_or(directory).trim_start_matches('/');
        for held in locks.get(above).into_iter().flatten() {
            if let Some(member) = held.lock.members.iter().find(|member| member.directory == relative) {
                return Some((held, Some(member)));
            }
        }
    }
    None
}

/// Whether a lockfile holds what a declaration names.
fn is_held(dependency: &Dependency) -> bool {
    !matches!(dependency.role, Role::Build | Role::Override)
}

fn hold(dependency: &mut Dependency, held: &Held<'_>, repeats: &[&Repeat]) {
    let empty = Vec::new();
    let all = held.lock.packages.get(&dependency.package).unwrap_or(&empty);
    let is_own = dependency.table.starts_with("tool.poetry.");
    let written = dependency.requirement.as_deref().filter(|_| dependency.site.is_some() && !is_own);
    let written = written.filter(|written| *written != "*").unwrap_or_default();
    let is_too_much = all.len() > MOST;
    let fits =
        |locked: &&LockedVersion| is_too_much || written.is_empty() || specifier::admits(written, &locked.version);
    let fitting: Vec<&LockedVersion> = all.iter().take(MOST).filter(fits).collect();
    dependency.locked = match fitting.as_slice() {
        [] => Locked::Missing,
        [one] => Locked::One((*one).clone()),
        several => Locked::Several(several.iter().map(|one| one.version.clone()).collect()),
    };
    if repeats.len() > MOST {
        dependency.site = None;
    }
    let is_written = dependency.site.is_some();
    let is_same =
        |repeat: &&&Repeat| is_written && specifier::canonical(&repeat.specifier) == specifier::canonical(written);
    let sites: Vec<PinSite> = repeats.iter().filter(is_same).map(|repeat| repeat.site.clone()).collect();
    dependency.repeated = Some(Repeated { lock: held.placed.file, sites });
}
