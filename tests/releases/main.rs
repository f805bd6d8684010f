//! The release index: what cargo's cache knows, what a registry says, and what is made of both.
//!
//! - `server`: a sparse registry on loopback, which can go wrong in each way.
//! - `project`: repositories, and a `CARGO_HOME` of the test's own.
//! - `cache`: entries of crates.io as cargo wrote them, and a cache that cargo writes in the test.
//! - `rules`: what is too new, withdrawn or unknown against a base.
//! - `online`: registries that answer, hang, refuse, and are not to be asked.

#[path = "../support/mod.rs"]
mod support;

mod cache;
#[cfg(feature = "online")]
mod online;
mod project;
mod rules;
mod server;

/// A build without the feature says so, where it is asked for what it cannot do, and knows what the cache knows.
#[cfg(not(feature = "online"))]
#[test]
fn what_is_not_in_this_build_is_said() {
    let project = project::Project::with_cache().locks_real(2);
    let error = project.run(&["diff", "HEAD", "--online"]).error();
    assert!(error.contains("without the feature `online`"), "{error}");
    assert_eq!(project.known(&[]).0[1], "semver 2026-04-04T00:25:14Z false");
}
