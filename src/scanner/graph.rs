//! What the lockfiles of npm and Python hold in all, and what asks for what in them.
//!
//! Read for a question about one name, and not in a scan: `check` has no use for what no manifest names.

use std::collections::{HashMap, VecDeque};

use super::dependency::Surface;
use super::{Scan, npm, python};
use crate::text::{FileId, Span};

/// A lockfile, as a graph.
#[derive(Debug)]
pub struct Graph {
    /// The lockfile.
    pub file: FileId,
    /// Its packages, those of the repository included where it has them.
    pub packages: Vec<Package>,
    /// Whether it says what its packages ask for.
    pub has_edges: bool,
}

/// A package in a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version; empty where it has none.
    pub version: String,
    /// Where it comes from, where that is no registry.
    pub source: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Whether it is one of the repository's own.
    pub is_own: bool,
    /// What it asks for.
    pub requires: Vec<Edge>,
}

/// What a package asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The package that it gets, by its index.
    pub to: usize,
    /// The range that it asks for, where the lockfile says so.
    pub range: Option<String>,
}

/// What a package asks for, by name, before it is known what it gets.
pub(super) type Ask = (String, Option<String>);

impl Graph {
    /// Puts packages together: `found` says which packages one gets, by its index, for what it asks for.
    pub(super) fn new(
        file: FileId,
        packages: Vec<(Package, Vec<Ask>)>,
        found: impl Fn(usize, &Ask) -> Vec<usize>,
    ) -> Self {
        let edges = |at: usize, asks: &[Ask]| -> Vec<Edge> {
            let one = |ask: &Ask| found(at, ask).into_iter().map(|to| Edge { to, range: ask.1.clone() }).collect();
            asks.iter().flat_map(|ask| -> Vec<Edge> { one(ask) }).collect()
        };
        let requires: Vec<Vec<Edge>> = packages.iter().enumerate().map(|(at, (_, asks))| edges(at, asks)).collect();
        let packages =
            packages.into_iter().zip(requires).map(|((package, _), requires)| Package { requires, ..package });
        Self { file, packages: packages.collect(), has_edges: true }
    }

    /// The shortest ways from the repository's own packages, or where there is none from what nothing asks for: for each
    /// package the one before it, and itself where a way begins there; none where nothing leads to it.
    #[must_use]
    pub fn ways(&self) -> Vec<Option<usize>> {
        let mut before: Vec<Option<usize>> = vec![None; self.packages.len()];
        let own: Vec<usize> = (0..self.packages.len()).filter(|&at| self.packages[at].is_own).collect();
        let mut is_asked = vec![false; self.packages.len()];
        for edge in self.packages.iter().flat_map(|package| &package.requires) {
            is_asked[edge.to] = true;
        }
        let free: Vec<usize> = (0..self.packages.len()).filter(|&at| !is_asked[at]).collect();
        for roots in [own, free] {
            let mut waiting = VecDeque::new();
            for root in roots.into_iter().filter(|&root| before[root].is_none()).collect::<Vec<_>>() {
                before[root] = Some(root);
                waiting.push_back(root);
            }
            while let Some(at) = waiting.pop_front() {
                for edge in &self.packages[at].requires {
                    if before[edge.to].is_none() {
                        before[edge.to] = Some(at);
                        waiting.push_back(edge.to);
                    }
                }
            }
        }
        before
    }
}

/// The lockfiles of npm or Python that were read in a scan, those that have the name in them.
#[must_use]
pub fn graphs(scan: &Scan, surface: Surface, name: &str) -> Vec<Graph> {
    let files = (0..scan.files.count()).filter_map(|at| u32::try_from(at).ok().map(FileId));
    let one = |file: FileId| {
        let (path, text) = (scan.files.path(file), scan.files.text(file));
        let last = path.rsplit('/').next().unwrap_or(path);
        if text.is_empty() {
            return None;
        }
        match surface {
            Surface::Npm if text.contains(name) => npm::graph(file, last, text),
            Surface::Python => python::graph(file, last, text),
            _ => None,
        }
    };
    files.filter_map(one).collect()
}

/// The places of packages by their keys.
pub(super) type Index = HashMap<String, usize>;
