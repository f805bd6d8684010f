//! One script: its commands, each given to what knows the program.

use std::ops::Range;

use shuck_ast::{Assignment, AssignmentValue, Redirect, RedirectTarget};
use shuck_parser::parser::Parser;

use super::mask::{self, UNKNOWN};
use super::tree::Tree;
use super::word::{Variables, Word};
use super::{Build, Commands, Environment, Fault, cargo, code, download, node, other, prefix, python, rustup};
use crate::scanner::dependency::{Dependency, Origin, Pin, PinSite, Surface};
use crate::scanner::script::Script;

/// How many scripts deep `sh -c` is followed.
const DEPTH: usize = 8;

/// What the parser may spend at least, in operations of its own, and for each byte of a script.
const FUEL: usize = 100_000;
const FUEL_PER_BYTE: usize = 16;

/// Reads a script into `commands`.
pub(super) fn read(script: &Script, environment: &Environment, table: &str, depth: usize, commands: &mut Commands) {
    if depth > DEPTH {
        return;
    }
    let mentions = code::mentions(script.text());
    let matters = mask::matters(script.text()) || environment.values().any(|value| mask::matters(value));
    if !matters && mentions.is_empty() {
        commands.code.is_beside |= script.text().contains("git clone");
        return;
    }
    let text = mask::mask(script.text());
    // What it spends on masked text is linear; its own allowance ends before many a dense script does.
    let parsed = Parser::with_fuel(&text, FUEL + FUEL_PER_BYTE * text.len()).parse();
    let tree = Tree::new(&parsed.file.body);
    let variables = Variables::new(&text, environment, &tree);
    let calls: Vec<Vec<Word>> = tree.calls.iter().map(|call| prefix::strip(words(&variables, call.command))).collect();
    commands.code.is_changed |= !code::are_explained(&text, &mentions, &calls);
    let downloads = download::find(&calls, &tree);
    let mut reader = Reader { script, text: &text, table, commands };
    let mut inner = Vec::new();
    let set = tree.assignments.iter().filter(|(name, _)| *name == rustup::VARIABLE);
    set.filter_map(|(_, word)| *word).for_each(|word| reader.chosen(&variables, word));
    for (call, words) in tree.calls.iter().zip(&calls) {
        // A function of the script's own may do anything.
        let Some(name) = named(words).filter(|name| !tree.functions.contains(name)) else { continue };
        let arguments = words.get(1..).unwrap_or_default();
        reader.toolchain(&variables, &call.command.assignments);
        reader.command(name, words, arguments);
        download::run(&mut reader, name, arguments, call, &downloads);
        inner.extend(download::script(name, arguments).map(|word| reader.quoted(word)));
        if download::reads_input(name, arguments) {
            inner.extend(call.redirects.iter().filter_map(|redirect| reader.document(redirect)));
        }
    }
    if !inner.is_empty() {
        let environment = variables.environment();
        inner.iter().for_each(|script| read(script, &environment, table, depth + 1, commands));
    }
}

/// The name of the program that a command runs. What runs a module of Python is Python, whatever variable holds its path.
fn named(words: &[Word]) -> Option<&str> {
    let module = || match words {
        [program, option, module, ..] => {
            program.text.contains(UNKNOWN)
                && option.text == "-m"
                && ["pip", "pipx", "uv"].contains(&module.text.as_str())
        }
        _ => false,
    };
    words.first().and_then(prefix::name).or_else(|| module().then_some("python"))
}

fn words(variables: &Variables<'_>, command: &shuck_ast::SimpleCommand) -> Vec<Word> {
    std::iter::once(&command.name).chain(&command.args).flat_map(|word| variables.evaluate(word, true)).collect()
}

/// A script that is being read.
pub(super) struct Reader<'s> {
    script: &'s Script,
    text: &'s str,
    table: &'s str,
    commands: &'s mut Commands,
}

impl Reader<'_> {
    /// The toolchain that is chosen for one command: `RUSTUP_TOOLCHAIN=nightly cargo test`.
    fn toolchain(&mut self, variables: &Variables<'_>, assignments: &[Assignment]) {
        for assignment in assignments.iter().filter(|one| one.target.name.as_str() == rustup::VARIABLE) {
            if let AssignmentValue::Scalar(word) = &assignment.value {
                self.chosen(variables, word);
            }
        }
    }

    /// A value of the variable that chooses a toolchain.
    fn chosen(&mut self, variables: &Variables<'_>, word: &shuck_ast::Word) {
        if let [word] = &variables.evaluate(word, false)[..]
            && !word.text.is_empty()
            && word.is_known()
        {
            rustup::toolchain(self, word);
        }
    }

    /// Reads a command by its name.
    fn command(&mut self, name: &str, words: &[Word], arguments: &[Word]) {
        let (first, built) = (self.commands.dependencies.len(), self.commands.builds.len());
        self.program(name, words, arguments);
        let doubt = self.commands.code.doubt_of(arguments);
        self.commands.builds.iter_mut().skip(built).for_each(|build| build.doubt = build.doubt.or(doubt));
        code::moves(&mut self.commands.code, name, arguments);
        let ecosystem = match name {
            "cargo" | "cross" | "cargo-binstall" => Surface::Crate,
            "npm" | "npx" | "pnpm" | "pnpx" | "yarn" | "yarnpkg" | "bun" | "bunx" | "corepack" => Surface::Npm,
            "pipx" | "uv" | "uvx" | "poetry" | "pdm" | "pipenv" => Surface::Python,
            _ if name.starts_with("pip") || name.starts_with("python") => Surface::Python,
            _ => return,
        };
        let installed = self.commands.dependencies.iter_mut().skip(first);
        let is_package = |one: &&mut Dependency| {
            one.surface == Surface::Tool && matches!(one.origin, Origin::Surface | Origin::Registry(_))
        };
        installed.filter(is_package).for_each(|one| {
            one.ecosystem = Some(ecosystem);
        });
    }

    /// Reads a command that another one runs; one that runs others itself is not followed further.
    fn within(&mut self, command: &[Word]) {
        let command = prefix::strip(command.to_vec());
        let runs = |name: &str| matches!(name, "rustup" | "uv" | "poetry" | "pdm" | "hatch" | "pipenv" | "rye");
        if let Some(name) = command.first().and_then(prefix::name).filter(|name| !runs(name)) {
            self.command(name, &command, command.get(1..).unwrap_or_default());
        }
    }

    /// Gives a command to what knows its program.
    fn program(&mut self, name: &str, words: &[Word], arguments: &[Word]) {
        match name {
            "cargo" => cargo::run(self, words),
            "cross" => cargo::cross(self, words),
            "cargo-binstall" => cargo::binstall(self, arguments),
            "rustup" => {
                // `rustup run TOOLCHAIN COMMAND`.
                if let Some(command) = rustup::run(self, arguments) {
                    self.within(command);
                }
            }
            "rustup-init" | "rustup-init.sh" => rustup::init(self, arguments),
            "npm" | "npx" | "pnpm" | "pnpx" | "yarn" | "yarnpkg" | "bun" | "bunx" | "corepack" => {
                node::run(self, name, words, arguments);
            }
            "uv" | "poetry" | "pdm" | "hatch" | "pipenv" | "rye" if let Some(command) = python::run(arguments) => {
                python::tool(self, name, arguments);
                self.within(command);
            }
            "pipx" | "uv" | "uvx" => python::tool(self, name, arguments),
            "poetry" | "pdm" | "pipenv" => python::add(self, name, arguments),
            "go" => other::go(self, arguments),
            "gem" => other::gem(self, arguments),
            _ if name.starts_with("pip") && is_version(&name[3..]) => python::pip(self, arguments),
            _ if name.starts_with("python") && is_version(&name[6..]) => match python::module(arguments) {
                Some(("pip", rest)) => python::pip(self, rest),
                Some((tool @ ("pipx" | "uv"), rest)) => python::tool(self, tool, rest),
                _ => {}
            },
            _ => {}
        }
    }

    /// Adds a tool that is installed, held by what is written at `requirement`, else shown at its name.
    pub(super) fn tool(&mut self, name: &Word, pin: Pin, requirement: Option<&Word>) -> &mut Dependency {
        let name = (self.written(name), name.range.clone());
        self.named(&name.0, name.1, pin, requirement)
    }

    /// Adds a tool whose name is not written as it is.
    pub(super) fn named(
        &mut self,
        name: &str,
        at: Range<usize>,
        pin: Pin,
        requirement: Option<&Word>,
    ) -> &mut Dependency {
        let at = requirement.map_or(at, |word| word.range.clone());
        let is_known = requirement.is_some_and(Word::is_known);
        let requirement = requirement.map(|word| {
            let written = self.written(word);
            // Of `--toolchain=$T` the value counts.
            let written = match written.split_once('=') {
                Some((option, value)) if option.starts_with("--") => value.trim_matches(['"', '\'']).to_owned(),
                _ => written,
            };
            // Of `name@$VERSION` the place is that of the whole word.
            let rest = written.strip_prefix(name).filter(|_| !word.is_known());
            rest.map_or_else(|| written.clone(), |rest| rest.trim_matches(['@', '=', ':', '"', '\'']).to_owned())
        });
        // Where all of it is not known there is no more to say than that.
        let is_said = |written: &String| !written.is_empty() || is_known;
        let requirement = requirement.filter(is_said);
        let dependency = Dependency {
            requirement,
            table: self.table.to_owned(),
            ..Dependency::new(Surface::Tool, name, pin, self.script.span(at))
        };
        self.commands.dependencies.push(dependency);
        let last = self.commands.dependencies.len() - 1;
        &mut self.commands.dependencies[last]
    }

    /// Adds a command that lets versions be chosen anew: its words, and the last one of them that `--locked` may follow.
    pub(super) fn build(&mut self, words: &[Word], command: String, fault: Fault, option: Option<&str>) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        // What a variable holds may end in `--`, behind which it would be an argument of the program that is run.
        let option = option.filter(|_| last.written.is_some());
        let site = option.and_then(|option| self.site(last.range.end..last.range.end, &format!(" {option}")));
        self.commands.builds.push(Build {
            span: self.script.span(first.range.start..last.range.end.max(first.range.end)),
            command,
            fault,
            table: self.table.to_owned(),
            site,
            doubt: None,
        });
    }

    /// Where a pin would be written in place of a range, if the file has it in one piece.
    pub(super) fn site(&self, range: Range<usize>, before: &str) -> Option<PinSite> {
        // What is inserted goes behind the byte before.
        let beside = range.start.saturating_sub(1)..range.end;
        let rest = self.text.get(range.end..).unwrap_or_default();
        let is_quoted = rest.starts_with(['"', '\'']);
        // No command has a word with a parenthesis behind it: what all that follows is read as turns with what is written there.
        let is_word = !rest.trim_start_matches(['"', '\'']).starts_with('(');
        if !self.script.is_verbatim(&beside) || is_quoted && before.starts_with(' ') || !is_word {
            return None;
        }
        let whole = self.script.span(beside).range();
        let span = crate::text::Span::new(self.script.file(), whole.end - range.len()..whole.end);
        Some(PinSite { span, before: before.to_owned(), after: String::new(), comment: None })
    }

    /// A word as it is written, if not all of it is known.
    pub(super) fn written(&self, word: &Word) -> String {
        if word.is_known() {
            return word.text.clone();
        }
        let written = self.script.text().get(word.range.clone()).unwrap_or_default();
        if written.is_empty() { "?".to_owned() } else { elide(&written.replace(['"', '\''], "")) }
    }

    /// The script in a word, such as that of `sh -c`.
    fn quoted(&self, word: &Word) -> Script {
        let mut script = Script::new(self.script.file());
        if let Some(start) = word.written {
            script.take(self.script, start..start + word.text.len());
            return script;
        }
        // With variables in it: those of this script, which the shell puts in before, are put in after, to the same effect.
        let written = self.text.get(word.range.clone()).unwrap_or_default();
        let Some(inside) = written.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')) else { return script };
        let (mut at, mut from) = (0, 0);
        let start = word.range.start + 1;
        let bytes = inside.as_bytes();
        while at < bytes.len() {
            let escapes = bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(|byte| b"\"$`\\\n".contains(byte));
            if escapes {
                script.take(self.script, start + from..start + at);
                from = at + if bytes[at + 1] == b'\n' { 2 } else { 1 };
                at += 1;
            }
            at += 1;
        }
        script.take(self.script, start + from.min(bytes.len())..start + bytes.len());
        script
    }

    /// The script in a here-document.
    fn document(&self, redirect: &Redirect) -> Option<Script> {
        let RedirectTarget::Heredoc(document) = &redirect.target else { return None };
        let mut script = Script::new(self.script.file());
        script.take(self.script, document.body.span.start.offset()..document.body.span.end.offset());
        Some(script)
    }
}

/// A word without the commands in it: what they install has findings of its own, and a fix of one must not rename another. What
/// has a line end in it is no name either, and may have commands on each line.
fn elide(written: &str) -> String {
    let opens = ["$(", "`", "<(", ">(", "\n"];
    let first = opens.iter().filter_map(|open| Some(written.find(open)? + open.trim_end().len())).min();
    let Some(start) = first else { return written.to_owned() };
    let end = written.rfind([')', '`', '\n']).filter(|&end| end >= start).unwrap_or(written.len());
    format!("{}…{}", &written[..start], written[end..].trim_start())
}

/// Whether what follows the name of a program is a version of it, or nothing.
fn is_version(rest: &str) -> bool {
    rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !rest.contains(UNKNOWN)
}
