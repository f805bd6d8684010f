//! Names that are written for whatever reads a report, or for the person behind it; and repositories that have them.

use crate::support::{Repo, lock, package};

/// Texts that mean something to a terminal, to a runner, to a renderer or to a parser.
pub(crate) const NAMES: [&str; 43] = [
    "]]>",
    "<![CDATA[",
    "<script>alert(1)</script>",
    "<!-- ",
    "</testcase>",
    "</details><details open>",
    "&amp;",
    "&#27;",
    "::set-output name=x::y",
    "::error file=a,line=1::b",
    " ::error::x",
    "##[error]x",
    "%0A",
    "%0A::error::x",
    "%0D%0A::warning::x",
    "%25",
    "|",
    "a|b",
    "a\\|b\\",
    "`",
    "```",
    "a``b`c",
    "`a`",
    "\\",
    "\"'",
    "\"quoted\" 'twice'",
    "{0} ${{ github.token }} $(id)",
    "@everyone #123 GH-1 www.example.com https://example.com a@example.com",
    "[click](https://example.com)",
    "![image](https://example.com/x.png)",
    "[a](javascript:x) ![b](c) **d** _e_ ~f~ $g$ &lt; :smile:",
    "a,line=1:b=c",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}txt\u{202c}\u{2066}\u{200b}\u{2028}",
    "\u{202e}right\u{200f}\u{2066}",
    "\u{61c}mark\u{ad}\u{180e}\u{3164}",
    "\u{1}\u{8}\t\u{b}\u{c}\u{7f}\u{85}\u{9b}",
    "\r\n\n# heading\n",
    "a\nb\r\nc",
    "\u{fffe}\u{ffff}\u{feff}",
    "名前 é",
    "\u{1F980}\u{1F980}",
];

/// [`NAMES`], and two that are long.
pub(crate) fn names() -> Vec<String> {
    NAMES.into_iter().map(str::to_owned).chain(["n".repeat(10_000), "名".repeat(10_000)]).collect()
}

/// A repository with each of [`names`] as the key of a dependency, as a requirement, and, where the file system allows, as the
/// directory of a package.
pub(crate) fn repo_of_all() -> Repo {
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

/// A repository that has `name` wherever one can be.
pub(crate) fn repo_of(name: &str) -> Repo {
    let quoted = toml(name);
    let dependencies = format!(
        "{quoted} = \"1\"\nb = {quoted}\nc = {{ git = \"https://example.com/c\", branch = {quoted} }}\nd = {{ path = {} }}\n",
        toml(&format!("../{name}"))
    );
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", &format!("[dependencies]\n{dependencies}")))
        .file("Cargo.lock", lock("demo 0.1.0"));
    // What a directory cannot be called is left to the texts.
    if name.len() < 200 && !name.contains('/') {
        repo.write(format!("{name}/Cargo.toml"), package("other", "[workspace]\n[dependencies]\na = \"1\"\n"));
        repo.write(format!("vendor/{name}/Cargo.toml"), package("vendored", ""));
    }
    repo
}

/// A TOML string with everything escaped that could need it.
pub(crate) fn toml(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == ' ';
    let escaped = text.chars().map(|c| if plain(c) { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Whether a character controls, reorders or hides text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{3164}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A text as reports show it to people: what is hidden, as escapes.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Nothing in a text reaches a terminal raw, or reorders what is beside it: it is lines of characters that show.
#[track_caller]
pub(crate) fn nothing_raw(text: &str) {
    assert_eq!(text.chars().find(|&c| c != '\n' && is_hidden(c)), None, "{text:?}");
}
