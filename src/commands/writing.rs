//! Files written whole: at any moment each is what it was or what it is to be.

use std::fs::{File, Permissions};
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
    let cannot = || format!("cannot write `{}`", path.display());
    let kept = path.metadata().ok().map(|metadata| metadata.permissions());
    let prepared = prepare(path, purpose, kept, |file| file.write_all(bytes))?;
    prepared.as_file().sync_all().with_context(cannot)?;
    prepared.persist(path).with_context(cannot)?;
    Ok(())
}

/// The first step of that: what is to replace a file, beside it, with the mode that is to be kept, and not yet flushed.
///
/// # Errors
/// Where it cannot be written; nothing is left behind then.
pub(super) fn prepare(
    path: &Path,
    purpose: Purpose,
    kept: Option<Permissions>,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<NamedTempFile> {
    beside(path, purpose, kept, write).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Has the disk begin with a file that is to be flushed soon, and does not wait. A file system then has room for all that come
/// together before it flushes the first, and has little left to do for the others.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn begin_flush(file: &File) {
    // What is written out need not stay in memory, says the advice; what counts is that Linux begins to write it out.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

/// Elsewhere nothing is known that has a disk begin: the flush does all of it.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn begin_flush(_file: &File) {}

/// Makes a file where there is nothing: no file, and no link.
///
/// # Errors
/// Where it cannot be written; of the kind `AlreadyExists` where there is something in its place.
pub(super) fn create(path: &Path, bytes: &[u8], purpose: Purpose) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let prepared = beside(path, purpose, None, |file| file.write_all(bytes))?;
    prepared.as_file().sync_all()?;
    prepared.persist_noclobber(path)?;
    Ok(())
}

/// A temporary file in the same directory, with everything in it.
fn beside(
    path: &Path,
    purpose: Purpose,
    kept: Option<Permissions>,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As for any new file, the user's mask has the last word.
    #[cfg(unix)]
    builder.permissions({
        use std::os::unix::fs::PermissionsExt as _;
        let new = match purpose {
            Purpose::Read => 0o666,
            Purpose::Run => 0o777,
        };
        Permissions::from_mode(kept.as_ref().map_or(new, |kept| kept.mode() & 0o777))
    });
    #[cfg(not(unix))]
    let _ = purpose;
    let mut file = builder.prefix(PREFIX).suffix(SUFFIX).tempfile_in(directory)?;
    write(file.as_file_mut())?;
    // The mask seldom takes anything from a mode that some file has already: asking is cheaper than setting it again.
    if let Some(kept) = kept.filter(|kept| file.as_file().metadata().is_ok_and(|new| new.permissions() != *kept)) {
        file.as_file().set_permissions(kept)?;
    }
    Ok(file)
}
