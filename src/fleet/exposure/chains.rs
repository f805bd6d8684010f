//! The shortest chains of packages in a lockfile, from the members of a workspace to what they bring in.

use std::collections::{HashMap, HashSet, VecDeque};

use super::held::LONGEST_WAY;
use crate::scanner::cargo::edges;
use crate::scanner::cargo::lockfile::Lockfile;
use crate::scanner::dependency::Role;

/// What the manifests say a package takes another one for, by their names; none where they do not say it.
pub(super) type Roles<'a> = HashMap<(&'a str, &'a str), Role>;

/// The kinds in the order in which a chain prefers them: what is in the product first.
const KINDS: [Role; 3] = [Role::Normal, Role::Build, Role::Dev];

/// A lockfile with the shortest way to each of its packages.
pub(super) struct Chains<'l> {
    lock: &'l Lockfile,
    /// What each package leads to.
    pub(super) edges: Vec<Vec<Option<usize>>>,
    /// How each package is reached; none where it is not.
    reached: Vec<Option<Step>>,
}

/// The last step of the shortest chain to a package.
#[derive(Clone, Copy)]
struct Step {
    length: usize,
    from: Option<usize>,
    kind: Option<Role>,
}

impl<'l> Chains<'l> {
    /// Follows the edges from the members of these names; from whatever has no source, where that does not reach all.
    pub(super) fn new(lock: &'l Lockfile, members: &HashSet<&str>, roles: &Roles<'_>) -> Self {
        let edges = edges(lock);
        let mut chains = Self { lock, edges, reached: vec![None; lock.packages.len()] };
        let sourceless = (0..lock.packages.len()).filter(|&at| lock.packages[at].source.is_none());
        let (own, others): (Vec<usize>, Vec<usize>) =
            sourceless.partition(|&at| members.contains(lock.packages[at].name.as_str()));
        chains.follow(&own, roles);
        chains.follow(&others, roles);
        chains
    }

    fn follow(&mut self, roots: &[usize], roles: &Roles<'_>) {
        let roots: Vec<usize> = roots.iter().copied().filter(|&root| self.reached[root].is_none()).collect();
        for &root in &roots {
            self.reached[root] = Some(Step { length: 0, from: None, kind: None });
        }
        // The first steps by their kind: of two chains that are as long, the one in the product is found first.
        let mut waiting = VecDeque::new();
        for kind in KINDS {
            for &root in &roots {
                for target in self.edges[root].clone().into_iter().flatten() {
                    let names = (self.lock.packages[root].name.as_str(), self.lock.packages[target].name.as_str());
                    let role = roles.get(&names).copied();
                    if role.unwrap_or(Role::Normal) == kind && self.reached[target].is_none() {
                        self.reached[target] = Some(Step { length: 1, from: Some(root), kind: role });
                        waiting.push_back(target);
                    }
                }
            }
        }
        while let Some(at) = waiting.pop_front() {
            let Some(step) = self.reached[at] else { continue };
            for target in self.edges[at].clone().into_iter().flatten() {
                if self.reached[target].is_none() {
                    self.reached[target] = Some(Step { length: step.length + 1, from: Some(at), kind: step.kind });
                    waiting.push_back(target);
                }
            }
        }
    }

    /// How many steps lead to a package; none where nothing does.
    pub(super) fn length(&self, at: usize) -> Option<usize> {
        self.reached[at].map(|step| step.length)
    }

    /// What the first package of the chain to a package takes the second for.
    pub(super) fn kind(&self, at: usize) -> Option<Role> {
        self.reached[at]?.kind
    }

    /// The chain to a package, itself included, or the end of a very long one; empty where nothing leads to it.
    pub(super) fn to(&self, at: usize) -> Vec<String> {
        let mut chain = Vec::new();
        let mut next = self.reached[at].map(|_| at);
        while let Some(at) = next.filter(|_| chain.len() < LONGEST_WAY) {
            chain.push(self.shown(at));
            next = self.reached[at].and_then(|step| step.from);
        }
        chain.reverse();
        chain
    }

    /// A package as `name version`.
    pub(super) fn shown(&self, at: usize) -> String {
        let package = &self.lock.packages[at];
        format!("{} {}", package.name, package.version)
    }
}
