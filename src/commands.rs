//! One module a verb: thin, and the only place that wires the layers together.

mod actions;
pub mod audit;
mod base;
pub mod baseline;
mod cargo;
mod change;
pub mod check;
pub mod completions;
mod conflict;
pub mod diff;
pub mod explain;
pub mod exposed;
pub mod fix;
mod hook;
pub mod init;
pub mod list;
mod moving;
mod newest;
mod place;
mod policy;
mod progress;
mod proof;
mod releases;
mod resolving;
pub mod rollback;
mod scratch;
pub mod set;
mod subject;
mod transaction;
pub mod typed;
mod writing;

use std::io::{self, IsTerminal, Write};

use anstream::adapter::strip_bytes;
use anstream::{AutoStream, ColorChoice};

/// Standard output, with styles only where they are wanted.
pub struct Output {
    color: ColorChoice,
}

impl Output {
    /// Standard output with the colours that the user asked for.
    #[must_use]
    pub fn new(color: clap::ColorChoice) -> Self {
        let color = match color {
            clap::ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            clap::ColorChoice::Always => ColorChoice::AlwaysAnsi,
            clap::ColorChoice::Never => ColorChoice::Never,
        };
        Self { color }
    }

    /// Prints what `write` writes, in one piece: without styles where none are wanted.
    fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(1 << 14);
        write(&mut bytes)?;
        if self.color == ColorChoice::Never {
            bytes = strip_bytes(&bytes).into_vec();
        }
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }

    /// Prints what `write` writes, as it comes: for what is large, and has no styles.
    fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        write(&mut out)?;
        out.flush()
    }

    /// The columns of the terminal; of a line that is not cut, where there is none.
    fn width() -> usize {
        Self::terminal().unwrap_or(120)
    }

    /// The columns of the terminal, where standard output is one.
    fn terminal() -> Option<usize> {
        let output = io::stdout();
        let terminal = if output.is_terminal() { columns(&output) } else { None };
        terminal.map(|columns| columns.max(60))
    }
}

/// The columns of the terminal that a stream is; also of one that does not know its rows.
#[cfg(unix)]
fn columns(stream: &impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// The columns of the terminal that a stream is.
#[cfg(windows)]
fn columns(stream: &impl std::os::windows::io::AsHandle) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(columns, _)| usize::from(columns.0))
}
