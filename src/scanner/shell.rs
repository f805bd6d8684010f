//! Shell scripts, in files of their own and in workflows and Dockerfiles: what they install, and what they build.

mod arguments;
mod cargo;
mod code;
mod download;
mod escapes;
mod mask;
mod node;
mod other;
mod prefix;
mod python;
mod reader;
mod rustup;
#[cfg(test)]
mod tests;
mod tree;
mod version;
mod word;

use std::collections::BTreeMap;

use super::dependency::{Dependency, PinSite};
use super::script::Script;
use super::surfaces::Sheet;
use crate::text::{FileId, Span};
pub use code::{Code, Doubt};
pub(super) use node::{installs, is_fetched};
pub(super) use rustup::named as toolchain;

/// A command that lets cargo choose versions anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The words that say so: `cargo build`.
    pub span: Span,
    /// The same words, as a person would name the command.
    pub command: String,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where in its file it is, for fingerprints: the job of a workflow, the stage of a Dockerfile; else empty.
    pub table: String,
    /// Where `--locked` would be written.
    pub site: Option<PinSite>,
    /// Why what it builds may have no lockfile, whatever the repository has.
    pub doubt: Option<Doubt>,
}

/// What is wrong with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It builds without `--locked` or `--frozen`.
    Unlocked,
    /// It leaves out of account the lockfile that comes with what it installs: `cargo install`.
    Ignores,
    /// It changes the lockfile: `cargo update`.
    Updates,
}

/// What a script says.
#[derive(Debug, Default, PartialEq)]
pub struct Commands {
    /// What it installs or downloads.
    pub dependencies: Vec<Dependency>,
    /// The commands that build.
    pub builds: Vec<Build>,
    /// What becomes of the code that it finds.
    pub code: Code,
}

/// Values of variables that are known where a script runs.
pub type Environment = BTreeMap<String, String>;

/// Whether a file is a shell script by its name.
pub(super) fn is_one(name: &str) -> bool {
    name.ends_with(".sh") || name.ends_with(".bash")
}

/// Reads a file that is a shell script.
pub(super) fn file(file: FileId, text: &str) -> Sheet {
    let whole = text.len();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !is_for_shell(text) {
        return Sheet::default();
    }
    let script = Script::whole(file, text, whole - text.len());
    let Commands { dependencies, builds, .. } = read(&script, &Environment::new(), "");
    Sheet { dependencies, builds, ..Sheet::default() }
}

/// Whether a file that begins with `#!` asks for a shell of the kind that is read here.
fn is_for_shell(text: &str) -> bool {
    let Some(line) = text.strip_prefix("#!").and_then(|text| text.lines().next()) else { return true };
    let name =
        |word: &str| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh"));
    line.split_ascii_whitespace().any(name)
}

/// Reads a script for `sh` or a shell like it, in the job or stage `table`.
///
/// What the shell itself would refuse is read as far as it goes.
#[must_use]
pub fn read(script: &Script, environment: &Environment, table: &str) -> Commands {
    let mut commands = Commands::default();
    reader::read(script, environment, table, 0, &mut commands);
    commands.dependencies.sort_by_key(|dependency| dependency.span);
    commands.builds.sort_by_key(|build| build.span);
    commands
}
