//! What a `${{ … }}` in a workflow can come to, as far as the file itself says: literals, and the values of a static matrix.
//!
//! Source: GitHub's reference of [expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions).
//! Everything else (inputs, variables, outputs, functions) is not decidable here.

use super::matrix::{Cell, Row};
use crate::scanner::yaml::Value;

/// What an expression can come to.
#[derive(Debug, Clone)]
pub(super) enum Possible<'d> {
    /// This text; where it is a value of the matrix, that.
    Text(String, Option<Value<'d>>),
    /// Nothing: false, null or the empty text.
    Nothing,
    /// Not decidable.
    Unknown,
}

/// A text with its expressions replaced, and the one value of the matrix that it wholly is.
#[derive(Debug)]
pub(super) struct Resolved<'d> {
    pub(super) text: String,
    pub(super) source: Option<Value<'d>>,
}

/// The most texts that one can come to in one row of the matrix.
const MOST: usize = 64;
/// How deep parentheses may nest.
const DEEPEST: usize = 16;
/// How long a text with expressions may be, in bytes.
const LONGEST: usize = 2_000;

/// Every text that a text with expressions can come to in a row of the matrix. What is not decidable stays as it is written.
pub(super) fn resolve<'d>(text: &str, row: &Row<'d>) -> Vec<Resolved<'d>> {
    let mut resolved = vec![Resolved { text: String::new(), source: None }];
    let mut rest = if text.len() > LONGEST { "" } else { text };
    while let Some((before, expression, after)) = split(rest) {
        resolved.iter_mut().for_each(|one| one.text.push_str(before));
        let is_whole = before.is_empty() && after.is_empty() && rest.len() == text.len();
        let written = &rest[before.len()..rest.len() - after.len()];
        let possible = evaluate(expression, row);
        let possible = if resolved.len() * possible.len() > MOST { vec![Possible::Unknown] } else { possible };
        let extend = |one: &Resolved<'d>| {
            let text = one.text.clone();
            let with = move |possible: &Possible<'d>| match possible {
                Possible::Text(value, source) => {
                    Resolved { text: format!("{text}{value}"), source: source.filter(|_| is_whole) }
                }
                Possible::Nothing => Resolved { text: text.clone(), source: None },
                Possible::Unknown => Resolved { text: format!("{text}{written}"), source: None },
            };
            possible.iter().map(with).collect::<Vec<_>>()
        };
        resolved = resolved.iter().flat_map(extend).collect();
        rest = after;
    }
    let rest = if text.len() > LONGEST { text } else { rest };
    resolved.iter_mut().for_each(|one| one.text.push_str(rest));
    resolved
}

/// The first expression of a text: what precedes it, what is in it, and what follows. A `}}` inside a literal ends none.
pub(super) fn split(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("${{")?;
    let body = &text[start + 3..];
    let mut is_quoted = false;
    let end = body.bytes().enumerate().find_map(|(at, byte)| {
        is_quoted ^= byte == b'\'';
        (!is_quoted && body.as_bytes()[at..].starts_with(b"}}")).then_some(at)
    })?;
    Some((&text[..start], &body[..end], &body[end + 2..]))
}

fn evaluate<'d>(expression: &str, row: &Row<'d>) -> Vec<Possible<'d>> {
    let mut parser = Expression { rest: expression.trim(), row, depth: 0 };
    match parser.either() {
        Some(possible) if parser.rest.is_empty() && possible.len() <= MOST => possible,
        _ => vec![Possible::Unknown],
    }
}

/// An expression while it is read; each method takes one part of it, and has none for what it does not know.
struct Expression<'e, 'd> {
    rest: &'e str,
    row: &'e Row<'d>,
    depth: usize,
}

impl<'d> Expression<'_, 'd> {
    fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest.trim_start();
        true
    }

    /// `a || b`: the first that is something.
    fn either(&mut self) -> Option<Vec<Possible<'d>>> {
        let mut possible = self.both()?;
        while self.eat("||") {
            let right = self.both()?;
            let falls = possible.iter().any(|one| !matches!(one, Possible::Text(..)));
            possible.retain(|one| !matches!(one, Possible::Nothing));
            if falls {
                possible.extend(right);
            }
            if possible.len() > MOST {
                return None;
            }
        }
        Some(possible)
    }

    /// `a && b`: nothing where the first is nothing, else the second.
    fn both(&mut self) -> Option<Vec<Possible<'d>>> {
        let mut possible = self.compared()?;
        while self.eat("&&") {
            let right = self.compared()?;
            let holds = possible.iter().any(|one| !matches!(one, Possible::Nothing));
            let fails = possible.iter().any(|one| !matches!(one, Possible::Text(..)));
            possible = fails.then_some(Possible::Nothing).into_iter().collect();
            if holds {
                possible.extend(right);
            }
        }
        Some(possible)
    }

    /// `a == b` and the like: true or false, whichever.
    fn compared(&mut self) -> Option<Vec<Possible<'d>>> {
        let left = self.operand()?;
        if !["==", "!=", "<=", ">=", "<", ">"].into_iter().any(|operator| self.eat(operator)) {
            return Some(left);
        }
        self.operand()?;
        Some(vec![Possible::Nothing, Possible::Unknown])
    }

    fn operand(&mut self) -> Option<Vec<Possible<'d>>> {
        if self.eat("!") {
            self.operand()?;
            return Some(vec![Possible::Nothing, Possible::Unknown]);
        }
        if self.eat("(") {
            self.depth += 1;
            let inner = if self.depth > DEEPEST { None } else { self.either() }?;
            self.depth -= 1;
            return self.eat(")").then_some(inner);
        }
        if self.rest.starts_with('\'') {
            return self.literal();
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        self.rest = self.rest[end..].trim_start();
        if word.is_empty() {
            return None;
        }
        if self.rest.starts_with('(') {
            return self.call();
        }
        self.path(word)
    }

    /// A text in single quotes, in which two of them are one.
    fn literal(&mut self) -> Option<Vec<Possible<'d>>> {
        let mut value = String::new();
        let mut rest = self.rest.strip_prefix('\'')?;
        loop {
            let (piece, after) = rest.split_once('\'')?;
            value.push_str(piece);
            rest = after;
            match rest.strip_prefix('\'') {
                Some(after) => rest = after,
                None => break,
            }
            value.push('\'');
        }
        self.rest = rest.trim_start();
        Some(vec![if value.is_empty() { Possible::Nothing } else { Possible::Text(value, None) }])
    }

    /// A function: what it comes to is not decided, and nothing of it is read but its end.
    fn call(&mut self) -> Option<Vec<Possible<'d>>> {
        let (mut depth, mut is_quoted) = (0usize, false);
        let end = self.rest.bytes().position(|byte| {
            is_quoted ^= byte == b'\'';
            match byte {
                b'(' if !is_quoted => depth += 1,
                b')' if !is_quoted => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        self.rest = self.rest[end + 1..].trim_start();
        Some(vec![Possible::Nothing, Possible::Unknown])
    }

    /// A context's value, of which only the matrix's are known; or a literal without quotes.
    fn path(&mut self, word: &str) -> Option<Vec<Possible<'d>>> {
        let mut keys: Vec<String> = word.split('.').map(str::to_owned).collect();
        while self.eat("[") {
            let end = self.rest.find(']')?;
            let key = self.rest[..end].trim().strip_prefix('\'').and_then(|key| key.strip_suffix('\''));
            keys.push(key.unwrap_or("*").to_owned());
            self.rest = &self.rest[end + 1..];
            let tail = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
            let (more, rest) = self.rest.split_at(tail.unwrap_or(self.rest.len()));
            keys.extend(more.split('.').filter(|key| !key.is_empty()).map(str::to_owned));
            self.rest = rest.trim_start();
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        Some(vec![match keys.as_slice() {
            ["false" | "null"] => Possible::Nothing,
            [number] if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
                Possible::Text((*number).to_owned(), None)
            }
            [context, first, more @ ..] if context.eq_ignore_ascii_case("matrix") => self.in_matrix(first, more),
            _ => Possible::Unknown,
        }])
    }

    fn in_matrix(&self, first: &str, more: &[&str]) -> Possible<'d> {
        let mut value = match self.row.get(first) {
            Cell::Value(value) => value,
            Cell::Nothing => return Possible::Nothing,
            Cell::Unknown => return Possible::Unknown,
        };
        for key in more {
            let entry = value.entries().find(|(other, _)| other.eq_ignore_ascii_case(key));
            match entry {
                Some((_, inner)) => value = inner,
                None if value.is_mapping() => return Possible::Nothing,
                None => return Possible::Unknown,
            }
        }
        match value.text() {
            Some(text) if text.contains("${{") => Possible::Unknown,
            Some("" | "null" | "~" | "false") => Possible::Nothing,
            Some(text) => Possible::Text(text.to_owned(), Some(value)),
            None => Possible::Unknown,
        }
    }
}
