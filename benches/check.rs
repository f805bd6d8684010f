//! How fast `check` is, as ratios to what a user would run instead, measured in turns in one run on the same tree.
//!
//! `cargo bench --bench check` makes workspaces of 1, 60 and 300 members and measures there; `cargo bench --bench check --
//! TREE…` measures in real checkouts; `-- --smoke` only shows that it works. The yardsticks are cargo itself (not rustup's
//! proxy) and one walk of the tree by ripgrep, where that is installed.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

mod support;

use std::path::{Path, PathBuf};

use support::{median, time, words, workspace};

/// What is measured against.
struct Yardstick {
    /// What is measured: the arguments of the tool.
    ours: &'static [&'static str],
    name: &'static str,
    program: String,
    arguments: Vec<String>,
    /// What `check`'s time may be at most, as a multiple of this one's.
    at_most: f64,
}

/// The main job.
const CHECK: &[&str] = &["check"];

fn yardsticks() -> Vec<Yardstick> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // Every file that is read, as fast as git and a shell can: no process of ours is part of it.
    let cat = "git ls-files '*Cargo.toml' '*Cargo.lock' '*rust-toolchain*' '*.cargo/config*' pinned.toml '.github/*.y*ml' \
               '*ockerfile*' '*.sh' '*.html' '*package.json' '*-lock.json' '*-lock.yaml' '*yarn.lock' '*pyproject.toml' \
               '*uv.lock' '*requirements*.txt' | xargs -d '\\n' cat";
    let cat = |ours| Yardstick {
        ours,
        name: "git ls-files … | xargs cat",
        program: "sh".to_owned(),
        arguments: vec!["-c".to_owned(), cat.to_owned()],
        at_most: 2.0,
    };
    let compared = |ours| Yardstick {
        ours,
        name: "check alone",
        program: env!("CARGO_BIN_EXE_cargo-pinned").to_owned(),
        arguments: words(CHECK),
        at_most: 1.6,
    };
    vec![
        cat(&["check", "--staged"]),
        cat(&["check", "--rev", "HEAD"]),
        compared(&["check", "--base", "HEAD"]),
        compared(&["check", "--base", "HEAD^"]),
        Yardstick {
            ours: &["diff", "HEAD^"],
            name: "check --base HEAD^",
            program: env!("CARGO_BIN_EXE_cargo-pinned").to_owned(),
            arguments: words(&["check", "--base", "HEAD^"]),
            at_most: 1.3,
        },
        Yardstick {
            ours: CHECK,
            name: "rg --files --hidden -g '!.git'",
            program: "rg".to_owned(),
            arguments: words(&["--files", "--hidden", "-g", "!.git"]),
            at_most: 1.6,
        },
        Yardstick {
            ours: CHECK,
            name: "cargo metadata --no-deps --offline",
            program: cargo.clone(),
            arguments: words(&["metadata", "--no-deps", "--offline", "--format-version", "1"]),
            at_most: 0.5,
        },
        Yardstick {
            ours: CHECK,
            name: "cargo metadata --locked --offline",
            program: cargo,
            arguments: words(&["metadata", "--locked", "--offline", "--format-version", "1"]),
            at_most: 0.1,
        },
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let trees: Vec<PathBuf> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).map(PathBuf::from).collect();
    let runs = if smoke { 5 } else { 25 };
    if trees.is_empty() {
        let sizes: &[usize] = if smoke { &[1, 60] } else { &[1, 60, 300] };
        for &members in sizes {
            let directory = tempfile::tempdir().expect("a temporary directory");
            workspace(directory.path(), members);
            measure(&format!("a made workspace, members: {members}"), directory.path(), runs);
        }
    }
    for tree in trees {
        measure(&tree.display().to_string(), &tree, runs);
    }
}

/// Measures `check` and every yardstick in turns, and prints the ratios of the medians.
fn measure(name: &str, tree: &Path, runs: usize) {
    println!("{name}");
    let ours = env!("CARGO_BIN_EXE_cargo-pinned");
    for yardstick in yardsticks() {
        if let Some(why) = refusal(tree, &yardstick) {
            println!("  LEFT OUT  {} to {}: {why}", yardstick.ours.join(" "), yardstick.name);
            continue;
        }
        let arguments = words(yardstick.ours);
        let check = |tree: &Path| time(tree, ours, &arguments).map(|(time, _)| time);
        // The first run of a binary reads it from the disk.
        check(tree);
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            mine.extend(check(tree));
            theirs.extend(time(tree, &yardstick.program, &yardstick.arguments).map(|(time, _)| time));
        }
        let (mine, theirs) = (median(mine), median(theirs));
        let ratio = mine.as_secs_f64() / theirs.as_secs_f64();
        let verdict = if ratio <= yardstick.at_most { "within" } else { "OVER" };
        println!(
            "  {:<22} {ratio:6.3} of {:<46} {:>7.1} ms to {:>7.1} ms; {verdict} the limit of {}",
            yardstick.ours.join(" "),
            yardstick.name,
            mine.as_secs_f64() * 1e3,
            theirs.as_secs_f64() * 1e3,
            yardstick.at_most
        );
    }
}

/// Why a yardstick cannot be measured here, where it cannot: what fails at once is no yardstick.
fn refusal(tree: &Path, yardstick: &Yardstick) -> Option<String> {
    let ours = time(tree, env!("CARGO_BIN_EXE_cargo-pinned"), &words(yardstick.ours));
    match (ours, time(tree, &yardstick.program, &yardstick.arguments)) {
        (_, None) => Some("it is not installed".to_owned()),
        (_, Some((_, false))) => Some("it fails here".to_owned()),
        (None | Some((_, false)), _) => Some("the tool cannot do its job here".to_owned()),
        _ => None,
    }
}
