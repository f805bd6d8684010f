//! `outside-path`: a path dependency that leads out of the repository.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::{Origin, PathTarget, Surface};

pub(super) static RULE: Rule = Rule {
    id: "outside-path",
    surface: Some(Surface::Crate),
    level: Level::Deny,
    require: None,
    summary: "a path dependency that leads out of the repository",
    what: "Flags each `path` that leads above the repository's root, is absolute, or leaves by a symbolic link. A path inside \
           the repository, or into a submodule, is pinned by this repository's own commit and passes. A path relative to a \
           `base`, which only cargo's configuration can place, is a warning: it cannot be decided from these files.",
    why: "What lies outside is whatever the machine happens to have there: no commit of this repository holds it, and the \
          lockfile records no checksum for it.",
    example: Example {
        file: "Cargo.toml",
        fails: include_str!("../../../fixtures/rules/outside-path/fail/Cargo.toml"),
        passes: include_str!("../../../fixtures/rules/outside-path/pass/Cargo.toml"),
    },
    allow: "Where a build system lays out several repositories side by side and pins them itself.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let outside = context.dependencies(Surface::Crate).filter_map(|dependency| {
        let Origin::Path { path, target } = &dependency.origin else {
            return None;
        };
        let (message, cap, help) = match target {
            PathTarget::Outside => (
                format!("`{}` is taken from `{path}`, outside of this repository", dependency.name),
                Level::Deny,
                "move it into this repository or a submodule, or depend on a release of it",
            ),
            PathTarget::Unknown => (
                format!("`{}` is taken from `{path}` below a base that cargo's configuration names", dependency.name),
                Level::Warn,
                "make sure that the base is inside this repository",
            ),
            PathTarget::Inside(_) | PathTarget::Foreign => return None,
        };
        let mut violation = context.loose(dependency, message);
        violation.required = None;
        violation.cap = violation.cap.min(cap);
        violation.help.get_or_insert_with(|| help.to_owned());
        violation.subject = format!("{} = {{ path = \"{path}\" }}", dependency.name);
        Some(violation)
    });
    outside.collect()
}
