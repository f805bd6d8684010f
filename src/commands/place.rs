//! Where a command looks: the root, the snapshot there, and what of it PATH narrows the report to.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli;
use crate::scanner;
use crate::scanner::excludes::Excludes;
use crate::source::objects::Repository;
use crate::source::worktree::{self, Worktree};
use crate::source::{Interest, Snapshot, is_below, join, real, slashed};

/// A snapshot, and what of it is to be reported.
pub(super) struct Place {
    pub(super) snapshot: Snapshot,
    /// The path below the root that the report is about.
    pub(super) narrow: String,
    /// The repository that the snapshot is of, where there is one.
    pub(super) repository: Option<Repository>,
}

impl Place {
    /// Finds the root, and what is there.
    pub(super) fn find(args: &cli::Subject) -> Result<Self> {
        if args.rev.is_some() || args.staged {
            return Self::stored(args);
        }
        let (path, start) = start(args)?;
        let git = worktree::discover(&start).unwrap_or_else(|error| {
            // A checkout mounted elsewhere than it was made can still be judged, all but what git knows of it.
            let message = format!("the git repository of `{}` cannot be opened: {error:#}", start.display());
            let message = crate::reporter::escape(&message);
            let _ = writeln!(anstream::stderr(), "warning: {message}; nothing is known of what it tracks");
            None
        });
        let root = match &args.root {
            Some(root) => directory(root)?,
            None => root(&start, git.as_ref())?,
        };
        let narrow = match path {
            Some(path) => narrow(&root, &path)?,
            None => String::new(),
        };
        let snapshot = worktree::snapshot(&root, git.as_ref(), interest(args))?;
        let repository = git.as_ref().map(|git| Repository::of(git, &root));
        Ok(Self { snapshot, narrow, repository })
    }

    /// What git has stored: a revision, or what is staged. PATH need not be on the disk.
    fn stored(args: &cli::Subject) -> Result<Self> {
        let below = args.root.as_deref().map(directory).transpose()?;
        let path = match &args.manifest_path {
            Some(manifest) => manifest.parent(),
            None => args.path.as_deref(),
        };
        // Where PATH is on the disk, it is what is meant, by whichever way it is reached.
        let there = path.and_then(|path| real(path).ok());
        let around = there.as_deref().map(|path| if path.is_dir() { path } else { path.parent().unwrap_or(path) });
        let start = match below.as_deref().or(around) {
            Some(start) => start.to_owned(),
            None => std::env::current_dir().context("cannot tell the current directory")?,
        };
        let repository = Repository::open(&start, below.as_deref())?;
        let root = &repository.root;
        let there = there.filter(|path| path.starts_with(root));
        let narrow = match there.as_deref().or(path) {
            Some(path) => {
                // As typed: seen from the current directory, where that is below the root.
                let current = std::env::current_dir().and_then(|current| real(&current)).unwrap_or_default();
                let below = current.strip_prefix(root).unwrap_or(Path::new(""));
                let text = |path: &Path| slashed(&path.to_string_lossy());
                let absolute = path.strip_prefix(root).map(|path| Some(text(path)));
                let found = absolute.unwrap_or_else(|_| join(&text(below), &text(path)));
                found.with_context(|| format!("`{}` is not below the root `{}`", path.display(), root.display()))?
            }
            None => String::new(),
        };
        let snapshot = match &args.rev {
            Some(revision) => repository.revision(revision, interest(args))?,
            None => {
                let index = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
                repository.staged(index.as_deref(), interest(args))?
            }
        };
        Ok(Self { snapshot, narrow, repository: Some(repository) })
    }
}

/// What a snapshot is to list.
pub(super) fn interest(args: &cli::Subject) -> Interest {
    scanner::interest(args.no_default_excludes)
}

/// The root around a directory, else around the current one.
pub(super) fn root_of(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(given) => directory(given),
        None => {
            let start = std::env::current_dir().context("cannot tell the current directory")?;
            root(&start, worktree::discover(&start).ok().flatten().as_ref())
        }
    }
}

/// What the user named, if anything, and the directory that the search for the root starts from.
fn start(args: &cli::Subject) -> Result<(Option<PathBuf>, PathBuf)> {
    if let Some(manifest) = &args.manifest_path {
        let manifest = existing(manifest)?;
        if !manifest.ends_with("Cargo.toml") {
            bail!("`{}` is not a Cargo.toml", manifest.display());
        }
        let package = manifest.parent().map(Path::to_owned).unwrap_or_default();
        return Ok((Some(package.clone()), package));
    }
    match &args.path {
        Some(path) => {
            let path = existing(path)?;
            let start =
                if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
            Ok((Some(path), start))
        }
        None => match &args.root {
            Some(root) => Ok((None, directory(root)?)),
            None => Ok((None, std::env::current_dir().context("cannot tell the current directory")?)),
        },
    }
}

fn existing(path: &Path) -> Result<PathBuf> {
    real(path).with_context(|| format!("cannot find `{}`", path.display()))
}

fn directory(path: &Path) -> Result<PathBuf> {
    let path = existing(path)?;
    if !path.is_dir() {
        bail!("`{}` is not a directory", path.display());
    }
    Ok(path)
}

/// The top of the git work tree, else the root of the workspace that claims the package, else where the search starts.
fn root(start: &Path, git: Option<&Worktree>) -> Result<PathBuf> {
    if let Some(git) = git {
        return existing(&git.root);
    }
    for above in start.ancestors().filter(|above| above.join("Cargo.toml").is_file()) {
        let snapshot = worktree::snapshot(above, None, scanner::interest(true))?;
        let excludes = Excludes::new(false, []).map_err(|(pattern, _)| anyhow::anyhow!("`{pattern}` is no pattern"))?;
        let scan = scanner::scan(&snapshot, &excludes);
        let here = start.strip_prefix(above).unwrap_or(start);
        let here = slashed(&here.to_string_lossy());
        let claims = |workspace: &scanner::cargo::workspace::Workspace| {
            workspace.directory.is_empty()
                && (here.is_empty()
                    || workspace
                        .members
                        .iter()
                        .any(|member| !member.directory.is_empty() && is_below(&here, &member.directory)))
        };
        let is_workspace = scan.workspaces.iter().any(claims);
        if is_workspace && above != start {
            return Ok(above.to_owned());
        }
    }
    Ok(start.to_owned())
}

/// PATH as a path below the root.
fn narrow(root: &Path, path: &Path) -> Result<String> {
    let root = existing(root)?;
    match path.strip_prefix(&root) {
        Ok(below) => Ok(slashed(&below.to_string_lossy())),
        Err(_) => bail!("`{}` is not below the root `{}`", path.display(), root.display()),
    }
}
