//! How fast `check` is, as ratios to what a user would run instead, measured in turns in one run on the same tree.
//!
//! `cargo bench --bench check` makes workspaces of 1, 60 and 300 members and measures there; `cargo bench --bench check --
//! TREE…` measures in real checkouts; `-- --smoke` only shows that it works. The yardsticks are cargo itself (not rustup's
//! proxy) and one walk of the tree by ripgrep, where that is installed.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn yardsticks() -> Vec<Yardstick> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // Every file that is read, as fast as git and a shell can: no process of ours is part of it.
    let cat = "git ls-files '*Cargo.toml' '*Cargo.lock' '*rust-toolchain*' '*.cargo/config*' pinned.toml | xargs -d '\\n' cat";
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
            ours: CHECK,
            name: "rg --files --hidden -g '!.git' -g Cargo.toml",
            program: "rg".to_owned(),
            arguments: words(&["--files", "--hidden", "-g", "!.git", "-g", "Cargo.toml"]),
            at_most: 1.3,
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

/// The wall time of a command, and whether it succeeded; none if it cannot be started.
fn time(directory: &Path, program: &str, arguments: &[String]) -> Option<(Duration, bool)> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().ok()?;
    // Findings are what the tool is asked for.
    let is_ours = program == env!("CARGO_BIN_EXE_cargo-pinned");
    Some((start.elapsed(), status.success() || (is_ours && status.code() == Some(1))))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A workspace whose members depend on each other and on what this project depends on, which cargo has at hand.
fn workspace(root: &Path, members: usize) {
    let own = include_str!("../Cargo.toml");
    let dependencies: String = own
        .split("[dependencies]\n")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .map(str::to_owned)
        .expect("this project has dependencies");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    };
    write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n");
    for member in 0..members {
        let mut manifest = format!(
            "[package]\nname = \"member-{member}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        if member > 0 {
            let _ = writeln!(manifest, "member-{0} = {{ path = \"../member-{0}\" }}", member - 1);
        }
        write(&format!("crates/member-{member}/Cargo.toml"), &manifest);
        for file in 0..20 {
            write(&format!("crates/member-{member}/src/module_{}/file_{file}.rs", file % 4), "");
        }
        write(&format!("crates/member-{member}/src/lib.rs"), "");
    }
    // The resolution of this project, so that cargo needs no network; it drops what is surplus.
    write("Cargo.lock", include_str!("../Cargo.lock"));
    let run = |program: &str, arguments: &[&str]| {
        let status = Command::new(program)
            .args(arguments)
            .current_dir(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{program} {arguments:?} failed");
    };
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, &["update", "--workspace", "--offline"]);
    run("git", &["init", "--quiet"]);
    let commit = || {
        run("git", &["add", "--all"]);
        let author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
        run("git", &[&author[..], &["commit", "--quiet", "--message", "bench"]].concat());
    };
    commit();
    // A change to compare with: some manifests.
    for member in (0..members).step_by(10) {
        let path = root.join(format!("crates/member-{member}/Cargo.toml"));
        let text = std::fs::read_to_string(&path).expect("it was written above");
        std::fs::write(&path, text.replace("edition = \"2024\"", "edition = \"2024\" # changed")).expect("a file");
    }
    commit();
}
