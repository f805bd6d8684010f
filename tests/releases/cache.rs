//! What cargo's cache knows, offline: entries of crates.io, none at all, ones that say less, and ones that cargo writes here.

use std::fs;
use std::process::Command;

use crate::project::{BITFLAGS, Project, SEMVER, SUM};
use crate::server::{Registry, place};
use crate::support::CRATES_IO;

#[test]
fn an_entry_of_crates_io_tells_age_and_yanked() {
    let project = Project::with_cache().locks_real(2);
    let expected = ["bitflags 2026-05-29T12:31:48Z true", "semver 2026-04-04T00:25:14Z false"];
    assert_eq!(project.known(&[]), (expected.map(str::to_owned).to_vec(), String::new()));
}

#[test]
fn a_person_reads_how_long_ago_that_was() {
    let project = Project::with_cache().locks_real(2);
    let text = project.run(&["diff", "HEAD", "--today", "2026-06-01"]).stdout;
    assert!(text.contains("bitflags  2.12.0, released 2 days ago, yanked  direct: demo\n"), "{text}");
    assert!(text.contains("semver    1.0.28, released 57 days ago         direct: demo\n"), "{text}");
    assert!(text.contains("\n  yanked: 1 release\n") && !text.contains("unknown"), "{text}");
    let text = project.run(&["diff", "HEAD", "--today", "2026-04-05", "--format", "markdown"]).stdout;
    assert!(text.contains("| `semver` | `1.0.28, released 23 hours ago` |"), "{text}");
    assert!(text.starts_with("⚠️"), "what was yanked asks for a second look: {text}");
    // Once it is old, the day says more.
    let text = project.run(&["diff", "HEAD", "--today", "2026-11-01"]).stdout;
    assert!(text.contains("1.0.28, released 2026-04-04"), "{text}");
}

/// The name of a package says a few letters less in the middle; half a date says nothing.
#[test]
fn a_long_way_takes_no_room_from_the_date() {
    let project = Project::with_cache().locks_real(2);
    let (package, other) = ("demo-whose-name-is-quite-long", "package-of-quite-a-name");
    for file in ["Cargo.toml", "Cargo.lock"] {
        let text = project.repo.read(file).replace("\"demo\"", &format!("\"{package}\"")).replace("bitflags", other);
        project.repo.write(file, text);
    }
    let text = project.run(&["diff", "HEAD", "--today", "2026-11-01"]).stdout;
    let line = "    semver                   1.0.28, released 2026-04-04  direct: dem…quite-long\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn without_a_cache_nothing_is_known_and_that_is_said() {
    let project = Project::new().locks_real(2);
    let unknown = ["bitflags null null", "semver null null"];
    assert_eq!(project.known(&[]), (unknown.map(str::to_owned).to_vec(), String::new()));
    let text = project.run(&["diff", "HEAD"]).stdout;
    let last = text.lines().rev().take(2).collect::<Vec<_>>();
    let expected = "  release age unknown of 2 packages: cargo's cache does not have it (--online";
    assert_eq!(last, ["    asks the registry)", expected], "{text}");
    let text = project.run(&["diff", "HEAD", "--format", "markdown"]).stdout;
    assert!(text.contains("release age unknown of 2 packages"), "{text}");
    assert!(!project.home().exists(), "nothing is written");
}

/// Another release by the same name and version is not what the index speaks of.
#[test]
fn what_has_another_checksum_is_another_release() {
    let project = Project::with_cache().locks(&[("semver", SEMVER[1].0, SUM, CRATES_IO)]);
    assert_eq!(project.known(&[]).0, ["semver null null"]);
    let text = project.run(&["diff", "HEAD"]).stdout;
    assert!(text.contains("the index has it with another checksum"), "{text}");
    let project = Project::with_cache().locks(&[("semver", "1.0.99", SUM, CRATES_IO)]);
    assert!(project.run(&["diff", "HEAD"]).stdout.contains("the index has no such release"));
}

/// A local registry in the place of crates.io, named by the user's configuration; its entries say less, and nonsense.
#[test]
fn a_missing_or_unreadable_time_is_unknown() {
    let project = Project::new();
    let index = project.repo.outside().join("registry/index");
    let entry = |name: &str, rest: &str| {
        let path = index.join(place(name));
        fs::create_dir_all(path.parent().expect("it is below")).expect("it can be made");
        let line = format!(
            "{{\"name\":\"{name}\",\"vers\":\"1.0.0\",\"deps\":[],\"cksum\":\"{SUM}\",\"features\":{{}}{rest}}}\n"
        );
        fs::write(path, line).expect("it can be written");
    };
    entry("known", ",\"yanked\":false,\"pubtime\":\"2026-04-01T10:00:00Z\"");
    entry("mute", ",\"yanked\":true");
    entry("null", ",\"yanked\":false,\"pubtime\":\"yesterday\"");
    entry("torn", ",\"yanked\":");
    let all = ["known", "mute", "null", "torn"].map(|name| (name, "1.0.0", SUM, CRATES_IO));
    // As cargo has it, from the directory around the one that has the file.
    let config = "[source.crates-io]\nreplace-with = \"step\"\n[source.step]\nreplace-with = \"here\"\n\
                  registry = \"https://unused.example.com\"\n[source.here]\nlocal-registry = \"registry\"\n";
    let project = project.config(config).locks(&all);
    let expected = ["known 2026-04-01T10:00:00Z false", "mute null true", "null null false", "torn null null"];
    assert_eq!(project.known(&[]).0, expected);
    let text = project.run(&["diff", "HEAD", "-v"]).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("1: the index does not say when it was published"), "{text}");
    assert!(text.contains("1: the index says when it was published in a form that is no time"), "{text}");
}

#[test]
fn what_the_repository_configures_decides_nothing() {
    let project = Project::with_cache().locks_real(2);
    let known = project.known(&[]);
    let config = "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\nlocal-registry = \"registry\"\n";
    project.repo.write(".cargo/config.toml", config);
    let line = format!(
        "{{\"name\":\"semver\",\"vers\":\"{}\",\"deps\":[],\"cksum\":\"{}\",\"features\":{{}},\"yanked\":false,\
         \"pubtime\":\"2015-01-01T00:00:00Z\"}}\n",
        SEMVER[2].0, SEMVER[2].1
    );
    project.repo.write(format!("registry/index/{}", place("semver")), line);
    assert_eq!(project.known(&[]), known);
}

#[test]
fn a_configuration_that_cannot_be_read_stops_no_diff() {
    let project = Project::new().config("[source\n").locks_real(2);
    assert_eq!(project.known(&[]).0, ["bitflags null null", "semver null null"]);
    assert!(project.run(&["diff", "HEAD"]).stdout.contains("config.toml"));
    if cfg!(feature = "online") {
        let error = project.run(&["diff", "HEAD", "--online"]).error();
        assert!(error.contains("no registry can be asked") && error.contains("config.toml"), "{error}");
    }
    let circle = "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nregistry = \"sparse+https://a.example.com/\"\n\
                  replace-with = \"b\"\n[source.b]\nregistry = \"sparse+https://b.example.com/\"\nreplace-with = \"a\"\n";
    let project = Project::new().config(circle).locks_real(2);
    assert!(project.run(&["diff", "HEAD"]).stdout.contains("replace each other in a circle"));
}

#[test]
fn a_cache_that_is_no_cache_is_read_as_nothing() {
    let index = "registry/index/index.crates.io-1949cf8c6b5b557f/.cache/se/mv/semver";
    let real = fs::read(Project::with_cache().home().join(index)).expect("the fixture is there");
    let broken: [&[u8]; 5] = [b"", b"\x03", &real[..real.len() / 2], b"\x09\x02\0\0\0Unknown\0", &[0; 4096]];
    for bytes in broken {
        let project = Project::new().locks(&[("semver", SEMVER[2].0, SEMVER[2].1, CRATES_IO)]);
        let path = project.home().join(index);
        fs::create_dir_all(path.parent().expect("it is below")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
        assert_eq!(project.known(&[]).0, ["semver null null"], "{bytes:?}");
    }
}

/// Cargo itself asks a registry, and what it writes is read: layout, names and all.
#[test]
fn what_cargo_caches_of_a_registry_is_found() {
    let registry = Registry::new();
    for name in ["a", "ab", "abc", "Mixed_Case", "long-name"] {
        registry.publish(&name.to_lowercase(), "1.0.0", SUM, ",\"yanked\":true,\"pubtime\":\"2026-04-01T10:00:00Z\"");
    }
    let url = &registry.url;
    for source in [CRATES_IO, url] {
        let project = Project::new();
        let project = if source == CRATES_IO {
            project.replaced(url)
        } else {
            project.config(&format!("[registries.mine]\nindex = \"{url}\"\n"))
        };
        let names = ["a", "ab", "abc", "long-name"];
        let project = project.locks(&names.map(|name| (name, "1.0.0", SUM, source)));
        if source != CRATES_IO {
            let manifest = project.repo.read("Cargo.toml");
            let manifest = manifest.replace("\"=1.0.0\"", "{ version = \"=1.0.0\", registry = \"mine\" }");
            project.repo.write("Cargo.toml", manifest);
        }
        project.repo.write("src/lib.rs", "");
        let locked = project.repo.read("Cargo.lock");
        // Every one was yanked: cargo takes what is locked all the same.
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        cargo.args(["update", "--workspace"]).current_dir(project.repo.root()).env("CARGO_HOME", project.home());
        let output = cargo.output().expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        project.repo.write("Cargo.lock", locked);
        let asked = registry.asked().len();
        let expected = names.map(|name| format!("{name} 2026-04-01T10:00:00Z true"));
        assert_eq!(project.known(&[]).0, expected, "{source}");
        assert_eq!(registry.asked().len(), asked, "without --online nobody is asked");
    }
}

#[test]
fn what_is_only_removed_or_from_git_has_no_release() {
    let project = Project::with_cache().locks_real(1);
    project.repo.commit();
    let project = project.locks(&[("bitflags", BITFLAGS.0, BITFLAGS.1, CRATES_IO)]);
    let text = project.run(&["diff", "HEAD"]).stdout;
    assert!(text.contains("semver  1.0.27") && !text.contains("released") && !text.contains("unknown"), "{text}");
}
