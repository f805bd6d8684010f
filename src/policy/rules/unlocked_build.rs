//! `unlocked-build`: a command that lets versions be chosen anew.

use std::collections::HashMap;

use crate::edit::{Edit, Fix};
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::Surface;
use crate::scanner::shell::{Build, Doubt, Fault};
use crate::source::is_below;
use crate::text::{FileId, Files, Span};

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
           cannot take it: `cargo hack --no-dev-deps`, `cargo nextest run --archive-file`.",
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
    let locks = Locks::of(context);
    // Each file is looked through once, however much it builds.
    let mut held: HashMap<FileId, bool> = HashMap::new();
    let one = |build: &Build| {
        let file = build.span.file;
        let is_held = *held.entry(file).or_insert_with(|| locks.must_be_held(&context.scan.files, file));
        violation(context, build, &locks, is_held)
    };
    context.scan.builds.iter().map(one).collect()
}

/// How many bytes ahead of a command, and behind it on its line, may name the directory that it runs in.
const NEAR: usize = 200;

/// The most workspaces with a stale lockfile, or without one, whose names are looked for; of more, each command may mean one.
const MOST_NAMED: usize = 64;

/// How a command is said to run in a directory, or a manifest to be one, that is not written out.
const ANYWHERE: [&str; 7] =
    ["directory: ${{", "cd $", "cd \"$", "pushd $", "pushd \"$", "manifest-path $", "manifest-path \"$"];

/// Which lockfiles there are: where there is none, a build with `--locked` fails, and so does `npm ci`.
struct Locks<'s> {
    cargo: Held,
    npm: Held,
    /// The directories of the workspaces whose lockfile cargo would refuse with `--locked`.
    stale: Vec<&'s str>,
    /// The directories of those that have none.
    bare: Vec<&'s str>,
    /// Whether there is one at the root, which a command takes that names no other.
    has_root: bool,
    /// Whether that at the root has one package alone.
    is_single: bool,
    /// The directories of packages that have their lockfile further up.
    members: Vec<&'s str>,
}

/// How many of an ecosystem's projects have a lockfile.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Each of them.
    All,
    /// Some of them, or nothing is known of any.
    Part,
    /// None of them.
    Nothing,
}

impl Held {
    fn of(has_lock: impl Iterator<Item = bool>) -> Self {
        let all: Vec<bool> = has_lock.collect();
        match all.iter().filter(|has_lock| **has_lock).count() {
            _ if all.is_empty() => Self::Part,
            0 => Self::Nothing,
            count if count == all.len() => Self::All,
            _ => Self::Part,
        }
    }
}

impl<'s> Locks<'s> {
    fn of(context: &Context<'s>) -> Self {
        let workspaces = context.scan.workspaces.iter();
        let workspaces = workspaces.filter(|workspace| workspace.lock.is_some() || workspace.has_dependencies);
        let stale = context.scan.workspaces.iter().filter(|workspace| !workspace.differences.is_empty());
        let bare = context.scan.workspaces.iter().filter(|workspace| workspace.lock.is_none());
        let bare = bare.filter(|workspace| workspace.has_dependencies);
        let root = context.scan.workspaces.iter().find(|workspace| workspace.directory.is_empty());
        let members = context.scan.workspaces.iter().flat_map(|workspace| {
            let members = workspace.members.iter().map(|member| member.directory.as_str());
            members.filter(|directory| **directory != workspace.directory)
        });
        let projects = context.scan.projects.iter().filter(|project| project.surface == Surface::Npm);
        let is_npms = |path: &str| path.ends_with("package-lock.json") || path.ends_with("npm-shrinkwrap.json");
        let has_npms = |lock: Option<FileId>| lock.is_some_and(|lock| is_npms(context.scan.files.path(lock)));
        Self {
            cargo: Held::of(workspaces.map(|workspace| workspace.lock.is_some())),
            npm: Held::of(projects.map(|project| has_npms(project.lock))),
            stale: stale.map(|workspace| workspace.directory.as_str()).collect(),
            bare: bare.map(|workspace| workspace.directory.as_str()).collect(),
            has_root: root.is_some(),
            is_single: root.is_some_and(|root| {
                root.packages.len() == 1 && root.members.iter().any(|member| member.directory.is_empty())
            }),
            members: members.collect(),
        }
    }

    /// Whether what a command builds is known to have the lockfile that it has in the repository.
    fn is_known(&self, build: &Build, files: &Files) -> bool {
        let path = files.path(build.span.file);
        // An image may be built from where its file lies.
        let is_clear = || !self.members.iter().any(|directory| is_below(path, directory));
        match build.doubt {
            None => true,
            Some(Doubt::Context) => is_clear(),
            Some(Doubt::InPieces) => self.is_single && is_clear(),
            Some(Doubt::Brought | Doubt::Outside | Doubt::NotCopied) => false,
        }
    }

    /// Whether the commands of a file build nothing that has no lockfile: it names none of those directories, lies in none of them, and
    /// there is a lockfile at the root.
    fn must_be_held(&self, files: &Files, file: FileId) -> bool {
        if !self.has_root || self.bare.is_empty() || self.bare.len() > MOST_NAMED {
            return false;
        }
        let (path, text) = (files.path(file), files.text(file));
        let is_meant = |directory: &&str| {
            let name = directory.rsplit('/').next().unwrap_or_default();
            name.is_empty() || is_below(path, directory) || text.contains(name)
        };
        // A directory that is not written out may be any.
        let is_open = ANYWHERE.iter().any(|part| text.contains(part));
        !is_open && !self.bare.iter().any(is_meant)
    }

    /// Whether a command may build what is in one of these directories: that of the root, where there is one, or one that is named
    /// there or a line ahead of it. Without a workspace at the root it may be any.
    fn may_be_in(&self, directories: &[&str], text: &str, span: Span) -> bool {
        let range = span.range();
        let start = text.floor_char_boundary(range.start.saturating_sub(NEAR));
        let behind = text.get(range.end..text.floor_char_boundary(range.end.saturating_add(NEAR))).unwrap_or_default();
        let end = range.end + behind.find('\n').unwrap_or(behind.len());
        let near = text.get(start..end).unwrap_or_default();
        let is_meant = |directory: &&str| directory.is_empty() || !self.has_root || near.contains(*directory);
        directories.len() > MOST_NAMED || directories.iter().any(is_meant)
    }
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
