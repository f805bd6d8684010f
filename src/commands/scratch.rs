//! A workspace as it would be with other manifests, for cargo to resolve: a directory of links into the real one, in which only
//! the changed files are files.
//!
//! Cargo is run from the real directory, whose configuration it reads from there, and is told by `--manifest-path` what to
//! resolve. So the repository itself is not touched before everything is known, a dry run included.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// What cargo and its like mark a directory with that can be made again.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// The workspaces of a repository with some of their files changed.
pub(super) struct Scratch {
    directory: TempDir,
}

impl Scratch {
    /// Mirrors a repository in which these files have that content, by path.
    ///
    /// # Errors
    /// Where it cannot be read, or nothing can be written beside it.
    pub(super) fn new(root: &Path, files: &BTreeMap<String, String>) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("cargo-pinned-").tempdir();
        let directory = directory.context("cannot make a temporary directory")?;
        let changed: BTreeSet<PathBuf> = files.keys().map(PathBuf::from).collect();
        mirror(root, directory.path(), Path::new(""), &changed)?;
        let scratch = Self { directory };
        files.iter().try_for_each(|(path, text)| scratch.write(path, text))?;
        Ok(scratch)
    }

    /// Where a path below the root is in it.
    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.directory.path().join(below)
    }

    /// Gives one of the changed files another content.
    pub(super) fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.path(path);
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// What one of the changed files has.
    pub(super) fn read(&self, path: &str) -> Result<String> {
        let path = self.path(path);
        fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
    }

    /// What was said of it, as said of the repository.
    pub(super) fn as_of(&self, root: &Path, text: &str) -> String {
        let own = self.directory.path();
        let mut text = text.replace(&*own.to_string_lossy(), &root.to_string_lossy());
        if let Ok(real) = crate::source::real(own) {
            text = text.replace(&*real.to_string_lossy(), &root.to_string_lossy());
        }
        text
    }
}

/// Makes the directory `below` the top of a mirror: what leads to a changed file is a directory, that file is left out, and all
/// else is a link.
fn mirror(root: &Path, top: &Path, below: &Path, changed: &BTreeSet<PathBuf>) -> Result<()> {
    let (from, to) = (root.join(below), top.join(below));
    let inside: BTreeSet<OsString> = changed
        .iter()
        .filter_map(|path| path.strip_prefix(below).ok()?.components().next())
        .map(|first| first.as_os_str().to_owned())
        .collect();
    fs::create_dir_all(&to).with_context(|| format!("cannot make `{}`", to.display()))?;
    let unreadable = || format!("cannot list `{}`", from.display());
    for entry in fs::read_dir(&from).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let (name, path) = (entry.file_name(), entry.path());
        if !inside.contains(&name) {
            // What cargo builds into is not to be found through the mirror, or it would write there.
            if name != ".git" && !path.join(CACHE_TAG).exists() {
                link(&path, &to.join(&name)).with_context(|| format!("cannot link to `{}`", path.display()))?;
            }
        }
    }
    let is_deeper = |name: &OsString| !changed.contains(&below.join(name));
    inside.iter().filter(|name| is_deeper(name)).try_for_each(|name| mirror(root, top, &below.join(name), changed))
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Only some accounts of Windows may make links; for all others it is a copy.
#[cfg(windows)]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    if target.is_dir() {
        std::os::windows::fs::symlink_dir(target, link).or_else(|_| copy(target, link))
    } else {
        std::os::windows::fs::symlink_file(target, link).or_else(|_| fs::copy(target, link).map(drop))
    }
}

/// Copies a directory, without the links in it and without what cargo builds into.
#[cfg(windows)]
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, kind) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)))?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if kind.is_dir() && entry.file_name() != ".git" && !path.join(CACHE_TAG).exists() {
            copy(&path, &to)?;
        } else if kind.is_file() {
            fs::copy(&path, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_is_there_and_what_is_changed_stays_as_it_was() {
        let root = tempfile::tempdir().expect("a temporary directory");
        for path in ["Cargo.toml", "src/lib.rs", "a/Cargo.toml", "a/src/lib.rs", "b/Cargo.toml", "target/CACHEDIR.TAG"]
        {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
            fs::write(path, "was").expect("it can be written");
        }
        let files = BTreeMap::from([("a/Cargo.toml".to_owned(), "is".to_owned())]);
        let scratch = Scratch::new(root.path(), &files).expect("it can be made");
        let read = |path: &str| scratch.read(path).expect("it is there");
        assert_eq!(
            ["a/Cargo.toml", "a/src/lib.rs", "b/Cargo.toml", "src/lib.rs"].map(read),
            ["is", "was", "was", "was"]
        );
        assert!(!scratch.path("target").exists());
        assert_eq!(fs::read_to_string(root.path().join("a/Cargo.toml")).expect("it is there"), "was");
    }
}
