//! What the words of a command come to, as far as it can be told from the script.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use shuck_ast::{BourneParameterExpansion, ParameterExpansionSyntax, ParameterOp, WordPart, WordPartNode};

use super::Environment;
use super::mask::{KEYWORD, UNKNOWN};
use super::tree::Tree;

/// How many bytes of values may be put in the place of variables at least, and for each byte of a script: of variables that each
/// hold the last one twice, sixty hold more than there is memory for.
const PUT_IN: usize = 8 << 10;
const PUT_IN_PER_BYTE: usize = 16;

/// A word as a command gets it.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    /// Its text; what is not known in it is one [`UNKNOWN`] or more.
    pub(super) text: String,
    /// Where in the script it is written.
    pub(super) range: Range<usize>,
    /// Where in the script its text begins, if it is written there byte for byte.
    pub(super) written: Option<usize>,
    /// Whether what is not known in it can be several words, or none.
    pub(super) is_open: bool,
}

impl Word {
    /// Whether all of it is known.
    pub(super) fn is_known(&self) -> bool {
        !self.text.contains(UNKNOWN)
    }

    /// Whether it can be any words at all.
    pub(super) fn is_anything(&self) -> bool {
        self.is_open && self.text.starts_with(UNKNOWN)
    }

    /// A part of it; where that is not written as it is, its place is that of the whole word.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        match self.written {
            Some(start) => {
                let written = start + range.start;
                Self { range: written..start + range.end, text, written: Some(written), is_open: self.is_open }
            }
            None => Self { text, range: self.range.clone(), written: None, is_open: self.is_open },
        }
    }

    /// What follows the first `offset` bytes.
    pub(super) fn tail(&self, offset: usize) -> Self {
        self.part(offset..self.text.len())
    }

    /// Its text up to a separator, and what follows that.
    pub(super) fn split(&self, separator: char) -> (Self, Option<Self>) {
        match self.text.find(separator) {
            Some(at) => (self.part(0..at), Some(self.tail(at + separator.len_utf8()))),
            None => (self.clone(), None),
        }
    }

    fn push(&mut self, text: &str, at: usize) {
        self.written = match self.written {
            _ if self.text.is_empty() => Some(at),
            Some(start) if start + self.text.len() == at => Some(start),
            _ => None,
        };
        self.text.push_str(text);
    }

    /// Adds what is not written where it stands.
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.written = None;
    }
}

/// What the variables of a script hold, where it is one value from beginning to end.
pub(super) struct Variables<'s> {
    text: &'s str,
    known: BTreeMap<String, Option<String>>,
    /// How many bytes of values may still be put in.
    left: Cell<usize>,
}

impl<'s> Variables<'s> {
    /// Those of the surroundings, and what a script assigns.
    pub(super) fn new(text: &'s str, environment: &Environment, tree: &Tree<'_>) -> Self {
        let known = environment.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
        let left = Cell::new(PUT_IN.saturating_add(PUT_IN_PER_BYTE.saturating_mul(text.len())));
        let mut variables = Self { text, known, left };
        for &(name, value) in &tree.assignments {
            let value = value.and_then(|word| {
                let mut words = variables.evaluate(word, false);
                let word = if words.len() == 1 { words.pop() } else { None };
                word.map(|word| word.text).filter(|text| !text.contains(UNKNOWN) || is_program(text))
            });
            match variables.known.get_mut(name) {
                Some(known) if *known == value => {}
                Some(known) => *known = None,
                None => {
                    variables.known.insert(name.to_owned(), value);
                }
            }
        }
        for name in reads(text, tree) {
            variables.known.insert(name, None);
        }
        variables
    }

    /// What is known, for a script inside this one.
    pub(super) fn environment(&self) -> Environment {
        let known = |value: &Option<String>| value.clone().filter(|text| !text.contains(UNKNOWN));
        let value = |(name, value): (&String, &Option<String>)| Some((name.clone(), known(value)?));
        self.known.iter().filter_map(value).collect()
    }

    /// The words that a word comes to: a known value outside quotes is split, as the shell does.
    pub(super) fn evaluate(&self, word: &shuck_ast::Word, splits: bool) -> Vec<Word> {
        let range = word.span.start.offset()..word.span.end.offset();
        let mut words = vec![Word { range, ..Word::default() }];
        self.parts(&word.parts, !splits, &mut words);
        for word in &mut words {
            // Without its quotes.
            word.range = word.written.map_or_else(|| word.range.clone(), |start| start..start + word.text.len());
        }
        if words.len() > 1
            || word
                .parts
                .iter()
                .all(|part| !matches!(part.kind, WordPart::DoubleQuoted { .. } | WordPart::SingleQuoted { .. }))
        {
            words.retain(|word| !word.text.is_empty());
        }
        words
    }

    fn parts(&self, parts: &[WordPartNode], is_quoted: bool, words: &mut Vec<Word>) {
        for part in parts {
            let at = part.span.start.offset()..part.span.end.offset();
            let Some(word) = words.last_mut() else { return };
            let value = match &part.kind {
                WordPart::Literal(_) => {
                    let slice = self.text.get(at.clone()).unwrap_or_default();
                    word.is_open |= !is_quoted && slice.contains(UNKNOWN);
                    literal(slice, at.start, is_quoted, word);
                    continue;
                }
                WordPart::SingleQuoted { value, dollar } => {
                    match value.span() {
                        span if !dollar => word.push(span.slice(self.text), span.start.offset()),
                        _ => word.add(value.slice(self.text)),
                    }
                    continue;
                }
                WordPart::DoubleQuoted { parts, .. } => {
                    self.parts(parts, true, words);
                    continue;
                }
                WordPart::Variable(name) => self.value(name.as_str()),
                WordPart::Parameter(parameter) => match &parameter.syntax {
                    ParameterExpansionSyntax::Bourne(syntax) => self.parameter(syntax),
                    ParameterExpansionSyntax::Zsh(_) => None,
                },
                _ => None,
            };
            match value {
                None => {
                    word.add(UNKNOWN.encode_utf8(&mut [0; 4]));
                    word.is_open |= !is_quoted || is_several(self.text.get(at).unwrap_or_default());
                }
                Some(value) if is_quoted => word.add(&value),
                Some(value) => split(&value, words),
            }
        }
    }

    /// What a variable holds; not known where that is more than may still be put in.
    fn value(&self, name: &str) -> Option<String> {
        self.paid(self.known.get(name)?.as_deref()?)
    }

    fn paid(&self, value: &str) -> Option<String> {
        let left = self.left.get().checked_sub(value.len())?;
        self.left.set(left);
        Some(value.to_owned())
    }

    /// `${NAME}`, and `${NAME:-value}`, which is that value where nothing here says what the name is.
    fn parameter(&self, syntax: &BourneParameterExpansion) -> Option<String> {
        match syntax {
            BourneParameterExpansion::Access { reference } if reference.subscript.is_none() => {
                self.value(reference.name.as_str())
            }
            BourneParameterExpansion::Operation { reference, operator, operand_word_ast, .. }
                if reference.subscript.is_none() =>
            {
                let is_default = matches!(**operator, ParameterOp::UseDefault | ParameterOp::AssignDefault);
                match self.known.get(reference.name.as_str()) {
                    Some(known) if is_default => self.paid(known.as_deref()?),
                    None if is_default => {
                        let words = self.evaluate(operand_word_ast.as_deref()?, false);
                        words.into_iter().next().filter(Word::is_known).map(|word| word.text)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Whether a path whose directory is not known ends in the name of a program that is looked for.
fn is_program(path: &str) -> bool {
    let end = path.rsplit_once('/').map_or("", |(_, end)| end);
    super::mask::matters(end) && !end.contains(UNKNOWN)
}

/// Whether an expansion is as many words as there are, or none, in quotes too: of all arguments, or of all elements of an array.
fn is_several(expansion: &str) -> bool {
    !expansion.starts_with("${#")
        && (expansion.contains("[@]") || expansion.contains("$@") || expansion.starts_with("${@"))
}

/// Splits a value that stands outside quotes.
fn split(value: &str, words: &mut Vec<Word>) {
    let range = words.last().map(|word| word.range.clone()).unwrap_or_default();
    for (nth, piece) in value.split([' ', '\t', '\n']).enumerate() {
        if nth > 0 {
            words.push(Word { range: range.clone(), ..Word::default() });
        }
        if let Some(word) = words.last_mut() {
            word.add(piece);
        }
    }
}

/// Adds literal text without the backslashes that quote.
fn literal(text: &str, start: usize, is_quoted: bool, word: &mut Word) {
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'\\', &text.as_bytes()[at..]).map(|next| at + next) {
        let following = text[next + 1..].chars().next();
        let quotes = following.is_none_or(|c| !is_quoted || matches!(c, '$' | '`' | '"' | '\\' | '\n'));
        let end = if quotes { next } else { next + 1 };
        if end > at {
            word.push(&text[at..end], start + at);
        }
        at = next + 1;
        match following {
            Some('\n') => at += 1,
            // Its backslash is not looked at again.
            Some(c) => {
                word.push(&text[at..at + c.len_utf8()], start + at);
                at += c.len_utf8();
            }
            None => {}
        }
    }
    if at < text.len() {
        word.push(&text[at..], start + at);
    }
    if word.text.contains(KEYWORD) {
        word.text = word.text.replace("tim\u{2}", "time").replace("copro\u{2}", "coproc");
    }
}

/// The variables that commands set.
fn reads(text: &str, tree: &Tree<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for call in &tree.calls {
        let name = call.command.name.span.slice(text);
        if matches!(
            name,
            "read" | "mapfile" | "readarray" | "getopts" | "unset" | "printf" | "let" | "local" | "export"
        ) {
            let words = call.command.args.iter().map(|word| word.span.slice(text));
            names.extend(
                words.filter(|word| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).map(str::to_owned),
            );
        }
    }
    names
}
