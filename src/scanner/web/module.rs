//! What modules and import maps inside a page name: strings at places where JavaScript and JSON have a URL.
//!
//! Only strings and comments are told from the rest, line by line as far as can be: what a regular expression does to that ends
//! with its line, and nothing that is missed there hides the next one.

use std::ops::Range;

/// A string of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// What it says.
    pub(super) value: String,
    /// The bytes between its quotes.
    pub(super) range: Range<usize>,
}

/// What an import map says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// What modules are taken from.
    pub(super) urls: Vec<Text>,
    /// The URLs that it has a hash of.
    pub(super) hashed: Vec<String>,
}

/// What a script imports: `import … from "…"`, `export … from "…"`, `import "…"` and `import("…")`.
pub(super) fn imports(script: &str) -> Vec<Text> {
    if memchr::memmem::find(script.as_bytes(), b"import")
        .or_else(|| memchr::memmem::find(script.as_bytes(), b"from"))
        .is_none()
    {
        return Vec::new();
    }
    let named = Strings::new(script).filter(|range| is_imported(&script[..range.start - 1]));
    named.map(|range| Text { value: script[range.clone()].to_owned(), range }).collect()
}

/// What an import map names: the values of all its keys, but for hashes.
pub(super) fn map(json: &str) -> Map {
    let mut map = Map::default();
    let mut key = None;
    for range in Strings::new(json) {
        let value = unescaped(&json[range.start - 1..range.end + 1]).unwrap_or_else(|| json[range.clone()].to_owned());
        if !json[..range.start - 1].trim_end().ends_with(':') {
            key = Some(value);
        } else if value.split_ascii_whitespace().any(super::markup::is_hash) {
            map.hashed.extend(key.take());
        } else {
            map.urls.push(Text { value, range });
        }
    }
    map
}

/// A string of JSON, with its quotes, as what it says.
fn unescaped(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}

/// Whether what stands ahead of a string makes it the source of a module.
fn is_imported(before: &str) -> bool {
    /// How far a comment in the brackets reaches at most: hints for bundlers are short.
    const COMMENT: usize = 200;
    let is_word = |text: &str, word: &str| {
        let rest = text.strip_suffix(word);
        rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.')))
    };
    let mut text = before.trim_end();
    if let Some(comment) = text.strip_suffix("*/") {
        let near = comment.ceil_char_boundary(comment.len().saturating_sub(COMMENT));
        text = comment[near..].rfind("/*").map_or(text, |at| comment[..near + at].trim_end());
    }
    match text.strip_suffix('(') {
        Some(call) => is_word(call.trim_end(), "import"),
        None => is_word(text, "from") || is_word(text, "import"),
    }
}

/// The strings of a script, as the bytes between their quotes. A string that no quote ends ends with its line; a template is
/// one where a module is imported, and else not told from the code around it.
struct Strings<'s> {
    script: &'s str,
    at: usize,
    /// Whether no comment ends any more behind this place.
    no_end: bool,
}

impl<'s> Strings<'s> {
    fn new(script: &'s str) -> Self {
        Self { script, at: 0, no_end: false }
    }

    /// The end of a string that begins at a place; where it has none on its line, where the line ends.
    fn end(&self, start: usize, quote: u8) -> Result<usize, usize> {
        let bytes = self.script.as_bytes();
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' => return Err(at),
                _ if byte == quote => return Ok(at),
                _ => {}
            }
            at += 1;
        }
        Err(bytes.len())
    }

    /// Where a comment ends that begins at a place, if one does.
    fn comment(&mut self, at: usize) -> Option<usize> {
        let rest = &self.script.as_bytes()[at..];
        match rest.get(1) {
            Some(b'/') => Some(at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())),
            Some(b'*') if !self.no_end => {
                let end = memchr::memmem::find(&rest[2..], b"*/").map(|end| at + 2 + end + 2);
                self.no_end = end.is_none();
                end
            }
            _ => None,
        }
    }
}

impl Iterator for Strings<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.script.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let at = self.at;
            self.at += 1;
            match byte {
                b'/' => self.at = self.comment(at).unwrap_or(self.at),
                b'\'' | b'"' => match self.end(at + 1, byte) {
                    Ok(end) => {
                        self.at = end + 1;
                        return Some(at + 1..end);
                    }
                    Err(end) => self.at = end,
                },
                b'`' if is_imported(&self.script[..at]) => {
                    if let Ok(end) = self.end(at + 1, byte) {
                        self.at = end + 1;
                        return Some(at + 1..end);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
