//! A script inside a file: its text, and where in the file each part of it stands.
//!
//! A `run:` block of a workflow loses its indentation, and a `RUN` line of a Dockerfile its continuations, before a shell
//! sees them. What is found in such a text has to be shown, and edited, where it is written.

use std::ops::Range;

use crate::text::{FileId, Span};

/// A text made of parts of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    file: FileId,
    text: String,
    parts: Vec<Part>,
}

/// Where a part of the text begins, and where that is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    at: usize,
    source: usize,
}

impl Script {
    /// An empty text.
    #[must_use]
    pub fn new(file: FileId) -> Self {
        Self { file, text: String::new(), parts: Vec::new() }
    }

    /// A whole file, or what of it begins at the offset `source`.
    #[must_use]
    pub fn whole(file: FileId, text: &str, source: usize) -> Self {
        let mut script = Self::new(file);
        script.push_lines(text, source);
        script
    }

    /// Adds what is written in the file at the offset `source`, byte for byte.
    pub fn push(&mut self, text: &str, source: usize) {
        let joins =
            self.parts.last().is_some_and(|last| source.checked_sub(last.source) == Some(self.text.len() - last.at));
        if !joins {
            self.parts.push(Part { at: self.text.len(), source });
        }
        self.text.push_str(text);
    }

    /// Adds lines of the file that begin at the offset `source`, each with the end that a shell wants: what was checked out on
    /// Windows runs there, and in a repository it has no carriage returns.
    pub fn push_lines(&mut self, text: &str, source: usize) {
        let mut at = source;
        for line in text.split_inclusive("\r\n") {
            match line.strip_suffix("\r\n") {
                Some(content) => {
                    self.push(content, at);
                    self.push("\n", at + content.len() + 1);
                }
                None => self.push(line, at),
            }
            at += line.len();
        }
    }

    /// Adds a range of another text of the same file.
    pub fn take(&mut self, other: &Self, range: Range<usize>) {
        let first = other.parts.partition_point(|part| part.at <= range.start).saturating_sub(1);
        for (nth, part) in other.parts.iter().enumerate().skip(first) {
            let next = other.parts.get(nth + 1).map_or(other.text.len(), |part| part.at);
            let (start, end) = (part.at.max(range.start), next.min(range.end));
            if start >= range.end {
                return;
            }
            if let Some(text) = other.text.get(start..end) {
                self.push(text, part.source + (start - part.at));
            }
        }
    }

    /// Another text of the same length in its place.
    #[must_use]
    pub fn replaced(&self, text: String) -> Self {
        debug_assert_eq!(text.len(), self.text.len(), "everything stays where it is");
        Self { text, ..self.clone() }
    }

    /// The file that it is of.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a range of the text stands in the file: from its first byte to its last, with what the file has in between.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.source(range.start);
        let end = if range.is_empty() { start } else { self.source(range.end - 1) + 1 };
        Span::new(self.file, start..end.max(start))
    }

    /// Whether a range of the text is written in the file in one piece, so that it can be edited there.
    #[must_use]
    pub fn is_verbatim(&self, range: &Range<usize>) -> bool {
        let span = self.span(range.clone()).range();
        span.len() == range.len()
    }

    fn source(&self, at: usize) -> usize {
        let part = self.parts.partition_point(|part| part.at <= at).checked_sub(1).and_then(|n| self.parts.get(n));
        part.map_or(0, |part| part.source + (at - part.at))
    }
}

/// Whether a command line, such as `shell:` or a `#!`, starts a shell whose scripts are read. PowerShell's are: what installs and
/// builds is written there as in `sh`.
pub(super) fn is_shell(command: &str) -> bool {
    let name = |word: &str| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
        name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
    };
    let known = ["bash", "sh", "ash", "zsh", "dash", "ksh", "pwsh", "powershell", "wsl-bash", "msys2"];
    command.split_whitespace().any(|word| known.contains(&name(word).as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_sees_no_carriage_returns() {
        let file = "é a\r\nb\\\r\n c\rd\r\n";
        let script = Script::whole(FileId(0), file, 0);
        assert_eq!(script.text(), "é a\nb\\\n c\rd\n");
        let at = |text: &str| {
            &file[script.span(script.text().find(text).map(|at| at..at + text.len()).expect("there")).range()]
        };
        assert_eq!((at("a"), at("b\\"), at("c\rd"), at("a\nb")), ("a", "b\\", "c\rd", "a\r\nb"));
    }

    #[test]
    fn a_place_in_the_text_is_one_in_the_file() {
        let file = "run: |\n    cargo b\\\n      --locked\n";
        let mut script = Script::new(FileId(7));
        script.push("cargo b", 11);
        script.push("  --locked\n", 24);
        assert_eq!(script.text(), "cargo b  --locked\n");
        let at = |range: Range<usize>| &file[script.span(range).range()];
        assert_eq!((at(0..5), at(9..17)), ("cargo", "--locked"));
        assert!(script.is_verbatim(&(0..7)) && !script.is_verbatim(&(0..17)));
        assert_eq!(script.span(9..9).range(), 26..26);
        let mut inner = Script::new(FileId(7));
        inner.take(&script, 6..17);
        assert_eq!(inner.text(), "b  --locked");
        assert_eq!((inner.span(0..1), inner.span(3..11)), (script.span(6..7), script.span(9..17)));
    }
}
