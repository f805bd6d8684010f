//! A small workspace: files in memory, laid out in a temporary directory for cargo and for us.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::project::{cargo, fill};

/// Files by path. What is put in or edited may name crates' versions as [`fill`] knows them.
#[derive(Clone)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    /// Another `CARGO_HOME`, for workspaces with git dependencies: cargo would keep clones in the user's own.
    home: Option<PathBuf>,
}

impl Tree {
    /// An empty one; `home` is a `CARGO_HOME` without a registry, for workspaces that need none.
    pub(crate) fn new(home: Option<PathBuf>) -> Self {
        Self { files: BTreeMap::new(), home }
    }

    /// Writes a file, in place of what was there.
    pub(crate) fn put(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), fill(text));
    }

    /// Writes a package in `directory`: `rest` is what follows its name, edition and version.
    pub(crate) fn package(&mut self, directory: &str, name: &str, version: &str, rest: &str) {
        let head = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n\n");
        self.put(&format!("{directory}/Cargo.toml"), &(head + rest));
        self.put(&format!("{directory}/src/lib.rs"), "");
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.files.get(path).unwrap_or_else(|| panic!("there is no {path}"))
    }

    /// Replaces `old`, which must stand in the file exactly once.
    #[track_caller]
    pub(crate) fn edit(&mut self, path: &str, old: &str, new: &str) {
        let (old, new) = (fill(old), fill(new));
        let text = self.text(path);
        assert_eq!(text.matches(&old).count(), 1, "how often {old:?} stands in {path}:\n{text}");
        let text = text.replace(&old, &new);
        self.files.insert(path.to_owned(), text);
    }

    /// Adds to the end of a file, or makes it.
    pub(crate) fn append(&mut self, path: &str, text: &str) {
        self.files.entry(path.to_owned()).or_default().push_str(&fill(text));
    }

    /// Removes a file.
    pub(crate) fn remove(&mut self, path: &str) {
        assert!(self.files.remove(path).is_some(), "there is no {path}");
    }

    /// Rewrites the lockfile.
    pub(crate) fn lock(&mut self, change: impl FnOnce(&str) -> String) {
        let text = change(self.text("Cargo.lock"));
        self.files.insert("Cargo.lock".to_owned(), text);
    }

    /// Lets cargo bring the lockfile up to date.
    #[track_caller]
    pub(crate) fn sync(&mut self) {
        let directory = self.lay_out();
        let output = self.cargo(directory.path(), &["update", "--workspace"]);
        assert!(output.status.success(), "cargo updates the lockfile: {}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(directory.path().join("Cargo.lock")).expect("cargo wrote a lockfile");
        self.files.insert("Cargo.lock".to_owned(), text);
    }

    /// Writes the files into a new temporary directory.
    pub(crate) fn lay_out(&self) -> TempDir {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (path, text) in &self.files {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        directory
    }

    /// Runs cargo in a directory: offline where registries matter, and where none does there is no network to ask for.
    pub(crate) fn cargo(&self, directory: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(cargo());
        command.args(arguments).current_dir(directory).env("CARGO_TERM_COLOR", "never").env("CARGO_NET_RETRY", "0");
        match &self.home {
            // To be offline forbids `file:` too, which asks no network.
            Some(home) => command.env("CARGO_HOME", home).env("CARGO_NET_OFFLINE", "false"),
            None => command.arg("--offline"),
        };
        command.output().expect("cargo runs")
    }
}
