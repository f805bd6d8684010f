//! The journal of a change: every file of it, as it was and as it is to be.

use std::io::{self, BufWriter, Write};

use serde_json::Value;

use super::Change;

/// What it says to whoever finds it.
const ABOUT: &str = "a change of pins was cut short while this file is here: the next `cargo pinned fix`, `set` or `rollback` restores these files";

/// Writes the journal of some changes, piece by piece: it holds each file twice, and need not be held itself.
pub(super) fn write(changes: &[Change], out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"{\"about\":")?;
    serde_json::to_writer(&mut out, ABOUT)?;
    out.write_all(b",\"files\":[")?;
    for (at, change) in changes.iter().enumerate() {
        let texts = [("path", &change.path), ("before", &change.before), ("after", &change.after)];
        for (nth, (key, text)) in texts.into_iter().enumerate() {
            let open = if at > 0 { ",{" } else { "{" };
            write!(out, "{}\"{key}\":", if nth > 0 { "," } else { open })?;
            serde_json::to_writer(&mut out, text)?;
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"]}\n")?;
    out.flush()
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
    // Some file systems fill up with zeros what they had no time to write.
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match serde_json::from_slice(&bytes[..end]) {
        Ok(journal) => parse(&journal).map(Journal::Whole),
        Err(error) => error.is_eof().then_some(Journal::Cut),
    }
}

fn parse(journal: &Value) -> Option<Vec<Change>> {
    let change = |file: &Value| {
        let text = |key: &str| Some(file.get(key)?.as_str()?.to_owned());
        let path = text("path")?;
        // A journal that came with a repository must not lead out of it.
        let is_below = crate::source::join("", &path).is_some_and(|clean| clean == path);
        is_below.then_some(Change { path, before: text("before")?, after: text("after")? })
    };
    journal.get("files")?.as_array()?.iter().map(change).collect()
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
        let text = whole.len() - 1;
        for end in 0..text {
            let zeros = [&whole[..end], &vec![0; whole.len() - end]].concat();
            assert_eq!((read(&whole[..end]), read(&zeros)), (Some(Journal::Cut), Some(Journal::Cut)), "{end}");
        }
        assert_eq!(read(&whole[..text]), Some(Journal::Whole(changes())), "but for its line's end");
        for none in
            ["[]", "{}", "{\"files\":3}", "cut", "{\"files\":[{\"path\":\"../a\",\"before\":\"\",\"after\":\"\"}]}"]
        {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
    }
}
