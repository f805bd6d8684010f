//! TOML with the spans of the exact text to change.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::scanner::Problem;
use crate::text::{FileId, Span};

/// A string in a document: its value, and the span of the text between its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The value, escapes resolved.
    pub value: String,
    /// The text between the quotes.
    pub span: Span,
}

/// A TOML file while it is read.
#[derive(Debug, Clone, Copy)]
pub struct Document<'t> {
    /// The file.
    pub file: FileId,
    /// Its whole text.
    pub text: &'t str,
}

/// A table, as read.
pub type Table<'t> = DeTable<'t>;

impl<'t> Document<'t> {
    /// A file's whole text.
    #[must_use]
    pub fn new(file: FileId, text: &'t str) -> Self {
        Self { file, text }
    }

    /// Parses the text.
    ///
    /// # Errors
    /// The first mistake, at its place; the markers of an unresolved merge are named as such.
    pub fn parse(self) -> Result<Table<'t>, Problem> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(table.into_inner()),
            Err(error) => Err(Problem::conflict(self.file, self.text, 0).unwrap_or_else(|| {
                let at = error.span().unwrap_or(0..0);
                Problem::new(self.span(at), format!("not valid TOML: {}", error.message()))
            })),
        }
    }

    /// The span of a byte range.
    #[must_use]
    pub fn span(self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// A string value with the span between its quotes; none for values of another type.
    #[must_use]
    pub fn string(self, value: &Spanned<DeValue<'_>>) -> Option<Text> {
        let text = value.get_ref().as_str()?;
        Some(Text { value: text.to_owned(), span: self.between_quotes(value.span()) })
    }

    /// The string under `key`, if it is there and is one.
    #[must_use]
    pub fn get(self, table: &Table<'_>, key: &str) -> Option<Text> {
        self.string(table.get(key)?)
    }

    /// The strings of the array under `key`; members of another type are left out.
    #[must_use]
    pub fn strings(self, table: &Table<'_>, key: &str) -> Vec<Text> {
        let array = table.get(key).and_then(|value| value.get_ref().as_array());
        array.map(|array| array.iter().filter_map(|item| self.string(item)).collect()).unwrap_or_default()
    }

    /// What lies between the quotes of the string literal at `range`.
    fn between_quotes(self, range: std::ops::Range<usize>) -> Span {
        let literal = self.text.get(range.clone()).unwrap_or("");
        let width =
            if literal.len() >= 6 && (literal.starts_with("\"\"\"") || literal.starts_with("'''")) { 3 } else { 1 };
        if literal.len() < 2 * width {
            return self.span(range);
        }
        self.span(range.start + width..range.end - width)
    }
}

/// The table under `key`, if it is there and is one.
#[must_use]
pub fn table<'a, 't>(table: &'a Table<'t>, key: &str) -> Option<&'a Table<'t>> {
    table.get(key)?.get_ref().as_table()
}

/// Whether `key` holds `true`.
#[must_use]
pub fn flag(table: &Table<'_>, key: &str) -> bool {
    table.get(key).and_then(|value| value.get_ref().as_bool()) == Some(true)
}

/// A key as it stands in a TOML path: bare where it can be, else in single quotes.
#[must_use]
pub fn key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        key.to_owned()
    } else if key.contains('\'') || key.chars().any(|c| c.is_control() && c != '\t') {
        format!("{key:?}")
    } else {
        format!("'{key}'")
    }
}
