//! A manifest of which only versions changed, read again without parsing it anew: what a fix writes, and most of what differs
//! between two commits.
//!
//! Nothing but the text between the quotes of a version may differ, and what is there now must be unable to end them: then the
//! rest means what it meant, and stands as much further on as what is ahead of it grew.

use std::collections::HashSet;

use super::declaration::Declaration;
use super::manifest::{Manifest, Package, WorkspaceTable};
use super::requirement::Requirement;
use crate::scanner::dependency::PinSite;
use crate::scanner::document::Text;
use crate::text::Span;

/// The manifest that a text is, which was another before, read as that; none where more than versions differs.
pub(super) fn read_again(text: &str, before: &str, read: &Manifest) -> Option<Manifest> {
    // What was wrong, and what was not read because of that, may be right now.
    if !read.problems.is_empty() {
        return None;
    }
    let moves = Moves::between(text, before, &read.declarations)?;
    let declarations = read.declarations.iter().enumerate().map(|(at, one)| moves.declaration(text, at, one));
    Some(Manifest {
        file: read.file,
        package: read.package.as_ref().map(|package| moves.package(package)),
        workspace: read.workspace.as_ref().map(|workspace| moves.workspace(workspace)),
        declarations: declarations.collect(),
        inheritable: read.inheritable.clone(),
        old_spellings: read.old_spellings.iter().map(|(old, span)| (old.clone(), moves.span(*span))).collect(),
        publication: read.publication.clone(),
        problems: Vec::new(),
    })
}

/// What differs.
#[derive(Default)]
struct Moves {
    /// Where each version that is another now ended, and how much further on what is behind it stands, in the order of the text.
    shifts: Vec<(u32, i64)>,
    /// Whose they are, as indexes of the declarations.
    declarations: HashSet<usize>,
}

impl Moves {
    fn between(text: &str, before: &str, declarations: &[Declaration]) -> Option<Self> {
        let versions = declarations.iter().enumerate();
        let mut versions: Vec<(Span, usize)> =
            versions.filter_map(|(at, one)| Some((one.version.as_ref()?.span, at))).collect();
        versions.sort_unstable();
        let mut moves = Self::default();
        let mut start = 0;
        let mut new = text.split_inclusive('\n');
        for old in before.split_inclusive('\n') {
            let line = new.next()?;
            let end = start + old.len();
            if line != old {
                let first = versions.partition_point(|(span, _)| span.range().start < start);
                let (span, declaration) = *versions.get(first).filter(|(span, _)| span.range().end < end)?;
                let version = declarations[declaration].version.as_ref()?;
                let range = span.range();
                let length = between(line, old, range.start - start..range.end - start, &version.value)?;
                let shift = moves.shifts.last().map_or(0, |last| last.1) + signed(length) - signed(range.len());
                moves.shifts.push((span.end, shift));
                moves.declarations.insert(declaration);
            }
            start = end;
        }
        new.next().is_none().then_some(moves)
    }

    /// Where something stands now that stood here; within a version, nothing else does.
    fn at(&self, offset: u32) -> u32 {
        let count = self.shifts.partition_point(|(end, _)| *end <= offset);
        let shift = self.shifts[..count].last().map_or(0, |last| last.1);
        u32::try_from(i64::from(offset) + shift).unwrap_or(u32::MAX)
    }

    fn span(&self, span: Span) -> Span {
        Span { file: span.file, start: self.at(span.start), end: self.at(span.end) }
    }

    fn text(&self, text: &Text) -> Text {
        Text { value: text.value.clone(), span: self.span(text.span) }
    }

    fn package(&self, package: &Package) -> Package {
        Package {
            span: self.span(package.span),
            workspace: package.workspace.as_ref().map(|text| self.text(text)),
            ..package.clone()
        }
    }

    fn workspace(&self, workspace: &WorkspaceTable) -> WorkspaceTable {
        WorkspaceTable { members: workspace.members.iter().map(|text| self.text(text)).collect(), ..workspace.clone() }
    }

    fn declaration(&self, text: &str, at: usize, one: &Declaration) -> Declaration {
        let mut version = one.version.as_ref().map(|version| self.text(version));
        let mut requirement = one.requirement.clone();
        if let Some(version) = version.as_mut().filter(|_| self.declarations.contains(&at)) {
            version.value = text[version.span.range()].to_owned();
            requirement = Some(Requirement::parse(&version.value));
        }
        Declaration {
            key_span: self.span(one.key_span),
            version,
            requirement,
            path: one.path.as_ref().map(|path| self.text(path)),
            git: one.git.as_ref().map(|git| self.text(git)),
            reference: one.reference.as_ref().map(|(key, text)| (*key, self.text(text))),
            rev_site: one.rev_site.as_ref().map(|site| PinSite {
                span: self.span(site.span),
                comment: site.comment.map(|comment| self.span(comment)),
                ..site.clone()
            }),
            ..one.clone()
        }
    }
}

/// How long the version is now that stood in this part of a line and had this value; none where anything else differs, or where it
/// could be more than a text between quotes.
fn between(line: &str, old: &str, part: std::ops::Range<usize>, value: &str) -> Option<usize> {
    let (ahead, behind) = (&old[..part.start], &old[part.end..]);
    let is_quoted = [b'"', b'\'']
        .iter()
        .any(|&quote| ahead.as_bytes().last() == Some(&quote) && behind.as_bytes().first() == Some(&quote));
    let new = line.strip_prefix(ahead)?.strip_suffix(behind)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " .,=<>^~*+-".contains(c);
    let is_safe = is_quoted && old[part] == *value && !value.is_empty() && !new.is_empty() && new.chars().all(is_plain);
    is_safe.then_some(new.len())
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::manifest;
    use super::*;
    use crate::text::FileId;

    const OWN: &str = include_str!("../../../Cargo.toml");

    fn shown(manifest: &Manifest) -> String {
        format!("{manifest:#?}")
    }

    /// Reads a text again that was another; whether that was possible without parsing it.
    #[track_caller]
    fn check(before: &str, text: &str) -> bool {
        let read = manifest::read(FileId(7), before);
        let again = manifest::read_again(FileId(7), text, before, &read);
        assert_eq!(shown(&again), shown(&manifest::read(FileId(7), text)), "{before}\n{text}");
        read_again(text, before, &read).is_some()
    }

    const MIXED: &str = "\u{feff}# A comment.\r\n[package]\r\nname = \"x\"\r\nworkspace = \"..\"\r\n[dependencies]\r\na = '1.0' # first\r\n\
        \"b\" = { version = \"1\", git = \"https://example.com/b\", branch = \"main\" }\r\n[dependencies.c]\r\nfeatures = [\r\n\"1\",\r\n]\r\n\
        version = \"\"\"2\"\"\"\r\npath = \"c\"\r\n[workspace]\r\nmembers = [\"m/*\"]\r\n[target.'cfg(unix)'.dev_dependencies]\r\nd.version = \"3\"";

    #[test]
    fn where_versions_alone_differ_nothing_is_parsed() {
        let mixed = MIXED.replace("workspace = \"..\"\r\n", "");
        for (before, after) in
            [("'1.0'", "'=1.0.12'"), ("\"1\", git", "\">= 1, < 2\", git"), ("\"\"2\"", "\"\"*\""), ("3", "no")]
        {
            assert!(mixed.contains(before), "{before}");
            assert!(check(&mixed, &mixed.replacen(before, after, 1)), "{after}");
        }
        let all =
            mixed.replace("'1.0'", "'=1.0.12'").replace("\"1\", git", "\"=1.2\", git").replace("\"3\"", "\"=3.3.3\"");
        assert!(check(&mixed, &all) && check(&all, &mixed));
        assert!(check(OWN, &OWN.replace("\"=", "\"")));
    }

    #[test]
    fn where_anything_else_differs_all_of_it_is() {
        for (before, after) in [
            // What may end the text, or is not what it seems.
            ("'1.0'", "'1.0'b'"),
            ("'1.0'", "'1\\u0030'"),
            ("'1.0'", "\"1.0'"),
            ("\"\"\"2\"\"\"", "\"\"\"2\r\n\"\"\""),
            ("'1.0'", "''"),
            // Something else on the line, or another line.
            ("first", "second"),
            ("main", "next"),
            ("m/*", "n/*"),
            ("[workspace]\r\n", ""),
            ("# A", "\r\n# A"),
            ("path = \"c\"", "path = \"d\""),
        ] {
            assert!(MIXED.contains(before), "{before}");
            assert!(!check(MIXED, &MIXED.replacen(before, after, 1)), "{after}");
        }
        let two = "dependencies = { a = \"1\", b = \"1\" }";
        assert!(!check(two, &two.replacen("\"1\" }", "\"=1.0.0\" }", 1)));
        assert!(
            !check("dependencies = { a = \"1\", b = 1 }", "dependencies = { a = \"2\", b = 1 }"),
            "cargo refuses it"
        );
        assert!(!check("[dependencies]\na = \"\\u0031\"", "[dependencies]\na = \"1\""));
    }

    proptest! {
        /// Lines left out, doubled and changed, and versions: the same reading.
        #[test]
        fn to_read_again_is_to_read(
            edits in prop::collection::vec((0usize..150, 0u8..6, "[ -~]{0,6}"), 0..3),
            versions in prop::collection::vec((0usize..60, "[0-9a-z.=<>^~*+\"'\\\\ -]{0,6}"), 1..8),
        ) {
            let mut text = crate::text::mangled(OWN, edits);
            for (at, version) in versions {
                let Some((start, _)) = text.match_indices("\"=").nth(at) else { continue };
                let Some(length) = text[start + 1..].find('"') else { continue };
                text.replace_range(start + 1..start + 1 + length, &version);
            }
            check(OWN, &text);
            check(&text, OWN);
        }
    }
}
