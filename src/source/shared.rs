//! What two snapshots of one repository share: what is unchanged between them is read once.

use std::sync::{Arc, OnceLock};

use gix::ObjectId;

use super::{ReadError, Store};

/// What reading a file came to.
type Read = Result<Vec<u8>, ReadError>;

/// The files of one snapshot, each kept once it was read, for another snapshot beside it.
#[derive(Debug)]
pub(super) struct Shared {
    store: Arc<Store>,
    /// By path, sorted.
    kept: Vec<(String, OnceLock<Read>)>,
}

impl Shared {
    /// The files at these paths, sorted; none is read yet.
    pub(super) fn new(store: Arc<Store>, paths: impl Iterator<Item = String>) -> Self {
        let mut kept: Vec<_> = paths.map(|path| (path, OnceLock::new())).collect();
        kept.dedup_by(|a, b| a.0 == b.0);
        Self { store, kept }
    }

    /// Reads the file at a path.
    pub(super) fn read(&self, path: &str) -> Read {
        match self.kept.binary_search_by(|(kept, _)| kept.as_str().cmp(path)) {
            Ok(at) => self.kept[at].1.get_or_init(|| self.store.read(path)).clone(),
            Err(_) => self.store.read(path),
        }
    }

    /// Reads the file at a path, where its content is that object.
    pub(super) fn read_same(&self, path: &str, id: ObjectId) -> Option<Read> {
        self.kept.binary_search_by(|(kept, _)| kept.as_str().cmp(path)).ok()?;
        (self.store.id(path) == Some(id)).then(|| self.read(path))
    }
}
