//! Requirement and lockfile moved together.

use crate::registry::{Project, moved};
use crate::support::package;

const PAIR: &str = "[dependencies]\npair = \"=1.0.1\"\npair-half = \"=1.0.1\"\n";

#[test]
fn a_pair_that_pins_each_other_moves_in_one_call_and_is_refused_one_by_one() {
    let project = Project::new().demo(PAIR);
    let said = project.refused(&["set", "pair@1.0.2"]);
    for part in [
        "`pair-half =1.0.2` is required by pair v1.0.2",
        "`pair-half =1.0.1` is required by demo v0.1.0 in Cargo.toml",
        "name `pair-half` too, in one call",
        "nothing was changed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = project.refused(&["set", "pair-half@1.0.2"]);
    assert!(
        said.contains("`pair-half =1.0.2` is required by demo") || said.contains("=1.0.1` is required by pair"),
        "{said}"
    );
    let run = project.done(&["set", "pair@1.0.2", "pair-half@1.0.2"]);
    assert!(
        run.stdout.starts_with("changed 2 files: Cargo.lock, Cargo.toml\n\nCargo.lock  3 packages\n"),
        "{}",
        run.stdout
    );
    assert_eq!(moved(&run), ["upgraded pair 1.0.1 → 1.0.2", "upgraded pair-half 1.0.1 → 1.0.2"]);
    assert!(run.stderr.contains("proved by cargo: it takes the lockfile as it is"), "{}", run.stderr);
    assert!(project.repo.read("Cargo.toml").ends_with(&PAIR.replace("1.0.1", "1.0.2")));
    // There already: nothing to do.
    let run = project.done(&["set", "pair@1.0.2", "pair-half@1.0.2"]);
    assert_eq!((run.stdout.as_str(), run.stderr.contains("nothing to move")), ("", true), "{}", run.stderr);
}

/// Nothing else of the lockfile moves, though newer releases are there.
#[test]
fn five_members_and_every_table_move_together() {
    let mut project = Project::new().file("Cargo.toml", "[workspace]\nmembers = [\"m*\"]\nresolver = \"2\"\n");
    let tables = [
        "[dependencies]\nlow = \"=1.0.1\" # why\n",
        "[dev-dependencies.low]\nversion = '=1.0.1'\n",
        "[build-dependencies]\nlow.version = \"=1.0.1\"\n",
        "[target.'cfg(windows)'.dependencies]\nother = { version = \"=1.0.1\", package = \"low\" }\n",
        "[dependencies]\nlow = { version = \"= 1.0.1\", optional = true }\npair = \"=1.0.1\"\nuser = \"=1.0.0\"\n",
    ];
    for (at, table) in tables.iter().enumerate() {
        project = project
            .file(&format!("m{at}/Cargo.toml"), &package(&format!("m{at}"), table))
            .file(&format!("m{at}/src/lib.rs"), "")
            .file(&format!("m{at}/build.rs"), "fn main() {}\n");
    }
    let project = project.locked();
    let run = project.done(&["set", "low@1.0.2"]);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.0.2"]);
    for (at, table) in tables.iter().enumerate() {
        let text = project.repo.read(&format!("m{at}/Cargo.toml"));
        let expected = table.replace("= 1.0.1", "=1.0.1").replacen("=1.0.1", "=1.0.2", 1);
        assert!(text.ends_with(&expected), "{text}");
    }
    assert_eq!(project.held("pair"), ["1.0.1"]);
    assert_eq!(project.repo.findings(), [""; 0]);
}

#[test]
fn an_inherited_pin_moves_once_at_the_root() {
    let member = |name: &str| package(name, "[dependencies]\nlow.workspace = true\n");
    let root =
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n\n[workspace.dependencies]\nlow = \"=1.0.1\"\n";
    let project = Project::new()
        .file("Cargo.toml", root)
        .file("a/Cargo.toml", &member("a"))
        .file("a/src/lib.rs", "")
        .file("b/Cargo.toml", &member("b"))
        .file("b/src/lib.rs", "")
        .locked();
    let run = project.done(&["set", "low@2.0.0"]);
    assert!(run.stdout.starts_with("changed 2 files: Cargo.lock, Cargo.toml\n"), "{}", run.stdout);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 2.0.0"]);
    assert!(project.repo.read("Cargo.toml").ends_with("low = \"=2.0.0\"\n"));
}

#[test]
fn without_a_version_it_is_the_newest_that_is_compatible() {
    let project = Project::new().demo("[dependencies]\nlow = \"=1.0.1\"\nuser = \"=1.0.0\"\n");
    let run = project.done(&["set", "low"]);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.1.0"]);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.1.0\"\n"));
}

#[test]
fn a_dry_run_prints_a_diff_that_git_takes_and_changes_nothing() {
    let project = Project::new().demo(PAIR);
    let run = project.run(&["set", "pair@1.0.2", "pair-half@1.0.2", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(project.repo.git_output(&["status", "--porcelain"]), "");
    assert!(run.stdout.contains("--- a/Cargo.lock\n") && run.stdout.contains("--- a/Cargo.toml\n"), "{}", run.stdout);
    assert!(run.stderr.contains("  upgraded\n    pair       1.0.1 → 1.0.2  direct: demo\n"), "{}", run.stderr);
    project.repo.write("set.diff", &run.stdout);
    project.repo.run_git(&["apply", "set.diff"]);
    project.cargo(&["metadata", "--locked", "--offline", "--format-version", "1"]);
    assert_eq!(project.held("pair"), ["1.0.2"]);
}

/// What only other packages need has no requirement here to be changed.
#[test]
fn what_no_manifest_declares_moves_in_the_lockfile_alone() {
    let project = Project::new().demo("[dependencies]\nuser = \"=1.0.0\"\n");
    let run = project.done(&["set", "low@1.0.2"]);
    assert!(run.stdout.starts_with("changed 1 file: Cargo.lock\n"), "{}", run.stdout);
    assert_eq!(project.held("low"), ["1.0.2"]);
}

/// `=` would burden the users of a published library; where the range does not admit it, the range moves.
#[test]
fn a_range_that_the_policy_lets_pass_stays_one() {
    let project = Project::new()
        .file("pinned.toml", "[rules]\nunpinned-crate = { require = \"locked\" }\n")
        .demo("[dependencies]\nlow = \"1.0.1\"\n");
    project.done(&["set", "low@1.0.2"]);
    assert!(project.repo.read("Cargo.toml").ends_with("low = \"1.0.1\"\n"));
    assert_eq!(project.held("low"), ["1.0.2"]);
    project.done(&["set", "low@2.0.0"]);
    assert!(project.repo.read("Cargo.toml").ends_with("low = \"2.0.0\"\n"));
}

/// Of two ranges in use, the one that the version belongs to moves.
#[test]
fn what_is_of_another_range_is_left() {
    let project =
        Project::new().demo("[dependencies]\nlow = \"=1.0.1\"\nnew = { package = \"low\", version = \"=2.0.0\" }\n");
    let run = project.done(&["set", "low@1.0.2"]);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.0.2"]);
    assert!(project.repo.read("Cargo.toml").contains("version = \"=2.0.0\""));
}

/// Cargo has two versions of a package where they are not compatible: what another package requires stays, and is named.
#[test]
fn what_something_else_requires_stays_beside_an_incompatible_version() {
    let project = Project::new();
    project.publish("low", "0.9.0", &[]);
    project.publish("keeper", "1.0.0", &[("low", "1")]);
    project.publish("old", "1.0.0", &[("low", "0.9")]);
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\nkeeper = \"=1.0.0\"\nold = \"=1.0.0\"\n");
    project.commit("Start");
    let before = project.held("low");
    assert_eq!(before, ["0.9.0", "1.0.1"]);
    let run = project.done(&["set", "low@2.0.0"]);
    assert!(run.stderr.contains("`low 1.0.1` stays beside 2.0.0: other packages need it"), "{}", run.stderr);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=2.0.0\""));
    assert_eq!(project.held("low"), ["0.9.0", "1.0.1", "2.0.0"]);
    project.commit("Bump low");
    project.done(&["rollback", "low"]);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.0.1\""));
    assert_eq!(project.held("low"), before);
}

/// A path out of the repository leads there from the mirror too, and what stands there is left alone.
#[test]
fn a_dependency_beside_the_repository_is_found() {
    let project = Project::new();
    let beside = project.repo.outside().join("beside");
    std::fs::create_dir_all(beside.join("src")).expect("it can be made");
    std::fs::write(beside.join("Cargo.toml"), package("beside", "")).expect("it can be written");
    std::fs::write(beside.join("src/lib.rs"), "").expect("it can be written");
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\nbeside = { path = \"../beside\" }\n");
    project.done(&["set", "low@1.0.2"]);
    assert!(project.repo.read("Cargo.toml").contains("path = \"../beside\""));
}

/// Of two locked versions that it admits, an unrelated package keeps the one that it has, whatever cargo would rather give it.
#[test]
fn what_has_nothing_to_do_with_it_keeps_its_own_edges() {
    let project = Project::new();
    project.publish("wide", "1.0.0", &[("low", ">=1, <3")]);
    let pins = "[dependencies]\npair = \"=1.0.1\"\nwide = \"=1.0.0\"\nuser = \"=1.0.0\"\nnew = { package = \"low\", version = \"=2.0.0\" }\n";
    let project = project.demo(pins);
    let lock = project.repo.read("Cargo.lock");
    let (head, tail) = lock.split_once("name = \"wide\"").expect("it is locked");
    let older = project.held("low").into_iter().find(|version| version != "2.0.0").expect("two are locked");
    project
        .repo
        .write("Cargo.lock", format!("{head}name = \"wide\"{}", tail.replace("low 2.0.0", &format!("low {older}"))));
    project.cargo(&["metadata", "--locked", "--offline", "--format-version", "1"]);
    project.commit("wide by the older");
    let run = project.done(&["set", "pair@1.0.2"]);
    assert_eq!(moved(&run), ["upgraded pair 1.0.1 → 1.0.2", "upgraded pair-half 1.0.1 → 1.0.2"]);
    let diff = project.repo.git_output(&["diff", "-U0", "--", "Cargo.lock"]);
    let changed = diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++"));
    assert!(changed.clone().all(|line| line.contains("version") || line.contains("checksum")), "{diff}");
    assert_eq!(changed.count(), 4, "{diff}");
}

/// A workspace beside it that builds the same package and has no lockfile, as those for fuzzing: nothing is locked there.
#[test]
fn a_workspace_without_a_lockfile_holds_up_no_other() {
    let project = Project::new();
    for version in ["1.0.1", "1.1.0"] {
        project.publish("low", version, &[]);
    }
    let fuzz = package("demo-fuzz", "[dependencies]\ndemo = { path = \"..\" }\n\n[workspace]\n");
    let project =
        project.file("fuzz/src/lib.rs", "").file("fuzz/Cargo.toml", &fuzz).demo("[dependencies]\nlow = \"=1.0.1\"\n");
    let run = project.done(&["set", "low@1.1.0"]);
    assert!(run.stderr.contains("fuzz: there is no Cargo.lock"), "{}", run.stderr);
    assert_eq!(project.held("low"), ["1.1.0"]);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.1.0\""));
}

/// A project with a workspace beside it that builds the same package, and whose manifest asks for what its lockfile has not.
fn beside_a_stale_one() -> Project {
    let fuzz = |pins: &str| {
        package("demo-fuzz", &format!("[dependencies]\ndemo = {{ path = \"..\" }}\n{pins}\n[workspace]\n"))
    };
    let project = Project::new().file("fuzz/src/lib.rs", "").file("fuzz/Cargo.toml", &fuzz(""));
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\n");
    project.cargo(&["generate-lockfile", "--offline", "--manifest-path", "fuzz/Cargo.toml"]);
    project.repo.write("fuzz/Cargo.toml", fuzz("pair = \"=1.0.1\"\n"));
    project.commit("what fuzzing needs");
    project
}

#[test]
fn a_stale_lockfile_of_another_workspace_is_left_out_and_named() {
    let project = beside_a_stale_one();
    let stale = project.repo.read("fuzz/Cargo.lock");
    let named = "fuzz: Cargo.lock is not up to date with its manifests, and is left out";
    let run = project.run(&["set", "low@1.1.0", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = project.done(&["set", "low@1.1.0"]);
    assert!(run.stderr.contains(named), "{}", run.stderr);
    assert_eq!(project.held("low"), ["1.1.0"]);
    assert_eq!(project.repo.read("fuzz/Cargo.lock"), stale);
    project.commit("Bump low");
    let run = project.done(&["rollback", "low"]);
    assert!(run.stderr.contains(named), "{}", run.stderr);
    assert_eq!(project.held("low"), ["1.0.1"]);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.0.1\""));
}

#[test]
fn a_stale_lockfile_holds_up_what_moves_in_its_own_workspace() {
    let project = beside_a_stale_one();
    // In a manifest of its own.
    let said = project.refused(&["set", "pair@1.0.2"]);
    assert!(said.contains("`fuzz/Cargo.toml` declares `pair`, and no lockfile here has it"), "{said}");
    let fuzz = project.repo.read("fuzz/Cargo.toml").replace("pair = \"=1.0.1\"", "low = \"=1.0.1\"\nuser = \"1\"");
    project.repo.write("fuzz/Cargo.toml", fuzz);
    project.commit("low too");
    let said = project.refused(&["set", "low@1.1.0"]);
    assert!(said.contains("fuzz: Cargo.lock is not up to date") && said.contains("`exclude`"), "{said}");
}

/// What lockfiles alone hold is moved in each of them, or in none.
#[test]
fn a_stale_lockfile_holds_up_what_only_lockfiles_hold() {
    let project = Project::new();
    project.publish("low", "1.0.3", &[]);
    let fuzz = |rest: &str| {
        package("demo-fuzz", &format!("[dependencies]\ndemo = {{ path = \"..\" }}\n{rest}\n[workspace]\n"))
    };
    let project = project.file("fuzz/src/lib.rs", "").file("fuzz/Cargo.toml", &fuzz(""));
    let project = project.demo("[dependencies]\nuser = \"=1.0.0\"\n");
    project.cargo(&["generate-lockfile", "--offline", "--manifest-path", "fuzz/Cargo.toml"]);
    project.repo.write("fuzz/Cargo.toml", fuzz("pair = \"=1.0.1\"\n"));
    project.commit("what fuzzing needs");
    let said = project.refused(&["set", "low@1.0.3"]);
    assert!(said.contains("fuzz: Cargo.lock is not up to date"), "{said}");
}

/// `fix` pins to what is locked, and its proof names the lockfile that cargo did not take before either.
#[test]
fn a_stale_lockfile_of_another_workspace_holds_up_no_fix() {
    let project = beside_a_stale_one();
    project.repo.write("Cargo.toml", project.repo.read("Cargo.toml").replace("\"=1.0.1\"", "\"1.0.1\""));
    let run = project.run(&["fix"]);
    // What is left is that lockfile.
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(project.repo.read("Cargo.toml").contains("low = \"=1.0.1\""));
    assert!(run.stderr.contains("fuzz: cargo refused the lockfile before, too"), "{}", run.stderr);
    assert!(run.stdout.contains("lock-stale"), "{}", run.stdout);
}

#[test]
fn a_range_that_the_policy_lets_pass_stays_one_of_its_kind() {
    for (before, after) in [
        ("~1.0.1", "~1.1.0"),
        ("^1.0.1", "^1.0.1"),
        ("1.0.1", "1.0.1"),
        ("~1.1", "~1.1"),
        ("=1.0.1", "=1.1.0"),
        ("^0.9.1", "^1.1.0"),
        ("0.9.1", "1.1.0"),
    ] {
        let project = Project::new();
        project.publish("low", "1.1.0", &[]);
        project.publish("low", "0.9.1", &[]);
        let project = project
            .file("pinned.toml", "[rules]\nunpinned-crate = { require = \"locked\" }\n")
            .demo(&format!("[dependencies]\nlow = \"{before}\"\n"));
        let from = if before == "~1.1" {
            "1.1.0"
        } else if before.contains("0.9") {
            "0.9.1"
        } else {
            "1.0.1"
        };
        project.cargo(&["update", "low", "--precise", from, "--offline"]);
        let project = project.locked();
        if from != "1.1.0" {
            project.done(&["set", "low@1.1.0"]);
        }
        assert_eq!(project.held("low"), ["1.1.0"]);
        let text = project.repo.read("Cargo.toml");
        assert!(text.contains(&format!("low = \"{after}\"")), "{before}: {text}");
    }
}

/// What a manifest declares is meant before what others bring along.
#[test]
fn of_several_versions_the_declared_one_is_meant() {
    let project = Project::new();
    project.publish("old", "1.0.0", &[("low", "0.9")]);
    project.publish("low", "0.9.0", &[]);
    project.publish("low", "0.9.1", &[]);
    let project = project.demo("[dependencies]\nlow = \"=1.0.1\"\nold = \"=1.0.0\"\nuser = \"=1.0.0\"\n");
    project.cargo(&["update", "low@0.9.1", "--precise", "0.9.0", "--offline"]);
    project.commit("older");
    assert_eq!(project.held("low"), ["0.9.0", "1.0.1"]);
    let run = project.done(&["set", "low"]);
    assert_eq!(moved(&run), ["upgraded low 1.0.1 → 1.1.0"]);
    assert_eq!(project.held("low"), ["0.9.0", "1.1.0"]);
}

/// As serde and serde_json with serde_core: what the moved package needs goes along, though something else needs it too.
#[test]
fn what_two_packages_need_goes_along_with_the_one_that_moves() {
    let project = Project::new();
    for version in ["1.0.1", "1.0.2"] {
        project.publish("front-core", version, &[]);
        project.publish("front", version, &[("front-core", &format!("={version}"))]);
    }
    project.publish("format", "1.0.0", &[("front-core", "1")]);
    let project = project.demo("[dependencies]\nfront = \"=1.0.1\"\nformat = \"1\"\n");
    let run = project.done(&["set", "front@1.0.2"]);
    assert_eq!(moved(&run), ["upgraded front 1.0.1 → 1.0.2", "upgraded front-core 1.0.1 → 1.0.2"]);
    let run = project.done(&["rollback", "front", "--to", "1.0.1"]);
    assert_eq!(moved(&run), ["downgraded front 1.0.2 → 1.0.1", "downgraded front-core 1.0.2 → 1.0.1"]);
}
