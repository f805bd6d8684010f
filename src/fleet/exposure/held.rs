//! The packages of the queried name in the lockfiles of npm and Python: which way leads to each, and whether it may move.

use std::collections::HashMap;
use std::str::FromStr;

use pep440_rs::Version as PythonVersion;
use semver::Version;

use super::stands;
use crate::fleet::query::Query;
use crate::reporter::exposed::{Admits, Keeper, Package, Places};
use crate::scanner::Scan;
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::{Dependency, Role, Surface};
use crate::scanner::graph::{self, Edge, Graph};
use crate::scanner::ranges;

/// The packages of the name in all lockfiles: first those that are asked for, then those that may move to it.
pub(super) fn packages(scan: &Scan, query: &Query, places: &Places<'_>) -> Vec<Package> {
    if !matches!(query.surface, Surface::Npm | Surface::Python) {
        return Vec::new();
    }
    let mut packages = Vec::new();
    for graph in graph::graphs(scan, query.surface, &query.name) {
        let named: Vec<usize> =
            (0..graph.packages.len()).filter(|&at| query.is_named(&graph.packages[at].name)).collect();
        if named.is_empty() {
            continue;
        }
        let mut lock =
            Lock { scan, query, places, ways: graph.ways(), asked: HashMap::new(), keeper: None, graph: &graph };
        lock.keeper = lock.keeper();
        let others = graph.packages.iter().filter(|package| !package.is_own);
        for edge in others.flat_map(|package| &package.requires) {
            lock.asked.entry(edge.to).or_default().push(edge);
        }
        packages.extend(named.into_iter().filter(|&at| !graph.packages[at].is_own).map(|at| lock.package(at)));
    }
    packages.sort_by(|a, b| {
        let rank = |package: &Package| (!package.is_wanted, !package.may_move, package.via.len());
        (rank(a), &a.lockfile, a.line).cmp(&(rank(b), &b.lockfile, b.line))
    });
    packages
}

/// The most steps of a way that are shown, those next to the package: a way through a whole lockfile, for each of its packages,
/// would take the square of its length.
pub(super) const LONGEST_WAY: usize = 64;

/// A lockfile that has the name in it.
struct Lock<'a, 'p> {
    scan: &'a Scan,
    query: &'a Query,
    places: &'a Places<'p>,
    graph: &'a Graph,
    ways: Vec<Option<usize>>,
    /// What packages from elsewhere ask for, by the package that they get.
    asked: HashMap<usize, Vec<&'a Edge>>,
    keeper: Option<Keeper>,
}

impl Lock<'_, '_> {
    fn package(&self, at: usize) -> Package {
        let locked = &self.graph.packages[at];
        let (is_wanted, is_newer) = self.compare(&locked.version);
        let via = self.via(at);
        let keeper = self.keeper.clone();
        let may_move = !is_wanted && self.may_move(at) && keeper.is_none();
        Package {
            name: locked.name.clone(),
            version: locked.version.clone(),
            source: locked.source.as_deref().map(shown),
            is_usual: locked.source.is_none(),
            lockfile: self.scan.files.path(self.graph.file).to_owned(),
            line: self.places.line(locked.span),
            is_wanted,
            is_newer,
            may_move,
            kept_by: keeper,
            kind: self.kind(&via),
            via: via.into_iter().map(|at| self.shown(at)).collect(),
        }
    }

    /// Whether a version is asked for, and whether it is newer than all that is.
    fn compare(&self, version: &str) -> (bool, bool) {
        if self.query.wanted.is_none() {
            return (true, false);
        }
        match (self.query.python(), PythonVersion::from_str(version), Version::parse(version)) {
            (Some(wanted), Ok(version), _) => {
                let newest = wanted.bounding_range().map(|(_, to)| to);
                let is_newer = match newest {
                    Some(std::ops::Bound::Included(to) | std::ops::Bound::Excluded(to)) => version > *to,
                    _ => false,
                };
                (wanted.contains(&version), is_newer)
            }
            (None, _, Ok(version)) => (self.query.has(&version), self.query.is_older_than(&version)),
            _ => (false, false),
        }
    }

    /// The shortest way to a package, itself included, or the end of a very long one; nothing where none leads to it.
    fn via(&self, at: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut next = self.ways[at].map(|_| at);
        while let Some(at) = next.filter(|_| way.len() < LONGEST_WAY) {
            way.push(at);
            next = self.ways[at].filter(|&before| before != at);
        }
        way.reverse();
        way
    }

    fn shown(&self, at: usize) -> String {
        let package = &self.graph.packages[at];
        let name = if package.name.is_empty() { "." } else { &package.name };
        format!("{name} {}", package.version).trim_end().to_owned()
    }

    /// What the manifests take the first package of a way for.
    fn kind(&self, via: &[usize]) -> Option<&'static str> {
        let first = via.iter().map(|&at| &self.graph.packages[at]).find(|package| !package.is_own)?;
        let roles = self.own().filter(|declared| declared.package == first.name).map(|declared| declared.role);
        roles.min_by_key(|role| *role != Role::Normal).map(Role::name)
    }

    fn own(&self) -> impl Iterator<Item = &Dependency> {
        self.scan.dependencies.iter().filter(|declared| {
            declared.surface == self.query.surface && !matches!(declared.role, Role::Override | Role::Workspace)
        })
    }

    /// Whether a package in between may admit what is asked for in the place of one.
    fn may_move(&self, at: usize) -> bool {
        let locked = &self.graph.packages[at];
        if !self.graph.has_edges {
            return !self.own().any(|declared| declared.package == locked.name);
        }
        let mut edges = self.asked.get(&at).into_iter().flatten();
        edges.any(|edge| match (&edge.range, self.query.python()) {
            (Some(range), Some(wanted)) => ranges::poetry(range).is_none_or(|admitted| !admitted.is_disjoint(wanted)),
            (Some(range), None) => {
                ranges::npm(range).is_none_or(|all| all.iter().any(|one| self.query.is_admitted(one)))
            }
            // Of Python's packages there is one version, whatever it is.
            (None, Some(_)) => true,
            (None, None) => Version::parse(&locked.version).is_ok_and(|version| self.query.is_compatible(&version)),
        })
    }

    /// The requirement of the repository's own that keeps what is asked for out of an environment of Python's.
    fn keeper(&self) -> Option<Keeper> {
        let wanted = self.query.python().filter(|_| self.query.wanted.is_some())?;
        let is_here = |declared: &&Dependency| {
            declared.repeated.as_ref().is_some_and(|repeated| repeated.lock == self.graph.file)
                && self.query.names(declared)
        };
        let declared = self.own().filter(is_here).find(|declared| {
            let stand = stands::of(self.query, self.scan, declared);
            stand.admits == Admits::No && stand.unclear.is_none() && !wanted.is_empty()
        })?;
        Some(Keeper {
            path: self.scan.files.path(declared.span.file).to_owned(),
            line: self.places.line(declared.span),
            requirement: declared.requirement.clone().unwrap_or_default(),
        })
    }
}
