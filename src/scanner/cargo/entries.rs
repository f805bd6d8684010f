//! The entries of one package in the text of a lockfile, without reading the rest of it.
//!
//! Made for walks through history: thousands of lockfiles, of which two or three are then read in full.

use memchr::memmem;

use super::generated;
use super::lockfile::{self, LockedPackage};
use super::resolution::{Graph, PathPackages};
use crate::text::FileId;

/// One version of a package in a lockfile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Its version.
    pub version: String,
    /// Its source as written; none for path packages.
    pub source: Option<String>,
    /// Its checksum.
    pub checksum: Option<String>,
}

impl Entry {
    /// The entry of a locked package.
    #[must_use]
    pub fn of(package: &LockedPackage) -> Self {
        Self {
            version: package.version.clone(),
            source: package.source.as_ref().map(|source| source.text.clone()),
            checksum: package.checksum.clone(),
        }
    }

    /// The commit that a git source is locked to.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        let source = self.source.as_deref().filter(|source| source.starts_with("git+"))?;
        source.rsplit_once('#').map(|(_, commit)| commit)
    }
}

/// The versions of a package in a lockfile, sorted.
#[must_use]
pub fn entries(text: &[u8], name: &str) -> Vec<Entry> {
    // Its name is there once as a line of its own where cargo wrote the file.
    if memmem::find(text, name.as_bytes()).is_none() {
        return Vec::new();
    }
    let line = format!("[[package]]\nname = \"{name}\"\n");
    let mut found: Vec<Entry> =
        memmem::find_iter(text, &line).filter_map(|at| piece(text, at)).flat_map(|text| read(text, name)).collect();
    if found.is_empty() {
        found = std::str::from_utf8(text).map(|text| read(text, name)).unwrap_or_default();
    }
    found.sort();
    found
}

/// What a version of a package needs by a lockfile, directly or not, from registries: names and versions. Itself is left out.
#[must_use]
pub fn needed(text: &str, name: &str, version: &str) -> Vec<(String, String)> {
    let lock = lockfile::read(FileId(0), text);
    let graph = Graph::new(&lock, &PathPackages::new(), true);
    let is_it = |package: &LockedPackage| package.name == name && package.version == version;
    let Some(start) = lock.packages.iter().position(is_it) else { return Vec::new() };
    let reached = graph.reach([start]);
    let is_registry = |package: &LockedPackage| package.source.as_ref().is_some_and(|source| !source.is_git());
    let needed =
        lock.packages.iter().enumerate().filter(|&(at, package)| reached[at] && at != start && is_registry(package));
    needed.map(|(_, package)| (package.name.clone(), package.version.clone())).collect()
}

/// The package that starts at a place, up to the next one.
fn piece(text: &[u8], at: usize) -> Option<&str> {
    let rest = &text[at..];
    let end = memmem::find(&rest[1..], b"\n\n").map_or(rest.len(), |end| end + 2);
    std::str::from_utf8(&rest[..end]).ok()
}

fn read(text: &str, name: &str) -> Vec<Entry> {
    let packages = match generated::read(FileId(0), text) {
        Some((_, packages)) => packages,
        None => lockfile::read_any(FileId(0), text).packages,
    };
    packages.iter().filter(|package| package.name == name).map(Entry::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = include_str!("../../../Cargo.lock");

    /// Of one version alone, through what is no registry's, and not itself: a ring leads back.
    #[test]
    fn what_a_version_needs_is_what_it_reaches_from_registries() {
        let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        let git = "source = \"git+https://example.com/git#3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345\"\n";
        let package = |name: &str, version: &str, source: &str, edges: &str| {
            format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [{edges}]\n")
        };
        let lock = [
            package("a", "1.0.0", registry, "\"b\", \"git\""),
            package("a", "2.0.0", registry, "\"d\""),
            package("b", "1.1.0", registry, "\"a 1.0.0\""),
            package("c", "1.2.0", registry, ""),
            package("d", "1.3.0", registry, ""),
            package("git", "0.1.0", git, "\"c\", \"here\""),
            package("here", "0.1.0", "", ""),
        ];
        let lock = format!("version = 4\n{}", lock.concat());
        let needed = |name: &str, version: &str| needed(&lock, name, version);
        let expected = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect()
        };
        assert_eq!(needed("a", "1.0.0"), expected(&[("b", "1.1.0"), ("c", "1.2.0")]));
        assert_eq!(needed("a", "2.0.0"), expected(&[("d", "1.3.0")]));
        assert_eq!(needed("c", "1.2.0"), expected(&[]));
        assert_eq!(needed("a", "3.0.0"), expected(&[]));
    }

    /// Whatever way a lockfile is written, its entries are those of the whole of it.
    #[test]
    fn an_entry_is_found_as_the_whole_file_has_it() {
        let whole = lockfile::read(FileId(0), LOCK);
        assert!(whole.packages.len() > 100);
        for package in &whole.packages {
            let mut expected: Vec<Entry> =
                whole.packages.iter().filter(|other| other.name == package.name).map(Entry::of).collect();
            expected.sort();
            assert_eq!(entries(LOCK.as_bytes(), &package.name), expected);
        }
        let windows = LOCK.replace('\n', "\r\n");
        assert_eq!(entries(windows.as_bytes(), "semver"), entries(LOCK.as_bytes(), "semver"));
        assert_eq!(entries(LOCK.as_bytes(), "no-such-package"), []);
    }
}
