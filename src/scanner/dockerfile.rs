//! Dockerfiles: which images they build on and copy from, and what they run.

use super::surfaces::Sheet;
use crate::text::FileId;

/// Whether a file is a Dockerfile by its name.
pub(super) fn is_one(name: &str) -> bool {
    let _ = name;
    false
}

/// Reads a Dockerfile.
pub(super) fn read(file: FileId, text: &str) -> Sheet {
    let _ = (file, text);
    Sheet::default()
}
