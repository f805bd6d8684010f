//! YAML as a tree of nodes with their places, for the files that GitHub and others write in it.
//!
//! Source: YAML 1.2, as `saphyr-parser` reads it. Only the first document of a stream is read, and keys are not merged (`<<`):
//! GitHub does neither.

mod flow;
mod scalar;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::Problem;
use super::script::Script;
use crate::text::{FileId, Span};

/// How deep a document may nest.
const DEEPEST: usize = 128;

/// How many lines that are indented too little are joined to those ahead of them: for each the file is read again.
const MOST_JOINED: usize = 32;

/// A document, read.
#[derive(Debug)]
pub(super) struct Document<'t> {
    file: FileId,
    text: &'t str,
    nodes: Vec<Node<'t>>,
    /// The node of each anchor, by the parser's number for it.
    anchors: Vec<usize>,
    /// The keys that are there twice in their mapping.
    pub(super) duplicates: Vec<(String, Span)>,
    /// How many nodes may still be looked at: aliases let a small file have a great many.
    fuel: Cell<usize>,
}

#[derive(Debug)]
struct Node<'t> {
    range: Range<usize>,
    content: Content<'t>,
}

#[derive(Debug)]
enum Content<'t> {
    Scalar { value: Cow<'t, str>, style: ScalarStyle, is_marked: bool },
    Sequence(Vec<usize>),
    Mapping(Vec<(usize, usize)>),
    Alias(usize),
}

/// A node of a document; an alias is what it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'d> {
    document: &'d Document<'d>,
    node: usize,
}

/// What is wrong with a file.
struct Mistake {
    problem: Problem,
    /// Where a line is indented too little, in bytes.
    indentation: Option<usize>,
}

/// Reads the first document of a file.
///
/// The parser refuses lines of flow collections that are indented no deeper than what they belong to, as YAML has it; GitHub's and
/// most others take them. What it refuses so is read again as one line.
///
/// # Errors
/// The first mistake, at its place.
pub(super) fn parse(file: FileId, text: &str) -> Result<Document<'_>, Problem> {
    let first = match read(file, text, text, |value| value) {
        Ok(document) => return Ok(document),
        Err(mistake) => mistake,
    };
    let (mut joined, mut next) = (text.to_owned(), first.indentation);
    for _ in 0..MOST_JOINED {
        let Some(at) = next.filter(|&at| flow::join(&mut joined, at)) else { break };
        match read(file, text, &joined, |value| Cow::Owned(value.into_owned())) {
            Ok(document) => return Ok(document),
            Err(mistake) => next = mistake.indentation.filter(|&next| next > at),
        }
    }
    Err(first.problem)
}

/// Reads a document from what has its text, byte for byte but for lines that were joined.
fn read<'t, 'i>(
    file: FileId,
    text: &'t str,
    input: &'i str,
    keep: impl Fn(Cow<'i, str>) -> Cow<'t, str>,
) -> Result<Document<'t>, Mistake> {
    let offsets = Offsets::new(input);
    let mut document =
        Document { file, text, nodes: Vec::new(), anchors: vec![0], duplicates: Vec::new(), fuel: Cell::new(0) };
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut parser = Parser::new_from_str(input);
    while let Some(event) = parser.next_event() {
        let (event, at) = event.map_err(|error| document.mistake(&offsets, &error))?;
        let range = offsets.byte(at.start.index())..offsets.byte(at.end.index());
        let id = document.nodes.len();
        let (anchor, content) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let is_marked = anchor != 0 || tag.is_some();
                (anchor, Content::Scalar { value: keep(value), style, is_marked })
            }
            Event::Alias(anchor) => (0, Content::Alias(anchor)),
            Event::SequenceStart(anchor, _) => (anchor, Content::Sequence(Vec::new())),
            Event::MappingStart(anchor, _) => (anchor, Content::Mapping(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((node, children)) = open.pop() {
                    document.close(node, children, range.end);
                }
                continue;
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        let is_open = matches!(content, Content::Sequence(_) | Content::Mapping(_));
        document.nodes.push(Node { range, content });
        if anchor != 0 {
            document.anchors.resize(document.anchors.len().max(anchor + 1), 0);
            document.anchors[anchor] = id;
        }
        if let Some((_, children)) = open.last_mut() {
            children.push(id);
        }
        if is_open {
            open.push((id, Vec::new()));
        }
        if open.len() > DEEPEST {
            let message = format!("nested deeper than {DEEPEST} levels");
            let problem = Problem::new(document.span(document.nodes[id].range.clone()), message);
            return Err(Mistake { problem, indentation: None });
        }
    }
    document.fuel.set(document.nodes.len().saturating_mul(64) + 1_000_000);
    Ok(document)
}

impl<'t> Document<'t> {
    /// What is at the top; none in an empty file.
    pub(super) fn root(&self) -> Option<Value<'_>> {
        (!self.nodes.is_empty()).then_some(Value { document: self, node: 0 })
    }

    /// Whether aliases made more of it than was looked at.
    pub(super) fn is_exhausted(&self) -> bool {
        self.fuel.get() == 0
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// Gives a collection its children.
    fn close(&mut self, node: usize, children: Vec<usize>, end: usize) {
        if matches!(self.nodes[node].content, Content::Sequence(_)) {
            self.nodes[node].content = Content::Sequence(children);
        } else {
            let pairs: Vec<(usize, usize)> =
                children.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
            self.find_duplicate(&pairs);
            self.nodes[node].content = Content::Mapping(pairs);
        }
        let range = &mut self.nodes[node].range;
        range.end = range.end.max(end);
    }

    /// Notes the first key that is twice in a mapping.
    fn find_duplicate(&mut self, pairs: &[(usize, usize)]) {
        let key = |pair: &(usize, usize)| match &self.nodes[pair.0].content {
            Content::Scalar { value, .. } => Some(value.as_ref()),
            _ => None,
        };
        let duplicate = if pairs.len() <= 12 {
            let is_twice = |at: &usize| {
                let own = key(&pairs[*at]);
                own.is_some() && pairs[..*at].iter().any(|other| key(other) == own)
            };
            (1..pairs.len()).find(is_twice)
        } else {
            let mut seen = HashSet::with_capacity(pairs.len());
            (0..pairs.len()).find(|&at| key(&pairs[at]).is_some_and(|key| !seen.insert(key)))
        };
        if let Some(at) = duplicate {
            let (name, range) = (key(&pairs[at]).unwrap_or_default().to_owned(), self.nodes[pairs[at].0].range.clone());
            self.duplicates.push((name, self.span(range)));
        }
    }

    /// What is wrong with a file that is no YAML; the markers of an unresolved merge are named as such.
    fn mistake(&self, offsets: &Offsets<'_>, error: &ScanError) -> Mistake {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
                let message = "unresolved merge conflict: the file still has git's markers".to_owned();
                let problem = Problem::new(self.span(start..start + line.trim_end().len()), message);
                return Mistake { problem, indentation: None };
            }
            start += line.len();
        }
        let at = offsets.byte(error.marker().index());
        let problem = Problem::new(self.span(at..at), format!("not valid YAML: {}", error.info()));
        Mistake { problem, indentation: error.info().starts_with("invalid indentation").then_some(at) }
    }
}

impl<'d> Value<'d> {
    /// The node, with an alias followed. The parser refuses an alias of what is not there yet, and none has an anchor itself.
    fn node(self) -> &'d Node<'d> {
        let node = &self.document.nodes[self.node];
        match node.content {
            Content::Alias(anchor) => {
                let target = self.document.anchors.get(anchor).and_then(|&target| self.document.nodes.get(target));
                target.unwrap_or(node)
            }
            _ => node,
        }
    }

    /// Pays for looking at some nodes; whether that may still be done.
    pub(super) fn spend(self, nodes: usize) -> bool {
        let left = self.document.fuel.get().saturating_sub(nodes);
        self.document.fuel.set(left);
        left > 0
    }

    /// The text of a scalar.
    pub(super) fn text(self) -> Option<&'d str> {
        match &self.node().content {
            Content::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// What a sequence has; nothing, where it is none.
    pub(super) fn items(self) -> impl Iterator<Item = Value<'d>> {
        let items = match &self.node().content {
            Content::Sequence(items) if self.spend(items.len()) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |&node| Value { document: self.document, node })
    }

    /// What a mapping has, key and value; nothing, where it is none.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        let pairs = match &self.node().content {
            Content::Mapping(pairs) if self.spend(pairs.len()) => pairs.as_slice(),
            _ => &[],
        };
        let value = move |node| Value { document: self.document, node };
        pairs.iter().filter_map(move |&(key, node)| Some((value(key).text()?, value(node))))
    }

    /// The value of a key in a mapping.
    pub(super) fn get(self, key: &str) -> Option<Value<'d>> {
        self.entries().find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    /// Whether it is a mapping.
    pub(super) fn is_mapping(self) -> bool {
        matches!(self.node().content, Content::Mapping(_))
    }

    /// Whether it says that there is nothing: `null`, `~`, or no word at all.
    pub(super) fn is_null(self) -> bool {
        let Content::Scalar { value, style: ScalarStyle::Plain, .. } = &self.node().content else { return false };
        matches!(&**value, "" | "~" | "null" | "Null" | "NULL")
    }

    /// Whether it is a sequence.
    pub(super) fn is_sequence(self) -> bool {
        matches!(self.node().content, Content::Sequence(_))
    }

    /// The text of a scalar, each part with its place in the file.
    pub(super) fn script(self) -> Option<Script> {
        let Node { range, content } = self.node();
        let Content::Scalar { value, style, is_marked } = content else { return None };
        Some(scalar::script(self.document.file, self.document.text, range.clone(), value, *style, *is_marked))
    }

    /// Where the line of a scalar ends, if nothing follows it there: room for a comment.
    pub(super) fn line_end(self) -> Option<Span> {
        let Node { range, content } = self.node();
        let Content::Scalar {
            style: ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, ..
        } = content
        else {
            return None;
        };
        let text = self.document.text;
        // The parser counts blanks behind a quote to its scalar.
        let end = range.start + text.get(range.clone())?.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let rest = text.get(end..)?.split('\n').next()?;
        rest.trim().is_empty().then(|| self.document.span(end..end))
    }

    /// Where the node is.
    pub(super) fn span(self) -> Span {
        self.document.span(self.node().range.clone())
    }
}

/// Byte offsets of a text's characters, which is what the parser counts.
pub(super) struct Offsets<'t> {
    /// The offset of every 64th character; nothing where all are ASCII.
    marks: Vec<usize>,
    text: Option<&'t str>,
    len: usize,
}

impl<'t> Offsets<'t> {
    const STEP: usize = 64;

    /// Those of a text.
    pub(super) fn new(text: &'t str) -> Self {
        if text.is_ascii() {
            return Self { marks: Vec::new(), text: None, len: text.len() };
        }
        let marks = text.char_indices().step_by(Self::STEP).map(|(at, _)| at).collect();
        Self { marks, text: Some(text), len: text.len() }
    }

    /// The offset of a character; one past the end is the end.
    pub(super) fn byte(&self, index: usize) -> usize {
        let Some(text) = self.text else { return index.min(self.len) };
        let Some(&mark) = self.marks.get(index / Self::STEP) else { return self.len };
        let rest = text.get(mark..).unwrap_or_default();
        rest.char_indices().nth(index % Self::STEP).map_or(self.len, |(at, _)| mark + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every scalar of a document, keys too.
    fn scalars<'d>(document: &'d Document<'d>) -> impl Iterator<Item = Value<'d>> {
        let values = (0..document.nodes.len()).map(move |node| Value { document, node });
        values.filter(|value| value.text().is_some())
    }

    /// Each character of a scalar stands where its script says: as itself, as the end of a line, or as an escape.
    fn check_places(text: &str, value: Value<'_>) {
        let (script, expected) = (value.script().expect("a scalar"), value.text().unwrap_or_default());
        let found = script.text();
        assert!(found == expected || format!("{found}\n") == expected, "{found:?} for {expected:?} in {text:?}");
        for (at, c) in found.char_indices() {
            let place = text.get(script.span(at..at + c.len_utf8()).range()).expect("inside the file");
            let is_folded = matches!(c, ' ' | '\n') && place == "\n";
            assert!(place.starts_with(c) || is_folded || place.starts_with('\\'), "{place:?} for {c:?} in {text:?}");
        }
    }

    #[track_caller]
    fn check(text: &str, written: &[&str]) {
        let document = parse(FileId(0), text).expect("YAML");
        scalars(&document).for_each(|value| check_places(text, value));
        let root = document.root().expect("something");
        let scripts: Vec<Script> = root.entries().filter_map(|(_, value)| value.script()).collect();
        let lines = scripts.iter().flat_map(|script| {
            let starts = script.text().split_inclusive('\n').scan(0, |at, line| {
                *at += line.len();
                Some(*at - line.len()..*at - usize::from(line.ends_with('\n')))
            });
            starts.map(|range| &text[script.span(range).range()]).collect::<Vec<_>>()
        });
        assert_eq!(lines.collect::<Vec<_>>(), written);
    }

    #[test]
    fn each_style_of_scalar_knows_where_it_stands() {
        check("a: |\n  x é\n\n   y\nb: z\n", &["x é", "", " y", "z"]);
        check("a: |-2\r\n    x\r\n  y\r\nb: |+ # note\r\n x\r\n\r\n", &["  x", "y", "x", ""]);
        check("a: |\n\n\n  x\nb: &m !!str |\n\n  y\n", &["", "", "x", "", "y"]);
        check("a: >\n  x\n  y\n\n  z\n    w\n", &["x\n  y", "z", "  w"]);
        check(
            "a: 'it''s'\nb: \"q\\\"\\u00e9\" # c\nc: x y\n  z\nd: !!str w\n",
            &["it''s", "q\\\"\\u", "x y\n  z", "w"],
        );
        check("\u{feff}a: \"x \\\n   y\n  z\"\nb: |\n  end", &["x \\\n   y\n  z", "end"]);
        check("a:\n  |\n  x\nb: >-\n\n  x\n", &["x", "", "x"]);
        check("a: x\nb: >1-\n\n   ", &["x", "", "  "]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn nothing_that_parses_has_a_scalar_in_a_wrong_place(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "a: ", "b: ", "|\n", "|-\n", "|+\n", ">\n", ">-\n", ">+\n", "|2\n", ">1-\n", "  ", "   ", "\n", "\n\n", "\r\n",
                "é", "'", "''", "\"", "\\\"", "\\n", "\\\n", "\\u00e9", "\\\\", "x", "y z", "- ", "# c", " # d\n", "&a ", "*a", "!t ",
                "{", "}", "[", "]", ", ", "\t", ": ", "? ", "---\n", "...\n", "\u{feff}", "%", "@", "<<: ", "\u{2028}",
            ]), 0..40)
        ) {
            let text = pieces.concat();
            match parse(FileId(0), &text) {
                Ok(document) => {
                    scalars(&document).for_each(|value| check_places(&text, value));
                    for value in scalars(&document) {
                        prop_assert!(text.get(value.span().range()).is_some());
                        prop_assert!(value.line_end().is_none_or(|end| text.get(end.range()).is_some()));
                    }
                }
                Err(problem) => prop_assert!(text.get(problem.span.range()).is_some()),
            }
        }
    }
}
