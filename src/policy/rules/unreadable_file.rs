//! `unreadable-file`: what could not be read, and so could not be judged.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};

pub(super) static RULE: Rule = Rule {
    id: "unreadable-file",
    surface: None,
    level: Level::Deny,
    require: None,
    summary: "a file that cannot be parsed or read",
    what: "Flags each file that the scan needs and cannot use: not valid TOML or YAML, not UTF-8, over 32 MiB, a named pipe, a \
           symbolic link that leads out of the repository or nowhere, the markers of an unresolved merge (named as such), and \
           what cargo itself refuses: a member without a manifest, a package twice in a lockfile, an unknown lockfile version. \
           Everything else is judged all the same.",
    why: "What cannot be read cannot be judged, and a gate must not pass what it did not see.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/unreadable-file/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/unreadable-file/pass/Cargo.lock"),
    },
    allow: "Never for a file that a build uses: exclude files that are broken on purpose.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let problems = context.scan.problems.iter();
    problems
        .map(|problem| {
            let path = context.scan.files.path(problem.span.file);
            let name = path.rsplit('/').next().unwrap_or(path);
            Violation::new(crate::scanner::surface(path), name, problem.span, problem.message.clone())
        })
        .collect()
}
