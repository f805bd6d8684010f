//! What a reader has in front of them: repositories made from `fixtures/book`, with their history, and a shell in them.
//!
//! A fixture is a repository whose directories are its commits: `1-Start` is copied and committed, `2-Take-serde@v1.1.0` is
//! copied over it, committed and tagged; what begins with `topic-` is committed on a branch of that name. Its `main` is also
//! at a remote beside it, `origin`. A fixture whose directories have no numbers is a directory of such repositories.
//!
//! Dates and names are fixed, so commit ids are the same everywhere. crates.io is a directory that the user's own
//! configuration names (see [`registry`]), and GitHub one that git's does: no command asks a network, and both are the real ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::{registry, root};

/// What is killed as a hang.
const LIMIT: Duration = Duration::from_secs(120);

/// What a page shows in place of the temporary directory.
const HOME: &str = "/home/you";

/// Repositories in a directory of their own, and everything that commands there may touch.
pub(crate) struct Story {
    #[expect(dead_code, reason = "the directory is there as long as this is")]
    temporary: TempDir,
    /// Where the commands run.
    directory: PathBuf,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    /// Standard output and standard error, as a terminal shows them.
    pub(crate) output: String,
}

impl Story {
    pub(crate) fn new(fixture: &str) -> Self {
        let outside = TempDir::with_prefix("cargo-pinned-book-").expect("a temporary directory");
        // One repository of several is at home by its own name.
        let name = fixture.rsplit('/').next().unwrap_or(fixture);
        let directory = outside.path().canonicalize().expect("it exists").join(name);
        let story = Self { temporary: outside, directory };
        story.settle();
        let from = root().join("fixtures/book").join(fixture);
        fs::create_dir_all(&story.directory).expect("it can be made");
        let steps = names(&from);
        if steps.iter().all(|name| name.starts_with(|first: char| first.is_ascii_digit())) {
            story.history(&from, &story.directory);
        } else {
            for name in steps {
                story.history(&from.join(&name), &story.directory.join(&name));
            }
        }
        story
    }

    /// The directory around everything, as paths have it.
    pub(crate) fn outside(&self) -> &Path {
        self.directory.parent().expect("it is in one")
    }

    /// Makes the user's directories: cargo's packages, its configuration and git's, and the programs.
    fn settle(&self) {
        let outside = self.outside();
        registry::write(&outside.join("crates"), &outside.join("cargo"));
        let forge = outside.join("github").display().to_string();
        let git = format!(
            "[init]\ndefaultBranch = main\n[user]\nname = Reader\nemail = reader@example.com\n\
             [url \"file://{forge}/\"]\ninsteadOf = https://github.com/\n"
        );
        write(&outside.join("gitconfig"), &git);
        for name in ["bin", "home"] {
            fs::create_dir(outside.join(name)).expect("it is new");
        }
        let program = Path::new(env!("CARGO_BIN_EXE_cargo-pinned"));
        std::os::unix::fs::symlink(program, outside.join("bin/cargo-pinned")).expect("links can be made");
        // One action, for `fix --online`.
        let action = outside.join("github/actions/checkout");
        fs::create_dir_all(&action).expect("it can be made");
        let script = "git init -q; git commit -q --allow-empty -m Release; git tag v4; git tag v4.3.1";
        assert_eq!(self.bash(&action, script, "2025-10-01T12:00:00Z").code, 0);
    }

    fn history(&self, from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("it can be made");
        let git = |script: &str, day: usize| {
            let ended = self.bash(to, &format!("set -e\n{script}"), &format!("2025-10-{day:02}T12:00:00Z"));
            assert_eq!(ended.code, 0, "{}: {script}: {}", from.display(), ended.output);
        };
        git("git init --quiet", 1);
        for (at, name) in names(from).iter().enumerate() {
            let (_, words) = name.split_once('-').expect("a number and words");
            let (words, tag) = words.split_once('@').unwrap_or((words, ""));
            let on_topic = words.strip_prefix("topic-");
            copy(&from.join(name), to);
            let branch = if on_topic.is_some() { "git checkout --quiet -B topic; " } else { "" };
            let tag = if tag.is_empty() { String::new() } else { format!("; git tag {tag}") };
            let words = on_topic.unwrap_or(words).replace('-', " ");
            git(&format!("{branch}git add --all; git commit --quiet --allow-empty --message '{words}'{tag}"), at + 1);
        }
        let name = to.file_name().expect("it has a name").to_string_lossy();
        let remote = format!("{}/remotes/{name}.git", self.outside().display());
        git(
            &format!("git clone --quiet --bare . {remote}; git remote add origin {remote}; git fetch --quiet origin"),
            28,
        );
    }

    /// Runs a script where the reader is.
    pub(crate) fn run(&self, script: &str) -> Ended {
        self.bash(&self.directory, script, "2025-10-29T12:00:00Z")
    }

    fn bash(&self, directory: &Path, script: &str, date: &str) -> Ended {
        let outside = self.outside();
        let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
        let toolchain = Path::new(&cargo).parent().expect("it is in a directory").to_owned();
        let programs = std::env::var_os("PATH").expect("there is a PATH");
        let path = [outside.join("bin"), toolchain].into_iter().chain(std::env::split_paths(&programs));
        let command = snapbox::cmd::Command::new("bash").args(["--noprofile", "--norc", "-c", script]).env_clear();
        let command = command.env("PATH", std::env::join_paths(path).expect("no path has a colon"));
        let command = command.env("HOME", outside.join("home")).env("CARGO_HOME", outside.join("cargo"));
        let command = command.env("CARGO_TARGET_DIR", outside.join("target")).env("LC_ALL", "C");
        let command = command.env("GIT_CONFIG_GLOBAL", outside.join("gitconfig")).env("GIT_CONFIG_SYSTEM", "/dev/null");
        let command = command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date);
        let ended =
            command.current_dir(directory).timeout(LIMIT).stderr_to_stdout().output().expect("bash is installed");
        let output = String::from_utf8(ended.stdout).expect("output is UTF-8");
        let output = output.replace(&*outside.to_string_lossy(), HOME);
        Ended { code: ended.status.code().unwrap_or_else(|| panic!("killed after {LIMIT:?}: {script}")), output }
    }

    /// Writes a file where the reader is.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.directory.join(path), text);
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it is in a directory")).expect("its directory can be made");
    fs::write(path, text).expect("it can be written");
}

/// What is in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::create_dir_all(to.parent().expect("it is in a directory")).expect("its directory can be made");
            fs::copy(&from, &to).expect("it can be copied");
        }
    }
}
