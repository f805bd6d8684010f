//! What `diff` prints: what a change of pins brings in, worst first.

mod human;
mod json;
mod markdown;
mod words;

use std::io::{self, Write};

use super::{Detail, Locator, plural};
use crate::change::{Changes, DeclarationKind, PackageKind};
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
        let duplicates = (duplicates > 0).then(|| plural(duplicates, "new duplicate"));
        [packages, duplicates, declarations].into_iter().flatten().collect()
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
