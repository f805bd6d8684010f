//! The file: what is none, what is from elsewhere, and what is older.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_pinned::fleet::history::History;
use tempfile::TempDir;

use super::{begin, shown, target, verdict};

fn directory() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("file:history?mode=memory#1");
    (directory, file)
}

#[track_caller]
fn refused(file: &Path, expected: &str) {
    let error = History::open(file).map(|_| ()).expect_err("it is no history").to_string();
    assert!(error.contains(expected) && error.contains(&file.display().to_string()), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_directory, file) = directory();
    for text in ["x", "[rules]\n", &"a line of text\n".repeat(1000)] {
        fs::write(&file, text).expect("it can be written");
        refused(&file, "is no SQLite database; name another file");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), text);
    }
}

#[test]
fn a_database_of_another_program_or_of_a_newer_version_is_refused() {
    let (_directory, file) = directory();
    let database = rusqlite::Connection::open(&file).expect("it can be made");
    database.execute_batch("CREATE TABLE songs (title)").expect("it can be written");
    refused(&file, "is a database of another program");
    drop(database);
    fs::remove_file(&file).expect("it is there");
    begin(&file, 0).finish().expect("it finishes");
    let database = rusqlite::Connection::open(&file).expect("it is a database");
    database.execute_batch("PRAGMA user_version = 99").expect("it can be written");
    refused(&file, "written by a newer cargo-pinned: it is of version 99");
}

#[test]
fn a_directory_and_a_place_that_is_not_there_are_refused() {
    let (directory, _) = directory();
    refused(directory.path(), "cannot be opened");
    refused(&directory.path().join("none/history"), "cannot be opened");
}

#[test]
fn an_empty_file_becomes_a_history_and_nothing_else_is_left_beside_it() {
    let (directory, file) = directory();
    fs::write(&file, "").expect("it can be written");
    begin(&file, 0).finish().expect("it finishes");
    let names: Vec<_> = fs::read_dir(directory.path()).expect("it can be listed").flatten().collect();
    assert_eq!(names.iter().map(fs::DirEntry::path).collect::<Vec<_>>(), [file]);
}

/// A file as version 1 wrote it: what is in it counts, in whatever version reads it.
#[test]
fn a_history_of_version_1_is_read() {
    let (_directory, file) = directory();
    let database = rusqlite::Connection::open(&file).expect("it can be made");
    database.execute_batch(include_str!("version-1.sql")).expect("it is a dump of SQLite's shell");
    drop(database);
    let run = begin(&file, 3);
    let judged = run.known(target("a"), "1").expect("it can be read").expect("nothing has changed");
    assert_eq!(shown(&judged), "x 0, y 1 +[] -[]");
    let judged = run.record(target("b"), "2", verdict(&["x", "z"])).expect("it can be written");
    assert_eq!(shown(&judged), "x 0, z 3 +[z] -[y]");
    let runs = run.finish().expect("it finishes");
    let counts: Vec<_> = runs.iter().map(|run| (run.at.as_str(), run.repositories, run.deny)).collect();
    assert_eq!(
        counts,
        [("2026-11-25T12:00:00Z", 2, 3), ("2026-11-26T12:00:00Z", 2, 4), ("2026-11-28T12:00:00Z", 2, 4)]
    );
}

/// What was written before the file was damaged is not taken for anything.
#[test]
fn a_damaged_file_is_an_error_in_plain_words() {
    let (_directory, file) = directory();
    let run = begin(&file, 0);
    for name in ["a", "b"] {
        run.record(target(name), "1", verdict(&["x"; 1])).expect("it can be written");
    }
    run.finish().expect("it finishes");
    let mut bytes = fs::read(&file).expect("it is there");
    let length = bytes.len();
    bytes[4096..length].fill(0xff);
    fs::write(&file, bytes).expect("it can be written");
    let error = History::open(&file).and_then(|history| history.begin(super::start(1))).map(|_| ());
    let error = error.expect_err("it is damaged").to_string();
    assert!(error.contains("is damaged; move it away"), "{error}");
}
