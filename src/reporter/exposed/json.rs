//! For programs: version 1 of what `exposed` reports. Its schema is `schemas/exposed-v1.json`, made from these types.

use std::io::{self, Write};

use serde::Serialize;

use super::{Exposed, Keeper, Package, Row, Status};

/// How the repositories stand to a release.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "cargo-pinned exposed, version 1"))]
struct Wire<'a> {
    /// Always `cargo-pinned/exposed/v1`.
    schema: &'static str,
    /// What was asked, as it was typed.
    query: &'a str,
    /// The kind of thing that was asked for.
    surface: &'a str,
    /// Its name.
    name: &'a str,
    /// The versions that were asked for; null for any.
    versions: Option<&'a str>,
    summary: Summary,
    /// Sorted by name.
    repositories: Vec<WireRow<'a>>,
}

/// How many repositories there are, and how many of each status.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    repositories: usize,
    has: usize,
    would_get: usize,
    may_get: usize,
    unknown: usize,
    held: usize,
    absent: usize,
}

/// One repository.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireRow<'a> {
    /// No other repository of the report has it.
    name: &'a str,
    /// Where it was read from.
    path: &'a str,
    /// The remote, without credentials.
    url: Option<&'a str>,
    /// Who answers for it, by the list of targets.
    owner: Option<&'a str>,
    /// By the list of targets.
    labels: &'a [String],
    /// The full id of the commit that was judged.
    commit: Option<&'a str>,
    /// `has`, `would-get`, `may-get`, `unknown`, `held` or `absent`.
    status: &'a str,
    /// The versions of the package that lockfiles hold, each once.
    locked: Vec<&'a str>,
    /// The declarations that name the package.
    declarations: Vec<WireDeclaration<'a>>,
    /// The shortest chain from a member to each package that is asked for, else to each of the name: `name version`, the member
    /// first. The shortest of them is first.
    via: Vec<&'a [String]>,
    /// The packages of the name in lockfiles.
    packages: Vec<WirePackage<'a>>,
    /// Whether each way in which it would or may get the release is ruled out by a requirement of its own, while that stands.
    kept_out: bool,
    /// What could not be read or told, one phrase each.
    unclear: &'a [String],
    /// How many files were left out on purpose.
    skipped: usize,
    /// Why it could not be judged at all.
    error: Option<&'a str>,
}

/// A declaration that names the package.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireDeclaration<'a> {
    /// Relative to the repository's root, with `/`.
    path: &'a str,
    /// Counted from one.
    line: usize,
    /// The key as written.
    name: &'a str,
    /// The real name of the package.
    package: &'a str,
    /// What is written.
    requirement: Option<&'a str>,
    /// How tightly it holds.
    pin: &'a str,
    /// The version that the lockfile holds it to, where that is one.
    locked: Option<&'a str>,
    /// Where it comes from, where that is not the usual registry.
    origin: Option<&'a str>,
    /// `normal`, `dev`, `build`, `workspace`, `patch`, `replace`, `peer`, `override` or `use`.
    kind: &'a str,
    /// Where in its file it is: the path of its table, the job of a workflow, the stage of a Dockerfile.
    table: &'a str,
    /// The members that inherit it.
    used_by: &'a [String],
    /// Whether it is itself what was asked for, where no lockfile says what a build gets.
    wanted: bool,
    /// What more there is to say of that: that a tag can be moved, that a comment says so.
    note: Option<&'a str>,
    /// Whether it admits what was asked for: `yes`, `maybe` where it follows a branch or leads out of the repository, or `no`.
    admits: &'a str,
}

/// A package of the name in a lockfile.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WirePackage<'a> {
    name: &'a str,
    version: &'a str,
    /// As the lockfile writes it, without credentials; null for a path, and for what is from npm's or Python's registry.
    source: Option<&'a str>,
    /// The lockfile, relative to the repository's root, with `/`.
    path: &'a str,
    /// Counted from one.
    line: usize,
    /// Whether it is what was asked for.
    wanted: bool,
    /// Whether it is newer than all that was asked for.
    newer: bool,
    /// Whether a package in between may admit what was asked for in its place.
    may_move: bool,
    /// The repository's own requirement that keeps what was asked for from its place, while it stands.
    kept_by: Option<WireKeeper<'a>>,
    /// What the first package of the chain takes the second for: `normal`, `build` or `dev`.
    kind: Option<&'a str>,
    /// The shortest chain from a member to it; empty where nothing leads to it.
    via: &'a [String],
}

/// A requirement that keeps a release out.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireKeeper<'a> {
    path: &'a str,
    /// Counted from one.
    line: usize,
    requirement: &'a str,
}

impl<'a> From<&'a Keeper> for WireKeeper<'a> {
    fn from(keeper: &'a Keeper) -> Self {
        Self { path: &keeper.path, line: keeper.line, requirement: &keeper.requirement }
    }
}

pub(super) fn render(exposed: &Exposed, out: &mut dyn Write) -> io::Result<()> {
    let wire = Wire {
        schema: "cargo-pinned/exposed/v1",
        query: &exposed.query,
        surface: exposed.surface,
        name: &exposed.name,
        versions: exposed.versions.as_deref(),
        summary: Summary {
            repositories: exposed.rows.len(),
            has: exposed.count(Status::Has),
            would_get: exposed.count(Status::WouldGet),
            may_get: exposed.count(Status::MayGet),
            unknown: exposed.count(Status::Unknown),
            held: exposed.count(Status::Held),
            absent: exposed.count(Status::Absent),
        },
        repositories: exposed.rows.iter().map(row).collect(),
    };
    crate::reporter::json::write(&wire, out)
}

fn row(row: &Row) -> WireRow<'_> {
    let answer = &row.answer;
    let mut locked: Vec<&str> = answer.packages.iter().map(|package| package.version.as_str()).collect();
    locked.sort_by_cached_key(|version| (semver::Version::parse(version).ok(), *version));
    locked.dedup();
    WireRow {
        name: &row.name,
        path: &row.path,
        url: row.url.as_deref(),
        owner: row.owner.as_deref(),
        labels: &row.labels,
        commit: row.commit.as_deref(),
        status: answer.status.name(),
        locked,
        declarations: answer.declarations.iter().map(declaration).collect(),
        via: answer.shown().map(|package| package.via.as_slice()).filter(|via| !via.is_empty()).collect(),
        packages: answer.packages.iter().map(package).collect(),
        kept_out: answer.is_kept_out,
        unclear: &answer.unclear,
        skipped: answer.skipped,
        error: row.error.as_deref(),
    }
}

fn declaration(declaration: &super::Declaration) -> WireDeclaration<'_> {
    WireDeclaration {
        path: &declaration.path,
        line: declaration.line,
        name: &declaration.name,
        package: &declaration.package,
        requirement: declaration.requirement.as_deref(),
        pin: declaration.pin,
        locked: <&[String; 1]>::try_from(declaration.locked.as_slice()).ok().map(|[only]| only.as_str()),
        origin: declaration.origin.as_deref(),
        kind: declaration.kind,
        table: &declaration.table,
        used_by: &declaration.used_by,
        wanted: declaration.is_wanted,
        note: declaration.note.as_deref(),
        admits: declaration.admits.name(),
    }
}

fn package(package: &Package) -> WirePackage<'_> {
    WirePackage {
        name: &package.name,
        version: &package.version,
        source: package.source.as_deref(),
        path: &package.lockfile,
        line: package.line,
        wanted: package.is_wanted,
        newer: package.is_newer,
        may_move: package.may_move,
        kept_by: package.kept_by.as_ref().map(WireKeeper::from),
        kind: package.kind,
        via: &package.via,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::json::{hold_schema, schema_of};

    #[test]
    fn the_schema_is_up_to_date() {
        hold_schema("exposed-v1.json", &schema_of::<Wire<'_>>());
    }
}
