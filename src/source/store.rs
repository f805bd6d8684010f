//! Where the bytes of a snapshot come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use gix::ObjectId;

use super::{MAX_FILE_BYTES, ReadError, objects, worktree};

/// Where the bytes come from.
#[derive(Debug)]
pub(super) enum Store {
    Disk(Box<worktree::Disk>),
    Objects(Box<objects::Objects>),
    Memory(BTreeMap<String, Vec<u8>>),
    /// Another one, in which these files have other content.
    Changed(Arc<Store>, BTreeMap<String, Vec<u8>>),
}

impl Store {
    /// Reads the file at a path.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self {
            Self::Disk(disk) => disk.read(path),
            Self::Objects(objects) => objects.read(path),
            Self::Memory(files) => match files.get(path) {
                Some(bytes) if bytes.len() as u64 > MAX_FILE_BYTES => Err(ReadError::TooLarge(bytes.len() as u64)),
                Some(bytes) => Ok(bytes.clone()),
                None => Err(ReadError::LinkBroken(path.to_owned())),
            },
            Self::Changed(store, files) => files.get(path).map_or_else(|| store.read(path), |bytes| Ok(bytes.clone())),
        }
    }

    /// Whether there is a file at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        match self {
            Self::Disk(disk) => disk.has(path),
            Self::Objects(objects) => objects.has(path),
            Self::Memory(files) => files.contains_key(path),
            Self::Changed(store, _) => store.has(path),
        }
    }

    /// Git's name for the content of the file at a path, where that is known.
    pub(super) fn id(&self, path: &str) -> Option<ObjectId> {
        match self {
            Self::Disk(disk) => disk.id(path),
            Self::Objects(objects) => objects.id(path),
            Self::Memory(_) => None,
            Self::Changed(store, files) => store.id(path).filter(|_| !files.contains_key(path)),
        }
    }

    /// Git's index, where it was read.
    pub(super) fn index(&self) -> Option<&Arc<gix::index::File>> {
        match self {
            Self::Disk(disk) => disk.index(),
            Self::Objects(objects) => objects.index(),
            Self::Memory(_) => None,
            Self::Changed(store, _) => store.index(),
        }
    }

    /// The disk, where the files are on it.
    pub(super) fn disk(&self) -> Option<&worktree::Disk> {
        match self {
            Self::Disk(disk) => Some(disk),
            Self::Changed(store, _) => store.disk(),
            Self::Objects(_) | Self::Memory(_) => None,
        }
    }
}
