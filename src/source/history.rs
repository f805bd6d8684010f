//! Where two lines of history part: the commits that a snapshot is compared with.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Result, bail};
use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::objects::Repository;
use super::shared::{Numbers, Shared};
use super::{Interest, Kind, Snapshot};

/// What a snapshot is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bases {
    /// The merge bases, best first; none where there is no commit yet.
    pub merge_bases: Vec<ObjectId>,
    /// The commits that are being merged: what they have is not new either.
    pub merging: Vec<ObjectId>,
    /// What the base is called: the first merge base's id, else the empty tree's.
    pub name: String,
}

impl Repository {
    /// The commit that a revision names.
    ///
    /// # Errors
    /// Where there is none, with the fetch that may bring it.
    pub fn commit(&self, revision: &str) -> Result<ObjectId> {
        let found = self.git.rev_parse_single(revision.as_bytes().as_bstr()).ok().and_then(|id| id.object().ok());
        let kind = found.as_ref().map(|object| object.kind);
        match (found.and_then(|object| object.peel_to_commit().ok()), kind) {
            (Some(commit), _) => Ok(commit.id),
            (None, Some(kind)) if kind != gix::objs::Kind::Tag => bail!("`{revision}` names a {kind}, and no commit"),
            _ => bail!("there is no revision `{revision}` here{}", self.remedy(revision)),
        }
    }

    /// Which fetch brings a revision that is not here.
    fn remedy(&self, revision: &str) -> String {
        if self.has_unread_references() {
            return ": this repository keeps its references as a reftable, which is not read; the full id of a commit is"
                .to_owned();
        }
        if revision.contains("..") {
            return ": it is a range; name one commit, and where the two part is found from there".to_owned();
        }
        let name = revision.split(['^', '~', ':']).next().unwrap_or_default().split("@{").next().unwrap_or_default();
        let is_here = |name: &str| self.git.rev_parse_single(name.as_bytes().as_bstr()).is_ok();
        if name != revision && (name.is_empty() || is_here(name)) {
            return match self.is_shallow() {
                true => ": this clone is shallow, and `git fetch --unshallow` brings all of its history".to_owned(),
                false if name.is_empty() => String::new(),
                false => format!("; `{name}` is, with all of its history"),
            };
        }
        if matches!(name, "HEAD" | "@") {
            return ": nothing is committed yet".to_owned();
        }
        let remotes = self.git.remote_names();
        let remote = remotes.iter().find_map(|remote| {
            let name = name.strip_prefix("refs/remotes/").unwrap_or(name);
            let branch = name.strip_prefix(&*remote.to_str_lossy())?.strip_prefix('/')?;
            Some((remote.to_str_lossy().into_owned(), branch.to_owned()))
        });
        if let Some((remote, branch)) = remote {
            return format!(": `git fetch {remote} {branch}:refs/remotes/{remote}/{branch}` brings it");
        }
        let is_hex = name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && name.len() >= 40 {
            return format!(": `git fetch {} {name}` brings it", self.remote());
        }
        if is_hex && self.is_shallow() {
            return ": this clone is shallow, and `git fetch --unshallow` brings all of its history".to_owned();
        }
        match name.split_once('/').filter(|_| !name.starts_with("refs/")) {
            // There is no such remote, but this is how one would be named.
            Some((remote, branch)) => format!(": `git fetch {remote} {branch}` may bring it"),
            None if is_hex || remotes.is_empty() => "; where a remote has it, `git fetch` brings it".to_owned(),
            // Not by that name alone: git keeps what it fetches under the remote's.
            None => format!(": `git fetch {0} {name}:{name}` brings it, where `{0}` has it", self.remote()),
        }
    }

    /// The remote to fetch from: `origin`, unless there are others and no such one.
    fn remote(&self) -> String {
        let remotes = self.git.remote_names();
        let first = remotes.first().filter(|_| !remotes.iter().any(|remote| *remote == "origin"));
        first.map_or_else(|| "origin".to_owned(), |remote| remote.to_str_lossy().into_owned())
    }

    /// The fetch that brings what a clone with a filter left out.
    #[must_use]
    pub fn refetch(&self) -> String {
        format!("git fetch --refetch --no-filter {}", self.remote())
    }

    /// Whether the references are kept in a form that is not read: then HEAD looks as if nothing were committed.
    pub(super) fn has_unread_references(&self) -> bool {
        let format = self.git.config_snapshot().string("extensions.refStorage");
        format.is_some_and(|format| format.as_bstr() != "files")
    }

    fn is_shallow(&self) -> bool {
        self.git.is_shallow().unwrap_or(false)
    }

    /// What `snapshot` is compared with when the user names `revision`: the merge bases of the two.
    ///
    /// A commit without a parent has none: an unborn HEAD is compared with nothing. While a merge is under way, what it
    /// merges counts as well, where the base is the HEAD that it will be committed on.
    ///
    /// # Errors
    /// Where there is no such revision, or history ends before the two meet; each says what to fetch.
    pub fn bases(&self, revision: &str, snapshot: &Snapshot) -> Result<Bases> {
        let is_stored = snapshot.kind == Kind::Revision;
        let head = match &snapshot.revision {
            Some(commit) => Some(ObjectId::from_hex(commit.as_bytes())?),
            None => self.git.head_id().ok().map(gix::Id::detach),
        };
        let Some(head) = head else {
            // An unborn HEAD is a revision that can be named; any other has to be there.
            if self.has_unread_references() {
                bail!("there is no `HEAD` here{}", self.remedy("HEAD"));
            }
            if !matches!(revision, "HEAD" | "@") {
                self.commit(revision)?;
            }
            let name = ObjectId::empty_tree(self.git.object_hash()).to_string();
            return Ok(Bases { name, ..Bases::default() });
        };
        let with = self.commit(revision)?;
        let merge_bases = self.merge_bases(head, with, revision)?;
        let merging = if !is_stored && with == head { self.merging() } else { Vec::new() };
        let name = merge_bases.first().map(ToString::to_string).unwrap_or_default();
        Ok(Bases { merge_bases, merging, name })
    }

    fn merge_bases(&self, head: ObjectId, with: ObjectId, revision: &str) -> Result<Vec<ObjectId>> {
        let found = self.git.merge_bases_many(head, &[with]).map_err(|error| anyhow::anyhow!("{error}"))?;
        let found: Vec<ObjectId> = found.into_iter().map(gix::Id::detach).collect();
        // Where one is behind the other there is nothing to find beyond.
        if found == [with] || found == [head] {
            return Ok(found);
        }
        if self.is_shallow() && self.meets_boundary(&[head, with], &found)? {
            bail!(
                "this clone is shallow, and its history ends before it meets `{revision}`: \
                 `git fetch --unshallow` brings all of it, `git fetch --deepen=100` some more"
            );
        }
        if found.is_empty() {
            bail!("`{revision}` and what is checked have no commit in common: there is nothing to compare with");
        }
        Ok(found)
    }

    /// Whether a walk from `tips` that stops at the merge bases and what is behind them ends at the shallow boundary.
    fn meets_boundary(&self, tips: &[ObjectId], merge_bases: &[ObjectId]) -> Result<bool> {
        let boundary = self.git.shallow_commits().map_err(|error| anyhow::anyhow!("{error}"))?;
        let boundary: HashSet<ObjectId> = boundary.iter().flat_map(|commits| commits.iter().copied()).collect();
        let common = self.ancestors(merge_bases, &boundary, &HashSet::new());
        let apart = self.ancestors(tips, &boundary, &common);
        Ok(apart.iter().any(|commit| boundary.contains(commit)))
    }

    /// The commits that are reached from `tips`, those included, without passing `boundary` or entering `known`.
    fn ancestors(
        &self,
        tips: &[ObjectId],
        boundary: &HashSet<ObjectId>,
        known: &HashSet<ObjectId>,
    ) -> HashSet<ObjectId> {
        let mut reached = HashSet::new();
        let mut waiting = tips.to_vec();
        while let Some(id) = waiting.pop() {
            if known.contains(&id) || !reached.insert(id) || boundary.contains(&id) {
                continue;
            }
            let Ok(commit) = self.git.find_commit(id) else { continue };
            waiting.extend(commit.parent_ids().map(gix::Id::detach));
        }
        reached
    }

    /// The commits that a merge under way brings in.
    fn merging(&self) -> Vec<ObjectId> {
        let file = super::worktree::read(&self.git.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        file.lines().filter_map(|line| ObjectId::from_hex(line.trim()).ok()).collect()
    }

    /// The files of a commit, for a comparison with `snapshot`: what has not changed is read once.
    ///
    /// # Errors
    /// Where its tree is not all there.
    pub fn beside(&self, snapshot: &Snapshot, commit: ObjectId, interest: Interest) -> Result<Snapshot> {
        let shared = Arc::new(Shared::new(Arc::clone(&snapshot.store), snapshot.entries()));
        let mut base = self.tree(commit, interest, snapshot.store.index().cloned(), Some(snapshot))?;
        base.numbers = Some(Arc::new(Numbers::new(shared, base.entries())));
        Ok(base)
    }
}
