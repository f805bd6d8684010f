//! Python's lockfiles in full: every package, and what asks for it.

use std::collections::HashMap;

use super::lockfile::Tool;
use super::requirement::{name_length, normalize};
use crate::scanner::document::{self, Document, Table};
use crate::scanner::graph::{Ask, Graph, Package};
use crate::text::{FileId, Span};

/// The most packages of one name that another is taken to lead to: there is one for each environment, and a file of nothing
/// but one name must not take the square of its length.
const MOST_OF_A_NAME: usize = 16;

/// Reads a lockfile; none for what cannot be read, which the scan says.
pub(super) fn read(file: FileId, text: &str, tool: Tool) -> Option<Graph> {
    if tool == Tool::Pipenv {
        return pipenv(file, text);
    }
    let document = Document::new(file, text);
    let table = document.parse().ok()?;
    let key = if tool == Tool::Pylock { "packages" } else { "package" };
    let listed = table.get(key).and_then(|value| value.get_ref().as_array())?;
    let one = |package: &Table<'_>| {
        let name = document.get(package, "name")?;
        let version = document.get(package, "version").map(|version| version.value).unwrap_or_default();
        let source = document::table(package, "source").or_else(|| document::table(package, "vcs"));
        let text = |key: &str| source.and_then(|source| document.get(source, key)).map(|text| text.value);
        let own = ["virtual", "editable", "directory"].iter().any(|key| text(key).is_some());
        let kind = text("type");
        let url = text("git").or_else(|| text("url")).filter(|_| kind.as_deref() != Some("legacy"));
        let one = Package {
            name: normalize(&name.value),
            version,
            source: url,
            span: name.span,
            is_own: own && tool == Tool::Uv,
            requires: Vec::new(),
        };
        Some((one, asks(document, package, tool)))
    };
    let packages: Vec<(Package, Vec<Ask>)> =
        listed.iter().filter_map(|package| one(package.get_ref().as_table()?)).collect();
    let mut index: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (package, _)) in packages.iter().enumerate() {
        index.entry(package.name.clone()).or_default().push(at);
    }
    let found = |_: usize, (name, _): &Ask| {
        index.get(name).map(|all| all.iter().copied().take(MOST_OF_A_NAME).collect()).unwrap_or_default()
    };
    Some(Graph::new(file, packages, found))
}

/// What a package asks for. Poetry says with which constraint, and uv and the standard say what is taken alone.
fn asks(document: Document<'_>, package: &Table<'_>, tool: Tool) -> Vec<Ask> {
    if let Some(table) = document::table(package, "dependencies") {
        let one = |(name, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<_>)| {
            let text = document.string(value).or_else(|| document.get(value_table(value)?, "version"));
            (normalize(name.get_ref()), text.map(|text| text.value).filter(|_| tool == Tool::Poetry))
        };
        return table.iter().map(one).collect();
    }
    let arrays = package.get("dependencies").into_iter().chain(
        ["optional-dependencies", "dev-dependencies"]
            .iter()
            .filter_map(|key| document::table(package, key))
            .flat_map(|groups| groups.iter().map(|(_, value)| value)),
    );
    let items = arrays.filter_map(|value| value.get_ref().as_array()).flatten();
    items
        .filter_map(|item| match item.get_ref().as_table() {
            Some(table) => Some((normalize(&document.get(table, "name")?.value), None)),
            None => {
                let text = document.string(item)?.value;
                Some((normalize(&text[..name_length(&text)]), None))
            }
        })
        .collect()
}

fn value_table<'v, 't>(value: &'v toml::Spanned<toml::de::DeValue<'t>>) -> Option<&'v Table<'t>> {
    value.get_ref().as_table()
}

/// A Pipfile.lock says nothing of what asks for what.
fn pipenv(file: FileId, text: &str) -> Option<Graph> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let categories = value.as_object()?.iter().filter(|(name, _)| *name != "_meta");
    let mut packages = Vec::new();
    for (name, package) in categories.filter_map(|(_, packages)| packages.as_object()).flatten() {
        let version = package["version"].as_str().unwrap_or_default().trim_start_matches('=').to_owned();
        let quoted = format!("\"{name}\"");
        let start = text.find(&quoted).unwrap_or_default();
        let span = Span::new(file, start..start + quoted.len());
        let source = package["git"].as_str().map(str::to_owned);
        let name = normalize(name);
        packages.push((Package { name, version, source, span, is_own: false, requires: Vec::new() }, Vec::new()));
    }
    packages.dedup_by(|(a, _), (b, _)| a.name == b.name && a.version == b.version);
    Some(Graph { has_edges: false, ..Graph::new(file, packages, |_, _| Vec::new()) })
}
