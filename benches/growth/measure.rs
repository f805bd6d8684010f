//! What one run of the tool takes.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// What a run took.
#[derive(Clone, Copy)]
pub struct Cost {
    /// The time of processors, all threads together: what else the machine does counts less.
    pub time: Duration,
    /// The most memory that it had at a time, in bytes.
    pub peak: u64,
    /// The exit code; none where it was killed, for instance by its limits.
    pub code: Option<i32>,
}

/// The tool: as it was built for this benchmark, or the one that PINNED names.
pub fn tool() -> OsString {
    std::env::var_os("PINNED").unwrap_or_else(|| env!("CARGO_BIN_EXE_cargo-pinned").into())
}

/// Where none of the user's configuration is.
fn bare(program: &str, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("HOME", "/nonexistent").env("CARGO_HOME", "/nonexistent").env_remove("XDG_CONFIG_HOME");
    command
}

/// Runs the tool, once or, where that is fast, several times, of which the fastest counts.
pub fn cost(directory: &Path, arguments: &[&str]) -> Cost {
    let mut best: Option<Cost> = None;
    let start = Instant::now();
    for _ in 0..5 {
        let one = once(directory, arguments);
        best = Some(match best {
            Some(best) if best.time <= one.time => best,
            _ => one,
        });
        if start.elapsed() > Duration::from_secs(1) {
            break;
        }
    }
    best.expect("it ran")
}

fn once(directory: &Path, arguments: &[&str]) -> Cost {
    // No hang of a defect is waited for.
    let mut command = bare("timeout", directory);
    command.args(["-s", "KILL", "60"]).arg(tool()).args(arguments);
    let child = command.spawn().expect("the tool can be run");
    let used = child.wait4().expect("it ends");
    Cost { time: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss, code: used.status.code() }
}

/// How many instructions a run takes, by callgrind, which makes them the same from run to run; none where it is not installed.
pub fn instructions(directory: &Path, arguments: &[&str]) -> Option<u64> {
    let mut command = bare("valgrind", directory);
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(tool());
    // What threads without work spend waiting depends on the moment.
    command.args(arguments).env("RAYON_NUM_THREADS", "1").stderr(Stdio::piped());
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=2)), "{arguments:?}: {text}");
    let line = text.lines().find_map(|line| line.split_once("Collected : "))?.1;
    line.trim().parse().ok()
}
