//! The working tree: files on the disk, with what git's index and ignore rules say of them.
//!
//! Candidates are what git tracks, and what it neither tracks nor ignores. One kind of ignored file is kept all the same:
//! a candidate that stands in a directory which is not itself ignored, marked as such, since an ignored lockfile is a
//! finding. Without git every file is a candidate, except below directories tagged as a cache (cargo's `target` is).

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::index::entry::stat::Options;
use gix::index::entry::{Flags, Mode};
use gix::worktree::stack::state::ignore::Source;

use super::listing::{FileKind, list};
use super::objects::Handles;
use super::opening;
use super::trees::{self, Builder};
use super::walk::{Pending, Walk, lossy, tracked_below, unlistable};
use super::{
    Entry, Found, Interest, Kind, MAX_FILE_BYTES, MAX_FILES, ReadError, Snapshot, Store, Tracking, parent, real,
    slashed,
};

/// The work tree around a directory, and the repository that it belongs to.
pub struct Worktree {
    /// The top of the work tree.
    pub root: PathBuf,
    pub(super) repository: gix::Repository,
}

impl Worktree {
    /// Where `root` is below the top.
    pub(super) fn below(&self, root: &Path) -> Option<String> {
        let below = match root.strip_prefix(&self.root) {
            Ok(below) => below.to_owned(),
            Err(_) => real(root).ok()?.strip_prefix(real(&self.root).ok()?).ok()?.to_owned(),
        };
        Some(slashed(below.to_str()?))
    }
}

/// Files on the disk.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    git: Option<Tracked>,
}

/// The files that are listed although git ignores them: lockfiles, of which it is a finding that they are.
const LOCKFILES: [&str; 7] =
    ["Cargo.lock", "bun.lock", "bun.lockb", "npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"];

/// By what an untouched file is known: by all that tells it. Git can be told to look at less (`core.trustCtime`,
/// `core.checkStat`), and then takes changed files for untouched; here one too many is merely read again.
const TOUCHED: Options = Options { trust_ctime: true, check_stat: true, use_nsec: true, use_stdev: false };

/// By what a file that was not touched may have changed all the same: git may count whole seconds alone.
const RACY: Options = Options { use_nsec: false, ..TOUCHED };

/// What git knows of the files on the disk.
struct Tracked {
    prefix: String,
    index: Arc<gix::index::File>,
    handles: Handles,
    /// What a sparse checkout leaves in the index alone.
    stored: HashMap<String, ObjectId>,
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").field("stored", &self.stored).finish_non_exhaustive()
    }
}

impl Disk {
    /// Reads the file at a path.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.git.as_ref().and_then(|git| Some((git, *git.stored.get(path)?))) {
            Some((git, id)) => git.handles.read(id),
            None => read(&self.root.join(path)),
        }
    }

    /// Whether there is a file at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        let is_stored = self.git.as_ref().is_some_and(|git| git.stored.contains_key(path));
        is_stored || self.root.join(path).symlink_metadata().is_ok_and(|metadata| metadata.is_file())
    }

    /// Git's index.
    pub(super) fn index(&self) -> Option<&Arc<gix::index::File>> {
        Some(&self.git.as_ref()?.index)
    }

    /// The object that a file's content is, by git's own shortcut: the index has it, and the file was not touched since.
    pub(super) fn id(&self, path: &str) -> Option<ObjectId> {
        let git = self.git.as_ref()?;
        if let Some(id) = git.stored.get(path) {
            return Some(*id);
        }
        let top = if git.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", git.prefix) };
        let entry = git.index.entry_by_path(top.as_bytes().as_bstr())?;
        let metadata = gix::index::fs::Metadata::from_path_no_follow(&self.root.join(path)).ok()?;
        let stat = gix::index::entry::Stat::from_fs(&metadata).ok()?;
        if !metadata.is_file() || !stat.matches(&entry.stat, TOUCHED) {
            return None;
        }
        if entry.stat.is_racy(git.index.timestamp(), RACY) {
            // It may have changed within the second in which the index was written: then only the content tells.
            let kind = gix::objs::Kind::Blob;
            return gix::objs::compute_hash(git.index.object_hash(), kind, &self.read(path).ok()?).ok();
        }
        Some(entry.id)
    }
}

/// Finds the git work tree around `directory`.
///
/// # Errors
/// Where there is a repository that cannot be opened: a `.git` file to nowhere, or a format that is not known.
pub fn discover(directory: &Path) -> anyhow::Result<Option<Worktree>> {
    let Some(repository) = opening::discover(directory)? else {
        // A file `.git` that leads nowhere is passed over by the search, and by no one who put it there.
        let mut files = directory.ancestors().map(|above| above.join(".git")).filter(|git| git.is_file());
        return match files.next() {
            Some(file) => anyhow::bail!("`{}` leads to no repository", file.display()),
            None => Ok(None),
        };
    };
    let root = repository.workdir().map(Path::to_owned);
    Ok(root.map(|root| Worktree { root, repository }))
}

/// Lists the files below `root` that `interest` asks for; `git` is the work tree around it, where there is one.
///
/// # Errors
/// Where git's index cannot be read.
pub fn snapshot(root: &Path, git: Option<&Worktree>, interest: Interest) -> anyhow::Result<Snapshot> {
    let known = match git {
        Some(git) => with_git(root, git, interest)?,
        None => None,
    };
    let (found, git) = match known {
        Some((found, tracked)) => (found, Some(tracked)),
        None => (Walk::new(root, interest, None).run("").0, None),
    };
    let (in_git, disk) = (git.is_some(), Disk { root: root.to_owned(), git });
    Ok(Snapshot::new(Kind::Worktree, root.to_owned(), in_git, found, Store::Disk(Box::new(disk))))
}

/// What is below `root`, seen from the top of the work tree; none where git has nothing to say of it: it is elsewhere, or
/// nothing below it is tracked.
fn with_git(root: &Path, git: &Worktree, interest: Interest) -> anyhow::Result<Option<(Found, Tracked)>> {
    let repository = &git.repository;
    let Some(below) = git.below(root) else { return Ok(None) };
    let index = trees::index(repository, &repository.index_path())?;
    if !below.is_empty() && tracked_below(&index, &below).is_empty() {
        return Ok(None);
    }
    let (mut found, pending) = Walk::new(&git.root, interest, Some(&index)).run(&below);
    if !pending.is_empty() {
        untracked(&git.root, repository, &index, pending, &mut found, interest.wants)?;
    }
    let mut found = found.below(&below);
    let (sparse, stored) = sparse(root, repository, &index, &below, interest)?;
    found.absorb(sparse);
    let handles = Handles::new(repository);
    Ok(Some((found, Tracked { prefix: below, index, handles, stored })))
}

/// What a sparse checkout leaves out of the working tree: it is tracked all the same, and built by whoever has it.
fn sparse(
    root: &Path,
    repository: &gix::Repository,
    index: &gix::index::State,
    below: &str,
    interest: Interest,
) -> anyhow::Result<(Found, HashMap<String, ObjectId>)> {
    let mut builder = Builder::new(repository, interest, below);
    let is_left_out = |entry: &&gix::index::Entry| {
        let is_sparse = entry.mode == Mode::DIR || entry.flags.contains(Flags::SKIP_WORKTREE);
        is_sparse
            && root.join(lossy(&entry.path(index)[below.len()..]).trim_start_matches('/')).symlink_metadata().is_err()
    };
    for entry in index.entries()[tracked_below(index, below)].iter().filter(is_left_out) {
        builder.entry(index, entry)?;
    }
    Ok(builder.finish())
}

/// Sorts out what git does not track, by its ignore rules.
fn untracked(
    root: &Path,
    repository: &gix::Repository,
    index: &gix::index::State,
    mut pending: Vec<Pending>,
    found: &mut Found,
    wants: fn(&str) -> bool,
) -> anyhow::Result<()> {
    let mut rules = repository
        .excludes(index, None, Source::WorktreeThenIdMappingIfNotSkipped)
        .map_err(|error| anyhow::anyhow!("cannot read git's ignore rules: {error}"))?;
    // The rules are read directory by directory: sorted, each file of them once.
    pending.sort_unstable_by(|a, b| b.path.cmp(&a.path));
    let folded = folded(repository, index);
    let is_tracked = |path: &str| folded.contains(&path.as_bytes().to_ascii_lowercase());
    let mut seen = 0;
    let mut checked = HashMap::new();
    while let Some(Pending { path, kind }) = pending.pop() {
        seen += 1;
        if seen > MAX_FILES {
            found.truncated = true;
            break;
        }
        let is_directory = kind == FileKind::Directory;
        let mode = if is_directory { Mode::DIR } else { Mode::FILE };
        let ignored = has_rules(root, parent(&path), &mut checked, found)
            && rules.at_entry(path.as_bytes().as_bstr(), Some(mode)).is_ok_and(|at| at.is_excluded());
        match (is_directory, ignored) {
            (false, _) if is_tracked(&path) => found.add(root, path, kind, Tracking::Tracked, wants),
            (true, true) => {}
            (true, false) => enter(root, path, found, &mut pending, wants),
            // What is ignored is not a candidate; that a lockfile is, is a finding.
            (false, true) if !path.rsplit('/').next().is_some_and(|name| LOCKFILES.contains(&name)) => {}
            (false, true) => found.add(root, path, kind, Tracking::Ignored, wants),
            (false, false) => found.add(root, path, kind, Tracking::Untracked, wants),
        }
    }
    Ok(())
}

/// The files of the index in lower case, where names that differ in nothing but case are one to the file system, and so to git
/// (`core.ignoreCase`): on the disk a file may be called as git does not have it.
fn folded(repository: &gix::Repository, index: &gix::index::State) -> HashSet<Vec<u8>> {
    if repository.config_snapshot().boolean("core.ignoreCase") != Some(true) {
        return HashSet::new();
    }
    index.entries().iter().map(|entry| entry.path(index).to_ascii_lowercase()).collect()
}

/// Whether git's ignore rules for what is in a directory can be read: to open a named pipe in the place of a `.gitignore`
/// would wait for its other end. One on the way is noted, once, and what is below it then counts as not ignored.
fn has_rules(root: &Path, directory: &str, checked: &mut HashMap<String, bool>, found: &mut Found) -> bool {
    if let Some(&known) = checked.get(directory) {
        return known;
    }
    let above = directory.is_empty() || has_rules(root, parent(directory), checked, found);
    let path = if directory.is_empty() { ".gitignore".to_owned() } else { format!("{directory}/.gitignore") };
    // A directory or a link is passed over where the rules are read.
    let obstacle = FileKind::of(&root.join(&path)).ok().and_then(FileKind::obstacle);
    let readable = obstacle.is_none();
    if !readable {
        found.entries.push(Entry { obstacle, ..Entry::new(path, Tracking::Unknown) });
    }
    checked.insert(directory.to_owned(), above && readable);
    above && readable
}

/// Lists an untracked directory; another repository in its place is noted and left alone.
fn enter(root: &Path, path: String, found: &mut Found, pending: &mut Vec<Pending>, wants: fn(&str) -> bool) {
    let mut inside = Vec::new();
    let (mut is_foreign, mut has_file) = (false, false);
    let listed = list(&root.join(&path), |name, kind| {
        is_foreign |= name == b".git";
        has_file |= kind != FileKind::Directory;
        let below = format!("{path}/{}", String::from_utf8_lossy(name));
        if matches!(kind, FileKind::Directory | FileKind::Link) || wants(&below) {
            inside.push(Pending { path: below, kind });
        }
    });
    if let Err(error) = listed {
        return found.entries.push(unlistable(path, &error));
    }
    if is_foreign {
        return found.foreign.push(path);
    }
    inside.sort_unstable_by(|a, b| b.path.cmp(&a.path));
    pending.append(&mut inside);
    // Git knows no empty directories: what was emptied is gone from a commit, and so it is here.
    let mut directory = path.as_str();
    while has_file && !directory.is_empty() {
        found.directories.push(directory.to_owned());
        directory = parent(directory);
    }
}

/// Reads a file of at most [`MAX_FILE_BYTES`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let failed = |error: std::io::Error| ReadError::Io(super::words(&path.to_string_lossy(), &error));
    // Looked at before it is opened: opening a named pipe would wait for its other end.
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile(if metadata.is_dir() { "a directory" } else { "a pipe or a device" }));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    let file = File::open(path).map_err(failed)?;
    // It may have grown since.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(ReadError::TooLarge(bytes.len() as u64)) } else { Ok(bytes) }
}
