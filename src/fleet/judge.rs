//! Judges repositories, each by itself: from a target to the rows of the report.
//!
//! A repository is judged on one thread, and as many at once as there are threads: a scan that is cut into pieces for several
//! threads takes longer in all, and several half-done scans more memory. Whatever goes wrong with one, a panic included, is the
//! error of its row.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use gix::ObjectId;
use jiff::civil::Date;

use super::discover::Target;
use super::history::{self, Judged, Session};
use super::targets::{Place, without_credentials};
use super::verdict::{self, Verdict};
use crate::policy::file::Rules;
use crate::policy::finding::Level;
use crate::reporter::audit::{Counts, Packed, Row};
use crate::scanner::isolated::{FAILED, said};
use crate::scanner::pattern::Pattern;
use crate::source::objects::Repository;
use crate::source::peek::{Peek, peek};
use crate::source::references::{Tip, short};

/// How repositories are judged.
pub struct Options<'a> {
    /// The organisation's policy, with the levels of the command line, where each repository is not judged by its own alone.
    pub floor: Option<&'a Rules>,
    /// The levels of the command line, for repositories that are judged by their own policy.
    pub levels: &'a [(&'static str, Level)],
    /// Whether warnings fail, by the command line.
    pub deny_warnings: bool,
    /// The revision to be judged, where a target names none.
    pub rev: Option<&'a str>,
    /// The branches and tags that are judged too, by full or short name.
    pub refs: &'a [Pattern],
    /// Whether what is left out by default is judged too.
    pub everything: bool,
    /// The day to judge by.
    pub today: Date,
    /// The run in the history, where there is one.
    pub history: Option<&'a Session>,
    /// Where the repository of a target is on this machine.
    pub local: &'a (dyn Fn(&Target) -> Result<Local> + Sync),
    /// Told of each target that is done.
    pub done: &'a (dyn Fn() + Sync),
}

/// A repository on this machine.
#[derive(Debug, Clone)]
pub struct Local {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is not as the remote has it now, where it could not be fetched.
    pub stale: Option<String>,
}

/// Judges targets; the rows are sorted by name and reference.
#[must_use]
pub fn judge(targets: &[Target], options: &Options<'_>) -> Vec<Row> {
    let threads = rayon::current_num_threads().clamp(1, targets.len().max(1));
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(targets.len())));
    let work = || {
        while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = isolated(target, options);
            rows.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
            (options.done)();
        }
    };
    // What runs in parallel elsewhere stays on this thread, where it is the only one of its pool.
    let alone = || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        work();
        drop(pool);
    };
    // One repository alone has all threads to itself.
    if targets.len() == 1 {
        work();
    }
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().stack_size(8 << 20);
            // Where no thread can be had, this one does the work.
            if thread.spawn_scoped(scope, alone).is_err() {
                work();
            }
        }
    });
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by(|a, b| (&a.name, &a.reference, &a.commit).cmp(&(&b.name, &b.reference, &b.commit)));
    rows
}

/// Judges a target, whatever happens.
fn isolated(target: &Target, options: &Options<'_>) -> Vec<Row> {
    let rows = catch_unwind(AssertUnwindSafe(|| repository(target, options)));
    let rows = rows.unwrap_or_else(|panic| {
        let what = said(&*panic);
        vec![failed(blank(target), format!("{FAILED}: {what}"))]
    });
    if let Some(history) = options.history {
        let called = &target.identity;
        for (row, error) in rows.iter().filter_map(|row| Some((row, row.error.as_deref()?))) {
            let reference = row.reference.as_deref().unwrap_or_default();
            history.failed(history::Target { repository: called, reference }, error);
        }
    }
    rows
}

/// The rows of a target.
fn repository(target: &Target, options: &Options<'_>) -> Vec<Row> {
    let mut row = blank(target);
    if let Some(fault) = &target.fault {
        return vec![failed(row, fault.clone())];
    }
    let local = match (options.local)(target) {
        Ok(local) => local,
        Err(error) => return vec![failed(row, format!("{error:#}"))],
    };
    if let Some(known) = unmoved(target, &row, &local, options) {
        return vec![known];
    }
    let opened = Repository::at(&local.path).map(|repository| (repository, local.stale));
    let (repository, stale) = match opened {
        Ok(opened) => opened,
        Err(error) => return vec![failed(row, format!("{error:#}"))],
    };
    row.stale = stale;
    row.url = row.url.or_else(|| repository.url().map(|url| without_credentials(&url)));
    let (mut known, called) = (HashMap::new(), &target.identity);
    tips(&repository, target, options)
        .into_iter()
        .enumerate()
        .map(|(at, tip)| match tip {
            Ok(tip) => {
                // HEAD stays HEAD, whichever branch it names.
                let asked = target.rev.as_deref().or(options.rev).unwrap_or_default();
                let reference = if at == 0 { asked } else { tip.name.as_deref().unwrap_or_default() };
                let key = history::Target { repository: called, reference };
                judged(copy(&row), &repository, (&tip, key), options, &mut known)
            }
            Err((name, error)) => failed(Row { reference: name, ..copy(&row) }, format!("{error:#}")),
        })
        .collect()
}

/// The row of a repository whose HEAD is where the history knows it to be: it is not even opened.
fn unmoved(target: &Target, row: &Row, local: &Local, options: &Options<'_>) -> Option<Row> {
    let history = options.history?;
    if target.rev.is_some() || options.rev.is_some() || !options.refs.is_empty() {
        return None;
    }
    // Mirrors are bare.
    let is_bare = target.is_bare || matches!(target.place, Place::Url(_));
    let Peek { name, commit } = peek(&local.path, is_bare)?;
    let key = history::Target { repository: &target.identity, reference: "" };
    let judged = history.known(key, &commit).ok()??;
    let mut row = copy(row);
    row.stale.clone_from(&local.stale);
    row.reference = name.as_deref().map(short).map(str::to_owned);
    row.commit = Some(commit);
    Some(remembered(row, judged))
}

type Tips = Vec<Result<Tip, (Option<String>, anyhow::Error)>>;

/// What is judged of a repository: what the user names, else HEAD; and the branches and tags that are wanted.
fn tips(repository: &Repository, target: &Target, options: &Options<'_>) -> Tips {
    let rev = target.rev.as_deref().or(options.rev);
    let first = match rev {
        Some(rev) => repository.tip(rev).map_err(|error| (Some(rev.to_owned()), error)),
        None => repository.head().map_err(|error| (None, error)),
    };
    let mut all = vec![first];
    if options.refs.is_empty() {
        return all;
    }
    match repository.tips(&|name| options.refs.iter().any(|glob| glob.matches(name))) {
        Ok(mut more) => {
            // HEAD is the branch that it names.
            let head = all[0].as_ref().ok().and_then(|tip| tip.name.clone());
            more.retain(|tip| rev.is_some() || tip.name != head);
            all.extend(more.into_iter().map(Ok));
        }
        Err(error) => all.push(Err((None, error))),
    }
    all
}

/// The row of one commit; a commit that several names lead to is read once, and one that the history knows is not read.
fn judged(
    mut row: Row,
    repository: &Repository,
    (tip, key): (&Tip, history::Target<'_>),
    options: &Options<'_>,
    known: &mut HashMap<ObjectId, Result<Verdict, String>>,
) -> Row {
    row.reference = tip.short().map(str::to_owned);
    let commit = tip.commit.to_string();
    row.commit = Some(commit.clone());
    match options.history.map(|history| history.known(key, &commit)) {
        Some(Err(error)) => return failed(row, error.to_string()),
        Some(Ok(Some(judged))) => return remembered(row, judged),
        _ => {}
    }
    let verdict = known
        .entry(tip.commit)
        .or_insert_with(|| verdict::of(repository, tip.commit, options).map_err(|error| format!("{error:#}")));
    match verdict {
        Err(error) => failed(row, error.clone()),
        Ok(verdict) => {
            let Verdict { counts, findings, excepted, waived, lacks, until } = verdict.clone();
            // What is not all there can be fetched, and is then another verdict on the same commit.
            let Some(history) = options.history.filter(|_| lacks.is_none()) else {
                return Row { counts, findings, excepted, waived, error: lacks, ..row };
            };
            let url = row.url.clone();
            let verdict = history::Verdict { until, counts, findings: findings.items(), excepted, waived, url };
            match history.record(key, &commit, verdict) {
                Ok(judged) => remembered(row, judged),
                Err(error) => failed(row, error.to_string()),
            }
        }
    }
}

/// A row with a verdict in the light of the runs before.
fn remembered(row: Row, judged: Judged) -> Row {
    let Judged { counts, findings, excepted, waived, change, url } = judged;
    // As it is now, where it was looked up.
    let url = row.url.or(url);
    Row { counts, findings, excepted, waived, change, url, ..row }
}

/// A row of which nothing is known but the target.
fn blank(target: &Target) -> Row {
    let url = match &target.place {
        Place::Url(url) => Some(without_credentials(url)),
        Place::Path(_) => None,
    };
    Row {
        name: target.name.clone(),
        path: target.place.shown(),
        url,
        owner: target.owner.clone(),
        labels: target.labels.clone(),
        reference: target.rev.clone(),
        commit: None,
        error: None,
        stale: None,
        counts: Counts::default(),
        findings: Packed::default(),
        excepted: Packed::default(),
        waived: Packed::default(),
        change: None,
    }
}

fn failed(row: Row, error: String) -> Row {
    Row { error: Some(error), ..row }
}

/// The same row again: of what is found in it there is nothing yet.
fn copy(row: &Row) -> Row {
    let Row { name, path, url, owner, labels, reference, stale, .. } = row;
    Row {
        name: name.clone(),
        path: path.clone(),
        url: url.clone(),
        owner: owner.clone(),
        labels: labels.clone(),
        reference: reference.clone(),
        commit: None,
        error: None,
        stale: stale.clone(),
        counts: Counts::default(),
        findings: Packed::default(),
        excepted: Packed::default(),
        waived: Packed::default(),
        change: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::targets::Wanted;

    /// A panic, also one of a thread that helps, is said in the row, and the others are judged.
    #[test]
    fn a_panic_is_the_error_of_its_row() {
        let wanted =
            |name: &str| Wanted { name: Some(name.to_owned()), ..Wanted::at(Place::Url(format!("x://{name}"))) };
        let targets = crate::fleet::discover::targets(&[wanted("a"), wanted("b"), wanted("c")]);
        let local = |target: &Target| -> Result<Local> {
            assert!(target.name != "b", "no {}", target.name);
            anyhow::bail!("not here")
        };
        let options = Options {
            floor: None,
            levels: &[],
            deny_warnings: false,
            rev: None,
            refs: &[],
            everything: false,
            today: Date::MIN,
            history: None,
            local: &local,
            done: &|| (),
        };
        let rows = judge(&targets, &options);
        let errors: Vec<&str> = rows.iter().filter_map(|row| row.error.as_deref()).collect();
        let panic = "the tool failed here, which is a mistake of its own: no b";
        assert_eq!(errors, ["not here", panic, "not here"]);
    }
}
