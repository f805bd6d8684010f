//! The last change of something in a file, found by walking history back from HEAD.
//!
//! What is looked for is told by a function of the file's bytes, so nothing here knows what the file means. A merge that has what
//! one of its parents has changed nothing: the walk follows that parent, and so ends at the commit that made the change. A file that
//! was moved is followed to where it was.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use gix::ObjectId;

use super::objects::Repository;

/// A commit that changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<S> {
    /// The commit's full id.
    pub commit: String,
    /// Its day, as its author's clock had it.
    pub date: String,
    /// Where the file was then.
    pub path: String,
    /// The first line of its message.
    pub subject: String,
    /// What there was before, in its first parent.
    pub before: S,
    /// What it left there.
    pub after: S,
}

impl Repository {
    /// The content of a file in a revision; none where there is no such file.
    ///
    /// # Errors
    /// Where there is no such revision, or it is not all in this clone.
    pub fn file_at(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>> {
        let commit = self.commit(revision)?;
        let Some(id) = self.blob(commit, path)? else { return Ok(None) };
        Ok(Some(self.bytes(id)?))
    }

    /// The last commit that changed what `read` tells of the file at `path`; none where HEAD has it from the start.
    ///
    /// # Errors
    /// Where history cannot be read as far as that.
    pub fn last_change<S: Clone + PartialEq>(
        &self,
        path: &str,
        read: impl Fn(&[u8]) -> S,
    ) -> Result<Option<Change<S>>> {
        let mut known: HashMap<ObjectId, S> = HashMap::new();
        let mut path = path.to_owned();
        let mut at = self.git.head_id().context("nothing is committed yet")?.detach();
        let mut blob = self.blob(at, &path)?;
        loop {
            let here = self.state(blob, &read, &mut known)?;
            let commit = self.find(at)?;
            let (mut first, mut same, mut is_new) = (None, None, blob.is_some());
            for parent in commit.parent_ids().map(gix::Id::detach) {
                let theirs = self.blob(parent, &path)?;
                is_new &= theirs.is_none();
                let state = if theirs == blob { here.clone() } else { self.state(theirs, &read, &mut known)? };
                if state == here {
                    same = Some((parent, theirs));
                    break;
                }
                first.get_or_insert(state);
            }
            if let Some((parent, theirs)) = same {
                (at, blob) = (parent, theirs);
                continue;
            }
            let Some(mut before) = first else { return Ok(None) };
            if let Some((place, id)) = if is_new { self.moved_from(&commit, &path)? } else { None } {
                let state = self.state(Some(id), &read, &mut known)?;
                path = place;
                if state == here {
                    let parent = commit.parent_ids().next().context("it has a parent")?;
                    (at, blob) = (parent.detach(), Some(id));
                    continue;
                }
                before = state;
            }
            return described(&commit, path, before, here).map(Some);
        }
    }

    /// Where a file that is new in a commit was in its first parent: at the only path there that ends in its name and is gone.
    fn moved_from(&self, commit: &gix::Commit<'_>, path: &str) -> Result<Option<(String, ObjectId)>> {
        let Some(parent) = commit.parent_ids().next() else { return Ok(None) };
        let missing = || format!("the tree of commit {parent} is not in this clone: `{}` brings it", self.refetch());
        let tree = self.find(parent.detach())?.tree().with_context(missing)?;
        let files = tree.traverse().breadthfirst.files().with_context(missing)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut gone = Vec::new();
        for file in files.into_iter().filter(|file| file.mode.is_blob()) {
            let place = file.filepath.to_string();
            let place = if self.prefix.is_empty() { Some(place.as_str()) } else { below(&place, &self.prefix) };
            let Some(place) = place.filter(|place| place.rsplit('/').next() == Some(name)) else { continue };
            if self.blob(commit.id, place)?.is_none() {
                gone.push((place.to_owned(), file.oid));
            }
        }
        Ok(gone.pop().filter(|_| gone.is_empty()))
    }

    fn find(&self, commit: ObjectId) -> Result<gix::Commit<'_>> {
        if let Ok(found) = self.git.find_commit(commit) {
            return Ok(found);
        }
        if self.git.is_shallow().unwrap_or(false) {
            bail!("this clone is shallow, and its history ends too soon: `git fetch --unshallow` brings all of it");
        }
        bail!("commit {commit} is not in this clone: `{}` brings it", self.refetch())
    }

    /// The file at a path below the root, in a commit.
    fn blob(&self, commit: ObjectId, path: &str) -> Result<Option<ObjectId>> {
        let missing = || format!("the tree of commit {commit} is not in this clone: `{}` brings it", self.refetch());
        let tree = self.find(commit)?.tree().with_context(missing)?;
        let path = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
        let entry = tree.lookup_entry(path.as_bytes().split(|byte| *byte == b'/')).with_context(missing)?;
        Ok(entry.filter(|entry| entry.mode().is_blob()).map(|entry| entry.object_id()))
    }

    fn bytes(&self, id: ObjectId) -> Result<Vec<u8>> {
        let found = self.git.find_object(id);
        let missing = || format!("object {id} is not in this clone: `{}` brings it", self.refetch());
        Ok(found.with_context(missing)?.detach().data)
    }

    /// What is told of a file, once for each content.
    fn state<S: Clone>(
        &self,
        blob: Option<ObjectId>,
        read: &impl Fn(&[u8]) -> S,
        known: &mut HashMap<ObjectId, S>,
    ) -> Result<S> {
        let Some(id) = blob else { return Ok(read(&[])) };
        if let Some(state) = known.get(&id) {
            return Ok(state.clone());
        }
        let state = read(&self.bytes(id)?);
        known.insert(id, state.clone());
        Ok(state)
    }
}

/// A path as it is seen from a directory that it is in.
fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    path.strip_prefix(directory)?.strip_prefix('/')
}

fn described<S>(commit: &gix::Commit<'_>, path: String, before: S, after: S) -> Result<Change<S>> {
    let unreadable = || format!("commit {} cannot be read", commit.id);
    let subject = commit.message().with_context(unreadable)?.summary().to_string();
    let author = commit.author().with_context(unreadable)?;
    let time = author.time().with_context(unreadable)?;
    let date = time.format(gix::date::time::format::SHORT).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Change { commit: commit.id.to_string(), date, path, subject, before, after })
}
