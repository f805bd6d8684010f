//! Which commit is compared with, and what cannot be.

use crate::support::{Repo, lock, package};
use crate::{against, said, text};

/// A package of its own in a directory, with one float.
fn float(repo: &Repo, name: &str) {
    let manifest = package(name, "[dependencies]\na = \"1\"\n").replace("[package]", "[workspace]\n\n[package]");
    repo.write(format!("{name}/Cargo.toml"), manifest);
    repo.write(format!("{name}/Cargo.lock"), lock(&format!("a 1.0.1 crates-io\n{name} 0.1.0 -> a")));
}

/// A repository with a float `base` in its first commit, on `main`.
fn repository() -> Repo {
    let repo = Repo::new().file("README", "");
    float(&repo, "base");
    repo.git()
}

fn commit_float(repo: &Repo, name: &str) {
    float(repo, name);
    repo.commit();
}

fn new(repo: &Repo, base: &str, arguments: &[&str]) -> Vec<String> {
    let names = |line: &String| line.split('/').next().unwrap_or_default().to_owned();
    against(repo, base, arguments).findings().iter().map(names).collect()
}

#[test]
fn the_merge_base_is_compared_with_and_not_the_tip() {
    let repo = repository();
    repo.run_git(&["checkout", "--quiet", "-b", "topic"]);
    commit_float(&repo, "topic");
    repo.run_git(&["checkout", "--quiet", "main"]);
    commit_float(&repo, "main");
    repo.run_git(&["checkout", "--quiet", "topic"]);
    // What main got since is no one's business here; were the tip compared with, a float of the same name would pass.
    commit_float(&repo, "main");
    assert_eq!(new(&repo, "main", &[]), ["main", "topic"]);
    let report = against(&repo, "main", &[]);
    assert_eq!(text(&report.0["snapshot"], "base"), repo.git_output(&["merge-base", "HEAD", "main"]));
}

#[test]
fn of_several_merge_bases_any_may_have_it() {
    let repo = repository();
    repo.run_git(&["branch", "other"]);
    commit_float(&repo, "one");
    repo.run_git(&["checkout", "--quiet", "other"]);
    commit_float(&repo, "two");
    let tip = repo.git_output(&["rev-parse", "HEAD"]);
    repo.run_git(&["merge", "--quiet", "--no-edit", "main"]);
    repo.run_git(&["checkout", "--quiet", "main"]);
    repo.run_git(&["merge", "--quiet", "--no-edit", &tip]);
    assert_eq!(repo.git_output(&["merge-base", "--all", "HEAD", "other"]).lines().count(), 2);
    commit_float(&repo, "three");
    assert_eq!(new(&repo, "other", &[]), ["three"]);
    assert_eq!(said(&against(&repo, "other", &[])).known, 3);
}

#[test]
fn an_unborn_head_is_an_empty_base() {
    let repo = Repo::new();
    float(&repo, "first");
    repo.run_git(&["init", "--quiet"]);
    repo.run_git(&["add", "--all"]);
    for arguments in [&[][..], &["--staged"]] {
        let report = against(&repo, "HEAD", arguments);
        assert_eq!(report.findings(), ["first/Cargo.toml:9:6 unpinned-crate a"]);
        assert_eq!(text(&report.0["snapshot"], "base"), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    }
    let error = repo.run(&["check", "--base", "main"]).error();
    assert!(error.contains("`main`"), "{error}");
}

#[test]
fn a_revision_that_is_not_here_names_the_fetch() {
    let repo = repository();
    let error = |base: &str| repo.run(&["check", "--base", base]).error();
    let missing = error("upstream/release");
    assert!(missing.contains("`upstream/release`") && missing.contains("git fetch upstream release"), "{missing}");
    repo.run_git(&["remote", "add", "origin", "https://example.com/x"]);
    let tracked = error("origin/main");
    assert!(tracked.contains("`git fetch origin main:refs/remotes/origin/main`"), "{tracked}");
    let commit = "0123456789012345678901234567890123456789";
    assert!(error(commit).contains(&format!("git fetch origin {commit}")));
    assert!(error("v1.2").contains("git fetch"));
    assert!(error("v1.2").contains("`git fetch origin v1.2:v1.2`"));
    assert!(error("refs/remotes/origin/a/b").contains("`git fetch origin a/b:refs/remotes/origin/a/b`"));
    // What is behind a name is not fetched by that name.
    let behind = error("origin/main~3");
    assert!(behind.contains("`git fetch origin main:refs/remotes/origin/main`"), "{behind}");
    for (base, words) in [
        ("HEAD~7", "`HEAD` is, with all of its history"),
        ("HEAD^{/no such/text}", "`HEAD` is, with all of its history"),
        ("origin/main...", "it is a range"),
        ("HEAD^{tree}", "names a tree"),
        ("HEAD:README", "names a blob"),
    ] {
        let error = error(base);
        assert!(error.contains(words) && !error.contains("git fetch"), "{error}");
    }
    repo.run_git(&["remote", "rename", "origin", "upstream"]);
    assert!(error(commit).contains(&format!("git fetch upstream {commit}")));
}

#[test]
fn references_that_are_not_read_are_no_unborn_head() {
    let repo = Repo::new();
    float(&repo, "first");
    repo.run_git(&["init", "--quiet", "--ref-format=reftable"]);
    repo.commit();
    for arguments in [&["--base", "HEAD"][..], &["--rev", "HEAD"], &["--rev", "HEAD~1"]] {
        let error = repo.run(&[&["check"], arguments].concat()).error();
        assert!(error.contains("reftable"), "{error}");
    }
    let commit = repo.git_output(&["rev-parse", "HEAD"]);
    assert!(repo.run(&["check", "--base", &commit]).error().contains("reftable"));
    assert_eq!(repo.run(&["check", "--rev", &commit, "--format", "json"]).report().list().len(), 1);
}

/// A clone without the files of older commits: what it cannot read there would look new here.
#[test]
fn files_that_a_filter_left_out_of_the_base_name_the_fetch() {
    let repo = repository();
    repo.write("base/Cargo.toml", format!("{}b = \"1\"\n", repo.read("base/Cargo.toml")));
    repo.commit();
    repo.run_git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", repo.root().display());
    for filter in ["blob:none", "tree:0"] {
        let (filter, to) = (format!("--filter={filter}"), repo.outside().join(&filter[..4]));
        repo.run_git(&["clone", "--quiet", &filter, &from, to.to_str().expect("text")]);
    }
    let mut clone = repo;
    for name in ["blob", "tree"] {
        clone = clone.at(name);
        let error = clone.run(&["check", "--base", "HEAD^"]).error();
        assert!(error.contains("`git fetch --refetch --no-filter origin` brings"), "{error}");
        clone.run_git(&["fetch", "--quiet", "--refetch", "--no-filter", "origin"]);
        let report = against(&clone, "HEAD^", &[]);
        assert!(report.findings().iter().any(|finding| finding.ends_with(" b")), "{:?}", report.findings());
        assert_eq!(said(&report).known, 1);
    }
}

#[test]
fn without_git_there_is_nothing_to_compare_with() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a");
    let error = repo.run(&["check", "--base", "HEAD"]).error();
    assert!(error.contains("no git repository"), "{error}");
}

#[test]
fn histories_that_share_nothing_cannot_be_compared() {
    let repo = repository();
    repo.run_git(&["checkout", "--quiet", "--orphan", "other"]);
    commit_float(&repo, "other");
    let error = repo.run(&["check", "--base", "main"]).error();
    assert!(error.contains("no commit in common"), "{error}");
}

/// A clone of a repository with two lines of history of five commits each, cut off behind so many of them.
fn shallow(depth: usize) -> Repo {
    let repo = repository();
    repo.run_git(&["branch", "topic"]);
    for branch in ["main", "topic"] {
        repo.run_git(&["checkout", "--quiet", branch]);
        for step in 0..5 {
            repo.write("README", format!("{branch} {step}"));
            repo.commit();
        }
    }
    commit_float(&repo, "topic");
    let (from, to) = (format!("file://{}", repo.root().display()), repo.outside().join("clone"));
    let to = to.to_str().expect("text");
    repo.run_git(&["clone", "--quiet", "--no-single-branch", "--depth", &depth.to_string(), &from, to]);
    repo.at("clone")
}

#[test]
fn history_that_ends_too_early_names_the_fetch() {
    let cut = shallow(3);
    let error = cut.run(&["check", "--base", "origin/main"]).error();
    assert!(error.contains("shallow") && error.contains("git fetch --unshallow"), "{error}");
    cut.run_git(&["fetch", "--quiet", "--unshallow"]);
    assert_eq!(new(&cut, "origin/main", &[]), ["topic"]);
    // What is behind HEAD needs no history beyond.
    assert_eq!(new(&shallow(3), "HEAD^", &[]), ["topic"]);
    assert_eq!(new(&shallow(8), "origin/main", &[]), ["topic"]);
    let error = shallow(2).run(&["check", "--base", "HEAD~4"]).error();
    assert!(error.contains("HEAD~4") && error.contains("fetch"), "{error}");
}

/// What cut off a line of history did not cut off is another line that was never fetched.
#[test]
fn a_branch_and_a_tag_that_a_shallow_clone_lacks_name_the_fetch_that_brings_them() {
    let repo = repository();
    repo.run_git(&["tag", "v1"]);
    commit_float(&repo, "main");
    repo.run_git(&["branch", "topic"]);
    repo.run_git(&["commit", "--quiet", "--allow-empty", "--message", "more"]);
    let (from, to) = (format!("file://{}", repo.root().display()), repo.outside().join("clone"));
    repo.run_git(&["clone", "--quiet", "--depth", "1", &from, to.to_str().expect("text")]);
    let clone = repo.at("clone");
    for name in ["v1", "topic"] {
        let (error, fetch) = (clone.run(&["check", "--rev", name]).error(), format!("{name}:{name}"));
        assert!(error.contains(&format!("`git fetch origin {fetch}` brings it")), "{error}");
        clone.run_git(&["fetch", "--quiet", "origin", &fetch]);
        assert_eq!(clone.run(&["check", "--rev", name]).code, 1);
    }
}

/// What a pull request's job has: a merge commit and its two parents, and nothing behind them.
#[test]
fn a_merge_commit_with_its_parents_is_enough() {
    let repo = repository();
    repo.run_git(&["checkout", "--quiet", "-b", "topic"]);
    commit_float(&repo, "topic");
    repo.run_git(&["checkout", "--quiet", "main"]);
    commit_float(&repo, "main");
    repo.run_git(&["merge", "--quiet", "--no-edit", "--no-ff", "topic"]);
    let (from, to) = (format!("file://{}", repo.root().display()), repo.outside().join("clone"));
    repo.run_git(&["clone", "--quiet", "--depth", "2", &from, to.to_str().expect("text")]);
    let clone = repo.at("clone");
    assert_eq!(new(&clone, "HEAD^1", &[]), ["topic"]);
    assert_eq!(new(&clone, "HEAD^2", &[]), ["main"]);
}

#[test]
fn a_merge_under_way_accepts_what_it_merges() {
    let repo = repository();
    repo.run_git(&["checkout", "--quiet", "-b", "topic"]);
    commit_float(&repo, "topic");
    repo.run_git(&["checkout", "--quiet", "main"]);
    commit_float(&repo, "main");
    repo.run_git(&["merge", "--quiet", "--no-commit", "topic"]);
    assert_eq!(new(&repo, "HEAD", &["--staged"]), [""; 0]);
    // What the merge itself adds is new, and so is all of it for whoever compares with another commit.
    float(&repo, "evil");
    repo.run_git(&["add", "--all"]);
    assert_eq!(new(&repo, "HEAD", &["--staged"]), ["evil"]);
    assert_eq!(new(&repo, "HEAD^", &["--staged"]), ["evil", "main", "topic"]);
}

#[test]
fn a_bare_repository_is_compared_too() {
    let repo = repository();
    commit_float(&repo, "second");
    let to = repo.outside().join("bare.git");
    repo.run_git(&["clone", "--quiet", "--bare", ".", to.to_str().expect("text")]);
    let bare = repo.at("bare.git");
    assert_eq!(new(&bare, "HEAD^", &["--rev", "HEAD"]), ["second"]);
    let error = bare.run(&["check", "--base", "HEAD^"]).error();
    assert!(error.contains("is bare") && error.contains("--rev"), "{error}");
}

#[test]
fn a_root_below_the_top_is_compared_with_itself() {
    let repo = repository();
    float(&repo, "base/inner");
    repo.write("base/inner/Cargo.toml", repo.read("base/inner/Cargo.toml").replace("base/inner", "inner"));
    repo.write("base/inner/Cargo.lock", repo.read("base/inner/Cargo.lock").replace("base/inner", "inner"));
    repo.run_git(&["add", "--all"]);
    for arguments in [&["--root", "base"][..], &["--root", "base", "--staged"]] {
        let report = against(&repo, "HEAD", arguments);
        assert_eq!(report.findings(), ["inner/Cargo.toml:9:6 unpinned-crate a"], "{arguments:?}");
        assert_eq!(said(&report).known, 1);
    }
}

#[test]
fn the_empty_tree_need_not_be_stored() {
    let repo = repository();
    let who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let tree = ["commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "nothing"];
    let commit = repo.git_output(&[&who[..], &tree].concat());
    repo.run_git(&["reset", "--quiet", "--soft", &commit]);
    repo.commit();
    assert_eq!(new(&repo, "HEAD^", &[]), ["base"]);
}
