//! `rustup`: which toolchains are installed and chosen.
//!
//! Source: rustup's book, and its `--help`.

use super::arguments::Arguments;
use super::reader::Reader;
use super::word::Word;
use crate::scanner::cargo::toolchain;
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};
use crate::text::Span;

/// The variable that names a toolchain, ahead of every file.
pub(super) const VARIABLE: &str = "RUSTUP_TOOLCHAIN";

/// The name under which a toolchain is reported.
const NAME: &str = "rust";

const VALUED: [&str; 12] = [
    "--profile",
    "-c",
    "--component",
    "-t",
    "--target",
    "--toolchain",
    "--default-toolchain",
    "--default-host",
    "--path",
    "--targets",
    "--components",
    "-p",
];

/// Reads a command; what `rustup run` runs is given back.
pub(super) fn run<'w>(reader: &mut Reader<'_>, words: &'w [Word]) -> Option<&'w [Word]> {
    let mut words = words;
    if let Some(first) = words.first().filter(|word| word.text.starts_with('+')) {
        toolchain(reader, &first.tail(1));
        words = &words[1..];
    }
    let skipped = words.iter().take_while(|word| word.text.starts_with('-')).count();
    words = &words[skipped..];
    let text = |at: usize| words.get(at).map(|word| word.text.as_str());
    let rest = |at: usize| words.get(at..).unwrap_or_default();
    match (text(0)?, text(1)) {
        ("run", _) => {
            let options = words[1..].iter().take_while(|word| word.text.starts_with('-')).count();
            toolchain(reader, words.get(1 + options)?);
            return Some(rest(2 + options));
        }
        ("toolchain", Some("install" | "add" | "update")) => toolchains(reader, rest(2)),
        ("install", _) => toolchains(reader, rest(1)),
        ("update" | "upgrade" | "up", _) => {
            let arguments = Arguments::new(rest(1), &VALUED);
            if arguments.operands.is_empty() && !arguments.has(&["-h", "--help"]) {
                reader.named(NAME, words[0].range.clone(), Pin::Latest, None).origin = Origin::Channel;
            }
            toolchains(reader, rest(1));
        }
        ("default", _) => Arguments::new(rest(1), &VALUED).operands.iter().for_each(|word| toolchain(reader, word)),
        ("override", Some("set" | "add")) => {
            Arguments::new(rest(2), &VALUED).operands.iter().take(1).for_each(|word| toolchain(reader, word));
        }
        ("component" | "target", Some("add")) => {
            Arguments::new(rest(2), &VALUED).values(&["--toolchain"]).for_each(|word| toolchain(reader, word));
        }
        _ => {}
    }
    None
}

/// The options of `rustup-init`, and of the script that downloads it.
pub(super) fn init(reader: &mut Reader<'_>, words: &[Word]) {
    let arguments = Arguments::new(words, &VALUED);
    arguments.values(&["--default-toolchain"]).for_each(|word| toolchain(reader, word));
}

fn toolchains(reader: &mut Reader<'_>, words: &[Word]) {
    let arguments = Arguments::new(words, &VALUED);
    arguments.operands.iter().chain(&arguments.rest).for_each(|word| toolchain(reader, word));
}

/// One toolchain by its channel.
pub(super) fn toolchain(reader: &mut Reader<'_>, word: &Word) {
    // What is chosen elsewhere is judged there.
    if matches!(word.text.as_str(), "none" | "active") {
        return;
    }
    let pin = if word.is_known() { toolchain::pin(&word.text) } else { Pin::Unknown };
    let toolchain = reader.named(NAME, word.range.clone(), pin, Some(word));
    toolchain.origin = Origin::Channel;
    // Of `+$T` the value counts.
    toolchain.requirement = toolchain.requirement.as_ref().map(|channel| channel.trim_start_matches('+').to_owned());
}

/// The toolchain that a variable names; none where it leaves the choice to others.
pub(in crate::scanner) fn named(channel: &str, span: Span, table: &str) -> Option<Dependency> {
    let channel = channel.trim();
    let is_choice = !channel.is_empty() && !matches!(channel, "none" | "active");
    is_choice.then(|| Dependency {
        requirement: Some(channel.to_owned()),
        table: table.to_owned(),
        origin: Origin::Channel,
        ..Dependency::new(Surface::Tool, NAME, toolchain::pin(channel), span)
    })
}
