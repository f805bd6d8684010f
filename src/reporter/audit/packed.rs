//! Findings as the history and the rows of an audit keep them.

use serde::{Deserialize, Serialize};

/// A finding on its own: what a report says of it, without the scan that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The rule's id.
    pub rule: String,
    /// `deny` or `warn`.
    pub level: String,
    /// The kind of place.
    pub surface: String,
    /// The package, or what else is concerned.
    pub name: String,
    /// What is written.
    pub requirement: Option<String>,
    /// How tightly it holds.
    pub pin: Option<String>,
    /// The weakest pin that would pass.
    pub required: Option<String>,
    /// The version that the lockfile holds.
    pub locked: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file, below the root.
    pub path: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
    /// A SHA-256 in hex that stays the same when lines move.
    pub fingerprint: String,
    /// The day on which a run saw it first, where there is a history: `2026-11-25`.
    pub since: Option<String>,
    /// Why it is excepted, or by what it is waived.
    pub reason: Option<String>,
    /// The last day of its exception.
    pub expires: Option<String>,
}

/// Findings, packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

impl Packed {
    /// Packs findings.
    #[must_use]
    pub fn new(items: &[Item]) -> Self {
        Self(serde_json::to_vec(items).unwrap_or_default())
    }

    /// The findings again.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        serde_json::from_slice(&self.0).unwrap_or_default()
    }
}
