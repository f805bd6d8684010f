//! The path packages of a workspace: its members, and what path dependencies lead to outside of them.
//!
//! Cargo puts every one of them into the lockfile, without a source. Members stand there with all their dependencies; the
//! others without their dev-dependencies and without the optional ones that nothing enables.

use std::collections::BTreeMap;

use super::declaration::Declaration;
use super::manifest::Manifest;
use super::resolution::PathPackages;
use super::workspace::{Group, Load, Manifests, is_built, is_excluded, root_of};
use crate::scanner::Problem;
use crate::scanner::dependency::Role;
use crate::source::{Resolved, Snapshot, is_below, join, parent};

/// The path packages of a workspace, by their index in [`Manifests`].
pub(super) struct Paths {
    /// Each with whether the lockfile must have it: one that only an optional dependency of a non-member leads to may be
    /// absent.
    pub(super) packages: BTreeMap<usize, bool>,
    /// A path leads to where nothing can be read: out of the repository, into a submodule, to a missing manifest.
    pub(super) open: bool,
    /// Paths of members that lead to no manifest inside the repository, which cargo refuses.
    pub(super) problems: Vec<Problem>,
}

/// Follows the path dependencies of a group's members, and of the patches of its root.
pub(super) fn follow(
    snapshot: &Snapshot,
    manifests: &mut Manifests,
    group: &Group,
    patches: &[(String, String)],
    load: Load<'_>,
) -> Paths {
    let mut paths = Paths { packages: BTreeMap::new(), open: false, problems: Vec::new() };
    let mut waiting: Vec<(usize, bool)> = group.members.iter().map(|&member| (member, true)).collect();
    let mut targets: Vec<(Option<String>, bool, Option<Problem>)> = Vec::new();
    let (root, manifest) = &manifests.list[group.root];
    let replaced = manifest
        .declarations
        .iter()
        .filter(|declaration| matches!(declaration.heading.role, Role::Patch | Role::Replace));
    targets.extend(replaced.filter_map(|declaration| Some((target(root, declaration)?, false, None))));
    targets.extend(patches.iter().map(|(base, path)| (join(base, path), false, None)));
    loop {
        while let Some((directory, required, problem)) = targets.pop() {
            let found = directory.as_ref().and_then(|directory| at(snapshot, manifests, directory, load));
            match found {
                Some(package) => waiting.push((package, required)),
                None => paths.open = true,
            }
            let is_nowhere = |directory: &String| {
                let place = format!("{directory}/Cargo.toml");
                let is_inside = matches!(snapshot.resolve(directory), Resolved::Inside(_));
                is_inside && !snapshot.is_foreign(directory) && snapshot.find(place.trim_start_matches('/')).is_none()
            };
            if found.is_none() && directory.as_ref().is_some_and(is_nowhere) {
                paths.problems.extend(problem);
            }
        }
        let Some((package, required)) = waiting.pop() else {
            break;
        };
        let known = paths.packages.get(&package).copied();
        if known == Some(true) || known == Some(required) {
            continue;
        }
        paths.packages.insert(package, required);
        let is_member = group.members.contains(&package);
        for effective in effective(manifests, group, package) {
            let maybe = !is_member && effective.own.optional;
            if let Some(target) = target(effective.base, effective.entry).filter(|_| is_member || !effective.is_dev()) {
                let problem = effective.entry.path.as_ref().filter(|_| is_member).map(|path| {
                    let (name, path, span) = (&effective.own.key, &path.value, path.span);
                    Problem::new(
                        span,
                        format!("`{name}` is taken from `{path}`, which has no Cargo.toml: cargo refuses it"),
                    )
                });
                targets.push((target, required && !maybe, problem));
            }
        }
    }
    paths
}

/// Where a declaration's path leads: none without a path, an inner none where that cannot be known or is outside.
fn target(base: &str, declaration: &Declaration) -> Option<Option<String>> {
    let path = declaration.path.as_ref()?;
    Some(if declaration.based { None } else { join(base, &path.value) })
}

/// The manifest in a directory, read now if it was not.
fn at(snapshot: &Snapshot, manifests: &mut Manifests, directory: &str, load: Load<'_>) -> Option<usize> {
    if snapshot.is_foreign(directory) {
        return None;
    }
    let Resolved::Inside(directory) = snapshot.resolve(directory) else {
        return None;
    };
    if let Some(at) = manifests.at(&directory) {
        return Some(at);
    }
    let manifest = load(&directory)?;
    let at = manifests.insert(directory.clone(), manifest);
    // What it inherits stands above it, and may be left out as well.
    let mut above = directory.as_str();
    while !above.is_empty() {
        above = parent(above);
        if manifests.at(above).is_none()
            && let Some(manifest) = load(above)
        {
            manifests.insert(above.to_owned(), manifest);
        }
    }
    Some(at)
}

/// A declaration with what it inherits.
pub(super) struct Effective<'m> {
    /// The declaration in the package's manifest.
    pub(super) own: &'m Declaration,
    /// The declaration that says where it comes from: the same, or the root's.
    pub(super) entry: &'m Declaration,
    /// The directory that a path in it is relative to.
    pub(super) base: &'m str,
    /// The index of the manifest with the entry, and the entry's index among its declarations.
    pub(super) place: (usize, usize),
}

impl Effective<'_> {
    pub(super) fn is_dev(&self) -> bool {
        self.own.heading.role == Role::Dev
    }
}

/// The declarations of a package that reach a build. What it inherits and its root does not have, cargo refuses: left out.
pub(super) fn effective<'m>(
    manifests: &'m Manifests,
    group: &Group,
    package: usize,
) -> impl Iterator<Item = Effective<'m>> + use<'m> {
    let (directory, manifest) = &manifests.list[package];
    let root = root_for(manifests, group, package);
    let built = manifest.declarations.iter().enumerate().filter(|(_, declaration)| is_built(declaration));
    built.filter_map(move |(at, own)| {
        if !own.inherited {
            return Some(Effective { own, entry: own, base: directory, place: (package, at) });
        }
        let (base, root_manifest) = &manifests.list[root?];
        let at = root_manifest.inherited(&own.key)?;
        Some(Effective { own, entry: &root_manifest.declarations[at], base, place: (root?, at) })
    })
}

/// The workspace root that a package inherits from: the group's, unless the package is no member and its own search ends elsewhere.
///
/// Cargo asks the root that it started from ahead of what stands in between (`find_workspace_root_with_loader` in its sources).
fn root_for(manifests: &Manifests, group: &Group, package: usize) -> Option<usize> {
    let (directory, manifest) = &manifests.list[package];
    let (root, root_manifest) = &manifests.list[group.root];
    let is_within = |workspace| is_below(directory, root) && !is_excluded(root, workspace, directory);
    let is_claimed = || manifest.workspace.is_none() && root_manifest.workspace.as_ref().is_some_and(is_within);
    if group.members.contains(&package) || is_claimed() {
        return Some(group.root);
    }
    manifests.at(&root_of(manifests, package)?)
}

/// The version of a package, inherited or written; a package without one has 0.0.0.
pub(super) fn version<'m>(manifests: &'m Manifests, group: &Group, package: usize) -> &'m str {
    let root = root_for(manifests, group, package);
    let inherited = root.and_then(|root| manifests.list[root].1.workspace.as_ref()?.version.as_deref());
    let manifest: &Manifest = &manifests.list[package].1;
    manifest.package.as_ref().and_then(|package| package.version.resolve(inherited)).unwrap_or("0.0.0").trim()
}

impl Paths {
    /// Names and versions, as the lockfile has them.
    pub(super) fn by_name<'m>(&self, manifests: &'m Manifests, group: &Group) -> PathPackages<'m> {
        let mut by_name = PathPackages::new();
        for &at in self.packages.keys() {
            if let Some(package) = &manifests.list[at].1.package {
                by_name.entry(&package.name).or_default().push(version(manifests, group, at));
            }
        }
        by_name
    }
}
