//! The surfaces beyond Cargo: which files they have, read and parsed in parallel, and put together.
//!
//! Each file is read by itself into a [`Sheet`], which snapshots share where the file is the same. What takes more than one
//! file (a lockfile, a catalog, `-r other.txt`) is joined afterwards.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::dependency::{Dependency, Pin, Surface};
use super::excludes::Excludes;
use super::isolated::isolated;
use super::{Problem, Scan, Skipped, dockerfile, ending, npm, python, shell, web, workflow};
use crate::source::{Entry, ReadError, Snapshot};
use crate::text::{FileId, Span};

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Lockfiles first: the largest files are parsed while the small ones are.
    NpmLock,
    /// A lockfile of Python's.
    PythonLock,
    /// A page.
    Web,
    /// package.json, and what belongs to it.
    Npm,
    /// Requirements files and pyproject.toml.
    Python,
    /// A workflow.
    Workflow,
    /// The metadata of an action.
    Action,
    /// A Dockerfile.
    Dockerfile,
    /// A shell script.
    Shell,
}

impl Kind {
    /// What the file at a place is.
    pub(super) fn of(place: &str) -> Option<Self> {
        let name = place.rsplit('/').next().unwrap_or(place);
        match ending::of(name).filter(|_| !may_be_a_dockerfile(name)) {
            Some("json") => return npm::kind(name),
            _ if is_source(name) => return None,
            _ => {}
        }
        workflow::kind(place, name)
            .or_else(|| npm::kind(name))
            .or_else(|| python::kind(place, name))
            .or_else(|| dockerfile::is_one(name).then_some(Self::Dockerfile))
            .or_else(|| shell::is_one(name).then_some(Self::Shell))
            .or_else(|| web::is_one(name).then_some(Self::Web))
    }

    /// What the file at a place is, or would be if the policy named it.
    pub(super) fn possible(place: &str) -> Option<Self> {
        Self::of(place).or_else(|| web::is_candidate(place).then_some(Self::Web))
    }

    /// What the file at a place is, those included that the policy names.
    fn among(place: &str, excludes: &Excludes) -> Option<Self> {
        Self::of(place).or_else(|| Self::possible(place).filter(|_| excludes.names_page(place)))
    }

    /// The surface that what is wrong with such a file belongs to.
    pub(super) fn surface(self) -> Surface {
        match self {
            Self::NpmLock | Self::Npm => Surface::Npm,
            Self::PythonLock | Self::Python => Surface::Python,
            Self::Web => Surface::Web,
            Self::Workflow | Self::Action => Surface::Action,
            Self::Dockerfile => Surface::Image,
            Self::Shell => Surface::Tool,
        }
    }

    /// Whether such files lie about without any tool reading them: a link that leads nowhere is then no fault.
    fn is_loose(self) -> bool {
        matches!(self, Self::Web | Self::Shell)
    }
}

/// Endings of files that are of no kind here, and that most files have: whoever asks for thousands of them asks a thing less.
const SOURCES: [&str; 20] = [
    "rs", "ts", "js", "tsx", "jsx", "mjs", "py", "go", "c", "h", "cc", "java", "proto", "png", "svg", "snap", "css",
    "out", "jsonc", "slt",
];

/// The same, as they are asked for.
const SOURCE_KEYS: [u128; SOURCES.len()] = ending::keys(SOURCES);

/// Whether a file is none of any kind, by its ending.
pub(super) fn is_source(name: &str) -> bool {
    let is_one = |ending| SOURCE_KEYS.contains(&ending::key(ending)) && !may_be_a_dockerfile(name);
    ending::of(name).is_some_and(is_one)
}

/// Whether a file can be a Dockerfile whatever its ending is: `Dockerfile.rs` is one for somebody.
fn may_be_a_dockerfile(name: &str) -> bool {
    matches!(name.as_bytes().first(), Some(b'D' | b'd' | b'C' | b'c'))
}

/// What one file says, by itself.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// What it declares.
    pub dependencies: Vec<Dependency>,
    /// The commands in it that build without a lockfile's hold.
    pub builds: Vec<shell::Build>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What other files need to know of it.
    pub facts: Facts,
}

/// What other files need to know of a file.
#[derive(Debug, Default)]
pub(super) enum Facts {
    /// Nothing.
    #[default]
    Nothing,
    /// A file of the npm family.
    Npm(npm::Facts),
    /// A file of Python's.
    Python(python::Facts),
}

/// What was parsed already.
pub(super) type Known = HashMap<FileId, (Arc<String>, Arc<Sheet>)>;

/// A file that was read, by its index among the entries of its snapshot.
type Loaded = (usize, Result<(Arc<String>, Arc<Sheet>), Problem>);

/// The files of a snapshot, read.
pub(super) struct Reading {
    loaded: Vec<Loaded>,
    skipped: Vec<Skipped>,
    settled: usize,
}

/// A sheet in its place among all that was found.
pub(super) struct Placed {
    /// Where its file stands.
    pub(super) place: String,
    /// The index of its entry in the snapshot.
    pub(super) entry: usize,
    /// Its file.
    pub(super) file: FileId,
    /// What it says.
    pub(super) sheet: Arc<Sheet>,
    /// The index of the first of its dependencies in the scan.
    pub(super) first: usize,
}

/// The places of files that need not be read, since what they say is the same on both sides of a comparison.
pub(super) type Settled = HashSet<String>;

/// What is settled between a snapshot and another one beside it. Files of most kinds say all that they say by themselves; those of
/// the npm family are joined with each other, so all of them are settled or none. Those of Python name others by any name.
pub(super) fn settled(snapshot: &Snapshot, other: &Snapshot, excludes: &Excludes) -> Settled {
    let kind = |entry: &Entry| Kind::among(&entry.place, excludes);
    let same = other.entries().iter().filter(|entry| kind(entry).is_some() && other.is_unchanged(entry));
    let mut settled: Settled = same.map(|entry| entry.place.clone()).collect();
    let is_of = |entry: &Entry, kinds: &[Kind]| kind(entry).is_some_and(|kind| kinds.contains(&kind));
    let npm = [Kind::Npm, Kind::NpmLock];
    let moves =
        |side: &Snapshot| side.entries().iter().any(|entry| is_of(entry, &npm) && !settled.contains(&entry.place));
    let left: &[Kind] = if moves(snapshot) || moves(other) {
        &[Kind::Npm, Kind::NpmLock, Kind::Python, Kind::PythonLock]
    } else {
        &[Kind::Python, Kind::PythonLock]
    };
    settled.retain(|place| !Kind::among(place, excludes).is_some_and(|kind| left.contains(&kind)));
    settled
}

/// Reads and parses every file that is not left out, in parallel; what is `known` and unchanged is not read again. With
/// `keep`, also what another snapshot needs to know for that.
pub(super) fn read(
    snapshot: &Snapshot,
    excludes: &Excludes,
    known: &Known,
    keep: bool,
    settled: &Settled,
) -> (Reading, Known) {
    let (mut wanted, mut skipped, mut count) = (Vec::new(), Vec::new(), 0);
    for (at, entry) in snapshot.entries().iter().enumerate() {
        let Some(kind) = Kind::among(&entry.place, excludes) else { continue };
        let is_named = kind == Kind::Web && excludes.names_page(&entry.place);
        let left = if is_named { excludes.why_named(&entry.place) } else { excludes.why(&entry.place) };
        let why = match left {
            Some(why) => why.to_owned(),
            None if kind.is_loose() && leads_nowhere(snapshot, entry) => {
                "a symbolic link that leads to no file of this repository".to_owned()
            }
            None => {
                if settled.contains(&entry.place) {
                    count += 1;
                } else {
                    wanted.push((kind, at));
                }
                continue;
            }
        };
        skipped.push(Skipped { path: entry.path.clone(), why });
    }
    wanted.sort_unstable();
    let loaded: Vec<Loaded> = wanted
        .par_iter()
        .map(|&(kind, at)| {
            let (entry, file) = (&snapshot.entries()[at], snapshot.file(at));
            let known = known.get(&file);
            let same = known.filter(|_| snapshot.is_unchanged(entry));
            (at, same.map_or_else(|| load(snapshot, entry, file, kind, known), |same| Ok(same.clone())))
        })
        .collect();
    let kept = loaded.iter().filter(|_| keep).filter_map(|(at, loaded)| {
        let (text, sheet) = loaded.as_ref().ok()?;
        Some((snapshot.file(*at), (Arc::clone(text), Arc::clone(sheet))))
    });
    let kept = kept.collect();
    (Reading { loaded, skipped, settled: count }, kept)
}

/// Whether an entry is a symbolic link that leads to no file of the repository.
fn leads_nowhere(snapshot: &Snapshot, entry: &Entry) -> bool {
    match &entry.obstacle {
        Some(ReadError::LinkBroken(_) | ReadError::LinkOutside(_)) => true,
        Some(_) => false,
        // That nothing is where a link leads shows when it is followed.
        None => entry.place != entry.path && snapshot.open(&entry.path).is_none(),
    }
}

/// Reads and parses a file, which may be known with another text.
fn load(
    snapshot: &Snapshot,
    entry: &Entry,
    file: FileId,
    kind: Kind,
    known: Option<&(Arc<String>, Arc<Sheet>)>,
) -> Result<(Arc<String>, Arc<Sheet>), Problem> {
    let bytes = snapshot.read(entry).map_err(|error| Problem::new(Span::top(file), error.to_string()))?;
    let (text, is_whole) = text(bytes);
    let known = known.filter(|_| kind == Kind::NpmLock);
    let mut sheet = isolated(file, || {
        let again = known.and_then(|(before, read)| npm::read_again(file, &text, before, read));
        again.unwrap_or_else(|| parse(file, &entry.place, &text, kind))
    })?;
    if !is_whole {
        // What is not text would not be written back as it was.
        sheet.dependencies.iter_mut().for_each(|dependency| dependency.site = None);
        sheet.builds.iter_mut().for_each(|build| build.site = None);
        if let Facts::Npm(facts) = &mut sheet.facts {
            facts.unplace();
        }
    }
    Ok((Arc::new(text), Arc::new(sheet)))
}

/// The text of a file, and whether it is all text: each byte that begins no character becomes a `?`, so that every other one
/// stays where it is. Scripts and pages in old encodings are common, and what counts in them is ASCII.
fn text(bytes: Vec<u8>) -> (String, bool) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let mut text = String::with_capacity(error.as_bytes().len());
            for chunk in error.as_bytes().utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| '?'));
            }
            (text, false)
        }
    }
}

/// Parses a file.
fn parse(file: FileId, place: &str, text: &str, kind: Kind) -> Sheet {
    match kind {
        Kind::Workflow | Kind::Action => workflow::read(file, place, text),
        Kind::Dockerfile => dockerfile::read(file, text),
        Kind::Shell => shell::file(file, text),
        Kind::Npm | Kind::NpmLock => npm::read(file, place, text),
        Kind::Python | Kind::PythonLock => python::read(file, place, text),
        Kind::Web => web::read(file, text),
    }
}

/// Adds what was read to a scan.
pub(super) fn assemble(snapshot: &Snapshot, reading: Reading, excludes: &Excludes, scan: &mut Scan) {
    scan.skipped.extend(reading.skipped);
    scan.settled += reading.settled;
    let mut placed = Vec::with_capacity(reading.loaded.len());
    for (entry, loaded) in reading.loaded {
        match loaded {
            Ok((text, sheet)) => {
                let file = snapshot.file(entry);
                scan.files.set_text(file, text);
                scan.read.push(snapshot.entries()[entry].path.clone());
                scan.problems.extend(sheet.problems.iter().cloned());
                scan.builds.extend(sheet.builds.iter().cloned());
                let (place, first) = (snapshot.entries()[entry].place.clone(), scan.dependencies.len());
                scan.dependencies.extend(sheet.dependencies.iter().cloned());
                placed.push(Placed { place, entry, file, sheet, first });
            }
            Err(problem) => scan.problems.push(problem),
        }
    }
    if !snapshot.entries().iter().any(|entry| Kind::possible(&entry.place) == Some(Kind::Npm)) {
        settle_fetched(scan);
    }
    placed.sort_by(|a, b| a.place.cmp(&b.place));
    npm::join(snapshot, &placed, scan);
    python::join(snapshot, &placed, excludes, scan);
}

/// Where no package.json can hold it, what `npx` is to run is the newest there is; unless the file installs packages before.
fn settle_fetched(scan: &mut Scan) {
    let Scan { dependencies, files, .. } = scan;
    for tool in dependencies.iter_mut().filter(|one| shell::is_fetched(one)) {
        if !shell::installs(files.text(tool.span.file)) {
            tool.pin = Pin::Latest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ending_of_source_code_is_one_of_a_page() {
        let pages = SOURCES.iter().filter(|ending| web::is_candidate(&format!("a.{ending}")));
        assert_eq!(pages.collect::<Vec<_>>(), [&""; 0]);
        assert_eq!(Kind::of("docker/Dockerfile.rs"), Some(Kind::Dockerfile));
    }

    #[test]
    fn what_is_no_text_moves_nothing_else() {
        assert_eq!(text(b"a\xe9b\xff\xfe".to_vec()), ("a?b??".to_owned(), false));
        assert_eq!(text("aéb".as_bytes().to_vec()), ("aéb".to_owned(), true));
    }
}
