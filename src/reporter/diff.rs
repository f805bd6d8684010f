//! What `diff` prints: what a change of pins brings in, worst first.

mod human;
mod json;
mod markdown;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;

use super::{Detail, Locator, plural};
use crate::change::{Changes, DeclarationKind, PackageKind, Release};
use crate::scanner::Scan;

/// A form that it can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Human,
    /// For a comment on a change.
    Markdown,
    /// For programs: version 1 of the JSON diff.
    Json,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The kind of snapshot: `worktree`, `revision` or `index`.
    pub kind: &'static str,
    /// The revision as the user typed it.
    pub revision: Option<&'a str>,
    /// The full id of the commit, for revisions.
    pub commit: Option<&'a str>,
    /// What was scanned.
    pub scan: &'a Scan,
}

/// Everything that a diff says.
#[derive(Debug, Clone, Copy)]
pub struct Diff<'a> {
    /// The root of both sides, as the user would name it.
    pub root: &'a str,
    /// What is compared with.
    pub base: End<'a>,
    /// What is looked at.
    pub head: End<'a>,
    /// What differs.
    pub changes: &'a Changes<'a>,
    /// The moment that the age of releases is counted to.
    pub moment: Timestamp,
    /// Whether the registries were asked for releases, and not cargo's cache alone.
    pub is_online: bool,
    /// How much is said to people.
    pub detail: Detail,
    /// The columns of the terminal.
    pub width: usize,
}

/// Writes a diff.
///
/// # Errors
/// Where `out` refuses.
pub fn render(format: Format, diff: &Diff<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(diff, out),
        Format::Markdown => markdown::render(diff, out),
        Format::Json => json::render(diff, out),
    }
}

impl Diff<'_> {
    /// How many packages and declarations became what, worst first; empty where nothing did.
    fn counts(&self) -> Vec<String> {
        let mut counts = Vec::new();
        let mut add = |count: usize, what: &str| {
            if count > 0 {
                counts.push(format!("{count} {what}"));
            }
        };
        for kind in PackageKind::ALL {
            add(self.changes.packages(kind), words::package_kind(kind));
        }
        let duplicates = self.changes.workspaces.iter().map(|workspace| workspace.duplicates.len()).sum();
        let packages = if counts.is_empty() { None } else { Some(format!("packages: {}", counts.join(", "))) };
        let mut counts = Vec::new();
        for kind in DeclarationKind::ALL {
            let count = self.changes.declarations(kind);
            if count > 0 {
                counts.push(format!("{count} {}", words::declaration_kind(kind)));
            }
        }
        let declarations = (!counts.is_empty()).then(|| format!("declarations: {}", counts.join(", ")));
        let yanked = self.releases().filter(|release| release.yanked == Some(true)).count();
        let yanked = (yanked > 0).then(|| format!("yanked: {}", plural(yanked, "release")));
        let duplicates = (duplicates > 0).then(|| plural(duplicates, "new duplicate"));
        [packages, yanked, duplicates, declarations].into_iter().flatten().collect()
    }

    /// What is known of the releases that are brought in, one for each package.
    fn releases(&self) -> impl Iterator<Item = &Release> {
        let packages = self.changes.workspaces.iter().flat_map(|workspace| &workspace.packages);
        packages.filter_map(|change| change.release.as_ref())
    }

    /// Of how many releases the age is not known, and why, the most frequent reason first; empty where there is none.
    fn unknown(&self) -> Vec<(usize, &str)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for release in self.releases().filter(|release| release.released.is_none()) {
            *counts.entry(release.why.as_deref().unwrap_or_default()).or_default() += 1;
        }
        let mut counts: Vec<(usize, &str)> = counts.into_iter().map(|(why, count)| (count, why)).collect();
        counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        counts
    }

    /// What is compared, for people.
    fn ends(&self) -> (&str, &str) {
        let head = match (self.head.revision, self.head.kind) {
            (Some(revision), _) => words::revision(revision),
            (None, "index") => "what is staged",
            (None, _) => "the working tree",
        };
        (self.base.revision.map_or("", words::revision), head)
    }
}
