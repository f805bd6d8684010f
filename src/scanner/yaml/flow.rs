//! Lines of flow collections that are indented too little.

/// Makes one line of that at a place and the one ahead of it, without moving a byte, where what stands there can only be inside of a
/// flow collection. Comments and empty lines between the two go.
pub(super) fn join(text: &mut String, at: usize) -> bool {
    let Some(start) = text.get(..at).and_then(|before| before.rfind('\n')).map(|end| end + 1) else { return false };
    let is_first = text[start..at].trim().is_empty();
    let closes = text[at..].starts_with([']', '}', ',']);
    let (mut blanks, mut end) = (Vec::new(), start);
    while is_first && end > 0 {
        let line_start = text[..end - 1].rfind('\n').map_or(0, |before| before + 1);
        let line = &text[line_start..end];
        let content = &line[..comment(line).unwrap_or(line.len())];
        blanks.push(line_start + content.trim_end().len()..end);
        if !content.trim().is_empty() {
            if !(closes || content.trim_end().ends_with(['[', '{', ','])) {
                return false;
            }
            blanks.into_iter().for_each(|range| text.replace_range(range.clone(), &" ".repeat(range.len())));
            return true;
        }
        end = line_start;
    }
    false
}

/// Where the comment of a line begins.
fn comment(line: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '#') if before.is_whitespace() => return Some(at),
            (None, _) => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::text::FileId;

    /// The items of `a`, and what `b` is and where; nothing where the file is refused.
    fn read(text: &str) -> Option<(Vec<String>, String, usize)> {
        let document = parse(FileId(0), text).ok()?;
        let root = document.root()?;
        let items = root.get("a")?.items().filter_map(|item| item.text().map(str::to_owned)).collect();
        let last = root.get("b")?;
        Some((items, last.text()?.to_owned(), last.span().range().start))
    }

    /// GitHub takes them all.
    #[test]
    fn a_list_may_end_where_its_key_begins() {
        for text in [
            "a: [\n  x,\n  y\n]\nb: c\n",
            "a: [\nx,\ny\n]\nb: c\n",
            "a: [ # é]\r\n  x, # why\r\n\r\n# no\r\ny\r\n]\r\nb: c\r\n",
            "a: [x\n, 'y' # ]\n]\nb: c\n",
        ] {
            let (items, last, at) = read(text).expect(text);
            assert_eq!((items, last.as_str()), (vec!["x".to_owned(), "y".to_owned()], "c"), "{text}");
            assert_eq!(&text[at..=at], "c", "{text}");
        }
    }

    #[test]
    fn what_is_no_list_stays_refused() {
        for text in
            ["a:\n  - x\n y: z\nb: c\n", "a: [x\nb: c\n", "a: {\n  x: [\n }\n]\nb: c\n", "a: 'x,\ny'\n z\nb: c\n"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
