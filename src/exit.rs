//! The exit codes: a contract with everything that calls the tool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::{Result, bail};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at level deny: 0.
    Clean,
    /// Findings at level deny: 1.
    Findings,
    /// The tool could not do its job: usage, no such path or revision, an unreadable policy, nothing to check there, or
    /// a mistake of its own: 2.
    Failed,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Runs a command. A panic, whose place and message are printed by then, is a failure like any other, and no exit code that nobody
/// knows of.
///
/// # Errors
/// Those of the command, and where it panicked.
pub fn guarded(run: impl FnOnce() -> Result<Exit>) -> Result<Exit> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(ended) => ended,
        Err(_) => bail!("that was a mistake of the tool's own, and no answer: please report it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure() {
        assert_eq!(guarded(|| Ok(Exit::Findings)).ok(), Some(Exit::Findings));
        assert!(guarded(|| panic!("on purpose")).is_err());
    }
}
