//! Pins of git dependencies: a tag or a commit goes in, a full commit is written.

use crate::registry::{Project, moved};
use crate::support::{Repo, package};

/// A repository `left` with a second package in it, and the commits of its two versions; the second is tagged `v2`.
pub(crate) fn left() -> (Repo, String, [String; 2]) {
    let manifest = package("left", "[dependencies]\nlow = \"1\"\n\n[workspace]\nmembers = [\"right\"]\n");
    let left = Repo::new()
        .file("Cargo.toml", &manifest)
        .file("src/lib.rs", "")
        .file("right/Cargo.toml", package("right", ""))
        .file("right/src/lib.rs", "")
        .git();
    let commit = |left: &Repo| left.git_output(&["rev-parse", "HEAD"]);
    let first = commit(&left);
    left.write("Cargo.toml", manifest.replacen("0.1.0", "0.2.0", 1));
    left.commit();
    left.run_git(&["tag", "v2"]);
    let second = commit(&left);
    let url = format!("file://{}", left.root().display());
    (left, url, [first, second])
}

#[test]
fn a_tag_becomes_its_commit_and_the_repository_moves_as_one() {
    let (_left, url, [first, second]) = left();
    let git = |rev: &str| format!("{{ git = \"{url}\", rev = \"{rev}\" }}");
    let lines = |rev: &str| format!("[dependencies]\nleft = {0}\nright = {0}\nuser = \"=1.0.0\"\n", git(rev));
    let project = Project::new().file("Cargo.toml", &package("demo", &lines(&first))).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    assert_eq!(project.held("low"), ["1.0.1"]);
    let run = project.done(&["set", "left@v2"]);
    let text = project.repo.read("Cargo.toml");
    assert_eq!((text.matches(&second).count(), text.matches(&first).count()), (2, 0), "{text}");
    assert!(text.contains(&format!("rev = \"{second}\" }} # v2\n")), "{text}");
    assert!(project.repo.read("Cargo.lock").contains(&format!("?rev={second}#{second}")));
    assert_eq!(moved(&run).len(), 2, "{}", run.stdout);
    assert!(moved(&run).iter().any(|one| one.starts_with("upgraded left 0.1.0 ")), "{}", run.stdout);
    assert!(run.stderr.contains("`right` moves along"), "{}", run.stderr);
    assert_eq!(project.held("low"), ["1.0.1"], "what has not to move does not");
    let said = project.refused(&["set", "left"]);
    assert!(said.contains("`left` comes from git, which has no newest release: name a revision, `left@REV`"), "{said}");
    // Back by its commit.
    project.done(&["set", &format!("left@{first}")]);
    assert_eq!(project.repo.read("Cargo.toml").matches(&first).count(), 2);
    // And by history, which has it uncommitted.
    project.commit("moved");
    project.done(&["set", "right@v2"]);
    let run = project.done(&["rollback", "left"]);
    assert!(run.stderr.contains("which is not committed; HEAD has 0.1.0"), "{}", run.stderr);
    assert_eq!(project.repo.git_output(&["diff", "HEAD", "--", "Cargo.lock"]), "");
}

#[test]
fn a_patch_moves_and_one_that_nothing_would_use_is_refused() {
    let (left, url, [first, second]) = left();
    left.write("Cargo.toml", package("left", "").replacen("0.1.0", "0.1.1", 1));
    left.commit();
    let third = left.git_output(&["rev-parse", "HEAD"]);
    let project = Project::new();
    project.publish("left", "0.1.0", &[]);
    let patch = format!(
        "[dependencies]\nleft = \"0.1.0\"\n\n[patch.crates-io]\nleft = {{ git = \"{url}\", rev = \"{first}\" }}\n"
    );
    let project = project.file("Cargo.toml", &package("demo", &patch)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    let said = project.refused(&["set", "left@v2"]);
    assert!(said.contains("nothing would use what was asked for"), "{said} {second}");
    project.done(&["set", &format!("left@{third}")]);
    assert!(project.repo.read("Cargo.toml").contains(&format!("rev = \"{third}\"")));
    assert_eq!(project.held("left"), ["0.1.1"]);
    // Its version is the patch's.
    let said = project.refused(&["set", "left@0.1.0"]);
    assert!(said.contains("name a revision"), "{said}");
}

#[test]
fn a_repository_beside_it_stays_where_it_is() {
    let (_left, url, [first, second]) = left();
    let far = Repo::new().file("Cargo.toml", package("far", "")).file("src/lib.rs", "").git();
    let far_commit = far.git_output(&["rev-parse", "HEAD"]);
    let far = format!("{{ git = \"file://{}\", rev = \"{far_commit}\" }}", far.root().display());
    let lines = format!("[dependencies]\nleft = {{ git = \"{url}\", rev = \"{first}\" }}\nfar = {far}\n");
    let project = Project::new().file("Cargo.toml", &package("demo", &lines)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    project.done(&["set", "left@v2"]);
    let text = project.repo.read("Cargo.toml");
    assert!(text.contains(&format!("far = {far}\n")) && text.contains(&second), "{text}");
}

/// Cargo never asks the repository of what nothing uses: what would be written there is whatever was typed.
#[test]
fn what_nothing_uses_is_not_moved() {
    let (_left, url, [first, _]) = left();
    let (used, unused) = (format!("{{ git = \"{url}\", rev = \"{first}\" }}"), format!("{{ git = \"{url}\" }}"));
    let lines = format!(
        "[dependencies]\nleft.workspace = true\n\n[workspace.dependencies]\nleft = {used}\nright = {unused}\nspare = {{ git = \"{url}\", package = \"left\" }}\n"
    );
    let project = Project::new().file("Cargo.toml", &package("demo", &lines)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    let said = project.refused(&["set", "right@v2"]);
    assert!(said.contains("no package uses `right` of `Cargo.toml`"), "{said}");
    project.done(&["set", "left@v2"]);
    let text = project.repo.read("Cargo.toml");
    assert!(
        text.contains("# v2\n") && text.contains(&format!("right = {unused}\nspare = {{ git = \"{url}\", p")),
        "{text}"
    );
}

/// The tool's own comment names the revision that is there, and no other.
#[test]
fn the_name_behind_a_commit_goes_with_it() {
    let (left, url, [first, second]) = left();
    left.run_git(&["tag", "v1", &first]);
    let lines = format!("[dependencies]\nleft = {{ git = \"{url}\", rev = \"{first}\" }}\n");
    let project = Project::new().file("Cargo.toml", &package("demo", &lines)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    project.done(&["set", "left@v2"]);
    let ends = |line: &str| project.repo.read("Cargo.toml").ends_with(line);
    assert!(ends(&format!("rev = \"{second}\" }} # v2\n")));
    project.commit("v2");
    project.done(&["rollback", "left"]);
    assert!(ends(&format!("rev = \"{first}\" }}\n")), "{}", project.repo.read("Cargo.toml"));
    project.repo.run_git(&["checkout", "--quiet", "--", "."]);
    project.done(&["set", "left@v1"]);
    assert!(ends(&format!("rev = \"{first}\" }} # v1\n")), "{}", project.repo.read("Cargo.toml"));
    // What says more than a name is the user's.
    let text = project.repo.read("Cargo.toml").replace("# v1", "# v1, because of #12");
    project.repo.write("Cargo.toml", text);
    project.commit("why");
    project.done(&["set", &format!("left@{second}")]);
    assert!(ends(&format!("rev = \"{second}\" }} # v1, because of #12\n")), "{}", project.repo.read("Cargo.toml"));
}

/// Of one name, what comes from a registry has a newest release, and what comes from git has none.
#[test]
fn beside_a_repository_the_registrys_package_of_that_name_moves() {
    let (_left, url, [first, _]) = left();
    let project = Project::new();
    for version in ["1.0.0", "1.0.1"] {
        project.publish("left", version, &[]);
    }
    let lines = format!(
        "[dependencies]\nleft = {{ git = \"{url}\", rev = \"{first}\" }}\nother = {{ package = \"left\", version = \"=1.0.0\" }}\n"
    );
    let project = project.file("Cargo.toml", &package("demo", &lines)).file("src/lib.rs", "");
    project.cargo(&["generate-lockfile"]);
    let project = project.locked();
    let run = project.done(&["set", "left"]);
    assert_eq!(moved(&run), ["upgraded left 1.0.0 → 1.0.1"]);
    assert!(project.repo.read("Cargo.toml").contains(&first));
}

/// A version of the same number from somewhere else is other code: it is not taken for what was there.
#[test]
fn what_came_from_somewhere_else_does_not_come_back_by_its_number() {
    let (left_repo, url, [first, _]) = left();
    // A tag by the number that history has of the registry.
    left_repo.run_git(&["tag", "0.1.0"]);
    let project = Project::new();
    project.publish("left", "0.1.0", &[]);
    project.publish("left", "0.3.0", &[]);
    let lines = |left: &str| package("demo", &format!("[dependencies]\nleft = {left}\n"));
    let (crates, git, path) =
        ("\"=0.1.0\"", format!("{{ git = \"{url}\", rev = \"{first}\" }}"), "{ path = \"left\" }".to_owned());
    let project = project
        .file("Cargo.toml", &lines(crates))
        .file("src/lib.rs", "")
        .file("left/Cargo.toml", &package("left", "[lib]\npath = \"lib.rs\"\n"))
        .file("left/lib.rs", "");
    let project = project.locked();
    let mut was = "crates.io".to_owned();
    for (next, is) in [
        (git, format!("the git repository {url}")),
        ("\"=0.3.0\"".to_owned(), "crates.io".to_owned()),
        (path, "a path".to_owned()),
        ("\"=0.1.0\"".to_owned(), "crates.io".to_owned()),
    ] {
        project.repo.write("Cargo.toml", lines(&next));
        project.cargo(&["generate-lockfile"]);
        project.commit(&next);
        let said = project.refused(&["rollback", "left"]);
        assert!(said.contains(&format!("`left` came from {was} then, and comes from {is} now")), "{next}: {said}");
        was = is;
    }
}
