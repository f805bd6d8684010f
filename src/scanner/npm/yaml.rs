//! The YAML of pnpm: mappings of strings, with the span of each value.
//!
//! What nobody asks for is not kept. An alias of a short word is that word; one of anything else is not followed, so that a file
//! means no more than it says.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::scanner::yaml::Offsets;

/// How deep a file may go: the parser keeps some hundred bytes for each level.
const MAX_DEPTH: usize = 128;

/// The longest word that an alias stands for, in bytes.
const MAX_ALIAS: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    /// A string, a number, anything that is one word, and where it is.
    Scalar(String, Place),
    /// A mapping, in its order.
    Map(Vec<(String, Yaml)>),
    /// A list.
    List(Vec<Yaml>),
    /// An alias, or what was not asked for.
    Left,
}

/// Where a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The bytes that say it.
    pub(super) range: Range<usize>,
    /// Whether they are the value itself, and nobody else's.
    pub(super) is_plain: bool,
}

impl Yaml {
    /// The entries of a mapping.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The value of a key; of several, the last.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A string.
    pub(super) fn string(&self) -> Option<&str> {
        if let Self::Scalar(value, _) = self { Some(value) } else { None }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }
}

/// A mapping or a list while it is read.
enum Open {
    Map(Vec<(String, Yaml)>, Option<String>),
    List(Vec<Yaml>),
    /// Nothing of it is kept.
    Skipped,
}

/// Reads every document of a text; `wants` says, of the keys that lead to a value, whether that is of use.
///
/// # Errors
/// Where it is no YAML, and why.
pub(super) fn read(text: &str, wants: impl Fn(&[&str]) -> bool) -> Result<Vec<Yaml>, (usize, String)> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let places = Places { offsets: Offsets::new(bare), offset: text.len() - bare.len() };
    let (mut documents, mut open): (Vec<Yaml>, Vec<Open>) = (Vec::new(), Vec::new());
    let mut parser = Parser::new_from_str(bare);
    let mut words: HashMap<usize, String> = HashMap::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| (places.byte(error.marker().index()), error.info().to_owned()))?;
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let is_value = matches!(open.last(), Some(Open::Map(_, Some(_)) | Open::List(_)) | None);
                let place = if is_value {
                    let mut place = places.scalar(text, span.start.index()..span.end.index(), style, &value);
                    // What an alias repeats is not to be changed for one of them alone.
                    place.is_plain &= anchor == 0;
                    place
                } else {
                    Place { range: 0..0, is_plain: false }
                };
                if anchor != 0 && value.len() <= MAX_ALIAS {
                    words.insert(anchor, value.to_string());
                }
                add(&mut open, &mut documents, Yaml::Scalar(value.into_owned(), place), &wants);
            }
            Event::Alias(anchor) => {
                let range = places.byte(span.start.index())..places.byte(span.end.index());
                let word = words.get(&anchor).cloned();
                let value = word.map(|word| Yaml::Scalar(word, Place { range, is_plain: false }));
                add(&mut open, &mut documents, value.unwrap_or(Yaml::Left), &wants);
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let is_map = matches!(event, Event::MappingStart(..));
                if open.len() >= MAX_DEPTH {
                    return Err((places.byte(span.start.index()), format!("more than {MAX_DEPTH} levels deep")));
                }
                let is_kept = is_wanted(&open, &wants);
                open.push(match (is_kept, is_map) {
                    (false, _) => Open::Skipped,
                    (true, true) => Open::Map(Vec::new(), None),
                    (true, false) => Open::List(Vec::new()),
                });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let value = match open.pop() {
                    Some(Open::Map(entries, _)) => Yaml::Map(entries),
                    Some(Open::List(items)) => Yaml::List(items),
                    Some(Open::Skipped) | None => Yaml::Left,
                };
                add(&mut open, &mut documents, value, &wants);
            }
            _ => {}
        }
    }
    Ok(documents)
}

/// Whether what comes next is of use.
fn is_wanted(open: &[Open], wants: &impl Fn(&[&str]) -> bool) -> bool {
    let mut keys = Vec::with_capacity(open.len());
    for outer in open {
        match outer {
            // A key that is itself a mapping names nothing here.
            Open::Map(_, None) | Open::Skipped => return false,
            Open::Map(_, Some(key)) => keys.push(key.as_str()),
            Open::List(_) => keys.push("-"),
        }
    }
    keys.is_empty() || wants(&keys)
}

/// Adds a value, or a key, to what is open.
fn add(open: &mut [Open], documents: &mut Vec<Yaml>, value: Yaml, wants: &impl Fn(&[&str]) -> bool) {
    let is_kept = !matches!(open.last(), Some(Open::Map(_, Some(_)))) || is_wanted(open, wants);
    match open.last_mut() {
        None => documents.push(value),
        Some(Open::List(items)) => items.push(value),
        Some(Open::Skipped) => {}
        Some(Open::Map(entries, key)) => match (key.take(), value) {
            (Some(key), value) if is_kept => entries.push((key, value)),
            (Some(_), _) => {}
            (None, Yaml::Scalar(name, _)) => *key = Some(name),
            (None, _) => *key = Some(String::new()),
        },
    }
}

/// Where in the file the characters are that the parser counts.
struct Places<'t> {
    offsets: Offsets<'t>,
    /// How much precedes them.
    offset: usize,
}

impl Places<'_> {
    /// The offset in the file of a character.
    fn byte(&self, character: usize) -> usize {
        self.offsets.byte(character) + self.offset
    }

    /// Where a scalar is: its text, without its quotes, where that is the value as it stands.
    fn scalar(&self, text: &str, characters: Range<usize>, style: ScalarStyle, value: &str) -> Place {
        let (start, end) = (self.byte(characters.start), self.byte(characters.end));
        // An anchor and a tag stand ahead of it.
        let start = start + properties(text.get(start..end).unwrap_or_default());
        let range = match style {
            ScalarStyle::Plain => start..start + value.len(),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.saturating_sub(1).max(start + 1),
            _ => start..end,
        };
        match text.get(range.clone()) {
            Some(written) if written == value => Place { range, is_plain: true },
            _ => Place { range: start..end.max(start), is_plain: false },
        }
    }
}

/// How long the anchor and the tag are that a node begins with, blanks behind them included.
fn properties(node: &str) -> usize {
    let mut rest = node;
    while rest.starts_with(['&', '!']) {
        rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
    }
    node.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(yaml: &Yaml, text: &str) -> usize {
        match yaml {
            Yaml::Scalar(value, place) => {
                assert!(!place.is_plain || &text[place.range.clone()] == value, "{text}");
                assert!(text.get(place.range.clone()).is_some(), "{text}");
                usize::from(place.is_plain)
            }
            Yaml::Map(entries) => entries.iter().map(|(_, value)| spans(value, text)).sum(),
            Yaml::List(items) => items.iter().map(|item| spans(item, text)).sum(),
            _ => 0,
        }
    }

    #[test]
    fn values_have_their_places() {
        let text = "\u{feff}a: 1.2.3 # ü\r\nb: 'ü🦀'\r\n\"c\": \"^1\"\r\nd:\r\n  - x\r\n  - {y: z, w: \"\\u0031\"}\r\n";
        let documents = read(text, |_| true).expect("it is YAML");
        assert_eq!(spans(&documents[0], text), 5);
        assert_eq!(documents[0].get("c").and_then(Yaml::string), Some("^1"));
    }

    #[test]
    fn what_is_not_wanted_is_not_kept_and_aliases_of_lists_are_not_followed() {
        let text = "a: {b: {c: 1}, d: 2}\ne: &x [1]\nf: *x\n";
        let documents = read(text, |keys| keys != ["a", "b"]).expect("it is YAML");
        assert_eq!(documents[0].get("a").map(|a| a.entries().len()), Some(1));
        assert_eq!(documents[0].get("f"), Some(&Yaml::Left));
        let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(&deep, |_| true).is_err());
        assert!(read(&"- ".repeat(1000), |_| true).is_err());
        let deep: String = (0..100).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(read(&deep, |_| true).is_ok());
        assert!(read("a: [", |_| true).is_err());
    }

    #[test]
    fn an_alias_of_a_word_is_that_word() {
        let text = "x: &v ^18\na: *v\nb: !!str &w \"3.x\"\nc: *w\n";
        let documents = read(text, |_| true).expect("it is YAML");
        let said = |key: &str| match documents[0].get(key) {
            Some(Yaml::Scalar(value, place)) => (value.clone(), text[place.range.clone()].to_owned(), place.is_plain),
            other => panic!("{key}: {other:?}"),
        };
        let expected = |value: &str, written: &str| (value.to_owned(), written.to_owned(), false);
        assert_eq!(said("x"), expected("^18", "^18"));
        assert_eq!(said("a"), expected("^18", "*v"));
        assert_eq!(said("b"), expected("3.x", "3.x"));
        assert_eq!(said("c"), expected("3.x", "*w"));
        let long = format!("x: &v {}\na: *v\n", "1".repeat(MAX_ALIAS + 1));
        assert_eq!(read(&long, |_| true).expect("it is YAML")[0].get("a"), Some(&Yaml::Left));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_it_is_it_ends_and_spans_fit(text in "[ab:'\"\\-\\[\\]{}#&*!|>ü\\n\\r\\t ,?0-9]{0,80}") {
            for document in read(&text, |_| true).unwrap_or_default() {
                spans(&document, &text);
            }
        }
    }
}
