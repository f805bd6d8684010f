//! `lock-unverified`: a locked package that nothing proves.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::source_id::{Kind, SourceId, is_full_commit};
use crate::scanner::dependency::Surface;

pub(super) static RULE: Rule = Rule {
    id: "lock-unverified",
    surface: Some(Surface::Lockfile),
    level: Level::Deny,
    require: None,
    summary: "a locked package without a checksum or full commit, or with another commit than its `rev`",
    what: "Flags, in each Cargo.lock, a package from a registry without a checksum, a package from git without a full commit \
           id, and a package from git whose full `rev` is another commit than the one that it is locked to.",
    why: "A package without a checksum can be replaced unnoticed. And cargo does not compare a full `rev` with the locked \
          commit: where they differ, `cargo build --locked` accepts it and builds the locked one, not the one in the manifest.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/lock-unverified/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/lock-unverified/pass/Cargo.lock"),
    },
    allow: "For a registry that serves no checksums, until it does.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let locks = context.scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_ref());
    let locks = locks.filter(|lock| lock.problems.is_empty());
    locks.flat_map(|lock| lock.packages.iter().filter_map(unverified)).collect()
}

fn unverified(package: &LockedPackage) -> Option<Violation> {
    let source = package.source.as_ref()?;
    let name = &package.name;
    let (message, help) = match source.kind {
        Kind::Registry if package.checksum.is_none() => (
            format!("`{name} {}` has no checksum", package.version),
            "restore it: `cargo update --workspace` fills in what is missing",
        ),
        Kind::Registry if !package.has_checksum() => (
            format!("the checksum of `{name} {}` is none: it is not 64 hex digits in lower case", package.version),
            "delete its line, then `cargo update --workspace` fills in what the registry says",
        ),
        Kind::Git => git(name, source)?,
        _ => return None,
    };
    let mut violation = Violation::new(Surface::Lockfile, name.clone(), package.span, message);
    violation.locked = Some(package.version.clone());
    violation.help = Some(help.to_owned());
    Some(violation)
}

fn git(name: &str, source: &SourceId) -> Option<(String, &'static str)> {
    let Some(commit) = source.commit() else {
        return Some((
            format!("`{name}` is locked to no full commit"),
            "run `cargo update --workspace`, which writes the full id",
        ));
    };
    match &source.reference {
        Some(("rev", rev)) if is_full_commit(rev) && !rev.eq_ignore_ascii_case(commit) => Some((
            format!(
                "`{name}` asks for commit {}… and is locked to {}…, which is what cargo builds",
                &rev[..7],
                &commit[..7]
            ),
            "find out which of the two was reviewed, then make both the same",
        )),
        _ => None,
    }
}
