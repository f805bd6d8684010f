//! Files and places in them.
//!
//! A [`Span`] is a byte range in one file: the only kind of place that anything below the reporters knows. Lines and
//! columns are for people, so only reporters ask a [`LineIndex`] for them. This module knows nothing of what a file means.

use std::cell::Cell;
use std::sync::Arc;

/// Names a file of a [`Files`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A byte range in one file, start included, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the range is in.
    pub file: FileId,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range` in `file`. Offsets beyond 4 GiB cannot occur: files over 32 MiB are never read.
    #[must_use]
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: offset(range.start), end: offset(range.end) }
    }

    /// The empty span at the start of `file`: where a finding about a whole file stands.
    #[must_use]
    pub fn top(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// The span as a range of byte offsets.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One file of a snapshot: its path, relative to the snapshot's root with `/`, and its text, empty until it was read.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// The path below the snapshot's root, with `/`; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// The text, byte for byte; empty where it was not read or is not UTF-8. Scans of a file that is unchanged share it.
    pub text: Arc<String>,
}

/// The files of a snapshot, by [`FileId`].
#[derive(Debug, Clone, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// A table of `paths` whose texts are still empty.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let text = Arc::<String>::default();
        Self(paths.into_iter().map(|path| File { path, text: Arc::clone(&text) }).collect())
    }

    /// Adds a file that was not in the table, with its text.
    pub fn add(&mut self, path: String, text: impl Into<Arc<String>>) -> FileId {
        self.0.push(File { path, text: text.into() });
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// How many files there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Keeps the text of a file once it was read.
    pub fn set_text(&mut self, id: FileId, text: impl Into<Arc<String>>) {
        if let Some(file) = self.0.get_mut(id.0 as usize) {
            file.text = text.into();
        }
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.0.get(id.0 as usize).map_or("", |file| &file.path)
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        self.0.get(id.0 as usize).map_or("", |file| &file.text)
    }

    /// The text under a span; empty where the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }
}

/// A line and a column as people count them: from one, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1; a byte-order mark is not counted.
    pub column: usize,
}

/// Where the lines of a text start.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The offset that was asked for last, with the start of its line and its column: in a file of one long line, counting
    /// from the line's start for each place would take the square of its length.
    last: Cell<(usize, usize, usize)>,
}

impl<'a> LineIndex<'a> {
    /// Indexes the lines of `text`; a line ends behind its `\n`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(newlines.map(|at| at + 1)).collect();
        Self { text, starts, last: Cell::new((0, 0, 1)) }
    }

    /// The position of a byte offset; one past the end of the text is the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let (from, column) = match self.last.get() {
            (same, last, column) if same == start && last <= offset => (last, column),
            _ => (start, 1),
        };
        let between = String::from_utf8_lossy(&self.text.as_bytes()[from..offset]);
        // In the first column there is nothing yet, or nothing but such marks.
        let between = if column == 1 { between.trim_start_matches('\u{feff}') } else { &between };
        let column = column + between.chars().count();
        if self.text.is_char_boundary(offset) {
            self.last.set((start, offset, column));
        }
        Position { line, column }
    }
}

/// The first `most` of a list, and how many more there are.
#[must_use]
pub fn listed(all: &[impl std::borrow::Borrow<str>], most: usize) -> String {
    let shown = all.get(..most).unwrap_or(all).join(", ");
    match all.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown}, {more} more"),
    }
}

/// The first line of a text that git left behind in an unresolved merge, as a byte range without its end.
#[must_use]
pub fn conflict(text: &str) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            return Some(start..start + line.trim_end().len());
        }
        start += line.len();
    }
    None
}

/// A text with lines left out, doubled, put in, changed and moved, for tests of what is read line by line.
#[cfg(test)]
pub(crate) fn mangled(text: &str, edits: Vec<(usize, u8, String)>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (at, how, more) in edits {
        let at = at % lines.len();
        match how {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines.insert(at, more),
            3 => lines[at].push_str(&more),
            4 => lines[at] = lines[at].replace(['"', '\'', '0'], &more),
            _ => lines.swap(at, 0),
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, needle: &str, line: usize, column: usize) {
        let offset = text.find(needle).expect("the needle is in the text");
        assert_eq!(LineIndex::new(text).position(offset), Position { line, column });
    }

    #[test]
    fn columns_count_characters() {
        check("a = \"ü\", b", "b", 1, 10);
        check("🦀🦀x", "x", 1, 3);
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        check("\u{feff}abc", "b", 1, 2);
    }

    #[test]
    fn carriage_returns_stay_on_their_line() {
        check("one\r\ntwo\r\nthree", "three", 3, 1);
        check("one\r\ntwo", "two", 2, 1);
    }

    #[test]
    fn positions_do_not_depend_on_what_was_asked_before() {
        let text = "\u{feff}aü🦀\r\n\u{feff}\u{feff}日本\n\nx";
        let index = LineIndex::new(text);
        for first in 0..=text.len() {
            for second in 0..=text.len() {
                let _ = index.position(first);
                assert_eq!(index.position(second), LineIndex::new(text).position(second), "{first} {second}");
            }
        }
    }

    #[test]
    fn the_end_of_the_text_has_a_position() {
        assert_eq!(LineIndex::new("a\n").position(2), Position { line: 2, column: 1 });
        assert_eq!(LineIndex::new("").position(99), Position { line: 1, column: 1 });
    }
}
