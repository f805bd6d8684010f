//! References to container images, as workflows and Dockerfiles write them.
//!
//! Source: the grammar of [distribution's references](https://pkg.go.dev/github.com/distribution/reference): a name, a tag
//! behind the last `:` that follows the last `/`, a digest behind `@`.

use std::ops::Range;

use super::dependency::{Dependency, Pin, PinSite, Surface};
use crate::text::Span;

/// What a reference says, as ranges of its text.
#[derive(Debug, PartialEq)]
pub(super) struct Reference {
    /// The name, without tag and digest.
    pub(super) name: Range<usize>,
    /// The tag.
    pub(super) tag: Option<Range<usize>>,
    /// The digest, with its algorithm.
    pub(super) digest: Option<Range<usize>>,
}

/// Takes a reference apart. What stands in `${…}` is one piece.
pub(super) fn parse(text: &str) -> Reference {
    let (mut slash, mut colon, mut at) = (None, None, None);
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    for (place, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if depth > 0 || (place > 0 && bytes[place - 1] == b'$') => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b'/' if at.is_none() => (slash, colon) = (Some(place), None),
            b':' if at.is_none() => colon = Some(place),
            b'@' => at = at.or(Some(place)),
            _ => {}
        }
    }
    // A colon before the last slash is a port's, and was forgotten there.
    let _ = slash;
    let end = at.unwrap_or(text.len());
    let name = 0..colon.unwrap_or(end);
    Reference { name, tag: colon.map(|colon| colon + 1..end), digest: at.map(|at| at + 1..text.len()) }
}

/// The declaration of an image by its text, or none where that is empty: `place` tells where a range of it stands in the
/// file, and `verbatim` whether it is written there in one piece; what was not decided contains a `$`.
pub(super) fn dependency(
    text: &str,
    place: impl Fn(Range<usize>) -> Span,
    verbatim: impl Fn(&Range<usize>) -> bool,
) -> Option<Dependency> {
    let text = text.trim_end();
    if text.trim_start().is_empty() {
        return None;
    }
    let reference = parse(text);
    let name = &text[reference.name.clone()];
    let tail = match (&reference.tag, &reference.digest) {
        (Some(tag), _) => Some(tag.start..text.len()),
        (None, Some(digest)) => Some(digest.clone()),
        (None, None) => None,
    };
    let tail = tail.filter(|tail| !tail.is_empty());
    let span = place(tail.clone().unwrap_or(0..text.len()));
    let mut dependency = Dependency::new(Surface::Image, name, Pin::Latest, span);
    dependency.package = package(name);
    dependency.pin = pin(text, &reference);
    let digest = reference.digest.as_ref().map(|digest| &text[digest.clone()]);
    if dependency.pin == Pin::Latest && digest.is_some() {
        dependency.invalid = Some("a digest is `sha256:` and 64 hex digits".to_owned());
    }
    let named = reference.name.start..reference.tag.as_ref().map_or(reference.name.end, |tag| tag.end);
    if dependency.pin != Pin::Unknown && digest.is_none() && verbatim(&named) {
        let end = place(named);
        let span = Span { start: end.end, ..end };
        dependency.site = Some(PinSite { span, before: "@".to_owned(), after: String::new(), comment: None });
    }
    dependency.requirement = tail.map(|tail| text[tail].to_owned());
    Some(dependency)
}

/// How tightly a reference holds.
fn pin(text: &str, reference: &Reference) -> Pin {
    let is_open = |text: &str| text.contains('$');
    if let Some(digest) = reference.digest.clone().map(|digest| &text[digest]) {
        return match digest {
            digest if is_digest(digest) => Pin::Content,
            digest if is_open(digest) => Pin::Unknown,
            _ => Pin::Latest,
        };
    }
    match reference.tag.clone().map(|tag| &text[tag]) {
        _ if is_open(text) => Pin::Unknown,
        None | Some("" | "latest") => Pin::Latest,
        Some(_) => Pin::Tag,
    }
}

/// Whether a text is a whole digest: of SHA-256, or of another algorithm that registries know.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    digits.len() == length && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The full name of an image, with the registry and the directory that a short one leaves out.
#[must_use]
pub fn package(name: &str) -> String {
    let (first, rest) = name.split_once('/').unwrap_or(("", name));
    let has_host = first == "localhost" || first.contains(['.', ':', '$']);
    match (first, has_host) {
        ("index.docker.io" | "docker.io", _) if !rest.contains('/') => format!("docker.io/library/{rest}"),
        ("index.docker.io", _) => format!("docker.io/{rest}"),
        (_, true) => name.to_owned(),
        ("", _) if name.contains('$') => name.to_owned(),
        ("", _) => format!("docker.io/library/{rest}"),
        _ => format!("docker.io/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FileId;

    fn read(text: &str) -> Option<Dependency> {
        dependency(text, |range| Span::new(FileId(0), range), |_| true)
    }

    #[track_caller]
    fn check(text: &str, name: &str, requirement: Option<&str>, pin: Pin) {
        let found = read(text).expect("an image");
        assert_eq!((found.name.as_str(), found.requirement.as_deref(), found.pin), (name, requirement, pin), "{text}");
        let slice = &text[found.span.range()];
        assert_eq!(slice, requirement.unwrap_or(text), "the span is what is written");
    }

    #[test]
    fn a_digest_holds_and_a_tag_does_not() {
        let digest = "0123456789abcdef".repeat(4);
        check("node", "node", None, Pin::Latest);
        check("node:latest", "node", Some("latest"), Pin::Latest);
        check("node:20", "node", Some("20"), Pin::Tag);
        check("localhost:5000/a/b", "localhost:5000/a/b", None, Pin::Latest);
        check("localhost:5000/a/b:1", "localhost:5000/a/b", Some("1"), Pin::Tag);
        let whole = format!("20@sha256:{digest}");
        check(&format!("node:{whole}"), "node", Some(&whole), Pin::Content);
        check(&format!("node@sha256:{digest}"), "node", Some(&format!("sha256:{digest}")), Pin::Content);
        check(&format!("$IMAGE@sha256:{digest}"), "$IMAGE", Some(&format!("sha256:{digest}")), Pin::Content);
    }

    #[test]
    fn what_looks_like_a_digest_is_none() {
        let digest = "0123456789abcdef".repeat(4);
        for tail in
            ["sha256:abc".to_owned(), format!("sha256:{digest}0"), format!("md5:{digest}"), digest.to_uppercase()]
        {
            check(&format!("node@{tail}"), "node", Some(&tail), Pin::Latest);
        }
        assert!(read("node@sha256:abc").and_then(|found| found.invalid).is_some());
    }

    #[test]
    fn what_was_not_decided_is_unknown() {
        check("${{ inputs.image }}", "${{ inputs.image }}", None, Pin::Unknown);
        check("a/b:${{ x || 'a:b@c/d' }}", "a/b", Some("${{ x || 'a:b@c/d' }}"), Pin::Unknown);
        check("${REGISTRY:-a:1/b}/c:1", "${REGISTRY:-a:1/b}/c", Some("1"), Pin::Unknown);
        check("node@$DIGEST", "node", Some("$DIGEST"), Pin::Unknown);
        assert!(read(" ").is_none() && read("").is_none());
    }

    #[test]
    fn a_short_name_is_one_of_docker_hub() {
        for (short, long) in [
            ("node", "docker.io/library/node"),
            ("a/b", "docker.io/a/b"),
            ("docker.io/node", "docker.io/library/node"),
            ("ghcr.io/a/b", "ghcr.io/a/b"),
            ("localhost/a", "localhost/a"),
            ("$X/a", "$X/a"),
        ] {
            assert_eq!(package(short), long);
        }
    }
}
