//! Here-documents of `RUN`, `COPY` and `ADD`.
//!
//! Source: BuildKit's parser: a word `<<NAME`, `<<-NAME` or `<<"NAME"` of the instruction's logical line, and then every line
//! up to one that is the name alone. The crate that parses the rest knows one at the start of a `RUN` alone, so it is given a
//! text of the same length without any of them.

use std::borrow::Cow;
use std::ops::Range;

/// A text with its here-documents blanked out, and where they are.
#[derive(Debug)]
pub(super) struct Masked<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) bodies: Vec<Body>,
    /// The first one that never ends: its instruction's place, and its name.
    pub(super) open: Option<(Range<usize>, String)>,
}

/// The here-documents of one instruction.
#[derive(Debug, PartialEq)]
pub(super) struct Body {
    /// The bytes of the instruction's logical line.
    pub(super) line: Range<usize>,
    /// From the first line below it to the last name.
    pub(super) range: Range<usize>,
    /// Where the text of the first one ends.
    pub(super) first_end: usize,
    /// How many there are.
    pub(super) count: usize,
}

/// Blanks out the here-documents of a Dockerfile.
pub(super) fn mask(text: &str, escape: char) -> Masked<'_> {
    let mut masked = Masked { text: Cow::Borrowed(text), bodies: Vec::new(), open: None };
    if memchr::memmem::find(text.as_bytes(), b"<<").is_none() {
        return masked;
    }
    let mut at = 0;
    while at < text.len() {
        let line = at..logical_end(text, at, escape);
        at = line.end;
        let written = &text[line.clone()];
        if !written.contains("<<") || !may_have(written) {
            continue;
        }
        let names = names(&unfolded(written, escape));
        if names.is_empty() {
            continue;
        }
        let (mut end, mut first_end, mut is_open) = (at, at, None);
        for (number, (name, strips)) in names.iter().enumerate() {
            let Some((body, behind)) = closing(text, end, name, *strips) else {
                is_open = Some(name.clone());
                (first_end, end) = (if number == 0 { text.len() } else { first_end }, text.len());
                break;
            };
            first_end = if number == 0 { body } else { first_end };
            end = behind;
        }
        if let Some(name) = is_open.filter(|_| masked.open.is_none()) {
            masked.open = Some((line.start..line.start + written.trim_end().len(), name));
        }
        blank(masked.text.to_mut(), &line, at..end);
        masked.bodies.push(Body { line, range: at..end, first_end, count: names.len() });
        at = end;
    }
    masked
}

/// Whether an instruction may have here-documents.
fn may_have(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let is = |word: &str| ["RUN", "COPY", "ADD"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
    match words.next() {
        Some(word) if word.eq_ignore_ascii_case("ONBUILD") => words.next().is_some_and(is),
        Some(word) => is(word),
        None => false,
    }
}

/// Where the logical line ends that starts at an offset: behind the first line that is not continued.
fn logical_end(text: &str, start: usize, escape: char) -> usize {
    let (mut at, mut is_first) = (start, true);
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        let content = line.trim();
        let is_passed = content.is_empty() || content.starts_with('#');
        if is_first && is_passed || !is_passed && !content.ends_with(escape) {
            return at;
        }
        is_first = false;
    }
    at
}

/// A logical line without its continuations and the comments between them.
fn unfolded(line: &str, escape: char) -> String {
    let lines =
        line.split('\n').enumerate().filter(|(number, line)| *number == 0 || !line.trim_start().starts_with('#'));
    lines.map(|(_, line)| line.trim_end().trim_end_matches(escape)).collect::<Vec<_>>().join("")
}

/// The names of the here-documents of a line, and whether leading tabs are taken off.
fn names(line: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    for word in words(line) {
        let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { continue };
        let (rest, strips) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
        let name: String = rest.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect();
        if !name.is_empty() && !rest.contains('<') {
            names.push((name, strips));
        }
    }
    names
}

/// The words of a line, quotes left as they are.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    for (at, c) in line.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if quote != Some('\'') => is_escaped = true,
            '\'' | '"' if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            _ if c.is_ascii_whitespace() && quote.is_none() => {
                words.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[start..]);
    words
}

/// Where the text of a here-document ends that starts at an offset, and what is behind its name.
fn closing(text: &str, start: usize, name: &str, strips: bool) -> Option<(usize, usize)> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let content = if strips { content.trim_start_matches('\t') } else { content };
        if content == name {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Blanks a body out, and the marks of it in its instruction.
fn blank(text: &mut String, line: &Range<usize>, body: Range<usize>) {
    let marks = text[line.clone()].replace("<<", "__");
    let blanks: String = text[body.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(line.clone(), &marks);
    text.replace_range(body, &blanks);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let masked = mask(text, '\\');
        let found: Vec<(&str, usize)> =
            masked.bodies.iter().map(|body| (&text[body.range.clone()], body.count)).collect();
        assert_eq!(found, expected);
        assert_eq!(masked.text.len(), text.len());
        assert!(masked.bodies.iter().all(|body| masked.text[body.range.clone()].trim().is_empty()));
    }

    #[test]
    fn here_documents_are_found_where_docker_finds_them() {
        check("FROM a\nRUN <<EOF\nx\nEOF\nRUN y\n", &[("x\nEOF\n", 1)]);
        check("RUN cat <<A 3<<-'B C' > f\n1\nA\n2\n\tB C\nRUN y", &[("1\nA\n2\n\tB C\n", 2)]);
        check("COPY <<\"EOF\" \\\n # note\n  /x\n a EOF\nEOF\n", &[(" a EOF\nEOF\n", 1)]);
        check("ONBUILD RUN sh <<EOF\nx\nEOF", &[("x\nEOF", 1)]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        check("RUN echo \"<<EOF\" $((1 << 2)) a<<EOF <<<x\nCMD cat <<EOF\n# RUN <<EOF\n", &[]);
    }

    #[test]
    fn one_that_never_ends_is_told() {
        let masked = mask("RUN <<EOF\nx\n EOF\n", '\\');
        assert_eq!(masked.open, Some((0..9, "EOF".to_owned())));
    }
}
