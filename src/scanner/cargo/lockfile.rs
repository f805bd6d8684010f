//! One Cargo.lock, read: versions 1 to 4 of its format.
//!
//! Source: cargo's `resolver/encode.rs`. Version 1 keeps checksums in `[metadata]`, version 2 has no `version` key and keeps
//! them inline, 3 writes `version = 3`, 4 encodes git references. Edges are kept as written: what they lead to depends on
//! the workspace, so `resolution.rs` says it.

use std::collections::HashSet;

use semver::Version;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::generated;
use super::shape;
use super::source_id::{self, Kind, SourceId};
use crate::scanner::Problem;
use crate::scanner::document::{self, Document, Table};
use crate::text::{FileId, Span};

/// A lockfile.
#[derive(Debug)]
pub struct Lockfile {
    /// The file that it was read from.
    pub file: FileId,
    /// The version of the format; 1 stands for 2 too, which has no key to tell it by.
    pub version: u32,
    /// `[[package]]`, in the order of the file.
    pub packages: Vec<LockedPackage>,
    /// `[[patch.unused]]`.
    pub unused: Vec<LockedPackage>,
    /// What could not be read. Where there is a problem, cargo refuses the file.
    pub problems: Vec<Problem>,
    /// Whether its text is as cargo writes it.
    is_generated: bool,
}

/// A package of a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version, read; none for what is no version.
    pub parsed: Option<Version>,
    /// Its source; none for path packages.
    pub source: Option<SourceId>,
    /// The text of its source; none where that is not written out as it is.
    pub source_span: Option<Span>,
    /// Its checksum.
    pub checksum: Option<String>,
    /// What it depends on, as written.
    pub edges: Vec<Edge>,
    /// What `[replace]` puts in its place.
    pub replace: Option<Edge>,
    /// The text of its name.
    pub span: Span,
}

/// A dependency of a locked package: its name, its version where several have the name, its source where several have both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The real name.
    pub name: String,
    /// The version.
    pub version: Option<String>,
    /// The source, without a commit.
    pub source: Option<SourceId>,
    /// The text as written.
    pub span: Span,
}

impl LockedPackage {
    /// Whether a checksum or a full commit id holds its content.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        match &self.source {
            Some(source) if source.is_git() => source.commit().is_some(),
            _ => self.has_checksum(),
        }
    }

    /// Whether it has a checksum that is one: a SHA-256 in hex, as cargo writes and compares it, in lower case.
    #[must_use]
    pub fn has_checksum(&self) -> bool {
        // Asked for each declaration, so all bytes at once: without a way out in between, they are compared side by side.
        let is_hex =
            |sum: &str| sum.bytes().fold(true, |so_far, byte| so_far & matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_sum = |sum: &String| sum.len() == 64 && is_hex(sum);
        self.checksum.as_ref().is_some_and(is_sum)
    }
}

/// Reads a lockfile.
#[must_use]
pub fn read(file: FileId, text: &str) -> Lockfile {
    generated::read(file, text).map_or_else(|| read_any(file, text), |read| generated(file, read))
}

/// Reads a lockfile that was read before with another text: of what stayed, nothing is read again.
#[must_use]
pub(super) fn read_again(file: FileId, text: &str, before: &str, read: &Lockfile) -> Lockfile {
    if !read.is_generated || read.file != file {
        return self::read(file, text);
    }
    let again = generated::read_again(file, text, before, read);
    again.map_or_else(|| read_any(file, text), |read| generated(file, read))
}

/// A lockfile whose text is as cargo writes it.
fn generated(file: FileId, (version, packages): (u32, Vec<LockedPackage>)) -> Lockfile {
    let mut problems: Vec<Problem> = packages.iter().filter_map(refused).collect();
    problems.extend(twice(&packages));
    Lockfile { file, version, packages, unused: Vec::new(), problems, is_generated: true }
}

/// Reads a lockfile as what it is: TOML of any shape.
pub(super) fn read_any(file: FileId, text: &str) -> Lockfile {
    let document = Document::new(file, text);
    let mut lockfile = Lockfile {
        file,
        version: 1,
        packages: Vec::new(),
        unused: Vec::new(),
        problems: Vec::new(),
        is_generated: false,
    };
    let parsed = document.parse().and_then(|table| Ok((version(document, &table)?, table)));
    let table = match parsed {
        Ok((version, table)) => {
            lockfile.version = version;
            table
        }
        Err(problem) => {
            lockfile.problems.push(problem);
            return lockfile;
        }
    };
    let reader = Reader { document, encoded: lockfile.version >= 4 };
    lockfile.problems.extend(shape::problems(document, &table, &shape::OF_FILE));
    if let Some(root) = document::table(&table, "root") {
        lockfile.packages.extend(reader.package(root, &mut lockfile.problems));
    }
    reader.packages(&table, "package", &mut lockfile.packages, &mut lockfile.problems);
    if let Some(patch) = document::table(&table, "patch") {
        lockfile.problems.extend(shape::problems(document, patch, &shape::OF_PATCH));
        reader.packages(patch, "unused", &mut lockfile.unused, &mut lockfile.problems);
    }
    if let Some(metadata) = document::table(&table, "metadata") {
        reader.checksums(metadata, &mut lockfile);
    }
    lockfile.problems.extend(twice(&lockfile.packages));
    lockfile
}

/// The version of the format; without the key it is 1 or 2, which are read alike.
fn version(document: Document<'_>, table: &Table<'_>) -> Result<u32, Problem> {
    let Some(value) = table.get("version") else {
        return Ok(1);
    };
    match value.get_ref().as_integer().and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok()) {
        Some(version @ (3 | 4)) => Ok(version),
        _ => {
            let written = document.text.get(value.span()).unwrap_or("");
            let message = format!(
                "lockfile version {written} is not one that cargo 1.95 reads (it reads 3, 4, and those without the key)"
            );
            Err(Problem::new(document.span(value.span()), message))
        }
    }
}

/// A package that stands in the file twice, which cargo refuses.
fn twice<'p>(packages: &'p [LockedPackage]) -> Option<Problem> {
    let find = |packages: &'p [LockedPackage]| {
        let mut seen = HashSet::with_capacity(packages.len());
        packages.iter().find(|package| {
            !seen.insert((&package.name, &package.version, package.source.as_ref().map(|source| &source.text)))
        })
    };
    // Cargo sorts them: then only neighbours can be the same, and most have none of their name.
    let package = if packages.is_sorted_by(|a, b| a.name <= b.name) {
        packages.chunk_by(|a, b| a.name == b.name).filter(|named| named.len() > 1).find_map(find)?
    } else {
        find(packages)?
    };
    let message = format!("package `{} {}` is in the lockfile twice: cargo refuses it", package.name, package.version);
    Some(Problem::new(package.span, message))
}

/// What cargo refuses, or never writes, in one package.
fn refused(package: &LockedPackage) -> Option<Problem> {
    let LockedPackage { name, version, .. } = package;
    let message = match &package.source {
        Some(source) if source.kind == Kind::Other || source.url.is_empty() => {
            format!(
                "`{name} {version}` has the source `{}`, which is none that cargo writes",
                source_id::shown(&source.text)
            )
        }
        _ if package.parsed.is_none() => {
            format!("`{version}` is no version that cargo reads")
        }
        _ => return None,
    };
    Some(Problem::new(package.span, message))
}

/// An edge: `name`, `name version` or `name version (source)`.
pub(super) fn edge(text: &str, span: Span, encoded: bool) -> Option<Edge> {
    let mut parts = text.splitn(3, ' ');
    let name = parts.next()?.to_owned();
    let version = parts.next().map(str::to_owned);
    let source = parts.next().and_then(|part| part.strip_prefix('(')?.strip_suffix(')'));
    let source = source.map(|source| SourceId::of_edge(source, encoded));
    Some(Edge { name, version, source, span })
}

struct Reader<'t> {
    document: Document<'t>,
    encoded: bool,
}

impl Reader<'_> {
    fn packages(&self, table: &Table<'_>, key: &str, into: &mut Vec<LockedPackage>, problems: &mut Vec<Problem>) {
        let Some(array) = table.get(key).and_then(|value| value.get_ref().as_array()) else {
            return;
        };
        into.reserve(array.len());
        for item in array {
            if let Some(package) = item.get_ref().as_table() {
                into.extend(self.package(package, problems));
            }
        }
    }

    fn package(&self, table: &Table<'_>, problems: &mut Vec<Problem>) -> Option<LockedPackage> {
        let string = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
        let name = self.document.get(table, "name");
        let (Some(name), Some(version)) = (name, string("version")) else {
            let at = table.keys().next().map_or(0..0, Spanned::span);
            problems.push(Problem::new(
                self.document.span(at),
                "a package without `name` or `version`: cargo refuses it".to_owned(),
            ));
            return None;
        };
        let edges = table.get("dependencies").and_then(|value| value.get_ref().as_array());
        let package = LockedPackage {
            span: name.span,
            name: name.value,
            parsed: Version::parse(version).ok(),
            version: version.to_owned(),
            source: string("source").map(|source| SourceId::parse(source, self.encoded)),
            source_span: self.document.get(table, "source").and_then(|source| self.literal(&source)),
            checksum: string("checksum").map(str::to_owned),
            edges: edges.map(|array| self.edges(array)).unwrap_or_default(),
            replace: table.get("replace").and_then(|replace| self.edge(replace)),
        };
        problems.extend(shape::problems(self.document, table, &shape::OF_PACKAGE));
        problems.extend(refused(&package));
        Some(package)
    }

    /// The span of a text whose every byte stands for itself.
    fn literal(&self, text: &document::Text) -> Option<Span> {
        (self.document.text.get(text.span.range()) == Some(&text.value)).then_some(text.span)
    }

    fn edges(&self, array: &DeArray<'_>) -> Vec<Edge> {
        array.iter().filter_map(|item| self.edge(item)).collect()
    }

    fn edge(&self, value: &Spanned<DeValue<'_>>) -> Option<Edge> {
        edge(value.get_ref().as_str()?, self.document.string(value)?.span, self.encoded)
    }

    /// The checksums of version 1: `"checksum name version (source)" = "…"`.
    fn checksums(&self, metadata: &Table<'_>, lockfile: &mut Lockfile) {
        let mut known = std::collections::HashMap::new();
        let is_inline = lockfile.version > 1 || lockfile.packages.iter().any(|package| package.checksum.is_some());
        for (key, value) in metadata {
            let (Some(id), Some(sum)) = (key.get_ref().strip_prefix("checksum "), value.get_ref().as_str()) else {
                continue;
            };
            if is_inline {
                let message =
                    "checksums both inline and in `[metadata]`, as a bad merge leaves them: cargo drops them all";
                lockfile.problems.push(Problem::new(self.document.span(key.span()), message.to_owned()));
                return;
            }
            if sum != "<none>" {
                known.insert(id.to_owned(), sum.to_owned());
            }
        }
        for package in lockfile.packages.iter_mut().filter(|package| package.checksum.is_none()) {
            let Some(source) = &package.source else {
                continue;
            };
            let id = format!("{} {} ({})", package.name, package.version, source.text);
            package.checksum = known.get(&id).cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lockfile(text: &str) -> Lockfile {
        let lockfile = read(FileId(0), text);
        assert_eq!(lockfile.problems, []);
        lockfile
    }

    #[test]
    fn version_1_has_its_checksums_in_metadata() {
        let lock = lockfile(
            "[root]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\"a 1.0.1 (registry+https://example.com/index)\"]\n\n\
             [[package]]\nname = \"a\"\nversion = \"1.0.1\"\nsource = \"registry+https://example.com/index\"\n\n\
             [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+https://example.com/index\"\n\n\
             [metadata]\n\"checksum a 1.0.1 (registry+https://example.com/index)\" = \"abc\"\n\
             \"checksum b 1.0.0 (registry+https://example.com/index)\" = \"<none>\"\n",
        );
        assert_eq!(lock.packages[0].name, "demo");
        assert_eq!(lock.packages[0].edges[0].version.as_deref(), Some("1.0.1"));
        assert_eq!(lock.packages[1].checksum.as_deref(), Some("abc"));
        assert!(!lock.packages[2].is_verified());
    }

    #[test]
    fn what_cargo_refuses_is_a_problem_at_its_place() {
        let text = "version = 5\n";
        assert_eq!(read(FileId(0), text).problems[0].span.range(), 10..11);
        let package = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
        let twice = format!("{package}{package}");
        assert_eq!(read(FileId(0), &twice).problems.len(), 1);
        let nameless = read(FileId(0), "[[package]]\nversion = \"1.0.0\"\n");
        assert_eq!(nameless.problems.len(), 1);
        let problem = &read(FileId(0), &package.replace("1.0.0", "1.0")).problems[0];
        assert_eq!(problem.message, "`1.0` is no version that cargo reads");
    }

    #[test]
    fn a_checksum_is_64_hex_digits() {
        let sum = "0123456789abcdef".repeat(4);
        for (sum, expected) in [
            (sum.clone(), true),
            (sum[1..].to_owned(), false),
            (sum.replacen('0', "g", 2), false),
            (sum.replacen('a', "A", 2), false),
            ("zz".to_owned(), false),
        ] {
            let text = format!("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"{sum}\"\n");
            assert_eq!(lockfile(&text).packages[0].has_checksum(), expected, "{sum}");
        }
    }

    /// What git holds has no checksum, and needs none.
    #[test]
    fn a_full_commit_id_holds_what_comes_from_git() {
        let commit = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";
        for (commit, expected) in [(commit, true), (&commit[..7], false)] {
            let source = format!("source = \"git+https://example.com/a?branch=main#{commit}\"");
            let lock = lockfile(&format!("version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n{source}\n"));
            assert_eq!(lock.packages[0].is_verified(), expected, "{commit}");
        }
    }

    #[test]
    fn merge_markers_are_named() {
        let problems = read(FileId(0), "version = 4\n\n<<<<<<< HEAD\n=======\n>>>>>>> topic\n").problems;
        assert!(problems[0].message.contains("merge conflict"), "{problems:?}");
        assert_eq!(problems[0].span.range(), 13..25);
    }
}
