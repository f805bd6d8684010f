//! What is escaped within double quotes, ahead of a command between backticks.
//!
//! Where such quotes are a part of a word or the value of a variable, the parser (0.2.8) takes a backtick's place from a text
//! without these escapes, and the command from the script at that place: it reads another command, or cuts a character.

use std::borrow::Cow;

use super::mask::UNKNOWN;

/// Masks those escapes, so that all places are the script's own.
pub(super) fn mask(bytes: &mut Cow<'_, [u8]>) {
    if [b'`', b'"', b'\\'].iter().any(|&byte| memchr::memchr(byte, bytes).is_none()) {
        return;
    }
    let found = Quotes { bytes, at: 0, documents: Vec::new() }.find();
    for at in found {
        bytes.to_mut()[at..at + 2].fill(UNKNOWN as u8);
    }
}

/// A walk from quotes to quotes. What is nested in them is not told apart: of its quotes there is an even number.
struct Quotes<'b> {
    bytes: &'b [u8],
    at: usize,
    /// The delimiters of the here-documents that begin on the next line.
    documents: Vec<&'b [u8]>,
}

impl Quotes<'_> {
    /// Where something is escaped ahead of a backtick, in double quotes that a word goes on before or behind.
    fn find(mut self) -> Vec<usize> {
        let mut found = Vec::new();
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\'' if start > 0 && self.bytes[start - 1] == b'$' => self.dollar(),
                b'\'' => self.skip(b'\''),
                b'"' => found.extend(self.double(start)),
                b'#' if start == 0 || self.bytes[start - 1].is_ascii_whitespace() => {
                    self.skip(b'\n');
                    self.at -= 1;
                }
                b'<' if self.bytes[self.at..].starts_with(b"<") => self.document(),
                b'\n' => self.documents(),
                _ => {}
            }
        }
        found
    }

    /// Goes behind the next such byte, or beyond the end.
    fn skip(&mut self, end: u8) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(end, rest).map_or(rest.len() + 1, |end| end + 1);
    }

    /// Goes behind `$'…'`, in which a quote may be escaped.
    fn dollar(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'\'' {
                break;
            }
        }
    }

    /// Goes behind double quotes that open at `start`.
    fn double(&mut self, start: usize) -> Vec<usize> {
        let (mut escapes, mut ahead, mut is_command) = (Vec::new(), 0, false);
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => break,
                b'`' => {
                    is_command = !is_command;
                    ahead = escapes.len();
                }
                b'\\' => {
                    let escaped = self.bytes.get(self.at + 1);
                    if !is_command && escaped.is_some_and(|byte| b"\n\"`".contains(byte)) {
                        escapes.push(self.at);
                    }
                    self.at += 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        let before = start.checked_sub(1).and_then(|before| self.bytes.get(before));
        let is_part = [before, self.bytes.get(self.at)].into_iter().flatten().any(|byte| !b" \t\n;()".contains(byte));
        escapes.truncate(if is_part { ahead } else { 0 });
        escapes
    }

    /// Takes note of a here-document; of what follows the second `<` if it is none.
    fn document(&mut self) {
        self.at += 1;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let start = rest.iter().position(|byte| !b"- \t'\"\\".contains(byte)).unwrap_or(rest.len());
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let name = &rest[start..];
        let name = &name[..name.iter().position(|byte| !is_word(byte)).unwrap_or(name.len())];
        if rest.first() != Some(&b'<') && !name.is_empty() {
            self.documents.push(name);
            self.at += start + name.len() + usize::from(matches!(rest.get(start + name.len()), Some(b'\'' | b'"')));
        }
    }

    /// Goes behind the here-documents that begin here.
    fn documents(&mut self) {
        for name in std::mem::take(&mut self.documents) {
            while self.at < self.bytes.len() {
                let start = self.at;
                self.skip(b'\n');
                let line = &self.bytes[start..self.at.min(self.bytes.len())];
                if line.trim_ascii() == name {
                    break;
                }
            }
        }
    }
}
