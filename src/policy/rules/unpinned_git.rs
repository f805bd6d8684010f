//! `unpinned-git`: a git dependency by anything but a full commit id.

use crate::edit::{Edit, Fix};
use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::relock::{Relock, Relocks};
use crate::policy::rule::{Context, Example, REFUSED, Rule, is_unused, refused};
use crate::scanner::dependency::{Abroad, Dependency, Locked, Origin, Pin, Surface};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-git",
    surface: Some(Surface::Git),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Content)),
    summary: "a git dependency by branch, tag, nothing, or a `rev` that is not a full commit id",
    what: "Flags each git dependency whose reference can come to mean another commit: a `branch`, a `tag`, no reference at \
           all, and a `rev` that is not 40 (or 64) hex digits from start to end: a short id, a tag, `refs/pull/1/head`. The \
           fragment of a URL (`…/repo#abc`) is ignored by cargo and pins nothing. A `version` beside it pins nothing either.",
    why: "Whoever can push to that repository can change what you build: a branch moves with each push, a tag can be moved, \
          and a short id can come to name a second commit.",
    example: Example {
        file: "Cargo.toml",
        fails: include_str!("../../../fixtures/rules/unpinned-git/fail/Cargo.toml"),
        passes: include_str!("../../../fixtures/rules/unpinned-git/pass/Cargo.toml"),
    },
    allow: "For a repository of your own whose branch is released together with this one: `require = \"locked\"` lets it \
            pass while the lockfile holds it to a full commit.",
    options: &[("kinds", "which of normal, build and dev dependencies are judged; all by default")],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let mut judged = context.dependencies(Surface::Git).filter(|dependency| !context.holds(dependency)).peekable();
    // To go through all lockfiles takes longer than all the rest, and is of use to what does not hold alone.
    if judged.peek().is_none() {
        return Vec::new();
    }
    let mut relocks = Relocks::of(context.scan);
    judged.map(|dependency| violation(context, dependency, &mut relocks)).collect()
}

fn violation<'s>(context: &Context<'s>, dependency: &'s Dependency, relocks: &mut Relocks<'s>) -> Violation {
    let Origin::Git { reference, .. } = &dependency.origin else {
        return context.loose(dependency, "a git dependency".to_owned());
    };
    if let Some(why) = &dependency.invalid {
        let mut violation = context.loose(dependency, refused(dependency, why));
        violation.help.get_or_insert_with(|| REFUSED.to_owned());
        return violation;
    }
    let name = &dependency.name;
    let (message, subject) = match reference {
        None => {
            (format!("`{name}` follows the default branch of a git repository"), format!("{name} (default branch)"))
        }
        Some((key, value)) => {
            let message = match *key {
                "branch" => format!("`{name}` follows the git branch `{value}`"),
                "tag" => {
                    format!("`{name}` is held by the git tag `{value}`, which its owner can move")
                }
                _ => format!("`{name}` is held by `{value}`, which is not a full commit id"),
            };
            (message, format!("{name} {key} = \"{value}\""))
        }
    };
    let mut violation = context.loose(dependency, message);
    violation.subject = subject;
    if let Some(commit) = another_commit(dependency) {
        violation.help = Some(format!(
            "Cargo.lock holds {}…, which does not begin like that: find out which of the two was reviewed, then write that in full",
            &commit[..7]
        ));
    } else if !is_unused(dependency) {
        match dependency.abroad.as_ref().map_or_else(|| relocks.relock(dependency), |abroad| elsewhere(context, abroad))
        {
            Some(Relock::Held(why)) => {
                let what = "leave it, or let it pass by `require = \"locked\"`";
                violation.help = Some(format!("{why}; {what}"));
            }
            relock => {
                violation.fix = fix(dependency, relock);
                violation.help = Some(help(dependency));
            }
        }
    }
    violation
}

/// The commit that a declaration is locked to, where its `rev` is the beginning of another. Digits alone may be a tag, such as a date.
fn another_commit(dependency: &Dependency) -> Option<&str> {
    let Origin::Git { reference: Some(("rev", short)), .. } = &dependency.origin else { return None };
    let commit = dependency.locked.one()?.commit.as_deref()?;
    let is_short = (7..40).contains(&short.len())
        && short.bytes().all(|byte| byte.is_ascii_hexdigit())
        && short.bytes().any(|byte| byte.is_ascii_alphabetic())
        && short.bytes().any(|byte| byte.is_ascii_digit());
    (is_short && !commit.starts_with(&short.to_ascii_lowercase())).then_some(commit)
}

/// That the lockfile of another workspace, which builds the same package, holds another commit.
fn elsewhere(context: &Context<'_>, abroad: &Abroad) -> Option<Relock> {
    let lock = context.scan.files.path(abroad.lock);
    let commit = abroad.locked.commit.as_deref().unwrap_or(&abroad.locked.version);
    Some(Relock::Held(format!(
        "`{lock}`, which builds it too, holds {commit}: bring both to one commit by `cargo update`"
    )))
}

/// The commit in place of the reference, which stays as a comment where its line has room, and the same in the lockfile.
fn fix(dependency: &Dependency, relock: Option<Relock>) -> Option<Fix> {
    let Some(Relock::Together { edits: relocked, declarations: together }) = relock else { return None };
    let commit = dependency.locked.one()?.commit.as_ref()?;
    let site = dependency.site.as_ref()?;
    let replacement = format!("{}{commit}{}", site.before, site.after);
    let mut edits = vec![Edit { span: site.span, replacement }];
    let reference = dependency.requirement.as_ref().filter(|text| !text.chars().any(char::is_control));
    if let (Some(span), Some(reference)) = (site.comment, reference) {
        edits.push(Edit { span, replacement: format!(" # {reference}") });
    }
    edits.extend(relocked);
    Some(Fix { title: format!("pin to rev {}…", &commit[..7]), edits, together })
}

fn help(dependency: &Dependency) -> String {
    match &dependency.locked {
        Locked::One(locked) => match &locked.commit {
            Some(commit) => format!(
                "pin to `rev = \"{commit}\"`, which Cargo.lock holds, and bring that along with `cargo update --workspace`"
            ),
            None => "Cargo.lock holds no full commit for it: run `cargo update`, then pin to that commit".to_owned(),
        },
        Locked::Several(_) => "Cargo.lock holds several that fit: say which commit".to_owned(),
        Locked::Missing => {
            "Cargo.lock holds no commit for it: bring the lockfile up to date, then pin to what it holds".to_owned()
        }
        Locked::Nowhere => "run `cargo generate-lockfile`, then pin to the commit that Cargo.lock holds".to_owned(),
    }
}
