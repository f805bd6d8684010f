//! Rows about packages: members and their versions, and path packages that are no members.

use crate::staleness::{APP, Fresh, LIB, ROOT, Refused, Row, SIDE, judge, row, workspace};
use crate::tree::Tree;

const MEMBERS: &str = "members = [\"app\", \"lib\"]";
const LIB_VERSION: &str = "version = \"0.2.0\"\nedition";

fn bump(tree: &mut Tree) {
    tree.edit(LIB, LIB_VERSION, "version = \"0.2.1\"\nedition");
}

fn rename(tree: &mut Tree) {
    tree.edit(APP, "name = \"app\"", "name = \"application\"");
}

/// The path package, as a workspace of its own.
fn own_workspace(tree: &mut Tree) {
    tree.put(SIDE, "[package]\nname = \"side\"\nversion.workspace = true\nedition = \"2021\"\n");
    tree.append(SIDE, "\n[workspace.package]\nversion = \"0.4.0\"\n");
}

/// A path package that only the path package leads to.
fn inner(tree: &mut Tree) {
    tree.package("side/inner", "inner", "0.1.0", "");
    tree.append(SIDE, "\n[target.'cfg(unix)'.dependencies]\ninner = { path = \"inner\" }\n");
}

/// A second package of a member's name.
fn namesakes(tree: &mut Tree) {
    tree.package("old", "lib", "0.1.0", "[dependencies]\nitoa = \"=$itoa\"\n");
    tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"old\"]");
    tree.edit(APP, "[dependencies]\n", "[dependencies]\nold = { package = \"lib\", path = \"../old\" }\n");
}

fn root_package(tree: &mut Tree) {
    tree.append(ROOT, "\n[package]\nname = \"root\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    tree.append(ROOT, "\n[dependencies]\napp = { path = \"app\" }\nmemchr = \"=$memchr\"\n");
    tree.put("src/lib.rs", "");
}

/// A package that the app leads to, and that a workspace in between has as well, with a lockfile of its own.
fn nested(tree: &mut Tree) {
    tree.put("inner/Cargo.toml", "[workspace]\nmembers = [\"part\"]\n");
    tree.package("inner/part", "part", "0.1.0", "");
    tree.put("inner/Cargo.lock", "version = 4\n\n[[package]]\nname = \"part\"\nversion = \"0.1.0\"\n");
    tree.edit(APP, "[dependencies]\n", "[dependencies]\npart = { path = \"../inner/part\" }\n");
}

pub(crate) const ROWS: &[Row] = &[
    row("member of a workspace in between, too", Refused, nested),
    row("member of a workspace in between, too, synced", Fresh, |tree| {
        nested(tree);
        tree.sync();
    }),
    row("member of a workspace in between, too, bumped there alone", Refused, |tree| {
        nested(tree);
        tree.sync();
        tree.edit("inner/part/Cargo.toml", "version = \"0.1.0\"", "version = \"0.1.1\"");
        tree.edit("inner/Cargo.lock", "version = \"0.1.0\"", "version = \"0.1.1\"");
    }),
    row("member of a workspace in between, too, inheriting from either, synced", Fresh, |tree| {
        nested(tree);
        tree.append("inner/Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
        tree.edit("inner/part/Cargo.toml", "version = \"0.1.0\"", "version.workspace = true");
        tree.sync();
    }),
    row("member bumped", Refused, bump),
    row("member bumped and synced", Fresh, |tree| {
        bump(tree);
        tree.sync();
    }),
    row("member bumped, and the requirement on it", Refused, |tree| {
        tree.edit(LIB, LIB_VERSION, "version = \"0.3.0\"\nedition");
        tree.edit(APP, "version = \"0.2.0\" }", "version = \"0.3.0\" }");
    }),
    row("member bumped beyond the requirement on it", Refused, |tree| {
        tree.edit(LIB, LIB_VERSION, "version = \"0.3.0\"\nedition");
    }),
    row("member's version without its build metadata", Refused, |tree| {
        tree.edit(LIB, LIB_VERSION, "version = \"0.2.0+build\"\nedition");
    }),
    row("member's version dropped", Refused, |tree| tree.edit(APP, "version = \"0.1.0\"\n", "")),
    row("member's version inherited", Fresh, |tree| tree.edit(LIB, LIB_VERSION, "version.workspace = true\nedition")),
    row("member's inherited version bumped", Refused, |tree| {
        tree.edit(LIB, LIB_VERSION, "version.workspace = true\nedition");
        tree.edit(ROOT, "version = \"0.2.0\"", "version = \"0.2.1\"");
    }),
    row("member bumped to a pre-release that the requirement on it excludes", Refused, |tree| {
        tree.edit(LIB, LIB_VERSION, "version = \"0.2.1-rc.1\"\nedition");
        tree.edit("Cargo.lock", "name = \"lib\"\nversion = \"0.2.0\"", "name = \"lib\"\nversion = \"0.2.1-rc.1\"");
    }),
    row("member with the old name of its table", Fresh, |tree| tree.edit(LIB, "[package]", "[project]")),
    row("member with two tables for its package", Refused, |tree| tree.append(LIB, "\n[package]\n")),
    row("member's minimum Rust version raised", Fresh, |tree| {
        tree.edit(LIB, LIB_VERSION, "version = \"0.2.0\"\nrust-version = \"1.60\"\nedition");
    }),
    row("members of one name", Refused, |tree| {
        tree.package("new", "lib", "0.3.0", "");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"new\"]");
        tree.lock(|lock| format!("{lock}\n[[package]]\nname = \"lib\"\nversion = \"0.3.0\"\n"));
    }),
    row("member renamed", Refused, rename),
    row("member renamed and synced", Fresh, |tree| {
        rename(tree);
        tree.sync();
    }),
    row("member added without dependencies", Refused, |tree| {
        tree.package("new", "new", "0.1.0", "");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"new\"]");
    }),
    row("member added with what is locked already", Refused, |tree| {
        tree.package("new", "new", "0.1.0", "[dependencies]\nmemchr = \"=$memchr\"\n");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"new\"]");
    }),
    row("member added and synced", Fresh, |tree| {
        tree.package("new", "new", "0.1.0", "[dependencies]\nonce_cell = \"=$once_cell\"\n");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"new\"]");
        tree.sync();
    }),
    row("member added by a glob", Refused, |tree| {
        tree.package("crates/new", "new", "0.1.0", "");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"crates/*\"]");
    }),
    row("member added by a path dependency", Refused, |tree| {
        tree.package("new", "new", "0.1.0", "");
        tree.edit(APP, "[dependencies]\n", "[dependencies]\nnew = { path = \"../new\" }\n");
    }),
    row("members by a glob", Fresh, |tree| tree.edit(ROOT, MEMBERS, "members = [\"a*\", \"l?b\"]")),
    row("glob that matches a folder without a manifest", Refused, |tree| {
        tree.put("crates/empty/notes.txt", "");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"crates/*\"]");
    }),
    row("glob that matches nothing", Refused, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"crates/*\"]");
    }),
    row("member that is a plain file", Fresh, |tree| {
        tree.put("README.md", "");
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"README.md\", \"app/Cargo.toml\"]");
    }),
    row("member that is not there", Refused, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\", \"new\"]");
    }),
    row("member dropped that a path dependency reaches", Fresh, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"app\"]");
    }),
    row("member dropped that nothing reaches", Refused, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"lib\"]");
        tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"app\"]");
    }),
    row("member excluded that a path dependency reaches", Fresh, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"app\"]");
        tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"lib\"]");
    }),
    row("default members narrowed", Fresh, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"app\", \"lib\"]\ndefault-members = [\"lib\"]");
    }),
    row("path package no longer excluded", Refused, |tree| tree.edit(ROOT, "exclude = [\"side\"]\n", "")),
    row("path package made a member and synced", Fresh, |tree| {
        tree.edit(ROOT, "exclude = [\"side\"]\n", "");
        tree.sync();
    }),
    row("path package's optional dependency beside another version of it, synced", Fresh, |tree| {
        let both = "a = { package = \"bitflags\", version = \"=$bitflags1\", optional = true }\nz = { package = \"bitflags\", version = \"=$bitflags2\" }\n";
        tree.edit(SIDE, "[dependencies]\n", &format!("[dependencies]\n{both}"));
        tree.sync();
    }),
    row("path package bumped", Refused, |tree| tree.edit(SIDE, "version = \"0.4.0\"", "version = \"0.4.1\"")),
    row("path package's dependency added", Refused, |tree| {
        tree.edit(SIDE, "[dependencies]\n", "[dependencies]\nmemchr = \"=$memchr\"\n");
    }),
    row("path package's dependency removed", Refused, |tree| tree.edit(SIDE, "itoa = \"=$itoa\"\n", "")),
    row("path package's development dependency added", Fresh, |tree| {
        tree.edit(SIDE, "[dev-dependencies]\n", "[dev-dependencies]\nmemchr = \"=$memchr\"\n");
    }),
    row("path package's development dependency removed", Fresh, |tree| {
        tree.edit(SIDE, "once_cell = \"=$once_cell\"\n", "");
    }),
    row("path package's development dependency made a normal one", Refused, |tree| {
        tree.edit(SIDE, "[dev-dependencies]\n", "[target.'cfg(unix)'.dependencies]\n");
    }),
    row("path package's build dependency removed", Refused, |tree| tree.edit(SIDE, "fnv = \"=$fnv\"\n", "")),
    row("path package's optional dependency added", Fresh, |tree| {
        tree.edit(SIDE, "[dependencies]\n", "[dependencies]\nmemchr = { version = \"=$memchr\", optional = true }\n");
    }),
    row("path package's optional dependency switched on", Refused, |tree| {
        tree.edit(APP, "side = { path = \"../side\" }", "side = { path = \"../side\", features = [\"heck\"] }");
    }),
    row("path package's optional dependency switched on by default", Refused, |tree| {
        tree.append(SIDE, "\n[features]\ndefault = [\"heck\"]\n");
    }),
    row("path package's optional dependency switched on, synced", Fresh, |tree| {
        tree.edit(APP, "side = { path = \"../side\" }", "side = { path = \"../side\", features = [\"heck\"] }");
        tree.sync();
    }),
    row("path package in a workspace of its own, synced", Fresh, |tree| {
        own_workspace(tree);
        tree.sync();
    }),
    row("path package's version inherited from its own workspace, bumped", Refused, |tree| {
        own_workspace(tree);
        tree.sync();
        tree.edit(SIDE, "[workspace.package]\nversion = \"0.4.0\"", "[workspace.package]\nversion = \"0.4.1\"");
    }),
    row("path package's optional and development path dependencies", Fresh, |tree| {
        tree.package("side/inner", "inner", "0.1.0", "");
        tree.append(SIDE, "\n[dependencies.inner]\npath = \"inner\"\noptional = true\n");
        tree.append(SIDE, "\n[dev-dependencies.other]\npackage = \"inner\"\npath = \"inner\"\n");
    }),
    row("path package's path dependency", Refused, inner),
    row("path package's path dependency, synced", Fresh, |tree| {
        inner(tree);
        tree.sync();
    }),
    row("path packages of one name", Refused, namesakes),
    row("path packages of one name, synced", Fresh, |tree| {
        namesakes(tree);
        tree.sync();
    }),
    row("path packages of one name, one bumped", Refused, |tree| {
        namesakes(tree);
        tree.sync();
        tree.edit("old/Cargo.toml", "version = \"0.1.0\"", "version = \"0.1.1\"");
    }),
    row("path package of a registry package's name, synced", Fresh, |tree| {
        tree.package("old", "itoa", "$itoa", "");
        tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"old\"]");
        tree.edit(APP, "[dependencies]\n", "[dependencies]\nours = { package = \"itoa\", path = \"../old\" }\n");
        tree.sync();
    }),
    row("members spelled in a roundabout way", Fresh, |tree| {
        tree.edit(ROOT, MEMBERS, "members = [\"./app\", \"lib/\"]");
        tree.edit(APP, "path = \"../lib\"", "path = \"../lib/\"");
    }),
    row("member that names its workspace", Fresh, |tree| {
        tree.edit(LIB, LIB_VERSION, "workspace = \"..\"\nversion = \"0.2.0\"\nedition");
    }),
    row("root made a package", Refused, root_package),
    row("root made a package, synced", Fresh, |tree| {
        root_package(tree);
        tree.sync();
    }),
    row("package that stands alone, without a lockfile of its own", Fresh, |tree| {
        tree.package("alone", "alone", "0.1.0", "[dependencies]\nonce_cell = \"=$once_cell\"\n");
        tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"alone\"]");
    }),
];

#[test]
fn changed_members() {
    judge(&workspace(), ROWS);
}
