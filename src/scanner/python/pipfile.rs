//! Pipfile: what Pipenv installs.
//!
//! Source: [Pipfile](https://pipenv.pypa.io/en/latest/pipfile.html). Its specifiers are those of PEP 440, and `*`.

use super::pyproject::Project;
use super::{entry, poetry, specifier};
use crate::scanner::Problem;
use crate::scanner::dependency::{Dependency, Pin, Role};
use crate::scanner::document::{Document, Table, Text};
use crate::scanner::surfaces::Sheet;
use crate::text::FileId;

/// The tables that hold no packages.
const OTHERS: [&str; 5] = ["source", "requires", "scripts", "pipenv", "pipfile"];

/// Reads a Pipfile.
pub(super) fn read(file: FileId, place: &str, text: &str) -> (Sheet, Project) {
    let (document, mut sheet) = (Document::new(file, text), Sheet::default());
    match document.parse() {
        Ok(table) => {
            for (name, packages) in &table {
                let name = name.get_ref().as_ref();
                if let Some(packages) = packages.get_ref().as_table().filter(|_| !OTHERS.contains(&name)) {
                    let role = if name == "packages" { Role::Normal } else { Role::Dev };
                    category(document, place, (name, packages), role, &mut sheet);
                }
            }
        }
        Err(problem) => sheet.problems.push(problem),
    }
    (sheet, Project::default())
}

fn category(document: Document<'_>, place: &str, (table, packages): (&str, &Table<'_>), role: Role, sheet: &mut Sheet) {
    for (name, value) in packages {
        let (name, inner) = (name.get_ref().as_ref(), value.get_ref().as_table());
        let from = inner.and_then(|inner| entry::read(document, name, inner, place)).map(Ok);
        let version = || document.string(value).or_else(|| document.get(inner?, "version"));
        match from.or_else(|| version().map(|text| constraint(document, name, text))) {
            Some(Ok(mut dependency)) => {
                (dependency.table, dependency.role) = (table.to_owned(), role);
                sheet.dependencies.push(dependency);
            }
            Some(Err(problem)) => sheet.problems.push(problem),
            None => {}
        }
    }
}

fn constraint(document: Document<'_>, name: &str, text: Text) -> Result<Dependency, Problem> {
    let pin = match text.value.trim() {
        "*" => Ok(Pin::Latest),
        // A version without an operator is that version: Pipenv writes `==` before it.
        version if version.starts_with(|c: char| c.is_ascii_alphanumeric()) => specifier::pin(&format!("=={version}")),
        specifier => specifier::pin(specifier),
    };
    let pin = pin.map_err(|why| Problem::new(text.span, format!("`{name}`: {why}")))?;
    Ok(poetry::declare(document, name, text, pin))
}
