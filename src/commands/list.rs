//! `list`: every declaration with its pin and locked version.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Output;
use super::change::say;
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
    let unread: BTreeSet<&str> =
        subject.scan.problems.iter().map(|problem| subject.scan.files.path(problem.span.file)).collect();
    match unread.len() {
        0 => {}
        1 => say("what one file declares may be missing: `cargo pinned check` says what is wrong with it"),
        count => say(&format!(
            "what {count} files declare may be missing: `cargo pinned check` says what is wrong with them"
        )),
    }
    Ok(Exit::Clean)
}
