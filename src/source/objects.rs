//! Snapshots of git's objects: a revision's tree, and the index (what is staged). No checkout, and no git process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use gix::bstr::{BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::objs::tree::EntryKind;

use super::{Entry, Found, Interest, Kind, MAX_FILE_BYTES, MAX_FILES, ReadError, Snapshot, Store, Tracking, parent};

/// Git's objects, and which of them is which file.
#[derive(Debug)]
pub(super) struct Objects {
    repository: gix::ThreadSafeRepository,
    ids: BTreeMap<String, gix::ObjectId>,
}

impl Objects {
    /// Reads the file at a path.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let id = self.ids.get(path).ok_or_else(|| ReadError::LinkBroken(path.to_owned()))?;
        let repository = self.repository.to_thread_local();
        let missing = |_| ReadError::Io("its content is not in this clone".to_owned());
        // Looked at before it is unpacked: a small pack can hold a huge file.
        let size = repository.find_header(*id).map_err(missing)?.size();
        if size > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge(size));
        }
        Ok(repository.find_object(*id).map_err(missing)?.detach().data)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.ids.contains_key(path)
    }
}

/// What a tree or the index lists, one by one.
struct Builder<'r> {
    repository: &'r gix::Repository,
    interest: Interest,
    found: Found,
    ids: BTreeMap<String, gix::ObjectId>,
    files: usize,
    directory: BString,
}

impl<'r> Builder<'r> {
    fn new(repository: &'r gix::Repository, interest: Interest) -> Self {
        Self {
            repository,
            interest,
            found: Found::default(),
            ids: BTreeMap::new(),
            files: 0,
            directory: BString::default(),
        }
    }

    fn add(&mut self, path: &gix::bstr::BStr, kind: EntryKind, id: gix::ObjectId) {
        let text = path.to_str_lossy().into_owned();
        self.files += 1;
        if self.files > MAX_FILES {
            self.found.truncated = true;
            return;
        }
        self.directories(path);
        match kind {
            EntryKind::Tree => self.found.directories.push(text),
            EntryKind::Commit => self.found.foreign.push(text),
            EntryKind::Link => {
                let target = self.repository.find_object(id).map(|object| object.detach().data).unwrap_or_default();
                self.found.links.insert(text.clone(), String::from_utf8_lossy(&target).into_owned());
                if (self.interest.wants)(&text) {
                    self.found.entries.push(Entry::new(text, Tracking::Tracked));
                }
            }
            EntryKind::Blob | EntryKind::BlobExecutable => {
                if (self.interest.wants)(&text) {
                    self.found.entries.push(Entry::new(text.clone(), Tracking::Tracked));
                }
                // What a link or an include leads to is asked for by its path, and can be any file.
                self.ids.insert(text, id);
            }
        }
    }

    /// Notes the directories that a path is in.
    fn directories(&mut self, path: &gix::bstr::BStr) {
        let directory = path.rfind_byte(b'/').map_or(&b""[..], |at| &path[..at]);
        if directory == self.directory.as_slice() {
            return;
        }
        self.directory = directory.into();
        let text = directory.to_str_lossy().into_owned();
        let mut above = text.as_str();
        while !above.is_empty() {
            self.found.directories.push(above.to_owned());
            above = parent(above);
        }
    }

    fn snapshot(self, kind: Kind, root: &Path, revision: Option<String>) -> Snapshot {
        let objects = Objects { repository: self.repository.clone().into_sync(), ids: self.ids };
        let mut snapshot = Snapshot::new(kind, root.to_owned(), true, self.found, Store::Objects(Box::new(objects)));
        snapshot.revision = revision;
        snapshot
    }
}

/// Opens the repository around a directory, a bare one too.
fn open(directory: &Path) -> Result<gix::Repository> {
    gix::discover(directory)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(|| format!("there is no git repository at `{}`", directory.display()))
}

/// The top of the repository around a directory: of its work tree, or of itself where it is bare.
///
/// # Errors
/// Where there is no repository.
pub fn root(directory: &Path) -> Result<PathBuf> {
    let repository = open(directory)?;
    let root = repository.workdir().unwrap_or_else(|| repository.git_dir());
    root.canonicalize().with_context(|| format!("cannot find `{}`", root.display()))
}

/// The files of a revision of the repository around a directory.
///
/// # Errors
/// Where there is no such repository or revision, or its tree is not all there.
pub fn revision(directory: &Path, root: &Path, revision: &str, interest: Interest) -> Result<Snapshot> {
    let repository = open(directory)?;
    let spec = revision.as_bytes().as_bstr();
    let commit = repository
        .rev_parse_single(spec)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .and_then(|id| id.object().map_err(|error| anyhow::anyhow!("{error}")))
        .and_then(|object| object.peel_to_commit().map_err(|error| anyhow::anyhow!("{error}")))
        .with_context(|| {
            format!("there is no revision `{revision}` here; in a shallow clone, `git fetch` may bring it")
        })?;
    let tree =
        commit.tree().map_err(|error| anyhow::anyhow!("the tree of `{revision}` is not in this clone: {error}"))?;
    let records = tree
        .traverse()
        .breadthfirst
        .files()
        .map_err(|error| anyhow::anyhow!("the tree of `{revision}` is not all in this clone: {error}"))?;
    let mut builder = Builder::new(&repository, interest);
    for record in &records {
        builder.add(record.filepath.as_bstr(), record.mode.kind(), record.oid);
    }
    let id = commit.id.to_string();
    Ok(builder.snapshot(Kind::Revision, root, Some(id)))
}

/// What is staged in the repository around a directory; `index` names another index file, as `GIT_INDEX_FILE` does.
///
/// # Errors
/// Where there is no such repository, or its index cannot be read.
pub fn staged(directory: &Path, root: &Path, index: Option<&Path>, interest: Interest) -> Result<Snapshot> {
    let repository = open(directory)?;
    let path = index.map_or_else(|| repository.index_path(), Path::to_owned);
    let options = gix::index::decode::Options::default();
    let index = gix::index::File::at_or_default(&path, repository.object_hash(), false, options)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(|| format!("cannot read git's index `{}`", path.display()))?;
    let mut builder = Builder::new(&repository, interest);
    let kind = |mode: Mode| match mode {
        Mode::COMMIT => EntryKind::Commit,
        Mode::SYMLINK => EntryKind::Link,
        _ => EntryKind::Blob,
    };
    // One that is only announced (`git add --intent-to-add`) has nothing staged yet; of an unmerged one, ours is judged.
    let is_staged = |entry: &&gix::index::Entry| {
        let is_one = matches!(entry.stage(), Stage::Unconflicted | Stage::Ours);
        is_one && !entry.flags.contains(Flags::INTENT_TO_ADD)
    };
    for entry in index.entries().iter().filter(is_staged) {
        builder.add(entry.path(&index), kind(entry.mode), entry.id);
    }
    Ok(builder.snapshot(Kind::Index, root, None))
}
