//! How fast `fix --no-verify` is, as a ratio to `check`, measured in turns in one run on the same tree.
//!
//! `cargo bench --bench fix` makes workspaces whose pins are taken off; `cargo bench --bench fix -- TREE…` measures in copies of
//! real checkouts; `-- --smoke` only shows that it works. Each run has a copy of its own, since nobody fixes the same tree twice a
//! second: ext4 looks past every inode that was freed in the last minutes, so that a tree that is fixed over and over takes the
//! longer the more often it was. Each is measured in memory, where there is a file system that is, and on the disk of the temporary
//! directory.
//!
//! How long a file system takes to replace files is its own: ext4 was seen to need a tenth of a millisecond to free what was there
//! before, where memory needs next to nothing. So as many files of that size are replaced beside it, one by one and flushed by nobody, and the
//! limit is held without that. How long it takes to flush them one by one, which `fix` does as well, is only told.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use support::{median, time, words, workspace};

/// What `fix`'s time may be at most, as a multiple of `check`'s.
const AT_MOST: f64 = 1.5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let trees: Vec<PathBuf> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).map(PathBuf::from).collect();
    let runs = if smoke { 3 } else { 15 };
    let sizes: &[usize] = if trees.is_empty() { &[1, 60] } else { &[] };
    for (place, temporary) in places() {
        for &members in sizes {
            let made = tempfile::tempdir().expect("a temporary directory");
            workspace(made.path(), members);
            loosen(made.path(), members);
            measure(&format!("a made workspace, members: {members}, {place}"), made.path(), &temporary, runs);
        }
        for tree in &trees {
            measure(&format!("{}, {place}", tree.display()), tree, &temporary, runs);
        }
    }
}

/// Where to measure: in memory, and on the disk.
fn places() -> Vec<(&'static str, PathBuf)> {
    let memory = PathBuf::from("/dev/shm");
    let memory = memory.is_dir().then_some(("in memory", memory));
    if memory.is_none() {
        println!("LEFT OUT: in memory, for want of /dev/shm");
    }
    memory.into_iter().chain([("on the disk", std::env::temp_dir())]).collect()
}

/// Takes the pins off the members' manifests.
fn loosen(root: &Path, members: usize) {
    for member in 0..members {
        let path = root.join(format!("crates/member-{member}/Cargo.toml"));
        let text = fs::read_to_string(&path).expect("a made manifest");
        fs::write(&path, text.replace("\"=", "\"")).expect("a file");
    }
}

/// What a fix may change in a tree, which stays as it is.
fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let names = ["*.toml", "*.lock", "*.json", "*.yml", "*.yaml", "*.sh", "*.txt", "*Dockerfile*"];
    let listed = Command::new("git").args(["ls-files", "-z"]).args(names).current_dir(root).output();
    let listed = String::from_utf8(listed.expect("git").stdout).expect("names are text");
    let paths = listed.split('\0').filter(|path| !path.is_empty()).map(|path| root.join(path));
    paths.filter_map(|path| Some((path.clone(), fs::read(&path).ok()?))).collect()
}

/// Measures in copies of a tree, of which the first is not counted.
fn measure(name: &str, tree: &Path, temporary: &Path, runs: usize) {
    let ours = env!("CARGO_BIN_EXE_cargo-pinned");
    let (check, fix) = (words(&["check"]), words(&["fix", "--no-verify"]));
    let directory = tempfile::tempdir_in(temporary).expect("a temporary directory");
    let copies: Vec<PathBuf> = (0..=runs).map(|run| directory.path().join(run.to_string())).collect();
    for copy in &copies {
        let copied = Command::new("cp").args(["-r", "--reflink=auto"]).arg(tree).arg(copy).status();
        assert!(copied.is_ok_and(|status| status.success()), "{} cannot be copied", tree.display());
    }
    // A tree that is fixed has been on its disk for a while, and nobody waits for the rest of it to get there.
    let _ = Command::new("sync").status();
    let (mut checks, mut fixes) = (Vec::new(), Vec::new());
    for copy in &copies {
        // What was just written is read once before anything is measured.
        time(copy, ours, &check);
        checks.extend(time(copy, ours, &check).map(|(time, _)| time));
        fixes.extend(time(copy, ours, &fix).map(|(time, _)| time));
    }
    let was = files(tree);
    let is_changed = |(path, bytes): &&(PathBuf, Vec<u8>)| {
        let below = path.strip_prefix(tree).expect("it is in the tree");
        fs::read(copies[0].join(below)).ok().as_ref() != Some(bytes)
    };
    let changed: Vec<_> = was.iter().filter(is_changed).collect();
    assert!(!changed.is_empty(), "{name}: there is nothing to fix");
    let milliseconds = |times: Vec<Duration>| median(times).as_secs_f64() * 1e3;
    let replaced = milliseconds((0..runs).map(|_| replaced(directory.path(), &changed)).collect());
    let flushed = milliseconds((0..runs).map(|_| flushed(directory.path(), &changed)).collect());
    let (check, fix, changed) = (milliseconds(checks.split_off(1)), milliseconds(fixes.split_off(1)), changed.len());
    let own = (fix - replaced) / check;
    let verdict = if own <= AT_MOST { "within" } else { "OVER" };
    println!(
        "{name}\n  fix --no-verify {:.2} of check: {fix:.1} ms to {check:.1} ms; to replace {changed} files takes {replaced:.1} ms by \
         itself, and to flush them {flushed:.1} ms\n  {own:.2} of check without what replacing takes: {verdict} the limit of {AT_MOST}",
        fix / check,
    );
}

/// How long it takes to replace files that are on the disk, without a flush.
fn replaced(directory: &Path, files: &[&(PathBuf, Vec<u8>)]) -> Duration {
    let scratch = tempfile::tempdir_in(directory).expect("a temporary directory");
    let places: Vec<PathBuf> = (0..files.len()).map(|at| scratch.path().join(at.to_string())).collect();
    for (place, (_, bytes)) in places.iter().zip(files) {
        let mut file = File::create(place).expect("a file");
        file.write_all(bytes).and_then(|()| file.sync_all()).expect("it can be written");
    }
    let start = Instant::now();
    for (place, (_, bytes)) in places.iter().zip(files) {
        let new = place.with_extension("new");
        fs::write(&new, bytes).and_then(|()| fs::rename(&new, place)).expect("it can be replaced");
    }
    start.elapsed()
}

/// How long it takes to write files one by one, each flushed.
fn flushed(directory: &Path, files: &[&(PathBuf, Vec<u8>)]) -> Duration {
    let scratch = tempfile::tempdir_in(directory).expect("a temporary directory");
    let start = Instant::now();
    for (at, (_, bytes)) in files.iter().enumerate() {
        let mut file = File::create(scratch.path().join(at.to_string())).expect("a file");
        file.write_all(bytes).and_then(|()| file.sync_all()).expect("it can be written");
    }
    start.elapsed()
}
