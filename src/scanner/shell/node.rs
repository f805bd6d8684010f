//! npm, and what is like it: packages that are installed for all, or fetched to be run.

use super::Fault;
use super::arguments::Arguments;
use super::mask::UNKNOWN;
use super::reader::Reader;
use super::version;
use super::word::Word;
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};

const VALUED: [&str; 18] = [
    "-p",
    "--package",
    "-c",
    "--call",
    "--prefix",
    "-C",
    "--registry",
    "--cache",
    "--userconfig",
    "--loglevel",
    "-w",
    "--workspace",
    "--location",
    "--omit",
    "--include",
    "--tag",
    "--dir",
    "--filter",
];

/// Reads a command.
pub(super) fn run(reader: &mut Reader<'_>, name: &str, words: &[Word], arguments: &[Word]) {
    match name {
        "npx" => return fetched(reader, arguments, false),
        "bunx" => return fetched(reader, arguments, false),
        "pnpx" => return fetched(reader, arguments, true),
        _ => {}
    }
    let globals = Arguments::until(arguments, &VALUED, |_| true);
    let Some(command) = globals.rest.first() else { return };
    let rest = &globals.rest[1..];
    let at = words.len() - globals.rest.len();
    match (name, command.text.as_str()) {
        ("npm", "install" | "i" | "in" | "ins" | "inst" | "insta" | "instal" | "isnt" | "isnta" | "isntal" | "add") => {
            install(reader, &globals, rest, &words[..=at]);
        }
        ("npm", "exec" | "x") | ("bun", "x") => fetched(reader, rest, false),
        ("pnpm" | "yarn", "dlx") => fetched(reader, rest, true),
        ("pnpm" | "bun", "add" | "install" | "i") if is_global(&globals, &Arguments::new(rest, &VALUED)) => {
            packages(reader, rest)
        }
        ("yarn" | "yarnpkg", "global") if rest.first().is_some_and(|word| word.text == "add") => {
            packages(reader, &rest[1..]);
        }
        ("corepack", "prepare" | "use" | "install") => packages(reader, rest),
        _ => {}
    }
}

fn is_global(globals: &Arguments, arguments: &Arguments) -> bool {
    let is = |arguments: &Arguments| {
        arguments.has(&["-g", "--global"]) || arguments.value(&["--location"]).is_some_and(|word| word.text == "global")
    };
    is(globals) || is(arguments)
}

/// `npm install`: of packages, or of what package.json asks for.
fn install(reader: &mut Reader<'_>, globals: &Arguments, rest: &[Word], command: &[Word]) {
    let arguments = Arguments::new(rest, &VALUED);
    if arguments.has(&["-h", "--help"]) {
        return;
    }
    if !arguments.operands.is_empty() || !arguments.rest.is_empty() {
        packages(reader, rest);
    } else if !is_global(globals, &arguments) && !arguments.has(&["--package-lock-only", "--dry-run"]) {
        reader.build(command, "npm install".to_owned(), Fault::Unlocked, None);
    }
}

fn packages(reader: &mut Reader<'_>, words: &[Word]) {
    let arguments = Arguments::new(words, &VALUED);
    arguments.operands.iter().chain(&arguments.rest).for_each(|word| package(reader, word, Pin::Latest));
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
fn fetched(reader: &mut Reader<'_>, words: &[Word], always: bool) {
    let arguments = Arguments::until(words, &VALUED, |_| true);
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
    if text.starts_with(['.', '/', '~']) || text.starts_with("file:") || text.ends_with(".tgz") && !text.contains("://")
    {
        return;
    }
    let from = usize::from(text.starts_with('@'));
    let at = text.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at);
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
