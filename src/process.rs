//! The one module that starts a process: cargo, for the proof of a fix, on the user's own working tree.
//!
//! What a repository configures runs with it (`build.rustc-wrapper`, a toolchain file), so nothing that only looks at a
//! repository comes here.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it succeeded.
    pub success: bool,
    /// What it printed.
    pub stdout: String,
    /// What it said beside that.
    pub stderr: String,
}

/// Runs cargo in a directory, to its end; `program` is which cargo, and `toolchain` is rustup's name of the one to use whatever
/// the directory's files say.
///
/// # Errors
/// Where it cannot be started.
pub fn cargo(program: &Path, toolchain: Option<&str>, directory: &Path, arguments: &[&str]) -> io::Result<Ended> {
    let mut command = Command::new(program);
    if let Some(toolchain) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    run(command.args(arguments).current_dir(directory))
}

/// Runs rustc in a directory, to its end.
///
/// # Errors
/// Where it cannot be started.
pub fn rustc(directory: &Path, arguments: &[&str]) -> io::Result<Ended> {
    run(Command::new("rustc").args(arguments).current_dir(directory))
}

fn run(command: &mut Command) -> io::Result<Ended> {
    let output = command.stdin(Stdio::null()).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) })
}
