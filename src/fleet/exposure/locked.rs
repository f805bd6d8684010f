//! The packages of the queried name in the lockfiles of a repository: what leads to each, and whether it may move.

use std::collections::{HashMap, HashSet};

use super::Case;
use super::chains::{Chains, Roles};
use super::declared::excludes;
use crate::reporter::exposed::{Keeper, Package};
use crate::scanner::cargo::lockfile::{LockedPackage, Lockfile};
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::{Dependency, Role};

/// The packages of the name in all lockfiles: first those that are asked for, then those that may move to it.
pub(super) fn packages(case: &Case<'_>) -> Vec<Package> {
    let of_workspaces = case.scan.workspaces.iter().enumerate();
    let of_workspaces = of_workspaces.filter_map(|(at, workspace)| Some((workspace.lock.as_deref()?, Some(at))));
    let locks = of_workspaces.chain(case.scan.loose.iter().map(|lock| (&**lock, None)));
    let named = |package: &LockedPackage| case.query.is_named(&package.name);
    let mut locks = locks.filter(|(lock, _)| lock.packages.iter().any(named)).peekable();
    if locks.peek().is_none() {
        return Vec::new();
    }
    let known = Known::new(case);
    let mut packages: Vec<Package> = locks.flat_map(|(lock, home)| known.in_lock(lock, home)).collect();
    packages.sort_by(|a, b| {
        let rank = |package: &Package| (!package.is_wanted, !package.may_move, package.via.len());
        (rank(a), &a.lockfile, a.line).cmp(&(rank(b), &b.lockfile, b.line))
    });
    packages
}

/// What the manifests say, as far as the packages of a lockfile are concerned.
struct Known<'c, 'a> {
    case: &'c Case<'a>,
    /// The names of the packages whose manifests were read.
    own: HashSet<&'a str>,
    roles: Roles<'a>,
    /// The declarations that hold a locked package, by its version and source, with the workspace of the lockfile.
    holding: HashMap<(usize, &'a str, Option<&'a str>), Vec<&'a Dependency>>,
}

impl<'c, 'a> Known<'c, 'a> {
    fn new(case: &'c Case<'a>) -> Self {
        let members = case.members.values().map(|(_, name)| *name);
        let owners = case.scan.dependencies.iter().filter_map(|dependency| dependency.owner.as_deref());
        let mut holding: HashMap<_, Vec<&Dependency>> = HashMap::new();
        for declared in &case.declared {
            if let Some(locked) = declared.locked.one() {
                for home in case.homes(declared) {
                    let place = (home, locked.version.as_str(), locked.source.as_deref());
                    holding.entry(place).or_default().push(declared);
                }
            }
        }
        Self { case, own: members.chain(owners).collect(), roles: roles(case), holding }
    }

    /// The packages of the name in one lockfile; without a workspace, nothing here ever changes it.
    fn in_lock(&self, lock: &Lockfile, home: Option<usize>) -> Vec<Package> {
        let members = home.map_or(&[][..], |home| &self.case.scan.workspaces[home].members);
        let members: HashSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let chains = Chains::new(lock, &members, &self.roles);
        let between = Between::new(self, lock, &chains);
        let named = lock.packages.iter().enumerate().filter(|(_, locked)| self.case.query.is_named(&locked.name));
        named.map(|(at, locked)| self.package(lock, home, &chains, &between, (at, locked))).collect()
    }

    fn package(
        &self,
        lock: &Lockfile,
        home: Option<usize>,
        chains: &Chains<'_>,
        between: &Between,
        (at, locked): (usize, &LockedPackage),
    ) -> Package {
        let (query, version) = (self.case.query, locked.parsed.as_ref());
        let is_wanted = version.is_some_and(|version| query.has(version));
        let home = home.filter(|_| !is_wanted && version.is_some_and(|version| query.is_compatible(version)));
        let between = home.and_then(|_| between.to(at));
        let mut via = chains.to(between.unwrap_or(at));
        via.extend(between.filter(|_| !via.is_empty()).map(|_| chains.shown(at)));
        Package {
            name: locked.name.clone(),
            version: locked.version.clone(),
            source: locked.source.as_ref().map(|source| shown(&source.text)),
            is_usual: locked.source.as_ref().is_some_and(|source| source.is_crates_io()),
            lockfile: self.case.scan.files.path(lock.file).to_owned(),
            line: self.case.places.line(locked.span),
            is_wanted,
            is_newer: version.is_some_and(|version| query.is_older_than(version)),
            may_move: between.is_some(),
            kept_by: home.and_then(|home| self.keeper(home, locked)),
            kind: chains.kind(between.unwrap_or(at)).map(Role::name),
            via,
        }
    }

    /// The requirement of a member that keeps what is asked for from the place of a locked package.
    fn keeper(&self, home: usize, locked: &LockedPackage) -> Option<Keeper> {
        let version = locked.parsed.as_ref()?;
        let source = locked.source.as_ref().map(|source| source.text.as_str());
        let holding = self.holding.get(&(home, locked.version.as_str(), source))?;
        let declared = holding.iter().find(|declared| excludes(self.case.query, declared, version))?;
        Some(Keeper {
            path: self.case.scan.files.path(declared.span.file).to_owned(),
            line: self.case.places.line(declared.span),
            requirement: declared.requirement.clone().unwrap_or_default(),
        })
    }
}

/// What the manifests say that their packages take others for: what is in the product counts, where one is taken twice.
fn roles<'a>(case: &Case<'a>) -> Roles<'a> {
    let mut roles = Roles::new();
    let mut add = |owner: &'a str, dependency: &'a Dependency, role: Role| {
        let rank = |role: Role| match role {
            Role::Normal => 0,
            Role::Build => 1,
            _ => 2,
        };
        let known = roles.entry((owner, dependency.package.as_str())).or_insert(role);
        if rank(role) < rank(*known) {
            *known = role;
        }
    };
    for dependency in &case.scan.dependencies {
        if let (Some(owner), Role::Normal | Role::Build | Role::Dev) = (&dependency.owner, dependency.role) {
            add(owner, dependency, dependency.role);
        }
        for used in &dependency.uses {
            if let Some((_, owner)) = case.members.get(&used.manifest) {
                add(owner, dependency, used.role);
            }
        }
    }
    roles
}

/// Which packages lead to those of the name by a requirement that nobody here knows: their manifests are in a registry, in
/// another repository, or out of sight.
struct Between {
    /// The nearest to a member, by the package that it leads to.
    nearest: HashMap<usize, usize>,
    /// The nearest whose edge fits several of the name.
    ambiguous: Option<usize>,
}

impl Between {
    fn new(known: &Known<'_, '_>, lock: &Lockfile, chains: &Chains<'_>) -> Self {
        let length = |at: usize| chains.length(at).unwrap_or(usize::MAX);
        let mut between = Self { nearest: HashMap::new(), ambiguous: None };
        let foreign = lock
            .packages
            .iter()
            .enumerate()
            .filter(|(_, package)| package.source.is_some() || !known.own.contains(package.name.as_str()));
        for (from, package) in foreign {
            // What `[replace]` puts in a package's place stands behind its edges, and is no requirement of its.
            let targets = package.edges.iter().zip(&chains.edges[from]);
            for (_, target) in targets.filter(|(edge, _)| known.case.query.is_named(&edge.name)) {
                let nearest = match target {
                    Some(target) => between.nearest.entry(*target).or_insert(from),
                    None => between.ambiguous.get_or_insert(from),
                };
                if length(from) < length(*nearest) {
                    *nearest = from;
                }
            }
        }
        between
    }

    /// The nearest that leads to the package at `at`.
    fn to(&self, at: usize) -> Option<usize> {
        self.nearest.get(&at).copied().or(self.ambiguous)
    }
}
