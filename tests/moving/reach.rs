//! What a move reaches: lockfiles that never held the package, declarations that no lockfile holds, and two that are one by name.

use crate::git::left;
use crate::registry::{Project, moved};
use crate::support::package;

/// A member, and beside the workspace a package with a lockfile of its own that builds it by its path, as `fuzz` does.
fn beside(member: &str, fuzz: &str, root: &str) -> Project {
    let root = format!("[workspace]\nmembers = [\"a\"]\nexclude = [\"fuzz\"]\nresolver = \"2\"\n{root}");
    let fuzz = format!("[workspace]\n\n[dependencies]\na = {{ path = \"../a\" }}\n{fuzz}");
    let project = Project::new()
        .file("Cargo.toml", &root)
        .file("a/Cargo.toml", &package("a", member))
        .file("a/src/lib.rs", "")
        .file("fuzz/Cargo.toml", &package("fuzz", &fuzz))
        .file("fuzz/src/lib.rs", "");
    project.cargo(&["generate-lockfile", "--manifest-path", "fuzz/Cargo.toml"]);
    project.locked()
}

/// Nobody builds the dev-dependencies of what is reached by a path, nor what is switched off.
#[test]
fn a_lockfile_that_never_had_the_package_holds_up_nothing() {
    for member in
        ["[dev-dependencies]\nlow = \"=1.0.1\"\n", "[dependencies]\nlow = { version = \"=1.0.1\", optional = true }\n"]
    {
        let project = beside(member, "", "");
        let fuzz = project.repo.read("fuzz/Cargo.lock");
        project.done(&["set", "low@1.0.2"]);
        assert_eq!(project.held("low"), ["1.0.2"], "{member}");
        project.commit("Bump low");
        let run = project.done(&["rollback", "low"]);
        assert_eq!(moved(&run), ["downgraded low 1.0.2 → 1.0.1"], "{member}");
        assert_eq!(project.repo.read("fuzz/Cargo.lock"), fuzz);
    }
    let unused = "\n[workspace.dependencies]\nlow = \"=1.0.1\"\n";
    let project = beside("", "low = \"=1.0.1\"\n", unused);
    project.done(&["set", "low@1.0.2"]);
    assert!(project.repo.read("fuzz/Cargo.toml").contains("low = \"=1.0.2\""));
    assert!(project.repo.read("fuzz/Cargo.lock").contains("name = \"low\"\nversion = \"1.0.2\""));
}

/// Where the policy lets a range pass, a range is written, and the lockfile has what was asked for all the same.
#[test]
fn a_range_that_passes_is_locked_to_what_was_asked_for() {
    let library = "description = \"d\"\nlicense = \"MIT\"\n\n[dependencies]\nlow = \"1\"\n";
    let published = "[[scope]]\npublished = true\nrules.unpinned-crate = { require = \"locked\" }\n";
    let manifest = package("demo", "").replacen("publish = false\n", "", 1) + library;
    let project =
        Project::new().file("pinned.toml", published).file("Cargo.toml", &manifest).file("src/lib.rs", "").locked();
    project.publish("low", "2.0.1", &[]);
    project.cargo(&["fetch", "--locked"]);
    project.done(&["set", "low@2.0.0"]);
    assert_eq!(project.held("low"), ["2.0.0"]);
    assert!(project.repo.read("Cargo.toml").ends_with("low = \"2.0.0\"\n"), "{}", project.repo.read("Cargo.toml"));
}

/// A tag becomes the commit that the others of its repository are at.
#[test]
fn what_no_lockfile_has_gets_the_commit_that_the_others_get() {
    let (_left, url, [first, second]) = left();
    let git = |more: &str| format!("[dependencies]\nright = {{ git = \"{url}\", rev = \"{first}\"{more} }}\n");
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a\"]\nexclude = [\"e\"]\nresolver = \"2\"\n")
        .file("a/Cargo.toml", &package("a", &(git("") + "e = { path = \"../e\" }\n")))
        .file("a/src/lib.rs", "")
        .file("e/Cargo.toml", &package("e", &git(", optional = true")))
        .file("e/src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    project.done(&["set", "right@v2"]);
    for path in ["a/Cargo.toml", "e/Cargo.toml"] {
        assert!(project.repo.read(path).contains(&second), "{path}: {}", project.repo.read(path));
    }
}

#[test]
fn which_of_two_commits_or_repositories_is_meant_is_not_guessed() {
    let (left, url, [first, second]) = left();
    left.run_git(&["tag", "v1", &first]);
    left.write("x", "");
    left.commit();
    let third = left.git_output(&["rev-parse", "HEAD"]);
    let member = |name: &str, rev: &str| {
        package(name, &format!("[dependencies]\nright = {{ git = \"{url}\", rev = \"{rev}\" }}\n"))
    };
    let project = Project::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n")
        .file("a/Cargo.toml", &member("a", &first))
        .file("a/src/lib.rs", "")
        .file("b/Cargo.toml", &member("b", &second))
        .file("b/src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    project.done(&["set", &format!("right@{third}")]);
    project.commit("Bring both to one");
    let said = project.refused(&["rollback", "right"]);
    assert!(said.contains("which is to be moved where is not known"), "{said}");
    // Of two repositories, a revision is of one.
    let (_other, other_url, [other, _]) = crate::git::left();
    let lines = format!(
        "[dependencies]\nright = {{ git = \"{url}\", rev = \"{first}\" }}\nother = {{ package = \"right\", git = \"{other_url}\", rev = \"{other}\" }}\n"
    );
    let project = Project::new().file("Cargo.toml", &package("demo", &lines)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    let said = project.refused(&["set", "right@v2"]);
    assert!(said.contains("comes from several repositories here"), "{said}");
}
