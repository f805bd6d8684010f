//! `set`: pins moved, requirement and lockfile together.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use semver::Version;

use super::moving::{self, Request};
use super::{Output, change, newest};
use crate::cli;
use crate::exit::Exit;
use crate::policy::repin::{Target, To};
use crate::scanner::cargo::source_id::is_full_commit;

/// Moves pins to what is asked for.
///
/// # Errors
/// Where they cannot be moved; nothing is changed then.
pub fn run(args: &cli::Set, output: &Output) -> Result<Exit> {
    let targets: Vec<Target> = args.packages.iter().map(|text| target(text)).collect::<Result<_>>()?;
    let mut names: BTreeSet<&str> = BTreeSet::new();
    if let Some(twice) = targets.iter().find(|target| !names.insert(&target.name)) {
        bail!("`{}` is named twice", twice.name);
    }
    let (subject, again) = change::begin(&subject(&args.moving), args.moving.dry_run)?;
    let (today, online) = (args.moving.today.as_deref(), args.moving.online);
    let day = super::check::today(today)?;
    let aged = |target| newest::of(&subject, target, online, today, day);
    let targets: Vec<Target> = targets.into_iter().map(aged).collect::<Result<_>>()?;
    let request = Request {
        targets,
        preferred: BTreeSet::new(),
        known: BTreeMap::new(),
        online: args.moving.online,
        dry_run: args.moving.dry_run,
        today: args.moving.today.as_deref(),
    };
    moving::run(&subject, &again, &request, output)
}

/// `NAME`, `NAME@VERSION` or `NAME@REV`.
fn target(text: &str) -> Result<Target> {
    let (name, to) = match text.split_once('@') {
        Some((_, "")) => bail!("`{text}` names no version"),
        Some((name, to)) => (name, self::to(to)?),
        None => (text, To::Newest),
    };
    if name.is_empty() {
        bail!("`{text}` names no package");
    }
    Ok(Target { name: name.to_owned(), to, from: Vec::new() })
}

/// A version, else a revision.
pub(super) fn to(text: &str) -> Result<To> {
    // As it is written in a requirement, too.
    if let Ok(version) = Version::parse(text.strip_prefix('=').unwrap_or(text)) {
        return Ok(To::Version(version));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '"' | '\\' | '\''))
        || text.starts_with('-')
    {
        bail!("`{text}` is neither a version nor a revision");
    }
    let text = if is_full_commit(text) { text.to_lowercase() } else { text.to_owned() };
    Ok(To::Revision(text))
}

/// The whole of the working tree.
pub(super) fn subject(args: &cli::Moving) -> cli::Subject {
    cli::Subject {
        path: None,
        root: args.root.clone(),
        rev: None,
        staged: false,
        manifest_path: None,
        config: args.config.clone(),
        surface: Vec::new(),
        no_default_excludes: args.no_default_excludes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        let to = |text: &str| target(text).map(|target| target.to).ok();
        assert_eq!(to("a"), Some(To::Newest));
        assert_eq!(to("a@=1.2.3"), Some(To::Version(Version::new(1, 2, 3))));
        assert_eq!(to("a@1.2"), Some(To::Revision("1.2".to_owned())));
        assert_eq!(to("a@3F2A9C1D5B7E8F60718293A4B5C6D7E8F9012345").map(|to| to != To::Newest), Some(true));
        for bad in ["@1.0.0", "a@", "a@\"x", "a@--all"] {
            assert!(to(bad).is_none(), "{bad}");
        }
    }
}
