//! bun.lock: JSON with trailing commas. (bun.lockb is binary, and is not read.)

use std::collections::HashMap;

use jsonc_parser::ast::Value;

use super::package_lock::copies;
use super::{Form, Package};
use crate::scanner::Problem;
use crate::scanner::npm::json::{self, Document};
use crate::text::FileId;

/// Reads one.
pub(super) fn read(file: FileId, text: &str) -> Result<Form, Problem> {
    let document = Document::new(file, text);
    let value = document.parse()?;
    let (mut importers, mut names, mut packages) = (HashMap::new(), HashMap::new(), HashMap::new());
    let Some(root) = value.as_object() else { return Ok(Form::Opaque) };
    for (directory, manifest) in json::object(root, "workspaces").map(json::entries).unwrap_or_default() {
        importers.insert(directory.to_owned(), copies(document, manifest));
        if let Some(name) = manifest.as_object().and_then(|manifest| json::string(manifest, "name")) {
            names.insert(directory.to_owned(), name);
        }
    }
    for (key, value) in json::object(root, "packages").map(json::entries).unwrap_or_default() {
        packages.insert(key.to_owned(), package(value));
    }
    Ok(Form::Tree { importers, packages, names, is_npm: false })
}

/// `["name@version", registry, {…}, "sha512-…"]`, with less in it for what is from no registry.
fn package(value: &Value<'_>) -> Package {
    let parts = json::strings(value);
    let first = parts.first().map(String::as_str).unwrap_or_default();
    let version = first.get(1..).and_then(|tail| tail.split_once('@')).map_or("", |(_, version)| version);
    Package {
        version: version.to_owned(),
        source: version.contains(':').then(|| version.to_owned()),
        has_hash: parts.iter().skip(1).any(|part| part.starts_with("sha")),
        is_own: ["workspace:", "file:", "link:"].iter().any(|own| version.starts_with(own)),
    }
}
