//! One `.cargo/config.toml`, read: what it changes about where dependencies come from.
//!
//! Source: cargo's reference, [configuration](https://doc.rust-lang.org/cargo/reference/config.html) and
//! [source replacement](https://doc.rust-lang.org/cargo/reference/source-replacement.html).

use super::declaration::Declaration;
use super::manifest;
use crate::scanner::Problem;
use crate::scanner::document::{self, Document, Table, Text};
use crate::text::{FileId, Span};

/// A file of cargo's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from.
    pub file: FileId,
    /// The directory that holds `.cargo`: its paths are relative to it, and it counts for what is built below it.
    pub directory: String,
    /// The key of `paths`, where that is not empty.
    pub paths: Option<Span>,
    /// The entries of `[patch.…]`.
    pub patches: Vec<Declaration>,
    /// `[registries]`: names and the URLs of their indexes.
    pub registries: Vec<(String, String)>,
    /// `[source.X] replace-with`: the name of each replaced source, and the value.
    pub replacements: Vec<(String, Text)>,
    /// The URLs of the git repositories that are replaced, such as by a vendored copy.
    pub git_replacements: Vec<String>,
    /// `include`: other files, relative to this one, and whether each must be there.
    pub includes: Vec<(Text, bool)>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads a file of cargo's configuration.
#[must_use]
pub fn read(file: FileId, text: &str, directory: String) -> Config {
    let document = Document::new(file, text);
    let mut config = Config {
        file,
        directory,
        paths: None,
        patches: Vec::new(),
        registries: Vec::new(),
        replacements: Vec::new(),
        git_replacements: Vec::new(),
        includes: Vec::new(),
        problems: Vec::new(),
    };
    match document.parse() {
        Ok(table) => fill(document, &table, &mut config),
        Err(problem) => config.problems.push(problem),
    }
    config
}

fn fill(document: Document<'_>, table: &Table<'_>, config: &mut Config) {
    if let Some((key, value)) = table.get_key_value("paths") {
        let is_empty = value.get_ref().as_array().is_some_and(|array| array.is_empty());
        config.paths = (!is_empty).then(|| document.span(key.span()));
    }
    for (registry, patches) in document::table(table, "patch").into_iter().flatten() {
        if let Some(patches) = patches.get_ref().as_table() {
            let registry = registry.get_ref();
            manifest::patch(document, registry, patches, &mut config.patches, &mut config.problems);
        }
    }
    for (name, registry) in document::table(table, "registries").into_iter().flatten() {
        let index = registry.get_ref().as_table().and_then(|registry| document.get(registry, "index"));
        config.registries.extend(index.map(|index| (name.get_ref().to_string(), index.value)));
    }
    for (name, source) in document::table(table, "source").into_iter().flatten() {
        let source = source.get_ref().as_table();
        let with = source.and_then(|source| document.get(source, "replace-with"));
        let git = source.filter(|_| with.is_some()).and_then(|source| document.get(source, "git"));
        config.git_replacements.extend(git.map(|git| git.value));
        config.replacements.extend(with.map(|with| (name.get_ref().to_string(), with)));
    }
    if let Some(value) = table.get("include") {
        let one = std::slice::from_ref(value);
        let items = value.get_ref().as_array().map_or(one, |array| array.as_ref());
        for item in items {
            let inner = item.get_ref().as_table();
            let path = document.string(item).or_else(|| document.get(inner?, "path"));
            let optional = inner.is_some_and(|inner| document::flag(inner, "optional"));
            config.includes.extend(path.map(|path| (path, !optional)));
        }
    }
}
