//! The baseline: findings that were accepted one day, so that only new ones fail.
//!
//! An entry is known by its fingerprint, never by a line. It accepts a finding whose pin is as tight as it was or tighter:
//! a known `"1"` that becomes `"*"` is new. The file has a line for each entry, sorted by path, so that merges are simple.

use std::collections::HashMap;
use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::Error;
use super::finding::Finding;
use crate::scanner::Scan;
use crate::scanner::dependency::Pin;

/// The baseline's file name, at the snapshot's root.
pub const FILE: &str = "pinned-baseline.toml";

/// A finding that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepted {
    /// The path of its file.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// The name of what is concerned.
    pub name: String,
    /// Its pin, where it had one.
    pub pin: Option<Pin>,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// What was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The entries, sorted by path.
    pub entries: Vec<Accepted>,
}

impl Baseline {
    /// Accepts findings.
    #[must_use]
    pub fn of(scan: &Scan, findings: &[Finding]) -> Self {
        let accept = |finding: &Finding| {
            let path = scan.files.path(finding.violation.span.file);
            Accepted {
                path: path.to_owned(),
                rule: finding.rule.to_owned(),
                name: finding.violation.name.clone(),
                pin: finding.violation.pin,
                fingerprint: finding.fingerprint(path),
            }
        };
        let mut entries: Vec<Accepted> = findings.iter().map(accept).collect();
        entries.sort();
        Self { entries }
    }

    /// Takes out the findings that are accepted; also the fingerprints that accept nothing any more, of rules that are on.
    #[must_use]
    pub fn split(
        &self,
        scan: &Scan,
        findings: Vec<Finding>,
        is_on: impl Fn(&str) -> bool,
    ) -> (Vec<Finding>, Vec<Finding>, Vec<String>) {
        if self.entries.is_empty() {
            return (findings, Vec::new(), Vec::new());
        }
        // What a rule that is off would find is not known to be gone.
        let mut known: HashMap<&str, (Option<Pin>, bool)> =
            self.entries.iter().map(|entry| (entry.fingerprint.as_str(), (entry.pin, !is_on(&entry.rule)))).collect();
        let is_known = |finding: &Finding| {
            let print = finding.fingerprint(scan.files.path(finding.violation.span.file));
            let Some((pin, used)) = known.get_mut(print.as_str()) else { return false };
            *used = true;
            *pin <= finding.violation.pin
        };
        let (accepted, new) = findings.into_iter().partition(is_known);
        let gone = known.iter().filter(|(_, (_, used))| !used).map(|(print, _)| (*print).to_owned()).collect();
        (new, accepted, gone)
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = "# Findings that were accepted, so that only new ones fail. Made by `cargo pinned baseline`: mend what stands\n\
                       # here, and run it again to see this file shrink.\naccepted = [\n"
            .to_owned();
        for Accepted { path, rule, name, pin, fingerprint } in &self.entries {
            let _ = write!(out, "  {{ path = {}, rule = {}, name = {}", quoted(path), quoted(rule), quoted(name));
            if let Some(pin) = pin {
                let _ = write!(out, ", pin = {}", quoted(pin.name()));
            }
            let _ = writeln!(out, ", fingerprint = {} }},", quoted(fingerprint));
        }
        out.push_str("]\n");
        out
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The first mistake, at its place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let table = DeTable::parse(text).map_err(|error| {
            if let Some(at) = crate::text::conflict(text) {
                let message =
                    "an unresolved merge: take either side, run `cargo pinned baseline`, and review what it adds";
                return Error { at, message: message.to_owned() };
            }
            Error { at: error.span().unwrap_or(0..0), message: format!("not valid TOML: {}", error.message()) }
        })?;
        let mut entries = Vec::new();
        for (key, value) in table.get_ref() {
            let Some(array) = value.get_ref().as_array().filter(|_| key.get_ref() == "accepted") else {
                let message = format!("`{}` is not `accepted`, a list", key.get_ref());
                return Err(Error { at: key.span(), message });
            };
            entries = array.iter().map(entry).collect::<Result<_, _>>()?;
        }
        Ok(Self { entries })
    }
}

fn entry(item: &Spanned<DeValue<'_>>) -> Result<Accepted, Error> {
    let fault = |message: &str| Error { at: item.span(), message: message.to_owned() };
    let table = item.get_ref().as_table().ok_or_else(|| fault("an entry is a table"))?;
    let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or("").to_owned();
    let pin = match text("pin").as_str() {
        "" => None,
        pin => Some(Pin::ALL.into_iter().find(|known| known.name() == pin).ok_or_else(|| fault("unknown pin"))?),
    };
    let fingerprint = text("fingerprint");
    if fingerprint.is_empty() {
        return Err(fault("an entry needs a `fingerprint`"));
    }
    Ok(Accepted { path: text("path"), rule: text("rule"), name: text("name"), pin, fingerprint })
}

/// A basic string of TOML, whose escapes are JSON's, but for the one control character that JSON lets stand.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Whatever a repository calls its files and packages, it is read back as written.
        #[test]
        fn what_is_written_is_read(path in "\\PC{0,12}|[\u{0}-\u{20}\u{7f}\"\\\\]{0,6}", name in "\\PC{0,12}", pin in 0usize..7) {
            let pin = Pin::ALL.get(pin).copied();
            let entry = Accepted { path, rule: "lock-stale".to_owned(), name, pin, fingerprint: "ab".to_owned() };
            let baseline = Baseline { entries: vec![entry.clone(), entry] };
            proptest::prop_assert_eq!(Baseline::parse(&baseline.render()), Ok(baseline));
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, at) in [("accept = []", 0..6), ("accepted = [3]", 12..13), ("accepted = [{}]", 12..14), ("a", 1..1)]
        {
            assert_eq!(Baseline::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
    }
}
