//! npm, and what is like it: packages that are installed for all, or fetched to be run.

use super::Fault;
use super::arguments::Arguments;
use super::mask::UNKNOWN;
use super::reader::Reader;
use super::version;
use super::word::Word;
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};

/// The options of npm and npx that take a value.
const NPM: [&str; 48] = [
    "-p",
    "--package",
    "-c",
    "--call",
    "--prefix",
    "-C",
    "--registry",
    "--cache",
    "--userconfig",
    "--globalconfig",
    "--loglevel",
    "-w",
    "--workspace",
    "--location",
    "--omit",
    "--include",
    "--only",
    "--also",
    "--tag",
    "--before",
    "--min-release-age",
    "--cpu",
    "--os",
    "--libc",
    "--install-strategy",
    "--depth",
    "--audit-level",
    "--auth-type",
    "--access",
    "--otp",
    "--scope",
    "--save-prefix",
    "--script-shell",
    "--node-options",
    "--lockfile-version",
    "--logs-dir",
    "--logs-max",
    "--maxsockets",
    "--fetch-retries",
    "--fetch-retry-factor",
    "--fetch-retry-mintimeout",
    "--fetch-retry-maxtimeout",
    "--fetch-timeout",
    "--proxy",
    "--https-proxy",
    "--noproxy",
    "--cafile",
    "--user-agent",
];

/// Those of pnpm, yarn and Bun, to which `-w` is the root of the workspace.
const OTHERS: [&str; 42] = [
    "-p",
    "--package",
    "--prefix",
    "-C",
    "--dir",
    "--cwd",
    "--registry",
    "--cache",
    "--cache-dir",
    "--cache-folder",
    "--global-dir",
    "--global-bin-dir",
    "--store-dir",
    "--modules-dir",
    "--modules-folder",
    "--virtual-store-dir",
    "--lockfile-dir",
    "--filter",
    "-F",
    "--filter-prod",
    "--tag",
    "--cpu",
    "--os",
    "--libc",
    "--reporter",
    "--loglevel",
    "--mode",
    "--mutex",
    "--network-timeout",
    "--network-concurrency",
    "--child-concurrency",
    "--node-linker",
    "--package-import-method",
    "--allow-build",
    "--use-node-version",
    "--resolution-mode",
    "--save-catalog-name",
    "--backend",
    "--config",
    "--cafile",
    "--use-yarnrc",
    "--omit",
];

/// Reads a command.
pub(super) fn run(reader: &mut Reader<'_>, name: &str, words: &[Word], arguments: &[Word]) {
    let valued: &[&str] = if matches!(name, "npm" | "npx") { &NPM } else { &OTHERS };
    match name {
        "npx" | "bunx" => return fetched(reader, arguments, valued, false),
        "pnpx" => return fetched(reader, arguments, valued, true),
        _ => {}
    }
    let globals = Arguments::until(arguments, valued, |_| true);
    let Some(command) = globals.rest.first() else { return };
    let rest = &globals.rest[1..];
    let at = words.len() - globals.rest.len();
    match (name, command.text.as_str()) {
        ("npm", "install" | "i" | "in" | "ins" | "inst" | "insta" | "instal" | "isnt" | "isnta" | "isntal" | "add") => {
            install(reader, &globals, rest, &words[..=at]);
        }
        ("npm", "exec" | "x") | ("bun", "x") => fetched(reader, rest, valued, false),
        // `pnpm --package=NAME dlx COMMAND`.
        ("pnpm" | "yarn" | "yarnpkg", "dlx") if globals.has(&["-p", "--package"]) => {
            globals.values(&["-p", "--package"]).for_each(|word| package(reader, word, Pin::Latest));
        }
        ("pnpm" | "yarn" | "yarnpkg", "dlx") => fetched(reader, rest, valued, true),
        ("npm", "create" | "init" | "innit") | ("pnpm" | "yarn" | "yarnpkg" | "bun", "create") => {
            create(reader, rest, valued);
        }
        // Without a package it is what package.json asks for.
        ("pnpm" | "bun", "add" | "install" | "i") | ("bun", "a") | ("yarn" | "yarnpkg", "add") => {
            packages(reader, rest, valued);
        }
        ("yarn" | "yarnpkg", "global") if rest.first().is_some_and(|word| word.text == "add") => {
            packages(reader, &rest[1..], valued);
        }
        ("corepack", "prepare" | "use" | "install") => packages(reader, rest, valued),
        _ => {}
    }
}

/// `npm create NAME`: another word for `npx create-NAME`.
fn create(reader: &mut Reader<'_>, words: &[Word], valued: &[&str]) {
    let arguments = Arguments::until(words, valued, |_| true);
    let Some(word) = arguments.rest.first() else { return };
    let (scope, rest) = match word.text.strip_prefix('@').and_then(|text| text.split_once('/')) {
        Some((scope, rest)) => (format!("@{scope}/"), rest),
        None if word.text.starts_with('@') => (word.text.clone() + "/", ""),
        None => (String::new(), word.text.as_str()),
    };
    // A directory, or a repository.
    if rest.contains(['/', ':']) || word.text.starts_with('.') || arguments.has(&["-h", "--help"]) {
        return;
    }
    let (name, version) = rest.split_once('@').map_or((rest, None), |(name, version)| (name, Some(version)));
    let name = format!("{scope}create{}{name}", if name.is_empty() { "" } else { "-" });
    let pin = match version {
        Some(version) => version::npm(version),
        None if !word.is_known() => Pin::Unknown,
        None => Pin::Latest,
    };
    let version = version.map(|version| word.tail(word.text.len() - version.len()));
    let name = name.replace(UNKNOWN, "?");
    reader.named(&name, word.range.clone(), pin, version.as_ref());
}

fn is_global(globals: &Arguments, arguments: &Arguments) -> bool {
    let is = |arguments: &Arguments| {
        arguments.has(&["-g", "--global"]) || arguments.value(&["--location"]).is_some_and(|word| word.text == "global")
    };
    is(globals) || is(arguments)
}

/// `npm install`: of packages, or of what package.json asks for.
fn install(reader: &mut Reader<'_>, globals: &Arguments, rest: &[Word], command: &[Word]) {
    let arguments = Arguments::new(rest, &NPM);
    if arguments.has(&["-h", "--help"]) {
        return;
    }
    if operands(&arguments).next().is_some() {
        packages(reader, rest, &NPM);
    } else if !is_global(globals, &arguments) && !arguments.has(&["--package-lock-only", "--dry-run"]) {
        reader.build(command, "npm install".to_owned(), Fault::Unlocked, None);
    }
}

fn packages(reader: &mut Reader<'_>, words: &[Word], valued: &[&str]) {
    let arguments = Arguments::new(words, valued);
    operands(&arguments).for_each(|word| package(reader, word, Pin::Latest));
}

/// What is neither an option nor a value: a flag may have one too, `--audit false`.
fn operands(arguments: &Arguments) -> impl Iterator<Item = &Word> {
    let all = arguments.operands.iter().chain(&arguments.rest);
    all.filter(|word| !matches!(word.text.as_str(), "true" | "false"))
}

/// Whether this is a package that `npx` is to run, without a version: only the rest of the repository tells what that is.
pub(in crate::scanner) fn is_fetched(tool: &Dependency) -> bool {
    tool.surface == Surface::Tool
        && tool.pin == Pin::Unknown
        && tool.requirement.is_none()
        && tool.site.as_ref().is_some_and(|site| site.before == "@")
}

/// Whether a script installs packages that `npx` may then find.
pub(in crate::scanner) fn installs(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').collect();
    // Between the two words of `npm install` there may be options.
    let adds =
        |word: &str| word.starts_with('-') || matches!(word, "i" | "in" | "install" | "ci" | "add" | "init" | "link");
    let pairs = |pair: &[&str]| matches!(pair[0], "npm" | "pnpm" | "bun") && adds(pair[1]);
    words.contains(&"yarn") || words.windows(2).any(pairs)
}

/// `npx`: the package to run. Without a version npx takes what is installed here, else the newest.
fn fetched(reader: &mut Reader<'_>, words: &[Word], valued: &[&str], always: bool) {
    let arguments = Arguments::until(words, valued, |_| true);
    if arguments.has(&["--no-install", "--no", "-h", "--help", "-v", "--version"]) {
        return;
    }
    let packages: Vec<&Word> = arguments.values(&["-p", "--package"]).collect();
    let bare = if always || !packages.is_empty() { Pin::Latest } else { Pin::Unknown };
    match packages.is_empty() {
        true => arguments.rest.first().into_iter().for_each(|word| package(reader, word, bare)),
        false => packages.into_iter().for_each(|word| package(reader, word, bare)),
    }
}

/// A package: `name`, `@scope/name@version`, `owner/repository#commit`; `bare` is what none of a version holds.
fn package(reader: &mut Reader<'_>, word: &Word, bare: Pin) {
    let text = word.text.as_str();
    // The repository's own: a directory, or an archive.
    let is_own = |text: &str| ["file:", "link:", "portal:", "workspace:"].iter().any(|start| text.starts_with(start));
    if text.starts_with(['.', '/', '~']) || is_own(text) || text.ends_with(".tgz") && !text.contains("://") {
        return;
    }
    let from = usize::from(text.starts_with('@'));
    let at = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at);
    let behind = at.and_then(|at| text.get(at + 1..)).unwrap_or_default();
    if is_own(behind) {
        return;
    }
    // Another package by this name: `name@npm:other@1.2.3`.
    if let Some(alias) = behind.strip_prefix("npm:") {
        return package(reader, &word.tail(text.len() - alias.len()), bare);
    }
    let is_repository =
        from == 0 && !text.starts_with(UNKNOWN) && text[..at.unwrap_or(text.len())].contains(['/', ':']);
    if is_repository {
        let reference = text.find('#').map(|at| word.tail(at + 1));
        let pin = version::git(reference.as_ref().map(|word| word.text.as_str()));
        let name = text.split('#').next().unwrap_or_default();
        let name = name.split("://").last().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_owned();
        let url = text.split('#').next().unwrap_or_default().replace(UNKNOWN, "?");
        reader.named(&name, word.range.clone(), pin, reference.as_ref()).origin = Origin::Url(url);
        return;
    }
    let name = word.part(0..at.unwrap_or(text.len()));
    let version = at.map(|at| word.tail(at + 1));
    let pin = match &version {
        Some(version) => version::npm(&version.text),
        None if !name.is_known() => Pin::Unknown,
        None => bare,
    };
    let site = match &version {
        Some(version) if version.is_known() => version.written.and_then(|_| reader.site(version.range.clone(), "")),
        None if name.is_known() => name.written.and_then(|_| reader.site(name.range.end..name.range.end, "@")),
        _ => None,
    };
    reader.tool(&name, pin, version.as_ref()).site = site;
}
