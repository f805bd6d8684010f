//! `cargo`: what it builds without `--locked`, and which tools it installs.
//!
//! Source: cargo's book, the pages of its commands.

use super::Fault;
use super::arguments::Arguments;
use super::reader::Reader;
use super::rustup;
use super::version;
use super::word::Word;
use crate::scanner::dependency::{Origin, Pin};

/// The commands that resolve what they build, package or fetch, with their short names; all take `--locked`.
const BUILDS: [&str; 23] = [
    "b",
    "bench",
    "build",
    "c",
    "check",
    "clippy",
    "d",
    "doc",
    "fetch",
    "fix",
    "miri",
    "nextest",
    "package",
    "publish",
    "r",
    "run",
    "rustc",
    "rustdoc",
    "t",
    "tarpaulin",
    "test",
    "vendor",
    "zigbuild",
];

/// Commands that hand one of cargo's own on, with its options.
const WRAPPERS: [&str; 5] = ["auditable", "careful", "hack", "llvm-cov", "ndk"];

/// Those of other programs that have commands of their own, of which these build.
const NESTED: [(&str, &[&str]); 2] =
    [("miri", &["test", "t", "run", "r", "nextest"]), ("nextest", &["run", "r", "list", "archive", "bench", "b"])];

/// The options of cargo's commands that take a value.
const VALUED: [&str; 53] = [
    "-p",
    "--package",
    "--exclude",
    "--bin",
    "--example",
    "--test",
    "--bench",
    "--target",
    "--target-dir",
    "--manifest-path",
    "--message-format",
    "-j",
    "--jobs",
    "-F",
    "--features",
    "--profile",
    "--color",
    "--config",
    "-Z",
    "-C",
    "--registry",
    "--index",
    "--lockfile-path",
    "--artifact-dir",
    "--out-dir",
    "--root",
    "--version",
    "--vers",
    "--git",
    "--branch",
    "--tag",
    "--rev",
    "--path",
    "--token",
    "-E",
    "--filter-expr",
    "--cargo-profile",
    "--partition",
    "--test-threads",
    "--retries",
    "--output-path",
    "-P",
    "--precise",
    "--edition",
    "--crate-type",
    "--compression",
    "--timings-output",
    "--archive-file",
    "--archive-format",
    "--binaries-metadata",
    "--cargo-metadata",
    "--extract-to",
    "--workspace-remap",
];

/// The options of cargo-hack that change the manifests while it runs: no lockfile fits them, and cargo would refuse `--locked`.
const CHANGING: [&str; 3] = ["--no-dev-deps", "--remove-dev-deps", "--no-private"];

/// The options by which nextest runs what was built before: it resolves nothing then, and refuses `--locked`.
const BUILT: [&str; 3] = ["--archive-file", "--binaries-metadata", "--cargo-metadata"];

/// The options of cargo-binstall that take a value.
const BINSTALL: [&str; 22] = [
    "--version",
    "--targets",
    "--target",
    "--root",
    "--install-path",
    "--manifest-path",
    "--pkg-url",
    "--pkg-fmt",
    "--bin-dir",
    "--rate-limit",
    "--strategies",
    "--disable-strategies",
    "--index",
    "--registry",
    "--log-level",
    "--github-token",
    "--min-tls-version",
    "--root-certificates",
    "--git",
    "--settings",
    "--maximum-resolution-timeout",
    "--bin",
];

/// `cargo [+toolchain] [options] command …`
pub(super) fn run(reader: &mut Reader<'_>, words: &[Word]) {
    let mut start = 1;
    if let Some(toolchain) = words.get(1).filter(|word| word.text.starts_with('+')) {
        rustup::toolchain(reader, &toolchain.tail(1));
        start = 2;
    }
    command(reader, "cargo", words, start);
}

/// `cross` takes what `cargo build` takes.
pub(super) fn cross(reader: &mut Reader<'_>, words: &[Word]) {
    command(reader, "cross", words, 1);
}

fn command(reader: &mut Reader<'_>, program: &str, words: &[Word], start: usize) {
    let globals = Arguments::until(words.get(start..).unwrap_or_default(), &VALUED, |_| true);
    let Some(first) = globals.rest.first() else { return };
    let mut at = words.len() - globals.rest.len();
    let mut name = first.text.as_str();
    let mut is_locked = is_held(&globals);
    match name {
        _ if globals.has(&["-h", "--help", "-V", "--version", "--list", "--explain"]) => return,
        "install" => return install(reader, words, at, is_locked),
        "binstall" => return binstall(reader, &globals.rest[1..]),
        "update" | "generate-lockfile" => {
            let arguments = Arguments::new(&globals.rest[1..], &VALUED);
            // With `--locked` and in a dry run it changes nothing, and with `--precise` what is written there.
            let says = ["-n", "--dry-run", "-h", "--help", "--precise"];
            if !is_locked && !is_held(&arguments) && !arguments.has(&says) {
                reader.build(&words[..=at], format!("{program} {name}"), Fault::Updates, None);
            }
            return;
        }
        _ => {}
    }
    let mut command = format!("{program} {name}");
    if WRAPPERS.contains(&name) {
        let arguments = Arguments::until(&globals.rest[1..], &VALUED, |word| is_build(&word.text));
        is_locked |= is_held(&arguments) || name == "hack" && Arguments::new(&globals.rest, &VALUED).has(&CHANGING);
        match arguments.rest.first() {
            Some(word) if is_build(&word.text) => {
                at = words.len() - arguments.rest.len();
                command = format!("{command} {}", word.text);
            }
            // Alone it runs the tests.
            _ if name == "llvm-cov" && arguments.operands.is_empty() => {}
            _ => return,
        }
        name =
            if name == "llvm-cov" && at + globals.rest.len() == words.len() { "test" } else { words[at].text.as_str() };
    }
    if !is_build(name) {
        return;
    }
    let arguments = match name {
        "run" | "r" => Arguments::until(&words[at + 1..], &VALUED, |_| true),
        _ => Arguments::new(&words[at + 1..], &VALUED),
    };
    let Some(last) = nested(words, at, &mut command) else { return };
    // A word that can be anything can be `--locked`.
    let is_asking = arguments.has(&["-h", "--help", "-V", "--version", "--list"]);
    let is_built = command.contains("nextest") && words[last].text != "archive" && arguments.has(&BUILT);
    if !(is_locked || is_held(&arguments) || arguments.is_open || is_asking || is_built) {
        reader.build(&words[..=last], command, Fault::Unlocked, Some("--locked"));
    }
}

/// The last of the words that name a command: that at an index, or the one below it that builds, which takes the options, as in
/// `cargo miri nextest run`. None where the command builds nothing.
fn nested(words: &[Word], mut at: usize, command: &mut String) -> Option<usize> {
    // Behind `cargo llvm-cov` it is the whole command.
    let is_whole = |at: usize| words[at].text == "nextest" && words[..at].iter().any(|word| word.text == "llvm-cov");
    while let Some((_, below)) = NESTED.iter().find(|nested| nested.0 == words[at].text && !is_whole(at)) {
        let rest = Arguments::until(&words[at + 1..], &VALUED, |_| true).rest;
        let word = rest.first().filter(|word| below.contains(&word.text.as_str()))?;
        at = words.len() - rest.len();
        *command = format!("{command} {}", word.text);
    }
    Some(at)
}

fn is_build(name: &str) -> bool {
    BUILDS.binary_search(&name).is_ok()
}

fn is_held(arguments: &Arguments) -> bool {
    arguments.has(&["--locked", "--frozen"])
}

/// `cargo install`, whose word is at an index.
fn install(reader: &mut Reader<'_>, words: &[Word], at: usize, is_locked: bool) {
    let arguments = Arguments::new(&words[at + 1..], &VALUED);
    if arguments.has(&["--list", "-h", "--help"]) {
        return;
    }
    if !(is_locked || is_held(&arguments) || arguments.is_open && arguments.operands.len() != 1) {
        let is_own = arguments.value(&["--path"]).is_some();
        let fault = if is_own { Fault::Unlocked } else { Fault::Ignores };
        reader.build(&words[..=at], "cargo install".to_owned(), fault, Some("--locked"));
    }
    if arguments.value(&["--path"]).is_some() {
        return;
    }
    let crates: Vec<&Word> = arguments.operands.iter().chain(&arguments.rest).collect();
    if let Some(url) = arguments.value(&["--git"]) {
        let repository =
            url.text.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', ':']).next().unwrap_or_default();
        let reference =
            ["--rev", "--tag", "--branch"].into_iter().find_map(|key| Some((&key[2..], arguments.value(&[key])?)));
        let pin = match &reference {
            Some(("rev", word)) if version::is_commit(&word.text) => Pin::Content,
            Some((_, word)) if !word.is_known() => Pin::Unknown,
            Some(("rev" | "tag", _)) => Pin::Tag,
            _ => Pin::Latest,
        };
        let name = crates.first().filter(|word| word.is_known()).map_or(repository, |word| word.text.as_str());
        let written = reference.map(|(_, word)| word);
        let dependency = reader.named(name, url.range.clone(), pin, written);
        let url = url.text.clone();
        dependency.origin = Origin::Git { url, reference: reference.map(|(key, word)| (key, word.text.clone())) };
        return;
    }
    let version = arguments.value(&["--version", "--vers"]);
    crates.into_iter().for_each(|word| krate(reader, word, version));
}

/// `cargo binstall`.
pub(super) fn binstall(reader: &mut Reader<'_>, arguments: &[Word]) {
    let arguments = Arguments::new(arguments, &BINSTALL);
    if arguments.has(&["-V", "-h", "--help", "--manifest-path", "--self-install"]) {
        return;
    }
    let version = arguments.value(&["--version"]);
    arguments.operands.iter().chain(&arguments.rest).for_each(|word| krate(reader, word, version));
}

/// A crate that is installed: `name`, `name@version`.
fn krate(reader: &mut Reader<'_>, word: &Word, version: Option<&Word>) {
    let (name, own) = word.split('@');
    // A URL, or a directory.
    if name.text.contains('/') && name.is_known() {
        return;
    }
    let version = own.as_ref().or(version);
    let pin = match version {
        Some(version) => version::cargo(&version.text),
        None if !name.is_known() => Pin::Unknown,
        None => Pin::Latest,
    };
    let site = match version {
        Some(version) if version.is_known() => version.written.and_then(|_| reader.site(version.range.clone(), "")),
        None if name.is_known() => name.written.and_then(|_| reader.site(name.range.end..name.range.end, "@")),
        _ => None,
    };
    let dependency = reader.tool(&name, pin, version);
    dependency.origin = Origin::Registry(None);
    dependency.site = site;
}
