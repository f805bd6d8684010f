//! Text from a repository, made safe and short for a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The same of a text of several lines, which stay lines.
#[must_use]
pub fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// Shows control characters, and those that reorder or hide text, as escapes: a terminal never gets them raw.
#[must_use]
pub fn escape(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether every byte is one column of ASCII, as nearly all are.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether a terminal must not get a character raw: it controls, reorders, or shows as nothing. Emoji need U+FE0F and U+200D,
/// the second of which joins what looks like one character, and is escaped.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.width() }
}

/// At most `max` columns of a text, cut in the middle.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let keep = max.saturating_sub(1);
    let tail = keep / 2;
    let head = keep - tail;
    let take = |chars: &mut dyn Iterator<Item = char>, columns: usize| {
        let mut taken = Vec::new();
        let mut used = 0;
        for c in chars {
            used += c.width().unwrap_or(0);
            if used > columns {
                break;
            }
            taken.push(c);
        }
        taken
    };
    let mut out: String = take(&mut text.chars(), head).into_iter().collect();
    out.push('…');
    out.extend(take(&mut text.chars().rev(), tail).into_iter().rev());
    out
}

/// A sentence made safe, with no word and no more of it than fits a paragraph.
pub(super) fn brief(text: &str) -> String {
    let words: Vec<String> = escape(text).split(' ').map(|word| shorten(word, 160)).collect();
    shorten(&words.join(" "), 1000)
}

/// A text broken between words where it needs more than `columns`: `used` are taken of the first line, and each other one begins
/// with `indent` blanks. A word that no line has room for is cut in the middle.
pub(super) fn wrap(text: &str, used: usize, indent: usize, columns: usize) -> String {
    let room = columns.saturating_sub(indent).max(8);
    let (mut out, mut at, mut is_first) = (String::with_capacity(text.len()), used, true);
    for word in text.split(' ') {
        let word = shorten(word, room);
        let blank = usize::from(!is_first);
        if at + blank + width(&word) > columns && at > indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            at = indent;
        } else if !is_first {
            out.push(' ');
            at += 1;
        }
        at += width(&word);
        out.push_str(&word);
        is_first = false;
    }
    out
}

/// A summary: its head, which stands out, and the rest.
pub(super) fn summary(head: &str, style: Style, rest: &str, columns: usize) -> String {
    let head = wrap(head, 0, 2, columns);
    let used = head.lines().next_back().map_or(0, width);
    format!("{style}{head}{style:#}{}", wrap(rest, used, 2, columns))
}

/// Pads a text with blanks to a number of columns.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    let mut out = String::with_capacity(text.len() + blanks);
    out.push_str(text);
    out.extend(std::iter::repeat_n(' ', blanks));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\u{1b}[31mb\u{202e}c\u{7f}"), "a\\u{1b}[31mb\\u{202e}c\\u{7f}");
        assert_eq!(escape("schön 🦀"), "schön 🦀");
    }

    #[test]
    fn what_reorders_or_hides_text_is_escaped() {
        for c in ['\u{61c}', '\u{200f}', '\u{2067}', '\u{ad}', '\u{180e}', '\u{3164}', '\u{fff9}', '\u{e0100}'] {
            assert_eq!(escape(&format!("a{c}b")), format!("a\\u{{{:x}}}b", u32::from(c)));
        }
        assert_eq!(escape("⚠\u{fe0f} ﬁ 한글"), "⚠\u{fe0f} ﬁ 한글");
    }

    #[test]
    fn text_is_broken_between_words() {
        assert_eq!(wrap("one two three", 0, 2, 8), "one two\n  three");
        assert_eq!(wrap("one two", 6, 2, 8), "\n  one\n  two");
        assert_eq!(wrap("12345678901 xy", 0, 2, 10), "1234…901\n  xy");
        let text = "a bb ccc dddd eeeee ffffff ggggggg hhhhhhhh";
        for columns in 12..60 {
            for used in 0..columns {
                let wrapped = wrap(text, used, 4, columns);
                let lines = wrapped.lines().enumerate();
                for (at, line) in lines {
                    assert!(width(line) + if at == 0 { used } else { 0 } <= columns, "{columns} {used}: {wrapped}");
                }
                assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>().join(" "), text);
            }
        }
    }

    #[test]
    fn long_text_is_cut_in_the_middle() {
        assert_eq!(shorten("abcdefghij", 5), "ab…ij");
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("日本語日本語", 7), "日…語");
        assert_eq!(pad("é", 3), "é  ");
    }
}
