//! How tightly what is written behind a tool's name holds it.

use semver::Version;

use super::mask::UNKNOWN;
use crate::scanner::cargo::requirement::Requirement;
use crate::scanner::dependency::Pin;

/// For `cargo install` and `cargo binstall`: a version without an operator is exact if it is a full one.
///
/// Source: cargo's book, `cargo install --version`.
pub(super) fn cargo(text: &str) -> Pin {
    if text.contains(UNKNOWN) {
        return Pin::Unknown;
    }
    if Version::parse(text).is_ok() { Pin::Exact } else { Requirement::parse(text).pin() }
}

/// For packages of the npm family: a full version, after one `=` or `v` too; a word is a tag that moves.
pub(super) fn npm(text: &str) -> Pin {
    let version = text.strip_prefix(['=', 'v']).unwrap_or(text);
    match text {
        _ if text.contains(UNKNOWN) => Pin::Unknown,
        "" | "*" | "x" => Pin::Latest,
        _ if Version::parse(version).is_ok() => Pin::Exact,
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "^~<>=v".contains(c)) => Pin::Range,
        _ => Pin::Latest,
    }
}

/// For Go modules: a full version; a branch and `latest` move, `v1` and `v1.2` are ranges.
///
/// Source: Go's modules reference, version queries.
pub(super) fn go(text: &str) -> Pin {
    let version = text.strip_prefix('v');
    match text {
        _ if text.contains(UNKNOWN) => Pin::Unknown,
        _ if is_commit(text) => Pin::Content,
        _ if version.is_some_and(|version| Version::parse(version).is_ok()) => Pin::Exact,
        _ if text.starts_with(['<', '>']) || version.is_some_and(is_dotted) => Pin::Range,
        _ if text.len() >= 7 && is_hex(text) => Pin::Tag,
        _ => Pin::Latest,
    }
}

/// For tools whose packages have a plain version: gems, and what is named `name@version` in Python.
pub(super) fn plain(text: &str) -> Pin {
    let version = text.trim().trim_start_matches('=').trim();
    match version {
        _ if text.contains(UNKNOWN) => Pin::Unknown,
        "" | "latest" => Pin::Latest,
        _ if version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(['*', ',', ' ']) => Pin::Exact,
        _ => Pin::Range,
    }
}

/// For what is behind the name in a requirement of Python's: `==1.2.3`, or `===`.
pub(super) fn python(specifier: &str) -> Pin {
    let specifier = specifier.split(';').next().unwrap_or_default().trim();
    match specifier.strip_prefix("==") {
        _ if specifier.contains(UNKNOWN) => Pin::Unknown,
        _ if specifier.is_empty() => Pin::Latest,
        Some(version) if !version.contains(['*', ',']) => Pin::Exact,
        _ => Pin::Range,
    }
}

/// For a reference of git's.
pub(super) fn git(reference: Option<&str>) -> Pin {
    match reference {
        None => Pin::Latest,
        Some(text) if text.contains(UNKNOWN) => Pin::Unknown,
        Some(text) if is_commit(text) => Pin::Content,
        Some(text) if text.starts_with('v') || text.starts_with(|c: char| c.is_ascii_digit()) || is_hex(text) => {
            Pin::Tag
        }
        Some(_) => Pin::Latest,
    }
}

/// A full commit id.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
