//! What all formats are tried on: every fixture, and names that are meant for a parser.

use std::fs;

use serde_json::Value;

use crate::support::{Repo, lock, package, repository};

/// Names that mean something to a terminal, to the runner or to a renderer.
pub(crate) const NAMES: [&str; 22] = [
    "]]>",
    "<script>alert(1)</script>",
    "::set-output name=x::y",
    " ::error::x",
    "##[error]x",
    "%0A::error::x",
    "%25",
    "a|b",
    "a\\|b\\",
    "`",
    "a``b`c",
    "`a`",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}right\u{200f}\u{2066}",
    "\"quoted\" 'twice'",
    "@everyone #123 GH-1 www.example.com https://example.com a@example.com",
    "[a](javascript:x) ![b](c) **d** _e_ ~f~ $g$ &lt; :smile:",
    "</details><details open>",
    "a\nb\r\nc",
    "<!-- ",
    "a,line=1:b=c",
    "名前 é",
];

/// A repository that has `name` wherever one can be.
pub(crate) fn repo(name: &str) -> Repo {
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

/// A name as a person gets to see it.
pub(crate) fn visible(name: &str) -> String {
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}');
    name.chars().map(|c| if hidden(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }).collect()
}

/// Nothing but lines of characters that show.
#[track_caller]
pub(crate) fn nothing_raw(text: &str) {
    let raw = text.chars().find(|&c| c != '\n' && visible(&c.to_string()) != c.to_string());
    assert_eq!(raw, None, "{text:?}");
}

/// A finding's place in the JSON report, as `path:line:column`.
pub(crate) fn place(finding: &Value) -> String {
    let path = finding["path"].as_str().expect("a path");
    format!("{path}:{}:{}", finding["start"]["line"], finding["start"]["column"])
}

/// Tries every fixture of every rule.
pub(crate) fn fixtures(check: impl Fn(&Repo)) {
    let mut tried = 0;
    for rule in fs::read_dir(repository().join("fixtures/rules")).expect("there are fixtures") {
        for kind in ["pass", "fail"] {
            let repo = Repo::copy_of(&rule.as_ref().expect("a rule").path().join(kind));
            check(&repo.git());
            tried += 1;
        }
    }
    assert!(tried >= 22, "the fixtures are where this test looks for them");
}
