//! Checkouts as other systems make them: line endings that git converts, names in another case, and what is a part of a name here
//! and separates names there.

use serde_json::Value;

use crate::support::{Repo, lock, package};

/// A repository with a finding on every surface, and values over several lines.
fn repository() -> Repo {
    let dependencies =
        "[dependencies]\na = \"1\"\nb = \"\"\"\n0.4\"\"\"\nc = { version = \"1\", features = [\n  \"d\",\n] }\n";
    Repo::new()
        .file("Cargo.toml", package("demo", dependencies))
        .file("Cargo.lock", lock("a 1.0.0 crates-io\nb 0.4.1 crates-io\nc 1.2.0 crates-io\ndemo 0.1.0 -> a, b, c"))
        .file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n")
        .file("Dockerfile", "FROM rust:1.95 \\\n  AS base\nRUN cargo install \\\n  cross\nRUN <<END\ncargo install zap\nEND\n")
        .file(
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          \
             cargo install foo \\\n             bar\n          curl https://x.invalid/i.sh | sh\n      - run: >\n          \
             pip install\n          requests\n",
        )
        .file("package.json", "{\n  \"dependencies\": {\n    \"react\": \"^18\"\n  }\n}\n")
        .file("requirements.txt", "requests>=2\nflask==2.0 \\\n  --hash=sha256:aa\n")
        .file("pyproject.toml", "[project]\nname = \"p\"\nversion = \"1\"\ndependencies = [\n  \"flask>=2\",\n]\n")
        .file("setup.sh", "#!/bin/sh\ncargo install \\\n  foo\ncat <<END\nx\nEND\npip install bar\n")
        .file("index.html", "<script\n src=\"https://cdn.jsdelivr.net/npm/vue\"></script>\n")
        .file("pinned.toml", "[[exception]]\nrule = \"unpinned-web\"\nreason = \"\"\"\nthe page\nis a draft\"\"\"\n")
}

fn findings(repo: &Repo) -> Vec<Value> {
    repo.check().list().to_vec()
}

/// What git has with LF and the disk with CRLF is not changed, is found at the same places, and keeps its fingerprint.
#[test]
fn a_checkout_with_crlf_is_what_was_committed() {
    let repo = repository();
    let lf = findings(&repo);
    assert!(lf.len() >= 14, "{}", lf.len());
    assert_eq!(repo.run(&["baseline"]).code, 0);
    let repo = repo.git();
    repo.run_git(&["config", "core.autocrlf", "true"]);
    repo.run_git(&["rm", "--quiet", "-r", "--cached", "."]);
    repo.run_git(&["reset", "--quiet", "--hard"]);
    for path in ["Cargo.toml", "Cargo.lock", "pinned.toml", "pinned-baseline.toml", ".github/workflows/ci.yml"] {
        assert!(repo.read(path).contains("\r\n"), "{path} is checked out with CRLF");
    }

    let unchanged = |repo: &Repo, when: &str| {
        let run = repo.run(&["check", "--base", "HEAD"]);
        assert_eq!((run.code, run.stdout.starts_with("no new findings")), (0, true), "{when}: {}", run.stdout);
        assert_eq!(repo.run(&["diff", "HEAD"]).stdout, "no pin differs between HEAD and the working tree\n", "{when}");
        let run = repo.run(&["check"]);
        assert_eq!((run.code, run.stdout.starts_with("no findings")), (0, true), "{when}: {}", run.stdout);
    };
    unchanged(&repo, "as git knows it");
    // Written again: git's index knows nothing of it any more, and only the content tells.
    for path in ["Cargo.toml", "Cargo.lock", "Dockerfile", "package.json", ".github/workflows/ci.yml", "setup.sh"] {
        repo.write(path, repo.read(path));
    }
    unchanged(&repo, "written again");

    std::fs::remove_file(repo.root().join("pinned-baseline.toml")).expect("it is there");
    let comparable = |finding: &Value| {
        let mut finding = finding.clone();
        // Bytes are counted as they are on the disk.
        finding.as_object_mut().expect("an object").retain(|key, _| key != "span" && key != "fix");
        finding
    };
    let crlf = findings(&repo);
    assert_eq!(crlf.iter().map(comparable).collect::<Vec<_>>(), lf.iter().map(comparable).collect::<Vec<_>>());
}

/// Where names that differ in case are one to the file system, git takes them for one; a lockfile in such a directory is committed.
#[test]
fn a_name_in_another_case_is_tracked_where_case_decides_nothing() {
    let repo = Repo::new()
        .file("App/Cargo.toml", package("app", "[dependencies]\na = \"=1.0.0\"\n"))
        .file("App/Cargo.lock", lock("a 1.0.0 crates-io\napp 0.1.0 -> a"))
        .git();
    std::fs::rename(repo.root().join("App"), repo.root().join("moved")).expect("it can be moved");
    std::fs::rename(repo.root().join("moved"), repo.root().join("app")).expect("it can be moved");
    repo.run_git(&["config", "core.ignoreCase", "true"]);
    assert_eq!(repo.findings(), [""; 0]);
    repo.run_git(&["config", "core.ignoreCase", "false"]);
    let rules: Vec<String> = repo.check().list().iter().map(|finding| finding["rule"].to_string()).collect();
    assert_eq!(rules, ["\"lock-uncommitted\""]);
}

/// On Unix a backslash is a character like any other, and PATH is taken as it is.
#[cfg(unix)]
#[test]
fn a_backslash_in_a_name_narrows_to_what_is_there() {
    let float = "[dependencies]\na = \"1\"\n";
    let repo = Repo::new()
        .file(r"one\two/Cargo.toml", package("odd", float))
        .file("one/two/Cargo.toml", package("even", float))
        .git();
    for path in [r"one\two", "one/two"] {
        let narrowed = |arguments: &[&str]| {
            let report = repo.run(&[&["check", "--format", "json", path], arguments].concat()).report();
            let paths = report.list().iter().map(|finding| finding["path"].as_str().expect("a path").to_owned());
            paths.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(narrowed(&[]), [format!("{path}/Cargo.toml")]);
        assert_eq!(narrowed(&["--rev", "HEAD"]), [format!("{path}/Cargo.toml")]);
    }
}
