//! `diff`: what a change of pins brings in.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::place::{self, Place};
use super::{Output, releases};
use crate::change;
use crate::cli::{self, DiffFormat};
use crate::exit::Exit;
use crate::reporter::Detail;
use crate::reporter::diff::{self, Diff, End, Format};
use crate::scanner::{self, Extent, Scan, excludes::Excludes};
use crate::source::objects::Repository;
use crate::source::{Interest, Snapshot};

/// The columns of the report for people, where there is no terminal.
const WIDTH: usize = 80;

/// The columns of the report for people.
pub(super) fn width() -> usize {
    Output::terminal().unwrap_or(WIDTH)
}

/// What was typed, as what it means.
struct Revisions {
    /// What the base is called.
    name: String,
    base: String,
    head: Option<String>,
    /// Whether what is compared with is where the two part, and not the base itself.
    parted: bool,
}

/// Compares two revisions, or one with the working tree or what is staged.
///
/// # Errors
/// Where they cannot be compared: no such revision, no git repository, nothing to compare.
pub fn run(args: &cli::Diff, output: &Output) -> Result<Exit> {
    let revisions = revisions(args)?;
    let subject = subject(args, revisions.head.clone());
    let Place { snapshot, repository, .. } = Place::find(&subject)?;
    let Some(repository) = repository else {
        let root = &snapshot.root;
        if Repository::open(root, None).is_ok() {
            bail!("`{}` is bare: say what is to be compared, as BASE HEAD", root.display());
        }
        bail!("`{}` is in no git repository: there is no `{}` to compare with", root.display(), revisions.base);
    };
    let (before, commit) = base(&repository, &revisions, &snapshot, place::interest(&subject))?;
    let excludes = Excludes::new(!args.no_default_excludes, []);
    let excludes = excludes.map_err(|(pattern, why)| anyhow::anyhow!("`{pattern}` is no pattern: {why}"))?;
    let beside = std::slice::from_ref(&before);
    let (after, mut others) = scanner::scan_beside(&snapshot, beside, &excludes, Extent::Written);
    let Some(was) = others.pop() else { bail!("nothing was scanned of `{}`", revisions.base) };
    must_be_whole(&[&snapshot, &before], &repository)?;
    must_have_something(&was, &after, &snapshot)?;
    let is_unchanged = |path: &str| before.find(path).is_some_and(|at| before.is_unchanged(&before.entries()[at]));
    let mut changes = change::compare(&was, &after, &is_unchanged);
    let releases = releases::known(&changes.brought(), args.online, args.today.as_deref())?;
    changes.know(&releases);
    let root = snapshot.root.display().to_string();
    let report = Diff {
        root: &root,
        base: End { kind: before.kind.name(), revision: Some(&revisions.name), commit: Some(&commit), scan: &was },
        head: End {
            kind: snapshot.kind.name(),
            revision: revisions.head.as_deref(),
            commit: snapshot.revision.as_deref(),
            scan: &after,
        },
        changes: &changes,
        moment: releases.moment,
        is_online: args.online,
        detail: detail(args),
        width: width(),
    };
    write(args, &report, output)?;
    let exit = match (changes.alarms.is_empty(), changes.unread.is_empty()) {
        // What is known to be wrong weighs more than what is not known.
        (false, _) => Exit::Findings,
        (true, false) => Exit::Failed,
        (true, true) => Exit::Clean,
    };
    // The process ends here, and gives all of it back at once: freeing it piece by piece takes longer.
    std::mem::forget(changes);
    std::mem::forget((was, after, before, snapshot));
    Ok(exit)
}

/// BASE and HEAD from what was typed: `A..B` is A and B, and `A...B` is B and where A and B part, as git has it.
fn revisions(args: &cli::Diff) -> Result<Revisions> {
    let Some((base, head)) = args.base.split_once("..") else {
        return Ok(Revisions {
            name: args.base.clone(),
            base: args.base.clone(),
            head: args.head.clone(),
            parted: false,
        });
    };
    if args.head.is_some() || args.staged {
        bail!("`{}` names both sides already", args.base);
    }
    let (parted, head) = head.strip_prefix('.').map_or((false, head), |head| (true, head));
    let named = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
    let base = named(base);
    // The commit where the two part has no name but that.
    let name = if parted { args.base.clone() } else { base.clone() };
    Ok(Revisions { name, base, head: Some(named(head)), parted })
}

/// What is looked at, as `check` has it.
fn subject(args: &cli::Diff, head: Option<String>) -> cli::Subject {
    cli::Subject {
        path: None,
        root: args.root.clone(),
        rev: head,
        staged: args.staged,
        manifest_path: None,
        config: None,
        surface: Vec::new(),
        no_default_excludes: args.no_default_excludes,
    }
}

/// The snapshot that is compared with, and the full id of its commit.
fn base(
    repository: &Repository,
    revisions: &Revisions,
    snapshot: &Snapshot,
    interest: Interest,
) -> Result<(Snapshot, String)> {
    let commit = if revisions.parted {
        let bases = repository.bases(&revisions.base, snapshot)?;
        // As git does where there are several: the best one.
        bases.merge_bases.first().copied().context("the two have no commit in common")?
    } else {
        repository.commit(&revisions.base)?
    };
    Ok((repository.beside(snapshot, commit, interest)?, commit.to_string()))
}

/// What a clone with a filter left out would look like what was removed.
fn must_be_whole(snapshots: &[&Snapshot], repository: &Repository) -> Result<()> {
    if snapshots.iter().any(|snapshot| snapshot.lacks_content()) {
        bail!("files of what is compared are not in this clone: `{}` brings them", repository.refetch());
    }
    Ok(())
}

/// A comparison of nothing is a mistake.
fn must_have_something(before: &Scan, after: &Scan, snapshot: &Snapshot) -> Result<()> {
    let has = |scan: &Scan| {
        let found = [scan.workspaces.len(), scan.dependencies.len(), scan.problems.len(), scan.settled];
        found.iter().any(|count| *count > 0)
    };
    if has(before) || has(after) {
        return Ok(());
    }
    bail!("nothing to compare in `{}`", snapshot.root.display())
}

fn detail(args: &cli::Diff) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

/// Writes the diff to the files that the user names, and to standard output.
fn write(args: &cli::Diff, report: &Diff<'_>, output: &Output) -> Result<()> {
    for (format, path) in &args.output {
        to_file(*format, path, report).with_context(|| format!("cannot write the report `{}`", path.display()))?;
    }
    output.write(|out| diff::render(reporter_format(args.format), report, out))?;
    Ok(())
}

fn to_file(format: DiffFormat, path: &PathBuf, report: &Diff<'_>) -> std::io::Result<()> {
    let mut file = BufWriter::new(anstream::StripStream::new(File::create(path)?));
    diff::render(reporter_format(format), report, &mut file)?;
    file.flush()
}

fn reporter_format(format: DiffFormat) -> Format {
    match format {
        DiffFormat::Human => Format::Human,
        DiffFormat::Markdown => Format::Markdown,
        DiffFormat::Json => Format::Json,
    }
}
