//! Commands that run the command that follows them: `sudo`, `env`, `timeout`.

use super::word::Word;

/// Commands that run another, the options of theirs that take a value, and how many operands come before the other.
const PREFIXES: [(&str, &[&str], usize); 22] = [
    (
        "sudo",
        &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "--user", "--group", "--host", "--prompt", "--chdir"],
        0,
    ),
    ("doas", &["-u", "-C"], 0),
    ("env", &["-u", "-C", "--unset", "--chdir"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("time", &["-f", "-o", "--format", "--output"], 0),
    ("gtime", &["-f", "-o"], 0),
    ("coproc", &[], 0),
    ("nice", &["-n", "--adjustment"], 0),
    ("ionice", &["-c", "-n", "-p"], 0),
    ("chrt", &["-T", "-P", "-D"], 1),
    ("taskset", &[], 1),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("timeout", &["-k", "-s", "--kill-after", "--signal"], 1),
    ("xvfb-run", &["-n", "-s", "-e", "-f", "-p", "-w", "--server-num", "--server-args"], 0),
    ("retry", &[], 0),
    ("travis_retry", &[], 0),
    ("chronic", &[], 0),
    (
        "xargs",
        &["-n", "-I", "-P", "-L", "-d", "-a", "-s", "-E", "--max-args", "--max-procs", "--delimiter", "--arg-file"],
        0,
    ),
];

/// The name of a command, without the directory and what Windows adds; none where it is not known.
pub(super) fn name(word: &Word) -> Option<&str> {
    let name = word.text.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name);
    (!name.is_empty() && !name.contains(super::mask::UNKNOWN)).then_some(name)
}

/// The command that is run in the end, with its arguments.
pub(super) fn strip(mut words: Vec<Word>) -> Vec<Word> {
    // A chain of prefixes is as long as the command at most.
    loop {
        // `$SUDO cargo …`: nothing, or a command that runs it.
        if let [first, second, ..] = words.as_slice()
            && first.is_anything()
            && name(second).is_some_and(super::mask::matters)
        {
            words.remove(0);
        }
        let prefix = words.first().and_then(name).and_then(|name| PREFIXES.iter().find(|prefix| prefix.0 == name));
        let Some(&(name, valued, operands)) = prefix else { return words };
        let Some(start) = command(&words, name, valued, operands) else { return Vec::new() };
        let options: Vec<Word> = words.drain(..start).collect();
        if name == "xargs" {
            if let Some(placeholder) = placeholder(&options) {
                words.iter_mut().for_each(|word| put_in(word, &placeholder));
                continue;
            }
            // What it reads is added to the command.
            let end = words.last().map_or(0, |word| word.range.end);
            let text = super::mask::UNKNOWN.to_string();
            words.push(Word { text, range: end..end, written: None, is_open: true });
        }
    }
}

/// What `xargs` puts what it reads in the place of, one word for one: `-I {}`. It adds nothing then.
fn placeholder(options: &[Word]) -> Option<String> {
    options.iter().enumerate().rev().find_map(|(at, word)| {
        if let Some(rest) = word.text.strip_prefix("--replace") {
            return Some(rest.strip_prefix('=').unwrap_or("{}").to_owned());
        }
        // Flags may be ahead of it in one word: `-0I{}`.
        let flags = word.text.strip_prefix('-')?.trim_start_matches(['0', 'o', 'p', 'r', 't', 'x']);
        match (flags.strip_prefix('I'), flags.strip_prefix('i')) {
            (Some(""), _) => options.get(at + 1).map(|next| next.text.clone()),
            (_, Some("")) => Some("{}".to_owned()),
            (Some(own), _) | (_, Some(own)) => Some(own.to_owned()),
            (None, None) => None,
        }
    })
}

/// Makes what stands for what is read unknown, in a word. A script, as for `sh -c`, is read as it is written.
fn put_in(word: &mut Word, placeholder: &str) {
    let is_script = word.text.contains(char::is_whitespace);
    if !placeholder.is_empty() && !is_script && word.text.contains(placeholder) {
        word.text = word.text.replace(placeholder, &super::mask::UNKNOWN.to_string());
        word.written = None;
    }
}

/// Where the command behind a prefix begins.
fn command(words: &[Word], name: &str, valued: &[&str], mut operands: usize) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if text == "--" {
            at += 1;
            break;
        }
        if text.len() > 1 && text.starts_with('-') {
            if name == "command" && text.contains(['v', 'V']) {
                return None;
            }
            at += if valued.contains(&text) { 2 } else { 1 };
        } else if matches!(name, "env" | "sudo" | "doas") && text.contains('=') {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            break;
        }
    }
    (at < words.len()).then_some(at)
}
