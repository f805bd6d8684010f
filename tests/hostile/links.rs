//! Symbolic links: followed inside of the root alone, and never in circles.

use crate::support::{Repo, package};

const FLOATING: &str = "[dependencies]\na = \"1\"\n";

#[track_caller]
fn found(repo: Repo, expected: &[&str], message: &str) {
    let report = repo.check();
    assert_eq!(report.findings(), expected);
    assert!(report.messages().contains(message), "{}", report.messages());
    // git or no git: the same.
    let report = repo.git().check();
    assert_eq!(report.findings(), expected, "in git");
    assert!(report.messages().contains(message), "in git: {}", report.messages());
}

#[test]
fn a_manifest_that_links_to_itself_is_found() {
    let repo = Repo::new().link("Cargo.toml", "Cargo.toml");
    found(repo, &["Cargo.toml:1:1 unreadable-file Cargo.toml"], "symbolic link to `Cargo.toml` that leads nowhere");
}

#[test]
fn directories_that_link_to_each_other_are_not_walked() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"a/*\", \"b/../c\"]\n")
        .link("a/loop", "../b")
        .link("b/loop", "../a")
        .link("c", "c")
        .link("up", ".");
    let report = repo.check();
    assert!(report.findings().iter().all(|line| line.starts_with("Cargo.toml:2:")), "{:?}", report.findings());
    assert!(!report.list().is_empty());
}

#[test]
fn a_link_to_nothing_is_found() {
    let repo = Repo::new().file("Cargo.toml", package("demo", FLOATING)).link("Cargo.lock", "gone.lock");
    let report = repo.check();
    assert!(report.findings().iter().any(|line| line.contains(" unreadable-file ")), "{:?}", report.findings());
}

#[test]
fn a_manifest_outside_is_found_and_not_read() {
    let repo = Repo::new().link("Cargo.toml", "../secret.toml");
    std::fs::write(repo.outside().join("secret.toml"), package("secret", FLOATING)).expect("it can be written");
    assert!(!repo.run(&["check"]).stdout.contains("secret = "));
    found(
        repo,
        &["Cargo.toml:1:1 unreadable-file Cargo.toml"],
        "symbolic link to `../secret.toml` that leads out of the repository",
    );
}

#[test]
fn an_absolute_link_is_outside_even_into_the_root() {
    let repo = Repo::new().file("real.toml", package("demo", FLOATING));
    let target = repo.root().join("real.toml");
    let repo = repo.link("Cargo.toml", target);
    found(repo, &["Cargo.toml:1:1 unreadable-file Cargo.toml"], "leads out of the repository");
}

#[test]
fn a_toolchain_file_outside_is_found() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).link("rust-toolchain", "/etc/hostname");
    found(repo, &["rust-toolchain:1:1 unreadable-file rust-toolchain"], "leads out of the repository");
}

#[test]
fn a_member_outside_is_found_and_not_read() {
    let repo = Repo::new().file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n").link("one", "../outside");
    std::fs::create_dir(repo.outside().join("outside")).expect("it is new");
    std::fs::write(repo.outside().join("outside/Cargo.toml"), package("one", FLOATING)).expect("it can be written");
    found(
        repo,
        &["Cargo.toml:2:13 unreadable-file Cargo.toml"],
        "is a symbolic link out of the repository (`../outside`): not read",
    );
}

#[test]
fn members_that_lead_outside_are_found() {
    for members in ["../outside", "../../**", "/", "/etc", "one/../../outside", "../*"] {
        let repo = Repo::new().file("Cargo.toml", format!("[workspace]\nmembers = [\"{members}\"]\n"));
        found(repo, &["Cargo.toml:2:13 unreadable-file Cargo.toml"], "leads out of the repository: not read");
    }
}

#[test]
fn everything_else_that_leads_outside_is_found() {
    let repo = Repo::new()
        .file("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nworkspace = \"../../..\"\n\n[dependencies]\na = { path = \"/etc\" }\n")
        .file(".cargo/config.toml", "include = \"../../../outside.toml\"\n");
    let findings = repo.findings();
    assert!(findings.contains(&".cargo/config.toml:1:12 unreadable-file config.toml".to_owned()), "{findings:?}");
}

/// The member is judged, and its findings stand at the file that holds them.
#[test]
fn a_member_that_links_inside_is_reported_at_its_target() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n")
        .link("one", "real/one")
        .file("real/one/Cargo.toml", package("one", FLOATING));
    let expected = ["Cargo.toml:1:1 lock-missing ", "real/one/Cargo.toml:7:6 unpinned-crate a"];
    assert_eq!(repo.findings(), expected);
    assert_eq!(repo.git().findings(), expected);
}

#[test]
fn a_manifest_that_links_inside_is_reported_once_at_its_target() {
    let repo = Repo::new().file("shared/demo.toml", package("demo", FLOATING)).link("Cargo.toml", "shared/demo.toml");
    let expected = ["shared/demo.toml:1:1 lock-missing demo", "shared/demo.toml:7:6 unpinned-crate a"];
    assert_eq!(repo.findings(), expected);
    assert_eq!(repo.git().findings(), expected);
}

#[test]
fn a_path_dependency_through_a_link_that_leaves_is_outside() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", "[dependencies]\na = { path = \"away/a\" }\n"))
        .link("away", "..");
    let findings = repo.findings();
    assert!(findings.contains(&"Cargo.toml:7:15 outside-path a".to_owned()), "{findings:?}");
}

#[test]
fn a_policy_that_links_outside_is_refused() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).link("pinned.toml", "/etc/hostname");
    let error = repo.run(&["check"]).error();
    assert!(error.contains("leads out of the repository"), "{error}");
}

#[test]
fn ignore_rules_are_not_read_through_links() {
    let repo = Repo::new().file("Cargo.toml", package("demo", "")).git().link(".gitignore", "/dev/zero");
    repo.write("new/Cargo.toml", package("new", FLOATING));
    assert_eq!(repo.run(&["check"]).code, 1);
}

/// A page, a template or a script that is not there is read by nobody; what GitHub or npm read must be there.
#[test]
fn links_to_nothing_are_faults_where_a_tool_follows_them() {
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", ""))
        .link("a.sh", "nowhere")
        .link("b.html", "/etc/hosts")
        .link("c.vue", "/etc/hosts")
        .link("d.md", "nowhere.md")
        .link("w/package.json", "../nowhere.json")
        .git();
    for arguments in [&["check"][..], &["check", "--rev", "HEAD"], &["check", "--staged"]] {
        let report = repo.run(&[arguments, &["--format", "json"]].concat()).report();
        let places: Vec<&str> = report.list().iter().map(|one| one["path"].as_str().expect("a path")).collect();
        assert_eq!(places, ["nowhere.json"], "{arguments:?}");
    }
}

/// Whether there is a library is asked of its file's name alone: where it leads is the compiler's to say.
#[test]
fn a_library_that_leads_elsewhere_is_no_finding() {
    for target in ["gone.rs", "../../outside.rs"] {
        let repo = Repo::new().file("Cargo.toml", package("demo", "")).link("src/lib.rs", target);
        std::fs::write(repo.outside().join("outside.rs"), "").expect("it can be written");
        found(repo, &[], "");
    }
}
