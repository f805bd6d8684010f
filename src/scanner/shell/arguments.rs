//! The arguments of a command: options with their values, and operands.

use super::word::Word;

/// Arguments, read by a list of the options that take a value.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// Options by name, with their values where they have one.
    options: Vec<(String, Option<Word>)>,
    /// What is no option.
    pub(super) operands: Vec<Word>,
    /// What follows `--`.
    pub(super) rest: Vec<Word>,
    /// Whether there is a word that can be anything: any option, too.
    pub(super) is_open: bool,
}

impl Arguments {
    /// Reads arguments.
    pub(super) fn new(words: &[Word], valued: &[&str]) -> Self {
        Self::until(words, valued, |_| false)
    }

    /// Reads arguments up to the first operand that ends them; that one is the first of the rest.
    pub(super) fn until(words: &[Word], valued: &[&str], ends: impl Fn(&Word) -> bool) -> Self {
        let mut arguments = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if text == "--" {
                arguments.rest = words.cloned().collect();
                break;
            }
            if let Some(long) = text.strip_prefix("--") {
                let name = &text[..2 + long.find('=').unwrap_or(long.len())];
                let value = match text.len() > name.len() {
                    true => Some(word.tail(name.len() + 1)),
                    false if valued.contains(&name) => words.next().cloned(),
                    false => None,
                };
                arguments.options.push((name.to_owned(), value));
            } else if text.len() > 1 && text.starts_with('-') {
                arguments.short(word, valued, &mut words);
            } else if ends(word) {
                arguments.rest.push(word.clone());
                arguments.rest.extend(words.cloned());
                break;
            } else {
                arguments.is_open |= word.is_anything();
                arguments.operands.push(word.clone());
            }
        }
        arguments
    }

    /// `-x`, `-xyz`, `-xVALUE`, `-x VALUE`.
    fn short<'w>(&mut self, word: &Word, valued: &[&str], words: &mut impl Iterator<Item = &'w Word>) {
        // Some programs have long options with one dash.
        if valued.contains(&word.text.as_str()) {
            self.options.push((word.text.clone(), words.next().cloned()));
            return;
        }
        for (at, letter) in word.text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let end = at + letter.len_utf8();
            if valued.contains(&name.as_str()) {
                let value = match word.text.len() > end {
                    true => Some(word.tail(if word.text[end..].starts_with('=') { end + 1 } else { end })),
                    false => words.next().cloned(),
                };
                self.options.push((name, value));
                return;
            }
            self.options.push((name, None));
        }
    }

    /// Whether any of these options is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The value of the last of these options.
    pub(super) fn value(&self, names: &[&str]) -> Option<&Word> {
        self.values(names).last()
    }

    /// The values of these options.
    pub(super) fn values<'s>(&'s self, names: &[&str]) -> impl Iterator<Item = &'s Word> {
        self.options
            .iter()
            .filter(move |(name, _)| names.contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_ref())
    }
}
