//! `unpinned-npm`: a dependency in package.json that admits more than one version.

use crate::edit::{Edit, Fix};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule, is_unused};
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin, Role, Surface};
use crate::source::{is_below, parent};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-npm",
    surface: Some(Surface::Npm),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a dependency in package.json that is not one version: a range, a tag, a git reference",
    what: "Flags each declaration in package.json that can come to mean something else. Exact is a full version, at most \
           one `=` or `v` before it, and what stands so behind `npm:`. Not exact are ranges (`^1.2.3`, `~1.2`, `1.x`, `>=1`, \
           `1.2.3 - 1.2.3`, `*` and the empty string), tags (`latest`), git references that are no full commit id, and \
           archives at a URL unless that has a full commit id or a lockfile holds their hash. `file:`, `link:` and \
           `workspace:` pass while they stay in the repository. Judged are `dependencies`, `devDependencies`, \
           `optionalDependencies`, `overrides`, `resolutions`, `pnpm.overrides`, `packageManager`, and the catalogs of \
           pnpm-workspace.yaml and of Bun; `peerDependencies` where `kinds` names `peer`.",
    why: "`npm update`, an install without the lockfile, and everyone who installs a package of yours take whatever the \
          range admits on that day; a new release of a package runs its scripts on the machine of whoever installs it. \
          Exact versions make each change of a direct dependency a reviewed line. What they depend on themselves is held \
          by the lockfile alone, together with `npm ci`.",
    example: Example {
        file: "package.json",
        fails: include_str!("../../../fixtures/rules/unpinned-npm/fail/package.json"),
        passes: include_str!("../../../fixtures/rules/unpinned-npm/pass/package.json"),
    },
    allow: "In a published library, whose exact versions would burden its users: `require = \"locked\"` lets a range pass \
            while the lockfile holds it to one version with a hash.",
    options: &[("kinds", "which of normal, dev and peer dependencies are judged; normal and dev by default")],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let locks = context.scan.projects.iter().filter_map(|project| project.lock);
    let binary = locks.map(|lock| context.scan.files.path(lock)).filter(|path| path.ends_with("bun.lockb"));
    let binary: Vec<&str> = binary.map(parent).collect();
    let judged = context.dependencies(Surface::Npm);
    let judged = judged.filter(|dependency| !context.holds(dependency));
    judged.map(|dependency| violation(context, dependency, &binary)).collect()
}

/// What is wrong with a declaration; below which directories a lockfile is binary is known.
fn violation(context: &Context<'_>, dependency: &Dependency, binary: &[&str]) -> Violation {
    let mut violation = context.loose(dependency, message(dependency));
    let written = dependency.requirement.as_deref();
    violation.subject = match (dependency.role, written) {
        (Role::Use, Some("")) => format!("\"packageManager\": \"{}\"", dependency.name),
        (Role::Use, Some(written)) => format!("\"packageManager\": \"{}@{written}\"", dependency.name),
        (_, Some(written)) => format!("\"{}\": \"{written}\"", dependency.name),
        (_, None) => dependency.name.clone(),
    };
    if !is_unused(dependency) {
        violation.fix = fix(dependency);
        let path = || parent(context.scan.files.path(dependency.span.file));
        let is_unread = dependency.locked == Locked::Nowhere && binary.iter().any(|root| is_below(path(), root));
        violation.help = Some(help(dependency, is_unread));
    }
    violation
}

fn message(dependency: &Dependency) -> String {
    let written = dependency.requirement.as_deref().unwrap_or_default();
    let shown = format!("`\"{}\": \"{written}\"`", dependency.name);
    match (&dependency.origin, &dependency.invalid) {
        (_, Some(why)) => format!("what {shown} installs cannot be decided from these files: {why}"),
        (Origin::Path { path, .. }, _) => {
            format!("`{}` is taken from `{path}`, outside of this repository", dependency.name)
        }
        (Origin::Git { reference: None, .. }, _) => {
            format!("{shown} follows the default branch of a git repository")
        }
        (Origin::Git { reference: Some((_, reference)), .. }, _) => {
            format!("{shown} is held by `{reference}`, which is not a full commit id")
        }
        (Origin::Url(_), _) => format!("{shown} is whatever stands at that URL"),
        _ if dependency.role == Role::Use && written.is_empty() => {
            format!("`packageManager` names no version of {}", dependency.name)
        }
        _ if dependency.pin == Pin::Unknown => format!("what {shown} installs cannot be decided from these files"),
        _ if dependency.pin == Pin::Latest => format!("{shown} takes whatever is newest"),
        _ => format!("{shown} admits more than one version"),
    }
}

/// The version that the lockfile holds, here and where the lockfile repeats what is written here.
fn fix(dependency: &Dependency) -> Option<Fix> {
    let (locked, site) = (dependency.locked.one()?, dependency.site.as_ref()?);
    let version = version(&locked.version);
    let replacement = format!("{}{version}{}", site.before, site.after);
    let spans = std::iter::once(site.span).chain(dependency.copies.iter().copied());
    let edits = spans.map(|span| Edit { span, replacement: replacement.clone() }).collect();
    Some(Fix { title: format!("pin to {version}"), edits, together: Vec::new() })
}

/// A version without its build metadata, which plays no part.
fn version(locked: &str) -> &str {
    locked.split('+').next().unwrap_or_default()
}

fn help(dependency: &Dependency, is_unread: bool) -> String {
    if dependency.role == Role::Use {
        return format!("name a full version of {}, best with the hash that `corepack use` writes", dependency.name);
    }
    match (&dependency.origin, &dependency.locked) {
        (Origin::Path { .. }, _) => "move it into this repository, or depend on a release of it".to_owned(),
        (Origin::Git { .. }, Locked::One(locked)) if locked.commit.is_some() => {
            let commit = locked.commit.as_deref().unwrap_or_default();
            format!("write `#{commit}`, which the lockfile holds, and bring that along by an install")
        }
        (Origin::Git { .. }, _) => "write a full commit id behind the `#`".to_owned(),
        (Origin::Url(_), _) => {
            "depend on a release of a registry, or commit a lockfile that holds the hash of the archive".to_owned()
        }
        _ if dependency.invalid.is_some() => "write the exact version that is meant, such as `1.2.3`".to_owned(),
        (_, Locked::One(locked)) if dependency.site.is_some() => {
            format!("pin to `{}`, which the lockfile holds", version(&locked.version))
        }
        (_, Locked::One(locked)) => {
            let version = version(&locked.version);
            format!("write `{version}`, which the lockfile holds, and bring that along by an install")
        }
        (_, Locked::Missing) => {
            "the lockfile holds nothing for it: bring it up to date by an install, then pin to what it holds".to_owned()
        }
        _ if matches!(dependency.role, Role::Override | Role::Peer) => {
            "write the exact version that is meant, such as `1.2.3`".to_owned()
        }
        _ if is_unread => {
            "write the exact version that is installed: bun.lockb, a binary file, is not read; `bun install \
             --save-text-lockfile` writes a bun.lock, which is"
                .to_owned()
        }
        _ => "write the exact version that is installed, and commit a lockfile".to_owned(),
    }
}
