//! Fixes, byte for byte. That uv takes its lockfile afterwards is held by `.ci/python.py`.

use crate::support::Repo;

const LOCK: &str = r#"version = 1
requires-python = ">=3.9"

[[package]]
name = "alpha"
version = "1.3.0"
source = { registry = "https://example.org/simple" }
wheels = [{ url = "https://example.org/alpha.whl", hash = "sha256:0" }]

[[package]]
name = "beta"
version = "2.0"
source = { registry = "https://example.org/simple" }

[[package]]
name = "demo"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "alpha" },
    { name = "beta" },
]

[package.metadata]
requires-dist = [
    { name = "alpha", extras = ["more"], specifier = ">=1,<2" },
    { name = "beta", marker = "os_name == 'nt'" },
]

[package.metadata.requires-dev]
dev = [
    { name = "alpha", specifier = ">=1,<2" },
    { name = "beta", specifier = "==2.0" },
]
"#;

const MANIFEST: &str = r#"[project]
name = "demo"
version = "0.1.0"
dependencies = [
    "Alpha[more] >= 1, < 2", # why
    'beta ; os_name == "nt"',
]

[dependency-groups]
dev = ["alpha<2,>=1", "beta==2.0"]
"#;

#[test]
fn a_pin_goes_into_manifest_and_lockfile_together() {
    let repo = Repo::new().file("pyproject.toml", MANIFEST).file("uv.lock", LOCK).git();
    let run = repo.run(&["fix"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "pinned 3 declarations in 2 files\n\nno findings; 4 of 4 declarations pinned\n"),
        "{}",
        run.stderr
    );
    let expected = MANIFEST
        .replace("Alpha[more] >= 1, < 2", "Alpha[more] ==1.3.0")
        .replace("beta ; os_name", "beta==2.0 ; os_name")
        .replace("alpha<2,>=1", "alpha==1.3.0");
    assert_eq!(repo.read("pyproject.toml"), expected);
    let expected = LOCK
        .replace("specifier = \">=1,<2\"", "specifier = \"==1.3.0\"")
        .replace("marker = \"os_name == 'nt'\" }", "marker = \"os_name == 'nt'\", specifier = \"==2.0\" }");
    assert_eq!(repo.read("uv.lock"), expected);
}

#[test]
fn what_shares_a_line_of_the_lockfile_is_pinned_together_or_not_at_all() {
    let policy = "[rules]\nunpinned-python = { level = \"deny\", kinds = [\"normal\"] }\n";
    let repo = Repo::new().file("pyproject.toml", MANIFEST).file("uv.lock", LOCK).file("pinned.toml", policy).git();
    let run = repo.run(&["fix"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("`Alpha` is pinned only together with what requires it in the same words, in pyproject.toml"),
        "{}",
        run.stderr
    );
    assert!(repo.read("pyproject.toml").contains("Alpha[more] >= 1, < 2"));
    assert!(repo.read("pyproject.toml").contains("beta==2.0 ; os_name"));
}

#[test]
fn a_lockfile_that_repeats_nothing_of_it_is_left_alone() {
    // The lockfile was made from another requirement: uv is to bring it up to date first.
    let repo = Repo::new().file("pyproject.toml", MANIFEST.replace("< 2", "< 3")).file("uv.lock", LOCK);
    let report = repo.run(&["check", "--format", "json"]).report();
    let finding = report.list().iter().find(|finding| finding["name"] == "Alpha").expect("it floats");
    assert!(finding["fix"].is_null());
    assert!(finding["help"].as_str().expect("help").ends_with("then run `uv lock`, which repeats it there"));
}

#[test]
fn a_lockfile_of_the_standard_says_nothing_of_requirements() {
    let lock = "lock-version = \"1.0\"\n[[packages]]\nname = \"alpha\"\nversion = \"1.3.0\"\nwheels = [{ hashes = { sha256 = \"0\" } }]\n";
    let repo = Repo::new()
        .file("pyproject.toml", "[project]\r\ndependencies = [\"alpha\"]\r\n")
        .file("pylock.toml", lock)
        .git();
    assert_eq!(repo.run(&["fix"]).code, 0);
    assert_eq!(repo.read("pyproject.toml"), "[project]\r\ndependencies = [\"alpha==1.3.0\"]\r\n");
    assert_eq!(repo.read("pylock.toml"), lock);
}

/// Each of those that share a line of the lockfile has the whole fix, so that they must be few.
#[test]
fn many_that_share_a_line_of_the_lockfile_are_left() {
    for (count, is_mended) in [(64, true), (65, false)] {
        let many = vec!["\"beta\""; count].join(", ");
        let manifest = format!("[project]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [{many}]\n");
        let lock = "version = 1\n\n[[package]]\nname = \"beta\"\nversion = \"2.0\"\nsource = { registry = \"https://example.org/simple\" }\n\n\
                    [[package]]\nname = \"demo\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"beta\" }]\n\n\
                    [package.metadata]\nrequires-dist = [{ name = \"beta\" }]\n";
        let report = Repo::new().file("pyproject.toml", manifest).file("uv.lock", lock).check();
        assert_eq!(report.list().len(), count);
        assert_eq!(report.list().iter().all(|finding| finding["fix"].is_object()), is_mended, "{count}");
    }
}

/// What the lockfile has from a repository is no version that could be written.
#[test]
fn what_is_locked_to_a_commit_is_not_pinned_to_its_version() {
    let commit = crate::support::COMMIT;
    let git = format!("source = {{ git = \"https://example.org/beta?rev=main#{commit}\" }}");
    let lock = LOCK.replacen(
        "version = \"2.0\"\nsource = { registry = \"https://example.org/simple\" }",
        &format!("version = \"2.0\"\n{git}"),
        1,
    );
    assert_ne!(lock, LOCK);
    let report = Repo::new().file("pyproject.toml", MANIFEST).file("uv.lock", lock).check();
    let beta = report.list().iter().find(|finding| finding["name"] == "beta").expect("it floats");
    assert!(beta["fix"].is_null(), "{beta}");
}

/// A lockfile of uv with `beta` at a version, and a project by a path that asks for it as the lockfile repeats it.
fn lock_of(path: &str, beta: &str, name: &str) -> String {
    let from = "source = { registry = \"https://example.org/simple\" }";
    format!(
        "version = 1\n\n[[package]]\nname = \"beta\"\nversion = \"{beta}\"\n{from}\n\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n\
         source = {{ editable = \"{path}\" }}\ndependencies = [{{ name = \"beta\" }}]\n\n\
         [package.metadata]\nrequires-dist = [{{ name = \"beta\", specifier = \">=2\" }}]\n"
    )
}

/// uv repeats what a path dependency asks for, in each lockfile: all of them stay fresh, or the pin is left to the user.
#[test]
fn each_lockfile_that_repeats_a_requirement_takes_the_pin() {
    let manifest = "[project]\nname = \"lib\"\nversion = \"0.1.0\"\ndependencies = [\"beta>=2\"]\n";
    let app = "[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = []\n";
    for (other, is_pinned) in [("2.0", true), ("2.1", false)] {
        let repo = Repo::new()
            .file("lib/pyproject.toml", manifest)
            .file("lib/uv.lock", lock_of(".", "2.0", "lib"))
            .file("app/pyproject.toml", app)
            .file("app/uv.lock", lock_of("../lib", other, "lib"))
            .git();
        let run = repo.run(&["fix", "--no-verify"]);
        assert_eq!(repo.read("lib/pyproject.toml").contains("\"beta==2.0\""), is_pinned, "{}", run.stdout);
        for lock in ["lib/uv.lock", "app/uv.lock"] {
            assert_eq!(repo.read(lock).contains("specifier = \"==2.0\""), is_pinned, "{lock}");
        }
    }
}

/// `[tool.uv.sources]` of a workspace's root holds for its members: what they name is the project beside them.
#[test]
fn a_member_of_the_workspace_is_what_its_name_means() {
    let app = |more: &str| format!("[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"lib\"{more}]\n");
    let report = Repo::new()
        .file(
            "pyproject.toml",
            "[tool.uv.workspace]\nmembers = [\"pkg/*\"]\n\n[tool.uv.sources]\nlib = { workspace = true }\n",
        )
        .file(
            "uv.lock",
            lock_of("pkg/lib", "2.0", "lib") + "\n[[package]]\nname = \"app\"\nsource = { virtual = \"pkg/app\" }\n",
        )
        .file(
            "pkg/lib/pyproject.toml",
            "[project]\nname = \"lib\"\nversion = \"0.1.0\"\ndependencies = [\"beta==2.0\"]\n",
        )
        .file("pkg/app/pyproject.toml", app(", \"other\""))
        .check();
    assert_eq!(report.findings(), ["pkg/app/pyproject.toml:4:25 unpinned-python other"]);
}
