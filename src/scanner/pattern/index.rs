//! Many patterns at once: which of them may match a text, without trying each.
//!
//! A pattern is known by one of its literal pieces: what each match begins with, ends with, or has in it. The piece is the one
//! that the fewest others share. What a text is told by then is which pieces begin it, or what is left of it: of sorted pieces, all
//! that begin a text are the last one that sorts before it, or begin that one.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::Pattern;

/// Patterns, each with the number that its user knows it by.
#[derive(Debug, Default)]
pub struct Index {
    heads: Prefixes,
    /// Written backwards.
    tails: Prefixes,
    inner: Prefixes,
    /// Those without a literal piece.
    rest: Vec<usize>,
}

/// So many patterns are tried one by one: that takes less than to look them up.
const FEW: usize = 8;

impl Index {
    /// Takes in patterns; several may have one number.
    #[must_use]
    pub fn new<'p>(patterns: impl Iterator<Item = (usize, &'p Pattern)> + Clone) -> Self {
        if patterns.clone().nth(FEW).is_none() {
            return Self { rest: patterns.map(|(number, _)| number).collect(), ..Self::default() };
        }
        let pieces = |pattern: &'p Pattern| [pattern.head.as_str(), pattern.tail.as_str(), pattern.inner()];
        let mut shared: [HashMap<&str, usize>; 3] = Default::default();
        let mut seen = HashSet::new();
        for (_, pattern) in patterns.clone().filter(|(_, pattern)| seen.insert(pattern.as_str())) {
            for (shared, piece) in shared.iter_mut().zip(pieces(pattern)) {
                *shared.entry(piece).or_default() += 1;
            }
        }
        let mut kinds: [Vec<(String, usize)>; 3] = Default::default();
        let mut rest = Vec::new();
        for (number, pattern) in patterns {
            let pieces = pieces(pattern);
            let usable = (0..pieces.len()).filter(|&kind| !pieces[kind].is_empty());
            let count = |kind: usize| shared[kind].get(pieces[kind]).copied().unwrap_or(0);
            match usable.min_by_key(|&kind| (count(kind), std::cmp::Reverse(pieces[kind].len()))) {
                Some(1) => kinds[1].push((pieces[1].chars().rev().collect(), number)),
                Some(kind) => kinds[kind].push((pieces[kind].to_owned(), number)),
                None => rest.push(number),
            }
        }
        let [heads, tails, inner] = kinds.map(Prefixes::new);
        Self { heads, tails, inner, rest }
    }

    /// The numbers of the patterns that may match a text, sorted; each once.
    #[must_use]
    pub fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = self.rest.clone();
        self.heads.of(text, &mut found);
        if !self.tails.pieces.is_empty() {
            self.tails.of(&text.chars().rev().collect::<String>(), &mut found);
        }
        if !self.inner.pieces.is_empty() {
            text.char_indices().for_each(|(at, _)| self.inner.of(&text[at..], &mut found));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The texts of patterns, as what tells one list of them from another.
#[must_use]
pub fn texts(patterns: &[Pattern]) -> Vec<&str> {
    patterns.iter().map(Pattern::as_str).collect()
}

/// Of each of these, whether fewer have the same `one` than have the same `other`: by that it is told from more of them.
#[must_use]
pub fn are_rarer<'t, T, A: Eq + Hash, B: Eq + Hash>(
    all: &'t [T],
    one: impl Fn(&'t T) -> A,
    other: impl Fn(&'t T) -> B,
) -> Vec<bool> {
    fn counts<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
        let mut counts = HashMap::new();
        keys.for_each(|key| *counts.entry(key).or_default() += 1);
        counts
    }
    let (ones, others) = (counts(all.iter().map(&one)), counts(all.iter().map(&other)));
    all.iter().map(|item| ones.get(&one(item)) < others.get(&other(item))).collect()
}

/// Texts, to be asked which of them begin another one.
#[derive(Debug, Default)]
struct Prefixes {
    /// The texts, sorted, each once.
    pieces: Vec<String>,
    /// Of each the longest other one that begins it.
    parents: Vec<Option<usize>>,
    /// The numbers of each.
    numbers: Vec<Vec<usize>>,
}

impl Prefixes {
    fn new(mut all: Vec<(String, usize)>) -> Self {
        all.sort_unstable();
        let mut prefixes = Self::default();
        for (piece, number) in all {
            if prefixes.pieces.last() == Some(&piece) {
                if let Some(numbers) = prefixes.numbers.last_mut() {
                    numbers.push(number);
                }
                continue;
            }
            let mut parent = prefixes.pieces.len().checked_sub(1);
            while let Some(at) = parent.filter(|&at| !piece.starts_with(prefixes.pieces[at].as_str())) {
                parent = prefixes.parents[at];
            }
            prefixes.pieces.push(piece);
            prefixes.parents.push(parent);
            prefixes.numbers.push(vec![number]);
        }
        prefixes
    }

    /// Adds the numbers of those that begin a text.
    fn of(&self, text: &str, found: &mut Vec<usize>) {
        let mut at = self.pieces.partition_point(|piece| piece.as_str() <= text).checked_sub(1);
        while let Some(piece) = at {
            if text.starts_with(self.pieces[piece].as_str()) {
                found.extend(&self.numbers[piece]);
            }
            at = self.parents[piece];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_piece_that_all_share_tells_nothing() {
        let patterns: Vec<Pattern> =
            (0..100).filter_map(|at| Pattern::new(&format!("m/{at}/**/Cargo.toml")).ok()).collect();
        let index = Index::new(patterns.iter().enumerate());
        assert_eq!(index.candidates("m/7/a/Cargo.toml"), [7]);
        let inner: Vec<Pattern> = (0..100).filter_map(|at| Pattern::new(&format!("**/x*-{at:02}-*y")).ok()).collect();
        let index = Index::new(inner.iter().enumerate());
        assert_eq!(index.candidates("a/xx-07--08-y"), [7, 8]);
        assert_eq!(index.candidates("a/x"), [0; 0]);
    }

    proptest! {
        /// Whatever the patterns and the text: none that matches is missing, as a path or as a name.
        #[test]
        fn no_pattern_that_matches_is_missing(
            patterns in prop::collection::vec("([abü./?*]|\\*\\*/|/\\*\\*|\\[[!ab\\]]?[ab./-]{1,3}\\]){0,6}", 0..20),
            text in "[abü./]{0,10}",
        ) {
            let patterns: Vec<Pattern> = patterns.iter().filter_map(|text| Pattern::new(text).ok()).collect();
            let candidates = Index::new(patterns.iter().enumerate()).candidates(&text);
            for (number, pattern) in patterns.iter().enumerate() {
                if pattern.matches(&text) || pattern.matches_name(&text) {
                    prop_assert!(candidates.contains(&number), "{:?} {}", pattern, text);
                }
            }
        }
    }
}
