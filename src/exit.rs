//! The exit codes: a contract with everything that calls the tool.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at level deny: 0.
    Clean,
    /// Findings at level deny: 1.
    Findings,
    /// The tool could not do its job: usage, no such path or revision, an unreadable policy, nothing to check there: 2.
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
