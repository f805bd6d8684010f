//! What differs between two scans: packages, by workspace, and declarations, by place.
//!
//! Facts alone, of two sides that were scanned alike: it knows no policy, no level and no report. What is known of a release
//! beyond the two sides is filled in by whoever asks a release index (see [`releases`]).

pub mod bounds;
pub mod checksums;
mod declarations;
mod packages;
pub mod releases;
mod routes;
mod workspaces;

use std::collections::HashSet;

use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::dependency::Dependency;
use crate::scanner::{Problem, Scan};

pub use releases::Release;
pub use workspaces::compare;

/// Everything that differs.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// Releases whose checksum is not what it was.
    pub alarms: Vec<Alarm<'a>>,
    /// The workspaces in which something differs, by directory.
    pub workspaces: Vec<WorkspaceChange<'a>>,
    /// Declarations that differ, by the file in which they are now, the worst first.
    pub declarations: Vec<DeclarationChange<'a>>,
    /// What could not be compared, because one side of it could not be read.
    pub unread: Vec<Unread<'a>>,
}

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What is compared with.
    Before,
    /// What is looked at.
    After,
}

impl Side {
    /// The side's name in reports for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// A file that could not be read on one side.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread<'a> {
    /// Its path.
    pub path: &'a str,
    /// On which side.
    pub side: Side,
    /// Why, as a lowercase fragment.
    pub why: &'a str,
}

/// A release that has not the checksum that it had: replaced, or written over by hand.
#[derive(Debug)]
pub struct Alarm<'a> {
    /// The directory of the workspace in whose lockfile it is now.
    pub directory: &'a str,
    /// The package as it is locked now.
    pub package: &'a LockedPackage,
    /// The checksums that it had, sorted.
    pub before: Vec<&'a str>,
    /// Where it is in the graph.
    pub route: Route<'a>,
}

/// Whether something is on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On both.
    Kept,
    /// On the new one alone.
    Added,
    /// On the old one alone.
    Removed,
    /// On neither.
    Absent,
}

impl Presence {
    /// Its name in reports for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Absent => "absent",
        }
    }
}

/// What differs in one workspace.
#[derive(Debug)]
pub struct WorkspaceChange<'a> {
    /// Its directory; for one that is gone, where it was.
    pub directory: &'a str,
    /// Where it was, if that was elsewhere.
    pub moved_from: Option<&'a str>,
    /// Whether the workspace is on both sides.
    pub presence: Presence,
    /// Whether its lockfile is.
    pub lock: Presence,
    /// How many packages its lockfile had and has.
    pub locked: (usize, usize),
    /// The packages from elsewhere that differ, worst first.
    pub packages: Vec<PackageChange<'a>>,
    /// Its own packages that differ: those without a source, which this repository has the content of.
    pub own: Vec<PackageChange<'a>>,
    /// Packages that are locked in more versions than they were, and in more than one.
    pub duplicates: Vec<Duplicate<'a>>,
}

/// What became of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// It comes from elsewhere than it did: another registry, another repository.
    Source,
    /// It has the same version from the same repository, at another commit.
    Commit,
    /// A lower version.
    Downgraded,
    /// It was not there.
    Added,
    /// A higher version.
    Upgraded,
    /// It is no longer there.
    Removed,
}

impl PackageKind {
    /// Every kind, worst first: what brings in content that nobody has asked for ahead of what is gone.
    pub const ALL: [Self; 6] =
        [Self::Source, Self::Commit, Self::Downgraded, Self::Added, Self::Upgraded, Self::Removed];

    /// The kind's name in reports for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source-changed",
            Self::Commit => "commit-changed",
            Self::Downgraded => "downgraded",
            Self::Added => "added",
            Self::Upgraded => "upgraded",
            Self::Removed => "removed",
        }
    }
}

/// A package that differs.
#[derive(Debug)]
pub struct PackageChange<'a> {
    /// What became of it.
    pub kind: PackageKind,
    /// What was locked.
    pub before: Option<&'a LockedPackage>,
    /// What is locked.
    pub after: Option<&'a LockedPackage>,
    /// Where it is in the graph: in the new one, unless it is gone.
    pub route: Route<'a>,
    /// What is known of the release that it brings in; none for what brings in none from a registry, or was not asked for.
    pub release: Option<Release>,
}

impl<'a> PackageChange<'a> {
    /// The package as it is now; one that is gone, as it was.
    #[must_use]
    pub fn package(&self) -> Option<&'a LockedPackage> {
        self.after.or(self.before)
    }

    /// Whether the two versions are ones that a caret requirement would not exchange for each other.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        let class = |package: Option<&LockedPackage>| package.and_then(packages::class);
        self.before.is_some() && self.after.is_some() && class(self.before) != class(self.after)
    }
}

/// How a package comes into a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route<'a> {
    /// Whether a package of this repository depends on it.
    pub direct: bool,
    /// The shortest way to it from a package of this repository, both included; empty where nothing leads to it.
    pub path: Vec<&'a LockedPackage>,
    /// How many packages are left out behind the first one, where the way is very long.
    pub left_out: usize,
}

/// A package that is locked in more versions than it was.
#[derive(Debug, PartialEq, Eq)]
pub struct Duplicate<'a> {
    /// Its name.
    pub name: &'a str,
    /// The versions that were locked, lowest first.
    pub before: Vec<&'a str>,
    /// The versions that are.
    pub after: Vec<&'a str>,
}

/// What became of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationKind {
    /// It names another package, or gets it from elsewhere.
    Source,
    /// It admits more than it did.
    Loosened,
    /// It was not there.
    Added,
    /// It admits something else, neither more nor less.
    Changed,
    /// It admits less than it did.
    Tightened,
    /// It says the same in another place.
    Moved,
    /// It is no longer there.
    Removed,
}

impl DeclarationKind {
    /// Every kind, worst first.
    pub const ALL: [Self; 7] =
        [Self::Source, Self::Loosened, Self::Added, Self::Changed, Self::Tightened, Self::Moved, Self::Removed];

    /// The kind's name in reports for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source-changed",
            Self::Loosened => "loosened",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Tightened => "tightened",
            Self::Moved => "moved",
            Self::Removed => "removed",
        }
    }
}

/// A declaration, and the file that it is in.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The file's path.
    pub path: &'a str,
    /// The declaration.
    pub dependency: &'a Dependency,
    /// The release that the comment behind its commit id names.
    pub release: Option<&'a str>,
}

/// A declaration that differs.
#[derive(Debug)]
pub struct DeclarationChange<'a> {
    /// What became of it.
    pub kind: DeclarationKind,
    /// What was declared.
    pub before: Option<Declared<'a>>,
    /// What is.
    pub after: Option<Declared<'a>>,
}

impl<'a> DeclarationChange<'a> {
    /// The declaration as it is now; one that is gone, as it was.
    #[must_use]
    pub fn declared(&self) -> Option<Declared<'a>> {
        self.after.or(self.before)
    }
}

impl Changes<'_> {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alarms.is_empty() && self.workspaces.is_empty() && self.declarations.is_empty() && self.unread.is_empty()
    }

    /// How many packages from elsewhere became that, in all workspaces.
    #[must_use]
    pub fn packages(&self, kind: PackageKind) -> usize {
        self.workspaces.iter().flat_map(|workspace| &workspace.packages).filter(|change| change.kind == kind).count()
    }

    /// How many declarations became that.
    #[must_use]
    pub fn declarations(&self, kind: DeclarationKind) -> usize {
        self.declarations.iter().filter(|change| change.kind == kind).count()
    }
}

/// The files of one side that something could not be read of, and that are not the same on the other.
fn unread<'a>(scan: &'a Scan, side: Side, is_unchanged: &dyn Fn(&str) -> bool) -> Vec<Unread<'a>> {
    let declaring: HashSet<u32> = scan.dependencies.iter().map(|dependency| dependency.span.file.0).collect();
    let mut seen = HashSet::new();
    let is_lost = |problem: &&Problem| {
        let (file, path) = (problem.span.file, scan.files.path(problem.span.file));
        // Cargo refuses much of what can still be read; where there are declarations, they were.
        !declaring.contains(&file.0) && seen.insert(file) && !is_unchanged(path)
    };
    let lost = scan.problems.iter().filter(is_lost);
    lost.map(|problem| Unread { path: scan.files.path(problem.span.file), side, why: &problem.message }).collect()
}
