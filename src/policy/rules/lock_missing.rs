//! `lock-missing`: dependencies, and no lockfile.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::Surface;
use crate::scanner::project::Project;

pub(super) static RULE: Rule = Rule {
    id: "lock-missing",
    surface: Some(Surface::Lockfile),
    level: Level::Deny,
    require: None,
    summary: "a workspace or standalone package without a lockfile",
    what: "Flags each workspace, and each package that stands alone, that declares dependencies and has no Cargo.lock beside \
           its root manifest. One without any dependency is let off, although `cargo --locked` would refuse it. So is each \
           package.json that declares what has to be fetched, and neither it nor the workspace that claims it has a lockfile \
           of npm, pnpm, Yarn or Bun.",
    why: "Without a lockfile every build resolves anew: all that the dependencies depend on floats, however exactly the direct \
          ones are pinned.",
    example: Example {
        file: "Cargo.toml",
        fails: include_str!("../../../fixtures/rules/lock-missing/fail/Cargo.toml"),
        passes: include_str!("../../../fixtures/rules/lock-missing/pass/Cargo.toml"),
    },
    allow: "For a repository whose packages are only ever built as dependencies of others.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let missing =
        context.scan.workspaces.iter().filter(|one| one.lock.is_none() && one.has_dependencies && !one.is_lost);
    let missing = missing.map(|workspace| {
        let package = workspace.members.iter().find(|member| member.file == workspace.root);
        let name = package.map_or_else(|| workspace.directory.clone(), |member| member.name.clone());
        let what = if package.is_some() && workspace.members.len() == 1 { "package" } else { "workspace" };
        let message = format!("no Cargo.lock: what this {what} depends on is resolved anew by every build");
        let mut violation = Violation::new(Surface::Lockfile, name, workspace.top(), message);
        violation.help = Some("run `cargo generate-lockfile` and commit Cargo.lock".to_owned());
        violation
    });
    let projects = context.scan.projects.iter().filter(|project| project.lock.is_none() && project.has_dependencies);
    missing.chain(projects.map(of_project)).collect()
}

/// What is wrong with a project of another ecosystem.
fn of_project(project: &Project) -> Violation {
    let message = "no lockfile: what this project depends on is resolved anew by every install";
    let mut violation = Violation::new(Surface::Lockfile, project.name.clone(), project.top(), message);
    violation.help =
        Some(format!("run `{}`, or what makes the lockfile that you use, and commit it", project.makes_lock));
    violation
}
