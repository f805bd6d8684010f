//! Cargo's cache of an index: one file a package in `CARGO_HOME/registry/index/HOST-HASH/.cache`, and local registries.
//!
//! Where a file is and what is in it is known to `tame-index`. The file is read, not mapped: cargo may write it meanwhile.

use std::fs;
use std::path::Path;

use tame_index::index::IndexCache;
use tame_index::index::cache::ValidCacheEntry;
use tame_index::{IndexKrate, IndexLocation, IndexUrl, KrateName, Version};

use super::config::Registry;
use super::{Found, Versions, utf8};

/// The most that is read of one file; the largest of crates.io has some 10 MiB.
pub(super) const MOST: u64 = 64 << 20;

/// The first cargo whose directories are named as they are looked for here.
const CARGO: Version = Version::new(1, 85, 0);

/// What the cache, or a local registry, has of a package; of the cache `only` some versions, where that is all that is asked for.
pub(super) fn read(home: &Path, registry: &Registry, name: &str, only: Option<&Versions<'_>>) -> Found {
    let krate = KrateName::try_from(name).map_err(|_| format!("`{name}` is no name of a package"))?;
    if let Registry::Local(directory) = registry {
        let path = directory.join("index").join(krate.relative_path(None));
        let bytes = content(&path)?.ok_or("the local registry does not have the package")?;
        return IndexKrate::from_slice(&bytes).map_err(|error| broken(&error));
    }
    let location = location(home, registry)?;
    let (path, _) = location.into_parts().map_err(|error| error.to_string())?;
    let path = IndexCache::at_path(path).cache_path(krate);
    let bytes = content(path.as_std_path())?.ok_or("cargo's cache does not have it")?;
    let entry = ValidCacheEntry::read(&bytes).map_err(|error| broken(&error))?;
    if let Some(only) = only {
        // Some packages have thousands of versions, and to read what is said of one takes a microsecond.
        let lines = lines(entry.version_entries, |version| only.contains(&(name, version)));
        if lines.is_empty() {
            return Ok(IndexKrate { versions: Vec::new() });
        }
        return IndexKrate::from_slice(&lines).map_err(|error| broken(&error));
    }
    entry.to_krate(None).map_err(|error| broken(&error))?.ok_or_else(|| "cargo's cache does not have it".to_owned())
}

/// What is said of some versions, a line each: the cache has each version and what is said of it, with a zero byte behind each.
fn lines(entries: &[u8], is_wanted: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut parts = entries.split(|&byte| byte == 0);
    let mut lines = Vec::new();
    while let (Some(version), Some(said)) = (parts.next(), parts.next()) {
        if std::str::from_utf8(version).is_ok_and(&is_wanted) {
            lines.extend_from_slice(said);
            lines.push(b'\n');
        }
    }
    lines
}

/// Where a registry is, and where cargo caches it.
pub(super) fn location(home: &Path, registry: &Registry) -> Result<IndexLocation<'static>, String> {
    let url = match registry {
        Registry::Sparse(url, _) | Registry::Git(url) => url.clone(),
        Registry::Local(path) => return Err(format!("`{}` is a local registry", path.display())),
    };
    let url = IndexUrl::NonCratesIo(url.into());
    // The version is said, and not found out: that would start cargo.
    let location = IndexLocation { cargo_version: Some(CARGO), ..IndexLocation::new(url) };
    Ok(location.with_root(Some(utf8(home)?)))
}

/// The bytes of a file; none where it is not there.
fn content(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let wrong = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => Err(format!("`{}` is no file", path.display())),
        Ok(about) if about.len() > MOST => Err(format!("`{}` has over {} MiB", path.display(), MOST >> 20)),
        Ok(_) => fs::read(path).map(Some).map_err(wrong),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error)),
    }
}

fn broken(error: &impl std::fmt::Display) -> String {
    format!("what cargo's cache has of it cannot be read: {error}")
}
