//! The edges of one path package in the lockfile, against what it declares.

use std::collections::{HashMap, HashSet};

use super::words::{has, wants};
use super::{Comparison, Difference, MOST_NAMED, What};
use crate::scanner::cargo::paths::{Effective, effective, version};
use crate::scanner::cargo::requirement::Requirement;
use crate::scanner::cargo::resolution::{admits_locked, admits_version};
use crate::scanner::cargo::source_id::Kind;
use crate::text::FileId;

/// The edges of a package by the name of what they lead to: the edge's index, and that package's.
type Named<'l> = HashMap<&'l str, Vec<(usize, usize)>>;

impl Comparison<'_> {
    /// The edges of a path package against its declarations.
    pub(super) fn edges(&self, package: usize, entry: usize, differences: &mut Vec<Difference>) {
        let manifest = &self.manifests.list[package].1;
        let is_member = self.group.members.contains(&package);
        let locked = &self.lock().packages[entry];
        let targets = &self.graph.edges[entry];
        let by_name = self.graph.edges_by_name(entry);
        let declared = effective(self.manifests, self.group, package).filter(|one| is_member || !one.is_dev());
        let declared: Vec<Effective<'_>> = declared.collect();
        let mut matched = self.matched(&declared, &by_name, targets.len());
        let (mut explained, mut seen) = (HashSet::new(), HashSet::new());
        for effective in &declared {
            let named = by_name.get(effective.entry.package_name()).map_or(&[][..], Vec::as_slice);
            let admits = |target: usize| self.sources.admits(effective.entry, &self.lock().packages[target]);
            let met = named.iter().any(|&(_, target)| admits(target)) && self.has_path_version(effective);
            // What nothing may have switched on needs no edge; one that it cannot use is told as such.
            let maybe = !is_member && effective.own.optional && named.iter().all(|&(edge, _)| matched[edge]);
            if met || maybe || !is_judged(effective) {
                continue;
            }
            let wants = wants(effective);
            if seen.insert((effective.entry.package_name().to_owned(), wants.clone())) {
                differences.push(self.unmet(effective, wants, entry, manifest.file, &mut explained));
            }
        }
        self.too_many(&declared, &by_name, &mut matched);
        for (edge, target) in
            locked.edges.iter().zip(targets).zip(&matched).filter(|(_, matched)| !**matched).map(|(edge, _)| edge)
        {
            let owner = locked.name.clone();
            let what = match target {
                _ if explained.contains(edge.name.as_str()) => continue,
                Some(_) => What::Surplus { owner },
                // Cargo drops an edge to nothing; one to several it would spell out.
                None if edge.version.is_some() || self.graph.named(&edge.name).is_empty() => continue,
                None => What::Dangling { owner },
            };
            differences.push(Difference {
                span: edge.span,
                name: edge.name.clone(),
                manifest: Some(manifest.file),
                what,
            });
        }
    }

    /// Which edges some declaration asks for; what cargo refuses may stand for any of its name.
    fn matched(&self, declared: &[Effective<'_>], by_name: &Named<'_>, count: usize) -> Vec<bool> {
        let mut matched = vec![false; count];
        for effective in declared {
            let is_judged = is_judged(effective);
            for &(edge, target) in by_name.get(effective.entry.package_name()).into_iter().flatten() {
                let admits = || self.sources.admits(effective.entry, &self.lock().packages[target]);
                matched[edge] = matched[edge] || !is_judged || admits();
            }
        }
        matched
    }

    /// Takes the mark from edges that cargo leaves nothing for: a declaration has one, the first by version that its requirement
    /// admits. Cargo does not mind one that is there twice.
    ///
    /// Source: `lock` in cargo's `registry.rs`. Which of several sources it then takes is not said here.
    fn too_many(&self, declared: &[Effective<'_>], by_name: &Named<'_>, matched: &mut [bool]) {
        let mut by_package: HashMap<&str, Vec<&Effective<'_>>> = HashMap::new();
        for effective in declared {
            by_package.entry(effective.entry.package_name()).or_default().push(effective);
        }
        for (name, edges) in by_name {
            let Some(own) = by_package.get(name).filter(|_| edges.iter().all(|&(edge, _)| matched[edge])) else {
                continue;
            };
            let mut targets: Vec<usize> = edges.iter().map(|(_, target)| *target).collect();
            let version = |at: usize| (&self.lock().packages[at].parsed, at);
            targets.sort_by(|&a, &b| version(a).cmp(&version(b)));
            targets.dedup();
            if targets.len() > own.len() {
                edges.last().iter().for_each(|(last, _)| matched[*last] = false);
            } else if targets.len() > 1 && self.is_plain(own, &targets) {
                let admits = |one: &Effective<'_>, at: usize| admits_locked(one.entry, &self.lock().packages[at]);
                let first = |one: &&Effective<'_>| targets.iter().copied().find(|&at| admits(one, at));
                let taken: HashSet<usize> = own.iter().filter_map(first).collect();
                edges.iter().filter(|(_, target)| !taken.contains(target)).for_each(|(edge, _)| matched[*edge] = false);
            }
        }
    }

    /// Whether declarations and what they are locked to come from one registry.
    fn is_plain(&self, own: &[&Effective<'_>], targets: &[usize]) -> bool {
        let source = |at: usize| self.lock().packages[at].source.as_ref();
        let is_registry = |one: &Effective<'_>| one.entry.git.is_none() && one.entry.path.is_none() && is_judged(one);
        let first = source(targets[0]).filter(|source| source.kind == Kind::Registry);
        own.iter().all(|one| is_registry(one))
            && first.is_some_and(|first| targets.iter().all(|&at| source(at).is_some_and(|other| other.same(first))))
    }

    /// Whether the path package that a declaration leads to has its name and satisfies its requirement: cargo refuses one
    /// that does not.
    fn has_path_version(&self, effective: &Effective<'_>) -> bool {
        let entry = effective.entry;
        let Some(path) = entry.path.as_ref().filter(|_| !entry.based) else {
            return true;
        };
        let target = crate::source::join(effective.base, &path.value).and_then(|target| self.manifests.at(&target));
        let target = target.filter(|target| self.paths.packages.contains_key(target));
        target.is_none_or(|target| {
            let package = self.manifests.list[target].1.package.as_ref();
            package.is_none_or(|package| package.name == entry.package_name())
                && admits_version(entry, version(self.manifests, self.group, target))
        })
    }

    /// The difference for a declaration that no edge satisfies; what the entry has in its place is explained by it.
    fn unmet<'s>(
        &'s self,
        effective: &Effective<'_>,
        wants: String,
        entry: usize,
        manifest: FileId,
        explained: &mut HashSet<&'s str>,
    ) -> Difference {
        let name = effective.entry.package_name();
        let owner = &self.lock().packages[entry];
        let edge = owner.edges.iter().find(|edge| edge.name == name);
        let named = self.graph.named(name);
        explained.extend(named.iter().map(|&at| self.lock().packages[at].name.as_str()));
        let admitted = named.iter().filter(|&&at| self.sources.admits(effective.entry, &self.lock().packages[at]));
        let edges = &self.graph.edges[entry];
        let is_unlisted = admitted.clone().count() > 0 && !admitted.clone().any(|&at| edges.contains(&Some(at)));
        let mut has: Vec<String> =
            named.iter().take(MOST_NAMED).map(|&at| has(effective, &self.lock().packages[at])).collect();
        if named.len() > MOST_NAMED {
            has.push(format!("{} more", named.len() - MOST_NAMED));
        }
        let declared = effective.entry.version.as_ref().map_or(effective.entry.key_span, |version| version.span);
        let owned = owner.name.clone();
        let what = match is_unlisted {
            true => What::Unlisted(owned, wants),
            false => What::Unmet { owner: owned, wants, has, declared },
        };
        Difference {
            span: edge.map_or(owner.span, |edge| edge.span),
            name: name.to_owned(),
            manifest: Some(manifest),
            what,
        }
    }
}

/// Whether a declaration can be judged: cargo refuses one that names no source or an invalid requirement.
fn is_judged(effective: &Effective<'_>) -> bool {
    let entry = effective.entry;
    let names_a_source = entry.version.is_some() || entry.path.is_some() || entry.git.is_some();
    let is_valid = !matches!(entry.requirement, Some(Requirement::Invalid(_)));
    names_a_source && is_valid && !entry.based
}
