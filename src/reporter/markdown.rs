//! For a step summary or a comment on a change.

use std::io::{self, Write};

use super::Report;

pub(super) fn render(_report: &Report<'_>, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
