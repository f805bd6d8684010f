//! One Cargo.lock, read: versions 1 to 4 of its format.
//!
//! Source: cargo's `resolver/encode.rs`. Version 1 keeps checksums in `[metadata]`, version 2 has no `version` key and keeps
//! them inline, 3 writes `version = 3`, 4 encodes git references. Edges are kept as written: what they lead to depends on
//! the workspace, so `resolution.rs` says it.

use rayon::prelude::*;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::document::{self, Document, Table};
use super::source_id::{self, Kind, SourceId};
use crate::scanner::Problem;
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
}

/// A package of a lockfile.
#[derive(Debug)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its source; none for path packages.
    pub source: Option<SourceId>,
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

    /// Whether it has a checksum that is one: a SHA-256 in hex.
    #[must_use]
    pub fn has_checksum(&self) -> bool {
        let is_sum = |sum: &String| sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.checksum.as_ref().is_some_and(is_sum)
    }
}

/// Reads a lockfile.
#[must_use]
pub fn read(file: FileId, text: &str) -> Lockfile {
    let whole = Document::new(file, text);
    let mut lockfile = Lockfile { file, version: 1, packages: Vec::new(), unused: Vec::new(), problems: Vec::new() };
    let parsed = match in_parts(whole) {
        Some(parsed) => Ok(parsed),
        None => whole.parse().map(|table| vec![(whole, table)]),
    };
    let version = parsed.and_then(|parsed| Ok((version(whole, &parsed[0].1)?, parsed)));
    let parsed = match version {
        Ok((version, parsed)) => {
            lockfile.version = version;
            parsed
        }
        Err(problem) => {
            lockfile.problems.push(problem);
            return lockfile;
        }
    };
    let read = parsed.par_iter().map(|(document, table)| {
        let reader = Reader { document: *document, encoded: lockfile.version >= 4 };
        let mut part = Lockfile { file, version: 0, packages: Vec::new(), unused: Vec::new(), problems: Vec::new() };
        if let Some(root) = document::table(table, "root") {
            part.packages.extend(reader.package(root, &mut part.problems));
        }
        reader.packages(table, "package", &mut part.packages, &mut part.problems);
        if let Some(patch) = document::table(table, "patch") {
            reader.packages(patch, "unused", &mut part.unused, &mut part.problems);
        }
        part
    });
    for part in read.collect::<Vec<_>>() {
        lockfile.packages.extend(part.packages);
        lockfile.unused.extend(part.unused);
        lockfile.problems.extend(part.problems);
    }
    for (document, table) in &parsed {
        if let Some(metadata) = document::table(table, "metadata") {
            let reader = Reader { document: *document, encoded: lockfile.version >= 4 };
            reader.checksums(metadata, &mut lockfile);
        }
    }
    lockfile.problems.extend(twice(&lockfile.packages));
    lockfile
}

/// The size in bytes below which parsing in parts is not worth it.
const PART: usize = 1 << 16;

/// Parses a large lockfile as cargo writes it in parts, at once: each from one `[[package]]` line to another. None for a
/// small one, and where anything is out of the ordinary, so that the parts could mean something else than the whole.
fn in_parts<'t>(whole: Document<'t>) -> Option<Vec<(Document<'t>, Table<'t>)>> {
    const HEADER: &str = "\n[[package]]\n";
    let text = whole.text;
    // A multi-line string could hold a line that only looks like a header.
    if text.len() < 2 * PART || text.contains("\"\"\"") || text.contains("'''") {
        return None;
    }
    let count = (text.len() / PART).min(4 * rayon::current_num_threads());
    let mut starts = vec![0];
    for part in 1..count {
        let near = text.floor_char_boundary(part * text.len() / count);
        let start = near + text[near..].find(HEADER)? + 1;
        starts.push(start);
    }
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts: Vec<Document<'_>> = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| Document { file: whole.file, text: &text[start..end], offset: start })
        .collect();
    let last = parts.len() - 1;
    let parse = |(at, part): (usize, Document<'t>)| {
        let table = part.parse().ok()?;
        let is_ordinary = |key: &str| match key {
            "package" => true,
            "version" | "root" => at == 0,
            _ => at == last,
        };
        table.keys().all(|key| is_ordinary(key.get_ref())).then_some((part, table))
    };
    parts.into_par_iter().enumerate().map(parse).collect()
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
fn twice(packages: &[LockedPackage]) -> Option<Problem> {
    let mut seen = std::collections::HashSet::with_capacity(packages.len());
    let package = packages.iter().find(|package| {
        !seen.insert((&package.name, &package.version, package.source.as_ref().map(|source| &source.text)))
    })?;
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
        _ if semver::Version::parse(version).is_err() => {
            format!("`{version}` is no version that cargo reads")
        }
        _ => return None,
    };
    Some(Problem::new(package.span, message))
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
            version: version.to_owned(),
            source: string("source").map(|source| SourceId::parse(source, self.encoded)),
            checksum: string("checksum").map(str::to_owned),
            edges: edges.map(|array| self.edges(array)).unwrap_or_default(),
            replace: table.get("replace").and_then(|replace| self.edge(replace)),
        };
        problems.extend(refused(&package));
        Some(package)
    }

    fn edges(&self, array: &DeArray<'_>) -> Vec<Edge> {
        array.iter().filter_map(|item| self.edge(item)).collect()
    }

    /// An edge: `name`, `name version` or `name version (source)`.
    fn edge(&self, value: &Spanned<DeValue<'_>>) -> Option<Edge> {
        let text = value.get_ref().as_str()?;
        let mut parts = text.splitn(3, ' ');
        let name = parts.next()?.to_owned();
        let version = parts.next().map(str::to_owned);
        let source = parts.next().and_then(|part| part.strip_prefix('(')?.strip_suffix(')'));
        let source = source.map(|source| SourceId::parse(source, self.encoded));
        Some(Edge { name, version, source, span: self.document.string(value)?.span })
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
    use std::fmt::Write as _;

    use super::*;

    /// A lockfile of many packages, as cargo writes it.
    fn many(count: usize) -> String {
        let mut text = "version = 4\n".to_owned();
        for n in 0..count {
            let source = "registry+https://github.com/rust-lang/crates.io-index";
            let _ = write!(text, "\n[[package]]\nname = \"p{n}\"\nversion = \"1.0.{n}\"\nsource = \"{source}\"\n");
            let _ = write!(text, "checksum = \"{n:064x}\"\ndependencies = [\n \"p{}\",\n]\n", (n + 1) % count);
        }
        text
    }

    #[test]
    fn parts_mean_what_the_whole_means() {
        let text = many(2000);
        let whole = Document::new(FileId(0), &text);
        assert!(in_parts(whole).is_some_and(|parts| parts.len() > 1), "large enough to be split");
        let lock = lockfile(&text);
        assert_eq!(lock.packages.len(), 2000);
        for (n, package) in lock.packages.iter().enumerate() {
            assert_eq!(package.name, format!("p{n}"));
            assert_eq!(&text[package.span.range()], package.name);
            assert_eq!(&text[package.edges[0].span.range()], package.edges[0].name);
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_read_whole() {
        let is_split = |text: &str| in_parts(Document::new(FileId(0), text)).is_some();
        let text = many(2000);
        for odd in
            [text.replacen("p7\"", "p7\'\'\'\"", 1), text.replacen("\n[[package]]", "\n[metadata]\n[[package]]", 1)]
        {
            assert!(!is_split(&odd));
        }
        let broken = text.replacen("name = \"p1500\"", "name = p1500", 1);
        assert!(!is_split(&broken));
        let problem = &read(FileId(0), &broken).problems[0];
        assert_eq!(&broken[problem.span.range()], "p1500", "the place is that in the whole file");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(read(FileId(0), &crlf).packages.len(), 2000);
    }

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
    }

    #[test]
    fn merge_markers_are_named() {
        let problems = read(FileId(0), "version = 4\n\n<<<<<<< HEAD\n=======\n>>>>>>> topic\n").problems;
        assert!(problems[0].message.contains("merge conflict"), "{problems:?}");
        assert_eq!(problems[0].span.range(), 13..25);
    }
}
