//! What a declaration admits, and what it says of itself.

use semver::{Version, VersionReq};

use super::Case;
use crate::fleet::query::Query;
use crate::reporter::exposed::{Admits, Declaration};
use crate::scanner::cargo::source_id::shown;
use crate::scanner::cargo::versions::Interval;
use crate::scanner::dependency::{Dependency, Locked, Origin, PathTarget, Pin, Role};

/// Whether a declaration admits what is asked for.
pub(super) fn admits(query: &Query, declared: &Dependency) -> Admits {
    if !reaches_a_build(declared) {
        return Admits::No;
    }
    match &declared.origin {
        Origin::Registry(_) => {
            // What is patched stays so as long as the patch satisfies the requirement: cargo prefers it.
            let is_patch = |source: &Option<String>| source.as_ref().is_none_or(|source| source.starts_with("git+"));
            let is_patched = declared.locked.one().is_some_and(|locked| is_patch(&locked.source));
            let admits = requirement(declared).is_some_and(|requirement| query.is_admitted(&requirement));
            if admits && !is_patched { Admits::Yes } else { Admits::No }
        }
        Origin::Git { .. } => follows(query, declared, declared.pin == Pin::Latest),
        Origin::Path { target: PathTarget::Outside | PathTarget::Unknown, .. } => follows(query, declared, true),
        Origin::Path { .. } | Origin::Nowhere { .. } | Origin::Channel | Origin::Surface | Origin::Url(_) => Admits::No,
    }
}

/// Whether what a declaration follows may come to what is asked for. Without a lockfile nothing says where it stands now.
fn follows(query: &Query, declared: &Dependency, moves: bool) -> Admits {
    let is_compatible = |text: &str| Version::parse(text).is_ok_and(|version| query.is_compatible(&version));
    let may = match &declared.locked {
        Locked::Nowhere | Locked::Missing => !matches!(declared.role, Role::Patch | Role::Replace),
        Locked::One(locked) => moves && is_compatible(&locked.version),
        Locked::Several(versions) => moves && versions.iter().any(|version| is_compatible(version)),
    };
    if may { Admits::Maybe } else { Admits::No }
}

/// Whether a declaration takes the one place that cargo has for the versions compatible with `version`, and lets none of those
/// have it that are asked for.
pub(super) fn excludes(query: &Query, declared: &Dependency, version: &Version) -> bool {
    let Some(requirement) = requirement(declared).filter(|_| reaches_a_build(declared)) else { return false };
    query.is_all_compatible(version)
        && Interval::of(&requirement).is_within(&Interval::compatible(version))
        && !query.is_admitted(&requirement)
}

/// The first release that a requirement admits.
pub(super) fn least(requirement: &VersionReq) -> Option<Version> {
    Interval::of(requirement).release()
}

/// The requirement of a declaration from a registry.
pub(super) fn requirement(declared: &Dependency) -> Option<VersionReq> {
    let written = declared.requirement.as_deref().filter(|_| matches!(declared.origin, Origin::Registry(_)))?;
    VersionReq::parse(written).ok()
}

/// Whether a declaration reaches any build: one of `[workspace.dependencies]` does so through the members that inherit it.
pub(super) fn reaches_a_build(declared: &Dependency) -> bool {
    declared.role != Role::Workspace || !declared.uses.is_empty()
}

/// What the report says of a declaration.
pub(super) fn row(case: &Case<'_>, declared: &Dependency) -> Declaration {
    let locked = declared.locked.versions();
    let origin = match &declared.origin {
        Origin::Git { url, .. } => Some(format!("git {}", shown(url))),
        Origin::Path { path, .. } => Some(format!("path {path}")),
        Origin::Registry(registry) => registry.as_ref().map(|registry| format!("registry {}", shown(registry))),
        Origin::Nowhere { .. } | Origin::Channel | Origin::Surface | Origin::Url(_) => None,
    };
    let is_newer = |text: &str| Version::parse(text).is_ok_and(|version| case.query.is_older_than(&version));
    Declaration {
        path: case.scan.files.path(declared.span.file).to_owned(),
        line: case.places.line(declared.span),
        name: declared.name.clone(),
        package: declared.package.clone(),
        requirement: declared.requirement.clone(),
        pin: declared.pin.name(),
        is_newer: !locked.is_empty() && locked.iter().all(|version| is_newer(version)),
        locked,
        has_lock: declared.locked != Locked::Nowhere,
        is_lockable: true,
        is_wanted: false,
        note: None,
        origin,
        kind: declared.role.name(),
        table: declared.table.clone(),
        used_by: declared.used_by.clone(),
        admits: admits(case.query, declared),
    }
}
