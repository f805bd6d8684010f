//! What a change of pins moved in a lockfile, a line a package.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::Style;

use super::terminal::{escape, pad};
use crate::scanner::cargo::lockfile::{LockedPackage, Lockfile};

const BOLD: Style = Style::new().bold();

/// A package that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// Its name.
    pub name: String,
    /// What it was; none for one that is new.
    pub before: Option<Held>,
    /// What it is; none for one that is gone.
    pub after: Option<Held>,
}

/// What a lockfile holds a package to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    version: Option<semver::Version>,
    text: String,
    commit: Option<String>,
    /// Where it comes from, the commit and the reference apart.
    origin: Option<String>,
}

impl Held {
    fn of(package: &LockedPackage) -> Self {
        let source = package.source.as_ref();
        Self {
            version: package.parsed.clone(),
            text: package.version.clone(),
            commit: source.and_then(|source| source.commit()).map(str::to_owned),
            origin: source.map(|source| source.identity().to_owned()),
        }
    }

    fn shown(&self) -> String {
        match self.commit.as_deref().and_then(|commit| commit.get(..9)) {
            Some(commit) => format!("{} ({commit})", self.text),
            None => self.text.clone(),
        }
    }
}

/// What moved between two states of a lockfile, sorted by name.
#[must_use]
pub fn moved(before: &Lockfile, after: &Lockfile) -> Vec<Moved> {
    let all = |lock: &Lockfile| -> BTreeSet<(String, Held)> {
        lock.packages.iter().map(|package| (package.name.clone(), Held::of(package))).collect()
    };
    let (old, new) = (all(before), all(after));
    let mut gone: Vec<&(String, Held)> = old.difference(&new).collect();
    let mut moved = Vec::new();
    for (name, held) in new.difference(&old) {
        // What it was is what is compatible with it, else whatever else of its name went.
        let fits = |(other, was): &&(String, Held)| other == name && same_range(was, held);
        let at = gone.iter().position(fits).or_else(|| gone.iter().position(|(other, _)| other == name));
        let before = at.map(|at| gone.remove(at).1.clone());
        moved.push(Moved { name: name.clone(), before, after: Some(held.clone()) });
    }
    moved.extend(gone.into_iter().map(|(name, held)| Moved {
        name: name.clone(),
        before: Some(held.clone()),
        after: None,
    }));
    moved.sort();
    moved
}

fn same_range(a: &Held, b: &Held) -> bool {
    let range = |held: &Held| held.version.as_ref().map(crate::scanner::cargo::requirement::range);
    range(a) == range(b)
}

impl Moved {
    /// Whether it is at this version now.
    #[must_use]
    pub fn is_at(&self, version: &str) -> bool {
        self.after.as_ref().is_some_and(|held| held.text == version)
    }

    /// What became of it, in a word.
    fn word(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "added",
            (_, None) => "removed",
            (Some(before), Some(after)) if before.origin != after.origin => "source changed",
            (Some(before), Some(after)) => match before.version.cmp(&after.version) {
                std::cmp::Ordering::Less => "upgraded",
                std::cmp::Ordering::Greater => "downgraded",
                std::cmp::Ordering::Equal => "moved",
            },
        }
    }

    fn change(&self) -> String {
        let shown = |held: &Option<Held>| held.as_ref().map(Held::shown);
        match (shown(&self.before), shown(&self.after)) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (before, after) => before.or(after).unwrap_or_default(),
        }
    }
}

/// Writes what moved in a lockfile.
///
/// # Errors
/// Where it cannot be written.
pub fn moved_human(lock: &str, moved: &[Moved], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", escape(lock))?;
    if moved.is_empty() {
        return writeln!(out, "  no package moved");
    }
    let words = moved.iter().map(|one| one.word().len()).max().unwrap_or(0);
    let names = moved.iter().map(|one| escape(&one.name).len()).max().unwrap_or(0);
    for one in moved {
        let (word, name) = (pad(one.word(), words), pad(&escape(&one.name), names));
        writeln!(out, "  {word}  {name}  {}", escape(&one.change()))?;
    }
    Ok(())
}
