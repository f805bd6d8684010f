//! Requirements files, and constraints files: line by line as pip reads them.
//!
//! Source: pip's [requirements file format](https://pip.pypa.io/en/stable/reference/requirements-file-format/).

use std::ops::Range;

use super::requirement;
use crate::scanner::Problem;
use crate::scanner::dependency::{Dependency, Pin, Role, Surface};
use crate::scanner::surfaces::Sheet;
use crate::text::{FileId, Span};

/// What else a requirements file says.
#[derive(Debug, Default)]
pub(in crate::scanner) struct Facts {
    /// The files that it takes in.
    pub(super) includes: Vec<Include>,
    /// The names of source files, such as `requirements.in`, that its comments say it was made from.
    pub(super) sources: Vec<String>,
    /// It is only named like a requirements file: what is in it is something else.
    pub(super) is_other: bool,
}

/// `-r` or `-c`.
#[derive(Debug)]
pub(super) struct Include {
    /// The path as written, relative to the file.
    pub(super) path: String,
    /// Whether what is in there only constrains: `-c`.
    pub(super) constrains: bool,
    /// Where it is written.
    pub(super) span: Span,
}

/// What may follow an option that takes in another file, and what it then is.
const OPTIONS: [(&str, Taken); 6] = [
    ("--requirement", Taken::Requirements),
    ("--constraint", Taken::Constraints),
    ("--editable", Taken::Editable),
    ("-r", Taken::Requirements),
    ("-c", Taken::Constraints),
    ("-e", Taken::Editable),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Taken {
    Requirements,
    Constraints,
    Editable,
}

/// Reads a requirements file. One that is certain to be one, by its name or because another takes it in, is held to it; any
/// other is something else where most of its lines are no requirements.
pub(super) fn read(file: FileId, place: &str, text: &str, is_certain: bool) -> (Sheet, Facts) {
    let mut reader = Reader { file, place, role: role(place), sheet: Sheet::default(), facts: Facts::default() };
    if text.contains('\0') {
        let why = "it holds null bytes, as UTF-16 does: save it as UTF-8".to_owned();
        reader.sheet.problems.push(Problem::new(Span::top(file), why));
        return (reader.sheet, reader.facts);
    }
    for range in logical_lines(text) {
        reader.line(range.start, &text[range]);
    }
    let Reader { mut sheet, mut facts, .. } = reader;
    if !is_certain && sheet.problems.len() > sheet.dependencies.len() {
        sheet = Sheet::default();
        facts = Facts { is_other: true, ..Facts::default() };
    }
    (sheet, facts)
}

/// What the requirements in a file are for, by its name: those of `requirements-dev.txt` reach no user.
fn role(place: &str) -> Role {
    let name = place.rsplit('/').next().unwrap_or(place).to_ascii_lowercase();
    let is_dev = |word| matches!(word, "dev" | "test" | "tests" | "testing" | "doc" | "docs" | "lint" | "develop");
    match () {
        () if super::is_constraints(&name) => Role::Override,
        () if name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_dev) => Role::Dev,
        () => Role::Normal,
    }
}

/// The lines as pip joins them: one that ends in `\` goes on in the next, unless it is all comment.
fn logical_lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = usize::from(text.starts_with('\u{feff}')) * 3;
    std::iter::from_fn(move || {
        let start = at;
        while at < text.len() {
            let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
            let line = text[at..end].trim_end_matches('\r');
            at = (end + 1).min(text.len());
            if !line.ends_with('\\') || line.trim_start().starts_with('#') {
                return Some(start..end);
            }
        }
        (start < text.len()).then_some(start..text.len())
    })
}

struct Reader<'t> {
    file: FileId,
    place: &'t str,
    role: Role,
    sheet: Sheet,
    facts: Facts,
}

impl Reader<'_> {
    /// Reads a line that stands at an offset.
    fn line(&mut self, offset: usize, line: &str) {
        let joined;
        let mut line = line;
        if line.contains('\\') {
            // Byte for byte, so that every place stays.
            joined = line.replace("\\\r\n", "   ").replace("\\\n", "  ");
            line = joined.as_str();
        }
        let end = comment(line);
        self.sources(&line[end..]);
        let start = line.len() - line.trim_start().len();
        let (offset, line) = (offset + start, line[start.min(end)..end].trim_end());
        if line.starts_with("<<<<<<< ") {
            let why = "unresolved merge conflict: the file still has git's markers".to_owned();
            self.problem(offset..offset + line.len(), why);
        } else if line == "=======" || line.starts_with(">>>>>>> ") {
            // The first marker was said.
        } else if line.starts_with('-') {
            self.option(offset, line);
        } else if !line.is_empty() && !line.starts_with("{%") {
            self.requirement(offset, line);
        }
    }

    /// The names of source files in a comment, as `pip-compile` and `uv pip compile` leave them.
    fn sources(&mut self, comment: &str) {
        if comment.contains(".in") {
            let words =
                comment.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\'' | '"' | '`' | '/'));
            let names = words.filter(|word| word.ends_with(".in")).map(str::to_owned);
            self.facts.sources.extend(names);
        }
    }

    /// An option: what takes in another file, or something editable; any other changes no version.
    fn option(&mut self, offset: usize, line: &str) {
        let Some((rest, taken)) =
            OPTIONS.into_iter().find_map(|(option, taken)| Some((line.strip_prefix(option)?, taken)))
        else {
            return;
        };
        let is_long = line.starts_with("--");
        if is_long && !rest.starts_with(['=', ' ', '\t']) {
            return;
        }
        let value = rest.trim_start().strip_prefix('=').unwrap_or(rest.trim_start()).trim_start();
        let unquoted = value.trim_start_matches(['"', '\'']);
        let at = offset + (line.len() - unquoted.len());
        let value = unquoted.trim_end().trim_end_matches(['"', '\'']);
        if value.is_empty() {
            return;
        }
        let span = Span::new(self.file, at..at + value.len());
        if taken == Taken::Editable {
            // What looks like a name is a directory of the repository's.
            let is_directory = !value.starts_with('.')
                && value
                    .split('[')
                    .next()
                    .is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)));
            if !is_directory {
                self.requirement(at, value);
            }
        } else if value.contains("://") {
            let mut dependency = requirement::refer(value, self.file, at, self.place, value);
            // Without a hash it is not even the name of a release.
            dependency.pin = if dependency.pin == Pin::Tag { Pin::Latest } else { dependency.pin };
            dependency.role = self.role;
            self.sheet.dependencies.push(dependency);
        } else if !value.contains("${") && !value.contains("{{") {
            let constrains = taken == Taken::Constraints;
            self.facts.includes.push(Include { path: value.replace('\\', "/"), constrains, span });
        }
    }

    /// A requirement with its options, such as `--hash`.
    fn requirement(&mut self, offset: usize, line: &str) {
        let end = options(line);
        let (text, options) = (line[..end].trim_end(), &line[end..]);
        if text.is_empty() {
            return;
        }
        match self.declare(offset, text) {
            Ok(mut dependency) => {
                if has_hash(options) {
                    dependency.pin = Pin::Content;
                }
                dependency.role = self.role;
                self.sheet.dependencies.push(dependency);
            }
            Err(why) => self.problem(offset..offset + text.len(), format!("no requirement that pip reads: {why}")),
        }
    }

    fn declare(&self, offset: usize, text: &str) -> Result<Dependency, String> {
        if text.contains("${") || text.contains("{{") {
            return Ok(self.undecided(offset, text));
        }
        let start = bare(text);
        if is_reference(start) {
            return Ok(requirement::refer(start, self.file, offset, self.place, ""));
        }
        requirement::declare(text, self.file, offset, self.place)
    }

    /// What holds a variable: which version that is, is known where it is installed.
    fn undecided(&self, offset: usize, text: &str) -> Dependency {
        let length = requirement::name_length(text);
        let name = if length == 0 { text } else { &text[..length] };
        let span = Span::new(self.file, offset..offset + text.len());
        let mut dependency = Dependency::new(Surface::Python, name, Pin::Unknown, span);
        dependency.package = requirement::normalize(name);
        dependency.requirement = Some(text.to_owned());
        dependency
    }

    fn problem(&mut self, range: Range<usize>, why: String) {
        self.sheet.problems.push(Problem::new(Span::new(self.file, range), why));
    }
}

/// Where a comment begins: a `#` at the start, or behind a blank; the end where there is none.
fn comment(line: &str) -> usize {
    let bytes = line.as_bytes();
    let is_one = |&at: &usize| at == 0 || bytes[at - 1].is_ascii_whitespace();
    memchr::memchr_iter(b'#', bytes).find(is_one).unwrap_or(line.len())
}

/// Where the options of a requirement begin: a `-` behind a blank.
fn options(line: &str) -> usize {
    let bytes = line.as_bytes();
    memchr::memchr_iter(b'-', bytes).find(|&at| at > 0 && matches!(bytes[at - 1], b' ' | b'\t')).unwrap_or(line.len())
}

fn has_hash(options: &str) -> bool {
    options.match_indices("--hash").any(|(at, option)| {
        let value = options[at + option.len()..].trim_start_matches(['=', ' ', '\t']);
        let length = value.find(char::is_whitespace).unwrap_or(value.len());
        let digits = value[..length].split_once(':').map_or("", |(_, digits)| digits);
        digits.len() >= 56 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// A text without the marker behind a URL or a path: `; …` after a blank.
fn bare(text: &str) -> &str {
    let at = [" ;", "; "].into_iter().filter_map(|mark| text.find(mark)).min();
    at.map_or(text, |at| text[..at].trim_end())
}

/// Whether a text is a URL, a repository or a path, and no requirement by name.
fn is_reference(text: &str) -> bool {
    let name = text.find(['@', ';', '[', ' ', '<', '>', '=', '!', '~']).map_or(text, |at| &text[..at]);
    let is_named = text[name.len()..].trim_start().starts_with('@') && requirement::name_length(name) == name.len();
    !is_named
        && (name.contains("://")
            || text.starts_with("file:")
            || text.starts_with(['.', '/', '~', '\\'])
            || name.contains(['/', '\\'])
            || [".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz"].iter().any(|end| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each declaration as `name requirement pin`, and how many problems there are.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, Pin)], problems: usize) {
        let (sheet, _) = read(FileId(0), "requirements.txt", text, true);
        let got: Vec<(&str, &str, Pin)> = sheet
            .dependencies
            .iter()
            .map(|one| (one.name.as_str(), one.requirement.as_deref().unwrap_or_default(), one.pin))
            .collect();
        assert_eq!(got, expected, "{text:?}");
        assert_eq!(sheet.problems.len(), problems, "{text:?}: {:?}", sheet.problems);
    }

    #[test]
    fn lines_are_read_as_pip_reads_them() {
        check(
            "# x\n\na==1 # y\r\n  b>=2\n--pre\n-i https://e.org\n",
            &[("a", "==1", Pin::Exact), ("b", ">=2", Pin::Range)],
            0,
        );
        check("a[x]==1;os_name=='nt'#y\n", &[], 1);
        check("a\\\n==1\n", &[("a", "==1", Pin::Exact)], 0);
        check("\u{feff}a # b \\\nc\nd", &[("a", "", Pin::Latest), ("d", "", Pin::Latest)], 0);
        check("# b \\\nc", &[("c", "", Pin::Latest)], 0);
    }

    #[test]
    fn hashes_fix_the_content() {
        let hash = "0".repeat(64);
        check(
            &format!("a==1 \\\n    --hash=sha256:{hash} \\\n    --hash=sha256:{hash}\n"),
            &[("a", "==1", Pin::Content)],
            0,
        );
        check("a==1 --hash=md5:00\n", &[("a", "==1", Pin::Exact)], 0);
        check("a>=1 --config-settings=x=y\n", &[("a", ">=1", Pin::Range)], 0);
    }

    #[test]
    fn references_are_no_names() {
        check("-e git+https://e.org/x@v1#egg=y\n", &[("y", "v1", Pin::Tag)], 0);
        check(
            "./x\n-e .\n--editable=../x[y]\n-e sub\n-e sub[y]\n",
            &[("./x", "", Pin::Content), (".", "", Pin::Content), ("../x[y]", "", Pin::Unknown)],
            0,
        );
        let whl = "https://e.org/x-1-py3-none-any.whl";
        check(&format!("{whl} ; os_name=='nt'\n"), &[("x", whl, Pin::Tag)], 0);
        check(&format!("a@{whl}\n"), &[("a", whl, Pin::Tag)], 0);
        check("-r https://e.org/r.txt\n", &[("https://e.org/r.txt", "https://e.org/r.txt", Pin::Latest)], 0);
    }

    #[test]
    fn variables_cannot_be_decided() {
        check("a==${V}\n", &[("a", "a==${V}", Pin::Unknown)], 0);
        check("{% if x %}\nb=={{ v }}\n", &[("b", "b=={{ v }}", Pin::Unknown)], 0);
    }

    #[test]
    fn other_files_are_taken_in() {
        let (_, facts) =
            read(FileId(0), "requirements.txt", "-r a.txt\n-cb.txt\n--requirement=c.txt\n--constraint \"d.txt\"", true);
        let got: Vec<_> =
            facts.includes.iter().map(|one| (one.path.as_str(), one.constrains, one.span.range())).collect();
        assert_eq!(
            got,
            [("a.txt", false, 3..8), ("b.txt", true, 11..16), ("c.txt", false, 31..36), ("d.txt", true, 51..56)]
        );
    }

    #[test]
    fn prose_is_no_requirements_file() {
        let prose = "The service must answer.\nIt shall not float.\nSpeed\n";
        let (sheet, facts) = read(FileId(0), "docs/requirements/speed.txt", prose, false);
        assert!(facts.is_other && sheet.dependencies.is_empty() && sheet.problems.is_empty());
        check(prose, &[("Speed", "", Pin::Latest)], 2);
        check("a\0=\0", &[], 1);
        check(
            "<<<<<<< HEAD\na==1\n=======\na==2\n>>>>>>> b\n",
            &[("a", "==1", Pin::Exact), ("a", "==2", Pin::Exact)],
            1,
        );
    }
}
