//! The scanner: from a snapshot to every declaration in it, with what each is locked to.
//!
//! It reads and joins, and judges nothing: whether a range is a fault is the policy's to say. What cannot be read becomes a
//! [`Problem`] at its place, and everything else is still read.

pub mod cargo;
pub mod dependency;
mod dockerfile;
pub mod document;
mod ending;
pub mod excludes;
pub mod graph;
pub mod image;
pub mod isolated;
mod npm;
pub mod pattern;
pub mod project;
mod python;
pub mod ranges;
mod script;
pub mod shell;
mod surfaces;
pub mod web;
mod workflow;
mod yaml;

use std::sync::Arc;

use crate::source::{Interest, Snapshot};
use crate::text::{FileId, Files, Span};
use cargo::workspace::Workspace;
use dependency::{Dependency, Pin, Surface};
use excludes::Excludes;
use project::Project;
use rayon::prelude::*;
use surfaces::Settled;

/// Something that could not be read, parsed or followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong, as a lowercase fragment.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    #[must_use]
    pub fn new(span: Span, message: String) -> Self {
        Self { span, message }
    }

    /// The first line of a text that git left behind in an unresolved merge; `offset` is where in the file the text begins.
    fn conflict(file: FileId, text: &str, offset: usize) -> Option<Self> {
        let line = crate::text::conflict(text)?;
        let span = Span::new(file, offset + line.start..offset + line.end);
        Some(Self::new(span, "unresolved merge conflict: the file still has git's markers".to_owned()))
    }
}

/// A file that was seen and not judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path.
    pub path: String,
    /// Why, as a lowercase fragment.
    pub why: String,
}

/// Everything that was found in a snapshot.
#[derive(Debug, Default)]
pub struct Scan {
    /// The files, with the text of those that were read.
    pub files: Files,
    /// Every declaration.
    pub dependencies: Vec<Dependency>,
    /// The workspaces and standalone packages of Cargo.
    pub workspaces: Vec<Workspace>,
    /// Lockfiles that no workspace has: they say what something is built from, and no manifest here what it asks for.
    pub loose: Vec<Arc<cargo::lockfile::Lockfile>>,
    /// Files of cargo's configuration.
    pub configs: Vec<cargo::config::Config>,
    /// The projects of other ecosystems that a lockfile is to hold.
    pub projects: Vec<Project>,
    /// The commands in scripts that build without a lockfile's hold.
    pub builds: Vec<shell::Build>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// How many files were not read, since they say the same on both sides of a comparison.
    pub settled: usize,
    /// The paths of all files that were read.
    pub read: Vec<String>,
}

/// Whether the scanner has a use for the file at `path`.
#[must_use]
pub fn wants(path: &str) -> bool {
    let at = memchr::memrchr(b'/', path.as_bytes());
    let (directory, name) = at.map_or(("", path), |at| (&path[..at], &path[at + 1..]));
    if surfaces::is_source(name) {
        // Whether it is there says that a package is a library; it is not read.
        return name == "lib.rs" && (directory == "src" || directory.ends_with("/src"));
    }
    match name {
        "Cargo.toml" | "Cargo.lock" | "rust-toolchain.toml" | "rust-toolchain" => true,
        "pinned.toml" | "pinned-baseline.toml" => true,
        "config" => is_cargo_directory(directory),
        name if name.ends_with(".toml") && is_cargo_directory(directory) => true,
        _ => surfaces::Kind::possible(path).is_some(),
    }
}

/// The surface that what is wrong with the file at `path` belongs to.
#[must_use]
pub fn surface(path: &str) -> Surface {
    match path.rsplit('/').next() {
        Some("Cargo.lock") => Surface::Lockfile,
        _ => surfaces::Kind::possible(path).map_or(Surface::Crate, surfaces::Kind::surface),
    }
}

/// How much of a line is looked at for a comment, in bytes.
const MAX_COMMENT: usize = 256;

/// The release that the comment behind an action's commit id names; it says so by custom alone, and nothing holds it to that.
#[must_use]
pub fn commented_release<'f>(files: &'f Files, dependency: &Dependency) -> Option<&'f str> {
    if (dependency.surface, dependency.pin) != (Surface::Action, Pin::Content) {
        return None;
    }
    let behind = files.text(dependency.span.file).get(dependency.span.end as usize..)?;
    // A line without an end has many of them.
    let line = behind.get(..behind.floor_char_boundary(MAX_COMMENT))?.lines().next()?;
    workflow::commented(line)
}

/// What a snapshot is to list for the scanner; with `everything`, what is left out by default too.
#[must_use]
pub fn interest(everything: bool) -> Interest {
    Interest { wants, prunes: (!everything).then_some(excludes::covers_directory) }
}

fn is_cargo_directory(directory: &str) -> bool {
    directory == ".cargo" || directory.ends_with("/.cargo")
}

/// How far a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What is written: declarations are not joined to what the lockfile holds them to, and nothing is said of whether it is up
    /// to date.
    Written,
    /// All of it.
    Joined,
}

/// Scans a snapshot; `excludes` says which manifests and other files are left out.
#[must_use]
pub fn scan(snapshot: &Snapshot, excludes: &Excludes) -> Scan {
    scan_beside(snapshot, &[], excludes, Extent::Joined).0
}

/// What was parsed in a scan, for another one of the same files with some of them changed.
#[derive(Default)]
pub struct Parsed {
    cargo: cargo::Known,
    surfaces: surfaces::Known,
}

/// What was read of a snapshot, before it is put together.
struct Reading<'s> {
    snapshot: &'s Snapshot,
    cargo: cargo::Reading<'s>,
    surfaces: surfaces::Reading,
}

/// Scans a snapshot, and keeps what was parsed.
#[must_use]
pub fn scan_keeping(snapshot: &Snapshot, excludes: &Excludes) -> (Scan, Parsed) {
    let (reading, parsed) = read(snapshot, excludes, &Parsed::default(), true, &Settled::new());
    (assemble(reading, excludes, Extent::Joined, None), parsed)
}

/// Scans what a snapshot was changed into: only the files that differ are read and parsed.
#[must_use]
pub fn scan_again(changed: &Snapshot, parsed: &Parsed, excludes: &Excludes) -> Scan {
    assemble(read(changed, excludes, parsed, false, &Settled::new()).0, excludes, Extent::Joined, None)
}

/// Scans a snapshot, and others beside it: what has not changed between them is parsed once. Where the two sides of a comparison
/// are all that counts ([`Extent::Written`]), what is the same on both and says nothing of other files is not read at all.
#[must_use]
pub fn scan_beside(snapshot: &Snapshot, others: &[Snapshot], excludes: &Excludes, extent: Extent) -> (Scan, Vec<Scan>) {
    if let ([other], Extent::Written) = (others, extent) {
        let (scan, beside) = scan_two(snapshot, other, excludes);
        return (scan, vec![beside]);
    }
    let (reading, parsed) = read(snapshot, excludes, &Parsed::default(), !others.is_empty(), &Settled::new());
    let beside = |other| assemble(read(other, excludes, &parsed, false, &Settled::new()).0, excludes, extent, None);
    rayon::join(|| assemble(reading, excludes, extent, None), || others.par_iter().map(beside).collect())
}

/// Scans the two sides of a comparison.
fn scan_two(snapshot: &Snapshot, other: &Snapshot, excludes: &Excludes) -> (Scan, Scan) {
    let plan = cargo::plan(snapshot, other, excludes);
    let mut settled = surfaces::settled(snapshot, other, excludes);
    settled.extend(plan.iter().flat_map(|plan| &plan.settled).cloned());
    let (mut after, parsed) = read(snapshot, excludes, &Parsed::default(), true, &settled);
    let mut before = read(other, excludes, &parsed, false, &settled).0;
    let parts = plan.as_ref().and_then(|plan| plan.agreed(&mut after.cargo, &mut before.cargo));
    if plan.is_some() && parts.is_none() {
        let (reading, known) = cargo::read(snapshot, excludes, &cargo::Known::new(), true, &Settled::new());
        after.cargo = reading;
        before.cargo = cargo::read(other, excludes, &known, false, &Settled::new()).0;
    }
    let (new, old) = parts.unzip();
    let put = |reading, part| assemble(reading, excludes, Extent::Written, part);
    rayon::join(|| put(after, new), || put(before, old))
}

fn read<'s>(
    snapshot: &'s Snapshot,
    excludes: &Excludes,
    parsed: &Parsed,
    keep: bool,
    settled: &Settled,
) -> (Reading<'s>, Parsed) {
    let ((cargo, known), (surfaces, others)) = rayon::join(
        || cargo::read(snapshot, excludes, &parsed.cargo, keep, settled),
        || surfaces::read(snapshot, excludes, &parsed.surfaces, keep, settled),
    );
    (Reading { snapshot, cargo, surfaces }, Parsed { cargo: known, surfaces: others })
}

fn assemble(reading: Reading<'_>, excludes: &Excludes, extent: Extent, part: Option<cargo::Part>) -> Scan {
    let mut scan = cargo::assemble(reading.cargo, excludes, extent, part);
    surfaces::assemble(reading.snapshot, reading.surfaces, excludes, &mut scan);
    // They are large: their places are sorted, and each is moved once.
    scan.dependencies.sort_by_cached_key(|dependency| dependency.span);
    for (index, dependency) in scan.dependencies.iter_mut().enumerate() {
        dependency.index = index;
    }
    scan.problems.sort_by_key(|problem| problem.span);
    scan.problems.dedup();
    scan.skipped.sort();
    scan.skipped.dedup();
    scan
}
