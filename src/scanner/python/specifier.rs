//! How tightly a version specifier holds: that of PEP 440, and Poetry's dialect.
//!
//! Source: [version specifiers](https://packaging.python.org/en/latest/specifications/version-specifiers/), and Poetry's
//! [dependency specification](https://python-poetry.org/docs/dependency-specification/). `packaging` and `poetry-core` are
//! the oracles of the tests.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier};

use crate::scanner::dependency::Pin;

/// The operators of PEP 440, the longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// What may stand between the parts of a requirement: no other white space.
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// How tightly a specifier of PEP 440 holds: one `==` without `.*`, or a `===`, admits a single version, whatever stands
/// beside it.
///
/// # Errors
/// Why it is none, as a lowercase fragment.
pub(super) fn pin(specifier: &str) -> Result<Pin, String> {
    let mut pin = Pin::Latest;
    for part in parts(specifier) {
        pin = pin.max(match Part::parse(part)? {
            Part::Arbitrary(_) => Pin::Exact,
            Part::Specifier(one) if *one.operator() == Operator::Equal => Pin::Exact,
            Part::Specifier(_) => Pin::Range,
        });
    }
    Ok(pin)
}

/// Whether a specifier of PEP 440 admits a version; what cannot be read admits none.
pub(super) fn admits(specifier: &str, version: &str) -> bool {
    let Ok(parsed) = Version::from_str(version) else { return false };
    parts(specifier).all(|part| match Part::parse(part) {
        Ok(Part::Arbitrary(text)) => text.eq_ignore_ascii_case(version),
        Ok(Part::Specifier(one)) => one.contains(&parsed),
        Err(_) => false,
    })
}

/// A specifier without what does not count: its parts, sorted.
pub(super) fn canonical(specifier: &str) -> Vec<String> {
    let mut parts: Vec<String> = parts(specifier).map(|part| part.split_whitespace().collect()).collect();
    parts.sort_unstable();
    parts
}

/// The parts between the commas; one may follow the last.
fn parts(specifier: &str) -> impl Iterator<Item = &str> {
    let text = specifier.trim_matches(BLANKS);
    let inner = text.strip_suffix(',').filter(|inner| !inner.is_empty()).unwrap_or(text);
    inner.split(',').map(|part| part.trim_matches(BLANKS)).filter(move |_| !text.is_empty())
}

/// One part of a specifier.
enum Part<'t> {
    /// `===`: the text as it stands.
    Arbitrary(&'t str),
    /// Any other.
    Specifier(VersionSpecifier),
}

impl<'t> Part<'t> {
    fn parse(part: &'t str) -> Result<Self, String> {
        let Some(operator) = OPERATORS.into_iter().find(|operator| part.starts_with(operator)) else {
            return Err(format!("`{part}` begins with no operator such as `==`"));
        };
        let version = part[operator.len()..].trim_matches(BLANKS);
        if operator == "===" {
            let is_one =
                !version.is_empty() && !version.contains(|c: char| c.is_whitespace() || matches!(c, ';' | ')'));
            return if is_one { Ok(Self::Arbitrary(version)) } else { Err(format!("`{part}` names no version")) };
        }
        VersionSpecifier::from_str(part).map(Self::Specifier).map_err(|_| format!("`{part}` is no version specifier"))
    }
}

/// How tightly a constraint of Poetry holds: a version by itself, or behind `==`, is exact; `^`, `~` and `*` are not.
///
/// # Errors
/// Why it is none, as a lowercase fragment.
pub(super) fn poetry_pin(constraint: &str) -> Result<Pin, String> {
    let mut pins = constraint.split('|').filter(|part| !part.trim().is_empty()).map(poetry_all);
    let first = pins.next().ok_or("it is empty")??;
    let mut is_alone = true;
    for pin in pins {
        is_alone = false;
        pin?;
    }
    Ok(if is_alone { first } else { first.min(Pin::Range) })
}

/// How tightly constraints hold that all must be met, between commas or blanks.
fn poetry_all(text: &str) -> Result<Pin, String> {
    let mut pin = Pin::Latest;
    let mut words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let version = word.trim_start_matches(['=', '<', '>', '!', '~', '^']);
        let operator = &word[..word.len() - version.len()];
        // `>= 1.2`
        let version = if version.is_empty() { words.next().unwrap_or_default() } else { version };
        pin = pin.max(poetry_one(operator, version).ok_or_else(|| format!("`{word}` is no constraint of Poetry's"))?);
    }
    Ok(pin)
}

fn poetry_one(operator: &str, version: &str) -> Option<Pin> {
    if version == "*" || version == "x" {
        return operator.is_empty().then_some(Pin::Latest);
    }
    let bare = version.strip_suffix(".*").or_else(|| version.strip_suffix(".x"));
    Version::from_str(bare.map_or(version, |bare| bare.trim_end_matches(".*"))).ok()?;
    match operator {
        "" | "=" | "==" if bare.is_none() => Some(Pin::Exact),
        "" | "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "~=" | "^" => Some(Pin::Range),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(specifiers: &[&str], expected: Pin) {
        for specifier in specifiers {
            assert_eq!(pin(specifier), Ok(expected), "{specifier}");
        }
    }

    #[test]
    fn exact_is_one_version() {
        check(
            &["==1.0", "== 1.0", "===1.0", "===weird", "==1.0+cpu", "==1!2.0rc1.post2.dev3", ">=1,==1.2"],
            Pin::Exact,
        );
        check(&["==1.*", "~=1.4.5", ">=1", "!=1", ">=1,<2", "<2,"], Pin::Range);
        check(&["", " "], Pin::Latest);
    }

    #[test]
    fn what_is_none_is_said() {
        for specifier in ["1.0", "=1.0", "==", "== ", ">=1.*", "~=1", "==a.b", ",", ">=1,,<2", "^1", "=== a b"] {
            assert!(pin(specifier).is_err(), "{specifier}");
        }
    }

    #[test]
    fn a_specifier_admits_what_it_says() {
        assert!(admits(">=1,<2", "1.5") && admits("", "3") && admits("==1.0", "1.0.0") && admits("===1.0", "1.0"));
        assert!(!admits(">=1,<2", "2.0") && !admits("===1.0", "1.0.0") && !admits(">=1", "weird"));
    }

    #[test]
    fn poetry_has_a_dialect_of_its_own() {
        for (constraint, expected) in [
            ("1.2.3", Pin::Exact),
            ("==1.2", Pin::Exact),
            ("== 1.2", Pin::Exact),
            ("^1.2", Pin::Range),
            ("~1.2", Pin::Range),
            ("1.*", Pin::Range),
            (">=1 <2", Pin::Range),
            (">= 1, < 2", Pin::Range),
            ("^1 || ^2", Pin::Range),
            ("1.2.3 || 1.2.4", Pin::Range),
            ("*", Pin::Latest),
        ] {
            assert_eq!(poetry_pin(constraint), Ok(expected), "{constraint}");
        }
        assert!(poetry_pin("newest").is_err());
    }
}
