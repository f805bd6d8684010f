//! What a change writes, on its way to the disk.

use std::fs::File;
use std::io;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};

/// How many files a thread is worth, and the most threads.
const FILES_A_THREAD: usize = 2;
const MOST_THREADS: usize = 8;

/// A thread that flushes some files.
type Flush = JoinHandle<io::Result<()>>;

/// The journal and the prepared files of a change, being flushed by a few threads, which wait for the disk almost all of the time: it
/// takes what comes together in one go.
pub(super) struct Flushing {
    journal: Option<Flush>,
    files: Vec<Flush>,
}

impl Flushing {
    /// Begins with all of it.
    pub(super) fn start(journal: File, files: Vec<File>) -> Self {
        let count = files.len().div_ceil(FILES_A_THREAD).min(MOST_THREADS);
        let share = files.len().div_ceil(count.max(1));
        let mut rest = files.into_iter();
        let journal = Some(thread::spawn(move || journal.sync_all()));
        // They allocate nothing, since the kernel would clear fresh memory for each that does: what they hold is made here.
        let thread = |_| {
            let files: Vec<File> = rest.by_ref().take(share).collect();
            thread::spawn(move || files.iter().try_for_each(File::sync_all))
        };
        Self { journal, files: (0..count).map(thread).collect() }
    }

    /// Waits until the journal is on the disk.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn journal(&mut self) -> Result<()> {
        wait(self.journal.take())
    }

    /// Waits until all of it is on the disk.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn all(&mut self) -> Result<()> {
        // All of them end before anybody is told of an error.
        wait(self.journal.take().into_iter().chain(self.files.drain(..)))
    }
}

fn wait(threads: impl IntoIterator<Item = Flush>) -> Result<()> {
    let ended: Vec<_> = threads.into_iter().map(JoinHandle::join).collect();
    let mut ended = ended.into_iter().map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    ended.try_for_each(|ended| ended).context("the disk does not take what is to be written")
}
