//! What holds whatever a repository has in it: one function a parser, from any bytes.
//!
//! Each panics where something does not hold that a user relies on. `fuzz/` runs them under libFuzzer, with as much time as it
//! is given; the tests beside them run them on seeds and mutations of these. A file is given as its bytes. Several are given one
//! below the other, each under a line `--- PATH`.

#![allow(unreachable_pub, reason = "public in the crate of the fuzz targets, and not in that of the tests")]

mod cargo;
mod edits;
mod files;
mod fixes;
mod policies;
mod reports;
mod repository;

use files::Files;
use repository::Judged;

/// A target: what it is called, and what it runs on bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, sorted.
pub const ALL: [Target; 13] = [
    ("config", config),
    ("dockerfile", dockerfile),
    ("edit", edit),
    ("html", html),
    ("lockfile", lockfile),
    ("manifest", manifest),
    ("package_json", package_json),
    ("policy", policy),
    ("requirements", requirements),
    ("shell", shell),
    ("snapshot", snapshot),
    ("toolchain", toolchain),
    ("workflow", workflow),
];

/// A Cargo.toml, with whatever stands beside it.
pub fn manifest(data: &[u8]) {
    one(data, "Cargo.toml");
}

/// A Cargo.lock: also the two readers of it against each other, and what takes one apart and puts it together.
pub fn lockfile(data: &[u8]) {
    let files = Files::parse(data, "Cargo.lock");
    files.texts("Cargo.lock").for_each(cargo::lockfile);
    repository(&files);
}

/// A toolchain file, under both of its names: only one of them may be a bare line.
pub fn toolchain(data: &[u8]) {
    one(data, "rust-toolchain");
    one(data, "rust-toolchain.toml");
}

/// Cargo's configuration, and a package that it is about.
pub fn config(data: &[u8]) {
    let mut files = Files::parse(data, ".cargo/config.toml");
    files.unless_there("Cargo.toml", cargo::MANIFEST);
    files.unless_there("Cargo.lock", cargo::LOCKFILE);
    repository(&files);
}

/// A policy: by itself, as a floor and over one, and on a repository that breaks every rule that it can.
pub fn policy(data: &[u8]) {
    let mut files = Files::parse(data, "pinned.toml");
    files.texts("pinned.toml").for_each(policies::policy);
    files.unless_there("Cargo.toml", cargo::MANIFEST);
    files.unless_there("Cargo.lock", cargo::LOCKFILE);
    files.unless_there("index.html", policies::PAGE);
    repository(&files);
}

/// A workflow, or the metadata of an action.
pub fn workflow(data: &[u8]) {
    one(data, ".github/workflows/ci.yml");
}

/// A Dockerfile.
pub fn dockerfile(data: &[u8]) {
    one(data, "Dockerfile");
}

/// A shell script.
pub fn shell(data: &[u8]) {
    one(data, "install.sh");
}

/// A package.json, and the lockfiles of npm, pnpm, Yarn and Bun beside it.
pub fn package_json(data: &[u8]) {
    one(data, "package.json");
}

/// A requirements file, pyproject.toml, Pipfile, and the lockfiles beside them.
pub fn requirements(data: &[u8]) {
    one(data, "requirements.txt");
}

/// A page.
pub fn html(data: &[u8]) {
    one(data, "index.html");
}

/// Edits and the text that they are of.
pub fn edit(data: &[u8]) {
    edits::apply(data);
}

/// A whole repository, reported in every format.
pub fn snapshot(data: &[u8]) {
    let files = Files::parse(data, "Cargo.toml");
    let judged = repository(&files);
    reports::hold(&judged);
    policies::baseline(&judged);
}

/// One file, unless the bytes say that there are more.
fn one(data: &[u8], path: &str) {
    repository(&Files::parse(data, path));
}

/// Scans, judges and mends a repository.
fn repository(files: &Files) -> Judged {
    let judged = Judged::of(files);
    judged.hold();
    fixes::hold(&judged);
    judged
}
