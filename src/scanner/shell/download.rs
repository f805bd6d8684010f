//! Scripts that are downloaded and run right away.

use shuck_ast::RedirectKind;
use url::Url;

use super::arguments::Arguments;
use super::mask::UNKNOWN;
use super::prefix;
use super::reader::Reader;
use super::tree::{Call, Tree};
use super::version;
use super::word::Word;
use crate::scanner::dependency::{Origin, Pin};

/// The shells, which run what they read.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

/// Others that run what they read.
const INTERPRETERS: [&str; 6] = ["python", "python3", "perl", "ruby", "node", "php"];

/// The options of a shell that take a value.
const OPTIONS: [&str; 6] = ["-o", "+o", "-O", "+O", "--rcfile", "--init-file"];

/// The options of curl and wget that take a value, as far as they are used.
const CURL: [&str; 48] = [
    "-o",
    "--output",
    "-H",
    "--header",
    "-d",
    "--data",
    "-X",
    "--request",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-F",
    "--form",
    "-T",
    "--upload-file",
    "-x",
    "--proxy",
    "-m",
    "--max-time",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--connect-timeout",
    "--proto",
    "--proto-redir",
    "--cacert",
    "--capath",
    "--cert",
    "-E",
    "--key",
    "--tls-max",
    "--ciphers",
    "--resolve",
    "--limit-rate",
    "-w",
    "--write-out",
    "-r",
    "--range",
    "-K",
    "--config",
    "--data-raw",
];
const WGET: [&str; 18] = [
    "-O",
    "--output-document",
    "-o",
    "--output-file",
    "-a",
    "-t",
    "--tries",
    "-T",
    "--timeout",
    "-U",
    "--user-agent",
    "--header",
    "-P",
    "--directory-prefix",
    "-e",
    "--execute",
    "-w",
    "--wait",
];

/// A command that writes what it downloads to its output.
pub(super) struct Download {
    /// Its index among the commands.
    call: usize,
    /// What it downloads.
    url: Word,
}

/// The downloads of a script, in the order of its commands.
pub(super) fn find(calls: &[Vec<Word>], tree: &Tree<'_>) -> Vec<Download> {
    let url = |(call, words): (usize, &Vec<Word>)| {
        let redirected = tree.calls.get(call)?.redirects.iter().any(|redirect| {
            matches!(redirect.kind, RedirectKind::Output | RedirectKind::Append | RedirectKind::Clobber)
                && redirect.fd.is_none_or(|fd| fd == 1)
        });
        let url = if redirected { None } else { printed(words.first().and_then(prefix::name)?, words.get(1..)?) };
        url.map(|url| Download { call, url })
    };
    calls.iter().enumerate().filter_map(url).collect()
}

/// What curl or wget prints.
fn printed(name: &str, arguments: &[Word]) -> Option<Word> {
    let (valued, output): (&[&str], &[&str]) = match name {
        "curl" => (&CURL, &["-o", "--output"]),
        "wget" => (&WGET, &["-O", "--output-document"]),
        _ => return None,
    };
    let arguments = Arguments::new(arguments, valued);
    let to = arguments.value(output).map(|word| word.text.as_str());
    let prints = match to {
        Some(to) => matches!(to, "-" | "/dev/stdout"),
        None => name == "curl" && !arguments.has(&["-O", "--remote-name", "-J"]),
    };
    if !prints {
        return None;
    }
    let urls = || arguments.values(&["--url"]).chain(&arguments.operands).chain(&arguments.rest);
    urls().find(|word| word.text.contains("://")).or_else(|| urls().next()).cloned()
}

/// The script that a shell is given as a word: that of `sh -c`.
pub(super) fn script<'w>(name: &str, arguments: &'w [Word]) -> Option<&'w Word> {
    if !SHELLS.contains(&name) {
        return None;
    }
    let (at, is_text) = operand(arguments);
    arguments.get(at?).filter(|_| is_text)
}

/// Whether a shell runs what it reads from its input.
pub(super) fn reads_input(name: &str, arguments: &[Word]) -> bool {
    SHELLS.contains(&name) && runs_input(arguments)
}

fn runs_input(arguments: &[Word]) -> bool {
    let is_asked = arguments.iter().take_while(|word| word.text.starts_with('-')).any(|word| word.text == "-s");
    let (at, is_text) = operand(arguments);
    let operand = at.and_then(|at| arguments.get(at)).map(|word| word.text.as_str());
    !is_text && (is_asked || matches!(operand, None | Some("-" | "/dev/stdin")))
}

/// The first operand of a shell, by index, and whether it is the text of a script.
fn operand(arguments: &[Word]) -> (Option<usize>, bool) {
    let (mut at, mut is_text) = (0, false);
    while let Some(word) = arguments.get(at) {
        match word.text.as_str() {
            "--" => return (Some(at + 1).filter(|&at| at < arguments.len()), is_text),
            text if OPTIONS.contains(&text) => at += 1,
            text if text.starts_with("--") => {}
            text if text.len() > 1 && text.starts_with(['-', '+']) => {
                is_text |= text.starts_with('-') && text.contains('c');
                // `-euxo pipefail`, `-euo pipefail -c`.
                if text.ends_with('o') {
                    at += 1;
                }
            }
            _ => return (Some(at), is_text),
        }
        at += 1;
    }
    (None, is_text)
}

/// Adds the script that a command downloads and runs.
pub(super) fn run(reader: &mut Reader<'_>, name: &str, arguments: &[Word], call: &Call<'_>, downloads: &[Download]) {
    if downloads.is_empty() {
        return;
    }
    let is_shell = SHELLS.contains(&name) || INTERPRETERS.contains(&name);
    // The last one before the end of a range; one command runs one script.
    let last = |end: usize| downloads[..downloads.partition_point(|download| download.call < end)].last();
    let word = match name {
        "eval" | "source" | "." => arguments.first(),
        _ if is_shell => operand(arguments).0.and_then(|at| arguments.get(at)),
        _ => return,
    };
    let piped = last(call.input.end).filter(|download| download.call >= call.input.start);
    let placed = last(call.inner.end).filter(|download| {
        let is_inside =
            |word: &Word| word.range.start <= download.url.range.start && download.url.range.end <= word.range.end;
        download.call >= call.inner.start && word.is_some_and(is_inside)
    });
    let found = if is_shell && runs_input(arguments) { piped } else { placed };
    let Some(Download { url, .. }) = found else { return };
    add(reader, url);
    if url.text.contains("sh.rustup.rs") {
        let options = arguments.iter().position(|word| word.text == "--").map_or(arguments.len(), |at| at + 1);
        super::rustup::init(reader, arguments.get(options..).unwrap_or_default());
    }
}

fn add(reader: &mut Reader<'_>, word: &Word) {
    let written = reader.written(word);
    // A file of this machine: nothing is downloaded.
    if written.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) {
        return;
    }
    let (name, shown) = match Url::parse(&written) {
        Ok(mut url) => {
            // Who may download it is nobody's business.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.set_query(None);
            let host = url.host_str().unwrap_or_default();
            let name = format!("{host}{}", url.path().trim_end_matches('/'));
            (as_written(&name), as_written(url.as_str()))
        }
        Err(_) => (written.clone(), written),
    };
    let dependency = reader.named(&name, word.range.clone(), pin(&word.text), None);
    dependency.requirement = Some(name);
    dependency.origin = Origin::Url(shown);
}

/// A URL in which `${{ x }}` can be read.
fn as_written(url: &str) -> String {
    url.replace("%7B", "{").replace("%7D", "}").replace("%20", " ")
}

/// How tightly a URL holds what it leads to: a commit id does; a version is a name that its owner can move.
fn pin(url: &str) -> Pin {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let mut segments = url.split('/');
    if segments.clone().any(version::is_commit) {
        return Pin::Content;
    }
    if url.contains(UNKNOWN) {
        return Pin::Unknown;
    }
    let names = |segment: &str| semver::Version::parse(segment.strip_prefix('v').unwrap_or(segment)).is_ok();
    if segments.any(names) { Pin::Tag } else { Pin::Latest }
}
