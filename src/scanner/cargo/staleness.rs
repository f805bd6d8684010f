//! What `cargo --locked` would change in a lockfile, as far as bytes tell.
//!
//! Cargo resolves anew, with the lockfile as a preference, and compares packages, edges, checksums and unused patches. From
//! manifests and lockfile alone we see: the entry and version of each path package, its edges as a set against its
//! declarations, packages that nothing reaches, edges that lead nowhere, and the patches. We cannot see what only the
//! registry's index knows: features that switch on optional dependencies of other packages, and their own edges.

mod edges;
mod words;

use std::collections::HashSet;

use super::lockfile::{LockedPackage, Lockfile};
use super::paths::{Paths, version};
use super::resolution::{Graph, Patch, PathPackages, Sources};
use super::source_id::{Kind, SourceId, shown};
use super::workspace::{Group, Manifests};
use crate::scanner::dependency::Role;
use crate::text::{FileId, Span};

/// The most packages of one name that a message lists.
const MOST_NAMED: usize = 5;

/// One thing that cargo would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where in the lockfile.
    pub span: Span,
    /// The package concerned.
    pub name: String,
    /// The manifest that it is about, where it is about one.
    pub manifest: Option<FileId>,
    /// What differs.
    pub what: What,
}

/// What differs between manifests and lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A path package has no entry.
    Absent {
        /// Its version in the manifest.
        version: String,
    },
    /// A path package has another version.
    Version {
        /// In the manifest.
        manifest: String,
        /// In the lockfile.
        locked: String,
    },
    /// A package from a path or from git has a checksum, which nothing can be held to.
    Checksum,
    /// A declaration that no edge satisfies.
    Unmet {
        /// The package that declares it.
        owner: String,
        /// What it asks for, as a person would say it.
        wants: String,
        /// What the lockfile has of the name: versions or sources.
        has: Vec<String>,
        /// Where the declaration is.
        declared: Span,
    },
    /// A declaration that a locked package satisfies to which there is no edge: of whom, and what it asks for.
    Unlisted(String, String),
    /// An edge that no declaration asks for.
    Surplus {
        /// The package whose entry has the edge.
        owner: String,
    },
    /// An edge that leads nowhere, or to several packages.
    Dangling {
        /// The package whose entry has the edge.
        owner: String,
    },
    /// A package from git that one of a registry depends on, though no `[patch]` puts it in its place.
    Unpatched {
        /// The package that has the edge.
        owner: String,
        /// The repository.
        url: String,
    },
    /// A package that nothing reaches.
    Unreached {
        /// Its version.
        version: String,
    },
    /// A `[patch]` entry that is neither in use nor listed as unused.
    Patch,
    /// A patch listed as unused that no manifest declares, or that is in use.
    UnusedPatch,
    /// A package that `[replace]` names and the lockfile does not replace, or the other way round.
    Replace {
        /// Whether `[replace]` names it.
        is_named: bool,
    },
}

/// What is compared: a workspace, its manifests and its lockfile.
pub(super) struct Comparison<'a> {
    pub(super) manifests: &'a Manifests,
    pub(super) group: &'a Group,
    pub(super) paths: &'a Paths,
    pub(super) graph: &'a Graph<'a>,
    pub(super) sources: &'a Sources<'a>,
    /// The path packages' versions, by name.
    pub(super) by_name: &'a PathPackages<'a>,
}

impl Comparison<'_> {
    /// Everything that cargo would change.
    pub(super) fn differences(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (&package, &required) in &self.paths.packages {
            self.package(package, required, &mut differences);
        }
        self.dangling(&mut differences);
        self.unpatched(&mut differences);
        let reached = self.reached();
        // Where an entry is missing or an edge is, what it led to is unreached as well: one cause, one finding.
        if differences.is_empty() {
            self.unreached(&reached, &mut differences);
        }
        self.patches(&reached, &mut differences);
        self.replacements(&mut differences);
        differences
    }

    fn lock(&self) -> &Lockfile {
        self.graph.lock
    }

    /// What is reached from the members; where some path leads out of sight, from all that has no source.
    fn reached(&self) -> Vec<bool> {
        let entry = |&at: &usize| {
            let package = self.manifests.list[at].1.package.as_ref()?;
            self.graph.path_package(&package.name, version(self.manifests, self.group, at))
        };
        let mut start: Vec<usize> = self.group.members.iter().filter_map(entry).collect();
        if self.paths.open {
            start.extend((0..self.lock().packages.len()).filter(|&at| self.lock().packages[at].source.is_none()));
        }
        self.graph.reach(start)
    }

    /// One path package: its entry, its version, its edges.
    fn package(&self, package: usize, required: bool, differences: &mut Vec<Difference>) {
        let manifest = &self.manifests.list[package].1;
        let Some(name) = manifest.package.as_ref().map(|package| &package.name) else {
            return;
        };
        if !manifest.problems.is_empty() {
            return;
        }
        let wanted = version(self.manifests, self.group, package);
        // Two path packages of one name and version share an entry: which one it is about cannot be told.
        if self
            .by_name
            .get(name.as_str())
            .is_some_and(|versions| versions.iter().filter(|version| **version == wanted).count() > 1)
        {
            return;
        }
        let difference = |span, what| Difference { span, name: name.clone(), manifest: Some(manifest.file), what };
        // An entry of the version of another path package of the name is that package's.
        let is_others = |&at: &usize| {
            let locked = self.lock().packages[at].version.as_str();
            locked != wanted && self.by_name.get(name.as_str()).is_some_and(|versions| versions.contains(&locked))
        };
        let Some(entry) = self.graph.path_package(name, wanted).filter(|at| !is_others(at)) else {
            if required {
                let what = What::Absent { version: wanted.to_owned() };
                differences.push(difference(Span::top(self.lock().file), what));
            }
            return;
        };
        let locked = &self.lock().packages[entry];
        if locked.version != wanted {
            let what = What::Version { manifest: wanted.to_owned(), locked: locked.version.clone() };
            differences.push(difference(locked.span, what));
        }
        if locked.checksum.is_some() {
            differences.push(difference(locked.span, What::Checksum));
        }
        self.edges(package, entry, differences);
    }

    /// Checksums where none belongs, and edges of packages from elsewhere that lead nowhere: the package was deleted, or a second version made them ambiguous.
    fn dangling(&self, differences: &mut Vec<Difference>) {
        for (at, package) in self.lock().packages.iter().enumerate() {
            if package.checksum.is_some() && package.source.as_ref().is_some_and(SourceId::is_git) {
                let name = package.name.clone();
                differences.push(Difference { span: package.span, name, manifest: None, what: What::Checksum });
            }
            if package.source.is_none() {
                continue;
            }
            for (edge, target) in package.edges.iter().zip(&self.graph.edges[at]) {
                if target.is_none() {
                    let what = What::Dangling { owner: package.name.clone() };
                    differences.push(Difference { span: edge.span, name: edge.name.clone(), manifest: None, what });
                }
            }
        }
    }

    /// Packages from git that only a patch can have put there: what comes from a registry depends on registries alone.
    fn unpatched(&self, differences: &mut Vec<Difference>) {
        let packages = &self.lock().packages;
        let is_git = |at: usize| packages[at].source.as_ref().is_some_and(SourceId::is_git);
        let is_registry =
            |package: &LockedPackage| package.source.as_ref().is_some_and(|one| one.kind == Kind::Registry);
        let mut seen = HashSet::new();
        for (at, package) in packages.iter().enumerate().filter(|(_, package)| is_registry(package)) {
            let targets = self.graph.edges[at].iter().flatten().copied();
            // Each is looked for among the patches once.
            let new = targets.filter(|&target| is_git(target) && seen.insert(target));
            for target in new.filter(|&target| !self.is_from_patch(&packages[target])) {
                let LockedPackage { name, span, source, .. } = &packages[target];
                let url = source.as_ref().map(|source| shown(&source.url)).unwrap_or_default();
                let what = What::Unpatched { owner: package.name.clone(), url };
                differences.push(Difference { span: *span, name: name.clone(), manifest: None, what });
            }
        }
    }

    fn is_from_patch(&self, package: &LockedPackage) -> bool {
        self.sources.patches.iter().any(|patch| {
            patch.declaration.package_name() == package.name
                && self.sources.comes_from(patch.declaration, package.source.as_ref())
        })
    }

    /// Packages from elsewhere that nothing reaches; of those that only reach each other, the first.
    fn unreached(&self, reached: &[bool], differences: &mut Vec<Difference>) {
        let surplus = |at: usize| !reached[at] && self.lock().packages[at].source.is_some();
        let unreached: Vec<usize> = (0..reached.len()).filter(|&at| surplus(at)).collect();
        let wanted: HashSet<usize> =
            unreached.iter().flat_map(|&at| self.graph.edges[at].iter().flatten().copied()).collect();
        let mut heads: Vec<usize> = unreached.iter().copied().filter(|at| !wanted.contains(at)).collect();
        if heads.is_empty() {
            heads.extend(unreached.first());
        }
        for at in heads {
            let LockedPackage { name, version, span, .. } = &self.lock().packages[at];
            let what = What::Unreached { version: version.clone() };
            differences.push(Difference { span: *span, name: name.clone(), manifest: None, what });
        }
    }

    /// Patches: each must be in use, or be listed as unused, and nothing else may be listed.
    fn patches(&self, reached: &[bool], differences: &mut Vec<Difference>) {
        let mut listed = vec![false; self.lock().unused.len()];
        for patch in &self.sources.patches {
            let declaration = patch.declaration;
            let is_it = |package: &LockedPackage| {
                package.name == declaration.package_name()
                    && super::resolution::admits_locked(declaration, package)
                    && self.sources.comes_from(declaration, package.source.as_ref())
                    && self.has_version(patch, package)
            };
            let used = (0..reached.len()).any(|at| reached[at] && is_it(&self.lock().packages[at]));
            let mut found = used;
            for (at, package) in self.lock().unused.iter().enumerate().filter(|_| !used) {
                if is_it(package) {
                    listed[at] = true;
                    found = true;
                }
            }
            if !found {
                let name = declaration.package_name().to_owned();
                let span = Span::top(self.lock().file);
                differences.push(Difference {
                    span,
                    name,
                    manifest: Some(declaration.key_span.file),
                    what: What::Patch,
                });
            }
        }
        for (package, _) in self.lock().unused.iter().zip(listed).filter(|(_, listed)| !listed) {
            // Cargo drops one without a source that is no path package.
            if package.source.is_some() || self.by_name.contains_key(package.name.as_str()) {
                differences.push(Difference {
                    span: package.span,
                    name: package.name.clone(),
                    manifest: None,
                    what: What::UnusedPatch,
                });
            }
        }
    }

    /// `[replace]`: the package that it names has what replaces it beside it, and no other has.
    fn replacements(&self, differences: &mut Vec<Difference>) {
        let root = &self.manifests.list[self.group.root].1;
        let keys: Vec<&str> = root
            .declarations
            .iter()
            .filter(|declaration| declaration.heading.role == Role::Replace)
            .map(|declaration| declaration.key.rsplit('#').next().unwrap_or(&declaration.key))
            .collect();
        for (at, package) in self.lock().packages.iter().enumerate().filter(|(_, package)| package.source.is_some()) {
            // One without a version is refused by cargo.
            let mut named = keys.iter().filter_map(|key| key.split_once([':', '@']));
            let is_named = named.any(|(name, version)| name == package.name && version == package.version);
            let is_replaced = package.replace.as_ref().is_some_and(|edge| !self.graph.named(&edge.name).is_empty());
            // What stands in for another is not replaced itself, though it has the name and the version.
            let stands_in = is_named && self.graph.is_replacement(at);
            if is_named != is_replaced && !stands_in {
                let name = package.name.clone();
                differences.push(Difference {
                    span: package.span,
                    name,
                    manifest: None,
                    what: What::Replace { is_named },
                });
            }
        }
    }

    /// Whether a patch by path has the version of the locked package; one out of sight may have any.
    fn has_version(&self, patch: &Patch<'_>, package: &LockedPackage) -> bool {
        let Some(path) = patch.declaration.path.as_ref().filter(|_| !patch.declaration.based) else {
            return true;
        };
        let target = crate::source::join(patch.base, &path.value).and_then(|target| self.manifests.at(&target));
        target.is_none_or(|target| version(self.manifests, self.group, target) == package.version)
    }
}
