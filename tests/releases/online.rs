//! `--online`: registries that are asked, and what they do to that.

use crate::project::{Project, SUM};
use crate::server::{Does, Registry};
use crate::support::CRATES_IO;

const POLICY: &str = "[rules]\nrelease-too-new = \"deny\"\nrelease-yanked = \"deny\"\n";

/// A registry in the place of crates.io with three packages, and a project that takes them up.
fn both() -> (Registry, Project) {
    let registry = Registry::new();
    registry.publish("old", "1.0.0", SUM, ",\"yanked\":false,\"pubtime\":\"2026-01-01T10:00:00Z\"");
    registry.publish("new", "1.0.0", SUM, ",\"yanked\":true,\"pubtime\":\"2026-04-04T10:00:00Z\"");
    registry.publish("mute", "1.0.0", SUM, "");
    let project = Project::new().replaced(&registry.url).policy(POLICY);
    let project = project.locks(&["mute", "new", "old"].map(|name| (name, "1.0.0", SUM, CRATES_IO)));
    (registry, project.with("CARGO_HTTP_TIMEOUT", "1"))
}

const ALL: [&str; 3] = ["mute null false", "new 2026-04-04T10:00:00Z true", "old 2026-01-01T10:00:00Z false"];
const NONE: [&str; 3] = ["mute null null", "new null null", "old null null"];

#[test]
fn a_registry_is_asked_where_the_user_says_so() {
    let (registry, project) = both();
    assert_eq!(project.known(&[]).0, NONE);
    assert_eq!(registry.asked(), [""; 0], "nobody said so");
    let (known, said) = project.known(&["--online"]);
    assert_eq!((known, said.as_str()), (ALL.map(str::to_owned).to_vec(), ""));
    let mut asked = registry.asked();
    asked.sort();
    let expected = ["GET /index/3/n/new HTTP/1.1", "GET /index/3/o/old HTTP/1.1", "GET /index/mu/te/mute HTTP/1.1"];
    assert_eq!(asked, expected);
    assert!(!project.home().join("registry").exists(), "nothing is kept");
    let heard = registry.heard();
    assert!(!heard.contains("authorization") && heard.contains("user-agent: cargo-pinned/"), "{heard}");
}

#[test]
fn a_check_asks_for_what_its_rules_want_to_know() {
    let (registry, project) = both();
    let (code, found, _) = project.found(&["--online"]);
    let expected = [
        "warn release-too-new: the age of `mute 1.0.0` is not known: the index does not say when it was published",
        "deny release-too-new: `new 1.0.0` was published 14 hours ago, and must be 3 days old",
        "deny release-yanked: `new 1.0.0` was withdrawn by its author (yanked)",
    ];
    assert_eq!((code, found), (1, expected.map(str::to_owned).to_vec()));
    let asked = registry.asked().len();
    project.found(&["--online", "--allow", "release-too-new", "--allow", "release-yanked"]);
    assert_eq!(registry.asked().len(), asked, "nothing wants to know");
    let error = project.run(&["check", "--online"]).error();
    assert!(error.contains("--base"), "{error}");
}

/// It is given up after the time that cargo would wait, however it wastes that.
#[test]
fn a_registry_that_hangs_is_given_up_and_nothing_is_old_enough() {
    for does in [Does::Hang, Does::Trickle] {
        let (registry, project) = both();
        registry.does(does);
        let (known, said) = project.known(&["--online"]);
        assert_eq!(known, NONE, "{does:?}");
        assert!(said.contains("does not answer within 1 second") && said.lines().count() == 1, "{does:?}: {said}");
        registry.hung_up.recv().expect("the connection was closed");
        let (code, found, _) = project.found(&["--online"]);
        assert_eq!((code, found.len()), (0, 3), "once each, though two rules ask");
        assert!(found.iter().all(|line| line.starts_with("warn ") && line.contains("not known")), "{found:?}");
    }
}

#[test]
fn one_that_hangs_is_not_asked_a_hundred_times() {
    let registry = Registry::new();
    registry.does(Does::Hang);
    let names: Vec<String> = (0..100).map(|at| format!("package-{at:02}")).collect();
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), "1.0.0", SUM, CRATES_IO)).collect();
    let project = Project::new().replaced(&registry.url).locks(&all).with("CARGO_HTTP_TIMEOUT", "1");
    let (known, said) = project.known(&["--online"]);
    assert!(known.iter().all(|line| line.ends_with(" null null")) && said.lines().count() == 1, "{said}");
    assert!(registry.asked().len() <= 16, "{}", registry.asked().len());
}

#[test]
fn whatever_else_a_registry_does_is_said() {
    for (does, expected) in [
        (Does::Die, "cannot be asked"),
        (Does::Status(500), "answers with 500"),
        (Does::Status(401), "wants credentials, and none are ever sent"),
        (Does::Status(304), "answers with 304"),
    ] {
        let (registry, project) = both();
        registry.does(does);
        let (known, said) = project.known(&["--online"]);
        assert_eq!(known, NONE, "{does:?}");
        assert!(said.starts_with("note: ") && said.contains(expected), "{does:?}: {said}");
    }
    let (_, project) = both();
    let project = project.locks(&[("gone", "1.0.0", SUM, CRATES_IO)]);
    assert_eq!(project.known(&["--online"]), (vec!["gone null null".to_owned()], String::new()));
    let text = project.run(&["diff", "HEAD", "--online"]).stdout;
    assert!(text.contains("release age unknown of 1 package: the registry does not have the package\n"), "{text}");
    // Nobody listens there.
    let project = project.replaced("sparse+http://127.0.0.1:1/index/");
    let (known, said) = project.known(&["--online"]);
    assert!(known == ["gone null null"] && said.contains("`sparse+http://127.0.0.1:1/index/` "), "{said}");
}

#[test]
fn what_the_cache_knows_stands_where_the_registry_fails() {
    let (registry, project) = both();
    registry.does(Does::Hang);
    let url = registry.url.clone();
    let project = project.config(&format!("[registries.mine]\nindex = \"{url}\"\n"));
    let cache = crate::support::repository().join("fixtures/cargo-home/registry");
    let copy = std::process::Command::new("cp").arg("-r").arg(cache).arg(project.home()).status();
    assert!(copy.expect("cp is there").success());
    // Crates.io itself is out of reach behind a proxy that is not there.
    let project = project.locks_real(2).with("CARGO_HTTP_PROXY", "http://127.0.0.1:1");
    let (known, said) = project.known(&["--online"]);
    assert_eq!(known, ["bitflags 2026-05-29T12:31:48Z true", "semver 2026-04-04T00:25:14Z false"]);
    assert!(said.contains("cannot be asked") || said.contains("cannot be reached"), "{said}");
    assert_eq!(registry.asked(), [""; 0]);
}

/// Neither a lockfile nor the repository's own configuration decides where a socket goes.
#[test]
fn only_registries_of_the_users_are_asked() {
    let registry = Registry::new();
    registry.publish("a", "1.0.0", SUM, ",\"yanked\":false,\"pubtime\":\"2026-01-01T10:00:00Z\"");
    let project = Project::new().locks(&[("a", "1.0.0", SUM, &registry.url)]);
    let config = format!(
        "[registries.mine]\nindex = \"{0}\"\n[source.crates-io]\nreplace-with = \"mine\"\n[http]\nproxy = \"{1}\"\n",
        registry.url,
        registry.url.trim_start_matches("sparse+")
    );
    project.repo.write(".cargo/config.toml", config);
    let (known, said) = project.known(&["--online"]);
    assert_eq!(known, ["a null null"]);
    assert!(said.contains("is not asked: your own cargo configuration does not name it"), "{said}");
    assert_eq!(registry.asked(), [""; 0]);
    // By the user's environment it is the user's.
    let project = project.with("CARGO_REGISTRIES_MINE_INDEX", &registry.url);
    assert_eq!(project.known(&["--online"]), (vec!["a 2026-01-01T10:00:00Z false".to_owned()], String::new()));
    assert_eq!(registry.asked(), ["GET /index/1/a HTTP/1.1"]);
}

#[test]
fn cargos_own_words_for_the_network_count() {
    let (registry, project) = both();
    let proxy = registry.url.trim_start_matches("sparse+").trim_end_matches("/index/").to_owned();
    let away = "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nregistry = \"sparse+http://away.invalid/index/\"\n";
    let project = project.config(&format!("{away}[http]\nproxy = \"{proxy}\"\n"));
    assert_eq!(project.known(&["--online"]).0, ALL);
    let connected = registry.asked().iter().filter(|line| *line == "CONNECT away.invalid:80 HTTP/1.1").count();
    assert_eq!(connected, 3, "{:?}", registry.asked());
    // By the environment; and not for a host that is to be asked without one.
    let (other, project) = both();
    let project = project.config(away).with("http_proxy", &proxy);
    assert_eq!(project.known(&["--online"]).0, ALL);
    assert_eq!(other.asked(), [""; 0]);
    let asked = registry.asked().len();
    let (known, said) = project.with("NO_PROXY", "away.invalid").known(&["--online"]);
    assert!(known == NONE && said.contains("cannot be asked"), "{said}");
    assert_eq!(registry.asked().len(), asked);
    let (registry, project) = both();
    let (known, said) = project.with("CARGO_NET_OFFLINE", "true").known(&["--online"]);
    assert!(known == NONE && said.contains("`net.offline`"), "{said}");
    assert_eq!(registry.asked(), [""; 0]);
}

#[test]
fn a_git_index_is_not_asked() {
    let project = Project::new().config("[registries.crates-io]\nprotocol = \"git\"\n");
    let (known, said) = project.locks(&[("a", "1.0.0", SUM, CRATES_IO)]).known(&["--online"]);
    assert!(known == ["a null null"] && said.contains("its index is in git: `cargo fetch` brings"), "{said}");
}
