//! Back to what history had.

use crate::registry::{Project, moved};
use crate::support::package;

const HELLO: &str = "pub fn hello() {}\n";

/// A project that builds with `greet` 1.0.1, and after a bump to 1.0.2 no more. The bump took a newer `low` along, and something else
/// happened since.
fn broken() -> Project {
    let project = Project::new();
    project.release("greet", "1.0.1", &[("low", "1")], "", HELLO, false);
    project.release("greet", "1.0.2", &[("low", "1.0.2")], "", "pub fn goodbye() {}\n", false);
    let project = project
        .file("Cargo.toml", &package("demo", "[dependencies]\ngreet = \"=1.0.1\"\npair = \"=1.0.1\"\n"))
        .file("src/lib.rs", "pub fn run() { greet::hello() }\n")
        .locked();
    assert_eq!(project.held("low"), ["1.0.1"]);
    project.repo.run_git(&["tag", "v1"]);
    project.done(&["set", "greet@1.0.2"]);
    project.commit("Bump greet to 1.0.2");
    project.repo.write("README.md", "more\n");
    project.commit("Write more");
    project
}

#[test]
fn from_red_to_green_in_one_command() {
    let project = broken();
    assert_eq!((project.held("greet"), project.held("low")), (vec!["1.0.2".to_owned()], vec!["1.1.0".to_owned()]));
    let error = project.try_cargo(&["check", "--locked", "--offline"]).expect_err("it does not build");
    assert!(error.contains("hello"), "{error}");
    let dry = project.run(&["rollback", "greet", "--dry-run"]);
    assert_eq!((dry.code, project.repo.git_output(&["status", "--porcelain"])), (0, String::new()), "{}", dry.stderr);
    assert!(dry.stdout.contains("-greet = \"=1.0.2\"\n+greet = \"=1.0.1\"\n"), "{}", dry.stdout);
    let run = project.done(&["rollback", "greet"]);
    project.cargo(&["check", "--locked", "--offline"]);
    let commit = project.repo.git_output(&["rev-parse", "HEAD~1"]);
    let story = format!("had 1.0.1 before commit {} of ", &commit[..10]);
    assert!(run.stderr.contains(&story), "{story}: {}", run.stderr);
    assert!(run.stderr.contains(" made it 1.0.2: Bump greet to 1.0.2\n"), "{}", run.stderr);
    assert_eq!(moved(&run), ["downgraded greet 1.0.2 → 1.0.1", "downgraded low 1.1.0 → 1.0.1"]);
    assert_eq!(project.repo.git_output(&["diff", "v1", "--", "Cargo.toml", "Cargo.lock"]), "", "all is as it was");
}

#[test]
fn what_is_not_committed_is_the_last_change() {
    let project = broken();
    project.repo.run_git(&["revert", "--no-edit", "HEAD~1"]);
    project.done(&["set", "greet@1.0.2"]);
    let run = project.done(&["rollback", "greet"]);
    assert!(run.stderr.contains("which is not committed; HEAD has 1.0.1"), "{}", run.stderr);
    assert_eq!(project.repo.git_output(&["diff", "HEAD"]), "");
    // The last change went back already: forth again is no rollback.
    let said = project.refused(&["rollback", "greet"]);
    assert!(said.contains("already moved `greet` back, from 1.0.2 to 1.0.1"), "{said}");
}

#[test]
fn a_release_tag_and_a_version_say_where_to() {
    let project = broken();
    let run = project.done(&["rollback", "greet", "--rev", "v1"]);
    assert!(run.stderr.contains("Cargo.lock had 1.0.1 in `v1`"), "{}", run.stderr);
    assert_eq!(project.held("greet"), ["1.0.1"]);
    project.repo.run_git(&["checkout", "--quiet", "."]);
    project.done(&["rollback", "greet", "--to", "1.0.1"]);
    assert_eq!(project.held("greet"), ["1.0.1"]);
}

/// A merge that has what one side has changed nothing: the commit on the side did.
#[test]
fn history_is_followed_through_merges_to_the_commit_that_made_the_change() {
    let project = Project::new().demo("[dependencies]\nlow = \"=1.0.1\"\nuser = \"=1.0.0\"\n");
    project.repo.run_git(&["branch", "-M", "main"]);
    project.repo.run_git(&["checkout", "--quiet", "-b", "bump"]);
    project.done(&["set", "low@1.0.2"]);
    project.commit("Bump low on a branch");
    project.repo.run_git(&["checkout", "--quiet", "main"]);
    project.repo.write("README.md", "more\n");
    project.commit("Meanwhile");
    project.repo.run_git(&["merge", "--quiet", "--no-ff", "--message", "Merge the bump", "bump"]);
    let run = project.done(&["rollback", "low"]);
    assert!(run.stderr.contains(": Bump low on a branch\n"), "{}", run.stderr);
    assert_eq!(project.held("low"), ["1.0.1"]);
}

/// What only another package needs goes back in the lockfile alone.
#[test]
fn what_no_manifest_declares_goes_back_too() {
    let project = Project::new().demo("[dependencies]\nuser = \"=1.0.0\"\n");
    project.cargo(&["update", "low", "--precise", "1.1.0", "--offline"]);
    project.commit("cargo update");
    let run = project.done(&["rollback", "low"]);
    assert_eq!(moved(&run), ["downgraded low 1.1.0 → 1.0.1"]);
    assert!(run.stdout.starts_with("changed 1 file: Cargo.lock\n"), "{}", run.stdout);
}

/// The lockfile was elsewhere when it changed.
#[test]
fn a_lockfile_that_moved_is_followed_to_where_it_was() {
    let project = Project::new().demo("[dependencies]\nlow = \"=1.0.1\"\n");
    project.done(&["set", "low@1.0.2"]);
    project.commit("Bump low");
    std::fs::create_dir(project.repo.root().join("app")).expect("it can be made");
    project.repo.run_git(&["mv", "Cargo.toml", "Cargo.lock", "src", "app"]);
    project.commit("Make room");
    let run = project.run(&["rollback", "low"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("Cargo.lock had 1.0.1 before commit "), "{}", run.stderr);
    assert!(run.stderr.contains(": Bump low\n"), "{}", run.stderr);
    assert!(project.repo.read("app/Cargo.toml").contains("low = \"=1.0.1\""));
}
