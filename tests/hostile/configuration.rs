//! A directory `.git` that came with the rest, as in an archive: what it says of files elsewhere, and what stands in it.

use std::fs;
use std::process::Command;

use crate::support::{Repo, Run, package};

const FLOATING: &str = "[workspace]\n[dependencies]\na = \"1\"\n";

fn floating() -> Repo {
    Repo::new().file("Cargo.toml", package("demo", "[dependencies]\na = \"1\"\n")).git()
}

const FOUND: [&str; 2] = ["Cargo.toml:1:1 lock-missing demo", "Cargo.toml:7:6 unpinned-crate a"];

/// What is found in another manifest, that git does not track.
const MORE: [&str; 2] = ["new/Cargo.toml:1:1 lock-missing new", "new/Cargo.toml:8:6 unpinned-crate a"];

fn configure(repo: &Repo, lines: &str) {
    let path = repo.root().join(".git/config");
    let text = fs::read_to_string(&path).expect("git wrote it");
    fs::write(path, text + lines).expect("it is ours");
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_gits_is_never_opened() {
    let pack = "objects/pack/pack-1234567890123456789012345678901234567890.idx";
    let names = ["HEAD", "commondir", "config", "config.worktree", "packed-refs", "index", "shallow", "info/exclude"];
    for name in [&names[..], &["objects/info/alternates", "refs/heads/main", "refs/tags/deep/v1", pack]].concat() {
        let repo = floating();
        let path = repo.root().join(".git").join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo is installed").success());
        repo.write("new/Cargo.toml", package("new", FLOATING));
        let run = repo.run(&["check", "--format", "json"]);
        assert_eq!((run.code, run.stdout.matches("unpinned-crate").count()), (1, 2), "{name}: {}", run.stderr);
        assert!(run.stderr.contains("is a pipe or a device, where git keeps a file: not opened"), "{}", run.stderr);
        for arguments in [&["check", "--rev", "HEAD"][..], &["check", "--staged"], &["diff", "HEAD"]] {
            assert!(repo.run(arguments).error().contains("a pipe or a device"), "{name}: {arguments:?}");
        }
        for arguments in [&["audit", "."][..], &["exposed", "a@1.0.0", "."]] {
            assert!(repo.run(arguments).stdout.contains("a pipe or a device"), "{name}: {arguments:?}");
        }
    }
}

#[test]
fn what_a_repositorys_configuration_includes_is_not_read() {
    let repo = floating();
    // Nothing that git could read, and rules that would hide what is found.
    fs::write(repo.outside().join("noise"), "no configuration [[[").expect("it is ours");
    fs::write(repo.outside().join("rules"), "new\n").expect("it is ours");
    fs::write(repo.outside().join("ignoring"), "[core]\n\texcludesFile = ../rules\n").expect("it is ours");
    let include = "[include]\n\tpath = ../../noise\n\tpath = ../../ignoring\n[includeIf \"onbranch:main\"]\n\tpath = ../../noise\n";
    configure(&repo, include);
    repo.write("new/Cargo.toml", package("new", FLOATING));
    assert_eq!(repo.findings(), [FOUND, MORE].concat());
    assert_eq!(repo.run(&["check", "--rev", "HEAD"]).code, 1);
}

#[test]
fn ignore_rules_count_where_they_are_in_the_repository() {
    let repo = floating();
    fs::write(repo.outside().join("rules"), "new\n").expect("it is ours");
    repo.write("new/Cargo.toml", package("new", FLOATING));
    let outside = repo.outside().join("rules").display().to_string();
    for (file, counts) in [("../rules", false), (&outside, false), ("/dev/stdin", false), (".rules", true)] {
        repo.write(".rules", "new\n");
        configure(&repo, &format!("[core]\n\texcludesFile = {file}\n"));
        let expected = if counts { FOUND.to_vec() } else { [FOUND, MORE].concat() };
        assert_eq!(repo.findings(), expected, "{file}");
    }
}

/// The user's configuration is no repository's: it counts with all that it includes, as git has it.
#[test]
fn what_the_users_configuration_includes_counts() {
    let repo = floating();
    let home = repo.outside().join("home");
    fs::create_dir(&home).expect("it is new");
    let included = "[include]\n\tpath = more\n[includeIf \"onbranch:other\"]\n\tpath = noise\n";
    for (name, text) in [(".gitconfig", included), ("more", "[core]\n\texcludesFile = ~/rules\n"), ("rules", "new\n")] {
        fs::write(home.join(name), text).expect("it is ours");
    }
    repo.write("new/Cargo.toml", package("new", FLOATING));
    configure(&repo, "[include]\n\tpath = ../../noise\n");
    let at_home = || {
        let command = repo.command(&["check", "--format", "json"]).env("HOME", &home);
        Run::new(command.env_remove("XDG_CONFIG_HOME").env("GIT_CONFIG_NOSYSTEM", "1")).report().findings()
    };
    assert_eq!(at_home(), FOUND);
    fs::write(home.join("rules"), "other\n").expect("it is ours");
    assert_eq!(at_home(), [FOUND, MORE].concat());
}

#[test]
fn a_working_tree_that_is_said_to_be_elsewhere_is_not_read() {
    for place in ["../..", "../../elsewhere", "/", "/etc", "../new"] {
        let repo = floating();
        fs::create_dir(repo.outside().join("elsewhere")).expect("it is new");
        for outside in ["elsewhere/Cargo.toml", "Cargo.toml"] {
            fs::write(repo.outside().join(outside), package("elsewhere", FLOATING)).expect("it is ours");
        }
        repo.write("new/Cargo.toml", package("new", FLOATING));
        configure(&repo, &format!("[core]\n\tworktree = {place}\n"));
        let run = repo.run(&["check", "--format", "json"]);
        assert!(run.stderr.contains("`core.worktree` puts the working tree at"), "{place}: {}", run.stderr);
        assert!(run.code == 1 && !run.stdout.contains("elsewhere/Cargo.toml"), "{place}: {}", run.stdout);
        assert!(run.stdout.contains("\"path\": \"Cargo.toml\""), "{place}: {}", run.stdout);
        assert_eq!(repo.run(&["check", "--staged"]).code, 2, "{place}");
        // What is committed has no working tree.
        assert_eq!(repo.run(&["audit", "."]).code, 1, "{place}");
    }
    let repo = floating();
    configure(&repo, "[core]\n\tworktree = ../\n");
    assert_eq!(repo.findings(), FOUND, "it is where it is looked for");
}
