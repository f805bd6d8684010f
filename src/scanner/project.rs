//! Projects of other ecosystems that have a lockfile: which there are, and whether it is there and committed.

use crate::scanner::dependency::Surface;
use crate::source::Tracking;
use crate::text::{FileId, Span};

/// A project whose dependencies a lockfile is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Which ecosystem's.
    pub surface: Surface,
    /// Its name, or else its directory.
    pub name: String,
    /// The manifest at its root.
    pub manifest: FileId,
    /// Whether it declares what has to be fetched.
    pub has_dependencies: bool,
    /// Its lockfile, where it has one.
    pub lock: Option<FileId>,
    /// What git knows of that.
    pub tracking: Tracking,
    /// The command that makes the lockfile: `npm install --package-lock-only`.
    pub makes_lock: &'static str,
}

impl Project {
    /// Where a finding about the whole project stands.
    #[must_use]
    pub fn top(&self) -> Span {
        Span::top(self.manifest)
    }
}
