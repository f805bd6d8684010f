//! `unpinned-action`: an action or reusable workflow by anything but a full commit id.

use crate::policy::action::{self, Remotes, is_part_of_commit};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-action",
    surface: Some(Surface::Action),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Content)),
    summary: "an action or reusable workflow by anything but a full commit id",
    what: "Flags each `uses:` of a workflow, or of a composite action, whose reference is not 40 (or 64) hex digits from start to \
           end: a tag, a branch, a short id, or no reference at all, which GitHub refuses. Workflows are read where GitHub \
           (Forgejo, Gitea) runs them, at the root of the repository; `action.yml` anywhere. What is local (`./…`) is \
           held by this repository's own commit. `slsa-framework/slsa-github-generator` passes at a full tag (`v2.1.0`): its \
           workflows find their own builder by the tag that they were called with, and refuse to run without one. `cargo pinned fix \
           --online` pins to the commit that the action's repository has for its reference.",
    why: "A tag and a branch are names that their owner, or whoever takes over that account, can move: the next run gets \
          other code, with this repository's secrets and with the token that it publishes with. It happened to \
          `tj-actions/changed-files` in March 2025: every tag was moved to one malicious commit.",
    example: Example {
        file: ".github/workflows/ci.yml",
        fails: include_str!("../../../fixtures/rules/unpinned-action/fail/.github/workflows/ci.yml"),
        passes: include_str!("../../../fixtures/rules/unpinned-action/pass/.github/workflows/ci.yml"),
    },
    allow: "For actions of your own organisation that are released together with this repository, by an exception on their \
            name (`my-org/*`).",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let judged = context.dependencies(Surface::Action);
    let loose = judged.filter(|dependency| !context.holds(dependency) && !action::must_be_a_tag(dependency));
    let remotes = Remotes::of(context.scan);
    loose.map(|dependency| violation(context, &remotes, dependency)).collect()
}

fn violation(context: &Context<'_>, remotes: &Remotes<'_>, dependency: &Dependency) -> Violation {
    let name = &dependency.name;
    let reference = dependency.requirement.as_deref();
    let is_local = matches!(dependency.origin, Origin::Path { .. });
    let message = match (reference, dependency.pin) {
        (_, Pin::Unknown) if is_local => format!("`{name}` leads out of the repository"),
        (_, Pin::Unknown) => format!("which commit of `{name}` is used cannot be decided from this file"),
        (None, _) => format!("`{name}` names no reference: GitHub refuses it"),
        (Some(tag), Pin::Tag) if is_part_of_commit(tag) => {
            format!("`{name}` is held by `{tag}`, which is not a full commit id")
        }
        (Some(tag), Pin::Tag) => format!("`{name}` is held by the tag `{tag}`, which its owner can move"),
        (Some(branch), _) => format!("`{name}` follows `{branch}`, which moves whenever its owner wants"),
    };
    let mut violation = context.loose(dependency, message);
    if !is_local {
        violation.help = Some(match remotes.url(dependency) {
            Ok(url) if reference.is_some_and(is_part_of_commit) => {
                let reference = reference.unwrap_or_default();
                action::whole(reference, Some(format!("{url}/commit/{reference}")))
            }
            Ok(_) => "`cargo pinned fix --online` pins it to the commit that its repository has for the reference, and keeps the \
                      name as a comment"
                .to_owned(),
            Err(what) => what,
        });
    }
    violation.subject = match reference {
        Some(reference) => format!("{name}@{reference}"),
        None => name.clone(),
    };
    violation
}
