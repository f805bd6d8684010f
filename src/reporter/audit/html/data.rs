//! The findings as data in the page, from which its script makes what is opened, filtered and sorted.
//!
//! Written as JSON, in a script element that is no program. What repeats is written once: texts are numbers of a list, and so is
//! what findings of a kind have in common, their message with gaps for the name, the requirement and the locked version.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::forge::{self, Forge, Lines};
use super::words::days_since;
use crate::reporter::audit::{Audit, Item, Row};
use crate::reporter::escape;

/// The gaps of a message, in which order it has them: characters that [`escape`] leaves in no text.
const GAPS: [char; 3] = ['\u{1}', '\u{2}', '\u{3}'];

/// The finding is not in the last run.
pub(super) const NEW: i64 = 1;
/// The repository's own policy would let it pass.
const WAIVED: i64 = 2;

/// Where there is no text or day.
const NONE: i64 = -1;

/// A row, without what is empty.
#[derive(Serialize)]
struct WireRow<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<i64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels: Vec<i64>,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_page: Option<String>,
    /// What is before the path and what is between it and the line, in a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<[&'a str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<String>,
    /// deny, warn, excepted, baselined, waived, declarations, pinned, files, skipped, fixable.
    counts: [usize; 10],
    /// The days since the oldest finding was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<i32>,
    /// New and resolved findings; none where no run before judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<[usize; 2]>,
    /// Nine numbers a finding: kind, name, requirement, locked version, path, line, column, age in days, marks.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    findings: Vec<i64>,
    /// Two numbers behind each: its reason and its last day.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    excepted: Vec<i64>,
    /// Three numbers each: which of the findings, by what it is waived, and until when.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    waived: Vec<i64>,
    /// Three numbers each: rule, name and path.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    gone: Vec<i64>,
}

/// A row whose findings are unpacked, with what was made of it.
pub(super) struct Opened<'a> {
    pub(super) row: &'a Row,
    pub(super) findings: &'a [Item],
    pub(super) excepted: &'a [Item],
    pub(super) waived: &'a [Item],
    /// Which of the findings are new.
    pub(super) new: &'a [bool],
    pub(super) oldest: Option<i32>,
    pub(super) forge: Option<&'a Forge>,
    pub(super) lines: Option<&'a Lines>,
}

/// The data, as far as it is collected.
pub(super) struct Data<'a> {
    audit: &'a Audit,
    texts: Numbered<String>,
    /// Rule, level, surface, pin, required, message, help.
    kinds: Numbered<[i64; 7]>,
    /// The paths that are not written in a URL as they are shown, by their number.
    encoded: HashMap<i64, String>,
    rows: Vec<u8>,
}

/// Values in the order in which they first came.
struct Numbered<T> {
    numbers: HashMap<T, i64>,
    values: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }

    fn number(&mut self, value: T) -> i64 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

impl<'a> Data<'a> {
    pub(super) fn new(audit: &'a Audit) -> Self {
        let (texts, kinds) = (Numbered::new(), Numbered::new());
        Self { audit, texts, kinds, encoded: HashMap::new(), rows: Vec::new() }
    }

    /// Takes in a row; in the order of the ranking.
    pub(super) fn add(&mut self, opened: &Opened<'_>) -> io::Result<()> {
        let (row, counts) = (opened.row, &opened.row.counts);
        let wire = WireRow {
            name: escape(&row.name),
            reference: row.reference.as_deref().map(escape),
            owner: row.owner.as_deref().map(|owner| self.text(owner)),
            labels: row.labels.iter().map(|label| self.text(label)).collect(),
            from: escape(&row.path),
            url: row.url.as_deref().map(escape),
            home: opened.forge.map(Forge::home),
            commit: row.commit.as_deref().map(escape),
            commit_page: opened.forge.and_then(|forge| forge.commit(row.commit.as_deref()?)),
            lines: opened.lines.map(|lines| [lines.before.as_str(), lines.after.as_str()]),
            error: row.error.as_deref().map(escape),
            stale: row.stale.as_deref().map(escape),
            counts: [
                counts.deny,
                counts.warn,
                counts.excepted,
                counts.baselined,
                counts.waived,
                counts.declarations,
                counts.pinned,
                counts.files,
                counts.skipped,
                counts.fixable,
            ],
            oldest: opened.oldest,
            change: row.change.as_ref().map(|change| [change.new.len(), change.resolved.len()]),
            findings: self.findings(opened),
            excepted: opened.excepted.iter().flat_map(|item| self.excepted(item)).collect(),
            waived: self.waived(opened),
            gone: self.gone(row),
        };
        if !self.rows.is_empty() {
            self.rows.push(b',');
        }
        serde_json::to_writer(&mut self.rows, &wire).map_err(io::Error::from)
    }

    fn text(&mut self, text: &str) -> i64 {
        self.texts.number(escape(text))
    }

    fn optional(&mut self, text: Option<&str>) -> i64 {
        text.map_or(NONE, |text| self.text(text))
    }

    fn path(&mut self, path: &str) -> i64 {
        let number = self.text(path);
        if !forge::is_plain(path) {
            self.encoded.entry(number).or_insert_with(|| forge::encode(path));
        }
        number
    }

    fn findings(&mut self, opened: &Opened<'_>) -> Vec<i64> {
        let waived: std::collections::HashSet<&str> =
            opened.waived.iter().map(|item| item.fingerprint.as_str()).collect();
        let mut out = Vec::with_capacity(opened.findings.len() * 9);
        for (item, new) in opened.findings.iter().zip(opened.new) {
            let mark = if *new { NEW } else { 0 } | if waived.contains(item.fingerprint.as_str()) { WAIVED } else { 0 };
            out.extend(self.finding(item, mark));
        }
        out
    }

    fn finding(&mut self, item: &Item, mark: i64) -> [i64; 9] {
        let number = |value: usize| i64::try_from(value).unwrap_or(NONE);
        let parts =
            [Some(&item.name), item.requirement.as_ref(), item.locked.as_ref()].map(|part| part.map(|t| escape(t)));
        let message = self.texts.number(gapped(&escape(&item.message), &parts));
        let help = item.help.as_ref().map_or(NONE, |help| self.texts.number(gapped(&escape(help), &parts)));
        let kind = [
            self.text(&item.rule),
            self.text(&item.level),
            self.text(&item.surface),
            self.optional(item.pin.as_deref()),
            self.optional(item.required.as_deref()),
            message,
            help,
        ];
        let [name, requirement, locked] = parts.map(|part| part.map_or(NONE, |part| self.texts.number(part)));
        let age = days_since(item.since.as_deref(), self.audit.today).map_or(NONE, i64::from);
        let path = self.path(&item.path);
        let (line, column) = (number(item.line), number(item.column));
        [self.kinds.number(kind), name, requirement, locked, path, line, column, age, mark]
    }

    fn excepted(&mut self, item: &Item) -> Vec<i64> {
        let mut out = self.finding(item, 0).to_vec();
        out.push(self.optional(item.reason.as_deref()));
        out.push(self.optional(item.expires.as_deref()));
        out
    }

    fn waived(&mut self, opened: &Opened<'_>) -> Vec<i64> {
        if opened.waived.is_empty() {
            return Vec::new();
        }
        let places: HashMap<&str, usize> =
            opened.findings.iter().enumerate().map(|(at, item)| (item.fingerprint.as_str(), at)).collect();
        let mut out = Vec::with_capacity(opened.waived.len() * 3);
        for item in opened.waived {
            let Some(at) = places.get(item.fingerprint.as_str()).and_then(|at| i64::try_from(*at).ok()) else {
                continue;
            };
            out.push(at);
            out.push(self.optional(item.reason.as_deref()));
            out.push(self.optional(item.expires.as_deref()));
        }
        out
    }

    fn gone(&mut self, row: &Row) -> Vec<i64> {
        let gone = row.change.iter().flat_map(|change| &change.resolved);
        gone.flat_map(|gone| [self.text(&gone.rule), self.text(&gone.name), self.text(&gone.path)]).collect()
    }

    /// Writes what stands in the script element.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"texts\":")?;
        write_safe(out, &serde_json::to_vec(&self.texts.values)?)?;
        out.write_all(b",\"kinds\":")?;
        write_safe(out, &serde_json::to_vec(&self.kinds.values)?)?;
        out.write_all(b",\"encoded\":")?;
        let encoded: std::collections::BTreeMap<_, _> = self.encoded.iter().collect();
        write_safe(out, &serde_json::to_vec(&encoded)?)?;
        out.write_all(b",\"rows\":[")?;
        write_safe(out, &self.rows)?;
        out.write_all(b"]}")
    }
}

/// A text with gaps where it has the name, the requirement and the locked version as whole words.
fn gapped(text: &str, parts: &[Option<String>; 3]) -> String {
    let mut out = text.to_owned();
    for (part, gap) in parts.iter().zip(GAPS) {
        if let Some(part) = part.as_deref().filter(|part| !part.is_empty() && out.contains(*part)) {
            out = filled(&out, part, gap);
        }
    }
    out
}

fn filled(text: &str, part: &str, gap: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(part) {
        let (before, after) = (&text[..at], &text[at + part.len()..]);
        let whole = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        if whole {
            out.push_str(&text[from..at]);
            out.push(gap);
            from = at + part.len();
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Writes JSON so that no end of the element, no comment and no line end of JavaScript is in it. Outside of texts JSON has none
/// of these characters.
fn write_safe(out: &mut dyn Write, json: &[u8]) -> io::Result<()> {
    let mut from = 0;
    for at in memchr::memchr3_iter(b'<', b'>', b'&', json) {
        out.write_all(&json[from..at])?;
        write!(out, "\\u{:04x}", json[at])?;
        from = at + 1;
    }
    // U+2028 and U+2029 are escaped in every text already.
    out.write_all(&json[from..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_gaps_for_whole_words() {
        let parts = [Some("a".to_owned()), Some("1.0".to_owned()), Some("1.0.228".to_owned())];
        let out = gapped("`a = \"1.0\"` admits a release; pin to `=1.0.228`", &parts);
        assert_eq!(out, "`\u{1} = \"\u{2}\"` admits \u{1} release; pin to `=\u{2}.228`");
    }

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let json = serde_json::to_vec("</script><!-- &amp;").expect("json");
        let mut out = Vec::new();
        write_safe(&mut out, &json).expect("a vector takes all");
        assert_eq!(out, br#""\u003c/script\u003e\u003c!-- \u0026amp;""#);
        assert_eq!(serde_json::from_slice::<String>(&out).expect("json"), "</script><!-- &amp;");
    }
}
