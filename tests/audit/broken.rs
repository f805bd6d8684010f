//! What is wrong with one repository is the error of its row; the others are judged.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Fleet, floating};

/// A fleet of a sound repository and one that something was done to: that row's error has `expected` in it.
#[track_caller]
fn check(spoil: impl FnOnce(&Fleet), expected: &str) {
    let fleet = Fleet::new().floating("sound").floating("broken");
    spoil(&fleet);
    let audit = fleet.audit(&[]);
    assert_eq!(audit.findings("sound").len(), 2);
    let error = audit.error("broken");
    assert!(error.contains(expected), "{error}");
    assert_eq!(audit.code, 2, "what could not be judged is not passed over");
    let human = fleet.run(&[]);
    assert!(human.stdout.contains("could not be judged") && human.stdout.contains("  broken:"), "{}", human.stdout);
}

fn path(fleet: &Fleet, below: &str) -> PathBuf {
    fleet.0.root().join("broken").join(below)
}

/// The files below a directory.
fn below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("it can be listed").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn overwrite(file: &Path, bytes: &[u8]) {
    // Git's objects are read-only.
    fs::remove_file(file).expect("it is ours");
    fs::write(file, bytes).expect("it is ours");
}

#[test]
fn an_unborn_branch_is_said() {
    check(
        |fleet| {
            fs::remove_dir_all(path(fleet, ".git")).expect("it is ours");
            fleet.git("broken", &["init", "--quiet", "."]);
        },
        "nothing is committed yet: HEAD names the branch `main`, which does not exist",
    );
}

#[test]
fn a_missing_head_is_said() {
    check(|fleet| fs::remove_file(path(fleet, ".git/HEAD")).expect("it is ours"), "cannot be opened");
}

#[test]
fn a_head_of_noise_is_said() {
    check(|fleet| fs::write(path(fleet, ".git/HEAD"), "noise").expect("it is ours"), "HEAD");
}

#[test]
fn a_branch_that_names_no_commit_is_said() {
    let id = format!("{}\n", "1".repeat(40));
    check(|fleet| fs::write(path(fleet, ".git/refs/heads/main"), id).expect("it is ours"), "1111");
}

#[test]
fn an_empty_git_directory_is_said() {
    check(
        |fleet| {
            fs::remove_dir_all(path(fleet, ".git")).expect("it is ours");
            fs::create_dir(path(fleet, ".git")).expect("it is ours");
        },
        "cannot be opened",
    );
}

/// A broken one inside a sound one is not answered by that.
#[test]
fn a_git_file_to_nowhere_is_not_answered_by_the_repository_around_it() {
    for text in ["gitdir: /no/such/directory\n", "", "noise\n"] {
        let fleet = Fleet::new().floating("outer").file("outer/inner/.git", text);
        let audit = fleet.audit(&[]);
        assert_eq!(audit.names(), ["inner", "outer"]);
        assert!(audit.error("inner").contains("cannot be opened"), "{}", audit.error("inner"));
        assert_eq!(audit.row("inner")["commit"], Value::Null);
    }
}

#[test]
fn a_directory_without_a_repository_is_said() {
    let fleet = Fleet::new().floating("sound").file("empty/file", "");
    let audit =
        crate::read(fleet.0.run(&["audit", "sound", "empty", "nowhere", "sound/Cargo.toml", "--format", "json"]));
    assert_eq!(audit.error("empty"), "there is no git repository in it");
    assert!(audit.error("nowhere").starts_with("cannot be opened: "), "{}", audit.error("nowhere"));
    assert_eq!(audit.error("Cargo.toml"), "is not a directory");
    // What is inside a repository is not one.
    fs::create_dir(fleet.0.root().join("sound/below")).expect("it is new");
    let audit = crate::read(fleet.0.run(&["audit", "sound/below", "--format", "json"]));
    assert_eq!(audit.error("below"), "there is no git repository in it");
}

#[test]
fn a_missing_tree_is_said() {
    check(
        |fleet| {
            for object in below(&path(fleet, ".git/objects")) {
                let id = object.parent().and_then(Path::file_name).zip(object.file_name());
                let id = id.map(|(head, rest)| format!("{}{}", head.to_string_lossy(), rest.to_string_lossy()));
                let kind = fleet.0.git_output(&["-C", "broken", "cat-file", "-t", &id.expect("it has a name")]);
                if kind == "tree" {
                    fs::remove_file(object).expect("it is ours");
                }
            }
        },
        "is not all in this clone",
    );
}

#[test]
fn a_corrupt_object_is_said() {
    check(
        |fleet| below(&path(fleet, ".git/objects")).iter().for_each(|object| overwrite(object, b"noise")),
        "which is missing or damaged",
    );
}

#[test]
fn a_corrupt_pack_is_said() {
    for (kind, at) in [("pack", 12), ("pack", 40), ("idx", 0), ("idx", 1032)] {
        check(
            |fleet| {
                fleet.git("broken", &["repack", "-adq"]);
                let packs = below(&path(fleet, ".git/objects/pack"));
                let pack = packs.iter().find(|path| path.extension().is_some_and(|is| is == kind)).expect("a pack");
                let mut bytes = fs::read(pack).expect("it can be read");
                let end = bytes.len() - 20;
                bytes[at.min(end)..end].fill(0xff);
                overwrite(pack, &bytes);
            },
            "",
        );
    }
}

#[test]
fn a_truncated_pack_is_said() {
    check(
        |fleet| {
            fleet.git("broken", &["repack", "-adq"]);
            for pack in below(&path(fleet, ".git/objects/pack")) {
                let bytes = fs::read(&pack).expect("it can be read");
                overwrite(&pack, &bytes[..bytes.len() / 3]);
            }
        },
        "",
    );
}

/// A clone that left out the content of files: what is not there is named, and how to get it.
#[test]
fn a_clone_without_content_is_said() {
    let fleet = Fleet::new().floating("whole");
    fleet.git("whole", &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", fleet.0.root().join("whole").display());
    fleet.git(".", &["clone", "--quiet", "--bare", "--filter=blob:none", &from, "partial.git"]);
    let audit = fleet.audit(&[]);
    assert!(audit.error("partial").contains("git fetch --refetch --no-filter origin"), "{}", audit.error("partial"));
    // As `check` has it, which fails for what it cannot read.
    assert!(audit.findings("partial").iter().any(|found| found.contains("unreadable-file")));
    assert_eq!(audit.row("whole")["error"], Value::Null);
}

/// A shallow clone has all of the commit that is judged.
#[test]
fn a_shallow_clone_is_judged() {
    let fleet = Fleet::new().floating("whole");
    fleet.0.write("whole/more", "");
    fleet.commit("whole");
    let from = format!("file://{}", fleet.0.root().join("whole").display());
    fleet.git(".", &["clone", "--quiet", "--bare", "--depth", "1", &from, "shallow.git"]);
    let audit = fleet.audit(&[]);
    assert_eq!(audit.row("shallow")["findings"], audit.row("whole")["findings"]);
    assert_eq!(audit.row("shallow")["commit"], audit.row("whole")["commit"]);
}

/// A policy that cannot be read is an error, as it is for `check`; the place is named.
#[test]
fn an_unreadable_policy_is_said() {
    for (file, text, expected) in [
        ("pinned.toml", "exclud = []\n", "pinned.toml:1:1: unknown key `exclud`"),
        ("pinned-baseline.toml", "accepted = 3\n", "pinned-baseline.toml:1:1"),
    ] {
        let fleet = Fleet::new().with("broken", &[("Cargo.toml", &floating()), (file, text)]).floating("sound");
        let audit = fleet.audit(&[]);
        assert!(audit.error("broken").contains(expected), "{}", audit.error("broken"));
        assert_eq!(audit.findings("sound").len(), 2);
    }
}

/// Root may list what nobody else may: then there is nothing to refuse, and what the system says is known from another user alone.
#[cfg(unix)]
#[test]
fn what_may_not_be_listed_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let fleet = Fleet::new().floating("sound").floating("broken");
    let git = path(&fleet, "");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o000)).expect("it is ours");
    let is_refused = fs::read_dir(&git).is_err();
    let audit = fleet.audit(&[]);
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!(audit.findings("sound").len(), 2);
    match is_refused {
        true => assert!(audit.error("broken").contains("cannot be searched"), "{}", audit.error("broken")),
        false => assert_eq!(audit.findings("broken").len(), 2),
    }
}

/// A name that is not UTF-8 in a tree: the files that are read are read.
#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_no_obstacle() {
    use std::os::unix::ffi::OsStrExt as _;
    let fleet = Fleet::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fleet.0.write(Path::new("mine").join(name).join("x"), "");
    let fleet = fleet.floating("mine");
    assert_eq!(fleet.audit(&[]).findings("mine").len(), 2);
    // And one of a repository.
    let other = fleet.0.root().join(std::ffi::OsStr::from_bytes(b"repo-\xff"));
    fs::rename(fleet.0.root().join("mine"), other).expect("it can be renamed");
    assert_eq!(fleet.audit(&[]).names(), ["repo-\u{fffd}"]);
}
