//! A look at what HEAD leads to, without opening the repository: for thousands of them, most of which have not moved.
//!
//! It answers in the plain case alone: a directory `.git` or a bare one, HEAD a commit or a branch, the branch a file or in
//! `packed-refs`. Whatever else there is, a repository has to be opened for it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use gix::ObjectId;
use gix::bstr::ByteSlice;

/// What a look tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// The branch in full, `refs/heads/main`; none where HEAD is a commit itself.
    pub name: Option<String>,
    /// The full id of the commit, in lower case.
    pub commit: String,
    /// The URL of the remote `origin`: perhaps with credentials.
    pub url: Option<String>,
}

/// The largest file that is read for this, in bytes.
const LIMIT: u64 = 1 << 20;

/// Looks at the repository that is right at a directory; none where that takes more than a look.
#[must_use]
pub fn peek(directory: &Path) -> Option<Peek> {
    let dot = directory.join(".git");
    let (git, head) = match read(&dot.join("HEAD")) {
        Some(head) => (dot, head),
        // A file `.git` leads elsewhere.
        None if dot.symlink_metadata().is_ok() => return None,
        None => (directory.to_owned(), read(&directory.join("HEAD"))?),
    };
    let url = url(&git)?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(Peek { name: None, commit: id(&head)?, url });
    };
    let name = name.trim_end();
    // Nothing that could lead anywhere else.
    let is_plain = name
        .strip_prefix("refs/heads/")
        .is_some_and(|rest| !rest.is_empty() && rest.split('/').all(|part| !part.is_empty() && !part.starts_with('.')));
    if !is_plain {
        return None;
    }
    let commit = match read(&git.join(name)) {
        Some(text) => id(&text)?,
        None => packed(&read(&git.join("packed-refs"))?, name)?,
    };
    Some(Peek { name: Some(name.to_owned()), commit, url })
}

/// The remote's URL, none inside where there is no remote; none where the configuration says more than it can tell alone.
fn url(git: &Path) -> Option<Option<String>> {
    let text = read(&git.join("config"))?;
    let lower = text.to_ascii_lowercase();
    // What it includes, and other formats of references and objects, are for whoever opens it.
    if lower.contains("include") || lower.contains("refstorage") || git.join("commondir").symlink_metadata().is_ok() {
        return None;
    }
    if !lower.contains("origin") {
        return Some(None);
    }
    let metadata = gix::config::file::Metadata::from(gix::config::Source::Local);
    let config = gix::config::File::from_bytes_no_includes(
        text.as_bytes(),
        metadata,
        gix::config::file::init::Options::default(),
    );
    let url = config.ok()?.string("remote.origin.url")?.to_str_lossy().into_owned();
    Some(Some(url))
}

/// A whole object id.
fn id(text: &str) -> Option<String> {
    ObjectId::from_hex(text.trim_end().as_bytes()).ok().map(|id| id.to_string())
}

/// The id of a branch in `packed-refs`.
fn packed(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.split_once(' ').is_some_and(|(_, other)| other == name))?;
    id(line.split_once(' ')?.0)
}

/// The text of a small regular file.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    // A pipe would wait for whoever writes to it.
    let file = open(path)?;
    let metadata = file.metadata().ok()?;
    let read = metadata.is_file() && metadata.len() <= LIMIT && file.take(LIMIT).read_to_string(&mut text).is_ok();
    read.then_some(text)
}

#[cfg(unix)]
fn open(path: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).ok()?;
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()
}

#[cfg(not(unix))]
fn open(path: &Path) -> Option<File> {
    path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(path).ok()
}
