//! What `uses:` names: an action or a reusable workflow of a repository, at a reference.

use std::ops::Range;

use crate::scanner::dependency::{Dependency, Origin, PathTarget, Pin, PinSite, Surface};
use crate::scanner::yaml::Value;
use crate::source;

/// The scheme of images.
pub(super) const DOCKER: &str = "docker://";

/// The declaration of what a `uses:` names; none where it is empty.
pub(super) fn dependency(uses: Value<'_>) -> Option<Dependency> {
    let script = uses.script()?;
    let whole = script.text();
    let start = whole.len() - whole.trim_start().len();
    let text = whole.trim();
    if text.is_empty() {
        return None;
    }
    let place = |range: Range<usize>| script.span(start + range.start..start + range.end);
    // `$/` is the repository of the file itself, at the same commit.
    if let Some(inside) = text.strip_prefix("./").or_else(|| text.strip_prefix("$/")) {
        return Some(local(inside, Dependency::new(Surface::Action, text, Pin::Content, place(0..text.len()))));
    }
    // An `@` inside an expression separates nothing.
    let before = text.find("${{").and_then(|start| text[..start].rfind('@'));
    let at = text.rfind('@').filter(|at| !text[*at..].contains("}}") || text[*at..].contains("${{")).or(before);
    let (name, reference) = match at {
        Some(at) => (&text[..at], Some(at + 1..text.len())),
        None => (text, None),
    };
    let reference = reference.filter(|reference| !reference.is_empty());
    let span = place(reference.clone().unwrap_or(0..text.len()));
    let mut dependency = Dependency::new(Surface::Action, name, Pin::Latest, span);
    dependency.requirement = reference.clone().map(|reference| text[reference].to_owned());
    match &dependency.requirement {
        _ if text.contains("${{") => dependency.pin = Pin::Unknown,
        Some(requirement) => dependency.pin = pin(requirement),
        None => dependency.invalid = Some("there is no `@` with a reference".to_owned()),
    }
    let is_verbatim = |range: &Range<usize>| script.is_verbatim(&(start + range.start..start + range.end));
    if let Some(range) = reference.filter(|range| dependency.pin != Pin::Unknown && is_verbatim(range)) {
        let (before, after) = (String::new(), String::new());
        dependency.site = Some(PinSite { span: place(range), before, after, comment: uses.line_end() });
    }
    Some(dependency)
}

/// A directory or workflow of this repository, which its own commit holds.
fn local(inside: &str, mut dependency: Dependency) -> Dependency {
    let target = match source::join("", inside) {
        Some(inside) => PathTarget::Inside(inside),
        None => {
            dependency.pin = Pin::Unknown;
            PathTarget::Outside
        }
    };
    dependency.origin = Origin::Path { path: dependency.name.clone(), target };
    dependency
}

/// How tightly a reference holds. Offline, a tag can be told from a branch by its looks alone.
pub(super) fn pin(reference: &str) -> Pin {
    let is_hex = reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    match reference.len() {
        40 | 64 if is_hex => Pin::Content,
        7.. if is_hex => Pin::Tag,
        _ if is_version(reference) => Pin::Tag,
        _ => Pin::Latest,
    }
}

/// The release that the comment behind a commit id names, by custom: `# v4.1.0`, `# tag=v4.1.0`.
pub(in crate::scanner) fn commented(line: &str) -> Option<&str> {
    let (_, comment) = line.split_once('#')?;
    comment.split([' ', '\t', '=', ',', '@', '(', ')']).find(|word| {
        let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
        bare.starts_with(|c: char| c.is_ascii_digit()) && pin(word) != Pin::Content
    })
}

/// Whether a reference looks like a version: `v4`, `4.1`, `v1.2.3-rc.1`; behind a name only a full one, since `release/v1` is
/// a branch as a rule.
fn is_version(reference: &str) -> bool {
    let number = |text: &str| {
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_cut = rest.starts_with(|c: char| c.is_ascii_alphabetic()) && bare.len() == text.len();
        rest.len() < bare.len() && !is_cut
    };
    if number(reference) {
        return true;
    }
    let tail = reference.rsplit(['/', '-', '@', '_']).next().unwrap_or_default();
    number(tail) && tail.matches('.').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(references: &[&str], expected: Pin) {
        for reference in references {
            assert_eq!(pin(reference), expected, "{reference}");
        }
    }

    #[test]
    fn a_commit_is_hex_from_start_to_end() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check(&[commit, &commit.to_uppercase(), &format!("{commit}012345670123456701234567")], Pin::Content);
        check(&[&commit[..39], &commit[..7], &format!("{commit}0")], Pin::Tag);
        check(&[&format!("{commit}junk"), &format!("junk{commit}"), &format!("v{commit}x")[1..]], Pin::Latest);
    }

    #[test]
    fn a_version_looks_like_a_tag_and_the_rest_like_a_branch() {
        check(&["v4", "4", "v4.1.0", "1.2.3", "v1.2.3-rc.1", "cli-v1.2.3", "codeql-bundle-1.2.3"], Pin::Tag);
        check(&["main", "master", "stable", "release/v1", "nextest", "v", "beta", "latest"], Pin::Latest);
    }
}
