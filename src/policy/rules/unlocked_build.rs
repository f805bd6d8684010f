//! `unlocked-build`: a command that lets versions be chosen anew.

use crate::edit::{Edit, Fix};
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::Surface;
use crate::scanner::shell::{Build, Fault};

pub(super) static RULE: Rule = Rule {
    id: "unlocked-build",
    surface: Some(Surface::Tool),
    level: Level::Warn,
    require: None,
    summary: "a build in a workflow, Dockerfile or script that may change the lockfile",
    what: "Flags, in workflows, Dockerfiles and shell scripts, the commands of cargo that resolve dependencies (`build`, `check`, \
           `test`, `run`, `doc`, `clippy`, `install`, `publish` and so on; those of `cross`, `cargo nextest`, `cargo hack` and the \
           like too) without `--locked` or `--frozen`; `cargo update` and `cargo generate-lockfile`; and `npm install` without a \
           package. One with an argument that is not known, which may be `--locked`, is not flagged.",
    why: "Without `--locked` cargo brings a lockfile that misses something up to date as it builds, and says nothing: what was \
          tested is then not what was committed. `cargo install` does not even read the lockfile of what it installs.",
    example: Example {
        file: "build.sh",
        fails: include_str!("../../../fixtures/rules/unlocked-build/fail/build.sh"),
        passes: include_str!("../../../fixtures/rules/unlocked-build/pass/build.sh"),
    },
    allow: "For a job that tries the newest dependencies on purpose, beside one that builds what is locked.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    // Where there is no lockfile, a build with `--locked` fails.
    let workspaces = &context.scan.workspaces;
    let has_lock = !workspaces.is_empty()
        && workspaces.iter().all(|workspace| workspace.lock.is_some() || !workspace.has_dependencies);
    context.scan.builds.iter().map(|build| violation(build, has_lock)).collect()
}

fn violation(build: &Build, has_lock: bool) -> Violation {
    let Build { command, span, .. } = build;
    let is_cargo = command.starts_with("c");
    let message = match build.fault {
        Fault::Updates => format!("`{command}` chooses versions anew"),
        Fault::Unlocked if command == "cargo install" => {
            "`cargo install` without `--locked` chooses the versions of what it builds anew".to_owned()
        }
        Fault::Unlocked if is_cargo => format!("`{command}` without `--locked` may change the lockfile"),
        Fault::Unlocked => format!("`{command}` may change the lockfile"),
    };
    let mut violation = Violation::new(Surface::Tool, command.clone(), *span, message);
    violation.place.clone_from(&build.table);
    violation.subject.clone_from(command);
    violation.help = Some(match build.fault {
        Fault::Updates => "commit the lockfile that it makes, and build that with `--locked`".to_owned(),
        Fault::Unlocked if is_cargo => "add `--locked`".to_owned(),
        Fault::Unlocked => "use `npm ci`, which takes what the lockfile holds".to_owned(),
    });
    if command == "cargo install" || has_lock {
        violation.fix = fix(build);
    }
    violation
}

fn fix(build: &Build) -> Option<Fix> {
    let site = build.site.as_ref()?;
    let replacement = format!("{}{}", site.before, site.after);
    let title = format!("add{replacement}");
    Some(Fix { title, edits: vec![Edit { span: site.span, replacement }], together: Vec::new() })
}
