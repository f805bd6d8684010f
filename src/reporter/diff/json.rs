//! For programs: version 1 of the JSON diff. Its schema is `schemas/diff-v1.json`, made from these types.
//!
//! Additions may come; a removal or a change of meaning makes version 2.

use std::io::{self, Write};

use serde::Serialize;

use super::{Diff, End, Locator};
use crate::change::{Alarm, DeclarationChange, DeclarationKind, Declared, PackageChange, PackageKind, WorkspaceChange};
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::Origin;

/// The whole diff.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "cargo-pinned diff, version 1"))]
struct Wire<'a> {
    /// Always `cargo-pinned/diff/v1`.
    schema: &'static str,
    tool: Tool,
    /// The root of both sides, as the user would name it.
    root: &'a str,
    /// What is compared with.
    base: WireEnd<'a>,
    /// What is looked at.
    head: WireEnd<'a>,
    summary: Summary,
    /// Releases that have not the checksum that they had, each of which fails the run.
    alarms: Vec<WireAlarm<'a>>,
    /// What could not be compared, which fails the run.
    unread: Vec<WireUnread<'a>>,
    /// The workspaces in which something differs, sorted by directory.
    workspaces: Vec<WireWorkspace<'a>>,
    /// Declarations that differ, by file, the worst first.
    declarations: Vec<WireDeclaration<'a>>,
}

/// The tool that made the diff.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One of the two sides.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireEnd<'a> {
    /// `worktree`, `revision` or `index`.
    kind: &'a str,
    /// The revision as it was typed.
    revision: Option<&'a str>,
    /// The full id of the commit, for revisions.
    commit: Option<&'a str>,
}

/// Counts, over all workspaces.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// Releases that have not the checksum that they had.
    checksum_changed: usize,
    /// Files that could not be compared.
    unread: usize,
    packages: PackageCounts,
    /// Names that are locked in more versions than they were.
    duplicates: usize,
    /// The repository's own packages that differ.
    own: usize,
    declarations: DeclarationCounts,
}

/// How many packages from elsewhere became what.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PackageCounts {
    source_changed: usize,
    commit_changed: usize,
    downgraded: usize,
    added: usize,
    upgraded: usize,
    removed: usize,
}

/// How many declarations became what.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DeclarationCounts {
    source_changed: usize,
    loosened: usize,
    added: usize,
    changed: usize,
    tightened: usize,
    moved: usize,
    removed: usize,
}

/// A release that has not the checksum that it had.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireAlarm<'a> {
    /// The directory of the workspace in whose lockfile it is.
    workspace: &'a str,
    name: &'a str,
    version: &'a str,
    source: Option<String>,
    /// The checksums that it had in the base's lockfiles.
    before: &'a [&'a str],
    /// The one that it has; null where it has none.
    after: Option<&'a str>,
    #[serde(flatten)]
    route: WireRoute,
}

/// How a package comes into a build.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireRoute {
    /// Whether a package of the repository depends on it.
    direct: bool,
    /// The shortest way to it from a package of the repository, both included, each as `name version`; empty where nothing
    /// leads to it.
    path: Vec<String>,
    /// How many packages are left out behind the first one, where the way is very long.
    left_out: usize,
}

/// A file that could not be read on one side.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireUnread<'a> {
    path: &'a str,
    /// `before` or `after`.
    side: &'static str,
    why: &'a str,
}

/// What differs in one workspace.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireWorkspace<'a> {
    /// Its directory below the root; where it was, for one that is gone.
    directory: &'a str,
    /// Where it was, if that was elsewhere.
    moved_from: Option<&'a str>,
    /// Whether the workspace is on both sides: `kept`, `added` or `removed`.
    presence: &'static str,
    /// Whether its lockfile is: `kept`, `added`, `removed` or `absent`.
    lockfile: &'static str,
    /// How many packages the lockfile had.
    locked_before: usize,
    /// How many it has.
    locked_after: usize,
    /// Packages from elsewhere that differ, worst first.
    packages: Vec<WirePackage<'a>>,
    /// The repository's own packages that differ.
    own: Vec<WirePackage<'a>>,
    /// Names that are locked in more versions than they were, and in more than one.
    duplicates: Vec<WireDuplicate<'a>>,
}

/// A package that differs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WirePackage<'a> {
    /// `source-changed`, `commit-changed`, `downgraded`, `added`, `upgraded` or `removed`.
    kind: &'static str,
    name: &'a str,
    before: Option<WireLocked<'a>>,
    after: Option<WireLocked<'a>>,
    /// Whether a caret requirement would not take the one for the other.
    breaking: bool,
    #[serde(flatten)]
    route: WireRoute,
    /// When the release that is brought in was published, in UTC (RFC 3339); null where that is not known.
    released: Option<String>,
    /// Whether it was withdrawn, as the index had it when it was last asked; null where that is not known.
    yanked: Option<bool>,
}

/// A package as it is locked.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireLocked<'a> {
    version: &'a str,
    /// As the lockfile writes it; null for the repository's own.
    source: Option<String>,
    /// The full commit, for git.
    commit: Option<&'a str>,
    checksum: Option<&'a str>,
}

/// A name that is locked in more versions than it was.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireDuplicate<'a> {
    name: &'a str,
    before: &'a [&'a str],
    after: &'a [&'a str],
}

/// A declaration that differs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireDeclaration<'a> {
    /// `source-changed`, `loosened`, `added`, `changed`, `tightened`, `moved` or `removed`.
    kind: &'static str,
    /// The kind of place.
    surface: &'a str,
    /// The key as written.
    name: &'a str,
    before: Option<WireDeclared<'a>>,
    after: Option<WireDeclared<'a>>,
}

/// What is declared on one side.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireDeclared<'a> {
    /// The real name of the package.
    package: &'a str,
    path: &'a str,
    /// Counted from one.
    line: usize,
    /// Where in its file it is: the path of its table, the job of a workflow, the stage of a Dockerfile.
    table: &'a str,
    /// `normal`, `dev`, `build`, `workspace`, `patch`, `replace`, `toolchain`, `peer`, `override` or `use`.
    role: &'a str,
    requirement: Option<&'a str>,
    /// How tightly it holds: `latest`, `range`, `tag`, `exact`, `content` or `unknown`.
    pin: &'a str,
    registry: Option<&'a str>,
    git: Option<String>,
    branch: Option<&'a str>,
    tag: Option<&'a str>,
    rev: Option<&'a str>,
    /// The release that the comment behind an action's commit id names.
    release: Option<&'a str>,
}

pub(super) fn render(diff: &Diff<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (Locator::new(diff.base.scan), Locator::new(diff.head.scan));
    let changes = diff.changes;
    let unread = changes.unread.iter().map(|one| WireUnread { path: one.path, side: one.side.name(), why: one.why });
    let declarations = changes.declarations.iter();
    let wire = Wire {
        schema: "cargo-pinned/diff/v1",
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        root: diff.root,
        base: end(&diff.base),
        head: end(&diff.head),
        summary: summary(diff),
        alarms: changes.alarms.iter().map(alarm).collect(),
        unread: unread.collect(),
        workspaces: changes.workspaces.iter().map(workspace).collect(),
        declarations: declarations.filter_map(|change| declaration(change, &before, &after)).collect(),
    };
    super::super::json::write(&wire, out)
}

fn end<'a>(end: &End<'a>) -> WireEnd<'a> {
    WireEnd { kind: end.kind, revision: end.revision, commit: end.commit }
}

fn summary(diff: &Diff<'_>) -> Summary {
    let changes = diff.changes;
    Summary {
        checksum_changed: changes.alarms.len(),
        unread: changes.unread.len(),
        packages: PackageCounts {
            source_changed: changes.packages(PackageKind::Source),
            commit_changed: changes.packages(PackageKind::Commit),
            downgraded: changes.packages(PackageKind::Downgraded),
            added: changes.packages(PackageKind::Added),
            upgraded: changes.packages(PackageKind::Upgraded),
            removed: changes.packages(PackageKind::Removed),
        },
        duplicates: changes.workspaces.iter().map(|workspace| workspace.duplicates.len()).sum(),
        own: changes.workspaces.iter().map(|workspace| workspace.own.len()).sum(),
        declarations: DeclarationCounts {
            source_changed: changes.declarations(DeclarationKind::Source),
            loosened: changes.declarations(DeclarationKind::Loosened),
            added: changes.declarations(DeclarationKind::Added),
            changed: changes.declarations(DeclarationKind::Changed),
            tightened: changes.declarations(DeclarationKind::Tightened),
            moved: changes.declarations(DeclarationKind::Moved),
            removed: changes.declarations(DeclarationKind::Removed),
        },
    }
}

fn alarm<'a>(alarm: &'a Alarm<'a>) -> WireAlarm<'a> {
    WireAlarm {
        workspace: alarm.directory,
        name: &alarm.package.name,
        version: &alarm.package.version,
        source: alarm.package.source.as_ref().map(|source| shown(&source.text)),
        before: &alarm.before,
        after: alarm.package.checksum.as_deref(),
        route: route(&alarm.route),
    }
}

fn route(route: &crate::change::Route<'_>) -> WireRoute {
    let path = route.path.iter().map(|package| format!("{} {}", package.name, package.version));
    WireRoute { direct: route.direct, path: path.collect(), left_out: route.left_out }
}

fn workspace<'a>(change: &'a WorkspaceChange<'a>) -> WireWorkspace<'a> {
    let duplicates = change.duplicates.iter().map(|found| WireDuplicate {
        name: found.name,
        before: &found.before,
        after: &found.after,
    });
    WireWorkspace {
        directory: change.directory,
        moved_from: change.moved_from,
        presence: change.presence.name(),
        lockfile: change.lock.name(),
        locked_before: change.locked.0,
        locked_after: change.locked.1,
        packages: change.packages.iter().map(package).collect(),
        own: change.own.iter().map(package).collect(),
        duplicates: duplicates.collect(),
    }
}

fn package<'a>(change: &'a PackageChange<'a>) -> WirePackage<'a> {
    let release = change.release.as_ref();
    WirePackage {
        kind: change.kind.name(),
        name: change.package().map_or("", |package| &package.name),
        before: change.before.map(locked),
        after: change.after.map(locked),
        breaking: change.is_breaking(),
        route: route(&change.route),
        released: release.and_then(|release| release.released).map(|moment| moment.to_string()),
        yanked: release.and_then(|release| release.yanked),
    }
}

fn locked(package: &LockedPackage) -> WireLocked<'_> {
    let source = package.source.as_ref();
    WireLocked {
        version: &package.version,
        source: source.map(|source| shown(&source.text)),
        commit: source.and_then(|source| source.commit()),
        checksum: package.checksum.as_deref(),
    }
}

fn declaration<'a>(
    change: &DeclarationChange<'a>,
    before: &Locator<'_>,
    after: &Locator<'_>,
) -> Option<WireDeclaration<'a>> {
    let dependency = change.declared()?.dependency;
    Some(WireDeclaration {
        kind: change.kind.name(),
        surface: dependency.surface.name(),
        name: &dependency.name,
        before: change.before.map(|declared| self::declared(declared, before)),
        after: change.after.map(|declared| self::declared(declared, after)),
    })
}

fn declared<'a>(declared: Declared<'a>, locator: &Locator<'_>) -> WireDeclared<'a> {
    let Declared { path, dependency, release } = declared;
    let (git, reference) = match &dependency.origin {
        Origin::Git { url, reference } => (Some(shown(url)), reference.as_ref()),
        _ => (None, None),
    };
    let registry = match &dependency.origin {
        Origin::Registry(registry) => registry.as_deref(),
        _ => None,
    };
    let named = |wanted: &str| reference.filter(|(key, _)| *key == wanted).map(|(_, value)| value.as_str());
    WireDeclared {
        package: &dependency.package,
        path,
        line: locator.range(dependency.span).0.line,
        table: &dependency.table,
        role: dependency.role.name(),
        requirement: dependency.requirement.as_deref(),
        pin: dependency.pin.name(),
        registry,
        git,
        branch: named("branch"),
        tag: named("tag"),
        rev: named("rev"),
        release,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::json::{hold_schema, schema_of};

    #[test]
    fn the_schema_is_up_to_date() {
        hold_schema("diff-v1.json", &schema_of::<Wire<'_>>());
    }
}
