//! A manifest in which bytes, characters and columns differ: a byte-order mark, tabs, `\r\n`, and characters of several bytes.

use crate::support::{Repo, lock};

/// Its text; each requirement to pin is `"1"`.
const MANIFEST: &str = "\u{feff}paths = { version = \"1\" }\r\n\r\n\
    [package]\r\nname = \"démo\"\r\nversion = \"0.1.0\"\r\nedition = \"2021\"\r\n\r\n\
    [dependencies] # 🦀\r\n\
    \tserde\t=\t\"1\" # ß\r\n\
    \"wide\"={features=[\"日本語\",'🦀🦀'],version=\"1\"}\r\n\
    [target.'cfg(any(ü, \u{1F980}))'.dependencies]\r\n\
    'last' = '''1'''";

/// A declaration: its name, and where its requirement is, by lines and columns from 1.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end: usize,
}

/// The repository, and where a person who counts characters in an editor finds each requirement.
pub(crate) fn repo() -> (Repo, Vec<Place>) {
    let locked =
        lock("démo 0.1.0 -> last, serde, wide\nlast 1.2.3 crates-io\nserde 1.2.3 crates-io\nwide 1.2.3 crates-io");
    let repo = Repo::new().file("Cargo.toml", MANIFEST).file("Cargo.lock", locked);
    let lines: Vec<&str> = MANIFEST.strip_prefix('\u{feff}').expect("it begins with one").split("\r\n").collect();
    let place = |name: &'static str, quoted: &str| {
        let line = lines.iter().position(|line| line.contains(name)).expect("it is declared");
        let before = lines[line].split_once(quoted).expect("its requirement is there").0;
        let quotes = quoted.chars().take_while(|c| *c != '1').count();
        let column = before.chars().count() + quotes + 1;
        Place { name, line: line + 1, column, end: column + 1 }
    };
    (repo, vec![place("serde", "\"1\""), place("wide", "\"1\""), place("last", "'''1'''")])
}

/// The manifest with every requirement pinned.
pub(crate) fn pinned() -> String {
    let (head, body) = MANIFEST.split_once("[dependencies]").expect("it has the table");
    format!("{head}[dependencies]{}", body.replace("\"1\"", "\"=1.2.3\"").replace("'''1'''", "'''=1.2.3'''"))
}

/// The text with what is between two places replaced, as an editor that counts characters does it.
pub(crate) fn replace(text: &str, from: (usize, usize), to: (usize, usize), with: &str) -> String {
    let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let offset = |(line, column): (usize, usize)| {
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
    };
    format!("{mark}{}{with}{}", &text[..offset(from)], &text[offset(to)..])
}
