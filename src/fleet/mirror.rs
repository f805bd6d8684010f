//! Mirrors of repositories that are elsewhere: bare, shallow, with the branches and tags that are to be judged and no other,
//! in a directory that is kept from one run to the next.
//!
//! - The system's git fetches them, with the user's credentials, proxies and `insteadOf`; by `https`, `ssh` and `file`, and by
//!   other protocols only where the user says so: those are not encrypted, or run programs.
//! - A run asks each remote anew which branch is its default one, and what it and the others that are wanted lead to. Where all
//!   is as it was, nothing is fetched.
//! - A mirror is made beside its place and put there whole. One that cannot be refreshed is as it was, and marked stale.
//! - Each is locked while it is refreshed, so that several runs can share a cache; one that is judged is not locked: what a
//!   refresh no longer needs is not deleted for two weeks, which is git's own rule.
//! - What a remote sends is checked as git checks it by the user's configuration. `fsckObjects` is not switched on: it refuses
//!   old and famous repositories, and what reads the objects here must stand anything.
//! - Neither a URL's user and password nor its query is part of a mirror's name, shown or stored; git is given the URL as it is.

mod answer;
mod place;
mod refresh;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use jiff::civil::Date;

pub(super) use refresh::said;

use crate::scanner::pattern::Pattern;

/// How mirrors are kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that they are in.
    pub cache: PathBuf,
    /// How many are refreshed at once.
    pub jobs: usize,
    /// How long one may take, with all that is tried.
    pub limit: Duration,
    /// How often what failed is tried again.
    pub retries: u32,
    /// How long to wait before the first of that; twice as long before each further one.
    pub pause: Duration,
    /// The protocols that git may use: [`PROTOCOLS`], and those that the user names.
    pub protocols: Vec<String>,
    /// The branches and tags that are wanted beside the default branch, by full or short name.
    pub refs: Vec<Pattern>,
    /// The day.
    pub today: Date,
}

/// The protocols that git may always use.
pub const PROTOCOLS: [&str; 3] = ["https", "ssh", "file"];

/// A repository that is wanted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remote {
    /// Its URL as written, so perhaps with credentials.
    pub url: String,
    /// The revision that is to be judged, where it is not the default branch: a branch, a tag or a full commit id.
    pub rev: Option<String>,
}

/// What came of a repository that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// Where its mirror is; none if there is none.
    pub path: Option<PathBuf>,
    /// Why it could not be fetched; where there is a mirror, it is as the last run that could has left it.
    pub error: Option<String>,
}

/// Refreshes the mirrors of repositories, several at once; `done` is told of each. What came of each, in their order.
pub fn fetch(remotes: &[Remote], options: &Options, done: &mut dyn FnMut(&Mirrored)) -> Vec<Mirrored> {
    // A mirror is of one repository, whatever it is wanted for: it has the references of all.
    let mut mirrors: Vec<(String, Vec<usize>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, remote) in remotes.iter().enumerate() {
        let name = place::name(&remote.url);
        let place = *places.entry(name.clone()).or_insert_with(|| {
            mirrors.push((name, Vec::new()));
            mirrors.len() - 1
        });
        mirrors[place].1.push(at);
    }
    let mut found: Vec<Mirrored> = vec![Mirrored { path: None, error: None }; remotes.len()];
    let (sender, receiver) = mpsc::channel();
    let next = AtomicUsize::new(0);
    let work = |sender: mpsc::Sender<(usize, Mirrored)>| {
        while let Some((name, wanted)) = mirrors.get(next.fetch_add(1, Ordering::Relaxed)) {
            let wanted: Vec<(usize, &Remote)> = wanted.iter().map(|&at| (at, &remotes[at])).collect();
            for mirrored in refresh::mirror(name, &wanted, options) {
                let _ = sender.send(mirrored);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, mirrors.len().max(1)) {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || work(sender));
        }
        drop(sender);
        for (at, mirrored) in receiver {
            done(&mirrored);
            found[at] = mirrored;
        }
    });
    found
}

/// Where the mirror of a URL is, as the last run that refreshed it has left it; none if there is none.
#[must_use]
pub fn kept(cache: &Path, url: &str) -> Option<PathBuf> {
    let path = cache.join(place::name(url));
    path.is_dir().then_some(path)
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", super::targets::without_credentials(&self.url), self.rev)
    }
}
