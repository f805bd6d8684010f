//! A Cargo.lock exactly as cargo writes it, read line by line.
//!
//! A lockfile is the largest file of a scan, and parsing it as any TOML took a third of the whole. Cargo writes one shape
//! alone, so that shape is read directly, and whatever departs from it by a byte is left to `lockfile.rs`, which reads
//! all of TOML and says what is wrong. A test holds the two to the same result.

use std::ops::Range;

use memchr::memmem;
use rayon::prelude::*;

use super::lockfile::{LockedPackage, Lockfile, edge};
use super::source_id::SourceId;
use crate::text::{FileId, Span};

/// The format's version and the packages of a lockfile; none for what is not exactly as cargo writes it.
pub(super) fn read(file: FileId, text: &str) -> Option<(u32, Vec<LockedPackage>)> {
    let mut reader = Reader { file, version: 1, packages: Vec::new(), package: None, in_edges: false };
    reader.text(text, 0..text.len())?;
    Some((reader.version, reader.packages))
}

/// The same, where a text that was read so was changed: packages whose text stayed are not read again, but taken over from there, in
/// their new places. What one says depends on its own text and on the format's version alone.
pub(super) fn read_again(file: FileId, text: &str, before: &str, read: &Lockfile) -> Option<(u32, Vec<LockedPackage>)> {
    let (head, blocks) = blocks(text);
    let (old_head, old_blocks) = self::blocks(before);
    // Packages that come or go leave none of the others in its place: that is read as a whole.
    if head != old_head || blocks.len() != old_blocks.len() || blocks.len() != read.packages.len() {
        return self::read(file, text);
    }
    let pairs = blocks.par_iter().zip(&old_blocks).zip(&read.packages).with_min_len(PACKAGES_AT_ONCE);
    let one = |((block, old), package): ((&Range<usize>, &Range<usize>), &LockedPackage)| {
        if text[block.clone()] == before[old.clone()] {
            return Some(moved(package, old.start, block.start));
        }
        let mut reader = Reader { file, version: read.version, packages: Vec::new(), package: None, in_edges: false };
        reader.text(text, block.clone())?;
        <[LockedPackage; 1]>::try_from(reader.packages).ok().map(|[package]| package)
    };
    Some((read.version, pairs.map(one).collect::<Option<_>>()?))
}

/// How many packages are taken over by one thread at least.
const PACKAGES_AT_ONCE: usize = 64;

/// What precedes the first package, and the range of each package's text.
fn blocks(text: &str) -> (&str, Vec<Range<usize>>) {
    let starts: Vec<usize> = memmem::find_iter(text.as_bytes(), "\n[[package]]").map(|at| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let blocks = starts.iter().zip(ends).map(|(&start, end)| start..end).collect();
    (&text[..starts.first().copied().unwrap_or(text.len())], blocks)
}

/// A package whose text was moved as a whole.
fn moved(package: &LockedPackage, from: usize, to: usize) -> LockedPackage {
    let mut package = package.clone();
    let spans = package.edges.iter_mut().chain(&mut package.replace).map(|edge| &mut edge.span);
    for span in spans.chain(&mut package.source_span).chain([&mut package.span]) {
        let range = span.range();
        *span = Span::new(span.file, range.start - from + to..range.end - from + to);
    }
    package
}

/// A package while it is read.
#[derive(Default)]
struct Partial<'t> {
    name: Option<(&'t str, Span)>,
    version: Option<&'t str>,
    source: Option<(&'t str, Span)>,
    checksum: Option<&'t str>,
    edges: Option<Vec<super::lockfile::Edge>>,
}

struct Reader<'t> {
    file: FileId,
    version: u32,
    packages: Vec<LockedPackage>,
    package: Option<Partial<'t>>,
    in_edges: bool,
}

impl<'t> Reader<'t> {
    /// Reads a part of a text that begins and ends between packages.
    fn text(&mut self, text: &'t str, range: Range<usize>) -> Option<()> {
        let mut start = range.start;
        while start < range.end {
            let end = memchr::memchr(b'\n', &text.as_bytes()[start..range.end]).map_or(range.end, |at| start + at);
            let line = &text[start..end];
            self.line(line.strip_suffix('\r').unwrap_or(line), start)?;
            start = end + 1;
        }
        self.close()
    }

    fn line(&mut self, line: &'t str, start: usize) -> Option<()> {
        let encoded = self.version >= 4;
        if self.in_edges {
            if line == "]" {
                self.in_edges = false;
                return Some(());
            }
            let text = plain(line.strip_prefix(" \"")?.strip_suffix("\",")?)?;
            let span = Span::new(self.file, start + 2..start + 2 + text.len());
            self.package.as_mut()?.edges.as_mut()?.push(edge(text, span, encoded)?);
            return Some(());
        }
        if line.is_empty() {
            return Some(());
        }
        if line == "[[package]]" {
            self.close()?;
            self.package = Some(Partial::default());
            return Some(());
        }
        let Some(package) = &mut self.package else { return self.head(line) };
        let (key, value) = line.split_at(memchr::memchr(b' ', line.as_bytes())?);
        let value = value.strip_prefix(" = ")?;
        if key == "dependencies" {
            self.in_edges = true;
            return (value == "[" && package.edges.replace(Vec::new()).is_none()).then_some(());
        }
        let value = plain(value.strip_prefix('"')?.strip_suffix('"')?)?;
        let before = match key {
            "name" => {
                let at = start + "name = \"".len();
                package.name.replace((value, Span::new(self.file, at..at + value.len()))).map(|(name, _)| name)
            }
            "version" => package.version.replace(value),
            "source" => {
                let at = start + "source = \"".len();
                let span = Span::new(self.file, at..at + value.len());
                package.source.replace((value, span)).map(|(source, _)| source)
            }
            "checksum" => package.checksum.replace(value),
            _ => return None,
        };
        // A key that stands twice is a mistake.
        before.is_none().then_some(())
    }

    /// A line before the first package: a comment, or the version.
    fn head(&mut self, line: &str) -> Option<()> {
        if line.starts_with('#') {
            return line.bytes().all(|byte| byte >= b' ' && byte != 0x7f).then_some(());
        }
        let version = match line {
            "version = 3" => 3,
            "version = 4" => 4,
            _ => return None,
        };
        (self.version == 1).then(|| self.version = version)
    }

    /// Ends the package that was being read.
    fn close(&mut self) -> Option<()> {
        if self.in_edges {
            return None;
        }
        let Some(package) = self.package.take() else { return Some(()) };
        let (name, span) = package.name?;
        let encoded = self.version >= 4;
        self.packages.push(LockedPackage {
            name: name.to_owned(),
            parsed: semver::Version::parse(package.version?).ok(),
            version: package.version?.to_owned(),
            source: package.source.map(|(source, _)| SourceId::parse(source, encoded)),
            source_span: package.source.map(|(_, span)| span),
            checksum: package.checksum.map(str::to_owned),
            edges: package.edges.unwrap_or_default(),
            replace: None,
            span,
        });
        Some(())
    }
}

/// The text of a string literal in which every byte stands for itself.
fn plain(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f)).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lockfile;
    use super::*;

    const LOCK: &str = include_str!("../../../Cargo.lock");

    /// Where a text is read line by line, it means the same as read as TOML.
    #[track_caller]
    fn check(text: &str) -> bool {
        let file = FileId(7);
        let Some((version, packages)) = read(file, text) else { return false };
        let whole = lockfile::read_any(file, text);
        assert_eq!((version, &packages), (whole.version, &whole.packages), "{text}");
        assert_eq!(whole.unused, []);
        true
    }

    #[test]
    fn our_own_lockfile_is_as_cargo_writes_it() {
        assert!(check(LOCK));
        assert!(check(&LOCK.replace('\n', "\r\n")));
        assert!(check(&LOCK.replace("version = 4\n", "")));
    }

    #[test]
    fn what_departs_from_it_is_left_alone() {
        for (from, to) in [
            ("name = \"anstream\"", "name = 'anstream'"),
            ("name = \"anstream\"", "name = \"anstr\\u0065am\""),
            ("name = \"anstream\"", "name = \"anstream\"\nname = \"anstream\""),
            ("version = 4", "version = 4\nversion = 4"),
            ("version = 4", "version = 5"),
            ("version = 4", "\u{feff}version = 4"),
            ("[[package]]", "[root]"),
            ("dependencies = [\n", "dependencies = [ "),
            ("checksum = ", "check = "),
            // What TOML does not let stand in a comment.
            ("version = 4", "# \u{1}\nversion = 4"),
            ("version = 4", "# \u{7f}\nversion = 4"),
        ] {
            assert!(LOCK.contains(from), "{from}");
            assert!(read(FileId(0), &LOCK.replacen(from, to, 1)).is_none(), "{to}");
        }
        assert!(read(FileId(0), &format!("{LOCK}\n[metadata]\n")).is_none());
        assert!(read(FileId(0), &LOCK[..LOCK.rfind("\n]").expect("edges")]).is_none());
    }

    proptest! {
        /// Lines left out, doubled and changed: the same reading, or none.
        #[test]
        fn the_two_readers_agree(edits in prop::collection::vec((0usize..400, 0u8..6, "[ -~]{0,6}"), 1..5)) {
            check(&mangled(edits));
        }

        /// The same of a text that was read before with another one, whatever became of it.
        #[test]
        fn to_read_again_is_to_read(edits in prop::collection::vec((0usize..400, 0u8..6, "[ -~]{0,6}"), 1..5)) {
            let before = mangled(Vec::new());
            let read = lockfile::read(FileId(7), &before);
            let text = mangled(edits);
            prop_assert_eq!(again(&text, &before, &read), shown(&lockfile::read(FileId(7), &text)));
            // And back.
            let read = lockfile::read(FileId(7), &text);
            prop_assert_eq!(again(&before, &text, &read), shown(&lockfile::read(FileId(7), &before)));
        }
    }

    /// The commit and the places count here, which make no difference to whether two sources are the same.
    fn shown(lock: &Lockfile) -> String {
        format!("{lock:#?}")
    }

    fn again(text: &str, before: &str, read: &Lockfile) -> String {
        shown(&lockfile::read_again(FileId(7), text, before, read))
    }

    /// The first lines of our lockfile, with these changed.
    fn mangled(edits: Vec<(usize, u8, String)>) -> String {
        let end = LOCK.match_indices('\n').nth(399).map_or(LOCK.len(), |(at, _)| at);
        crate::text::mangled(&LOCK[..end], edits)
    }

    const GIT: &str = "version = 4\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\n \"left 0.1.0 (git+https://example.com/left?branch=a%2Fb)\",\n]\n\n\
        [[package]]\nname = \"left\"\nversion = \"0.1.0\"\nsource = \"git+https://example.com/left?branch=a%2Fb#3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345\"\n";

    #[test]
    fn references_are_encoded_in_version_4_alone() {
        for (text, reference) in
            [(GIT, "a/b"), (&GIT.replace("= 4", "= 3"), "a%2Fb"), (&GIT.replace("version = 4\n", ""), "a%2Fb")]
        {
            assert!(check(text));
            let (_, packages) = read(FileId(0), text).expect("it is as cargo writes it");
            let source = packages[0].edges[0].source.as_ref().expect("it has one");
            assert_eq!(source.reference, Some(("branch", reference.to_owned())));
            assert_eq!(packages[1].source.as_ref(), Some(source));
        }
    }

    #[test]
    fn what_is_no_change_within_packages_is_read_as_a_whole() {
        let package =
            |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        let (a, b, c) = (package("a", "1.0.0"), package("b", "1.0.0"), package("c", "1.0.0"));
        let headed = |packages: &str| format!("version = 4\n\n{packages}");
        let unknown = format!("{GIT}\n[metadata]\nkey = \"value\"\n");
        for (before, text) in [
            // The version of the format; a package more, and one less.
            (GIT.to_owned(), GIT.replace("= 4", "= 3")),
            (headed(&format!("{a}{b}")), headed(&format!("{a}{b}{c}"))),
            (headed(&format!("{a}{b}{c}")), headed(&format!("{a}{c}"))),
            // Without anything ahead of the first package, or with an empty line alone.
            (format!("{a}{b}"), format!("{a}{}", package("b", "1.0.1"))),
            (format!("{a}{b}"), format!("{a}{b}{c}")),
            (format!("\n{a}{b}"), format!("\n{a}{}", package("b", "1.0.1"))),
            // Before, it was not as cargo writes it.
            (unknown.clone(), unknown.replacen("0.1.0", "0.1.1", 1)),
        ] {
            let read = lockfile::read(FileId(7), &before);
            assert_eq!(again(&text, &before, &read), shown(&lockfile::read(FileId(7), &text)), "{before}{text}");
            // Of another file nothing can be taken over.
            let other = lockfile::read_again(FileId(8), &before, &before, &read);
            assert_eq!(shown(&other), shown(&lockfile::read(FileId(8), &before)), "{before}");
        }
    }

    /// What a fix does to a lockfile: sources get longer, in packages and in edges.
    #[test]
    fn what_moves_is_in_its_new_place() {
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        let git =
            |reference: &str| LOCK.replacen(source, &format!("git+https://example.com/a?{reference}#{:040}", 7), 3);
        let (before, text) = (git("branch=main"), git(&format!("rev={:040}", 7)));
        let read = lockfile::read(FileId(7), &before);
        assert_eq!(again(&text, &before, &read), shown(&lockfile::read(FileId(7), &text)));
    }
}
