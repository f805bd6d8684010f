//! From declarations as written to dependencies: their pin, and what the lockfile holds them to.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::config::Config;
use super::declaration::Declaration;
use super::lockfile::{LockedPackage, Lockfile};
use super::manifest::Manifest;
use super::paths::{Effective, Paths, effective, version};
use super::requirement::Requirement;
use super::resolution::{Graph, Patch, Patched, Sources};
use super::source_id::{self, SourceId, is_full_commit};
use super::workspace::{Group, Manifests};
use crate::scanner::dependency::{
    Dependency, Locked, LockedVersion, Origin, PathTarget, Pin, PinSite, Role, Surface, Use,
};
use crate::source::{Resolved, Snapshot, is_below, join};

/// The dependency that a declaration is, seen from the directory that its path is relative to.
pub(super) fn dependency(
    snapshot: &Snapshot,
    directory: &str,
    manifest: Option<&Manifest>,
    declaration: &Declaration,
) -> Dependency {
    let requirement = declaration.version.as_ref();
    let read = declaration.requirement.clone();
    let origin = origin(snapshot, directory, declaration);
    let invalid = match &read {
        Some(Requirement::Invalid(why)) => Some(why.clone()),
        _ => None,
    };
    let (pin, surface) = match &origin {
        Origin::Path { target: PathTarget::Inside(_) | PathTarget::Foreign, .. } => (Pin::Content, Surface::Crate),
        Origin::Path { target: PathTarget::Unknown, .. } => (Pin::Unknown, Surface::Crate),
        Origin::Git { reference, .. } => (git_pin(reference.as_ref()), Surface::Git),
        Origin::Registry(_) => (read.as_ref().map_or(Pin::Latest, Requirement::pin), Surface::Crate),
        // A path out of the repository, and what names no source at all.
        _ => (Pin::Latest, Surface::Crate),
    };
    // What cargo refuses holds nothing, whatever stands beside it.
    let pin = if invalid.is_some() { Pin::Latest } else { pin };
    let reference = declaration.reference.as_ref().map(|(_, text)| text);
    let (written, span) = match (&origin, &declaration.path, &declaration.git) {
        _ if invalid.is_some() => (requirement, requirement.map_or(declaration.key_span, |text| text.span)),
        (Origin::Git { .. }, _, Some(git)) => (reference, reference.unwrap_or(git).span),
        (Origin::Path { .. }, Some(path), _) => (requirement, path.span),
        _ => (requirement, requirement.map_or(declaration.key_span, |text| text.span)),
    };
    let site = match &origin {
        Origin::Git { .. } => declaration.rev_site.clone(),
        Origin::Registry(_) => requirement.map(|text| PinSite {
            span: text.span,
            before: "=".to_owned(),
            after: String::new(),
            comment: None,
        }),
        _ => None,
    };
    Dependency {
        surface,
        name: declaration.key.clone(),
        package: declaration.package_name().to_owned(),
        requirement: written.map(|text| text.value.clone()),
        invalid,
        ecosystem: None,
        pin,
        span,
        table: declaration.heading.table.clone(),
        role: declaration.heading.role,
        origin,
        locked: Locked::Nowhere,
        owner: manifest.and_then(|manifest| Some(manifest.package.as_ref()?.name.clone())),
        used_by: Vec::new(),
        uses: Vec::new(),
        may_be_used: false,
        abroad: None,
        repeated: None,
        copies: Vec::new(),
        index: 0,
        site,
    }
}

fn origin(snapshot: &Snapshot, directory: &str, declaration: &Declaration) -> Origin {
    if let Some(git) = &declaration.git {
        let reference = declaration.reference.as_ref().map(|(key, text)| (*key, text.value.clone()));
        return Origin::Git { url: git.value.clone(), reference };
    }
    if let Some(path) = &declaration.path {
        let target =
            if declaration.based { PathTarget::Unknown } else { path_target(snapshot, directory, &path.value) };
        return Origin::Path { path: path.value.clone(), target };
    }
    if declaration.version.is_none() {
        return Origin::Nowhere { misspelled: declaration.misspelled.clone() };
    }
    Origin::Registry(declaration.registry.clone().or_else(|| declaration.registry_index.clone()))
}

fn path_target(snapshot: &Snapshot, directory: &str, path: &str) -> PathTarget {
    let Some(target) = join(directory, path) else {
        return PathTarget::Outside;
    };
    if snapshot.is_foreign(&target) {
        return PathTarget::Foreign;
    }
    match snapshot.resolve(&target) {
        Resolved::Inside(target) => PathTarget::Inside(target),
        Resolved::Outside(_) | Resolved::Broken(_) => PathTarget::Outside,
    }
}

/// A git reference's pin: only a full commit id in `rev` never moves.
fn git_pin(reference: Option<&(&'static str, String)>) -> Pin {
    match reference {
        Some(("rev", rev)) if is_full_commit(rev) => Pin::Content,
        Some(("rev" | "tag", _)) => Pin::Tag,
        _ => Pin::Latest,
    }
}

/// The configuration files that count for a build in `directory`: its own and those above, nearest first.
pub(super) fn chain<'c>(configs: &'c [Config], directory: &str) -> impl Iterator<Item = &'c Config> {
    let mut chain: Vec<&Config> = configs.iter().filter(|config| is_below(directory, &config.directory)).collect();
    chain.sort_by_key(|config| std::cmp::Reverse(config.directory.len()));
    chain.into_iter()
}

/// What tells the packages of a workspace apart: registries and patches, from its root and from cargo's configuration.
pub(super) fn sources<'m>(directory: &'m str, root: &'m Manifest, configs: &[&'m Config], version: u32) -> Sources<'m> {
    let registries = configs.iter().rev().flat_map(|config| &config.registries);
    let registries: std::collections::HashMap<_, _> = registries
        .map(|(name, index)| (name.as_str(), source_id::canonical(source_id::without_protocol(index))))
        .collect();
    // The nearest configuration first, and the manifest last: what stands first under a key is what counts.
    let in_config =
        configs.iter().flat_map(|config| config.patches.iter().map(|patch| (config.directory.as_str(), patch)));
    let in_root = root.declarations.iter().filter(|declaration| declaration.heading.role == Role::Patch);
    let patches = in_config.chain(in_root.map(|declaration| (directory, declaration))).map(|(base, declaration)| {
        let patched = match declaration.heading.patched.as_deref().unwrap_or_default() {
            "crates-io" => Patched::CratesIo,
            name => {
                let url = match registries.get(name) {
                    Some(url) => url.clone(),
                    None => source_id::canonical(source_id::without_protocol(name)),
                };
                url.map_or(Patched::Unknown, |url| {
                    if url == source_id::CRATES_IO_CANONICAL { Patched::CratesIo } else { Patched::Url(url) }
                })
            }
        };
        Patch { declaration, base, patched }
    });
    let mut seen = HashSet::new();
    let is_new = |patch: &Patch<'m>| {
        patch.patched == Patched::Unknown || seen.insert((patch.patched.clone(), patch.declaration.key.as_str()))
    };
    let patches = patches.filter(is_new).collect();
    Sources { registries, patches, version }
}

/// What each declaration of a group is held to, by manifest and declaration.
pub(super) type Joined = HashMap<(usize, usize), Held>;

/// What one declaration is locked to, and which members inherit it as what.
#[derive(Default)]
pub(super) struct Held {
    locked: Option<Locked>,
    /// The packages that it is locked to, for the packages that declare or inherit it.
    targets: BTreeSet<usize>,
    /// A package that declares or inherits it has no edge for it.
    is_missing: bool,
    uses: BTreeSet<(usize, Role)>,
}

impl Held {
    /// Writes into a dependency what is known of it.
    pub(super) fn fill(&self, manifests: &Manifests, lock: Option<&Lockfile>, dependency: &mut Dependency) {
        let name = |&at: &usize| manifests.list[at].1.package.as_ref().map(|package| package.name.clone());
        dependency.used_by = self.uses.iter().filter_map(|(at, _)| name(at)).collect();
        dependency.used_by.sort_unstable();
        dependency.used_by.dedup();
        let used = |&(at, role): &(usize, Role)| Use { manifest: manifests.list[at].1.file, role };
        dependency.uses = self.uses.iter().map(used).collect();
        dependency.locked = match (&self.locked, lock) {
            (Some(locked), _) => locked.clone(),
            (None, None) => Locked::Nowhere,
            // Where one member's entry is stale, nothing can be said for all of them.
            (None, Some(_)) if self.is_missing => Locked::Missing,
            (None, Some(lock)) => locked(self.targets.iter().map(|&at| &lock.packages[at])),
        };
    }
}

/// What other packages' declarations are held to by a lockfile that is not their own workspace's, by manifest and declaration.
pub(super) type Abroad = Vec<((usize, usize), LockedVersion)>;

/// Looks for what a lockfile holds of the declarations of path packages that the group does not have: two workspaces that build
/// one package each lock it for themselves.
pub(super) fn abroad(
    manifests: &Manifests,
    group: &Group,
    paths: &Paths,
    (graph, sources): (&Graph<'_>, &Sources<'_>),
) -> Abroad {
    let mut found = Abroad::new();
    for &package in paths.packages.keys().filter(|&&package| !group.judges(package)) {
        let entry = manifests.list[package].1.package.as_ref();
        let entry = entry.and_then(|own| graph.path_package(&own.name, version(manifests, group, package)));
        let Some(edges) = entry.map(|entry| graph.edges_by_name(entry)) else { continue };
        for effective in effective(manifests, group, package).filter(|one| one.place.0 != group.root) {
            let named = edges.get(effective.entry.package_name()).into_iter().flatten();
            let named = named.map(|(_, target)| &graph.lock.packages[*target]);
            let held = locked(named.filter(|package| sources.admits(effective.entry, package)));
            found.extend(held.one().map(|one| (effective.place, one.clone())));
        }
    }
    found
}

/// The most packages that one declaration is said to be locked to.
const MOST: usize = 8;

/// Joins the declarations of a group to its lockfile, where there is one that can be read.
pub(super) fn join_group(
    manifests: &Manifests,
    group: &Group,
    paths: &Paths,
    lock: Option<(&Graph<'_>, &Sources<'_>)>,
) -> Joined {
    let mut joined = Joined::new();
    let is_in = |package: &&usize| group.members.contains(package) || group.adopted.contains(package);
    for &member in paths.packages.keys().filter(is_in) {
        let Some(package) = &manifests.list[member].1.package else { continue };
        let entry = lock.map(|(graph, _)| graph.path_package(&package.name, version(manifests, group, member)));
        let edges = lock.zip(entry.flatten()).map(|((graph, _), entry)| graph.edges_by_name(entry)).unwrap_or_default();
        // What it inherits is declared by this root, wherever it is judged itself.
        let is_here = |one: &Effective<'_>| one.place.0 != member || group.judges(member);
        for effective in effective(manifests, group, member).filter(is_here) {
            let held = joined.entry(effective.place).or_default();
            if effective.own.inherited {
                held.uses.insert((member, effective.own.heading.role));
            }
            let Some((graph, sources)) = lock else { continue };
            let named = edges.get(effective.entry.package_name()).into_iter().flatten().map(|(_, target)| target);
            let admitted = |at: &&usize| sources.admits(effective.entry, &graph.lock.packages[**at]);
            let mut found = named.filter(admitted).peekable();
            held.is_missing |= found.peek().is_none();
            // Two are enough to know that it is not one, and a few to say which.
            held.targets.extend(found.take(MOST));
        }
    }
    if let Some((graph, sources)) = lock {
        let root = &manifests.list[group.root].1;
        for (at, declaration) in root.declarations.iter().enumerate() {
            if matches!(declaration.heading.role, Role::Patch | Role::Replace) {
                joined.entry((group.root, at)).or_default().locked = Some(patch(graph, sources, declaration));
            }
        }
    }
    joined
}

/// What a patch is locked to: the packages of its name that come from its source, in use or not.
pub(super) fn patch(graph: &Graph<'_>, sources: &Sources<'_>, declaration: &Declaration) -> Locked {
    let all = graph.lock.packages.iter().chain(&graph.lock.unused);
    locked(all.filter(|package| {
        package.name == declaration.package_name()
            && super::resolution::admits_locked(declaration, package)
            && sources.comes_from(declaration, package.source.as_ref())
    }))
}

fn locked<'p>(mut packages: impl Iterator<Item = &'p LockedPackage>) -> Locked {
    let Some(first) = packages.next() else {
        return Locked::Missing;
    };
    let mut versions = vec![first.version.clone()];
    versions.extend(packages.map(|package| package.version.clone()));
    if versions.len() > 1 {
        return Locked::Several(versions);
    }
    Locked::One(LockedVersion {
        version: first.version.clone(),
        source: first.source.as_ref().map(|source| source.text.clone()),
        commit: first.source.as_ref().and_then(|source| source.commit().map(str::to_owned)),
        git: first.source.as_ref().filter(|source| source.is_git()).map(SourceId::one_text),
        verified: first.source.is_none() || first.is_verified(),
    })
}

/// The dependency that a toolchain file declares.
pub(super) fn toolchain(
    channel: Option<&crate::scanner::document::Text>,
    path: Option<&crate::scanner::document::Text>,
) -> Option<Dependency> {
    let (key, text, pin) = match (channel, path) {
        (Some(channel), _) => ("channel", channel, super::toolchain::pin(&channel.value)),
        (None, Some(path)) => ("path", path, Pin::Unknown),
        (None, None) => return None,
    };
    let mut toolchain = Dependency::new(Surface::Toolchain, key, pin, text.span);
    toolchain.package = "rust".to_owned();
    toolchain.requirement = Some(text.value.clone());
    toolchain.table = "toolchain".to_owned();
    (toolchain.role, toolchain.origin) = (Role::Toolchain, Origin::Channel);
    Some(toolchain)
}
