//! What no lockfile can satisfy, and what `cargo --locked` would refuse.

use crate::support::{Repo, lock, package};

/// What is locked would do, and is some other package's: a lockfile that nobody brought up to date.
#[test]
fn a_dependency_that_the_lockfile_has_for_others_alone_is_said_to_be_missing() {
    let locked = "a 1.0.1 crates-io\nb 1.0.2 crates-io -> a\ndemo 0.1.0 -> b";
    let report = Repo::demo("a = \"=1.0.1\"\nb = \"=1.0.2\"", locked).check();
    let expected = "demo needs a =1.0.1, which is not among its dependencies in the lockfile";
    assert!(report.messages().contains(expected), "{}", report.messages());
    let report = Repo::demo("a = \"=1.0.0\"\nb = \"=1.0.2\"", locked).check();
    assert!(report.messages().contains("demo needs a =1.0.0, the lockfile has 1.0.1"), "{}", report.messages());
}

#[test]
fn two_exact_requirements_of_one_range_name_both_places() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.10\"\n"))
        .file("two/Cargo.toml", package("two", "[dependencies]\na = \"=1.0.11\"\n"))
        .file("Cargo.lock", lock("a 1.0.10 crates-io\none 0.1.0 -> a\ntwo 0.1.0 -> a"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.lock:20:3 lock-stale a"]);
    let expected =
        "no lockfile can satisfy both `=1.0.11` in two/Cargo.toml and `=1.0.10` in one/Cargo.toml: make them agree";
    assert!(report.messages().contains(expected), "{}", report.messages());
}

#[test]
fn exact_requirements_of_two_ranges_agree() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.10\"\n"))
        .file("two/Cargo.toml", package("two", "[dependencies]\na = \"=2.0.0\"\n"))
        .file("Cargo.lock", lock("a 1.0.10 crates-io\na 2.0.0 crates-io\none 0.1.0 -> a 1.0.10\ntwo 0.1.0 -> a 2.0.0"));
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn the_version_of_a_member_may_be_inherited() {
    let member =
        "[package]\nname = \"one\"\nversion.workspace = true\nedition = \"2021\"\n\n[dependencies]\na = \"=1.0.0\"\n";
    let root =
        |version: &str| format!("[workspace]\nmembers = [\"one\"]\n\n[workspace.package]\nversion = \"{version}\"\n");
    let repo = Repo::new()
        .file("Cargo.toml", root("3.1.4"))
        .file("one/Cargo.toml", member)
        .file("Cargo.lock", lock("a 1.0.0 crates-io\none 3.1.4 -> a"));
    assert_eq!(repo.findings(), [""; 0]);
    let report = repo.file("Cargo.toml", root("3.1.5")).check();
    assert_eq!(report.findings(), ["Cargo.lock:10:9 lock-stale one"]);
    assert!(report.messages().contains("`one` is 3.1.5, the lockfile has 3.1.4"), "{}", report.messages());
}

/// A version beside a path or a repository pins nothing; what is no requirement is refused all the same.
#[test]
fn a_requirement_that_is_none_is_refused_whatever_it_stands_beside() {
    let near = "near = { path = \"near\", version = \"==1\" }";
    let commit = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";
    let far = format!("far = {{ git = \"https://example.com/far\", rev = \"{commit}\", version = \"~>1\" }}");
    let source = format!("git+https://example.com/far?rev={commit}#{commit}");
    let repo = Repo::new()
        .file("Cargo.toml", package("app", &format!("[workspace]\n\n[dependencies]\n{near}\n{far}\nother = \"==1\"\n")))
        .file("near/Cargo.toml", package("near", ""))
        .file(
            "Cargo.lock",
            lock(&format!("app 0.1.0 -> far, near, other\nfar 1.0.0 {source}\nnear 0.1.0\nother 1.0.0 crates-io")),
        );
    let report = repo.check();
    assert_eq!(
        report.findings(),
        [
            "Cargo.toml:9:36 unpinned-crate near",
            "Cargo.toml:10:103 unpinned-git far",
            "Cargo.toml:11:10 unpinned-crate other"
        ]
    );
    assert_eq!(report.replacements(), [""; 0]);
    let messages: Vec<&str> = report.list().iter().map(|one| one["message"].as_str().unwrap_or_default()).collect();
    assert!(messages.iter().all(|message| message.contains("is no requirement that cargo reads")), "{messages:?}");
}

#[test]
fn an_inherited_version_that_the_root_lacks_is_refused() {
    let member = "[package]\nname = \"one\"\nversion.workspace = true\nedition = \"2021\"\n";
    let repo = Repo::new().file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n").file("one/Cargo.toml", member);
    assert_eq!(repo.findings(), ["one/Cargo.toml:2:9 unreadable-file Cargo.toml"]);
}

/// Cargo asks a path package that is no member for its normal and build dependencies, and never for those of its tests.
#[test]
fn dev_dependencies_of_packages_that_are_no_members_are_not_in_the_lockfile() {
    let inner = "[dependencies]\nb = \"=1.0.0\"\n\n[build-dependencies]\nc = \"=1.0.0\"\n\n[dev-dependencies]\nd = \"=1.0.0\"\n";
    let repo = Repo::new()
        .file("app/Cargo.toml", package("app", "[workspace]\n\n[dependencies]\ninner = { path = \"../inner\" }\n"))
        .file("app/Cargo.lock", lock("app 0.1.0 -> inner\nb 1.0.0 crates-io\nc 1.0.0 crates-io\ninner 0.1.0 -> b, c"))
        .file("inner/Cargo.toml", package("inner", inner));
    assert_eq!(repo.findings(), [""; 0]);
    let with_dev =
        lock("app 0.1.0 -> inner\nb 1.0.0 crates-io\nc 1.0.0 crates-io\nd 1.0.0 crates-io\ninner 0.1.0 -> b, c, d");
    let report = repo.file("app/Cargo.lock", with_dev).check();
    assert_eq!(report.findings(), ["app/Cargo.lock:34:3 lock-stale d"]);
}

#[test]
fn what_is_inherited_and_not_there_is_refused() {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n\n[workspace.dependencies]\na = \"=1.0.0\"\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na.workspace = true\nlost.workspace = true\n"))
        .file("Cargo.lock", lock("a 1.0.0 crates-io\none 0.1.0 -> a"));
    let report = repo.check();
    assert_eq!(report.findings(), ["one/Cargo.toml:8:1 unreadable-file Cargo.toml"]);
    assert!(
        report
            .messages()
            .contains("`lost` is inherited, and `[workspace.dependencies]` of Cargo.toml has no such entry")
    );
}

/// A package is asked for by another workspace's lockfile too, and takes what it inherits from its own.
#[test]
fn a_path_package_inherits_from_its_own_workspace() {
    let beside = "[package]\nname = \"beside\"\nversion.workspace = true\nedition = \"2021\"\n";
    let root = |version: &str, members: &str| {
        format!("[workspace]\nmembers = [{members}]\n\n[workspace.package]\nversion = \"{version}\"\n")
    };
    let repo = Repo::new()
        .file("lib/Cargo.toml", root("2.0.0", "\"beside\""))
        .file("lib/beside/Cargo.toml", beside)
        .file("lib/Cargo.lock", lock("beside 2.0.0"))
        .file("app/Cargo.toml", root("3.0.0", "\"one\""))
        .file("app/one/Cargo.toml", package("one", "[dependencies]\nbeside = { path = \"../../lib/beside\" }\n"))
        .file("app/Cargo.lock", lock("beside 2.0.0\none 0.1.0 -> beside"));
    assert_eq!(repo.findings(), [""; 0]);
    let report = repo.file("app/Cargo.lock", lock("beside 3.0.0\none 0.1.0 -> beside")).check();
    assert!(report.messages().contains("`beside` is 2.0.0, the lockfile has 3.0.0"), "{}", report.messages());
}

/// Of many locked versions a few are named, and the others counted.
#[test]
fn what_the_lockfile_has_in_its_place_is_named_up_to_a_few() {
    for (count, expected) in [(5, "5.0.0 "), (6, "5.0.0 and 1 more"), (7, "5.0.0 and 2 more")] {
        let edges: Vec<String> = (1..=count).map(|major| format!("a {major}.0.0")).collect();
        let packages: String = (1..=count).map(|major| format!("a {major}.0.0 crates-io\n")).collect();
        let locked = format!("{packages}demo 0.1.0 -> {}", edges.join(", "));
        let report = Repo::demo("a = \"=9.0.0\"", &locked).check();
        let message = report.messages();
        assert!(message.contains("demo needs a =9.0.0"), "{message}");
        assert!(message.contains(expected.trim_end()) && !message.contains(" 0 more"), "{count}: {message}");
        assert_eq!(message.contains("more"), count > 5, "{count}: {message}");
    }
}

/// Cargo refuses packages that need each other; whoever writes them must not hang what reads them.
#[test]
fn optional_path_dependencies_in_a_circle_come_to_an_end() {
    let on = |name: &str, rest: &str| format!("[dependencies]\n{name} = {{ path = \"../{name}\"{rest} }}\n");
    let repo = Repo::new()
        .file("app/Cargo.toml", package("app", &format!("[workspace]\n\n{}", on("one", ""))))
        .file("one/Cargo.toml", package("one", &on("two", ", optional = true")))
        .file("two/Cargo.toml", package("two", &on("one", "")))
        .file("app/Cargo.lock", lock("app 0.1.0 -> one\none 0.1.0 -> two\ntwo 0.1.0 -> one"));
    assert_eq!(repo.findings(), [""; 0]);
}

/// What another path package of its name has in the lockfile does not stand for it: cargo adds an entry.
#[test]
fn a_path_package_of_a_name_that_another_one_has_is_missed() {
    let on = |path: &str| format!("[dependencies]\np = {{ path = \"{path}\" }}\n");
    let other = package("p", "").replacen("0.1.0", "0.2.0", 1);
    let repo = Repo::new()
        .file(
            "app/Cargo.toml",
            package("app", &format!("[workspace]\n\n{}q = {{ path = \"../q\" }}\n", on("../other"))),
        )
        .file("q/Cargo.toml", package("q", &on("../p")))
        .file("p/Cargo.toml", package("p", ""))
        .file("other/Cargo.toml", other)
        .file("app/Cargo.lock", lock("app 0.1.0 -> p, q\np 0.2.0\nq 0.1.0 -> p"));
    let report = repo.check();
    assert!(report.messages().contains("`p 0.1.0` is not in the lockfile"), "{}", report.messages());
    let report =
        repo.file("app/Cargo.lock", lock("app 0.1.0 -> p 0.2.0, q\np 0.1.0\np 0.2.0\nq 0.1.0 -> p 0.1.0")).check();
    assert_eq!(report.findings(), [""; 0]);
}

/// Cargo asks the root that it started from first: whoever is a member of it inherits from it, whatever stands in between.
#[test]
fn a_member_inherits_from_the_workspace_that_has_it() {
    let root = |members: &str, exclude: &str| {
        format!(
            "[workspace]\nmembers = [{members}]\nexclude = [{exclude}]\n\n[workspace.package]\nversion = \"7.7.7\"\n\n\
             [workspace.dependencies]\na = \"=1.0.0\"\n"
        )
    };
    let member =
        "[package]\nname = \"m\"\nversion.workspace = true\nedition = \"2021\"\n\n[dependencies]\na.workspace = true\n";
    let inner = "[workspace]\nmembers = [\"m\"]\n\n[workspace.package]\nversion = \"2.2.2\"\n\n[workspace.dependencies]\na = \"1\"\n";
    let locked = lock("a 1.0.0 crates-io\nm 7.7.7 -> a");
    let repo = Repo::new()
        .file("Cargo.toml", root("\"n/m\"", ""))
        .file("n/Cargo.toml", inner)
        .file("n/m/Cargo.toml", member)
        .file("Cargo.lock", &locked);
    let stale = |repo: &Repo| repo.findings().iter().filter(|line| line.contains("lock-stale")).count();
    assert_eq!(stale(&repo), 0, "{:?}", repo.findings());
    // A member by a link, whose target is excluded.
    #[cfg(unix)]
    {
        let repo = Repo::new()
            .file("Cargo.toml", root("\"crates/*\"", "\"vendored\""))
            .file("vendored/m/Cargo.toml", member)
            .link("crates/m", "../vendored/m")
            .file("Cargo.lock", &locked);
        assert_eq!(repo.findings(), [""; 0]);
    }
}

/// Where the package is no member: below the root, and not excluded, it inherits from it; else from where its own search ends.
#[test]
fn a_path_package_that_is_no_member_inherits_from_where_cargo_looks() {
    let inherits = "[package]\nname = \"m\"\nversion.workspace = true\nedition = \"2021\"\n";
    let root = |rest: &str| format!("[workspace]\n{rest}\n\n[workspace.package]\nversion = \"7.7.7\"\n");
    let inner = "[workspace]\nmembers = [\"m\"]\n\n[workspace.package]\nversion = \"2.2.2\"\n";
    let on = |path: &str| format!("\n[dependencies]\nm = {{ path = \"{path}\" }}\n");
    // Excluded, with a workspace of its own, which may be left out itself.
    for directory in ["n", "tests/fixtures/n", "vendor/n"] {
        let demo = root(&format!("exclude = [\"{directory}\"]")) + &on(&format!("{directory}/m"));
        let repo = Repo::new()
            .file("Cargo.toml", package("demo", &demo))
            .file(&format!("{directory}/Cargo.toml"), inner)
            .file(&format!("{directory}/m/Cargo.toml"), inherits)
            .file("Cargo.lock", lock("demo 0.1.0 -> m\nm 2.2.2"));
        assert_eq!(repo.check().list().iter().filter(|one| one["rule"] == "lock-stale").count(), 0, "{directory}");
    }
    // Reached through an excluded one, and not excluded itself.
    let demo = root("exclude = [\"x\"]") + "\n[dependencies]\nx = { path = \"x\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", &demo))
        .file("x/Cargo.toml", package("x", &on("../n/m")))
        .file("n/Cargo.toml", inner)
        .file("n/m/Cargo.toml", inherits)
        .file("Cargo.lock", lock("demo 0.1.0 -> x\nm 7.7.7\nx 0.1.0 -> m"));
    assert_eq!(repo.check().list().iter().filter(|one| one["rule"] == "lock-stale").count(), 0);
    // A root of its own, there too.
    let own = inherits.to_owned() + &root("");
    let repo = repo.file("n/m/Cargo.toml", own.replace("7.7.7", "3.3.3")).file("n/Cargo.toml", "[workspace]\n");
    let report = repo.check();
    assert!(report.messages().contains("`m` is 3.3.3, the lockfile has 7.7.7"), "{}", report.messages());
}

/// Cargo reads no such package, so whether its lockfile fits, or is missing, is no question yet.
#[test]
fn what_inherits_from_nowhere_is_all_that_is_wrong_with_it() {
    let lost = |name: &str| package(name, "[dependencies]\nitoa.workspace = true\n");
    let repo = Repo::new()
        .file(
            "Cargo.toml",
            "[workspace]\nmembers = [\"a\"]\nexclude = [\"x\", \"y\", \"z\"]\n\n[workspace.dependencies]\nitoa = \"=1.0.0\"\n",
        )
        .file("Cargo.lock", lock("a 0.1.0 -> itoa\nitoa 1.0.0 crates-io"))
        .file("a/Cargo.toml", lost("a"))
        .file("x/Cargo.toml", lost("x"))
        .file("x/Cargo.lock", lock("itoa 1.0.0 crates-io\nx 0.1.0 -> itoa"))
        .file("y/Cargo.toml", lost("y"))
        .file(
            "z/Cargo.toml",
            "[package]\nname = \"z\"\nedition.workspace = true\n\n[dependencies]\nitoa = \"=1.0.0\"\n\n[workspace]\n",
        );
    let at = |place: &str| format!("{place} unreadable-file Cargo.toml");
    assert_eq!(repo.findings(), [at("x/Cargo.toml:7:1"), at("y/Cargo.toml:7:1"), at("z/Cargo.toml:2:9")]);
    assert!(repo.check().messages().contains("is among the `members` of none"));
}
