//! Pins moved, all or nothing: what `set` and `rollback` have in common.
//!
//! Everything is known and proved before the first file is touched, in a mirror of the repository; once the files are in their
//! places, cargo is asked again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};

use anyhow::{Context as _, Result, bail};
use semver::Version;

use super::Output;
use super::cargo::Cargo;
use super::change::{self, found, say};
use super::diff;
use super::proof::{must_lose, place};
use super::releases;
use super::resolving::{Preferred, Resolver, is_version};
use super::scratch::Scratch;
use super::subject::{Again, Subject};
use super::transaction::Change;
use crate::change::compare as compare_scans;
use crate::exit::Exit;
use crate::policy::Outcome;
use crate::policy::repin::{self, Move, Target, To};
use crate::reporter::diff::{Diff, End, Format};
use crate::reporter::{self, Detail};
use crate::scanner::Scan;
use crate::scanner::cargo::entries::{Entry, entries};
use crate::scanner::cargo::source_id::is_full_commit;
use crate::scanner::cargo::workspace::Workspace;
use crate::scanner::dependency::Dependency;
use crate::text::FileId;

/// What is to be moved, and how.
pub(super) struct Request<'a> {
    pub(super) targets: Vec<Target>,
    /// What is to go along, where nothing holds it.
    pub(super) preferred: BTreeSet<Preferred>,
    /// What history held, by name: it must be the same again.
    pub(super) known: BTreeMap<String, Vec<Entry>>,
    pub(super) online: bool,
    pub(super) dry_run: bool,
    pub(super) today: Option<&'a str>,
}

/// Moves pins, requirement and lockfile together.
///
/// # Errors
/// Where they cannot be moved, or something else would change: nothing is changed then.
pub(super) fn run(subject: &Subject, again: &Again, request: &Request<'_>, output: &Output) -> Result<Exit> {
    let plan = |target: &Target| repin::plan(&subject.scan, target).map_err(anyhow::Error::msg);
    let mut moves: Vec<Move> = request.targets.iter().map(plan).collect::<Result<_>>()?;
    say_together(subject, &moves);
    let day = super::check::today(request.today)?;
    let before = found(subject, day);
    let root = &subject.snapshot.root;
    let cargo = Cargo::of_user(root, request.online);
    let stale = leave_stale(subject, &mut moves, &cargo)?;
    let all = || before.findings.iter().chain(&before.baselined);
    let strict: HashSet<usize> = all().filter_map(|finding| finding.violation.declaration).collect();
    let resolver =
        Resolver { cargo: &cargo, subject, again, moves: &moves, preferred: &request.preferred, strict: &strict };
    let (mut changes, scratch) = resolver.resolve().context("nothing was changed")?;
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let foresee = || {
        let after = subject.changed(again, change::files(&changes));
        let mut outcome = found(&after, day);
        stale.pass(&after.scan, &mut outcome);
        must_be_there(subject, &after, &moves)?;
        must_lose(&subject.scan, all(), std::iter::empty(), &after.scan, &outcome)?;
        must_be_known(&after, &request.known)?;
        Ok((after, outcome))
    };
    if changes.is_empty() {
        foresee().context("nothing was changed")?;
        say("nothing to move: everything is where it is to be");
        return Ok(Exit::Clean);
    }
    if request.dry_run {
        let after = foresee().context("it would be refused")?.0;
        prove(subject, &after, &changes, &cargo, &stale, Some(&scratch)).context("it would be refused")?;
        say_changes(subject, &after, &changes)?;
        output.write(|out| out.write_all(change::diff(&changes).as_bytes()))?;
        return Ok(Exit::Clean);
    }
    let prove = |after: &(Subject, Outcome)| prove(subject, &after.0, &changes, &cargo, &stale, None);
    let (after, proved) = change::carry_out(root, &changes, foresee, Some(prove))?;
    proved.iter().for_each(|note| say(note));
    change::say_left_out(subject, &changes);
    report(subject, &after.0, &changes, output)
}

/// Says what moves although it was not named: a git repository is one source.
fn say_together(subject: &Subject, moves: &[Move]) {
    for one in moves {
        let declared = one.declarations.iter().map(|&at| &subject.scan.dependencies[at]);
        let others = declared.filter(|dependency| dependency.package != one.target.name);
        let others: BTreeSet<&str> = others.map(|dependency| dependency.package.as_str()).collect();
        if !others.is_empty() {
            let others = others.into_iter().collect::<Vec<_>>().join("`, `");
            say(&format!("`{others}` moves along: it is of the same git repository as `{}`", one.target.name));
        }
    }
}

/// The workspaces that are left out, because cargo refuses their lockfiles before anything is moved, by their directories.
struct Stale {
    directories: BTreeSet<String>,
}

impl Stale {
    /// Takes out what is found in their lockfiles: they were no good before.
    fn pass(&self, scan: &Scan, outcome: &mut Outcome) {
        let left = scan.workspaces.iter().filter(|workspace| self.directories.contains(&workspace.directory));
        let locks: HashSet<FileId> = left.filter_map(|workspace| Some(workspace.lock.as_ref()?.file)).collect();
        for findings in [&mut outcome.findings, &mut outcome.baselined] {
            findings.retain(|finding| !locks.contains(&finding.violation.span.file));
        }
    }
}

/// Leaves out the workspaces whose lockfiles cargo does not take as they are, where they only build what is moved elsewhere.
///
/// What else cargo would change there is not asked for. One whose own manifests are to change, or whose lockfile alone has the
/// package, holds the move up.
fn leave_stale(subject: &Subject, moves: &mut [Move], cargo: &Cargo) -> Result<Stale> {
    let concerned: BTreeSet<usize> = moves.iter().flat_map(|one| one.workspaces.iter().copied()).collect();
    let mut stale = Stale { directories: BTreeSet::new() };
    for at in concerned {
        let workspace = &subject.scan.workspaces[at];
        let directory = place(&workspace.directory);
        let way_out = "`cargo update --workspace`";
        let is_touched =
            || moves.iter().any(|one| one.workspaces.contains(&at) && is_own(&subject.scan, workspace, one));
        if let Some(link) = linked(&subject.scan, workspace) {
            if is_touched() {
                bail!("{link}: cargo would write to what it leads to; nothing was changed");
            }
            say(&format!("{link}, and is left out"));
        } else if let Some(broken) = broken(&subject.scan, workspace).filter(|_| !workspace.differences.is_empty()) {
            if is_touched() {
                bail!("{broken}; mend that before anything is moved");
            }
            say(&format!("{broken}; {directory} is left out"));
        } else if !workspace.differences.is_empty() {
            if is_touched() {
                bail!(
                    "{directory}: Cargo.lock is not up to date with its manifests: bring it up to date by {way_out} first, or leave \
                     that workspace out by `exclude` in pinned.toml"
                );
            }
            say(&format!(
                "{directory}: Cargo.lock is not up to date with its manifests, and is left out: bring it up to date by {way_out} there"
            ));
        } else if let Some(why) = cargo.refusal(&subject.snapshot.root.join(&workspace.directory), None)? {
            if is_touched() {
                let way_out = if cargo.could_fetch(&why) { "; `--online` lets it fetch what it lacks" } else { "" };
                bail!("{directory}: cargo refuses Cargo.lock before anything is moved: {why}{way_out}");
            }
            say(&format!("{directory}: cargo refuses Cargo.lock before anything is moved, and it is left out: {why}"));
        } else {
            continue;
        }
        stale.directories.insert(workspace.directory.clone());
        moves.iter_mut().for_each(|one| one.workspaces.retain(|&other| other != at));
    }
    Ok(stale)
}

/// That a lockfile is a symbolic link, in words: it stands elsewhere than where cargo looks for it, and is written there.
fn linked(scan: &Scan, workspace: &Workspace) -> Option<String> {
    let own = crate::source::join(&workspace.directory, "Cargo.lock")?;
    let path = scan.files.path(workspace.lock.as_ref()?.file);
    (path != own).then(|| format!("`{own}` is a symbolic link to `{path}`"))
}

/// What is wrong with a manifest of a workspace, in words: what cannot be read differs from any lockfile.
fn broken(scan: &Scan, workspace: &Workspace) -> Option<String> {
    let is_of = |file: FileId| workspace.root == file || workspace.packages.contains(&file);
    let problem = scan.problems.iter().find(|problem| is_of(problem.span.file))?;
    Some(format!("{}: {}", scan.files.path(problem.span.file), problem.message))
}

/// Whether a move is about a workspace itself: one of its own manifests changes, or nothing but lockfiles does.
fn is_own(scan: &Scan, workspace: &Workspace, one: &Move) -> bool {
    let is_of = |file: FileId| workspace.root == file || workspace.members.iter().any(|member| member.file == file);
    one.declarations.is_empty() || one.declarations.iter().any(|&at| is_of(scan.dependencies[at].span.file))
}

/// Holds that each package is where it was to be moved to.
fn must_be_there(before: &Subject, after: &Subject, moves: &[Move]) -> Result<()> {
    for one in moves {
        let Target { name, to, from } = &one.target;
        for dependency in one.declarations.iter().filter_map(|&at| after.scan.dependencies.get(at)) {
            // Nothing uses it: it is only written.
            let Some(locked) = dependency.locked.one() else { continue };
            let is_there = match to {
                To::Version(version) => is_version(&locked.version, version),
                To::Newest => true,
                To::Revision(revision) => match &locked.commit {
                    Some(commit) => !is_full_commit(revision) || commit == revision,
                    None => false,
                },
            };
            if !is_there || is_idle(after, one, dependency) {
                let held = locked.commit.as_ref().unwrap_or(&locked.version);
                bail!("`{}` would be at {held}, and nothing would use what was asked for", dependency.package);
            }
        }
        // The lockfile of what only reaches the package by a path has none of its dev-dependencies, and none that is switched off.
        let has = |subject: &Subject, at: usize| {
            let lock = subject.scan.workspaces[at].lock.as_ref();
            lock.map_or_else(Vec::new, |lock| entries(subject.scan.files.text(lock.file).as_bytes(), name))
        };
        let moved =
            one.workspaces.iter().filter(|&&at| has(before, at).iter().any(|entry| from.contains(&entry.version)));
        for &at in moved {
            let To::Version(to) = to else { continue };
            let held = has(after, at);
            if !held.iter().any(|entry| is_version(&entry.version, to)) {
                let lock = after.scan.workspaces[at].lock.as_ref();
                let lock = lock.map_or("Cargo.lock", |lock| after.scan.files.path(lock.file));
                bail!("{lock} would have no `{name} {to}`");
            }
            if let Some(old) =
                held.iter().find(|entry| from.contains(&entry.version) && !is_version(&entry.version, to))
            {
                say(&format!("`{name} {}` stays beside {to}: other packages need it", old.version));
            }
        }
    }
    Ok(())
}

/// Whether a patch would be locked, and used by nothing.
fn is_idle(after: &Subject, one: &Move, dependency: &Dependency) -> bool {
    let locks = one.workspaces.iter().filter_map(|&at| after.scan.workspaces[at].lock.as_ref());
    let is_named = |name: &String| *name == dependency.package;
    matches!(one.target.to, To::Revision(_))
        && dependency.role == crate::scanner::dependency::Role::Patch
        && locks.clone().any(|lock| lock.unused.iter().any(|package| is_named(&package.name)))
}

/// Holds that what history had is what is locked again, to the checksum.
fn must_be_known(after: &Subject, known: &BTreeMap<String, Vec<Entry>>) -> Result<()> {
    for lock in after.scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_deref()) {
        for package in &lock.packages {
            let Some(known) = known.get(&package.name) else { continue };
            let now = Entry::of(package);
            let same = known.iter().find(|entry| entry.version == now.version && entry.source == now.source);
            if let Some(old) = same.filter(|old| old.checksum != now.checksum && old.checksum.is_some()) {
                bail!(
                    "the checksum of `{} {}` is not the one that it had in history ({}): somebody replaced the release",
                    package.name,
                    now.version,
                    old.checksum.as_deref().unwrap_or_default()
                );
            }
        }
    }
    Ok(())
}

/// Has cargo prove what is there, or in a mirror: it takes the lockfiles as they are, and what came can be built by it.
fn prove(
    before: &Subject,
    after: &Subject,
    changes: &[Change],
    cargo: &Cargo,
    stale: &Stale,
    scratch: Option<&Scratch>,
) -> Result<Vec<String>> {
    let root = &before.snapshot.root;
    let about = cargo.version(root)?;
    let (mut packages, mut notes) = (0, Vec::new());
    let concerned = change::workspaces(&before.scan, changes).into_iter();
    for directory in concerned.filter(|directory| !stale.directories.contains(directory)) {
        let has_lock = |workspace: &Workspace| workspace.directory == directory && workspace.lock.is_some();
        if !before.scan.workspaces.iter().any(has_lock) {
            notes.push(format!(
                "{}: there is no Cargo.lock, so nothing is locked there and nothing proved",
                place(&directory)
            ));
            continue;
        }
        let real = root.join(&directory);
        let manifest = scratch.map(|scratch| scratch.path(&directory).join("Cargo.toml"));
        if let Some(why) = cargo.refusal(&real, manifest.as_deref())? {
            bail!("{}: cargo refuses the lockfile: {why}", place(&directory));
        }
        let metadata = cargo.metadata(&real, about.host.as_deref(), manifest.as_deref());
        let metadata = metadata.map_err(|why| {
            let way_out = if cargo.could_fetch(&why) { "; `--online` lets it fetch what it lacks" } else { "" };
            anyhow::anyhow!("{}: cargo cannot read what it is to build: {why}{way_out}", place(&directory))
        })?;
        let come = come(before, after, &directory);
        let all = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        packages += all.len();
        for package in all {
            let text = |key: &str| package[key].as_str().unwrap_or_default();
            let is_new = come.contains(&(text("name"), text("version")));
            if let (true, Some(needed), Some(have)) = (is_new, release(text("rust_version")), &about.release)
                && needed > Version::new(have.major, have.minor, have.patch)
            {
                bail!("`{} {}` needs Rust {needed}, and {have} is active", text("name"), text("version"));
            }
        }
    }
    let packages = if packages == 1 { "1 package".to_owned() } else { format!("all {packages} packages") };
    notes.insert(
        0,
        format!("proved by cargo: it takes the lockfile as it is, and reads {packages} that are built here"),
    );
    Ok(notes)
}

/// A release of Rust as a manifest names it: its patch may be left out.
fn release(text: &str) -> Option<Version> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    let part = |parts: &mut dyn Iterator<Item = Option<u64>>| parts.next().unwrap_or(Some(0));
    Some(Version::new(part(&mut parts).filter(|_| !text.is_empty())?, part(&mut parts)?, part(&mut parts)?))
}

/// The names and versions that the lockfile of the workspace in a directory did not have before.
fn come<'a>(before: &'a Subject, after: &'a Subject, directory: &str) -> HashSet<(&'a str, &'a str)> {
    let all = |subject: &'a Subject| -> HashSet<(&'a str, &'a str)> {
        let workspace = subject.scan.workspaces.iter().find(|workspace| workspace.directory == directory);
        let lock = workspace.and_then(|workspace| workspace.lock.as_deref());
        let packages = lock.map_or(&[][..], |lock| &lock.packages).iter();
        packages.map(|package| (package.name.as_str(), package.version.as_str())).collect()
    };
    &all(after) - &all(before)
}

/// Writes what the change brings in, in the words of `diff`.
fn compare(before: &Subject, after: &Subject, changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    let changed: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let mut found = compare_scans(&before.scan, &after.scan, &|path: &str| !changed.contains(path));
    let releases = releases::known(&found.brought(), false, None).map_err(io::Error::other)?;
    found.know(&releases);
    let root = before.snapshot.root.display().to_string();
    let kind = before.snapshot.kind.name();
    let report = Diff {
        root: &root,
        base: End { kind, revision: Some("before"), commit: None, scan: &before.scan },
        head: End { kind, revision: Some("after"), commit: None, scan: &after.scan },
        changes: &found,
        moment: releases.moment,
        // There is nothing more to ask for: the change is made.
        is_online: true,
        detail: Detail::Normal,
        width: diff::width(),
    };
    reporter::diff::render(Format::Human, &report, out)
}

/// Says beside a diff what it would bring in.
fn say_changes(before: &Subject, after: &Subject, changes: &[Change]) -> Result<()> {
    let mut text = Vec::new();
    compare(before, after, changes, &mut text)?;
    // Whatever cannot be said does not make the diff another one.
    let _ = anstream::stderr().write_all(&text);
    Ok(())
}

/// Reports what was changed.
fn report(before: &Subject, after: &Subject, changes: &[Change], output: &Output) -> Result<Exit> {
    let files: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
    output.write(|out| {
        writeln!(out, "changed {count}: {}\n", reporter::escape(&files.join(", ")))?;
        compare(before, after, changes, out)
    })?;
    Ok(Exit::Clean)
}
