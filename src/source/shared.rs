//! What two snapshots of one repository share: what is unchanged between them is read once, and is the same file.

use std::sync::Arc;

use gix::ObjectId;

use super::{Entry, Store};
use crate::text::FileId;

/// The files of a snapshot, for another one beside it.
#[derive(Debug)]
pub(super) struct Shared {
    store: Arc<Store>,
    /// The path and the place of each entry, sorted.
    entries: Vec<(String, String)>,
}

/// How the files of a snapshot are numbered beside another one: a file of both has one number.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) shared: Arc<Shared>,
    /// By entry.
    ids: Vec<FileId>,
    /// The paths of the files that the other one does not have.
    more: Vec<String>,
}

impl Shared {
    /// The files of a snapshot with these entries, sorted.
    pub(super) fn new(store: Arc<Store>, entries: &[Entry]) -> Self {
        let entries = entries.iter().map(|entry| (entry.path.clone(), entry.place.clone())).collect();
        Self { store, entries }
    }

    /// Whether the file at a path has that object as its content.
    pub(super) fn has_same(&self, path: &str, id: ObjectId) -> bool {
        let at = self.entries.partition_point(|(other, _)| other.as_str() < path);
        self.entries.get(at).is_some_and(|(other, _)| other == path) && self.store.id(path) == Some(id)
    }
}

impl Numbers {
    /// Numbers the entries of another snapshot.
    pub(super) fn new(shared: Arc<Shared>, entries: &[Entry]) -> Self {
        let mut more = Vec::new();
        let known = shared.entries.len();
        let number = |entry: &Entry| {
            let key = (entry.path.as_str(), entry.place.as_str());
            let found = shared.entries.binary_search_by(|(path, place)| (path.as_str(), place.as_str()).cmp(&key));
            let at = found.unwrap_or_else(|_| {
                more.push(entry.path.clone());
                known + more.len() - 1
            });
            FileId(u32::try_from(at).unwrap_or(u32::MAX))
        };
        let ids = entries.iter().map(number).collect();
        Self { shared, ids, more }
    }

    pub(super) fn id(&self, entry: usize) -> FileId {
        self.ids.get(entry).copied().unwrap_or(FileId(u32::MAX))
    }

    /// The paths of all files, by number.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        self.shared.entries.iter().map(|(path, _)| path).chain(&self.more).cloned()
    }
}
