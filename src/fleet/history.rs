//! The history of audits, in one SQLite file: what each run found, so that the next one says what is new, resolved and how
//! old, and need not read again what has not changed.
//!
//! - A **target** is a repository and a reference of it. Its **verdict** depends on the commit, the policy, the tool and, where
//!   exceptions end, the day: the same four give the same verdict, so [`Session::known`] gives it back unread.
//! - Changes are seen from the last *finished* run that judged the target, as it was when this run began. A run that is under
//!   way or was killed has no part in that; but what it judged was written as it went, and is not judged again.
//! - Two runs at once both finish, and see nothing of each other. The one that finishes last is the last run.
//! - A target that a run does not have, or cannot judge, is left as it was: its findings are not resolved, and when it comes
//!   back it is compared with what it had then. A target that was never judged has no change; what it has is not counted as new.
//! - The first day of a finding is that of the first run in an unbroken row: one that was mended and came back is young again.
//!
//! A target must be called by what stays the same: its URL or path, and not by a name that depends on the other targets.
//! Verdicts that nothing refers to are deleted when a run finishes; the totals of runs stay, for the trend.

mod changes;
mod schema;
mod session;
mod store;

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode};
use sha2::{Digest as _, Sha256};

use crate::reporter::audit::{Change, Counts, Item, Packed, Run};
pub use session::Session;

/// A history that is open.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    connection: Connection,
}

/// What a run is, and by what it judges.
#[derive(Debug, Clone)]
pub struct Start {
    /// The moment at which it began.
    pub at: Timestamp,
    /// The day that it judges by.
    pub today: Date,
    /// What decides beside the repositories: see [`policy_hash`].
    pub policy: String,
    /// The version of the tool.
    pub tool: String,
}

/// What a run judges: a repository and a reference of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target<'a> {
    /// The repository, by what stays the same: its URL without credentials, or its path.
    pub repository: &'a str,
    /// The reference, as the run was asked for it; empty for what is checked out.
    pub reference: &'a str,
}

/// What was judged of a target.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The first day after today on which it may be another one: see
    /// [`Exception::changes_after`](crate::policy::exception::Exception::changes_after).
    pub until: Option<Date>,
    /// What was counted.
    pub counts: Counts,
    /// The findings.
    pub findings: Vec<Item>,
    /// What exceptions let pass.
    pub excepted: Packed,
    /// What only the repository's own policy would let pass.
    pub waived: Packed,
    /// The URL of the repository's remote, without credentials.
    pub url: Option<String>,
}

/// A verdict in the light of the runs before it, as a row of the report has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What was counted.
    pub counts: Counts,
    /// The findings, each with its first day.
    pub findings: Packed,
    /// What exceptions let pass.
    pub excepted: Packed,
    /// What only the repository's own policy would let pass.
    pub waived: Packed,
    /// What changed since the last finished run that judged the target; none if there is none.
    pub change: Option<Change>,
    /// The URL of the repository's remote, without credentials, when it was judged.
    pub url: Option<String>,
}

impl History {
    /// Opens a history; makes it where there is none.
    ///
    /// # Errors
    /// If the file is no history, one of a newer version, or cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), connection: schema::open(path)? })
    }

    /// Begins a run.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn begin(self, start: Start) -> Result<Session, Error> {
        Session::begin(self.path, self.connection, start)
    }

    /// The runs that finished, in that order.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, Error> {
        runs(&self.connection).map_err(|error| Error::new(&self.path, error))
    }
}

fn runs(connection: &Connection) -> rusqlite::Result<Vec<Run>> {
    let mut select = connection.prepare(
        "SELECT at, repositories, failed, deny, warn, new, resolved FROM runs WHERE number IS NOT NULL ORDER BY number",
    )?;
    let runs = select.query_map([], |row| {
        Ok(Run {
            at: row.get(0)?,
            repositories: row.get(1)?,
            failed: row.get(2)?,
            deny: row.get(3)?,
            warn: row.get(4)?,
            new: row.get(5)?,
            resolved: row.get(6)?,
        })
    })?;
    runs.collect()
}

/// The hash of what decides beside a repository's commit, the tool and the day: the bytes of the organisation's policy, and the
/// words of the command line that raise, lower or leave out anything. The repository's own policy is in its commit.
#[must_use]
pub fn policy_hash(floor: Option<&[u8]>, options: &[&str]) -> String {
    let mut hash = Sha256::new();
    let floor = floor.map_or_else(Vec::new, |floor| [b"floor", floor].concat());
    for part in std::iter::once(floor.as_slice()).chain(options.iter().map(|option| option.as_bytes())) {
        // Each part with its length: no two lists of parts run together to the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Why a history cannot be used, in words that name the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    fn saying(path: &Path, what: &str) -> Self {
        Self(format!("the history `{}` {what}", path.display()))
    }

    fn new(path: &Path, error: rusqlite::Error) -> Self {
        let what = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "is no SQLite database; name another file",
            Some(ErrorCode::DatabaseCorrupt) => "is damaged; move it away, and the next run begins a new one",
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "is being written by another run that does not end; try again when that is over"
            }
            Some(ErrorCode::CannotOpen) => {
                "cannot be opened: it must be a file that may be written, in a directory that exists"
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "may not be written",
            Some(ErrorCode::DiskFull) => "cannot be written: the disk is full",
            _ => return Self::saying(path, &format!("cannot be used: {error}")),
        };
        Self::saying(path, what)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::policy_hash;

    #[test]
    fn each_thing_that_decides_is_in_the_hash() {
        let hashes = [
            policy_hash(None, &[]),
            policy_hash(Some(b""), &[]),
            policy_hash(Some(b"[rules]"), &[]),
            policy_hash(None, &["[rules]"]),
            policy_hash(None, &["--deny", "lock-stale"]),
            policy_hash(None, &["--warn", "lock-stale"]),
            policy_hash(None, &["--denylock-stale"]),
        ];
        let distinct: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
        assert_eq!(hashes[2], policy_hash(Some(b"[rules]"), &[]));
    }
}
