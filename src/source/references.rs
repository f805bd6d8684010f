//! A repository of a fleet: opened right where it is, with its HEAD, its branches and tags, and its remote.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::objects::Repository;
use super::opening;
use super::{Interest, Snapshot};

/// A commit that a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The name, in full: `refs/heads/main`; none where HEAD is a commit itself.
    pub name: Option<String>,
    /// The commit.
    pub commit: ObjectId,
}

impl Tip {
    /// The name without what says what kind of name it is.
    #[must_use]
    pub fn short(&self) -> Option<&str> {
        self.name.as_deref().map(short)
    }
}

/// A reference's name without what says what kind of name it is.
pub(crate) fn short(name: &str) -> &str {
    let kinds = ["refs/heads/", "refs/tags/", "refs/remotes/"];
    kinds.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

impl Repository {
    /// Opens the repository that is right at a directory, and never one around it. Of configuration only its own is read, of
    /// the environment nothing: which user looks at it makes no difference.
    ///
    /// # Errors
    /// Where there is none, or what git keeps there is broken.
    pub fn at(directory: &Path) -> Result<Self> {
        opening::look_at(directory).context("the git repository cannot be opened")?;
        let options = gix::open::Options::isolated().config_overrides([opening::limit()]);
        let git = gix::ThreadSafeRepository::open_opts(directory, options).map_err(|error| {
            let cause = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source()).last();
            anyhow::anyhow!(
                "the git repository cannot be opened: {}",
                cause.map(ToString::to_string).unwrap_or_default()
            )
        })?;
        Ok(Self { git: git.into(), root: directory.to_owned(), prefix: String::new() })
    }

    /// What HEAD leads to.
    ///
    /// # Errors
    /// Where nothing is committed yet, or it leads nowhere.
    pub fn head(&self) -> Result<Tip> {
        use gix::head::Kind;
        let head = self.git.head().map_err(|error| anyhow::anyhow!("HEAD cannot be read: {error}"))?;
        match &head.kind {
            Kind::Unborn(_) if self.has_unread_references() => {
                bail!("its references are kept as a reftable, which is not read")
            }
            Kind::Unborn(name) => {
                let name = name.as_bstr().to_str_lossy().into_owned();
                bail!("nothing is committed yet: HEAD names the branch `{}`, which does not exist", short(&name))
            }
            _ => {}
        }
        let name = head.referent_name().map(|name| name.as_bstr().to_str_lossy().into_owned());
        let leads = head.id().map(|id| id.to_string()).unwrap_or_default();
        let id =
            head.into_peeled_id().map_err(|_| anyhow::anyhow!("HEAD leads to {leads}, which is missing or damaged"))?;
        Ok(Tip { name, commit: id.detach() })
    }

    /// What a revision names.
    ///
    /// # Errors
    /// Where there is none.
    pub fn tip(&self, revision: &str) -> Result<Tip> {
        Ok(Tip { name: Some(revision.to_owned()), commit: self.commit(revision)? })
    }

    /// The branches and tags that lead to a commit and whose full or short name is wanted, sorted by name.
    ///
    /// # Errors
    /// Where the references cannot be read.
    pub fn tips(&self, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Tip>> {
        let fault = |error| anyhow::anyhow!("the references cannot be read: {error}");
        let references = self.git.references().map_err(fault)?;
        let mut tips = Vec::new();
        for reference in references.all().map_err(fault)? {
            let mut reference = reference.map_err(|error| anyhow::anyhow!("the references cannot be read: {error}"))?;
            let name = reference.name().as_bstr().to_str_lossy().into_owned();
            // One that only names another is that one.
            let is_symbolic = reference.target().try_id().is_none();
            if is_symbolic || !(is_wanted(&name) || is_wanted(short(&name))) {
                continue;
            }
            let id = reference.peel_to_id();
            let id = id.map_err(|error| anyhow::anyhow!("the reference `{name}` cannot be followed: {error}"))?;
            // A tag can name a file or a tree: nothing is built from those.
            if id.header().is_ok_and(|header| header.kind() != gix::objs::Kind::Commit) {
                continue;
            }
            tips.push(Tip { name: Some(name), commit: id.detach() });
        }
        tips.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tips)
    }

    /// The files of a commit, without a look at what is checked out.
    ///
    /// # Errors
    /// Where its tree is not all there.
    pub fn files(&self, commit: ObjectId, interest: Interest) -> Result<Snapshot> {
        let mut snapshot = self.tree(commit, interest, None, None).context("it cannot be judged")?;
        snapshot.revision = Some(commit.to_string());
        Ok(snapshot)
    }

    /// The URL of the remote `origin`, as its own configuration has it: perhaps with credentials.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let url = self.git.config_snapshot().string("remote.origin.url")?;
        Some(url.to_str_lossy().into_owned())
    }
}
