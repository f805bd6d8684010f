//! One requirement as PEP 508 has it: `name[extra]>=1,<2 ; marker`, or `name @ URL`, with the places of its parts.
//!
//! Source: [dependency specifiers](https://packaging.python.org/en/latest/specifications/dependency-specifiers/). The frame is
//! read here because the places of its parts are wanted and its markers are not; the specifier in it is `pep440_rs`'s.

use std::ops::Range;

use super::specifier::BLANKS;
use super::{marker, reference, specifier};
use crate::scanner::dependency::{Dependency, Origin, Pin, PinSite, Surface};
use crate::text::{FileId, Span};

/// A requirement in its parts, as byte ranges of its text.
#[derive(Debug, PartialEq)]
pub(super) struct Requirement {
    /// The name.
    pub(super) name: Range<usize>,
    /// The specifier without blanks and parentheses around it; empty where it goes, if there is none.
    pub(super) specifier: Range<usize>,
    /// The URL in the place of a specifier.
    pub(super) url: Option<Range<usize>>,
}

/// Reads a requirement.
///
/// # Errors
/// Why it is none, as a lowercase fragment.
pub(super) fn parse(text: &str) -> Result<Requirement, String> {
    let start = text.len() - text.trim_start_matches(BLANKS).len();
    let name = start..start + name_length(&text[start..]);
    if name.is_empty() {
        return Err("it begins with no name".to_owned());
    }
    let after = extras(text, name.end)?;
    let rest = skip_blanks(text, after);
    if text[rest..].starts_with('@') {
        return with_url(text, name, rest + 1);
    }
    let end = text[rest..].find(';').map_or(text.len(), |at| rest + at);
    let inner = text[rest..end].trim_end_matches(BLANKS);
    let range = match inner.strip_prefix('(') {
        Some(_) => {
            let inside = inner[1..].strip_suffix(')').ok_or("its parenthesis is not closed")?;
            trimmed(inside, rest + 1)
        }
        None if inner.is_empty() => after..after,
        None => rest..rest + inner.len(),
    };
    specifier::pin(&text[range.clone()])?;
    marked(&text[end..])?;
    Ok(Requirement { name, specifier: range, url: None })
}

fn with_url(text: &str, name: Range<usize>, at: usize) -> Result<Requirement, String> {
    let start = skip_blanks(text, at);
    let end = text[start..].find(BLANKS).map_or(text.len(), |at| start + at);
    if start == end {
        return Err("no URL follows its `@`".to_owned());
    }
    let rest = text[end..].trim_start_matches(BLANKS);
    if !rest.is_empty() && !rest.starts_with(';') {
        return Err("something else than a marker follows its URL".to_owned());
    }
    marked(rest)?;
    Ok(Requirement { name, specifier: end..end, url: Some(start..end) })
}

/// Holds that what follows the specifier is nothing, or `;` and a marker.
fn marked(text: &str) -> Result<(), String> {
    match text.strip_prefix(';') {
        Some(text) if !marker::is_one(text) => Err(format!("`{}` is no environment marker", text.trim_matches(BLANKS))),
        _ => Ok(()),
    }
}

/// How long the name is that a text begins with.
pub(super) fn name_length(text: &str) -> usize {
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return 0;
    }
    let length = text.bytes().take_while(|byte| is_inside(byte)).count();
    // `foo-` and `foo.` are none; `foo_` is.
    if text[..length].ends_with(['-', '.']) { 0 } else { length }
}

/// Where the list of extras ends that may stand at a place; the place itself where none does.
fn extras(text: &str, at: usize) -> Result<usize, String> {
    let open = skip_blanks(text, at);
    if !text[open..].starts_with('[') {
        return Ok(at);
    }
    let close = text[open..].find(']').ok_or("its list of extras is not closed")?;
    let list = &text[open + 1..open + close];
    let is_name = |extra: &str| {
        name_length(extra.trim_matches(BLANKS)) == extra.trim_matches(BLANKS).len()
            && !extra.trim_matches(BLANKS).is_empty()
    };
    if !list.trim_matches(BLANKS).is_empty() && !list.split(',').all(is_name) {
        return Err(format!("`[{list}]` is no list of extras"));
    }
    Ok(open + close + 1)
}

fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(BLANKS).len()
}

fn trimmed(text: &str, at: usize) -> Range<usize> {
    let start = at + (text.len() - text.trim_start_matches(BLANKS).len());
    start..start + text.trim_matches(BLANKS).len()
}

/// A name as PEP 503 has it: in lower case, with one `-` for each run of `-`, `_` and `.`.
pub(super) fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// The declaration that a requirement is, which stands at an offset of the file at `place`, word for word.
///
/// # Errors
/// Why it is no requirement, as a lowercase fragment.
pub(super) fn declare(text: &str, file: FileId, offset: usize, place: &str) -> Result<Dependency, String> {
    let Requirement { name, specifier, url } = parse(text)?;
    let span = |range: Range<usize>| Span::new(file, offset + range.start..offset + range.end);
    let written = &text[name.clone()];
    if let Some(url) = url {
        return Ok(refer(&text[url.clone()], file, offset + url.start, place, written));
    }
    let own = &text[specifier.clone()];
    let near = if specifier.is_empty() { name.clone() } else { specifier.clone() };
    let mut dependency = Dependency::new(Surface::Python, written, specifier::pin(own)?, span(near));
    dependency.package = normalize(written);
    dependency.requirement = (!specifier.is_empty()).then(|| own.to_owned());
    let before = "==".to_owned();
    dependency.site = Some(PinSite { span: span(specifier), before, after: String::new(), comment: None });
    Ok(dependency)
}

/// The declaration that a URL, a repository or a path is, which stands at an offset of the file at `place`; `name` is what it
/// is known by, or else what the reference says or is.
pub(super) fn refer(text: &str, file: FileId, offset: usize, place: &str, name: &str) -> Dependency {
    let read = reference::read(text, place);
    let name = if name.is_empty() { read.name.as_deref().unwrap_or(text) } else { name };
    let pin = if text.contains("${") || text.contains("{{") { Pin::Unknown } else { read.pin };
    let span = Span::new(file, offset + read.place.start..offset + read.place.end);
    let mut dependency = Dependency::new(Surface::Python, name, pin, span);
    dependency.package = normalize(name);
    dependency.requirement = match &read.origin {
        Origin::Git { reference: None, .. } | Origin::Path { .. } => None,
        _ => Some(text[read.place].to_owned()),
    };
    dependency.origin = read.origin;
    dependency
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, specifier: &str) {
        let read = parse(text).expect(text);
        assert_eq!((&text[read.name], &text[read.specifier]), (name, specifier), "{text}");
    }

    #[test]
    fn the_parts_of_a_requirement() {
        check("requests", "requests", "");
        check(
            " requests [security , socks] >= 2.8.1, == 2.8.* ; python_version < '2.7'",
            "requests",
            ">= 2.8.1, == 2.8.*",
        );
        check("a.b_c ( >=1,<2 );os_name=='nt'", "a.b_c", ">=1,<2");
        check("a[]", "a", "");
        check("a ;os_name=='nt'", "a", "");
        assert_eq!(parse("a @ https://e.org/a.zip ; os_name=='nt'").map(|read| read.url), Ok(Some(4..23)));
    }

    #[test]
    fn where_none_is_a_pin_goes_behind_the_extras() {
        assert_eq!(parse("a [x]  ; os_name=='nt'").map(|read| read.specifier), Ok(5..5));
        assert_eq!(parse("a").map(|read| read.specifier), Ok(1..1));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "-a",
            "a-",
            "a b",
            "a[",
            "a[x",
            "a[x y]",
            "a (>=1",
            "a @ ",
            "a @ https://e.org x",
            "a;",
            "a; x",
            "a=1",
            "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalize("Foo._-Bar"), "foo-bar");
    }
}
