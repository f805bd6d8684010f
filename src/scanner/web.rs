//! Pages: which scripts, styles and modules they load from elsewhere.

use super::surfaces::Sheet;
use crate::text::FileId;

/// Whether a file is a page by its name.
pub(super) fn is_one(name: &str) -> bool {
    let _ = name;
    false
}

/// Reads a page.
pub(super) fn read(file: FileId, text: &str) -> Sheet {
    let _ = (file, text);
    Sheet::default()
}
