//! Snapshots held in memory, for tests and fuzzing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Entry, Found, Kind, Snapshot, Store, Tracking, parent};

/// A snapshot of these files, as if all of them were committed; `wants` says which are candidates.
pub fn snapshot(files: BTreeMap<String, Vec<u8>>, wants: fn(&str) -> bool) -> Snapshot {
    let mut directories = BTreeSet::new();
    let mut entries = Vec::new();
    for path in files.keys() {
        let mut dir = parent(path);
        while !dir.is_empty() && directories.insert(dir.to_owned()) {
            dir = parent(dir);
        }
        if wants(path) {
            entries.push(Entry::new(path.clone(), Tracking::Tracked));
        }
    }
    let found = Found { entries, directories: directories.into_iter().collect(), ..Found::default() };
    Snapshot::new(Kind::Memory, PathBuf::from("memory"), true, found, Store::Memory(files))
}
