//! Reports in every format: those for programs can be read, and those for people have nothing in them that steers a terminal.

use cargo_pinned::reporter::{self, Detail, Format, Report};
use cargo_pinned::scanner::dependency::Dependency;

use super::repository::Judged;

const FORMATS: [Format; 8] = [
    Format::Human,
    Format::Full,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Markdown,
];

/// Holds that what is found can be reported.
pub(super) fn hold(judged: &Judged) {
    let declarations: Vec<&Dependency> = judged.scan.dependencies.iter().collect();
    for (detail, width) in [(Detail::Quiet, 0), (Detail::Normal, 80), (Detail::Verbose, 30)] {
        let report = Report {
            kind: judged.snapshot.kind.name(),
            revision: None,
            root: judged.snapshot.root.display().to_string(),
            scan: &judged.scan,
            findings: &judged.outcome.findings,
            excepted: &judged.outcome.excepted,
            baselined: judged.outcome.baselined.len(),
            declarations: &declarations,
            files: judged.scan.read.len(),
            skipped: &judged.scan.skipped,
            detail,
            width,
            comparison: None,
        };
        for format in FORMATS {
            let text = written(|out| reporter::render(format, &report, out));
            readable(format, &text);
        }
        is_safe(&written(|out| reporter::left(&report, out)));
    }
    is_safe(&written(|out| reporter::list_human(&judged.scan, &declarations, 80, out)));
    json(&written(|out| reporter::list_json(&judged.scan, &declarations, out)));
}

/// What is written.
fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("a vector takes all");
    String::from_utf8(bytes).expect("reports are text")
}

fn readable(format: Format, text: &str) {
    match format {
        Format::Json | Format::Sarif | Format::Gitlab => json(text),
        Format::Junit => {
            if let Err(error) = uppsala::parse(text) {
                panic!("{error}: {text}");
            }
        }
        Format::Human | Format::Full | Format::Github => is_safe(text),
        Format::Markdown => {}
    }
    if format == Format::Github {
        let known = ["::error ", "::warning ", "::group::", "::endgroup::"];
        for line in text.lines().filter(|line| !known.iter().any(|known| line.starts_with(known))) {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line:?}");
        }
    }
}

fn json(text: &str) {
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        panic!("{error}: {text}");
    }
}

/// Holds that nothing but line ends and our own colours can do anything to a terminal.
fn is_safe(text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && c != '\n') {
        rest = &rest[at..];
        let colour =
            rest.strip_prefix("\u{1b}[").map(|code| code.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'));
        rest = colour
            .and_then(|code| code.strip_prefix('m'))
            .unwrap_or_else(|| panic!("{:?} in {text:?}", rest.chars().next()));
    }
}
