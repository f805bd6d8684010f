//! Whether a page can load anything from elsewhere, told by a glance: generated documentation has thousands of pages, and what
//! they load is beside them. The tokenizer is for those that may hold more.
//!
//! A glance takes everything for a tag that looks like one, in comments and strings too, so that it can find too much, and not
//! too little.

use memchr::{memchr, memchr_iter, memchr2, memmem};

/// Whether a page may load something from elsewhere.
pub(super) fn may_load(page: &[u8]) -> bool {
    // A page made to have each glance begin where the last one ended is read.
    let mut left = page.len().saturating_mul(2);
    for at in memchr_iter(b'<', page) {
        let rest = &page[at + 1..];
        let is_script = starts(rest, b"script");
        if !is_script && !starts(rest, b"link") {
            continue;
        }
        let tag = &rest[..end_of_tag(rest)];
        let body = if is_script { content(&rest[tag.len()..]) } else { &[] };
        if has_host(tag) || is_module(tag, body) {
            return true;
        }
        match left.checked_sub(tag.len() + body.len()) {
            Some(less) => left = less,
            None => return true,
        }
    }
    false
}

fn starts(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether there is what stands between a scheme and a host, or an escape that it can hide behind.
fn has_host(text: &[u8]) -> bool {
    memchr2(b'\\', b'&', text).is_some() || memmem::find(text, b"//").is_some()
}

/// Whether a script may name modules that are elsewhere: by an import map, or by importing them.
fn is_module(tag: &[u8], body: &[u8]) -> bool {
    let has = |word: &[u8]| memmem::find(body, word).is_some();
    // In a comment of old pages, the end of a script is none.
    has(b"<!--")
        || (has_host(body) && (has(b"import") || has(b"from") || tag.windows(9).any(|word| starts(word, b"importmap"))))
}

/// The text of a script.
fn content(rest: &[u8]) -> &[u8] {
    let end = memchr_iter(b'<', rest).find(|at| starts(&rest[at + 1..], b"/script"));
    &rest[..end.unwrap_or(rest.len())]
}

/// Where the tag ends whose name a text begins with: at a `>` that is in no quotes, as the standard has it.
fn end_of_tag(text: &[u8]) -> usize {
    let skip = |from: usize, is_part: fn(u8) -> bool| {
        text[from..].iter().position(|byte| !is_part(*byte)).map_or(text.len(), |length| from + length)
    };
    let mut at = skip(0, |byte| byte.is_ascii_alphabetic());
    loop {
        at = skip(at, |byte| is_blank(byte) || byte == b'/');
        match text.get(at) {
            None | Some(b'>') => return at,
            Some(_) => {}
        }
        // A name may begin with `=`.
        at = skip(at + 1, |byte| !is_blank(byte) && !matches!(byte, b'/' | b'>' | b'='));
        let equals = skip(at, is_blank);
        if text.get(equals) != Some(&b'=') {
            continue;
        }
        at = skip(equals + 1, is_blank);
        at = match text.get(at) {
            Some(quote @ (b'"' | b'\'')) => memchr(*quote, &text[at + 1..]).map_or(text.len(), |end| at + 1 + end + 1),
            _ => skip(at, |byte| !is_blank(byte) && byte != b'>'),
        };
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}
