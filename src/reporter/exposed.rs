//! What `exposed` reports: for each repository, whether it has a release, would get it, or is held off it, and why.
//!
//! The rows own what they hold, since no repository's scan outlives its judgement.

mod human;
mod json;
mod markdown;
mod words;

use std::io::{self, Write};

use super::Locator;
use crate::scanner::Scan;
use crate::text::Span;

/// Everything that the report says.
#[derive(Debug)]
pub struct Exposed {
    /// What was asked, as the user typed it.
    pub query: String,
    /// The kind of thing that was asked for.
    pub surface: &'static str,
    /// Its name.
    pub name: String,
    /// The versions that were asked for; none for any.
    pub versions: Option<String>,
    /// A row for each repository, sorted by name.
    pub rows: Vec<Row>,
}

/// What is known of one repository.
#[derive(Debug)]
pub struct Row {
    /// The name: what the list of targets calls it, else the shortest end of its path that tells it from the others.
    pub name: String,
    /// Where it was read from, as the user would name it.
    pub path: String,
    /// The remote, without credentials, where it is known.
    pub url: Option<String>,
    /// Who answers for it, by the list of targets.
    pub owner: Option<String>,
    /// Labels, by the list of targets.
    pub labels: Vec<String>,
    /// The full id of the commit that was judged.
    pub commit: Option<String>,
    /// Why it could not be judged at all.
    pub error: Option<String>,
    /// The answer.
    pub answer: Answer,
}

/// How a repository stands to the release, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Status {
    /// A lockfile holds it, or where none is to be asked a declaration names just that.
    Has,
    /// A declaration admits it, and the lockfile holds something else, or there is none.
    WouldGet,
    /// A package in between, whose requirement no lockfile holds, may admit it.
    MayGet,
    /// Something that decides could not be read.
    #[default]
    Unknown,
    /// The repository knows the package, and nothing admits the release.
    Held,
    /// The package is in no lockfile and no declaration.
    Absent,
}

impl Status {
    /// Every status, worst first.
    pub const ALL: [Self; 6] = [Self::Has, Self::WouldGet, Self::MayGet, Self::Unknown, Self::Held, Self::Absent];

    /// The status's name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Has => "has",
            Self::WouldGet => "would-get",
            Self::MayGet => "may-get",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Absent => "absent",
        }
    }
}

/// What a repository's lockfiles and declarations say.
#[derive(Debug, Default)]
pub struct Answer {
    /// How it stands to the release.
    pub status: Status,
    /// The packages of the name that its lockfiles hold.
    pub packages: Vec<Package>,
    /// The declarations that name the package.
    pub declarations: Vec<Declaration>,
    /// Each way in which it would or may get the release is ruled out by another requirement of its own, while that stands.
    pub is_kept_out: bool,
    /// What could not be read or told, one phrase each.
    pub unclear: Vec<String>,
    /// How many files were left out on purpose.
    pub skipped: usize,
}

impl Answer {
    /// The packages that the status is about: those that are asked for, where there are any.
    fn shown(&self) -> impl Iterator<Item = &Package> {
        let is_all = self.status != Status::Has;
        self.packages.iter().filter(move |package| is_all || package.is_wanted)
    }
}

/// A package of the name in a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, which may join its words otherwise than the query.
    pub name: String,
    /// Its version, with its build metadata.
    pub version: String,
    /// Where it comes from, without credentials; none for a path in the repository, and for what npm's or Python's registry has.
    pub source: Option<String>,
    /// It is from the registry that is meant where none is named.
    pub is_usual: bool,
    /// The lockfile.
    pub lockfile: String,
    /// The line there, counted from one.
    pub line: usize,
    /// It is what was asked for.
    pub is_wanted: bool,
    /// It is newer than all that was asked for.
    pub is_newer: bool,
    /// A package in between may admit what was asked for in its place.
    pub may_move: bool,
    /// The requirement of the repository's own that keeps another version out of its place.
    pub kept_by: Option<Keeper>,
    /// What the first package of the chain takes the second for: `normal`, `build` or `dev`; none where there is no chain.
    pub kind: Option<&'static str>,
    /// The shortest chain from a member to it, each as `name version`; empty where nothing leads to it.
    pub via: Vec<String>,
}

/// A requirement that keeps a release out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// The manifest.
    pub path: String,
    /// The line there, counted from one.
    pub line: usize,
    /// The requirement.
    pub requirement: String,
}

/// A declaration that names the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The file.
    pub path: String,
    /// The line there, counted from one.
    pub line: usize,
    /// The key as written.
    pub name: String,
    /// The real name of the package.
    pub package: String,
    /// What is written.
    pub requirement: Option<String>,
    /// How tightly it holds.
    pub pin: &'static str,
    /// What a lockfile holds it to: a version, or several.
    pub locked: Vec<String>,
    /// All of that is newer than what was asked for.
    pub is_newer: bool,
    /// A lockfile was there to ask.
    pub has_lock: bool,
    /// Its ecosystem has lockfiles.
    pub is_lockable: bool,
    /// Where it comes from, where that is no registry, as a person would say it.
    pub origin: Option<String>,
    /// What it is for.
    pub kind: &'static str,
    /// The TOML path of its table.
    pub table: String,
    /// The members that inherit it.
    pub used_by: Vec<String>,
    /// It admits what was asked for, or, where it follows what moves, may come to it.
    pub admits: Admits,
    /// What is written is what was asked for, and no lockfile says what a build gets.
    pub is_wanted: bool,
    /// What more there is to say of that.
    pub note: Option<String>,
}

/// Whether a declaration admits a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// It does.
    Yes,
    /// It follows a branch or leads out of the repository: where it stands next cannot be told.
    Maybe,
    /// It does not.
    No,
}

impl Admits {
    /// The word for it in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Maybe => "maybe",
            Self::No => "no",
        }
    }
}

/// Finds the lines of a scan, for rows that outlive it.
pub struct Places<'a>(Locator<'a>);

impl<'a> Places<'a> {
    /// For the files of a scan.
    #[must_use]
    pub fn new(scan: &'a Scan) -> Self {
        Self(Locator::new(scan))
    }

    /// The line of a place, counted from one.
    #[must_use]
    pub fn line(&self, span: Span) -> usize {
        self.0.range(span).0.line
    }
}

impl Exposed {
    /// The repositories of a status: what may come by itself ahead of what could only go back, and of what is kept out for now.
    fn of(&self, status: Status) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.answer.status == status).collect();
        rows.sort_by_key(|row| (row.answer.is_kept_out, words::is_newer(&row.answer)));
        rows
    }

    /// How many repositories have a status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.answer.status == status).count()
    }
}

/// A form that the report can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Human,
    /// For the issue of an incident.
    Markdown,
    /// For programs: version 1 of the JSON report.
    Json,
}

/// Writes the report; with `verbose`, for people also the repositories that are not concerned, and every way.
///
/// # Errors
/// Where `out` refuses.
pub fn render(format: Format, exposed: &Exposed, verbose: bool, width: usize, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(exposed, verbose, width, out),
        Format::Markdown => markdown::render(exposed, verbose, out),
        Format::Json => json::render(exposed, out),
    }
}
