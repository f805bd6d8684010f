//! pnpm-lock.yaml, versions 5 to 9.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use super::{Copy, Form, Package};
use crate::scanner::Problem;
use crate::scanner::npm::yaml::{self, Yaml};
use crate::text::{FileId, Span};

const TABLES: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// Reads one. A file of several documents, as newer releases write, is all of them.
pub(super) fn read(file: FileId, text: &str) -> Result<Form, Problem> {
    let documents = yaml::read(text, wants).map_err(|(at, why)| {
        let wrong = || Problem::new(Span::new(file, at..at), format!("not a lockfile of pnpm: {why}"));
        Problem::conflict(file, text, 0).unwrap_or_else(wrong)
    })?;
    let mut hashed = HashSet::new();
    for document in &documents {
        for (key, package) in document.get("packages").map(Yaml::entries).unwrap_or_default() {
            if package.get("resolution").is_some_and(|resolution| resolution.get("integrity").is_some()) {
                hashed.insert(identity(key));
            }
        }
    }
    Ok(Reader { file, text, hashed: Arc::new(hashed) }.form(&documents))
}

/// The same, where a text in which a hash holds these packages was changed ahead of them alone: they are most of it, and are not read
/// again. None where that is not sure.
pub(super) fn read_again(file: FileId, text: &str, before: &str, hashed: &Arc<HashSet<String>>) -> Option<Form> {
    let (head, old_head) = (head(text)?, head(before)?);
    if text[head.len()..] != before[old_head.len()..] {
        return None;
    }
    // Both are whole by themselves, and so what follows means the same behind the one as behind the other.
    let documents = yaml::read(head, wants).ok()?;
    let old = yaml::read(old_head, wants).ok()?;
    (documents.len() == 1 && old.len() == 1).then(|| Reader { file, text, hashed: Arc::clone(hashed) }.form(&documents))
}

/// What of a lockfile is of use.
fn wants(keys: &[&str]) -> bool {
    match keys {
        ["packages", _, field, ..] => *field == "resolution",
        ["importers" | "packages" | "specifiers" | "catalogs", ..] => true,
        [table, ..] => TABLES.contains(table),
        [] => true,
    }
}

/// What precedes the packages, where all of it is as pnpm writes it: tables of words ahead of them, and behind them nothing but other
/// tables of packages. An anchor could be used behind them.
fn head(text: &str) -> Option<&str> {
    let end = memmem::find(text.as_bytes(), b"\npackages:\n")? + 1;
    let (head, rest) = text.split_at(end);
    let is_of_packages = |word: &str| matches!(word, "packages" | "snapshots" | "time");
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let has_only = |text: &str, is_one: &dyn Fn(&str) -> bool| {
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(' '));
        lines.all(|line| line.split_once(':').is_some_and(|(word, _)| is_one(word)))
    };
    let is_plain = !head.contains('&') && has_only(head, &|word| is_word(word) && !is_of_packages(word));
    (is_plain && has_only(rest, &is_of_packages)).then_some(head)
}

/// What is known while importers are read.
struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// The packages that a hash holds.
    hashed: Arc<HashSet<String>>,
}

impl Reader<'_> {
    fn form(self, documents: &[Yaml]) -> Form {
        let mut importers: HashMap<String, HashMap<String, (Copy, Package)>> = HashMap::new();
        let mut catalogs: HashMap<String, HashMap<String, (Copy, Package)>> = HashMap::new();
        for document in documents {
            self.importer(document, importers.entry(String::new()).or_default());
            for (directory, importer) in document.get("importers").map(Yaml::entries).unwrap_or_default() {
                let directory = if directory == "." { "" } else { directory };
                self.importer(importer, importers.entry(directory.to_owned()).or_default());
            }
            for (name, catalog) in document.get("catalogs").map(Yaml::entries).unwrap_or_default() {
                let own = catalogs.entry(format!("catalog:{name}")).or_default();
                self.table(catalog, "catalog", None, own);
            }
        }
        importers.extend(catalogs);
        Form::Importers { importers, hashed: self.hashed }
    }

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOCK: &str = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\ncatalogs:\n  default:\n    c:\n      \
        specifier: ^3.0.0\n      version: 3.0.1\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        \
        version: 1.0.2(b@2.0.0)\n      '@s/b':\n        specifier: '*'\n        version: 2.0.0\n\n  sub:\n    devDependencies:\n      \
        a:\n        specifier: 1.0.2\n        version: 1.0.2\n\npackages:\n\n  '@s/b@2.0.0':\n    resolution: {integrity: \
        sha512-abc}\n\n  a@1.0.2:\n    resolution: {integrity: sha512-def}\n    peerDependencies:\n      b: '*'\n\nsnapshots:\n\n  \
        '@s/b@2.0.0': {}\n\n  a@1.0.2(b@2.0.0):\n    dependencies:\n      b: 2.0.0\n";

    fn again(text: &str) -> Option<Form> {
        let Ok(Form::Importers { hashed, .. }) = read(FileId(7), LOCK) else { panic!("it is one") };
        let again = read_again(FileId(7), text, LOCK, &hashed)?;
        assert_eq!(Ok(&again), read(FileId(7), text).as_ref(), "{text}");
        Some(again)
    }

    #[test]
    fn what_is_changed_ahead_of_the_packages_is_read_without_them() {
        let pinned = LOCK.replace("^1.0.0", "1.0.2").replace("'*'\n        version", "2.0.0\n        version");
        let Some(Form::Importers { importers, .. }) = again(&pinned) else { panic!("it is sure") };
        assert!(importers[""].values().all(|(copy, package)| copy.value == package.version && package.has_hash));
        for unsure in [
            LOCK.replace("sha512-abc", "sha512-abd"),
            LOCK.replace("snapshots", "importers"),
            LOCK.replace("settings", "packages"),
            LOCK.replace("specifier: ^1.0.0", "specifier: &a ^1.0.0"),
            LOCK.replace("specifier: ^1.0.0", "specifier: \"^1.0.0"),
            LOCK.replace("lockfileVersion", "---\nlockfileVersion"),
            LOCK.replace('\n', "\r\n"),
        ] {
            assert_eq!(again(&unsure), None, "{unsure}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Lines left out, doubled and changed: the same reading, or none.
        #[test]
        fn to_read_again_is_to_read(edits in prop::collection::vec((0usize..60, 0u8..6, "[ -~]{0,6}"), 1..3)) {
            again(&crate::text::mangled(LOCK, edits));
        }
    }
}
