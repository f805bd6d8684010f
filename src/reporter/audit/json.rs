//! For programs: version 1 of the JSON report of an audit, and its rows a line each. Its schema is `schemas/audit-v1.json`, made
//! from these types.
//!
//! Rows are written one after the other, so that no more than one is unpacked at a time. Additions may come; a removal or a change
//! of meaning makes version 2.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Audit, Change, Counts, Item, Row};
use crate::reporter::json::{self, Tool, WireFinding};

/// The whole report.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "cargo-pinned audit, version 1"))]
struct Wire<'a> {
    /// Always `cargo-pinned/audit/v1`.
    schema: &'static str,
    tool: Tool,
    /// When the audit ran, in UTC, as RFC 3339 has it.
    at: &'a str,
    /// The day that was judged by.
    today: String,
    /// A row for each repository, and for each of its references that was judged; sorted by name, then by reference.
    #[serde(serialize_with = "rows")]
    #[cfg_attr(test, schemars(with = "Vec<WireRow<'a>>"))]
    repositories: &'a [Row],
    summary: WireTotal,
    /// What is to be said of the run as a whole: an exception of the floor that matches nothing in the whole fleet.
    notes: &'a [String],
}

/// One row.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireRow<'a> {
    /// What it is called: by the list of targets, else the shortest end of its path that tells it from the others.
    name: &'a str,
    /// Where it was read from, as the user would name it.
    path: &'a str,
    /// Its remote, without credentials.
    url: Option<&'a str>,
    /// Who answers for it, by the list of targets.
    owner: Option<&'a str>,
    /// Labels, by the list of targets.
    labels: &'a [String],
    /// The branch, tag or revision that was judged, in short; null where HEAD is a commit itself.
    reference: Option<&'a str>,
    /// The full id of the commit that was judged.
    commit: Option<&'a str>,
    /// Why it could not be judged, or not all of it.
    error: Option<&'a str>,
    /// Why it was judged from the last good mirror, where it could not be fetched.
    stale: Option<&'a str>,
    summary: WireCounts,
    /// Sorted by path, span and rule.
    findings: Items,
    /// Findings that an exception lets pass.
    excepted: Passed,
    /// Findings that the repository's own policy would let pass, and the organisation's does not: they are among `findings` too.
    waived: Passed,
    /// The findings that the last run did not have, by fingerprint; null without a history, or where it has no earlier run.
    new: Option<&'a [String]>,
    /// The findings that only the last run had; null alike.
    resolved: Option<Vec<WireGone<'a>>>,
}

/// Findings, each written as it is asked for.
struct Items(Vec<Item>);

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(WireItem::of))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Items {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Items".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<WireItem<'static>>>::json_schema(generator)
    }
}

/// What passes, or would, for a reason.
struct Passed(Vec<Item>);

impl Serialize for Passed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(WirePassed::of))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Passed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Passed".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<WirePassed<'static>>>::json_schema(generator)
    }
}

/// One finding that passes, or would.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WirePassed<'a> {
    #[serde(flatten)]
    finding: WireFinding<'a>,
    /// Why it is excepted, or by what it is waived.
    reason: &'a str,
    /// The last day of the exception.
    expires: Option<&'a str>,
}

impl<'a> WirePassed<'a> {
    fn of(item: &'a Item) -> Self {
        let reason = item.reason.as_deref().unwrap_or_default();
        Self { finding: json::item(item), reason, expires: item.expires.as_deref() }
    }
}

/// One finding, as the report of a check has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireItem<'a> {
    #[serde(flatten)]
    finding: WireFinding<'a>,
    /// The day on which a run saw it first, where there is a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
}

impl<'a> WireItem<'a> {
    fn of(item: &'a Item) -> Self {
        Self { finding: json::item(item), since: item.since.as_deref() }
    }
}

/// A finding that is gone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireGone<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    name: &'a str,
    path: &'a str,
}

/// Counts of a row, with the names that the report of a check has.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireCounts {
    /// Findings at level deny.
    deny: usize,
    /// Findings at level warn.
    warn: usize,
    /// Findings that an exception lets pass.
    excepted: usize,
    /// Findings that the baseline lets pass.
    baselined: usize,
    /// Findings that the repository's own policy would let pass, and the organisation's does not.
    waived: usize,
    /// Always 0: nothing is compared here.
    moved: usize,
    /// Always 0: nothing is compared here.
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

impl From<Counts> for WireCounts {
    fn from(counts: Counts) -> Self {
        let Counts { deny, warn, excepted, baselined, waived, declarations, pinned, files, skipped, fixable } = counts;
        let (moved, known) = (0, 0);
        Self { deny, warn, excepted, baselined, waived, moved, known, declarations, pinned, files, skipped, fixable }
    }
}

/// Counts of all rows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireTotal {
    /// How many rows there are.
    repositories: usize,
    /// How many of them could not be judged, or not all of them.
    failed: usize,
    /// How many were judged from the last good mirror.
    stale: usize,
    #[serde(flatten)]
    counts: WireCounts,
    /// Findings that the last run did not have; null without a history.
    new: Option<usize>,
    /// Findings that only the last run had; null without a history.
    resolved: Option<usize>,
}

/// Writes the report.
pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let change = audit.change();
    let wire = Wire {
        schema: "cargo-pinned/audit/v1",
        tool: Tool::this(),
        at: &audit.at,
        today: audit.today.to_string(),
        repositories: &audit.rows,
        summary: WireTotal {
            repositories: audit.rows.len(),
            failed: audit.failed().count(),
            stale: audit.stale().count(),
            counts: audit.total().into(),
            new: change.map(|(new, _)| new),
            resolved: change.map(|(_, resolved)| resolved),
        },
        notes: &audit.notes,
    };
    let mut out = Escaping(out);
    serde_json::to_writer_pretty(&mut out, &wire)?;
    out.write_all(b"\n")
}

/// Writes the rows, a line each.
pub(super) fn lines(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Escaping(out);
    for row in &audit.rows {
        serde_json::to_writer(&mut out, &WireRow::of(row))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn rows<S: Serializer>(rows: &[Row], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().map(WireRow::of))
}

impl<'a> WireRow<'a> {
    fn of(row: &'a Row) -> Self {
        let resolved = |change: &'a Change| {
            let gone = change.resolved.iter().map(|gone| WireGone {
                fingerprint: &gone.fingerprint,
                rule: &gone.rule,
                name: &gone.name,
                path: &gone.path,
            });
            gone.collect()
        };
        Self {
            name: &row.name,
            path: &row.path,
            url: row.url.as_deref(),
            owner: row.owner.as_deref(),
            labels: &row.labels,
            reference: row.reference.as_deref(),
            commit: row.commit.as_deref(),
            error: row.error.as_deref(),
            stale: row.stale.as_deref(),
            summary: row.counts.into(),
            findings: Items(row.findings.items()),
            excepted: Passed(row.excepted.items()),
            waived: Passed(row.waived.items()),
            new: row.change.as_ref().map(|change| change.new.as_slice()),
            resolved: row.change.as_ref().map(resolved),
        }
    }
}

/// Escapes the control characters that JSON allows raw, as the report of a check does.
struct Escaping<'o>(&'o mut dyn Write);

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    /// What is written here are whole characters.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr2(0x7f, 0xc2, rest) {
            let (plain, from) = rest.split_at(at);
            self.0.write_all(plain)?;
            rest = match from {
                [0x7f, rest @ ..] => {
                    self.0.write_all(b"\\u007f")?;
                    rest
                }
                [0xc2, control @ 0x80..=0x9f, rest @ ..] => {
                    write!(self.0, "\\u00{control:02x}")?;
                    rest
                }
                [other, rest @ ..] => {
                    self.0.write_all(&[*other])?;
                    rest
                }
                [] => rest,
            };
        }
        self.0.write_all(rest)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The JSON Schema of the report.
#[cfg(test)]
pub(in crate::reporter) fn schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Wire<'_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_is_written_raw() {
        for (text, expected) in
            [("a\u{7f}b\u{9b}c\u{85}", "a\\u007fb\\u009bc\\u0085"), ("\u{a9} \u{c2} \u{bf}", "\u{a9} \u{c2} \u{bf}")]
        {
            let mut out = Vec::new();
            Escaping(&mut out).write_all(text.as_bytes()).expect("a vector takes all");
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
    }
}
