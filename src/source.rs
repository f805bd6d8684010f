//! Snapshots: the files of a repository at one moment.
//!
//! A [`Snapshot`] lists the candidate files that the scanner asked for, sorted by path, and reads them. Everything
//! downstream is a pure function of it. This layer knows paths, links and git, and not what is in a file.

pub mod changes;
pub mod history;
pub mod hooks;
mod listing;
pub mod memory;
pub mod objects;
mod opening;
mod path;
pub mod peek;
pub mod references;
mod shared;
mod store;
mod trees;
mod walk;
pub mod worktree;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::text::{FileId, Files};

use path::is_clean;
pub use path::{is_below, join, parent, real, slashed};
use store::Store;

/// The largest file that is read, in bytes: 32 MiB.
pub const MAX_FILE_BYTES: u64 = 32 << 20;

/// The most candidate files that a snapshot may have.
pub const MAX_FILES: usize = 200_000;

/// The most links that are followed to reach one file, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Which kind of moment a snapshot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The files on the disk.
    Worktree,
    /// A revision's tree.
    Revision,
    /// What is staged.
    Index,
    /// Files held in memory, for tests.
    Memory,
}

impl Kind {
    /// The kind's name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Worktree => "worktree",
            Self::Revision => "revision",
            Self::Index => "index",
            Self::Memory => "memory",
        }
    }
}

/// What git knows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// It is in the index.
    Tracked,
    /// It is not in the index, and no rule ignores it.
    Untracked,
    /// It is not in the index, and a rule ignores it.
    Ignored,
    /// There is no git here.
    Unknown,
}

/// A candidate file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where the file stands, below the root, with `/`.
    pub place: String,
    /// Where its bytes are: the place, or what a symbolic link there leads to. This is the path that is reported.
    pub path: String,
    /// What git knows of it.
    pub tracking: Tracking,
    /// Why it cannot be read, where that was clear without trying.
    pub obstacle: Option<ReadError>,
}

impl Entry {
    /// A file that stands where its bytes are.
    fn new(path: String, tracking: Tracking) -> Self {
        Self { place: path.clone(), path, tracking, obstacle: None }
    }
}

/// What the reader of a snapshot cares for.
#[derive(Debug, Clone, Copy)]
pub struct Interest {
    /// Whether the file at a path is a candidate.
    pub wants: fn(&str) -> bool,
    /// Whether a directory need not be listed where git says what is in it: only what is tracked there is then seen, and
    /// what [`Snapshot::probe`] is asked for.
    pub prunes: Option<fn(&str) -> bool>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It is larger than [`MAX_FILE_BYTES`]; its size in bytes.
    TooLarge(u64),
    /// It is a named pipe, a device, a socket or a directory: what it is, in words.
    NotAFile(&'static str),
    /// It is a symbolic link that leads out of the repository; the link's text.
    LinkOutside(String),
    /// It is a symbolic link that leads in a circle or to nothing; the link's text.
    LinkBroken(String),
    /// The operating system refused; its words.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => {
                write!(f, "is {} MiB, more than the {} MiB that are read", bytes >> 20, MAX_FILE_BYTES >> 20)
            }
            Self::NotAFile(what) => write!(f, "is {what}, not a regular file: not opened"),
            Self::LinkOutside(target) => {
                write!(f, "is a symbolic link to `{target}` that leads out of the repository: not read")
            }
            Self::LinkBroken(target) => write!(f, "is a symbolic link to `{target}` that leads nowhere"),
            Self::Io(message) => write!(f, "cannot be read: {message}"),
        }
    }
}

/// The operating system's words for why a path cannot be read, or what they hide: bytes that are not UTF-8 were replaced
/// when the path was listed, so under that name there is nothing.
fn words(path: &str, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound && path.contains(char::REPLACEMENT_CHARACTER) {
        return "its name is not UTF-8".to_owned();
    }
    error.to_string()
}

/// The files of a repository at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Which kind of moment this is.
    pub kind: Kind,
    /// The root as the user would name it.
    pub root: PathBuf,
    /// The full id of the commit, for revisions.
    pub revision: Option<String>,
    /// Whether git answers for the files: without it nothing can be said of what is committed.
    pub in_git: bool,
    /// More than [`MAX_FILES`] files were met, and the rest was not looked at.
    pub truncated: bool,
    entries: Vec<Entry>,
    directories: Vec<String>,
    links: BTreeMap<String, String>,
    foreign: Vec<String>,
    pruned: Vec<String>,
    store: Arc<Store>,
    numbers: Option<Arc<shared::Numbers>>,
}

/// What a walk found, in any order.
#[derive(Debug, Default)]
struct Found {
    entries: Vec<Entry>,
    directories: Vec<String>,
    links: BTreeMap<String, String>,
    foreign: Vec<String>,
    pruned: Vec<String>,
    truncated: bool,
}

/// Where a path leads once its symbolic links are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// To this path inside the root.
    Inside(String),
    /// Out of the root, by the link or the path with this text.
    Outside(String),
    /// In a circle, by the link with this text.
    Broken(String),
}

impl Snapshot {
    fn new(kind: Kind, root: PathBuf, in_git: bool, found: Found, store: Store) -> Self {
        let Found { entries, mut directories, links, mut foreign, pruned, truncated } = found;
        // Most are in order as they come, and a stable sort sees that.
        directories.sort();
        directories.dedup();
        foreign.sort_unstable();
        let mut snapshot = Self {
            kind,
            root,
            revision: None,
            in_git,
            truncated,
            entries: Vec::new(),
            directories,
            links,
            foreign,
            pruned,
            store: Arc::new(store),
            numbers: None,
        };
        let mut entries: Vec<Entry> = entries.into_iter().map(|entry| snapshot.follow(entry)).collect();
        entries.sort_by(|a, b| (&a.path, &a.place).cmp(&(&b.path, &b.place)));
        snapshot.entries = entries;
        snapshot
    }

    /// The same files, of which these have other content, by path.
    #[must_use]
    pub fn changed(&self, files: BTreeMap<String, Vec<u8>>) -> Self {
        let store = Arc::new(Store::Changed(Arc::clone(&self.store), files));
        Self { store, ..self.clone() }
    }

    /// Points the entry of a symbolic link at the file that it leads to.
    fn follow(&self, mut entry: Entry) -> Entry {
        if !self.links.is_empty() && self.links.contains_key(&entry.place) {
            match self.resolve(&entry.place) {
                Resolved::Inside(path) => entry.path = path,
                Resolved::Outside(link) => entry.obstacle = Some(ReadError::LinkOutside(link)),
                Resolved::Broken(link) => entry.obstacle = Some(ReadError::LinkBroken(link)),
            }
        }
        entry
    }

    /// The candidate files, sorted by path. A file's index here is its [`crate::text::FileId`].
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The index of the candidate file that stands at `place`, links on the way followed.
    #[must_use]
    pub fn find(&self, place: &str) -> Option<usize> {
        let exact = |path: &str| {
            let at = self.entries.partition_point(|entry| entry.path.as_str() < path);
            let here = self.entries[at..].iter().take_while(|entry| entry.path == path);
            here.enumerate().find(|(_, entry)| entry.place == path || entry.path == path).map(|(n, _)| at + n)
        };
        if let Some(at) = exact(place) {
            return Some(at);
        }
        if self.links.is_empty() {
            return None;
        }
        match self.resolve(place) {
            Resolved::Inside(path) => exact(&path),
            // An entry that could not be followed is found where it stands.
            _ => self.entries.iter().position(|entry| entry.place == place),
        }
    }

    /// Whether there is a directory with a candidate or tracked file below it at `path`; the root is one.
    #[must_use]
    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.directories.binary_search_by(|dir| dir.as_str().cmp(path)).is_ok()
    }

    /// The directories below the root, sorted.
    #[must_use]
    pub fn directories(&self) -> &[String] {
        &self.directories
    }

    /// Symbolic links, by place, with their text.
    #[must_use]
    pub fn links(&self) -> &BTreeMap<String, String> {
        &self.links
    }

    /// Submodules and other repositories inside this one, which are never entered.
    #[must_use]
    pub fn foreign(&self) -> &[String] {
        &self.foreign
    }

    /// Whether `path` is in a submodule or another repository inside this one.
    #[must_use]
    pub fn is_foreign(&self, path: &str) -> bool {
        self.foreign.iter().any(|dir| is_below(path, dir))
    }

    /// Follows the symbolic links in `path`, a lexically clean path below the root.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Resolved {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let Some((link, rest)) = self.first_link(&path) else {
                return Resolved::Inside(path);
            };
            let target = &self.links[link];
            let Some(base) = join(parent(link), target) else {
                return Resolved::Outside(target.clone());
            };
            path = match rest {
                "" => base,
                rest if base.is_empty() => rest.to_owned(),
                rest => format!("{base}/{rest}"),
            };
        }
        let link = self.first_link(&path).map_or("", |(link, _)| link);
        Resolved::Broken(self.links.get(link).cloned().unwrap_or_default())
    }

    /// The first prefix of `path` that is a symbolic link, and what follows it.
    fn first_link<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        if self.links.is_empty() {
            return None;
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| path.split_at(end))
            .find(|(prefix, _)| self.links.contains_key(*prefix))
            .map(|(prefix, rest)| (prefix, rest.trim_start_matches('/')))
    }

    /// Any file inside the root that is there, links on the way followed; for those who know its place from elsewhere.
    #[must_use]
    pub fn open(&self, place: &str) -> Option<Entry> {
        let Resolved::Inside(path) = self.resolve(place) else { return None };
        (self.store.has(&path) && !self.is_foreign(&path)).then(|| Entry::new(path, Tracking::Unknown))
    }

    /// A file that git does not track in a directory that was not listed; for those who know its place from elsewhere.
    #[must_use]
    pub fn probe(&self, place: &str) -> Option<Entry> {
        let disk = self.store.disk()?;
        let is_unlisted = self.pruned.iter().any(|dir| is_below(place, dir)) && !self.is_foreign(place);
        (is_unlisted && disk.has(place)).then(|| Entry::new(place.to_owned(), Tracking::Untracked))
    }

    /// Reads a candidate file.
    ///
    /// # Errors
    /// Where it is too large, is no regular file, leads elsewhere, or the operating system refuses.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>, ReadError> {
        if let Some(obstacle) = &entry.obstacle {
            return Err(obstacle.clone());
        }
        self.store.read(&entry.path)
    }

    /// Whether a file was read whose content git knows of and does not have, as in a clone with a filter.
    #[must_use]
    pub fn lacks_content(&self) -> bool {
        matches!(&*self.store, Store::Objects(objects) if objects.lacks())
    }

    /// What names the file of an entry: its index, and beside another snapshot what the same file has there.
    #[must_use]
    pub fn file(&self, entry: usize) -> FileId {
        match &self.numbers {
            Some(numbers) => numbers.id(entry),
            None => FileId(u32::try_from(entry).unwrap_or(u32::MAX)),
        }
    }

    /// The paths of all files, by what names them.
    #[must_use]
    pub fn files(&self) -> Files {
        match &self.numbers {
            Some(numbers) => Files::new(numbers.paths()),
            None => Files::new(self.entries.iter().map(|entry| entry.path.clone())),
        }
    }

    /// Whether the file of an entry has the same content in the snapshot that this one is beside.
    #[must_use]
    pub fn is_unchanged(&self, entry: &Entry) -> bool {
        if let Store::Changed(_, files) = &*self.store {
            return entry.obstacle.is_none() && !files.contains_key(&entry.path);
        }
        let known = self.numbers.as_ref().zip(self.store.id(&entry.path));
        entry.obstacle.is_none() && known.is_some_and(|(numbers, id)| numbers.shared.has_same(&entry.path, id))
    }
}
