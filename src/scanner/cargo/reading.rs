//! Which of a snapshot's files Cargo has a use for, read and parsed in parallel.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::config::{self, Config};
use super::lockfile::{self, Lockfile};
use super::manifest::{self, Manifest};
use super::workspace::Manifests;
use super::{join, toolchain};
use crate::scanner::dependency::Abroad;
use crate::scanner::document::Text;
use crate::scanner::excludes::Excludes;
use crate::scanner::isolated::isolated;
use crate::scanner::surfaces::Settled;
use crate::scanner::{Problem, Scan, Skipped, surfaces};
use crate::source::{Entry, Snapshot, join as join_path, parent};
use crate::text::{FileId, Files, Span};

/// What a candidate file is to Cargo, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Lockfiles first: the largest files are parsed while the small ones are.
    Lockfile,
    Manifest,
    Toolchain,
    Config,
}

pub(super) fn kind(place: &str) -> Option<Kind> {
    match place.rsplit('/').next().unwrap_or(place) {
        "Cargo.toml" => Some(Kind::Manifest),
        "Cargo.lock" => Some(Kind::Lockfile),
        "rust-toolchain" | "rust-toolchain.toml" => Some(Kind::Toolchain),
        "config" | "config.toml" => Some(Kind::Config),
        _ => None,
    }
}

/// A file, parsed; shared by the snapshots in which it is the same.
#[derive(Clone)]
pub(in crate::scanner) enum Parsed {
    Lockfile(Arc<Lockfile>),
    Manifest(Arc<Manifest>),
    Toolchain(Arc<toolchain::Toolchain>),
    Config(Config),
}

/// What was parsed already.
pub(in crate::scanner) type Known = HashMap<FileId, (Arc<String>, Parsed)>;

/// Reads and parses a candidate.
pub(super) fn load(
    snapshot: &Snapshot,
    entry: &Entry,
    file: FileId,
    kind: Kind,
) -> Result<(Arc<String>, Parsed), Problem> {
    load_again(snapshot, entry, file, kind, None)
}

/// The same of one that may be known with another text.
fn load_again(
    snapshot: &Snapshot,
    entry: &Entry,
    file: FileId,
    kind: Kind,
    known: Option<&(Arc<String>, Parsed)>,
) -> Result<(Arc<String>, Parsed), Problem> {
    let place = &entry.place;
    let bytes = snapshot.read(entry).map_err(|error| Problem::new(Span::top(file), error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        // Only the part before the fault is text, and a span must lie in text.
        Problem::new(Span::top(file), format!("not UTF-8: the byte at offset {at} begins no character"))
    })?;
    let parsed = isolated(file, || match kind {
        Kind::Lockfile => Parsed::Lockfile(Arc::new(match known {
            Some((before, Parsed::Lockfile(read))) => lockfile::read_again(file, &text, before, read),
            _ => lockfile::read(file, &text),
        })),
        Kind::Manifest => Parsed::Manifest(Arc::new(match known {
            Some((before, Parsed::Manifest(read))) => manifest::read_again(file, &text, before, read),
            _ => manifest::read(file, &text),
        })),
        Kind::Toolchain => Parsed::Toolchain(Arc::new(toolchain::read(file, &text, place.ends_with("rust-toolchain")))),
        Kind::Config => Parsed::Config(config::read(file, &text, parent(parent(place)).to_owned())),
    })?;
    Ok((Arc::new(text), parsed))
}

pub(super) fn lock_place(directory: &str) -> String {
    if directory.is_empty() { "Cargo.lock".to_owned() } else { format!("{directory}/Cargo.lock") }
}

pub(super) fn manifest_place(directory: &str) -> String {
    if directory.is_empty() { "Cargo.toml".to_owned() } else { format!("{directory}/Cargo.toml") }
}

/// Everything that was read, before it is joined.
pub(in crate::scanner) struct Reading<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) scan: Scan,
    pub(super) locks: HashMap<String, Arc<Lockfile>>,
    pub(super) manifests: Manifests,
    toolchains: Vec<(String, Arc<toolchain::Toolchain>)>,
    /// The manifests whose dependencies were added, each with where its first is among them.
    pub(super) declared: Vec<(usize, usize)>,
    /// What the lockfiles of other workspaces hold declarations to.
    pub(super) abroad: Vec<((usize, usize), Abroad)>,
}

/// Reads every candidate that is not left out, in parallel. What is `known` from a snapshot beside this one and unchanged
/// is not read again; with `keep`, also what another one needs to know for that. Manifests that are settled are not read at all.
pub(in crate::scanner) fn read<'s>(
    snapshot: &'s Snapshot,
    excludes: &Excludes,
    known: &Known,
    keep: bool,
    settled: &Settled,
) -> (Reading<'s>, Known) {
    let mut scan = Scan { files: snapshot.files(), ..Scan::default() };
    let wanted = wanted(snapshot, excludes, settled, &mut scan);
    let parsed: Vec<_> = wanted
        .par_iter()
        .with_max_len(1)
        .map(|&(kind, at)| {
            let (entry, file) = (&snapshot.entries()[at], snapshot.file(at));
            let known = known.get(&file);
            let same = known.filter(|_| snapshot.is_unchanged(entry));
            (at, same.map_or_else(|| load_again(snapshot, entry, file, kind, known), |same| Ok(same.clone())))
        })
        .collect();
    let mut reading = Reading {
        snapshot,
        scan,
        locks: HashMap::new(),
        manifests: Manifests::new(Vec::new()),
        toolchains: Vec::new(),
        declared: Vec::new(),
        abroad: Vec::new(),
    };
    let (mut manifests, mut kept) = (Vec::new(), Known::new());
    for (at, loaded) in parsed {
        let place = &snapshot.entries()[at].place;
        match loaded {
            Ok((text, parsed)) => {
                if keep {
                    kept.insert(snapshot.file(at), (Arc::clone(&text), parsed.clone()));
                }
                reading.scan.files.set_text(snapshot.file(at), text);
                reading.scan.read.push(snapshot.entries()[at].path.clone());
                match parsed {
                    Parsed::Manifest(manifest) => manifests.push((parent(place).to_owned(), manifest)),
                    Parsed::Lockfile(lockfile) => drop(reading.locks.insert(parent(place).to_owned(), lockfile)),
                    Parsed::Toolchain(toolchain) => reading.toolchains.push((place.clone(), toolchain)),
                    Parsed::Config(config) => reading.scan.configs.push(config),
                }
            }
            Err(problem) => reading.scan.problems.push(problem),
        }
    }
    reading.manifests = Manifests::new(manifests);
    (reading, kept)
}

/// The candidates that are to be read, each with what it is, in the order in which they are; what of the others is to be said goes
/// into the scan.
fn wanted(snapshot: &Snapshot, excludes: &Excludes, settled: &Settled, scan: &mut Scan) -> Vec<(Kind, usize)> {
    let mut wanted = Vec::new();
    for (at, entry) in snapshot.entries().iter().enumerate() {
        let kind = kind(&entry.place);
        match kind {
            None if entry.obstacle.is_none() || entry.place.ends_with("/lib.rs") => {}
            // Those of the other surfaces are read elsewhere, or not at all.
            None if surfaces::Kind::possible(&entry.place).is_some() => {}
            None => {
                scan.problems.extend(
                    entry.obstacle.as_ref().map(|why| Problem::new(Span::top(snapshot.file(at)), why.to_string())),
                );
            }
            Some(kind) => match excludes.why(&entry.place) {
                Some(why) if matches!(kind, Kind::Manifest | Kind::Toolchain) => {
                    scan.skipped.push(Skipped { path: entry.path.clone(), why: why.to_owned() })
                }
                Some(_) => {}
                None if kind == Kind::Manifest && settled.contains(&entry.place) => scan.settled += 1,
                None => wanted.push((kind, at)),
            },
        }
    }
    wanted.sort_unstable();
    wanted
}

impl Reading<'_> {
    /// Follows `include` in cargo's configuration, and drops what cargo does not read: `config.toml` beside `config`.
    pub(super) fn includes(&mut self) {
        let is_old = |files: &Files, config: &Config| !files.path(config.file).ends_with(".toml");
        let files = &self.scan.files;
        let old: Vec<String> = self
            .scan
            .configs
            .iter()
            .filter(|config| is_old(files, config))
            .map(|config| config.directory.clone())
            .collect();
        self.scan.configs.retain(|config| is_old(files, config) || !old.contains(&config.directory));
        let mut at = 0;
        while at < self.scan.configs.len() {
            let config = &self.scan.configs[at];
            let (directory, from) = (config.directory.clone(), parent(self.scan.files.path(config.file)).to_owned());
            for (include, required) in config.includes.clone() {
                self.include(&include, required, &from, &directory);
            }
            at += 1;
        }
    }

    fn include(&mut self, include: &Text, required: bool, from: &str, directory: &str) {
        let mut refuse = |why: &str| {
            let message = format!("includes `{}`, {why}", include.value);
            self.scan.problems.push(Problem::new(include.span, message));
        };
        // One that leads outside may be there on some machine, optional or not, and say anything.
        let Some(place) = join_path(from, &include.value) else {
            return refuse("which leads out of the repository: not read");
        };
        if self.snapshot.find(&place).is_none() && self.snapshot.open(&place).is_none() {
            if required {
                refuse("which is not there");
            }
            return;
        }
        self.config(&place, directory);
    }

    /// Reads a file of cargo's configuration that counts for a directory, wherever it stands.
    fn config(&mut self, place: &str, directory: &str) {
        let (entry, file) = match self.snapshot.find(place) {
            Some(at) => (self.snapshot.entries()[at].clone(), self.snapshot.file(at)),
            None => {
                let Some(entry) = self.snapshot.open(place) else { return };
                let known = (0..self.scan.files.count())
                    .filter_map(|at| u32::try_from(at).ok())
                    .map(FileId)
                    .find(|&id| self.scan.files.path(id) == entry.path);
                let file = known.unwrap_or_else(|| self.scan.files.add(entry.path.clone(), String::new()));
                (entry, file)
            }
        };
        if self.scan.configs.iter().any(|config| config.file == file) {
            return;
        }
        match load(self.snapshot, &entry, file, Kind::Config) {
            Ok((text, Parsed::Config(mut config))) => {
                config.directory = directory.to_owned();
                self.scan.files.set_text(file, text);
                self.scan.read.push(entry.path);
                self.scan.configs.push(config);
            }
            Ok(_) => {}
            Err(problem) => self.scan.problems.push(problem),
        }
    }

    /// The configuration in directories `.cargo` that are symbolic links, which the walk does not follow.
    pub(super) fn linked_configs(&mut self) {
        let links: Vec<String> = self.snapshot.links().keys().cloned().collect();
        for link in links.iter().filter(|link| link.rsplit('/').next() == Some(".cargo")) {
            for name in ["config", "config.toml"] {
                let place = format!("{link}/{name}");
                if self.snapshot.find(&place).is_some() || self.snapshot.open(&place).is_some() {
                    self.config(&place, parent(link));
                    break;
                }
            }
        }
    }

    /// The toolchain files; `rust-toolchain` beats the one with the extension beside it.
    pub(super) fn toolchains(&mut self) {
        let toolchains = std::mem::take(&mut self.toolchains);
        let is_beaten = |place: &str| {
            place.strip_suffix(".toml").is_some_and(|old| toolchains.iter().any(|(place, _)| place == old))
        };
        for (place, toolchain) in &toolchains {
            if is_beaten(place) {
                let why = "`rust-toolchain` stands beside it, and rustup reads that one".to_owned();
                self.scan.skipped.push(Skipped { path: place.clone(), why });
                continue;
            }
            self.scan.problems.extend(toolchain.problems.iter().cloned());
            self.scan.dependencies.extend(join::toolchain(toolchain.channel.as_ref(), toolchain.path.as_ref()));
        }
    }
}
