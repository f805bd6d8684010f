//! Too much of everything.

use std::fs::File;

use crate::support::{COMMIT, Repo, lock, package};

/// A sparse file of 40 MiB: its size alone must be enough.
fn huge(repo: &Repo, path: &str) {
    repo.write(path, "");
    let file = File::options().write(true).open(repo.root().join(path)).expect("it was just written");
    file.set_len(40 << 20).expect("files can be sparse");
}

#[test]
fn a_huge_manifest_is_found_and_not_read() {
    let repo = Repo::new();
    huge(&repo, "Cargo.toml");
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:1:1 unreadable-file Cargo.toml"]);
    assert!(report.messages().contains("40 MiB, more than the 32 MiB that are read"), "{}", report.messages());
}

#[test]
fn a_huge_lockfile_is_found_and_not_missing() {
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0");
    huge(&repo, "Cargo.lock");
    assert_eq!(repo.findings(), ["Cargo.lock:1:1 unreadable-file Cargo.lock"]);
}

#[test]
fn a_large_lockfile_below_the_limit_is_read() {
    let mut locked = lock("a 1.0.0 crates-io\ndemo 0.1.0 -> a");
    locked.push_str(&"# a comment that fills the file up, line after line after line after line\n".repeat(400_000));
    assert!(locked.len() > 28 << 20 && locked.len() < 32 << 20);
    let repo = Repo::demo("a = \"=1.0.0\"", "demo 0.1.0").file("Cargo.lock", locked);
    assert_eq!(repo.findings(), [""; 0]);
}

#[track_caller]
fn nested(text: String) {
    for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"] {
        let repo = Repo::new().file("Cargo.toml", package("demo", "")).file(file, &text);
        let findings = repo.findings();
        assert!(
            findings.iter().any(|line| line.starts_with(file) && line.contains("unreadable-file")),
            "{file}: {findings:?}"
        );
    }
    let error = Repo::new().file("Cargo.toml", package("demo", "")).file("pinned.toml", &text).run(&["check"]).error();
    assert!(error.starts_with("error: pinned.toml:1:"), "{error}");
}

const DEEP: usize = 100_000;

#[test]
fn deep_arrays_are_found() {
    nested(format!("a = {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP)));
    nested(format!("a = {}\n", "[".repeat(DEEP)));
}

#[test]
fn deep_inline_tables_are_found() {
    nested(format!("a = {}1{}\n", "{ a = ".repeat(DEEP), " }".repeat(DEEP)));
}

#[test]
fn deep_dotted_keys_are_found() {
    nested(format!("a{} = 1\n", ".a".repeat(DEEP)));
}

#[test]
fn deep_headings_are_found() {
    nested(format!("[a{}]\nb = 1\n", ".a".repeat(DEEP)));
    nested(format!("[[a{}]]\nb = 1\n", ".a".repeat(DEEP)));
}

#[test]
fn a_lockfile_of_20_000_packages_is_read() {
    let packages: String =
        (0..20_000).map(|n| format!("p{n:05} 1.0.0 crates-io -> p{:05}\n", (n + 1) % 20_000)).collect();
    let repo = Repo::demo("p00000 = \"1\"", &format!("{packages}demo 0.1.0 -> p00000"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:11 unpinned-crate p00000"]);
    assert_eq!(report.replacements(), ["=1.0.0"]);
}

#[test]
fn a_lockfile_with_20_000_findings_is_reported() {
    let packages: String =
        (0..20_000).map(|n| format!("p{n:05} 1.0.0 crates-io -> p{:05}\n", (n + 1) % 20_000)).collect();
    let locked = lock(&format!("{packages}demo 0.1.0 -> p00000"));
    let bare: String = locked.split_inclusive('\n').filter(|line| !line.starts_with("checksum")).collect();
    let repo = Repo::demo("p00000 = \"=1.0.0\"", "demo 0.1.0").file("Cargo.lock", bare);
    let run = repo.run(&["check"]);
    assert!(run.stdout.contains("… and 19960 more of lock-unverified (-v shows them)\n"), "{}", run.stdout);
    assert_eq!(repo.run(&["check", "-v"]).stdout.lines().count(), 20_000 + 4);
    assert_eq!(repo.check().list().len(), 20_000);
}

/// Each of one name: what an edge leads to must not be searched among all of them, for each of them.
#[test]
fn a_lockfile_of_many_versions_of_one_package_is_read() {
    let packages: String = (0..5_000).map(|n| format!("a 1.0.{n} crates-io -> a 1.0.{}\n", (n + 1) % 5_000)).collect();
    let repo = Repo::demo("a = \"1\"", &format!("{packages}demo 0.1.0 -> a 1.0.7"));
    let report = repo.check();
    assert_eq!(report.findings(), ["Cargo.toml:7:6 unpinned-crate a"]);
    assert_eq!(report.replacements(), ["=1.0.7"]);
}

#[test]
fn a_manifest_of_5_000_dependencies_is_judged() {
    let dependencies: String = (0..5_000).map(|n| format!("d{n:04} = \"1\"\n")).collect();
    let edges: Vec<String> = (0..5_000).map(|n| format!("d{n:04}")).collect();
    let packages: String = (0..5_000).map(|n| format!("d{n:04} 1.0.{n} crates-io\n")).collect();
    let repo = Repo::demo(&dependencies, &format!("{packages}demo 0.1.0 -> {}", edges.join(", ")));
    let report = repo.check();
    assert_eq!(report.list().len(), 5_000);
    assert_eq!(report.replacements()[4_999], "=1.0.4999");
    assert!(repo.run(&["check"]).stdout.contains("5000 findings (5000 deny) in 1 file"));
}

/// All on one line, where counting columns from its start for each would be quadratic.
#[test]
fn a_manifest_of_one_line_is_judged() {
    let count = 100_000;
    let dependencies: Vec<String> = (0..count).map(|n| format!("d{n:05} = \"1\"")).collect();
    let line = format!("package = {{ name = \"demo\" }}\ndependencies = {{ {} }}\n", dependencies.join(", "));
    let run = Repo::new().file("Cargo.toml", line).run(&["check", "-v"]);
    let last = format!("\n  2:{}", 17 + (count - 1) * 14 + 11);
    assert!(run.stdout.contains(&last) && run.stdout.contains(&format!("\n{} findings ", count + 1)));
}

/// A fix of each has the changes of all of them: no more of that is made than there is memory for.
#[test]
fn a_repository_that_1_000_declarations_are_locked_to_is_judged() {
    let source = format!("git+https://example.com/r?branch=b#{COMMIT}");
    let dependency = |n| format!("d{n:04} = {{ git = \"https://example.com/r\", branch = \"b\" }}\n");
    let edges: Vec<String> = (0..1_000).map(|n| format!("d{n:04}")).collect();
    let packages: String = (0..1_000).map(|n| format!("d{n:04} 1.0.0 {source}\n")).collect();
    let dependencies: String = (0..1_000).map(dependency).collect();
    let repo = Repo::demo(&dependencies, &format!("{packages}demo 0.1.0 -> {}", edges.join(", ")));
    let run = repo.run(&["check"]);
    assert!(run.stdout.contains("1000 findings (1000 deny) in 1 file"), "{}", run.stdout);
}

/// Each held to one of as many others: neither are all compared with all, nor does each keep all.
#[test]
fn a_python_lockfile_of_one_name_is_read() {
    let requirements: String = (0..3_000).map(|_| "\"d>=1\",").collect();
    let packages: String = (0..3_000)
        .map(|n| {
            format!(
                "[[package]]\nname = \"d\"\nversion = \"1.{n}\"\nsource = {{ registry = \"https://example.com\" }}\n"
            )
        })
        .collect();
    let repeats: String = (0..3_000).map(|_| "{ name = \"d\", specifier = \">=1\" },").collect();
    let own = "[[package]]\nname = \"x\"\nsource = { editable = \".\" }\n[package.metadata]\n";
    let repo = Repo::new()
        .file("pyproject.toml", format!("[project]\nname = \"x\"\ndependencies = [{requirements}]\n"))
        .file("uv.lock", format!("version = 1\n{packages}{own}requires-dist = [{repeats}]\n"));
    let report = repo.check();
    assert_eq!(report.list().len(), 3_000);
    assert_eq!(report.replacements(), [""; 0]);
}

#[test]
fn a_script_that_installs_4_000_tools_is_judged() {
    let script: String = (0..4_000).map(|n| format!("cargo install --locked a@1.0.0 a b{}\n", n % 10)).collect();
    let repo = Repo::new().file("install.sh", script);
    let report = repo.check();
    assert_eq!(report.list().len(), 8_000);
    assert_eq!(report.replacements().len(), 4_000);
}

/// Each script below takes all of them along.
#[test]
fn a_workflow_with_an_environment_of_5_000_values_is_judged() {
    let values: String = (0..5_000).map(|n| format!("  E{n:04}: v{n}\n")).collect();
    let steps = "      - run: cargo install --locked a@${{ env.E0007 }}\n".repeat(5_000);
    let text = format!("on: push\nenv:\n{values}jobs:\n  a:\n    steps:\n{steps}");
    let report = Repo::new().file(".github/workflows/ci.yml", text).check();
    assert_eq!(report.list().len(), 5_000);
}

/// Each combination has them all, and is made anew for each of them.
#[test]
fn a_matrix_of_20_000_keys_is_told() {
    let keys: String = (0..20_000).map(|n| format!("        k{n}: [1]\n")).collect();
    let steps = "    steps:\n      - run: cargo install --locked a@${{ matrix.k7 }}\n";
    let text = format!("on: push\njobs:\n  a:\n    strategy:\n      matrix:\n{keys}{steps}");
    let report = Repo::new().file(".github/workflows/ci.yml", text).check();
    assert!(report.messages().contains("not all of it was read"), "{}", report.messages());
}

#[test]
fn directories_300_levels_deep_are_walked() {
    let deep = vec!["d"; 300].join("/");
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"**/d/**/d/**/d/**/d/**/d/**/d/**/e\"]\n")
        .file(&format!("{deep}/Cargo.toml"), package("deep", "[workspace]\n[dependencies]\na = \"1\"\n"));
    let expected =
        [format!("{deep}/Cargo.toml:1:1 lock-missing deep"), format!("{deep}/Cargo.toml:8:6 unpinned-crate a")];
    assert_eq!(repo.findings()[..2], expected);
    let repo = repo.git();
    assert_eq!(repo.findings()[..2], expected);
}

/// The last one would hold more than there is memory for: it counts as one that is not known.
#[test]
fn variables_that_each_hold_the_last_twice_are_no_hang() {
    let doubled: String = (0..60).map(|n| format!("V{}=$V{n}$V{n}\n", n + 1)).collect();
    let script = format!("V0=12\nnpm i -g known@$V0\n{doubled}npm i -g a@$V60\n");
    let workflow: String = script.lines().map(|line| format!("          {line}\n")).collect();
    let repo = Repo::new()
        .file("install.sh", format!("#!/bin/sh\n{script}"))
        .file(".github/workflows/ci.yml", format!("on: push\njobs:\n  a:\n    steps:\n      - run: |\n{workflow}"));
    let run = repo.run(&["check", "--format", "json"]);
    assert!(run.stdout.len() < 20_000, "{} bytes", run.stdout.len());
    assert_eq!(run.stdout.matches("held to no exact version by `12`").count(), 2, "{}", run.stdout);
    assert_eq!(run.stdout.matches("cannot be decided from this file").count(), 2, "{}", run.stdout);
}
