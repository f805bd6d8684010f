//! The script of a `RUN`, as its shell gets it.

use std::ops::Range;

use parse_dockerfile::{Command, RunInstruction, UnescapedString};

use super::heredoc::Masked;
use crate::scanner::script::{Script, is_shell};
use crate::text::FileId;

/// The script of a `RUN` in the file's text, which starts at an offset of the file; none where a here-document is for another program.
pub(super) fn script(
    file: FileId,
    text: &str,
    base: usize,
    run: &RunInstruction<'_>,
    masked: &Masked<'_>,
    escape: char,
) -> Option<Script> {
    let arguments = match &run.arguments {
        Command::Shell(arguments) => arguments,
        Command::Exec(words) => return Some(quoted(file, text, base, words.value.iter())),
        _ => return None,
    };
    let range = arguments.span.clone();
    let after = masked.bodies.partition_point(|body| body.line.start <= run.run.span.start);
    let body =
        after.checked_sub(1).and_then(|at| masked.bodies.get(at)).filter(|body| body.line.end > run.run.span.start);
    let mut script = Script::new(file);
    let command = text.get(range.clone())?;
    let Some(body) = body else {
        unfold(&mut script, text, range, base, escape);
        return Some(script);
    };
    // A here-document alone is the script itself.
    if body.count == 1 && is_bare(command) {
        let inner = text.get(body.range.start..body.first_end)?;
        let interpreter = inner.lines().next().and_then(|line| line.trim_start().strip_prefix("#!"));
        if interpreter.is_some_and(|interpreter| !is_shell(interpreter)) {
            return None;
        }
        script.push_lines(inner, base + body.range.start);
        return Some(script);
    }
    unfold(&mut script, text, range, base, escape);
    script.push("\n", base + body.range.start.checked_sub(1)?);
    script.push_lines(text.get(body.range.clone())?, base + body.range.start);
    Some(script)
}

/// The words of the JSON form, as a shell would have to be given them: each in quotes, where it stands.
fn quoted<'w>(file: FileId, text: &str, base: usize, words: impl Iterator<Item = &'w UnescapedString<'w>>) -> Script {
    let mut script = Script::new(file);
    for word in words {
        let Some(inner) = text.get(word.span.clone()) else { continue };
        // What has quotes or escapes of its own is the same in double quotes, but for variables.
        let quote = if inner.contains(['\'', '\\']) { '"' } else { '\'' };
        script.push(&format!("{quote}{inner}{quote}"), base + word.span.start - 1);
        script.push(" ", base + word.span.end + 1);
    }
    script
}

/// Whether a command is nothing but the name of a here-document.
fn is_bare(command: &str) -> bool {
    let command = command.trim();
    command.starts_with("<<")
        && (!command.contains(char::is_whitespace) || command.ends_with(['"', '\'']))
        && command.matches("<<").count() == 1
}

/// Adds an instruction's lines without what continues them, and without the comments between them.
fn unfold(script: &mut Script, text: &str, range: Range<usize>, base: usize, escape: char) {
    let mut at = range.start;
    for (number, line) in text.get(range).unwrap_or_default().split_inclusive('\n').enumerate() {
        let content = line.trim_end();
        let is_passed = number > 0 && (content.is_empty() || content.trim_start().starts_with('#'));
        if !is_passed {
            script.push(content.strip_suffix(escape).unwrap_or(content), base + at);
        }
        at += line.len();
    }
}
