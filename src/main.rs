//! The command `cargo-pinned`: parse, dispatch, exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use cargo_pinned::cli::{Cli, Command};
use cargo_pinned::commands::{
    Output, audit, baseline, check, completions, diff, explain, exposed, fix, init, list, rollback, set,
};
use cargo_pinned::exit::{Exit, guarded};
use clap::Parser as _;

/// The C library grows each thread's heap by a system call for every few pages, which cost a fifth of a large scan.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse_from(arguments(std::env::args_os()));
    let output = Output::new(cli.color);
    // The thread that is here works too: starting one more for it, and waiting for that, takes as long as a small check.
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    let ended = guarded(|| match &cli.command {
        Command::Check(args) => check::run(args, &output),
        Command::Fix(args) => fix::run(args, &output),
        Command::Audit(args) => audit::run(args, &output),
        Command::Exposed(args) => exposed::run(args, &output),
        Command::Diff(args) => diff::run(args, &output),
        Command::Set(args) => set::run(args, &output),
        Command::Rollback(args) => rollback::run(args, &output),
        Command::List(args) => list::run(args, &output),
        Command::Baseline(args) => baseline::run(args, &output),
        Command::Init(args) => init::run(args, &output),
        Command::Explain(args) => explain::run(args, &output),
        Command::Completions(args) => completions::run(args, &output),
        Command::Man(args) => completions::man(args, &output),
    });
    let exit = ended.unwrap_or_else(|error| {
        let closed = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
        if error.chain().filter_map(|cause| cause.downcast_ref()).any(closed) {
            return Exit::Clean;
        }
        let message = cargo_pinned::reporter::escape_lines(&format!("{error:#}"));
        let _ = writeln!(anstream::stderr(), "error: {message}");
        Exit::Failed
    });
    exit.into()
}

/// What was typed, with what may be left out: cargo's own word for us, and the default command before its options.
fn arguments(typed: impl Iterator<Item = OsString>) -> Vec<OsString> {
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
