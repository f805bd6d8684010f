//! The YAML of pnpm: mappings of strings, with the span of each value.
//!
//! What nobody asks for is not kept; an alias is not followed, so that a file means no more than it says.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// How deep a file may go: the parser keeps some hundred bytes for each level.
const MAX_DEPTH: usize = 128;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    /// A string, a number, anything that is one word; its range where the text there is the value itself.
    Scalar(String, Option<Range<usize>>),
    /// A mapping, in its order.
    Map(Vec<(String, Yaml)>),
    /// A list.
    List(Vec<Yaml>),
    /// An alias, or what was not asked for.
    Left,
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
    let places = Places::new(bare, text.len() - bare.len());
    let (mut documents, mut open): (Vec<Yaml>, Vec<Open>) = (Vec::new(), Vec::new());
    let mut parser = Parser::new_from_str(bare);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| (places.byte(error.marker().index()), error.info().to_owned()))?;
        match event {
            Event::Scalar(value, style, _, _) => {
                let range = || places.scalar(text, span.start.index()..span.end.index(), style, &value);
                let is_value = matches!(open.last(), Some(Open::Map(_, Some(_)) | Open::List(_)) | None);
                let range = is_value.then(range).flatten();
                add(&mut open, &mut documents, Yaml::Scalar(value.into_owned(), range), &wants);
            }
            Event::Alias(_) => add(&mut open, &mut documents, Yaml::Left, &wants),
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

/// Where in the bytes the characters are that the parser counts.
struct Places {
    /// The offset of each 64th character; empty where each is one byte.
    marks: Vec<usize>,
    text: String,
    offset: usize,
    length: usize,
}

impl Places {
    fn new(text: &str, offset: usize) -> Self {
        let is_ascii = text.is_ascii();
        let marks = if is_ascii { Vec::new() } else { text.char_indices().step_by(64).map(|(at, _)| at).collect() };
        let kept = if is_ascii { String::new() } else { text.to_owned() };
        Self { marks, text: kept, offset, length: text.len() }
    }

    /// The offset in the file of a character.
    fn byte(&self, character: usize) -> usize {
        let at = match self.marks.get(character / 64) {
            Some(&mark) => {
                let rest = self.text[mark..].char_indices().nth(character % 64);
                rest.map_or(self.length, |(at, _)| mark + at)
            }
            None if self.marks.is_empty() => character.min(self.length),
            None => self.length,
        };
        at + self.offset
    }

    /// Where a scalar's text is, without its quotes, if it is the value as it stands.
    fn scalar(&self, text: &str, characters: Range<usize>, style: ScalarStyle, value: &str) -> Option<Range<usize>> {
        let (start, end) = (self.byte(characters.start), self.byte(characters.end));
        let range = match style {
            ScalarStyle::Plain => start..start + value.len(),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1..end.checked_sub(1)?,
            _ => return None,
        };
        (text.get(range.clone())? == value).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(yaml: &Yaml, text: &str) -> usize {
        match yaml {
            Yaml::Scalar(value, Some(range)) => {
                assert_eq!(&text[range.clone()], value);
                1
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
    fn what_is_not_wanted_is_not_kept_and_aliases_are_not_followed() {
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
