//! Lockfiles of Cargo, by themselves; and a package for what is about one.

use std::collections::BTreeSet;

use cargo_pinned::scanner::cargo::entries;
use cargo_pinned::scanner::cargo::lockfile::{self, Lockfile};
use cargo_pinned::scanner::cargo::splice::{Taken, is_same, splice};
use cargo_pinned::text::FileId;

/// A package with a dependency of each kind.
pub(super) const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\n\n[dependencies]\na = \"1\"\n\
    b = { version = \"=2.0.0\", registry = \"mine\" }\ng = { git = \"https://example.com/g\", branch = \"main\" }\n\
    [dev-dependencies]\np = { path = \"../p\" }\n";

/// What holds it.
pub(super) const LOCKFILE: &str = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.1\"\n\
    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
    checksum = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n\n\
    [[package]]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n \"g\",\n]\n\n\
    [[package]]\nname = \"g\"\nversion = \"0.2.0\"\n\
    source = \"git+https://example.com/g?branch=main#0123456789abcdef0123456789abcdef01234567\"\n";

/// Holds that the reader of what cargo writes and the reader of any TOML agree, and that what is put together is what it was.
pub(super) fn lockfile(text: &str) {
    let lock = lockfile::read(FileId(0), text);
    // A comment behind the first package is nothing that cargo writes: this goes by the general reader.
    let general = lockfile::read(FileId(0), &format!("{text}\n# general\n"));
    if !lock.packages.is_empty() || lock.problems.is_empty() {
        assert_eq!(lock.version, general.version, "two readers of one lockfile");
        assert_eq!(lock.packages, general.packages, "two readers of one lockfile");
        assert_eq!(lock.unused, general.unused, "two readers of one lockfile");
        assert_eq!(lock.problems, general.problems, "two readers of one lockfile");
    }
    spliced(text, &lock);
    for package in lock.packages.iter().take(3) {
        let _ = entries::entries(text.as_bytes(), &package.name);
        let _ = entries::needed(text, &package.name, &package.version);
    }
}

/// Nothing taken from itself, a lockfile is what it was.
fn spliced(text: &str, lock: &Lockfile) {
    let names: BTreeSet<&str> = lock.packages.iter().take(2).map(|package| package.name.as_str()).collect();
    for names in [BTreeSet::new(), names] {
        for taken in [Taken::Named, Taken::Needed] {
            if let Some(spliced) = splice(text, lock, lock, &names, taken) {
                let again = lockfile::read(FileId(0), &spliced);
                assert_eq!(again.problems, [], "{spliced}");
                assert!(is_same(lock, &again), "{spliced}");
            }
        }
    }
}
