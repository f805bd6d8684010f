//! A mirror follows its remote.

use super::{Cache, git, head, remote, state, url};
use cargo_pinned::fleet::mirror::{self, Remote};

#[test]
fn a_mirror_is_bare_and_has_one_commit_of_one_branch_and_no_hook() {
    let remote = remote();
    remote.commit();
    remote.run_git(&["branch", "other"]);
    remote.run_git(&["tag", "v1"]);
    let cache = Cache::new();
    let mirror = cache.mirror(&url(&remote));
    assert_eq!(state(&mirror), "refs/heads/main: refs/heads/main");
    assert_eq!(head(&mirror), remote.git_output(&["rev-parse", "HEAD"]));
    assert_eq!(git(&mirror, &["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(git(&mirror, &["show", "HEAD:Cargo.toml"]), "[workspace]");
    assert_eq!(git(&mirror, &["rev-parse", "--is-bare-repository"]), "true");
    assert!(!mirror.join("hooks").exists());
    assert_eq!(cache.names().len(), 1, "nothing is left beside it");
}

#[test]
fn it_follows_commits_and_force_pushes() {
    let remote = remote();
    let (cache, url) = (Cache::new(), url(&remote));
    let first = cache.mirror(&url);
    remote.write("Cargo.toml", "[workspace]\nresolver = \"3\"\n");
    remote.commit();
    let second = cache.mirror(&url);
    assert_eq!((&first, head(&second)), (&second, remote.git_output(&["rev-parse", "HEAD"])));
    remote.run_git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    remote.write("Cargo.toml", "[workspace]\nresolver = \"2\"\n");
    remote.commit();
    let third = cache.mirror(&url);
    assert_eq!(head(&third), remote.git_output(&["rev-parse", "HEAD"]));
    assert_eq!(git(&third, &["show", "HEAD:Cargo.toml"]), "[workspace]\nresolver = \"2\"");
}

#[test]
fn it_follows_the_default_branch() {
    let remote = remote();
    let (cache, url) = (Cache::new(), url(&remote));
    cache.mirror(&url);
    remote.run_git(&["branch", "--move", "main", "trunk"]);
    remote.commit();
    let mirror = cache.mirror(&url);
    assert_eq!(state(&mirror), "refs/heads/trunk: refs/heads/trunk");
    assert_eq!(head(&mirror), remote.git_output(&["rev-parse", "HEAD"]));
    // HEAD is a commit, then a branch again.
    remote.run_git(&["checkout", "--quiet", "--detach"]);
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
    remote.run_git(&["checkout", "--quiet", "trunk"]);
    let mirror = cache.mirror(&url);
    assert_eq!(state(&mirror), "refs/heads/trunk: refs/heads/trunk");
}

#[test]
fn what_has_not_changed_is_not_fetched_again() {
    let remote = remote();
    let (cache, url) = (Cache::new(), url(&remote));
    let mirror = cache.mirror(&url);
    let packs = || {
        let files = std::fs::read_dir(mirror.join("objects/pack")).expect("it can be listed");
        let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
        files.sort();
        files
    };
    let before = packs();
    assert_eq!(before.len(), std::collections::HashSet::<_>::from_iter(&before).len());
    cache.mirror(&url);
    assert_eq!(packs(), before);
    remote.commit();
    cache.mirror(&url);
    assert_ne!(packs(), before, "this would be seen");
}

#[test]
fn one_that_was_emptied_is_empty() {
    let remote = remote();
    let (cache, url) = (Cache::new(), url(&remote));
    cache.mirror(&url);
    std::fs::remove_dir_all(remote.root().join(".git")).expect("it is there");
    remote.run_git(&["init", "--quiet"]);
    let mirror = cache.mirror(&url);
    assert_eq!(git(&mirror, &["for-each-ref"]), "");
    assert!(git(&mirror, &["rev-parse", "--verify", "HEAD"]).contains("fatal"), "HEAD leads nowhere");
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
}

#[test]
fn one_that_is_gone_is_judged_from_its_mirror_and_says_since_when() {
    let remote = remote();
    let commit = remote.git_output(&["rev-parse", "HEAD"]);
    let (cache, url) = (Cache::new(), url(&remote));
    let mirror = cache.mirror(&url);
    std::fs::remove_dir_all(remote.root()).expect("it is there");
    let cache = cache.with(|options| options.today = options.today.tomorrow().expect("a day"));
    let mirrored = cache.fetch(&url);
    assert_eq!((mirrored.path.as_ref(), head(&mirror)), (Some(&mirror), commit));
    let error = mirrored.error.expect("it is stale");
    assert!(error.starts_with("not fetched, judged as of 2026-11-25: "), "{error}");
    assert!(error.contains("does not appear to be a git repository"), "{error}");
    let never = cache.fetch(&format!("{url}-never"));
    assert_eq!(never.path, None);
    assert!(never.error.is_some_and(|error| error.starts_with("cannot be fetched: ")));
    assert_eq!(cache.names().len(), 1, "nothing is made of what is not there");
}

#[test]
fn branches_and_tags_come_where_they_are_wanted_and_go_where_not() {
    let remote = remote();
    remote.run_git(&["branch", "release/1"]);
    remote.run_git(&["branch", "topic"]);
    remote.run_git(&["tag", "--annotate", "--message", "one", "v1.0"]);
    remote.run_git(&["tag", "v2.0"]);
    remote.run_git(&["update-ref", "refs/pull/1/head", "HEAD"]);
    let url = url(&remote);
    let cache = Cache::new().refs(&["release/*", "refs/tags/v1*", "refs/pull/**"]);
    let mirror = cache.mirror(&url);
    assert_eq!(state(&mirror), "refs/heads/main: refs/heads/main refs/heads/release/1 refs/tags/v1.0");
    assert_eq!(git(&mirror, &["rev-parse", "v1.0^{commit}"]), head(&mirror));
    remote.run_git(&["branch", "--delete", "release/1"]);
    remote.run_git(&["branch", "release/2"]);
    let mirror = cache.mirror(&url);
    assert_eq!(state(&mirror), "refs/heads/main: refs/heads/main refs/heads/release/2 refs/tags/v1.0");
    let cache = cache.refs(&[]);
    let mirror = cache.mirror(&url);
    assert_eq!(state(&mirror), "refs/heads/main: refs/heads/main");
}

#[test]
fn a_revision_is_a_branch_a_tag_or_a_full_commit_id() {
    let remote = remote();
    let old = remote.git_output(&["rev-parse", "HEAD"]);
    remote.run_git(&["tag", "v1"]);
    remote.run_git(&["branch", "old"]);
    remote.commit();
    let (cache, url) = (Cache::new(), url(&remote));
    for rev in ["v1", "old", "refs/tags/v1", "tags/v1", &old] {
        let mirrored = cache.fetch_rev(&url, Some(rev));
        assert_eq!(mirrored.error, None, "{rev}");
        assert_eq!(git(&mirrored.path.expect("there is one"), &["rev-parse", rev]), old);
    }
    for rev in ["nothing", &old[..10], "main~1", "--upload-pack=x"] {
        let mirrored = cache.fetch_rev(&url, Some(rev));
        let expected = format!("the remote has no branch or tag `{rev}`, and it is no full commit id");
        assert_eq!((mirrored.path, mirrored.error), (None, Some(expected)));
    }
    let absent = cache.fetch_rev(&url, Some(super::support::COMMIT));
    assert!(absent.error.is_some(), "no such commit");
}

#[test]
fn one_mirror_has_what_all_want_of_it() {
    let remote = remote();
    remote.run_git(&["tag", "v1"]);
    remote.run_git(&["tag", "v2"]);
    let cache = Cache::new();
    let want = |rev: Option<&str>| Remote { url: url(&remote), rev: rev.map(str::to_owned) };
    let remotes = [want(Some("v1")), want(None), want(Some("none")), want(Some("v2"))];
    let mut told = 0;
    let found = mirror::fetch(&remotes, &cache.options, &mut |_| told += 1);
    assert_eq!((told, cache.names().len()), (4, 1));
    let failed: Vec<bool> = found.iter().map(|mirrored| mirrored.error.is_some()).collect();
    assert_eq!(failed, [false, false, true, false]);
    let mirror = found[0].path.as_ref().expect("there is one");
    assert_eq!(state(mirror), "refs/heads/main: refs/heads/main refs/tags/v1 refs/tags/v2");
}

#[test]
fn one_that_was_made_anew_with_longer_ids_is_followed() {
    let remote = remote();
    let (cache, url) = (Cache::new().with(|options| options.retries = 1), url(&remote));
    cache.mirror(&url);
    std::fs::remove_dir_all(remote.root().join(".git")).expect("it is there");
    remote.run_git(&["init", "--quiet", "--object-format=sha256"]);
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
    assert_eq!(cache.names().len(), 1, "nothing is left beside it");
}

#[test]
fn a_broken_mirror_is_made_anew() {
    let remote = remote();
    let (cache, url) = (Cache::new().with(|options| options.retries = 1), url(&remote));
    let mirror = cache.mirror(&url);
    std::fs::remove_file(mirror.join("config")).expect("it is there");
    std::fs::write(mirror.join("shallow"), "nonsense").expect("it can be written");
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
}
