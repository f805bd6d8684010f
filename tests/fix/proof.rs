//! The proof by cargo, on projects that it builds itself.

use std::process::Command;

use crate::support::{Repo, package};

/// A git repository beside the project, with one package `left`.
pub(crate) fn with_left() -> (Repo, String) {
    let left = Repo::new().file("Cargo.toml", package("left", "[features]\nextra = []\n")).file("src/lib.rs", "").git();
    left.run_git(&["branch", "-M", "main"]);
    let url = format!("file://{}", left.root().display());
    (left, url)
}

fn cargo(repo: &Repo, arguments: &[&str]) -> bool {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(repo.root()).env("CARGO_HOME", repo.outside().join("cargo-home"));
    command.output().expect("cargo starts").status.success()
}

/// A project that depends on a local repository by its branch, locked by cargo itself.
pub(crate) fn project(url: &str, more: &str) -> Repo {
    let manifest = format!("[dependencies]\nleft = {{ git = \"{url}\", branch = \"main\" }}\n{more}");
    let repo = Repo::new().file("Cargo.toml", package("demo", &manifest)).file("src/lib.rs", "").git();
    assert!(cargo(&repo, &["generate-lockfile"]), "cargo makes a lockfile");
    repo.commit();
    repo
}

pub(crate) fn fix(repo: &Repo, arguments: &[&str]) -> crate::support::Run {
    let command = repo.command(&[&["fix"], arguments].concat());
    let command = command.env("CARGO_HOME", repo.outside().join("cargo-home"));
    crate::support::Run::new(command.env("CARGO", std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())))
}

#[test]
fn cargo_accepts_what_was_pinned() {
    let (_left, url) = with_left();
    let repo = project(&url, "");
    let run = fix(&repo, &[]);
    let proved =
        "note: proved by cargo: it takes the lockfile as it is; all 2 packages and their features stay the same\n";
    assert_eq!((run.code, run.stderr.as_str()), (0, proved), "{}", run.stdout);
    assert!(repo.read("Cargo.toml").contains(" # main\n"));
    assert!(cargo(&repo, &["update", "--workspace", "--locked", "--offline"]));
    assert!(cargo(&repo, &["check", "--locked", "--offline"]), "it builds as it is");
}

/// Ours by a branch, and a dependency's by the same branch: pinned, there would be two copies.
#[test]
fn the_split_of_a_repository_is_seen_and_left_alone() {
    let (_left, url) = with_left();
    let right = package("right", &format!("[dependencies]\nleft = {{ git = \"{url}\", branch = \"main\" }}\n"));
    let right = Repo::new().file("Cargo.toml", right).file("src/lib.rs", "").git();
    right.run_git(&["branch", "-M", "main"]);
    let second = format!("right = {{ git = \"file://{}\", branch = \"main\" }}\n", right.root().display());
    let repo = project(&url, &second);
    let run = fix(&repo, &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let manifest = repo.read("Cargo.toml");
    assert_eq!((manifest.matches("branch = ").count(), manifest.matches("rev = ").count()), (1, 1), "{manifest}");
    assert!(cargo(&repo, &["check", "--locked", "--offline"]));
    assert_eq!(repo.read("Cargo.lock").matches("name = \"left\"").count(), 1);
}

/// A toolchain that gives another answer once the files are changed: everything is put back, and the difference shown.
#[test]
#[cfg(unix)]
fn what_is_not_proved_is_taken_back() {
    let (_left, url) = with_left();
    let repo = project(&url, "");
    let real = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let liar = repo.outside().join("liar");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = metadata ] && grep -q 'rev = ' Cargo.toml; then\n  '{real}' \"$@\" | sed 's/\"features\":\\[\\]/\"features\":[\"extra\"]/g'\nelse\n  exec '{real}' \"$@\"\nfi\n"
    );
    std::fs::write(&liar, script).expect("it can be written");
    std::fs::set_permissions(&liar, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let command = repo.command(&["fix"]).env("CARGO_HOME", repo.outside().join("cargo-home")).env("CARGO", &liar);
    let run = crate::support::Run::new(command);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("everything was restored") && run.stderr.contains("extra"), "{}", run.stderr);
    assert_eq!(repo.git_output(&["status", "--porcelain"]), "");
}

/// What cargo cannot tell before anything is changed, it cannot prove afterwards.
#[test]
fn without_what_cargo_needs_nothing_is_changed() {
    let (_left, url) = with_left();
    let repo = project(&url, "");
    let command = repo.command(&["fix"]).env("CARGO_HOME", repo.outside().join("another-home"));
    let run =
        crate::support::Run::new(command.env("CARGO", std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    for part in ["cannot be proved, and nothing was changed", "cargo fails before anything is changed", "`--online`"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(repo.git_output(&["status", "--porcelain"]), "");
    // Allowed to fetch, it can.
    let command = repo.command(&["fix", "--online"]).env("CARGO_HOME", repo.outside().join("another-home"));
    let run =
        crate::support::Run::new(command.env("CARGO", std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())));
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// What cargo could fetch brings no toolchain: rustup says itself what does.
#[test]
#[cfg(unix)]
fn without_the_toolchain_nobody_is_told_to_fetch() {
    let (_left, url) = with_left();
    let repo = project(&url, "");
    let rustup = repo.outside().join("rustup");
    let script =
        "#!/bin/sh\necho \"error: toolchain '1.98.0-x86_64-unknown-linux-gnu' is not installed\" >&2\nexit 1\n";
    std::fs::write(&rustup, script).expect("it can be written");
    std::fs::set_permissions(&rustup, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let run = crate::support::Run::new(repo.command(&["fix"]).env("CARGO", &rustup));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("is not installed\n`--no-verify` does without cargo\n"), "{}", run.stderr);
    assert_eq!(repo.git_output(&["status", "--porcelain"]), "");
}

/// To cargo, a source is what its URL and its reference mean, and not how a lockfile spells them.
#[test]
fn one_source_that_two_lockfiles_spell_differently_is_pinned_in_both() {
    let (left, url) = with_left();
    left.run_git(&["branch", "feat/a"]);
    let member = |name: &str, url: &str| {
        package(name, &format!("[workspace]\n\n[dependencies]\nleft = {{ git = \"{url}\", branch = \"feat/a\" }}\n"))
    };
    let one = member("one", &format!("{url}/")) + "inner = { path = \"../inner\" }\n";
    let repo = Repo::new().file("one/Cargo.toml", one).file("inner/Cargo.toml", member("inner", &url));
    let repo = repo.file("one/src/lib.rs", "").file("inner/src/lib.rs", "");
    let places = ["one/Cargo.toml", "inner/Cargo.toml"];
    for place in places {
        assert!(cargo(&repo, &["generate-lockfile", "--manifest-path", place]), "cargo makes a lockfile");
    }
    let older = repo.read("inner/Cargo.lock").replace("version = 4", "version = 3").replace("feat%2Fa", "feat/a");
    let repo = repo.file("inner/Cargo.lock", older).git();
    let run = fix(&repo, &["--surface", "git"]);
    let proved = "all 5 packages and their features stay the same\n";
    assert!(run.code == 0 && run.stderr.ends_with(proved), "{}{}", run.stdout, run.stderr);
    for place in places {
        assert!(cargo(&repo, &["check", "--locked", "--offline", "--manifest-path", place]), "{place}");
    }
}

/// A lockfile does not tell how a package asks for another of its repository: by path, or by a URL, which stays as it is when ours is
/// pinned.
#[test]
fn a_package_that_asks_for_its_own_repository_by_url_is_left_and_all_else_pinned() {
    let (_left, url) = with_left();
    let own = Repo::new().file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"2\"\n");
    let own_url = format!("file://{}", own.root().display());
    let two = format!("[dependencies]\ntwo = {{ git = \"{own_url}\" }}\n");
    let own = own.file("one/Cargo.toml", package("one", &two)).file("one/src/lib.rs", "");
    let _own = own.file("two/Cargo.toml", package("two", "")).file("two/src/lib.rs", "").git();
    // What no feature switches on is asked for by nobody.
    let free = Repo::new();
    let free_url = format!("file://{}", free.root().display());
    let later = format!("[dependencies]\nlater = {{ git = \"{free_url}\", optional = true }}\n");
    let _free = free.file("Cargo.toml", package("free", &later)).file("src/lib.rs", "").git();
    let repo = project(&url, &format!("one = {{ git = \"{own_url}\" }}\nfree = {{ git = \"{free_url}\" }}\n"));
    let run = fix(&repo, &[]);
    let left = "`one 0.1.0` asks for its own repository by URL";
    assert!(run.code == 1 && run.stdout.contains(left), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.starts_with("pinned 2 declarations in 2 files\n") && !run.stdout.contains("can be fixed"),
        "{}",
        run.stdout
    );
    assert!(cargo(&repo, &["check", "--locked", "--offline"]));
    let again = fix(&repo, &[]);
    assert!(again.code == 1 && again.stdout.starts_with("nothing to pin\n"), "{}{}", again.stdout, again.stderr);
    // Without cargo nobody can tell, and it is said.
    let run = fix(&repo, &["--no-verify"]);
    assert!(run.stderr.contains("it does not if `one` asks for its own repository by URL"), "{}", run.stderr);
}

/// Whom a package of a git repository asks for what, a lockfile does not tell, nor do features and targets that are not this machine's:
/// where cargo refuses what was pinned, the rest is pinned all the same.
#[test]
fn git_pins_that_cargo_refuses_hold_up_nothing_else() {
    let (_left, url) = with_left();
    let right = package("right", &format!("[dependencies]\nleft = {{ git = \"{url}\" }}\n"));
    let right = Repo::new().file("Cargo.toml", right).file("src/lib.rs", "").git();
    let own = Repo::new();
    let own_url = format!("file://{}", own.root().display());
    let two =
        format!("[target.'cfg(not({}))'.dependencies]\ntwo = {{ git = \"{own_url}\" }}\n", std::env::consts::FAMILY);
    let own = own
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"2\"\n")
        .file("one/Cargo.toml", package("one", &two))
        .file("one/src/lib.rs", "")
        .file("two/Cargo.toml", package("two", ""))
        .file("two/src/lib.rs", "");
    let _own = own.git();
    let patched = format!(
        "right = {{ git = \"file://{}\" }}\n\n[patch.crates-io]\nleft = {{ git = \"{url}\" }}\n",
        right.root().display()
    );
    for more in [patched, format!("one = {{ git = \"{own_url}\" }}\n")] {
        let manifest = package("demo", &format!("[dependencies]\n{more}"));
        let repo = Repo::new().file("Cargo.toml", manifest).file("src/lib.rs", "");
        let repo = repo.file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n").git();
        assert!(cargo(&repo, &["generate-lockfile"]), "cargo makes a lockfile");
        repo.commit();
        let lock = repo.read("Cargo.lock");
        let run = fix(&repo, &["--toolchain", "1.95.0"]);
        assert!(run.code == 1 && run.stderr.contains("it is tried without them"), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.starts_with("pinned 1 declaration\n"), "{}", run.stdout);
        assert!(run.stdout.contains("pinned, it failed the proof:"), "{}", run.stdout);
        assert_eq!((repo.read("Cargo.lock"), repo.read("rust-toolchain.toml").contains("1.95.0")), (lock, true));
        assert!(!repo.root().join(".cargo-pinned-journal").exists());
    }
}

/// What no proof speaks against is not blamed on the pins of git packages.
#[test]
fn what_cannot_be_written_is_not_tried_again() {
    let (_left, url) = with_left();
    let repo = project(&url, "").file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    let path = repo.root().join("Cargo.toml");
    let mut permissions = path.metadata().expect("it is there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).expect("it is ours");
    let run = fix(&repo, &["--toolchain", "1.95.0"]);
    assert!(run.code == 2 && run.stderr.contains("is read-only"), "{}{}", run.stdout, run.stderr);
    assert!(
        !run.stderr.contains("tried without") && repo.read("rust-toolchain.toml").contains("stable"),
        "{}",
        run.stderr
    );
}
