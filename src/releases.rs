//! The release index: what registries say of releases, from cargo's own cache of them, and where the user asks for it from the
//! registries themselves.
//!
//! Which registry that is, is for the *user's* configuration of cargo to say (`CARGO_HOME` and the environment), never for the
//! repository's: where a socket goes, and whose word counts, is not for what is judged to choose. So source replacement in a
//! repository's own `.cargo/config.toml` is not followed here, and a registry that a lockfile names is asked only if the user's
//! configuration names it too. Nothing is written: what a registry answers is not kept.
//!
//! This is the one place that opens a socket, in `online.rs`, which the feature `online` leaves out; and what it asks and reads
//! comes from outside, so each answer has limits in size and time.

mod cache;
pub mod config;
#[cfg(feature = "online")]
mod online;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use tame_index::{IndexKrate, IndexVersion};

use crate::change::Release;
use crate::change::releases::Releases;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::source_id::SourceId;
use config::{Config, Registry};

/// Where releases are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// In cargo's cache alone.
    Cache,
    /// Of the registries; in the cache, where one gives no answer.
    Registries,
}

/// What is known of a package in an index, or why nothing is.
type Found = Result<IndexKrate, String>;

/// Names, each with a version.
type Versions<'a> = BTreeSet<(&'a str, &'a str)>;

/// What was found, by registry and name.
type Entries<'a> = BTreeMap<(Registry, &'a str), Found>;

/// A release that an index has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its version.
    pub version: semver::Version,
    /// What is known of it.
    pub release: Release,
}

/// The release index of one user.
#[derive(Debug)]
pub struct Index {
    /// The configuration, or why there is none.
    config: Result<Config, String>,
    ask: Ask,
    /// What went wrong with registries that were asked, a sentence each.
    pub troubles: Vec<String>,
}

impl Index {
    /// The index that a user's configuration of cargo leads to.
    #[must_use]
    pub fn new(config: Config, ask: Ask) -> Self {
        Self { config: Ok(config), ask, troubles: Vec::new() }
    }

    /// One that knows nothing, and why.
    #[must_use]
    pub fn unusable(why: String) -> Self {
        Self { config: Err(why), ask: Ask::Cache, troubles: Vec::new() }
    }

    /// What is known of the releases of these packages; their age is counted to `moment`.
    #[must_use]
    pub fn releases(&mut self, packages: &[&LockedPackage], moment: Timestamp) -> Releases {
        let places: Vec<(&LockedPackage, Result<Registry, String>)> =
            packages.iter().map(|package| (*package, self.registry(package.source.as_ref()))).collect();
        let wanted = places.iter().filter_map(|(package, place)| Some((place.clone().ok()?, package.name.as_str())));
        let versions = packages.iter().map(|package| (package.name.as_str(), package.version.as_str())).collect();
        let entries = self.entries(wanted.collect(), Some(&versions));
        let mut releases = Releases::at(moment);
        for (package, place) in &places {
            let release = match place {
                Err(why) => Release::unknown(why.clone()),
                Ok(registry) => match entries.get(&(registry.clone(), package.name.as_str())) {
                    Some(Ok(krate)) => of(krate, package),
                    Some(Err(why)) => Release::unknown(why.clone()),
                    None => Release::unknown("no index was asked"),
                },
            };
            releases.insert(package, release);
        }
        releases
    }

    /// The releases of a package that its registry has, in the order of the index.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn candidates(&mut self, package: &LockedPackage) -> Result<Vec<Candidate>, String> {
        let registry = self.registry(package.source.as_ref())?;
        let mut entries = self.entries(BTreeSet::from([(registry, package.name.as_str())]), None);
        let krate = entries.pop_first().map_or_else(|| Err("no index was asked".to_owned()), |(_, found)| found)?;
        let candidate = |one: &IndexVersion| Some(Candidate { version: one.version.parse().ok()?, release: said(one) });
        Ok(krate.versions.iter().filter_map(candidate).collect())
    }

    fn registry(&self, source: Option<&SourceId>) -> Result<Registry, String> {
        self.config.as_ref().map_err(Clone::clone)?.registry(source.ok_or("a path package has no release")?)
    }

    /// What the index has of packages: by the registries, where they are asked and answer, else by the cache; of that, `only` what
    /// is said of some versions is read, each by name and version, where that is all that is asked for.
    fn entries<'n>(&mut self, wanted: BTreeSet<(Registry, &'n str)>, only: Option<&Versions<'_>>) -> Entries<'n> {
        // Without a configuration nothing has a registry, so nothing is wanted.
        let Ok(config) = self.config.clone() else { return Entries::new() };
        let mut entries = if self.ask == Ask::Registries { self.asked(&config, &wanted) } else { Entries::new() };
        for (registry, name) in wanted {
            let place = (registry, name);
            if matches!(entries.get(&place), Some(Ok(_))) {
                continue;
            }
            let cached = cache::read(&config.home, &place.0, name, only);
            // Where a registry was asked, what it said to that tells more than that the cache is empty.
            match (cached, entries.get(&place)) {
                (Err(_), Some(Err(_))) => {}
                (found, _) => drop(entries.insert(place, found)),
            }
        }
        entries
    }

    #[cfg(feature = "online")]
    fn asked<'n>(&mut self, config: &Config, wanted: &BTreeSet<(Registry, &'n str)>) -> Entries<'n> {
        let (entries, troubles) = online::ask(config, wanted);
        self.troubles.extend(troubles);
        entries
    }

    #[cfg(not(feature = "online"))]
    fn asked<'n>(&mut self, _: &Config, _: &BTreeSet<(Registry, &'n str)>) -> Entries<'n> {
        self.troubles.push("this build has no feature `online`: no registry is asked".to_owned());
        Entries::new()
    }
}

/// What an index says of a locked package.
fn of(krate: &IndexKrate, package: &LockedPackage) -> Release {
    let Some(found) = krate.versions.iter().find(|one| one.version == package.version) else {
        return Release::unknown("the index has no such release");
    };
    // Something else by the same name and version: what is said of the one is not said of the other.
    let is_same = |locked: &String| locked.eq_ignore_ascii_case(&data_encoding::HEXLOWER.encode(found.checksum()));
    if !package.checksum.as_ref().is_none_or(is_same) {
        return Release::unknown("the index has it with another checksum");
    }
    said(found)
}

/// What an entry of an index says.
fn said(entry: &IndexVersion) -> Release {
    let released = entry.pubtime.as_ref().map(|text| text.parse::<Timestamp>());
    let why = match &released {
        None => Some("the index does not say when it was published"),
        Some(Err(_)) => Some("the index says when it was published in a form that is no time"),
        Some(Ok(_)) => None,
    };
    Release { released: released.and_then(Result::ok), yanked: Some(entry.is_yanked()), why: why.map(str::to_owned) }
}

/// A path as the index library wants it.
fn utf8(path: &Path) -> Result<tame_index::PathBuf, String> {
    tame_index::PathBuf::from_path_buf(path.to_owned()).map_err(|path| format!("`{}` is not UTF-8", path.display()))
}
