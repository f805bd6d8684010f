//! How fast `audit` is, as ratios to what git alone needs to list the same repositories and to read the same files.
//!
//! `cargo bench --bench audit` makes a fleet of 2,000 small repositories (`.ci/fleet.py`, which needs python3) and measures there;
//! `cargo bench --bench audit -- DIRECTORY…` measures repositories that are there; `-- --smoke` only shows that it works. The
//! cold audit knows nothing from an earlier run, and is measured against git; with a history of which nothing has moved, it is measured
//! against the cold one. All use every core.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What the audit's time may be at most, as a multiple of git's.
const AT_MOST: f64 = 2.0;

/// What the time with a history may be at most where nothing has moved, as a share of the cold audit's.
const UNMOVED: f64 = 0.1;

/// Lists HEAD of each repository that is named on standard input, and reads the files that an audit reads.
const GIT: &str = r#"xargs -d '\n' -P "$(nproc)" -I{} sh -c '
    git -C "$1" ls-tree -r HEAD | grep -E "(Cargo\.toml|Cargo\.lock|rust-toolchain(\.toml)?|pinned(-baseline)?\.toml|\.cargo/.*)$" |
    cut -d" " -f3 | cut -f1 | git -C "$1" cat-file --batch >/dev/null' sh {}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let named: Vec<PathBuf> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).map(PathBuf::from).collect();
    let runs = if smoke { 3 } else { 11 };
    if named.is_empty() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let number = if smoke { "100" } else { "2000" };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/fleet.py");
        let made = Command::new("python3").arg(script).arg(directory.path()).arg(number).status();
        match made {
            Ok(status) if status.success() => measure(directory.path(), runs),
            _ => println!("LEFT OUT: no fleet can be made without python3 and git"),
        }
    }
    for directory in named {
        measure(&directory, runs);
    }
}

/// Measures both in turns, and prints the ratio of the medians.
fn measure(directory: &Path, runs: usize) {
    let audit = Command::new(env!("CARGO_BIN_EXE_cargo-pinned"))
        .args(["audit", "--format", "ndjson"])
        .arg(directory)
        .output()
        .expect("the tool can be run");
    let text = String::from_utf8(audit.stdout).expect("a report is text");
    let path = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        row["path"].as_str().expect("a path").to_owned()
    };
    let paths: Vec<String> = text.lines().map(path).collect();
    println!("{}: {} repositories", directory.display(), paths.len());
    let list = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(list.path(), paths.join("\n")).expect("a file");
    let ours = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-pinned"));
        command.args(["audit", "--format", "ndjson"]).arg(directory);
        time(command)
    };
    let theirs = || {
        let mut command = Command::new("sh");
        let list = std::fs::File::open(list.path()).expect("it was written above");
        command.args(["-c", GIT]).stdin(list);
        time(command)
    };
    let (mut mine, mut yardstick) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        mine.push(ours());
        yardstick.push(theirs());
    }
    let (mine, yardstick) = (median(mine), median(yardstick));
    let ratio = mine.as_secs_f64() / yardstick.as_secs_f64();
    let verdict = if ratio <= AT_MOST { "within" } else { "OVER" };
    println!(
        "  audit {ratio:6.3} of git ls-tree -r HEAD + git cat-file --batch, {:.1} ms to {:.1} ms; {verdict} the limit of {AT_MOST}",
        mine.as_secs_f64() * 1e3,
        yardstick.as_secs_f64() * 1e3,
    );
    incremental(directory, runs);
    println!("  {:.0} repositories an hour", paths.len() as f64 / mine.as_secs_f64() * 3600.0);
}

/// Measures an audit whose history knows everything beside one that knows nothing, by the report that people read.
fn incremental(directory: &Path, runs: usize) {
    let history = tempfile::tempdir().expect("a temporary directory");
    let audit = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-pinned"));
        command.arg("audit").arg(directory).args(more).current_dir(history.path());
        time(command)
    };
    let known = ["--history", "history.db"];
    audit(&known);
    let (mut cold, mut again) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        cold.push(audit(&[]));
        again.push(audit(&known));
    }
    let (cold, again) = (median(cold), median(again));
    let ratio = again.as_secs_f64() / cold.as_secs_f64();
    let verdict = if ratio <= UNMOVED { "within" } else { "OVER" };
    println!(
        "  audit --history, nothing moved {ratio:6.3} of the cold audit, {:.1} ms to {:.1} ms; {verdict} the limit of {UNMOVED}",
        again.as_secs_f64() * 1e3,
        cold.as_secs_f64() * 1e3,
    );
}

/// The wall time of a command.
fn time(mut command: Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let time = start.elapsed();
    assert!(status.is_ok(), "{command:?} cannot be started");
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
