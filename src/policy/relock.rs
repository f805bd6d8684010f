//! What pinning a git dependency means for the lockfile: the source of its packages is rewritten with it, so that `--locked`
//! still passes.
//!
//! To cargo, one repository by branch and by `rev` is two sources, even where both are one commit. So all that are locked
//! to a source are pinned together, and where something that is not ours holds the same source, nothing is: the graph
//! would have two copies of each package in it.

use crate::edit::Edit;
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::{Edge, LockedPackage, Lockfile};
use crate::scanner::cargo::source_id::{SourceId, canonical};
use crate::scanner::dependency::{Dependency, Origin, Role};
use crate::text::Span;

/// What a pin means for the lockfiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relock {
    /// These changes, and the pins of these declarations, by their index in the scan, all together.
    Together {
        /// The changes of the lockfiles.
        edits: Vec<Edit>,
        /// The declarations.
        declarations: Vec<usize>,
    },
    /// It cannot be: why, as the end of a sentence that starts with the pin.
    Held(String),
}

/// What pinning a declaration to the commit that it is locked to means for the lockfiles.
#[must_use]
pub fn relock(scan: &Scan, dependency: &Dependency) -> Option<Relock> {
    let locked = dependency.locked.one()?;
    let Some(source) = locked.source.as_deref() else {
        return Some(Relock::Held("a patch puts a package of this repository in its place".to_owned()));
    };
    if !is_from(dependency, source) {
        return Some(Relock::Held(format!(
            "a patch puts {source} in its place, whose commit is not one of this repository"
        )));
    }
    let commit = locked.commit.as_deref()?;
    let ours = ours(scan, source);
    let mut edits = Vec::new();
    for lock in scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_deref()) {
        let has_it = |package: &LockedPackage| package.source.as_ref().is_some_and(|own| own.text == source);
        let mut all = lock.packages.iter().chain(&lock.unused);
        let Some(own) = all.find(|package| has_it(package)).and_then(|own| own.source.as_ref()) else {
            continue;
        };
        if let Some(other) = another_commit(lock, own) {
            return Some(Relock::Held(format!(
                "Cargo.lock holds two commits by one reference of {}, {}… and {}…: make them one with `cargo update`",
                own.url,
                &commit[..7],
                other.get(..7).unwrap_or(other),
            )));
        }
        if let Some(holder) = holder(lock, own, &ours) {
            return Some(Relock::Held(holder));
        }
        if let Some(config) = vendored(scan, own) {
            return Some(Relock::Held(config));
        }
        match rewritten(lock, own, commit) {
            Ok(more) => edits.extend(more),
            Err(why) => return Some(Relock::Held(why)),
        }
    }
    let declarations = ours.iter().map(|dependency| dependency.index).collect();
    Some(Relock::Together { edits, declarations })
}

/// Whether a source is of the repository that a declaration names.
fn is_from(dependency: &Dependency, source: &str) -> bool {
    let Origin::Git { url, .. } = &dependency.origin else { return false };
    SourceId::parse(source, true).has_url(url, canonical(url).as_deref())
}

/// The configuration that replaces a repository by one reference of it, such as by a vendored copy.
fn vendored(scan: &Scan, source: &SourceId) -> Option<String> {
    let replaces = |url: &String| source.has_url(url, canonical(url).as_deref());
    let config = scan.configs.iter().find(|config| config.git_replacements.iter().any(replaces))?;
    let path = scan.files.path(config.file);
    Some(format!("`{path}` replaces this source by its reference: pinned, it would no longer be replaced"))
}

/// The declarations that are locked to a source, and name its repository.
fn ours<'s>(scan: &'s Scan, source: &str) -> Vec<&'s Dependency> {
    let is_locked = |dependency: &&Dependency| {
        dependency.locked.one().is_some_and(|locked| locked.source.as_deref() == Some(source))
            && is_from(dependency, source)
    };
    scan.dependencies.iter().filter(is_locked).collect()
}

/// Another commit to which a lockfile holds packages of one source.
fn another_commit<'l>(lock: &'l Lockfile, source: &SourceId) -> Option<&'l str> {
    let sources = lock.packages.iter().filter_map(|package| package.source.as_ref());
    sources
        .filter(|other| other.same(source))
        .filter_map(SourceId::commit)
        .find(|commit| Some(*commit) != source.commit())
}

/// Who else holds a source in a lockfile: a package of another repository, or one of ours that was not judged.
fn holder(lock: &Lockfile, source: &SourceId, ours: &[&Dependency]) -> Option<String> {
    let is_inside = |package: &LockedPackage| package.source.as_ref().is_some_and(|own| own.same(source));
    let targets: Vec<&LockedPackage> = lock.packages.iter().filter(|package| is_inside(package)).collect();
    let leads_there = |edge: &&Edge| targets.iter().any(|target| leads_to(edge, target));
    for package in lock.packages.iter().filter(|package| !is_inside(package)) {
        for edge in package.edges.iter().filter(leads_there) {
            let declares = |dependency: &&&Dependency| {
                let is_patch = matches!(dependency.role, Role::Patch | Role::Replace);
                let is_own = package.source.is_none()
                    && (dependency.owner.as_deref() == Some(&*package.name)
                        || dependency.used_by.contains(&package.name));
                dependency.package == edge.name && (is_patch || is_own)
            };
            if !ours.iter().any(|dependency| declares(&dependency)) {
                return Some(held_by(package, edge));
            }
        }
    }
    None
}

fn leads_to(edge: &Edge, target: &LockedPackage) -> bool {
    edge.name == target.name
        && edge.version.as_ref().is_none_or(|version| *version == target.version)
        && edge.source.as_ref().is_none_or(|source| target.source.as_ref().is_some_and(|own| own.same(source)))
}

fn held_by(package: &LockedPackage, edge: &Edge) -> String {
    let LockedPackage { name, version, .. } = package;
    let whose = match &package.source {
        Some(source) => format!("`{name} {version}` from {}", source.url),
        None => format!("`{name}`, whose manifest is not judged,"),
    };
    format!(
        "{whose} needs `{}` of the same repository by the same reference: pinned here, there would be two copies of it",
        edge.name
    )
}

/// The changes that give the packages of a source another reference: its commit.
fn rewritten(lock: &Lockfile, source: &SourceId, commit: &str) -> Result<Vec<Edit>, String> {
    let same = |other: &&SourceId| other.same(source);
    // A package that another source has under the same name and version is told apart by the text, which also orders them.
    let is_twice = |package: &LockedPackage| {
        lock.packages.iter().any(|other| {
            other.name == package.name && other.version == package.version && other.source != package.source
        })
    };
    let mut edits = Vec::new();
    for package in lock.packages.iter().chain(&lock.unused) {
        if package.source.as_ref().filter(same).is_some() {
            if is_twice(package) {
                return Err(format!(
                    "Cargo.lock holds `{} {}` from two sources, and the reference tells them apart: pin to \
                     `rev = \"{commit}\"` by hand, and bring the lockfile along with `cargo update --workspace`",
                    package.name, package.version
                ));
            }
            let replacement = format!("git+{}?rev={commit}#{commit}", source.url);
            edits.push(Edit { span: package.source_span.ok_or_else(unplaced)?, replacement });
        }
        for edge in package.edges.iter().chain(&package.replace) {
            if let Some(own) = edge.source.as_ref().filter(same) {
                let span = edge_source(edge, own).ok_or_else(unplaced)?;
                edits.push(Edit { span, replacement: format!("git+{}?rev={commit}", own.url) });
            }
        }
    }
    Ok(edits)
}

fn unplaced() -> String {
    "its source is not written in Cargo.lock as cargo writes it: run `cargo update --workspace` first".to_owned()
}

/// Where the source stands in an edge: `name version (source)`.
fn edge_source(edge: &Edge, source: &SourceId) -> Option<Span> {
    let end = edge.span.end.checked_sub(1)?;
    let start = end.checked_sub(u32::try_from(source.text.len()).ok()?)?;
    (start > edge.span.start).then_some(Span { file: edge.span.file, start, end })
}
