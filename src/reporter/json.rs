//! For programs: version 1 of the JSON report. Its schema is `schemas/report-v1.json`, made from these types.
//!
//! Additions may come; a removal or a change of meaning makes version 2.

use std::io::{self, Write};

use serde::Serialize;

use super::audit::Item;
use super::{Locator, Report};
use crate::policy::exception::Excepted;
use crate::policy::finding::{Finding, Level};
use crate::text::{Position, Span};

/// The whole report.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "cargo-pinned report, version 1"))]
struct Wire<'a> {
    /// Always `cargo-pinned/report/v1`.
    schema: &'static str,
    tool: Tool,
    snapshot: Snapshot<'a>,
    summary: Summary,
    /// Sorted by path, span and rule.
    findings: Vec<WireFinding<'a>>,
    /// Findings that left one place for another since the base, where they are now; they do not fail the run.
    moved: Vec<WireFinding<'a>>,
    /// In what the policy or the baseline is looser than the base's.
    loosened: &'a [String],
    /// Findings that an exception of the policy lets pass.
    excepted: Vec<WireExcepted<'a>>,
    /// What was left out on purpose.
    skipped: Vec<WireSkipped<'a>>,
}

/// The tool that made the report.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    /// This one.
    pub(super) fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// What was judged.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Snapshot<'a> {
    /// `worktree`, `revision` or `index`.
    kind: &'a str,
    /// The snapshot's root, as the user would name it.
    root: &'a str,
    /// The full id of the commit, for revisions.
    revision: Option<&'a str>,
    /// The full id of the commit that was compared with: the merge base, the first where there are several, and the empty
    /// tree where there is no commit yet.
    base: Option<&'a str>,
}

/// Counts.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// Findings that fail the run.
    deny: usize,
    /// Findings that do not.
    warn: usize,
    /// Findings that an exception lets pass.
    excepted: usize,
    /// Findings that the baseline lets pass.
    baselined: usize,
    /// Findings that left one place for another since the base.
    moved: usize,
    /// Findings that the base has as well.
    known: usize,
    /// Declarations that were judged.
    declarations: usize,
    /// Those held by an exact version or by content.
    pinned: usize,
    /// Files that were read.
    files: usize,
    /// What was left out on purpose.
    skipped: usize,
    /// Findings with a fix.
    fixable: usize,
}

/// One finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WireFinding<'a> {
    /// The rule's id.
    rule: &'a str,
    /// `deny` or `warn`.
    level: &'a str,
    /// The kind of place.
    surface: &'a str,
    /// The package, or what else is concerned.
    name: &'a str,
    /// What is written.
    requirement: Option<&'a str>,
    /// How tightly it holds: `latest`, `range`, `tag`, `exact`, `content` or `unknown`.
    pin: Option<&'a str>,
    /// The weakest pin that would pass, or `locked`.
    required: Option<String>,
    /// The version that the lockfile holds.
    locked: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    /// Relative to the snapshot's root, with `/`.
    path: &'a str,
    span: WireSpan,
    start: WirePosition,
    end: WirePosition,
    /// A SHA-256 in hex that stays the same when lines move.
    fingerprint: String,
    fix: Option<WireFix<'a>>,
    /// The line of the policy that set its level or what it requires, where they are not the defaults.
    policy: Option<WirePolicy<'a>>,
}

/// A line of the policy.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WirePolicy<'a> {
    path: &'a str,
    /// Counted from one.
    line: usize,
}

/// A finding that an exception lets pass.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireExcepted<'a> {
    #[serde(flatten)]
    finding: WireFinding<'a>,
    /// Why it is excepted.
    reason: &'a str,
    /// The last day of the exception.
    expires: Option<String>,
}

/// A range of bytes, the end excluded.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WireSpan {
    start: u32,
    end: u32,
}

impl From<Span> for WireSpan {
    fn from(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// A place, counted from one; columns in characters.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WirePosition {
    line: usize,
    column: usize,
}

impl From<Position> for WirePosition {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

/// Edits that belong together.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireFix<'a> {
    title: &'a str,
    edits: Vec<WireEdit<'a>>,
}

/// Puts `replacement` in place of the bytes under `span`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireEdit<'a> {
    path: &'a str,
    span: WireSpan,
    replacement: &'a str,
}

/// Something left out.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireSkipped<'a> {
    path: &'a str,
    why: &'a str,
}

pub(super) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(report.scan);
    let moved = report.comparison.map_or(&[][..], |comparison| comparison.moved);
    let base = report.comparison.map(|comparison| comparison.base);
    let wire = Wire {
        schema: "cargo-pinned/report/v1",
        tool: Tool::this(),
        snapshot: Snapshot { kind: report.kind, root: &report.root, revision: report.revision, base },
        summary: summary(report),
        findings: report.findings.iter().map(|found| finding(report, &locator, found)).collect(),
        moved: moved.iter().map(|found| finding(report, &locator, found)).collect(),
        loosened: report.comparison.map_or(&[], |comparison| comparison.loosened),
        excepted: report.excepted.iter().map(|found| excepted(report, &locator, found)).collect(),
        skipped: report.skipped.iter().map(|skipped| WireSkipped { path: &skipped.path, why: &skipped.why }).collect(),
    };
    write(&wire, out)
}

/// Writes a wire type as indented JSON and a line end. Control characters that JSON allows raw are escaped too: a terminal, or
/// what takes colours out on the way, would swallow them.
pub(super) fn write(wire: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(wire)?;
    // They can stand in strings alone, where an escape says the same.
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c| ('\u{7f}'..='\u{9f}').contains(&c)) {
        let (plain, from) = rest.split_at(at);
        let control = from.chars().next().unwrap_or_default();
        write!(out, "{plain}\\u{:04x}", u32::from(control))?;
        rest = &from[control.len_utf8()..];
    }
    writeln!(out, "{rest}")
}

fn summary(report: &Report<'_>) -> Summary {
    Summary {
        deny: report.count(Level::Deny),
        warn: report.count(Level::Warn),
        excepted: report.excepted.len(),
        baselined: report.baselined,
        moved: report.comparison.map_or(0, |comparison| comparison.moved.len()),
        known: report.comparison.map_or(0, |comparison| comparison.known.len()),
        declarations: report.declarations.len(),
        pinned: report.pinned(),
        files: report.files,
        skipped: report.skipped.len(),
        fixable: report.fixable(),
    }
}

fn excepted<'a>(report: &'a Report<'_>, locator: &Locator<'_>, excepted: &'a Excepted) -> WireExcepted<'a> {
    WireExcepted {
        finding: finding(report, locator, &excepted.finding),
        reason: &excepted.reason,
        expires: excepted.expires.map(|day| day.to_string()),
    }
}

fn finding<'a>(report: &'a Report<'_>, locator: &Locator<'_>, finding: &'a Finding) -> WireFinding<'a> {
    let violation = &finding.violation;
    let files = &report.scan.files;
    let (start, end) = locator.range(violation.span);
    let fix = violation.fix.as_ref().map(|fix| WireFix {
        title: &fix.title,
        edits: fix
            .edits
            .iter()
            .map(|edit| WireEdit {
                path: files.path(edit.span.file),
                span: edit.span.into(),
                replacement: &edit.replacement,
            })
            .collect(),
    });
    WireFinding {
        rule: finding.rule,
        level: finding.level.name(),
        surface: violation.surface.name(),
        name: &violation.name,
        requirement: violation.requirement.as_deref(),
        pin: violation.pin.map(|pin| pin.name()),
        required: violation.required.map(|require| require.to_string()),
        locked: violation.locked.as_deref(),
        message: &violation.message,
        help: violation.help.as_deref(),
        path: files.path(violation.span.file),
        span: violation.span.into(),
        start: start.into(),
        end: end.into(),
        fingerprint: finding.fingerprint(files.path(violation.span.file)),
        fix,
        policy: finding.policy.map(|span| WirePolicy { path: files.path(span.file), line: locator.range(span).0.line }),
    }
}

/// A finding on its own, as a report has it.
pub(super) fn item(item: &Item) -> WireFinding<'_> {
    let span = |region: &super::audit::Region| WireSpan { start: region.start, end: region.end };
    let (line, column) = (item.region.end_line, item.region.end_column);
    let fix = item.fix.as_ref().map(|fix| WireFix {
        title: &fix.title,
        edits: fix
            .edits
            .iter()
            .map(|(place, text)| WireEdit { path: &place.path, span: span(&place.region), replacement: text })
            .collect(),
    });
    WireFinding {
        rule: &item.rule,
        level: &item.level,
        surface: &item.surface,
        name: &item.name,
        requirement: item.requirement.as_deref(),
        pin: item.pin.as_deref(),
        required: item.required.clone(),
        locked: item.locked.as_deref(),
        message: &item.message,
        help: item.help.as_deref(),
        path: &item.path,
        span: span(&item.region),
        start: WirePosition { line: item.line, column: item.column },
        end: WirePosition { line, column },
        fingerprint: item.fingerprint.clone(),
        fix,
        policy: item.policy.as_ref().map(|place| WirePolicy { path: &place.path, line: place.region.line }),
    }
}

/// What holds the schemas of all formats.
#[cfg(test)]
pub(super) use tests::{hold_schema, schema_of};

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::{JsonSchema, Schema, generate::SchemaSettings};

    /// The schema of what is written of a type.
    pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
    }

    /// Holds that a file in `schemas/` is that schema; `UPDATE_SCHEMAS=1` writes it anew.
    #[track_caller]
    pub(crate) fn hold_schema(file: &str, schema: &Schema) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(file);
        let text = format!("{}\n", serde_json::to_string_pretty(schema).expect("a schema is JSON"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &text).expect("the schema can be written");
        }
        let kept = std::fs::read_to_string(&path).expect("the schema is in the repository");
        assert_eq!(kept.replace("\r\n", "\n"), text, "run the tests with UPDATE_SCHEMAS=1");
    }

    #[test]
    fn the_schemas_are_up_to_date() {
        hold_schema("report-v1.json", &schema_of::<Wire<'_>>());
        hold_schema("audit-v1.json", &crate::reporter::audit::schema());
        hold_schema("pinned.json", &crate::policy::schema::schema());
    }
}
