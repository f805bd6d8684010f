//! What cannot be had: nothing is changed, and why is said.

use crate::registry::{Project, cargo};
use crate::support::{COMMIT, lock, package};

/// A bump of `low` that was committed.
fn bumped(rest: &str) -> Project {
    let project = Project::new().demo(&format!("[dependencies]\nlow = \"=1.0.1\"\n{rest}"));
    project.done(&["set", "low@1.0.2"]);
    project.commit("Bump low");
    project
}

#[test]
fn a_requirement_elsewhere_is_named() {
    let project = bumped("");
    project.publish("strict", "1.0.0", &[("low", "=1.0.2")]);
    project.repo.write("Cargo.toml", project.repo.read("Cargo.toml") + "strict = \"=1.0.0\"\n");
    project.cargo(&["update", "--workspace", "--offline"]);
    project.commit("Take up strict");
    let said = project.refused(&["rollback", "low"]);
    assert!(said.contains("`low =1.0.2` is required by strict v1.0.0"), "{said}");
    assert!(said.contains("`low =1.0.1` is required by demo v0.1.0 in Cargo.toml"), "{said}");
    assert!(said.contains("`low` moves only with `strict`: name all in one call"), "{said}");
}

#[test]
fn what_was_yanked_is_not_taken_up_again() {
    let project = bumped("");
    project.yank("low", "1.0.1");
    let said = project.refused(&["rollback", "low"]);
    assert!(said.contains("version 1.0.1 is yanked"), "{said}");
    // Nor where no requirement is changed.
    let project = Project::new().demo("[dependencies]\nuser = \"=1.0.0\"\n");
    project.yank("low", "1.0.2");
    let said = project.refused(&["set", "low@1.0.2"]);
    assert!(said.contains("version 1.0.2 of `low` was yanked"), "{said}");
}

#[test]
fn what_the_active_rust_cannot_build_is_refused() {
    let project = Project::new();
    project.release("new", "1.0.0", &[], "", "", false);
    project.release("new", "1.0.1", &[], "rust-version = \"1.999\"", "", false);
    let project = project.demo("[dependencies]\nnew = \"=1.0.0\"\n");
    for dry in [&["set", "new@1.0.1"][..], &["set", "new@1.0.1", "--dry-run"]] {
        let said = project.refused(dry);
        assert!(said.contains("`new 1.0.1` needs Rust 1.999.0"), "{said}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let project = bumped("");
    for (arguments, part) in [
        (&["set", "low@9.0.0"][..], "low = \"=9.0.0\""),
        (&["set", "low@9.0.0"], "`--online` lets it fetch"),
        (&["set", "nope@1.0.0"], "no lockfile here has a package `nope`"),
        (&["set", "demo@1.0.0"], "`demo` is a path package"),
        (&["set", "low@main"], "`main` is no version, and `low` comes from a registry"),
        (&["set", "low@1.0.1", "low@1.0.2"], "`low` is named twice"),
        (&["rollback", "nope"], "no lockfile here has a package `nope`"),
        (&["rollback", "low", "--rev", "nowhere"], "there is no revision `nowhere`"),
        (&["rollback", "low@1.0.1"], "is no package's name"),
    ] {
        let said = project.refused(arguments);
        assert!(said.contains(part), "{part}: {said}");
    }
    let project = Project::new().demo("[dependencies]\nuser = \"=1.0.0\"\n");
    let said = project.refused(&["set", "low@main"]);
    assert!(said.contains("no manifest here names a git repository for `low`: who needs it decides"), "{said}");
    let said = project.refused(&["set", "nope@main"]);
    assert!(said.contains("no lockfile here has a package `nope`"), "{said}");
    let project = Project::new().demo("[dependencies]\nlow = \"=1.0.1\"\n");
    let said = project.refused(&["rollback", "low"]);
    assert!(said.contains("history has no other version of `low`"), "{said}");
}

#[test]
fn several_ranges_and_a_version_of_neither_are_not_guessed() {
    let project = Project::new();
    project.publish("low", "3.0.0", &[]);
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\nnew = { package = \"low\", version = \"=2.0.0\" }\n");
    let said = project.refused(&["set", "low@3.0.0"]);
    assert!(said.contains("several versions of `low` are in use (1.0.1, 2.0.0)"), "{said}");
}

/// What else cargo would change was not asked for.
#[test]
fn a_stale_lockfile_is_brought_up_to_date_first() {
    let project = bumped("");
    project.repo.write("Cargo.toml", package("demo", "[dependencies]\nlow = \"=1.0.2\"\nuser = \"=1.0.0\"\n"));
    let said = project.refused(&["set", "low@1.1.0"]);
    assert!(said.contains("cargo update --workspace"), "{said}");
}

/// What cannot be read differs from any lockfile: no update of that would help.
#[test]
fn a_manifest_with_conflict_markers_is_named() {
    let project = Project::new().file("part/src/lib.rs", "").file("part/Cargo.toml", &package("part", ""));
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\npart = { path = \"part\" }\n\n[workspace]\n");
    project.repo.write("part/Cargo.toml", format!("<<<<<<< HEAD\n=======\n>>>>>>> other\n{}", package("part", "")));
    project.commit("half a merge");
    let said = project.refused(&["set", "low@1.1.0"]);
    assert!(said.contains("part/Cargo.toml: unresolved merge conflict"), "{said}");
    assert!(!said.contains("cargo update"), "{said}");
}

/// Cargo writes through a link, whatever copy of the workspace it is run in: the real lockfile would change in a dry run, too.
#[test]
#[cfg(unix)]
fn a_lockfile_that_is_a_link_is_refused() {
    let project = bumped("");
    let root = project.repo.root();
    std::fs::create_dir(root.join("held")).expect("it can be made");
    std::fs::rename(root.join("Cargo.lock"), root.join("held/real.lock")).expect("it can be moved");
    std::os::unix::fs::symlink("held/real.lock", root.join("Cargo.lock")).expect("links can be made");
    project.commit("Keep the lockfile elsewhere");
    let before = project.repo.read("held/real.lock");
    for arguments in
        [&["set", "low@1.0.1", "--dry-run"][..], &["set", "low@1.0.1"], &["rollback", "low", "--to", "1.0.1"]]
    {
        let said = project.refused(arguments);
        assert!(said.contains("`Cargo.lock` is a symbolic link to `held/real.lock`"), "{said}");
        assert_eq!(project.repo.read("held/real.lock"), before);
    }
}

/// A cargo that refuses once the files are in their places: everything is put back.
#[test]
#[cfg(unix)]
fn what_is_not_proved_is_taken_back() {
    let project = bumped("");
    let liar = project.repo.outside().join("liar");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = metadata ] && grep -q '=1.1.0' Cargo.toml; then\n  echo 'error: no' >&2; exit 1\nfi\nexec '{}' \"$@\"\n",
        cargo()
    );
    std::fs::write(&liar, script).expect("it can be written");
    std::fs::set_permissions(&liar, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let run = project.run_with(&["set", "low@1.1.0"], &liar.display().to_string());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("everything was restored"), "{}", run.stderr);
    assert_eq!(project.repo.git_output(&["status", "--porcelain"]), "");
}

/// A release that is not the one that history had by the same version.
#[test]
fn another_checksum_than_history_had_is_an_alarm() {
    let project = bumped("");
    project.release("low", "1.0.1", &[], "description = \"another\"", "", false);
    let index = project.repo.outside().join("registry/index/3/l/low");
    let text = std::fs::read_to_string(&index).expect("it is there");
    // The first line of that version goes.
    let first = text.lines().find(|line| line.contains("\"vers\":\"1.0.1\"")).expect("it was published").to_owned();
    std::fs::write(&index, text.replacen(&(first + "\n"), "", 1)).expect("it can be written");
    let said = project.refused(&["rollback", "low"]);
    assert!(said.contains("somebody replaced the release"), "{said}");
}

/// What cargo's configuration patches is not in a manifest that could be changed.
#[test]
fn a_patch_of_the_configuration_is_left_to_whoever_wrote_it() {
    let config = "[patch.crates-io]\nlow = { git = \"https://example.com/low\", branch = \"main\" }\n";
    let project = Project::new().file(".cargo/config.toml", config);
    project.repo.write("Cargo.toml", package("demo", "[dependencies]\nlow = \"=1.0.1\"\n"));
    let locked = format!("demo 0.1.0 -> low\nlow 1.0.1 git+https://example.com/low?branch=main#{COMMIT}");
    project.repo.write("Cargo.lock", lock(&locked));
    project.repo.write("src/lib.rs", "");
    project.repo.run_git(&["init", "--quiet"]);
    project.commit("start");
    let said = project.refused(&["set", "low@main"]);
    let expected = "`low` stands in `.cargo/config.toml`, which is cargo's configuration: change it there by hand";
    assert!(said.contains(expected), "{said}");
}

/// It is declared: what is missing is the lockfile.
#[test]
fn without_a_lockfile_the_lockfile_is_what_is_missing() {
    for rest in ["[dependencies]\nlow = \"1\"\n", "[dependencies]\nlow = \"=1.0.1\"\n"] {
        let project = Project::new().demo(rest);
        std::fs::remove_file(project.repo.root().join("Cargo.lock")).expect("it was made");
        project.commit("without");
        let said = project.refused(&["set", "low@1.0.2"]);
        assert!(said.contains("`Cargo.toml` has no Cargo.lock: run `cargo generate-lockfile` first"), "{said}");
    }
}
