//! `unpinned-crate`: a registry requirement that admits more than one version.

use crate::edit::{Edit, Fix};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, REFUSED, Rule, is_unused, refused};
use crate::scanner::dependency::{Abroad, Dependency, Locked, Origin, Pin, Surface};
use crate::source::parent;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-crate",
    surface: Some(Surface::Crate),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a registry requirement that admits more than one version",
    what: "Flags each version requirement of a registry dependency that is not exact by cargo's own definition: one \
           comparator, `=`, with major, minor and patch. Every table is judged: `[dependencies]`, `[dev-dependencies]` and \
           `[build-dependencies]` (their old spellings with `_` too), the same below `[target.*]`, `[workspace.dependencies]`, \
           `[patch.*]` in manifests and in cargo's configuration. `=1.2` is a range, and so is `0.0.3`. What cargo reads as no \
           requirement at all is told wherever it stands, beside a path too.",
    why: "`cargo update`, a build without `--locked`, and everyone who builds without your lockfile take whatever the range \
          admits on that day. An exact requirement makes each change of a direct dependency a reviewed line. It holds the \
          direct dependencies alone: what holds the rest is Cargo.lock together with `--locked`.",
    example: Example {
        file: "Cargo.toml",
        fails: include_str!("../../../fixtures/rules/unpinned-crate/fail/Cargo.toml"),
        passes: include_str!("../../../fixtures/rules/unpinned-crate/pass/Cargo.toml"),
    },
    allow: "In a published library, whose `=` would burden its users: `require = \"locked\"` lets a range pass while the \
            lockfile holds it to one version with a checksum.",
    options: &[("kinds", "which of normal, build and dev dependencies are judged; all by default")],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let judged = context.dependencies(Surface::Crate);
    let has_version = |dependency: &Dependency| match dependency.origin {
        Origin::Registry(_) | Origin::Nowhere { .. } => true,
        // A version beside a path pins nothing, but cargo reads it.
        _ => dependency.invalid.is_some(),
    };
    let judged = judged.filter(|dependency| has_version(dependency));
    judged.filter(|dependency| !context.holds(dependency)).map(|dependency| violation(context, dependency)).collect()
}

fn violation(context: &Context<'_>, dependency: &Dependency) -> Violation {
    let written = dependency.requirement.as_deref().unwrap_or_default();
    let message = match (&dependency.origin, &dependency.invalid) {
        (Origin::Nowhere { misspelled: Some((key, meant)) }, _) => {
            format!("`{}` names no version: is `{key}` a misspelling of `{meant}`?", dependency.name)
        }
        (Origin::Nowhere { misspelled: None }, _) => {
            format!("`{}` names neither a version nor a path nor a repository: cargo refuses it", dependency.name)
        }
        (_, Some(why)) => refused(dependency, why),
        _ if dependency.pin == Pin::Latest => format!("`{} = \"{written}\"` takes whatever is newest", dependency.name),
        _ => format!("`{} = \"{written}\"` admits more than one version", dependency.name),
    };
    let mut violation = context.loose(dependency, message);
    violation.subject = match &dependency.requirement {
        // What cargo refuses is told by its message.
        _ if dependency.invalid.is_some() || matches!(dependency.origin, Origin::Nowhere { .. }) => String::new(),
        Some(written) => format!("{} = \"{written}\"", dependency.name),
        None => dependency.name.clone(),
    };
    if !is_unused(dependency) {
        match dependency.abroad.as_ref().and_then(|abroad| elsewhere(context, dependency, abroad)) {
            Some(help) => violation.help = Some(help),
            None => {
                violation.fix = fix(dependency);
                violation.help = Some(help(dependency));
            }
        }
    }
    violation
}

/// The exact requirement for what the lockfile holds; build metadata plays no part in matching, so none is written.
fn fix(dependency: &Dependency) -> Option<Fix> {
    let (locked, site) = (dependency.locked.one()?, dependency.site.as_ref()?);
    let version = locked.version.split('+').next().unwrap_or_default();
    let replacement = format!("{}{version}{}", site.before, site.after);
    Some(Fix {
        title: format!("pin to {replacement}"),
        edits: vec![Edit { span: site.span, replacement }],
        together: Vec::new(),
    })
}

/// That the lockfile of another workspace, which builds the same package, holds another version: `=` would make it stale.
fn elsewhere(context: &Context<'_>, dependency: &Dependency, abroad: &Abroad) -> Option<String> {
    let (own, other) = (&dependency.locked.one()?.version, &abroad.locked.version);
    let lock = context.scan.files.path(abroad.lock);
    let (package, directory) = (&dependency.package, parent(lock));
    let place = if directory.is_empty() { "at the root".to_owned() } else { format!("in `{directory}`") };
    Some(format!(
        "Cargo.lock holds {own}, and `{lock}`, which builds it too, {other}: bring both to one version, such as by \
         `cargo update {package}@{other} --precise {own}` {place}, then pin"
    ))
}

fn help(dependency: &Dependency) -> String {
    if dependency.invalid.is_some() || matches!(dependency.origin, Origin::Nowhere { .. }) {
        return REFUSED.to_owned();
    }
    match &dependency.locked {
        Locked::One(locked) => {
            format!("pin to `={}`, which Cargo.lock holds", locked.version.split('+').next().unwrap_or_default())
        }
        Locked::Several(versions) if dependency.used_by.len() > 1 => {
            format!("members resolve it differently ({}): pin each for itself", versions.join(", "))
        }
        Locked::Several(versions) => format!("Cargo.lock holds several that fit ({}): say which", versions.join(", ")),
        Locked::Missing => {
            "Cargo.lock holds no version for it: bring the lockfile up to date, then pin to what it holds".to_owned()
        }
        Locked::Nowhere => "run `cargo generate-lockfile`, then pin to what Cargo.lock holds".to_owned(),
    }
}
