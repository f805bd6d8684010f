//! pip, and what is like it.
//!
//! Source: pip's and uv's own documentation; requirements as in the packaging specifications.

use super::arguments::Arguments;
use super::reader::Reader;
use super::version;
use super::word::Word;
use crate::scanner::dependency::{Origin, Pin};

/// The options of pip, uv and pipx that take a value.
const VALUED: [&str; 100] = [
    "-r",
    "--requirement",
    "--requirements",
    "-c",
    "--constraint",
    "--constraints",
    "-e",
    "--editable",
    "-t",
    "--target",
    "-i",
    "--index-url",
    "--extra-index-url",
    "--default-index",
    "--index",
    "-f",
    "--find-links",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--root",
    "--prefix",
    "--src",
    "--no-binary",
    "--only-binary",
    "--progress-bar",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--trusted-host",
    "--python",
    "-p",
    "--spec",
    "--from",
    "--with",
    "--proxy",
    "--log",
    "--upgrade-package",
    "--extra",
    "--group",
    "-b",
    "--build-constraint",
    "--build-constraints",
    "--override",
    "--overrides",
    "--excludes",
    "--config-setting",
    "--config-settings",
    "-C",
    "--config-settings-package",
    "--global-option",
    "--install-option",
    "--upgrade-strategy",
    "--root-user-action",
    "--report",
    "--keyring-provider",
    "--exists-action",
    "--cert",
    "--client-cert",
    "--use-feature",
    "--use-deprecated",
    "--index-strategy",
    "--resolution",
    "--prerelease",
    "--fork-strategy",
    "--exclude-newer",
    "--exclude-newer-package",
    "--link-mode",
    "--reinstall-package",
    "--refresh-package",
    "--no-build-isolation-package",
    "--no-build-package",
    "--no-binary-package",
    "--no-sources-package",
    "--upgrade-group",
    "--python-platform",
    "--python-preference",
    "--torch-backend",
    "--allow-insecure-host",
    "--directory",
    "--project",
    "--config-file",
    "--env-file",
    "--color",
    "--with-requirements",
    "--with-editable",
    "--with-executables-from",
    "-w",
    "-P",
    "--suffix",
    "--pip-args",
    "--preinstall",
    "--backend",
    "--uploaded-prior-to",
    "--generate-shell-completion",
    "-G",
    "--source",
    "-E",
    "--extras",
];

/// Those of pipx, where `-f` takes none.
const PIPX: [&str; 11] = [
    "--python",
    "--spec",
    "--suffix",
    "--pip-args",
    "--preinstall",
    "--backend",
    "--index-url",
    "-i",
    "--with",
    "--editable",
    "-e",
];

/// `pip`, and `python -m pip`.
pub(super) fn pip(reader: &mut Reader<'_>, words: &[Word]) {
    let globals = Arguments::until(words, &VALUED, |_| true);
    if let Some((_, rest)) = globals.rest.split_first().filter(|(command, _)| command.text == "install") {
        install(reader, rest);
    }
}

/// `pipx`, `uv` and `uvx`.
pub(super) fn tool(reader: &mut Reader<'_>, name: &str, words: &[Word]) {
    let valued: &[&str] = if name == "pipx" { &PIPX } else { &VALUED };
    let globals = Arguments::until(words, valued, |_| true);
    if name == "uvx" {
        return fetched(reader, words, valued);
    }
    let rest = &globals.rest;
    let text = |at: usize| rest.get(at).map_or("", |word| word.text.as_str());
    let from = |at: usize| rest.get(at..).unwrap_or_default();
    match (name, text(0), text(1)) {
        ("uv", "pip", "install") => install(reader, from(2)),
        ("uv", "tool", "run") => fetched(reader, from(2), valued),
        ("uv", "tool", "install") => packages(reader, from(2), valued),
        ("uv", "run", _) => with(reader, from(1)),
        ("uv", "add", _) => install(reader, from(1)),
        ("pipx", "install", _) => packages(reader, from(1), valued),
        ("pipx", "run", _) => fetched(reader, from(1), valued),
        _ => {}
    }
}

/// What `pip install` installs. A file of requirements is judged for itself.
fn install(reader: &mut Reader<'_>, words: &[Word]) {
    let arguments = Arguments::new(words, &VALUED);
    // Each has a hash then, or pip refuses; or it comes from files that are here.
    if arguments.has(&["--require-hashes", "--no-index", "-h", "--help"]) {
        return;
    }
    // A file of constraints may hold what has no version here.
    let bare = if arguments.has(&["-c", "--constraint", "--constraints"]) { Pin::Unknown } else { Pin::Latest };
    // What has no scheme there is a directory, whatever it looks like.
    let editable = arguments.values(&["-e", "--editable"]).filter(|word| word.text.contains("://"));
    editable.chain(&arguments.operands).chain(&arguments.rest).for_each(|word| package(reader, word, bare));
}

fn packages(reader: &mut Reader<'_>, words: &[Word], valued: &[&str]) {
    let arguments = Arguments::new(words, valued);
    let named = arguments.values(&["-w", "--with"]).chain(&arguments.operands).chain(&arguments.rest);
    named.for_each(|word| package(reader, word, Pin::Latest));
}

/// What `uv run` installs beside the project.
fn with(reader: &mut Reader<'_>, words: &[Word]) {
    let arguments = Arguments::until(words, &VALUED, |_| true);
    arguments.values(&["-w", "--with"]).for_each(|word| package(reader, word, Pin::Latest));
}

/// The command that `uv run`, `poetry run` and the like run in the environment of a project.
pub(super) fn run(words: &[Word]) -> Option<&[Word]> {
    let globals = Arguments::until(words, &VALUED, |_| true);
    let (_, rest) = globals.rest.split_first().filter(|(command, _)| command.text == "run")?;
    let command = Arguments::until(rest, &VALUED, |_| true).rest;
    words.get(words.len() - command.len()..).filter(|command| !command.is_empty())
}

/// The module that `python -m` runs, with its arguments.
pub(super) fn module(words: &[Word]) -> Option<(&str, &[Word])> {
    let at = words.iter().position(|word| word.text.starts_with("-m"))?;
    let rest = words.get(at + 1..)?;
    match &words[at].text[2..] {
        "" => rest.split_first().map(|(module, rest)| (module.text.as_str(), rest)),
        module => Some((module, rest)),
    }
}

/// What `poetry add` and `pdm add` add to a project, or `pipenv install`.
pub(super) fn add(reader: &mut Reader<'_>, name: &str, words: &[Word]) {
    let globals = Arguments::until(words, &VALUED, |_| true);
    let adds = if name == "pipenv" { "install" } else { "add" };
    if let Some((_, rest)) = globals.rest.split_first().filter(|(command, _)| command.text == adds) {
        install(reader, rest);
    }
}

/// A tool that is fetched to be run once.
fn fetched(reader: &mut Reader<'_>, words: &[Word], valued: &[&str]) {
    let arguments = Arguments::until(words, valued, |_| true);
    // An interpreter is no package.
    let is_interpreter = |word: &&Word| {
        let name = word.text.split(['@', '.']).next().unwrap_or_default();
        name.trim_end_matches(|c: char| c.is_ascii_digit()) == "python"
    };
    let first = arguments.rest.first().filter(|word| !is_interpreter(word));
    let from = arguments.value(&["--from", "--spec"]).or(first);
    if !arguments.has(&["-h", "--help", "-V", "--version"]) {
        from.into_iter().chain(arguments.values(&["-w", "--with"])).for_each(|word| package(reader, word, Pin::Latest));
    }
}

/// A requirement: `name==1.2.3`, `name[extra]>=1`, `git+https://…@commit`.
fn package(reader: &mut Reader<'_>, word: &Word, bare: Pin) {
    let text = word.text.as_str();
    if text.contains("file://") {
        return;
    }
    if let Some(url) = text.find("://") {
        return from_url(reader, word, url);
    }
    // No name has a slash, whatever a variable ahead of it holds.
    let head = text.split([' ', '=', '<', '>', '!', '~', ';', '[', '@']).next().unwrap_or_default();
    let is_own = text.starts_with(['.', '/', '~']) || text.contains('/') && word.is_known() || head.contains('/');
    if is_own || [".whl", ".gz", ".zip"].iter().any(|end| text.ends_with(end)) {
        return;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.[],".contains(c) || c == super::mask::UNKNOWN;
    // Commas separate extras, within brackets alone.
    let end = match text.find('[') {
        Some(open) => text[open..].find(']').map_or(text.len(), |close| open + close + 1),
        None => text.find(|c| !is_name(c)).unwrap_or(text.len()),
    };
    let name = word.part(0..text.find('[').unwrap_or(end));
    let specifier = text.get(end..).unwrap_or_default();
    let start = end + (specifier.len() - specifier.trim_start_matches(['=', ' ', '@']).len());
    let at_version = specifier.starts_with('@');
    let is_behind = at_version || specifier.starts_with("==");
    let version = (end < text.len()).then(|| word.tail(if is_behind { start } else { end }));
    let pin = match &version {
        Some(version) if at_version => version::plain(&version.text),
        Some(_) => version::python(specifier),
        None if !name.is_known() => Pin::Unknown,
        None => bare,
    };
    // What stands behind extras that do not end is one of them.
    let is_closed = !text.contains('[') || text[..end].ends_with(']');
    let site = match &version {
        Some(version) if version.is_known() => {
            let before = if is_behind { "" } else { "==" };
            version.written.and_then(|_| reader.site(version.range.clone(), before))
        }
        None if name.is_known() && is_closed => {
            word.written.and_then(|_| reader.site(word.range.end..word.range.end, "=="))
        }
        _ => None,
    };
    reader.tool(&name, pin, version.as_ref()).site = site;
}

/// A requirement that names where it comes from.
fn from_url(reader: &mut Reader<'_>, word: &Word, scheme: usize) {
    let text = word.text.as_str();
    // One ahead of the scheme begins no fragment.
    let end = text[scheme..].find('#').map_or(text.len(), |at| scheme + at);
    let has_hash = text[end..].contains("sha256=");
    // Behind the host's name an `@` begins the reference.
    let path = text[scheme + 3..end].find('/').map_or(end, |at| scheme + 3 + at);
    let reference = text[path..end].find('@').map(|at| word.part(path + at + 1..end));
    let is_git = text.starts_with("git+") || text.contains(" git+") || text.contains("@git+");
    let pin = match &reference {
        _ if has_hash => Pin::Content,
        Some(word) if is_git => version::git(Some(&word.text)),
        _ if !word.is_known() => Pin::Unknown,
        _ => Pin::Latest,
    };
    let host = text[scheme + 3..path].rsplit('@').next().unwrap_or_default();
    let place =
        text[path..reference.as_ref().map_or(end, |_| path + text[path..end].find('@').unwrap_or_default())].to_owned();
    let egg = text[end..].split_once("egg=").map(|(_, egg)| egg.split('&').next().unwrap_or_default().to_owned());
    let name = egg.unwrap_or_else(|| format!("{host}{}", place.trim_end_matches(".git")));
    let name = name.replace(super::mask::UNKNOWN, "?");
    let url = format!("{}{host}{place}", &text[..scheme + 3]);
    reader.named(&name, word.range.clone(), pin, reference.as_ref()).origin = Origin::Url(url);
}
