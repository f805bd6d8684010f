//! What is to replace the files of a change, on its way to the disk.

use std::fs::File;
use std::io;
use std::thread::{Scope, ScopedJoinHandle};

use anyhow::{Error, Result};
use tempfile::NamedTempFile;

use super::Transaction;

/// How many files a thread is worth, and the most threads.
const FILES_A_THREAD: usize = 2;
const MOST_THREADS: usize = 8;

/// A change on its way to the disk.
pub(in crate::commands) struct Flushing<'s, 'c> {
    transaction: Transaction<'c>,
    threads: Vec<ScopedJoinHandle<'s, io::Result<Vec<NamedTempFile>>>>,
}

impl<'s, 'c> Flushing<'s, 'c> {
    /// Flushes the journal and the prepared files by a few threads, which wait for the disk almost all of the time: it takes what
    /// comes together in one go. They allocate nothing, since the kernel would clear fresh memory for each that does: what
    /// they hold is made here.
    pub(super) fn start(
        transaction: Transaction<'c>,
        journal: File,
        prepared: Vec<NamedTempFile>,
        scope: &'s Scope<'s, '_>,
    ) -> Self {
        let count = prepared.len().div_ceil(FILES_A_THREAD).clamp(1, MOST_THREADS);
        let share = prepared.len().div_ceil(count);
        let (mut rest, mut journal) = (prepared.into_iter(), Some(journal));
        let thread = |_| {
            let (files, journal) = (rest.by_ref().take(share).collect::<Vec<_>>(), journal.take());
            scope.spawn(move || {
                journal.iter().chain(files.iter().map(NamedTempFile::as_file)).try_for_each(File::sync_all)?;
                Ok(files)
            })
        };
        Self { transaction, threads: (0..count).map(thread).collect() }
    }

    /// Waits until all of it is on the disk.
    ///
    /// # Errors
    /// Where the disk does not take it; everything is then as it was.
    pub(in crate::commands) fn wait(self) -> Result<Transaction<'c>> {
        let Self { mut transaction, threads } = self;
        // All of them end before anything is taken back.
        let ended: Vec<_> = threads.into_iter().map(ScopedJoinHandle::join).collect();
        let flushed = ended.into_iter().map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        match flushed.collect::<io::Result<Vec<_>>>() {
            Ok(prepared) => {
                transaction.prepared = prepared.into_iter().flatten().collect();
                Ok(transaction)
            }
            Err(error) => {
                Err(transaction.give_up(Error::new(error).context("the disk does not take what is to be written")))
            }
        }
    }
}
