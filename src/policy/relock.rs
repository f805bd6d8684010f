//! What pinning a git dependency means for the lockfile: the source of its packages is rewritten with it, so that `--locked`
//! still passes.
//!
//! To cargo, one repository by branch and by `rev` is two sources, even where both are one commit. So all that are locked
//! to a source are pinned together, and where something that is not ours holds the same source, nothing is: the graph
//! would have two copies of each package in it.

use std::collections::{HashMap, HashSet};

use crate::edit::Edit;
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::{Edge, LockedPackage, Lockfile};
use crate::scanner::cargo::source_id::{Key, SourceId, canonical};
use crate::scanner::dependency::{Dependency, Origin, Pin, Role};
use crate::text::{FileId, Span};

/// What a pin means for the lockfiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relock {
    /// These changes, and the pins of these declarations, by their index in the scan, all together.
    Together {
        /// The changes of the lockfiles.
        edits: Vec<Edit>,
        /// The declarations.
        declarations: Vec<usize>,
    },
    /// It cannot be: why, as the end of a sentence that starts with the pin.
    Held(String),
}

/// The most changes of lockfiles that all fixes have together: each of them that pins one source has the same ones.
const MOST: usize = 1_000_000;

/// The most dependencies of workspaces without a lockfile that are looked at for one that is pinned.
const MOST_LOOKED: usize = 64;

/// What pinning means for the lockfiles of a scan, each looked at once.
pub struct Relocks<'s> {
    scan: &'s Scan,
    locks: Vec<Indexed<'s>>,
    /// The declarations that are locked to a source, by the one text of it ([`SourceId::one_text`]), and name its repository.
    ours: HashMap<&'s str, Vec<&'s Dependency>>,
    /// The configuration that replaces a repository by one reference of it, by the repository's URL, as written and as cargo
    /// compares it.
    vendored: HashMap<String, FileId>,
    /// What has no lockfile that could move along.
    bare: Bare<'s>,
    /// What was found out for a source, by its one text.
    known: HashMap<&'s str, Relock>,
    /// How many changes there may still be.
    room: usize,
}

impl<'s> Relocks<'s> {
    /// For a scan.
    #[must_use]
    pub fn of(scan: &'s Scan) -> Self {
        let locks = scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_deref()).map(Indexed::of).collect();
        let mut ours: HashMap<&str, Vec<&Dependency>> = HashMap::new();
        for dependency in &scan.dependencies {
            let Some(locked) = dependency.locked.one() else { continue };
            let (Some(source), Some(git)) = (&locked.source, &locked.git) else { continue };
            if is_from(dependency, source) {
                ours.entry(git).or_default().push(dependency);
            }
        }
        let mut vendored = HashMap::new();
        for config in &scan.configs {
            for url in &config.git_replacements {
                for url in canonical(url).into_iter().chain([url.clone()]) {
                    vendored.entry(url).or_insert(config.file);
                }
            }
        }
        Self { scan, locks, ours, vendored, bare: Bare::of(scan), known: HashMap::new(), room: MOST }
    }

    /// What pinning a declaration to the commit that it is locked to means for the lockfiles.
    pub fn relock(&mut self, dependency: &'s Dependency) -> Option<Relock> {
        let locked = dependency.locked.one()?;
        let Some(source) = locked.source.as_deref() else {
            return Some(Relock::Held("a patch puts a package of this repository in its place".to_owned()));
        };
        if !is_from(dependency, source) {
            return Some(Relock::Held(format!(
                "a patch puts {source} in its place, whose commit is not one of this repository"
            )));
        }
        let (git, commit) = (locked.git.as_deref()?, locked.commit.as_deref()?);
        if !self.known.contains_key(git) {
            let relock = self.source(git, source, commit).unwrap_or_else(Relock::Held);
            self.known.insert(git, relock);
        }
        let relock = self.known.get(git)?;
        if let Relock::Together { edits, declarations } = relock {
            let Some(room) = self.room.checked_sub(edits.len() + declarations.len()) else {
                return Some(Relock::Held("too much of the lockfile changes with it for a fix".to_owned()));
            };
            self.room = room;
        }
        Some(relock.clone())
    }

    /// What pinning all that is locked to a source means, which is given by its one text and by one that a lockfile has for it.
    fn source(&self, git: &str, source: &str, commit: &str) -> Result<Relock, String> {
        let ours = self.ours.get(git).map_or(&[][..], Vec::as_slice);
        let mut edits = Vec::new();
        for lock in &self.locks {
            let Some(own) = lock.by_text.get(git) else { continue };
            if let Some(other) = lock.another_commit(own) {
                return Err(format!(
                    "Cargo.lock holds two commits by one reference of {}, {}… and {}…: make them one with `cargo update`",
                    own.url,
                    &commit[..7],
                    other.get(..7).unwrap_or(other),
                ));
            }
            if let Some((package, edge)) = lock.holder(own, ours) {
                return Err(held_by(package, edge));
            }
            if let Some(&config) = self.vendored.get(&own.url).or_else(|| self.vendored.get(own.identity())) {
                let path = self.scan.files.path(config);
                return Err(format!(
                    "`{path}` replaces this source by its reference: pinned, it would no longer be replaced"
                ));
            }
            edits.extend(lock.rewritten(own, commit)?);
        }
        if let Some(other) = ours.iter().find_map(|dependency| self.bare.left_behind(dependency, source)) {
            let path = self.scan.files.path(other.span.file);
            return Err(format!(
                "`{path}`, which builds this too, asks for the repository itself, and has no lockfile to pin it by: it would be built \
                 from two sources there"
            ));
        }
        let declarations = ours.iter().map(|dependency| dependency.index).collect();
        Ok(Relock::Together { edits, declarations })
    }
}

/// Workspaces without a lockfile that have git dependencies of their own.
struct Bare<'s> {
    /// The dependencies of each that float, by the workspace's index.
    floating: HashMap<usize, Vec<&'s Dependency>>,
    /// Which of them build the package of a manifest.
    building: HashMap<FileId, Vec<usize>>,
}

impl<'s> Bare<'s> {
    fn of(scan: &'s Scan) -> Self {
        let bare = scan.workspaces.iter().enumerate().filter(|(_, workspace)| workspace.lock.is_none());
        let files = bare.clone().flat_map(|(at, workspace)| {
            let members = workspace.members.iter().map(|member| member.file);
            members.chain([workspace.root]).map(move |file| (file, at))
        });
        let home: HashMap<FileId, usize> = files.collect();
        let mut floating: HashMap<usize, Vec<&Dependency>> = HashMap::new();
        let is_floating = |one: &&Dependency| matches!(one.origin, Origin::Git { .. }) && one.pin < Pin::Content;
        for dependency in scan.dependencies.iter().filter(is_floating) {
            if let Some(&at) = home.get(&dependency.span.file) {
                floating.entry(at).or_default().push(dependency);
            }
        }
        let mut building: HashMap<FileId, Vec<usize>> = HashMap::new();
        for (at, workspace) in bare.filter(|(at, _)| floating.contains_key(at)) {
            workspace.packages.iter().for_each(|&file| building.entry(file).or_default().push(at));
        }
        Self { floating, building }
    }

    /// What would stay at another source of a repository, of those that build the package of a declaration.
    fn left_behind(&self, dependency: &Dependency, source: &str) -> Option<&'s Dependency> {
        let files = dependency.uses.iter().map(|used| used.manifest).chain([dependency.span.file]);
        let workspaces = files.filter_map(|file| self.building.get(&file)).flatten();
        let floating = workspaces.filter_map(|at| self.floating.get(at)).flatten();
        floating.take(MOST_LOOKED).copied().find(|other| other.index != dependency.index && is_from(other, source))
    }
}

/// Whether a source is of the repository that a declaration names.
fn is_from(dependency: &Dependency, source: &str) -> bool {
    let Origin::Git { url, .. } = &dependency.origin else { return false };
    SourceId::parse(source, true).has_url(url, canonical(url).as_deref())
}

/// A lockfile, by what is asked of it for each source.
struct Indexed<'s> {
    /// The first package of each source, by the one text of the source.
    by_text: HashMap<String, &'s SourceId>,
    /// The packages of each source, and whether each is in use.
    packages: HashMap<Key<'s>, Vec<(&'s LockedPackage, bool)>>,
    /// The packages of each name and version.
    by_id: HashMap<(&'s str, &'s str), Vec<&'s LockedPackage>>,
    /// The edges to packages of each name, with the package that each is of, in the order of the file.
    edges: HashMap<&'s str, Vec<(&'s LockedPackage, &'s Edge)>>,
    /// The edges that name a source.
    by_source: HashMap<Key<'s>, Vec<(&'s Edge, &'s SourceId)>>,
}

impl<'s> Indexed<'s> {
    fn of(lock: &'s Lockfile) -> Self {
        let mut index = Self {
            by_text: HashMap::new(),
            packages: HashMap::new(),
            by_id: HashMap::new(),
            edges: HashMap::new(),
            by_source: HashMap::new(),
        };
        let used = lock.packages.iter().map(|package| (package, true));
        for (package, is_used) in used.chain(lock.unused.iter().map(|package| (package, false))) {
            if let Some(source) = package.source.as_ref().filter(|source| source.is_git()) {
                index.by_text.entry(source.one_text()).or_insert(source);
                index.packages.entry(source.key()).or_default().push((package, is_used));
            }
            for edge in package.edges.iter().chain(&package.replace) {
                if let Some(source) = edge.source.as_ref().filter(|source| source.is_git()) {
                    index.by_source.entry(source.key()).or_default().push((edge, source));
                }
            }
            if is_used {
                index.by_id.entry((&package.name, &package.version)).or_default().push(package);
                package.edges.iter().for_each(|edge| index.edges.entry(&edge.name).or_default().push((package, edge)));
            }
        }
        index
    }

    /// The packages of a source that are in use.
    fn used(&self, source: &'s SourceId) -> impl Iterator<Item = &'s LockedPackage> {
        let all = self.packages.get(&source.key()).into_iter().flatten();
        all.filter(|(_, is_used)| *is_used).map(|(package, _)| *package)
    }

    /// Another commit to which the lockfile holds packages of one source.
    fn another_commit(&self, source: &'s SourceId) -> Option<&'s str> {
        let commits = self.used(source).filter_map(|package| package.source.as_ref()?.commit());
        commits.into_iter().find(|commit| Some(*commit) != source.commit())
    }

    /// Who else holds a source: a package of another repository, or one of ours that was not judged. The first, with its edge.
    fn holder(&self, source: &'s SourceId, ours: &[&'s Dependency]) -> Option<(&'s LockedPackage, &'s Edge)> {
        let mut targets: HashMap<&str, HashSet<&str>> = HashMap::new();
        self.used(source).for_each(|package| _ = targets.entry(&package.name).or_default().insert(&package.version));
        let (mut patched, mut declared) = (HashSet::new(), HashSet::new());
        for dependency in ours {
            let package = dependency.package.as_str();
            if matches!(dependency.role, Role::Patch | Role::Replace) {
                patched.insert(package);
            }
            let owners = dependency.owner.iter().chain(&dependency.used_by);
            declared.extend(owners.map(|owner| (owner.as_str(), package)));
        }
        let is_inside = |package: &LockedPackage| package.source.as_ref().is_some_and(|own| own.same(source));
        let is_held = |package: &LockedPackage, edge: &Edge, versions: &HashSet<&str>| {
            let leads_there = edge.version.as_ref().is_none_or(|version| versions.contains(version.as_str()))
                && edge.source.as_ref().is_none_or(|own| own.same(source));
            let is_ours = package.source.is_none() && declared.contains(&(package.name.as_str(), edge.name.as_str()));
            leads_there && !is_inside(package) && !is_ours && !patched.contains(edge.name.as_str())
        };
        let held = targets.iter().filter_map(|(name, versions)| {
            let mut edges = self.edges.get(name)?.iter().copied();
            edges.find(|(package, edge)| is_held(package, edge, versions))
        });
        held.min_by_key(|(_, edge)| edge.span)
    }

    /// The changes that give the packages of a source another reference: its commit.
    fn rewritten(&self, source: &SourceId, commit: &str) -> Result<Vec<Edit>, String> {
        // A package that another source has under the same name and version is told apart by the text, which also orders them.
        let is_twice = |package: &LockedPackage| {
            let same = self.by_id.get(&(package.name.as_str(), package.version.as_str()));
            same.into_iter().flatten().any(|other| other.source != package.source)
        };
        let mut edits = Vec::new();
        for (package, _) in self.packages.get(&source.key()).into_iter().flatten() {
            if is_twice(package) {
                return Err(format!(
                    "Cargo.lock holds `{} {}` from two sources, and the reference tells them apart: pin to \
                     `rev = \"{commit}\"` by hand, and bring the lockfile along with `cargo update --workspace`",
                    package.name, package.version
                ));
            }
            let own = package.source.as_ref().unwrap_or(source);
            let replacement = format!("git+{}?rev={commit}#{commit}", own.url);
            edits.push(Edit { span: package.source_span.ok_or_else(unplaced)?, replacement });
        }
        for (edge, own) in self.by_source.get(&source.key()).into_iter().flatten() {
            let span = edge_source(edge, own).ok_or_else(unplaced)?;
            edits.push(Edit { span, replacement: format!("git+{}?rev={commit}", own.url) });
        }
        edits.sort_by_key(|edit| edit.span);
        Ok(edits)
    }
}

fn held_by(package: &LockedPackage, edge: &Edge) -> String {
    let LockedPackage { name, version, .. } = package;
    let whose = match &package.source {
        Some(source) => format!("`{name} {version}` from {}", source.url),
        None => format!("`{name}`, whose manifest is not judged,"),
    };
    format!(
        "{whose} needs `{}` of the same repository by the same reference: pinned here, there would be two copies of it",
        edge.name
    )
}

fn unplaced() -> String {
    "its source is not written in Cargo.lock as cargo writes it: run `cargo update --workspace` first".to_owned()
}

/// Where the source stands in an edge: `name version (source)`.
fn edge_source(edge: &Edge, source: &SourceId) -> Option<Span> {
    let end = edge.span.end.checked_sub(1)?;
    let start = end.checked_sub(u32::try_from(source.text.len()).ok()?)?;
    (start > edge.span.start).then_some(Span { file: edge.span.file, start, end })
}
