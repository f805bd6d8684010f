//! package-lock.json and npm-shrinkwrap.json, versions 1 to 3.
//!
//! They can be large, and most of one says what packages ask of each other: of that nothing is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use jsonc_parser::ast::Value;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Copy, Form, Package};
use crate::scanner::Problem;
use crate::scanner::npm::json::{self, Document};
use crate::text::{FileId, Span};

/// A lockfile.
#[derive(Deserialize)]
struct Root<'t> {
    #[serde(borrow, default)]
    packages: Option<Packages<'t>>,
    #[serde(default)]
    dependencies: Option<HashMap<String, Entry>>,
}

/// A package.
#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
    resolved: Option<Source>,
    integrity: Option<IgnoredAny>,
    #[serde(default)]
    link: bool,
}

/// Where a package comes from: a URL; or `false`, which npm once wrote.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Url(String),
    Other(IgnoredAny),
}

/// What versions 2 and 3 have: manifests and packages, by where they are.
#[derive(Default)]
struct Packages<'t> {
    manifests: Vec<(String, &'t str)>,
    placed: HashMap<String, Package>,
}

impl<'de: 't, 't> Deserialize<'de> for Packages<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Packages<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("packages by their place")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Packages::default();
                while let Some(Key(place)) = map.next_key::<Key<'de>>()? {
                    match place.rfind("node_modules/") {
                        None => {
                            let raw: &RawValue = map.next_value()?;
                            all.manifests.push((place.into_owned(), raw.get()));
                        }
                        // What is nested in a package is that package's own.
                        Some(at) if place[..at].contains("node_modules/") => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        Some(_) => {
                            let entry: Entry = map.next_value()?;
                            all.placed.insert(place.into_owned(), package(entry));
                        }
                    }
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

fn package(entry: Entry) -> Package {
    let source = match entry.resolved {
        Some(Source::Url(url)) => Some(url),
        _ => None,
    };
    Package {
        version: entry.version.unwrap_or_default(),
        source,
        has_hash: entry.integrity.is_some(),
        is_own: entry.link,
    }
}

/// Reads one.
pub(super) fn read(file: FileId, text: &str) -> Result<Form, Problem> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root: Root<'_> = serde_json::from_str(bare).map_err(|error| problem(file, text, bare, &error))?;
    let is_old = root.packages.is_none();
    let mut packages = HashMap::new();
    for (name, entry) in root.dependencies.into_iter().flatten().filter(|_| is_old) {
        let mut package = package(entry);
        // Version 1 has what is not from a registry in the place of the version.
        package.is_own = package.version.starts_with("file:");
        package.source = package.source.or_else(|| package.version.contains(':').then(|| package.version.clone()));
        packages.insert(format!("node_modules/{name}"), package);
    }
    let mut importers = HashMap::new();
    if let Some(Packages { manifests, placed }) = root.packages {
        packages = placed;
        for (place, raw) in manifests {
            let offset = raw.as_ptr().addr() - text.as_ptr().addr();
            let document = Document::piece(file, raw, offset);
            importers.insert(place, copies(document, &document.parse()?));
        }
    }
    Ok(Form::Tree { importers, packages, names: HashMap::new(), is_npm: true })
}

/// What a manifest asks for, as a lockfile repeats it.
pub(super) fn copies(document: Document<'_>, manifest: &Value<'_>) -> HashMap<String, Vec<Copy>> {
    let mut copies: HashMap<String, Vec<Copy>> = HashMap::new();
    let Some(manifest) = manifest.as_object() else { return copies };
    for table in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
        for (name, value) in json::object(manifest, table).map(json::entries).unwrap_or_default() {
            let Some(literal) = value.as_string_lit() else { continue };
            let text = document.text(literal);
            let copy = Copy { table: table.to_owned(), value: text.value, span: Some(text.span) };
            copies.entry(name.to_owned()).or_default().push(copy);
        }
    }
    copies
}

/// What is wrong, at its place.
fn problem(file: FileId, text: &str, bare: &str, error: &serde_json::Error) -> Problem {
    let before: usize = bare.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // A column counts bytes, and can be within a character.
    let at = text.floor_char_boundary(before + error.column().saturating_sub(1) + text.len() - bare.len());
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    let wrong = || Problem::new(Span::new(file, at..at), format!("not a lockfile of npm: {what}"));
    Problem::conflict(file, text, 0).unwrap_or_else(wrong)
}
