//! `rollback`: packages moved back to what the lockfile had before their last change, or in a revision.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use semver::Version;

use super::moving::{self, Request};
use super::resolving::Preferred;
use super::subject::Subject;
use super::{Output, change, set};
use crate::cli;
use crate::exit::Exit;
use crate::policy::repin::{Target, To};
use crate::scanner::cargo::entries::{Entry, entries, needed};
use crate::scanner::cargo::lockfile;
use crate::scanner::cargo::requirement::range;
use crate::scanner::cargo::source_id::{Kind, SourceId, shown};
use crate::scanner::cargo::workspace::Workspace;
use crate::source::changes::Change;
use crate::source::objects::Repository;
use crate::source::{is_below, real, slashed};
use crate::text::FileId;

/// Moves packages back.
///
/// # Errors
/// Where they cannot be moved, or history does not tell to what; nothing is changed then.
pub fn run(args: &cli::Rollback, output: &Output) -> Result<Exit> {
    let (subject, again) = change::begin(&set::subject(&args.moving), args.moving.dry_run)?;
    let mut request = Request {
        targets: Vec::new(),
        preferred: BTreeSet::new(),
        known: BTreeMap::new(),
        online: args.moving.online,
        dry_run: args.moving.dry_run,
        today: args.moving.today.as_deref(),
    };
    let names: BTreeSet<&String> = args.packages.iter().collect();
    for name in names {
        if name.contains('@') {
            bail!("`{name}` is no package's name: say the version with `--to`");
        }
        match &args.to {
            Some(to) => request.targets.push(Target { name: name.clone(), to: set::to(to)?, from: Vec::new() }),
            None => {
                let past = Past::find(&subject, name, args.rev.as_deref())?;
                change::say(&past.story);
                past.add_to(&mut request, name)?;
            }
        }
    }
    if request.targets.is_empty() {
        change::say("nothing to move: everything is where it is to be");
        return Ok(Exit::Clean);
    }
    moving::run(&subject, &again, &request, output)
}

/// What history tells of a package.
struct Past {
    /// What the lockfile has.
    now: Vec<Entry>,
    /// What it is to have again.
    then: Vec<Entry>,
    /// Where that was found, in words.
    story: String,
    /// The lockfile in which it was so, and the one that the change left.
    locks: (Vec<u8>, Vec<u8>),
    /// Whether it is the state before a change, rather than one that was asked for.
    is_before: bool,
}

impl Past {
    /// Looks for it in the history of the lockfile that the current directory's workspace has.
    fn find(subject: &Subject, name: &str, revision: Option<&str>) -> Result<Self> {
        let root = &subject.snapshot.root;
        let workspace = workspace(subject, name)?;
        let lock = workspace.lock.as_ref().context("it has no lockfile")?;
        let path = subject.scan.files.path(lock.file);
        let repository = Repository::open(root, Some(root)).with_context(|| {
            format!("there is no history to look into: name a version, `cargo pinned rollback {name} --to VERSION`")
        })?;
        let text = subject.scan.files.text(lock.file).as_bytes();
        let now = entries(text, name);
        if let Some(revision) = revision {
            let there = repository.file_at(revision, path)?.unwrap_or_default();
            let then = entries(&there, name);
            if then.is_empty() {
                bail!("in `{revision}`, {path} has no package `{name}`");
            }
            let story = format!("`{name}`: {path} had {} in `{revision}`", versions(&then));
            return Ok(Self { now, then, story, locks: (there, text.to_vec()), is_before: false });
        }
        let head = repository.file_at("HEAD", path)?.unwrap_or_default();
        let committed = entries(&head, name);
        if committed != now && !committed.is_empty() {
            let story = format!(
                "`{name}`: {path} has {}, which is not committed; HEAD has {}",
                versions(&now),
                versions(&committed)
            );
            return Ok(Self { now, then: committed, story, locks: (head, text.to_vec()), is_before: true });
        }
        let change = repository.last_change(path, |text| entries(text, name))?;
        let unchanged = || format!("history has no other version of `{name}`: say with `--to` which one is meant");
        let change = change.filter(|change| !change.before.is_empty()).with_context(unchanged)?;
        let Change { commit, date, path: was, subject: about, before, .. } = change;
        let from = commit.get(..10).unwrap_or(&commit).to_owned();
        let story = format!(
            "`{name}`: {was} had {} before commit {from} of {date} made it {}: {about}",
            versions(&before),
            versions(&now)
        );
        let there = repository.file_at(&format!("{commit}^1"), &was)?.unwrap_or_default();
        // Where the same commit moved it, it is at the new place.
        let left = match repository.file_at(&commit, &was)? {
            Some(left) => left,
            None => repository.file_at(&commit, path)?.unwrap_or_default(),
        };
        Ok(Self { now, then: before, story, locks: (there, left), is_before: true })
    }

    /// Asks for it.
    fn add_to(&self, request: &mut Request<'_>, name: &str) -> Result<()> {
        let pairs = self.pairs(name);
        if pairs.is_empty() {
            let (now, then) = (versions(&self.now), versions(&self.then));
            if now == then {
                return Ok(());
            }
            bail!(
                "`{name}` is at {now}, and was at {then}: which is to be moved where is not known: say it, by `rollback {name} --to VERSION`"
            );
        }
        for (old, then) in pairs {
            // The same version from somewhere else is other code.
            if origin(old) != origin(then) {
                bail!(
                    "`{name}` came from {} then, and comes from {} now: a moved pin does not bring that back: restore the declaration and its lockfile by git",
                    origin(then),
                    origin(old)
                );
            }
            let version = |entry: &Entry| Version::parse(&entry.version);
            let to = match then.commit() {
                Some(commit) => To::Revision(commit.to_owned()),
                None => To::Version(version(then)?),
            };
            if let (true, To::Version(to), Ok(old)) = (self.is_before, &to, version(old))
                && *to > old
            {
                bail!(
                    "the last change already moved `{name}` back, from {to} to {old}: say with `--to` which version is meant"
                );
            }
            request.targets.push(Target { name: name.to_owned(), to, from: vec![old.version.clone()] });
            request.preferred.extend(self.along(name, then));
        }
        request.known.entry(name.to_owned()).or_default().extend(self.then.clone());
        Ok(())
    }

    /// What the lockfile has, each with what it is to have in its place.
    fn pairs(&self, name: &str) -> Vec<(&Entry, &Entry)> {
        let come = self.now.iter().filter(|entry| !self.then.contains(entry));
        let mut gone: Vec<&Entry> = self.then.iter().filter(|entry| !self.now.contains(entry)).collect();
        let come: Vec<&Entry> = come.collect();
        // One came beside those that were there, which something else keeps: it goes back to the one that was asked for here.
        if let ([added], true) = (come.as_slice(), gone.is_empty()) {
            return self.asked_for(name).map(|was| (*added, was)).into_iter().collect();
        }
        let key = |entry: &Entry| Version::parse(&entry.version).ok().map(|version| range(&version));
        // Of two that are gone, which of them one that came was is not known: two commits of a repository, as a rule.
        let count = |entries: &[&Entry], one: &Entry| entries.iter().filter(|other| key(other) == key(one)).count();
        if come.iter().any(|now| count(&come, now).max(count(&gone, now)) > 1) {
            return Vec::new();
        }
        let mut pairs = Vec::new();
        for now in &come {
            let at = gone.iter().position(|then| key(then) == key(now));
            let at = at.or_else(|| (come.len() == 1 && gone.len() == 1).then_some(0));
            pairs.extend(at.map(|at| (*now, gone.remove(at))));
        }
        pairs
    }

    /// The one version that packages of the repository's own had an edge to then.
    fn asked_for(&self, name: &str) -> Option<&Entry> {
        let lock = lockfile::read(FileId(0), &String::from_utf8_lossy(&self.locks.0));
        let own = lock.packages.iter().filter(|package| package.source.is_none());
        let edges: BTreeSet<Option<&String>> = own
            .flat_map(|package| &package.edges)
            .filter(|edge| edge.name == name)
            .map(|edge| edge.version.as_ref())
            .collect();
        let version = edges.first().filter(|_| edges.len() == 1)?;
        let mut then = self.then.iter().filter(|entry| version.is_none_or(|version| entry.version == *version));
        then.next().filter(|_| then.next().is_none())
    }

    /// What the package needed then, where that changed together with it, or has to be moved now.
    fn along(&self, name: &str, then: &Entry) -> Vec<Preferred> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (there, left) = (text(&self.locks.0), text(&self.locks.1));
        let mut along = Vec::new();
        for (needed, version) in needed(&there, name, &then.version) {
            let key = |version: &str| Version::parse(version).ok().map(|version| range(&version));
            let later = entries(left.as_bytes(), &needed);
            if later.iter().any(|entry| entry.version == version) {
                continue;
            }
            let moved = later.iter().find(|entry| self.is_before && key(&entry.version) == key(&version));
            let from = moved.map(|entry| entry.version.clone());
            along.push(Preferred { name: needed, from, to: version });
        }
        along
    }
}

/// The workspace whose lockfile is meant: the current directory's, else the first that has the package.
fn workspace<'s>(subject: &'s Subject, name: &str) -> Result<&'s Workspace> {
    let root = &subject.snapshot.root;
    let current = std::env::current_dir().and_then(|current| real(&current)).unwrap_or_default();
    let root = real(root).unwrap_or_else(|_| root.clone());
    let here = current.strip_prefix(root).ok().map(|here| slashed(&here.to_string_lossy()));
    let has = |workspace: &&Workspace| {
        workspace.lock.as_ref().is_some_and(|lock| lock.packages.iter().any(|package| package.name == *name))
    };
    let with = subject.scan.workspaces.iter().filter(has);
    let is_around = |workspace: &Workspace| here.as_deref().is_some_and(|here| is_below(here, &workspace.directory));
    let found = with.max_by_key(|workspace| {
        let around = is_around(workspace).then_some(workspace.directory.len());
        (around, std::cmp::Reverse(&workspace.directory))
    });
    found.with_context(|| format!("no lockfile here has a package `{name}`"))
}

/// Where a package comes from, in words; of git the repository alone.
fn origin(entry: &Entry) -> String {
    let Some(source) = entry.source.as_deref() else { return "a path".to_owned() };
    let source = SourceId::parse(source, true);
    let url = shown(source.identity());
    match source.kind {
        _ if source.is_crates_io() => "crates.io".to_owned(),
        Kind::Git => format!("the git repository {url}"),
        Kind::Registry => format!("the registry {url}"),
        Kind::Other => url,
    }
}

fn versions(entries: &[Entry]) -> String {
    let shown = |entry: &Entry| match entry.commit().and_then(|commit| commit.get(..9)) {
        Some(commit) => format!("{} ({commit})", entry.version),
        None => entry.version.clone(),
    };
    entries.iter().map(shown).collect::<Vec<_>>().join(" and ")
}
