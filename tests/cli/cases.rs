//! The folders of `fixtures/cli/`: a repository in `in/`, what is typed in `args`, and what comes out.
//!
//! `SNAPSHOTS=overwrite` writes what came out anew.

use crate::support::{Repo, repository};

/// Runs one folder: `in/` is committed to a fresh repository first.
#[track_caller]
fn case(name: &str, code: i32) {
    let folder = repository().join("fixtures/cli").join(name);
    let typed = std::fs::read_to_string(folder.join("args")).expect("the case says what is typed");
    let typed: Vec<&str> = typed.split_whitespace().collect();
    let repo = Repo::copy_of(&folder.join("in")).git();
    let assert = repo.command(&typed).assert().code(code);
    let expected = |file: &str| snapbox::Data::read_from(&folder.join(file), Some(snapbox::data::DataFormat::Text));
    assert.stdout_eq(expected("stdout")).stderr_eq("");
}

macro_rules! cases {
    ($($name:ident => $code:literal,)*) => {
        $(#[test]
        fn $name() {
            case(stringify!($name), $code);
        })*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    clean => 0,
    five_findings => 1,
    five_findings_json => 1,
    grouped => 1,
    grouped_verbose => 1,
    list => 0,
    list_json => 0,
    long_values => 1,
    many_findings => 1,
    quiet => 1,
    rolling_vendor_url => 1,
    verbose => 1,
    warnings => 0,
}

#[test]
fn every_folder_is_a_case() {
    let folders = std::fs::read_dir(repository().join("fixtures/cli")).expect("the fixtures are there");
    let names = folders.map(|folder| folder.expect("it can be listed").file_name().into_string().expect("text"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, NAMES);
}
