//! Whether a lockfile is stale: our verdict on changed workspaces against that of `cargo update --workspace --locked`.

use std::path::Path;
use std::process::Command;

use crate::tree::Tree;

/// What is said of a lockfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It fits the manifests.
    Fresh,
    /// It is stale, or cannot be used for another reason.
    Refused,
}

pub(crate) use Verdict::{Fresh, Refused};

/// One change of a workspace.
pub(crate) struct Row {
    /// What is changed.
    pub(crate) name: &'static str,
    /// What cargo says then.
    pub(crate) cargo: Verdict,
    /// Makes the change.
    pub(crate) change: fn(&mut Tree),
}

/// A row, on one line where it fits.
pub(crate) const fn row(name: &'static str, cargo: Verdict, change: fn(&mut Tree)) -> Row {
    Row { name, cargo, change }
}

/// Why we may differ from cargo.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Why {
    /// We mean to.
    OnPurpose,
    /// The bytes of a repository do not tell: only the registry's index, or the packages themselves, do.
    OutOfSight,
    /// The bytes tell, and we do not listen yet.
    NotYet,
}

use Why::{NotYet, OnPurpose, OutOfSight};

const FEATURES: &str =
    "which features of path packages are on is not worked out, so their optional edges may be there or not";
const PATCH_OF_A_NAME: &str = "an unused patch by path is taken for the other path package of its name";
const INDEX_EDGES: &str = "the edges of registry packages are the index's";

/// Rows on which we differ from cargo, and why. A row that no longer differs must leave this table.
pub(crate) const KNOWN: &[(&str, Why, &str)] = &[
    (
        "dependency without version or source",
        OnPurpose,
        "it is a finding of `unpinned-crate`, which names misspelled keys",
    ),
    ("package that stands alone, without a lockfile of its own", OnPurpose, "cargo was asked about another workspace"),
    (
        "workspace without any dependency, lock missing",
        OnPurpose,
        "`lock-missing` lets it off: nothing there can float",
    ),
    ("git: full commit locked to another", OnPurpose, "cargo builds another commit than the one that was reviewed"),
    ("git: locked commit shortened", OnPurpose, "a short commit verifies nothing"),
    ("git: locked commit dropped", OnPurpose, "no commit verifies nothing"),
    (
        "feature that switches on another package's dependency",
        OutOfSight,
        "the features of registry packages are the index's",
    ),
    ("package's checksum changed", OutOfSight, "the checksum that it should have is the index's"),
    ("edge of a package dropped, to what a member reaches too", OutOfSight, INDEX_EDGES),
    ("edge too many, of a package", OutOfSight, INDEX_EDGES),
    ("edge too many, of a path package to an optional dependency", NotYet, FEATURES),
    ("path package's optional dependency switched on", NotYet, FEATURES),
    ("path package's optional dependency switched on by default", NotYet, FEATURES),
    (
        "git: lock of version 1 that does not say that there is no checksum",
        NotYet,
        "cargo misses the `<none>` that it wrote there; no lockfile that cargo made is without",
    ),
    (
        "patches of one package, none used, listed in another order",
        NotYet,
        "cargo compares unused patches as a list, and we as a set; it lists them in its own order",
    ),
    ("patch of a member's name and version, unused", NotYet, PATCH_OF_A_NAME),
    ("patch of a member's name and version, unused, synced", NotYet, PATCH_OF_A_NAME),
];

/// The rules that speak of a lockfile that cannot be relied on.
const RULES: [&str; 4] = ["lock-stale", "lock-unverified", "lock-missing", "unreadable-file"];

/// Holds our verdict against cargo's for each change of `base`.
#[track_caller]
pub(crate) fn judge(base: &Tree, rows: &[Row]) {
    let wrong: Vec<String> = rows.iter().filter_map(|row| disagreement(base, row)).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// What is wrong about a row, if anything.
fn disagreement(base: &Tree, row: &Row) -> Option<String> {
    let mut tree = base.clone();
    (row.change)(&mut tree);
    let directory = tree.lay_out();
    let output = tree.cargo(directory.path(), &["update", "--workspace", "--locked"]);
    let cargo = if output.status.success() { Fresh } else { Refused };
    let findings = findings(directory.path());
    let ours = if findings.is_empty() { Fresh } else { Refused };
    let known = KNOWN.iter().find(|(name, ..)| *name == row.name);
    let what = if cargo != row.cargo {
        format!("cargo says {cargo:?}, the table expects {:?}", row.cargo)
    } else if let Some((_, why, reason)) = known.filter(|_| ours == cargo) {
        format!("we agree with cargo ({cargo:?}): take it out of KNOWN, where it says {why:?}: {reason}")
    } else if known.is_none() && ours != cargo {
        format!("cargo says {cargo:?}, we say {ours:?}")
    } else {
        return None;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    Some(format!(
        "- {}: {what}\n  cargo: {}\n  ours: {}",
        row.name,
        stderr.trim().replace('\n', "\n    "),
        findings.join("; ")
    ))
}

/// What our binary finds about lockfiles in a directory.
fn findings(directory: &Path) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-pinned"));
    command.args(["check", "--format", "json", "--root"]).arg(directory);
    let output = command.output().expect("our binary runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("a report, not {error}: {}", String::from_utf8_lossy(&output.stderr)));
    let findings = report["findings"].as_array().expect("a report has findings").iter();
    let is_refused = |finding: &serde_json::Value| {
        finding["message"].as_str().is_some_and(|message| message.contains("no requirement that cargo reads"))
    };
    let about_locks =
        findings.filter(|finding| RULES.iter().any(|rule| finding["rule"] == *rule) || is_refused(finding));
    about_locks.map(|finding| format!("{}: {}", finding["rule"], finding["message"])).collect()
}

/// Every table of rows.
const TABLES: [&[Row]; 6] = [
    crate::declarations::ROWS,
    crate::declarations::SOURCES,
    crate::members::ROWS,
    crate::lockfiles::ROWS,
    crate::patches::ROWS,
    crate::git::ROWS,
];

#[test]
fn rows_are_many_and_their_names_differ() {
    let mut names: Vec<&str> = TABLES.iter().copied().flatten().map(|row| row.name).collect();
    let count = names.len();
    assert!(count >= 100, "{count} rows");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "each row has a name of its own");
    let strangers: Vec<&str> = KNOWN.iter().map(|(name, ..)| *name).filter(|name| !names.contains(name)).collect();
    assert_eq!(strangers, [""; 0], "known disagreements that are no rows");
}

/// The workspace that most tables change: two members, a path package that is none, one dependency of every kind.
pub(crate) fn workspace() -> Tree {
    let mut tree = Tree::new(None);
    tree.put("Cargo.toml", WORKSPACE);
    tree.package("app", "app", "0.1.0", APP_DEPENDENCIES);
    tree.package("lib", "lib", "0.2.0", LIB_DEPENDENCIES);
    tree.package("side", "side", "0.4.0", SIDE_DEPENDENCIES);
    tree.sync();
    tree
}

pub(crate) const ROOT: &str = "Cargo.toml";
pub(crate) const APP: &str = "app/Cargo.toml";
pub(crate) const LIB: &str = "lib/Cargo.toml";
pub(crate) const SIDE: &str = "side/Cargo.toml";

const WORKSPACE: &str = r#"[workspace]
members = ["app", "lib"]
exclude = ["side"]
resolver = "2"

[workspace.package]
version = "0.2.0"

[workspace.dependencies]
itoa = "=$itoa"
fnv = "=$fnv"
"#;

const APP_DEPENDENCIES: &str = r#"[features]
extra = []

[dependencies]
aho-corasick = "=$aho-corasick"
bitflags = "=$bitflags2"
itoa = { workspace = true }
lib = { path = "../lib", version = "0.2.0" }
memchr = "=$memchr"
side = { path = "../side" }
strsim = { version = "=$strsim", optional = true }

[dev-dependencies]
fnv = { workspace = true }

[build-dependencies]
cfg-if = "=$cfg-if"

[target.'cfg(windows)'.dependencies]
either = { version = "=$either", default-features = false }
"#;

const LIB_DEPENDENCIES: &str = r#"[dependencies]
bitflags = "=$bitflags1"
heck = "=$heck"
"#;

/// Cargo locks neither the development dependencies of packages that are no members, nor what nothing enables.
const SIDE_DEPENDENCIES: &str = r#"[dependencies]
itoa = "=$itoa"
heck = { version = "=$heck", optional = true }

[dev-dependencies]
once_cell = "=$once_cell"

[build-dependencies]
fnv = "=$fnv"
"#;
