//! What all verbs that change pins have in common: how they begin, the change as a diff, and its way onto the disk.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write as _;
use std::path::Path;
use std::thread;

use anyhow::{Result, bail};
use jiff::civil::Date;
use similar::TextDiff;

use super::check::is_reported;
use super::subject::{Again, Subject};
use super::transaction::{self, Change, Transaction};
use crate::cli;
use crate::policy::{self, Outcome, repin};
use crate::reporter::{escape, escape_lines};
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::{self, LockedPackage};
use crate::scanner::cargo::workspace::Workspace;
use crate::source::{is_below, parent};
use crate::text::{FileId, listed};

/// The most lockfiles that are named.
const MOST_LEFT: usize = 5;

/// Says something beside what is printed.
pub(super) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "note: {}", escape_lines(text));
}

/// What is to be changed, once what a run that was cut short left behind is put back.
///
/// # Errors
/// Where it cannot be judged, or there is something to put back and nothing may be changed.
pub(super) fn begin(args: &cli::Subject, is_dry: bool) -> Result<(Subject, Again)> {
    let (subject, again) = Subject::to_change(args)?;
    if is_dry && transaction::is_interrupted(&subject.snapshot.root) {
        bail!("a change was cut short here: run it without `--dry-run`, which puts back what it changed");
    }
    let directories = subject.snapshot.entries().iter().map(|entry| parent(&entry.path));
    if let Some(restored) = transaction::recover(&subject.snapshot.root, directories)? {
        match &restored[..] {
            [] => say("a run that was cut short left its journal, and had changed nothing yet"),
            paths => say(&format!("a run that was cut short left its journal: {} restored", paths.join(", "))),
        }
        return Subject::to_change(args);
    }
    Ok((subject, again))
}

/// Says which lockfiles were left out that may be those of a package whose manifest changed: nobody looked whether they still fit.
pub(super) fn say_left_out(subject: &Subject, changes: &[Change]) {
    let (scan, snapshot) = (&subject.scan, &subject.snapshot);
    let changed: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let is_changed = |file: FileId| changed.contains(scan.files.path(file));
    let names = scan.workspaces.iter().flat_map(|workspace| {
        let is_whole = is_changed(workspace.root);
        workspace.members.iter().filter(move |member| is_whole || is_changed(member.file))
    });
    let names: HashSet<&str> = names.map(|member| member.name.as_str()).collect();
    if names.is_empty() {
        return;
    }
    let read: HashSet<&str> = scan.read.iter().map(String::as_str).collect();
    let locks = snapshot.entries().iter().filter(|entry| entry.place.rsplit('/').next() == Some("Cargo.lock"));
    let left = locks.filter(|entry| !read.contains(entry.path.as_str())).filter(|entry| {
        let text = snapshot.read(entry).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let lock = text.map(|text| lockfile::read(FileId(0), &text));
        lock.is_some_and(|lock| {
            let is_one = |package: &LockedPackage| package.source.is_none() && names.contains(package.name.as_str());
            lock.packages.iter().any(is_one)
        })
    });
    let left: Vec<&str> = left.map(|entry| entry.path.as_str()).collect();
    if !left.is_empty() {
        say(&format!(
            "left out, and not looked at: {} with a package by the name of one that changed; where it is that one, run \
             `cargo update --workspace` there",
            listed(&left, MOST_LEFT)
        ));
    }
}

/// How much is found outside of what is to be reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside {
    /// The findings.
    pub(super) findings: usize,
    /// Those that the baseline accepts.
    pub(super) baselined: usize,
}

/// What is found in a subject, of what is to be reported; and how much there is beside that.
pub(super) fn judged(subject: &Subject, day: Date) -> (Outcome, Outside) {
    let mut outcome = policy::evaluate(&subject.scan, &subject.policy, day, policy::Before::default());
    let all = (outcome.findings.len(), outcome.baselined.len());
    outcome.findings.retain(|finding| is_reported(subject, finding));
    outcome.baselined.retain(|finding| is_reported(subject, finding));
    outcome.excepted.retain(|excepted| is_reported(subject, &excepted.finding));
    let outside = Outside { findings: all.0 - outcome.findings.len(), baselined: all.1 - outcome.baselined.len() };
    (outcome, outside)
}

/// What is found in a subject, of what is to be reported.
pub(super) fn found(subject: &Subject, day: Date) -> Outcome {
    judged(subject, day).0
}

/// The changes as a unified diff.
pub(super) fn diff(changes: &[Change]) -> String {
    let one = |change: &Change| {
        let diff = TextDiff::from_lines(&change.before, &change.after);
        let header = (format!("a/{}", change.path), format!("b/{}", change.path));
        diff.unified_diff().header(&header.0, &header.1).to_string()
    };
    changes.iter().map(one).collect::<String>().split_inclusive('\n').map(shown).collect()
}

/// A line of a diff as a terminal may get it: a patch as it is, but for what could mean something to the terminal.
fn shown(line: &str) -> String {
    let bare = line.trim_end_matches(['\r', '\n']);
    let parts: Vec<String> = bare.split('\t').map(escape).collect();
    parts.join("\t") + &line[bare.len()..]
}

/// The files as they are to be, by path.
pub(super) fn files(changes: &[Change]) -> BTreeMap<String, Vec<u8>> {
    changes.iter().map(|change| (change.path.clone(), change.after.clone().into_bytes())).collect()
}

/// Changes the files, all or none: what will be there is foreseen while the disk takes what is to be written, and once the files
/// are in their places it is proved, where there is somebody to prove it. What was proved must still be there.
///
/// With a journal, going back is as sure as going on: the files are put in their places meanwhile, since that waits for the disk, too.
/// A file alone, which has none, is only put there once all is foreseen.
///
/// # Errors
/// Where a file cannot be changed, or what is foreseen or there is not to be; everything is then as it was.
pub(super) fn carry_out<A, P: Default>(
    root: &Path,
    changes: &[Change],
    foresee: impl FnOnce() -> Result<A>,
    prove: Option<impl FnOnce(&A) -> Result<P>>,
) -> Result<(A, P)> {
    let is_proved = prove.is_some();
    // By a thread of its own: it waits for the disk, and those of the pool, which have work to do meanwhile, may be late to begin.
    let (begun, foreseen) = thread::scope(|scope| {
        let beginning = scope.spawn(|| {
            let mut transaction = Transaction::prepare(root, changes, is_proved)?;
            let carried = transaction.is_journaled.then(|| transaction.carry_out());
            anyhow::Ok((transaction, carried))
        });
        let foreseen = foresee();
        (beginning.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), foreseen)
    });
    let (mut transaction, carried) = begun?;
    let proved = foreseen.and_then(|after| {
        carried.unwrap_or_else(|| transaction.carry_out())?;
        let proved = prove.map(|prove| prove(&after)).transpose()?;
        if proved.is_some() {
            transaction.must_be_there()?;
        }
        transaction.keep()?;
        Ok((after, proved.unwrap_or_default()))
    });
    proved.map_err(|error| transaction.give_up(error))
}

/// The directories of the workspaces that build a package whose manifest changes, or whose lockfile does, or for which a
/// configuration of cargo is that changes.
pub(super) fn workspaces(scan: &Scan, changes: &[Change]) -> BTreeSet<String> {
    let changed: HashSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let files = scan.workspaces.iter().flat_map(|workspace| {
        let lock = workspace.lock.as_ref().map(|lock| lock.file);
        workspace.packages.iter().copied().chain([workspace.root]).chain(lock)
    });
    let files = files.filter(|&file| changed.contains(scan.files.path(file))).collect();
    let building = repin::building(scan, &files).into_iter().filter_map(|at| scan.workspaces.get(at));
    let configs: Vec<&str> = scan
        .configs
        .iter()
        .filter(|config| changed.contains(scan.files.path(config.file)))
        .map(|config| config.directory.as_str())
        .collect();
    let is_configured =
        |workspace: &&Workspace| configs.iter().any(|directory| is_below(&workspace.directory, directory));
    let configured = scan.workspaces.iter().filter(|workspace| workspace.lock.is_some()).filter(is_configured);
    building.chain(configured).map(|workspace| workspace.directory.clone()).collect()
}
