//! The pre-commit hook that `init` puts in, and takes out.
//!
//! A hook that is there already is somebody's work. Lines of shell are added to a shell script, where they run first and
//! change nothing for the rest. Any other kind (another language, a program, a symbolic link) is left alone, and the command
//! to add to it is said. To move it aside and call it from a script of ours would look kinder, and could break it: it would
//! run under another name and from another place, and the tool that owns it would overwrite ours at its next update.

mod text;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Output;
use super::writing::{self, Purpose};
use crate::exit::Exit;
use crate::source::MAX_FILE_BYTES;
use crate::source::hooks::{self, Hooks, Reach};
use text::CHECK;

/// The hook's names: git's own, and that under which the pre-commit framework runs one that it found.
const NAMES: [&str; 2] = ["pre-commit", "pre-commit.legacy"];

/// What is to be done to the hook, where nothing speaks against it.
pub(super) struct Plan {
    path: PathBuf,
    before: Option<Vec<u8>>,
    after: Vec<u8>,
    is_shared: bool,
}

/// Finds out what to do to the hook of the repository around a directory, and does nothing yet.
///
/// # Errors
/// Where a hook cannot be put in without breaking something, or would run elsewhere too.
pub(super) fn plan(root: &Path) -> Result<Plan> {
    let hooks = hooks::find(root)?;
    if let Reach::Beyond(why) = &hooks.reach {
        bail!(
            "git looks for hooks in `{}`, and {why}: a hook there may run in other repositories, so none was written. \
             To check this one all the same, add to `pre-commit` there: [ ! -f pinned.toml ] || {CHECK} || exit $?",
            hooks.directory.display()
        );
    }
    let is_shared = hooks.reach == Reach::Worktree;
    // A hook that all share must not name a place on this machine.
    let recorded = if is_shared { None } else { executable() };
    let block = text::block(recorded.as_deref());
    let mut path = hooks_of(&hooks).join(NAMES[0]);
    let mut before = read(&path)?;
    let legacy = path.with_file_name(NAMES[1]);
    if before.as_deref().is_some_and(is_framework)
        && let Some(inner) = read(&legacy).ok().flatten()
        && text::without(&inner).is_ok_and(|rest| rest.is_some())
    {
        (path, before) = (legacy, Some(inner));
    }
    let after = match &before {
        None => text::fresh(&block),
        Some(hook) => {
            let after = text::with(hook, &block);
            let after = after.map_err(|why| by_hand(&path, why))?;
            if !runs(&hooks, &path) {
                bail!(
                    "`{}` is not executable, so that git does not run it: `chmod +x` it, or take it away, and try again",
                    path.display()
                );
            }
            after
        }
    };
    Ok(Plan { path, before, after, is_shared })
}

impl Plan {
    /// Writes the hook, and says what was done, as lines.
    pub(super) fn write(self) -> Result<String> {
        let path = self.path.display();
        if self.before.as_deref() == Some(&*self.after) {
            return Ok(format!("{path} runs the check already: left as it is\n"));
        }
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
        }
        let done = match &self.before {
            None => {
                writing::create(&self.path, &self.after, Purpose::Run)
                    .with_context(|| format!("cannot write `{path}`"))?;
                format!("wrote {path}: before each commit it runs `{CHECK}`\n")
            }
            Some(before) => {
                writing::replace(&self.path, &self.after, Purpose::Run)?;
                match text::without(before) {
                    Ok(Some(_)) => format!("renewed the check in {path}\n"),
                    _ => format!("added to {path}, in front of what it does: `{CHECK}`\n"),
                }
            }
        };
        let shared =
            "it is a file of the work tree: commit it, and it checks for all whose git looks for hooks there\n";
        Ok(done + if self.is_shared { shared } else { "" })
    }
}

/// Takes the check out of the hook of the repository around a directory; a hook with nothing else in it goes.
///
/// # Errors
/// Where the hook cannot be read or written, or somebody cut the block in two.
pub(super) fn remove(root: &Path, output: &Output) -> Result<Exit> {
    let hooks = hooks::find(root)?;
    // The setting may have come after the hook. What leads out of the repository is not ours to change.
    let mut directories = Vec::from_iter(hooks.default.clone());
    if !matches!(hooks.reach, Reach::Beyond(_)) && !directories.contains(&hooks_of(&hooks)) {
        directories.insert(0, hooks_of(&hooks));
    }
    let mut done = String::new();
    for path in directories.iter().flat_map(|directory| NAMES.map(|name| directory.join(name))) {
        // What is no file, or is linked to, was not written by us.
        let Ok(Some(hook)) = read(&path) else { continue };
        let rest = text::without(&hook);
        let Some(rest) = rest.map_err(|why| anyhow::anyhow!("`{}` {why}: mend it by hand", path.display()))? else {
            continue;
        };
        if text::is_empty(&rest) {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
            done += &format!("removed {}: there was nothing else in it\n", path.display());
        } else {
            writing::replace(&path, &rest, Purpose::Run)?;
            done += &format!("took the check out of {}; the rest is as it was\n", path.display());
        }
    }
    if done.is_empty() {
        done = format!("no hook runs the check: there is nothing to take out in {}\n", hooks.directory.display());
    }
    super::init::say(output, &done)
}

/// The directory that a hook is to be written to: husky makes those that git runs, and they run the ones above.
fn hooks_of(hooks: &Hooks) -> PathBuf {
    husky(&hooks.directory).unwrap_or(&hooks.directory).to_owned()
}

fn husky(directory: &Path) -> Option<&Path> {
    directory.parent().filter(|above| directory.ends_with("_") && above.ends_with(".husky"))
}

/// Whether a hook that is there is run: git runs none that is not executable, husky every one.
#[cfg(unix)]
fn runs(hooks: &Hooks, path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    husky(&hooks.directory).is_some() || path.metadata().is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}

/// Whether a hook that is there is run.
#[cfg(not(unix))]
fn runs(_: &Hooks, _: &Path) -> bool {
    true
}

/// Whether a hook is that of the pre-commit framework.
fn is_framework(hook: &[u8]) -> bool {
    String::from_utf8_lossy(hook).contains("https://pre-commit.com")
}

/// A hook's bytes; none where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    };
    if metadata.is_symlink() {
        return Err(by_hand(path, "is a symbolic link"));
    }
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        return Err(by_hand(path, "is no script"));
    }
    std::fs::read(path).map(Some).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Why a hook was left alone, and what to do instead.
fn by_hand(path: &Path, why: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "`{}` {why}: it is left as it is. Add to it by hand, so that it fails where this fails: {CHECK}",
        path.display()
    )
}

/// Where this program is, as a shell of this system writes it.
fn executable() -> Option<Vec<u8>> {
    let path = std::env::current_exe().ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::ffi::OsStringExt::into_vec(path.into_os_string()));
    #[cfg(not(unix))]
    return Some(crate::source::slashed(path.to_str()?).into_bytes());
}
