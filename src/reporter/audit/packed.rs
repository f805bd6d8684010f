//! Findings as the history and the rows of an audit keep them.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::policy::finding::Finding;
use crate::reporter::Locator;
use crate::scanner::Scan;
use crate::text::Span;

/// A finding on its own: what a report says of it, without the scan that it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The rule's id.
    pub rule: String,
    /// `deny` or `warn`.
    pub level: String,
    /// The kind of place.
    pub surface: String,
    /// The package, or what else is concerned.
    pub name: String,
    /// What is written.
    pub requirement: Option<String>,
    /// How tightly it holds.
    pub pin: Option<String>,
    /// The weakest pin that would pass.
    pub required: Option<String>,
    /// The version that the lockfile holds.
    pub locked: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file, below the root.
    pub path: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
    /// A SHA-256 in hex that stays the same when lines move.
    pub fingerprint: String,
    /// The day on which a run saw it first, where there is a history: `2026-11-25`.
    pub since: Option<String>,
    /// Why it is excepted, or by what it is waived.
    pub reason: Option<String>,
    /// The last day of its exception.
    pub expires: Option<String>,
    /// The rest of its place.
    #[serde(default)]
    pub region: Region,
    /// The declaration as a person would point at it.
    #[serde(default)]
    pub subject: String,
    /// The edits that would mend it.
    #[serde(default)]
    pub fix: Option<ItemFix>,
    /// The place in a policy that set its level or what it requires, where they are not the defaults.
    #[serde(default)]
    pub policy: Option<ItemPlace>,
}

/// A range of a file: in bytes, and in lines and columns from one, the end excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Where it starts, in bytes.
    pub start: u32,
    /// Where it ends, in bytes.
    pub end: u32,
    /// The line where it starts.
    pub line: usize,
    /// The column where it starts.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column where it ends.
    pub end_column: usize,
}

/// A range of a file that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemPlace {
    /// The file.
    pub path: String,
    /// The range.
    pub region: Region,
}

/// Edits that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFix {
    /// What they come to.
    pub title: String,
    /// Each text in whose place another is put.
    pub edits: Vec<(ItemPlace, String)>,
}

/// Makes items of the findings in one scan.
pub struct Items<'a> {
    scan: &'a Scan,
    locator: Locator<'a>,
}

impl<'a> Items<'a> {
    /// For the findings in a scan.
    #[must_use]
    pub fn new(scan: &'a Scan) -> Self {
        Self { scan, locator: Locator::new(scan) }
    }

    /// A finding on its own.
    #[must_use]
    pub fn of(&self, finding: &Finding) -> Item {
        let violation = &finding.violation;
        let ItemPlace { path, region } = self.place(violation.span);
        let owned = |text: &'static str| text.to_owned();
        let fix = violation.fix.as_ref().map(|fix| ItemFix {
            title: fix.title.clone(),
            edits: fix.edits.iter().map(|edit| (self.place(edit.span), edit.replacement.clone())).collect(),
        });
        Item {
            rule: finding.rule.to_owned(),
            level: finding.level.name().to_owned(),
            surface: violation.surface.name().to_owned(),
            name: violation.name.clone(),
            requirement: violation.requirement.clone(),
            pin: violation.pin.map(|pin| owned(pin.name())),
            required: violation.required.map(|require| require.to_string()),
            locked: violation.locked.clone(),
            message: violation.message.clone(),
            help: violation.help.clone(),
            fingerprint: finding.fingerprint(&path),
            path,
            line: region.line,
            column: region.column,
            since: None,
            reason: None,
            expires: None,
            region,
            subject: violation.subject.clone(),
            fix,
            policy: finding.policy.map(|span| self.place(span)),
        }
    }

    fn place(&self, span: Span) -> ItemPlace {
        let (start, end) = self.locator.range(span);
        let region = Region {
            start: span.start,
            end: span.end,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        };
        ItemPlace { path: self.scan.files.path(span.file).to_owned(), region }
    }
}

/// Findings, packed: a line with how many there are of each rule, so that a table of thousands unpacks none, and then JSON,
/// deflated where that is worth it. Copies share the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed(Arc<[u8]>);

/// What a line with the counts starts with; without one there are none.
const LINE: u8 = 1;

/// What is shorter stays as it is, in bytes.
const SHORT: usize = 1 << 10;

impl Packed {
    /// Packs findings.
    #[must_use]
    pub fn new(items: &[Item]) -> Self {
        if items.is_empty() {
            return Self::default();
        }
        // No JSON starts with this, and no rule has the characters that part it.
        let plain = |rule: &str| rule.replace([',', '\n'], "?");
        let counts = counted(items).into_iter().map(|(rule, count)| format!("{} {count}", plain(rule)));
        let mut bytes = vec![LINE];
        bytes.extend(counts.collect::<Vec<_>>().join(",").into_bytes());
        bytes.push(b'\n');
        let json = serde_json::to_vec(items).unwrap_or_default();
        if json.len() >= SHORT {
            let mut encoder = DeflateEncoder::new(Vec::with_capacity(json.len() / 8), Compression::fast());
            if let Ok(deflated) = encoder.write_all(&json).and_then(|()| encoder.finish()) {
                // No JSON starts with this.
                bytes.push(0);
                bytes.extend(deflated);
                return Self(bytes.into());
            }
        }
        bytes.extend(json);
        Self(bytes.into())
    }

    /// How many findings there are of each rule, most first.
    #[must_use]
    pub fn rules(&self) -> Vec<(&str, usize)> {
        let line = self.parts().map_or("", |(line, _)| std::str::from_utf8(line).unwrap_or_default());
        line.split(',')
            .filter_map(|part| part.rsplit_once(' '))
            .filter_map(|(rule, n)| Some((rule, n.parse().ok()?)))
            .collect()
    }

    /// The line, and what follows it.
    fn parts(&self) -> Option<(&[u8], &[u8])> {
        let Some(rest) = self.0.strip_prefix(&[LINE]) else { return (!self.0.is_empty()).then_some((&[], &self.0)) };
        let end = memchr::memchr(b'\n', rest)?;
        Some((&rest[..end], &rest[end + 1..]))
    }

    /// Findings that were packed before, by their bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, to be kept: the same version of the tool understands them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The findings again.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let Some((_, packed)) = self.parts() else { return Vec::new() };
        let Some(deflated) = packed.strip_prefix(&[0]) else {
            return serde_json::from_slice(packed).unwrap_or_default();
        };
        let mut json = Vec::with_capacity(deflated.len() * 8);
        let read = DeflateDecoder::new(deflated).read_to_end(&mut json);
        read.ok().and_then(|_| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How many findings there are of each rule, most first.
fn counted(items: &[Item]) -> Vec<(&str, usize)> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    items.iter().for_each(|item| *counts.entry(&item.rule).or_default() += 1);
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_unpacked_as_they_were_packed() {
        let item = |at: usize| Item { name: format!("package-{at}"), line: at, ..Item::default() };
        for count in [0, 1, 500] {
            let items: Vec<Item> = (0..count).map(item).collect();
            let packed = Packed::new(&items);
            assert_eq!(packed.items(), items);
            assert!(packed.0.len() <= 40 * count + 1_000, "{} bytes for {count}", packed.0.len());
        }
    }
}
