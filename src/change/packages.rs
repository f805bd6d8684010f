//! The packages of two lockfiles, told apart: what was added, is gone, or became another version of itself.
//!
//! A name can be locked in several versions, so each is paired with the one that it most likely was: first the same release,
//! then the same version at another commit or from elsewhere, then what a caret requirement would take for it, and at last
//! what is the only one left on both sides. The rest was added or is gone, as `cargo update` says it.

use std::collections::{HashMap, VecDeque};

use super::{Duplicate, PackageKind};
use crate::scanner::cargo::lockfile::LockedPackage;

/// A pair: what was, what is, and what became of it.
pub(super) type Pair<'a> = (PackageKind, Option<&'a LockedPackage>, Option<&'a LockedPackage>);

/// The packages that differ, and the names that are locked more often than before.
pub(super) fn compare<'a>(
    before: &'a [LockedPackage],
    after: &'a [LockedPackage],
) -> (Vec<Pair<'a>>, Vec<Duplicate<'a>>) {
    let (before, after) = (by_name(before), by_name(after));
    let (mut before, mut after) = (before.as_slice(), after.as_slice());
    let (mut pairs, mut duplicates) = (Vec::new(), Vec::new());
    while let Some(name) = [before, after].into_iter().filter_map(|side| Some(side.first()?.name.as_str())).min() {
        let (mut old, mut new) = (named(&mut before, name), named(&mut after, name));
        if old.len() == 1 && new.len() == 1 && same_release(old[0]) == same_release(new[0]) {
            continue;
        }
        old.sort_by(|a, b| order(a).cmp(&order(b)));
        new.sort_by(|a, b| order(a).cmp(&order(b)));
        duplicates.extend(duplicate(name, &old, &new));
        pair(old, new, &mut pairs);
    }
    (pairs, duplicates)
}

/// The packages by their names, in the order of the lockfile among equal ones. Cargo writes them so, which a stable sort sees.
fn by_name(packages: &[LockedPackage]) -> Vec<&LockedPackage> {
    let mut sorted: Vec<&LockedPackage> = packages.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}

/// Takes the packages of a name from the start of a sorted list.
fn named<'a>(packages: &mut &[&'a LockedPackage], name: &str) -> Vec<&'a LockedPackage> {
    let count = packages.iter().take_while(|package| package.name == name).count();
    let (named, rest) = packages.split_at(count);
    *packages = rest;
    named.to_vec()
}

/// Where a package comes from: whether it is git, and its URL; none for path packages.
fn source(package: &LockedPackage) -> Option<(bool, &str)> {
    package.source.as_ref().map(|source| (source.is_git(), source.identity()))
}

/// What is the same package with the same content; the spelling of a source and of a git reference does not count.
fn same_release(package: &LockedPackage) -> (&str, Option<(bool, &str)>, Option<&str>) {
    (&package.version, source(package), package.source.as_ref().and_then(|source| source.commit()))
}

/// Lowest version first; by source and commit where that is the same.
fn order(package: &LockedPackage) -> impl Ord + '_ {
    (package.parsed.as_ref(), same_release(package))
}

/// What a caret requirement admits together: the first part of the version that is not zero, and what is ahead of it.
pub(super) fn class(package: &LockedPackage) -> Option<(u64, u64, u64)> {
    let version = package.parsed.as_ref()?;
    Some(match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    })
}

/// More versions than before, and more than one.
fn duplicate<'a>(name: &'a str, old: &[&'a LockedPackage], new: &[&'a LockedPackage]) -> Option<Duplicate<'a>> {
    let versions = |packages: &[&'a LockedPackage]| packages.iter().map(|package| package.version.as_str()).collect();
    let is_more = new.len() > old.len() && new.len() > 1;
    is_more.then(|| Duplicate { name, before: versions(old), after: versions(new) })
}

/// Pairs the packages of one name, both sides sorted.
fn pair<'a>(old: Vec<&'a LockedPackage>, new: Vec<&'a LockedPackage>, pairs: &mut Vec<Pair<'a>>) {
    let mut left = Left { old, new };
    let same = |package: &'a LockedPackage| Some(same_release(package));
    left.take(same, |_, _| {});
    let mut found = |old, new| pairs.extend(changed(old, new));
    left.take(|package| Some((package.version.as_str(), source(package))), &mut found);
    left.take(|package| Some(package.version.as_str()), &mut found);
    left.take(|package| Some((class(package)?, source(package))), &mut found);
    left.take(class, &mut found);
    if let ([old], [new]) = (left.old.as_slice(), left.new.as_slice()) {
        found(old, new);
        return;
    }
    pairs.extend(left.old.into_iter().map(|old| (PackageKind::Removed, Some(old), None)));
    pairs.extend(left.new.into_iter().map(|new| (PackageKind::Added, None, Some(new))));
}

/// What became of one package.
fn changed<'a>(old: &'a LockedPackage, new: &'a LockedPackage) -> Option<Pair<'a>> {
    let kind = if source(old) != source(new) {
        PackageKind::Source
    } else {
        match new.parsed.cmp(&old.parsed) {
            std::cmp::Ordering::Greater => PackageKind::Upgraded,
            std::cmp::Ordering::Less => PackageKind::Downgraded,
            std::cmp::Ordering::Equal => PackageKind::Commit,
        }
    };
    Some((kind, Some(old), Some(new)))
}

/// The packages of one name that are not paired yet.
struct Left<'a> {
    old: Vec<&'a LockedPackage>,
    new: Vec<&'a LockedPackage>,
}

impl<'a> Left<'a> {
    /// Pairs those with the same key, in order.
    fn take<K: std::hash::Hash + Eq>(
        &mut self,
        key: impl Fn(&'a LockedPackage) -> Option<K>,
        mut found: impl FnMut(&'a LockedPackage, &'a LockedPackage),
    ) {
        if self.old.is_empty() || self.new.is_empty() {
            return;
        }
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (at, old) in self.old.iter().enumerate() {
            if let Some(key) = key(old) {
                waiting.entry(key).or_default().push_back(at);
            }
        }
        let mut taken = vec![false; self.old.len()];
        let old = &self.old;
        self.new.retain(|new| {
            let Some(at) = key(new).and_then(|key| waiting.get_mut(&key)?.pop_front()) else { return true };
            taken[at] = true;
            found(old[at], new);
            false
        });
        let mut taken = taken.into_iter();
        self.old.retain(|_| taken.next() != Some(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::cargo::lockfile;
    use crate::text::FileId;

    const COMMIT: &str = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f901234";

    /// Packages of the name `a` from words: a version, with `@NAME` behind it from another registry, with `#DIGIT` from git.
    fn packages(words: &str) -> Vec<LockedPackage> {
        let mut text = "version = 4\n".to_owned();
        for word in words.split_whitespace() {
            let (version, source) = match (word.split_once('@'), word.split_once('#')) {
                (Some((version, "")), _) => (version, None),
                (Some((version, name)), _) => (version, Some(format!("registry+https://{name}.example.com/index"))),
                (_, Some((version, digit))) => {
                    (version, Some(format!("git+https://example.com/a?branch=main#{COMMIT}{digit}")))
                }
                _ => (word, Some("registry+https://github.com/rust-lang/crates.io-index".to_owned())),
            };
            text += &format!("\n[[package]]\nname = \"a\"\nversion = \"{version}\"\n");
            text += &source.map(|source| format!("source = \"{source}\"\n")).unwrap_or_default();
        }
        let lock = lockfile::read(FileId(0), &text);
        assert_eq!(lock.problems, []);
        lock.packages
    }

    /// What becomes of packages, each pair as `kind old new`.
    #[track_caller]
    fn check(before: &str, after: &str, expected: &[&str]) {
        let (old, new) = (packages(before), packages(after));
        let (pairs, _) = compare(&old, &new);
        let version = |package: Option<&LockedPackage>| package.map_or("-".to_owned(), |p| p.version.clone());
        let mut said: Vec<String> =
            pairs.iter().map(|(kind, old, new)| format!("{kind:?} {} {}", version(*old), version(*new))).collect();
        said.sort();
        assert_eq!(said, expected, "{before} -> {after}");
    }

    #[test]
    fn equal_ones_are_no_change() {
        check("1.0.0 2.0.0", "1.0.0 2.0.0", &[]);
        check("1.0.0#1", "1.0.0#1", &[]);
        check("1.0.0 2.0.0", "2.0.0", &["Removed 1.0.0 -"]);
    }

    #[test]
    fn compatible_versions_are_one_package_that_moved() {
        check("1.0.0 2.0.0", "1.0.1 2.1.0", &["Upgraded 1.0.0 1.0.1", "Upgraded 2.0.0 2.1.0"]);
        check("0.1.5 0.2.0", "0.1.4 0.3.0", &["Downgraded 0.1.5 0.1.4", "Upgraded 0.2.0 0.3.0"]);
        check("0.0.1", "0.0.2 0.0.3", &["Added - 0.0.2", "Added - 0.0.3", "Removed 0.0.1 -"]);
        check("1.0.0-rc.1", "1.0.0", &["Upgraded 1.0.0-rc.1 1.0.0"]);
    }

    #[test]
    fn the_only_one_left_on_both_sides_is_the_same_package() {
        check("0.8.5", "0.9.0", &["Upgraded 0.8.5 0.9.0"]);
        check("0.8.5 0.9.0", "0.7.0 0.9.0", &["Downgraded 0.8.5 0.7.0"]);
        check("0.7.0 0.8.5", "0.9.0", &["Added - 0.9.0", "Removed 0.7.0 -", "Removed 0.8.5 -"]);
    }

    #[test]
    fn another_source_or_commit_is_told_from_another_version() {
        check("1.0.0", "1.0.0@mirror", &["Source 1.0.0 1.0.0"]);
        check("1.0.0", "1.2.0#1", &["Source 1.0.0 1.2.0"]);
        check("1.0.0", "2.0.0@", &["Source 1.0.0 2.0.0"]);
        check("1.0.0#1", "1.0.0#2", &["Commit 1.0.0 1.0.0"]);
        check("1.0.0#1", "1.0.1#2", &["Upgraded 1.0.0 1.0.1"]);
        check("1.0.0 1.0.0@mirror", "1.0.1@mirror", &["Removed 1.0.0 -", "Upgraded 1.0.0 1.0.1"]);
        check("1.0.0 1.0.0#1", "1.0.0 1.0.0#2", &["Commit 1.0.0 1.0.0"]);
    }

    #[test]
    fn what_is_locked_more_often_is_a_duplicate() {
        let names = |before, after| {
            let (old, new) = (packages(before), packages(after));
            let (_, duplicates) = compare(&old, &new);
            duplicates.iter().map(|found| (found.before.len(), found.after.len())).collect::<Vec<_>>()
        };
        assert_eq!(names("1.0.0", "1.0.0 2.0.0"), [(1, 2)]);
        assert_eq!(names("", "1.0.0 2.0.0"), [(0, 2)]);
        assert_eq!(names("1.0.0 2.0.0", "2.0.0 3.0.0"), []);
        assert_eq!(names("", "1.0.0"), []);
    }
}
