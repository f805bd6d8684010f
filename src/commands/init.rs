//! `init`: write a commented pinned.toml, and put the check before each commit.

use std::io::ErrorKind;

use anyhow::{Context as _, Result, bail};

use super::writing::{self, Purpose};
use super::{Output, hook, place};
use crate::cli;
use crate::exit::Exit;
use crate::policy::config::FILE;
use crate::policy::rules;
use crate::reporter;
use crate::source::hooks;

/// The JSON Schema of the policy file.
const SCHEMA: &str = include_str!("../../schemas/pinned.json");

/// Writes a policy file that says what the defaults are, all of it commented out; one that is there is left alone. With
/// `--hook`, writes the hook too, or nothing at all; with `--remove-hook`, takes it out and does nothing else.
///
/// # Errors
/// Where there is a policy already and no hook is asked for, or something cannot be written.
pub fn run(args: &cli::Init, output: &Output) -> Result<Exit> {
    if args.schema {
        output.write(|out| out.write_all(SCHEMA.as_bytes()))?;
        return Ok(Exit::Clean);
    }
    let root = place::root_of(args.root.as_deref())?;
    if args.remove_hook {
        return hook::remove(&root, output);
    }
    let hook = if args.hook { Some(hook::plan(&root)?) } else { None };
    if hooks::is_bare(&root) {
        bail!(
            "`{}` is bare: its policy is the {FILE} of the revision that is judged, so that none was written",
            root.display()
        );
    }
    let path = root.join(FILE);
    let mut is_new = true;
    // Made anew or not at all: a link or a file in its place is never written through.
    let mut done = match writing::create(&path, template().as_bytes(), Purpose::Read) {
        Ok(()) => format!("wrote {}: every line of it says what holds anyway\n", path.display()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && hook.is_some() => {
            is_new = false;
            format!("{} is there already: left as it is\n", path.display())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("there is a policy already: `{}` is left as it is", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write `{}`", path.display())),
    };
    if let Some(hook) = hook {
        match hook.write() {
            Ok(said) => done += &said,
            Err(error) => {
                if is_new {
                    std::fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
                }
                return Err(error);
            }
        }
    }
    say(output, &done)
}

/// Prints lines with paths in them, which are data.
pub(super) fn say(output: &Output, lines: &str) -> Result<Exit> {
    output.write(|out| lines.lines().try_for_each(|line| writeln!(out, "{}", reporter::escape(line))))?;
    Ok(Exit::Clean)
}

/// The file's text: what holds without it, in comments.
#[must_use]
pub fn template() -> String {
    let mut out = "# The policy of cargo-pinned. What is commented out is what holds without it.\n\
                   # `cargo pinned explain RULE` says what a rule does, and has its options.\n\n\
                   # Paths to leave out, beside the defaults: globs.\n\
                   # exclude = [\"examples/**\"]\n\n[rules]\n"
        .to_owned();
    for rule in rules::RULES {
        let require = rule.require.map(|require| format!(", require = \"{require}\"")).unwrap_or_default();
        out += &format!("# {} = {{ level = \"{}\"{require} }} # {}\n", rule.id, rule.level, rule.summary);
    }
    out += "\n# Templates that are pages, beside what ends in html and htm: globs.\n\
            # [web]\n\
            # files = [\"site/**/*.tera\"]\n\
            \n# Other settings in a part of the repository; later scopes win.\n\
            # [[scope]]\n\
            # published = true # or paths = [\"crates/public-*/**\"], or packages = [\"name-*\"]\n\
            # rules.unpinned-crate = { require = \"locked\" }\n\n\
            # A finding that passes for a reason, and for a time.\n\
            # [[exception]]\n\
            # rule = \"unpinned-crate\"\n\
            # name = \"openssl*\"                 # a glob; optional\n\
            # paths = [\"crates/ffi/Cargo.toml\"] # globs; optional\n\
            # reason = \"tracked in #123 until the vendor publishes 3.5\"\n\
            # expires = 2026-12-31              # its last day; optional\n";
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::config::Policy;

    #[test]
    fn the_template_changes_nothing_and_is_right_when_it_is_taken_up() {
        let template = template();
        let (plain, defaults) = (Policy::parse(&template).expect("a policy"), Policy::default());
        let taken: String = template
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let taken = Policy::parse(&taken).unwrap_or_else(|error| panic!("{}: {taken}", error.message));
        for rule in rules::RULES {
            assert_eq!(plain.setting(rule.id), defaults.setting(rule.id), "{}", rule.id);
            assert_eq!(taken.setting(rule.id), defaults.setting(rule.id), "{}", rule.id);
        }
        assert_eq!((taken.exclude.len(), taken.pages.len()), (1, 1));
        assert_eq!((taken.scopes.len(), taken.exceptions.len()), (1, 1));
    }
}
