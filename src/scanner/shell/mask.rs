//! What is done to a script before it is parsed: nothing moves, every byte stays where it is.
//!
//! An expression of a workflow (`${{ … }}`) is no shell, and what it comes to is not known here. The parser takes care of deep
//! nesting itself, but looks for the end of some constructs again and again where there is none: of those only so many are
//! left in a script, far more than any that was written to be run has.

use std::borrow::Cow;

/// Stands for text that is not known: a control character that the shell takes as part of a word.
pub(super) const UNKNOWN: char = '\u{1}';

/// Stands for the last letter of a keyword that is read as the name of a command, see [`keywords`].
pub(super) const KEYWORD: char = '\u{2}';

/// How many constructs that are not closed right where they are opened are left to the parser. Counted over 2,630 real
/// scripts, the most is 28.
const OPEN: usize = 40;

/// How many of them are parentheses, which the parser follows once more for each that is open around them.
const PARENTHESES: usize = 4;

/// How many of them on one line.
const OPEN_ON_LINE: usize = 6;

/// How many here-documents are left to it. What follows the last one is not read: the text of another is no script.
const DOCUMENTS: usize = 256;

/// Keywords that the parser follows without a limit, or looks behind to the end, and how often each may stand in a script.
/// Counted over the same scripts, the most is 7 of the first.
const KEYWORDS: [(&str, usize); 3] = [("time", 64), ("coproc", 64), ("case", 256)];

/// The beginnings of the words that a script must have one of to matter here.
const TOOLS: [&str; 14] =
    ["cargo", "rustup", "npm", "npx", "pnpm", "pnpx", "yarn", "bun", "pip", "uv", "poetry", "corepack", "curl", "wget"];

/// Those that begin too many other words.
const SHORT: [&str; 4] = ["go", "gem", "pdm", "cross"];

/// Whether a text names any command that is looked for.
pub(super) fn matters(text: &str) -> bool {
    let words = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    let names = |word: &[u8]| {
        word.len() > 1
            && (TOOLS.iter().any(|tool| word.starts_with(tool.as_bytes()))
                || SHORT.iter().any(|tool| word == tool.as_bytes()))
    };
    words.into_iter().any(names)
}

/// The text with what the parser must not see masked.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    let mut bytes = Cow::Borrowed(text.as_bytes());
    expressions(&mut bytes);
    openers(&mut bytes);
    keywords(&mut bytes);
    super::escapes::mask(&mut bytes);
    match bytes {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        // Whole characters were replaced, by ASCII.
        Cow::Owned(bytes) => String::from_utf8(bytes).map_or_else(|_| Cow::Owned(String::new()), Cow::Owned),
    }
}

/// Masks `${{ … }}`.
fn expressions(bytes: &mut Cow<'_, [u8]>) {
    let mut at = 0;
    while let Some(start) = memchr::memmem::find(&bytes[at..], b"${{").map(|start| at + start) {
        let Some(end) = memchr::memmem::find(&bytes[start..], b"}}").map(|end| start + end + 2) else { return };
        bytes.to_mut()[start..end].fill(UNKNOWN as u8);
        at = end;
    }
}

/// Masks what opens something that is not closed plainly on its line, beyond so many.
fn openers(bytes: &mut Cow<'_, [u8]>) {
    let (mut open, mut on_line, mut parentheses, mut documents) = (0, 0, 0, 0);
    for at in 0..bytes.len() {
        match bytes[at] {
            b'\n' => on_line = 0,
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                documents += 1;
                if documents > DOCUMENTS {
                    bytes.to_mut()[at..].fill(b'\n');
                    return;
                }
            }
            b'{' | b'(' | b'[' if opens(bytes, at) => {
                open += 1;
                on_line += 1;
                parentheses += usize::from(bytes[at] == b'(');
                let is_one_more = bytes[at] == b'(' && parentheses > PARENTHESES;
                if open > OPEN || on_line > OPEN_ON_LINE || is_one_more {
                    bytes.to_mut()[at] = UNKNOWN as u8;
                }
            }
            _ => {}
        }
    }
}

/// Whether the byte opens something whose end the parser looks for, and that does not end before anything else begins.
fn opens(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
    let after = bytes.get(at + 1).copied().unwrap_or(b'\n');
    let close = match bytes[at] {
        b'{' if before == b'$' || !after.is_ascii_whitespace() => b'}',
        b'(' if after == b'(' || matches!(before, b'?' | b'*' | b'@' | b'+' | b'!' | b'<' | b'>' | b'=') => b')',
        // Behind a word it may be a function's.
        b'(' if follows_word(&bytes[..at]) => b')',
        b'[' if before == b'$' || before.is_ascii_alphanumeric() || before == b'_' => b']',
        _ => return false,
    };
    // So short that looking is linear.
    let rest = bytes[at + 1..].iter().take(256);
    for &byte in rest {
        match byte {
            _ if byte == close => return false,
            b'\n' | b'\'' | b'"' | b'\\' | b'`' | b'{' | b'[' | b'<' => return true,
            b'(' if close != b')' => return true,
            _ => {}
        }
    }
    true
}

/// Whether a text ends with a word, and blanks after it.
fn follows_word(text: &[u8]) -> bool {
    let last = text.iter().rev().take(64).find(|byte| !matches!(byte, b' ' | b'\t'));
    last.is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == UNKNOWN as u8 || byte >= 0x80)
}

/// Makes keywords names of commands where there are so many that following each into the next would take all of the stack.
fn keywords(bytes: &mut Cow<'_, [u8]>) {
    for (keyword, most) in KEYWORDS {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let ends: Vec<usize> = memchr::memmem::find_iter(bytes, keyword)
            .filter(|&at| at == 0 || !is_part(bytes[at - 1]))
            .map(|at| at + keyword.len())
            .filter(|&end| bytes.get(end).is_none_or(|&byte| !is_part(byte)))
            .collect();
        if ends.len() > most {
            let bytes = bytes.to_mut();
            ends.into_iter().for_each(|end| bytes[end - 1] = KEYWORD as u8);
        }
    }
}
