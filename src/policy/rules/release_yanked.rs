//! `release-yanked`: in a comparison, a release that its registry has withdrawn.

use crate::change::releases::arrivals;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::policy::rules::RELEASE_TOO_NEW;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::dependency::Surface;

pub(super) static RULE: Rule = Rule {
    id: "release-yanked",
    surface: Some(Surface::Crate),
    level: Level::Allow,
    require: None,
    summary: "in a comparison: a new release that was withdrawn",
    what: "With `--base`, asks the release index about each release from a registry that no Cargo.lock of the base has, and flags \
           what was yanked. The index is what cargo's cache holds of it, which is as old as cargo's last look; with `--online`, \
           the registry. Whether a release was yanked that the index does not know is not known: that is a finding of level `warn` \
           at most, unless `release-too-new` says it. Without `--base` it has nothing to say.",
    why: "Its author withdrew it: it is broken, or worse. Cargo would not pick it anew, and takes it only where a lockfile has it.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/release-yanked/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/release-yanked/pass/Cargo.lock"),
    },
    allow: "Where nothing else works yet: as an `[[exception]]` with a reason and a day.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    arrivals(context.bases, context.scan).into_iter().filter_map(|(_, package)| judge(context, package)).collect()
}

fn judge(context: &Context<'_>, package: &LockedPackage) -> Option<Violation> {
    let LockedPackage { name, version, .. } = package;
    let release = context.releases.of(package);
    let (message, help, cap) = match release.yanked {
        Some(false) => return None,
        Some(true) => {
            let message = format!("`{name} {version}` was withdrawn by its author (yanked)");
            (message, "take another release, and find out why it was withdrawn", Level::Deny)
        }
        // Then its age is not known either, and that is said already where it matters.
        None if context.scoped.file(RELEASE_TOO_NEW, package.span.file).level != Level::Allow => return None,
        None => {
            let why = release.why.unwrap_or_default();
            let message = format!("whether `{name} {version}` was yanked is not known: {why}");
            (message, "ask the registry with `--online`", Level::Warn)
        }
    };
    let mut violation = Violation::new(Surface::Crate, name.clone(), package.span, message);
    violation.help = Some(help.to_owned());
    violation.locked = Some(version.clone());
    violation.cap = cap;
    Some(violation)
}
