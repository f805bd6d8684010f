//! The pre-commit hook, in sessions of real git: put in, composed, run by commits, taken out.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Repo, Run, package};

/// What the hook runs, as the stand-in notes it.
const CHECK: &str = "check --staged --base HEAD";

/// A repository, a home of its own, and a directory for what is on the PATH.
struct Session {
    repo: Repo,
    home: PathBuf,
    bin: PathBuf,
    log: PathBuf,
}

/// How a git command ended.
struct Ended {
    ok: bool,
    output: String,
}

impl Session {
    fn new() -> Self {
        Self::of(Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").git())
    }

    fn of(repo: Repo) -> Self {
        let (home, bin) = (repo.outside().join("home"), repo.outside().join("bin"));
        fs::create_dir(&home).and_then(|()| fs::create_dir(&bin)).expect("they are new");
        let log = repo.outside().join("log");
        Self { repo, home, bin, log }
    }

    /// Puts a stand-in for the tool on the PATH: it notes its arguments, and ends as `ending` says.
    fn stand_in(self, ending: &str) -> Self {
        let script = format!("#!/bin/sh\necho \"$* in $(pwd)\" >>'{}'\n{ending}\n", self.log.display());
        executable(&self.bin.join("cargo-pinned"), &script);
        self
    }

    /// Puts the tool itself on the PATH, behind a script that notes its arguments.
    fn judging(self) -> Self {
        let real = env!("CARGO_BIN_EXE_cargo-pinned");
        self.stand_in(&format!("exec '{real}' \"$@\""))
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let inherited = std::env::var("PATH").expect("there is a PATH");
        let others = inherited.split(':').filter(|directory| !Path::new(directory).join("cargo-pinned").exists());
        let path: Vec<&str> = [self.bin.to_str().expect("text")].into_iter().chain(others).collect();
        let home = self.home.to_str().expect("text").to_owned();
        let config = self.home.join("gitconfig").to_str().expect("text").to_owned();
        vec![
            ("PATH", path.join(":")),
            ("HOME", home),
            ("GIT_CONFIG_GLOBAL", config),
            ("GIT_CONFIG_SYSTEM", "/dev/null".to_owned()),
        ]
    }

    fn git_in(&self, directory: &Path, arguments: &[&str]) -> Ended {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]).args(arguments).current_dir(directory);
        git.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").envs(self.environment());
        let output = git.output().expect("git is installed");
        let text = [output.stdout, output.stderr].concat();
        Ended { ok: output.status.success(), output: String::from_utf8_lossy(&text).into_owned() }
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) {
        let ended = self.git_in(self.repo.root(), arguments);
        assert!(ended.ok, "git {arguments:?}: {}", ended.output);
    }

    fn commit(&self) -> Ended {
        self.git_in(self.repo.root(), &["commit", "--quiet", "--allow-empty", "--message", "test"])
    }

    fn init_in(&self, directory: &Path, option: &str) -> Run {
        let mut command = crate::support::command(directory, &["init", option]);
        for (name, value) in self.environment() {
            command = command.env(name, value);
        }
        Run::new(command)
    }

    #[track_caller]
    fn install(&self) -> String {
        let run = self.init_in(self.repo.root(), "--hook");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout
    }

    #[track_caller]
    fn remove(&self) -> String {
        let run = self.init_in(self.repo.root(), "--remove-hook");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout
    }

    /// The error of an installation that is refused; nothing at all was written.
    #[track_caller]
    fn refused(&self) -> String {
        let error = self.init_in(self.repo.root(), "--hook").error();
        assert!(!self.repo.root().join("pinned.toml").exists(), "nothing is written");
        error
    }

    fn hook(&self) -> PathBuf {
        self.repo.root().join(".git/hooks/pre-commit")
    }

    /// Puts a hook in by hand.
    fn with_hook(self, text: &str) -> Self {
        executable(&self.hook(), text);
        self
    }

    /// What the stand-in was asked, a line a run.
    fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().map(|line| line.split(" in ").next().unwrap_or(line).to_owned()).collect()
    }
}

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
    fs::write(path, text).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755))).expect("written");
}

fn manifest(requirement: &str) -> String {
    package("demo", &format!("[dependencies]\na = \"{requirement}\"\n"))
}

#[test]
fn a_hook_is_made_and_goes_again() {
    let session = Session::new().stand_in("exit 0");
    let said = session.install();
    let hook = session.hook();
    assert!(
        said.contains("pinned.toml: every line") && said.contains("hooks/pre-commit: before each commit"),
        "{said}"
    );
    assert!(session.repo.root().join("pinned.toml").is_file());
    assert_eq!(hook.metadata().expect("it is there").permissions().mode() & 0o111, 0o111);
    assert!(session.commit().ok);
    assert_eq!(session.asked(), [CHECK]);
    let said = session.remove();
    assert!(said.starts_with("removed ") && !hook.exists(), "{said}");
    assert!(session.repo.root().join("pinned.toml").is_file(), "the policy stays");
    assert!(session.remove().contains("there is nothing to take out"));
}

#[test]
fn a_policy_that_is_there_is_left_alone() {
    let session = Session::new().stand_in("exit 0");
    session.repo.write("pinned.toml", "exclude = []\n");
    assert!(session.install().contains("pinned.toml is there already: left as it is"));
    assert_eq!(session.repo.read("pinned.toml"), "exclude = []\n");
    assert!(session.hook().exists());
}

#[test]
fn a_float_that_is_staged_is_not_committed_and_one_on_the_disk_does_not_matter() {
    let session = Session::new().judging();
    session.install();
    session.repo.write("Cargo.toml", manifest("1"));
    assert!(session.commit().ok, "it is not staged");
    let ended = session.git_in(session.repo.root(), &["commit", "--quiet", "--all", "--message", "x"]);
    assert!(!ended.ok && ended.output.contains("unpinned-crate"), "git's temporary index: {}", ended.output);
    let ended = session.git_in(session.repo.root(), &["commit", "--quiet", "--message", "x", "Cargo.toml"]);
    assert!(!ended.ok && ended.output.contains("unpinned-crate"), "a path's temporary index: {}", ended.output);
    session.git(&["add", "Cargo.toml"]);
    session.repo.write("Cargo.toml", manifest("=1.0.1"));
    assert!(!session.commit().ok, "what is staged floats, whatever the disk holds");
    session.git(&["commit", "--quiet", "--all", "--allow-empty", "--message", "exact again"]);
}

#[test]
fn what_the_last_commit_has_already_does_not_stop_the_next_nor_what_a_merge_brings() {
    let session =
        Session::of(Repo::demo("a = \"1\"", "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b").git());
    let session = session.judging();
    session.install();
    let both = package("demo", "[dependencies]\na = \"1\"\nb = \"1\"\n");
    session.repo.write("Cargo.toml", format!("{}# a comment\n", manifest("1")));
    session.git(&["commit", "--quiet", "--all", "--message", "an old float"]);
    session.git(&["checkout", "--quiet", "-b", "other"]);
    session.repo.write("Cargo.toml", &both);
    let ended = session.git_in(session.repo.root(), &["commit", "--quiet", "--all", "--message", "x"]);
    assert!(!ended.ok && ended.output.contains("b = \"1\"") && !ended.output.contains("a = \"1\""), "{}", ended.output);
    session.git(&["commit", "--quiet", "--all", "--no-verify", "--message", "a float that got in"]);
    session.git(&["checkout", "--quiet", "-"]);
    session.git(&["merge", "--quiet", "--no-ff", "--no-commit", "other"]);
    assert!(session.commit().ok, "the other side has it");
}

#[test]
fn a_commit_from_below_and_from_elsewhere_is_judged_at_the_top() {
    let session = Session::new().judging();
    session.install();
    session.repo.write("sub/keep", "");
    session.repo.write("Cargo.toml", manifest("1"));
    for (directory, arguments) in [
        (session.repo.root().join("sub"), &["commit", "-am", "x"][..]),
        (session.repo.outside().to_owned(), &["-C", "repo", "commit", "-am", "x"]),
    ] {
        let ended = session.git_in(&directory, arguments);
        assert!(!ended.ok && ended.output.contains("unpinned-crate"), "{}", ended.output);
    }
    let log = fs::read_to_string(&session.log).expect("it ran");
    let top = session.repo.root().display().to_string();
    assert!(log.lines().count() == 2 && log.lines().all(|line| line.ends_with(&format!(" in {top}"))), "{log}");
}

#[test]
fn linked_worktrees_share_the_hook() {
    let session = Session::new().judging();
    session.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = session.repo.outside().join("linked");
    let run = session.init_in(&linked, "--hook");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let hook = session.hook().canonicalize().expect("it is there");
    assert!(run.stdout.contains(&format!("wrote {}: ", hook.display())), "{}", run.stdout);
    fs::write(linked.join("Cargo.toml"), manifest("1")).expect("it can be written");
    let ended = session.git_in(&linked, &["commit", "-qam", "x"]);
    assert!(!ended.ok && ended.output.contains("unpinned-crate"), "{}", ended.output);
    assert!(session.commit().ok, "the main work tree has nothing staged");
    assert_eq!(session.asked().len(), 2);
    assert_eq!(session.init_in(&linked, "--remove-hook").code, 0);
    assert!(!session.hook().exists());
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let session = Session::new().stand_in("exit 0");
    let inner = Repo::new().file("Cargo.toml", package("s", "")).git();
    let from = inner.root().to_str().expect("text");
    session.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "sub"]);
    let run = session.init_in(&session.repo.root().join("sub"), "--hook");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(session.repo.root().join(".git/modules/sub/hooks/pre-commit").is_file() && !session.hook().exists());
}

#[test]
fn a_hook_that_is_there_runs_behind_the_check_and_still_counts() {
    let text = "#!/bin/bash\n# mine\n\necho it ran >>../log\n[ ! -e refuse ] || exit 3\nexec true\n";
    let session = Session::new().with_hook(text).stand_in("[ ! -e float ] || exit 1");
    assert!(session.install().contains("added to "));
    assert!(session.commit().ok);
    assert_eq!(session.asked(), [CHECK, "it ran"]);
    session.repo.write("refuse", "");
    assert!(!session.commit().ok, "the hook's own verdict");
    session.repo.write("float", "");
    assert!(!session.commit().ok, "the check's verdict");
    assert_eq!(session.asked().len(), 5, "the hook does not run behind a check that fails");
    session.remove();
    assert_eq!(fs::read_to_string(session.hook()).expect("it is there"), text);
}

#[test]
fn a_hook_that_hands_over_to_another_program_is_checked_before() {
    let session = Session::new().with_hook("#!/bin/sh\nexec true\n").stand_in("exit 1");
    session.install();
    assert!(!session.commit().ok);
}

#[test]
fn a_second_time_changes_nothing_and_an_older_block_is_renewed() {
    let session = Session::new().with_hook("#!/bin/sh\ntrue\n").stand_in("exit 0");
    session.install();
    let hook = fs::read(session.hook()).expect("it is there");
    let modified = |path: &Path| path.metadata().and_then(|file| file.modified()).expect("it is there");
    let before = modified(&session.hook());
    assert!(session.install().contains("runs the check already: left as it is"));
    assert_eq!((fs::read(session.hook()).expect("it is there"), modified(&session.hook())), (hook.clone(), before));
    let older = "#!/bin/sh\n# >>> cargo-pinned >>>\nolder\n# <<< cargo-pinned <<<\ntrue\n";
    let session = session.with_hook(older);
    assert!(session.install().contains("renewed the check in "));
    assert_eq!(fs::read(session.hook()).expect("it is there"), hook);
}

#[test]
fn the_mode_is_kept_and_nothing_is_left_beside_it() {
    let session = Session::new().with_hook("#!/bin/sh\ntrue\n").stand_in("exit 0");
    fs::set_permissions(session.hook(), fs::Permissions::from_mode(0o777)).expect("the mode can be set");
    session.install();
    assert_eq!(session.hook().metadata().expect("it is there").permissions().mode() & 0o777, 0o777);
    let names = fs::read_dir(session.repo.root().join(".git/hooks")).expect("the hooks").filter_map(Result::ok);
    let names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().all(|name| name == "pre-commit" || name.ends_with(".sample")), "{names:?}");
}

#[test]
fn what_is_no_shell_script_or_no_file_is_left_alone() {
    let python = "#!/usr/bin/env python3\nprint(1)\n";
    let session = Session::new().with_hook(python);
    let error = session.refused();
    assert!(error.contains("not a shell script") && error.contains(&format!("cargo-pinned {CHECK}")), "{error}");
    assert_eq!(fs::read_to_string(session.hook()).expect("it is there"), python);
    for text in ["\x7fELF\0\0", "#!/bin/sh\r\ntrue\r\n", "#!/bin/sh\nexec tclsh \"$0\"\n"] {
        let session = Session::new().with_hook(text);
        session.refused();
        assert_eq!(fs::read_to_string(session.hook()).expect("it is there"), text);
    }
    let session = Session::new();
    executable(&session.repo.root().join("hook"), "#!/bin/sh\n");
    fs::create_dir_all(session.repo.root().join(".git/hooks")).expect("it can be made");
    std::os::unix::fs::symlink("../../hook", session.hook()).expect("links can be made");
    assert!(session.refused().contains("symbolic link"));
    assert_eq!(session.repo.read("hook"), "#!/bin/sh\n");
    assert!(session.remove().contains("nothing to take out"));
}

#[test]
fn a_hook_that_git_does_not_run_is_not_taken_for_a_gate() {
    let session = Session::new().with_hook("#!/bin/sh\nfalse\n");
    fs::set_permissions(session.hook(), fs::Permissions::from_mode(0o644)).expect("the mode can be set");
    assert!(session.refused().contains("not executable"));
}

#[test]
fn hooks_that_a_setting_puts_in_the_work_tree_are_found_there() {
    let session = Session::new().stand_in("exit 1");
    session.git(&["config", "core.hooksPath", "ci/hooks"]);
    session.repo.write("sub/keep", "");
    let run = session.init_in(&session.repo.root().join("sub"), "--hook");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let text = session.repo.read("ci/hooks/pre-commit");
    assert!(!session.hook().exists() && run.stdout.contains("it is a file of the work tree"), "{}", run.stdout);
    assert!(!text.contains(env!("CARGO_BIN_EXE_cargo-pinned")), "what all share names no place on one machine: {text}");
    assert!(!session.commit().ok);
    session.remove();
    assert!(!session.repo.root().join("ci/hooks/pre-commit").exists());
}

#[test]
fn husky_keeps_its_own_files_and_runs_the_one_above() {
    let session = Session::new().stand_in("exit 1");
    let runner = "#!/usr/bin/env sh\nexec sh -e \"$(dirname \"$0\")/../pre-commit\"\n";
    executable(&session.repo.root().join(".husky/_/pre-commit"), runner);
    session.repo.write(".husky/pre-commit", "true\n");
    session.git(&["config", "core.hooksPath", ".husky/_"]);
    session.install();
    assert_eq!(session.repo.read(".husky/_/pre-commit"), runner);
    assert!(session.repo.read(".husky/pre-commit").ends_with("# <<< cargo-pinned <<<\ntrue\n"));
    assert!(!session.commit().ok);
    session.remove();
    assert_eq!(session.repo.read(".husky/pre-commit"), "true\n");
}

#[test]
fn hooks_that_other_repositories_run_too_are_left_alone() {
    let shared = |session: &Session, arguments: &[&str], expected: &str| {
        session.git(&[&["config"], arguments].concat());
        let error = session.refused();
        assert!(error.contains(expected) && error.contains(&format!("cargo-pinned {CHECK} || exit $?")), "{error}");
        assert!(!session.hook().exists() && !session.home.join("hooks").exists());
    };
    shared(&Session::new(), &["--global", "core.hooksPath", "~/hooks"], "set for all repositories");
    shared(&Session::new(), &["--global", "core.hooksPath", ".githooks"], "set for all repositories");
    shared(&Session::new(), &["core.hooksPath", "~/hooks"], "outside of the repository");
    shared(&Session::new(), &["core.hooksPath", "../home/hooks"], "outside of the repository");
    shared(&Session::new(), &["core.hooksPath", "gone/../../home/hooks"], "outside of the repository");
    let session = Session::new();
    std::os::unix::fs::symlink(&session.home, session.repo.root().join("link")).expect("links can be made");
    shared(&session, &["core.hooksPath", "link/hooks"], "outside of the repository");
    let session = Session::new();
    std::os::unix::fs::symlink(session.home.join("gone"), session.repo.root().join("link")).expect("links can be made");
    shared(&session, &["core.hooksPath", "link/hooks"], "outside of the repository");
    shared(&session, &["core.hooksPath", "link"], "outside of the repository");
    // The repository's own setting has the last word.
    let session = Session::new();
    session.git(&["config", "--global", "core.hooksPath", "~/hooks"]);
    session.git(&["config", "core.hooksPath", ".githooks"]);
    session.install();
    assert!(session.repo.root().join(".githooks/pre-commit").is_file());
}

/// Nor is anything of theirs taken out.
#[test]
fn hooks_of_another_repository_that_a_link_leads_to_stay() {
    let (one, other) = (Session::new(), Session::new());
    other.install();
    let hooks = one.repo.root().join(".git/hooks");
    let _ = fs::remove_dir_all(&hooks);
    std::os::unix::fs::symlink(other.repo.root().join(".git/hooks"), &hooks).expect("links can be made");
    let before = fs::read(other.hook()).expect("it is there");
    assert!(one.refused().contains("outside of the repository"));
    for setting in ["", "ci/hooks"] {
        if !setting.is_empty() {
            one.git(&["config", "core.hooksPath", setting]);
        }
        assert!(one.remove().contains("nothing to take out"));
        assert_eq!(fs::read(other.hook()).ok().as_ref(), Some(&before), "{setting}");
    }
}

#[test]
fn where_the_hook_cannot_be_written_no_policy_is() {
    let session = Session::new();
    session.repo.write("ci/hooks/keep", "");
    session.git(&["config", "core.hooksPath", "ci/hooks"]);
    let directory = session.repo.root().join("ci/hooks");
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o555)).expect("the mode can be set");
    if fs::write(directory.join("probe"), "").is_ok() {
        // Root may write everywhere.
        return;
    }
    assert!(session.refused().contains("ci/hooks/pre-commit"));
}

#[test]
fn paths_are_data() {
    let session = Session::new().stand_in("exit 0");
    session.git(&["config", "core.hooksPath", "a\u{1b}[31m/hooks"]);
    let said = [session.install(), session.remove()].concat();
    assert!(said.matches("/a\\u{1b}[31m/hooks/pre-commit").count() == 2 && !said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_bare_repository_and_no_repository_have_no_such_hook() {
    let session = Session::new();
    session.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let bare = session.repo.outside().join("bare.git");
    assert!(session.init_in(&bare, "--hook").error().contains("is bare"));
    let bare = bare.to_str().expect("text");
    assert!(session.repo.run(&["init", "--root", bare]).error().contains("none was written"));
    let error = session.init_in(session.repo.outside(), "--hook").error();
    assert!(error.contains("there is no git repository"), "{error}");
    assert_eq!(session.repo.run(&["init", "--hook", "--remove-hook"]).code, 2);
}

/// A desktop's git client has a short PATH: the hook still finds the tool where it was, and where it is gone, says so.
#[test]
fn without_the_tool_on_the_path_the_one_that_made_the_hook_runs_and_without_any_the_commit_fails() {
    let session = Session::new();
    let place = session.repo.outside().join("it's $HERE");
    let tool = place.join("cargo-pinned");
    fs::create_dir(&place).expect("it is new");
    fs::copy(env!("CARGO_BIN_EXE_cargo-pinned"), &tool).expect("it can be copied");
    let mut install = Command::new(&tool);
    let installed = install.args(["init", "--hook"]).current_dir(session.repo.root()).envs(session.environment());
    // Another test may be starting a process just now, which for a moment has the copy open for writing too.
    let installed = std::iter::repeat_with(|| installed.output())
        .find(|run| !matches!(run, Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy));
    assert!(installed.is_some_and(|run| run.expect("it runs").status.success()));
    fs::remove_file(&tool).expect("it can be removed");
    let ended = session.commit();
    assert!(!ended.ok, "a gate that passes in silence is none");
    for expected in ["cargo-pinned is not installed here", "Install it", "git commit --no-verify", "delete the block"] {
        assert!(ended.output.contains(expected), "{}", ended.output);
    }
    executable(&tool, &format!("#!/bin/sh\necho \"recorded $*\" >>'{}'\n", session.log.display()));
    assert!(session.commit().ok);
    let session = session.stand_in("exit 0");
    assert!(session.commit().ok);
    assert_eq!(session.asked(), [format!("recorded {CHECK}"), CHECK.to_owned()], "the one on the PATH comes first");
}
