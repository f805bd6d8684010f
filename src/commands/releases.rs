//! What commands ask the release index: which one, by the user's configuration and environment, and the moment ages count to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::change::say;
use super::check;
use crate::change::releases::Releases;
use crate::releases::config::Config;
use crate::releases::{Ask, Index};
use crate::scanner::cargo::lockfile::LockedPackage;

/// The user's release index; `online` asks the registries.
///
/// # Errors
/// Where registries are to be asked and cannot be.
pub(super) fn index(online: bool) -> Result<Index> {
    if online && !cfg!(feature = "online") {
        bail!("`--online` is not in this build, which was made without the feature `online`");
    }
    let ask = if online { Ask::Registries } else { Ask::Cache };
    match configuration() {
        Ok(config) => Ok(Index::new(config, ask)),
        Err(why) if online => bail!("no registry can be asked: {why}"),
        Err(why) => Ok(Index::unusable(why)),
    }
}

fn configuration() -> Result<Config, String> {
    let home = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).ok_or("there is no CARGO_HOME")?;
    let home = std::path::absolute(&home).map_err(|error| error.to_string())?;
    // What is not UTF-8 names no host and no number.
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let variables: BTreeMap<String, String> = variables.filter(|(name, _)| Config::is_concerned(name)).collect();
    Config::read(home, &variables)
}

/// The moment that ages are counted to: now, or the start of the day that the user names, so that none is taken for more than
/// it is.
pub(super) fn moment(today: Option<&str>) -> Result<Timestamp> {
    let Some(text) = today else { return Ok(Timestamp::now()) };
    let start =
        check::today(Some(text))?.to_zoned(TimeZone::UTC).context("it is a day on which nothing can be counted")?;
    Ok(start.timestamp())
}

/// What is known of the releases of these packages; what went wrong with a registry is said.
///
/// # Errors
/// Where registries are to be asked and cannot be.
pub(super) fn known(packages: &[&LockedPackage], online: bool, today: Option<&str>) -> Result<Releases> {
    let (mut index, moment) = (index(online)?, moment(today)?);
    let releases = index.releases(packages, moment);
    index.troubles.iter().for_each(|trouble| say(trouble));
    Ok(releases)
}
