//! A repository whose names are written for whatever reads a report, or for the person behind it.

use crate::support::{Repo, lock, package};

/// Texts that mean something in one format or another.
const TEXTS: [&str; 24] = [
    "]]>",
    "<![CDATA[",
    "<script>alert(1)</script>",
    "<!-- ",
    "</testcase>",
    "&amp;",
    "&#27;",
    "::set-output name=x::y",
    "::error file=a,line=1::b",
    "%0A",
    "%0D%0A::warning::x",
    "|",
    "`",
    "```",
    "\\",
    "\"'",
    "{0} ${{ github.token }} $(id)",
    "[click](https://example.com)",
    "![image](https://example.com/x.png)",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}txt\u{202c}\u{2066}\u{200b}\u{2028}",
    "\u{1}\u{8}\t\u{b}\u{c}\u{7f}\u{85}\u{9b}",
    "\r\n\n# heading\n",
    "\u{fffe}\u{ffff}\u{feff}",
];

/// The names of the dependencies of [`repo`] that are hostile.
pub(crate) fn names() -> Vec<String> {
    TEXTS.into_iter().map(str::to_owned).chain(["n".repeat(10_000), "名".repeat(10_000)]).collect()
}

/// A repository with each of [`names`] as the key of a dependency, as a requirement, and, where the file system allows, as the
/// directory of a package.
pub(crate) fn repo() -> Repo {
    let names = names();
    let keys: String = names.iter().map(|name| format!("{} = \"1\"\n", toml(name))).collect();
    let requirements: String =
        names.iter().enumerate().map(|(at, name)| format!("plain-{at} = {}\n", toml(name))).collect();
    let manifest = package("demo", &format!("[dependencies]\n{keys}{requirements}"));
    let repo = Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("demo 0.1.0"));
    for name in names.iter().filter(|name| name.len() < 200) {
        let directory =
            if cfg!(windows) { name.replace(|c: char| !c.is_ascii_alphanumeric(), "-") } else { name.clone() };
        repo.write(format!("below/{directory}/Cargo.toml"), package("demo", "[dependencies]\na = \"1\"\n"));
    }
    repo
}

/// A TOML string with everything but letters and digits escaped.
fn toml(text: &str) -> String {
    let escaped =
        text.chars().map(|c| if c.is_alphanumeric() { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A text as reports show it to people: control characters, and those that reorder or hide text, as escapes.
pub(crate) fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || ['\u{202e}', '\u{202c}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}'].contains(&c)
    };
    let show = |c: char| if hidden(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() };
    text.chars().map(show).collect()
}

/// Nothing in a text reaches a terminal raw, or reorders what is beside it.
#[track_caller]
pub(crate) fn nothing_raw(text: &str) {
    let raw = text.chars().find(|c| *c != '\n' && shown(&c.to_string()) != c.to_string());
    assert_eq!(raw, None, "{text:?}");
}
