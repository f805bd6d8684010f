//! `lock-uncommitted`: a lockfile that git does not track.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::Surface;
use crate::source::Tracking;
use crate::text::{FileId, Span};

pub(super) static RULE: Rule = Rule {
    id: "lock-uncommitted",
    surface: Some(Surface::Lockfile),
    level: Level::Deny,
    require: None,
    summary: "a lockfile that git ignores or does not track",
    what: "Flags each Cargo.lock beside a root manifest with dependencies that is not in git's index, whether a rule ignores \
           it or nobody added it, and each lockfile of npm, pnpm, Yarn or Bun likewise. Outside of a git work tree nothing \
           is said.",
    why: "A lockfile that is not committed holds one machine: everyone else, and CI, resolve anew.",
    example: Example {
        file: ".gitignore",
        fails: include_str!("../../../fixtures/rules/lock-uncommitted/fail/gitignore"),
        passes: include_str!("../../../fixtures/rules/lock-uncommitted/pass/gitignore"),
    },
    allow: "For a library whose tests are meant to meet the newest releases; a scheduled job beside the gate does that better.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let scan = context.scan;
    let workspaces = scan.workspaces.iter().filter(|workspace| workspace.has_dependencies);
    let workspaces =
        workspaces.filter_map(|workspace| uncommitted("Cargo.lock", workspace.lock.as_ref()?.file, workspace.tracking));
    let projects = scan.projects.iter().filter(|project| project.has_dependencies);
    let projects = projects.filter_map(|project| {
        let lock = project.lock?;
        let path = scan.files.path(lock);
        uncommitted(path.rsplit('/').next().unwrap_or(path), lock, project.tracking)
    });
    workspaces.chain(projects).collect()
}

fn uncommitted(name: &str, lock: FileId, tracking: Tracking) -> Option<Violation> {
    let (message, help) = match tracking {
        Tracking::Ignored => ("git ignores this lockfile", "remove it from .gitignore, then commit it"),
        Tracking::Untracked => ("git does not track this lockfile", "commit it"),
        Tracking::Tracked | Tracking::Unknown => return None,
    };
    let mut violation = Violation::new(Surface::Lockfile, name, Span::top(lock), message);
    violation.help = Some(help.to_owned());
    Some(violation)
}
