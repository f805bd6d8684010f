//! `explain`: a rule's documentation; without a rule, the list.

use anyhow::{Result, bail};
use std::fmt::Write as _;

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
    output.write(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
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
        let _ = writeln!(
            out,
            "- `require`: the weakest pin that passes: `latest`, `range`, `tag`, `exact`, `content`, or `locked`."
        );
    }
    for (name, meaning) in rule.options {
        let _ = writeln!(out, "- `{name}`: {meaning}.");
    }
    out
}
