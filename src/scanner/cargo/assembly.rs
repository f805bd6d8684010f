//! What was read, put together: workspaces with their members, lockfiles and declarations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::config::Config;
use super::declaration::Declaration;
use super::join::{self, Joined};
use super::lockfile::{self, Lockfile};
use super::manifest::Field;
use super::paths::{self, Paths};
use super::reading::{Kind, Parsed, Reading, load, lock_place, manifest_place};
use super::resolution::Graph;
use super::staleness;
use super::workspace::{self, Group, Member, Workspace};
use crate::scanner::dependency::{Abroad, Dependency, LockedVersion, Pin, Role};
use crate::scanner::{Extent, Problem, Scan, Skipped};
use crate::source::{Tracking, join as join_path};

/// How many manifests' dependencies are put together by one thread at least: they are small.
const MANIFESTS_AT_ONCE: usize = 4;

/// A workspace and its lockfile, compared.
struct Compared {
    /// What each declaration is locked to, and who inherits it.
    joined: Joined,
    /// What cargo would change.
    differences: Vec<staleness::Difference>,
    /// The patches of cargo's configuration, which belong to the workspace nearest below.
    configured: Vec<Dependency>,
    /// What the lockfile holds of other workspaces' declarations.
    abroad: join::Abroad,
}

/// The manifests that some workspace has.
fn claimed(groups: &[(Group, Paths)]) -> HashSet<usize> {
    let all = |(group, _): &(Group, Paths)| {
        let manifests = group.members.iter().chain(&group.adopted).copied();
        manifests.chain([group.root]).collect::<Vec<_>>()
    };
    groups.iter().flat_map(all).collect()
}

impl Reading<'_> {
    /// Reads the manifest in a directory that was left out.
    pub(super) fn late(&mut self, directory: &str) -> Option<()> {
        let at = self.snapshot.find(&manifest_place(directory))?;
        let file = self.snapshot.file(at);
        let loaded = load(self.snapshot, &self.snapshot.entries()[at], file, Kind::Manifest).ok()?;
        let (text, Parsed::Manifest(manifest)) = loaded else { return None };
        self.scan.files.set_text(file, text);
        self.manifests.insert(directory.to_owned(), manifest);
        Some(())
    }

    /// Groups the manifests into workspaces, reading those that a workspace claims although they were left out.
    pub(super) fn group(&mut self, judged: &[usize]) -> Vec<(Group, Paths)> {
        let (snapshot, scan) = (self.snapshot, &mut self.scan);
        let files = &mut scan.files;
        let mut late = |directory: &str| {
            let place = manifest_place(directory);
            let found = snapshot.find(&place).map(|at| (snapshot.entries()[at].clone(), snapshot.file(at)));
            // One in a directory that was not listed has no place in the table of files yet.
            let (entry, file) = match found {
                Some(found) => found,
                None => (snapshot.probe(&place)?, files.add(place, String::new())),
            };
            match load(snapshot, &entry, file, Kind::Manifest) {
                Ok((text, Parsed::Manifest(manifest))) => {
                    files.set_text(file, text);
                    Some(manifest)
                }
                // It is reported where it was met first, or by whoever claims it.
                _ => None,
            }
        };
        let groups = workspace::group(snapshot, &mut self.manifests, judged, &mut late, &mut scan.problems);
        let configs = &scan.configs;
        let followed = groups.into_iter().map(|group| {
            let root = self.manifests.list[group.root].0.clone();
            let patches: Vec<(String, String)> = join::chain(configs, &root)
                .flat_map(|config| config.patches.iter().map(move |patch| (config, patch)))
                .filter_map(|(config, patch)| Some((config.directory.clone(), patch.path.as_ref()?.value.clone())))
                .collect();
            let paths = paths::follow(snapshot, &mut self.manifests, &group, &patches, &mut late);
            (group, paths)
        });
        followed.collect()
    }

    /// Gives packages that stand alone without a lockfile, and those that cargo would refuse by themselves, to the
    /// workspace whose path dependency or patch builds them. What was left out stays left out.
    pub(super) fn adopt(&self, judged: usize, groups: &mut Vec<(Group, Paths)>) {
        let has_lock = |at: usize| {
            let directory = &self.manifests.list[at].0;
            self.snapshot.find(&lock_place(directory)).is_some()
        };
        let is_orphan = |at: usize| self.manifests.list[at].1.workspace.is_none() && !has_lock(at);
        let orphans: Vec<usize> = groups.iter().map(|(group, _)| group.root).filter(|&at| is_orphan(at)).collect();
        let mut taken = Vec::new();
        for orphan in orphans {
            let adopts = |(group, paths): &&mut (Group, Paths)| {
                group.root != orphan && paths.packages.contains_key(&orphan) && has_lock(group.root)
            };
            if let Some((group, _)) = groups.iter_mut().find(adopts) {
                group.adopted.insert(orphan);
                taken.push(orphan);
            }
        }
        groups.retain(|(group, _)| !taken.contains(&group.root));
        let mut claimed = claimed(groups);
        for (group, paths) in groups {
            let refused = paths.packages.keys().copied().filter(|&at| at < judged && claimed.insert(at));
            group.adopted.extend(refused);
        }
    }

    /// What no group has is refused by cargo: skipped, or listed without a lockfile where everything was asked for.
    pub(super) fn refused(&mut self, judged: &[usize], groups: &[(Group, Paths)], include: bool) {
        let claimed = claimed(groups);
        let path = |&at: &usize| self.scan.files.path(self.manifests.list[at].1.file);
        let paths: HashSet<&str> = claimed.iter().map(path).collect();
        self.scan.skipped.retain(|skipped| !paths.contains(skipped.path.as_str()));
        for &at in judged.iter().filter(|at| !claimed.contains(at)) {
            let path = self.scan.files.path(self.manifests.list[at].1.file).to_owned();
            let manifest = &self.manifests.list[at].1;
            if include {
                self.declare(at, &[at], &Joined::new(), None);
            } else if manifest.package.is_none() && !manifest.problems.is_empty() {
                self.scan.problems.extend(manifest.problems.iter().cloned());
            } else {
                let root = workspace::root_of(&self.manifests, at);
                let why = match root.as_deref() {
                    _ if manifest.package.is_none() => "neither a package nor a workspace: cargo refuses it".to_owned(),
                    Some("") => "cargo refuses it: the workspace at the root neither claims nor excludes it".to_owned(),
                    Some(root) => format!("cargo refuses it: the workspace at `{root}` neither claims nor excludes it"),
                    None => "cargo refuses it".to_owned(),
                };
                self.scan.skipped.push(Skipped { path, why });
            }
        }
    }

    /// Adds the dependencies of manifests, and their problems.
    fn declare(&mut self, root: usize, manifests: &[usize], joined: &Joined, lock: Option<&Lockfile>) {
        let one = |&at: &usize| self.dependencies(at, at == root, joined, lock);
        let dependencies: Vec<Vec<Dependency>> =
            manifests.par_iter().with_min_len(MANIFESTS_AT_ONCE).map(one).collect();
        self.scan.dependencies.reserve(dependencies.iter().map(Vec::len).sum());
        for (&at, dependencies) in manifests.iter().zip(dependencies) {
            self.scan.problems.extend(self.manifests.list[at].1.problems.iter().cloned());
            self.declared.push((at, self.scan.dependencies.len()));
            self.scan.dependencies.extend(dependencies);
        }
    }

    /// The dependencies of a manifest. Patches in one that is no root are ignored by cargo, which warns: they let nothing float.
    fn dependencies(&self, at: usize, is_root: bool, joined: &Joined, lock: Option<&Lockfile>) -> Vec<Dependency> {
        let (directory, manifest) = &self.manifests.list[at];
        let declarations = manifest.declarations.iter().enumerate().filter(|(_, declaration)| !declaration.inherited);
        let one = |(index, declaration)| {
            let mut dependency = join::dependency(self.snapshot, directory, Some(manifest), declaration);
            if let Some(held) = joined.get(&(at, index)) {
                held.fill(&self.manifests, lock, &mut dependency);
            }
            if !is_root && matches!(dependency.role, Role::Patch | Role::Replace) {
                dependency.pin = Pin::Content;
            }
            dependency
        };
        let mut dependencies = Vec::with_capacity(manifest.declarations.len());
        dependencies.extend(declarations.map(one));
        dependencies
    }

    /// Joins one workspace to its lockfile and compares the two.
    pub(super) fn workspace(&mut self, group: &Group, paths: &Paths, extent: Extent) {
        let directory = self.manifests.list[group.root].0.clone();
        let entry = self.snapshot.find(&lock_place(&directory));
        let tracking = entry.map_or(Tracking::Unknown, |entry| self.snapshot.entries()[entry].tracking);
        // One that could not be read is there all the same: it is not missing.
        let unreadable = entry
            .map(|at| self.snapshot.file(at))
            .filter(|file| self.scan.problems.iter().any(|problem| problem.span.file == *file));
        let is_unreadable = unreadable.is_some();
        let lock = self.locks.remove(&directory).or_else(|| Some(Arc::new(lockfile::read(unreadable?, ""))));
        if let Some(lock) = &lock {
            self.scan.problems.extend(lock.problems.iter().cloned());
        }
        self.scan.problems.extend(paths.problems.iter().cloned());
        let usable = lock.as_deref().filter(|lock| lock.problems.is_empty() && !is_unreadable);
        let Compared { joined, differences, configured, abroad } =
            self.compare(group, paths, usable.filter(|_| extent == Extent::Joined), &directory);
        if let Some(lock) = usable {
            let held = |(place, locked)| (place, Abroad { lock: lock.file, locked });
            self.abroad.extend(abroad.into_iter().map(held));
        }
        let virtual_root = [&group.root].into_iter().filter(|root| !group.members.contains(root));
        let declaring: Vec<usize> =
            group.own().chain(group.adopted.iter().copied()).chain(virtual_root.copied()).collect();
        let first = self.scan.dependencies.len();
        self.declare(group.root, &declaring, &joined, usable);
        let root_file = self.manifests.list[group.root].1.file;
        self.leave_open(group, first);
        self.scan.dependencies.extend(configured);
        self.refusals(group);
        let members = group.own().filter_map(|at| {
            let (directory, manifest) = &self.manifests.list[at];
            let name = manifest.package.as_ref()?.name.clone();
            let root = self.manifests.list[group.root].1.workspace.as_ref();
            let has_lib = || {
                let lib = format!("{directory}/src/lib.rs");
                self.snapshot.find(lib.trim_start_matches('/')).is_some()
            };
            let is_published = manifest.publication.is_open(root) && (manifest.publication.has_lib || has_lib());
            Some(Member { name, directory: directory.clone(), file: manifest.file, is_published })
        });
        let mut members: Vec<Member> = members.collect();
        members.sort_by(|a, b| a.directory.cmp(&b.directory));
        let built = |at: &usize| self.manifests.list[*at].1.declarations.iter().any(workspace::is_built);
        // What is not read differs from no lockfile.
        let is_lost = self.is_lost(group);
        let differences = if is_lost { Vec::new() } else { differences };
        self.scan.workspaces.push(Workspace {
            root: root_file,
            has_dependencies: group.members.iter().any(built),
            is_lost,
            directory,
            members,
            packages: paths.packages.keys().map(|&at| self.manifests.list[at].1.file).collect(),
            lock,
            tracking,
            differences,
        });
    }

    /// Whether a package inherits what nobody has: alone, or in a workspace of its own.
    fn is_lost(&self, group: &Group) -> bool {
        let workspace = self.manifests.list[group.root].1.workspace.as_ref();
        let has_edition = workspace.is_some_and(|workspace| workspace.edition.is_some());
        group.own().any(|at| {
            let manifest = &self.manifests.list[at].1;
            let edition = manifest.package.as_ref().map(|package| &package.edition);
            workspace.is_none() && manifest.declarations.iter().any(|one| one.inherited)
                || !has_edition && edition == Some(&Field::Inherited)
        })
    }

    /// Notes of the entries that nobody inherits, from an index on, where somebody may: members that cannot be read may inherit
    /// anything, and what is said of a root is said of those that it looks for.
    fn leave_open(&mut self, group: &Group, first: usize) {
        let is_unused = |one: &&mut Dependency| one.role == Role::Workspace && one.uses.is_empty();
        let mut unused = self.scan.dependencies[first..].iter_mut().filter(is_unused).peekable();
        let root = self.manifests.list[group.root].1.file;
        let is_unread = |&at: &usize| {
            let manifest = &self.manifests.list[at].1;
            manifest.package.is_none() && !manifest.problems.is_empty()
        };
        let is_open = || {
            group.members.iter().any(is_unread) || self.scan.problems.iter().any(|problem| problem.span.file == root)
        };
        if unused.peek().is_some() && is_open() {
            unused.for_each(|one| one.may_be_used = true);
        }
    }

    /// Compares a workspace with its lockfile; without one, nothing is joined.
    fn compare(&self, group: &Group, paths: &Paths, lock: Option<&Lockfile>, directory: &str) -> Compared {
        let configs: Vec<&Config> = join::chain(&self.scan.configs, directory).collect();
        let root = &self.manifests.list[group.root].1;
        let sources = join::sources(directory, root, &configs, lock.map_or(4, |lock| lock.version));
        let by_name = paths.by_name(&self.manifests, group);
        let graph = lock.map(|lock| Graph::new(lock, &by_name, paths.open));
        let manifests = &self.manifests;
        let (joined, differences) = rayon::join(
            || join::join_group(manifests, group, paths, graph.as_ref().map(|graph| (graph, &sources))),
            || {
                let graph = graph.as_ref()?;
                let (sources, by_name) = (&sources, &by_name);
                Some(staleness::Comparison { manifests, group, paths, graph, sources, by_name }.differences())
            },
        );
        let own = configs.iter().filter(|config| self.nearest(&config.directory) == Some(directory));
        let configured =
            own.flat_map(|config| config.patches.iter().map(move |patch| (config, patch))).map(|(config, patch)| {
                let mut dependency = join::dependency(self.snapshot, &config.directory, None, patch);
                if let Some(graph) = &graph {
                    dependency.locked = join::patch(graph, &sources, patch);
                }
                dependency
            });
        let abroad = graph.as_ref().map(|graph| join::abroad(manifests, group, paths, (graph, &sources)));
        Compared {
            joined,
            differences: differences.unwrap_or_default(),
            configured: configured.collect(),
            abroad: abroad.unwrap_or_default(),
        }
    }

    /// The directory of the first manifest at or below a directory, which is whose lockfile its configuration is joined to.
    fn nearest(&self, directory: &str) -> Option<&str> {
        let below = self.manifests.list.iter().map(|(at, _)| at.as_str());
        below.filter(|at| crate::source::is_below(at, directory)).min_by_key(|at| (at.len(), *at))
    }

    /// What cargo refuses in a member because of its workspace: what it inherits and the root does not have, a
    /// `package.workspace` that points elsewhere, and spellings that its edition no longer has.
    fn refusals(&mut self, group: &Group) {
        let (root, root_manifest) = &self.manifests.list[group.root];
        let place = manifest_place(root);
        let workspace = root_manifest.workspace.as_ref();
        let mut problems = Vec::new();
        let mut names = HashMap::new();
        for at in group.own() {
            let (directory, manifest) = &self.manifests.list[at];
            let Some(package) = &manifest.package else {
                continue;
            };
            let mut refuse = |span, what: &str| problems.push(Problem::new(span, format!("{what}: cargo refuses it")));
            if let Some(other) = names.insert(&package.name, directory) {
                refuse(package.span, &format!("{} has a package `{}` as well", manifest_place(other), package.name));
            }
            let inherits = |declaration: &&Declaration| {
                declaration.inherited && root_manifest.inherited(&declaration.key).is_none()
            };
            let mut lacking = manifest.declarations.iter().filter(inherits);
            let values = workspace.map(|workspace| [&workspace.version, &workspace.edition]);
            let fields = [("version", &package.version), ("edition", &package.edition)];
            let mut bare = fields.iter().enumerate().filter(|(at, (_, field))| {
                **field == Field::Inherited && values.is_none_or(|values| values[*at].is_none())
            });
            match workspace {
                None => {
                    let first = lacking.next().map(|first| first.key_span);
                    if let Some(span) = first.or_else(|| bare.next().map(|_| package.span)) {
                        refuse(span, "it inherits from a workspace, and is among the `members` of none");
                    }
                }
                Some(_) => {
                    for declaration in lacking {
                        let what = format!(
                            "`{}` is inherited, and `[workspace.dependencies]` of {place} has no such entry",
                            declaration.key
                        );
                        refuse(declaration.key_span, &what);
                    }
                    for (_, (name, _)) in bare {
                        let what = format!("the {name} is inherited, and `[workspace.package]` of {place} has none");
                        refuse(package.span, &what);
                    }
                }
            }
            // A root that points elsewhere was refused when it was read.
            let pointer = package.workspace.as_ref().filter(|_| manifest.workspace.is_none());
            if let Some(pointer) = pointer.filter(|pointer| join_path(directory, &pointer.value).as_ref() != Some(root))
            {
                refuse(pointer.span, &format!("`package.workspace` points elsewhere than to {place}, which claims it"));
            }
            let edition = package.edition.resolve(workspace.and_then(|workspace| workspace.edition.as_deref()));
            if edition.is_some_and(|edition| edition >= "2024") {
                for (spelling, span) in &manifest.old_spellings {
                    refuse(*span, &format!("`{spelling}` is a spelling that edition 2024 no longer has"));
                }
            }
        }
        self.scan.problems.extend(problems);
    }

    /// Where each declaration that another workspace's lockfile holds as well is among the dependencies.
    fn places(&self) -> HashMap<(usize, usize), usize> {
        let sought: HashSet<usize> = self.abroad.iter().map(|((manifest, _), _)| *manifest).collect();
        let declared = self.declared.iter().filter(|(manifest, _)| sought.contains(manifest));
        let places = declared.flat_map(|&(manifest, first)| {
            let declarations = self.manifests.list[manifest].1.declarations.iter().enumerate();
            let own = declarations.filter(|(_, declaration)| !declaration.inherited);
            own.enumerate().map(move |(count, (index, _))| ((manifest, index), first + count))
        });
        places.collect()
    }

    pub(super) fn finish(mut self) -> Scan {
        let places = self.places();
        for (place, abroad) in std::mem::take(&mut self.abroad) {
            let Some(dependency) = places.get(&place).and_then(|&at| self.scan.dependencies.get_mut(at)) else {
                continue;
            };
            let differs =
                |own: &LockedVersion| (&own.version, &own.commit) != (&abroad.locked.version, &abroad.locked.commit);
            if dependency.abroad.is_none() && dependency.locked.one().is_some_and(differs) {
                dependency.abroad = Some(abroad);
            }
        }
        let problems = self.scan.configs.iter().flat_map(|config| config.problems.iter().cloned());
        self.scan.problems.extend(problems.collect::<Vec<_>>());
        self.scan.loose.extend(self.locks.into_values());
        self.scan.loose.sort_by_key(|lock| lock.file);
        self.scan
    }
}
