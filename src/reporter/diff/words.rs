//! The words of a diff that both people's formats use. What comes from a repository is not made safe here.

use jiff::Timestamp;

use super::{Diff, plural};
use crate::change::{
    Alarm, DeclarationKind, Declared, PackageChange, PackageKind, Presence, Route, Side, WorkspaceChange,
};
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::source_id::{is_full_commit, shown};
use crate::scanner::dependency::{Dependency, Origin, Role, Surface};

/// What a list of packages is called.
pub(super) fn package_kind(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::Source => "from another source",
        PackageKind::Commit => "at another commit",
        PackageKind::Downgraded => "downgraded",
        PackageKind::Added => "added",
        PackageKind::Upgraded => "upgraded",
        PackageKind::Removed => "removed",
    }
}

/// What a list of declarations is called.
pub(super) fn declaration_kind(kind: DeclarationKind) -> &'static str {
    match kind {
        DeclarationKind::Source => "from another source",
        DeclarationKind::Loosened => "loosened",
        DeclarationKind::Added => "added",
        DeclarationKind::Changed => "changed",
        DeclarationKind::Tightened => "tightened",
        DeclarationKind::Moved => "moved",
        DeclarationKind::Removed => "removed",
    }
}

/// On which side a file could not be read.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Before => "before",
        Side::After => "now",
    }
}

/// The path of a workspace's lockfile.
pub(super) fn lock_path(directory: &str) -> String {
    if directory.is_empty() { "Cargo.lock".to_owned() } else { format!("{directory}/Cargo.lock") }
}

/// What happened to a workspace as a whole; empty where nothing did.
pub(super) fn workspace(change: &WorkspaceChange<'_>) -> String {
    let mut said: Vec<String> = Vec::new();
    match change.presence {
        Presence::Added => said.push("a new workspace".to_owned()),
        Presence::Removed => said.push("the workspace is gone".to_owned()),
        Presence::Kept | Presence::Absent => {}
    }
    match (change.lock, change.presence) {
        (Presence::Added, Presence::Kept) => said.push("locked for the first time".to_owned()),
        (Presence::Removed, Presence::Kept) => said.push("no longer locked".to_owned()),
        (Presence::Absent, Presence::Added) => said.push("not locked".to_owned()),
        _ => {}
    }
    if let Some(from) = change.moved_from {
        let from = if from.is_empty() { "the root" } else { from };
        said.push(format!("moved from {from}"));
    }
    said.join("; ")
}

/// What a package was and is: versions, and where it comes from where that tells something.
pub(super) fn versions(change: &PackageChange<'_>) -> String {
    match (change.before, change.after) {
        (Some(before), Some(after)) => match change.kind {
            PackageKind::Source => {
                format!("{} ({}) → {} ({})", before.version, source(before), after.version, source(after))
            }
            PackageKind::Commit => format!("{} {} → {}", after.version, commit(before), commit(after)),
            _ if before.source.as_ref().is_some_and(|source| source.is_git()) => {
                format!("{} {} → {} {}", before.version, commit(before), after.version, commit(after))
            }
            _ => format!("{} → {}", before.version, after.version),
        },
        (Some(one), None) | (None, Some(one)) => match &one.source {
            Some(source) if source.is_crates_io() => one.version.clone(),
            Some(_) if change.after.is_some() => format!("{} ({})", one.version, source(one)),
            _ => one.version.clone(),
        },
        (None, None) => String::new(),
    }
}

/// What is known of the release that is brought in, ready to stand behind its version; empty where nothing is.
pub(super) fn release(change: &PackageChange<'_>, moment: Timestamp) -> String {
    let Some(release) = &change.release else { return String::new() };
    let age = release.released.map(|released| format!(", released {}", ago(released, moment)));
    let yanked = if release.yanked == Some(true) { ", yanked" } else { "" };
    format!("{}{yanked}", age.unwrap_or_default())
}

/// When that was: by the hour while it is new, as a day once it is old.
fn ago(released: Timestamp, moment: Timestamp) -> String {
    let (number, unit) = match moment.duration_since(released).as_hours() {
        hours if (0..48).contains(&hours) => (hours, "hour"),
        hours if (48..90 * 24).contains(&hours) => (hours / 24, "day"),
        _ => return released.strftime("%Y-%m-%d").to_string(),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

/// Of how many releases the age is not known, as a sentence; none where it is of all.
pub(super) fn unknown(diff: &Diff<'_>) -> Option<String> {
    let unknown = diff.unknown();
    let count: usize = unknown.iter().map(|(count, _)| count).sum();
    let reasons: Vec<String> = match unknown.as_slice() {
        [] => return None,
        [(_, why)] => vec![(*why).to_owned()],
        several => several.iter().map(|(count, why)| format!("{count}: {why}")).collect(),
    };
    let way_out = if diff.is_online { "" } else { " (--online asks the registry)" };
    Some(format!("release age unknown of {}: {}{way_out}", plural(count, "package"), reasons.join("; ")))
}

/// Where a package comes from.
fn source(package: &LockedPackage) -> String {
    match &package.source {
        None => "path".to_owned(),
        Some(source) if source.is_crates_io() => "crates.io".to_owned(),
        Some(source) if source.is_git() => {
            format!("git {} {}", shown(&source.url), commit(package)).trim_end().to_owned()
        }
        Some(source) => format!("registry {}", shown(&source.url)),
    }
}

/// The start of the commit that holds a package.
fn commit(package: &LockedPackage) -> &str {
    let commit = package.source.as_ref().and_then(|source| source.commit());
    commit.and_then(|commit| commit.get(..7)).unwrap_or_default()
}

/// The checksums that a release had and has.
pub(super) fn checksums(alarm: &Alarm<'_>) -> String {
    let short = |text: &str| format!("{}…", text.chars().take(8).collect::<String>());
    let before: Vec<String> = alarm.before.iter().map(|text| short(text)).collect();
    let after = alarm.package.checksum.as_deref().map_or_else(|| "none".to_owned(), short);
    format!("checksum {} → {after}", before.join(" or "))
}

/// How a package comes in: the packages that lead to it, itself left out. Empty where nothing does.
pub(super) fn steps(route: &Route<'_>) -> Vec<String> {
    let way = route.path.split_last().map_or(&[][..], |(_, way)| way);
    let mut names: Vec<String> = way.iter().map(|package| package.name.clone()).collect();
    if let Some(first) = names.first_mut() {
        *first = format!("{} {first}", if route.direct { "direct:" } else { "by" });
    }
    if route.left_out > 0 && !names.is_empty() {
        names.insert(1, "…".to_owned());
    }
    names
}

/// The same in one text.
pub(super) fn route(route: &Route<'_>) -> String {
    steps(route).join(ARROW)
}

/// What stands between the steps of a way.
pub(super) const ARROW: &str = " → ";

/// A revision as it was typed; of a full commit id the start.
pub(super) fn revision(typed: &str) -> &str {
    if is_full_commit(typed) { &typed[..12] } else { typed }
}

/// A declaration's name, and the package's where that is another.
pub(super) fn name(dependency: &Dependency) -> String {
    let Dependency { name, package, .. } = dependency;
    // `docker.io/library/node` and `typing-extensions` say no more than what is written.
    let is_same = name == package || matches!(dependency.surface, Surface::Image | Surface::Python);
    if is_same { name.clone() } else { format!("{name} ({package})") }
}

/// What was declared and what is; the place of one that is elsewhere now.
pub(super) fn declared(kind: DeclarationKind, before: Option<Declared<'_>>, after: Option<Declared<'_>>) -> String {
    let written = |declared: Declared<'_>| match kind {
        DeclarationKind::Source => {
            let from = origin(declared.dependency);
            if from.is_empty() { written(declared) } else { format!("{} ({from})", written(declared)) }
        }
        _ => written(declared),
    };
    let place =
        |declared: Declared<'_>| format!("{} {}", declared.path, table(declared.dependency)).trim_end().to_owned();
    match (before, after) {
        (Some(before), Some(after)) if kind == DeclarationKind::Moved => {
            format!("{}, was in {}", written(after), place(before))
        }
        (Some(before), Some(after)) => {
            // Two releases say more than the commits that they are; the comments that name them are held by nothing.
            let text = match (before.release, after.release) {
                (Some(old), Some(_)) if before.release != after.release => format!("{old} → {}", released(after)),
                _ => format!("{} → {}", written(before), written(after)),
            };
            let is_there = (before.path, &before.dependency.table) == (after.path, &after.dependency.table);
            if is_there { text } else { format!("{text}, was in {}", place(before)) }
        }
        (Some(one), None) | (None, Some(one)) => written(one),
        (None, None) => String::new(),
    }
}

/// What a declaration says.
fn written(declared: Declared<'_>) -> String {
    let Declared { dependency, release, .. } = declared;
    match &dependency.origin {
        // Two whole ids beside each other would be cut, and nobody reads them: the manifest has them.
        Origin::Git { reference: Some((key, value)), .. } if is_full_commit(value) => format!("{key} {}", &value[..7]),
        Origin::Git { reference: Some((key, value)), .. } => format!("{key} {value}"),
        Origin::Git { .. } => "default branch".to_owned(),
        Origin::Path { path, .. } => format!("path {path}"),
        _ => match (dependency.requirement.as_deref(), release) {
            (Some(id), Some(_)) if is_full_commit(id) => released(declared),
            (Some(id), None) if is_full_commit(id) => id[..7].to_owned(),
            (Some(text), _) => match text.split_once("sha256:") {
                // As much of a digest as tells it from others.
                Some((tag, digest)) if digest.len() == 64 && digest.is_char_boundary(7) => {
                    format!("{tag}{}", &digest[..7])
                }
                _ if text.is_empty() => "anything".to_owned(),
                _ => text.to_owned(),
            },
            (None, _) => "anything".to_owned(),
        },
    }
}

/// A commit by the release that its comment names: `v4.1.0 (0123456)`.
fn released(declared: Declared<'_>) -> String {
    let id = declared.dependency.requirement.as_deref().and_then(|id| id.get(..7)).unwrap_or_default();
    format!("{} ({id})", declared.release.unwrap_or_default())
}

/// Where in its file a declaration is; empty where its file has no parts.
pub(super) fn table(dependency: &Dependency) -> String {
    let is_bare = dependency.table.is_empty() && dependency.role == Role::Use;
    if is_bare { String::new() } else { format!("[{}]", dependency.table) }
}

/// Where a declaration's package comes from.
fn origin(dependency: &Dependency) -> String {
    let from = match &dependency.origin {
        Origin::Registry(Some(registry)) => format!("registry {registry}"),
        Origin::Registry(None) => "crates.io".to_owned(),
        Origin::Git { url, .. } => format!("git {}", shown(url)),
        Origin::Path { .. } => "path".to_owned(),
        _ => String::new(),
    };
    if dependency.name == dependency.package { from } else { format!("{} from {from}", dependency.package) }
}
