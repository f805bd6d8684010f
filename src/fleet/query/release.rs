//! Releases as tags and tools name them: `v4`, `4.1.0`, `20-alpine`, a commit id, a digest.

use semver::Version;

use super::{Query, Versions};
use crate::scanner::cargo::versions::Interval;

/// How what is written stands to what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// It is that, or a part of that.
    Within,
    /// That is one of the releases that it stands for.
    Overlaps,
    /// It is something else.
    Apart,
    /// The two are not of a kind that can be compared: a commit id and a version.
    Unclear,
}

impl Query {
    /// How a written release stands to what is asked for; part of a version stands for each release that begins so.
    #[must_use]
    pub fn covers(&self, written: &str) -> Cover {
        let Some(wanted) = self.wanted.as_deref() else { return Cover::Within };
        let (a, b) = (bare(written), bare(wanted));
        if a.eq_ignore_ascii_case(b) {
            return Cover::Within;
        }
        let is_id = |text: &str| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit(a) && is_id(b) || is_id(a) && is_commit(b) {
            // A short id is the whole one's beginning.
            let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
            let is_same = long.get(..short.len()).is_some_and(|start| start.eq_ignore_ascii_case(short));
            return if is_same { Cover::Within } else { Cover::Apart };
        }
        match (interval(written), &self.versions) {
            (Some(own), Versions::Semver(versions)) if own.is_within(versions) => Cover::Within,
            (Some(own), Versions::Semver(versions)) if own.meet(versions).is_empty() => Cover::Apart,
            (Some(_), Versions::Semver(_)) => Cover::Overlaps,
            _ if is_commit(a) || is_commit(b) || is_digest(a) || is_digest(b) => Cover::Unclear,
            _ if begins(b, a) => Cover::Overlaps,
            _ if begins(a, b) => Cover::Within,
            _ => Cover::Apart,
        }
    }
}

/// The releases that a version, or a part of one, stands for; none for what is no version.
pub(super) fn interval(text: &str) -> Option<Interval> {
    let text = bare(text);
    match Version::parse(text) {
        Ok(version) => Some(Interval::one(&version)),
        Err(_) => {
            let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
            let numbers = numbers.filter(|numbers| numbers.len() <= 3)?;
            match numbers.as_slice() {
                // `22.04.1`: the zero is no fault in a tag.
                &[major, minor, patch] => Some(Interval::one(&Version::new(major, minor, patch))),
                &[major, ref rest @ ..] => Some(super::partial_of(major, rest.first().copied())),
                [] => None,
            }
        }
    }
}

/// A release without the `v` or `=` ahead of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let rest = text.trim_start_matches('=').trim_start();
    rest.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(rest)
}

/// Whether a version begins with the numbers of another.
fn begins(long: &str, short: &str) -> bool {
    let is_numbers = short.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !short.is_empty();
    is_numbers && long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'))
}

/// What in the tag of an image says which build of a release it is: `-alpine` of `20.1.0-alpine`; all of a tag without numbers.
#[must_use]
pub fn flavour(tag: &str) -> &str {
    let bare =
        tag.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(tag);
    bare.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// Whether a text is a commit id, whole or short. One of digits alone may be a version.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_mixed =
        || text.bytes().any(|byte| byte.is_ascii_alphabetic()) && text.bytes().any(|byte| byte.is_ascii_digit());
    is_hex && (matches!(text.len(), 40 | 64) || (7..40).contains(&text.len()) && is_mixed())
}

/// Whether a text is the digest of an image.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, _)| matches!(algorithm, "sha256" | "sha384" | "sha512"))
}
