//! Variables of a Dockerfile: `ARG` with its default, and `ENV`.
//!
//! Source: the [Dockerfile reference](https://docs.docker.com/reference/dockerfile/#environment-replacement). A build that is
//! told nothing gets the defaults; what has none, and what the builder sets (`TARGETARCH`), stays as it is written.

use std::collections::HashMap;
use std::ops::Range;

/// The longest value that is kept, in bytes: defaults made of defaults grow without end.
const LONGEST: usize = 1_000;
/// The most variables of a scope.
const MOST: usize = 64;
/// How deep a default may have variables in its own default.
const DEEPEST: usize = 8;

/// The variables that are known at some place.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(HashMap<String, Variable>);

/// What a variable is.
#[derive(Debug, Clone, Default)]
struct Variable {
    /// Its value; none where it has no default.
    value: Option<String>,
    /// Where the whole value stands.
    source: Option<Range<usize>>,
}

/// A text with what is known of its variables.
#[derive(Debug, Clone, Default)]
pub(super) struct Expanded {
    /// What is not known stays as it is written, from its `$` on.
    pub(super) text: String,
    /// Where it stands, if it is wholly the value of one variable.
    pub(super) source: Option<Range<usize>>,
}

impl Scope {
    /// Declares what an `ARG` or `ENV` says, each with its value as written and where that is; what is declared without a
    /// value has that of `outer`.
    pub(super) fn declare(&mut self, declared: &[Declared<'_>], outer: Option<&Scope>) {
        for Declared { name, value, at } in declared {
            let variable = match value {
                Some(value) => {
                    let source = at.map(|at| at..at + value.len());
                    let plain = unquoted(value);
                    let expanded = self.expand(&plain);
                    let is_plain = expanded.text == **value;
                    let is_quoted =
                        value.len() == plain.len() + 2 && value.get(1..=plain.len()) == Some(&expanded.text);
                    let source = source.filter(|_| is_plain || is_quoted);
                    let source = source.map(|at| if is_quoted { at.start + 1..at.end - 1 } else { at });
                    Variable {
                        value: Some(expanded.text).filter(|text| text.len() <= LONGEST),
                        source: expanded.source.or(source),
                    }
                }
                None => outer.and_then(|outer| outer.0.get(*name)).cloned().unwrap_or_default(),
            };
            if self.0.len() < MOST || self.0.contains_key(*name) {
                self.0.insert((*name).to_owned(), variable);
            }
        }
    }

    /// The variables whose value is known.
    pub(super) fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, variable)| {
            let value = variable.value.as_deref().filter(|value| !value.contains('$'))?;
            Some((name.as_str(), value))
        })
    }

    /// Puts in the values that are known.
    pub(super) fn expand(&self, text: &str) -> Expanded {
        self.expand_at(text, 0)
    }

    fn expand_at(&self, text: &str, depth: usize) -> Expanded {
        let mut expanded = Expanded::default();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            expanded.text.push_str(&rest[..dollar]);
            let (written, name, operator) = reference(&rest[dollar..]);
            let value = name.and_then(|name| self.value(name, operator, depth));
            let is_whole = written.len() == text.len();
            match value {
                Some(value) => {
                    expanded.text.push_str(&value.text);
                    expanded.source = value.source.filter(|_| is_whole);
                }
                None => expanded.text.push_str(written),
            }
            rest = &rest[dollar + written.len()..];
            if expanded.text.len() > LONGEST {
                return Expanded { text: text.to_owned(), source: None };
            }
        }
        expanded.text.push_str(rest);
        expanded
    }

    /// What a reference comes to; none where that is not known.
    fn value(&self, name: &str, operator: &str, depth: usize) -> Option<Expanded> {
        let variable = self.0.get(name);
        if variable.is_none() && is_set_by_builder(name) {
            return None;
        }
        let own = variable
            .and_then(|variable| variable.value.clone().map(|text| Expanded { text, source: variable.source.clone() }));
        let word = |from: usize| {
            let text = operator.get(from..).unwrap_or_default();
            (depth < DEEPEST).then(|| self.expand_at(text, depth + 1))
        };
        let own_text = own.as_ref().map(|own| own.text.as_str());
        match operator.as_bytes() {
            [] => own.filter(|own| !own.text.is_empty()),
            [b':', b'-', ..] if own_text.is_none_or(str::is_empty) => word(2),
            [b'-', ..] if own_text.is_none() => word(1),
            [b':', b'-', ..] | [b'-', ..] => own,
            [b':', b'+', ..] if own_text.is_some_and(|text| !text.is_empty()) => word(2),
            [b'+', ..] if own_text.is_some() => word(1),
            [b':', b'+', ..] | [b'+', ..] => Some(Expanded::default()),
            [b':', b'?', ..] | [b'?', ..] => own,
            _ => {
                let changed = |text: &str| self.expand_at(text, depth + 1).text;
                (depth < DEEPEST).then(|| edited(own_text?, operator, changed)).flatten()
            }
        }
    }
}

/// What `#`, `%` and `/` make of a value; none where their pattern is more than a text.
fn edited(value: &str, operator: &str, expand: impl Fn(&str) -> String) -> Option<Expanded> {
    if operator.contains(['*', '?', '[', '\\']) {
        return None;
    }
    let text = match operator.as_bytes() {
        [b'#', b'#', ..] | [b'%', b'%', ..] => return None,
        [b'#', ..] => value.strip_prefix(&expand(&operator[1..])).unwrap_or(value).to_owned(),
        [b'%', ..] => value.strip_suffix(&expand(&operator[1..])).unwrap_or(value).to_owned(),
        [b'/', more @ ..] => {
            let is_all = more.first() == Some(&b'/');
            let (pattern, replacement) = operator[1 + usize::from(is_all)..].split_once('/')?;
            let (pattern, replacement) = (expand(pattern), expand(replacement));
            if pattern.is_empty() || replacement.len() > LONGEST {
                return None;
            }
            value.replacen(&pattern, &replacement, if is_all { LONGEST } else { 1 })
        }
        _ => return None,
    };
    Some(Expanded { text, source: None })
}

/// A reference at the start of a text: all of it, the variable's name, and the operator with its word.
fn reference(text: &str) -> (&str, Option<&str>, &str) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let Some(inner) = text.strip_prefix("${") else {
        let name = &text[1..];
        let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
        return (&text[..1 + end], Some(&name[..end]).filter(|name| !name.is_empty()), "");
    };
    let mut depth = 1usize;
    let end = inner.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let Some(end) = end else { return (text, None, "") };
    let body = &inner[..end];
    let name = body.find(|c| !is_name(c)).unwrap_or(body.len());
    (&text[..end + 3], Some(&body[..name]).filter(|name| !name.is_empty()), &body[name..])
}

/// Whether the builder gives it a value of its own.
fn is_set_by_builder(name: &str) -> bool {
    ["TARGET", "BUILD"].iter().any(|start| {
        let rest = name.strip_prefix(start);
        rest.is_some_and(|rest| matches!(rest, "PLATFORM" | "OS" | "OSVERSION" | "ARCH" | "VARIANT" | "STAGE"))
    })
}

/// What stands ahead of and behind the one reference of a text, where that is to a variable that the builder sets: `base-$TARGETARCH`.
pub(super) fn around_platform(text: &str) -> Option<(&str, &str)> {
    let dollar = text.find('$')?;
    let (written, name, _) = reference(&text[dollar..]);
    let behind = &text[dollar + written.len()..];
    (name.is_some_and(is_set_by_builder) && !behind.contains('$')).then(|| (&text[..dollar], behind))
}

/// A text without its quotes.
pub(super) fn unquoted(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '"' | '\'')).collect()
}

/// A name that an instruction declares.
#[derive(Debug, PartialEq)]
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    /// The value as written, with its quotes.
    pub(super) value: Option<&'a str>,
    /// Where that stands in the file, if it stands there just so.
    pub(super) at: Option<usize>,
}

/// The declarations in the arguments of an `ARG` or `ENV`, which stand at an offset if they stand there just so; the old form
/// `ENV NAME value` is one.
pub(super) fn declared(arguments: &str, at: Option<usize>, is_env: bool) -> Vec<Declared<'_>> {
    let first = arguments.split_ascii_whitespace().next().unwrap_or_default();
    if is_env && !first.contains('=') {
        let value = arguments[first.len()..].trim();
        let offset = arguments.len() - arguments[first.len()..].trim_start().len();
        return vec![Declared { name: first, value: Some(value), at: at.map(|at| at + offset) }];
    }
    let mut found = Vec::new();
    let (mut start, mut quote, mut is_escaped) = (0, None, false);
    let ends = arguments.char_indices().chain([(arguments.len(), '\n')]);
    for (place, c) in ends {
        match c {
            _ if is_escaped && place < arguments.len() => is_escaped = false,
            '\\' => is_escaped = true,
            '"' | '\'' if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if c.is_ascii_whitespace() && (quote.is_none() || place == arguments.len()) => {
                let word = &arguments[start..place];
                let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
                if !name.is_empty() {
                    found.push(Declared { name, value, at: at.map(|at| at + start + name.len() + 1) });
                }
                start = place + c.len_utf8();
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(arguments: &str) -> Scope {
        let mut scope = Scope::default();
        declared(arguments, Some(0), false).iter().for_each(|one| scope.declare(std::slice::from_ref(one), None));
        scope
    }

    #[track_caller]
    fn check(arguments: &str, text: &str, expected: &str) {
        assert_eq!(scope(arguments).expand(text).text, expected, "{text}");
    }

    #[test]
    fn defaults_are_put_in() {
        let given = "A=node B=20 C= D E='q r' F=${A}:$B";
        for (text, expected) in [
            ("$A:${B}", "node:20"),
            ("${D:-x}-${D-y}-${C:-z}-${C-w}", "x-y-z-"),
            ("${A:+w}${D:+w}${C+v}", "wv"),
            ("$E", "q r"),
            ("$F", "node:20"),
            ("${UNDECLARED:-${A:-x}}", "node"),
            ("a$$", "a$$"),
            ("${A#no}${A%de}${A#x}", "denonode"),
            ("${F/node:$B/${A}@1}${A/x/y}${E//r/s}", "node@1nodeq s"),
        ] {
            check(given, text, expected);
        }
    }

    #[test]
    fn what_is_not_known_stays() {
        for text in ["$D", "${D}", "$X", "${A", "$", "${TARGETARCH:-amd64}", "${}", "${A/n*/m}", "${A##n}"] {
            check("A=node D", text, text);
        }
    }

    #[test]
    fn values_do_not_grow_without_end() {
        let mut scope = scope("A0=xxxxxxxxxx");
        for n in 1..200 {
            let (name, value) = (format!("A{n}"), format!("$A{}$A{}", n - 1, n - 1));
            scope.declare(&[Declared { name: &name, value: Some(&value), at: None }], None);
        }
        assert!(scope.0.values().all(|variable| variable.value.as_ref().is_none_or(|value| value.len() <= LONGEST)));
        assert!(scope.0.len() <= MOST);
    }

    #[test]
    fn where_a_whole_value_stands_is_known() {
        let text = "A=node B=\"a:1\" C=$A";
        let scope = scope(text);
        let at = |text: &str| scope.expand(text).source;
        assert_eq!((at("$A"), at("${B}"), at("$C"), at("$A:1")), (Some(2..6), Some(10..13), Some(2..6), None));
    }

    #[test]
    fn a_platform_in_a_name_is_told_from_any_other_variable() {
        assert_eq!(around_platform("base-$TARGETARCH"), Some(("base-", "")));
        assert_eq!(around_platform("a_${TARGETOS}_b"), Some(("a_", "_b")));
        for none in ["base", "base-$ARCH", "$TARGETOS-$TARGETARCH", "a-$", "a-${TARGETARCH"] {
            assert_eq!(around_platform(none), None, "{none}");
        }
    }
}
