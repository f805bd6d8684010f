//! Lockfiles: which manifest each holds, and what passes by it.

use crate::support::Repo;

const POLICY: &str = "[rules]\nunpinned-python = { level = \"deny\", require = \"locked\" }\n";

fn poetry_lock(hash: bool) -> String {
    let files = if hash { "files = [{ file = \"a.whl\", hash = \"sha256:0\" }]" } else { "files = []" };
    format!("[[package]]\nname = \"alpha\"\nversion = \"1.2.3\"\n{files}\n[metadata]\ncontent-hash = \"0\"\n")
}

/// The findings' names under `require = "locked"`.
#[track_caller]
fn check(repo: Repo, expected: &[&str]) {
    let report = repo.file("pinned.toml", POLICY).run(&["check", "--format", "json"]).report();
    let names: Vec<&str> = report.list().iter().filter_map(|finding| finding["name"].as_str()).collect();
    assert_eq!(names, expected);
}

#[test]
fn what_a_lockfile_holds_passes_where_that_is_enough() {
    let manifest =
        "[tool.poetry.dependencies]\nalpha = \"^1\"\nbeta = \"^1\"\n[build-system]\nrequires = [\"poetry-core>=1\"]\n";
    check(
        Repo::new().file("pyproject.toml", manifest).file("poetry.lock", poetry_lock(true)),
        // What the lockfile lacks, and what none holds.
        &["beta", "poetry-core"],
    );
    // A version without a hash can be replaced.
    check(
        Repo::new().file("pyproject.toml", manifest).file("poetry.lock", poetry_lock(false)),
        &["alpha", "beta", "poetry-core"],
    );
    // What names its version needs no lockfile.
    check(Repo::new().file("pyproject.toml", manifest.replace("\"^1\"", "\"1.2.3\"").replace(">=1", "==1.0")), &[]);
    // Without a lockfile nothing is held, and nobody else says so.
    check(Repo::new().file("pyproject.toml", manifest), &["alpha", "beta", "poetry-core"]);
    check(Repo::new().file("requirements.txt", "alpha>=1\n").file("poetry.lock", poetry_lock(true)), &["alpha"]);
}

#[test]
fn a_lockfile_that_lags_behind_holds_nothing() {
    let manifest = "[project]\nname = \"demo\"\ndependencies = [\"alpha>=2\"]\n";
    check(Repo::new().file("pyproject.toml", manifest).file("pdm.lock", poetry_lock(true)), &["alpha"]);
}

#[test]
fn help_says_what_a_pin_makes_stale() {
    let manifest = "[tool.poetry.dependencies]\nalpha = \"^1\"\n";
    let repo = Repo::new().file("pyproject.toml", manifest).file("poetry.lock", poetry_lock(true));
    let report = repo.run(&["check", "--format", "json"]).report();
    let finding = &report.list()[0];
    assert!(finding["fix"].is_null());
    assert_eq!(finding["locked"], "1.2.3");
    let help = finding["help"].as_str().expect("help");
    assert!(help.contains("pin to `==1.2.3`, which poetry.lock holds, then run `poetry lock`"), "{help}");
}

#[test]
fn a_pipfile_has_a_lockfile_of_its_own() {
    let lock = r#"{"_meta": {"hash": {"sha256": "0"}}, "default": {"alpha": {"hashes": ["sha256:0"], "version": "==1.2.3"}}, "develop": {}}"#;
    let repo = Repo::new().file("Pipfile", "[packages]\nalpha = \"*\"\n[dev-packages]\nbeta = \">=1\"\n");
    check(repo.file("Pipfile.lock", lock), &["beta"]);
}
