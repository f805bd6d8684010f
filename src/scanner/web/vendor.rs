//! What a URL of any other host says of a version: of a vendor's own server, whose paths follow no rule but habit.

use std::ops::Range;

use super::address::{Address, Version, is_expression};
use super::cdn::{Load, requirement};
use crate::scanner::dependency::Pin;

/// Names that a vendor lets stand for whatever is newest.
const ROLLING: [&str; 14] = [
    "latest", "stable", "current", "newest", "master", "main", "head", "trunk", "edge", "next", "nightly", "canary",
    "beta", "lts",
];

/// Those of them that stand in the names of files, where other words are just names: `main.js`, `edge.css`.
const ROLLING_FILES: [&str; 4] = ["latest", "nightly", "stable", "canary"];

/// Whether a host makes styles for fonts anew for each browser that asks: there is no version of them.
pub(super) fn is_font_service(host: &str) -> bool {
    matches!(host, "fonts.googleapis.com" | "fonts.bunny.net" | "use.typekit.net" | "fonts.cdnfonts.com")
}

/// What a URL loads.
pub(super) fn load(address: &Address) -> Load {
    let path = address.path();
    let name = |path: &[&str]| format!("{}/{}", address.host, path.join("/"));
    for (at, segment) in path.iter().enumerate() {
        if let Some((range, pin)) = held(segment) {
            let mut rest = path.clone();
            // Without its version, which changes while it stays the same thing.
            let bare = without(segment, &range);
            if pin == Pin::Exact {
                if bare.is_empty() {
                    rest.remove(at);
                } else {
                    rest[at] = &bare;
                }
            }
            return Load { name: name(&rest), version: Some(Version::new(segment, range)), pin, is_package: false };
        }
    }
    let found = path.iter().find_map(|segment| Some((segment, rolling(segment)?)));
    let version = found.as_ref().map(|(segment, (range, _))| Version::new(segment, range.clone()));
    let pin = match found {
        _ if path.iter().any(|segment| is_expression(segment)) => Pin::Unknown,
        // Their first releases of a kind have two numbers: `jquery-1.7.js`.
        Some((segment, (range, Pin::Range))) if is_archive(&address.host) && range.len() < segment.len() => Pin::Exact,
        Some((_, (_, pin))) => pin,
        None => Pin::Latest,
    };
    Load { name: name(&path), version, pin, is_package: false }
}

/// Whether a host keeps each release under a name of its own.
fn is_archive(host: &str) -> bool {
    matches!(host, "code.jquery.com" | "ajax.aspnetcdn.com")
}

/// A segment without the version in it, and without what ties them together.
fn without(segment: &str, range: &Range<usize>) -> String {
    let (before, after) = (&segment[..range.start], &segment[range.end..]);
    let bare = before.strip_suffix(['v', 'V']).filter(|bare| bare.is_empty() || bare.ends_with(['-', '.', '_']));
    format!("{}{after}", bare.unwrap_or(before).trim_end_matches(['-', '_', '.', '@']))
}

/// The version in a segment that names one: `name@1.2.3`, a full version, a day, or the hash of a build.
fn held(segment: &str) -> Option<(Range<usize>, Pin)> {
    if let Some(at) = segment.rfind('@').filter(|at| *at > 0 && at + 1 < segment.len()) {
        return Some((at + 1..segment.len(), requirement(&segment[at + 1..])));
    }
    let exact = full(segment).or_else(|| day(segment)).or_else(|| hash(segment))?;
    Some((exact, Pin::Exact))
}

/// Three numbers or more with dots between them, and what of a pre-release follows.
pub(super) fn full(segment: &str) -> Option<Range<usize>> {
    for range in runs(segment, |byte| byte.is_ascii_digit() || byte == b'.') {
        let numbers = segment[range.clone()].trim_matches('.');
        let start = range.start + segment[range.clone()].len() - segment[range.clone()].trim_start_matches('.').len();
        let is_version = numbers.split('.').count() >= 3 && numbers.split('.').all(|number| !number.is_empty());
        if is_version && is_apart(segment, start) {
            let end = start + numbers.len();
            return Some(start..end + prerelease(&segment[end..]));
        }
    }
    None
}

/// The length of a pre-release behind a version: `-beta.1`, `-rc2`.
fn prerelease(rest: &str) -> usize {
    const WORDS: [&str; 6] = ["alpha", "beta", "rc", "pre", "dev", "canary"];
    let text = rest.strip_prefix('-').unwrap_or_default();
    let word = WORDS.iter().find_map(|word| Some((word, text.strip_prefix(word)?)));
    let Some((word, rest)) = word.filter(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_alphabetic())) else {
        return 0;
    };
    let numbers = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    1 + word.len() + rest[..numbers].trim_end_matches('.').len()
}

/// A day: `2026-01-31`.
fn day(segment: &str) -> Option<Range<usize>> {
    runs(segment, |byte| byte.is_ascii_digit() || byte == b'-').find(|range| {
        let parts: Vec<usize> = segment[range.clone()].split('-').map(str::len).collect();
        parts == [4, 2, 2] && is_apart(segment, range.start)
    })
}

/// A hash: a whole commit id, or what a build writes into the name of a file (`app.8c4f2b1a.js`). Behind no word, it is more
/// often the number of an account.
fn hash(segment: &str) -> Option<Range<usize>> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric();
    runs(segment, is_word).find(|range| {
        let word = &segment.as_bytes()[range.clone()];
        let is_named = segment[..range.start].contains(|c: char| c.is_ascii_alphabetic() && !c.is_ascii_hexdigit());
        let is_mixed = word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
        let is_long = matches!(word.len(), 40 | 64) || (word.len() >= 8 && is_named);
        is_long && is_mixed && word.iter().all(u8::is_ascii_hexdigit)
    })
}

/// What in a segment stands for one release after another: `v2`, `2.1`, `3.x`, `v2.latest`, `stable`; in the name of a file
/// `jquery-latest.js`, `d3.v7.min.js`, `library-1.7.js`.
fn rolling(segment: &str) -> Option<(Range<usize>, Pin)> {
    if let Some(pin) = rolling_word(segment, &ROLLING) {
        return Some((0..segment.len(), pin));
    }
    let mut words = runs(segment, |byte| !matches!(byte, b'-' | b'_' | b'.'));
    let word = words.find_map(|range| {
        let word = &segment[range.clone()];
        let pin = rolling_word(word, &ROLLING_FILES).filter(|_| !word.starts_with(|c: char| c.is_ascii_digit()))?;
        Some((range, pin))
    });
    word.or_else(|| {
        let mut numbers = runs(segment, |byte| byte.is_ascii_digit() || byte == b'.');
        numbers.find_map(|range| {
            let number = segment[range.clone()].trim_end_matches('.');
            let is_version = !number.starts_with('.') && number.contains('.') && is_apart(segment, range.start);
            is_version.then(|| (range.start..range.start + number.len(), Pin::Range))
        })
    })
}

/// Whether a word is such a one: one of these names, or numbers of three digits at most.
fn rolling_word(word: &str, names: &[&str]) -> Option<Pin> {
    let lower = word.to_ascii_lowercase();
    if names.contains(&lower.as_str()) {
        return Some(Pin::Latest);
    }
    let numbers = lower.strip_prefix('v').unwrap_or(&lower);
    let is_number = |part: &str| matches!(part.len(), 1..=3) && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = numbers.split('.');
    let is_version = parts.next().is_some_and(is_number)
        && parts.all(|part| is_number(part) || part == "x" || ROLLING.contains(&part));
    is_version.then_some(Pin::Range)
}

/// Whether what begins at a place belongs to no word ahead of it, but for the `v` of a version.
fn is_apart(segment: &str, start: usize) -> bool {
    let before = segment[..start].strip_suffix(['v', 'V']).unwrap_or(&segment[..start]);
    !before.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// The longest stretches of a text whose bytes are all of a kind.
fn runs(text: &str, is_part: impl Fn(u8) -> bool + Copy) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|byte| is_part(*byte))?;
        let length = bytes[start..].iter().take_while(|byte| is_part(**byte)).count();
        at = start + length;
        Some(start..at)
    })
}
