//! The journal of a change: every file of it, as it was and as it is to be.
//!
//! Its first line is JSON: what it is, the path of each file with the lengths of both texts in bytes, and the CRC-32 of all that
//! follows. Then come the texts as they are, each with a line's end behind it, so that whoever has to can take them out by hand.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::super::writing::{Purpose, begin_flush, prepare};
use super::Change;

/// Its file name, at the root.
pub(super) const JOURNAL: &str = ".cargo-pinned-journal";

/// What it says to whoever finds it.
const ABOUT: &str = "a change of pins was cut short while this file is here: the next `cargo pinned fix`, `set` or `rollback` restores these files";

/// Makes the journal of some changes: it is there whole, and on its way to the disk.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn make(root: &Path, changes: &[Change]) -> Result<File> {
    let path = root.join(JOURNAL);
    let written =
        prepare(&path, Purpose::Read, None, |file: &mut File| write(changes, file)).context("nothing was changed")?;
    begin_flush(written.as_file());
    written.persist(&path).with_context(|| format!("cannot write `{}`: nothing was changed", path.display()))
}

/// Removes the journal, where there is one.
///
/// # Errors
/// Where it stays.
pub(super) fn remove(root: &Path) -> Result<()> {
    let path = root.join(JOURNAL);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the journal of some changes, piece by piece: it holds each file twice, and need not be held itself.
pub(super) fn write(changes: &[Change], out: impl Write) -> io::Result<()> {
    let mut sum = crc32fast::Hasher::new();
    texts(changes).for_each(|text| sum.update(text));
    let listed =
        |change: &Change| json!({ "path": change.path, "before": change.before.len(), "after": change.after.len() });
    let files: Vec<Value> = changes.iter().map(listed).collect();
    let head = json!({ "about": ABOUT, "files": files, "checksum": sum.finalize() });
    let mut out = BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer(&mut out, &head)?;
    out.write_all(b"\n")?;
    texts(changes).try_for_each(|text| out.write_all(text))?;
    out.flush()
}

/// What is behind the first line.
fn texts(changes: &[Change]) -> impl Iterator<Item = &[u8]> {
    changes.iter().flat_map(|change| [change.before.as_bytes(), b"\n", change.after.as_bytes(), b"\n"])
}

/// What is in a journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Journal {
    /// All of it.
    Whole(Vec<Change>),
    /// It ends in the middle: the machine went down before the journal was on the disk, and no file is changed before that.
    Cut,
}

/// Reads a journal; nothing where it is none, or names a file outside of the root.
pub(super) fn read(bytes: &[u8]) -> Option<Journal> {
    let (head, mut rest) = match memchr::memchr(b'\n', bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    // Some file systems fill up with zeros what they had no time to write.
    let end = head.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let head: Value = match serde_json::from_slice(&head[..end]) {
        Ok(head) => head,
        Err(error) => return error.is_eof().then_some(Journal::Cut),
    };
    let is_whole = u64::from(crc32fast::hash(rest)) == head.get("checksum")?.as_u64()?;
    let mut changes = Vec::new();
    for file in head.get("files")?.as_array()? {
        let path = file.get("path")?.as_str()?.to_owned();
        // A journal that came with a repository must not lead out of it.
        crate::source::join("", &path).filter(|clean| *clean == path)?;
        let (before, after) = (file.get("before")?.as_u64()?, file.get("after")?.as_u64()?);
        let mut text = |length: u64| {
            let (text, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            rest = behind.strip_prefix(b"\n")?;
            Some(text)
        };
        let Some((before, after)) = text(before).zip(text(after)) else { return Some(Journal::Cut) };
        let owned = |text: &[u8]| String::from_utf8(text.to_vec());
        let (Ok(before), Ok(after)) = (owned(before), owned(after)) else { return Some(Journal::Cut) };
        changes.push(Change { path, before, after });
    }
    if !rest.is_empty() {
        return None;
    }
    Some(if is_whole { Journal::Whole(changes) } else { Journal::Cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<Change> {
        let change = |path: &str, text: &str| Change {
            path: path.to_owned(),
            before: format!("{text}\n\"quoted\" \\ \u{1}\r\n"),
            after: text.to_owned(),
        };
        vec![change("Cargo.toml", "one"), change("ünder/Cargo.toml", "zwei ü")]
    }

    fn written(changes: &[Change]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(changes, &mut bytes).expect("memory takes it");
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        for changes in [changes(), changes()[..1].to_vec(), Vec::new()] {
            assert_eq!(read(&written(&changes)), Some(Journal::Whole(changes)));
        }
    }

    /// Every beginning of a journal, and what a file system may have put in the place of the rest.
    #[test]
    fn what_was_cut_is_told_from_what_is_none() {
        let whole = written(&changes());
        for end in 0..whole.len() {
            let zeros = [&whole[..end], &vec![0; whole.len() - end]].concat();
            assert_eq!((read(&whole[..end]), read(&zeros)), (Some(Journal::Cut), Some(Journal::Cut)), "{end}");
        }
        assert_eq!(read(&[&whole[..], b"more"].concat()), None);
        let outside = [Change { path: "../a".to_owned(), ..changes()[0].clone() }];
        for none in
            ["[]", "{}", "{\"files\":3}", "cut"].map(|text| text.as_bytes().to_vec()).iter().chain([&written(&outside)])
        {
            assert_eq!(read(none), None, "{}", String::from_utf8_lossy(none));
        }
    }
}
