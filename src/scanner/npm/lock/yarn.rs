//! yarn.lock: version 1, which is a form of its own, and the YAML of later versions, which Yarn writes line by line.

use std::collections::{HashMap, HashSet};

use super::{Form, Package};
use crate::scanner::Problem;
use crate::scanner::cargo::source_id::is_full_commit;
use crate::text::FileId;

/// Reads one.
pub(super) fn read(file: FileId, text: &str) -> Result<Form, Problem> {
    if let Some(problem) = Problem::conflict(file, text, 0) {
        return Err(problem);
    }
    let (mut patterns, mut packages, mut names) = (HashMap::new(), Vec::<Package>::new(), HashSet::new());
    for line in text.trim_start_matches('\u{feff}').lines() {
        if is_header(line) {
            let header = self::patterns(line);
            for pattern in header.split(", ") {
                names.extend(name(pattern).map(str::to_owned));
                patterns.insert(pattern.to_owned(), packages.len());
            }
            packages.push(Package::default());
        } else if let Some((field, value)) = field(line)
            && let Some(package) = packages.last_mut()
        {
            set(package, field, value);
        }
    }
    Ok(Form::Patterns { patterns, packages, names })
}

/// Whether a line begins a package.
pub(super) fn is_header(line: &str) -> bool {
    !line.starts_with([' ', '#', ':', '\t']) && !line.trim().is_empty()
}

/// The patterns of a package, with `, ` between them.
pub(super) fn patterns(header: &str) -> String {
    header.trim_start_matches("? ").trim_end().trim_end_matches(':').replace('"', "")
}

/// The name in a pattern.
pub(super) fn name(pattern: &str) -> Option<&str> {
    let at = pattern.get(1..)?.find('@')? + 1;
    Some(&pattern[..at])
}

/// A field of a package: `version "1.2.3"`, `version: 1.2.3`; not what is nested in one.
pub(super) fn field(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?;
    let (field, value) = line.trim_end().split_once(' ')?;
    Some((field.trim_end_matches(':').trim_matches('"'), value.trim_matches('"')))
}

fn set(package: &mut Package, field: &str, value: &str) {
    match field {
        "version" => value.clone_into(&mut package.version),
        "integrity" | "checksum" => package.has_hash = true,
        "resolved" => {
            // Version 1 wrote a SHA-1 behind the URL before it had `integrity`.
            let hash = value.rsplit_once('#').map_or("", |(_, hash)| hash);
            package.has_hash |= is_full_commit(hash);
            package.source = Some(value.to_owned());
        }
        "resolution" => {
            let inner = value.get(1..).and_then(|tail| tail.split_once('@')).map_or("", |(_, inner)| inner);
            package.is_own = ["workspace:", "link:", "portal:", "file:"].iter().any(|own| inner.starts_with(own));
            package.source = Some(inner.to_owned()).filter(|inner| !inner.starts_with("npm:"));
        }
        _ => {}
    }
}
