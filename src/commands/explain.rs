//! `explain`: a rule's documentation; without a rule, the list.

use anyhow::{Result, bail};
use std::fmt::Write as _;
use std::io::IsTerminal as _;

use super::Output;
use crate::cli;
use crate::exit::Exit;
use crate::policy::rule::Rule;
use crate::policy::rules;

/// Prints the documentation of a rule.
///
/// # Errors
/// Where there is no such rule.
pub fn run(args: &cli::Explain, output: &Output) -> Result<Exit> {
    let text = match &args.rule {
        None => index(),
        Some(id) => match rules::find(id) {
            Some(rule) => page(rule),
            None => bail!("unknown rule `{id}`{}", super::check::nearest(id)),
        },
    };
    // What is no terminal has no width.
    let text = if std::io::stdout().is_terminal() { fill(&text, Output::width()) } else { text };
    output.write(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

/// A text with its lines broken between words; code stays as it is.
fn fill(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        let indent = indent(line);
        let (mut used, mut before) = (0, 0);
        for word in line.split(' ') {
            let wide = word.chars().count();
            if !is_code && used > indent && before > 0 && used + 1 + wide > columns {
                let _ = write!(out, "\n{:indent$}", "");
                used = indent;
            } else if before > 0 || used > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            (used, before) = (used + wide, before + 1);
        }
        out.push('\n');
    }
    out
}

/// How far what is broken off a line stands from its start: below the text of an item, or below the third column of the index.
fn indent(line: &str) -> usize {
    if line.starts_with("- ") {
        return 2;
    }
    let is_row = rules::RULES.iter().any(|rule| line.split(' ').next() == Some(rule.id));
    if is_row { 27 } else { 0 }
}

fn index() -> String {
    let mut out = String::new();
    for rule in rules::RULES {
        let _ = writeln!(out, "{:<20} {:<5} {}", rule.id, rule.level, rule.summary);
    }
    out.push_str("\n`cargo pinned explain RULE` says what a rule does, why, and when to allow it.\n");
    out
}

/// A rule's documentation, as Markdown.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut out = format!("# {}\n\n", rule.id);
    let surface = rule.surface.map_or("any", |surface| surface.name());
    let _ = write!(out, "Surface: {surface}. Default level: {}.", rule.level);
    if let Some(require) = rule.require {
        let _ = write!(out, " Default require: {require}.");
    }
    let _ = writeln!(out, "\n\n## What it does\n\n{}\n\n## Why this is bad\n\n{}\n\n## Example", rule.what, rule.why);
    let block = |out: &mut String, title: &str, text: &str| {
        let _ = writeln!(out, "\n{title} (`{}`):\n\n```\n{}\n```", rule.example.file, text.trim_end());
    };
    block(&mut out, "Fails", rule.example.fails);
    block(&mut out, "Passes", rule.example.passes);
    let _ = writeln!(out, "\n## When to allow it\n\n{}\n\n## Options\n", rule.allow);
    let _ = writeln!(out, "- `level`: `deny`, `warn` or `allow`.");
    if rule.require.is_some() {
        let content = if rule.can_hold_content() { ", `content`" } else { "" };
        let locked = if rule.has_lockfile() { ", or `locked`" } else { "" };
        let _ = writeln!(
            out,
            "- `require`: the weakest pin that passes: `latest`, `range`, `tag`, `exact`{content}{locked}."
        );
    }
    for (name, meaning) in rule.options {
        let _ = writeln!(out, "- `{name}`: {meaning}.");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_code_is_not() {
        let text = "one two three four\n\n- five six seven\n```\na line of code that is long\n```\nlock-stale           deny  eight nine ten\n";
        let expected = "one two three\nfour\n\n- five six\n  seven\n```\na line of code that is long\n```\n";
        let row = "lock-stale           deny  eight nine\n                           ten\n";
        assert!(fill(text, 13).starts_with(expected), "{}", fill(text, 13));
        assert!(fill(text, 38).ends_with(row), "{}", fill(text, 38));
    }

    #[test]
    fn nothing_is_lost_and_no_line_of_prose_is_longer_than_a_terminal() {
        for text in rules::RULES.iter().map(|rule| page(rule)).chain([index()]) {
            let filled = fill(&text, 80);
            assert!(filled.split_whitespace().eq(text.split_whitespace()), "{filled}");
            let prose = filled.split("```").step_by(2).flat_map(str::lines);
            assert!(prose.map(|line| line.chars().count()).all(|columns| columns <= 80), "{filled}");
        }
    }
}
