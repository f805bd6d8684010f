//! One line of a file with a place in it, safe and short enough to be shown.
//!
//! Only what is near the place is looked at: many places in one long line take no longer than in many short ones.

use std::ops::Range;

use crate::reporter::terminal::is_unsafe;

/// How much of a line is shown, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Ahead of the place.
    pub(super) before: usize,
    /// Of the place itself.
    pub(super) within: usize,
    /// Behind the place.
    pub(super) after: usize,
}

/// A line, or as much of it as is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The text, without the end of the line.
    pub(super) line: String,
    /// The place in `line`.
    pub(super) span: Range<usize>,
    /// Whether the start of the line is missing.
    pub(super) is_cut: bool,
}

impl Excerpt {
    /// The line at `span`, which ends with its line; none where there is nothing to see.
    pub(super) fn new(text: &str, span: Range<usize>, limits: Limits) -> Option<Self> {
        let (ahead, place, behind) = (text.get(..span.start)?, text.get(span.clone())?, text.get(span.end..)?);
        let (mut line, is_cut) = before(ahead, limits.before);
        let start = line.len();
        let first = place.split('\n').next().unwrap_or_default();
        let ends = first.len() < place.len();
        line.push_str(&shown(&within(first.trim_end_matches('\r'), limits.within)));
        let end = line.len();
        if !ends {
            let rest: String = behind.chars().take_while(|&c| c != '\n').take(limits.after).collect();
            line.push_str(&shown(rest.trim_end_matches('\r')));
        }
        (!line.trim().is_empty()).then_some(Self { line, span: start..end, is_cut })
    }
}

/// What stands ahead of the place in its line, and whether it is cut.
fn before(text: &str, most: usize) -> (String, bool) {
    let mut ahead = text.chars().rev().take_while(|&c| c != '\n');
    let mut near: Vec<char> = ahead.by_ref().take(most).collect();
    let is_cut = ahead.next().is_some();
    if is_cut {
        near.pop();
        near.push('…');
    }
    let near: String = near.into_iter().rev().collect();
    // A byte-order mark is no column.
    (shown(near.trim_start_matches('\u{feff}')), is_cut)
}

/// A text cut in the middle.
fn within(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let tail = most / 3;
    let mut end: Vec<char> = text.chars().rev().take(tail).collect();
    end.reverse();
    text.chars().take(most.saturating_sub(tail + 1)).chain(['…']).chain(end).collect()
}

/// Each character that a terminal must not get, by another one: columns stay what they are.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => c,
            '\0'..='\u{1f}' => char::from_u32(u32::from(c) + 0x2400).unwrap_or('�'),
            '\u{7f}' => '␡',
            c if is_unsafe(c) => '�',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { before: 8, within: 6, after: 4 };

    #[track_caller]
    fn check(text: &str, place: &str, expected: &str, underlined: &str) {
        let start = text.find(place).expect("the place is in the text");
        let excerpt = Excerpt::new(text, start..start + place.len(), LIMITS).expect("there is something to see");
        assert_eq!((excerpt.line.as_str(), &excerpt.line[excerpt.span.clone()]), (expected, underlined));
    }

    #[test]
    fn a_place_is_shown_in_its_line() {
        check("x\na = \"1\"\r\ny", "1", "a = \"1\"", "1");
        check("\u{feff}a = 1", "1", "a = 1", "1");
        check("a = '''1\n2'''", "1\n2", "a = '''1", "1");
    }

    #[test]
    fn characters_take_the_column_of_what_they_stand_for() {
        check("\u{1b}\u{202e}\u{7f}\t1\u{9b}\0", "1", "␛�␡\t1�␀", "1");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        check("0123456789=abcdefghij;;;;;;", "abcdefghij", "…456789=abc…ij;;;;", "abc…ij");
    }

    #[test]
    fn there_may_be_nothing_to_see() {
        for (text, span) in [("", 0..0), ("a\n\nb", 2..2), ("ü", 1..1), ("a", 5..9)] {
            assert_eq!(Excerpt::new(text, span, LIMITS), None);
        }
    }
}
