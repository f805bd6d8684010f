//! What a commit's tree or the index lists, as files of a snapshot.
//!
//! A tree that the index holds unchanged is not read: git's index keeps the ids of the trees that its entries make, so
//! what is in them is known from the entries. Neither is one that a snapshot beside this one has at the same path.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::index::extension::Tree as CachedTree;
use gix::objs::tree::EntryKind;
use rayon::prelude::*;

use super::walk::tracked_below;
use super::{Entry, Found, Interest, MAX_FILES, Snapshot, Store, Tracking, is_clean, parent};

/// The longest path that is listed, in bytes, and the longest text of a symbolic link: as long as Linux opens one.
const MAX_PATH: usize = 4096;

/// How many trees have to wait for several threads to be worth their while.
const MANY: usize = 64;

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

/// What is read, and where: kept from one tree to the next.
#[derive(Default)]
struct Reader {
    data: Vec<u8>,
    other: Vec<u8>,
    path: BString,
}

/// Lists trees and indexes.
pub(super) struct Builder<'r> {
    git: &'r gix::Repository,
    interest: Interest,
    prefix: &'r str,
    found: Found,
    ids: HashMap<String, ObjectId>,
    /// How many files were met, by all that list parts of one tree.
    files: Arc<AtomicUsize>,
    directory: BString,
}

/// What is known of a tree before it is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Known<'k> {
    /// Git's index.
    pub(super) index: Option<&'k gix::index::File>,
    /// A snapshot of another commit, and the tree of its root.
    pub(super) beside: Option<(&'k Snapshot, ObjectId)>,
}

/// A tree to be listed: its path from the top, what the index knows of it, and the tree that is there beside it.
#[derive(Clone)]
struct Pending<'i> {
    path: BString,
    id: ObjectId,
    cached: Option<&'i CachedTree>,
    beside: Option<ObjectId>,
}

impl<'r> Builder<'r> {
    pub(super) fn new(git: &'r gix::Repository, interest: Interest, prefix: &'r str) -> Self {
        let (found, ids, directory) = (Found::default(), HashMap::new(), BString::default());
        Self { git, interest, prefix, found, ids, files: Arc::default(), directory }
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
                let start = Pending { path: path.to_owned(), id: entry.id, cached: None, beside: None };
                self.walk(start, Known::default(), usize::MAX)
            }
            kind => {
                self.add(path, kind, entry.id);
                Ok(())
            }
        }
    }

    /// Lists what is below the prefix in a commit's tree; the tree there, if the commit has one.
    pub(super) fn tree(&mut self, top: ObjectId, known: Known<'_>) -> Result<Option<ObjectId>> {
        let cached = known.index.and_then(|index| index.tree());
        let mut start = Pending { path: BString::default(), id: top, cached, beside: None };
        for name in self.prefix.split('/').filter(|name| !name.is_empty()) {
            let tree = self.git.find_tree(start.id).map_err(|error| anyhow::anyhow!("{error}"))?;
            let entry = tree.lookup_entry([name.as_bytes()]).map_err(|error| anyhow::anyhow!("{error}"))?;
            let Some(entry) = entry.filter(|entry| entry.mode().is_tree()) else { return Ok(None) };
            let path = below_path(start.path.as_bstr(), name.as_bytes().as_bstr());
            start = child(&start, path, entry.object_id(), None);
        }
        let id = start.id;
        start.beside = known.beside.map(|(_, top)| top);
        self.walk(start.clone(), known, MANY)?;
        if self.found.truncated {
            // Of too many files, which ones are listed must not depend on which thread was faster.
            *self = Self::new(self.git, self.interest, self.prefix);
            self.walk(start, known, usize::MAX)?;
        }
        Ok(Some(id))
    }

    /// Lists what is below a tree: the first trees one after the other, and once so `many` wait, the rest of them in parallel.
    fn walk(&mut self, start: Pending<'_>, known: Known<'_>, many: usize) -> Result<()> {
        let mut pending = VecDeque::from([start]);
        let (mut reader, mut more) = (Reader::default(), Vec::new());
        while let Some(at) = pending.pop_front() {
            self.step(&at, known, &mut reader, &mut more)?;
            pending.extend(more.drain(..).rev());
            if pending.len() >= many && rayon::current_num_threads() > 1 {
                return self.walk_all(pending.into(), known);
            }
        }
        Ok(())
    }

    fn walk_all(&mut self, pending: Vec<Pending<'_>>, known: Known<'_>) -> Result<()> {
        let repository = self.git.clone().into_sync();
        let (interest, prefix, files) = (self.interest, self.prefix, &self.files);
        let walk = |git: &mut gix::Repository, at: Pending<'_>| {
            let mut part = Builder { files: Arc::clone(files), ..Builder::new(git, interest, prefix) };
            let (mut reader, mut pending) = (Reader::default(), vec![at]);
            while let Some(at) = pending.pop() {
                part.step(&at, known, &mut reader, &mut pending)?;
            }
            Ok(part.finish())
        };
        let parts = pending.into_par_iter().with_max_len(1).map_init(|| repository.to_thread_local(), walk);
        for (found, ids) in parts.collect::<Result<Vec<_>>>()? {
            self.found.entries.extend(found.entries);
            self.found.directories.extend(found.directories);
            self.found.links.extend(found.links);
            self.found.foreign.extend(found.foreign);
            self.found.truncated |= found.truncated;
            self.ids.extend(ids);
        }
        Ok(())
    }

    /// Lists one tree; the trees in it are put behind `pending`, the last one first.
    fn step<'i>(
        &mut self,
        at: &Pending<'i>,
        known: Known<'_>,
        reader: &mut Reader,
        pending: &mut Vec<Pending<'i>>,
    ) -> Result<()> {
        if self.files.load(Ordering::Relaxed) > MAX_FILES || at.path.len() > MAX_PATH {
            self.found.truncated = true;
            return Ok(());
        }
        if let Some(index) = known.index.filter(|index| self.is_cached(index, at)) {
            return index.entries()[below(index, at.path.as_bstr())]
                .iter()
                .try_for_each(|entry| self.entry(index, entry));
        }
        if let Some((snapshot, _)) = known.beside.filter(|_| at.beside == Some(at.id)) {
            self.take(snapshot, at.path.as_bstr());
            return Ok(());
        }
        // Git knows the empty tree, whether it is stored or not.
        if at.id.is_empty_tree() {
            return Ok(());
        }
        let Reader { data, other, path } = reader;
        let beside = at.beside.map(|id| self.trees(id, other)).unwrap_or_default();
        let tree = gix::objs::Find::try_find(&self.git.objects, &at.id, data);
        let tree = tree.map_err(|error| anyhow::anyhow!("{error}"))?.context("a tree is missing")?;
        anyhow::ensure!(tree.kind == gix::objs::Kind::Tree, "an object is no tree");
        let first = pending.len();
        path.clone_from(&at.path);
        if !path.is_empty() {
            path.push(b'/');
        }
        let directory = path.len();
        for entry in gix::objs::TreeRefIter::from_bytes(tree.data, self.git.object_hash()) {
            let entry = entry.map_err(|error| anyhow::anyhow!("{error}"))?;
            path.truncate(directory);
            path.extend_from_slice(entry.filename);
            let kind = entry.mode.kind();
            if kind == EntryKind::Tree {
                let beside = beside.get(entry.filename.as_bytes()).copied();
                pending.push(child(at, path.clone(), entry.oid.to_owned(), beside));
            }
            self.place(path.as_bstr(), kind, entry.oid);
        }
        // The first is taken up first: what is listed in order is sorted faster.
        pending[first..].reverse();
        Ok(())
    }

    /// The trees in a tree of the snapshot beside this one; none where it cannot be read, and is not compared.
    fn trees<'d>(&self, id: ObjectId, data: &'d mut Vec<u8>) -> HashMap<&'d [u8], ObjectId> {
        let Ok(Some(tree)) = gix::objs::Find::try_find(&self.git.objects, &id, data) else { return HashMap::new() };
        let entries = gix::objs::TreeRefIter::from_bytes(tree.data, self.git.object_hash()).map_while(Result::ok);
        let trees = entries.filter(|entry| entry.mode.kind() == EntryKind::Tree);
        trees.map(|entry| (entry.filename.as_bytes(), entry.oid.to_owned())).collect()
    }

    /// Lists what another snapshot has in a directory that is the same in both.
    fn take(&mut self, other: &Snapshot, path: &BStr) {
        let path =
            if self.prefix.is_empty() { path } else { path.get(self.prefix.len() + 1..).unwrap_or_default().into() };
        let path = path.to_str_lossy();
        let start = if path.is_empty() { String::new() } else { format!("{path}/") };
        let is_here = |path: &str| path.starts_with(&start);
        let directories = below_start(&other.directories, &start, |path| path);
        self.found.directories.extend(directories.cloned());
        self.found.foreign.extend(below_start(&other.foreign, &start, |path| path).cloned());
        // A link is followed anew: what it leads to may have changed.
        for (link, text) in other.links.range(start.clone()..).take_while(|(link, _)| is_here(link)) {
            self.found.links.insert(link.clone(), text.clone());
            if (self.interest.wants)(link) {
                self.found.entries.push(Entry::new(link.clone(), Tracking::Tracked));
            }
        }
        let Store::Objects(objects) = &*other.store else { return };
        for entry in below_start(&other.entries, &start, |entry| &entry.path) {
            if let Some(id) = objects.candidate(&entry.path).filter(|_| entry.place == entry.path) {
                self.files.fetch_add(1, Ordering::Relaxed);
                self.found.entries.push(Entry::new(entry.path.clone(), Tracking::Tracked));
                self.ids.insert(entry.path.clone(), id);
            }
        }
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

    /// Notes an entry of the index, and the directories that it is in.
    fn add(&mut self, path: &BStr, kind: EntryKind, id: ObjectId) {
        let is_listed = self.place(path, kind, &id);
        if is_listed {
            let below = if self.prefix.is_empty() { path } else { path[self.prefix.len() + 1..].as_bstr() };
            self.directories(below);
        }
    }

    /// Notes what is at a path; false where that is none that git writes, or there is no room for it.
    fn place(&mut self, path: &BStr, kind: EntryKind, id: &gix::oid) -> bool {
        if self.files.fetch_add(1, Ordering::Relaxed) >= MAX_FILES {
            self.found.truncated = true;
            return false;
        }
        let path = if self.prefix.is_empty() { path } else { path[self.prefix.len() + 1..].as_bstr() };
        let text = path.to_str_lossy();
        // Git writes no such path, but a crafted repository can have one.
        if !is_clean(&text) {
            return false;
        }
        match kind {
            EntryKind::Tree => self.found.directories.push(text.into_owned()),
            EntryKind::Commit => self.found.foreign.push(text.into_owned()),
            EntryKind::Link => {
                let text = text.into_owned();
                self.found.links.insert(text.clone(), self.link(id.to_owned()));
                if (self.interest.wants)(&text) {
                    self.found.entries.push(Entry::new(text, Tracking::Tracked));
                }
            }
            EntryKind::Blob | EntryKind::BlobExecutable if (self.interest.wants)(&text) => {
                self.found.entries.push(Entry::new(text.clone().into_owned(), Tracking::Tracked));
                self.ids.insert(text.into_owned(), id.to_owned());
            }
            EntryKind::Blob | EntryKind::BlobExecutable => {}
        }
        true
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

/// What of a sorted list is below a directory, whose path with a slash at its end is `start`.
fn below_start<'l, T>(list: &'l [T], start: &str, path: impl Fn(&T) -> &str) -> impl Iterator<Item = &'l T> {
    let first = list.partition_point(|one| path(one) < start);
    let count = list[first..].iter().take_while(|one| path(one).starts_with(start)).count();
    list[first..first + count].iter()
}

/// A tree in a tree, with what is known of it.
fn child<'i>(at: &Pending<'i>, path: BString, id: ObjectId, beside: Option<ObjectId>) -> Pending<'i> {
    let name = path.rsplit_str("/").next().unwrap_or_default();
    let cached = at.cached.and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == name));
    // Two names that are no text can look the same, and what is below them would be mixed up.
    let beside = beside.filter(|_| path.is_utf8());
    Pending { cached, path, id, beside }
}
