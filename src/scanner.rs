//! The scanner: from a snapshot to every declaration in it, with what each is locked to.
//!
//! It reads and joins, and judges nothing: whether a range is a fault is the policy's to say. What cannot be read becomes a
//! [`Problem`] at its place, and everything else is still read.

pub mod cargo;
pub mod dependency;
pub mod excludes;
pub mod pattern;

use std::sync::Arc;

use crate::source::{Interest, Snapshot};
use crate::text::{Files, Span};
use cargo::workspace::Workspace;
use dependency::Dependency;
use excludes::Excludes;

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
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// The paths of all files that were read.
    pub read: Vec<String>,
}

/// Whether the scanner has a use for the file at `path`.
#[must_use]
pub fn wants(path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "Cargo.toml" | "Cargo.lock" | "rust-toolchain.toml" | "rust-toolchain" => true,
        "pinned.toml" | "pinned-baseline.toml" => true,
        // Whether it is there says that a package is a library; it is not read.
        "lib.rs" => directory == "src" || directory.ends_with("/src"),
        "config" => is_cargo_directory(directory),
        name => name.ends_with(".toml") && is_cargo_directory(directory),
    }
}

/// What a snapshot is to list for the scanner; with `everything`, what is left out by default too.
#[must_use]
pub fn interest(everything: bool) -> Interest {
    Interest { wants, prunes: (!everything).then_some(excludes::covers_directory) }
}

fn is_cargo_directory(directory: &str) -> bool {
    directory == ".cargo" || directory.ends_with("/.cargo")
}

/// Scans a snapshot; `excludes` says which manifests and other files are left out.
#[must_use]
pub fn scan(snapshot: &Snapshot, excludes: &Excludes) -> Scan {
    scan_beside(snapshot, &[], excludes).0
}

/// What was parsed in a scan, for another one of the same files with some of them changed.
pub struct Parsed(cargo::Known);

/// Scans a snapshot, and keeps what was parsed.
#[must_use]
pub fn scan_keeping(snapshot: &Snapshot, excludes: &Excludes) -> (Scan, Parsed) {
    let (scan, known) = cargo::scan_keeping(snapshot, excludes);
    (finished(scan), Parsed(known))
}

/// Scans what a snapshot was changed into: only the files that differ are read and parsed.
#[must_use]
pub fn scan_again(changed: &Snapshot, parsed: &Parsed, excludes: &Excludes) -> Scan {
    finished(cargo::scan_again(changed, &parsed.0, excludes))
}

/// Scans a snapshot, and others beside it: what has not changed between them is parsed once.
#[must_use]
pub fn scan_beside(snapshot: &Snapshot, others: &[Snapshot], excludes: &Excludes) -> (Scan, Vec<Scan>) {
    let (scan, others) = cargo::scan(snapshot, others, excludes);
    (finished(scan), others.into_iter().map(finished).collect())
}

fn finished(mut scan: Scan) -> Scan {
    scan.skipped.sort();
    scan.skipped.dedup();
    scan
}
