//! `checksum-changed`: in a comparison, the same release with another checksum.

use std::collections::{HashMap, HashSet};

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::Scan;
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

/// A release: name, version and source, as cargo tells sources apart: another spelling of a registry is the same one.
type Release<'a> = (&'a str, &'a str, &'a str);

fn check(context: &Context<'_>) -> Vec<Violation> {
    let mut before: HashMap<Release<'_>, HashSet<&str>> = HashMap::new();
    for package in context.bases.iter().flat_map(packages) {
        if let Some((release, checksum)) = release(package) {
            before.entry(release).or_default().insert(checksum);
        }
    }
    if before.is_empty() {
        return Vec::new();
    }
    let changed = |package: &LockedPackage| {
        let (release, checksum) = release(package)?;
        let known = before.get(&release).filter(|known| !known.contains(checksum))?;
        Some(violation(package, checksum, known))
    };
    packages(context.scan).filter_map(changed).collect()
}

fn packages(scan: &Scan) -> impl Iterator<Item = &LockedPackage> {
    scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_ref()).flat_map(|lock| &lock.packages)
}

fn release(package: &LockedPackage) -> Option<(Release<'_>, &str)> {
    let checksum = package.checksum.as_deref()?;
    Some(((&package.name, &package.version, package.source.as_ref()?.identity()), checksum))
}

fn violation(package: &LockedPackage, checksum: &str, known: &HashSet<&str>) -> Violation {
    let LockedPackage { name, version, .. } = package;
    let short = |text: &str| text.chars().take(8).collect::<String>();
    let mut before: Vec<String> = known.iter().map(|text| short(text)).collect();
    before.sort();
    let message =
        format!("`{name} {version}` has the checksum {}…, and had {}…", short(checksum), before.join("… and "));
    let mut violation = Violation::new(Surface::Lockfile, name.clone(), package.span, message);
    violation.locked = Some(version.clone());
    violation.help =
        Some("a release is never replaced: find out who serves another, before anything is built".to_owned());
    violation
}
