//! Poetry's own tables in pyproject.toml: `[tool.poetry.dependencies]`, groups, and the old `dev-dependencies`.
//!
//! Source: Poetry's [dependency specification](https://python-poetry.org/docs/dependency-specification/).

use toml::Spanned;
use toml::de::DeValue;

use super::{entry, requirement, specifier};
use crate::scanner::Problem;
use crate::scanner::dependency::{Dependency, Pin, PinSite, Role, Surface};
use crate::scanner::document::{self, Document, Table, Text};
use crate::scanner::surfaces::Sheet;

/// Reads `[tool.poetry]` of the file at `place`.
pub(super) fn read(document: Document<'_>, place: &str, poetry: &Table<'_>, sheet: &mut Sheet) {
    let mut reader = Reader { document, place, sheet };
    reader.table(poetry, "dependencies", "tool.poetry.dependencies", Role::Normal);
    reader.table(poetry, "dev-dependencies", "tool.poetry.dev-dependencies", Role::Dev);
    for (name, group) in document::table(poetry, "group").into_iter().flatten() {
        if let Some(group) = group.get_ref().as_table() {
            let path = format!("tool.poetry.group.{}.dependencies", document::key(name.get_ref()));
            reader.table(group, "dependencies", &path, Role::Dev);
        }
    }
}

struct Reader<'r, 't> {
    document: Document<'t>,
    place: &'r str,
    sheet: &'r mut Sheet,
}

impl Reader<'_, '_> {
    fn table(&mut self, parent: &Table<'_>, key: &str, path: &str, role: Role) {
        for (name, value) in document::table(parent, key).into_iter().flatten() {
            let name_text = name.get_ref().as_ref();
            // What it runs on is a contract, not a dependency.
            if name_text == "python" {
                continue;
            }
            let one = std::slice::from_ref(value);
            for item in value.get_ref().as_array().map_or(one, |array| array.as_ref()) {
                if let Some(mut dependency) = self.entry(name_text, item) {
                    path.clone_into(&mut dependency.table);
                    dependency.role = role;
                    self.sheet.dependencies.push(dependency);
                }
            }
        }
    }

    /// One entry: a constraint, or a table with one, or with where it comes from.
    fn entry(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Dependency> {
        if let Some(text) = self.document.string(value) {
            return self.constraint(name, text);
        }
        let table = value.get_ref().as_table()?;
        let from = entry::read(self.document, name, table, self.place);
        // One with neither only adds to what `[project]` requires, such as an index.
        from.or_else(|| self.constraint(name, self.document.get(table, "version")?))
    }

    fn constraint(&mut self, name: &str, text: Text) -> Option<Dependency> {
        match specifier::poetry_pin(&text.value) {
            Ok(pin) => Some(declare(self.document, name, text, pin)),
            Err(why) => {
                self.sheet.problems.push(Problem::new(text.span, format!("`{name}`: {why}")));
                None
            }
        }
    }
}

/// The declaration of a name and a constraint between quotes.
pub(super) fn declare(document: Document<'_>, name: &str, text: Text, pin: Pin) -> Dependency {
    let mut dependency = Dependency::new(Surface::Python, name, pin, text.span);
    dependency.package = requirement::normalize(name);
    let is_plain = document.text.get(text.span.range()) == Some(text.value.as_str());
    let before = "==".to_owned();
    let site = PinSite { span: text.span, before, after: String::new(), comment: None };
    dependency.site = is_plain.then_some(site);
    dependency.requirement = Some(text.value);
    dependency
}
