//! Several files changed together, or none of them: with a journal, so that the next run can tell and mend what was cut
//! short at any moment.
//!
//! The journal holds every file as it was and as it is to be. It is written first, whole, beside the files and then renamed;
//! while it is there, each file is one of the two, and going back is always possible. It goes away last. It is flushed before the
//! first file is replaced: where a machine goes down before, the journal may be cut short, and every file is what it was. What
//! replaces the files is flushed meanwhile, and all of it before the journal goes: where a machine goes down before, some file
//! systems have only the beginning of a file, which the journal knows.

mod flushing;
mod journal;
mod place;

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;
use tempfile::TempPath;

use super::writing::{Purpose, begin_flush, prepare, replace, sweep};
use flushing::Flushing;
use journal::{JOURNAL, Journal};
use place::{expect, place, places};

/// One file of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Its path below the root.
    pub(super) path: String,
    /// What it was.
    pub(super) before: String,
    /// What it is to be.
    pub(super) after: String,
}

/// A change under way: it is either kept or taken back.
pub(super) struct Transaction<'c> {
    root: PathBuf,
    changes: &'c [Change],
    /// What is to replace each file, until it does.
    prepared: Vec<TempPath>,
    /// The changes of the files that were replaced, or may have been.
    touched: Vec<&'c Change>,
    flushing: Flushing,
    /// Whether there is a journal, by which a later run can go back.
    pub(super) is_journaled: bool,
    /// Held as long as the change is under way: another run refuses to begin.
    _lock: Option<File>,
}

impl<'c> Transaction<'c> {
    /// Writes the journal, and what is to replace the files beside them, and begins to flush all of it: nothing is changed yet.
    /// Where something is to be proved once they are in their places, that can be cut short as well.
    ///
    /// # Errors
    /// Where one is not what it was, is read-only or cannot be written; nothing is left behind then.
    pub(super) fn prepare(root: &Path, changes: &'c [Change], is_proved: bool) -> Result<Self> {
        let lock = lock(root)?;
        let root = &root.canonicalize().with_context(|| format!("cannot find `{}`", root.display()))?;
        let places = places(root, changes)?;
        if let Some((path, _)) = places.iter().find(|(_, metadata)| metadata.permissions().readonly()) {
            bail!("`{}` is read-only: nothing was changed", path.display());
        }
        let is_journaled = is_proved || changes.len() > 1;
        if !is_journaled && lock.is_some() {
            // Without a journal nobody else looks for what a run like this left when it was killed.
            places.iter().filter_map(|(path, _)| path.parent()).for_each(sweep);
        }
        let journal = is_journaled.then(|| journal::make(root, changes)).transpose()?;
        let one = |(change, (path, metadata)): (&Change, &(PathBuf, Metadata))| {
            let write = |file: &mut File| file.write_all(change.after.as_bytes());
            let file = prepare(path, Purpose::Read, Some(metadata.permissions()), write)?;
            begin_flush(file.as_file());
            Ok(file.into_parts())
        };
        let files: Result<Vec<(File, TempPath)>> = changes.iter().zip(&places).map(one).collect();
        let files = files.map_err(|error| error.context(said(restore(root, &[], Found::Here))))?;
        let (files, prepared) = files.into_iter().unzip();
        let flushing = Flushing::start(journal, files);
        Ok(Self { root: root.to_owned(), changes, prepared, touched: Vec::new(), flushing, is_journaled, _lock: lock })
    }

    /// Changes the files, all or none: each is what it was until it is replaced, or is left alone.
    ///
    /// # Errors
    /// Where the journal cannot be written, or a file is not what it was or cannot be replaced; the caller then gives up.
    pub(super) fn carry_out(&mut self) -> Result<()> {
        // What no journal knows is whole on the disk before it takes the place of anything.
        if self.is_journaled {
            self.flushing.journal()?
        } else {
            self.flushing.all()?
        }
        let root = &self.root;
        // A directory that became a link meanwhile has nothing of that name to replace a file with.
        let one = |(change, file): (&'c Change, TempPath)| match expect(root, change, &change.before) {
            Ok(path) => {
                let replaced = file.persist(&path).with_context(|| format!("cannot write `{}`", path.display()));
                (Some(change), replaced)
            }
            Err(error) => (None, Err(error)),
        };
        let prepared = std::mem::take(&mut self.prepared);
        let (touched, replaced): (Vec<_>, Vec<_>) = self.changes.par_iter().zip(prepared).map(one).unzip();
        self.touched = touched.into_iter().flatten().collect();
        replaced.into_iter().collect()
    }

    /// Holds that nobody else changed the files meanwhile.
    ///
    /// # Errors
    /// Where one is not what it was to be; the caller then gives up.
    pub(super) fn must_be_there(&self) -> Result<()> {
        let root = &self.root;
        let look = |change: &Change| place(root, &change.path).and_then(|_| expect(root, change, &change.after));
        self.changes.par_iter().try_for_each(|change| look(change).map(|_| ()))
    }

    /// Keeps what was changed.
    ///
    /// # Errors
    /// Where the disk does not take it, or the journal cannot be removed; the caller then gives up.
    pub(super) fn keep(&mut self) -> Result<()> {
        self.flushing.all()?;
        if self.is_journaled { journal::remove(&self.root) } else { Ok(()) }
    }

    /// Takes back what was changed because of an error, which then says so too.
    pub(super) fn give_up(&mut self, error: anyhow::Error) -> anyhow::Error {
        error.context(said(self.undo()))
    }

    /// Takes back what was changed.
    ///
    /// # Errors
    /// Where a file was changed by someone else meanwhile, or cannot be written; the journal then stays.
    pub(super) fn undo(&mut self) -> Result<()> {
        // What is still being flushed is no longer needed, whatever becomes of it.
        let _ = self.flushing.all();
        restore(&self.root, &self.touched, Found::Here)
    }
}

/// What became of going back, in words.
fn said(restored: Result<()>) -> String {
    restored.map_or_else(|error| format!("{error:#}"), |()| "everything was restored".to_owned())
}

/// Whether a run was cut short.
pub(super) fn is_interrupted(root: &Path) -> bool {
    root.join(JOURNAL).symlink_metadata().is_ok()
}

/// Mends what a run that was cut short left behind; the paths that were restored, where there was such a run. What it had
/// prepared is removed beside the files that its journal names, or, where the journal itself was cut short and every file is
/// what it was, from these directories.
///
/// # Errors
/// Where the journal cannot be read, or a file is neither what it was nor what it was to be.
pub(super) fn recover<'d>(root: &Path, directories: impl Iterator<Item = &'d str>) -> Result<Option<Vec<String>>> {
    let path = root.join(JOURNAL);
    if !is_interrupted(root) {
        return Ok(None);
    }
    let _lock = lock(root)?;
    let root = &root.canonicalize().with_context(|| format!("cannot find `{}`", root.display()))?;
    let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let journal = journal::read(&bytes).with_context(|| {
        format!("`{}` is no journal of an interrupted change: look at it, then delete it", path.display())
    })?;
    let changes = match journal {
        Journal::Whole(changes) => changes,
        Journal::Cut => Vec::new(),
    };
    restore(root, &changes.iter().collect::<Vec<_>>(), Found::Later)?;
    let files = changes.iter().map(|change| root.join(&change.path)).chain([path]);
    let mut beside: BTreeSet<PathBuf> = files.filter_map(|path| path.parent().map(Path::to_owned)).collect();
    if changes.is_empty() {
        beside.extend(directories.map(|below| root.join(below)));
    }
    beside.iter().for_each(|at| sweep(at));
    Ok(Some(changes.into_iter().map(|change| change.path).collect()))
}

/// Who goes back: the run that made the change, or a later one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Here,
    Later,
}

/// Whether a file is what a machine that went down left of what was written: the beginning, and zeros for the rest or nothing.
fn is_torn(now: &[u8], whole: &[u8]) -> bool {
    let written = now.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    now.len() <= whole.len() && whole.starts_with(&now[..written])
}

/// Puts back what was there, and then removes the journal.
fn restore(root: &Path, changes: &[&Change], found: Found) -> Result<()> {
    let mut foreign = Vec::new();
    for change in changes {
        let path = place(root, &change.path)?;
        match fs::read(&path) {
            Ok(now) if now == change.before.as_bytes() => {}
            Ok(now)
                if now == change.after.as_bytes()
                    || found == Found::Later && is_torn(&now, change.after.as_bytes()) =>
            {
                replace(&path, change.before.as_bytes(), Purpose::Read)?;
            }
            _ => foreign.push(change.path.clone()),
        }
    }
    let journal = root.join(JOURNAL);
    if !foreign.is_empty() {
        bail!(
            "someone else changed {} meanwhile: left as it is, and `{}` has what was there before; delete it once all is well",
            foreign.join(", "),
            journal.display()
        );
    }
    journal::remove(root)
}

/// The root's directory, locked against another run.
#[cfg(unix)]
fn lock(root: &Path) -> Result<Option<File>> {
    let directory = File::open(root).with_context(|| format!("cannot open `{}`", root.display()))?;
    match directory.try_lock() {
        Ok(()) => Ok(Some(directory)),
        Err(fs::TryLockError::WouldBlock) => bail!("another run is changing `{}`: wait for it to end", root.display()),
        // Where the file system has no locks, the files are still compared before each write.
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

/// A directory cannot be locked here: the files are compared before each write.
#[cfg(not(unix))]
fn lock(_root: &Path) -> Result<Option<File>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::iter::empty;

    use super::*;

    /// A directory with two files, and their change.
    fn files() -> (tempfile::TempDir, Vec<Change>) {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(root.path().join("sub")).expect("it is new");
        let change =
            |path: &str| Change { path: path.to_owned(), before: format!("{path} was"), after: format!("{path} is") };
        let changes = vec![change("one"), change("sub/two")];
        for change in &changes {
            fs::write(root.path().join(&change.path), &change.before).expect("it can be written");
        }
        (root, changes)
    }

    /// Changes the files, or gives up.
    fn begin<'c>(root: &Path, changes: &'c [Change]) -> Result<Transaction<'c>> {
        let mut transaction = Transaction::prepare(root, changes, false)?;
        match transaction.carry_out() {
            Ok(()) => Ok(transaction),
            Err(error) => Err(transaction.give_up(error)),
        }
    }

    fn write_journal(root: &Path, changes: &[Change]) {
        let file = File::create(root.join(JOURNAL)).expect("it can be made");
        journal::write(changes, file).expect("it can be written");
    }

    fn now(root: &Path) -> Vec<String> {
        ["one", "sub/two"].iter().map(|path| fs::read_to_string(root.join(path)).expect("it is there")).collect()
    }

    const WAS: [&str; 2] = ["one was", "sub/two was"];
    const IS: [&str; 2] = ["one is", "sub/two is"];

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(root)
            .expect("it can be listed")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_kept_leaves_nothing_else_behind() {
        let (root, changes) = files();
        let mut transaction = begin(root.path(), &changes).expect("it begins");
        assert!(root.path().join(JOURNAL).exists());
        transaction.keep().expect("it ends");
        assert_eq!(
            (now(root.path()), names(root.path())),
            (IS.map(str::to_owned).to_vec(), vec!["one".to_owned(), "sub".to_owned()])
        );
    }

    #[test]
    fn a_single_file_is_changed_by_one_step() {
        let (root, changes) = files();
        let left = root.path().join(".cargo-pinned-killed.tmp");
        fs::write(&left, "").expect("it can be written");
        let mut transaction = begin(root.path(), &changes[..1]).expect("it begins");
        assert_eq!(names(root.path()), ["one", "sub"], "no journal, and nothing of a run that was killed");
        transaction.keep().expect("it ends");
        drop(transaction);
        assert_eq!(now(root.path()), [IS[0], WAS[1]]);
        let proved = Transaction::prepare(root.path(), &changes[1..], true).expect("it begins");
        assert!(is_interrupted(root.path()), "what is still to be proved can be cut short");
        drop(proved);
    }

    #[test]
    fn what_is_taken_back_is_as_it_was() {
        let (root, changes) = files();
        begin(root.path(), &changes).expect("it begins").undo().expect("it can be undone");
        assert_eq!((now(root.path()), names(root.path()).len()), (WAS.map(str::to_owned).to_vec(), 2));
    }

    /// Cut short at any write, what is there is the old or the new of each file, with the journal: the next run goes back.
    #[test]
    fn a_run_that_was_cut_short_is_mended_by_the_next() {
        for written in 0..=2 {
            let (root, changes) = files();
            write_journal(root.path(), &changes);
            for change in &changes[..written] {
                fs::write(root.path().join(&change.path), &change.after).expect("it can be written");
            }
            let restored = recover(root.path(), empty()).expect("it can be mended").expect("there was a journal");
            assert_eq!(
                (restored, now(root.path())),
                (vec!["one".to_owned(), "sub/two".to_owned()], WAS.map(str::to_owned).to_vec())
            );
            assert_eq!(recover(root.path(), empty()).expect("nothing is wrong"), None);
        }
    }

    /// A machine that goes down before the journal is on the disk leaves a part of it, and no file changed.
    #[test]
    fn a_journal_that_was_cut_short_goes_and_with_it_what_was_prepared() {
        let (root, changes) = files();
        write_journal(root.path(), &changes);
        let whole = fs::read(root.path().join(JOURNAL)).expect("it is there");
        for end in [0, 1, whole.len() / 2, whole.len() - 2] {
            fs::write(root.path().join(JOURNAL), &whole[..end]).expect("it can be written");
            fs::write(root.path().join("sub/.cargo-pinned-abc.tmp"), "sub/two").expect("it can be written");
            let restored = recover(root.path(), ["sub"].into_iter()).expect("it can be mended");
            assert_eq!((restored, now(root.path())), (Some(Vec::new()), WAS.map(str::to_owned).to_vec()), "{end}");
            assert_eq!(
                (names(root.path()), names(&root.path().join("sub"))),
                (vec!["one".to_owned(), "sub".to_owned()], vec!["two".to_owned()])
            );
        }
    }

    /// A machine that goes down while the files are on their way to the disk leaves what was written of them.
    #[test]
    fn a_file_that_was_cut_short_is_put_back() {
        for torn in ["", "one i", "one\0\0\0", "\0\0\0\0\0\0"] {
            let (root, changes) = files();
            write_journal(root.path(), &changes);
            fs::write(root.path().join("one"), torn).expect("it can be written");
            recover(root.path(), empty()).expect("it can be mended").expect("there was a journal");
            assert_eq!(now(root.path()), WAS, "{torn:?}");
        }
        let (root, changes) = files();
        write_journal(root.path(), &changes);
        fs::write(root.path().join("one"), "one it was").expect("it can be written");
        assert!(recover(root.path(), empty()).is_err(), "that was nobody but someone else");
    }

    #[test]
    fn what_someone_else_wrote_meanwhile_is_never_lost() {
        let (root, changes) = files();
        fs::write(root.path().join("sub/two"), "edited").expect("it can be written");
        let error = begin(root.path(), &changes).err().expect("it is refused");
        let said = format!("{error:#}");
        assert!(said.contains("two` was changed meanwhile"), "{said}");
        assert!(said.starts_with("everything was restored"), "{said}");
        assert_eq!((now(root.path()), names(root.path()).len()), (vec![WAS[0].to_owned(), "edited".to_owned()], 2));
        fs::write(root.path().join("sub/two"), &changes[1].before).expect("it can be written");
        let mut transaction = begin(root.path(), &changes).expect("it begins");
        transaction.must_be_there().expect("nobody changed anything");
        fs::write(root.path().join("one"), "edited").expect("it can be written");
        assert!(transaction.must_be_there().is_err(), "what is proved is no longer what is there");
        let error = transaction.undo().expect_err("it says so");
        assert!(format!("{error:#}").contains("someone else changed one"), "{error:#}");
        assert_eq!(now(root.path()), ["edited", WAS[1]]);
        assert!(root.path().join(JOURNAL).exists(), "with what was there before");
    }

    #[test]
    #[cfg(unix)]
    fn two_runs_never_overlap() {
        let (root, changes) = files();
        let mut first = begin(root.path(), &changes).expect("it begins");
        let error = begin(root.path(), &changes).err().expect("it is refused");
        assert!(format!("{error:#}").contains("another run"), "{error:#}");
        first.undo().expect("it can be undone");
    }

    #[test]
    #[cfg(unix)]
    fn a_journal_of_a_repository_leads_nowhere_else() {
        let (root, changes) = files();
        let outside = tempfile::tempdir().expect("a temporary directory");
        fs::write(outside.path().join("victim"), &changes[0].after).expect("it can be written");
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).expect("links can be made");
        let absolute = outside.path().join("victim").to_string_lossy().into_owned();
        for path in ["link/victim", "../victim", &absolute] {
            write_journal(root.path(), &[Change { path: path.to_owned(), ..changes[0].clone() }]);
            assert!(recover(root.path(), empty()).is_err(), "{path}");
            assert_eq!(fs::read_to_string(outside.path().join("victim")).expect("it is there"), changes[0].after);
        }
    }

    #[test]
    fn a_read_only_file_stops_everything() {
        let (root, changes) = files();
        let path = root.path().join("sub/two");
        let mut permissions = path.metadata().expect("it is there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).expect("it is ours");
        let error = begin(root.path(), &changes).err().expect("it is refused");
        assert!(format!("{error:#}").contains("read-only"), "{error:#}");
        assert_eq!((now(root.path()), names(root.path()).len()), (WAS.map(str::to_owned).to_vec(), 2));
    }
}
