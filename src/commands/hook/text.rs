//! The text of a pre-commit hook: a block of ours put into it, and taken out again. Knows bytes, and no file.

use std::ops::Range;

/// What the hook runs.
pub(super) const CHECK: &str = "cargo-pinned check --staged --base HEAD";

/// The first line of a hook that is made anew.
const SHEBANG: &[u8] = b"#!/bin/sh\n";

const START: &[u8] = b"# >>> cargo-pinned >>>";
const END: &[u8] = b"# <<< cargo-pinned <<<";

/// The interpreters that read the block as it is meant.
const SHELLS: [&[u8]; 7] = [b"sh", b"bash", b"dash", b"ash", b"ksh", b"mksh", b"zsh"];

/// Our block: the check fails the commit, and where it passes, what follows runs as it did without it.
///
/// The command is looked for on the PATH first, so that an update is taken up. `recorded` is where it was when the hook was
/// made, for git clients that a desktop starts with a shorter PATH. Where it is nowhere the commit fails: whoever put the
/// check here wants it, and a gate that passes in silence is none.
pub(super) fn block(recorded: Option<&[u8]>) -> Vec<u8> {
    let (_, arguments) = CHECK.split_once(' ').unwrap_or((CHECK, ""));
    let mut out = START.to_vec();
    out.extend(b"\n# Written by `cargo pinned init --hook`; `cargo pinned init --remove-hook` takes it out.\n");
    out.extend(format!("if command -v cargo-pinned >/dev/null 2>&1; then\n    {CHECK} || exit $?\n").bytes());
    if let Some(recorded) = recorded {
        let quoted = quoted(recorded);
        out.extend([b"elif [ -x ", &*quoted, b" ]; then\n    ", &*quoted].concat());
        out.extend(format!(" {arguments} || exit $?\n").bytes());
    }
    out.extend(
        b"else\n    \
          printf '%s\\n' 'cargo-pinned is not installed here, so that nothing checked what is staged.' \\\n        \
          'Install it, and see that it is on the PATH; or commit once without hooks: git commit --no-verify' \\\n        \
          \"To stop checking, delete the block of cargo-pinned in $0\" >&2\n    \
          exit 1\nfi\n",
    );
    out.extend([END, b"\n"].concat());
    out
}

/// A word as a shell reads it back.
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut out = b"'".to_vec();
    for &byte in word {
        match byte {
            b'\'' => out.extend(b"'\\''"),
            _ => out.push(byte),
        }
    }
    out.push(b'\'');
    out
}

/// A hook with nothing but the block.
pub(super) fn fresh(block: &[u8]) -> Vec<u8> {
    [SHEBANG, block].concat()
}

/// A hook with the block in it: in place of one that is there, else behind the comments at the top, so that it runs
/// whatever the rest does. Every other byte stays.
///
/// # Errors
/// Where that could break the hook: why, as the end of a sentence about it.
pub(super) fn with(hook: &[u8], block: &[u8]) -> Result<Vec<u8>, &'static str> {
    if let Some(place) = find(hook)? {
        let is_last = !hook[place.clone()].ends_with(b"\n");
        let block = if is_last { block.strip_suffix(b"\n").unwrap_or(block) } else { block };
        return Ok([&hook[..place.start], block, &hook[place.end..]].concat());
    }
    is_fit(hook)?;
    let comments = hook.split_inclusive(|&byte| byte == b'\n').take_while(|line| line.starts_with(b"#"));
    let (head, rest) = hook.split_at(comments.map(<[u8]>::len).sum());
    if head.is_empty() || head.ends_with(b"\n") {
        return Ok([head, block, rest].concat());
    }
    // The end of the last line was left out, and is left out again.
    Ok([head, b"\n", block.strip_suffix(b"\n").unwrap_or(block)].concat())
}

/// A hook without the block; none where it has none.
///
/// # Errors
/// Where one end of the block is missing.
pub(super) fn without(hook: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    let Some(place) = find(hook)? else { return Ok(None) };
    let (mut head, rest) = (&hook[..place.start], &hook[place.end..]);
    if !hook[place].ends_with(b"\n") {
        head = head.strip_suffix(b"\n").unwrap_or(head);
    }
    Ok(Some([head, rest].concat()))
}

/// Whether a hook does nothing.
pub(super) fn is_empty(hook: &[u8]) -> bool {
    hook.is_empty() || hook == SHEBANG
}

/// Where the block is, with the end of its last line.
fn find(hook: &[u8]) -> Result<Option<Range<usize>>, &'static str> {
    let (mut start, mut end, mut at) = (Vec::new(), Vec::new(), 0);
    for line in hook.split_inclusive(|&byte| byte == b'\n') {
        match line.trim_ascii_end() {
            START => start.push(at),
            END => end.push(at + line.len()),
            _ => {}
        }
        at += line.len();
    }
    match (&*start, &*end) {
        ([], []) => Ok(None),
        ([start], [end]) if start < end => Ok(Some(*start..*end)),
        _ => Err("has a block of cargo-pinned that lacks an end, or has it twice"),
    }
}

/// Whether lines of shell can be put into a hook without breaking it.
fn is_fit(hook: &[u8]) -> Result<(), &'static str> {
    let first = hook.split(|&byte| byte == b'\n').next().unwrap_or_default();
    // Git hands a text without a first line like that to the shell.
    let is_shell = first.strip_prefix(b"#!").map_or_else(|| !hook.contains(&0), is_shell);
    if !is_shell {
        return Err("is not a shell script");
    }
    if hook.split_inclusive(|&byte| byte == b'\n').any(|line| line.ends_with(b"\r\n")) {
        return Err("has CRLF line endings, which no shell reads");
    }
    if hook.split(|&byte| byte == b'\n').any(hands_itself_over) {
        return Err("hands itself to another interpreter, which would not understand lines of shell in it");
    }
    Ok(())
}

/// Whether the rest of a first line names a shell: `/bin/sh -e`, `/usr/bin/env -S bash`.
fn is_shell(interpreter: &[u8]) -> bool {
    let words = interpreter.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut names = words.map(|word| word.rsplit(|&byte| byte == b'/').next().unwrap_or(word));
    let name = match names.next() {
        Some(b"env") => names.find(|name| !name.starts_with(b"-") && !name.contains(&b'=')),
        name => name,
    };
    let name = name.map(|name| name.strip_suffix(b".exe").unwrap_or(name));
    name.is_some_and(|name| SHELLS.contains(&name))
}

/// Whether a line is that of a script in two languages: `exec tclsh "$0"`, `'''exec' python "$0"`. One that only asks for
/// the directory it is in is none.
fn hands_itself_over(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let command = line.trim_start().trim_start_matches(['\'', '"', ':', ' ']);
    let arguments = ["dirname \"$0\"", "dirname -- \"$0\"", "dirname $0"];
    let arguments = arguments.iter().fold(line.to_string(), |line, own| line.replace(own, ""));
    let names_itself = ["$0", "${0}", "$BASH_SOURCE", "${BASH_SOURCE"].iter().any(|own| arguments.contains(own));
    command.starts_with("exec") && names_itself
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts a block in, puts it in again, and takes it out.
    #[track_caller]
    fn check(hook: &str, expected: &str) {
        let block = block(None);
        let text = String::from_utf8(block.clone()).expect("text");
        let composed = with(hook.as_bytes(), &block).expect("it is fit");
        let shown = String::from_utf8(composed.clone()).expect("text");
        assert_eq!(shown.replace(text.trim_end(), "BLOCK"), expected);
        assert_eq!(with(&composed, &block), Ok(composed.clone()));
        assert_eq!(without(&composed), Ok(Some(hook.as_bytes().to_vec())));
    }

    #[test]
    fn the_block_stands_behind_the_comments_at_the_top_and_goes_without_a_trace() {
        check("#!/bin/sh\nmake\n", "#!/bin/sh\nBLOCK\nmake\n");
        check(
            "#!/usr/bin/env -S bash -e\n# Made by\n#  a tool\n\nexec x \"$@\"",
            "#!/usr/bin/env -S bash -e\n# Made by\n#  a tool\nBLOCK\n\nexec x \"$@\"",
        );
        check("npm test\n", "BLOCK\nnpm test\n");
        check("#!/bin/zsh", "#!/bin/zsh\nBLOCK");
        check("# nothing", "# nothing\nBLOCK");
        check("", "BLOCK\n");
        check(
            "#!/bin/sh\nexec \"$(dirname \"$0\")/../../ci/hook\" \"$@\"\n",
            "#!/bin/sh\nBLOCK\nexec \"$(dirname \"$0\")/../../ci/hook\" \"$@\"\n",
        );
    }

    #[test]
    fn bytes_that_are_no_text_stay() {
        let hook = b"#!/bin/sh\n# caf\xe9\necho '\xff\xfe'\n";
        let composed = with(hook, &block(None)).expect("it is fit");
        assert_eq!(without(&composed), Ok(Some(hook.to_vec())));
    }

    #[test]
    fn an_older_block_is_replaced_where_it_is() {
        let older = "#!/bin/sh\nfirst\n# >>> cargo-pinned >>>\nolder\n# <<< cargo-pinned <<<\nlast\n";
        let block = String::from_utf8(block(Some(b"/a"))).expect("text");
        let expected = format!("#!/bin/sh\nfirst\n{block}last\n");
        assert_eq!(with(older.as_bytes(), block.as_bytes()), Ok(expected.into_bytes()));
    }

    #[test]
    fn what_lines_of_shell_would_break_is_refused() {
        for (hook, expected) in [
            (&b"#!/usr/bin/env python3\n"[..], "not a shell script"),
            (b"#!/usr/bin/env FISH=1 fish\n", "not a shell script"),
            (b"#!\n", "not a shell script"),
            (b"\x7fELF\x02\x00\x00", "not a shell script"),
            (b"#!/bin/sh\r\nmake\r\n", "CRLF"),
            (b"#!/bin/sh\n'''exec' /x/python \"$0\" \"$@\"\n' '''\n", "another interpreter"),
            (b"#!/bin/sh\n# \\\nexec tclsh \"$0\" ${1+\"$@\"}\n", "another interpreter"),
            (b"#!/bin/sh\n# >>> cargo-pinned >>>\n", "lacks an end"),
            (b"#!/bin/sh\n# <<< cargo-pinned <<<\n# >>> cargo-pinned >>>\n", "lacks an end"),
        ] {
            let why = with(hook, &block(None)).expect_err("it is not fit");
            assert!(why.contains(expected), "{why}: {}", String::from_utf8_lossy(hook));
        }
    }

    #[test]
    fn a_path_is_quoted() {
        assert_eq!(quoted(b"/it's $HOME/\xff"), b"'/it'\\''s $HOME/\xff'");
    }
}
