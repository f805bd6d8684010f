//! Where each part of a scalar's text stands in the file.
//!
//! The parser gives a scalar's value and its place, and not what indentation, folding and escapes took from between. Here the
//! value is laid against the lines that it was made of: what cannot be found there is said to be where the scalar begins.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use crate::scanner::script::Script;
use crate::text::FileId;

/// The text of a scalar that the parser saw in a range of the file; `is_marked`, where an anchor or a tag precedes it.
pub(super) fn script(
    file: FileId,
    text: &str,
    range: Range<usize>,
    value: &str,
    style: ScalarStyle,
    is_marked: bool,
) -> Script {
    let mut start = range.start;
    if is_marked {
        start = behind_marks(text, start);
    }
    let mut walk = Walk { value, at: 0, script: Script::new(file) };
    match style {
        ScalarStyle::Plain => walk.flow(text, start, range.end, Quote::None),
        ScalarStyle::SingleQuoted => walk.flow(text, start + 1, range.end, Quote::Single),
        ScalarStyle::DoubleQuoted => walk.flow(text, start + 1, range.end, Quote::Double),
        ScalarStyle::Literal => walk.literal(text, first_line(text, start, value, is_marked)),
        ScalarStyle::Folded => walk.folded(text, first_line(text, start, value, is_marked)),
    };
    let rest = value.len() - walk.script.text().len();
    // A text that ends with its file may lack the line break that the parser adds.
    let is_whole = rest == 0 || (rest == 1 && value.ends_with('\n'));
    if is_whole && value.starts_with(walk.script.text()) {
        return walk.script;
    }
    let mut script = Script::new(file);
    let start = start.min(text.len().saturating_sub(1));
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    // A character of the value is as long as the one that it is said to be at: a place never cuts one in two.
    value.char_indices().filter(|(_, c)| c.len_utf8() == width).for_each(|(at, c)| {
        script.push(&value[at..at + c.len_utf8()], start);
    });
    script
}

/// The offset behind anchor and tag, and the comments that follow them.
fn behind_marks(text: &str, mut start: usize) -> usize {
    let mut is_behind = false;
    loop {
        let rest = text.get(start..).unwrap_or_default();
        let length = match rest.as_bytes().first() {
            Some(b'!' | b'&') => rest.find(|c: char| c.is_ascii_whitespace()),
            Some(b'#') if is_behind => rest.find('\n'),
            _ => return start,
        };
        let (_, behind) = rest.split_at(length.unwrap_or(rest.len()));
        start = text.len() - behind.trim_start_matches([' ', '\t', '\r', '\n']).len();
        is_behind = true;
    }
}

/// Where the first line of a block scalar starts, which the parser puts at its first character, or at what precedes it.
fn first_line(text: &str, start: usize, value: &str, is_marked: bool) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let is_blank = value.bytes().all(|byte| byte == b'\n');
    if (is_marked || is_blank) && rest.starts_with(['|', '>']) {
        return start + rest.find('\n').map_or(rest.len(), |at| at + 1);
    }
    let before = text.get(..start).unwrap_or_default();
    let mut line = before.rfind('\n').map_or(0, |at| at + 1);
    for _ in value.bytes().take_while(|&byte| byte == b'\n') {
        let above = text[..line].trim_end_matches('\n').len().max(line.saturating_sub(1));
        let previous = text[..above].rfind('\n').map_or(0, |at| at + 1);
        if !text[previous..line].trim().is_empty() {
            break;
        }
        line = previous;
    }
    line
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

/// A value while it is laid against the file.
struct Walk<'v> {
    value: &'v str,
    at: usize,
    script: Script,
}

impl<'v> Walk<'v> {
    fn rest(&self) -> &'v str {
        &self.value[self.at..]
    }

    /// Takes a piece of the value that the file has at an offset; whether it is there.
    fn take(&mut self, piece: &str, source: usize) -> bool {
        if !self.value[self.at..].starts_with(piece) {
            return false;
        }
        self.script.push(piece, source);
        self.at += piece.len();
        true
    }

    /// Takes the line breaks, or the one space, that the end of a line became.
    fn fold(&mut self, source: usize) {
        let from = self.at;
        while self.rest().starts_with('\n') {
            self.take("\n", source);
        }
        if self.at == from {
            self.take(" ", source);
        }
    }

    /// The lines of a literal block: each without its indentation.
    fn literal(&mut self, text: &str, start: usize) -> bool {
        let mut at = start;
        for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
            if self.rest().is_empty() {
                return true;
            }
            let content = line.trim_end_matches(['\n', '\r']);
            let wanted = self.rest().split('\n').next().unwrap_or_default();
            let Some(indent) = content.strip_suffix(wanted) else { return false };
            if !indent.bytes().all(|byte| byte == b' ') {
                return false;
            }
            self.take(wanted, at + indent.len());
            if line.ends_with('\n') {
                self.take("\n", at + line.len() - 1);
            }
            at += line.len();
        }
        true
    }

    /// The lines of a folded block: without their indentation, a line break between two of them is a space.
    fn folded(&mut self, text: &str, start: usize) -> bool {
        let (mut at, mut indent) = (start, None);
        for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
            if self.rest().is_empty() {
                return true;
            }
            let content = line.trim_end_matches(['\n', '\r']);
            let lead = content.len() - content.trim_start_matches(' ').len();
            let width = match indent {
                Some(indent) => lead.min(indent),
                None if lead == content.len() => {
                    // Blank lines before the first one; with an indicator of indentation, blanks can be what a line says.
                    let said = self.rest().split('\n').next().unwrap_or_default();
                    if said.bytes().all(|byte| byte == b' ') && content.ends_with(said) {
                        self.take(said, at + content.len() - said.len());
                    }
                    if line.ends_with('\n') {
                        self.take("\n", at + line.len() - 1);
                    }
                    lead
                }
                None => {
                    let own = self.rest().len() - self.rest().trim_start_matches(' ').len();
                    *indent.insert(lead.saturating_sub(own))
                }
            };
            let content = &content[width..];
            if !content.is_empty() {
                if !self.take(content, at + width) {
                    return false;
                }
                if line.ends_with('\n') {
                    self.fold(at + line.len() - 1);
                }
            }
            at += line.len();
        }
        true
    }

    /// The lines of a plain or quoted scalar: blanks around a line break go with it.
    fn flow(&mut self, text: &str, start: usize, end: usize, quote: Quote) -> bool {
        let mut at = start;
        let raw = text.get(start..end).unwrap_or_default();
        // Most are one line, just as written.
        if raw.starts_with(self.value) && quote != Quote::Single && !self.value.contains('\\') {
            return self.take(self.value, start);
        }
        let blank = [' ', '\t', '\r', '\n'];
        let mut was_escaped = false;
        for (number, line) in raw.split_inclusive('\n').enumerate() {
            let inner = if number > 0 { line.trim_start_matches([' ', '\t']) } else { line };
            let from = at + (line.len() - inner.len());
            let content = if line.ends_with('\n') { inner.trim_end_matches(blank) } else { inner };
            let is_escaped = quote == Quote::Double && ends_escaped(content);
            // A blank before an escaped line break is part of the value.
            if !self.pieces(content, from, quote) {
                return false;
            }
            if self.rest().is_empty() {
                return true;
            }
            let is_blank = number > 0 && content.is_empty();
            match (is_escaped, is_blank) {
                _ if !line.ends_with('\n') => {}
                // Of an escaped line break, only the blank lines behind it are left.
                (false, true) if was_escaped => {
                    self.take("\n", at + line.len() - 1);
                }
                (false, false) => {
                    let behind = text.get(at + line.len()..end).unwrap_or_default().split_inclusive('\n');
                    let blanks = behind.take_while(|line| line.ends_with('\n') && line.trim_matches(blank).is_empty());
                    match blanks.count() {
                        0 => self.take(" ", at + line.len() - 1),
                        blanks => (0..blanks).all(|_| self.take("\n", at + line.len() - 1)),
                    };
                }
                _ => {}
            }
            was_escaped = is_escaped || was_escaped && is_blank;
            at += line.len();
        }
        true
    }

    /// What stands on one line, its escapes resolved.
    fn pieces(&mut self, content: &str, source: usize, quote: Quote) -> bool {
        let mut at = 0;
        while at < content.len() && !self.rest().is_empty() {
            let rest = &content[at..];
            let plain = match quote {
                Quote::None => rest.len(),
                Quote::Single => rest.find('\'').unwrap_or(rest.len()),
                Quote::Double => rest.find(['\\', '"']).unwrap_or(rest.len()),
            };
            // Blanks behind a closing quote, and a comment, are no part of it.
            let plain = if self.rest().len() < plain { self.rest().len() } else { plain };
            let Some(piece) = rest.get(..plain) else { return false };
            if !self.take(piece, source + at) {
                return false;
            }
            at += plain;
            let rest = &content[at..];
            let skipped = match (quote, rest.as_bytes()) {
                (Quote::Single, [b'\'', b'\'', ..]) => {
                    if !self.take("'", source + at) {
                        return false;
                    }
                    2
                }
                (Quote::Double, [b'\\', escape, ..]) => {
                    let width = self.rest().chars().next().map_or(0, char::len_utf8);
                    let char = &self.rest()[..width];
                    let length = 2 + match escape {
                        b'x' => 2,
                        b'u' => 4,
                        b'U' => 8,
                        _ => 0,
                    };
                    // The place of what an escape stands for must be as long as that: no escape is shorter than two bytes.
                    if rest.len() < length || width > length || !self.take(char, source + at) {
                        return false;
                    }
                    length
                }
                _ => return true,
            };
            at += skipped;
        }
        true
    }
}

/// Whether a line ends in a backslash that escapes its line break.
fn ends_escaped(content: &str) -> bool {
    content.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}
