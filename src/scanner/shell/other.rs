//! Go's and Ruby's tools.

use super::arguments::Arguments;
use super::reader::Reader;
use super::version;
use super::word::Word;
use crate::scanner::dependency::Pin;

const GO: [&str; 16] = [
    "-C",
    "-p",
    "-asmflags",
    "-buildmode",
    "-buildvcs",
    "-compiler",
    "-gccgoflags",
    "-gcflags",
    "-installsuffix",
    "-ldflags",
    "-mod",
    "-modfile",
    "-o",
    "-pkgdir",
    "-tags",
    "-toolexec",
];

const GEM: [&str; 14] = [
    "-v",
    "--version",
    "-i",
    "--install-dir",
    "-n",
    "--bindir",
    "-s",
    "--source",
    "-P",
    "--trust-policy",
    "--platform",
    "-p",
    "-g",
    "--file",
];

/// `go install` and `go run` of a module by its version; without one it is a package of the module here.
pub(super) fn go(reader: &mut Reader<'_>, words: &[Word]) {
    let globals = Arguments::until(words, &GO, |_| true);
    let Some((command, rest)) = globals.rest.split_first() else { return };
    let runs = command.text == "run";
    if !runs && command.text != "install" {
        return;
    }
    let arguments = if runs { Arguments::until(rest, &GO, |_| true) } else { Arguments::new(rest, &GO) };
    let named = if runs { arguments.rest.iter().take(1) } else { arguments.operands.iter().take(usize::MAX) };
    for word in named {
        let (name, Some(version)) = word.split('@') else { continue };
        let site = version.written.filter(|_| version.is_known()).and_then(|_| reader.site(version.range.clone(), ""));
        reader.tool(&name, version::go(&version.text), Some(&version)).site = site;
    }
}

/// `gem install`.
pub(super) fn gem(reader: &mut Reader<'_>, words: &[Word]) {
    let globals = Arguments::until(words, &GEM, |_| true);
    let Some((_, rest)) = globals.rest.split_first().filter(|(command, _)| command.text == "install") else { return };
    let arguments = Arguments::new(rest, &GEM);
    if arguments.has(&["-h", "--help", "--local", "-l"]) {
        return;
    }
    let version = arguments.value(&["-v", "--version"]);
    for word in arguments.operands.iter().chain(&arguments.rest).filter(|word| !word.text.ends_with(".gem")) {
        let (name, own) = word.split(':');
        let version = own.as_ref().or(version);
        let pin = match version {
            Some(version) => version::plain(&version.text),
            None if !name.is_known() => Pin::Unknown,
            None => Pin::Latest,
        };
        reader.tool(&name, pin, version);
    }
}
