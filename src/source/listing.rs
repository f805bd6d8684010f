//! What is in a directory.
//!
//! On Linux the system is asked directly: the standard library asks for a directory's metadata besides, and allocates for
//! each name, which together cost a third of a walk.

use std::io;
use std::path::Path;

use super::ReadError;

/// What a directory entry is, symbolic links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    File,
    Directory,
    Link,
    /// None of these: what it is, in words.
    Other(&'static str),
}

impl FileKind {
    /// Why an entry of this kind is not opened, where that is so.
    pub(super) fn obstacle(self) -> Option<ReadError> {
        match self {
            Self::File | Self::Link | Self::Directory => None,
            Self::Other(what) => Some(ReadError::NotAFile(what)),
        }
    }

    /// What is at a path.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(path.symlink_metadata()?.file_type()))
    }
}

impl From<std::fs::FileType> for FileKind {
    fn from(kind: std::fs::FileType) -> Self {
        if kind.is_dir() {
            return Self::Directory;
        }
        if kind.is_symlink() {
            return Self::Link;
        }
        if kind.is_file() {
            return Self::File;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileTypeExt;
            if kind.is_fifo() {
                return Self::Other("a named pipe");
            }
            if kind.is_socket() {
                return Self::Other("a socket");
            }
        }
        Self::Other("a device")
    }
}

/// Calls `each` with the name of every entry of a directory, as git spells names, and what it is.
///
/// # Errors
/// Where the directory cannot be listed.
#[cfg(target_os = "linux")]
pub(super) fn list(directory: &Path, mut each: impl FnMut(&[u8], FileKind)) -> io::Result<()> {
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;

    use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, openat};

    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let opened = openat(CWD, directory, flags, Mode::empty())?;
    let mut buffer = [MaybeUninit::uninit(); 16 << 10];
    let mut entries = RawDir::new(opened, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Directory,
            FileType::Symlink => FileKind::Link,
            FileType::Fifo => FileKind::Other("a named pipe"),
            FileType::Socket => FileKind::Other("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => FileKind::Other("a device"),
            // Some file systems do not say.
            FileType::Unknown => match FileKind::of(&directory.join(std::ffi::OsStr::from_bytes(name))) {
                Ok(kind) => kind,
                Err(_) => continue,
            },
        };
        each(name, kind);
    }
    Ok(())
}

/// Calls `each` with the name of every entry of a directory, as git spells names, and what it is.
///
/// # Errors
/// Where the directory cannot be listed.
#[cfg(not(target_os = "linux"))]
pub(super) fn list(directory: &Path, mut each: impl FnMut(&[u8], FileKind)) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)?.flatten() {
        let name = entry.file_name();
        let (Ok(kind), Ok(name)) = (entry.file_type(), gix::path::os_str_into_bstr(&name)) else { continue };
        each(name, FileKind::from(kind));
    }
    Ok(())
}
