//! Servers that hang, die or refuse, and runs that meet.

use std::time::Duration;

use super::server::{Daemon, Does, Http};
use super::{Cache, head, remote, url};
use cargo_pinned::fleet::mirror::{self, Remote};

const SHORT: Duration = Duration::from_millis(1500);

#[test]
fn git_daemon_serves_where_its_protocol_is_allowed() {
    let remote = remote();
    let daemon = Daemon::of(remote.outside());
    let url = format!("{}/repo/.git", daemon.url);
    let error = Cache::new().fetch(&url).error.expect("it is refused");
    assert!(error.contains("transport 'git' not allowed"), "{error}");
    let cache = Cache::new().protocol("git");
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
    remote.commit();
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
    drop(daemon);
    let mirrored = cache.fetch(&url);
    assert!(mirrored.path.is_some() && mirrored.error.is_some_and(|error| error.contains("Connection refused")));
}

#[test]
fn nothing_runs_for_a_url_that_is_a_command() {
    let cache = Cache::new();
    let marker = cache.options.cache.with_file_name("ran");
    for url in [format!("ext::touch {}", marker.display()), format!("--upload-pack=touch {}", marker.display())] {
        let mirrored = cache.fetch(&url);
        assert!(mirrored.path.is_none() && mirrored.error.is_some());
    }
    assert!(!marker.exists());
}

#[test]
fn a_server_that_hangs_costs_no_more_than_the_limit_and_is_left() {
    for (what, does) in [("refs", Does::Hang), ("pack", Does::Hang), ("pack", Does::Trickle)] {
        let remote = remote();
        let server = Http::of(remote.outside(), Vec::new());
        let cache = Cache::new().protocol("http").with(|options| options.retries = 5);
        let url = format!("{}/repo/.git", server.url);
        let good = cache.mirror(&url);
        let commit = head(&good);
        remote.commit();
        server.set(vec![(what, does, false)]);
        let cache = cache.with(|options| options.limit = SHORT);
        let mirrored = cache.fetch(&url);
        assert_eq!(mirrored.path.as_ref(), Some(&good));
        let error = mirrored.error.expect("it is stale");
        assert!(error.contains("it took longer than 1.5s"), "{error}");
        assert_eq!(head(&good), commit, "as it was");
        // Not only git is stopped, but what it has started too: its connection is closed.
        server.hung_up.recv_timeout(Duration::from_secs(60)).expect("the other side is gone");
        let never = cache.fetch(&format!("{}/./repo/.git", server.url));
        assert_eq!(never.path, None);
        assert_eq!(cache.names().len(), 1, "nothing half done is left: {:?}", cache.names());
        server.set(Vec::new());
        let cache = cache.with(|options| options.limit = Duration::from_secs(60));
        assert_ne!(head(&cache.mirror(&url)), commit, "the next run can");
    }
}

#[test]
fn a_server_that_dies_midway_leaves_nothing_half_in_place_and_is_tried_again() {
    let remote = remote();
    // Enough that half of it is not all.
    remote
        .write("noise", (0_u32..50_000).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect::<Vec<u8>>());
    remote.commit();
    let server = Http::of(remote.outside(), vec![("pack", Does::Die, false)]);
    let url = format!("{}/repo/.git", server.url);
    let cache = Cache::new().protocol("http");
    let mirrored = cache.fetch(&url);
    assert!(mirrored.path.is_none() && mirrored.error.is_some());
    assert_eq!(cache.names(), [""; 0], "nothing half done is left");
    server.set(vec![("pack", Does::Die, true), ("list", Does::Die, true)]);
    let cache = cache.with(|options| options.retries = 2);
    let commit = remote.git_output(&["rev-parse", "HEAD"]);
    let mirror = cache.mirror(&url);
    assert_eq!(head(&mirror), commit, "the third try can");
    // The same where there is a mirror.
    remote.commit();
    server.set(vec![("pack", Does::Die, false)]);
    let mirrored = cache.fetch(&url);
    assert!(mirrored.path == Some(mirror.clone()) && mirrored.error.is_some());
    assert_eq!((head(&mirror), cache.names().len()), (commit, 1));
    assert_eq!(super::git(&mirror, &["fsck", "--no-dangling", "--no-progress"]), "");
    server.set(vec![("pack", Does::Die, true)]);
    assert_eq!(head(&cache.mirror(&url)), remote.git_output(&["rev-parse", "HEAD"]));
}

#[test]
fn a_server_that_refuses_is_asked_once_and_no_secret_is_said() {
    let remote = remote();
    let server = Http::of(remote.outside(), vec![("refs", Does::Refuse, false)]);
    let cache = Cache::new().protocol("http").with(|options| options.retries = 5);
    let url = format!("{}/repo/.git", server.url.replace("://", "://me:s3cret-token@"));
    let mirrored = cache.fetch(&url);
    let error = mirrored.error.expect("it is refused");
    assert!(error.contains("Authentication failed") && !error.contains("s3cret") && !error.contains("me:"), "{error}");
    assert!(server.count("refs") <= 2, "once without and once with the password: {}", server.count("refs"));
    let error = cache.fetch(&format!("{}/repo/.git", server.url)).error.expect("nobody is asked for a password");
    assert!(error.contains("could not read Username"), "{error}");
    assert!(!format!("{:?}{:?}", cache.names(), Remote { url, rev: None }).contains("s3cret"));
}

#[test]
fn the_secret_of_a_url_is_not_in_its_mirror() {
    let remote = remote();
    let server = Http::of(remote.outside(), Vec::new());
    let cache = Cache::new().protocol("http");
    let mirror = cache.mirror(&format!("{}/repo/.git", server.url.replace("://", "://me:s3cret-token@")));
    let plain = cache.mirror(&format!("{}/repo/.git", server.url));
    assert_eq!(mirror, plain, "another token is another way to the same mirror");
    let mut waiting = vec![mirror];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                std::fs::read_dir(path).expect("it can be listed").map(|entry| entry.expect("an entry").path()),
            );
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&path).expect("it can be read");
        assert!(!bytes.windows(6).any(|part| part == b"s3cret"), "{}", path.display());
    }
    assert!(files > 3);
}

#[test]
fn two_runs_share_a_cache() {
    let remotes: Vec<_> = (0..4).map(|_| remote()).collect();
    let wanted: Vec<Remote> = remotes.iter().map(|repo| Remote { url: url(repo), rev: None }).collect();
    let cache = Cache::new();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for mirrored in mirror::fetch(&wanted, &cache.options, &mut |_| ()) {
                    assert_eq!(mirrored.error, None);
                }
            });
        }
    });
    assert_eq!(cache.names().len(), 4);
    for (repo, wanted) in remotes.iter().zip(&wanted) {
        assert_eq!(head(&cache.mirror(&wanted.url)), repo.git_output(&["rev-parse", "HEAD"]));
    }
}

#[test]
fn one_that_another_run_holds_for_too_long_is_judged_as_it_is() {
    let remote = remote();
    let (cache, url) = (Cache::new(), url(&remote));
    let mirror = cache.mirror(&url);
    let lock = std::fs::File::open(mirror.with_extension("lock")).expect("it is there");
    lock.lock().expect("it is free");
    let cache = cache.with(|options| options.limit = Duration::from_millis(200));
    let mirrored = cache.fetch(&url);
    assert_eq!(mirrored.path, Some(mirror));
    let error = mirrored.error.expect("it is stale");
    assert!(error.contains("another run held it for over 200ms"), "{error}");
}
