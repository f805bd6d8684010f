//! Git references and where packages come from.

use crate::support::{COMMIT, Repo, lock, package};

/// The pin of one git dependency with this reference, by what `list` says.
#[track_caller]
fn pin(reference: &str, expected: &str) {
    let manifest =
        package("demo", &format!("[dependencies]\na = {{ git = \"https://example.com/a\", {reference} }}\n"));
    let listed = Repo::new().file("Cargo.toml", manifest).run(&["list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!(listed["declarations"][0]["pin"], expected, "{reference}");
}

#[test]
fn only_a_full_commit_id_is_content() {
    pin(&format!("rev = \"{COMMIT}\""), "content");
    pin(&format!("rev = \"{}\"", COMMIT.to_uppercase()), "content");
    pin(&format!("rev = \"{}\"", "0123456789abcdef".repeat(4)), "content");
    pin(&format!("rev = \"{}\"", &COMMIT[..7]), "tag");
    pin(&format!("rev = \"{}\"", &COMMIT[..39]), "tag");
    pin(&format!("rev = \"{COMMIT}0\""), "tag");
    pin(&format!("rev = \" {COMMIT}\""), "tag");
    pin("rev = \"refs/pull/493/head\"", "tag");
    pin("rev = \"v1.0.0\"", "tag");
    pin(&format!("branch = \"{COMMIT}\""), "latest");
    pin(&format!("tag = \"{COMMIT}\""), "tag");
}

#[test]
fn the_fragment_of_a_url_pins_nothing() {
    let repo = Repo::demo(
        &format!("a = {{ git = \"https://example.com/a#{COMMIT}\" }}"),
        &format!("a 0.1.0 git+https://example.com/a#{COMMIT}\ndemo 0.1.0 -> a"),
    );
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:14 unpinned-git a"]);
    assert_eq!(report.replacements(), [format!(", rev = \"{COMMIT}\"")]);
}

#[test]
fn two_references_are_refused() {
    let repo = Repo::demo(
        "a = { git = \"https://example.com/a\", branch = \"main\", tag = \"v1\" }",
        &format!("a 0.1.0 git+https://example.com/a?branch=main#{COMMIT}\ndemo 0.1.0 -> a"),
    );
    let report = repo.run(&["check", "--surface", "crate", "--format", "json"]).report();
    assert_eq!(report.findings(), ["Cargo.toml:7:62 unreadable-file Cargo.toml"]);
}

#[test]
fn a_short_commit_and_a_full_one_are_two_references_to_cargo() {
    let short = &COMMIT[..7];
    let repo = Repo::demo(
        &format!("a = {{ git = \"https://example.com/a\", rev = \"{COMMIT}\" }}"),
        &format!("a 0.1.0 git+https://example.com/a?rev={short}#{COMMIT}\ndemo 0.1.0 -> a"),
    );
    let report = repo.check();
    assert_eq!(report.findings().len(), 1);
    assert!(
        report.messages().contains(&format!(
            "at rev `{COMMIT}`, the lockfile has 0.1.0 from https://example.com/a at rev `{short}`"
        )),
        "{}",
        report.messages()
    );
}

#[test]
fn a_named_registry_is_the_one_of_cargos_configuration() {
    let source = |url: &str| lock(&format!("a 1.0.0 registry+{url}\ndemo 0.1.0 -> a"));
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = { version = \"1\", registry = \"ours\" }\n"))
        .file(".cargo/config.toml", "[registries]\nours = { index = \"https://registry.example.com/index\" }\n")
        .file("Cargo.lock", source("https://registry.example.com/index"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:18 unpinned-crate a"]);
    assert_eq!(report.replacements(), ["=1.0.0"]);
    // The same name from another registry is another package.
    let repo = repo.file("Cargo.lock", source("https://elsewhere.example.com/index"));
    let report = repo.run(&["check", "--surface", "lockfile", "--format", "json"]).report();
    assert_eq!(report.findings().len(), 1, "{}", report.messages());
    assert!(report.messages().contains("from registry `ours`"), "{}", report.messages());
}

#[test]
fn a_registry_that_nothing_names_is_not_guessed() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = { version = \"=1.0.0\", registry = \"ours\" }\n"))
        .file("Cargo.lock", lock("a 1.0.0 registry+https://registry.example.com/index\ndemo 0.1.0 -> a"));
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn a_sparse_registry_is_one_too() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = { version = \"1\", registry = \"ours\" }\n"))
        .file(".cargo/config.toml", "[registries.ours]\nindex = \"sparse+https://registry.example.com/\"\n")
        .file("Cargo.lock", lock("a 1.0.0 sparse+https://registry.example.com/\ndemo 0.1.0 -> a"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:18 unpinned-crate a"]);
    assert_eq!(report.replacements(), ["=1.0.0"]);
}

#[test]
fn a_git_repository_can_be_patched() {
    let manifest = "[dependencies]\na = { git = \"https://example.com/a\", tag = \"v1\" }\n\n[patch.'https://example.com/a']\na = { path = \"a\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", manifest))
        .file("a/Cargo.toml", package("a", "[workspace]\n"))
        .file("Cargo.lock", lock("a 0.1.0\ndemo 0.1.0 -> a"));
    assert_eq!(repo.findings(), ["Cargo.toml:7:45 unpinned-git a"]);
    // The patch is of that repository alone.
    let repo =
        repo.file("Cargo.toml", package("demo", &manifest.replace("patch.'https://example.com/a'", "patch.crates-io")));
    let report = repo.run(&["check", "--surface", "lockfile", "--format", "json"]).report();
    assert!(!report.list().is_empty(), "cargo --locked refuses it");
}

/// Cargo warns of it, and builds what is locked.
#[test]
fn a_patch_in_a_member_is_of_no_effect() {
    let patch = "[patch.crates-io]\nb = { git = \"https://example.com/b\", branch = \"main\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"m\"]\n")
        .file("m/Cargo.toml", package("m", &format!("[dependencies]\na = \"=1.0.0\"\n\n{patch}")))
        .file("Cargo.lock", lock("a 1.0.0 crates-io\nm 0.1.0 -> a"));
    let of_git = |repo: &Repo| repo.check().findings().iter().filter(|one| one.contains("unpinned-git")).count();
    assert_eq!(of_git(&repo), 0);
    let repo = repo.file("Cargo.toml", format!("[workspace]\nmembers = [\"m\"]\n\n{patch}"));
    assert_eq!(of_git(&repo), 1);
}

#[test]
fn a_patch_that_floats_is_found_where_it_is() {
    let manifest = "[dependencies]\na = \"=1.0.0\"\n\n[patch.crates-io]\na = { git = \"https://example.com/a\", branch = \"main\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", manifest))
        .file("Cargo.lock", lock(&format!("a 1.0.0 git+https://example.com/a?branch=main#{COMMIT}\ndemo 0.1.0 -> a")));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:10:48 unpinned-git a"]);
    assert_eq!(report.replacements(), [format!("rev = \"{COMMIT}\"")]);
}

/// Whoever wrote a token into a URL did not mean it for the log of every build.
#[test]
fn credentials_in_urls_are_never_shown() {
    let url = "https://user:s3cret@example.com/a";
    let manifest = format!(
        "[dependencies]\na = {{ git = \"{url}\", branch = \"main\" }}\nb = {{ git = \"{url}\" }}\nc = {{ version = \"1\", registry-index = \"{url}\" }}\n\n[patch.\"{url}\"]\na = {{ path = \"gone\" }}\n"
    );
    let locked = format!(
        "a 0.1.0 git+{url}?branch=main#{COMMIT}\nb 0.1.0 git+{url}?branch=other#{COMMIT}\nc 2.0.0 registry+{url}\nd 1.0.0 odd+{url}\ndemo 0.1.0 -> a, b, c"
    );
    for locked in [locked.clone(), locked.replace("d 1.0.0", "d 1.0").replace("odd+", "")] {
        let repo = Repo::new().file("Cargo.toml", package("demo", &manifest)).file("Cargo.lock", lock(&locked));
        for arguments in
            [&["check", "-v"][..], &["check", "--format", "json"], &["list"], &["list", "--format", "json"]]
        {
            let run = repo.run(arguments);
            assert!(run.stdout.contains("main"), "{}", run.stdout);
            assert!(!run.stdout.contains("s3cret") && !run.stderr.contains("s3cret"), "{}", run.stdout);
        }
    }
}

/// What stands in for a replaced package has its name and its version, and is not replaced itself.
#[test]
fn a_replacement_by_git_is_not_stale() {
    let git = format!("git+https://example.com/a?tag=v1#{COMMIT}");
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    let replaced = format!(
        "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.1\"\nsource = \"{registry}\"\nchecksum = \"{}\"\nreplace = \"a 1.0.1 (git+https://example.com/a?tag=v1)\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.1\"\nsource = \"{git}\"\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\n \"a 1.0.1 ({registry})\",\n]\n",
        "01".repeat(32)
    );
    let manifest = "[dependencies]\na = \"=1.0.1\"\n\n[replace]\n\"a:1.0.1\" = { git = \"https://example.com/a\", tag = \"v1\" }\n";
    let repo = Repo::new().file("Cargo.toml", package("demo", manifest)).file("Cargo.lock", replaced).git();
    let run = repo.run(&["check", "--surface", "lockfile"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
}

/// `lock-stale` of a package that needs `a` and patches it, each from where it says; the lockfile has the patch.
#[track_caller]
fn patched(declared: &str, patched: &str, is_stale: bool) {
    let manifest =
        format!("[dependencies]\na = {{ version = \"1\", {declared} }}\n\n[patch.{patched}]\na = {{ path = \"a\" }}\n");
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", &manifest))
        .file("a/Cargo.toml", package("a", "").replace("0.1.0", "1.0.0"))
        .file("Cargo.lock", lock("a 1.0.0\ndemo 0.1.0 -> a"));
    let found = repo.findings();
    let stale = found.iter().filter(|found| found.contains("lock-stale")).count();
    assert_eq!(stale > 0, is_stale, "{declared} by {patched}: {found:?}");
}

#[test]
fn a_patch_stands_in_for_the_registry_that_it_names() {
    let index = "registry-index = \"sparse+https://example.com/index/\"";
    patched(index, "\"sparse+https://example.com/index/\"", false);
    patched(index, "\"sparse+https://example.com/another/\"", true);
    patched(index, "crates-io", true);
    // Which registry a name is, cargo's configuration may say elsewhere: no verdict.
    patched("registry = \"own\"", "\"sparse+https://example.com/index/\"", false);
    patched(index, "own", false);
}

#[test]
fn an_old_lockfile_writes_the_default_branch_as_master() {
    let git = |reference: &str| format!("a = {{ git = \"https://example.com/a\"{reference} }}");
    for (reference, locked, is_stale) in [
        ("", "?branch=master", false),
        (", branch = \"master\"", "", false),
        (", branch = \"master\"", "?branch=master", false),
        ("", "?branch=main", true),
        ("", "?tag=master", true),
    ] {
        let rows = format!("a 0.1.0 git+https://example.com/a{locked}#{COMMIT}\ndemo 0.1.0 -> a");
        // What has no version is of version 1 or 2.
        let since_3 = is_stale || (locked.is_empty() != reference.is_empty());
        for (version, is_stale) in [("", is_stale), ("version = 3\n", since_3), ("version = 4\n", since_3)] {
            let text = lock(&rows).replacen("version = 4\n", version, 1);
            let repo = Repo::demo(&git(reference), &rows).file("Cargo.lock", text);
            let found = repo.findings();
            let stale = found.iter().any(|found| found.contains("lock-stale"));
            assert_eq!(stale, is_stale, "{version:?} {reference:?} {locked:?}: {found:?}");
        }
    }
}

/// What has to be encoded in a query was written as it is before version 4; cargo reads both.
#[test]
fn an_encoded_reference_is_read_in_every_version() {
    for (locked, version, is_stale) in [
        ("feat%2Fx", "version = 4\n", false),
        ("feat%2Fx", "version = 3\n", false),
        ("feat/x", "version = 3\n", false),
        ("feat%2Fx", "", false),
        ("feat%2Fy", "version = 3\n", true),
    ] {
        let rows = format!("a 0.1.0 git+https://example.com/a?branch={locked}#{COMMIT}\ndemo 0.1.0 -> a");
        let text = lock(&rows).replacen("version = 4\n", version, 1);
        let repo =
            Repo::demo("a = { git = \"https://example.com/a\", branch = \"feat/x\" }", &rows).file("Cargo.lock", text);
        let found = repo.findings();
        assert_eq!(found.iter().any(|found| found.contains("lock-stale")), is_stale, "{version:?} {locked}: {found:?}");
    }
}

#[test]
fn checksums_in_two_places_are_refused_since_version_2() {
    let rows = "a 1.0.0 crates-io\ndemo 0.1.0 -> a";
    let id = "checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)";
    let metadata = format!("\n[metadata]\n\"{id}\" = \"{}\"\n", "01".repeat(32));
    let bare = |text: String| text.lines().filter(|line| !line.starts_with("checksum")).collect::<Vec<_>>().join("\n");
    for (version, is_bare, is_refused) in
        [("", true, false), ("", false, true), ("version = 2\n", true, true), ("version = 4\n", true, true)]
    {
        let text = lock(rows).replacen("version = 4\n", version, 1);
        let text = if is_bare { bare(text) } else { text } + "\n" + &metadata;
        let found = Repo::demo("a = \"=1.0.0\"", rows).file("Cargo.lock", text).findings();
        assert_eq!(
            found.iter().any(|found| found.contains("unreadable-file")),
            is_refused,
            "{version:?} {is_bare}: {found:?}"
        );
    }
}

/// Each package of a repository is locked by itself.
#[test]
fn a_patch_is_locked_to_the_package_of_its_name() {
    let manifest = "[dependencies]\na = \"=1.0.0\"\n\n[patch.crates-io]\na = { git = \"https://example.com/a\", branch = \"main\" }\n";
    let git = format!("git+https://example.com/a?branch=main#{COMMIT}");
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", manifest))
        .file("Cargo.lock", lock(&format!("a 1.0.0 {git} -> b\nb 1.0.0 {git}\ndemo 0.1.0 -> a")));
    assert_eq!(repo.check().replacements(), [format!("rev = \"{COMMIT}\"")]);
}

/// Cargo drops packages that are none of the workspace's and have no source: what shares a name with one is still there.
#[test]
fn what_cargo_drops_from_a_lockfile_hides_nothing_of_its_name() {
    let repo = Repo::demo("a = \"1\"", "a 0.9.0\na 1.0.1 crates-io\ndemo 0.1.0 -> a");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(report.replacements(), ["=1.0.1"]);
}

/// What is encoded in a lockfile of version 4 is decoded once.
#[test]
fn a_percent_sign_in_a_reference_is_one() {
    for (branch, is_stale) in [("a%2Fb", false), ("a/b", true)] {
        let repo = Repo::demo(
            &format!("a = {{ git = \"https://example.com/a\", branch = \"{branch}\" }}"),
            &format!("a 0.1.0 git+https://example.com/a?branch=a%252Fb#{COMMIT}\ndemo 0.1.0 -> a"),
        );
        let found = repo.findings();
        assert_eq!(found.iter().any(|found| found.contains("lock-stale")), is_stale, "{branch}: {found:?}");
    }
}

/// What comes from a registry depends on registries: a package from git can only be there by a patch, and goes with it.
#[test]
fn a_git_patch_of_what_a_crate_needs_goes_with_its_declaration() {
    let commit = "0123456789012345678901234567890123456789";
    let patch = "[patch.crates-io]\nb = { git = \"https://example.com/b\", tag = \"v1\" }\n";
    let repo =
        Repo::new().file("Cargo.toml", package("app", &format!("[dependencies]\na = \"=1.0.0\"\n{patch}"))).file(
            "Cargo.lock",
            lock(&format!("a 1.0.0 crates-io -> b\napp 0.1.0 -> a\nb 1.0.1 git+https://example.com/b?tag=v1#{commit}")),
        );
    let stale = || repo.check().findings().into_iter().filter(|line| line.contains("lock-stale")).collect::<Vec<_>>();
    assert_eq!(stale(), Vec::<String>::new());
    for (place, text) in
        [("Cargo.toml", package("app", "[dependencies]\na = \"=1.0.0\"\n")), (".cargo/config.toml", patch.to_owned())]
    {
        repo.write(place, text);
        let found = stale();
        assert_eq!(found.len(), usize::from(place == "Cargo.toml"), "{place}: {found:?}");
    }
    let other = patch.replace("b = {", "c = {");
    repo.write(".cargo/config.toml", other);
    assert!(
        repo.check()
            .messages()
            .contains("`a` needs `b` from a registry, and the lockfile has it from https://example.com/b")
    );
}
