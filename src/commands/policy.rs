//! The policy and the baseline of a command: read from a snapshot, or from the file that the user names.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::policy::baseline::{self, Baseline};
use crate::policy::config::{self, Policy};
use crate::scanner::Scan;
use crate::source::{Entry, Snapshot};
use crate::text::{FileId, LineIndex};

/// A policy file, for findings that stand in it.
struct PolicyFile {
    /// Its name, as the user would say it.
    shown: String,
    text: String,
    /// Its index among the entries of the snapshot that is judged, where it is one.
    entry: Option<usize>,
}

/// A policy, and the file that it was read from.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    file: Option<PolicyFile>,
}

impl Rules {
    /// The policy that the user names, else the one at the snapshot's root, else the defaults; and the baseline there.
    pub(super) fn of(config: Option<&Path>, snapshot: &Snapshot) -> Result<Self> {
        let file = match config {
            Some(path) => Some(PolicyFile { shown: path.display().to_string(), text: named(path)?, entry: None }),
            None => text(snapshot, config::FILE)?.map(|text| PolicyFile {
                shown: config::FILE.to_owned(),
                text,
                entry: snapshot.find(config::FILE),
            }),
        };
        Self::parse(file, snapshot)
    }

    /// The same as [`Rules::of`], as they were in a base of that snapshot. A file that the user names is looked up there,
    /// if it is below the root; one that is elsewhere is what it is.
    pub(super) fn of_base(config: Option<&Path>, snapshot: &Snapshot, base: &Snapshot) -> Result<Self> {
        let below = config.map(|path| {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let below = path.strip_prefix(&snapshot.root).ok()?.to_str()?.replace('\\', "/");
            Some(below)
        });
        let place = match (config, below) {
            (Some(path), Some(None)) => {
                let file = PolicyFile { shown: path.display().to_string(), text: named(path)?, entry: None };
                return Self::parse(Some(file), base);
            }
            (_, Some(Some(below))) => below,
            _ => config::FILE.to_owned(),
        };
        // One with a name of its own was not listed; pinned.toml is only what git knows of it.
        let found = if place == config::FILE { None } else { base.open(&place) };
        let read = found.map_or_else(|| text(base, &place), |entry| content(base, &entry, &place).map(Some))?;
        Self::parse(read.map(|text| PolicyFile { shown: place, text, entry: None }), base)
    }

    fn parse(file: Option<PolicyFile>, snapshot: &Snapshot) -> Result<Self> {
        let mut policy = match &file {
            Some(file) => Policy::parse(&file.text).map_err(|error| at(&file.shown, &file.text, &error))?,
            None => Policy::default(),
        };
        if let Some(text) = text(snapshot, baseline::FILE)? {
            policy.baseline = Baseline::parse(&text).map_err(|error| at(baseline::FILE, &text, &error))?;
        }
        Ok(Self { policy, file })
    }

    /// Gives the policy file its place among the files of a scan: of the snapshot that it was read from, or of another.
    pub(super) fn keep(&self, scan: &mut Scan, is_own: bool) -> Option<FileId> {
        let file = self.file.as_ref()?;
        let entry = file.entry.filter(|_| is_own).and_then(|entry| u32::try_from(entry).ok()).map(FileId);
        if let Some(entry) = entry {
            scan.files.set_text(entry, file.text.clone());
        }
        Some(entry.unwrap_or_else(|| scan.files.add(file.shown.clone(), file.text.clone())))
    }
}

/// A mistake at its place.
fn at(file: &str, text: &str, error: &config::Error) -> anyhow::Error {
    let at = LineIndex::new(text).position(error.at.start);
    anyhow::anyhow!("{file}:{}:{}: {}", at.line, at.column, error.message)
}

/// The text of the file that the user names.
fn named(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read the policy `{}`", path.display()))
}

/// The text of a file that is listed in a snapshot, where it is there.
fn text(snapshot: &Snapshot, file: &str) -> Result<Option<String>> {
    let found = snapshot.find(file).map(|at| &snapshot.entries()[at]);
    found.map(|entry| content(snapshot, entry, file)).transpose()
}

fn content(snapshot: &Snapshot, entry: &Entry, file: &str) -> Result<String> {
    let bytes = snapshot.read(entry).map_err(|error| anyhow::anyhow!("the policy `{file}` {error}"))?;
    String::from_utf8(bytes).with_context(|| format!("the policy `{file}` is not UTF-8"))
}
