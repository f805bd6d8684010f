//! Where the files of a change are, and whether they are what they are taken for.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Change;

/// Where a regular file is below the root, given without links: nothing is written outside of it.
pub(super) fn place(root: &Path, below: &str) -> Result<PathBuf> {
    let path = root.join(below);
    let directory = path.parent().unwrap_or(root);
    let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file || !is_inside(root, directory)? {
        bail!("`{}` is no regular file of this repository", path.display());
    }
    Ok(path)
}

/// Whether a directory is below the root. Where nothing on the way there is a link, it is; else where the links lead says.
fn is_inside(root: &Path, directory: &Path) -> Result<bool> {
    let below = directory.ancestors().take_while(|above| *above != root);
    let is_plain = |above: &Path| above.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    if directory.starts_with(root) && below.into_iter().all(is_plain) {
        return Ok(true);
    }
    let real = directory.canonicalize().with_context(|| format!("cannot find `{}`", directory.display()))?;
    Ok(real.starts_with(root))
}

/// Holds that a file of a change has this text.
///
/// # Errors
/// Where it has another, is no regular file below the root, or cannot be read.
pub(super) fn expect(root: &Path, change: &Change, text: &str) -> Result<()> {
    let path = place(root, &change.path)?;
    let is_same = File::open(&path).and_then(|file| has(file, text.as_bytes()));
    if !is_same.with_context(|| format!("cannot read `{}`", path.display()))? {
        bail!("`{}` was changed meanwhile", path.display());
    }
    Ok(())
}

/// Whether a file holds these bytes and no others: read piece by piece, since it is all there in memory already.
fn has(mut file: File, mut bytes: &[u8]) -> io::Result<bool> {
    let mut piece = [0; 1 << 14];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(bytes.is_empty()),
            Ok(read) => match bytes.strip_prefix(&piece[..read]) {
                Some(rest) => bytes = rest,
                None => return Ok(false),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
