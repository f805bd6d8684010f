//! Mutations of seeds: lines and bytes that go, come twice, change places or come from elsewhere, and words of the format.

use std::fmt;
use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;

/// The most mutations of one seed.
const MOST: usize = 6;

/// The longest run of bytes, or of lines, that a mutation is about.
const LONGEST: usize = 12;

/// Bytes for a target, shown as text.
#[derive(Clone)]
pub(crate) struct Input(pub(crate) Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"\n{}", self.0.escape_ascii(), String::from_utf8_lossy(&self.0))
    }
}

/// Mutations of these seeds, with these words.
pub(crate) fn inputs(seeds: Vec<Vec<u8>>, words: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    let mutation = (0u8..10, any::<Index>(), any::<Index>(), any::<Index>(), 0..LONGEST);
    let mutations = prop::collection::vec(mutation, 1..MOST);
    (any::<Index>(), mutations).prop_map(move |(seed, mutations)| {
        let mut bytes = seed.get(&seeds).clone();
        for (how, at, other, word, length) in mutations {
            let (word, donor): (&Vec<u8>, &Vec<u8>) = (word.get(&words), other.get(&seeds));
            let mutation = Mutation { at, other, length, word, donor };
            bytes = mutation.apply(how, bytes);
        }
        Input(bytes)
    })
}

struct Mutation<'s> {
    at: Index,
    other: Index,
    length: usize,
    word: &'s [u8],
    donor: &'s [u8],
}

impl Mutation<'_> {
    fn apply(&self, how: u8, mut bytes: Vec<u8>) -> Vec<u8> {
        let here = self.bytes(&bytes);
        let lines = lines(&bytes, self.at, self.length);
        match how {
            0 => drop(bytes.drain(lines)),
            1 => {
                let (copy, to) = (bytes[lines].to_vec(), start(&bytes, self.other));
                drop(bytes.splice(to..to, copy));
            }
            2 => {
                let piece = self.donor[self::lines(self.donor, self.other, self.length)].to_vec();
                drop(bytes.splice(lines.start..lines.start, piece));
            }
            3 => drop(bytes.drain(here)),
            4 => drop(bytes.splice(here.start..here.start, self.word.to_vec())),
            5 => drop(bytes.splice(here, self.word.to_vec())),
            6 => bytes.truncate(here.start),
            7 => drop(bytes.splice(here.clone(), bytes[here].to_vec().repeat(2))),
            8 => {
                let line = start(&bytes, self.at);
                drop(bytes.splice(line..line, self.word.to_vec()));
            }
            _ => {
                let byte = self.word.first().copied().unwrap_or(0) ^ u8::try_from(self.length).unwrap_or(0);
                bytes.iter_mut().skip(here.start).take(1).for_each(|one| *one = byte);
            }
        }
        bytes
    }

    /// A run of bytes.
    fn bytes(&self, text: &[u8]) -> Range<usize> {
        let start = self.at.index(text.len() + 1);
        start..(start + self.length).min(text.len())
    }
}

/// Where a line begins.
fn start(text: &[u8], at: Index) -> usize {
    let offset = at.index(text.len() + 1);
    text[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

/// A run of whole lines.
fn lines(text: &[u8], at: Index, count: usize) -> Range<usize> {
    let start = start(text, at);
    let ends = text[start..].iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| start + at + 1);
    start..ends.take(count.max(1)).last().unwrap_or(text.len())
}
