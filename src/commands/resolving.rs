//! How requirements and lockfiles move together: the manifests are changed in a mirror of the repository, and there cargo moves
//! the lockfiles, which it leaves alone but for what no longer fits.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::{Context as _, Result, bail};
use semver::Version;

use super::cargo::Cargo;
use super::change::say;
use super::conflict::Refusal;
use super::scratch::Scratch;
use super::subject::{Again, Subject};
use super::transaction::Change;
use crate::edit::{self, Edit};
use crate::policy::repin::{self, Move, Pinned, To};
use crate::process::Ended;
use crate::scanner::Scan;
use crate::scanner::cargo::entries::{Entry, entries};
use crate::scanner::cargo::lockfile;
use crate::scanner::cargo::requirement::range;
use crate::scanner::cargo::source_id::is_full_commit;
use crate::scanner::cargo::splice::{self, Taken, splice};
use crate::scanner::cargo::versions::Interval;
use crate::scanner::dependency::{Dependency, Origin, PathTarget};
use crate::text::FileId;

/// A package that is to be at a version where a lockfile has it at another: what history had beside what is moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Preferred {
    pub(super) name: String,
    /// What the lockfile has; none for whatever cargo moved it to.
    pub(super) from: Option<String>,
    pub(super) to: String,
}

/// What is to be moved, and who moves it.
pub(super) struct Resolver<'a> {
    pub(super) cargo: &'a Cargo,
    pub(super) subject: &'a Subject,
    pub(super) again: &'a Again,
    pub(super) moves: &'a [Move],
    pub(super) preferred: &'a BTreeSet<Preferred>,
    /// The declarations that are to be exact, by their index in the scan.
    pub(super) strict: &'a HashSet<usize>,
}

/// Texts of files, by path.
type Texts = BTreeMap<String, String>;

impl Resolver<'_> {
    /// The manifests and lockfiles as they are to be, and the mirror in which they are so.
    ///
    /// # Errors
    /// Where cargo will not have it: who requires what.
    pub(super) fn resolve(&self) -> Result<(Vec<Change>, Scratch)> {
        let first = self.texts(&self.scan().dependencies, false)?;
        let scratch = self.mirror(&first)?;
        for at in self.workspaces() {
            self.move_lock(&scratch, at)?;
        }
        let mut manifests = first;
        if self.moves.iter().any(|one| !is_known(one)) {
            // Cargo has found the newest release, or the commit of a tag: that is what is written.
            let between = self.subject.changed(self.again, bytes(&manifests, &self.locks(&scratch)?));
            manifests = self.texts(&between.scan.dependencies, true)?;
            self.outside(&manifests)?.iter().try_for_each(|(path, text)| scratch.write(path, text))?;
            for at in self.workspaces() {
                self.update(&scratch, at, &["--workspace"])?;
            }
        }
        let files = self.scan().files.clone();
        let before: BTreeMap<&str, &str> = self.files().map(|file| (files.path(file), files.text(file))).collect();
        for at in self.workspaces() {
            self.settle(&scratch, at)?;
        }
        let locks = self.locks(&scratch)?;
        let changed = manifests.into_iter().chain(locks).filter_map(|(path, after)| {
            let before = (*before.get(path.as_str())?).to_owned();
            (before != after).then_some(Change { path, before, after })
        });
        Ok((changed.collect(), scratch))
    }

    fn scan(&self) -> &Scan {
        &self.subject.scan
    }

    /// The workspaces that are concerned, by their index in the scan.
    fn workspaces(&self) -> BTreeSet<usize> {
        self.moves.iter().flat_map(|one| one.workspaces.iter().copied()).collect()
    }

    /// The files that may change.
    fn files(&self) -> impl Iterator<Item = FileId> {
        let manifests = self.moves.iter().flat_map(|one| &one.declarations);
        let manifests = manifests.map(|&at| self.scan().dependencies[at].span.file);
        manifests.chain(self.workspaces().into_iter().filter_map(|at| self.lock(at)))
    }

    fn lock(&self, workspace: usize) -> Option<FileId> {
        self.scan().workspaces[workspace].lock.as_ref().map(|lock| lock.file)
    }

    /// The manifests with the requirements changed; `found` are the declarations as cargo has locked them, once it `has` found what
    /// was not known.
    fn texts(&self, found: &[Dependency], has: bool) -> Result<Texts> {
        let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for one in self.moves {
            for &at in &one.declarations {
                let dependency = &self.scan().dependencies[at];
                let is_strict = self.strict.contains(&at);
                let new = match &one.target.to {
                    To::Version(version) => repin::edits(dependency, Pinned::Version(version), is_strict),
                    To::Newest => match version_of(found, one, at) {
                        Some(version) if has => repin::edits(dependency, Pinned::Version(&version), is_strict),
                        Some(version) => repin::edits(dependency, Pinned::Compatible(&version), is_strict),
                        None => Vec::new(),
                    },
                    To::Revision(revision) => {
                        let commit = found.get(at).filter(|_| has && !is_full_commit(revision));
                        let commit = commit.and_then(|own| commit_of(found, one, own));
                        let mut new = repin::edits(dependency, Pinned::Revision(revision), true);
                        // The name that was asked for stays as a comment.
                        if let (Some(commit), Some(first), Some(site)) = (commit, new.first_mut(), &dependency.site) {
                            first.replacement = format!("{}{commit}{}", site.before, site.after);
                        }
                        let text = self.scan().files.text(dependency.span.file);
                        new.extend(repin::name_behind(text, dependency).map(|span| {
                            let is_name = !is_full_commit(revision);
                            Edit { span, replacement: if is_name { format!(" # {revision}") } else { String::new() } }
                        }));
                        new
                    }
                };
                edits.entry(dependency.span.file).or_default().extend(new);
            }
        }
        let files = &self.scan().files;
        let text = |(file, edits): (FileId, Vec<Edit>)| {
            let path = files.path(file).to_owned();
            let text = edit::apply(files.text(file), &edits);
            let text = text.map_err(|_| anyhow::anyhow!("two changes of `{path}` are in each other's way"))?;
            Ok((path, text))
        };
        edits.into_iter().map(text).collect()
    }

    /// The repository with these manifests, and lockfiles that can be changed.
    fn mirror(&self, manifests: &Texts) -> Result<Scratch> {
        let files = &self.scan().files;
        let mut all = self.outside(manifests)?;
        for lock in self.workspaces().into_iter().filter_map(|at| self.lock(at)) {
            all.insert(files.path(lock).to_owned(), files.text(lock).to_owned());
        }
        Scratch::new(&self.subject.snapshot.root, &all)
    }

    /// The same manifests, and others, with what leads out of the repository written out in full: seen from a mirror, it would lead
    /// elsewhere.
    fn outside(&self, manifests: &Texts) -> Result<Texts> {
        let mut all = manifests.clone();
        let scan = self.scan();
        for dependency in &scan.dependencies {
            let Origin::Path { path, target: PathTarget::Outside } = &dependency.origin else { continue };
            let file = scan.files.path(dependency.span.file);
            if !file.ends_with("Cargo.toml") || path.starts_with('/') {
                continue;
            }
            let root = &self.subject.snapshot.root;
            let there = root.join(crate::source::parent(file)).join(path);
            let there = crate::source::real(&there).with_context(|| format!("cannot find `{}`", there.display()))?;
            let there = crate::source::slashed(&there.to_string_lossy());
            let text = all.entry(file.to_owned()).or_insert_with(|| scan.files.text(dependency.span.file).to_owned());
            // By its text: the places in it have moved.
            for quote in ['"', '\''] {
                *text = text.replace(&format!("{quote}{path}{quote}"), &format!("{quote}{there}{quote}"));
            }
        }
        Ok(all)
    }

    fn locks(&self, scratch: &Scratch) -> Result<Texts> {
        let paths = self.workspaces().into_iter().filter_map(|at| self.lock(at));
        let paths = paths.map(|lock| self.scan().files.path(lock).to_owned());
        paths.map(|path| scratch.read(&path).map(|text| (path, text))).collect()
    }

    /// Has cargo move the lockfile of a workspace to what its manifests ask for.
    fn move_lock(&self, scratch: &Scratch, at: usize) -> Result<()> {
        let moves = || self.moves.iter().filter(|one| one.workspaces.contains(&at));
        let newest = moves().filter(|one| one.target.to == To::Newest);
        let mut specs = Vec::new();
        for one in newest {
            let held = self.held(scratch, at, &one.target.name)?;
            let versions = held.into_iter().map(|entry| entry.version);
            specs.extend(
                versions
                    .filter(|version| one.target.from.contains(version))
                    .map(|version| format!("{}@{version}", one.target.name)),
            );
        }
        let specs: Vec<&str> = specs.iter().map(String::as_str).collect();
        self.update(scratch, at, if specs.is_empty() { &["--workspace"] } else { &specs })?;
        self.move_rest(scratch, at)?;
        for one in self.preferred {
            let held = self.held(scratch, at, &one.name)?;
            let old = self.lock(at).map_or("", |lock| self.scan().files.text(lock));
            let old = entries(old.as_bytes(), &one.name);
            for entry in held.iter().filter(|entry| entry.version != one.to) {
                let is_meant = match &one.from {
                    Some(from) => *from == entry.version,
                    None => !old.contains(entry),
                };
                if is_meant {
                    // Where something else holds it, it stays.
                    self.ask(scratch, at, &[&format!("{}@{}", one.name, entry.version), "--precise", &one.to])?;
                }
            }
        }
        Ok(())
    }

    /// Moves what no requirement here forces: packages that only others need, or that a range lets pass. In whatever order works.
    fn move_rest(&self, scratch: &Scratch, at: usize) -> Result<()> {
        let mut waiting: Vec<(String, String)> = Vec::new();
        for one in self.moves.iter().filter(|one| one.workspaces.contains(&at)) {
            let To::Version(to) = &one.target.to else { continue };
            let held = self.held(scratch, at, &one.target.name)?;
            let old = self.lock(at).map_or("", |lock| self.scan().files.text(lock));
            let old = entries(old.as_bytes(), &one.target.name);
            // A range that passes is written as it is asked for, and cargo takes the newest that it admits.
            let is_come = |entry: &Entry| {
                let is_near = Version::parse(&entry.version).is_ok_and(|version| range(&version) == range(to));
                is_near && !old.contains(entry) && !held.iter().any(|entry| is_version(&entry.version, to))
            };
            let is_meant = |entry: &&Entry| {
                !is_version(&entry.version, to) && (one.target.from.contains(&entry.version) || is_come(entry))
            };
            waiting.extend(
                held.iter()
                    .filter(is_meant)
                    .map(|entry| (format!("{}@{}", one.target.name, entry.version), to.to_string())),
            );
        }
        while !waiting.is_empty() {
            let count = waiting.len();
            let mut refused = None;
            let mut left = Vec::new();
            for (spec, to) in waiting {
                let ended = self.ask(scratch, at, &[&spec, "--precise", &to])?;
                if !ended.success {
                    refused.get_or_insert(ended);
                    left.push((spec, to));
                } else if ended.stderr.contains("was yanked by the author") {
                    bail!("version {to} of `{}` was yanked by its author", spec.split('@').next().unwrap_or_default());
                }
            }
            if let Some(ended) = refused.filter(|_| left.len() == count) {
                for (spec, to) in &left {
                    if !self.may_stay(scratch, at, spec, to)? {
                        return self.refuse(&ended, scratch);
                    }
                }
                return Ok(());
            }
            waiting = left;
        }
        Ok(())
    }

    /// Whether a package may stay where it is although it was to be moved: what asked for it here has another by now, which Cargo
    /// has beside it, since the two are not compatible.
    fn may_stay(&self, scratch: &Scratch, at: usize, spec: &str, to: &str) -> Result<bool> {
        let Some((name, from)) = spec.split_once('@') else { return Ok(false) };
        let (Ok(from), Ok(to)) = (Version::parse(from), Version::parse(to)) else { return Ok(false) };
        let has = self.held(scratch, at, name)?.iter().any(|entry| is_version(&entry.version, &to));
        Ok(has && !Interval::compatible(&to).contains(&from))
    }

    /// Puts back what cargo moved although it had not to: with what is to move in the lockfile from the start, it forgets nothing of
    /// the rest.
    fn settle(&self, scratch: &Scratch, at: usize) -> Result<()> {
        let workspace = &self.scan().workspaces[at];
        let Some(old) = workspace.lock.as_deref() else { return Ok(()) };
        let path = self.scan().files.path(old.file);
        let (text, resolved) = (self.scan().files.text(old.file), scratch.read(path)?);
        let new = lockfile::read(FileId(0), &resolved);
        let is_moved = |one: &&Preferred| new.packages.iter().any(|is| is.name == one.name && is.version == one.to);
        let along = self.preferred.iter().filter(is_moved).map(|one| one.name.as_str());
        let names: BTreeSet<&str> = self.moves.iter().map(|one| one.target.name.as_str()).chain(along).collect();
        for taken in [Taken::Named, Taken::Needed] {
            let Some(spliced) = splice(text, old, &new, &names, taken) else { break };
            if splice::is_same(&lockfile::read(FileId(0), &spliced), &new) {
                // What was tried before and refused may be there.
                return scratch.write(path, &resolved);
            }
            scratch.write(path, &spliced)?;
            if self.ask(scratch, at, &["--workspace"])?.success {
                let settled = scratch.read(path)?;
                let is_there = |name: &&str| entries(settled.as_bytes(), name) == entries(resolved.as_bytes(), name);
                if names.iter().all(is_there) {
                    return Ok(());
                }
            }
        }
        scratch.write(path, &resolved)?;
        if !splice::is_same(&new, old) {
            say("cargo resolved anew what it could: see in the lockfile what else moved");
        }
        Ok(())
    }

    fn held(&self, scratch: &Scratch, at: usize, name: &str) -> Result<Vec<Entry>> {
        let Some(lock) = self.lock(at) else { return Ok(Vec::new()) };
        Ok(entries(scratch.read(self.scan().files.path(lock))?.as_bytes(), name))
    }

    fn update(&self, scratch: &Scratch, at: usize, arguments: &[&str]) -> Result<()> {
        let ended = self.ask(scratch, at, arguments)?;
        if ended.success { Ok(()) } else { self.refuse(&ended, scratch) }
    }

    fn ask(&self, scratch: &Scratch, at: usize, arguments: &[&str]) -> Result<Ended> {
        let workspace = &self.scan().workspaces[at];
        let directory = self.subject.snapshot.root.join(&workspace.directory);
        let manifest = scratch.path(self.scan().files.path(workspace.root));
        self.cargo.run(&directory, &[&["update"], arguments].concat(), Some(&manifest))
    }

    /// Says why cargo refused.
    fn refuse(&self, ended: &Ended, scratch: &Scratch) -> Result<()> {
        let named: BTreeSet<&str> = self.moves.iter().map(|one| one.target.name.as_str()).collect();
        let refusal = Refusal::new(ended, scratch, &self.subject.snapshot.root, self.scan(), &named);
        let why = refusal.why.join("; ");
        refusal.advice.iter().for_each(|advice| say(advice));
        bail!("{why}")
    }
}

/// Whether what a target is to be moved to is known before cargo is asked.
fn is_known(one: &Move) -> bool {
    match &one.target.to {
        To::Version(_) => true,
        To::Newest => false,
        To::Revision(revision) => is_full_commit(revision),
    }
}

/// The version that a declaration is locked to; where nothing uses it, what the others of its move are.
fn version_of(found: &[Dependency], one: &Move, at: usize) -> Option<Version> {
    let version = |at: &usize| Version::parse(&found.get(*at)?.locked.one()?.version).ok();
    version(&at).or_else(|| one.declarations.iter().find_map(version))
}

/// The commit that a declaration is locked to; where no lockfile has it, what another of its move is that names the same repository.
fn commit_of<'d>(found: &'d [Dependency], one: &Move, own: &'d Dependency) -> Option<&'d str> {
    let is_same = |other: &&Dependency| repin::repository(other) == repin::repository(own);
    let others = one.declarations.iter().filter_map(|&at| found.get(at)).filter(is_same);
    std::iter::once(own).chain(others).find_map(|one| one.locked.one()?.commit.as_deref())
}

/// Whether a locked version is the one that is meant; build metadata, which is not written, apart.
pub(super) fn is_version(locked: &str, meant: &Version) -> bool {
    Version::parse(locked).is_ok_and(|locked| locked.cmp_precedence(meant).is_eq())
}

fn bytes(manifests: &Texts, locks: &Texts) -> BTreeMap<String, Vec<u8>> {
    manifests.iter().chain(locks).map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect()
}
