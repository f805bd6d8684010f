//! `rust-toolchain.toml` and `rust-toolchain`: which toolchain a build gets.
//!
//! Source: [rustup's book, overrides](https://rust-lang.github.io/rustup/overrides.html). A channel is
//! `(stable|beta|nightly|X.Y|X.Y.Z[-beta[.N]])[-YYYY-MM-DD][-host]`, anything else the name of a custom toolchain.

use crate::scanner::Problem;
use crate::scanner::dependency::Pin;
use crate::scanner::document::{self, Document, Text};
use crate::text::{FileId, Span};

/// A toolchain file, read.
#[derive(Debug, Default)]
pub struct Toolchain {
    /// The channel that it names.
    pub channel: Option<Text>,
    /// The directory of a local toolchain that it names instead.
    pub path: Option<Text>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads a toolchain file; only one without an extension may be a bare line. With another one, if empty, rustup reads it as TOML.
#[must_use]
pub fn read(file: FileId, text: &str, may_be_bare: bool) -> Toolchain {
    let trimmed = text.trim();
    if may_be_bare && (text.lines().count() <= 1 || trimmed.is_empty()) {
        let start = text.find(trimmed).unwrap_or(0);
        let span = Span::new(file, start..start + trimmed.len());
        if trimmed.is_empty() {
            let problem = Problem::new(span, "empty toolchain file: rustup refuses it".to_owned());
            return Toolchain { problems: vec![problem], ..Toolchain::default() };
        }
        return Toolchain { channel: Some(Text { value: trimmed.to_owned(), span }), ..Toolchain::default() };
    }
    let document = Document::new(file, text);
    match document.parse() {
        Ok(table) => {
            let toolchain = document::table(&table, "toolchain");
            let get = |key: &str| toolchain.and_then(|toolchain| document.get(toolchain, key));
            let is_text = |key: &str| {
                let value =
                    toolchain.and_then(|toolchain| toolchain.get(key)).filter(|value| !value.get_ref().is_str());
                value.map(|value| {
                    Problem::new(document.span(value.span()), format!("`{key}` is not a string: rustup refuses it"))
                })
            };
            let mut problems: Vec<Problem> = ["channel", "path"].into_iter().filter_map(is_text).collect();
            let (channel, path) = (get("channel"), get("path"));
            if let (Some(_), Some(path)) = (&channel, &path) {
                let what = "`channel` and `path` are both there: rustup refuses it".to_owned();
                problems.push(Problem::new(path.span, what));
            }
            Toolchain { channel, path, problems }
        }
        Err(mut problem) => {
            if may_be_bare && !text.contains('[') {
                problem.message = format!("more than one line, which rustup reads as TOML: {}", problem.message);
            }
            Toolchain { problems: vec![problem], ..Toolchain::default() }
        }
    }
}

/// How tightly a channel holds: a dated one, and a full version, are one toolchain for good.
#[must_use]
pub fn pin(channel: &str) -> Pin {
    let Some((name, rest)) = split(channel) else {
        return Pin::Unknown;
    };
    if rest.is_some_and(is_dated) {
        return Pin::Exact;
    }
    match name {
        "stable" | "beta" | "nightly" => Pin::Latest,
        version => version_pin(version, rest),
    }
}

/// The pin of `X.Y` or `X.Y.Z`, with what follows it: `beta` moves, `beta.2` does not.
fn version_pin(version: &str, rest: Option<&str>) -> Pin {
    let beta = rest.and_then(|rest| rest.strip_prefix("beta"));
    if beta.is_none() && rest.is_some_and(|rest| !is_host(rest)) {
        return Pin::Unknown;
    }
    match (version.split('.').count(), beta) {
        (2, _) => Pin::Range,
        (3, None) => Pin::Exact,
        (3, Some(beta)) => {
            let number = beta.strip_prefix('.').map(|beta| beta.split('-').next().unwrap_or(""));
            if number.is_some_and(|number| !number.is_empty() && is_number(number)) { Pin::Exact } else { Pin::Range }
        }
        _ => Pin::Unknown,
    }
}

/// Splits a channel into its name and what follows; none for a custom name.
fn split(channel: &str) -> Option<(&str, Option<&str>)> {
    let (name, rest) = match channel.split_once('-') {
        Some((name, rest)) => (name, Some(rest)),
        None => (channel, None),
    };
    let parts = name.split('.').count();
    // As many digits as rustup looks for.
    let fits = |(part, most): (&str, usize)| (1..=most).contains(&part.len()) && is_number(part);
    let is_version = (2..=3).contains(&parts) && name.split('.').zip([1, 3, 2]).all(fits);
    let is_known = matches!(name, "stable" | "beta" | "nightly") || is_version;
    is_known.then_some((name, rest))
}

/// Whether what follows the name starts with a date: `2026-01-01`, behind `beta.2-` too.
fn is_dated(rest: &str) -> bool {
    let rest = rest.strip_prefix("beta").map_or(rest, |beta| beta.split_once('-').map_or("", |(_, rest)| rest));
    let mut parts = rest.splitn(4, '-');
    let mut is = |digits: usize| parts.next().is_some_and(|part| part.len() == digits && is_number(part));
    is(4) && is(2) && is(2)
}

/// Whether what follows a version begins like the name of a host, or of a part of one; anything else makes it a toolchain of the
/// user's own.
fn is_host(rest: &str) -> bool {
    let first = rest.split('-').next().unwrap_or_default();
    let families = ["x86_64", "arm", "aarch64", "mips", "powerpc", "riscv", "gnu", "musl", "linux", "android"];
    let others = ["i386", "i586", "i686", "s390x", "loongarch64", "sparcv9", "pc", "unknown", "apple", "msvc"];
    others.contains(&first) || families.iter().any(|family| first.starts_with(family))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(channels: &[&str], expected: Pin) {
        for channel in channels {
            assert_eq!(pin(channel), expected, "{channel}");
        }
    }

    #[test]
    fn exact_channels_never_move() {
        check(&["1.80.1", "1.80.1-x86_64-unknown-linux-gnu", "1.80.0-beta.2"], Pin::Exact);
        check(&["nightly-2026-01-01", "stable-2026-01-01", "beta-2026-01-01-x86_64-pc-windows-msvc"], Pin::Exact);
        check(&["1.80.0-beta.2-x86_64-apple-darwin", "1.80-2026-01-01"], Pin::Exact);
    }

    #[test]
    fn the_others_do() {
        check(&["stable", "beta", "nightly", "nightly-x86_64-pc-windows-gnu"], Pin::Latest);
        // What only begins like a date.
        check(
            &["nightly-2026", "nightly-2026-01", "nightly-2026-1-01", "nightly-2026-01-1", "nightly-202-01-01"],
            Pin::Latest,
        );
        check(
            &["1.80", "1.80.0-beta", "1.80-x86_64-unknown-linux-gnu", "1.80.0-beta.", "1.80.0-beta-x86_64"],
            Pin::Range,
        );
        check(&["esp", "my-toolchain", "1", "1.2.3.4", "v1.80.1", "", "1.x"], Pin::Unknown);
        // By rustup 1.29 these are toolchains of the user's own.
        check(&["1.80.1-foo", "01.080.1", "1.80.100", "1.80-esp"], Pin::Unknown);
    }

    #[test]
    fn a_bare_line_counts_only_in_the_old_file() {
        let bare = read(FileId(0), " stable \r\n", true).channel.expect("a channel");
        assert_eq!((bare.value.as_str(), bare.span.range()), ("stable", 1..7));
        // What rustup 1.29 says is that it could not parse these.
        for text in ["stable\n\n", "\nstable\n", "stable\nbeta\n"] {
            assert_eq!(read(FileId(0), text, true).problems.len(), 1, "{text:?}");
        }
        let both = "[toolchain]\nchannel = \"1.80.1\"\npath = \"x\"\n";
        assert_eq!(read(FileId(0), both, false).problems.len(), 1);
        assert_eq!(read(FileId(0), "stable\n", false).problems.len(), 1);
        assert_eq!(read(FileId(0), " \n", true).problems.len(), 1);
        let toml = read(FileId(0), "[toolchain]\nchannel = \"1.80\"\n", true).channel.expect("a channel");
        assert_eq!(toml.value, "1.80");
    }
}
