//! What a commit's tree or the index lists, as files of a snapshot.
//!
//! A tree that the index holds unchanged is not read: git's index keeps the ids of the trees that its entries make, so
//! what is in them is known from the entries.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::index::extension::Tree as CachedTree;
use gix::objs::tree::EntryKind;

use super::walk::tracked_below;
use super::{Entry, Found, Interest, MAX_FILES, Tracking, is_clean, parent};

/// The longest path that is listed, in bytes, and the longest text of a symbolic link: as long as Linux opens one.
const MAX_PATH: usize = 4096;

/// Reads an index.
pub(super) fn index(git: &gix::Repository, path: &Path) -> Result<Arc<gix::index::File>> {
    // The checksum over the whole index guards git's own writes; what is wrong in it shows while it is decoded.
    let skip_hash = true;
    let options = gix::index::decode::Options::default();
    let index = gix::index::File::at_or_default(path, git.object_hash(), skip_hash, options)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(|| format!("cannot read git's index `{}`", path.display()))?;
    Ok(Arc::new(index))
}

/// What an index entry is.
pub(super) fn kind(mode: Mode) -> EntryKind {
    match mode {
        Mode::COMMIT => EntryKind::Commit,
        Mode::SYMLINK => EntryKind::Link,
        Mode::DIR => EntryKind::Tree,
        _ => EntryKind::Blob,
    }
}

/// Whether an entry is staged: one that is only announced (`git add --intent-to-add`) has nothing staged yet; of an
/// unmerged one, ours is judged.
pub(super) fn is_staged(entry: &gix::index::Entry) -> bool {
    let is_one = matches!(entry.stage(), Stage::Unconflicted | Stage::Ours);
    is_one && !entry.flags.contains(Flags::INTENT_TO_ADD)
}

/// Lists trees and indexes.
pub(super) struct Builder<'r> {
    git: &'r gix::Repository,
    interest: Interest,
    prefix: &'r str,
    found: Found,
    ids: HashMap<String, ObjectId>,
    files: usize,
    directory: BString,
}

/// A tree to be listed: its path from the top, and what the index knows of it.
struct Pending<'i> {
    path: BString,
    id: ObjectId,
    cached: Option<&'i CachedTree>,
}

impl<'r> Builder<'r> {
    pub(super) fn new(git: &'r gix::Repository, interest: Interest, prefix: &'r str) -> Self {
        let (found, ids, directory) = (Found::default(), HashMap::new(), BString::default());
        Self { git, interest, prefix, found, ids, files: 0, directory }
    }

    /// What was found, and the objects of the candidates.
    pub(super) fn finish(self) -> (Found, HashMap<String, ObjectId>) {
        (self.found, self.ids)
    }

    /// Lists an index.
    pub(super) fn index(&mut self, index: &gix::index::State) -> Result<()> {
        let entries = &index.entries()[tracked_below(index, self.prefix)];
        for entry in entries.iter().filter(|entry| is_staged(entry)) {
            self.entry(index, entry)?;
        }
        Ok(())
    }

    /// Lists what an entry of an index stands for.
    pub(super) fn entry(&mut self, index: &gix::index::State, entry: &gix::index::Entry) -> Result<()> {
        let path = entry.path(index);
        match kind(entry.mode) {
            // A sparse index has a whole directory as one entry, with a slash at its end.
            EntryKind::Tree => {
                let path = path.trim_end_with(|c| c == '/').as_bstr();
                self.add(path, EntryKind::Tree, entry.id);
                self.walk(Pending { path: path.to_owned(), id: entry.id, cached: None }, None)
            }
            kind => {
                self.add(path, kind, entry.id);
                Ok(())
            }
        }
    }

    /// Lists what is below the prefix in a commit's tree; the tree there, if the commit has one.
    pub(super) fn tree(&mut self, top: ObjectId, index: Option<&gix::index::File>) -> Result<Option<ObjectId>> {
        let mut start = Pending { path: BString::default(), id: top, cached: index.and_then(|index| index.tree()) };
        for name in self.prefix.split('/').filter(|name| !name.is_empty()) {
            let tree = self.git.find_tree(start.id).map_err(|error| anyhow::anyhow!("{error}"))?;
            let entry = tree.lookup_entry([name.as_bytes()]).map_err(|error| anyhow::anyhow!("{error}"))?;
            let Some(entry) = entry.filter(|entry| entry.mode().is_tree()) else { return Ok(None) };
            start = child(&start, name.as_bytes().as_bstr(), entry.object_id());
        }
        let id = start.id;
        self.walk(start, index.map(|index| &**index))?;
        Ok(Some(id))
    }

    fn walk(&mut self, start: Pending<'_>, index: Option<&gix::index::State>) -> Result<()> {
        let mut pending = vec![start];
        let mut data = Vec::new();
        while let Some(at) = pending.pop() {
            if self.files > MAX_FILES || at.path.len() > MAX_PATH {
                self.found.truncated = true;
                continue;
            }
            if let Some(index) = index.filter(|index| self.is_cached(index, &at)) {
                for entry in &index.entries()[below(index, at.path.as_bstr())] {
                    self.entry(index, entry)?;
                }
                continue;
            }
            // Git knows the empty tree, whether it is stored or not.
            if at.id.is_empty_tree() {
                continue;
            }
            let tree = gix::objs::Find::try_find(&self.git.objects, &at.id, &mut data);
            let tree = tree.map_err(|error| anyhow::anyhow!("{error}"))?.context("a tree is missing")?;
            anyhow::ensure!(tree.kind == gix::objs::Kind::Tree, "an object is no tree");
            let hash = self.git.object_hash();
            for entry in gix::objs::TreeRefIter::from_bytes(tree.data, hash) {
                let entry = entry.map_err(|error| anyhow::anyhow!("{error}"))?;
                let kind = entry.mode.kind();
                if kind == EntryKind::Tree {
                    pending.push(child(&at, entry.filename, entry.oid.to_owned()));
                }
                self.add(below_path(at.path.as_bstr(), entry.filename).as_bstr(), kind, entry.oid.to_owned());
            }
        }
        Ok(())
    }

    /// Whether the index holds a tree unchanged, entry for entry.
    fn is_cached(&self, index: &gix::index::State, at: &Pending<'_>) -> bool {
        let Some(count) = at.cached.filter(|cached| cached.id == at.id).and_then(|cached| cached.num_entries) else {
            return false;
        };
        let range = below(index, at.path.as_bstr());
        // What git keeps there is checked against the entries: each one merged, and as many as it says.
        range.len() as u64 == u64::from(count) && index.entries()[range].iter().all(|entry| entry.stage_raw() == 0)
    }

    fn add(&mut self, path: &BStr, kind: EntryKind, id: ObjectId) {
        self.files += 1;
        if self.files > MAX_FILES {
            self.found.truncated = true;
            return;
        }
        let path = if self.prefix.is_empty() { path } else { path[self.prefix.len() + 1..].as_bstr() };
        let text = path.to_str_lossy();
        // Git writes no such path, but a crafted repository can have one.
        if !is_clean(&text) {
            return;
        }
        self.directories(path);
        let wants = (self.interest.wants)(&text);
        match kind {
            EntryKind::Tree => self.found.directories.push(text.into_owned()),
            EntryKind::Commit => self.found.foreign.push(text.into_owned()),
            EntryKind::Link => {
                let text = text.into_owned();
                self.found.links.insert(text.clone(), self.link(id));
                if wants {
                    self.found.entries.push(Entry::new(text, Tracking::Tracked));
                }
            }
            EntryKind::Blob | EntryKind::BlobExecutable if wants => {
                self.found.entries.push(Entry::new(text.clone().into_owned(), Tracking::Tracked));
                self.ids.insert(text.into_owned(), id);
            }
            EntryKind::Blob | EntryKind::BlobExecutable => {}
        }
    }

    /// The text of a symbolic link.
    fn link(&self, id: ObjectId) -> String {
        let is_short = self.git.find_header(id).is_ok_and(|header| header.size() <= MAX_PATH as u64);
        let object = is_short.then(|| self.git.find_object(id).ok()).flatten();
        object.map_or_else(String::new, |object| String::from_utf8_lossy(&object.data).into_owned())
    }

    /// Notes the directories that a path is in.
    fn directories(&mut self, path: &BStr) {
        let directory = path.rfind_byte(b'/').map_or(&b""[..], |at| &path[..at]);
        if directory == self.directory.as_slice() {
            return;
        }
        let known = std::mem::replace(&mut self.directory, directory.into());
        let text = directory.to_str_lossy().into_owned();
        let mut above = text.as_str();
        // Those that the last path was in are noted already.
        while !above.is_empty() && !super::is_below(&known.to_str_lossy(), above) {
            self.found.directories.push(above.to_owned());
            above = parent(above);
        }
    }
}

/// The index entries below a path from the top.
fn below(index: &gix::index::State, path: &BStr) -> std::ops::Range<usize> {
    if path.is_empty() {
        return 0..index.entries().len();
    }
    let mut prefix = path.to_owned();
    prefix.push(b'/');
    index.prefixed_entries_range(prefix.as_bstr()).unwrap_or(0..0)
}

fn below_path(directory: &BStr, name: &BStr) -> BString {
    let mut path = directory.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// A tree in a tree, with what the index knows of it.
fn child<'i>(at: &Pending<'i>, name: &BStr, id: ObjectId) -> Pending<'i> {
    let cached = at.cached.and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == &**name));
    Pending { path: below_path(at.path.as_bstr(), name), id, cached }
}
