//! `lock-stale`: a lockfile that `cargo --locked` would refuse.

use std::collections::HashMap;

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::Scan;
use crate::scanner::cargo::requirement::Requirement;
use crate::scanner::cargo::staleness::{Difference, What};
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "lock-stale",
    surface: Some(Surface::Lockfile),
    level: Level::Deny,
    require: None,
    summary: "a lockfile that `cargo --locked` would refuse",
    what: "Compares each Cargo.lock with the manifests, without running cargo: every member's entry and version, its edges \
           as a set against its declarations of every kind and target, packages that nothing reaches, edges that lead nowhere, \
           and patches in use and unused. It says which declaration the lockfile misses, and what it has instead.\n\n\
           What it cannot see: features that switch on optional dependencies of other packages, those packages' own edges, \
           manifests outside of the repository or in submodules, and `[patch]` in cargo's configuration above the root. A clean \
           result means \"not known to be stale\".",
    why: "Without `--locked`, cargo mends a stale lockfile silently, with whatever is newest that day; with it, the build \
          fails, in CI and not on the machine of the one who forgot to commit it.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/lock-stale/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/lock-stale/pass/Cargo.lock"),
    },
    allow: "For a workspace that nobody builds; better still, exclude it.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let differences = context.scan.workspaces.iter().flat_map(|workspace| &workspace.differences);
    let exact = Exact::of(context.scan);
    differences.map(|difference| violation(context.scan, &exact, difference)).collect()
}

/// What is asked for at one exact version.
struct Exact<'s> {
    /// The declarations, by package.
    declarations: HashMap<&'s str, Vec<&'s Dependency>>,
    /// Which workspace a manifest belongs to.
    workspaces: HashMap<FileId, usize>,
}

impl<'s> Exact<'s> {
    fn of(scan: &'s Scan) -> Self {
        let mut declarations: HashMap<&str, Vec<&Dependency>> = HashMap::new();
        let is_exact = |one: &&Dependency| one.pin == Pin::Exact && matches!(one.origin, Origin::Registry(_));
        for one in scan.dependencies.iter().filter(is_exact) {
            declarations.entry(&one.package).or_default().push(one);
        }
        let mut workspaces = HashMap::new();
        for (at, workspace) in scan.workspaces.iter().enumerate() {
            let files = workspace.members.iter().map(|member| member.file).chain([workspace.root]);
            for file in files {
                workspaces.entry(file).or_insert(at);
            }
        }
        Self { declarations, workspaces }
    }
}

fn violation(scan: &Scan, exact: &Exact<'_>, difference: &Difference) -> Violation {
    let name = &difference.name;
    let mut violation =
        Violation::new(Surface::Lockfile, name.clone(), difference.span, message(name, &difference.what));
    violation.about = difference.manifest;
    violation.help = Some("bring it up to date with `cargo update --workspace`, and commit it".to_owned());
    if let Some(conflict) = conflict(scan, exact, difference) {
        violation.help = Some(conflict);
    }
    violation
}

fn message(name: &str, what: &What) -> String {
    match what {
        What::Absent { version } => format!("`{name} {version}` is not in the lockfile"),
        What::Version { manifest, locked } => {
            format!("`{name}` is {manifest}, the lockfile has {locked}")
        }
        What::Checksum => {
            format!("`{name}` comes from no registry and has a checksum: cargo refuses it")
        }
        What::Unmet { owner, wants, has, .. } if has.is_empty() => {
            format!("{owner} needs {wants}, the lockfile has no `{name}`")
        }
        What::Unmet { owner, wants, has, .. } => {
            format!("{owner} needs {wants}, the lockfile has {}", has.join(" and "))
        }
        What::Unlisted(owner, wants) => {
            format!("{owner} needs {wants}, which is not among its dependencies in the lockfile")
        }
        What::Surplus { owner } => {
            format!("{owner} does not depend on `{name}`, the lockfile says that it does")
        }
        What::Dangling { owner } => {
            format!("{owner} needs `{name}`, and which package that is the lockfile does not say")
        }
        What::Unpatched { owner, url } => {
            format!(
                "`{owner}` needs `{name}` from a registry, and the lockfile has it from {url}: no `[patch]` says so"
            )
        }
        What::Unreached { version } => format!("nothing depends on `{name} {version}`"),
        What::Patch => format!("the patch of `{name}` is neither in use nor listed as unused"),
        What::Replace { is_named: true } => {
            format!("`[replace]` names `{name}`, the lockfile does not replace it")
        }
        What::Replace { is_named: false } => {
            format!("the lockfile replaces `{name}`, no `[replace]` names it")
        }
        What::UnusedPatch => {
            format!("a patch of `{name}` is listed as unused, and no manifest has one that is")
        }
    }
}

/// Two exact requirements of one compatible range, which no lockfile can satisfy together.
fn conflict(scan: &Scan, exact: &Exact<'_>, difference: &Difference) -> Option<String> {
    let What::Unmet { declared, .. } = &difference.what else {
        return None;
    };
    let all = exact.declarations.get(difference.name.as_str())?;
    let ours = all.iter().find(|dependency| dependency.span == *declared)?;
    let version = |dependency: &Dependency| {
        let text = dependency.requirement.as_deref()?.trim_matches(' ').trim_start_matches('=').trim_matches(' ');
        semver::Version::parse(text).ok()
    };
    let (mine, compatible) = (version(ours)?, Requirement::parse(&format!("^{}", version(ours)?)));
    let clashes = |dependency: &Dependency| {
        version(dependency).is_some_and(|theirs| {
            theirs != mine && (compatible.admits(&theirs) || Requirement::parse(&format!("^{theirs}")).admits(&mine))
        })
    };
    let of = |dependency: &Dependency| exact.workspaces.get(&dependency.span.file);
    let theirs = all.iter().filter(|theirs| of(theirs) == of(ours)).find(|theirs| clashes(theirs))?;
    let place = |dependency: &Dependency| scan.files.path(dependency.span.file).to_owned();
    Some(format!(
        "no lockfile can satisfy both `{}` in {} and `{}` in {}: make them agree",
        ours.requirement.as_deref().unwrap_or_default(),
        place(ours),
        theirs.requirement.as_deref().unwrap_or_default(),
        place(theirs),
    ))
}
