//! For code scanning: SARIF 2.1.0.

use std::io::{self, Write};

use super::Report;

pub(super) fn render(_report: &Report<'_>, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
