//! Python: requirements files, pyproject.toml, Pipfile, and lockfiles.
//!
//! A file is read by itself; then requirements files are followed into others (`follow.rs`), and manifests joined to their
//! lockfiles (`join.rs`). setup.py runs code, and setup.cfg is left to it: neither is read.

mod entry;
mod follow;
mod graph;
mod join;
mod lockfile;
mod marker;
#[cfg(test)]
mod oracle;
mod pipfile;
mod poetry;
mod pyproject;
mod reference;
mod requirement;
mod requirements;
mod specifier;

use super::Scan;
use super::excludes::Excludes;
use super::graph::Graph;
use super::surfaces::{self, Kind, Placed, Sheet};
use crate::source::{Snapshot, parent};
use crate::text::FileId;

/// What other files need to know of a file.
#[derive(Debug)]
pub(super) enum Facts {
    /// A requirements or constraints file.
    Requirements(requirements::Facts),
    /// A manifest: pyproject.toml or Pipfile.
    Project(pyproject::Project),
    /// A lockfile.
    Lock(lockfile::Lock),
}

/// Words in the name of a file that say that what it requires is no Python package.
const OTHERS: [&str; 17] = [
    "ansible", "apk", "apt", "brew", "conda", "debian", "dnf", "galaxy", "hardware", "npm", "os", "product", "ruby",
    "sys", "system", "ubuntu", "yum",
];

/// What a file is to Python's packaging, by its place and name.
pub(super) fn kind(place: &str, name: &str) -> Option<Kind> {
    match name {
        "pyproject.toml" | "Pipfile" => Some(Kind::Python),
        name if lockfile::tool(name).is_some() => Some(Kind::PythonLock),
        name => is_requirements(place, name).then_some(Kind::Python),
    }
}

/// `requirements.txt`, `dev-requirements.txt`, `constraints.txt`, `requirements.in` and the like, and what is in a directory
/// `requirements`.
fn is_requirements(place: &str, name: &str) -> bool {
    let Some((stem, "txt" | "in" | "lock")) = name.rsplit_once('.') else { return false };
    let stem = stem.to_ascii_lowercase();
    let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric());
    let is_named = stem.contains("requirements") || is_constraints(&stem);
    let is_within = || parent(place).rsplit('/').next() == Some("requirements") && !name.ends_with(".lock");
    (is_named || is_within()) && !words.any(|word| OTHERS.contains(&word))
}

/// Whether what is in a file narrows what others require, by its name.
fn is_constraints(name: &str) -> bool {
    name.contains("constraints")
}

/// Whether a file is a requirements file by its name, and nothing else.
fn is_certain(place: &str) -> bool {
    let name = place.rsplit('/').next().unwrap_or(place);
    matches!(name, "requirements.txt" | "constraints.txt" | "requirements.in")
}

/// Reads a requirements file, a manifest or a lockfile.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let name = place.rsplit('/').next().unwrap_or(place);
    let (mut sheet, facts) = match name {
        "pyproject.toml" => {
            let (sheet, project) = pyproject::read(file, place, text);
            (sheet, Facts::Project(project))
        }
        "Pipfile" => {
            let (sheet, project) = pipfile::read(file, place, text);
            (sheet, Facts::Project(project))
        }
        name => match lockfile::tool(name) {
            Some(tool) => {
                let (lock, problems) = lockfile::read(file, text, tool);
                (Sheet { problems, ..Sheet::default() }, Facts::Lock(lock))
            }
            None => {
                let (sheet, facts) = requirements::read(file, place, text, is_certain(place));
                (sheet, Facts::Requirements(facts))
            }
        },
    };
    sheet.facts = surfaces::Facts::Python(facts);
    sheet
}

/// A lockfile in full, by its name.
pub(super) fn graph(file: FileId, name: &str, text: &str) -> Option<Graph> {
    graph::read(file, text, lockfile::tool(name)?)
}

/// Follows requirements files into others, and joins declarations to lockfiles.
pub(super) fn join(snapshot: &Snapshot, sheets: &[Placed], excludes: &Excludes, scan: &mut Scan) {
    join::join(snapshot, sheets, scan);
    // It may take declarations out, so that places in the scan hold no more.
    follow::follow(snapshot, sheets, excludes, scan);
}

/// What a sheet says of Python's packaging.
fn facts(placed: &Placed) -> Option<&Facts> {
    match &placed.sheet.facts {
        surfaces::Facts::Python(facts) => Some(facts),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[&str], expected: Option<Kind>) {
        for place in places {
            assert_eq!(kind(place, place.rsplit('/').next().unwrap_or(place)), expected, "{place}");
        }
    }

    #[test]
    fn files_are_known_by_their_names() {
        check(
            &["requirements.txt", "a/requirements-dev.txt", "dev_requirements.txt", "constraints.txt"],
            Some(Kind::Python),
        );
        check(
            &["requirements/base.txt", "requirements/base.in", "requirements.in", "Requirements.txt"],
            Some(Kind::Python),
        );
        check(&["pyproject.toml", "Pipfile"], Some(Kind::Python));
        check(
            &["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pylock.dev.toml"],
            Some(Kind::PythonLock),
        );
        check(&["config.h.in", "apt-requirements.txt", "requirements.md", "readme.txt", "a.lock", "setup.cfg"], None);
    }
}
