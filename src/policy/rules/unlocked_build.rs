//! `unlocked-build`: a command that lets versions be chosen anew.

use std::collections::HashMap;

use crate::edit::{Edit, Fix};
use crate::policy::finding::{Level, Violation};
use crate::policy::locks::{Held, Locks};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::Surface;
use crate::scanner::shell::{Build, Doubt, Fault};
use crate::text::FileId;

pub(super) static RULE: Rule = Rule {
    id: "unlocked-build",
    surface: Some(Surface::Tool),
    level: Level::Warn,
    require: None,
    summary: "a build in a workflow, Dockerfile or script that may change the lockfile",
    what: "Flags, in workflows, Dockerfiles and shell scripts, the commands of cargo that resolve dependencies (`build`, `check`, \
           `test`, `run`, `doc`, `clippy`, `install`, `publish` and so on; those of `cross`, `cargo nextest`, `cargo hack` and the \
           like too) without `--locked` or `--frozen`; `cargo update` and `cargo generate-lockfile`; and `npm install` without a \
           package. One with an argument that is not known, which may be `--locked`, is not flagged; nor one that \
           cannot take it: `cargo hack --no-dev-deps`, `cargo nextest run --archive-file`.\n\n\
           `fix` writes `--locked` only where the lockfile is sure to be there with all that it is for: not behind what brings \
           other code or changes a manifest, and in an image only where all of that was copied.",
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
    let locks = Locks::of(context.scan);
    // Each file is looked through once, however much it builds.
    let mut held: HashMap<FileId, bool> = HashMap::new();
    let one = |build: &Build| {
        let file = build.span.file;
        let is_held = *held.entry(file).or_insert_with(|| locks.must_be_held(&context.scan.files, file));
        violation(context, build, &locks, is_held)
    };
    context.scan.builds.iter().map(one).collect()
}

fn violation(context: &Context<'_>, build: &Build, locks: &Locks<'_>, is_held: bool) -> Violation {
    let Build { command, span, fault, .. } = build;
    let is_cargo = command.starts_with('c');
    let is_known = !is_cargo || locks.is_known(build, &context.scan.files);
    let may_be_in = |directories| is_cargo && locks.may_be_in(directories, context.scan.files.text(span.file), *span);
    let is_stale = may_be_in(&locks.stale);
    let held = match if is_cargo { locks.cargo } else { locks.npm } {
        Held::Part if is_cargo && is_held => Held::All,
        held => held,
    };
    let message = match fault {
        Fault::Updates => format!("`{command}` chooses versions anew"),
        Fault::Unlocked if held == Held::Nothing => {
            let lock = if is_cargo { "Cargo.lock" } else { "package-lock.json" };
            format!("`{command}` chooses all versions anew: there is no {lock} to hold them")
        }
        // Of the repository's own packages too: it does not even read the lockfile.
        Fault::Ignores | Fault::Unlocked if command == "cargo install" => {
            "`cargo install` without `--locked` chooses the versions of what it builds anew".to_owned()
        }
        Fault::Unlocked if is_cargo => format!("`{command}` without `--locked` may change the lockfile"),
        Fault::Unlocked | Fault::Ignores => format!("`{command}` may change the lockfile"),
    };
    let mut violation = Violation::new(Surface::Tool, command.clone(), *span, message);
    violation.place.clone_from(&build.table);
    violation.subject.clone_from(command);
    let help = match (fault, held) {
        (Fault::Updates, _) => "commit the lockfile that it makes, and build that with `--locked`",
        (Fault::Unlocked, Held::Nothing) if is_cargo => "commit a Cargo.lock, then add `--locked`",
        (Fault::Unlocked, _) if is_cargo && build.doubt == Some(Doubt::NotCopied) => {
            "copy Cargo.lock into the image too, then add `--locked`"
        }
        (Fault::Unlocked, _) if !is_known && build.doubt == Some(Doubt::InPieces) => {
            "copy all that Cargo.lock is for into the image, then add `--locked`"
        }
        (Fault::Unlocked, _) if !is_known => "add `--locked`, where a Cargo.lock comes with what is built",
        (Fault::Unlocked, Held::Nothing) => "commit the package-lock.json that it makes, then use `npm ci`",
        (Fault::Unlocked, _) if is_stale => "bring the stale Cargo.lock up to date, then add `--locked`",
        (Fault::Unlocked, Held::Part) if is_cargo && !locks.bare.is_empty() => {
            "add `--locked` where that has a Cargo.lock, and commit one where it has none"
        }
        (Fault::Unlocked, _) if !is_cargo => "use `npm ci`, which takes what the lockfile holds",
        _ => "add `--locked`",
    };
    violation.help = Some(help.to_owned());
    if *fault == Fault::Ignores || is_known && held == Held::All && !is_stale {
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
