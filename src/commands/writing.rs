//! Files written whole: at any moment each is what it was or what it is to be.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

/// What the names of temporary files begin and end with: a run that was killed leaves them behind.
const PREFIX: &str = ".cargo-pinned-";
const SUFFIX: &str = ".tmp";

/// Removes the temporary files that a run which was killed left in a directory; what cannot be removed stays.
pub(super) fn sweep(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// What a file is for, which decides its mode where it is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be read.
    Read,
    /// To be run.
    Run,
}

/// Replaces a file, or makes it: beside it, flushed, then renamed. One that is there keeps its mode; a link in its place
/// is replaced, and not written through.
pub(super) fn replace(path: &Path, bytes: &[u8], purpose: Purpose) -> Result<()> {
    let prepared = prepare(path, bytes, purpose)?;
    prepared.persist(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}

/// The same up to the last step: what is to replace a file, beside it and on the disk, for its `persist`.
pub(super) fn prepare(path: &Path, bytes: &[u8], purpose: Purpose) -> Result<NamedTempFile> {
    let kept = path.metadata().ok().map(|metadata| metadata.permissions());
    beside(path, bytes, purpose, kept).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Makes a file where there is nothing: no file, and no link.
///
/// # Errors
/// Where it cannot be written; of the kind `AlreadyExists` where there is something in its place.
pub(super) fn create(path: &Path, bytes: &[u8], purpose: Purpose) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    beside(path, bytes, purpose, None)?.persist_noclobber(path)?;
    Ok(())
}

/// A temporary file in the same directory, with everything in it and on the disk.
fn beside(path: &Path, bytes: &[u8], purpose: Purpose, kept: Option<Permissions>) -> io::Result<NamedTempFile> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As for any new file, the user's mask has the last word.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(match purpose {
        Purpose::Read => 0o666,
        Purpose::Run => 0o777,
    }));
    #[cfg(not(unix))]
    let _ = purpose;
    let mut file = builder.prefix(PREFIX).suffix(SUFFIX).tempfile_in(directory)?;
    file.write_all(bytes)?;
    if let Some(kept) = kept {
        file.as_file().set_permissions(kept)?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}
