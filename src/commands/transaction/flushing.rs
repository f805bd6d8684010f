//! What a change writes, on its way to the disk.

use std::fs::File;
use std::io;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How many files a thread is worth, and the most threads.
const FILES_A_THREAD: usize = 2;
const MOST_THREADS: usize = 8;

/// Where the journal is flushed in less than that, nothing is gained by more threads: there is no disk behind, or none to wait for.
const NO_WAIT: Duration = Duration::from_micros(100);

/// The journal and the prepared files of a change, being flushed: the journal first, and then the files by a few threads, which wait
/// for the disk almost all of the time. It takes what comes together in one go.
pub(super) struct Flushing {
    journal: Option<Receiver<io::Result<()>>>,
    all: Option<JoinHandle<io::Result<()>>>,
}

impl Flushing {
    /// Begins with all of it. Without a journal there is none to wait for.
    pub(super) fn start(journal: Option<File>, files: Vec<File>) -> Self {
        let Some(journal) = journal else {
            return Self { journal: None, all: Some(thread::spawn(move || flush(&files, false))) };
        };
        let (tell, told) = mpsc::sync_channel(1);
        let all = move || {
            let start = Instant::now();
            let flushed = journal.sync_all();
            let is_quick = start.elapsed() < NO_WAIT;
            let is_flushed = flushed.is_ok();
            // Nobody may be waiting any more.
            let _ = tell.send(flushed);
            if is_flushed { flush(&files, is_quick) } else { Ok(()) }
        };
        Self { journal: Some(told), all: Some(thread::spawn(all)) }
    }

    /// Waits until the journal is on the disk.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn journal(&mut self) -> Result<()> {
        let told = self.journal.take().map(|journal| journal.recv());
        told.transpose().map_err(io::Error::other).and_then(|flushed| flushed.unwrap_or(Ok(()))).context(REFUSED)
    }

    /// Waits until all of it is on the disk.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub(super) fn all(&mut self) -> Result<()> {
        let ended = self.all.take().map_or(Ok(Ok(())), JoinHandle::join);
        let flushed = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.journal()?;
        flushed.context(REFUSED)
    }
}

const REFUSED: &str = "the disk does not take what is to be written";

/// Flushes files; all of that has ended before anybody is told of an error.
fn flush(files: &[File], is_quick: bool) -> io::Result<()> {
    let count = if is_quick { 1 } else { files.len().div_ceil(FILES_A_THREAD).clamp(1, MOST_THREADS) };
    let one = |files: &[File]| files.iter().try_for_each(File::sync_all);
    let mut shares = files.chunks(files.len().div_ceil(count).max(1));
    thread::scope(|scope| {
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || one(share))).collect();
        let own = one(own);
        let others = others.into_iter().map(|other| other.join());
        let mut others: Vec<_> =
            others.map(|other| other.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        others.push(own);
        others.into_iter().collect()
    })
}
