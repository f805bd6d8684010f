//! How a repository is opened: what git keeps there is looked at first, and of its own configuration counts what stays in it.
//!
//! A directory `.git` can have come with an archive as much as from `git clone`. What stands in it says where more of the
//! repository is (a file `.git`, `commondir`, `objects/info/alternates`), which is followed as git does; but a pipe in the place
//! of a file would hold up whoever opens it, and a configuration can name any file of the user's.

use std::fs::FileType;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use gix::bstr::ByteSlice;
use gix::config::file::includes;
use gix::config::source::Kind;
use gix::open::{Options, Permissions};

use super::MAX_FILE_BYTES;

/// The most bytes that an object is unpacked to: a small pack can hold a huge one. Twice what is read, so that there is room
/// for the differences that a file is stored as.
const UNPACKED: u64 = 2 * MAX_FILE_BYTES;

/// The files of git's own that are opened whatever is asked for.
const FILES: [&str; 9] = [
    "HEAD",
    "commondir",
    "config",
    "config.worktree",
    "packed-refs",
    "index",
    "shallow",
    "info/exclude",
    "objects/info/alternates",
];

/// The directories of git's own whose files are opened by name, all or some of them.
const DIRECTORIES: [&str; 2] = ["refs", "objects/pack"];

/// The largest file `.git` or `commondir` that is read here, in bytes: git's have one line.
const LINE: u64 = 8 << 10;

/// The configuration by which no object takes more than there is room for.
pub(super) fn limit() -> String {
    format!("gitoxide.objects.allocLimit={UNPACKED}")
}

/// What is said where there is no repository.
pub(super) fn lacks(directory: &Path) -> String {
    format!("there is no git repository at `{}`", directory.display())
}

/// Opens the repository around a directory as far as its own files go: of its configuration neither what that includes nor
/// ignore rules elsewhere, and no working tree but the one around the directory. None where there is no repository.
///
/// # Errors
/// Where it cannot be opened: what git keeps there is broken, or is no file; or its working tree is said to be elsewhere.
pub(super) fn discover(directory: &Path) -> Result<Option<gix::Repository>> {
    let Some(mut repository) = open(directory, false)? else { return Ok(None) };
    stay(&repository, directory)?;
    keep(&mut repository).map_err(|error| anyhow::anyhow!("{}", error.probable_cause()))?;
    Ok(Some(repository))
}

/// Opens the repository around a directory with all of its configuration, as git itself does; for questions about what git
/// will do in it.
///
/// # Errors
/// Where it cannot be opened.
pub(super) fn as_git_does(directory: &Path) -> Result<Option<gix::Repository>> {
    open(directory, true)
}

fn open(directory: &Path, includes: bool) -> Result<Option<gix::Repository>> {
    if let Some((_, git)) = place(directory) {
        look(&git)?;
    }
    let limited = |level| {
        use gix::sec::trust::DefaultForLevel as _;
        let mut permissions = Permissions::default_for_level(level);
        permissions.config.includes = includes;
        Options::default_for_level(level).permissions(permissions).config_overrides([limit()])
    };
    let (full, reduced) = (limited(gix::sec::Trust::Full), limited(gix::sec::Trust::Reduced));
    let options = gix::sec::trust::Mapping { full, reduced };
    match gix::ThreadSafeRepository::discover_opts(directory, gix::discover::upwards::Options::default(), options) {
        Ok(repository) => Ok(Some(repository.into())),
        Err(error) if error.downcast_any_ref::<gix::discover::upwards::Error>().is_some() => Ok(None),
        Err(error) => bail!("{}", error.probable_cause()),
    }
}

/// Where the search upwards ends: the directory, and where git keeps what is its own.
fn place(directory: &Path) -> Option<(&Path, PathBuf)> {
    directory.ancestors().find_map(|above| Some((above, at(above)?)))
}

/// The text of a file of one line.
fn line(path: &Path) -> Option<String> {
    let metadata = path.metadata().ok()?;
    (metadata.is_file() && metadata.len() <= LINE).then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// Looks at the repository that is right at a directory, before any of its files is opened.
///
/// # Errors
/// Names what is no file, where git keeps one.
pub(super) fn look_at(directory: &Path) -> Result<()> {
    at(directory).map_or(Ok(()), |git| look(&git))
}

/// Where git keeps what is its own, for a working tree at a directory or a bare repository.
fn at(directory: &Path) -> Option<PathBuf> {
    let dot = directory.join(".git");
    match dot.metadata() {
        Ok(metadata) if metadata.is_dir() => Some(dot),
        Ok(metadata) if metadata.is_file() => Some(directory.join(line(&dot)?.strip_prefix("gitdir:")?.trim())),
        _ if directory.join("objects").is_dir() && directory.join("refs").is_dir() => Some(directory.to_owned()),
        _ => None,
    }
}

/// Looks whether what git keeps in a directory are files.
fn look(git: &Path) -> Result<()> {
    for name in FILES {
        regular(&git.join(name))?;
    }
    for name in DIRECTORIES {
        below(&git.join(name))?;
    }
    match line(&git.join("commondir")) {
        Some(common) if !common.trim().is_empty() => {
            let common = git.join(common.trim());
            // What is shared has no such file itself.
            FILES.iter().try_for_each(|name| regular(&common.join(name)))?;
            DIRECTORIES.iter().try_for_each(|name| below(&common.join(name)))
        }
        _ => Ok(()),
    }
}

/// Looks at all that is below a directory.
fn below(directory: &Path) -> Result<()> {
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        // What is not there, or cannot be listed, cannot be opened either.
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(entry.path()),
                Ok(kind) if kind.is_symlink() => regular(&entry.path())?,
                Ok(kind) => refuse(&entry.path(), kind)?,
                Err(_) => {}
            }
        }
    }
    Ok(())
}

/// Looks at what is at a path, and at what it leads to where it is a link.
fn regular(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(metadata) => refuse(path, metadata.file_type()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", path.display())),
    }
}

fn refuse(path: &Path, kind: FileType) -> Result<()> {
    // A directory in the place of a file fails at once, and says so.
    if kind.is_file() || kind.is_dir() {
        return Ok(());
    }
    bail!("`{}` is a pipe or a device, where git keeps a file: not opened", path.display())
}

/// Refuses a working tree that a repository's own configuration puts elsewhere than where the search has found it.
fn stay(repository: &gix::Repository, directory: &Path) -> Result<()> {
    let config = repository.config_snapshot();
    let is_own = |meta: &gix::config::file::Metadata| meta.source.kind() == Kind::Repository;
    let (Some(tree), Some(_)) = (repository.workdir(), config.plumbing().string_filter("core.worktree", is_own)) else {
        return Ok(());
    };
    let real = |path: &Path| path.canonicalize().ok();
    let is_there = place(directory).is_some_and(|(top, _)| real(top).is_some_and(|top| real(tree) == Some(top)));
    if !is_there {
        bail!("its `core.worktree` puts the working tree at `{}`, where it is not looked for", tree.display());
    }
    Ok(())
}

/// Takes out of the configuration what leads a repository out of itself, and puts in what the user's own includes.
fn keep(repository: &mut gix::Repository) -> Result<(), gix::Error> {
    let top = repository.workdir().unwrap_or_else(|| repository.git_dir()).to_owned();
    let stays = |value: &[u8]| value.to_path().is_ok_and(|path| is_file_below(&top, path));
    let (mut including, mut ignoring, mut has_users) = (Vec::new(), Vec::new(), false);
    let config = repository.config_snapshot();
    for (section, id) in config.plumbing().sections_and_ids() {
        let (name, is_own) = (section.header().name(), section.meta().source.kind() == Kind::Repository);
        if name.eq_ignore_ascii_case(b"include") || name.eq_ignore_ascii_case(b"includeIf") {
            has_users |= !is_own;
            including.extend(is_own.then_some(id));
        } else if is_own && name.eq_ignore_ascii_case(b"core") {
            let leads_out = section.values("excludesFile").iter().any(|value| !stays(value));
            ignoring.extend(leads_out.then_some(id));
        }
    }
    if including.is_empty() && ignoring.is_empty() && !has_users {
        return Ok(());
    }
    let (git, head) = (repository.common_dir().to_owned(), repository.head_name()?);
    let home = gix::path::env::home_dir();
    let mut config = repository.config_snapshot_mut();
    for id in including {
        config.remove_section_by_id(id);
    }
    for id in ignoring {
        if let Some(mut section) = config.section_mut_by_id(id) {
            while section.remove("excludesFile").is_some() {}
        }
    }
    let mut options = gix::config::file::init::Options::default();
    let interpolate = gix::config::path::interpolate::Context { home_dir: home.as_deref(), ..Default::default() };
    let conditional =
        includes::conditional::Context { git_dir: Some(&git), branch_name: head.as_ref().map(|head| head.as_ref()) };
    options.includes = includes::Options::follow(interpolate, conditional);
    config.resolve_includes(options)?;
    config.commit()?;
    Ok(())
}

/// Whether a path, as seen from a directory, is a file below it, without any link on the way: nothing else is looked at.
fn is_file_below(top: &Path, path: &Path) -> bool {
    let Ok(below) = (if path.is_absolute() { path.strip_prefix(top) } else { Ok(path) }) else { return false };
    let mut at = top.to_owned();
    let mut is_file = false;
    for part in below.components() {
        let Component::Normal(part) = part else { return false };
        at.push(part);
        let Ok(metadata) = at.symlink_metadata() else { return false };
        is_file = metadata.is_file();
        if !is_file && !metadata.is_dir() {
            return false;
        }
    }
    is_file
}
