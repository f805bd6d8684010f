//! `source-override`: cargo's configuration takes dependencies from elsewhere.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::cargo::config::Config;
use crate::scanner::cargo::source_id::Kind;
use crate::scanner::dependency::Surface;
use crate::source::is_below;

pub(super) static RULE: Rule = Rule {
    id: "source-override",
    surface: Some(Surface::Crate),
    level: Level::Warn,
    require: None,
    summary: "cargo's configuration takes dependencies from elsewhere",
    what: "Flags, in each `.cargo/config.toml` of the repository and what it includes: `paths`, each entry of `[patch]`, and a \
           `[source]` that replaces a registry where a lockfile has a package without a checksum to hold the replacement to. \
           Vendoring and mirrors whose packages all have checksums are fine. A `[patch]` there that floats is a finding of \
           `unpinned-git` or `unpinned-crate` besides.",
    why: "The manifest names one thing, and the build takes another: `paths` replaces packages without a trace in the \
          lockfile, and a patch in the configuration is easily missed in a review of manifests.",
    example: Example {
        file: ".cargo/config.toml",
        fails: include_str!("../../../fixtures/rules/source-override/fail/.cargo/config.toml"),
        passes: include_str!("../../../fixtures/rules/source-override/pass/.cargo/config.toml"),
    },
    allow: "For a patch that is needed for a while: move it to `[patch]` in the root manifest, where it is reviewed.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    context.scan.configs.iter().flat_map(|config| overrides(context, config)).collect()
}

fn overrides(context: &Context<'_>, config: &Config) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(span) = config.paths {
        let message = "`paths` replaces packages without a trace in the lockfile";
        let mut violation = Violation::new(Surface::Crate, "paths", span, message);
        violation.help = Some("use `[patch]` in the root manifest instead".to_owned());
        violations.push(violation);
    }
    for patch in &config.patches {
        let message = format!("`{}` is patched in cargo's configuration, not in a manifest", patch.key);
        let mut violation = Violation::new(Surface::Crate, patch.key.clone(), patch.key_span, message);
        violation.place.clone_from(&patch.heading.table);
        violation.help = Some("move it to `[patch]` in the root manifest".to_owned());
        violations.push(violation);
    }
    for (source, with) in config.replacements.iter().filter(|(source, _)| !source.starts_with("git+")) {
        let Some(unheld) = unheld(context, config) else {
            continue;
        };
        let message = format!("source `{source}` is replaced by `{}`, and {unheld} to hold it to", with.value);
        let mut violation = Violation::new(Surface::Crate, source.clone(), with.span, message);
        violation.help = Some("commit a lockfile in which every package has its checksum".to_owned());
        violations.push(violation);
    }
    violations
}

/// What is missing to hold a replaced registry to, in the workspaces that the configuration counts for.
fn unheld(context: &Context<'_>, config: &Config) -> Option<String> {
    let workspaces =
        context.scan.workspaces.iter().filter(|workspace| is_below(&workspace.directory, &config.directory));
    workspaces.filter(|workspace| workspace.has_dependencies).find_map(|workspace| {
        let Some(lock) = &workspace.lock else {
            return Some("there is no lockfile".to_owned());
        };
        let is_bare = |package: &&crate::scanner::cargo::lockfile::LockedPackage| {
            !package.has_checksum() && package.source.as_ref().is_some_and(|source| source.kind == Kind::Registry)
        };
        let bare = lock.packages.iter().find(is_bare)?;
        Some(format!("`{}` has no checksum in the lockfile", bare.name))
    })
}
