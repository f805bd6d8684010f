//! A lockfile with a few of its packages as another one has them, and all else as it was.
//!
//! Where a requirement no longer admits what is locked, cargo forgets what every package of that registry was held to, and only
//! prefers it (`register_previous_locks` in its sources: the source is "poisoned"). Packages that have nothing to do with it then
//! move to another version that is locked too, or, offline, to one that happens to be at hand. With the new package in the
//! lockfile from the start, it forgets nothing. So what it resolved at first tells which package that is, and this puts it there.

use std::collections::{BTreeMap, BTreeSet};

use super::lockfile::{LockedPackage, Lockfile};
use super::requirement::range;
use super::resolution::{Graph, PathPackages};
use super::source_id::SourceId;

/// How much is taken from the other lockfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The packages that are named, and what is new with them.
    Named,
    /// What they need there too.
    Needed,
}

/// What tells one locked package from another.
type Id<'l> = (&'l str, &'l str, Option<&'l str>);

fn id(package: &LockedPackage) -> Id<'_> {
    (&package.name, &package.version, package.source.as_ref().map(|source| source.text.as_str()))
}

/// A lockfile's text, for cargo to read and to write anew: `old` with the packages of these names as `new` has them. None where that
/// is not possible: an old format, or `[replace]`.
#[must_use]
pub fn splice(text: &str, old: &Lockfile, new: &Lockfile, names: &BTreeSet<&str>, taken: Taken) -> Option<String> {
    let is_readable = |lock: &Lockfile| {
        lock.version >= 3
            && lock.problems.is_empty()
            && lock.packages.iter().all(|one| is_plain(one, lock.version >= 4))
    };
    if !is_readable(old) || !is_readable(new) {
        return None;
    }
    let splicer = Splicer::new(old, new);
    let chosen = splicer.chosen(names, taken);
    let packages = splicer.put_together(&chosen)?;
    let mut out: String =
        text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    out += &format!("version = {}\n", old.version);
    packages.iter().for_each(|package| write(package, "package", &mut out));
    let unused = |package: &LockedPackage| (package.clone(), Vec::new());
    new.unused.iter().map(unused).for_each(|package| write(&package, "patch.unused", &mut out));
    Some(if text.contains("\r\n") { out.replace('\n', "\r\n") } else { out })
}

/// A package with its edges spelled in full.
type Spelled = (LockedPackage, Vec<String>);

struct Splicer<'l> {
    old: &'l Lockfile,
    new: &'l Lockfile,
    old_graph: Graph<'l>,
    new_graph: Graph<'l>,
    old_ids: BTreeMap<Id<'l>, usize>,
    new_ids: BTreeMap<Id<'l>, usize>,
}

impl<'l> Splicer<'l> {
    fn new(old: &'l Lockfile, new: &'l Lockfile) -> Self {
        let graph = |lock| Graph::new(lock, &PathPackages::new(), true);
        let ids =
            |lock: &'l Lockfile| lock.packages.iter().enumerate().map(|(at, package)| (id(package), at)).collect();
        Self { old, new, old_graph: graph(old), new_graph: graph(new), old_ids: ids(old), new_ids: ids(new) }
    }

    /// The packages that are taken, by their index in the new lockfile.
    fn chosen(&self, names: &BTreeSet<&str>, taken: Taken) -> BTreeSet<usize> {
        let is_new = |at: usize| !self.old_ids.contains_key(&id(&self.new.packages[at]));
        let is_git = |package: &LockedPackage| package.source.as_ref().is_some_and(SourceId::is_git);
        let is_meant = |package: &LockedPackage| names.contains(package.name.as_str()) || is_git(package);
        let mut chosen = BTreeSet::new();
        let mut waiting: Vec<usize> =
            (0..self.new.packages.len()).filter(|&at| is_new(at) && is_meant(&self.new.packages[at])).collect();
        while let Some(at) = waiting.pop() {
            if chosen.insert(at) {
                let needed = self.new_graph.edges[at].iter().flatten().copied().filter(|&at| is_new(at));
                waiting.extend(needed.filter(|&at| taken == Taken::Needed || self.like(at).is_none()));
            }
        }
        chosen
    }

    /// What the old lockfile has that is compatible with a package of the new one.
    fn like(&self, at: usize) -> Option<usize> {
        let package = &self.new.packages[at];
        self.old.packages.iter().position(|old| old.name == package.name && is_compatible(old, package))
    }

    /// What went for each package that came, by their indices in the old and in the new lockfile.
    fn replaced(&self, chosen: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
        let is_gone = |at: &usize| !self.new_ids.contains_key(&id(&self.old.packages[*at]));
        let mut gone: Vec<usize> = (0..self.old.packages.len()).filter(is_gone).collect();
        let mut replaced = BTreeMap::new();
        for &at in chosen {
            let new = &self.new.packages[at];
            let named = |old: &usize| self.old.packages[*old].name == new.name;
            let fitting = gone.iter().position(|old| named(old) && is_compatible(&self.old.packages[*old], new));
            if let Some(old) = fitting.or_else(|| gone.iter().position(named)) {
                replaced.insert(gone.remove(old), at);
            }
        }
        replaced
    }

    fn put_together(&self, chosen: &BTreeSet<usize>) -> Option<Vec<Spelled>> {
        let replaced = self.replaced(chosen);
        let mut packages = Vec::new();
        for (at, package) in self.old.packages.iter().enumerate().filter(|(at, _)| !replaced.contains_key(at)) {
            let edges = self.old_graph.edges[at].iter().map(|edge| {
                let target = (*edge)?;
                Some(match replaced.get(&target) {
                    Some(&new) => spelled(&self.new.packages[new]),
                    None => spelled(&self.old.packages[target]),
                })
            });
            packages.push((package.clone(), edges.collect::<Option<_>>()?));
        }
        for &at in chosen {
            let edges = self.new_graph.edges[at].iter().map(|edge| {
                let target = (*edge)?;
                let is_there = chosen.contains(&target) || self.old_ids.contains_key(&id(&self.new.packages[target]));
                let package = match self.like(target).filter(|_| !is_there) {
                    Some(old) => &self.old.packages[old],
                    None => &self.new.packages[target],
                };
                Some(spelled(package))
            });
            packages.push((self.new.packages[at].clone(), edges.collect::<Option<_>>()?));
        }
        packages.sort_by(|(a, _), (b, _)| id(a).cmp(&id(b)));
        Some(packages)
    }
}

/// Whether cargo would have only one of the two.
fn is_compatible(a: &LockedPackage, b: &LockedPackage) -> bool {
    let range = |package: &LockedPackage| package.parsed.as_ref().map(range);
    range(a) == range(b)
}

/// Whether two lockfiles hold the same, edge by edge.
#[must_use]
pub fn is_same(a: &Lockfile, b: &Lockfile) -> bool {
    fn all(lock: &Lockfile) -> BTreeSet<(Id<'_>, BTreeSet<Option<Id<'_>>>)> {
        let graph = Graph::new(lock, &PathPackages::new(), true);
        let edges =
            |at: usize| graph.edges[at].iter().map(|edge| edge.map(|target| id(&lock.packages[target]))).collect();
        lock.packages.iter().enumerate().map(|(at, package)| (id(package), edges(at))).collect()
    }
    all(a) == all(b)
}

/// An edge to a package, in full.
fn spelled(package: &LockedPackage) -> String {
    let LockedPackage { name, version, source, .. } = package;
    match source {
        Some(source) => format!("{name} {version} ({})", source.without_commit()),
        None => format!("{name} {version}"),
    }
}

fn write((package, edges): &Spelled, table: &str, out: &mut String) {
    let LockedPackage { name, version, source, checksum, .. } = package;
    *out += &format!("\n[[{table}]]\nname = {}\nversion = {}\n", quoted(name), quoted(version));
    let source = source.iter().map(|source| ("source", &source.text));
    for (key, value) in source.chain(checksum.iter().map(|sum| ("checksum", sum))) {
        *out += &format!("{key} = {}\n", quoted(value));
    }
    if !edges.is_empty() {
        let edges: String = edges.iter().map(|edge| format!(" {},\n", quoted(edge))).collect();
        *out += &format!("dependencies = [\n{edges}]\n");
    }
}

/// Whether every text of a package can stand between quotes as it is, its source in an edge too, and no `[replace]` is about it.
fn is_plain(package: &LockedPackage, encoded: bool) -> bool {
    let is_itself = |source: &SourceId| SourceId::of_edge(source.without_commit(), encoded).same(source);
    if !package.source.as_ref().is_none_or(is_itself) {
        return false;
    }
    let source = package.source.as_ref().map(|source| &source.text);
    let mut texts = [&package.name, &package.version].into_iter().chain(source).chain(&package.checksum);
    package.replace.is_none() && texts.all(|text| !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')))
}

/// A TOML string of what is plain.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::super::lockfile;
    use super::*;
    use crate::text::FileId;

    fn lock(packages: &str) -> String {
        let mut out = "version = 4\n".to_owned();
        for line in packages.split("; ") {
            let (head, edges) = line.split_once(" -> ").unwrap_or((line, ""));
            let (name, version) = head.split_once(' ').expect("a name and a version");
            out += &format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
            if name != "demo" {
                out += "source = \"registry+https://example.com/index\"\n";
            }
            if !edges.is_empty() {
                let edges: String = edges.split(", ").map(|edge| format!(" \"{edge}\",\n")).collect();
                out += &format!("dependencies = [\n{edges}]\n");
            }
        }
        out
    }

    /// What comes of two lockfiles, in the form that [`lock`] reads.
    #[track_caller]
    fn check(old: &str, new: &str, taken: Taken, expected: &str) {
        let (old, new) = (lock(old), lock(new));
        let read = |text: &str| lockfile::read(FileId(0), text);
        let spliced = splice(&old, &read(&old), &read(&new), &BTreeSet::from(["a"]), taken).expect("it can be done");
        let lock = read(&spliced);
        let shown = lock.packages.iter().map(|package| {
            let edges: Vec<String> = package
                .edges
                .iter()
                .map(|edge| format!("{} {}", edge.name, edge.version.as_deref().unwrap_or("?")))
                .collect();
            let edges = if edges.is_empty() { String::new() } else { format!(" -> {}", edges.join(", ")) };
            format!("{} {}{edges}", package.name, package.version)
        });
        assert_eq!(shown.collect::<Vec<_>>().join("; "), expected);
    }

    #[test]
    fn what_is_named_moves_and_what_moved_beside_it_does_not() {
        let old = "a 1.0.0 -> b; b 1.0.0; c 1.0.0 -> w 1.0.0; demo 0.1.0 -> a, c; w 1.0.0; w 2.0.0";
        let new = "a 1.0.1 -> b; b 1.0.5; c 1.0.0 -> w 2.0.0; demo 0.1.0 -> a, c; w 2.0.0";
        let kept = "c 1.0.0 -> w 1.0.0; demo 0.1.0 -> a 1.0.1, c 1.0.0; w 1.0.0; w 2.0.0";
        check(old, new, Taken::Named, &format!("a 1.0.1 -> b 1.0.0; b 1.0.0; {kept}"));
        check(old, new, Taken::Needed, &format!("a 1.0.1 -> b 1.0.5; b 1.0.5; {kept}"));
    }

    #[test]
    fn a_range_that_nothing_here_has_comes_along() {
        let old = "a 1.0.0 -> n; demo 0.1.0 -> a; n 1.0.0";
        let new = "a 1.0.1 -> n; demo 0.1.0 -> a; n 2.0.0";
        check(old, new, Taken::Named, "a 1.0.1 -> n 2.0.0; demo 0.1.0 -> a 1.0.1; n 2.0.0");
    }

    #[test]
    fn what_went_is_told_by_its_name() {
        // What is compatible and has another name is no one's successor.
        let old = "b 2.5.0; a 1.0.0; demo 0.1.0 -> a, b";
        let new = "a 2.0.0; demo 0.1.0 -> a";
        check(old, new, Taken::Named, "a 2.0.0; b 2.5.0; demo 0.1.0 -> a 2.0.0, b 2.5.0");
    }

    #[test]
    fn what_cannot_be_written_anew_is_left_to_cargo() {
        let plain = lock("a 1.0.0; demo 0.1.0 -> a");
        let moved = lock("a 1.0.1; demo 0.1.0 -> a");
        let read = |text: &str| lockfile::read(FileId(0), text);
        let is_spliced =
            |old: &str, new: &str| splice(old, &read(old), &read(new), &BTreeSet::from(["a"]), Taken::Named).is_some();
        assert!(is_spliced(&plain, &moved));
        let package = |key: &str| format!("{plain}\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n{key}\n");
        assert!(is_spliced(&package("checksum = \"b\""), &moved));
        let branch =
            "source = \"git+https://example.com/b?branch=feature%2Fb#3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345\"";
        assert!(is_spliced(&package(branch), &moved), "version 4 encodes what a reference is made of");
        for odd in [
            plain.replace("version = 4\n", ""),
            format!("{plain}\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n"),
            package("replace = \"a\""),
            package("checksum = 'b\"'"),
            package("checksum = 'b\\'"),
            package("checksum = \"\\u0007\""),
        ] {
            assert!(!is_spliced(&odd, &moved) && !is_spliced(&moved, &odd), "{odd}");
        }
        assert!(is_same(&read(&plain), &read(&plain)) && !is_same(&read(&plain), &read(&moved)));
    }

    #[test]
    fn what_is_new_comes_along_and_another_range_stays_beside() {
        let old = "a 1.0.0; demo 0.1.0 -> a, u; u 1.0.0 -> a";
        let new = "a 1.0.0; a 2.0.0 -> n; demo 0.1.0 -> a 2.0.0, u; n 1.0.0; u 1.0.0 -> a 1.0.0";
        let kept = "demo 0.1.0 -> a 1.0.0, u 1.0.0; n 1.0.0; u 1.0.0 -> a 1.0.0";
        check(old, new, Taken::Named, &format!("a 1.0.0; a 2.0.0 -> n 1.0.0; {kept}"));
    }
}
