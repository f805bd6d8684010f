//! What of Cargo need not be read for a comparison: the manifests that are the same on both sides, where the files that changed
//! can be told to be in the same workspaces on both without them.
//!
//! What a manifest declares counts by itself; the others are read to say which workspace it is in. Where the two sides have the
//! same manifests, and none that changed says anything else of who belongs to whom, the groups are the same on both. Then
//! what is left to say of a changed file is that some group has it, and of a lockfile that a workspace does: the manifest beside
//! it and those above say so, or else everything is read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::declaration::Declaration;
use super::manifest::Manifest;
use super::paths::Paths;
use super::reading::{Kind, Reading, kind, manifest_place};
use super::workspace::{self, Group, Manifests};
use crate::scanner::excludes::Excludes;
use crate::scanner::pattern::Pattern;
use crate::scanner::surfaces::Settled;
use crate::source::{Entry, Snapshot, join, parent};

/// A file of Cargo's that both sides have.
struct Candidate<'s> {
    kind: Kind,
    entry: &'s Entry,
    is_excluded: bool,
}

/// The files that say which package is in which workspace; nothing where one is not a plain file in its place, so that what it
/// is has to be found out.
fn candidates<'s>(snapshot: &'s Snapshot, excludes: &Excludes) -> Option<Vec<Candidate<'s>>> {
    let of_cargo = snapshot.entries().iter().filter_map(|entry| Some((kind(&entry.place)?, entry)));
    let of_cargo = of_cargo.filter(|(kind, _)| *kind != Kind::Toolchain);
    let candidate = |(kind, entry): (Kind, &'s Entry)| {
        let is_plain = entry.place == entry.path && entry.obstacle.is_none();
        is_plain.then(|| Candidate { kind, entry, is_excluded: excludes.why(&entry.place).is_some() })
    };
    of_cargo.map(candidate).collect()
}

/// What is to be read of two sides for their comparison.
pub(in crate::scanner) struct Plan {
    /// The places of the manifests that may be left unread on both sides, if they are then [`Plan::agreed`] upon.
    pub(in crate::scanner) settled: Settled,
    /// The directories of the manifests that changed and are left out, if no workspace claims them.
    late: Vec<String>,
}

/// What is to be read of two sides; nothing where that is everything.
pub(in crate::scanner) fn plan(snapshot: &Snapshot, other: &Snapshot, excludes: &Excludes) -> Option<Plan> {
    let (here, there) = (candidates(snapshot, excludes)?, candidates(other, excludes)?);
    if here.len() != there.len() || here.iter().zip(&there).any(|(here, there)| here.entry.place != there.entry.place) {
        return None;
    }
    let (mut asked, mut late) = (Vec::new(), Vec::new());
    for candidate in &there {
        let is_changed = !other.is_unchanged(candidate.entry);
        let directory = parent(&candidate.entry.place);
        match candidate.kind {
            // It patches what it likes.
            Kind::Config if is_changed => return None,
            Kind::Manifest if is_changed => {
                asked.push(directory);
                late.extend(candidate.is_excluded.then(|| directory.to_owned()));
            }
            Kind::Lockfile if !candidate.is_excluded => asked.push(directory),
            _ => {}
        }
    }
    let manifests = there.iter().filter(|candidate| candidate.kind == Kind::Manifest && !candidate.is_excluded);
    let mut settled: Settled = manifests.map(|candidate| candidate.entry.place.clone()).collect();
    for directory in asked {
        let mut above = Some(directory);
        while let Some(at) = above {
            settled.remove(&manifest_place(at));
            above = (!at.is_empty()).then(|| parent(at));
        }
    }
    Some(Plan { settled, late }).filter(|plan| !plan.settled.is_empty())
}

impl Plan {
    /// The groups of what was read on both sides, where they are the same and all that is needed was read.
    pub(in crate::scanner) fn agreed(&self, after: &mut Reading<'_>, before: &mut Reading<'_>) -> Option<(Part, Part)> {
        for directory in &self.late {
            after.late(directory)?;
            before.late(directory)?;
        }
        let (new, old) = (self.groups(after, before)?, self.groups(before, after)?);
        if shape(after, &new) != shape(before, &old) {
            return None;
        }
        for (&root, members) in &new {
            let (root, root_was) = (&after.manifests.list[root], before.manifests.get(&after.manifests.list[root].0)?);
            for at in members.iter().map(|&member| &after.manifests.list[member]).chain([root]) {
                let (directory, manifest) = (&at.0, &*at.1);
                let was = before.manifests.get(directory)?;
                if !std::ptr::eq(was, manifest) && !belongs_alike(directory, (manifest, was), root, root_was) {
                    return None;
                }
            }
        }
        Some((part(new), part(old)))
    }

    /// The roots of the lockfiles and of the manifests that changed, with the latter; nothing where one cannot be told.
    fn groups(&self, reading: &Reading<'_>, other: &Reading<'_>) -> Option<Groups> {
        let manifests = &reading.manifests;
        if !is_plain(reading) {
            return None;
        }
        let mut groups = Groups::new();
        for directory in reading.locks.keys() {
            // One without a manifest beside it, or of a member, is nobody's.
            let Some(at) = manifests.at(directory) else { continue };
            if root(manifests, at)? == at {
                groups.entry(at).or_default();
            }
        }
        for (at, (directory, manifest)) in manifests.list.iter().enumerate() {
            if other.manifests.get(directory).is_some_and(|other| std::ptr::eq(other, &**manifest)) {
                continue;
            }
            let root = root(manifests, at)?;
            if root == at && self.late.contains(directory) {
                return None;
            }
            groups.entry(root).or_default().extend(manifest.package.is_some().then_some(at));
        }
        Some(groups)
    }
}

/// Roots and the members of each, as far as they are asked for, by their index in [`Manifests`].
type Groups = BTreeMap<usize, BTreeSet<usize>>;

/// The same by their directories.
fn shape<'r>(reading: &'r Reading<'_>, groups: &Groups) -> BTreeMap<&'r str, BTreeSet<&'r str>> {
    let directory = |at: usize| reading.manifests.list[at].0.as_str();
    let group = |(root, members): (&usize, &BTreeSet<usize>)| {
        (directory(*root), members.iter().map(|&member| directory(member)).collect())
    };
    groups.iter().map(group).collect()
}

/// Whether nothing that was read is broken, or says of who belongs to whom what takes more files to understand.
fn is_plain(reading: &Reading<'_>) -> bool {
    let is_plain = |manifest: &Manifest| {
        manifest.problems.is_empty() && manifest.package.as_ref().is_none_or(|package| package.workspace.is_none())
    };
    reading.scan.problems.is_empty()
        && reading.manifests.list.iter().all(|(_, manifest)| is_plain(manifest))
        && reading.locks.values().all(|lock| lock.problems.is_empty())
        && reading.scan.configs.iter().all(|config| config.includes.is_empty())
}

/// Groups with the path packages that they have, as far as they were read.
pub(in crate::scanner) struct Part(pub(super) Vec<(Group, Paths)>);

fn part(groups: Groups) -> Part {
    let one = |(root, members): (usize, BTreeSet<usize>)| {
        let packages = members.iter().map(|&member| (member, true)).collect();
        let paths = Paths { packages, open: true, problems: Vec::new() };
        (Group::new(root, members), paths)
    };
    Part(groups.into_iter().map(one).collect())
}

/// The root of the workspace that has a manifest for sure, by what it says itself and by those above.
fn root(manifests: &Manifests, at: usize) -> Option<usize> {
    let (directory, manifest) = &manifests.list[at];
    if manifest.workspace.is_some() {
        return Some(at);
    }
    let Some(root) = workspace::root_of(manifests, at) else { return manifest.package.is_some().then_some(at) };
    let above = manifests.at(&root)?;
    claims(&root, &manifests.list[above].1, directory).then_some(above)
}

/// Whether a workspace names a directory among its members, by itself or by a pattern.
fn claims(root: &str, manifest: &Manifest, directory: &str) -> bool {
    let Some(workspace) = &manifest.workspace else { return false };
    let mut members = workspace.members.iter().filter_map(|member| join(root, &member.value));
    let is_named =
        |path: String| path == directory || Pattern::new(&path).is_ok_and(|pattern| pattern.matches(directory));
    members.any(is_named) && !workspace::is_excluded(root, workspace, directory)
}

/// Whether both sides of a manifest say the same of who belongs to whom: its package, its patterns of members, and the paths
/// that it names or inherits. One more path to what is a member anyway says nothing new.
fn belongs_alike(
    directory: &str,
    (new, old): (&Manifest, &Manifest),
    (root, root_new): &(String, Arc<Manifest>),
    root_old: &Manifest,
) -> bool {
    let name = |manifest: &Manifest| manifest.package.as_ref().map(|package| package.name.clone());
    let workspace = |manifest: &Manifest| {
        let workspace = manifest.workspace.as_ref()?;
        let members: Vec<String> = workspace.members.iter().map(|member| member.value.clone()).collect();
        Some((members, workspace.exclude.clone()))
    };
    if (name(new), workspace(new)) != (name(old), workspace(old)) {
        return false;
    }
    let (new, old) = (paths((directory, new), (root, root_new)), paths((directory, old), (root, root_old)));
    let is_settled = |(_, _, path): &(&str, &str, Option<String>)| {
        path.as_ref().is_some_and(|path| path == root || claims(root, root_new, path))
    };
    new.symmetric_difference(&old).all(is_settled)
}

/// The paths that a manifest names or inherits, by table and name; none where one leads out of the repository.
fn paths<'m>(
    (directory, manifest): (&str, &'m Manifest),
    (root, root_manifest): (&str, &Manifest),
) -> HashSet<(&'m str, &'m str, Option<String>)> {
    let path = |declaration: &'m Declaration| {
        let inherited = if declaration.inherited { root_manifest.inherited(&declaration.key) } else { None };
        let (base, entry) = inherited.map_or((directory, declaration), |at| (root, &root_manifest.declarations[at]));
        let path = &entry.path.as_ref()?.value;
        let target = if entry.based { None } else { join(base, path) };
        Some((declaration.heading.table.as_str(), declaration.key.as_str(), target))
    };
    manifest.declarations.iter().filter_map(path).collect()
}
