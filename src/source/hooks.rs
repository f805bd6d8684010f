//! Where git looks for a repository's hooks, and whom a file there concerns; not what is in it.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use gix::config::source::Kind;

use super::objects::Repository;
use super::opening;

/// The setting that moves the hooks.
const KEY: &str = "core.hooksPath";

/// Where git looks for the hooks of a repository.
#[derive(Debug)]
pub struct Hooks {
    /// The directory that git looks in; it need not be there.
    pub directory: PathBuf,
    /// The directory that git looks in where nothing is set; the linked worktrees of a repository share it. None where a
    /// link leads out of the repository.
    pub default: Option<PathBuf>,
    /// Whom a hook there concerns.
    pub reach: Reach,
}

/// Whom a hook concerns.
#[derive(Debug, PartialEq, Eq)]
pub enum Reach {
    /// This clone alone: it is beside git's own files.
    Clone,
    /// All who commit to this repository and let git look there: it is a file of the work tree.
    Worktree,
    /// Other repositories too; why, in words.
    Beyond(String),
}

/// Finds where git looks for the hooks of the repository around a directory.
///
/// # Errors
/// Where there is no repository, or it has no work tree; where the setting cannot be read.
pub fn find(directory: &Path) -> Result<Hooks> {
    // What the repository's own configuration includes moves the hooks as well.
    let repository = opening::as_git_does(directory)?.with_context(|| opening::lacks(directory))?;
    let Some(top) = repository.workdir() else {
        bail!("`{}` is bare: nothing is committed in it, so that it runs no hook", repository.git_dir().display());
    };
    // A linked worktree names it by way of its own directory.
    let default = gix::path::realpath(repository.common_dir()).context("cannot find git's own files")?.join("hooks");
    let config = repository.config_snapshot();
    let is_set =
        |kinds: &[Kind]| config.plumbing().path_filter(KEY, |meta| kinds.contains(&meta.source.kind())).is_some();
    let by_environment = is_set(&[Kind::Override]);
    let by_repository = is_set(&[Kind::Repository]);
    if !by_environment && !by_repository && !is_set(&[Kind::Global, Kind::System, Kind::GitInstallation]) {
        let reach = reach(&repository, top, &default);
        let directory = default.clone();
        let default = (!matches!(reach, Reach::Beyond(_))).then_some(default);
        return Ok(Hooks { directory, default, reach });
    }
    let default = Some(default).filter(|default| !matches!(self::reach(&repository, top, default), Reach::Beyond(_)));
    let value = config.trusted_path(KEY).map_err(|error| anyhow::anyhow!("cannot read `{KEY}`: {error}"))?;
    let value = value.with_context(|| format!("`{KEY}` is empty, or set by someone else: git may run no hook"))?;
    // Git runs hooks at the top of the work tree, and reads a relative value from there.
    let directory = top.join(value);
    let reach = if by_environment {
        Reach::Beyond(format!("`{KEY}` is set in the environment"))
    } else if by_repository {
        reach(&repository, top, &directory)
    } else {
        Reach::Beyond(format!("`{KEY}` is set for all repositories, in the configuration of the user or the system"))
    };
    Ok(Hooks { directory, default, reach })
}

/// Whether a directory is in a repository without a work tree.
#[must_use]
pub fn is_bare(directory: &Path) -> bool {
    Repository::open(directory, None).is_ok_and(|repository| repository.git.workdir().is_none())
}

fn reach(repository: &gix::Repository, top: &Path, directory: &Path) -> Reach {
    let is_in = |outer: &Path| {
        let outer = outer.canonicalize().ok();
        real(directory).zip(outer).is_some_and(|(directory, outer)| directory.starts_with(outer))
    };
    if is_in(repository.common_dir()) || is_in(repository.git_dir()) {
        Reach::Clone
    } else if is_in(top) {
        Reach::Worktree
    } else {
        Reach::Beyond("it is outside of the repository".to_owned())
    }
}

/// A path without links, as far as it is there; none where what is not there climbs, or is where a link leads.
fn real(path: &Path) -> Option<PathBuf> {
    let mut missing = path;
    let (there, rest) = path.ancestors().find_map(|above| match above.canonicalize() {
        Ok(there) => Some((there, path.strip_prefix(above).ok()?)),
        Err(_) => {
            missing = above;
            None
        }
    })?;
    let leads_on = missing.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    let climbs = rest.components().any(|part| part == Component::ParentDir);
    (!climbs && !leads_on).then(|| there.join(rest))
}
