//! How far a long run is: one line on standard error, while that is a terminal, and nothing of it afterwards.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a line stands at least: each is written while somebody works.
const STANDS: Duration = Duration::from_millis(100);

/// A bar that is shorter says less than the words beside it.
const SHORTEST_BAR: usize = 10;

/// How many repositories of a run are done. The line goes when this does.
pub(super) struct Progress {
    total: usize,
    done: AtomicUsize,
    start: Instant,
    /// How long the run had taken when the line was last written, and the columns of that line; nothing where standard error is
    /// no terminal.
    written: Option<Mutex<(Duration, usize)>>,
}

impl Progress {
    /// Begins with nothing done.
    pub(super) fn new(total: usize) -> Self {
        let written = io::stderr().is_terminal().then(|| Mutex::new((Duration::ZERO, 0)));
        let progress = Self { total, done: AtomicUsize::new(0), start: Instant::now(), written };
        progress.show(Duration::ZERO);
        progress
    }

    /// One more is done.
    pub(super) fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.show(STANDS);
    }

    /// Writes the line, where the last one stands that long. Whoever comes while another one writes goes on with its work.
    fn show(&self, stands: Duration) {
        let Some(mut written) = self.written.as_ref().and_then(|written| written.try_lock().ok()) else { return };
        let elapsed = self.start.elapsed();
        if elapsed.saturating_sub(written.0) < stands {
            return;
        }
        // The last column stays free: some terminals begin a new line behind it.
        let columns = super::columns(&io::stderr()).unwrap_or(80).saturating_sub(1);
        let text = line(self.done.load(Ordering::Relaxed), self.total, elapsed, columns);
        let length = text.chars().count();
        let rest = written.1.saturating_sub(length);
        // Nothing depends on whether it can be seen. Blanks, and no escape that an old console would show.
        let _ = write!(io::stderr().lock(), "\r{text}{:rest$}", "");
        *written = (elapsed, length);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let Some(Ok(written)) = self.written.as_ref().map(Mutex::lock) else { return };
        let _ = write!(io::stderr().lock(), "\r{:1$}\r", "", written.1);
    }
}

/// What is said of a run, in no more than so many columns.
fn line(done: usize, total: usize, elapsed: Duration, columns: usize) -> String {
    let mut text = format!("{done} of {total} repositories");
    let a_second = done as f64 / elapsed.as_secs_f64();
    if done > 0 && a_second.is_finite() {
        if a_second >= 1.0 {
            text += &format!(", {a_second:.0} a second");
        }
        text += &format!(", {} left", rounded(total.saturating_sub(done) as f64 / a_second));
    }
    let bar = columns.saturating_sub(text.len() + 1);
    if bar >= SHORTEST_BAR {
        let full = bar * done.min(total) / total.max(1);
        text = format!("{}{:2$} {text}", "━".repeat(full), "", bar - full);
    }
    text.chars().take(columns).collect()
}

/// A time as people say it.
fn rounded(seconds: f64) -> String {
    match seconds.ceil() {
        seconds if seconds < 100.0 => format!("{seconds} s"),
        seconds if seconds < 6000.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.0} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_and_says_how_far_it_is() {
        let said = |done, seconds, columns| line(done, 500, Duration::from_secs(seconds), columns);
        assert_eq!(said(0, 0, 30), "0 of 500 repositories");
        assert_eq!(said(100, 2, 79), "━━━━━━                           100 of 500 repositories, 50 a second, 8 s left");
        assert_eq!(said(10, 40, 40), "10 of 500 repositories, 33 min left");
        assert_eq!(said(1, 40, 40), "1 of 500 repositories, 6 h left");
        assert_eq!(said(500, 10, 50), "500 of 500 repositories, 50 a second, 0 s left");
        assert_eq!(said(500, 10, 20), "500 of 500 repositor");
        assert_eq!(line(0, 0, Duration::ZERO, 40), "                     0 of 0 repositories");
    }
}
