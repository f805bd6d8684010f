//! The command `cargo-pinned`: parse, dispatch, exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use cargo_pinned::cli::{Cli, Command};
use cargo_pinned::commands::{
    Output, audit, baseline, check, completions, diff, explain, exposed, fix, init, list, rollback, set, typed,
};
use cargo_pinned::exit::{Exit, guarded};
use clap::Parser as _;

/// The C library grows each thread's heap by a system call for every few pages, which cost a fifth of a large scan.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = typed::arguments(std::env::args_os());
    if let Some(exit) = typed::version(&arguments) {
        return exit.into();
    }
    let cli = Cli::parse_from(arguments);
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
