//! `unpinned-action`: an action or reusable workflow by anything but a full commit id.

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
           workflows find their own builder by the tag that they were called with, and refuse to run without one.",
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

/// Actions that tell by their reference what they install: a commit id says nothing of it, and an input has to.
const SELECTORS: [(&str, &str); 3] =
    [("dtolnay/rust-toolchain", "toolchain"), ("taiki-e/install-action", "tool"), ("dtolnay/install", "crate")];

fn check(context: &Context<'_>) -> Vec<Violation> {
    let judged = context.dependencies(Surface::Action);
    let loose = judged.filter(|dependency| !context.holds(dependency) && !must_be_a_tag(dependency));
    loose.map(|dependency| violation(context, dependency)).collect()
}

/// Whether it is at a full tag, and would not run at a commit.
fn must_be_a_tag(dependency: &Dependency) -> bool {
    let is_generator = dependency.name.starts_with("slsa-framework/slsa-github-generator/.github/workflows/");
    let version = dependency.requirement.as_deref().and_then(|tag| tag.strip_prefix('v'));
    is_generator && version.is_some_and(|version| semver::Version::parse(version).is_ok())
}

fn violation(context: &Context<'_>, dependency: &Dependency) -> Violation {
    let name = &dependency.name;
    let reference = dependency.requirement.as_deref();
    let is_local = matches!(dependency.origin, Origin::Path { .. });
    let message = match (reference, dependency.pin) {
        (_, Pin::Unknown) if is_local => format!("`{name}` leads out of the repository"),
        (_, Pin::Unknown) => format!("which commit of `{name}` is used cannot be decided from this file"),
        (None, _) => format!("`{name}` names no reference: GitHub refuses it"),
        (Some(tag), Pin::Tag) if tag.bytes().all(|byte| byte.is_ascii_hexdigit()) && tag.len() >= 7 => {
            format!("`{name}` is held by `{tag}`, which is not a full commit id")
        }
        (Some(tag), Pin::Tag) => format!("`{name}` is held by the tag `{tag}`, which its owner can move"),
        (Some(branch), _) => format!("`{name}` follows `{branch}`, which moves whenever its owner wants"),
    };
    let mut violation = context.loose(dependency, message);
    if !is_local {
        violation.help = Some(help(dependency));
    }
    violation.subject = match reference {
        Some(reference) => format!("{name}@{reference}"),
        None => name.clone(),
    };
    violation
}

fn help(dependency: &Dependency) -> String {
    let name = &dependency.name;
    let Some(reference) = &dependency.requirement else {
        return format!("add `@` and a full commit id: `{name}@<commit>`");
    };
    if dependency.pin == Pin::Unknown {
        return "name a full commit id".to_owned();
    }
    let by_input = SELECTORS.iter().find(|(action, _)| name.eq_ignore_ascii_case(action));
    if let Some((_, input)) = by_input.filter(|_| selects(reference)) {
        return format!(
            "pin to a full commit id of its default branch, and move what the reference selects into an input, which a \
             commit does not tell: `with: {input}: {reference}`"
        );
    }
    let mut parts = name.splitn(3, '/');
    let (owner, repository) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let url = if name.contains("://") { name.clone() } else { format!("https://github.com/{owner}/{repository}") };
    // Of an annotated tag, the commit stands in the second line: the first has the id of the tag itself.
    format!(
        "pin to the full commit id in the last line of `git ls-remote {url} {reference} '{reference}^{{}}'`, and keep \
         the name behind it: `# {reference}`"
    )
}

/// Whether a reference of such an action selects what it installs; `v1` and the default branch select nothing.
fn selects(reference: &str) -> bool {
    let version = reference.strip_prefix('v').unwrap_or(reference);
    let is_own = reference.starts_with('v') && version.starts_with(|c: char| c.is_ascii_digit());
    let is_commit = reference.len() >= 7 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_own && !is_commit && !matches!(reference, "main" | "master")
}
