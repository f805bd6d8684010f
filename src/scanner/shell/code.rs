//! What a script does to the code that its commands build: whether a lockfile that fits is sure to lie there.
//!
//! Nothing that is found hangs on it, only whether `--locked` is written for the user. So whatever is not known to leave Cargo.toml
//! and Cargo.lock as they are counts as what changes them.

use std::cell::LazyCell;

use memchr::memmem;

use super::mask::UNKNOWN;
use super::word::Word;

/// What becomes of the code that a script builds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Other code was brought beside it: `git clone`, `tar -x`.
    pub is_beside: bool,
    /// It is other code that is built from here on: by `cd` into what was brought, by `cargo new`.
    pub is_other: bool,
    /// It is built elsewhere than in the repository: by `cd /tmp/x`.
    pub is_outside: bool,
    /// Its lockfile is gone, or no longer that of the repository: `rm Cargo.lock`, `cargo add`.
    pub is_changed: bool,
}

/// Why what a command builds may have no lockfile that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// A command before brought other code, or changed what this one builds: `git clone`, `cargo new`, `cargo add`.
    Brought,
    /// It is run in an absolute directory. In an image that is where the code is.
    Outside,
    /// The image has the manifest, by `COPY Cargo.toml`, and not the lockfile.
    NotCopied,
    /// The image has manifest and lockfile, and of the packages those that were copied: a lockfile fits all of them alone.
    InPieces,
    /// The image has all of the directory that it is built from, which may be that of the Dockerfile or the root.
    Context,
}

impl Code {
    /// Why what is built may have no lockfile that fits.
    #[must_use]
    pub fn doubt(self) -> Option<Doubt> {
        match self {
            _ if self.is_other || self.is_changed => Some(Doubt::Brought),
            _ if self.is_outside => Some(Doubt::Outside),
            _ => None,
        }
    }

    /// The same of a command that names a manifest or a directory itself.
    pub(super) fn doubt_of(mut self, arguments: &[Word]) -> Option<Doubt> {
        let values = arguments.iter().zip(arguments.iter().skip(1)).filter_map(|(option, value)| {
            ["--manifest-path", "--path", "-C"].contains(&option.text.as_str()).then_some(value.text.as_str())
        });
        let joined = arguments.iter().filter_map(|word| {
            ["--manifest-path=", "--path="].iter().find_map(|option| word.text.strip_prefix(option))
        });
        // A patch from the command line is in no lockfile.
        self.is_changed |= arguments.iter().any(|word| word.text.contains("patch."));
        for place in values.chain(joined) {
            self.is_other |= self.is_beside;
            self.is_outside |= is_absolute(place);
        }
        self.doubt()
    }
}

/// What a command does to the code that the following ones build.
pub(super) fn moves(code: &mut Code, name: &str, arguments: &[Word]) {
    let operand = |word: &&str| !word.starts_with(['-', '+']);
    let command = arguments.iter().map(|word| word.text.as_str()).find(operand);
    let first = arguments.first().map_or("", |word| word.text.as_str());
    let is_extracting = || {
        let is_short =
            |word: &Word| !word.text.starts_with("--") && word.text.starts_with('-') && word.text.contains('x');
        first == "--extract" || !first.starts_with("--") && first.contains('x') || arguments.iter().any(is_short)
    };
    match (name, command) {
        ("git" | "gh" | "hub", Some("clone" | "worktree" | "submodule" | "repo" | "pr")) => code.is_beside = true,
        ("unzip" | "7z", Some(_)) => code.is_beside = true,
        ("git", Some("apply" | "am")) | ("patch", _) => code.is_changed = true,
        ("tar" | "bsdtar", _) if is_extracting() => code.is_beside = true,
        ("cd" | "pushd", Some(place)) => {
            code.is_other |= code.is_beside;
            code.is_outside |= is_absolute(place);
        }
        ("cargo", Some("new" | "init" | "generate")) => code.is_other = true,
        (
            "cargo",
            Some(
                "add" | "autoinherit" | "bump" | "hakari" | "release" | "remove" | "rm" | "set-version" | "upgrade"
                | "workspaces" | "ws",
            ),
        ) => code.is_changed = true,
        // `cargo machete --fix` and the like.
        ("cargo", _) if arguments.iter().any(|word| word.text.contains("--fix")) => code.is_changed = true,
        ("sed" | "gsed" | "perl" | "sd", _) => code.is_changed |= edits_some_manifest(name, arguments),
        _ => {}
    }
}

/// Whether what edits files in their places may do so to a manifest: by a pattern, a variable, or whatever `find` and `xargs` give it.
fn edits_some_manifest(name: &str, arguments: &[Word]) -> bool {
    let is_any = |word: &Word| {
        let is_other =
            [".rs", ".md", ".yml", ".yaml", ".json", ".txt", ".sh"].iter().any(|end| word.text.ends_with(end));
        word.text.contains([UNKNOWN, '*', '?', '{']) && !is_other || word.text.ends_with(".toml")
    };
    let files = arguments.iter().skip_while(|word| word.text.starts_with('-')).skip(1);
    (name == "sd" || arguments.iter().any(|word| is_in_place(&word.text))) && files.into_iter().any(is_any)
}

/// Whether an option is `-i`, alone or among others, or its long form.
fn is_in_place(option: &str) -> bool {
    let is_short = option.starts_with('-') && !option.starts_with("--");
    option.starts_with("--in-place") || option == "--inplace" || is_short && option.contains('i')
}

fn is_absolute(place: &str) -> bool {
    place.starts_with(['/', '~'])
}

/// How many bytes of a line are looked at ahead of a mention and behind it: a line may have many.
const NEAR: usize = 512;

/// The programs that only look at what they are given.
const READERS: [&str; 22] = [
    "awk",
    "b2sum",
    "bat",
    "cat",
    "cmp",
    "cut",
    "diff",
    "echo",
    "egrep",
    "file",
    "grep",
    "head",
    "jq",
    "ls",
    "md5sum",
    "printf",
    "rg",
    "sha256sum",
    "shasum",
    "stat",
    "tail",
    "wc",
];

/// Those that do unless they are told to edit in place.
const EDITORS: [&str; 4] = ["gsed", "sed", "tomlq", "yq"];

/// The commands of git that leave files as they are.
const GIT: [&str; 8] = ["add", "blame", "commit", "diff", "log", "ls-files", "show", "status"];

/// Whether a command leaves a manifest or a lockfile among its arguments as it is.
fn only_looks<'w>(name: &str, arguments: impl Iterator<Item = &'w str> + Clone, is_manifest: bool) -> bool {
    match name {
        // What decides whether another runs may be that there is none.
        "test" | "[" | "[[" => is_manifest,
        "git" => arguments.clone().find(|word| !word.starts_with('-')).is_some_and(|command| GIT.contains(&command)),
        "cargo" | "cross" => is_manifest,
        _ if EDITORS.contains(&name) => !arguments.clone().any(is_in_place),
        _ => READERS.contains(&name),
    }
}

/// The places where the text of a script says Cargo.toml or Cargo.lock, and what it says there of them is not known to leave them as
/// they are. In whatever it says it: a condition or a loop is no command.
pub(super) fn mentions(text: &str) -> Vec<usize> {
    let finds = |part: &str| memmem::find_iter(text.as_bytes(), part.as_bytes()).collect::<Vec<_>>();
    // One of the two may be meant by a pattern, too.
    let by_name = finds("Cargo.").into_iter().map(|at| (at, text[at..].starts_with("Cargo.toml")));
    let by_end = [".lock", ".toml"].into_iter().flat_map(finds).filter(|at| text[..*at].ends_with(['*', '}']));
    let all = by_name.chain(by_end.map(|at| (at, false)));
    let mut all: Vec<usize> = all.filter(|&(at, is_it)| !leaves(text, at, is_it)).map(|(at, _)| at).collect();
    all.sort_unstable();
    all
}

/// Whether at each of these places there is an argument of a command that leaves it as it is.
pub(super) fn are_explained(text: &str, mentions: &[usize], calls: &[Vec<Word>]) -> bool {
    let mut explained = vec![false; mentions.len()];
    for words in calls.iter().filter(|_| !mentions.is_empty()) {
        let Some(name) = words.first().and_then(super::prefix::name) else { continue };
        let arguments = words[1..].iter().map(|word| word.text.as_str());
        let looks = [false, true].map(|is_manifest| {
            LazyCell::new({
                let arguments = arguments.clone();
                move || only_looks(name, arguments, is_manifest)
            })
        });
        for word in &words[1..] {
            let first = mentions.partition_point(|&at| at < word.range.start);
            let end = mentions.partition_point(|&at| at < word.range.end);
            let is_manifest = || text.get(word.range.clone()).is_some_and(|word| word.contains("Cargo.toml"));
            if first < end && *looks[usize::from(is_manifest())] {
                explained[first..end].fill(true);
            }
        }
    }
    explained.into_iter().all(|one| one)
}

/// Whether what is said at a place of a script about a manifest or a lockfile is known to leave it as it is, as far as the line tells.
fn leaves(text: &str, at: usize, is_manifest: bool) -> bool {
    let window = &text[text.floor_char_boundary(at.saturating_sub(NEAR))..at];
    let line = window.rfind('\n').map_or(window, |end| &window[end + 1..]);
    let is_short = window.len() < NEAR || line.len() < window.len();
    if is_short && line.trim_start().starts_with('#') {
        return true;
    }
    let ahead = line.rfind([';', '|', '&', '(', '{', '`', '!']).map_or(line, |end| &line[end + 1..]).trim_start();
    let behind = &text[at..text.floor_char_boundary(at.saturating_add(NEAR))];
    let behind = behind.lines().next().unwrap_or_default();
    // Where it is written to, no blank is behind the mark but those ahead of the name.
    let is_target = ahead.rsplit_once('>').is_some_and(|(_, name)| !name.trim_start().contains(' '));
    let is_keyword =
        |word: &&str| matches!(*word, "if" | "elif" | "while" | "then" | "do" | "else" | "sudo" | "time" | "run:");
    let mut words = ahead.split_ascii_whitespace().skip_while(is_keyword);
    let name = words.next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut last = ahead.rsplit([' ', '=']);
    let is_option = last.next().is_some() && last.next().is_some_and(|word| word.ends_with("--manifest-path"));
    let arguments = words.chain(behind.split_ascii_whitespace());
    is_short && !is_target && (is_option || only_looks(name, arguments, is_manifest))
}
