//! What a parser that panics costs: its file, and nothing else.
//!
//! A scanned file is hostile, and some parsers are other people's: one file must not take what the others hold with it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Problem;
use crate::text::{FileId, Span};

/// What is said of what panicked, ahead of what the panic says.
pub const FAILED: &str = "the tool failed here, which is a mistake of its own";

/// Reads a file, whatever happens.
///
/// # Errors
/// Where the parser panicked.
pub(super) fn isolated<T>(file: FileId, read: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(read))
        .map_err(|panic| Problem::new(Span::top(file), format!("{FAILED}: {}", said(&*panic))))
}

/// What a panic says.
#[must_use]
pub fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_that_panics_costs_its_file_alone() {
        let file = FileId(3);
        assert_eq!(isolated(file, || 1), Ok(1));
        let failed = isolated(file, || -> u8 { panic!("at {}", 7) });
        let said = "the tool failed here, which is a mistake of its own: at 7".to_owned();
        assert_eq!(failed, Err(Problem::new(Span::top(file), said)));
    }
}
