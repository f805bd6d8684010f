//! Mirrors of repositories that are elsewhere: what becomes of them when the remote changes, hangs, dies or is gone.

mod following;
mod server;
mod trouble;

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cargo_pinned::fleet::mirror::{self, Mirrored, Options, PROTOCOLS, Remote};
use cargo_pinned::scanner::pattern::Pattern;
use support::Repo;
use tempfile::TempDir;

/// A cache, and how it is used.
struct Cache {
    _outside: TempDir,
    options: Options,
}

impl Cache {
    fn new() -> Self {
        let outside = TempDir::new().expect("a directory");
        let options = Options {
            cache: outside.path().join("cache"),
            jobs: 4,
            limit: Duration::from_secs(60),
            retries: 0,
            pause: Duration::ZERO,
            protocols: PROTOCOLS.map(str::to_owned).to_vec(),
            refs: Vec::new(),
            today: jiff::civil::date(2026, 11, 25),
        };
        Self { _outside: outside, options }
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    fn refs(self, globs: &[&str]) -> Self {
        let globs = globs.iter().map(|glob| Pattern::new(glob).expect("it is a glob"));
        self.with(|options| options.refs = globs.collect())
    }

    fn protocol(self, name: &str) -> Self {
        self.with(|options| options.protocols.push(name.to_owned()))
    }

    fn fetch(&self, url: &str) -> Mirrored {
        self.fetch_rev(url, None)
    }

    fn fetch_rev(&self, url: &str, rev: Option<&str>) -> Mirrored {
        let remote = Remote { url: url.to_owned(), rev: rev.map(str::to_owned) };
        mirror::fetch(&[remote], &self.options, &mut |_| ()).pop().expect("one for each")
    }

    /// The mirror of a URL that can be fetched.
    #[track_caller]
    fn mirror(&self, url: &str) -> PathBuf {
        let mirrored = self.fetch(url);
        assert_eq!(mirrored.error, None);
        mirrored.path.expect("there is a mirror")
    }

    /// The files and directories in the cache, without the locks.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.options.cache) else { return Vec::new() };
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter(|name| !name.ends_with(".lock")).collect()
    }
}

/// A repository with one commit on `main`.
fn remote() -> Repo {
    Repo::new().file("Cargo.toml", "[workspace]\n").git()
}

fn url(repo: &Repo) -> String {
    format!("file://{}", repo.root().display())
}

/// What git prints of a mirror.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("--git-dir").arg(directory).args(arguments);
    let output = git.output().expect("git is installed");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).trim().to_owned()
}

/// What a mirror has: what HEAD names and leads to, and its references.
fn state(mirror: &Path) -> String {
    let head = git(mirror, &["rev-parse", "--symbolic-full-name", "HEAD"]);
    let references = git(mirror, &["for-each-ref", "--format=%(refname)"]).replace('\n', " ");
    format!("{head}: {references}")
}

fn head(mirror: &Path) -> String {
    git(mirror, &["rev-parse", "HEAD"])
}
