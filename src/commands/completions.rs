//! `completions` and `man`: what a package puts beside the binary.

use anyhow::Result;
use clap::CommandFactory as _;

use super::Output;
use crate::cli::{self, Cli};
use crate::exit::Exit;

/// Prints the completions of a shell, for the command as cargo does not call it: `cargo-pinned`.
///
/// # Errors
/// Where standard output refuses.
pub fn run(args: &cli::Completions, output: &Output) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut text);
    output.write(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

/// Prints the manual page.
///
/// # Errors
/// Where standard output refuses.
pub fn man(output: &Output) -> Result<Exit> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    output.write(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}
