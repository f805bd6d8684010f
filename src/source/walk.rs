//! One parallel walk of the directories that git tracks files in (or, without git, of all).
//!
//! Whether a directory is worth entering is known from git's index alone, so no ignore rule is read here: what git does
//! not track is handed back as [`Pending`], to be judged by the rules afterwards. In a clean checkout that is next to
//! nothing. Two system calls a directory and none a file is what makes the walk fast.

use std::fs::{DirEntry, FileType};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::bstr::ByteSlice;
use gix::index::State;
use gix::index::entry::Mode;

use super::{Entry, Found, MAX_FILES, ReadError, Tracking};

/// Something that git does not track.
#[derive(Debug)]
pub(super) struct Pending {
    /// The path below the root, with `/`.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: FileType,
}

/// What a walk is about.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Path,
    pub(super) wants: fn(&str) -> bool,
    index: Option<&'a State>,
    files: AtomicUsize,
    found: Mutex<(Found, Vec<Pending>)>,
}

/// A directory to list: its path as git spells it, and the index entries below it.
struct Directory {
    path: Vec<u8>,
    tracked: Range<usize>,
}

impl<'a> Walk<'a> {
    /// A walk from `root`; without an index every directory is entered.
    pub(super) fn new(root: &'a Path, wants: fn(&str) -> bool, index: Option<&'a State>) -> Self {
        Self { root, wants, index, files: AtomicUsize::new(0), found: Mutex::default() }
    }

    /// Lists every directory that git tracks files in.
    pub(super) fn run(self) -> (Found, Vec<Pending>) {
        let all = 0..self.index.map_or(0, |index| index.entries().len());
        rayon::scope(|scope| self.visit(scope, Directory { path: Vec::new(), tracked: all }));
        self.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn visit<'s>(&'s self, scope: &rayon::Scope<'s>, directory: Directory) {
        let mut here = Found::default();
        let mut pending = Vec::new();
        let at = absolute(self.root, &directory.path);
        if self.index.is_none() && at.join("CACHEDIR.TAG").exists() {
            return;
        }
        match std::fs::read_dir(at) {
            Ok(listing) => {
                for entry in listing.flatten() {
                    self.entry(scope, &directory, &entry, &mut here, &mut pending);
                }
            }
            Err(error) => here.entries.push(unlistable(lossy(&directory.path), &error)),
        }
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.0.absorb(here);
        found.1.append(&mut pending);
    }

    fn entry<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        directory: &Directory,
        entry: &DirEntry,
        here: &mut Found,
        pending: &mut Vec<Pending>,
    ) {
        let name = entry.file_name();
        let Ok(kind) = entry.file_type() else { return };
        if name == ".git" {
            return;
        }
        if self.files.fetch_add(1, Ordering::Relaxed) >= MAX_FILES {
            here.truncated = true;
            return;
        }
        let Ok(name) = gix::path::os_str_into_bstr(&name) else {
            return;
        };
        let mut path = Vec::with_capacity(directory.path.len() + name.len() + 2);
        path.extend_from_slice(&directory.path);
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        if kind.is_dir() {
            match self.tracked_below(directory, path) {
                Below::Tracked(child) => {
                    here.directories.push(lossy(&child.path));
                    scope.spawn(|scope| self.visit(scope, child));
                }
                Below::Submodule(path) => here.foreign.push(lossy(&path)),
                Below::Untracked(path) => pending.push(Pending { path: lossy(&path), kind }),
            }
            return;
        }
        let text = lossy(&path);
        if !kind.is_symlink() && !(self.wants)(&text) {
            return;
        }
        match self.tracking(directory, &path) {
            Tracking::Untracked => pending.push(Pending { path: text, kind }),
            tracking => here.add(self.root, text, kind, tracking, self.wants),
        }
    }

    fn tracking(&self, directory: &Directory, path: &[u8]) -> Tracking {
        let Some(index) = self.index else {
            return Tracking::Unknown;
        };
        let entries = &index.entries()[directory.tracked.clone()];
        match entries.binary_search_by(|entry| entry.path(index).cmp(path.as_bstr())) {
            Ok(_) => Tracking::Tracked,
            Err(_) => Tracking::Untracked,
        }
    }

    fn tracked_below(&self, directory: &Directory, mut path: Vec<u8>) -> Below {
        let Some(index) = self.index else {
            return Below::Tracked(Directory { path, tracked: 0..0 });
        };
        let entries = &index.entries()[directory.tracked.clone()];
        let exact = entries.partition_point(|entry| entry.path(index) < path.as_bstr());
        if entries.get(exact).is_some_and(|entry| entry.mode == Mode::COMMIT && entry.path(index) == path.as_bstr()) {
            return Below::Submodule(path);
        }
        path.push(b'/');
        let start = exact + entries[exact..].partition_point(|entry| entry.path(index) < path.as_bstr());
        let count = entries[start..].partition_point(|entry| entry.path(index).starts_with(&path));
        path.pop();
        if count == 0 {
            return Below::Untracked(path);
        }
        let start = directory.tracked.start + start;
        Below::Tracked(Directory { path, tracked: start..start + count })
    }
}

/// What git knows of a directory.
enum Below {
    Tracked(Directory),
    Submodule(Vec<u8>),
    Untracked(Vec<u8>),
}

impl Found {
    fn absorb(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.directories.append(&mut other.directories);
        self.foreign.append(&mut other.foreign);
        self.links.append(&mut other.links);
        self.truncated |= other.truncated;
    }

    /// Notes a file that is no directory: a link with its text, a candidate if it is wanted.
    pub(super) fn add(
        &mut self,
        root: &Path,
        path: String,
        kind: FileType,
        tracking: Tracking,
        wants: fn(&str) -> bool,
    ) {
        if kind.is_symlink() {
            let text = std::fs::read_link(root.join(&path)).unwrap_or_default();
            self.links.insert(path.clone(), text.to_string_lossy().into_owned());
        }
        if wants(&path) {
            let obstacle = obstacle(kind);
            self.entries.push(Entry { place: path.clone(), path, tracking, obstacle });
        }
    }
}

fn obstacle(kind: FileType) -> Option<ReadError> {
    if kind.is_file() || kind.is_symlink() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some(ReadError::NotAFile("a named pipe"));
        }
        if kind.is_socket() {
            return Some(ReadError::NotAFile("a socket"));
        }
    }
    Some(ReadError::NotAFile("a device"))
}

/// The entry that stands for a directory which cannot be listed.
pub(super) fn unlistable(path: String, error: &std::io::Error) -> Entry {
    let obstacle = Some(ReadError::Io(format!("this directory cannot be listed: {error}")));
    Entry { place: path.clone(), path, tracking: Tracking::Unknown, obstacle }
}

/// A path for the operating system from one that git spells.
pub(super) fn absolute(root: &Path, path: &[u8]) -> PathBuf {
    match gix::path::from_bstr(path.as_bstr()) {
        Ok(below) => root.join(below),
        Err(_) => root.join(lossy(path)),
    }
}

pub(super) fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
