//! How long a start takes, as a ratio to `true`, which does nothing: `--version`, and a check of a repository with one package.
//!
//! `cargo bench --bench start` runs them in turns, since a machine is not as fast at one moment as at another, and compares the
//! medians; `-- --smoke` only shows that it works.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

#[expect(dead_code, reason = "a start needs no workspace that is made to measure")]
mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use support::{median, time, words};

/// What `--version` may take at most, as a multiple of `true`, and a small check as one of `--version`.
const VERSION: f64 = 2.0;
const CHECK: f64 = 3.0;

fn main() {
    let runs = if std::env::args().any(|argument| argument == "--smoke") { 5 } else { 1000 };
    let made = tempfile::tempdir().expect("a temporary directory");
    repository(made.path());
    let ours = env!("CARGO_BIN_EXE_cargo-pinned");
    let commands = [("true", words(&[])), (ours, words(&["--version"])), (ours, words(&["check"]))];
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..runs {
        for ((program, arguments), times) in commands.iter().zip(&mut times) {
            let Some((time, is_well)) = time(made.path(), program, arguments) else {
                println!("LEFT OUT: `{program}` cannot be started");
                return;
            };
            assert!(is_well, "{program} {arguments:?} failed");
            times.push(time);
        }
    }
    let [nothing, version, check] = times.map(median);
    let say = |what: &str, time: Duration, yardstick: &str, of: Duration, most: f64| {
        let ratio = time.as_secs_f64() / of.as_secs_f64();
        let verdict = if ratio <= most { "within" } else { "OVER" };
        println!(
            "{what} {ratio:.2} of {yardstick}: {:.2} ms to {:.2} ms; {verdict} the limit of {most}",
            time.as_secs_f64() * 1e3,
            of.as_secs_f64() * 1e3,
        );
    };
    say("--version", version, "`true`", nothing, VERSION);
    say("a check of one package", check, "--version", version, CHECK);
}

/// A repository with one package, which depends on one other.
fn repository(root: &Path) {
    let manifest =
        "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nmemchr = \"=2.7.4\"\n";
    let lockfile = "version = 4\n\n\
        [[package]]\nname = \"memchr\"\nversion = \"2.7.4\"\n\
        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
        checksum = \"78ca9ab1a0babb1e7d5695e3530886289c18cf2f87ec19a575a0abdce112e3a3\"\n\n\
        [[package]]\nname = \"small\"\nversion = \"0.1.0\"\ndependencies = [\n \"memchr\",\n]\n";
    std::fs::create_dir(root.join("src")).expect("a directory");
    for (path, text) in [("Cargo.toml", manifest), ("Cargo.lock", lockfile), ("src/lib.rs", "")] {
        std::fs::write(root.join(path), text).expect("a file");
    }
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
    let commit = [&author[..], &["commit", "--quiet", "--message", "small"]].concat();
    for arguments in [vec!["init", "--quiet"], vec!["add", "--all"], commit] {
        let status = Command::new("git").args(&arguments).current_dir(root).status();
        assert!(status.is_ok_and(|status| status.success()), "git {arguments:?} failed");
    }
}
