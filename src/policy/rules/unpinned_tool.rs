//! `unpinned-tool`: a tool that a script installs at no exact version.

use std::collections::{HashMap, HashSet};

use crate::edit::{Edit, Fix};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::cargo::requirement::Requirement;
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};
use crate::scanner::ranges;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-tool",
    surface: Some(Surface::Tool),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a tool that a script installs at no exact version, or a downloaded script that is run right away",
    what: "Flags, in workflows, Dockerfiles and shell scripts, what is installed or fetched to be run without one exact version: \
           `cargo install`, `cargo binstall`, `cargo +toolchain`, `rustup toolchain install`, `rustup default`, `npm i NAME`, `pnpm add`, \
           `yarn add`, `bun add`, `npx`, `pnpm dlx`, `bunx`, `npm create`, `pip install`, `pipx`, `uv tool install`, `uvx`, `uv run --with`, \
           `uv add`, `poetry add`, `pdm add`, `pipenv install`, `go install`, `gem install`; what `RUSTUP_TOOLCHAIN` chooses; and each script that is \
           piped from `curl` or `wget` into a shell, unless its URL carries a full commit id. The shell is parsed: only commands \
           count, behind `sudo`, `env` and the like too, and in `sh -c '…'`; variables are followed where they have one literal \
           value. So are expressions of a workflow that are literals, values of a static matrix or of `env`. A version that is not \
           written in the file is a warning; so is `npx` of a bare name where a package.json, or something installed before, may \
           hold it.",
    why: "A build gets another tool on the day of its release, with no commit that anybody could look at; and whoever can change \
          what is behind the URL of a piped script runs what they like with the secrets of the build.",
    example: Example {
        file: "install.sh",
        fails: include_str!("../../../fixtures/rules/unpinned-tool/fail/install.sh"),
        passes: include_str!("../../../fixtures/rules/unpinned-tool/pass/install.sh"),
    },
    allow: "For a tool that builds nothing that is released, where the newest is wanted: by an `[[exception]]` with its name.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let loose = context.dependencies(Surface::Tool).filter(|dependency| !context.holds(dependency));
    let rest = Rest::of(&context.scan.dependencies);
    let judged = loose.filter(|dependency| !rest.is_declared(dependency));
    judged.map(|dependency| violation(context, &rest, dependency)).collect()
}

/// What the rest of the repository says of tools, by their names.
struct Rest<'s> {
    /// Packages that a package.json asks for.
    declared: HashSet<&'s str>,
    /// For each tool from one place the exact version that is written, where all agree, and who says so first.
    exact: HashMap<Tool<'s>, (Option<&'s str>, &'s Dependency)>,
}

/// What is one tool: one name, of one ecosystem, from one place.
type Tool<'s> = (&'s str, Option<Surface>, &'s Origin);

fn key(tool: &Dependency) -> Tool<'_> {
    (&tool.name, tool.ecosystem, &tool.origin)
}

impl<'s> Rest<'s> {
    fn of(dependencies: &'s [Dependency]) -> Self {
        let npm = dependencies.iter().filter(|one| one.surface == Surface::Npm);
        let mut exact = HashMap::new();
        let is_exact = |one: &&Dependency| one.surface == Surface::Tool && one.pin == Pin::Exact && one.site.is_some();
        for one in dependencies.iter().filter(is_exact) {
            let known = exact.entry(key(one)).or_insert((one.requirement.as_deref(), one));
            if known.0 != one.requirement.as_deref() {
                known.0 = None;
            }
        }
        Self { declared: npm.map(|one| one.package.as_str()).collect(), exact }
    }

    /// Whether a tool without a version (`npx prettier`) is what a manifest of the repository asks for, where it is judged.
    fn is_declared(&self, tool: &Dependency) -> bool {
        tool.pin == Pin::Unknown && tool.requirement.is_none() && self.declared.contains(tool.name.as_str())
    }
}

fn violation(context: &Context<'_>, rest: &Rest<'_>, dependency: &Dependency) -> Violation {
    let name = &dependency.name;
    let written = dependency.requirement.as_deref();
    let message = match (&dependency.origin, written, dependency.pin) {
        (Origin::Url(_), Some(url), Pin::Unknown) if url == name => {
            format!("a script is run right from `{url}`, and what that is cannot be decided from this file")
        }
        (Origin::Url(_), Some(url), _) if url == name => {
            format!("a script is run right from `{url}`, whatever it is then")
        }
        (Origin::Url(url), None, Pin::Latest) if is_repository(url) => {
            format!("`{name}` is installed from whatever its repository has last")
        }
        (Origin::Url(_), None, Pin::Latest) => format!("`{name}` is whatever stands at that URL"),
        (Origin::Channel, Some(channel), Pin::Unknown) => {
            format!("which toolchain `{channel}` is cannot be decided from this file")
        }
        (Origin::Channel, Some(channel), _) => format!("channel `{channel}` comes to mean another toolchain"),
        (Origin::Channel, None, _) => "rustup brings whatever toolchains are newest".to_owned(),
        (_, Some(version), Pin::Unknown) => {
            format!("which version of `{name}` `{version}` is cannot be decided from this file")
        }
        (_, None, Pin::Unknown) => format!("which version of `{name}` this is cannot be decided from this file"),
        (_, Some(version), Pin::Tag) => format!("`{name}` is held by `{version}`, which its owner can move"),
        (_, Some(version), _) => format!("`{name}` is held to no exact version by `{version}`"),
        (_, None, _) => format!("`{name}` is installed at whatever version is newest"),
    };
    let mut violation = context.loose(dependency, message);
    violation.subject = match written {
        Some(written) if written != name => format!("{name} {written}"),
        _ => name.clone(),
    };
    let known = known(context, rest, dependency);
    violation.help = Some(help(dependency, known.as_ref()));
    violation.fix = known.as_ref().filter(|known| known.2).and_then(|known| fix(dependency, &known.0));
    violation
}

fn help(dependency: &Dependency, known: Option<&Known>) -> String {
    let name = &dependency.name;
    match (&dependency.origin, known) {
        (_, Some((version, place, _))) => format!("pin to {version}, as in {place}"),
        (Origin::Url(_), _) if dependency.requirement.as_ref() == Some(name) => {
            "install a release by its version and check its checksum, or name a full commit id in the URL".to_owned()
        }
        (Origin::Url(url), _) if is_repository(url) => {
            "name the full commit id behind the repository: `@<commit>` for pip, `#<commit>` for npm".to_owned()
        }
        (Origin::Url(_), _) => "install a release by its exact version; pip takes a hash too, `#sha256=…`".to_owned(),
        (Origin::Channel, _) => {
            "name a full version, such as `1.95.0`, or a dated channel, such as `nightly-2026-01-01`".to_owned()
        }
        (Origin::Git { .. }, _) => "name the full commit id by `--rev`".to_owned(),
        _ if dependency.pin == Pin::Unknown => "write an exact version where it can be seen".to_owned(),
        _ => format!("name an exact version of `{name}`"),
    }
}

/// Whether what is installed from a URL is a repository: `git+https://…`, `https://….git`, and npm's `owner/repository`.
fn is_repository(url: &str) -> bool {
    !url.contains("://") || url.contains("git+") || url.starts_with("git") || url.ends_with(".git")
}

/// A version, where it is written, and whether it may be taken from there without asking.
type Known = (String, String, bool);

/// The version of a tool that the rest of the repository agrees on, and where it says so.
fn known(context: &Context<'_>, rest: &Rest<'_>, dependency: &Dependency) -> Option<Known> {
    if dependency.pin == Pin::Unknown {
        return None;
    }
    let (version, first) = rest.exact.get(&key(dependency))?;
    // What is more than a version, such as a marker, is another's.
    let is_plain = |version: &&str| !version.contains([';', ' ', ',', '"', '\'']);
    let version = (*version).filter(is_plain).filter(|version| admits(dependency, version))?;
    // What is right for one environment of Python may be wrong for another, beside other packages.
    let is_near = dependency.ecosystem != Some(Surface::Python) || first.span.file == dependency.span.file;
    Some((version.to_owned(), format!("`{}`", context.scan.files.path(first.span.file)), is_near))
}

/// Whether a version is among those that are asked for. Of a word that moves, other than `latest`, nobody knows.
fn admits(dependency: &Dependency, version: &str) -> bool {
    let asked = match dependency.requirement.as_deref() {
        None | Some("" | "latest") => return true,
        Some(asked) => asked,
    };
    let semver = || semver::Version::parse(version.trim_start_matches(['=', 'v'])).ok();
    let admitted = match dependency.ecosystem {
        Some(Surface::Crate) => semver().map(|version| Requirement::parse(asked).admits(&version)),
        Some(Surface::Npm) => {
            semver().zip(ranges::npm(asked)).map(|(version, any)| any.iter().any(|of| of.matches(&version)))
        }
        Some(Surface::Python) => {
            let version = version.trim_start_matches('=').parse().ok();
            version.zip(ranges::python(asked)).map(|(version, of)| of.contains(&version))
        }
        _ => None,
    };
    admitted.unwrap_or(false)
}

fn fix(dependency: &Dependency, version: &str) -> Option<Fix> {
    let site = dependency.site.as_ref()?;
    let replacement = format!("{}{version}{}", site.before, site.after);
    let edits = vec![Edit { span: site.span, replacement }];
    Some(Fix { title: format!("pin to {version}"), edits, together: Vec::new() })
}
