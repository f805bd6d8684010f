//! What is no crate: the declarations that name it, and what lockfiles hold of it.

use super::stands::{self, Stand};
use crate::fleet::query::Query;
use crate::reporter::exposed::{Declaration, Package, Places};
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin, Role, Surface};
use crate::scanner::{self, Scan};
use crate::text::{FileId, listed};

/// What is known of a name beyond Cargo.
#[derive(Default)]
pub(super) struct Found {
    pub(super) packages: Vec<Package>,
    pub(super) declarations: Vec<Declaration>,
    /// What could not be read or told.
    pub(super) unclear: Vec<String>,
}

/// Looks for what is asked for where Cargo does not.
pub(super) fn find(scan: &Scan, query: &Query, places: &Places<'_>) -> Found {
    let is_one = |dependency: &&Dependency| {
        !matches!(dependency.surface, Surface::Crate | Surface::Git) && query.names(dependency)
    };
    let mut found = Found::default();
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for declared in scan.dependencies.iter().filter(is_one) {
        let stand = stands::of(query, scan, declared);
        if let Some(why) = &stand.unclear {
            let place = format!("{}:{}", scan.files.path(declared.span.file), places.line(declared.span));
            match reasons.iter_mut().find(|(known, _)| known == why) {
                Some((_, places)) => places.push(place),
                None => reasons.push((why.clone(), vec![place])),
            }
        }
        found.declarations.push(row(scan, places, declared, stand));
    }
    found.unclear =
        reasons.iter().map(|(why, places)| format!("{}: {why}", listed(places, super::MOST_UNLOCKED))).collect();
    found.packages = super::held::packages(scan, query, places);
    found.unclear.extend(problems(scan, query, places));
    found.unclear.extend(unlocked(scan, query));
    found
}

/// What could not be read of the files that say something of the surface.
fn problems(scan: &Scan, query: &Query, places: &Places<'_>) -> Vec<String> {
    if query.surface == Surface::Crate {
        return Vec::new();
    }
    let counts = |file: FileId| match (query.surface, scanner::surface(scan.files.path(file))) {
        (asked, surface) if asked == surface => true,
        (Surface::Image, Surface::Action) | (Surface::Tool, Surface::Action | Surface::Image) => true,
        _ => false,
    };
    let lost = scan.problems.iter().filter(|problem| counts(problem.span.file));
    lost.map(|problem| {
        format!("{}:{}: {}", scan.files.path(problem.span.file), places.line(problem.span), problem.message)
    })
    .collect()
}

/// The manifests whose dependencies may bring in what is asked for, without a lockfile that would say so.
fn unlocked(scan: &Scan, query: &Query) -> Option<String> {
    if !matches!(query.surface, Surface::Npm | Surface::Python) {
        return None;
    }
    let mut files: Vec<FileId> = Vec::new();
    for declared in scan.dependencies.iter().filter(|declared| declared.surface == query.surface) {
        let is_open = declared.locked == Locked::Nowhere
            && declared.repeated.is_none()
            && matches!(declared.role, Role::Normal | Role::Dev)
            && !matches!(declared.origin, Origin::Path { .. })
            // With hashes, pip takes nothing that is not listed.
            && !(query.surface == Surface::Python && declared.pin == Pin::Content)
            && !query.names(declared);
        if is_open && files.last() != Some(&declared.span.file) {
            files.push(declared.span.file);
        }
    }
    files.dedup();
    let paths: Vec<&str> = files.iter().map(|file| scan.files.path(*file)).collect();
    let named = listed(&paths, super::MOST_UNLOCKED);
    (!paths.is_empty()).then(|| format!("without a lockfile nothing says what the dependencies bring in: {named}"))
}

/// What the report says of a declaration.
fn row(scan: &Scan, places: &Places<'_>, declared: &Dependency, stand: Stand) -> Declaration {
    let locked = declared.locked.versions();
    let origin = match &declared.origin {
        Origin::Git { url, .. } => Some(format!("git {}", shown(url))),
        Origin::Path { path, .. } => Some(format!("path {path}")),
        Origin::Url(url) if declared.surface != Surface::Web => Some(shown(url)),
        _ => None,
    };
    let reference = match &declared.origin {
        Origin::Git { reference: Some((key, name)), .. } => Some(format!("{key} = {name}")),
        _ => declared.requirement.clone().filter(|written| !written.is_empty()),
    };
    Declaration {
        path: scan.files.path(declared.span.file).to_owned(),
        line: places.line(declared.span),
        name: declared.name.clone(),
        package: declared.package.clone(),
        requirement: reference,
        pin: declared.pin.name(),
        is_newer: false,
        has_lock: declared.locked != Locked::Nowhere,
        is_lockable: matches!(declared.surface, Surface::Npm | Surface::Python),
        locked,
        origin,
        kind: declared.role.name(),
        table: declared.table.clone(),
        used_by: declared.used_by.clone(),
        admits: stand.admits,
        is_wanted: stand.is_wanted,
        note: stand.note,
    }
}
