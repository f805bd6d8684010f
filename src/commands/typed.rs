//! The words that were typed, before the command line is built to read them.

use std::ffi::OsString;
use std::io::{self, Write as _};

use crate::exit::Exit;

/// What was typed, with what may be left out: cargo's own word for us, and the default command before its options.
pub fn arguments(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = typed.collect();
    if arguments.get(1).is_some_and(|word| word == "pinned") {
        arguments.remove(1);
    }
    let word = |at: usize| arguments.get(at).map(|word| word.to_string_lossy());
    // The one option that may stand before a verb.
    let mut at = 1;
    while let Some(option) = word(at).filter(|word| word.starts_with("--color")) {
        at += if option.contains('=') { 1 } else { 2 };
    }
    let is_help = |word: &str| ["-h", "--help", "-V", "--version"].contains(&word);
    if word(at).is_none_or(|word| word.starts_with('-') && !is_help(&word)) {
        arguments.insert(arguments.len().min(1), OsString::from("check"));
    }
    arguments
}

/// Prints the version, where that is all that is asked for: to build the whole command line for it takes a seventh of the time.
pub fn version(arguments: &[OsString]) -> Option<Exit> {
    let [_, word] = arguments else { return None };
    if word != "--version" && word != "-V" {
        return None;
    }
    // As of whatever else clap prints: that nobody reads it is no failure.
    let _ = writeln!(io::stdout(), "{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Some(Exit::Clean)
}
