//! Rows about git dependencies, from a repository that is made for them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use url::Url;

use crate::locktext::as_version;
use crate::staleness::{Fresh, Refused, Row, judge, row};
use crate::tree::Tree;

/// Packages `dep` and `second` in one repository: its first commit has the tag `v1`, its second is on every branch.
struct Repository {
    /// The temporary directory, which the test owns: it holds the repository, a clone, and a `CARGO_HOME`.
    directory: PathBuf,
    commits: [String; 2],
}

/// Rows are functions of nothing but a tree, so what they need of the repository stands here.
static REPOSITORY: OnceLock<Repository> = OnceLock::new();

fn repository() -> &'static Repository {
    REPOSITORY.get().expect("the test makes it first")
}

fn make(directory: &Path) -> Repository {
    let path = directory.join("dep");
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    let second = manifest("second") + "\n[dependencies]\ndep = { path = \"..\" }\n";
    for (directory, manifest) in [(path.clone(), manifest("dep")), (path.join("second"), second)] {
        std::fs::create_dir_all(directory.join("src")).expect("a directory");
        std::fs::write(directory.join("src/lib.rs"), "").expect("a file");
        std::fs::write(directory.join("Cargo.toml"), manifest).expect("a file");
    }
    std::fs::create_dir_all(directory.join("home")).expect("a directory");
    git(&path, &["init", "--quiet", "--initial-branch=main"]);
    let commit = |message| {
        git(&path, &["add", "."]);
        git(&path, &["commit", "--quiet", "--message", message]);
        git(&path, &["rev-parse", "HEAD"])
    };
    let first = commit("First");
    git(&path, &["tag", "v1"]);
    std::fs::write(path.join("src/lib.rs"), "// Changed.\n").expect("a file");
    let second = commit("Second");
    for branch in ["master", "feat/a+b", "plain/name"] {
        git(&path, &["branch", branch]);
    }
    // Where a URL with a fragment leads, if it is a file's.
    git(directory, &["clone", "--quiet", "dep", "dep#fragment"]);
    Repository { directory: directory.to_owned(), commits: [first, second] }
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid"]).args(arguments);
    command.current_dir(directory).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        // Hooks run with these, and tests may be run by a hook.
        command.env_remove(variable);
    }
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn url() -> String {
    Url::from_file_path(repository().directory.join("dep")).expect("an absolute path").into()
}

fn first() -> &'static str {
    &repository().commits[0]
}

fn second() -> &'static str {
    &repository().commits[1]
}

/// A package that depends on the repository's, on its default branch.
fn base() -> Tree {
    let mut tree = Tree::new(Some(repository().directory.join("home")));
    tree.put("src/lib.rs", "");
    tree.put("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n");
    tree.append("Cargo.toml", &format!("dep = {{ git = \"{}\" }}\n", url()));
    tree.sync();
    tree
}

/// Adds keys to the declaration.
fn with(tree: &mut Tree, keys: &str) {
    let plain = format!("{}\" }}", url());
    tree.edit("Cargo.toml", &plain, &format!("{}\", {keys} }}", url()));
}

/// Adds keys, lets cargo lock that, and changes them.
fn from_to(tree: &mut Tree, from: &str, to: &str) {
    synced(tree, from);
    tree.edit("Cargo.toml", from, to);
}

fn synced(tree: &mut Tree, keys: &str) {
    with(tree, keys);
    tree.sync();
}

fn rev(commit: &str) -> String {
    format!("rev = \"{commit}\"")
}

/// Points the declaration elsewhere.
fn moved(tree: &mut Tree, from: &str, to: &str) {
    tree.edit("Cargo.toml", from, to);
}

/// A package of the same name by path.
fn local(tree: &mut Tree) {
    tree.package("local", "dep", "0.1.0", "");
    moved(tree, &format!("git = \"{}\"", url()), "path = \"local\"");
}

fn patched(tree: &mut Tree) {
    tree.package("local", "dep", "0.1.0", "");
    tree.append("Cargo.toml", &format!("\n[patch.\"{}\"]\ndep = {{ path = \"local\" }}\n", url()));
}

/// The clone, as somebody's fork.
fn fork() -> String {
    format!("{}%23fragment", url())
}

fn forked(tree: &mut Tree) {
    tree.append(
        "Cargo.toml",
        &format!("\n[patch.\"{}\"]\ndep = {{ git = \"{}\", rev = \"{}\" }}\n", url(), fork(), first()),
    );
}

fn unused_fork(tree: &mut Tree) {
    tree.append("Cargo.toml", &format!("\n[patch.\"{}\"]\nsecond = {{ git = \"{}\" }}\n", url(), fork()));
}

pub(crate) const ROWS: &[Row] = &[
    row("git: default branch", Fresh, |_| {}),
    row("git: branch, synced", Fresh, |tree| synced(tree, "branch = \"feat/a+b\"")),
    row("git: branch beside a requirement that is none", Refused, |tree| {
        from_to(tree, "branch = \"main\"", "branch = \"main\", version = \"~>1\"");
    }),
    row("git: tag, synced", Fresh, |tree| synced(tree, "tag = \"v1\"")),
    row("git: full commit, synced", Fresh, |tree| synced(tree, &rev(first()))),
    row("git: short commit, synced", Fresh, |tree| synced(tree, &rev(&first()[..8]))),
    row("git: tag as a commit, synced", Fresh, |tree| synced(tree, "rev = \"v1\"")),
    row("git: default branch to the same by name", Refused, |tree| with(tree, "branch = \"main\"")),
    row("git: branch to default branch", Refused, |tree| from_to(tree, "branch = \"main\"", "package = \"dep\"")),
    row("git: branch to tag", Refused, |tree| from_to(tree, "branch = \"main\"", "tag = \"v1\"")),
    row("git: branch to another of the same commit", Refused, |tree| {
        from_to(tree, "branch = \"main\"", "branch = \"plain/name\"");
    }),
    row("git: tag to its full commit", Refused, |tree| from_to(tree, "tag = \"v1\"", &rev(first()))),
    row("git: tag to the same as `rev`", Refused, |tree| from_to(tree, "tag = \"v1\"", "rev = \"v1\"")),
    row("git: full commit to its short form", Refused, |tree| from_to(tree, &rev(first()), &rev(&first()[..8]))),
    row("git: full commit to another", Refused, |tree| from_to(tree, &rev(first()), &rev(second()))),
    row("git: full commit in upper case", Refused, |tree| {
        from_to(tree, &rev(first()), &rev(&first().to_uppercase()));
    }),
    row("git: full commit locked to another", Fresh, |tree| {
        synced(tree, &rev(first()));
        tree.edit("Cargo.lock", &format!("#{}", first()), &format!("#{}", second()));
    }),
    row("git: default branch locked to an older commit", Fresh, |tree| {
        tree.edit("Cargo.lock", &format!("#{}", second()), &format!("#{}", first()));
    }),
    row("git: locked commit shortened", Fresh, |tree| {
        tree.edit("Cargo.lock", second(), &second()[..10]);
    }),
    row("git: locked commit dropped", Fresh, |tree| {
        tree.edit("Cargo.lock", &format!("#{}", second()), "");
    }),
    row("git: lock of version 1", Fresh, |tree| tree.lock(|lock| as_version(lock, 1))),
    row("git: lock of version 2", Fresh, |tree| tree.lock(|lock| as_version(lock, 2))),
    row("git: lock of version 1 with a tag", Fresh, |tree| {
        synced(tree, "tag = \"v1\"");
        tree.lock(|lock| as_version(lock, 1));
    }),
    row("git: lock of version 2 with `master`", Fresh, |tree| {
        synced(tree, "branch = \"master\"");
        tree.lock(|lock| as_version(lock, 2));
    }),
    row("git: lock of version 1 that does not say that there is no checksum", Refused, |tree| {
        tree.lock(|lock| as_version(lock, 1));
        tree.lock(|lock| lock.split_inclusive('\n').filter(|line| !line.contains("<none>")).collect());
    }),
    row("git: lock of version 3", Fresh, |tree| {
        synced(tree, "branch = \"plain/name\"");
        tree.lock(|lock| as_version(lock, 3).replace("%2F", "/"));
    }),
    row("git: lock of version 3, its branch with a plus", Fresh, |tree| {
        synced(tree, "branch = \"feat/a+b\"");
        tree.lock(|lock| as_version(lock, 3).replace("feat%2Fa%2Bb", "feat/a+b"));
    }),
    row("git: branch with a slash, raw in version 4", Fresh, |tree| {
        synced(tree, "branch = \"plain/name\"");
        tree.edit("Cargo.lock", "plain%2Fname", "plain/name");
    }),
    row("git: branch with a plus, raw in version 4", Refused, |tree| {
        synced(tree, "branch = \"feat/a+b\"");
        tree.edit("Cargo.lock", "feat%2Fa%2Bb", "feat/a+b");
    }),
    row("git: `ref` for a branch in the lock", Fresh, |tree| {
        synced(tree, "branch = \"main\"");
        tree.edit("Cargo.lock", "?branch=", "?ref=");
    }),
    row("git: URL with a fragment", Fresh, |tree| moved(tree, "dep\" }", "dep#fragment\" }")),
    row("git: URL with a fragment, synced", Fresh, |tree| {
        moved(tree, "dep\" }", "dep#fragment\" }");
        tree.sync();
    }),
    row("git: URL with a slash at its end", Fresh, |tree| moved(tree, "dep\" }", "dep/\" }")),
    row("git: another URL", Refused, |tree| moved(tree, "dep\" }", "other\" }")),
    row("git: requirement that is met", Fresh, |tree| with(tree, "version = \"0.1\"")),
    row("git: requirement that is not met", Refused, |tree| with(tree, "version = \"0.2\"")),
    row("git: renamed by `package`", Fresh, |tree| {
        with(tree, "package = \"dep\"");
        tree.edit("Cargo.toml", "dep = {", "other = {");
    }),
    row("git: another package of the repository", Refused, |tree| with(tree, "package = \"second\"")),
    row("git: another package of the repository beside it", Refused, |tree| {
        tree.append("Cargo.toml", &format!("second = {{ git = \"{}\" }}\n", url()));
    }),
    row("git: two packages of the repository, synced", Fresh, |tree| {
        tree.append("Cargo.toml", &format!("second = {{ git = \"{}\" }}\n", url()));
        tree.sync();
    }),
    row("git: two references to one repository, synced", Fresh, |tree| {
        tree.append("Cargo.toml", &format!("old = {{ package = \"dep\", git = \"{}\", tag = \"v1\" }}\n", url()));
        tree.sync();
    }),
    row("git: package of the repository no longer in the lock", Refused, |tree| {
        tree.edit("Cargo.toml", "dep = {", "second = {");
        tree.sync();
        tree.lock(|lock| crate::locktext::entry(lock, "dep", |_| String::new()));
    }),
    row("git: checksum in the lock", Refused, |tree| {
        tree.append("Cargo.lock", &format!("checksum = \"{:064}\"\n", 0));
    }),
    row("git: to a path", Refused, local),
    row("git: to a path, synced", Fresh, |tree| {
        local(tree);
        tree.sync();
    }),
    row("git: from a path", Refused, |tree| {
        local(tree);
        tree.sync();
        moved(tree, "path = \"local\"", &format!("git = \"{}\"", url()));
    }),
    row("git: to the registry", Refused, |tree| moved(tree, &format!("{{ git = \"{}\" }}", url()), "\"0.1\"")),
    row("git: patched by a path", Refused, patched),
    row("git: patched by a path, synced", Fresh, |tree| {
        patched(tree);
        tree.sync();
    }),
    row("git: patched by a path of another version, which is unused", Refused, |tree| {
        tree.package("local", "dep", "9.0.0", "");
        with(tree, "version = \"0.1\"");
        tree.append("Cargo.toml", &format!("\n[patch.\"{}\"]\ndep = {{ path = \"local\" }}\n", url()));
    }),
    row("git: patched by a fork", Refused, forked),
    row("git: patched by a fork, synced", Fresh, |tree| {
        forked(tree);
        tree.sync();
    }),
    row("git: patched by a fork, unused", Refused, unused_fork),
    row("git: patched by a fork, unused, synced", Fresh, |tree| {
        unused_fork(tree);
        tree.sync();
    }),
    row("git: unused patch by a fork removed", Refused, |tree| {
        unused_fork(tree);
        tree.sync();
        moved(tree, &format!("second = {{ git = \"{}\" }}\n", fork()), "");
    }),
];

#[test]
fn changed_git_dependencies() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    assert!(REPOSITORY.set(make(directory.path())).is_ok(), "there is one");
    judge(&base(), ROWS);
}
