//! Text as GitHub's Markdown: what comes from a repository becomes code, which no renderer reads as anything else.
//!
//! Escapes and entities are no remedy: GitHub looks for `@names`, `#123` and addresses in what was rendered, code aside.

use crate::reporter::terminal::{escape, shorten};

/// The most characters of a value.
const MOST: usize = 160;

/// A value as code that stays code, and stays in its cell of a table.
pub(in crate::reporter) fn code(value: &str) -> String {
    code_of(value, MOST)
}

/// The same, with this many characters at most.
pub(in crate::reporter) fn code_of(value: &str, most: usize) -> String {
    span(&shorten(&escape(value), most))
}

/// A name as a link to a URL, where that is plainly one.
pub(in crate::reporter) fn link(name: &str, url: Option<&str>) -> String {
    let name = code(name);
    let is_plain = |url: &&str| {
        let rest = url.strip_prefix("https://").unwrap_or_default();
        !rest.is_empty()
            && rest.len() < 200
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/' | ':'))
    };
    match url.filter(is_plain) {
        Some(url) => format!("[{name}]({url})"),
        None => name,
    }
}

/// The code of a text that is safe and short.
fn span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // Renderers do not agree what becomes of a backslash ahead of an escaped bar.
    let text = text.replace("\\|", "\\\\u{7c}").replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One blank is taken off at both ends, where there is one at both; and a fence ends where its backticks do.
    let edge = |c: char| c == '`' || c == ' ';
    let pad = if text.starts_with(edge) || text.ends_with(edge) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence: what is quoted in it becomes code, and so does each word that is not plainly one.
pub(in crate::reporter) fn prose(sentence: &str) -> String {
    let sentence = shorten(&escape(sentence), 1000);
    let quotes = sentence.matches('`').count();
    if quotes % 2 == 1 {
        return words(&sentence);
    }
    let parts = sentence.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { code(part) } else { words(part) }).collect()
}

fn words(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    let punctuation = |c: char| matches!(c, '.' | ',' | ';' | ':' | '?' | ')' | '(' | '\'');
    let ahead = word.len() - word.trim_start_matches('(').len();
    let behind = word.trim_end_matches(punctuation).len().max(ahead);
    let inner = &word[ahead..behind];
    let letters =
        inner.len() <= 40 && inner.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '\'' || c == '…');
    // Longer numbers could be the ids of commits.
    let is_plain = letters || inner.len() < 7 && inner.chars().all(|c| c.is_ascii_digit());
    if is_plain { word.to_owned() } else { format!("{}{}{}", &word[..ahead], code(inner), &word[behind..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_code() {
        for (value, expected) in [
            ("a = \"1\"", "`a = \"1\"`"),
            ("a`b", "``a`b``"),
            ("`a", "`` `a ``"),
            (" a ", "`  a  `"),
            ("``` a `", "```` ``` a ` ````"),
            ("a|b", "`a\\|b`"),
            ("a\\|b", "`a\\\\u{7c}b`"),
            ("a\nb\u{1b}", "`a\\u{a}b\\u{1b}`"),
            ("", ""),
        ] {
            assert_eq!(code(value), expected);
        }
        assert_eq!(code(&"n".repeat(10_000)).chars().count(), MOST + 2);
    }

    #[test]
    fn sentences_keep_their_plain_words() {
        for (sentence, expected) in [
            ("pin to =1.0.4, or not (see below): it's fine", "pin to `=1.0.4`, or not (see below): it's fine"),
            ("`a = \"1\"` admits more than 1 version", "`a = \"1\"` admits more than 1 version"),
            ("<b> @everyone #1 www.example.com it`s", "`<b>` `@everyone` `#1` `www.example.com` ``it`s``"),
            ("1234567 a_b_ ~~x~~", "`1234567` `a_b_` `~~x~~`"),
            ("() … -", "() … -"),
        ] {
            assert_eq!(prose(sentence), expected);
        }
        assert_eq!(prose(&"n".repeat(300)).chars().count(), MOST + 2);
    }
}
