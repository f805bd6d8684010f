//! Declarations on two sides, told apart: what was added, is gone, or says something else than it did.
//!
//! A declaration is known by its place: file, table and name, and among equals by what is written. One that left its place is
//! looked for in the same file, then where its package inherits it from, then anywhere where the same is written. What leads
//! to the repository's own packages is left out: their content is in the change itself.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

use super::bounds::{self, Relation};
use super::{DeclarationChange, DeclarationKind, Declared};
use crate::scanner::cargo::source_id;
use crate::scanner::dependency::{Dependency, Origin, PathTarget, Pin, Role, Surface};
use crate::scanner::{Scan, commented_release, ranges};
use crate::source::parent;
use crate::text::FileId;

/// Compares the declarations of two scans. `moved` has the directories of workspaces that are elsewhere now; what is in a file
/// that is `lacking` on one side is not compared, and what is in one that `is_unchanged` is taken as it stands.
pub(super) fn compare<'a>(
    before: &'a Scan,
    after: &'a Scan,
    moved: &HashMap<&str, &str>,
    lacking: &HashSet<&str>,
    is_unchanged: &dyn Fn(&str) -> bool,
) -> Vec<DeclarationChange<'a>> {
    let here: HashSet<&str> = after.read.iter().map(String::as_str).collect();
    let seat = |path: &'a str| if here.contains(path) { Cow::Borrowed(path) } else { relocated(path, moved) };
    let mut matching =
        Matching { old: side(before, lacking, seat), new: side(after, lacking, Cow::Borrowed), changes: Vec::new() };
    matching.unchanged(is_unchanged);
    matching.pair(|one| Some((place(one), one.written())));
    matching.pair(|one| Some(place(one)));
    matching.pair(|one| Some((one.seat.clone(), one.dependency.name.as_str())));
    matching.inherited(before, after);
    matching.pair(|one| {
        let dependency = one.dependency;
        Some((dependency.surface, dependency.name.as_str(), &dependency.package, one.written(), source(dependency)))
    });
    let Matching { old, new, mut changes } = matching;
    let gone = old.iter().filter(|one| one.is_open);
    changes.extend(gone.filter_map(|one| change(Some(one.declared), None)));
    let come = new.iter().filter(|one| one.is_open);
    changes.extend(come.filter_map(|one| change(None, Some(one.declared))));
    let order = |change: &DeclarationChange<'a>| {
        change.declared().map(|declared| (declared.path, change.kind, declared.dependency.span.start))
    };
    changes.sort_by_key(order);
    changes
}

/// Where a file of a workspace that was moved is now.
fn relocated<'p>(path: &'p str, moved: &HashMap<&str, &str>) -> Cow<'p, str> {
    let mut directory = parent(path);
    loop {
        if let Some(to) = moved.get(directory) {
            let rest = path[directory.len()..].trim_start_matches('/');
            return Cow::Owned(if to.is_empty() { rest.to_owned() } else { format!("{to}/{rest}") });
        }
        if directory.is_empty() {
            return Cow::Borrowed(path);
        }
        directory = parent(directory);
    }
}

/// A declaration of one side.
struct One<'a> {
    declared: Declared<'a>,
    dependency: &'a Dependency,
    /// The path of its file on the new side.
    seat: Cow<'a, str>,
    /// Whether it is not paired yet.
    is_open: bool,
}

/// A place, the same on both sides.
type Place<'a> = (Cow<'a, str>, &'a str, &'a str);

fn place<'a>(one: &One<'a>) -> Place<'a> {
    (one.seat.clone(), &one.dependency.table, &one.dependency.name)
}

impl<'a> One<'a> {
    fn written(&self) -> (Option<&'a str>, Option<(&'static str, &'a str)>) {
        written(self.dependency)
    }
}

fn side<'a>(scan: &'a Scan, lacking: &HashSet<&str>, seat: impl Fn(&'a str) -> Cow<'a, str>) -> Vec<One<'a>> {
    let one = |dependency: &'a Dependency| {
        let path = scan.files.path(dependency.span.file);
        let declared = Declared { path, dependency, release: commented_release(&scan.files, dependency) };
        (!lacking.contains(path)).then(|| One { declared, dependency, seat: seat(path), is_open: true })
    };
    scan.dependencies.iter().filter_map(one).collect()
}

/// What is written: the requirement, and the git reference.
fn written(dependency: &Dependency) -> (Option<&str>, Option<(&'static str, &str)>) {
    let reference = match &dependency.origin {
        Origin::Git { reference, .. } => reference.as_ref().map(|(key, value)| (*key, value.as_str())),
        _ => None,
    };
    (dependency.requirement.as_deref(), reference)
}

/// Where it is fetched from, as cargo tells sources apart.
fn source(dependency: &Dependency) -> (&'static str, Cow<'_, str>) {
    match &dependency.origin {
        Origin::Registry(Some(registry)) if registry != "crates-io" => ("registry", Cow::Borrowed(registry)),
        Origin::Registry(_) => ("registry", Cow::Borrowed("")),
        Origin::Git { url, .. } => ("git", source_id::canonical(url).map_or(Cow::Borrowed(url.as_str()), Cow::Owned)),
        Origin::Path { target: PathTarget::Inside(_), .. } => ("path", Cow::Borrowed("")),
        Origin::Path { path, .. } => ("path", Cow::Borrowed(path)),
        // An archive has its version in its name: who has it is what counts.
        Origin::Url(url) => {
            let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            ("url", Cow::Borrowed(host.split('/').next().unwrap_or(host)))
        }
        _ => ("", Cow::Borrowed("")),
    }
}

fn is_own(declared: Declared<'_>) -> bool {
    matches!(declared.dependency.origin, Origin::Path { target: PathTarget::Inside(_), .. })
}

/// What became of a declaration; none where nothing that counts did.
fn change<'a>(before: Option<Declared<'a>>, after: Option<Declared<'a>>) -> Option<DeclarationChange<'a>> {
    if [before, after].into_iter().flatten().all(is_own) {
        return None;
    }
    let kind = match (before, after) {
        (Some(before), Some(after)) => kind(before, after)?,
        (None, _) => DeclarationKind::Added,
        (_, None) => DeclarationKind::Removed,
    };
    Some(DeclarationChange { kind, before, after })
}

fn kind(before: Declared<'_>, after: Declared<'_>) -> Option<DeclarationKind> {
    let (old, new) = (before.dependency, after.dependency);
    if old.package != new.package || source(old) != source(new) {
        return Some(DeclarationKind::Source);
    }
    if written(old) == written(new) {
        let is_there = (before.path, &old.table, &old.name) == (after.path, &new.table, &new.name);
        return (!is_there).then_some(DeclarationKind::Moved);
    }
    let is_known = old.pin != Pin::Unknown && new.pin != Pin::Unknown;
    Some(match new.pin.cmp(&old.pin) {
        std::cmp::Ordering::Greater if is_known => DeclarationKind::Tightened,
        std::cmp::Ordering::Less if is_known => DeclarationKind::Loosened,
        std::cmp::Ordering::Equal if written(old).1 == written(new).1 => within(old, new),
        _ => DeclarationKind::Changed,
    })
}

/// Of two that hold equally tightly: which one admits more.
fn within(old: &Dependency, new: &Dependency) -> DeclarationKind {
    let is_crate = |dependency: &Dependency| matches!(dependency.surface, Surface::Crate | Surface::Git);
    let any = |dependency: &Dependency| dependency.requirement.clone().unwrap_or_else(|| "*".to_owned());
    let relation = match (old.surface, new.surface) {
        _ if is_crate(old) && is_crate(new) => bounds::relation(&any(old), &any(new)),
        // Of two that are exact neither admits more.
        (a, b) if a == b && old.pin < Pin::Exact => beyond(a, &any(old), &any(new)),
        _ => None,
    };
    match relation {
        Some(Relation::Tighter) => DeclarationKind::Tightened,
        Some(Relation::Looser) => DeclarationKind::Loosened,
        Some(Relation::Same | Relation::Other) | None => DeclarationKind::Changed,
    }
}

/// The same beyond Cargo: by what npm's and Python's ranges admit, and of a tag by whether it is a part of the other.
fn beyond(surface: Surface, old: &str, new: &str) -> Option<Relation> {
    let known = match surface {
        Surface::Npm => match (ranges::npm(old)?.as_slice(), ranges::npm(new)?.as_slice()) {
            ([old], [new]) => bounds::relation(&old.to_string(), &new.to_string()),
            _ => None,
        },
        Surface::Python => {
            let (old, new) = (ranges::python(old)?, ranges::python(new)?);
            Some(match (new.subset_of(&old), old.subset_of(&new)) {
                (true, true) => Relation::Same,
                (true, false) => Relation::Tighter,
                (false, true) => Relation::Looser,
                (false, false) => Relation::Other,
            })
        }
        _ => None,
    };
    let is_part = |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    known.or_else(|| match (is_part(old, new), is_part(new, old)) {
        (true, _) => Some(Relation::Tighter),
        (_, true) => Some(Relation::Looser),
        _ => None,
    })
}

/// Declarations of two sides, being paired.
struct Matching<'a> {
    old: Vec<One<'a>>,
    new: Vec<One<'a>>,
    changes: Vec<DeclarationChange<'a>>,
}

impl<'a> Matching<'a> {
    /// Pairs what is in files that are the same on both sides, one by one: there is most of it, and no key is needed.
    fn unchanged(&mut self, is_unchanged: &dyn Fn(&str) -> bool) {
        let Self { old, new, changes } = self;
        let mut files: HashMap<&str, std::ops::Range<usize>> = HashMap::new();
        for (at, one) in old.iter().enumerate() {
            let file = files.entry(one.declared.path).or_insert(at..at);
            // What is not together, as in a file that two entries lead to, is left to the keys.
            file.end = if file.end == at { at + 1 } else { usize::MAX };
        }
        for here in new.chunk_by_mut(|a, b| a.declared.path == b.declared.path) {
            let path = here[0].declared.path;
            let Some(there) = files.remove(path).and_then(|there| old.get_mut(there)) else { continue };
            let is_same = |(old, new): (&One<'a>, &One<'a>)| {
                (old.dependency.span.start, &old.seat) == (new.dependency.span.start, &new.seat)
            };
            if there.len() != here.len() || !there.iter().zip(here.iter()).all(is_same) || !is_unchanged(path) {
                continue;
            }
            for (old, new) in there.iter_mut().zip(here) {
                (old.is_open, new.is_open) = (false, false);
                changes.extend(change(Some(old.declared), Some(new.declared)));
            }
        }
    }

    /// Pairs what has the same key, in order.
    fn pair<K: std::hash::Hash + Eq>(&mut self, key: impl Fn(&One<'a>) -> Option<K>) {
        let Self { old, new, changes } = self;
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (at, one) in old.iter().enumerate().filter(|(_, one)| one.is_open) {
            if let Some(key) = key(one) {
                waiting.entry(key).or_default().push_back(at);
            }
        }
        for one in new.iter_mut().filter(|one| one.is_open) {
            let Some(at) = key(one).and_then(|key| waiting.get_mut(&key)?.pop_front()) else { continue };
            (one.is_open, old[at].is_open) = (false, false);
            changes.extend(change(Some(old[at].declared), Some(one.declared)));
        }
    }

    /// Pairs what a member now inherits, or no longer does, with the entry that it inherits. Several may inherit one.
    fn inherited(&mut self, before: &'a Scan, after: &'a Scan) {
        let Self { old, new, changes } = self;
        let mut used = HashSet::new();
        let entries = Entries::of(new, after);
        for one in old.iter_mut().filter(|one| one.is_open) {
            let Some(at) = entries.of_member(&one.seat, one.dependency) else { continue };
            one.is_open = false;
            used.insert(at);
            changes.extend(change(Some(one.declared), Some(new[at].declared)));
        }
        used.into_iter().for_each(|at| new[at].is_open = false);
        let mut used = HashSet::new();
        let entries = Entries::of(old, before);
        for one in new.iter_mut().filter(|one| one.is_open) {
            let Some(at) = entries.of_member(&one.seat, one.dependency) else { continue };
            one.is_open = false;
            used.insert(at);
            changes.extend(change(Some(old[at].declared), Some(one.declared)));
        }
        used.into_iter().for_each(|at| old[at].is_open = false);
    }
}

/// The entries of `[workspace.dependencies]` of one side, by who inherits them.
struct Entries(HashMap<(String, Role, String), usize>);

impl Entries {
    fn of(side: &[One<'_>], scan: &Scan) -> Self {
        let path = |file: FileId| scan.files.path(file).to_owned();
        let uses = side.iter().enumerate().flat_map(|(at, one)| {
            let dependency = one.dependency;
            dependency.uses.iter().map(move |used| ((path(used.manifest), used.role, dependency.name.clone()), at))
        });
        Self(uses.collect())
    }

    fn of_member(&self, path: &str, dependency: &Dependency) -> Option<usize> {
        self.0.get(&(path.to_owned(), dependency.role, dependency.name.clone())).copied()
    }
}
