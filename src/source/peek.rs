//! A look at what HEAD leads to, without opening the repository: for thousands of them, most of which have not moved.
//!
//! It answers in the plain case alone: a directory `.git` or a bare one, HEAD a commit or a branch, the branch a file or in
//! `packed-refs`. Whatever else there is, a repository has to be opened for it.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use gix::ObjectId;

/// What a look tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// The branch in full, `refs/heads/main`; none where HEAD is a commit itself.
    pub name: Option<String>,
    /// The full id of the commit, in lower case.
    pub commit: String,
}

/// The largest file that is read for this, in bytes.
const LIMIT: u64 = 1 << 20;

/// Looks at the repository that is right at a directory, which is known to be bare or not; none where that takes more than a
/// look.
#[must_use]
pub fn peek(directory: &Path, is_bare: bool) -> Option<Peek> {
    // A file `.git` leads elsewhere, and has nothing in it.
    let git = if is_bare { directory.to_owned() } else { directory.join(".git") };
    let head = read(&git.join("HEAD")).ok()?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(Peek { name: None, commit: id(&head)? });
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
        Ok(text) => id(&text)?,
        Err(_) => packed(&read(&git.join("packed-refs")).ok()?, name)?,
    };
    Some(Peek { name: Some(name.to_owned()), commit })
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
fn read(path: &Path) -> io::Result<String> {
    // Most are smaller: one call reads them whole.
    let mut buffer = [0; 256];
    let mut file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let count = file.read(&mut buffer)?;
    let mut bytes = buffer[..count].to_vec();
    if count == buffer.len() {
        file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > LIMIT {
        return Err(ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData.into())
}

/// Opens a file, and waits for nothing where it is none.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens a file.
#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if !path.symlink_metadata()?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    File::open(path)
}
