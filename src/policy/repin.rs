//! What moving a pin means: which declarations and which lockfiles it is about, and what is to be written.
//!
//! Nothing here knows what a registry has: whether it can be had is for cargo to say.

use std::collections::BTreeSet;

use semver::{Op, Version, VersionReq};

use crate::edit::Edit;
use crate::policy::rule::is_unused;
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::requirement::range;
use crate::scanner::cargo::source_id::{canonical, shown};
use crate::scanner::cargo::workspace::Workspace;
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin, Role, Surface};
use crate::text::{FileId, Span};

/// A package that is to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its real name.
    pub name: String,
    /// What it is to be moved to.
    pub to: To,
    /// The locked versions that are to be moved; where it is empty, what is meant is found out.
    pub from: Vec<String>,
}

/// What a package is to be moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// This version.
    Version(Version),
    /// The newest that is compatible with what is locked.
    Newest,
    /// What this revision of its git repository has.
    Revision(String),
}

/// What is to be moved for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What was asked for; a version that turned out to be a tag is a revision.
    pub target: Target,
    /// The declarations that are about it, by their index in the scan; none where only other packages need it.
    pub declarations: Vec<usize>,
    /// The workspaces whose lockfiles have it, by their index in the scan.
    pub workspaces: Vec<usize>,
}

/// Finds what moving a target is about.
///
/// # Errors
/// Why it cannot be moved, as a sentence.
pub fn plan(scan: &Scan, target: &Target) -> Result<Move, String> {
    let name = &target.name;
    let mut target = target.clone();
    let named: Vec<&Dependency> = scan
        .dependencies
        .iter()
        .filter(|dependency| dependency.package == *name && dependency.role != Role::Replace)
        .collect();
    let of = |is_wanted: fn(&Origin) -> bool| {
        named.iter().copied().filter(|dependency| is_wanted(&dependency.origin)).collect::<Vec<_>>()
    };
    let registry = of(|origin| matches!(origin, Origin::Registry(_)));
    let git = of(|origin| matches!(origin, Origin::Git { .. }));
    if let (To::Version(version), true, false) = (&target.to, registry.is_empty(), git.is_empty()) {
        // What looks like a version is a tag there.
        target.to = To::Revision(version.to_string());
    }
    let declarations = match (&target.to, git.is_empty()) {
        (To::Revision(revision), true) => {
            return Err(match registry.first() {
                Some(_) => format!("`{revision}` is no version, and `{name}` comes from a registry"),
                None if locked(scan, name).next().is_some() => {
                    format!("no manifest here names a git repository for `{name}`: who needs it decides its revision")
                }
                None => unknown(scan, name),
            });
        }
        (To::Revision(revision), false) => of_git(scan, &git, revision)?,
        (To::Newest, false) if registry.is_empty() => {
            return Err(format!("`{name}` comes from git, which has no newest release: name a revision, `{name}@REV`"));
        }
        _ => {
            from_registry(scan, &mut target)?;
            registry.into_iter().filter(|dependency| is_held_to(dependency, &target.from)).collect()
        }
    };
    if let Some(dependency) = declarations.iter().find(|dependency| !is_in_manifest(scan, dependency)) {
        let path = scan.files.path(dependency.span.file);
        return Err(format!("`{name}` stands in `{path}`, which is cargo's configuration: change it there by hand"));
    }
    let mut workspaces = building(scan, &declarations.iter().map(|dependency| dependency.span.file).collect());
    if declarations.is_empty() {
        workspaces = locked(scan, name).map(|(workspace, _)| workspace).collect();
    }
    // Where nothing is locked, as often in a directory for fuzzing, nothing moves.
    let (workspaces, without): (Vec<usize>, Vec<usize>) =
        workspaces.into_iter().partition(|&at| scan.workspaces[at].lock.is_some());
    if let ([], [first, ..]) = (&workspaces[..], &without[..]) {
        return Err(lacks_lock(scan, *first));
    }
    let declarations = declarations.iter().map(|dependency| dependency.index).collect();
    Ok(Move { target, declarations, workspaces })
}

/// What moves with a package of git repositories, given the declarations of it.
fn of_git<'s>(scan: &'s Scan, git: &[&'s Dependency], revision: &str) -> Result<Vec<&'s Dependency>, String> {
    // Of what nothing uses, no lockfile has a commit, and cargo never looks whether there is such a revision.
    let (unused, used): (Vec<&Dependency>, Vec<&Dependency>) = git.iter().copied().partition(|one| is_unused(one));
    let urls: BTreeSet<String> = used.iter().copied().filter_map(repository).collect();
    match unused.first() {
        _ if urls.len() > 1 => Err(format!(
            "`{}` comes from several repositories here ({}), and which of them is to move is not known: write it into the manifest by hand",
            used[0].package,
            urls.into_iter().map(|url| shown(&url)).collect::<Vec<_>>().join(", ")
        )),
        Some(first) if used.is_empty() => Err(format!(
            "no package uses `{}` of `{}`, so whether its repository has `{revision}` cannot be told: delete the entry, or write it \
             by hand",
            first.name,
            scan.files.path(first.span.file)
        )),
        _ => Ok(with_its_source(scan, &used)),
    }
}

/// The repository of a git dependency, in the one spelling by which cargo tells repositories apart; as written, where that is no URL.
#[must_use]
pub fn repository(dependency: &Dependency) -> Option<String> {
    let Origin::Git { url, .. } = &dependency.origin else { return None };
    Some(canonical(url).unwrap_or_else(|| url.clone()))
}

/// The packages of a name in all lockfiles, each with the index of its workspace.
fn locked<'s>(scan: &'s Scan, name: &str) -> impl Iterator<Item = (usize, &'s LockedPackage)> {
    let locks = scan.workspaces.iter().enumerate().filter_map(|(at, workspace)| Some((at, workspace.lock.as_deref()?)));
    locks
        .flat_map(|(at, lock)| lock.packages.iter().map(move |package| (at, package)))
        .filter(move |(_, package)| package.name == *name)
}

fn unknown(scan: &Scan, name: &str) -> String {
    let is_it = |dependency: &&Dependency| {
        dependency.package == *name && matches!(dependency.surface, Surface::Crate | Surface::Git)
    };
    let Some(declared) = scan.dependencies.iter().find(is_it) else {
        return format!("no lockfile here has a package `{name}`, and no manifest declares it");
    };
    let mut building = building(scan, &BTreeSet::from([declared.span.file])).into_iter();
    match building.find(|&at| scan.workspaces[at].lock.is_none()) {
        Some(at) => lacks_lock(scan, at),
        None => {
            let path = scan.files.path(declared.span.file);
            format!("`{path}` declares `{name}`, and no lockfile here has it: run `cargo update --workspace` first")
        }
    }
}

/// That a workspace has no lockfile, in words.
fn lacks_lock(scan: &Scan, workspace: usize) -> String {
    let place = scan.files.path(scan.workspaces[workspace].root);
    format!("`{place}` has no Cargo.lock: run `cargo generate-lockfile` first")
}

/// Finds out which locked versions of a package from a registry are meant.
fn from_registry(scan: &Scan, target: &mut Target) -> Result<(), String> {
    let name = &target.name;
    let all: Vec<&LockedPackage> = locked(scan, name).map(|(_, package)| package).collect();
    let is_registry = |package: &&LockedPackage| package.source.as_ref().is_some_and(|source| !source.is_git());
    let versions: BTreeSet<&Version> =
        all.iter().copied().filter(is_registry).filter_map(|package| package.parsed.as_ref()).collect();
    if versions.is_empty() {
        return Err(match all.first().map(|package| &package.source) {
            None => unknown(scan, name),
            Some(None) => format!("`{name}` is a path package: its version stands in its own manifest"),
            Some(Some(source)) => {
                format!("`{name}` is taken from {}: name a revision, `{name}@REV`", source.url)
            }
        });
    }
    if !target.from.is_empty() {
        return Ok(());
    }
    // What a manifest here asks for is meant before what other packages bring along.
    let declared: BTreeSet<&Version> =
        versions.iter().copied().filter(|version| is_declared(scan, name, version)).collect();
    let meant = if declared.is_empty() { versions } else { declared };
    let meant = match &target.to {
        To::Version(to) if meant.len() > 1 => {
            let compatible: BTreeSet<&Version> =
                meant.iter().copied().filter(|version| range(version) == range(to)).collect();
            if compatible.is_empty() {
                let held: Vec<String> = meant.iter().map(ToString::to_string).collect();
                return Err(format!(
                    "several versions of `{name}` are in use ({}), and none of them is compatible with {to}: which one is to move \
                     is not known; write it into the manifest by hand",
                    held.join(", ")
                ));
            }
            compatible
        }
        _ => meant,
    };
    target.from = meant.iter().map(ToString::to_string).collect();
    Ok(())
}

fn is_declared(scan: &Scan, name: &str, version: &Version) -> bool {
    let version = [version.to_string()];
    scan.dependencies.iter().any(|dependency| {
        dependency.package == name
            && matches!(dependency.origin, Origin::Registry(_))
            && is_held_to(dependency, &version)
    })
}

/// Whether a declaration is about one of these locked versions.
fn is_held_to(dependency: &Dependency, versions: &[String]) -> bool {
    match &dependency.locked {
        Locked::One(locked) => versions.contains(&locked.version),
        Locked::Several(several) => several.iter().any(|version| versions.contains(version)),
        // Nothing uses it, or the lockfile does not know it yet: it goes with what it would be held to.
        Locked::Missing | Locked::Nowhere => {
            let requirement = dependency.requirement.as_deref().and_then(|text| VersionReq::parse(text).ok());
            let parsed = |version: &String| Version::parse(version).ok();
            requirement.is_some_and(|requirement| {
                versions.iter().filter_map(parsed).any(|version| requirement.matches(&version))
            })
        }
    }
}

/// The declarations that share a git source with these: to cargo, one repository by two revisions is two sources.
fn with_its_source<'s>(scan: &'s Scan, git: &[&'s Dependency]) -> Vec<&'s Dependency> {
    let source = |dependency: &Dependency| dependency.locked.one().and_then(|locked| locked.git.clone());
    let sources: Vec<String> = git.iter().filter_map(|dependency| source(dependency)).collect();
    let shares = |dependency: &&Dependency| {
        matches!(dependency.origin, Origin::Git { .. })
            && dependency.role != Role::Replace
            && (git.iter().any(|one| one.index == dependency.index)
                || source(dependency).is_some_and(|source| sources.contains(&source)))
    };
    scan.dependencies.iter().filter(shares).collect()
}

fn is_in_manifest(scan: &Scan, dependency: &Dependency) -> bool {
    scan.files.path(dependency.span.file).ends_with("Cargo.toml")
}

/// The workspaces that build a package whose manifest is among these files, or whose lockfile is, by their index in the scan.
#[must_use]
pub fn building(scan: &Scan, files: &BTreeSet<FileId>) -> BTreeSet<usize> {
    // Where a package inherits, what changes is its own workspace's root.
    let from: BTreeSet<FileId> = scan
        .workspaces
        .iter()
        .filter(|workspace| files.contains(&workspace.root))
        .flat_map(|workspace| workspace.members.iter().map(|member| member.file))
        .collect();
    let is_touched = |workspace: &Workspace| {
        let lock = workspace.lock.as_ref().map(|lock| lock.file);
        let own = [workspace.root].into_iter().chain(lock);
        own.into_iter().any(|file| files.contains(&file))
            || workspace.packages.iter().any(|package| files.contains(package) || from.contains(package))
    };
    (0..scan.workspaces.len()).filter(|&at| is_touched(&scan.workspaces[at])).collect()
}

/// What is to be written into a declaration.
#[derive(Debug, Clone, Copy)]
pub enum Pinned<'a> {
    /// This version and no other; where the policy lets a range pass, a range that admits it.
    Version(&'a Version),
    /// What is compatible with this version and not older: to find out what is the newest.
    Compatible(&'a Version),
    /// This revision of its repository.
    Revision(&'a str),
}

/// The change that writes it; none where it stays as it is. `is_strict` says whether the declaration is to be exact.
#[must_use]
pub fn edits(dependency: &Dependency, pinned: Pinned<'_>, is_strict: bool) -> Vec<Edit> {
    let Some(site) = &dependency.site else { return Vec::new() };
    let (replacement, comment) = match pinned {
        Pinned::Revision(revision) => {
            let is_name = !crate::scanner::cargo::source_id::is_full_commit(revision);
            let comment = is_name.then(|| format!(" # {revision}"));
            (format!("{}{revision}{}", site.before, site.after), comment)
        }
        Pinned::Compatible(version) => (bare(version), None),
        Pinned::Version(version) => match spelled(dependency, version, is_strict) {
            Some(text) => (text, None),
            None => return Vec::new(),
        },
    };
    let mut edits = vec![Edit { span: site.span, replacement }];
    if let (Some(comment), Some(span)) = (comment, site.comment) {
        edits.push(Edit { span, replacement: comment });
    }
    edits
}

/// The name of the revision that a git declaration is at, behind it as a comment: one word like that of a tag or a branch, as `fix`
/// and `set` write it. It is no name of another revision.
#[must_use]
pub fn name_behind(text: &str, dependency: &Dependency) -> Option<Span> {
    let end = dependency.site.as_ref()?.span.range().end;
    let line = text.get(end..)?.lines().next()?;
    let (code, comment) = line.split_once('#')?;
    let word = comment.trim();
    let is_name = word.contains(|c: char| c.is_ascii_digit()) || ["main", "master", "develop", "trunk"].contains(&word);
    if word.contains(char::is_whitespace) || !is_name || !code.chars().all(|c| " \t\"'}".contains(c)) {
        return None;
    }
    Some(Span::new(dependency.span.file, end + code.trim_end().len()..end + line.trim_end().len()))
}

/// The requirement that holds a declaration to a version; none where what is written already passes for it.
fn spelled(dependency: &Dependency, version: &Version, is_strict: bool) -> Option<String> {
    let bare = bare(version);
    if is_strict || dependency.pin == Pin::Exact {
        return Some(format!("={bare}"));
    }
    let written = dependency.requirement.as_deref().unwrap_or_default();
    let requirement = VersionReq::parse(written).ok()?;
    if requirement.matches(version) {
        return None;
    }
    Some(match requirement.comparators.as_slice() {
        [only] if only.op == Op::Tilde => format!("~{bare}"),
        [only] if only.op == Op::Caret && written.trim_start().starts_with('^') => format!("^{bare}"),
        _ => bare,
    })
}

/// A version as it is written: build metadata plays no part in matching, so none is.
fn bare(version: &Version) -> String {
    let mut version = version.clone();
    version.build = semver::BuildMetadata::EMPTY;
    version.to_string()
}
