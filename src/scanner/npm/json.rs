//! JSON as the package managers write and read it, with the span of the text between the quotes.
//!
//! Comments and trailing commas are read over, as Bun reads them. Of a key that is there twice the last counts, as it does
//! wherever JavaScript reads JSON.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::scanner::Problem;
use crate::text::{FileId, Span};

/// A string: its value, and the span of the text between its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// The value, escapes resolved.
    pub(super) value: String,
    /// The text between the quotes.
    pub(super) span: Span,
}

/// A piece of JSON in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'t> {
    file: FileId,
    text: &'t str,
    /// Where in the file the piece begins.
    offset: usize,
}

impl<'t> Document<'t> {
    /// A whole file, whose byte-order mark is none of it.
    pub(super) fn new(file: FileId, text: &'t str) -> Self {
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { file, text: bare, offset: text.len() - bare.len() }
    }

    /// A piece of a file that begins at an offset.
    pub(super) fn piece(file: FileId, text: &'t str, offset: usize) -> Self {
        Self { file, text, offset }
    }

    /// Parses the text.
    ///
    /// # Errors
    /// The first mistake, at its place; the markers of an unresolved merge are named as such.
    pub(super) fn parse(self) -> Result<Value<'t>, Problem> {
        let options = ParseOptions {
            allow_comments: true,
            allow_trailing_commas: true,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let wrong = |range: std::ops::Range<usize>, what: &str| {
            let problem = || Problem::new(self.span(range.start..range.end), format!("not valid JSON: {what}"));
            Problem::conflict(self.file, self.text, self.offset).unwrap_or_else(problem)
        };
        match parse_to_ast(self.text, &CollectOptions::default(), &options) {
            Ok(result) => result.value.ok_or_else(|| wrong(0..0, "there is nothing in it")),
            Err(error) => {
                let mut what = error.kind().to_string();
                what.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
                Err(wrong(error.range().start..error.range().end, &what))
            }
        }
    }

    /// The span of a range of the piece.
    pub(super) fn span(self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start + self.offset..range.end + self.offset)
    }

    /// A string, with the span between its quotes.
    pub(super) fn text(self, literal: &StringLit<'_>) -> Text {
        let range = literal.range;
        Text { value: literal.value.to_string(), span: self.span(range.start + 1..range.end.max(range.start + 2) - 1) }
    }
}

/// The entries of an object, in their order; of those with one key, the last.
pub(super) fn entries<'v, 't>(object: &'v Object<'t>) -> Vec<(&'v str, &'v Value<'t>)> {
    let entries: Vec<(&str, &Value<'_>)> =
        object.properties.iter().map(|property| (property.name.as_str(), &property.value)).collect();
    let last: HashMap<&str, usize> = entries.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    if last.len() == entries.len() {
        return entries;
    }
    entries.into_iter().enumerate().filter(|(at, (key, _))| last.get(key) == Some(at)).map(|(_, entry)| entry).collect()
}

/// The value of a key.
pub(super) fn get<'v, 't>(object: &'v Object<'t>, key: &str) -> Option<&'v Value<'t>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == key).map(|property| &property.value)
}

/// The object under a key.
pub(super) fn object<'v, 't>(object: &'v Object<'t>, key: &str) -> Option<&'v Object<'t>> {
    get(object, key)?.as_object()
}

/// The string under a key.
pub(super) fn string(object: &Object<'_>, key: &str) -> Option<String> {
    Some(get(object, key)?.as_string_lit()?.value.to_string())
}

/// The strings of an array; what else is in it is left out.
pub(super) fn strings(value: &Value<'_>) -> Vec<String> {
    let items = value.as_array().map(|array| array.elements.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| Some(item.as_string_lit()?.value.to_string())).collect()
}
