//! Where a float can hide: places that a build follows although no workspace lists them.

use crate::support::{Repo, lock, package};

/// The findings about floating declarations, each as `path:line:column rule name`.
#[track_caller]
fn floats(repo: &Repo, expected: &[&str]) {
    let findings = repo.findings();
    let found: Vec<&str> = findings.iter().map(String::as_str).filter(|line| line.contains(" unpinned-")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_patch_below_a_workspace_is_built_though_no_one_claims_it() {
    let root = "[workspace]\n\n[dependencies]\na = \"=1.0.1\"\n\n[patch.crates-io]\na = { path = \"forks/a\" }\n";
    let fork = "[package]\nname = \"a\"\nversion = \"1.0.1\"\n\n[dependencies]\nb = \"*\"\nc.workspace = true\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", &format!("{root}\n[workspace.dependencies]\nc = \"1\"\n")))
        .file("forks/a/Cargo.toml", fork)
        .file("Cargo.lock", lock("a 1.0.1 -> b, c\nb 1.0.2 crates-io\nc 1.0.3 crates-io\ndemo 0.1.0 -> a"))
        .git();
    // What it inherits is in use, so it is no mere warning.
    floats(&repo, &["Cargo.toml:15:6 unpinned-crate c", "forks/a/Cargo.toml:6:6 unpinned-crate b"]);
    assert_eq!(repo.check().0["summary"]["deny"], 2);
    assert_eq!(repo.check().skipped(), Vec::<String>::new());
}

#[test]
fn a_path_behind_an_excluded_package_is_built() {
    let repo = Repo::new()
        .file(
            "Cargo.toml",
            package("demo", "[workspace]\nexclude = [\"ex\"]\n\n[dependencies]\nb = { path = \"ex/b\" }\n"),
        )
        .file("ex/b/Cargo.toml", package("b", "[dependencies]\nc = { path = \"../../c\" }\n"))
        .file("c/Cargo.toml", package("c", "[dependencies]\nd = \"*\"\n"))
        .file("Cargo.lock", lock("b 0.1.0 -> c\nc 0.1.0 -> d\nd 1.0.1 crates-io\ndemo 0.1.0 -> b"))
        .git();
    floats(&repo, &["c/Cargo.toml:7:6 unpinned-crate d"]);
    assert_eq!(repo.check().replacements(), ["=1.0.1"]);
}

const PATCH: &str = "[patch.crates-io]\na = { git = \"https://example.com/a\", branch = \"m\" }\n";

fn exact() -> Repo {
    Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
}

#[test]
fn an_include_is_read_wherever_it_stands() {
    for (include, file) in [
        ("[{ path = \"../hidden.toml\", optional = true }]", "hidden.toml"),
        ("[\"sub/deep.toml\"]", ".cargo/sub/deep.toml"),
        ("[{ path = \"../docs/notes.txt\" }]", "docs/notes.txt"),
    ] {
        let repo = exact().file(".cargo/config.toml", format!("include = {include}\n")).file(file, PATCH).git();
        floats(&repo, &[&format!("{file}:2:48 unpinned-git a")]);
    }
}

#[test]
fn an_include_that_leads_outside_is_found_even_if_it_need_not_be_there() {
    let repo = exact().file(".cargo/config.toml", "include = [{ path = \"../../up.toml\", optional = true }]\n").git();
    assert_eq!(repo.findings(), [".cargo/config.toml:1:22 unreadable-file config.toml"]);
}

#[test]
#[cfg(unix)]
fn a_cargo_directory_that_is_a_link_is_followed() {
    let repo = exact().file("cfg/config.toml", PATCH).link(".cargo", "cfg").git();
    floats(&repo, &["cfg/config.toml:2:48 unpinned-git a"]);
}

#[test]
#[cfg(unix)]
fn a_pattern_of_members_leads_through_links_to_directories() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"l*/b\", \"all/*\"]\n")
        .file("d/b/Cargo.toml", package("b", "[dependencies]\na = \"*\"\n"))
        .file("e/c/Cargo.toml", package("c", "[dependencies]\na = \"1\"\n"))
        .link("l1", "d")
        .link("all", "e")
        .link("e/loop", "../e")
        // One to a file is no member.
        .file("readme", "")
        .link("e/readme", "../readme")
        .git();
    floats(&repo, &["d/b/Cargo.toml:7:6 unpinned-crate a", "e/c/Cargo.toml:7:6 unpinned-crate a"]);
}

#[test]
fn what_git_ignores_is_not_judged_and_rules_nothing() {
    let repo = exact()
        .file(".gitignore", "scratch/*\n/.cargo/config\n/pinned.toml\nrust-toolchain.toml\n")
        .file(".cargo/config.toml", PATCH)
        .git();
    repo.write("scratch/Cargo.toml", package("scratch", "[dependencies]\nb = \"1\"\n"));
    repo.write("pinned.toml", "[rules]\nunpinned-git = \"allow\"\n");
    repo.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n");
    // Cargo would read this one in place of the other here, and nowhere else.
    repo.write(".cargo/config", "");
    floats(&repo, &[".cargo/config.toml:2:48 unpinned-git a"]);
}

#[test]
fn a_manifest_that_two_workspaces_list_is_judged_once() {
    let repo = Repo::new()
        .file("one/Cargo.toml", "[workspace]\nmembers = [\"../shared\"]\n")
        .file("two/Cargo.toml", "[workspace]\nmembers = [\"../shared\"]\n")
        .file("shared/Cargo.toml", package("shared", "[dependencies]\na = \"1\"\n"))
        .git();
    floats(&repo, &["shared/Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(repo.check().0["summary"]["declarations"], 1);
}

#[test]
fn a_channel_that_is_no_string_is_found() {
    let repo = exact().file("rust-toolchain.toml", "[toolchain]\nchannel = 1.80\n").git();
    assert_eq!(repo.findings(), ["rust-toolchain.toml:2:11 unreadable-file rust-toolchain.toml"]);
}

#[test]
fn a_toolchain_file_that_rustup_refuses_is_found() {
    let repo = exact().file("rust-toolchain", "\n").git();
    assert_eq!(repo.findings(), ["rust-toolchain:1:1 unreadable-file rust-toolchain"]);
    let repo = exact().file("rust-toolchain.toml", "[toolchain\n").git();
    assert_eq!(repo.findings(), ["rust-toolchain.toml:1:11 unreadable-file rust-toolchain.toml"]);
}

/// A package that its enclosing workspace neither claims nor excludes cannot be built by itself, and is built by whoever depends on it.
#[test]
fn what_cargo_refuses_by_itself_is_judged_where_it_is_built() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n")
        .file("a/Cargo.toml", package("a", ""))
        .file("b/Cargo.toml", package("b", "[dependencies]\nc = \"1\"\n"))
        .file("fuzz/Cargo.toml", package("fuzz", "[workspace]\n\n[dependencies]\nb = { path = \"../b\" }\n"))
        .file("fuzz/Cargo.lock", lock("b 0.1.0 -> c\nc 1.0.1 crates-io\nfuzz 0.1.0 -> b"))
        .file("Cargo.lock", lock("a 0.1.0"))
        .git();
    floats(&repo, &["b/Cargo.toml:7:6 unpinned-crate c"]);
    assert_eq!((repo.check().replacements(), repo.check().skipped()), (vec!["=1.0.1".to_owned()], Vec::new()));
}

/// What is left out stays so, though a path leads there.
#[test]
fn packages_that_are_left_out_are_built_and_not_judged() {
    let beside = |name: &str| package(name, "[dependencies]\nc = \"1\"\n");
    let repo = Repo::new()
        .file(
            "app/Cargo.toml",
            package(
                "app",
                "[workspace]\n\n[dependencies]\na = { path = \"../tests/a\" }\nb = { path = \"../tests/b\" }\n",
            ),
        )
        .file("tests/a/Cargo.toml", beside("a"))
        .file("tests/b/Cargo.toml", beside("b"))
        .file("app/Cargo.lock", lock("a 0.1.0 -> c\napp 0.1.0 -> a, b\nb 0.1.0 -> c\nc 1.0.1 crates-io"))
        .file("pinned.toml", "exclude = [\"tests\"]\n")
        .git();
    assert_eq!(repo.findings(), [""; 0]);
    assert_eq!(repo.check().0["summary"]["declarations"], 2);
}

#[test]
fn what_is_neither_a_package_nor_a_workspace_is_skipped_and_said() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n")
        .file("a/Cargo.toml", package("a", ""))
        .file("b/Cargo.toml", "[dependencies]\nc = \"1\"\n")
        // One that is broken as well is not built, so that nothing is said of it but why.
        .file("d/Cargo.toml", package("d", "[dependencies]\nc = { version = 1 }\n"))
        .git();
    assert_eq!(
        repo.check().skipped(),
        [
            "b/Cargo.toml: neither a package nor a workspace: cargo refuses it",
            "d/Cargo.toml: cargo refuses it: the workspace at the root neither claims nor excludes it"
        ]
    );
    assert_eq!(repo.findings(), [""; 0]);
}

/// Cargo's configuration counts for what is built below it; what it patches is told once, with the lockfile of the first workspace there.
#[test]
fn a_patch_in_a_configuration_belongs_to_the_first_workspace_below_it() {
    let config = "[patch.crates-io]\na = { git = \"https://example.com/a\", branch = \"main\" }\n";
    let commit = crate::support::COMMIT;
    let locked =
        |name: &str| lock(&format!("a 1.0.1 git+https://example.com/a?branch=main#{commit}\n{name} 0.1.0 -> a"));
    let repo = Repo::new()
        .file("deep/.cargo/config.toml", config)
        .file("deep/one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.1\"\n"))
        .file("deep/one/Cargo.lock", locked("one"))
        .file("deep/two/Cargo.toml", package("two", "[dependencies]\na = \"=1.0.1\"\n"))
        .file("deep/two/Cargo.lock", locked("two"))
        .file("first/Cargo.toml", package("first", ""))
        .git();
    floats(&repo, &["deep/.cargo/config.toml:2:48 unpinned-git a"]);
    assert_eq!(repo.check().replacements(), [format!("rev = \"{commit}\"")]);
}
