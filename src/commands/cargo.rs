//! Cargo, as the verbs that change files ask it: which one, whether it may fetch, and what it said.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{self, Ended};

/// Which cargo is asked, and how.
pub(super) struct Cargo {
    program: PathBuf,
    /// Rustup's name of the toolchain that was active before: a change may pin a channel to a release that is not installed.
    toolchain: Option<String>,
    pub(super) online: bool,
}

/// What cargo says of itself.
pub(super) struct About {
    /// The machine that it runs on, as a target.
    pub(super) host: Option<String>,
    /// Its release.
    pub(super) release: Option<semver::Version>,
}

impl Cargo {
    /// The cargo that the user runs; `online` lets it fetch.
    pub(super) fn of_user(root: &Path, online: bool) -> Self {
        let program = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let named = std::env::var("RUSTUP_TOOLCHAIN").ok().filter(|name| !name.is_empty());
        Self { program, toolchain: named.or_else(|| active(root)), online }
    }

    /// Runs it in a directory, whose configuration holds; `manifest` is what to build, where that is elsewhere.
    pub(super) fn run(&self, directory: &Path, arguments: &[&str], manifest: Option<&Path>) -> Result<Ended> {
        let mut arguments: Vec<&str> = arguments.to_vec();
        arguments.extend((!self.online).then_some("--offline"));
        let manifest = manifest.map(|path| path.to_string_lossy().into_owned());
        arguments.extend(manifest.iter().flat_map(|path| ["--manifest-path", path]));
        self.start(directory, &arguments)
    }

    fn start(&self, directory: &Path, arguments: &[&str]) -> Result<Ended> {
        let ended = process::cargo(&self.program, self.toolchain.as_deref(), directory, arguments);
        ended.with_context(|| format!("cannot start `{}`", self.program.display()))
    }

    /// What it says of itself.
    pub(super) fn version(&self, root: &Path) -> Result<About> {
        let ended = self.start(root, &["-vV"])?;
        let line = |key: &str| ended.stdout.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        Ok(About { host: line("host: "), release: line("release: ").and_then(|text| text.parse().ok()) })
    }

    /// Whether it may lack what it was not allowed to fetch. A toolchain that is not installed, as rustup says it, is another matter.
    pub(super) fn could_fetch(&self, why: &str) -> bool {
        let lacks_toolchain = why.contains("toolchain '") && why.contains("is not installed");
        !self.online && !lacks_toolchain
    }

    /// Why it refuses the lockfile of a workspace; none where it does not.
    pub(super) fn refusal(&self, directory: &Path, manifest: Option<&Path>) -> Result<Option<String>> {
        let ended = self.run(directory, &["update", "--workspace", "--locked"], manifest)?;
        Ok((!ended.success).then(|| said(&ended)))
    }

    /// Its metadata of a workspace as it is locked, for one target; or why it gives none.
    pub(super) fn metadata(
        &self,
        directory: &Path,
        host: Option<&str>,
        manifest: Option<&Path>,
    ) -> Result<Value, String> {
        let mut arguments = vec!["metadata", "--locked", "--format-version", "1"];
        arguments.extend(host.iter().flat_map(|host| ["--filter-platform", host]));
        let ended = self.run(directory, &arguments, manifest).map_err(|error| format!("{error:#}"))?;
        if !ended.success {
            return Err(said(&ended));
        }
        serde_json::from_str(&ended.stdout).map_err(|error| error.to_string())
    }
}

/// Rustup's name of the toolchain that a directory has, where it is one of rustup's: that of the directory it is in.
fn active(root: &Path) -> Option<String> {
    let ended = process::rustc(root, &["--print", "sysroot"]).ok().filter(|ended| ended.success)?;
    let sysroot = PathBuf::from(ended.stdout.trim());
    let is_rustups = sysroot.parent()?.ends_with("toolchains");
    is_rustups.then(|| Some(sysroot.file_name()?.to_str()?.to_owned())).flatten()
}

/// What a process said last on standard error, where it says what is wrong.
pub(super) fn said(ended: &Ended) -> String {
    let lines: Vec<&str> = ended.stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let start = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    // Rustup shows where in itself it failed.
    let told = lines[start..].iter().take_while(|line| !line.starts_with("Stack backtrace"));
    let mut said = String::new();
    for line in told.filter(|line| **line != "Caused by:").take(12) {
        let joint = if said.is_empty() {
            ""
        } else if said.ends_with([':', ';', ',', '.']) {
            " "
        } else {
            "; "
        };
        said += &format!("{joint}{line}");
    }
    if said.is_empty() { "it says nothing".to_owned() } else { said }
}
