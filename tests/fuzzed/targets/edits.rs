//! Edits of any text: refused, or every byte outside of their spans stays.

use cargo_pinned::edit::{self, Edit};
use cargo_pinned::text::{FileId, LineIndex, Span};

/// How many bytes one edit takes: where it begins, how long it is, which replacement.
const EDIT: usize = 3;

/// What edits put in.
const REPLACEMENTS: [&str; 6] = ["", "=1.0.0", "\n", "é", "🦀 ", "\"a\", "];

/// The first byte says how many edits there are, which follow; the rest is the text that they are of.
pub(super) fn apply(data: &[u8]) {
    let Some((&count, rest)) = data.split_first() else { return };
    let (edits, text) = rest.split_at((usize::from(count % 8) * EDIT).min(rest.len()));
    let text = String::from_utf8_lossy(text);
    let edits: Vec<Edit> = edits.chunks_exact(EDIT).map(edit).collect();
    match edit::apply(&text, &edits) {
        Ok(after) => {
            whole(&text, &edits, &after);
            let mut back = edits.clone();
            back.reverse();
            assert_eq!(edit::apply(&text, &back).as_ref(), Ok(&after), "their order plays no part");
        }
        Err(refused) => assert!(edits.contains(refused) && is_wrong(&text, &edits), "{refused:?} of {text:?}"),
    }
    lines(&text, &edits);
}

fn edit(bytes: &[u8]) -> Edit {
    let start = usize::from(bytes[0]);
    // Spans that end before they begin are nothing that a caller makes, and must not bring anything down either.
    let end = (start + usize::from(bytes[1])).saturating_sub(4);
    let replacement = REPLACEMENTS[usize::from(bytes[2]) % REPLACEMENTS.len()].to_owned();
    Edit { span: Span::new(FileId(0), start..end), replacement }
}

/// Holds that the text is the old one with the replacements in the place of the spans.
fn whole(text: &str, edits: &[Edit], after: &str) {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span, &edit.replacement));
    sorted.dedup();
    let (mut at, mut rest) = (0, after);
    for edit in sorted {
        let range = edit.span.range();
        rest = rest.strip_prefix(&text[at..range.start]).expect("what is between edits stays");
        rest = rest.strip_prefix(edit.replacement.as_str()).expect("what is put in is there");
        at = range.end;
    }
    assert_eq!(rest, &text[at..], "what is behind all edits stays");
}

/// Whether edits overlap, or one is no range of the text.
fn is_wrong(text: &str, edits: &[Edit]) -> bool {
    let is_none = |edit: &Edit| text.get(edit.span.range()).is_none();
    let overlap = |a: &Edit, b: &Edit| a != b && a.span.start < b.span.end && b.span.start < a.span.end;
    edits.iter().any(is_none) || edits.iter().any(|a| edits.iter().any(|b| overlap(a, b)))
}

/// Holds that a place has a line and a column, whatever was asked for before.
fn lines(text: &str, edits: &[Edit]) {
    let index = LineIndex::new(text);
    for offset in edits.iter().flat_map(|edit| [edit.span.start as usize, edit.span.end as usize]) {
        assert_eq!(index.position(offset), LineIndex::new(text).position(offset));
    }
}
