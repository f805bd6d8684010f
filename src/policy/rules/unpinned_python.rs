//! `unpinned-python`: a Python requirement that admits more than one version.

use std::collections::HashMap;

use crate::edit::{Edit, Fix};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin, PinSite, Role, Surface};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-python",
    surface: Some(Surface::Python),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a Python requirement that admits more than one version",
    what: "Flags each requirement that is not held by `==` without `.*` or by `===`: in requirements files, with those that they \
           take in by `-r`, and in `[project]`, `[dependency-groups]`, `[build-system] requires` and the tables of uv, Poetry, PDM \
           and Hatch in pyproject.toml, and in a Pipfile. A URL needs a hash (or a full commit id in its path), a repository a full \
           commit id. What a constraints file (`-c`) holds to one version is held; a constraint that only narrows is a warning. A \
           requirements.in beside the requirements.txt that was compiled from it is left out: that one is what is installed. setup.py \
           and setup.cfg are not read, and `requires-python` is no dependency.",
    why: "An installer takes the newest release that fits on that day, so a build changes without a commit. What builds a \
          package (`[build-system] requires`) is fetched anew each time, and no lockfile holds it.",
    example: Example {
        file: "pyproject.toml",
        fails: include_str!("../../../fixtures/rules/unpinned-python/fail/pyproject.toml"),
        passes: include_str!("../../../fixtures/rules/unpinned-python/pass/pyproject.toml"),
    },
    allow: "In a library on an index, whose `==` would burden its users: `require = \"locked\"` in a scope lets a range pass while \
            uv.lock, poetry.lock, pdm.lock, pylock.toml or Pipfile.lock holds it to one version with a hash. Without such a \
            lockfile it does not pass: there is no `lock-missing` for Python. What builds the library is in no lockfile: pin it, \
            or leave it out by `kinds = [\"normal\", \"dev\"]`.",
    options: &[("kinds", "which of normal, build and dev dependencies are judged; all by default")],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let mut together: HashMap<Span, Vec<usize>> = HashMap::new();
    for dependency in context.scan.dependencies.iter().filter(|one| one.surface == Surface::Python) {
        if let Some(site) = dependency.repeated.iter().flat_map(|repeated| &repeated.sites).next() {
            together.entry(site.span).or_default().push(dependency.index);
        }
    }
    let judged = context.dependencies(Surface::Python);
    judged.filter(|one| !holds(context, one)).map(|one| violation(context, one, &together)).collect()
}

/// Whether a declaration holds as tightly as it must: under `locked`, one that no lockfile is about does not.
fn holds(context: &Context<'_>, dependency: &Dependency) -> bool {
    let is_unheld = dependency.pin < Pin::Exact && dependency.locked == Locked::Nowhere;
    context.holds(dependency) && !(is_unheld && context.require(dependency) == Require::Locked)
}

fn violation(context: &Context<'_>, dependency: &Dependency, together: &HashMap<Span, Vec<usize>>) -> Violation {
    let mut violation = context.loose(dependency, message(dependency));
    violation.subject = match &dependency.origin {
        Origin::Surface => written(dependency),
        _ => dependency.name.clone(),
    };
    if narrows(dependency) {
        violation.cap = Level::Warn;
    }
    violation.fix = fix(context, dependency, together);
    violation.help = help(context, dependency, violation.fix.is_some());
    violation
}

/// The requirement as it stands, without its marker.
fn written(dependency: &Dependency) -> String {
    let requirement = dependency.requirement.as_deref().unwrap_or_default();
    let is_table = dependency.table.starts_with("tool.poetry.") || requirement == "*";
    match dependency.pin {
        Pin::Unknown => requirement.to_owned(),
        _ if is_table => format!("{} = \"{requirement}\"", dependency.name),
        _ => format!("{}{requirement}", dependency.name),
    }
}

/// Whether a declaration installs nothing, and only narrows what others require.
fn narrows(dependency: &Dependency) -> bool {
    dependency.role == Role::Override && dependency.table != "tool.uv.override-dependencies"
}

fn message(dependency: &Dependency) -> String {
    let (name, written) = (&dependency.name, written(dependency));
    match &dependency.origin {
        Origin::Git { reference: None, .. } => format!("`{name}` follows the default branch of a repository"),
        Origin::Git { reference: Some((_, reference)), .. } if dependency.pin == Pin::Latest => {
            format!("`{name}` follows the branch `{reference}` of a repository")
        }
        Origin::Git { reference: Some((_, reference)), .. } => {
            format!("`{name}` is held by `{reference}`, which is not a full commit id")
        }
        Origin::Path { path, .. } => {
            format!(
                "`{name}` is the path `{path}`, which leads out of the repository, where no commit of it pins anything"
            )
        }
        Origin::Url(url) if url == name && dependency.pin == Pin::Latest => {
            "a requirements file from elsewhere can say anything on any day".to_owned()
        }
        Origin::Url(_) => format!("`{name}` comes from a URL without a hash: what is there can be replaced"),
        _ if dependency.pin == Pin::Unknown => format!("`{written}` is decided where it is installed"),
        _ if dependency.pin == Pin::Latest => format!("`{written}` takes whatever is newest"),
        _ if narrows(dependency) => format!("the constraint `{written}` admits more than one version"),
        _ => format!("`{written}` admits more than one version"),
    }
}

/// What a lockfile's tool makes of an edit of the manifest, by the lockfile's name.
enum Lockfile {
    /// It repeats each requirement, and is edited along with it.
    Repeats,
    /// It does not say what it was made from.
    Silent,
    /// It holds a hash of the manifest; the command that makes a new one.
    Hashes(&'static str),
}

impl Lockfile {
    fn of(name: &str) -> Self {
        match name {
            "uv.lock" => Self::Repeats,
            "poetry.lock" => Self::Hashes("poetry lock"),
            "pdm.lock" => Self::Hashes("pdm lock"),
            "Pipfile.lock" => Self::Hashes("pipenv lock"),
            _ => Self::Silent,
        }
    }
}

/// The name of the lockfile that a declaration is joined to.
fn lockfile<'a>(context: &'a Context<'_>, dependency: &Dependency) -> Option<&'a str> {
    let path = context.scan.files.path(dependency.repeated.as_ref()?.lock);
    Some(path.rsplit('/').next().unwrap_or(path))
}

/// The version that the lockfile holds, in the manifest and wherever the lockfile says the requirement again.
fn fix(context: &Context<'_>, dependency: &Dependency, together: &HashMap<Span, Vec<usize>>) -> Option<Fix> {
    let (locked, site) = (dependency.locked.one()?, dependency.site.as_ref()?);
    let sites = &dependency.repeated.as_ref()?.sites;
    let group = match Lockfile::of(lockfile(context, dependency)?) {
        Lockfile::Repeats => together.get(&sites.first()?.span)?.clone(),
        Lockfile::Silent => Vec::new(),
        Lockfile::Hashes(_) => return None,
    };
    // All of them must come to one version; and since each has the whole fix, they must be few.
    let same = |at: &usize| context.scan.dependencies[*at].locked == dependency.locked;
    if dependency.origin != Origin::Surface || locked.commit.is_some() || group.len() > 64 || !group.iter().all(same) {
        return None;
    }
    let edit = |site: &PinSite| Edit {
        span: site.span,
        replacement: format!("{}{}{}", site.before, locked.version, site.after),
    };
    let edits = std::iter::once(edit(site)).chain(sites.iter().map(edit)).collect();
    Some(Fix { title: format!("pin to =={}", locked.version), edits, together: group })
}

fn help(context: &Context<'_>, dependency: &Dependency, is_mended: bool) -> Option<String> {
    let lock = lockfile(context, dependency).unwrap_or_default();
    Some(match (&dependency.origin, &dependency.locked) {
        (Origin::Git { .. }, Locked::One(locked)) if locked.commit.is_some() => {
            let commit = locked.commit.as_deref().unwrap_or_default();
            format!("pin to the commit {commit}, which {lock} holds")
        }
        (Origin::Git { .. }, _) => "name a full commit id, and what it is in a comment".to_owned(),
        (Origin::Url(_), _) => "add the hash: `#sha256=…`".to_owned(),
        (Origin::Path { .. }, _) => "take it into the repository, or require a release of it".to_owned(),
        _ if dependency.pin == Pin::Unknown => "write the version that is meant".to_owned(),
        (_, Locked::One(locked)) => {
            let version = &locked.version;
            match Lockfile::of(lock) {
                Lockfile::Hashes(command) => format!(
                    "pin to `=={version}`, which {lock} holds, then run `{command}`: it has a hash of what is written here, so \
                     that only its own tool can bring both to agree"
                ),
                Lockfile::Repeats if !is_mended => {
                    format!("pin to `=={version}`, which {lock} holds, then run `uv lock`, which repeats it there")
                }
                _ => format!("pin to `=={version}`, which {lock} holds"),
            }
        }
        (_, Locked::Several(versions)) => {
            format!("{lock} holds several that fit ({}): pin each by a marker of its own", versions.join(", "))
        }
        (_, Locked::Missing) => {
            format!("{lock} holds no version that fits: bring it up to date, then pin to what it holds")
        }
        (_, Locked::Nowhere) if dependency.role == Role::Build => {
            "write the exact version that it is built with, such as `==1.2.3`: no lockfile holds what builds it"
                .to_owned()
        }
        (_, Locked::Nowhere) => {
            "write the exact version that is in use, such as `==1.2.3`: `pip freeze` tells".to_owned()
        }
    })
}
