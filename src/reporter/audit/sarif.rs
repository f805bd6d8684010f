//! For code scanning: a log for each repository, to be uploaded to it.

use std::collections::HashSet;
use std::io::{self, Write};

use super::{Audit, Row};
use crate::reporter::sarif;
use crate::reporter::sarif::log::Provenance;

/// The rows that have a log, each with the name of its file: plain, and told apart by more than upper and lower case. One that could
/// not be judged has none, since a log without a finding closes it.
#[must_use]
pub fn file_names(audit: &Audit) -> Vec<(&Row, String)> {
    let mut taken = HashSet::new();
    let judged = audit.rows.iter().filter(|row| row.error.is_none());
    let one = |row| {
        let stem = plain(&audit.called(row));
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        let mut names = [stem.clone()].into_iter().chain(numbered);
        let name = names.find(|name| taken.insert(name.to_lowercase())).unwrap_or_default();
        (row, format!("{name}.sarif"))
    };
    judged.map(one).collect()
}

/// A name that any file system takes as that of a file.
fn plain(name: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let text: String = name.chars().take(100).map(|c| if is_plain(&c) { c } else { '_' }).collect();
    // Neither hidden nor a device of Windows.
    let text = text.trim_matches('.');
    let stem = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_device = matches!(stem.as_str(), "" | "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    if is_device { format!("_{text}") } else { text.to_owned() }
}

/// Writes the log of a row.
///
/// # Errors
/// Where `out` refuses.
pub fn sarif(row: &Row, out: &mut dyn Write) -> io::Result<()> {
    let notes = row.stale.iter().map(|why| format!("judged from the last good mirror: {why}")).collect();
    let origin = row.url.as_deref().filter(|url| url::Url::parse(url).is_ok()).map(|url| Provenance {
        repository_uri: url,
        revision_id: row.commit.as_deref(),
        branch: row.reference.as_deref(),
    });
    sarif::row(row.findings.items(), notes, origin, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_files_are_plain() {
        for (name, expected) in [
            ("org/name", "org_name"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("CON.git", "_CON.git"),
            ("a\u{1b}b (v1)", "a_b__v1_"),
            ("...", "_"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }
}
