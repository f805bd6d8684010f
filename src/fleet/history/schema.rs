//! The history's tables, and how a file becomes a history of today's version.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::Error;

/// What marks a database as a history, in its header: `pind`.
const APPLICATION: i64 = 0x7069_6e64;

/// What every database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// How long another run may write before this one gives up. Its transactions take milliseconds: it is on a slow disk or stopped.
const PATIENCE: Duration = Duration::from_secs(60);

/// What makes each version out of the one before, version 1 out of nothing. A step that was released is never changed.
const STEPS: [&str; 2] = [V1, V2];

/// With the remote, the repository of a verdict that still holds need not be opened for its row.
const V2: &str = "ALTER TABLE verdicts ADD COLUMN url TEXT;";

/// A verdict is one row, whose parts are in tables of their own: the bulk read at the beginning must not read those. It counts
/// from run number `born` until before number `died`; it has no `born` while its run is under way.
const V1: &str = "
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    today TEXT NOT NULL,
    tool TEXT NOT NULL,
    policy TEXT NOT NULL,
    base INTEGER NOT NULL,
    number INTEGER UNIQUE,
    repositories INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    deny INTEGER NOT NULL DEFAULT 0,
    warn INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    resolved INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    reference TEXT NOT NULL,
    UNIQUE (repository, reference)
);
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    target INTEGER NOT NULL REFERENCES targets,
    born INTEGER,
    died INTEGER,
    commit_id TEXT NOT NULL,
    policy TEXT NOT NULL,
    tool TEXT NOT NULL,
    day TEXT NOT NULL,
    until TEXT,
    deny INTEGER NOT NULL,
    warn INTEGER NOT NULL,
    excepted INTEGER NOT NULL,
    baselined INTEGER NOT NULL,
    waived INTEGER NOT NULL,
    declarations INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    files INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    fixable INTEGER NOT NULL
);
CREATE INDEX verdicts_by_target ON verdicts (target, died);
CREATE INDEX verdicts_by_run ON verdicts (run);
CREATE TABLE packed (
    verdict INTEGER PRIMARY KEY REFERENCES verdicts ON DELETE CASCADE,
    findings BLOB NOT NULL,
    excepted BLOB NOT NULL,
    waived BLOB NOT NULL
);
CREATE TABLE findings (
    verdict INTEGER NOT NULL REFERENCES verdicts ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    since TEXT NOT NULL,
    level TEXT NOT NULL,
    pin TEXT,
    rule TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (verdict, fingerprint)
) WITHOUT ROWID;
CREATE TABLE failures (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    target INTEGER NOT NULL REFERENCES targets,
    error TEXT NOT NULL,
    PRIMARY KEY (run, target)
) WITHOUT ROWID;
";

/// Opens a history, makes it where there is none, and brings an older one up to date.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    // Not as a URI: a file may be named `file:…`. The journal is SQLite's default, one file that is gone at rest: a write-ahead
    // log needs memory that the runs share, which a network file system does not give, and the history would be three files.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error| Error::new(path, error);
    if is_other(path) {
        return Err(Error::saying(path, "is no SQLite database; name another file"));
    }
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    match migrate(&mut connection, &STEPS).map_err(failed)? {
        State::Ready => Ok(connection),
        State::Newer(version) => Err(Error::saying(
            path,
            &format!(
                "was written by a newer cargo-pinned: it is of version {version}, and this one knows version {} at most; \
                 update cargo-pinned, or name another file",
                STEPS.len()
            ),
        )),
        State::Foreign => Err(Error::saying(path, "is a database of another program; name another file")),
    }
}

/// Whether a file holds something that is no database. SQLite takes a file of a few bytes for an empty database, and writes
/// over it. Where there is a journal, what is in the file is for SQLite to mend.
fn is_other(path: &Path) -> bool {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    let mut start = Vec::new();
    let read = File::open(path).map(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    matches!(read, Ok(Ok(1..))) && start != MAGIC && !Path::new(&journal).exists()
}

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Ready,
    Newer(usize),
    Foreign,
}

/// Takes the steps that a database has not taken, all of them or none.
fn migrate(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<State> {
    if state(connection, steps)? == Some(State::Ready) {
        return Ok(State::Ready);
    }
    // Asked again where nobody else can write: of two runs that find an empty file, the second finds a history.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(state) = state(&transaction, steps)? {
        return Ok(state);
    }
    let version = version(&transaction)?;
    for step in &steps[version..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(State::Ready)
}

/// What a database is; none if it is to be migrated.
fn state(connection: &Connection, steps: &[&str]) -> rusqlite::Result<Option<State>> {
    let version = version(connection)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = version == 0 && application == 0 && tables == 0;
    Ok(match version {
        _ if is_empty => None,
        _ if application != APPLICATION => Some(State::Foreign),
        _ if version > steps.len() => Some(State::Newer(version)),
        _ if version == steps.len() => Some(State::Ready),
        _ => None,
    })
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_released_stays_as_it_is() {
        use sha2::{Digest as _, Sha256};
        let hash: String = Sha256::digest(V1).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hash, "b3e14a9d43a0b8c2f1db72618d3d50590ebc7e9f7cad33dd713b1a1170fecc9a",
            "add a step, and leave those before it"
        );
    }

    #[test]
    fn each_version_leads_to_the_newest_with_what_is_in_it() {
        let next = "CREATE TABLE later (x); INSERT INTO later SELECT at FROM runs";
        let steps = [V1, next];
        for from in 0..steps.len() {
            let mut connection = Connection::open_in_memory().expect("memory");
            if from > 0 {
                assert_eq!(migrate(&mut connection, &steps[..from]), Ok(State::Ready));
            }
            if from == 1 {
                let run = "INSERT INTO runs (at, today, tool, policy, base) VALUES ('then', 'day', '0', '', 0)";
                connection.execute_batch(run).expect("a run");
            }
            assert_eq!(migrate(&mut connection, &steps), Ok(State::Ready));
            assert_eq!(version(&connection), Ok(2));
            let kept: i64 = connection.query_row("SELECT count(*) FROM later", [], |row| row.get(0)).expect("a number");
            assert_eq!(kept, i64::from(from == 1), "from version {from}");
            assert_eq!(migrate(&mut connection, &[V1]), Ok(State::Newer(2)));
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, &[V1]).expect("version 1");
        migrate(&mut connection, &[V1, "CREATE TABLE later (x); nonsense"]).expect_err("it is no SQL");
        assert_eq!(version(&connection), Ok(1));
        connection.execute_batch("SELECT * FROM later").expect_err("the half step is undone");
        assert_eq!(migrate(&mut connection, &[V1]), Ok(State::Ready));
    }

    #[test]
    fn a_database_of_another_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch("CREATE TABLE songs (title)").expect("a table");
        assert_eq!(migrate(&mut connection, &STEPS), Ok(State::Foreign));
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).expect("a number");
        assert_eq!(tables, 1);
    }
}
