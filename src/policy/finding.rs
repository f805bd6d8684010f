//! What the policy says: violations as the rules find them, findings as they are reported.

use std::fmt;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::config::Require;
use crate::edit::Fix;
use crate::scanner::dependency::{Pin, Surface};
use crate::text::{FileId, Span};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is reported.
    Warn,
    /// It is reported, and the run fails.
    Deny,
}

impl Level {
    /// The level's name in the policy and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a rule found, before anyone asked how much it weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The kind of place.
    pub surface: Surface,
    /// The package, or what else is concerned.
    pub name: String,
    /// What is written.
    pub requirement: Option<String>,
    /// How tightly it holds.
    pub pin: Option<Pin>,
    /// What would pass.
    pub required: Option<Require>,
    /// The version that the lockfile holds it to.
    pub locked: Option<String>,
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
    /// The place within the file that a fingerprint names: the TOML table in manifests, else empty.
    pub place: String,
    /// The manifest that a finding in a lockfile is about.
    pub about: Option<FileId>,
    /// The edits that would mend it.
    pub fix: Option<Fix>,
    /// The declaration that it is about, by its index in the scan.
    pub declaration: Option<usize>,
    /// The most that it may weigh, whatever the policy says.
    pub cap: Level,
    /// The declaration as a person would point at it, for one line of a report.
    pub subject: String,
}

impl Violation {
    /// A violation at a place, with everything that not every rule has left out.
    #[must_use]
    pub fn new(surface: Surface, name: impl Into<String>, span: Span, message: impl Into<String>) -> Self {
        Self {
            surface,
            name: name.into(),
            requirement: None,
            pin: None,
            required: None,
            locked: None,
            message: message.into(),
            help: None,
            span,
            place: String::new(),
            about: None,
            fix: None,
            declaration: None,
            cap: Level::Deny,
            subject: String::new(),
        }
    }
}

/// A violation with the weight that the policy gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What was found.
    pub violation: Violation,
    /// Which it is among the findings of one rule, file, place and name, from 0.
    pub ordinal: usize,
    /// The line of the policy file that set its level or what it requires; none where both are the defaults.
    pub policy: Option<Span>,
    /// The last day of an exception that held for it once.
    pub ended: Option<Date>,
}

impl Finding {
    /// What tells it from others across commits: a SHA-256, in hex, of what stays when lines move. `path` is its file's.
    #[must_use]
    pub fn fingerprint(&self, path: &str) -> String {
        fingerprint(self.rule, path, &self.violation, self.ordinal)
    }
}

fn fingerprint(rule: &str, path: &str, violation: &Violation, ordinal: usize) -> String {
    let ordinal = ordinal.to_string();
    let mut hash = Sha256::new();
    for part in ["v1", rule, path, &violation.place, &violation.name, &ordinal] {
        // Each part with its length: no two lists of parts run together to the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
