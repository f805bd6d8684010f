//! Manifests and lockfiles put together: which lockfile is whose, and what it holds each declaration to.

use std::collections::{BTreeMap, HashMap};

use super::lock::{self, Answer, Lock, Question};
use super::manifest::Manifest;
use super::{Facts, Manager};
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Locked, Origin, PathTarget, Pin, Role, Surface, Use};
use crate::scanner::pattern::Pattern;
use crate::scanner::project::Project;
use crate::scanner::surfaces::{self, Placed};
use crate::source::{Resolved, Snapshot, Tracking, is_below, parent};
use crate::text::FileId;

/// Joins what was read of each file.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], scan: &mut Scan) {
    let family = Family::gather(sheets);
    if family.manifests.is_empty() && family.workspaces.is_empty() {
        return;
    }
    let unread = family.unread(snapshot);
    let mut roots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for directory in family.directories() {
        roots.entry(family.root_of(snapshot, directory)).or_default().push(directory);
    }
    for (root, members) in roots {
        let found = family.lockfile(snapshot, root);
        let (members_by_name, overridden) = (family.named(&members), family.overridden(root, scan));
        let links = family.links(root, found.as_ref());
        let members_by_name = if links { members_by_name } else { HashMap::new() };
        let own = Own { family: &family, snapshot, root, lock: found.as_ref(), members: members_by_name, overridden };
        for &directory in &members {
            own.resolve(directory, scan);
        }
        family.inherit(root, &members, &unread, scan);
        scan.projects.extend(family.project(root, &members, found.as_ref(), scan));
    }
}

/// A lockfile in its place.
struct Found<'s> {
    manager: Manager,
    file: FileId,
    tracking: Tracking,
    /// What was read of it, if it could be.
    lock: Option<&'s Lock>,
}

/// Everything of the npm family, by directory.
struct Family<'s> {
    manifests: BTreeMap<&'s str, (&'s Placed, &'s Manifest)>,
    workspaces: BTreeMap<&'s str, &'s Placed>,
    locks: HashMap<&'s str, &'s Lock>,
    /// The patterns of each root of a workspace, and whether each takes out.
    patterns: HashMap<&'s str, Vec<(Pattern, bool)>>,
}

impl<'s> Family<'s> {
    fn gather(sheets: &'s [Placed]) -> Self {
        let (mut manifests, mut workspaces) = (BTreeMap::new(), BTreeMap::new());
        let (mut locks, mut patterns) = (HashMap::new(), HashMap::<&str, Vec<(Pattern, bool)>>::new());
        for placed in sheets {
            let surfaces::Facts::Npm(facts) = &placed.sheet.facts else { continue };
            let directory = parent(&placed.place);
            let texts = match facts {
                Facts::Manifest(manifest) => {
                    manifests.insert(directory, (placed, manifest));
                    &manifest.workspaces
                }
                Facts::Workspace(workspace) => {
                    workspaces.insert(directory, placed);
                    &workspace.packages
                }
                Facts::Lock(lock) => {
                    locks.insert(placed.place.as_str(), lock);
                    continue;
                }
            };
            let compiled = texts.iter().filter_map(|text| {
                let (text, takes_out) = text.strip_prefix('!').map_or((text.as_str(), false), |rest| (rest, true));
                let pattern = Pattern::new(text.trim_start_matches("./").trim_end_matches('/')).ok()?;
                Some((pattern, takes_out))
            });
            patterns.entry(directory).or_default().extend(compiled);
        }
        Self { manifests, workspaces, locks, patterns }
    }

    /// The directories that have a manifest, or a workspace without one.
    fn directories(&self) -> Vec<&'s str> {
        let bare = self.workspaces.keys().filter(|directory| !self.manifests.contains_key(*directory));
        self.manifests.keys().chain(bare).copied().collect()
    }

    /// The root of the workspace that a manifest is of: the nearest one above that claims it; else its own directory.
    fn root_of(&self, snapshot: &Snapshot, directory: &'s str) -> &'s str {
        let mut above = directory;
        while !above.is_empty() {
            above = parent(above);
            if self.claims(above, directory) {
                let has_own =
                    || self.lockfile(snapshot, above).is_none() && self.lockfile(snapshot, directory).is_some();
                return if has_own() { directory } else { above };
            }
        }
        directory
    }

    fn claims(&self, root: &str, directory: &str) -> bool {
        let relative = relative(root, directory);
        let listed = lock::NAMES
            .iter()
            .any(|(name, _)| self.locks.get(at(root, name).as_str()).is_some_and(|lock| lock.has_importer(relative)));
        let Some(patterns) = self.patterns.get(root) else { return listed };
        let matches =
            |takes_out: bool| patterns.iter().any(|(pattern, out)| *out == takes_out && pattern.matches(relative));
        listed || (matches(false) && !matches(true))
    }

    /// The lockfile in a directory: that of the package manager which is named there, else the first.
    fn lockfile(&self, snapshot: &Snapshot, directory: &str) -> Option<Found<'s>> {
        let all = lock::NAMES.iter().filter_map(|(name, manager)| {
            let place = at(directory, name);
            let entry = snapshot.find(&place)?;
            let lock = self.locks.get(place.as_str()).copied();
            let tracking = snapshot.entries()[entry].tracking;
            Some(Found { manager: *manager, file: snapshot.file(entry), tracking, lock })
        });
        let named = self.manifests.get(directory).and_then(|(_, manifest)| manifest.manager);
        let mut all: Vec<Found<'s>> = all.collect();
        let chosen = all.iter().position(|found| Some(found.manager) == named).unwrap_or(0);
        (chosen < all.len()).then(|| all.swap_remove(chosen))
    }

    /// The packages of a workspace by their names.
    fn named(&self, members: &[&'s str]) -> HashMap<&'s str, (&'s str, Option<&'s str>)> {
        let one = |directory: &&'s str| {
            let (_, manifest) = self.manifests.get(directory)?;
            Some((manifest.name.as_deref()?, (*directory, manifest.version.as_deref())))
        };
        members.iter().filter_map(one).collect()
    }

    /// Whether a range may mean a package of a workspace. Where no lockfile says what it means, pnpm takes the registry's, as it does
    /// since its version 9 unless it is told to link.
    fn links(&self, root: &str, found: Option<&Found<'_>>) -> bool {
        let named = self.manifests.get(root).and_then(|(_, manifest)| manifest.manager);
        let workspace = self.workspaces.get(root).map(|placed| &placed.sheet.facts);
        let is_told = matches!(workspace, Some(surfaces::Facts::Npm(Facts::Workspace(workspace))) if workspace.links);
        let is_pnpm = named.map_or(workspace.is_some(), |named| named == Manager::Pnpm);
        found.is_some() || !is_pnpm || is_told
    }

    /// What the root of a workspace has taken in place of whatever is asked for, by name, where it says one thing.
    fn overridden(&self, root: &str, scan: &Scan) -> HashMap<String, Option<String>> {
        let mut found: HashMap<String, Option<String>> = HashMap::new();
        let holders = self.manifests.get(root).map(|(placed, _)| *placed).into_iter();
        for placed in holders.chain(self.workspaces.get(root).copied()) {
            let own = &scan.dependencies[placed.first..placed.first + placed.sheet.dependencies.len()];
            // Of one version, or below one package, is not of all.
            let is_plain = |table: &str| matches!(table, "overrides" | "resolutions" | "pnpm.overrides");
            for one in own.iter().filter(|one| one.role == Role::Override && is_plain(&one.table)) {
                if one.name == one.package {
                    let said = found.entry(one.name.clone()).or_insert_with(|| one.requirement.clone());
                    *said = said.take().filter(|said| Some(said) == one.requirement.as_ref());
                }
            }
        }
        found
    }

    /// Tells each entry of the root's catalogs who uses it.
    fn inherit(&self, root: &str, members: &[&'s str], unread: &[&str], scan: &mut Scan) {
        let mut entries: HashMap<(String, String), Vec<usize>> = HashMap::new();
        let holders = self.manifests.get(root).map(|(placed, _)| *placed).into_iter();
        for placed in holders.chain(self.workspaces.get(root).copied()) {
            for index in placed.first..placed.first + placed.sheet.dependencies.len() {
                let dependency = &scan.dependencies[index];
                if dependency.role == Role::Workspace {
                    let key = (catalog_of(&dependency.table).to_owned(), dependency.name.clone());
                    entries.entry(key).or_default().push(index);
                }
            }
        }
        for directory in members {
            let Some((placed, manifest)) = self.manifests.get(directory) else { continue };
            for used in &manifest.uses {
                let key = (used.catalog.clone(), used.name.clone());
                for &index in entries.get(&key).into_iter().flatten() {
                    let dependency = &mut scan.dependencies[index];
                    dependency.used_by.push(manifest.name.clone().unwrap_or_else(|| (*directory).to_owned()));
                    dependency.uses.push(Use { manifest: placed.file, role: used.role });
                }
            }
        }
        let is_used = |index: &usize| !scan.dependencies[*index].used_by.is_empty();
        let is_claimed =
            |directory: &&str| is_below(directory, root) && *directory != root && self.claims(root, directory);
        let may_be_used = !entries.values().flatten().all(is_used) && unread.iter().any(is_claimed);
        for &index in entries.values().flatten() {
            let dependency = &mut scan.dependencies[index];
            dependency.used_by.sort();
            dependency.used_by.dedup();
            dependency.may_be_used = may_be_used;
        }
    }

    /// The directories of manifests that were not read: they are left out, or cannot be.
    fn unread<'p>(&self, snapshot: &'p Snapshot) -> Vec<&'p str> {
        let places = snapshot.entries().iter().map(|entry| entry.place.as_str());
        let places = places.filter(|place| place.rsplit('/').next() == Some("package.json"));
        places.map(parent).filter(|directory| !self.manifests.contains_key(directory)).collect()
    }

    fn project(&self, root: &str, members: &[&'s str], found: Option<&Found<'_>>, scan: &Scan) -> Option<Project> {
        let own = self.manifests.get(root);
        let manifest = own.map(|(placed, _)| *placed).or_else(|| self.workspaces.get(root).copied())?;
        let is_fetched = |dependency: &Dependency| {
            matches!(dependency.role, Role::Normal | Role::Dev) && !matches!(dependency.origin, Origin::Path { .. })
        };
        let has_dependencies =
            members.iter().filter_map(|directory| self.manifests.get(directory)).any(|(placed, manifest)| {
                let count = placed.sheet.dependencies.len();
                !manifest.uses.is_empty()
                    || scan.dependencies[placed.first..placed.first + count].iter().any(is_fetched)
            });
        let named = own.and_then(|(_, manifest)| manifest.manager);
        let guess = if self.workspaces.contains_key(root) { Manager::Pnpm } else { Manager::Npm };
        let manager = found.map(|found| found.manager).or(named).unwrap_or(guess);
        let name = own.and_then(|(_, manifest)| manifest.name.clone());
        Some(Project {
            surface: Surface::Npm,
            name: name.unwrap_or_else(|| if root.is_empty() { ".".to_owned() } else { root.to_owned() }),
            manifest: manifest.file,
            has_dependencies,
            lock: found.map(|found| found.file),
            tracking: found.map_or(Tracking::Unknown, |found| found.tracking),
            makes_lock: manager.makes_lock(),
        })
    }
}

/// What the declarations of a workspace are resolved by.
struct Own<'a, 's> {
    family: &'a Family<'s>,
    snapshot: &'a Snapshot,
    root: &'s str,
    lock: Option<&'a Found<'s>>,
    /// What a range may mean, by name.
    members: HashMap<&'s str, (&'s str, Option<&'s str>)>,
    overridden: HashMap<String, Option<String>>,
}

impl Own<'_, '_> {
    /// Says of each declaration in a directory what it is held to.
    fn resolve(&self, directory: &str, scan: &mut Scan) {
        let manifest = self.family.manifests.get(directory).map(|(placed, _)| *placed);
        for placed in manifest.into_iter().chain(self.family.workspaces.get(directory).copied()) {
            let count = placed.sheet.dependencies.len();
            for dependency in &mut scan.dependencies[placed.first..placed.first + count] {
                match &dependency.origin {
                    Origin::Path { target: PathTarget::Inside(place), .. } => {
                        let target = self.target(place);
                        follow(dependency, target);
                    }
                    _ if matches!(dependency.role, Role::Normal | Role::Dev | Role::Workspace) => {
                        self.lock(dependency, directory);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Where a path leads once links are followed.
    fn target(&self, place: &str) -> PathTarget {
        if self.snapshot.is_foreign(place) {
            return PathTarget::Foreign;
        }
        match self.snapshot.resolve(place) {
            Resolved::Outside(_) => PathTarget::Outside,
            Resolved::Inside(_) | Resolved::Broken(_) => PathTarget::Inside(place.to_owned()),
        }
    }

    /// What the lockfile says of a declaration.
    fn lock(&self, dependency: &mut Dependency, directory: &str) {
        let is_literal = dependency.origin == Origin::Surface && dependency.invalid.is_none();
        let specifier = dependency.requirement.clone().unwrap_or_default();
        let catalog = format!("catalog:{}", catalog_of(&dependency.table));
        let is_catalog = dependency.role == Role::Workspace;
        let question = Question {
            importer: if is_catalog { &catalog } else { relative(self.root, directory) },
            table: &dependency.table,
            name: &dependency.name,
            specifier: &specifier,
            is_literal,
        };
        let lock = self.lock.and_then(|found| found.lock);
        let answer = match lock.map_or(Answer::Silent, |lock| lock.find(question)) {
            // Then it may hold what the root has taken in its place: nothing that could be written here.
            Answer::Absent => match lock.zip(self.overridden.get(&dependency.name).and_then(Option::as_deref)) {
                Some((lock, specifier)) => lock.find(Question { specifier, is_literal: true, ..question }).unplaced(),
                None => Answer::Absent,
            },
            answer => answer,
        };
        match answer {
            Answer::Held { package, .. } if package.is_own => own(dependency, ""),
            Answer::Held { package, copy, can_follow } => {
                let locked = package.locked();
                if matches!(dependency.origin, Origin::Url(_)) && locked.verified {
                    dependency.pin = Pin::Content;
                }
                if !can_follow || semver::Version::parse(&locked.version).is_err() {
                    dependency.site = None;
                }
                dependency.copies.extend(copy);
                dependency.locked = Locked::One(locked);
            }
            Answer::Absent | Answer::Silent => {
                let member = self.members.get(dependency.package.as_str()).filter(|_| is_literal);
                match member {
                    Some((place, version)) if version.is_none_or(|version| lock::admits(&specifier, version)) => {
                        own(dependency, place);
                    }
                    _ if answer == Answer::Absent => (dependency.locked, dependency.site) = (Locked::Missing, None),
                    _ => {}
                }
            }
        }
    }
}

/// Notes that a declaration is held by this repository's own commit.
fn own(dependency: &mut Dependency, place: &str) {
    let path = dependency.requirement.clone().unwrap_or_default();
    dependency.origin = Origin::Path { path, target: PathTarget::Inside(place.to_owned()) };
    (dependency.pin, dependency.site) = (Pin::Content, None);
}

/// Notes where a path really leads.
fn follow(dependency: &mut Dependency, found: PathTarget) {
    if let Origin::Path { target, .. } = &mut dependency.origin {
        if found == PathTarget::Outside {
            dependency.pin = Pin::Latest;
        }
        *target = found;
    }
}

/// The catalog that a table is.
fn catalog_of(table: &str) -> &str {
    table.strip_prefix("catalogs.").unwrap_or("default")
}

/// A directory as seen from one above it.
fn relative<'d>(root: &str, directory: &'d str) -> &'d str {
    let rest = if is_below(directory, root) { &directory[root.len()..] } else { directory };
    rest.trim_start_matches('/')
}

/// The place of a file in a directory.
fn at(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}
