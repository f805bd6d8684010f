//! The lockfiles of the npm family, as one: what each holds a declaration to.

mod bun;
pub(super) mod graph;
mod package_lock;
mod pnpm;
mod yarn;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Manager;
use crate::scanner::Problem;
use crate::scanner::cargo::source_id::is_full_commit;
use crate::scanner::dependency::LockedVersion;
use crate::scanner::ranges;
use crate::source::parent;
use crate::text::{FileId, Span};

/// The lockfiles that are known, where there are several in a directory the ones that count first.
pub(super) const NAMES: [(&str, Manager); 6] = [
    ("npm-shrinkwrap.json", Manager::Npm),
    ("package-lock.json", Manager::Npm),
    ("pnpm-lock.yaml", Manager::Pnpm),
    ("yarn.lock", Manager::Yarn),
    ("bun.lock", Manager::Bun),
    // Binary: that it is there is all that is known of it.
    ("bun.lockb", Manager::Bun),
];

/// A package that a lockfile holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Package {
    /// Its version; empty where it has none.
    pub(super) version: String,
    /// Where it comes from, as written.
    pub(super) source: Option<String>,
    /// Whether a hash holds it.
    pub(super) has_hash: bool,
    /// Whether it is one of this repository.
    pub(super) is_own: bool,
}

impl Package {
    /// The same in the words of the scan.
    pub(super) fn locked(&self) -> LockedVersion {
        let source = self.source.as_deref();
        // Behind the URL of an archive stands its own hash.
        let is_archive = |source: &&str| [".tgz#", ".tar.gz#"].iter().any(|end| source.contains(end));
        let fragment = source.filter(|source| !is_archive(source));
        let fragment = fragment.and_then(|source| source.rsplit(['#', '/', '=']).next());
        let commit = fragment.filter(|text| is_full_commit(text)).map(str::to_owned);
        LockedVersion {
            version: self.version.clone(),
            source: self.source.clone(),
            verified: self.has_hash || commit.is_some(),
            commit,
            git: None,
        }
    }
}

/// A specifier that a lockfile repeats from a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// The table that it is in there.
    pub(super) table: String,
    /// What is written.
    pub(super) value: String,
    /// Where, if it can be changed there.
    pub(super) span: Option<Span>,
}

/// By what a lockfile is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// The directory of the manifest, as seen from that of the lockfile.
    pub(super) importer: &'a str,
    /// The table of the declaration.
    pub(super) table: &'a str,
    /// Its key.
    pub(super) name: &'a str,
    /// The specifier.
    pub(super) specifier: &'a str,
    /// Whether the lockfile has the specifier as it is written here: of repositories and paths it may have another spelling.
    pub(super) is_literal: bool,
}

/// What a lockfile says of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It cannot be asked.
    Silent,
    /// It holds nothing for it.
    Absent,
    /// This package. Where the specifier is repeated, and whether that is all that has to change with it.
    Held {
        /// The package.
        package: Package,
        /// Where the lockfile repeats the specifier.
        copy: Option<Span>,
        /// Whether another specifier can be written without an install.
        can_follow: bool,
    },
}

impl Answer {
    /// The same where nothing is to be written into the lockfile.
    pub(super) fn unplaced(self) -> Self {
        match self {
            Self::Held { package, .. } => Self::Held { package, copy: None, can_follow: false },
            answer => answer,
        }
    }
}

/// A lockfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::scanner) struct Lock {
    form: Form,
}

/// What it is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Form {
    /// It cannot be asked.
    #[default]
    Opaque,
    /// As npm and Bun write them: packages by where they are put.
    Tree {
        /// What each manifest asks for, by its directory; none in npm's first version.
        importers: HashMap<String, HashMap<String, Vec<Copy>>>,
        /// The packages by their place.
        packages: HashMap<String, Package>,
        /// The names of Bun's workspaces by their directory.
        names: HashMap<String, String>,
        /// Whether the places are npm's.
        is_npm: bool,
    },
    /// As pnpm writes them.
    Importers {
        /// What each manifest gets, by its directory and by name.
        importers: HashMap<String, HashMap<String, (Copy, Package)>>,
        /// The packages that a hash holds, for one who reads it again.
        hashed: Arc<HashSet<String>>,
    },
    /// As Yarn writes them: packages by name and specifier.
    Patterns {
        /// The package of each pattern, by its index.
        patterns: HashMap<String, usize>,
        /// The packages.
        packages: Vec<Package>,
        /// The names of all.
        names: HashSet<String>,
    },
}

/// Reads a lockfile by its name.
pub(super) fn read(file: FileId, name: &str, text: &str) -> Result<Lock, Problem> {
    let form = match name {
        "npm-shrinkwrap.json" | "package-lock.json" => package_lock::read(file, text)?,
        "pnpm-lock.yaml" => pnpm::read(file, text)?,
        "yarn.lock" => yarn::read(file, text)?,
        "bun.lock" => bun::read(file, text)?,
        _ => Form::Opaque,
    };
    Ok(Lock { form })
}

/// Reads a lockfile that was read before with another text, where that is less work; none where it is not.
pub(super) fn read_again(file: FileId, text: &str, before: &str, read: &Lock) -> Option<Lock> {
    let Form::Importers { hashed, .. } = &read.form else { return None };
    pnpm::read_again(file, text, before, hashed).map(|form| Lock { form })
}

impl Lock {
    /// What it holds a declaration to.
    pub(super) fn find(&self, question: Question<'_>) -> Answer {
        match &self.form {
            Form::Opaque => Answer::Silent,
            Form::Tree { importers, packages, names, is_npm } => {
                let package = if *is_npm {
                    placed(packages, question)
                } else {
                    let own = names.get(question.importer).map(|name| format!("{name}/{}", question.name));
                    own.and_then(|key| packages.get(&key)).or_else(|| packages.get(question.name))
                };
                let copy = match repeated(importers, question) {
                    Ok(copy) => copy,
                    Err(answer) => return answer,
                };
                held(package, question, copy, importers.is_empty())
            }
            Form::Importers { importers, .. } => {
                let found = importers.get(question.importer).and_then(|own| own.get(question.name));
                match found {
                    Some((copy, _)) if question.is_literal && copy.value != question.specifier => Answer::Absent,
                    Some((copy, package)) => held(Some(package), question, copy.span, false),
                    None => Answer::Absent,
                }
            }
            Form::Patterns { patterns, packages, names } => {
                let Question { name, specifier, .. } = question;
                let bare = specifier.trim();
                let keys = [format!("{name}@{bare}"), format!("{name}@npm:{bare}")];
                let at = keys.iter().find_map(|key| patterns.get(key));
                match at.and_then(|&at| packages.get(at)) {
                    Some(package) => Answer::Held { package: package.clone(), copy: None, can_follow: false },
                    // How Yarn spells repositories and patches in its keys is its own affair.
                    None if !question.is_literal && names.contains(name) => Answer::Silent,
                    None => Answer::Absent,
                }
            }
        }
    }

    /// Whether it knows the manifest in a directory, as seen from its own.
    pub(super) fn has_importer(&self, directory: &str) -> bool {
        match &self.form {
            Form::Tree { importers, .. } => importers.contains_key(directory),
            Form::Importers { importers, .. } => importers.contains_key(directory),
            Form::Patterns { .. } | Form::Opaque => false,
        }
    }

    /// Forgets where things are written: the file is no text that could be written back.
    pub(super) fn unplace(&mut self) {
        let forget = |copy: &mut Copy| copy.span = None;
        match &mut self.form {
            Form::Tree { importers, .. } => {
                importers.values_mut().flat_map(HashMap::values_mut).flatten().for_each(forget);
            }
            Form::Importers { importers, .. } => {
                importers.values_mut().flat_map(HashMap::values_mut).for_each(|(copy, _)| forget(copy));
            }
            Form::Patterns { .. } | Form::Opaque => {}
        }
    }
}

/// Where a lockfile repeats a specifier; or that it holds another, and so nothing that was meant.
fn repeated(
    importers: &HashMap<String, HashMap<String, Vec<Copy>>>,
    question: Question<'_>,
) -> Result<Option<Span>, Answer> {
    if importers.is_empty() {
        return Ok(None);
    }
    let Some(copies) = importers.get(question.importer).and_then(|own| own.get(question.name)) else {
        return Err(Answer::Absent);
    };
    // What is in two tables may be repeated in one of them.
    let own = copies.iter().find(|copy| copy.table == question.table).or_else(|| copies.first());
    match own {
        Some(copy) if question.is_literal && copy.value != question.specifier => Err(Answer::Absent),
        Some(copy) => Ok(copy.span.filter(|_| copy.table == question.table)),
        None => Err(Answer::Absent),
    }
}

/// The answer for a package that was found, or not.
fn held(package: Option<&Package>, question: Question<'_>, copy: Option<Span>, is_bare: bool) -> Answer {
    let Some(package) = package else { return Answer::Absent };
    // Without what the manifest asked for, the version itself must be one that it asks for now.
    if is_bare && question.is_literal && !admits(question.specifier, &package.version) {
        return Answer::Absent;
    }
    // A lockfile that a merge has torn can hold what is not asked for: that is nobody's choice to be written down.
    let can_follow = !(question.is_literal && refuses(question.specifier, &package.version));
    Answer::Held { package: package.clone(), copy, can_follow: can_follow && (is_bare || copy.is_some()) }
}

/// The package that a manifest gets, in the order in which Node looks for it.
fn placed<'p>(packages: &'p HashMap<String, Package>, question: Question<'_>) -> Option<&'p Package> {
    let mut directory = question.importer;
    loop {
        let lead = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        if let Some(package) = packages.get(&format!("{lead}node_modules/{}", question.name)) {
            return Some(package);
        }
        if directory.is_empty() {
            return None;
        }
        directory = parent(directory);
    }
}

/// Whether a range is known to admit a version.
pub(super) fn admits(range: &str, version: &str) -> bool {
    compare(range, version) == Some(true)
}

/// Whether a range is known to refuse a version.
fn refuses(range: &str, version: &str) -> bool {
    compare(range, version) == Some(false)
}

/// Whether a range admits a version, where that is known: a tag may stand for anything.
fn compare(range: &str, version: &str) -> Option<bool> {
    let version = semver::Version::parse(version).ok()?;
    let is_any = matches!(range.trim(), "" | "*" | "x" | "X" | "latest");
    let admits = ranges::npm(range)?.iter().any(|one| one.matches(&version));
    (admits || !is_any).then_some(admits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_range_admits() {
        for (range, version, expected) in [
            ("^1.2.3", "1.9.0", true),
            ("^1.2.3", "2.0.0", false),
            ("^0.2.3", "0.3.0", false),
            ("~1.2.3", "1.2.9", true),
            ("1", "1.9.0", true),
            ("1.2", "1.3.0", false),
            ("1.x", "1.3.0", true),
            (">=1.2 <2", "1.3.0", true),
            (">=1.2 <2", "2.3.0", false),
            ("1 || 2", "2.3.0", true),
            ("*", "2.3.0", true),
            ("1.2.3", "1.2.4", false),
            ("npm:other@^1", "1.2.4", true),
            ("1.2.3 - 2", "1.2.4", true),
            ("next", "1.0.0", false),
        ] {
            assert_eq!(admits(range, version), expected, "{range} {version}");
        }
        let known = ["^2", "1.1", "1.2.3", "<1 || >2", "npm:other@^2"];
        assert!(known.iter().all(|range| refuses(range, "1.2.4")));
        let unknown = ["next", "latest", "1.2.3 - 2", "^1", ">2 || next", "*"];
        assert!(!unknown.iter().any(|range| refuses(range, "1.2.4")));
        assert!(!refuses("*", "1.0.0-beta.1"));
    }
}
