//! The last change of something in a file, found by walking history back from HEAD.
//!
//! What is looked for is told by a function of the file's bytes, so nothing here knows what the file means. A merge that has what
//! one of its parents has changed nothing: the walk follows that parent, and so ends at the commit that made the change.

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
        let mut at = self.git.head_id().context("nothing is committed yet")?.detach();
        let mut blob = self.blob(at, path)?;
        loop {
            let here = self.state(blob, &read, &mut known)?;
            let commit = self.find(at)?;
            let mut first = None;
            let mut same = None;
            for parent in commit.parent_ids().map(gix::Id::detach) {
                let theirs = self.blob(parent, path)?;
                let state = if theirs == blob { here.clone() } else { self.state(theirs, &read, &mut known)? };
                if state == here {
                    same = Some((parent, theirs));
                    break;
                }
                first.get_or_insert(state);
            }
            match (same, first) {
                (Some((parent, theirs)), _) => (at, blob) = (parent, theirs),
                (None, Some(before)) => return described(&commit, before, here).map(Some),
                (None, None) => return Ok(None),
            }
        }
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

fn described<S>(commit: &gix::Commit<'_>, before: S, after: S) -> Result<Change<S>> {
    let unreadable = || format!("commit {} cannot be read", commit.id);
    let subject = commit.message().with_context(unreadable)?.summary().to_string();
    let author = commit.author().with_context(unreadable)?;
    let time = author.time().with_context(unreadable)?;
    let date = time.format(gix::date::time::format::SHORT).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Change { commit: commit.id.to_string(), date, subject, before, after })
}
