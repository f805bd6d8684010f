//! The npm family: package.json, catalogs of pnpm, and lockfiles.

use super::Scan;
use super::surfaces::{Kind, Placed, Sheet};
use crate::source::Snapshot;
use crate::text::FileId;

/// What other files need to know of a file.
#[derive(Debug)]
pub(super) struct Facts;

/// What a file is to the npm family, by its name.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let _ = name;
    None
}

/// Reads a manifest, a catalog or a lockfile.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let _ = (file, place, text);
    Sheet::default()
}

/// Joins manifests to their lockfiles.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], scan: &mut Scan) {
    let _ = (snapshot, sheets, scan);
}
