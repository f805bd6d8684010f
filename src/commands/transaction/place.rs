//! Where the files of a change are, and whether they are what they are taken for.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Change;

/// Where the regular files of a change are below the root, given without links, each with what the file system says of it: nothing
/// is written outside of the root. Each directory on the way is looked at once.
///
/// # Errors
/// Where one is no regular file, or is not below the root.
pub(super) fn places(root: &Path, changes: &[Change]) -> Result<Vec<(PathBuf, Metadata)>> {
    let mut plain = HashSet::new();
    changes.iter().map(|change| one(root, &change.path, &mut plain)).collect()
}

/// The same of a single file.
///
/// # Errors
/// Where it is no regular file, or is not below the root.
pub(super) fn place(root: &Path, below: &str) -> Result<PathBuf> {
    one(root, below, &mut HashSet::new()).map(|(path, _)| path)
}

fn one(root: &Path, below: &str, plain: &mut HashSet<PathBuf>) -> Result<(PathBuf, Metadata)> {
    let path = root.join(below);
    let metadata = path.symlink_metadata().ok().filter(Metadata::is_file);
    match metadata {
        Some(metadata) if is_inside(root, path.parent().unwrap_or(root), plain)? => Ok((path, metadata)),
        _ => bail!(not_regular(&path)),
    }
}

/// Whether a directory is below the root. Where nothing on the way there is a link, it is, and `plain` gets to know all of them; else
/// where the links lead says.
fn is_inside(root: &Path, directory: &Path, plain: &mut HashSet<PathBuf>) -> Result<bool> {
    let below = directory.ancestors().take_while(|above| *above != root && !plain.contains(*above));
    let new: Vec<PathBuf> = below.map(Path::to_owned).collect();
    let is_plain = |above: &PathBuf| above.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    if directory.starts_with(root) && new.iter().all(is_plain) {
        plain.extend(new);
        return Ok(true);
    }
    let real = directory.canonicalize().with_context(|| format!("cannot find `{}`", directory.display()))?;
    Ok(real.starts_with(root))
}

/// Holds that a file of a change is a regular one and has this text. Whether its directory is below the root is not asked again.
///
/// # Errors
/// Where it has another, is no regular file, or cannot be read.
pub(super) fn expect(root: &Path, change: &Change, text: &str) -> Result<PathBuf> {
    let path = root.join(&change.path);
    if !path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
        bail!(not_regular(&path));
    }
    let is_same = File::open(&path).and_then(|file| has(file, text.as_bytes()));
    if !is_same.with_context(|| format!("cannot read `{}`", path.display()))? {
        bail!("`{}` was changed meanwhile", path.display());
    }
    Ok(path)
}

fn not_regular(path: &Path) -> String {
    format!("`{}` is no regular file of this repository", path.display())
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
