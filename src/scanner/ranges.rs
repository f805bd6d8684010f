//! What the requirements of npm and of Python admit, as bounds that can be compared.
//!
//! Source: [node-semver](https://github.com/npm/node-semver#ranges) for npm;
//! [version specifiers](https://packaging.python.org/en/latest/specifications/version-specifiers/) and Poetry's
//! [dependency specification](https://python-poetry.org/docs/dependency-specification/) for Python.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use semver::VersionReq;
use version_ranges::Ranges;

/// The alternatives of a range of npm's, in Cargo's words: one of them must be met. None for a tag such as `next`, and for
/// whatever else is no range.
#[must_use]
pub fn npm(range: &str) -> Option<Vec<VersionReq>> {
    let range = range.trim();
    let range = range.strip_prefix("npm:").and_then(|rest| rest.rsplit('@').next()).unwrap_or(range);
    if range == "latest" {
        return Some(vec![VersionReq::STAR]);
    }
    range.split("||").map(all_of).collect()
}

/// Comparators with blanks between them, all of which must be met.
fn all_of(text: &str) -> Option<VersionReq> {
    if let Some((from, to)) = text.split_once(" - ") {
        return VersionReq::parse(&format!(">={}, <={}", partial(from)?, partial(to)?)).ok();
    }
    let mut comparators: Vec<String> = Vec::new();
    let mut operator = String::new();
    for word in text.split_whitespace() {
        let bare = word.trim_start_matches(['<', '>', '=', '^', '~']);
        operator.push_str(&word[..word.len() - bare.len()]);
        // `>= 1.2`: the blank says nothing.
        if bare.is_empty() {
            continue;
        }
        let written = std::mem::take(&mut operator);
        comparators.extend(comparator(&written, &partial(bare)?)?);
    }
    if comparators.is_empty() {
        return operator.is_empty().then_some(VersionReq::STAR);
    }
    VersionReq::parse(&comparators.join(", ")).ok()
}

/// One comparator in Cargo's words; nothing for one that all versions meet.
fn comparator(operator: &str, version: &str) -> Option<Option<String>> {
    if version == "*" {
        return matches!(operator, "" | "=" | "^" | "~" | ">=" | "<=" | "~>").then_some(None);
    }
    let is_full = version.split(['-', '+']).next().unwrap_or_default().split('.').count() == 3;
    let operator = match operator {
        // A partial version is every version that begins so, and to Cargo a caret.
        "" | "=" if is_full => "=",
        "" | "=" | "~>" => "~",
        operator => operator,
    };
    Some(Some(format!("{operator}{version}")))
}

/// A version without the `v` ahead of it and the wildcards behind it; `*` where nothing is left.
fn partial(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    if !numbers.contains(['x', 'X', '*']) {
        return text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.to_owned());
    }
    let is_wild = |part: &&str| matches!(*part, "x" | "X" | "*");
    let kept: Vec<&str> = numbers.split('.').take_while(|part| !is_wild(part)).collect();
    Some(if kept.is_empty() { "*".to_owned() } else { kept.join(".") })
}

/// What a specifier of PEP 440 admits; none for what is none, `===` included.
#[must_use]
pub fn python(specifier: &str) -> Option<Ranges<Version>> {
    let specifier = specifier.split(';').next().unwrap_or_default().trim().trim_end_matches(',');
    if matches!(specifier, "" | "*") {
        return Some(Ranges::full());
    }
    VersionSpecifiers::from_str(specifier).ok().map(Ranges::from)
}

/// What a constraint of Poetry's admits.
#[must_use]
pub fn poetry(constraint: &str) -> Option<Ranges<Version>> {
    let mut admitted = Ranges::empty();
    for alternative in constraint.split('|').filter(|part| !part.trim().is_empty()) {
        let mut all = Ranges::full();
        let mut operator = String::new();
        for word in alternative.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
            let bare = word.trim_start_matches(['<', '>', '=', '^', '~', '!']);
            operator.push_str(&word[..word.len() - bare.len()]);
            if !bare.is_empty() {
                all = all.intersection(&poetry_one(&std::mem::take(&mut operator), bare)?);
            }
        }
        admitted = admitted.union(&all);
    }
    Some(admitted)
}

fn poetry_one(operator: &str, version: &str) -> Option<Ranges<Version>> {
    if version == "*" {
        return Some(Ranges::full());
    }
    let numbers = version.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    let numbers: Vec<u64> = numbers.split('.').map_while(|number| number.parse().ok()).collect();
    // The place of the number that must stay: for a caret the first that is not zero.
    let place = match operator {
        "^" => numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len().saturating_sub(1)),
        "~" => usize::from(numbers.len() > 1),
        "" | "=" => return python(&format!("=={version}")),
        _ => return python(&format!("{operator}{version}")),
    };
    let mut next: Vec<u64> = numbers.get(..=place)?.to_vec();
    if let Some(last) = next.last_mut() {
        *last = last.checked_add(1)?;
    }
    let next: Vec<String> = next.iter().map(u64::to_string).collect();
    python(&format!(">={version},<{}", next.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_s_ranges_admit_what_npm_says() {
        // By `semver.satisfies` of npm's own library.
        for (range, has, has_not) in [
            ("^1.2.3", "1.9.0", "2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("~1.2.3", "1.2.9", "1.3.0"),
            ("1", "1.9.0", "2.0.0"),
            ("1.2", "1.2.9", "1.3.0"),
            ("1.x", "1.3.0", "2.0.0"),
            ("v1.2.x", "1.2.9", "1.3.0"),
            (">=1.2 <2", "1.3.0", "2.3.0"),
            (">= 1.2.0 < 2", "1.3.0", "2.3.0"),
            (">1.x", "2.0.0", "1.9.0"),
            ("1 || 3", "3.2.0", "2.3.0"),
            ("1.2.3", "1.2.3", "1.2.4"),
            ("=1.2", "1.2.4", "1.3.0"),
            ("1.2.3 - 2", "2.9.0", "3.0.0"),
            ("npm:@a/b@^1", "1.2.4", "2.0.0"),
            ("*", "9.0.0", "9.0.0-rc.1"),
            ("", "9.0.0", "9.0.0-rc.1"),
            ("~> 1.2", "1.2.9", "1.3.0"),
        ] {
            let version = |text| semver::Version::parse(text).expect("a version");
            let all = npm(range).expect(range);
            let admits = |text| all.iter().any(|one| one.matches(&version(text)));
            assert!(admits(has) && !admits(has_not), "{range}: {all:?}");
        }
        assert!(npm("next").is_none() && npm(">").is_none());
    }

    #[test]
    fn python_s_specifiers_admit_what_they_say() {
        let version = |text: &str| Version::from_str(text).expect("a version");
        for (specifier, has, has_not) in [
            (">=1,<2", "1.5", "2.0"),
            ("==1.0", "1.0.0", "1.0.1"),
            ("==1.4.*", "1.4.9", "1.5"),
            ("~=1.4.2", "1.4.9", "1.5"),
            (">=1 ; python_version < '4'", "2", "0.9"),
        ] {
            let ranges = python(specifier).expect(specifier);
            assert!(ranges.contains(&version(has)) && !ranges.contains(&version(has_not)), "{specifier}");
        }
        // By `poetry-core`.
        for (constraint, has, has_not) in [
            ("^1.2.3", "1.9", "2"),
            ("^0.2.3", "0.2.9", "0.3"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("~1.2.3", "1.2.9", "1.3"),
            ("~1", "1.9", "2"),
            ("1.2.*", "1.2.9", "1.3"),
            ("1.2.3", "1.2.3", "1.2.4"),
            (">= 1, < 2", "1.5", "2"),
            ("^1 || ^3", "3.1", "2"),
        ] {
            let ranges = poetry(constraint).expect(constraint);
            assert!(ranges.contains(&version(has)) && !ranges.contains(&version(has_not)), "{constraint}");
        }
    }
}
