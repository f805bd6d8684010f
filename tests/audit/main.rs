//! `audit`: many repositories, each judged as `check` judges it, whatever is wrong with one of them.
//!
//! Every JSON report is validated against `schemas/audit-v1.json` where it is read, in [`Fleet::audit`].

#[path = "../support/mod.rs"]
mod support;

mod broken;
mod floor;
mod formats;
mod gate;
mod references;
mod rows;
mod targets;

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use support::{Repo, Run, package};

/// A directory `fleet` with repositories in it.
pub(crate) struct Fleet(pub(crate) Repo);

impl Fleet {
    pub(crate) fn new() -> Self {
        Self(Repo::new())
    }

    /// A repository with everything committed.
    pub(crate) fn with(self, name: &str, files: &[(&str, &str)]) -> Self {
        for (path, text) in files {
            self.0.write(Path::new(name).join(path), text);
        }
        self.git(name, &["init", "--quiet", "."]);
        self.commit(name);
        self
    }

    /// A repository with one declaration that floats, of a crate `a`.
    pub(crate) fn floating(self, name: &str) -> Self {
        self.with(name, &[("Cargo.toml", &floating())])
    }

    /// Any file, also in a repository, where it is not committed.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.0.write(path, text);
        self
    }

    /// Runs git in a directory of the fleet, which is made if need be.
    pub(crate) fn git(&self, name: &str, arguments: &[&str]) {
        std::fs::create_dir_all(self.0.root().join(name)).expect("the directory can be made");
        self.0.run_git(&[&["-C", name], arguments].concat());
    }

    pub(crate) fn commit(&self, name: &str) {
        self.git(name, &["add", "--all"]);
        self.git(name, &["commit", "--quiet", "--allow-empty", "--message", "test"]);
    }

    /// Runs the audit of the fleet, with more arguments.
    pub(crate) fn run(&self, more: &[&str]) -> Run {
        self.0.run(&[&["audit", "."], more].concat())
    }

    /// The JSON report of the fleet's audit, valid by its schema.
    pub(crate) fn audit(&self, more: &[&str]) -> Audit {
        read(self.run(&[&["--format", "json"], more].concat()))
    }
}

/// The JSON report of a run, valid by its schema.
pub(crate) fn read(run: Run) -> Audit {
    let json: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}), exit code {}: {}", run.code, run.stderr));
    if let Err(error) = schema().validate(&json) {
        panic!("the schema refuses the report at {}: {error}", error.instance_path());
    }
    assert_eq!(run.stderr, "", "nothing on standard error beside a report");
    Audit { json, code: run.code }
}

fn schema() -> &'static jsonschema::Validator {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let schema = include_str!("../../schemas/audit-v1.json");
        let schema = serde_json::from_str(schema).expect("the schema is JSON");
        jsonschema::validator_for(&schema).expect("the schema is one")
    })
}

/// A manifest with one declaration that floats.
pub(crate) fn floating() -> String {
    package("demo", "[dependencies]\na = \"1\"\n")
}

/// A JSON report.
pub(crate) struct Audit {
    pub(crate) json: Value,
    pub(crate) code: i32,
}

impl Audit {
    pub(crate) fn rows(&self) -> &[Value] {
        self.json["repositories"].as_array().expect("a list")
    }

    #[track_caller]
    pub(crate) fn row(&self, name: &str) -> &Value {
        let found = self.rows().iter().find(|row| row["name"] == name);
        found.unwrap_or_else(|| panic!("there is no row `{name}`: {:?}", self.names()))
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.rows().iter().map(|row| row["name"].as_str().expect("a name")).collect()
    }

    /// The findings of a row, each as `path rule name level`.
    #[track_caller]
    pub(crate) fn findings(&self, name: &str) -> Vec<String> {
        list(&self.row(name)["findings"])
    }

    #[track_caller]
    pub(crate) fn error(&self, name: &str) -> &str {
        self.row(name)["error"].as_str().unwrap_or_else(|| panic!("`{name}` has no error"))
    }
}

/// Findings, each as `path rule name level`.
pub(crate) fn list(findings: &Value) -> Vec<String> {
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("a string").to_owned();
    let one = |finding: &Value| ["path", "rule", "name", "level"].map(|key| text(finding, key)).join(" ");
    findings.as_array().expect("a list").iter().map(one).collect()
}
