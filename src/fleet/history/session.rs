//! A run under way: what it knows from before, and what it records.
//!
//! Threads share it. What is known is read once, at the beginning, without findings; what is recorded is written in batches,
//! each one transaction, so that a run that is killed loses a batch at most.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, TransactionBehavior, params};

use super::store::{self, Draft, Entry, Past, Writer, key};
use super::{Error, Judged, Start, Target, Verdict, changes, runs};
use crate::reporter::audit::{Change, Packed, Run};

/// How many verdicts are written at once.
const BATCH: usize = 128;

/// A run under way. Dropped without [`Session::finish`], it leaves what it judged, and was never the last run.
#[derive(Debug)]
pub struct Session {
    path: PathBuf,
    start: Start,
    run: i64,
    /// The number of the last run that had finished when this one began.
    base: i64,
    past: HashMap<String, Past>,
    writer: Mutex<Writer>,
}

impl Session {
    pub(super) fn begin(path: PathBuf, mut connection: Connection, start: Start) -> Result<Self, Error> {
        let at = store::text(start.at);
        let mut begin = || -> rusqlite::Result<_> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let base = store::last(&transaction)?;
            transaction.execute(
                "INSERT INTO runs (at, today, tool, policy, base) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![at, start.today.to_string(), start.tool, start.policy, base],
            )?;
            let run = transaction.last_insert_rowid();
            let past = store::past(&transaction)?;
            transaction.commit()?;
            Ok((run, base, past))
        };
        let (run, base, past) = begin().map_err(|error| Error::new(&path, error))?;
        let totals = Run { at, repositories: 0, failed: 0, deny: 0, warn: 0, new: 0, resolved: 0 };
        let writer = Writer { connection, verdicts: Vec::new(), failures: Vec::new(), kept: Vec::new(), totals };
        Ok(Self { path, start, run, base, past, writer: Mutex::new(writer) })
    }

    /// The verdict on a commit of a target, if it was judged before and nothing that decides has changed since: it is then part
    /// of this run. None if it must be judged.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn known(&self, target: Target<'_>, commit: &str) -> Result<Option<Judged>, Error> {
        let Some(past) = self.past.get(&key(target.repository, target.reference)) else { return Ok(None) };
        if let Some(entry) = past.last.as_ref().filter(|entry| self.holds(entry, commit)) {
            let [findings, excepted, waived] = entry.packed.clone();
            let change = Some(Change::default());
            let (counts, url) = (entry.counts, entry.url.clone());
            let judged = Judged { counts, findings, excepted, waived, change, url };
            let mut writer = self.lock();
            writer.kept.push(entry.id);
            writer.count(&judged);
            return Ok(Some(judged));
        }
        let Some(entry) = past.drafts.iter().find(|entry| self.holds(entry, commit)) else { return Ok(None) };
        // It was compared with what was the last run then: that is done anew.
        let ([findings, excepted, waived], until, counts) = (entry.packed.clone(), entry.until, entry.counts);
        let url = entry.url.clone();
        let verdict = Verdict { until, counts, findings: findings.items(), excepted, waived, url };
        self.record(target, commit, verdict).map(Some)
    }

    /// Records a verdict on a commit of a target.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn record(&self, target: Target<'_>, commit: &str, verdict: Verdict) -> Result<Judged, Error> {
        let Verdict { until, counts, mut findings, excepted, waived, url } = verdict;
        let last = self.past.get(&key(target.repository, target.reference)).and_then(|past| past.last.as_ref());
        let before = last.map(|entry| self.tried(self.lock().marks(entry.id))).transpose()?;
        let (change, marks) = changes::compare(before.as_deref(), &mut findings, self.start.today);
        let judged = Judged { counts, findings: Packed::new(&findings), excepted, waived, change, url };
        let draft = Draft {
            repository: target.repository.to_owned(),
            reference: target.reference.to_owned(),
            commit: commit.to_owned(),
            until,
            judged: judged.clone(),
            marks,
        };
        let mut writer = self.lock();
        writer.count(&judged);
        writer.verdicts.push(draft);
        if writer.verdicts.len() >= BATCH {
            self.flush(&mut writer)?;
        }
        Ok(judged)
    }

    /// Records that a target could not be judged, and why. What was known of it stays.
    pub fn failed(&self, target: Target<'_>, error: &str) {
        let mut writer = self.lock();
        writer.totals.repositories += 1;
        writer.totals.failed += 1;
        writer.failures.push((target.repository.to_owned(), target.reference.to_owned(), error.to_owned()));
    }

    /// Writes what was recorded so far, without waiting for more: a run that is killed after this does not lose it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self) -> Result<(), Error> {
        self.flush(&mut self.lock())
    }

    /// The runs that finished, and this one as it would finish now: for its report, which is to be written before the run is
    /// the last one. What is new would be told to nobody if it were killed in between.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, Error> {
        let writer = self.lock();
        let mut all = self.tried(runs(&writer.connection))?;
        all.push(writer.totals.clone());
        Ok(all)
    }

    /// Makes this the last run. All finished runs, this one last.
    ///
    /// # Errors
    /// If the file cannot be read or written, or if the run took so long that another took it for dead.
    pub fn finish(self) -> Result<Vec<Run>, Error> {
        let mut writer = self.lock();
        self.flush(&mut writer)?;
        self.expect(writer.finish(self.run, self.base, &self.start))?;
        self.tried(runs(&writer.connection))
    }

    fn flush(&self, writer: &mut Writer) -> Result<(), Error> {
        self.expect(writer.flush(self.run, &self.start))
    }

    /// Makes an error of a run that the history no longer knows.
    fn expect(&self, is_known: rusqlite::Result<bool>) -> Result<(), Error> {
        let why = "no longer knows this run: another one finished over a week after this one began; run it again";
        self.tried(is_known)?.then_some(()).ok_or_else(|| Error::saying(&self.path, why))
    }

    fn holds(&self, entry: &Entry, commit: &str) -> bool {
        entry.commit == commit
            && entry.policy == self.start.policy
            && entry.tool == self.start.tool
            && entry.day.is_some_and(|day| day <= self.start.today)
            && entry.until.is_none_or(|until| self.start.today < until)
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        // A thread that panicked left whole entries or none.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tried<T>(&self, result: rusqlite::Result<T>) -> Result<T, Error> {
        result.map_err(|error| Error::new(&self.path, error))
    }
}
