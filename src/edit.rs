//! Changes to files, as data: what to put in place of which bytes.
//!
//! Nothing here decides what to change, or writes a file.

use crate::text::Span;

/// Puts `replacement` in place of the bytes under `span`; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

/// Edits with a title that says what they do together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// A short imperative: `pin to =1.0.228`.
    pub title: String,
    /// The changes, which belong together; the first is the one that mends what was found.
    pub edits: Vec<Edit>,
    /// The declarations that must be mended together with it or not at all, by their index in the scan.
    pub together: Vec<usize>,
}

/// Applies the edits of one file to its text; every other byte stays. An edit that is there twice is one, and the order in which
/// they come plays no part.
///
/// # Errors
/// The offending edit, where one overlaps another, ends outside the text or cuts a character in two.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Result<String, &'e Edit> {
    let mut edits: Vec<&Edit> = edits.into_iter().collect();
    edits.sort_by(|a, b| (a.span, &a.replacement).cmp(&(b.span, &b.replacement)));
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        let kept = text.get(at..range.start).ok_or(edit)?;
        text.get(range.clone()).ok_or(edit)?;
        out.push_str(kept);
        out.push_str(&edit.replacement);
        at = range.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FileId;

    fn edit(range: std::ops::Range<usize>, replacement: &str) -> Edit {
        Edit { span: Span::new(FileId(0), range), replacement: replacement.to_owned() }
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [edit(4..5, "=2"), edit(0..1, "z"), edit(5..5, "!")];
        assert_eq!(apply("a = 1;", &edits).as_deref(), Ok("z = =2!;"));
        let (one, other) = (edit(1..1, "x"), edit(1..1, "y"));
        let all = [&one, &other, &one];
        assert_eq!(apply("ab", all).as_deref(), Ok("axyb"));
        assert_eq!(apply("ab", [&other, &one]).as_deref(), Ok("axyb"));
    }

    #[test]
    fn what_overlaps_or_does_not_fit_is_refused() {
        assert!(apply("abcdef", &[edit(0..3, ""), edit(2..4, "")]).is_err());
        assert!(apply("abc", &[edit(2..9, "")]).is_err());
        assert!(apply("é", &[edit(1..2, "")]).is_err());
    }
}
