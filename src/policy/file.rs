//! The policy and the baseline of a snapshot, as they are in it; and the policy file's place among the files of a scan.

use std::ops::Range;

use anyhow::Result;

use super::baseline::{self, Baseline};
use super::config::{self, Policy};
use crate::scanner::Scan;
use crate::source::{Entry, Snapshot};
use crate::text::{FileId, LineIndex};

/// A policy file, for findings that stand in it.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// Its name, as the user would say it.
    pub shown: String,
    /// What is in it.
    pub text: String,
    /// Its index among the entries of the snapshot that is judged, where it is one.
    pub entry: Option<usize>,
}

impl PolicyFile {
    /// The policy file at the root of a snapshot, where there is one.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn at_root(snapshot: &Snapshot) -> Result<Option<Self>, Fault> {
        let file = |text| Self { shown: config::FILE.to_owned(), text, entry: snapshot.find(config::FILE) };
        Ok(text(snapshot, config::FILE)?.map(file))
    }
}

/// What is wrong with a policy or a baseline.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The file, as the user would say it.
    pub file: String,
    /// Its text, and the bytes in it that are wrong; none where it cannot be read at all.
    pub at: Option<(String, Range<usize>)>,
    /// What is wrong.
    pub message: String,
}

impl std::error::Error for Fault {}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.at {
            Some((text, at)) => {
                let at = LineIndex::new(text).position(at.start);
                write!(f, "{}:{}:{}: {}", self.file, at.line, at.column, self.message)
            }
            None => write!(f, "the policy `{}` {}", self.file, self.message),
        }
    }
}

/// A policy, and the file that it was read from.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The policy, with the baseline.
    pub policy: Policy,
    file: Option<PolicyFile>,
}

impl Rules {
    /// Reads a policy from its file, where there is one, and the baseline at the root of a snapshot.
    ///
    /// # Errors
    /// The first mistake, at its place.
    pub fn parse(file: Option<PolicyFile>, snapshot: &Snapshot) -> Result<Self, Fault> {
        let mut rules = Self::of(file)?;
        if let Some(text) = text(snapshot, baseline::FILE)? {
            rules.policy.baseline = Baseline::parse(&text).map_err(|error| wrong(baseline::FILE, &text, error))?;
        }
        Ok(rules)
    }

    /// Reads a policy from its file, where there is one, and no baseline.
    ///
    /// # Errors
    /// The first mistake, at its place.
    pub fn of(file: Option<PolicyFile>) -> Result<Self, Fault> {
        let policy = match &file {
            Some(file) => Policy::parse(&file.text).map_err(|error| wrong(&file.shown, &file.text, error))?,
            None => Policy::default(),
        };
        Ok(Self { policy, file })
    }

    /// Gives the policy file its place among the files of a scan: of the snapshot that it was read from, or of another.
    pub fn keep(&self, scan: &mut Scan, is_own: bool) -> Option<FileId> {
        let file = self.file.as_ref()?;
        let entry = file.entry.filter(|_| is_own).and_then(|entry| u32::try_from(entry).ok()).map(FileId);
        if let Some(entry) = entry {
            scan.files.set_text(entry, file.text.clone());
        }
        Some(entry.unwrap_or_else(|| scan.files.add(file.shown.clone(), file.text.clone())))
    }
}

/// A mistake at its place.
fn wrong(file: &str, text: &str, error: config::Error) -> Fault {
    Fault { file: file.to_owned(), at: Some((text.to_owned(), error.at)), message: error.message }
}

/// The text of a file that is listed in a snapshot, where it is there.
///
/// # Errors
/// Where it cannot be read.
pub fn text(snapshot: &Snapshot, file: &str) -> Result<Option<String>, Fault> {
    let found = snapshot.find(file).map(|at| &snapshot.entries()[at]);
    found.map(|entry| content(snapshot, entry, file)).transpose()
}

/// The text of a file of a snapshot.
///
/// # Errors
/// Where it cannot be read.
pub fn content(snapshot: &Snapshot, entry: &Entry, file: &str) -> Result<String, Fault> {
    let fault = |message| Fault { file: file.to_owned(), at: None, message };
    let bytes = snapshot.read(entry).map_err(|error| fault(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| fault("is not UTF-8".to_owned()))
}
