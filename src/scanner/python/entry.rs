//! A table that says where a package comes from, as uv, Poetry and Pipenv write it: `{ git = "…", tag = "…" }`.

use super::{reference, requirement};
use crate::scanner::dependency::{Dependency, Origin, Pin, Surface};
use crate::scanner::document::{self, Document, Table, Text};

/// The keys that name a reference of a repository.
const REFERENCES: [&str; 4] = ["rev", "tag", "branch", "ref"];

/// The declaration of a package that comes from a repository, a URL or a directory; none where it comes from an index.
pub(super) fn read(document: Document<'_>, name: &str, table: &Table<'_>, place: &str) -> Option<Dependency> {
    let get = |keys: &[&str]| keys.iter().find_map(|key| document.get(table, key));
    if let Some(url) = get(&["git", "hg", "svn", "bzr"]) {
        return Some(repository(document, name, table, url));
    }
    if let Some(url) = get(&["url", "file", "path"]) {
        let mut dependency = requirement::refer(&url.value, document.file, url.span.start as usize, place, name);
        dependency.span = url.span;
        return Some(dependency);
    }
    // A member of uv's workspace.
    document::flag(table, "workspace").then(|| {
        let span = table.get("workspace").map_or(0..0, |value| value.span());
        let mut dependency = requirement::refer(".", document.file, 0, place, name);
        dependency.span = document.span(span);
        dependency
    })
}

fn repository(document: Document<'_>, name: &str, table: &Table<'_>, url: Text) -> Dependency {
    let written = REFERENCES.into_iter().find_map(|key| Some((key, document.get(table, key)?)));
    let pin = match &written {
        None => Pin::Latest,
        Some(("branch", text)) if !reference::is_commit(&text.value) => Pin::Latest,
        Some(("tag", text)) if !reference::is_commit(&text.value) => Pin::Tag,
        Some((_, text)) => reference::revision(&text.value),
    };
    let span = written.as_ref().map_or(url.span, |(_, text)| text.span);
    let mut dependency = Dependency::new(Surface::Python, name, pin, span);
    dependency.package = requirement::normalize(name);
    dependency.requirement = written.as_ref().map(|(_, text)| text.value.clone());
    let reference = written.map(|(key, text)| (if key == "ref" { "rev" } else { key }, text.value));
    dependency.origin = Origin::Git { url: url.value, reference };
    dependency
}
