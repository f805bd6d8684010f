//! Many patterns at once: which of them may match a text, without trying each.
//!
//! A pattern is known by one of its literal pieces: what each match begins with, ends with, or has in it. The piece is the one
//! that the fewest others share. What a text has of them is found in one pass over it (Aho and Corasick).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use aho_corasick::AhoCorasick;

use super::Pattern;

/// Patterns, each with the number that its user knows it by.
#[derive(Debug, Default)]
pub struct Index {
    /// Finds the pieces; none where there are too few patterns for that, or none has a piece.
    finder: Option<AhoCorasick>,
    /// Where each piece must stand, and the numbers of the patterns that are known by it, in the finder's order.
    pieces: Vec<(Place, Vec<usize>)>,
    /// Those that are not known by a piece.
    rest: Vec<usize>,
}

/// Where in a text a piece must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Start,
    End,
    Anywhere,
}

/// So many patterns are tried one by one: that takes less than to look them up.
const FEW: usize = 8;

impl Index {
    /// Takes in patterns; several may have one number.
    #[must_use]
    pub fn new<'p>(patterns: impl Iterator<Item = (usize, &'p Pattern)> + Clone) -> Self {
        let one_by_one = || Self { rest: patterns.clone().map(|(number, _)| number).collect(), ..Self::default() };
        if patterns.clone().nth(FEW).is_none() {
            return one_by_one();
        }
        let mut shared: HashMap<(Place, &str), usize> = HashMap::new();
        let mut seen = HashSet::new();
        for (_, pattern) in patterns.clone().filter(|(_, pattern)| seen.insert(pattern.as_str())) {
            literals(pattern).for_each(|piece| *shared.entry(piece).or_default() += 1);
        }
        let mut rest = Vec::new();
        let mut known: HashMap<(Place, &str), Vec<usize>> = HashMap::new();
        for (number, pattern) in patterns.clone() {
            match literals(pattern).min_by_key(|piece| (shared.get(piece), Reverse(piece.1.len()))) {
                Some(piece) => known.entry(piece).or_default().push(number),
                None => rest.push(number),
            }
        }
        let (texts, pieces): (Vec<&str>, Vec<_>) =
            known.into_iter().map(|((place, text), numbers)| (text, (place, numbers))).unzip();
        // More than it can hold are none that fit a policy.
        AhoCorasick::new(texts).map_or_else(|_| one_by_one(), |finder| Self { finder: Some(finder), pieces, rest })
    }

    /// The numbers of the patterns that may match a text, sorted; each once.
    #[must_use]
    pub fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = self.rest.clone();
        for one in self.finder.iter().flat_map(|finder| finder.find_overlapping_iter(text)) {
            let (place, numbers) = &self.pieces[one.pattern().as_usize()];
            let is_there = match place {
                Place::Start => one.start() == 0,
                Place::End => one.end() == text.len(),
                Place::Anywhere => true,
            };
            if is_there {
                found.extend(numbers);
            }
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

/// The literal pieces that every match of a pattern has.
fn literals(pattern: &Pattern) -> impl Iterator<Item = (Place, &str)> {
    let pieces = [
        (Place::Start, pattern.head.as_str()),
        (Place::End, pattern.tail.as_str()),
        (Place::Anywhere, pattern.inner()),
    ];
    pieces.into_iter().filter(|(_, piece)| !piece.is_empty())
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
