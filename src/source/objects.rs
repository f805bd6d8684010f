//! Snapshots of git's objects: a revision's tree, and the index (what is staged). No checkout, and no git process.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

use super::opening;
use super::trees::{self, Builder};
use super::worktree::Worktree;
use super::{Interest, Kind, MAX_FILE_BYTES, ReadError, Snapshot, Store, real, slashed};

/// A git repository, and the directory in it that is the snapshots' root.
pub struct Repository {
    pub(super) git: gix::Repository,
    /// The root: the top of the work tree, or of the repository itself where it is bare, or a directory below.
    pub root: PathBuf,
    /// Where the root is below the top, with `/`.
    pub(super) prefix: String,
}

impl Repository {
    /// Opens the repository around a directory, a bare one too; `root` is the directory below its top that is judged.
    ///
    /// # Errors
    /// Where there is no repository, or `root` is not in it.
    pub fn open(directory: &Path, root: Option<&Path>) -> Result<Self> {
        let git = opening::discover(directory)
            .and_then(|found| found.context("none is found in it or above"))
            .with_context(|| opening::lacks(directory))?;
        let top = git.workdir().unwrap_or_else(|| git.git_dir());
        let top = real(top).with_context(|| format!("cannot find `{}`", top.display()))?;
        let is_inside = git.workdir().is_some();
        let below = root.filter(|_| is_inside).and_then(|root| root.strip_prefix(&top).ok()?.to_str());
        let prefix = slashed(below.unwrap_or_default());
        let root = if prefix.is_empty() { top } else { top.join(&prefix) };
        Ok(Self { git, root, prefix })
    }

    /// The repository of a work tree; `root` is the directory of it that is judged.
    #[must_use]
    pub fn of(worktree: &Worktree, root: &Path) -> Self {
        let prefix = worktree.below(root).unwrap_or_default();
        Self { git: worktree.repository.clone(), root: root.to_owned(), prefix }
    }

    /// The files of a revision.
    ///
    /// # Errors
    /// Where there is no such revision, or its tree is not all there.
    pub fn revision(&self, revision: &str, interest: Interest) -> Result<Snapshot> {
        let commit = self.commit(revision)?;
        // What is checked out mostly has the same trees: then the index knows what is in them.
        let index = trees::index(&self.git, &self.git.index_path()).ok();
        let mut snapshot = self.tree(commit, interest, index, None)?;
        snapshot.revision = Some(commit.to_string());
        Ok(snapshot)
    }

    /// The files of a commit's tree; `index` may know what is in its trees, and so may a snapshot of another commit.
    pub(super) fn tree(
        &self,
        commit: ObjectId,
        interest: Interest,
        index: Option<Arc<gix::index::File>>,
        beside: Option<&Snapshot>,
    ) -> Result<Snapshot> {
        let missing = |error| {
            let fetch = self.refetch();
            anyhow::anyhow!("the tree of commit {commit} is not all in this clone ({error:#}): `{fetch}` brings it")
        };
        let tree = self.git.find_commit(commit).map_err(|error| missing(anyhow::anyhow!("{error}")))?;
        let tree = tree.tree_id().map_err(|error| missing(anyhow::anyhow!("{error}")))?.detach();
        let mut builder = Builder::new(&self.git, interest, &self.prefix);
        // What stands in for a tree (`git replace`) is not what the index knows by that tree's id.
        let has_replaced = self.git.objects.store_ref().replacements().next().is_some();
        let known = trees::Known {
            index: index.as_deref().filter(|_| !has_replaced),
            beside: beside
                .filter(|snapshot| !snapshot.truncated)
                .and_then(|snapshot| Some((snapshot, top_of(snapshot)?))),
        };
        let top = builder.tree(tree, known).map_err(missing)?;
        Ok(self.snapshot(Kind::Revision, builder, Directory::Tree(top), index))
    }

    /// What is staged; `index` names another index file, as `GIT_INDEX_FILE` does: from the top of the work tree.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn staged(&self, index: Option<&Path>, interest: Interest) -> Result<Snapshot> {
        let from_top = |index| self.git.workdir().unwrap_or(Path::new("")).join(index);
        let path = index.map_or_else(|| self.git.index_path(), from_top);
        let index = trees::index(&self.git, &path)?;
        let mut builder = Builder::new(&self.git, interest, &self.prefix);
        builder.index(&index).map_err(|error| anyhow::anyhow!("what is staged is not all in this clone: {error:#}"))?;
        Ok(self.snapshot(Kind::Index, builder, Directory::Index, Some(index)))
    }

    fn snapshot(
        &self,
        kind: Kind,
        builder: Builder<'_>,
        top: Directory,
        index: Option<Arc<gix::index::File>>,
    ) -> Snapshot {
        let (found, ids) = builder.finish();
        let (handles, lacks) = (Handles::new(&self.git), AtomicBool::new(false));
        let objects = Objects { handles, prefix: self.prefix.clone(), top, index, ids, lacks };
        Snapshot::new(kind, self.root.clone(), true, found, Store::Objects(Box::new(objects)))
    }
}

/// The most bytes of unpacked objects that a handle keeps, for those that are stored as a difference from them.
const CACHE: usize = 512 << 10;

/// The tree of the root of a commit's snapshot.
fn top_of(snapshot: &Snapshot) -> Option<ObjectId> {
    match &*snapshot.store {
        Store::Objects(objects) => match objects.top {
            Directory::Tree(top) => top,
            Directory::Index => None,
        },
        _ => None,
    }
}

/// Where a path is looked up that was not listed.
enum Directory {
    /// Below the tree of the root; none where the revision has no such directory.
    Tree(Option<ObjectId>),
    /// In the index.
    Index,
}

/// Git's objects, and which of them is which file.
pub(super) struct Objects {
    handles: Handles,
    prefix: String,
    top: Directory,
    index: Option<Arc<gix::index::File>>,
    /// The candidates.
    ids: HashMap<String, ObjectId>,
    /// Whether content was asked for that is not there.
    lacks: AtomicBool,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("ids", &self.ids).finish_non_exhaustive()
    }
}

impl Objects {
    /// Reads the file at a path.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let id = self.id(path).ok_or_else(|| ReadError::LinkBroken(path.to_owned()))?;
        let read = self.handles.read(id);
        self.lacks.fetch_or(matches!(read, Err(ReadError::Io(_))), Ordering::Relaxed);
        read
    }

    /// Whether content was asked for that is not in this clone.
    pub(super) fn lacks(&self) -> bool {
        self.lacks.load(Ordering::Relaxed)
    }

    /// Git's index, where it was read.
    pub(super) fn index(&self) -> Option<&Arc<gix::index::File>> {
        self.index.as_ref()
    }

    /// Whether there is a file at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.id(path).is_some()
    }

    /// The object of a file that was listed as a candidate.
    pub(super) fn candidate(&self, path: &str) -> Option<ObjectId> {
        self.ids.get(path).copied()
    }

    /// The object that a file's content is: what a link or an include leads to can be any file, so not only of candidates.
    pub(super) fn id(&self, path: &str) -> Option<ObjectId> {
        if let Some(id) = self.ids.get(path) {
            return Some(*id);
        }
        match &self.top {
            Directory::Tree(top) => self.handles.with(|git| {
                let tree = git.find_tree((*top)?).ok()?;
                let entry = tree.lookup_entry(path.as_bytes().split(|byte| *byte == b'/')).ok()??;
                let is_file = matches!(entry.mode().kind(), EntryKind::Blob | EntryKind::BlobExecutable);
                is_file.then(|| entry.object_id())
            }),
            Directory::Index => {
                let index = self.index()?;
                let path = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
                let entry = index.entry_by_path(path.as_bytes().as_bstr())?;
                (trees::kind(entry.mode) == EntryKind::Blob && trees::is_staged(entry)).then_some(entry.id)
            }
        }
    }
}

/// Handles of a repository, one for each thread that reads at a time: making one takes longer than most reads.
pub(super) struct Handles {
    repository: gix::ThreadSafeRepository,
    idle: Mutex<Vec<gix::Repository>>,
}

impl Handles {
    pub(super) fn new(repository: &gix::Repository) -> Self {
        Self { repository: repository.clone().into_sync(), idle: Mutex::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&gix::Repository) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = idle().pop();
        let handle = handle.unwrap_or_else(|| {
            let mut handle = self.repository.to_thread_local();
            // Manifests of one workspace are stored as differences from each other, and from older ones.
            handle.objects.set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(CACHE)));
            handle
        });
        let done = work(&handle);
        idle().push(handle);
        done
    }

    /// Reads an object.
    pub(super) fn read(&self, id: ObjectId) -> Result<Vec<u8>, ReadError> {
        let too_large = |size| if size > MAX_FILE_BYTES { Some(ReadError::TooLarge(size)) } else { None };
        self.with(|git| match git.find_object(id) {
            Ok(object) => too_large(object.data.len() as u64).map_or_else(|| Ok(object.detach().data), Err),
            // What is too large to be unpacked at all has a size all the same.
            Err(_) => Err(git
                .find_header(id)
                .ok()
                .and_then(|header| too_large(header.size()))
                .unwrap_or_else(|| ReadError::Io("its content is not in this clone".to_owned()))),
        })
    }
}
