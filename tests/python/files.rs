//! Requirements files, and where they lead.

use crate::support::{COMMIT, Repo};

/// What is found, as `path:line:column rule pin`.
#[track_caller]
fn check(repo: &Repo, expected: &[&str]) {
    let report = repo.run(&["check", "--surface", "python", "--format", "json"]).report();
    let line = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let (line, column) = (&finding["start"]["line"], &finding["start"]["column"]);
        format!("{}:{line}:{column} {} {} {}", text("path"), text("rule"), text("name"), text("pin"))
    };
    let found: Vec<String> = report.list().iter().map(line).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_taken_in_is_judged_by_any_name() {
    let repo = Repo::new()
        .file("requirements.txt", "-r deps/base.pip\n-r requirements.txt\na==1\n")
        .file("deps/base.pip", "-r ../deps/more.pip\nb>=1\n")
        .file("deps/more.pip", "-r base.pip\nc\n");
    let expected = ["deps/base.pip:2:2 unpinned-python b range", "deps/more.pip:2:1 unpinned-python c latest"];
    check(&repo, &expected);
    // As well in a revision, and in what is staged.
    let repo = repo.git();
    repo.write("deps/base.pip", "b==1\n");
    for snapshot in [&["--rev", "HEAD"][..], &["--staged"]] {
        let arguments = [&["check", "--surface", "python", "--format", "json"][..], snapshot].concat();
        assert_eq!(repo.run(&arguments).report().list().len(), 2, "{snapshot:?}");
    }
}

#[test]
fn nothing_leads_out_of_the_repository() {
    let repo = Repo::new().file("a/requirements.txt", "-r ../../outside.txt\n-r /etc/hosts\n-r gone.txt\n-e ../../b\n");
    std::fs::write(repo.outside().join("outside.txt"), "secret>=1\n").expect("it can be written");
    check(
        &repo,
        &[
            "a/requirements.txt:1:4 unreadable-file requirements.txt -",
            "a/requirements.txt:2:4 unreadable-file requirements.txt -",
            "a/requirements.txt:3:4 unreadable-file requirements.txt -",
            "a/requirements.txt:4:4 unpinned-python ../../b unknown",
        ],
    );
    assert!(!repo.run(&["list"]).stdout.contains("secret"));
}

#[test]
fn a_constraint_holds_what_it_names() {
    let repo = Repo::new()
        .file("requirements.txt", "-c constraints.txt\n-r base.txt\na\nb\nC_d\n")
        .file("base.txt", "a>=1\ne\n")
        .file("constraints.txt", "a==1\nc.d==2\nb<3\n");
    check(
        &repo,
        &[
            "base.txt:2:1 unpinned-python e latest",
            "constraints.txt:3:2 unpinned-python b range",
            "requirements.txt:4:1 unpinned-python b latest",
        ],
    );
    // What only narrows installs nothing: it is a warning.
    let report = repo.run(&["check", "constraints.txt", "--format", "json"]).report();
    assert_eq!(report.list()[0]["level"], "warn");
    // One of two that take it in does not constrain it.
    let repo = repo.file("other-requirements.txt", "-r base.txt\n");
    let report = repo.run(&["check", "base.txt", "--format", "json"]).report();
    assert_eq!(report.list().len(), 2);
}

#[test]
fn the_source_of_a_compiled_file_is_left_out_and_counted() {
    let repo = Repo::new()
        .file("requirements.in", "a\n")
        .file("requirements.txt", "a==1\n")
        .file("other-requirements.in", "b\n")
        .file("requirements_lock.txt", "# pip-compile --output-file=requirements_lock.txt more-requirements.in\nc==1\n")
        .file("more-requirements.in", "c\n");
    check(&repo, &["other-requirements.in:1:1 unpinned-python b latest"]);
    let report = repo.run(&["check", "--format", "json"]).report();
    let why = "the source of a compiled requirements file beside it, which is what is installed";
    assert_eq!(report.skipped(), [format!("more-requirements.in: {why}"), format!("requirements.in: {why}")]);
    assert!(!repo.run(&["list"]).stdout.contains("more-requirements.in"));
}

#[test]
fn what_is_only_named_like_one_fails_nothing() {
    let repo = Repo::new()
        .file("docs/requirements/speed.txt", "The service must answer within a second.\nIt must not float.\n")
        .file("apt-requirements.txt", "libssl-dev\n")
        .file("{{ slug }}/pyproject.toml", "{% if a %}\n[project]\n{% endif %}\n")
        .file("requirements.txt", "a==1\n");
    check(&repo, &[]);
    let report = repo.run(&["check", "--format", "json"]).report();
    let why = "only named like a requirements file: most of its lines are no requirements";
    let template = "{{ slug }}/pyproject.toml: a template: it is no TOML before it is filled in";
    assert_eq!(report.skipped(), [format!("docs/requirements/speed.txt: {why}"), template.to_owned()]);
}

#[test]
fn every_table_of_a_manifest_is_read() {
    let manifest = format!(
        r#"[build-system]
requires = ["setuptools>=61", "wheel==0.45.1"]
[project]
name = "demo"
requires-python = ">=3.9"
dependencies = ["a>=1", "own", "sourced>=2", "exact==1", "esc\u0061ped>=1"]
[project.optional-dependencies]
test = ["b"]
[dependency-groups]
dev = ["c~=1.0", {{ include-group = "lint" }}]
lint = ["d"]
[tool.uv]
override-dependencies = ["e>=1"]
constraint-dependencies = ["f<2"]
[tool.uv.sources]
own = {{ workspace = true }}
sourced = {{ git = "https://example.org/s", tag = "v1" }}
[tool.poetry.dependencies]
python = "^3.9"
g = "^1"
h = "1.2.3"
i = {{ git = "https://example.org/i", rev = "{COMMIT}" }}
j = [{{ version = "~1", python = "<3.11" }}, {{ version = "2.0", python = ">=3.11" }}]
[tool.poetry.group.dev.dependencies]
k = {{ version = "*", extras = ["x"] }}
[tool.hatch.envs.docs]
dependencies = ["l", "m @ {{root:uri}}/m"]
"#
    );
    let repo = Repo::new().file("pyproject.toml", manifest);
    let report = repo.run(&["check", "--format", "json"]).report();
    let row = |finding: &serde_json::Value| {
        format!(
            "{} {} {}",
            finding["name"].as_str().unwrap_or(""),
            finding["pin"].as_str().unwrap_or(""),
            finding["level"].as_str().unwrap_or("")
        )
    };
    let found: Vec<String> = report.list().iter().map(row).collect();
    let expected = [
        "setuptools range deny",
        "a range deny",
        "escaped range deny",
        "b latest deny",
        "c range deny",
        "d latest deny",
        "e range deny",
        "f range warn",
        "sourced tag deny",
        "g range deny",
        "j range deny",
        "k latest deny",
        "l latest deny",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_no_tool_reads_is_said_at_its_line() {
    let repo = Repo::new()
        .file("pyproject.toml", "[project]\ndependencies = [\n  \"a b\",\n]\n")
        .file("requirements.txt", "a==1\nb=1\n")
        .file("x/Pipfile", "[packages]\na = \"newest\"\n")
        .file("y/pyproject.toml", "[project\n");
    check(
        &repo,
        &[
            "pyproject.toml:3:4 unreadable-file pyproject.toml -",
            "requirements.txt:2:1 unreadable-file requirements.txt -",
            "x/Pipfile:2:6 unreadable-file Pipfile -",
            "y/pyproject.toml:1:9 unreadable-file pyproject.toml -",
        ],
    );
}

#[test]
fn many_files_that_take_each_other_in_end() {
    let mut repo = Repo::new();
    for at in 0..100 {
        let others: String = (0..100).map(|other| format!("-r r{other}-requirements.txt\n-c c.txt\n")).collect();
        repo = repo.file(&format!("r{at}-requirements.txt"), format!("{others}a{at}\n"));
    }
    let names: String = (0..100).map(|at| format!("a{at}==1\n")).collect();
    check(&repo.file("c.txt", names), &[]);
}

#[test]
fn extras_of_the_project_itself_are_its_own() {
    let manifest = "[project]\nname = \"My.Demo\"\ndependencies = []\n\n[project.optional-dependencies]\n\
        test = [\"pytest==8.0.0\"]\nall = [\"my-demo[test]\"]\n\n[dependency-groups]\ndev = [\"my_demo[all]\"]\n\n\
        [build-system]\nrequires = [\"my-demo\"]\n";
    check(&Repo::new().file("pyproject.toml", manifest), &["pyproject.toml:13:14 unpinned-python my-demo latest"]);
}

#[test]
fn a_branch_is_one_by_whatever_key() {
    let manifest = "[tool.uv.sources]\na = { git = \"https://x/a\", rev = \"main\" }\nb = { git = \"https://x/b\", rev = \"v1\" }\n\
        c = { git = \"https://x/c\", branch = \"v1\" }\nd = { git = \"https://x/d\", tag = \"main\" }\n";
    check(
        &Repo::new()
            .file("pyproject.toml", manifest)
            .file("Pipfile", "[packages]\ne = { git = \"https://x/e\", ref = \"main\" }\n"),
        &[
            "Pipfile:2:35 unpinned-python e latest",
            "pyproject.toml:2:35 unpinned-python a latest",
            "pyproject.toml:3:35 unpinned-python b tag",
            "pyproject.toml:4:38 unpinned-python c latest",
            "pyproject.toml:5:35 unpinned-python d tag",
        ],
    );
}
