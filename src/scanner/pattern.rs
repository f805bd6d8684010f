//! Patterns of paths, as cargo means those of `members`: what the `glob` crate matches, in time that is linear in the path.
//!
//! That crate backtracks, and a repository can hold a pattern and a path that keep it busy for minutes. So it says whether
//! a pattern is one, and the matching is done here, by following every way through the pattern at once. A wildcard does
//! not match a separator, and matches a leading dot.

pub mod index;

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    tokens: Vec<Token>,
    /// What each match begins with, and what it ends with: of thousands of patterns, most are told apart by that from most paths.
    head: String,
    tail: String,
    /// The longest piece between them that each match has in it.
    inner: String,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// `?`: one character.
    Any,
    /// `[…]`: one character in one of these ranges, or in none of them.
    Class { ranges: Vec<(char, char)>, negated: bool },
    /// `*`: the rest of a name.
    Star,
    /// `**/`, or `**` at the end: any number of directories.
    Directories,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, in the words of the `glob` crate.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        glob::Pattern::new(text).map_err(|error| error.msg)?;
        let tokens = tokens(&text.chars().collect::<Vec<char>>());
        let plain = |token: &Token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        };
        let head: String = tokens.iter().map_while(plain).collect();
        let rest = tokens.iter().rev().take(tokens.len() - head.chars().count());
        let tail: Vec<char> = rest.map_while(plain).collect();
        let between = tokens.get(head.chars().count()..tokens.len() - tail.len()).unwrap_or_default();
        let pieces = between.split(|token| plain(token).is_none());
        let inner = pieces.max_by_key(|piece| piece.len()).map(|piece| piece.iter().filter_map(plain).collect());
        let (tail, inner) = (tail.into_iter().rev().collect(), inner.unwrap_or_default());
        Ok(Self { text: text.to_owned(), tokens, head, tail, inner })
    }

    /// What it says in full, where nothing in it is a wildcard.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.is_literal().then_some(self.head.as_str())
    }

    /// What each match begins with.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The longest piece that each match has in it, between what it begins and ends with; empty where there is none.
    fn inner(&self) -> &str {
        &self.inner
    }

    fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches the whole of a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.follow(path, true)
    }

    /// Whether it matches the whole of a name. In names a `/` is a character like others, so that `*` is every one:
    /// `actions/checkout`, `@scope/name`, `ghcr.io/owner/image`.
    #[must_use]
    pub fn matches_name(&self, name: &str) -> bool {
        self.follow(name, false)
    }

    /// Follows every way through the pattern; `separates` says whether a `/` ends what a wildcard matches.
    fn follow(&self, path: &str, separates: bool) -> bool {
        let inner = path.strip_prefix(self.head.as_str()).is_some_and(|rest| rest.ends_with(self.tail.as_str()));
        if !inner {
            return false;
        }
        let mut current = vec![false; self.tokens.len() + 1];
        let mut next = current.clone();
        self.reach(&mut current, 0);
        for c in path.chars() {
            next.fill(false);
            for (at, _) in current.iter().enumerate().filter(|(_, is_reached)| **is_reached) {
                self.step(&mut next, at, c, separates);
            }
            std::mem::swap(&mut current, &mut next);
            if !current.contains(&true) {
                return false;
            }
        }
        // Directories at the end match all that is left, and nothing too.
        for at in 0..self.tokens.len() {
            if current[at] && self.tokens[at] == Token::Directories {
                self.reach(&mut current, at + 1);
            }
        }
        current[self.tokens.len()]
    }

    /// Marks a place in the pattern as reached, and those behind what can match nothing.
    fn reach(&self, reached: &mut [bool], mut at: usize) {
        reached[at] = true;
        while matches!(self.tokens.get(at), Some(Token::Star | Token::Directories)) {
            at += 1;
            reached[at] = true;
        }
    }

    /// Marks the places that one character leads to from a place.
    fn step(&self, next: &mut [bool], at: usize, c: char, separates: bool) {
        let is_separator = separates && c == '/';
        match self.tokens.get(at) {
            Some(Token::Directories) => {
                next[at] = true;
                if c == '/' {
                    self.reach(next, at + 1);
                }
            }
            Some(Token::Star) if !is_separator => self.reach(next, at),
            Some(Token::Char(wanted)) if *wanted == c => self.reach(next, at + 1),
            Some(Token::Any) if !is_separator => self.reach(next, at + 1),
            Some(Token::Class { ranges, negated })
                if !is_separator && ranges.iter().any(|&(first, last)| (first..=last).contains(&c)) != *negated =>
            {
                self.reach(next, at + 1);
            }
            _ => {}
        }
    }
}

/// The pieces of a pattern that the `glob` crate takes as one.
fn tokens(mut rest: &[char]) -> Vec<Token> {
    let mut tokens = Vec::new();
    while let Some(&first) = rest.first() {
        let (token, length) = match rest {
            ['*', '*', '/', ..] => (Token::Directories, 3),
            ['*', '*'] => (Token::Directories, 2),
            ['*', ..] => (Token::Star, 1),
            ['?', ..] => (Token::Any, 1),
            ['[', inner @ ..] => class(inner),
            _ => (Token::Char(first), 1),
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// The class whose text follows a `[`, and its length with both brackets. A `]` right at the start is one of its members.
fn class(inner: &[char]) -> (Token, usize) {
    let negated = inner.first() == Some(&'!');
    let start = usize::from(negated);
    let close = inner.iter().skip(start + 1).position(|c| *c == ']').map_or(inner.len(), |at| start + 1 + at);
    let mut ranges = Vec::new();
    let mut members = &inner[start..close];
    while let Some(&first) = members.first() {
        let (last, length) = match members {
            [_, '-', last, ..] => (*last, 3),
            _ => (first, 1),
        };
        ranges.push((first, last));
        members = &members[length..];
    }
    (Token::Class { ranges, negated }, close + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CARGOS: glob::MatchOptions = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let ours = Pattern::new(pattern).expect("a pattern");
        let theirs = glob::Pattern::new(pattern).expect("a pattern");
        for (paths, expected) in [(matching, true), (other, false)] {
            for path in paths {
                assert_eq!(ours.matches(path), expected, "{pattern} {path}");
                assert_eq!(theirs.matches_with(path, CARGOS), expected, "{pattern} {path}");
            }
        }
    }

    #[test]
    fn wildcards_match_within_a_name() {
        check("crates/*", &["crates/a", "crates/.hidden", "crates/"], &["crates", "crates/a/b", "other/a"]);
        check("a?c/[x-z]*", &["abc/x", "a.c/yes"], &["a/c/x", "abc/a", "abc/"]);
        check("[!a-c]", &["d", "ü"], &["a", "/", "dd"]);
        check("[]]-[!]]", &["]-["], &["]-]"]);
        check("{a,b}", &["{a,b}"], &["a", "b"]);
    }

    #[test]
    fn two_stars_match_directories() {
        check("**/vendor/**", &["vendor/a", "a/b/vendor/c/d"], &["vendor", "vendored/a", "a/vendor"]);
        check("a/**", &["a/b", "a/b/c"], &["a", "ab"]);
        check("a/**/b", &["a/b", "a/x/y/b"], &["a/xb", "a/b/c"]);
        check("**", &["a", "a/b", ""], &[]);
        check("**/**/a*", &["a", "x/a", "x/y/ab"], &["b", "a/b"]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for refused in ["a**", "***", "**a", "[a", "[!]"] {
            assert!(Pattern::new(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn backtracking_is_not_needed() {
        let pattern = Pattern::new(&format!("{}b", "**/a*a*a*a*a*/".repeat(20))).expect("a pattern");
        let path = vec!["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; 120].join("/");
        assert!(!pattern.matches(&path));
    }

    proptest! {
        /// On short patterns and paths, where it ends in time, the `glob` crate is the oracle.
        #[test]
        fn it_matches_what_the_glob_crate_matches(
            pattern in "([ab./?*]|\\*\\*/|/\\*\\*|\\[[!ab\\]]?[ab./-]{1,3}\\]){0,8}",
            path in "[ab./\\[\\]-]{0,10}",
        ) {
            if let Ok(theirs) = glob::Pattern::new(&pattern) {
                let ours = Pattern::new(&pattern).expect("both take it");
                prop_assert_eq!(ours.matches(&path), theirs.matches_with(&path, CARGOS), "{} {}", pattern, path);
            }
        }
    }
}
