//! The policy of a command: read from a snapshot, or from the file that the user names.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::policy::config;
use crate::policy::file::{PolicyFile, Rules, content, text};
use crate::source::{Snapshot, real, slashed};

/// The policy that the user names, else the one at the snapshot's root, else the defaults; and the baseline there.
pub(super) fn of(config: Option<&Path>, snapshot: &Snapshot) -> Result<Rules> {
    let file = match config {
        Some(path) => Some(named(path)?),
        None => PolicyFile::at_root(snapshot)?,
    };
    Ok(Rules::parse(file, snapshot)?)
}

/// The same as [`of`], as they were in a base of that snapshot. A file that the user names is looked up there, if it is below
/// the root; one that is elsewhere is what it is.
pub(super) fn of_base(config: Option<&Path>, snapshot: &Snapshot, base: &Snapshot) -> Result<Rules> {
    let below = config.map(|path| {
        let path = real(path).unwrap_or_else(|_| path.to_owned());
        let below = slashed(path.strip_prefix(&snapshot.root).ok()?.to_str()?);
        Some(below)
    });
    let place = match (config, below) {
        (Some(path), Some(None)) => return Ok(Rules::parse(Some(named(path)?), base)?),
        (_, Some(Some(below))) => below,
        _ => config::FILE.to_owned(),
    };
    // One with a name of its own was not listed; pinned.toml is only what git knows of it.
    let found = if place == config::FILE { None } else { base.open(&place) };
    let read = found.map_or_else(|| text(base, &place), |entry| content(base, &entry, &place).map(Some))?;
    Ok(Rules::parse(read.map(|text| PolicyFile { shown: place, text, entry: None }), base)?)
}

/// The file that the user names.
pub(super) fn named(path: &Path) -> Result<PolicyFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the policy `{}`", path.display()))?;
    Ok(PolicyFile { shown: path.display().to_string(), text, entry: None })
}
