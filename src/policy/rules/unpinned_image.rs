//! `unpinned-image`: a container image without a digest.

use crate::policy::config::Require;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::scanner::dependency::{Dependency, Pin, Surface};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-image",
    surface: Some(Surface::Image),
    level: Level::Deny,
    require: Some(Require::Pin(Pin::Content)),
    summary: "a container image without a digest",
    what: "Flags each image without `@sha256:` and 64 hex digits: in Dockerfiles (`Dockerfile*`, `*.dockerfile`, \
           `Containerfile*`) by `FROM`, `COPY --from`, `RUN --mount=from` and `# syntax=`; in workflows by `container:`, \
           `services:` and `docker://`; in Docker actions by `runs.image`. Defaults of `ARG` and values of a static matrix are \
           put in, and a finding stands where the whole reference does. An earlier stage and `scratch` are no images. What an \
           input or a build argument without default decides is a warning.",
    why: "A tag is moved with each rebuild, and `latest` with each release: two builds of one commit get two systems. Whoever \
          can push to that registry decides what runs in the build, and in production.",
    example: Example {
        file: "Dockerfile",
        fails: include_str!("../../../fixtures/rules/unpinned-image/fail/Dockerfile"),
        passes: include_str!("../../../fixtures/rules/unpinned-image/pass/Dockerfile"),
    },
    allow: "For images that are built and pushed from this very repository, and for those whose security updates are wanted \
            at each build, as a base image's may be: an exception on their name, or `require = \"tag\"`, which lets every tag \
            but `latest` pass.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let judged = context.dependencies(Surface::Image);
    judged.filter(|dependency| !context.holds(dependency)).map(|dependency| violation(context, dependency)).collect()
}

fn violation(context: &Context<'_>, dependency: &Dependency) -> Violation {
    let name = &dependency.name;
    let tag = dependency.requirement.as_deref();
    let written = match tag {
        Some(tag) if dependency.invalid.is_some() && tag.contains(':') && !tag.contains('@') => format!("{name}@{tag}"),
        Some(tag) => format!("{name}:{tag}"),
        None => name.clone(),
    };
    let message = match (tag, dependency.pin) {
        _ if dependency.invalid.is_some() => {
            format!("`{written}` is held by no digest: {}", dependency.invalid.as_deref().unwrap_or_default())
        }
        (_, Pin::Unknown) => format!("which image `{written}` is cannot be decided from this file"),
        (None, _) => format!("`{name}` names no tag, which means `latest`"),
        (Some(tag), Pin::Tag) => format!("`{name}` is held by the tag `{tag}`, which its owner can move"),
        (Some(_), _) => format!("`{written}` is whatever was pushed last"),
    };
    let mut violation = context.loose(dependency, message);
    violation.help = Some(match dependency.pin {
        Pin::Unknown => "name it with its digest, or give the variable a default that has one".to_owned(),
        _ if dependency.invalid.is_some() => "write the whole digest".to_owned(),
        // What is shown is pasted into a shell.
        _ if !written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte)) => {
            "add the digest of the image".to_owned()
        }
        _ => format!(
            "add the digest that `docker buildx imagetools inspect {written} --format '{{{{.Manifest.Digest}}}}'` tells: \
             `{written}@sha256:…`"
        ),
    });
    violation.subject = written;
    violation
}
