//! Which repositories there are: the targets, searched for repositories, each with a name of its own.
//!
//! A repository is a directory with `.git` in it, or one that is laid out as git lays out a bare one. The search goes on below a
//! working tree, since others can be in it that it knows nothing of; its submodules are its own, and are left out. It follows no
//! symbolic link but one that the user names, and goes into nothing of git's own, into no `node_modules`, and into no directory
//! that says that it is a cache (`CACHEDIR.TAG`, as cargo puts into `target`).

use std::collections::{HashMap, HashSet};
use std::fs::FileType;
use std::io;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use super::targets::{Place, Wanted, without_credentials};
use crate::source::{real, slashed};

/// A repository that is to be judged; or a target in whose place there is none, with why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is called in the report: no other target is called so.
    pub name: String,
    /// Where it is: its working tree, or what git keeps in a bare one.
    pub place: Place,
    /// The revision to be judged, where it is not HEAD.
    pub rev: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// What stays the same, whatever it is called and whatever other targets there are: its path without links, or its URL
    /// without credentials.
    pub identity: String,
    /// Whether it is bare, where that was seen: no working tree's own files stand where git's do.
    pub is_bare: bool,
    /// Why there is nothing to be judged there, where that is clear already.
    pub fault: Option<String>,
}

/// Finds the repositories that are wanted, sorted by name. What is named twice is one; a target that leads to none is there with
/// its fault.
#[must_use]
pub fn targets(wanted: &[Wanted]) -> Vec<Target> {
    let found: Vec<Vec<(Option<String>, Target)>> = wanted.par_iter().map(search).collect();
    let mut seen = HashSet::new();
    let mut targets: Vec<(Option<String>, Target)> = found.into_iter().flatten().collect();
    // What a list says more of comes ahead of what was only found.
    targets.sort_by_key(|(name, target)| (name.is_none(), target.owner.is_none() && target.labels.is_empty()));
    targets.retain(|(_, target)| seen.insert((place_of(target), target.rev.clone())));
    let mut targets = named(targets);
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    targets
}

/// What two targets have in common that are one.
fn place_of(target: &Target) -> String {
    match &target.place {
        // A working tree, and what git keeps of it.
        Place::Path(_) => target.identity.strip_suffix("/.git").unwrap_or(&target.identity).to_owned(),
        Place::Url(url) => url.trim_end_matches('/').trim_end_matches(".git").to_owned(),
    }
}

/// What stays the same of a place; `root` is the directory in which it was found, and that one without links: the search
/// follows none.
fn identity(place: &Place, root: &(PathBuf, PathBuf)) -> String {
    match place {
        Place::Path(path) => match path.strip_prefix(&root.0) {
            Ok(below) if below.as_os_str().is_empty() => shown(&root.1),
            Ok(below) => shown(&root.1.join(below)),
            Err(_) => shown(real(path).as_ref().unwrap_or(path)),
        },
        Place::Url(url) => without_credentials(url),
    }
}

/// A path as text, the same however its parts are separated.
fn shown(path: &Path) -> String {
    slashed(&path.display().to_string())
}

/// The repositories of one target, with the name that the user gives it.
fn search(wanted: &Wanted) -> Vec<(Option<String>, Target)> {
    let root = match &wanted.place {
        Place::Path(path) => (path.clone(), real(path).unwrap_or_else(|_| path.clone())),
        Place::Url(_) => (PathBuf::new(), PathBuf::new()),
    };
    let target = |place: Place, fault: Option<String>| {
        let (Wanted { rev, owner, labels, .. }, identity) = (wanted.clone(), identity(&place, &root));
        (
            wanted.name.clone(),
            Target { name: String::new(), place, rev, owner, labels, identity, is_bare: false, fault },
        )
    };
    let Place::Path(path) = &wanted.place else { return vec![target(wanted.place.clone(), None)] };
    let fault = |path: &Path, why: String| target(Place::Path(path.to_owned()), Some(why));
    match path.metadata() {
        Err(error) => return vec![fault(path, format!("cannot be opened: {error}"))],
        Ok(metadata) if !metadata.is_dir() => return vec![fault(path, "is not a directory".to_owned())],
        Ok(_) => {}
    }
    // What has a name is one repository, whatever else is in it.
    let found = if wanted.name.is_some() { this(path) } else { below(path, None) };
    if found.is_empty() {
        let what = if wanted.name.is_some() { "is no git repository" } else { "there is no git repository in it" };
        return vec![fault(path, what.to_owned())];
    }
    let one = |found| match found {
        Found::Repository(path) => target(Place::Path(path), None),
        Found::Bare(path) => {
            let (name, target) = target(Place::Path(path), None);
            (name, Target { is_bare: true, ..target })
        }
        Found::Obstacle(path, error) => fault(&path, format!("cannot be searched: {error}")),
    };
    found.into_iter().map(one).collect()
}

/// What a search finds.
enum Found {
    /// A working tree.
    Repository(PathBuf),
    /// What git keeps, without a working tree.
    Bare(PathBuf),
    /// A directory that cannot be listed: what is in it is not known.
    Obstacle(PathBuf, io::Error),
}

/// The repository at a path.
fn this(path: &Path) -> Vec<Found> {
    match Listing::read(path) {
        Ok(listing) if listing.has_git => vec![Found::Repository(path.to_owned())],
        Ok(listing) if listing.is_bare(path) => vec![Found::Bare(path.to_owned())],
        Ok(_) => Vec::new(),
        Err(error) => vec![Found::Obstacle(path.to_owned(), error)],
    }
}

/// The repositories at and below a path, in a working tree or not.
fn below(path: &Path, around: Option<&Around>) -> Vec<Found> {
    let listing = match Listing::read(path) {
        Ok(listing) => listing,
        Err(error) => return vec![Found::Obstacle(path.to_owned(), error)],
    };
    let mut found = Vec::new();
    let mut own = None;
    if listing.has_git {
        let at = Around::of(path);
        if around.is_some_and(|around| around.owns(path, &at)) {
            return found;
        }
        found.push(Found::Repository(path.to_owned()));
        own = Some(at);
    } else if listing.is_bare(path) {
        return vec![Found::Bare(path.to_owned())];
    }
    if listing.is_cache && own.is_none() {
        return found;
    }
    let around = own.as_ref().or(around);
    let rest = listing.directories.par_iter().flat_map_iter(|name| below(&path.join(name), around));
    found.par_extend(rest);
    found
}

/// What is in a directory, as far as the search cares.
#[derive(Default)]
struct Listing {
    /// The directories that are worth looking into.
    directories: Vec<std::ffi::OsString>,
    /// `.git`, of whatever kind.
    has_git: bool,
    /// `HEAD`, `objects`, `refs`: what git looks for in a bare repository.
    parts: usize,
    has_objects: bool,
    is_cache: bool,
    is_empty: bool,
}

impl Listing {
    fn read(path: &Path) -> io::Result<Self> {
        let mut listing = Self { is_empty: true, ..Self::default() };
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            listing.is_empty = false;
            let (name, kind) = (entry.file_name(), entry.file_type());
            let is_directory = kind.as_ref().is_ok_and(FileType::is_dir);
            match name.to_str() {
                Some(".git") => listing.has_git = true,
                Some("HEAD") if !is_directory => listing.parts += 1,
                Some("CACHEDIR.TAG") => listing.is_cache = true,
                Some("node_modules") => {}
                known if is_directory => {
                    listing.has_objects |= known == Some("objects");
                    listing.parts += usize::from(matches!(known, Some("objects" | "refs")));
                    listing.directories.push(name);
                }
                _ => {}
            }
        }
        Ok(listing)
    }

    /// Whether git keeps a repository right here. One that lacks something is one as well, so that it is not passed over: where it
    /// has all but one part, or is called as a bare one is.
    fn is_bare(&self, path: &Path) -> bool {
        let is_called_so = path.extension().is_some_and(|extension| extension == "git");
        self.has_objects && self.parts >= 2 || is_called_so && (self.parts > 0 || self.is_empty)
    }
}

/// A working tree around others.
struct Around {
    root: PathBuf,
    /// Where git keeps what is its own; none where `.git` leads nowhere.
    git: Option<PathBuf>,
}

impl Around {
    fn of(root: &Path) -> Self {
        let dot = root.join(".git");
        let git = if dot.is_dir() { real(&dot).ok() } else { led(root, &dot) };
        Self { root: root.to_owned(), git }
    }

    /// Whether the working tree at `path` is a submodule of this one: git keeps it with this one, or `.gitmodules` names it.
    fn owns(&self, path: &Path, other: &Self) -> bool {
        let is_kept = |git: &Path| other.git.as_ref().is_some_and(|other| other.starts_with(git.join("modules")));
        // A linked working tree shares what the main one keeps.
        let common =
            |git: &Path| git.parent().filter(|above| above.ends_with("worktrees"))?.parent().map(Path::to_owned);
        self.git.as_deref().is_some_and(|git| is_kept(git) || common(git).is_some_and(|git| is_kept(&git)))
            || self.names(path)
    }

    /// Whether `.gitmodules` names a path.
    fn names(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.root) else { return false };
        let Some(text) = small(&self.root.join(".gitmodules")) else { return false };
        let mut paths =
            text.lines().filter_map(|line| line.trim().strip_prefix("path")?.trim_start().strip_prefix('='));
        paths.any(|path| Path::new(path.trim().trim_matches('"')) == below)
    }
}

/// Where a file `.git` leads to.
fn led(root: &Path, file: &Path) -> Option<PathBuf> {
    let text = small(file)?;
    real(&root.join(text.strip_prefix("gitdir:")?.trim())).ok()
}

/// The text of a regular file that is as small as such files are.
fn small(path: &Path) -> Option<String> {
    let metadata = path.symlink_metadata().ok()?;
    (metadata.is_file() && metadata.len() <= 1 << 20).then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// Gives each target a name: what the user calls it, else the shortest end of its path that tells it from the others.
fn named(targets: Vec<(Option<String>, Target)>) -> Vec<Target> {
    let mut taken: HashSet<String> = targets.iter().filter_map(|(name, _)| name.clone()).collect();
    let parts: Vec<Vec<String>> = targets.iter().map(|(_, target)| parts(&target.place)).collect();
    let mut lengths: Vec<usize> = vec![1; targets.len()];
    let end = |at: usize, length: usize| {
        let parts = &parts[at];
        parts[parts.len().saturating_sub(length)..].join("/")
    };
    loop {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for at in (0..targets.len()).filter(|&at| targets[at].0.is_none()) {
            by_name.entry(end(at, lengths[at])).or_default().push(at);
        }
        let alike = by_name.into_iter().filter(|(name, all)| all.len() > 1 || taken.contains(name));
        let longer: Vec<usize> = alike.flat_map(|(_, all)| all).filter(|&at| lengths[at] < parts[at].len()).collect();
        if longer.is_empty() {
            break;
        }
        longer.into_iter().for_each(|at| lengths[at] += 1);
    }
    let mut out = Vec::with_capacity(targets.len());
    for (at, (given, mut target)) in targets.into_iter().enumerate() {
        target.name = given.unwrap_or_else(|| {
            let name = end(at, lengths[at]);
            let rev = target.rev.as_ref().map(|rev| format!("{name}@{rev}"));
            // Paths that are not UTF-8 can look alike.
            let numbered = (2..).map(|number| format!("{name} ({number})"));
            let mut names = [name.clone()].into_iter().chain(rev).chain(numbered);
            names.find(|name| taken.insert(name.clone())).unwrap_or_default()
        });
        out.push(target);
    }
    out
}

/// The parts of a place that its name can be made of, the last one without what only says that it is git's.
fn parts(place: &Place) -> Vec<String> {
    let mut parts: Vec<String> = match place {
        Place::Path(path) => {
            // `.` and `..` are no names.
            let whole = if path.components().all(|part| matches!(part, Component::Normal(_) | Component::RootDir)) {
                path.clone()
            } else {
                real(path).unwrap_or_else(|_| path.clone())
            };
            let normal = |part: Component<'_>| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            };
            whole.components().filter_map(normal).collect()
        }
        Place::Url(_) => {
            let shown = place.shown();
            let rest = shown.split_once("://").map_or(shown.as_str(), |(_, rest)| rest);
            rest.split(['/', ':']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
    };
    if parts.len() > 1 && parts.last().is_some_and(|last| last == ".git") {
        parts.pop();
    }
    if let Some(last) = parts.last_mut() {
        *last = last.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(last).to_owned();
    }
    if parts.is_empty() {
        parts.push("/".to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[&str], expected: &[&str]) {
        let target = |text: &&str| Wanted::at(Place::of(text.as_ref(), Path::new("")));
        let wanted: Vec<Wanted> = places.iter().map(target).collect();
        let names: Vec<String> = targets(&wanted).into_iter().map(|target| target.name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_name_is_the_shortest_end_of_a_path_that_tells_it_from_the_others() {
        check(&["/nowhere/a.git", "/nowhere/b"], &["a", "b"]);
        check(&["/nowhere/x/a", "/nowhere/y/a", "/nowhere/c/b"], &["b", "x/a", "y/a"]);
        check(&["/nowhere/x/r/a", "/nowhere/y/r/a", "/nowhere/s/a"], &["s/a", "x/r/a", "y/r/a"]);
        check(&["https://user:secret@example.com/org/a.git", "git@example.com:other/a"], &["org/a", "other/a"]);
    }

    #[test]
    fn what_is_named_twice_is_one() {
        check(&["/nowhere/a", "/nowhere/a"], &["a"]);
        check(&["https://example.com/a.git", "https://example.com/a/"], &["a"]);
    }
}
