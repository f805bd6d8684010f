//! A lockfile as a graph, and which of its packages a declaration admits.
//!
//! Source: cargo's `resolver/encode.rs` for what an edge leads to, and `Dependency::matches_id` with
//! `PackageRegistry::lock` for what a declaration admits.

use std::collections::HashMap;

use rayon::prelude::*;
use semver::Version;

use super::declaration::Declaration;
use super::lockfile::{Edge, LockedPackage, Lockfile};
use super::source_id::{self, SourceId};

/// The path packages of a workspace, by name, with their versions.
pub(super) type PathPackages<'m> = HashMap<&'m str, Vec<&'m str>>;

/// How many packages of one name are gone through for a version: seldom has a name more than two.
const FEW: usize = 8;

/// A lockfile with its edges followed.
pub(super) struct Graph<'l> {
    pub(super) lock: &'l Lockfile,
    by_name: HashMap<&'l str, Vec<usize>>,
    /// The packages of each name that has more than [`FEW`], by their version too.
    by_id: HashMap<(&'l str, &'l str), Vec<usize>>,
    /// The edges of each package: the package that each leads to, none where it leads nowhere.
    pub(super) edges: Vec<Vec<Option<usize>>>,
    /// What `[replace]` puts in the place of each package.
    replaced: Vec<Option<usize>>,
    /// Whether `[replace]` puts it in the place of another package.
    is_replacement: Vec<bool>,
}

impl<'l> Graph<'l> {
    /// Follows the edges. `paths` are the workspace's path packages, and `open` says that there may be more, which cannot
    /// be seen.
    pub(super) fn new(lock: &'l Lockfile, paths: &PathPackages<'_>, open: bool) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::with_capacity(lock.packages.len());
        // A package without a source that is no path package of the workspace is dropped by cargo.
        for (at, package) in lock.packages.iter().enumerate().filter(|(_, package)| open || is_live(package, paths)) {
            by_name.entry(&package.name).or_default().push(at);
        }
        let mut by_id: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for &at in by_name.values().filter(|named| named.len() > FEW).flatten() {
            let package = &lock.packages[at];
            by_id.entry((&package.name, &package.version)).or_default().push(at);
        }
        let mut graph = Self {
            lock,
            by_name,
            by_id,
            edges: Vec::new(),
            replaced: Vec::new(),
            is_replacement: vec![false; lock.packages.len()],
        };
        let follow = |package: &LockedPackage| package.edges.iter().map(|edge| graph.follow(edge)).collect();
        graph.edges = lock.packages.par_iter().with_min_len(128).map(follow).collect();
        graph.replaced = lock.packages.iter().map(|package| graph.follow(package.replace.as_ref()?)).collect();
        graph.replaced.iter().flatten().for_each(|&at| graph.is_replacement[at] = true);
        graph
    }

    /// The live packages of a name.
    pub(super) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether `[replace]` puts it in the place of another package.
    pub(super) fn is_replacement(&self, at: usize) -> bool {
        self.is_replacement[at]
    }

    /// The package that an edge leads to; none where it is ambiguous or nothing fits.
    fn follow(&self, edge: &Edge) -> Option<usize> {
        let packages = &self.lock.packages;
        let named = self.named(&edge.name);
        let version = match &edge.version {
            Some(version) => version,
            None => {
                let version = &packages[*named.first()?].version;
                named.iter().all(|&at| packages[at].version == *version).then_some(version)?
            }
        };
        let mut fitting = self.fitting(&edge.name, version);
        if let Some(source) = &edge.source {
            return fitting.find(|&at| packages[at].source.as_ref().is_some_and(|other| other.same(source)));
        }
        let mut paths = fitting.clone().filter(|&at| packages[at].source.is_none());
        match (paths.next(), paths.next()) {
            (Some(path), None) => Some(path),
            (Some(_), Some(_)) => None,
            (None, _) => match (fitting.next(), fitting.next()) {
                (only, None) => only,
                _ => None,
            },
        }
    }

    /// The live packages of a name and a version.
    fn fitting<'s>(&'s self, name: &'s str, version: &'s str) -> impl Iterator<Item = usize> + Clone {
        let named = self.named(name);
        let all = match named.len() {
            0..=FEW => named,
            _ => self.by_id.get(&(name, version)).map_or(&[][..], Vec::as_slice),
        };
        all.iter().copied().filter(move |&at| self.lock.packages[at].version == version)
    }

    /// The edges of a package that lead somewhere, by the name of what is there: the edge's index, and that package's.
    pub(super) fn edges_by_name(&self, at: usize) -> HashMap<&'l str, Vec<(usize, usize)>> {
        let mut by_name: HashMap<&str, Vec<(usize, usize)>> = HashMap::with_capacity(self.edges[at].len());
        for (edge, target) in self.edges[at].iter().enumerate().filter_map(|(edge, target)| Some((edge, (*target)?))) {
            by_name.entry(&self.lock.packages[target].name).or_default().push((edge, target));
        }
        by_name
    }

    /// The entry of a path package; by name alone where its version is not the manifest's.
    pub(super) fn path_package(&self, name: &str, version: &str) -> Option<usize> {
        let sourceless = || self.named(name).iter().copied().filter(|&at| self.lock.packages[at].source.is_none());
        sourceless().find(|&at| self.lock.packages[at].version == version).or_else(|| sourceless().next())
    }

    /// The packages that are reached from `start` over edges, itself included.
    pub(super) fn reach(&self, start: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.lock.packages.len()];
        let mut waiting: Vec<usize> = start.into_iter().collect();
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                waiting.extend(self.edges[at].iter().flatten().chain(&self.replaced[at]));
            }
        }
        reached
    }
}

/// What each package of a lockfile leads to, for those who have the lockfile alone: every package without a source counts, and
/// an edge is none where it leads nowhere or to several. What `[replace]` puts in a package's place is one of its edges.
#[must_use]
pub fn edges(lock: &Lockfile) -> Vec<Vec<Option<usize>>> {
    let graph = Graph::new(lock, &PathPackages::new(), true);
    let replaced = graph.replaced.into_iter();
    let with = |(mut edges, replaced): (Vec<Option<usize>>, Option<usize>)| {
        edges.extend(replaced.map(Some));
        edges
    };
    graph.edges.into_iter().zip(replaced).map(with).collect()
}

/// Cargo's `get_source_id`: a package without a source is one of the workspace's path packages, by name, and by version
/// where several have the name.
fn is_live(package: &LockedPackage, paths: &PathPackages<'_>) -> bool {
    package.source.is_some()
        || paths
            .get(package.name.as_str())
            .is_some_and(|versions| versions.len() == 1 || versions.contains(&package.version.as_str()))
}

/// What a `[patch]` table replaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Patched {
    CratesIo,
    /// The canonical URL of a registry's index or a git repository.
    Url(String),
    /// A registry whose URL is not in sight.
    Unknown,
}

/// An entry of `[patch]`, in the root manifest or in cargo's configuration.
pub(super) struct Patch<'m> {
    pub(super) declaration: &'m Declaration,
    /// The directory that a path in it is relative to.
    pub(super) base: &'m str,
    pub(super) patched: Patched,
}

/// What tells which packages a declaration admits: the registries' names, and the patches.
pub(super) struct Sources<'m> {
    /// The canonical URL of each named registry's index; none where that is no URL.
    pub(super) registries: HashMap<&'m str, Option<String>>,
    pub(super) patches: Vec<Patch<'m>>,
    /// The format's version, by which `branch = "master"` is no branch in old lockfiles.
    pub(super) version: u32,
}

impl Sources<'_> {
    /// Whether a locked package satisfies a declaration: its name, its requirement, and its source or a patch of that.
    pub(super) fn admits(&self, declaration: &Declaration, package: &LockedPackage) -> bool {
        // A path package has the version that its manifest says, whatever the lockfile has: that is compared for itself.
        declaration.package_name() == package.name
            && (declaration.path.is_some() || admits_locked(declaration, package))
            && (self.comes_from(declaration, package.source.as_ref()) || self.is_patched(declaration, package))
    }

    fn is_patched(&self, declaration: &Declaration, package: &LockedPackage) -> bool {
        self.patches.iter().any(|patch| {
            patch.declaration.package_name() == package.name
                && self.covers(&patch.patched, declaration)
                && self.comes_from(patch.declaration, package.source.as_ref())
        })
    }

    fn covers(&self, patched: &Patched, declaration: &Declaration) -> bool {
        if declaration.git.is_some() {
            return matches!(patched, Patched::Url(url) if declaration.canonical.as_ref() == Some(url));
        }
        match (patched, self.index(declaration)) {
            (Patched::Unknown, _) | (_, Index::Unknown) => declaration.path.is_none(),
            (Patched::CratesIo, Index::CratesIo) => declaration.path.is_none(),
            (Patched::Url(url), Index::Url(index)) => index == Some(url.as_str()),
            _ => false,
        }
    }

    fn index<'d>(&'d self, declaration: &'d Declaration) -> Index<'d> {
        let index = match (&declaration.registry_index, &declaration.registry) {
            (Some(_), _) => declaration.canonical.as_deref(),
            (None, Some(name)) => match self.registries.get(name.as_str()) {
                Some(index) => index.as_deref(),
                None => return Index::Unknown,
            },
            (None, None) => return Index::CratesIo,
        };
        // By whatever name: a patch of crates.io is one of it, too.
        if index == Some(source_id::CRATES_IO_CANONICAL) { Index::CratesIo } else { Index::Url(index) }
    }

    /// Whether a source is the one that a declaration names, patches apart.
    pub(super) fn comes_from(&self, declaration: &Declaration, source: Option<&SourceId>) -> bool {
        if declaration.path.is_some() {
            return source.is_none();
        }
        let Some(source) = source else { return false };
        if let Some(git) = &declaration.git {
            // A query in the URL is not something that cargo documents: no verdict on it.
            let same = git.value.contains('?') || source.has_url(&git.value, declaration.canonical.as_deref());
            return source.is_git() && same && self.same_reference(declaration, source);
        }
        match self.index(declaration) {
            Index::CratesIo => source.is_crates_io(),
            Index::Url(index) => source.kind == source_id::Kind::Registry && source.has_canonical(index),
            Index::Unknown => source.kind == source_id::Kind::Registry && !source.is_crates_io(),
        }
    }

    fn same_reference(&self, declaration: &Declaration, source: &SourceId) -> bool {
        let ours = declaration.reference.as_ref().map(|(key, text)| (*key, text.value.as_str()));
        let theirs = source.reference.as_ref().map(|(key, value)| (*key, value.as_str()));
        let plain = |reference| {
            if self.version < 3 && reference == Some(("branch", "master")) { None } else { reference }
        };
        // Before version 4 references were written raw, and cargo reads encoded ones all the same.
        let decoded = theirs.filter(|_| self.version < 4).map(|(key, value)| (key, source_id::decoded(value)));
        plain(ours) == plain(theirs) || decoded.is_some_and(|(key, value)| ours == Some((key, value.as_str())))
    }
}

/// The registry that a declaration names.
enum Index<'d> {
    CratesIo,
    /// By the canonical form of its index's URL; none where that is no URL.
    Url(Option<&'d str>),
    /// By a name that no configuration in sight explains.
    Unknown,
}

/// Whether a declaration's requirement admits a locked package's version; without a requirement any does.
pub(super) fn admits_locked(declaration: &Declaration, package: &LockedPackage) -> bool {
    declaration
        .requirement
        .as_ref()
        .is_none_or(|requirement| package.parsed.as_ref().is_some_and(|version| requirement.admits(version)))
}

/// Whether a declaration's requirement admits a version; without a requirement any does.
pub(super) fn admits_version(declaration: &Declaration, version: &str) -> bool {
    let Some(requirement) = &declaration.requirement else { return true };
    Version::parse(version.trim()).is_ok_and(|version| requirement.admits(&version))
}
