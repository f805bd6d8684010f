//! One parallel walk of the directories that git tracks files in (or, without git, of all).
//!
//! Whether a directory is worth entering is known from git's index alone, so no ignore rule is read here: what git does
//! not track is handed back as [`Pending`], to be judged by the rules afterwards. In a clean checkout that is next to
//! nothing. Directories that are left out anyway are not listed at all: what git tracks there, the index says. That, and
//! no system call for a file, is what makes the walk fast.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::bstr::ByteSlice;
use gix::index::State;
use gix::index::entry::Mode;

use super::listing::{FileKind, list};
use super::{Entry, Found, Interest, MAX_FILES, ReadError, Tracking, slashed};

/// Something that git does not track.
#[derive(Debug)]
pub(super) struct Pending {
    /// The path below the root, with `/`.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: FileKind,
}

/// What a walk is about.
pub(super) struct Walk<'a> {
    root: &'a Path,
    interest: Interest,
    index: Option<&'a State>,
    /// How much of a path leads to the snapshot's root.
    strip: usize,
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
    pub(super) fn new(root: &'a Path, interest: Interest, index: Option<&'a State>) -> Self {
        Self { root, interest, index, strip: 0, files: AtomicUsize::new(0), found: Mutex::default() }
    }

    /// Lists every directory at and below `start` that git tracks files in. Paths are those from the top.
    pub(super) fn run(mut self, start: &str) -> (Found, Vec<Pending>) {
        let tracked = self.index.map_or(0..0, |index| tracked_below(index, start));
        self.strip = if start.is_empty() { 0 } else { start.len() + 1 };
        rayon::scope(|scope| self.visit(scope, Directory { path: start.as_bytes().to_vec(), tracked }));
        self.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn visit<'s>(&'s self, scope: &rayon::Scope<'s>, directory: Directory) {
        let mut here = Found::default();
        let mut pending = Vec::new();
        let at = absolute(self.root, &directory.path);
        if self.index.is_none() && at.join("CACHEDIR.TAG").exists() {
            return;
        }
        // One buffer for the paths of all entries: most of them are looked at and forgotten.
        let mut path = directory.path.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        let prefix = path.len();
        let listed = list(&at, |name, kind| {
            path.truncate(prefix);
            path.extend_from_slice(name);
            if name != b".git" {
                self.entry(scope, &directory, kind, &mut path, &mut here, &mut pending);
            }
        });
        if let Err(error) = listed {
            here.entries.push(unlistable(lossy(&directory.path), &error));
        }
        let mut found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.0.absorb(here);
        found.1.append(&mut pending);
    }

    fn entry<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        directory: &Directory,
        kind: FileKind,
        path: &mut Vec<u8>,
        here: &mut Found,
        pending: &mut Vec<Pending>,
    ) {
        if self.files.fetch_add(1, Ordering::Relaxed) >= MAX_FILES {
            here.truncated = true;
            return;
        }
        if kind == FileKind::Directory {
            match self.tracked_below(directory, path) {
                Below::Tracked(tracked) => {
                    here.directories.push(lossy(path));
                    let child = Directory { path: path.clone(), tracked };
                    match self.index.filter(|_| self.is_pruned(path)) {
                        Some(index) => self.pruned(index, &child, here),
                        None => scope.spawn(|scope| self.visit(scope, child)),
                    }
                }
                Below::Submodule => here.foreign.push(lossy(path)),
                Below::Untracked => pending.push(Pending { path: lossy(path), kind }),
            }
            return;
        }
        let text = String::from_utf8_lossy(path);
        if kind != FileKind::Link && !(self.interest.wants)(&text) {
            return;
        }
        match self.tracking(directory, path) {
            Tracking::Untracked => pending.push(Pending { path: text.into_owned(), kind }),
            tracking => here.add(self.root, text.into_owned(), kind, tracking, self.interest.wants),
        }
    }

    fn is_pruned(&self, path: &[u8]) -> bool {
        self.interest.prunes.is_some_and(|prunes| prunes(&String::from_utf8_lossy(&path[self.strip..])))
    }

    /// A directory that is not listed: what git tracks below it is known from the index alone.
    fn pruned(&self, index: &State, directory: &Directory, here: &mut Found) {
        here.pruned.push(lossy(&directory.path));
        let mut last = directory.path.as_slice();
        for entry in &index.entries()[directory.tracked.clone()] {
            let path = entry.path(index);
            self.files.fetch_add(1, Ordering::Relaxed);
            let parent = path.rfind_byte(b'/').map_or(&b""[..], |at| &path[..at]);
            if parent != last && parent.len() > directory.path.len() {
                here.add_directories(parent, &directory.path);
                last = parent;
            }
            let text = path.to_str_lossy();
            if entry.mode == Mode::COMMIT {
                here.foreign.push(text.into_owned());
            } else if (self.interest.wants)(&text) {
                if entry.mode == Mode::SYMLINK {
                    here.link(self.root, &text);
                }
                here.entries.push(Entry::new(text.into_owned(), Tracking::Tracked));
            }
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

    fn tracked_below(&self, directory: &Directory, path: &mut Vec<u8>) -> Below {
        let Some(index) = self.index else { return Below::Tracked(0..0) };
        let entries = &index.entries()[directory.tracked.clone()];
        let exact = entries.partition_point(|entry| entry.path(index) < path.as_bstr());
        if entries.get(exact).is_some_and(|entry| entry.mode == Mode::COMMIT && entry.path(index) == path.as_bstr()) {
            return Below::Submodule;
        }
        path.push(b'/');
        let start = exact + entries[exact..].partition_point(|entry| entry.path(index) < path.as_bstr());
        let count = entries[start..].partition_point(|entry| entry.path(index).starts_with(path));
        path.pop();
        if count == 0 {
            return Below::Untracked;
        }
        let start = directory.tracked.start + start;
        Below::Tracked(start..start + count)
    }
}

/// The index entries below a directory.
pub(super) fn tracked_below(index: &State, directory: &str) -> Range<usize> {
    if directory.is_empty() {
        return 0..index.entries().len();
    }
    let prefix = format!("{directory}/");
    index.prefixed_entries_range(prefix.as_bytes().as_bstr()).unwrap_or(0..0)
}

/// What git knows of a directory.
enum Below {
    Tracked(Range<usize>),
    Submodule,
    Untracked,
}

impl Found {
    /// Makes paths from the top those from `root`, and drops what is not below it.
    pub(super) fn below(self, root: &str) -> Self {
        if root.is_empty() {
            return self;
        }
        let strip = |path: String| Some(path.strip_prefix(root)?.strip_prefix('/')?.to_owned());
        let all = |paths: Vec<String>| paths.into_iter().filter_map(strip).collect();
        let entry = |entry: Entry| Some(Entry { place: strip(entry.place)?, path: strip(entry.path)?, ..entry });
        Self {
            entries: self.entries.into_iter().filter_map(entry).collect(),
            directories: all(self.directories),
            links: self.links.into_iter().filter_map(|(place, text)| Some((strip(place)?, text))).collect(),
            foreign: all(self.foreign),
            pruned: all(self.pruned),
            truncated: self.truncated,
        }
    }

    pub(super) fn absorb(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.directories.append(&mut other.directories);
        self.foreign.append(&mut other.foreign);
        self.pruned.append(&mut other.pruned);
        self.links.append(&mut other.links);
        self.truncated |= other.truncated;
    }

    /// Notes a file that is no directory: a link with its text, a candidate if it is wanted.
    pub(super) fn add(
        &mut self,
        root: &Path,
        path: String,
        kind: FileKind,
        tracking: Tracking,
        wants: fn(&str) -> bool,
    ) {
        if kind == FileKind::Link {
            self.link(root, &path);
        }
        if wants(&path) {
            self.entries.push(Entry { obstacle: kind.obstacle(), ..Entry::new(path, tracking) });
        }
    }

    /// Notes where a symbolic link leads.
    fn link(&mut self, root: &Path, path: &str) {
        let text = std::fs::read_link(root.join(path)).unwrap_or_default();
        self.links.insert(path.to_owned(), slashed(&text.to_string_lossy()));
    }

    /// Notes a directory and those above it, up to one that is known.
    fn add_directories(&mut self, directory: &[u8], known: &[u8]) {
        let mut ends: Vec<usize> = directory.find_iter(b"/").filter(|&end| end > known.len()).collect();
        ends.push(directory.len());
        for end in ends {
            let path = lossy(&directory[..end]);
            if self.directories.last().is_none_or(|last| *last != path) {
                self.directories.push(path);
            }
        }
    }
}

/// The entry that stands for a directory which cannot be listed.
pub(super) fn unlistable(path: String, error: &std::io::Error) -> Entry {
    let why = super::words(&path, error);
    let obstacle = Some(ReadError::Io(format!("this directory cannot be listed: {why}")));
    Entry { obstacle, ..Entry::new(path, Tracking::Unknown) }
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
