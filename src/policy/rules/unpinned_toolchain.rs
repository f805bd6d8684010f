//! `unpinned-toolchain`: a toolchain channel that moves.

use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::cargo::workspace::Workspace;
use crate::scanner::dependency::{Pin, Surface};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-toolchain",
    surface: Some(Surface::Toolchain),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a toolchain channel that moves",
    what: "Flags each `rust-toolchain.toml` and `rust-toolchain` whose channel comes to mean another compiler: `stable`, \
           `beta`, `nightly`, `1.80`, `1.80.0-beta`. Exact are a full version (`1.80.1`), a numbered beta (`1.80.0-beta.2`) and \
           anything dated (`nightly-2026-01-01`). A local or custom toolchain cannot be decided from these files: a warning.",
    why: "A new compiler brings new lints, new code generation and now and then a regression, on a day that nobody chose; and \
          two machines build the same commit with two compilers.",
    example: Example {
        file: "rust-toolchain.toml",
        fails: include_str!("../../../fixtures/rules/unpinned-toolchain/fail/rust-toolchain.toml"),
        passes: include_str!("../../../fixtures/rules/unpinned-toolchain/pass/rust-toolchain.toml"),
    },
    allow: "For a library that is built on purpose with whatever compiler its users have.",
    options: &[(
        "require-file",
        "`true`: there must be a toolchain file at all, at the root of each workspace or above it",
    )],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let loose = context.dependencies(Surface::Toolchain).filter(|dependency| !context.holds(dependency));
    let mut violations: Vec<Violation> = loose
        .map(|dependency| {
            let channel = dependency.requirement.as_deref().unwrap_or_default();
            let message = match dependency.pin {
                Pin::Unknown => format!("which toolchain `{channel}` is cannot be decided from these files"),
                _ => format!("channel `{channel}` comes to mean another toolchain"),
            };
            let mut violation = context.loose(dependency, message);
            violation.help = Some(
                "name a full version, such as `1.95.0`, or a dated channel, such as `nightly-2026-01-01`: by hand, or by \
                 `cargo pinned fix --toolchain 1.95.0`"
                    .to_owned(),
            );
            violation.subject = format!("{} = \"{channel}\"", dependency.name);
            violation
        })
        .collect();
    violations.extend(missing(context));
    violations
}

/// The workspaces at and above whose root no toolchain file names a toolchain, where there must be one.
fn missing(context: &Context<'_>) -> Vec<Violation> {
    let files = &context.scan.files;
    let named: Vec<&str> =
        context.dependencies(Surface::Toolchain).map(|dependency| files.path(dependency.span.file)).collect();
    let covers =
        |toolchain: &&str, directory: &str| crate::source::is_below(directory, crate::source::parent(toolchain));
    let must_have = |workspace: &&Workspace| context.scoped.file(context.id, workspace.top().file).require_file;
    let bare = context.scan.workspaces.iter().filter(must_have);
    let bare = bare.filter(|workspace| !named.iter().any(|file| covers(file, &workspace.directory)));
    bare.map(|workspace| {
        let message = "no rust-toolchain.toml names a toolchain for this workspace";
        let mut violation = Violation::new(Surface::Toolchain, "channel", workspace.top(), message);
        violation.help = Some("add a rust-toolchain.toml with an exact channel".to_owned());
        violation.pin = Some(Pin::Latest);
        violation
    })
    .collect()
}
