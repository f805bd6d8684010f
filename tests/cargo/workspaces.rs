//! Which manifests make a workspace.

use crate::support::{Repo, lock, package};

/// The manifests that a check takes its floating declarations from; each declares one.
fn judged(repo: &Repo) -> Vec<String> {
    let report = repo.run(&["check", "--surface", "crate", "--format", "json"]).report();
    let lines = report.findings().into_iter();
    lines
        .filter(|line| line.contains("unpinned-crate"))
        .map(|line| line[..line.find(':').expect("a place")].to_owned())
        .collect()
}

fn floating(name: &str, rest: &str) -> String {
    package(name, &format!("{rest}\n[dependencies]\na = \"1\"\n"))
}

#[test]
fn a_star_matches_hidden_directories() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")
        .file("crates/.hidden/Cargo.toml", floating("hidden", ""))
        .file("crates/seen/Cargo.toml", floating("seen", ""));
    assert_eq!(judged(&repo), ["crates/.hidden/Cargo.toml", "crates/seen/Cargo.toml"]);
}

#[test]
fn a_star_matches_one_level_and_two_stars_all() {
    let one = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")
        .file("crates/a/Cargo.toml", floating("a", ""))
        .file("crates/a/b/Cargo.toml", floating("b", ""));
    assert_eq!(judged(&one), ["crates/a/Cargo.toml"]);
    let all = one.file("Cargo.toml", "[workspace]\nmembers = [\"crates/**\"]\n");
    assert_eq!(judged(&all), ["crates/a/Cargo.toml", "crates/a/b/Cargo.toml"]);
}

#[test]
fn a_matched_directory_without_a_manifest_is_refused() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")
        .file("crates/one/Cargo.toml", package("one", ""))
        .file("crates/notes/README.md", "")
        .file("crates/README.md", "");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:2:13 unreadable-file Cargo.toml"]);
    assert!(report.messages().contains("matches `crates/notes`, which has no Cargo.toml"), "{}", report.messages());
}

/// Who inherits an entry may stand in a manifest that cannot be read: nobody is told to delete the entry then.
#[test]
fn what_a_member_that_cannot_be_read_may_inherit_is_not_unused() {
    let root = "[workspace]\nmembers = [\"one\"]\n[workspace.dependencies]\na = \"1\"\n";
    for (one, level) in [(package("one", ""), "warn"), ("[package\n".to_owned(), "deny")] {
        let repo = Repo::new().file("Cargo.toml", root).file("one/Cargo.toml", one);
        let report = repo.run(&["check", "--surface", "crate", "--format", "json"]).report();
        let found = report.list().iter().find(|found| found["name"] == "a").cloned().expect("it floats");
        assert_eq!(found["level"], level);
        let is_said = found["help"].as_str().is_some_and(|help| help.contains("delete"));
        assert_eq!(is_said, level == "warn", "{found}");
    }
}

#[test]
fn a_manifest_that_cannot_be_read_is_there() {
    for members in ["crates/one", "crates/*"] {
        let repo = Repo::new()
            .file("Cargo.toml", format!("[workspace]\nmembers = [\"{members}\"]\n"))
            .file("crates/one/Cargo.toml", b"[package]\nname = \"\xff\"\n");
        let report = repo.check();
        let expected =
            ["Cargo.toml:2:13 unreadable-file Cargo.toml", "crates/one/Cargo.toml:1:1 unreadable-file Cargo.toml"];
        assert_eq!(report.findings(), expected, "{members}");
        assert!(report.messages().contains("has a Cargo.toml that cannot be read"), "{}", report.messages());
    }
}

#[test]
fn a_toolchain_file_that_is_left_out_is_counted() {
    let repo = Repo::new()
        .file("Cargo.toml", package("a", ""))
        .file("templates/x/rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    let report = repo.check();
    assert_eq!((report.findings().len(), report.skipped().len()), (0, 1));
}

#[test]
fn braces_are_not_expanded() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"{a,b}\"]\n")
        .file("a/Cargo.toml", floating("a", ""))
        .file("b/Cargo.toml", floating("b", ""));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:2:13 unreadable-file Cargo.toml"]);
    assert!(report.messages().contains("workspace member `{a,b}` has no Cargo.toml"), "{}", report.messages());
    assert_eq!(report.skipped().len(), 2);
}

#[test]
fn a_member_named_literally_beats_exclude_and_a_globbed_one_does_not() {
    let members = |members: &str| format!("[workspace]\nmembers = [{members}]\nexclude = [\"crates/a\"]\n");
    let repo = Repo::new()
        .file("Cargo.toml", members("\"crates/a\""))
        .file("crates/a/Cargo.toml", floating("a", ""))
        .file("Cargo.lock", "version = 4\n");
    // A member of the root has the root's lockfile: no `lock-missing` of its own.
    assert_eq!(repo.check().findings().iter().filter(|line| line.contains("lock-missing")).count(), 0);
    let globbed = repo.file("Cargo.toml", members("\"crates/*\""));
    let missing = globbed.check().findings();
    assert!(missing.contains(&"crates/a/Cargo.toml:1:1 lock-missing a".to_owned()), "{missing:?}");
}

#[test]
fn a_package_can_point_to_its_workspace() {
    let repo = Repo::new()
        .file("root/Cargo.toml", "[workspace]\nmembers = [\"../beside\"]\n\n[workspace.dependencies]\na = \"1\"\n")
        .file("beside/Cargo.toml", "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nworkspace = \"../root\"\n\n[dependencies]\na.workspace = true\n");
    assert_eq!(judged(&repo), ["root/Cargo.toml"]);
    let listed = repo.run(&["list", "--format", "json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["declarations"][0]["used_by"], serde_json::json!(["beside"]));
}

#[test]
fn a_pointer_elsewhere_is_refused() {
    let pointing = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nworkspace = \"../other\"\n";
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n")
        .file("one/Cargo.toml", pointing)
        .file("other/Cargo.toml", "[workspace]\n");
    assert_eq!(repo.findings(), ["one/Cargo.toml:4:14 unreadable-file Cargo.toml"]);
}

#[test]
fn a_pointer_and_a_workspace_in_one_manifest_are_refused() {
    let both = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nworkspace = \"..\"\n\n[workspace]\n";
    let repo = Repo::new().file("one/Cargo.toml", both);
    assert_eq!(repo.findings(), ["one/Cargo.toml:4:14 unreadable-file Cargo.toml"]);
}

#[test]
fn path_dependencies_below_the_root_are_members_through_every_table() {
    let through = |name: &str, next: &str, table: &str| {
        package(name, &format!("[{table}]\n{next} = {{ path = \"../{next}\" }}\n\n[dependencies.a]\nversion = \"1\"\n"))
    };
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[workspace]\n\n[dependencies]\none = { path = \"one\" }\n"))
        .file("one/Cargo.toml", through("one", "two", "dev-dependencies"))
        .file("two/Cargo.toml", through("two", "three", "build-dependencies"))
        .file("three/Cargo.toml", through("three", "four", "target.'cfg(windows)'.dependencies"))
        .file("four/Cargo.toml", floating("four", ""));
    assert_eq!(judged(&repo), ["four/Cargo.toml", "one/Cargo.toml", "three/Cargo.toml", "two/Cargo.toml"]);
}

/// Outside of the root's directory, cargo's own search upward from the package must end at this root.
#[test]
fn a_path_dependency_outside_of_the_root_joins_only_if_it_points_there() {
    let root = "[workspace]\n\n[dependencies]\nbeside = { path = \"../beside\" }\n";
    let member = |pointer: &str| {
        format!(
            "[package]\nname = \"beside\"\nversion = \"0.1.0\"\n{pointer}\n[dependencies]\na = \"=1.0.0\"\n\n[dev-dependencies]\nd = \"=1.0.0\"\n"
        )
    };
    let locked = |edges: &str| {
        crate::support::lock(&format!(
            "a 1.0.0 crates-io\nbeside 0.1.0 -> {edges}\nd 1.0.0 crates-io\nroot 0.1.0 -> beside"
        ))
    };
    let repo = Repo::new()
        .file("root/Cargo.toml", package("root", root))
        .file("beside/Cargo.toml", member("workspace = \"../root\"\n"))
        .file("root/Cargo.lock", locked("a, d"));
    assert_eq!(repo.findings(), [""; 0], "a member, with the dependencies of its tests");
    let repo = repo.file("beside/Cargo.toml", member(""));
    let stale = repo.findings();
    assert_eq!(stale, ["root/Cargo.lock:14:3 lock-stale d"], "no member, so those of its tests are surplus");
}

#[test]
fn default_members_narrow_nothing() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\ndefault-members = [\"a\"]\n")
        .file("a/Cargo.toml", floating("a", ""))
        .file("b/Cargo.toml", floating("b", ""));
    assert_eq!(judged(&repo), ["a/Cargo.toml", "b/Cargo.toml"]);
}

#[test]
fn members_below_default_excludes_are_judged() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"vendor/a\", \"tests/*/\"]\n")
        .file("vendor/a/Cargo.toml", floating("a", ""))
        .file("tests/b/Cargo.toml", floating("b", ""));
    assert_eq!(judged(&repo), ["tests/b/Cargo.toml", "vendor/a/Cargo.toml"]);
}

#[test]
fn an_inherited_path_is_relative_to_the_root() {
    let repo = Repo::new()
        .file(
            "Cargo.toml",
            "[workspace]\nmembers = [\"deep/one\"]\n\n[workspace.dependencies]\ntwo = { path = \"two\" }\n",
        )
        .file("deep/one/Cargo.toml", package("one", "[dependencies]\ntwo.workspace = true\n"))
        .file("two/Cargo.toml", floating("two", ""));
    assert_eq!(judged(&repo), ["two/Cargo.toml"]);
}

#[test]
fn a_path_package_that_the_policy_excludes_is_built_and_not_judged() {
    let repo = Repo::new()
        .file(
            "Cargo.toml",
            package("demo", "[dependencies]\na = { path = \"beside/a\" }\n\n[workspace]\nexclude = [\"beside\"]\n"),
        )
        .file("beside/a/Cargo.toml", package("a", "[dependencies]\nb = \"1\"\n"))
        .file("Cargo.lock", lock("a 0.1.0 -> b\nb 1.0.0 crates-io\ndemo 0.1.0 -> a"));
    assert_eq!(repo.findings(), ["beside/a/Cargo.toml:7:6 unpinned-crate b"]);
    repo.write("pinned.toml", "exclude = [\"beside/**\"]\n");
    assert_eq!(repo.findings(), [""; 0]);
}

/// A member by its link is the package that the link leads to.
#[test]
#[cfg(unix)]
fn a_member_that_is_a_link_is_judged_once_and_where_it_is() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"link\", \"real/one\"]\n")
        .file("real/one/Cargo.toml", floating("one", ""))
        .link("link", "real/one");
    assert_eq!(judged(&repo), ["real/one/Cargo.toml"]);
    assert_eq!(repo.check().0["summary"]["declarations"], 1);
    assert_eq!(repo.check().skipped(), Vec::<String>::new());
}

/// Cargo that is started at the root takes a package below for its member, whatever workspace stands in between: each lockfile is
/// compared, and what is declared is judged once, where cargo's search from the package itself ends.
#[test]
fn a_package_of_two_workspaces_is_compared_with_both_lockfiles() {
    let root = |members: &str| format!("[workspace]\nmembers = [\"{members}\"]\n[workspace.dependencies]\nb = \"1\"\n");
    let held = "a 1.0.0 crates-io\nb 1.0.0 crates-io\npart 0.1.0 -> a, b";
    let both = |outer: &str, inner: &str| {
        Repo::new()
            .file("Cargo.toml", root("app"))
            .file("Cargo.lock", lock(&format!("{outer}\napp 0.1.0 -> part")))
            .file("app/Cargo.toml", package("app", "[dependencies]\npart = { path = \"../inner/part\" }\n"))
            .file("inner/Cargo.toml", root("part"))
            .file("inner/Cargo.lock", lock(inner))
            .file("inner/part/Cargo.toml", package("part", "[dependencies]\na = \"1\"\nb.workspace = true\n"))
            .check()
    };
    let floats = [
        "Cargo.toml:4:6 unpinned-crate b",
        "inner/Cargo.toml:4:6 unpinned-crate b",
        "inner/part/Cargo.toml:7:6 unpinned-crate a",
    ];
    let report = both(held, held);
    assert_eq!(report.findings(), floats);
    let is_used = report.list().iter().all(|finding| finding["level"] == "deny" && finding["fix"].is_object());
    assert!(is_used, "each of the two entries for b is inherited: {}", report.messages());
    let stale = held.replace("part 0.1.0", "part 0.2.0");
    assert_eq!(both(&stale, held).findings(), [&["Cargo.lock:16:9 lock-stale part"], &floats[..]].concat());
    assert_eq!(
        both(held, &stale).findings(),
        [&floats[..1], &["inner/Cargo.lock:16:9 lock-stale part"], &floats[1..]].concat()
    );
}
