//! `checksum-changed`: in a comparison, the same release with another checksum.

use crate::change::checksums::{self, Replaced};
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::dependency::Surface;

pub(super) static RULE: Rule = Rule {
    id: "checksum-changed",
    surface: Some(Surface::Lockfile),
    level: Level::Deny,
    require: None,
    summary: "in a comparison: the same name, version and source with another checksum",
    what: "With `--base`, compares each Cargo.lock with all those of the base: a package of the same name, version and source \
           must have the same checksum. Without `--base` it has nothing to say.",
    why: "A registry does not replace a release. Where its checksum changes, what is built is not what was reviewed under that \
          version: the registry or a mirror serves something else, or someone edited the lockfile.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/checksum-changed/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/checksum-changed/pass/Cargo.lock"),
    },
    allow: "For a registry of your own that lets releases be replaced; better still, forbid that there.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    // One without any checksum is `lock-unverified`.
    let replaced = checksums::replaced(context.bases, context.scan);
    let changed =
        |found: &Replaced<'_>| Some(violation(found.package, found.package.checksum.as_deref()?, &found.before));
    replaced.iter().filter_map(changed).collect()
}

fn violation(package: &LockedPackage, checksum: &str, known: &[&str]) -> Violation {
    let LockedPackage { name, version, .. } = package;
    let short = |text: &str| text.chars().take(8).collect::<String>();
    let before: Vec<String> = known.iter().map(|text| short(text)).collect();
    let message =
        format!("`{name} {version}` has the checksum {}…, and had {}…", short(checksum), before.join("… and "));
    let mut violation = Violation::new(Surface::Lockfile, name.clone(), package.span, message);
    violation.locked = Some(version.clone());
    violation.help =
        Some("a release is never replaced: find out who serves another, before anything is built".to_owned());
    violation
}
