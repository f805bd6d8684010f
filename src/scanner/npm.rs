//! The npm family: package.json, catalogs of pnpm, and lockfiles.

mod json;
mod lock;
mod manifest;
mod projects;
mod spec;
mod workspace;
mod yaml;

use super::Scan;
use super::graph::Graph;
use super::surfaces::{self, Kind, Placed, Sheet};
use crate::source::Snapshot;
use crate::text::FileId;

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manager {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// Yarn, of any version.
    Yarn,
    /// Bun.
    Bun,
}

impl Manager {
    const ALL: [Self; 4] = [Self::Npm, Self::Pnpm, Self::Yarn, Self::Bun];

    /// Its name, as `packageManager` has it.
    fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }

    /// The command that makes its lockfile.
    fn makes_lock(self) -> &'static str {
        match self {
            Self::Npm => "npm install --package-lock-only",
            Self::Pnpm => "pnpm install --lockfile-only",
            Self::Yarn => "yarn install",
            Self::Bun => "bun install --lockfile-only",
        }
    }
}

/// What other files need to know of a file.
#[derive(Debug)]
pub(super) enum Facts {
    /// A package.json.
    Manifest(manifest::Manifest),
    /// A pnpm-workspace.yaml.
    Workspace(workspace::Workspace),
    /// A lockfile.
    Lock(lock::Lock),
}

impl Facts {
    /// Forgets where things are written: the file is no text that could be written back.
    pub(super) fn unplace(&mut self) {
        if let Self::Lock(lock) = self {
            lock.unplace();
        }
    }
}

/// What a file is to the npm family, by its name.
pub(super) fn kind(name: &str) -> Option<Kind> {
    match name {
        "package.json" | "pnpm-workspace.yaml" => Some(Kind::Npm),
        _ if lock::NAMES.iter().any(|(lock, _)| *lock == name) => Some(Kind::NpmLock),
        _ => None,
    }
}

/// Reads a manifest, a catalog or a lockfile.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let name = place.rsplit('/').next().unwrap_or(place);
    match name {
        "package.json" => manifest::read(file, place, text),
        "pnpm-workspace.yaml" => workspace::read(file, place, text),
        _ => match lock::read(file, name, text) {
            Ok(lock) => sheet(lock),
            Err(problem) => Sheet { problems: vec![problem], ..Sheet::default() },
        },
    }
}

fn sheet(lock: lock::Lock) -> Sheet {
    Sheet { facts: surfaces::Facts::Npm(Facts::Lock(lock)), ..Sheet::default() }
}

/// Reads a lockfile that was read before with another text, where that is less work; none where it is not.
pub(super) fn read_again(file: FileId, text: &str, before: &str, read: &Sheet) -> Option<Sheet> {
    let surfaces::Facts::Npm(Facts::Lock(lock)) = &read.facts else { return None };
    lock::read_again(file, text, before, lock).map(sheet)
}

/// A lockfile in full, by its name.
pub(super) fn graph(file: FileId, name: &str, text: &str) -> Option<Graph> {
    lock::graph::read(file, name, text)
}

/// Joins manifests to their lockfiles.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], scan: &mut Scan) {
    projects::join(snapshot, sheets, scan);
}
