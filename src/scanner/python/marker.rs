//! Environment markers: whether what follows a `;` is one. What it says does not matter here.
//!
//! Source: [dependency specifiers](https://packaging.python.org/en/latest/specifications/dependency-specifiers/). Markers of
//! any depth are read without recursion: a repository under scan is hostile.

/// What a marker may ask for.
const VARIABLES: [&str; 19] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
];

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    /// An opening parenthesis or the left side of a comparison.
    Item,
    Operator,
    Right,
    /// `and`, `or`, a closing parenthesis or the end.
    Next,
}

/// Whether a text is an environment marker.
pub(super) fn is_one(text: &str) -> bool {
    let (mut expect, mut depth, mut rest) = (Expect::Item, 0_usize, text.trim());
    while !rest.is_empty() {
        let Some((word, after)) = token(rest) else { return false };
        rest = after.trim_start();
        expect = match (expect, word) {
            (Expect::Item, "(") => {
                depth += 1;
                Expect::Item
            }
            (Expect::Item, word) if is_operand(word) => Expect::Operator,
            (Expect::Operator, "<=" | "<" | "!=" | "==" | ">=" | ">" | "~=" | "===" | "in") => Expect::Right,
            (Expect::Operator, "not") => match token(rest) {
                Some(("in", after)) => {
                    rest = after.trim_start();
                    Expect::Right
                }
                _ => return false,
            },
            (Expect::Right, word) if is_operand(word) => Expect::Next,
            (Expect::Next, "and" | "or") => Expect::Item,
            (Expect::Next, ")") if depth > 0 => {
                depth -= 1;
                Expect::Next
            }
            _ => return false,
        };
    }
    expect == Expect::Next && depth == 0
}

fn is_operand(word: &str) -> bool {
    word.starts_with(['\'', '"']) || VARIABLES.contains(&word) || word == "dependency_groups"
}

/// The first token and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let end = match first {
        '(' | ')' => 1,
        '\'' | '"' => text[1..].find(first)? + 2,
        '<' | '>' | '=' | '!' | '~' => text.find(|c| !matches!(c, '<' | '>' | '=' | '!' | '~')).unwrap_or(text.len()),
        _ => text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len()),
    };
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_told_from_others() {
        for text in [
            "python_version < '3.9'",
            "(os_name=='nt' or sys_platform == \"win32\") and extra == 'x'",
            "'linux' in sys_platform",
            "sys_platform not in 'win32'",
        ] {
            assert!(is_one(text), "{text}");
        }
        for text in [
            "",
            "python_version",
            "python_version < 3.9",
            "a == 'b'",
            "(os_name=='nt'",
            "os_name=='nt')",
            "os_name=='nt' and",
        ] {
            assert!(!is_one(text), "{text}");
        }
        let deep = format!("{}os_name=='nt'{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(is_one(&deep));
    }
}
