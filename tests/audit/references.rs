//! Revisions, branches and tags.

use crate::{Fleet, read};

fn fleet() -> Fleet {
    let fleet = Fleet::new().floating("mine");
    fleet.git("mine", &["tag", "v1.0"]);
    fleet.git("mine", &["tag", "--annotate", "--message", "test", "v1.1"]);
    fleet.git("mine", &["branch", "release/1.0"]);
    fleet.git("mine", &["update-ref", "refs/remotes/origin/release/0.9", "HEAD"]);
    fleet.0.write("mine/Cargo.toml", crate::support::package("demo", ""));
    fleet.commit("mine");
    fleet
}

/// The references of the rows, with how many findings each has.
fn rows(fleet: &Fleet, more: &[&str]) -> Vec<(String, usize)> {
    let audit = fleet.audit(more);
    let row = |row: &serde_json::Value| {
        (row["reference"].as_str().unwrap_or("-").to_owned(), row["findings"].as_array().expect("a list").len())
    };
    audit.rows().iter().map(row).collect()
}

fn expected(rows: &[(&str, usize)]) -> Vec<(String, usize)> {
    rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// By short and by full names, beside HEAD, which is not judged twice.
#[test]
fn branches_and_tags_are_rows_of_their_own() {
    let fleet = fleet();
    for (globs, more) in [
        (&["--refs", "v1.*"][..], &[("v1.0", 2), ("v1.1", 2)][..]),
        (&["--refs", "release/*"], &[("release/1.0", 2)]),
        (&["--refs", "origin/release/*"], &[("origin/release/0.9", 2)]),
        (&["--refs", "refs/heads/**"], &[("release/1.0", 2)]),
        (&["--refs", "refs/tags/v1.0", "--refs", "release/**"], &[("release/1.0", 2), ("v1.0", 2)]),
        (&["--refs", "nothing"], &[]),
    ] {
        let all = [&[("main", 0)], more].concat();
        assert_eq!(rows(&fleet, globs), expected(&all), "{globs:?}");
    }
    let human = fleet.run(&["--refs", "v1.*"]).stdout;
    assert!(human.contains("mine (v1.0)") && human.contains("mine (v1.1)"), "{human}");
}

#[test]
fn a_revision_is_judged_in_place_of_head() {
    let fleet = fleet();
    assert_eq!(rows(&fleet, &["--rev", "v1.1"]), expected(&[("v1.1", 2)]));
    assert_eq!(rows(&fleet, &["--rev", "main^"]), expected(&[("main^", 2)]));
    let fleet = fleet.floating("other");
    let audit = fleet.audit(&["--rev", "v1.1"]);
    assert!(audit.error("other").contains("there is no revision `v1.1` here"), "{}", audit.error("other"));
}

/// A tag of a file or a tree is no commit, and a detached HEAD is one without a name.
#[test]
fn what_is_no_commit_is_no_row() {
    let fleet = fleet();
    fleet.git("mine", &["tag", "v1.tree", "HEAD^{tree}"]);
    fleet.git("mine", &["tag", "v1.blob", "HEAD:Cargo.toml"]);
    fleet.git("mine", &["checkout", "--quiet", "--detach"]);
    assert_eq!(rows(&fleet, &["--refs", "v1.[tb]*"]), expected(&[("-", 0)]));
}

/// Packed references count as well.
#[test]
fn packed_references_are_read() {
    let fleet = fleet();
    fleet.git("mine", &["pack-refs", "--all", "--prune"]);
    fleet.git(".", &["clone", "--quiet", "--mirror", "mine", "mirror.git"]);
    let audit = read(fleet.0.run(&["audit", "mirror.git", "--refs", "v1.*", "--format", "json"]));
    assert_eq!(audit.rows().len(), 3);
}
