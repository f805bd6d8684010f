//! pnpm-lock.yaml, versions 5 to 9.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Copy, Form, Package};
use crate::scanner::Problem;
use crate::scanner::npm::yaml::{self, Yaml};
use crate::text::{FileId, Span};

const TABLES: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// Reads one. A file of several documents, as newer releases write, is all of them.
pub(super) fn read(file: FileId, text: &str) -> Result<Form, Problem> {
    let wants = |keys: &[&str]| match keys {
        ["packages", _, field, ..] => *field == "resolution",
        ["importers" | "packages" | "specifiers" | "catalogs", ..] => true,
        [table, ..] => TABLES.contains(table),
        [] => true,
    };
    let documents = yaml::read(text, wants).map_err(|(at, why)| {
        let wrong = || Problem::new(Span::new(file, at..at), format!("not a lockfile of pnpm: {why}"));
        Problem::conflict(file, text, 0).unwrap_or_else(wrong)
    })?;
    let mut importers: HashMap<String, HashMap<String, (Copy, Package)>> = HashMap::new();
    let mut catalogs: HashMap<String, HashMap<String, (Copy, Package)>> = HashMap::new();
    let mut hashed = HashSet::new();
    for document in &documents {
        for (key, package) in document.get("packages").map(Yaml::entries).unwrap_or_default() {
            if package.get("resolution").is_some_and(|resolution| resolution.get("integrity").is_some()) {
                hashed.insert(identity(key));
            }
        }
    }
    let read = Reader { file, text, hashed };
    for document in &documents {
        read.importer(document, importers.entry(String::new()).or_default());
        for (directory, importer) in document.get("importers").map(Yaml::entries).unwrap_or_default() {
            let directory = if directory == "." { "" } else { directory };
            read.importer(importer, importers.entry(directory.to_owned()).or_default());
        }
        for (name, catalog) in document.get("catalogs").map(Yaml::entries).unwrap_or_default() {
            let own = catalogs.entry(format!("catalog:{name}")).or_default();
            read.table(catalog, "catalog", None, own);
        }
    }
    importers.extend(catalogs);
    Ok(Form::Importers(importers))
}

/// What is known while importers are read.
struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// The packages that a hash holds.
    hashed: HashSet<String>,
}

impl Reader<'_> {
    fn importer(&self, importer: &Yaml, own: &mut HashMap<String, (Copy, Package)>) {
        let specifiers = importer.get("specifiers");
        for table in TABLES {
            importer.get(table).into_iter().for_each(|entries| self.table(entries, table, specifiers, own));
        }
    }

    /// A table: since version 6 each entry has its specifier, before that they are a table of their own.
    fn table(
        &self,
        entries: &Yaml,
        table: &str,
        specifiers: Option<&Yaml>,
        own: &mut HashMap<String, (Copy, Package)>,
    ) {
        for (name, entry) in entries.entries() {
            let (specifier, version) = match entry.string() {
                Some(version) => (specifiers.and_then(|all| all.get(name)), version),
                None => (entry.get("specifier"), entry.get("version").and_then(Yaml::string).unwrap_or_default()),
            };
            let Some(Yaml::Scalar(value, place)) = specifier else { continue };
            let span = place.is_plain.then(|| Span::new(self.file, self.with_quotes(place.range.clone())));
            let copy = Copy { table: table.to_owned(), value: value.clone(), span };
            own.insert(name.clone(), (copy, self.package(name, version)));
        }
    }

    /// A value with its quotes: a version needs none, and pnpm writes none where none are needed.
    fn with_quotes(&self, range: Range<usize>) -> Range<usize> {
        let outer = range.start.saturating_sub(1)..range.end + 1;
        let is_quoted = self.text.get(outer.clone()).is_some_and(|text| {
            ['\'', '"'].iter().any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote))
        });
        if is_quoted { outer } else { range }
    }

    /// What is behind a version: `1.2.3(peer@1)`, `other@1.2.3`, `link:../x`, a URL.
    fn package(&self, name: &str, version: &str) -> Package {
        let bare = version.split('(').next().unwrap_or_default();
        let is_own = ["link:", "file:", "workspace:"].iter().any(|own| bare.starts_with(own));
        let (other, number) = if bare.contains(':') { (None, bare) } else { parts(bare) };
        let keys = [format!("{}@{number}", other.unwrap_or(name)), identity(bare)];
        Package {
            version: number.to_owned(),
            source: bare.contains(':').then(|| bare.to_owned()),
            has_hash: keys.iter().any(|key| self.hashed.contains(key)),
            is_own,
        }
    }
}

/// What tells a package, without what says by which peers it is used: `name@version`.
pub(super) fn identity(key: &str) -> String {
    let bare = key.split('(').next().unwrap_or_default();
    let bare = bare.strip_prefix('/').unwrap_or(bare);
    match parts(bare) {
        (Some(name), version) if !bare.contains(':') => format!("{name}@{version}"),
        _ => bare.to_owned(),
    }
}

/// The name and the version of `name@1.2.3`, of `/name/1.2.3_peer@1.0.0` as it was before version 6, or of a version alone.
fn parts(text: &str) -> (Option<&str>, &str) {
    let bare = text.strip_prefix('/').unwrap_or(text);
    let without_peers = |version| str::split(version, '_').next().unwrap_or_default();
    if bare.starts_with(|c: char| c.is_ascii_digit()) && bare.len() == text.len() {
        return (None, without_peers(bare));
    }
    // Behind the scope, if there is one, the name ends where the version begins.
    let scope = if bare.starts_with('@') { bare.find('/').map_or(0, |at| at + 1) } else { 0 };
    match bare[scope..].find(['@', '/']) {
        Some(at) => (Some(&bare[..scope + at]), without_peers(&bare[scope + at + 1..])),
        None => (None, bare),
    }
}
