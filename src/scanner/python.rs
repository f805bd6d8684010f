//! Python: requirements files, pyproject.toml, and lockfiles.

use super::Scan;
use super::surfaces::{Kind, Placed, Sheet};
use crate::source::Snapshot;
use crate::text::FileId;

/// What other files need to know of a file.
#[derive(Debug)]
pub(super) struct Facts;

/// What a file is to Python's packaging, by its name.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let _ = name;
    None
}

/// Reads a requirements file, pyproject.toml or a lockfile.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let _ = (file, place, text);
    Sheet::default()
}

/// Follows requirements files into others, and joins declarations to lockfiles.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], scan: &mut Scan) {
    let _ = (snapshot, sheets, scan);
}
