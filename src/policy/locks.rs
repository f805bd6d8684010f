//! Which lockfiles there are for the commands that build: `--locked` is only written where one is sure to be.

use std::collections::{HashMap, HashSet};

use crate::scanner::Scan;
use crate::scanner::cargo::workspace::Workspace;
use crate::scanner::dependency::Surface;
use crate::scanner::shell::{Build, Doubt};
use crate::source::{Tracking, is_below, parent};
use crate::text::{FileId, Files, Span};

/// How many bytes ahead of a command, and behind it on its line, may name the directory that it runs in.
const NEAR: usize = 200;

/// The most workspaces with a stale lockfile, or without one, whose names are looked for; of more, each command may mean one.
const MOST_NAMED: usize = 64;

/// How a command is said to run in a directory, or a manifest to be one, that is not written out.
const ANYWHERE: [&str; 7] =
    ["directory: ${{", "cd $", "cd \"$", "pushd $", "pushd \"$", "manifest-path $", "manifest-path \"$"];

/// How a directory is written out, or a manifest.
const SOMEWHERE: [&str; 8] =
    ["cd ", "pushd ", "directory:", "manifest-path ", "manifest-path=", "WORKDIR ", "--path ", "-C "];

/// The most directories of one name that are looked at.
const MOST_ALIKE: usize = 64;

/// Which lockfiles there are: where there is none, a build with `--locked` fails, and so does `npm ci`.
pub struct Locks<'s> {
    /// Those of cargo's workspaces.
    pub cargo: Held,
    /// Those of npm's projects.
    pub npm: Held,
    /// The directories of the workspaces whose lockfile cargo would refuse with `--locked`.
    pub stale: Vec<&'s str>,
    /// The directories of those that have none, as far as git has it.
    pub bare: Vec<&'s str>,
    /// All directories without a lockfile that is known, those of manifests that are left out among them, by the last part of each.
    unknown: HashMap<&'s str, Vec<&'s str>>,
    /// The directories of packages whose lockfile is known.
    locked: HashSet<&'s str>,
    /// Whether there is one at the root, which a command takes that names no other.
    has_root: bool,
    /// Whether that at the root has one package alone.
    is_single: bool,
    /// The directories of packages that have their lockfile further up.
    members: HashSet<&'s str>,
}

/// How many of an ecosystem's projects have a lockfile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Each of them.
    All,
    /// Some of them, or nothing is known of any.
    Part,
    /// None of them.
    Nothing,
}

impl Held {
    fn of(has_lock: impl Iterator<Item = bool>) -> Self {
        let all: Vec<bool> = has_lock.collect();
        match all.iter().filter(|has_lock| **has_lock).count() {
            _ if all.is_empty() => Self::Part,
            0 => Self::Nothing,
            count if count == all.len() => Self::All,
            _ => Self::Part,
        }
    }
}

impl<'s> Locks<'s> {
    /// Those of a scan.
    #[must_use]
    pub fn of(scan: &'s Scan) -> Self {
        let workspaces = scan.workspaces.iter();
        let workspaces = workspaces.filter(|workspace| workspace.lock.is_some() || workspace.has_dependencies);
        // What git does not have is on no other machine.
        let has_lock = |workspace: &&Workspace| {
            let is_here_alone = matches!(workspace.tracking, Tracking::Ignored | Tracking::Untracked);
            workspace.lock.is_some() && !is_here_alone && !workspace.is_lost
        };
        let stale = scan.workspaces.iter().filter(|workspace| !workspace.differences.is_empty());
        let bare = scan.workspaces.iter().filter(|workspace| !has_lock(workspace));
        let bare: Vec<&str> = bare.map(|workspace| workspace.directory.as_str()).collect();
        let left_out = scan.skipped.iter().filter(|skipped| skipped.path.ends_with("Cargo.toml"));
        let mut unknown: HashMap<&str, Vec<&str>> = HashMap::new();
        for directory in bare.iter().copied().chain(left_out.map(|skipped| parent(&skipped.path))) {
            unknown.entry(directory.rsplit('/').next().unwrap_or_default()).or_default().push(directory);
        }
        let locked = scan.workspaces.iter().filter(has_lock).flat_map(|workspace| {
            workspace.members.iter().map(|member| member.directory.as_str()).chain([workspace.directory.as_str()])
        });
        let root = scan.workspaces.iter().find(|workspace| workspace.directory.is_empty());
        let members = scan.workspaces.iter().flat_map(|workspace| {
            let members = workspace.members.iter().map(|member| member.directory.as_str());
            members.filter(|directory| **directory != workspace.directory)
        });
        let projects = scan.projects.iter().filter(|project| project.surface == Surface::Npm);
        let is_npms = |path: &str| path.ends_with("package-lock.json") || path.ends_with("npm-shrinkwrap.json");
        let has_npms = |lock: Option<FileId>| lock.is_some_and(|lock| is_npms(scan.files.path(lock)));
        Self {
            cargo: match Held::of(workspaces.map(|workspace| workspace.lock.is_some())) {
                Held::All if !unknown.is_empty() => Held::Part,
                held => held,
            },
            npm: Held::of(projects.map(|project| has_npms(project.lock))),
            stale: stale.map(|workspace| workspace.directory.as_str()).collect(),
            has_root: root.as_ref().is_some_and(has_lock),
            bare,
            unknown,
            locked: locked.collect(),
            is_single: root.is_some_and(|root| {
                root.packages.len() == 1 && root.members.iter().any(|member| member.directory.is_empty())
            }),
            members: members.collect(),
        }
    }

    /// Whether what a command builds is known to have the lockfile that it has in the repository.
    #[must_use]
    pub fn is_known(&self, build: &Build, files: &Files) -> bool {
        let path = files.path(build.span.file);
        // An image may be built from where its file lies.
        let is_clear = || {
            !std::iter::successors(Some(parent(path)), |at| (!at.is_empty()).then(|| parent(at)))
                .any(|at| self.members.contains(at))
        };
        match build.doubt {
            None => true,
            Some(Doubt::Context) => is_clear(),
            Some(Doubt::InPieces) => self.is_single && is_clear(),
            Some(Doubt::Brought | Doubt::Outside | Doubt::NotCopied) => false,
        }
    }

    /// Whether the commands of a file build nothing that has no lockfile: it names none of those directories, lies in none of them, and
    /// there is a lockfile at the root, unless each has one.
    #[must_use]
    pub fn must_be_held(&self, files: &Files, file: FileId) -> bool {
        // Else it is not asked for.
        if self.cargo != Held::Part || !self.has_root && !self.bare.is_empty() || self.bare.len() > MOST_NAMED {
            return false;
        }
        let (path, text) = (files.path(file), files.text(file));
        let is_meant = |directory: &&str| {
            let name = directory.rsplit('/').next().unwrap_or_default();
            name.is_empty() || is_below(path, directory) || names(text, name)
        };
        // A directory that is not written out may be any.
        let is_open = || !self.bare.is_empty() && ANYWHERE.iter().any(|part| text.contains(part));
        let is_written = || written(text).any(|place| self.is_unknown(place));
        !is_open() && !self.bare.iter().any(is_meant) && !is_written() && !self.is_unknown(parent(path))
    }

    /// Whether a directory may be one without a lockfile that is known, or lie in one: wherever it is written from, the end of it is
    /// the end of that, or the other way round.
    fn is_unknown(&self, place: &str) -> bool {
        if self.locked.contains(place) {
            return false;
        }
        let above = std::iter::successors(Some(place), |at| Some(parent(at)).filter(|above| !above.is_empty()));
        let ends = |longer: &str, shorter: &str| longer.strip_suffix(shorter).is_some_and(|rest| rest.ends_with('/'));
        above.filter(|at| !at.is_empty()).any(|at| {
            let alike = self.unknown.get(at.rsplit('/').next().unwrap_or_default()).into_iter().flatten();
            let mut alike = alike.take(MOST_ALIKE).filter(|one| !one.is_empty());
            alike.any(|one| *one == at || ends(one, at) || ends(at, one))
        })
    }

    /// Whether a command may build what is in one of these directories: that of the root, where there is one, or one that is named
    /// there or a line ahead of it. Without a workspace at the root it may be any.
    #[must_use]
    pub fn may_be_in(&self, directories: &[&str], text: &str, span: Span) -> bool {
        let range = span.range();
        let start = text.floor_char_boundary(range.start.saturating_sub(NEAR));
        let behind = text.get(range.end..text.floor_char_boundary(range.end.saturating_add(NEAR))).unwrap_or_default();
        let end = range.end + behind.find('\n').unwrap_or(behind.len());
        let near = text.get(start..end).unwrap_or_default();
        let is_meant = |directory: &&str| directory.is_empty() || !self.has_root || near.contains(*directory);
        directories.len() > MOST_NAMED || directories.iter().any(is_meant)
    }
}

/// The directories that a text says commands to run in.
fn written(text: &str) -> impl Iterator<Item = &str> {
    let behind = SOMEWHERE.iter().flat_map(|part| text.match_indices(part).map(|(at, part)| &text[at + part.len()..]));
    behind.map(|rest| {
        let rest = rest.trim_start_matches([' ', '"', '\'']);
        let end = rest.find(|c: char| c.is_whitespace() || "\"';&|)`,]}".contains(c)).unwrap_or(rest.len());
        let place = rest[..end].trim_start_matches("./");
        place.strip_suffix("Cargo.toml").unwrap_or(place).trim_end_matches('/')
    })
}

/// Whether a text has a name as a part of a path or as a word of its own, such as in a list; not as a command of cargo's.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.match_indices(name).any(|(at, _)| {
        let (ahead, behind) = (&text[..at], &text[at + name.len()..]);
        let is_whole = !ahead.ends_with(is_part) && !behind.starts_with(is_part);
        let last = ahead.rsplit([' ', '\n']).find(|word| !word.is_empty() && !word.starts_with('+'));
        is_whole && !(ahead.ends_with(' ') && last.is_some_and(|word| word.ends_with("cargo")))
    })
}
