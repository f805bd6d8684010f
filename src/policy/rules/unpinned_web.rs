//! `unpinned-web`: a script, style or module of a page whose URL names no full version.

use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-web",
    surface: Some(Surface::Web),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Exact)),
    summary: "a script or style of a page whose URL names no full version",
    what: "Flags each `script`, style and module preload of an HTML file, and each module that an import map or an `import` in \
           it names, whose absolute URL names no full version: none at all, a range (`vue@3`), a tag (`@latest`), a branch, a \
           vendor's rolling path (`/v2/`, `/latest/`, `/stable/`). Held are a full version, a commit id, and whatever has an \
           `integrity`. Relative URLs, URLs of the page's own host (by its `canonical`, `base` or `og:url`) and of the reader's \
           own machine are files of the site. Not judged: style sheets of services for fonts, which make them anew for each \
           browser; frames and images; what a script or a style loads once it is there. Templates are read where the policy names them: \
           `[web] files = [\"site/**/*.tera\"]`, and then in directories too that are left out by default.",
    why: "Whatever has that URL today runs in the page with all its rights. A vendor's next release, good or bad, reaches every \
          visitor at once, with no commit of yours, no review and nothing to roll back; and no two visits are known to have had \
          the same code.",
    example: Example {
        file: "index.html",
        fails: include_str!("../../../fixtures/rules/unpinned-web/fail/index.html"),
        passes: include_str!("../../../fixtures/rules/unpinned-web/pass/index.html"),
    },
    allow: "For a service that exists as a rolling URL only (payments, analytics): an exception by its name, with a reason. \
            Where all of a page is to be held by hashes, `require = \"content\"` wants an `integrity` everywhere.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let judged = context.dependencies(Surface::Web);
    judged.filter(|dependency| !context.holds(dependency)).map(|dependency| violation(context, dependency)).collect()
}

fn violation(context: &Context<'_>, dependency: &Dependency) -> Violation {
    let (name, written) = (&dependency.name, dependency.requirement.as_deref().unwrap_or_default());
    let wants_hash = context.require(dependency) == Require::Pin(Pin::Content);
    let is_vendors = matches!(dependency.origin, Origin::Url(_));
    // Where the URL has no version, all of it is what is written.
    let version = Some(written).filter(|written| !written.contains("//"));
    let (message, subject) = match (dependency.pin, version) {
        (Pin::Unknown, _) => {
            (format!("which version of `{name}` is loaded cannot be decided from this file"), name.clone())
        }
        (Pin::Exact, _) if wants_hash => (format!("`{name}` is loaded without an `integrity`"), subject(name, version)),
        // Without a subject, people get the whole message, which says what to do.
        (_, _) if is_vendors => (
            format!(
                "`{name}` is a rolling URL, so that the vendor's next release runs in this page unseen: load a full version, or a copy \
                 of your own"
            ),
            String::new(),
        ),
        (_, None) => (
            format!("`{name}` is loaded without a version: whatever is newest that day"),
            format!("{name} (no version)"),
        ),
        (Pin::Tag, Some(version)) => {
            (format!("`{name}` is held by `{version}`, which its owner can move"), subject(name, Some(version)))
        }
        (_, Some(version)) => (
            format!("`{name}` is loaded as `{version}`, which comes to mean another release"),
            subject(name, Some(version)),
        ),
    };
    let mut violation = context.loose(dependency, message);
    violation.subject = subject;
    violation.help = Some(help(dependency, is_vendors));
    violation
}

fn subject(name: &str, version: Option<&str>) -> String {
    version.map_or_else(|| name.to_owned(), |version| format!("{name}@{version}"))
}

fn help(dependency: &Dependency, is_vendors: bool) -> String {
    match dependency.pin {
        Pin::Unknown => "write the version into the file, or let it pass by an exception that says where it is held",
        Pin::Exact => "add the `integrity` that the network or vendor gives for that file, with `crossorigin=\"anonymous\"`",
        _ if is_vendors => {
            "an `integrity` on a rolling URL would break the page at the vendor's next release. Where the service has no versioned \
             URL and cannot be copied, let it pass by an exception with a reason"
        }
        Pin::Tag => "name the full commit id in its place",
        _ => {
            "name a full version, such as `1.2.3`, and add the `integrity` of that file; or serve a copy of your own. An \
             `integrity` alone would break the page at the next release"
        }
    }
    .to_owned()
}
