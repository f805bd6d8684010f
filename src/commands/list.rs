//! `list`: every declaration with its pin and locked version.

use anyhow::Result;

use super::Output;
use super::subject::Subject;
use crate::cli::{self, ListFormat};
use crate::exit::Exit;
use crate::reporter;

/// Lists the declarations of a repository.
///
/// # Errors
/// Where it cannot be scanned.
pub fn run(args: &cli::List, output: &Output) -> Result<Exit> {
    let subject = Subject::load(&args.subject)?;
    let declarations = subject.declarations();
    output.write(|out| match args.format {
        ListFormat::Human => reporter::list_human(&subject.scan, &declarations, Output::width(), out),
        ListFormat::Json => reporter::list_json(&subject.scan, &declarations, out),
    })?;
    Ok(Exit::Clean)
}
