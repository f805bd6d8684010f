//! What the benchmarks share: how a command is timed, and workspaces made to measure.

#![expect(unreachable_pub, reason = "each benchmark is a crate of its own")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Arguments.
pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The wall time of a command, and whether it succeeded; none if it cannot be started.
pub fn time(directory: &Path, program: &str, arguments: &[String]) -> Option<(Duration, bool)> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().ok()?;
    // Findings are what the tool is asked for.
    let is_ours = program == env!("CARGO_BIN_EXE_cargo-pinned");
    Some((start.elapsed(), status.success() || (is_ours && status.code() == Some(1))))
}

/// The median of some times; zero of none.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A workspace whose members depend on each other and on what this project depends on, which cargo has at hand.
pub fn workspace(root: &Path, members: usize) {
    let own = include_str!("../../Cargo.toml");
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
    write("Cargo.lock", include_str!("../../Cargo.lock"));
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
