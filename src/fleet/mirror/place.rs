//! Where a mirror is in the cache: its name, its lock, and how one comes into its place whole.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use crate::fleet::targets::without_credentials;
use crate::process::Deadline;

/// How often a lock is tried that another run holds.
const TICK: Duration = Duration::from_millis(50);

/// The longest part of a URL in a name.
const LONGEST: usize = 60;

/// The file in a mirror that has the day of its last refresh.
const DAY: &str = "cargo-pinned-day";

/// The name of a URL's mirror: a part that can be read, and a hash. In lower case alone, so that it is one file on every system.
pub(super) fn name(url: &str) -> String {
    let bare = without_credentials(url);
    let word = bare.split_once("://").map_or(bare.as_str(), |(_, rest)| rest);
    let word: String =
        word.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let word = word.get(word.len().saturating_sub(LONGEST)..).unwrap_or_default().trim_matches('-');
    let hash: String = Sha256::digest(bare.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{word}-{hash}.git").trim_start_matches('-').to_owned()
}

/// A mirror's place, locked until it is dropped.
pub(super) struct Place {
    path: PathBuf,
    _lock: File,
}

impl Place {
    /// Takes a place, and puts what a killed run left there in order. None if another run holds it until the deadline.
    pub(super) fn take(cache: &Path, name: &str, deadline: Deadline) -> io::Result<Option<Self>> {
        fs::create_dir_all(cache)?;
        let path = cache.join(name);
        // It stays when it is free: one that is deleted could be locked by one run and made anew by another.
        let lock = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock"))?;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if deadline.left().is_zero() => return Ok(None),
                Err(TryLockError::WouldBlock) => thread::sleep(TICK.min(deadline.left())),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let place = Self { path, _lock: lock };
        // Killed while it put a new mirror in the place of the old one.
        if !place.path.exists() && place.old().exists() {
            fs::rename(place.old(), &place.path)?;
        }
        remove(&place.old())?;
        Ok(Some(place))
    }

    /// The mirror, where there is one.
    pub(super) fn mirror(&self) -> Option<&Path> {
        self.path.is_dir().then_some(self.path.as_path())
    }

    /// An empty place beside it, for a new mirror.
    pub(super) fn beside(&self) -> io::Result<PathBuf> {
        let path = self.path.with_extension("new");
        remove(&path)?;
        Ok(path)
    }

    /// Puts the new mirror in the place.
    pub(super) fn put(&self, new: &Path) -> io::Result<()> {
        if self.path.exists() {
            fs::rename(&self.path, self.old())?;
        }
        fs::rename(new, &self.path)?;
        remove(&self.old())
    }

    fn old(&self) -> PathBuf {
        self.path.with_extension("old")
    }
}

/// The place of a mirror that another run holds.
pub(super) fn held(cache: &Path, name: &str) -> Option<PathBuf> {
    Some(cache.join(name)).filter(|path| path.is_dir())
}

/// Writes down the day of a refresh.
pub(super) fn refreshed(mirror: &Path, today: Date) -> io::Result<()> {
    fs::write(mirror.join(DAY), today.to_string())
}

/// The day of the last refresh.
pub(super) fn day(mirror: &Path) -> Option<Date> {
    fs::read_to_string(mirror.join(DAY)).ok()?.trim().parse().ok()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_read_holds_no_secret_and_is_a_file_everywhere() {
        let plain = name("https://example.com/Team/Repo.git");
        assert_eq!(plain, name("https://user:token@example.com/Team/Repo.git?key=1"), "a new token, the same mirror");
        assert!(plain.starts_with("example-com-team-repo-git-"), "{plain}");
        let others =
            ["https://example.com/team/repo.git", "ssh://git@example.com/Team/Repo.git", "con", "../../x", "é://ü"];
        for other in others.map(name).into_iter().chain([name(&"é/x".repeat(500))]) {
            assert_ne!(other, plain);
            assert!(other.len() < 100 && !other.starts_with('.'), "{other}");
            assert!(other.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)), "{other}");
        }
    }

    #[test]
    fn what_a_killed_run_left_is_put_in_order() {
        let cache = tempfile::TempDir::new().expect("a directory");
        let take = || Place::take(cache.path(), "a.git", Deadline::after(Duration::ZERO)).expect("it can be locked");
        let path = cache.path().join("a.git");
        fs::create_dir_all(cache.path().join("a.old/objects")).expect("it can be made");
        fs::create_dir_all(cache.path().join("a.new/objects")).expect("it can be made");
        let place = take().expect("nobody holds it");
        assert_eq!(place.mirror(), Some(path.as_path()), "the old one is back");
        assert!(take().is_none(), "it is held");
        let new = place.beside().expect("it can be made");
        assert!(!new.exists(), "what was half done is gone");
        fs::create_dir(&new).expect("it can be made");
        place.put(&new).expect("it can be put");
        assert!(!path.join("objects").exists() && !place.old().exists());
        drop(place);
        assert!(take().is_some(), "it is free again");
    }
}
