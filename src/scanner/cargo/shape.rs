//! What the values of a lockfile must be: cargo reads them into types of its own, and refuses the file where one is of another.
//!
//! Source: `TomlLockfile`, `TomlLockfilePatch` and `TomlLockfileDependency` in cargo's schemas.

use toml::Spanned;
use toml::de::DeValue;

use crate::scanner::Problem;
use crate::scanner::document::{Document, Table};

/// A key whose value cargo reads into a type of its own: whether a value has that type, and the type in words.
pub(super) type Shape = (&'static str, fn(&Spanned<DeValue<'_>>) -> bool, &'static str);

/// Those of the file.
pub(super) const OF_FILE: [Shape; 4] = [
    ("package", are_tables, "an array of tables"),
    ("root", is_table, "a table"),
    (
        "metadata",
        |value| value.get_ref().as_table().is_some_and(|table| table.values().all(is_string)),
        "a table of strings",
    ),
    (
        "patch",
        |value| value.get_ref().as_table().is_some_and(|table| table.contains_key("unused")),
        "a table with `unused`",
    ),
];

/// That of `[patch]`.
pub(super) const OF_PATCH: [Shape; 1] = [("unused", are_tables, "an array of tables")];

/// Those of a package, but for what it cannot be without.
pub(super) const OF_PACKAGE: [Shape; 4] = [
    ("source", is_string, "a string"),
    ("checksum", is_string, "a string"),
    ("replace", is_string, "a string"),
    (
        "dependencies",
        |value| value.get_ref().as_array().is_some_and(|array| array.iter().all(is_string)),
        "an array of strings",
    ),
];

fn is_string(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().is_str()
}

fn is_table(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().is_table()
}

fn are_tables(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().as_array().is_some_and(|array| array.iter().all(is_table))
}

/// The values of a table that are not what cargo reads there.
pub(super) fn problems(document: Document<'_>, table: &Table<'_>, shapes: &[Shape]) -> impl Iterator<Item = Problem> {
    shapes.iter().filter_map(move |(key, has_shape, shape)| {
        let value = table.get(*key).filter(|value| !has_shape(value))?;
        Some(Problem::new(document.span(value.span()), format!("`{key}` is not {shape}: cargo refuses it")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::lockfile;
    use crate::text::FileId;

    #[test]
    fn values_of_another_type_are_told_each_at_its_place() {
        let shown = |text: &str| -> Vec<String> {
            let problems = lockfile::read(FileId(0), text).problems;
            problems.iter().map(|one| format!("{}: {}", &text[one.span.range()], one.message)).collect()
        };
        assert_eq!(
            shown("package = 1\nroot = 2\nmetadata = { a = 3 }\npatch = 4\n"),
            [
                "1: `package` is not an array of tables: cargo refuses it",
                "2: `root` is not a table: cargo refuses it",
                "{ a = 3 }: `metadata` is not a table of strings: cargo refuses it",
                "4: `patch` is not a table with `unused`: cargo refuses it",
            ]
        );
        assert_eq!(
            shown(
                "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = 5\nchecksum = 6\nreplace = 7\ndependencies = [8]\n"
            ),
            [
                "5: `source` is not a string: cargo refuses it",
                "6: `checksum` is not a string: cargo refuses it",
                "7: `replace` is not a string: cargo refuses it",
                "[8]: `dependencies` is not an array of strings: cargo refuses it",
            ]
        );
        assert_eq!(shown("patch = { unused = 9 }"), ["9: `unused` is not an array of tables: cargo refuses it"]);
    }
}
