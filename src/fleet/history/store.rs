//! What is read from the tables, and written to them.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use super::changes::Mark;
use super::{Judged, Start};
use crate::reporter::audit::{Counts, Packed, Run};

/// When a run that has not finished is taken for dead: what it wrote, and what it would compare with, is kept until then.
const LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is known of a target from before.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// By the last finished run that judged it.
    pub(super) last: Option<Entry>,
    /// By runs that have not finished.
    pub(super) drafts: Vec<Entry>,
}

/// A verdict in the database, without what was found.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) commit: String,
    pub(super) policy: String,
    pub(super) tool: String,
    pub(super) day: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) counts: Counts,
    /// The findings, what is excepted and what is waived.
    pub(super) packed: [Packed; 3],
    pub(super) url: Option<String>,
}

/// The database, and what is to be written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) verdicts: Vec<Draft>,
    pub(super) failures: Vec<(String, String, String)>,
    /// The verdicts of the last runs that still hold.
    pub(super) kept: Vec<i64>,
    pub(super) totals: Run,
}

/// A verdict to be written.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) repository: String,
    pub(super) reference: String,
    pub(super) commit: String,
    pub(super) until: Option<Date>,
    pub(super) judged: Judged,
    pub(super) marks: Vec<Mark>,
}

impl Writer {
    pub(super) fn count(&mut self, judged: &Judged) {
        self.totals.repositories += 1;
        self.totals.deny += judged.counts.deny;
        self.totals.warn += judged.counts.warn;
        if let Some(change) = &judged.change {
            self.totals.new += change.new.len();
            self.totals.resolved += change.resolved.len();
        }
    }

    /// What was found, excepted and waived by a verdict; none if it was deleted meanwhile.
    pub(super) fn marks(&self, id: i64) -> rusqlite::Result<Vec<Mark>> {
        let mut select = self.connection.prepare_cached(
            "SELECT fingerprint, since, level, pin, rule, name, path FROM findings WHERE verdict = ?1 ORDER BY path, fingerprint",
        )?;
        let marks = select.query_map([id], |row| {
            Ok(Mark {
                fingerprint: row.get(0)?,
                since: row.get(1)?,
                level: row.get(2)?,
                pin: row.get(3)?,
                rule: row.get(4)?,
                name: row.get(5)?,
                path: row.get(6)?,
            })
        })?;
        marks.collect()
    }

    /// Writes what is to be written, all of it or nothing. Whether the history still knows the run.
    pub(super) fn flush(&mut self, run: i64, start: &Start) -> rusqlite::Result<bool> {
        if self.verdicts.is_empty() && self.failures.is_empty() {
            return Ok(true);
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if transaction.query_row("SELECT 1 FROM runs WHERE id = ?1", [run], |_| Ok(())).optional()?.is_none() {
            return Ok(false);
        }
        for draft in &self.verdicts {
            draft.write(&transaction, run, start)?;
        }
        for (repository, reference, error) in &self.failures {
            let target = target(&transaction, repository, reference)?;
            let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO failures VALUES (?1, ?2, ?3)")?;
            insert.execute(params![run, target, error])?;
        }
        transaction.commit()?;
        self.verdicts.clear();
        self.failures.clear();
        Ok(true)
    }

    /// Gives the run its number, from which its verdicts count. Whether the history still knows it.
    pub(super) fn finish(&mut self, run: i64, base: i64, start: &Start) -> rusqlite::Result<bool> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = last(&transaction)?;
        let (number, totals) = (before + 1, &self.totals);
        let known = transaction.execute(
            "UPDATE runs SET number = ?2, repositories = ?3, failed = ?4, deny = ?5, warn = ?6, new = ?7, resolved = ?8
             WHERE id = ?1",
            params![
                run,
                number,
                totals.repositories,
                totals.failed,
                totals.deny,
                totals.warn,
                totals.new,
                totals.resolved
            ],
        )?;
        if known == 0 {
            return Ok(false);
        }
        // Where another run finished in the meantime, what this one kept may have been replaced: it is the last word again.
        if before != base {
            for id in &self.kept {
                again(&transaction, *id, run)?;
            }
        }
        transaction.execute(
            "UPDATE verdicts SET died = ?2 WHERE died IS NULL AND born IS NOT NULL
             AND target IN (SELECT target FROM verdicts WHERE run = ?1 AND born IS NULL)",
            [run, number],
        )?;
        transaction.execute("UPDATE verdicts SET born = ?2 WHERE run = ?1 AND born IS NULL", [run, number])?;
        clean(&transaction, number, &text(start.at.saturating_sub(LIFE).unwrap_or(Timestamp::MIN)))?;
        transaction.commit()?;
        Ok(true)
    }
}

impl Draft {
    fn write(&self, transaction: &Transaction<'_>, run: i64, start: &Start) -> rusqlite::Result<()> {
        let target = target(transaction, &self.repository, &self.reference)?;
        let counts = &self.judged.counts;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO verdicts (run, target, commit_id, policy, tool, day, until, deny, warn, excepted, baselined, waived,
             declarations, pinned, files, skipped, fixable, url)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        let id = insert.insert(params![
            run,
            target,
            self.commit,
            start.policy,
            start.tool,
            start.today.to_string(),
            self.until.map(|day| day.to_string()),
            counts.deny,
            counts.warn,
            counts.excepted,
            counts.baselined,
            counts.waived,
            counts.declarations,
            counts.pinned,
            counts.files,
            counts.skipped,
            counts.fixable,
            self.judged.url,
        ])?;
        let Judged { findings, excepted, waived, .. } = &self.judged;
        let mut insert = transaction.prepare_cached("INSERT INTO packed VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![id, findings.as_bytes(), excepted.as_bytes(), waived.as_bytes()])?;
        let mut insert =
            transaction.prepare_cached("INSERT OR IGNORE INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        for mark in &self.marks {
            let Mark { fingerprint, since, level, pin, rule, name, path } = mark;
            insert.execute(params![id, fingerprint, since, level, pin, rule, name, path])?;
        }
        Ok(())
    }
}

pub(super) fn key(repository: &str, reference: &str) -> String {
    // No path, URL or reference holds a zero byte.
    format!("{repository}\0{reference}")
}

/// A moment as reports have it; texts of it sort as the moments do.
pub(super) fn text(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The number of the last run that finished.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(number), 0) FROM runs", [], |row| row.get(0))
}

/// The id of a target, new or old.
fn target(connection: &Connection, repository: &str, reference: &str) -> rusqlite::Result<i64> {
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO targets (repository, reference) VALUES (?1, ?2)")?;
    insert.execute([repository, reference])?;
    let mut select = connection.prepare_cached("SELECT id FROM targets WHERE repository = ?1 AND reference = ?2")?;
    select.query_row([repository, reference], |row| row.get(0))
}

/// The bulk read: every verdict that counts, and every one of a run that has not finished.
pub(super) fn past(connection: &Connection) -> rusqlite::Result<HashMap<String, Past>> {
    let mut select = connection.prepare(
        "SELECT repository, reference, born, verdicts.id, commit_id, policy, tool, day, until, deny, warn,
         verdicts.excepted, baselined, verdicts.waived, declarations, pinned, files, skipped, fixable,
         packed.findings, packed.excepted, packed.waived, url
         FROM verdicts JOIN targets ON targets.id = verdicts.target JOIN packed ON packed.verdict = verdicts.id
         WHERE died IS NULL",
    )?;
    let mut rows = select.query([])?;
    let mut past: HashMap<String, Past> = HashMap::new();
    while let Some(row) = rows.next()? {
        let key = key(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let entry = Entry::read(row)?;
        let past = past.entry(key).or_default();
        match row.get::<_, Option<i64>>(2)? {
            Some(_) => past.last = Some(entry),
            None => past.drafts.push(entry),
        }
    }
    Ok(past)
}

impl Entry {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let day = |at| row.get::<_, Option<String>>(at);
        let until = day(8)?.map(|text| text.parse());
        let packed = |at| row.get(at).map(Packed::from_bytes);
        let counts = Counts {
            deny: row.get(9)?,
            warn: row.get(10)?,
            excepted: row.get(11)?,
            baselined: row.get(12)?,
            waived: row.get(13)?,
            declarations: row.get(14)?,
            pinned: row.get(15)?,
            files: row.get(16)?,
            skipped: row.get(17)?,
            fixable: row.get(18)?,
        };
        Ok(Self {
            id: row.get(3)?,
            commit: row.get(4)?,
            policy: row.get(5)?,
            tool: row.get(6)?,
            // A day that cannot be read lets nothing hold.
            day: day(7)?.filter(|_| !matches!(until, Some(Err(_)))).and_then(|text| text.parse().ok()),
            until: until.and_then(Result::ok),
            counts,
            packed: [packed(19)?, packed(20)?, packed(21)?],
            url: row.get(22)?,
        })
    }
}

/// Copies a verdict that no longer counts, to be one of this run.
fn again(transaction: &Transaction<'_>, id: i64, run: i64) -> rusqlite::Result<()> {
    let columns =
        "target, commit_id, policy, tool, day, until, deny, warn, excepted, baselined, waived, declarations, pinned,
                   files, skipped, fixable, url";
    let copy = format!(
        "INSERT INTO verdicts (run, {columns}) SELECT ?2, {columns} FROM verdicts WHERE id = ?1 AND died IS NOT NULL"
    );
    if transaction.execute(&copy, [id, run])? == 0 {
        return Ok(());
    }
    let new = transaction.last_insert_rowid();
    transaction.execute(
        "INSERT INTO packed SELECT ?2, findings, excepted, waived FROM packed WHERE verdict = ?1",
        [id, new],
    )?;
    transaction.execute(
        "INSERT INTO findings SELECT ?2, fingerprint, since, level, pin, rule, name, path FROM findings WHERE verdict = ?1",
        [id, new],
    )?;
    Ok(())
}

/// Deletes what no run needs: runs that died, and verdicts that were replaced before any run that is under way began.
fn clean(transaction: &Transaction<'_>, number: i64, dead: &str) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM runs WHERE number IS NULL AND at < ?1", [dead])?;
    let oldest: i64 =
        transaction
            .query_row("SELECT coalesce(min(base), ?1) FROM runs WHERE number IS NULL", [number], |row| row.get(0))?;
    transaction.execute("DELETE FROM verdicts WHERE died <= ?1", [oldest])?;
    transaction.execute("DELETE FROM failures WHERE run IN (SELECT id FROM runs WHERE number < ?1)", [number])?;
    Ok(())
}
