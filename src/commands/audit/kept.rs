//! What an audit keeps from one run to the next: the history, and mirrors of what is elsewhere.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::progress::Progress;
use crate::cli;
use crate::fleet::discover::Target;
use crate::fleet::history::{self, History, Session, Start};
use crate::fleet::judge::Local;
use crate::fleet::mirror::{self, Mirrored, Remote};
use crate::fleet::targets::Place;
use crate::scanner::pattern::Pattern;

/// How many mirrors are refreshed at once: they wait for the network, not for this machine.
const JOBS: usize = 8;

/// Begins a run in the history, where the user names one.
pub(super) fn begin(args: &cli::Audit, at: Timestamp, today: Date) -> Result<Option<Session>> {
    let Some(file) = &args.history else { return Ok(None) };
    let floor = args
        .policy
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("cannot read the policy `{}`", path.display())));
    let floor = floor.transpose()?;
    let mut options = Vec::new();
    // Findings that stand in the floor name it as the user does.
    options.extend(args.policy.iter().map(|path| format!("--policy={}", path.display())));
    for (option, rules) in [("--allow", &args.allow), ("--warn", &args.warn), ("--deny", &args.deny)] {
        options.extend(rules.iter().map(|rule| format!("{option}={rule}")));
    }
    options.extend(args.no_default_excludes.then(|| "--no-default-excludes".to_owned()));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let policy = history::policy_hash(floor.as_deref(), &options);
    let start = Start { at, today, policy, tool: env!("CARGO_PKG_VERSION").to_owned() };
    Ok(Some(History::open(file)?.begin(start)?))
}

/// The mirrors of an audit's URLs.
pub(super) struct Mirrors(Option<HashMap<Remote, Mirrored>>);

impl Mirrors {
    /// Refreshes the mirrors of all targets that are elsewhere, where the user names a place for them.
    pub(super) fn refresh(args: &cli::Audit, targets: &[Target], refs: &[Pattern], today: Date) -> Result<Self> {
        // These start what the URL or the environment says.
        if let Some(name) =
            args.allow_protocol.iter().find(|name| ["ext", "fd"].contains(&name.as_str()) || !is_protocol(name))
        {
            bail!("`{name}` in --allow-protocol is not a protocol that a mirror may be fetched by");
        }
        let Some(cache) = &args.cache else { return Ok(Self(None)) };
        let mut remotes: Vec<Remote> = targets.iter().filter_map(|target| remote(target, args)).collect();
        remotes.sort();
        remotes.dedup();
        if remotes.is_empty() {
            return Ok(Self(None));
        }
        let options = mirror::Options {
            cache: cache.clone(),
            jobs: JOBS,
            limit: Duration::from_secs(args.timeout),
            retries: 2,
            pause: Duration::from_secs(1),
            protocols: mirror::PROTOCOLS.map(str::to_owned).into_iter().chain(args.allow_protocol.clone()).collect(),
            refs: refs.to_vec(),
            today,
        };
        let progress = Progress::new(remotes.len());
        let found = mirror::fetch(&remotes, &options, &mut |_| progress.advance());
        drop(progress);
        Ok(Self(Some(remotes.into_iter().zip(found).collect())))
    }

    /// Where the repository of a target is on this machine.
    pub(super) fn local(&self, target: &Target, args: &cli::Audit) -> Result<Local> {
        let remote = match &target.place {
            Place::Path(path) => return Ok(Local { path: path.clone(), stale: None }),
            Place::Url(_) => remote(target, args),
        };
        let mirrored = self.0.as_ref().zip(remote).and_then(|(mirrors, remote)| mirrors.get(&remote));
        let mirrored = mirrored.context("not fetched: `--cache DIR` says where mirrors of URLs are kept")?;
        match (&mirrored.path, &mirrored.error) {
            (Some(path), stale) => Ok(Local { path: path.clone(), stale: stale.clone() }),
            (None, why) => bail!("{}", why.as_deref().unwrap_or("there is no mirror of it")),
        }
    }
}

fn remote(target: &Target, args: &cli::Audit) -> Option<Remote> {
    match &target.place {
        Place::Url(url) if target.fault.is_none() => {
            Some(Remote { url: url.clone(), rev: target.rev.clone().or_else(|| args.rev.clone()) })
        }
        _ => None,
    }
}

fn is_protocol(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}
