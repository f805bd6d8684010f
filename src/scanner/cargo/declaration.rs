//! One entry of a dependency table, as written.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::requirement::Requirement;
use super::source_id;
use crate::scanner::Problem;
use crate::scanner::dependency::{PinSite, Role};
use crate::scanner::document::{self, Document, Table, Text};
use crate::text::Span;

/// The table that an entry is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// What the table is for.
    pub role: Role,
    /// Its TOML path, keys as written.
    pub table: String,
    /// For `[patch.X]`: the registry or URL that it patches.
    pub patched: Option<String>,
}

/// One entry of a dependency table.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The table.
    pub heading: Heading,
    /// The key.
    pub key: String,
    /// The key's own text.
    pub key_span: Span,
    /// `package`, a rename.
    pub package: Option<String>,
    /// `version`, or the whole value where it is a string.
    pub version: Option<Text>,
    /// That, read.
    pub requirement: Option<Requirement>,
    /// `path`.
    pub path: Option<Text>,
    /// `git`.
    pub git: Option<Text>,
    /// The canonical form of its URL, or of the registry's index where that is written here.
    pub canonical: Option<String>,
    /// The reference of a git dependency, with its key.
    pub reference: Option<(&'static str, Text)>,
    /// `registry`, a name from cargo's configuration.
    pub registry: Option<String>,
    /// `registry-index`, a URL.
    pub registry_index: Option<String>,
    /// `base`: the path is relative to a directory that cargo's configuration names.
    pub based: bool,
    /// `optional = true`.
    pub optional: bool,
    /// `workspace = true`.
    pub inherited: bool,
    /// Where a git dependency takes a `rev`.
    pub rev_site: Option<PinSite>,
    /// A key that looks like a misspelling of one that says where the package comes from.
    pub misspelled: Option<(String, &'static str)>,
}

impl Declaration {
    /// The real name of the package, which the lockfile knows.
    #[must_use]
    pub fn package_name(&self) -> &str {
        match (&self.package, self.heading.role) {
            (Some(package), _) => package,
            // A key of `[replace]` is a package id: a name, or `name:version`.
            (None, Role::Replace) => self.key.split_once(':').map_or(&self.key, |(name, _)| name),
            (None, _) => &self.key,
        }
    }
}

/// The keys of a detailed dependency; those that say where it comes from, first.
const KEYS: [&str; 21] = [
    "version",
    "path",
    "git",
    "workspace",
    "branch",
    "tag",
    "rev",
    "registry",
    "registry-index",
    "package",
    "features",
    "optional",
    "default-features",
    "default_features",
    "public",
    "artifact",
    "lib",
    "target",
    "base",
    "unstable",
    "registry_index",
];

/// Reads an entry; what cargo refuses becomes a problem.
pub(super) fn read(
    document: Document<'_>,
    heading: &Heading,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
) -> Option<Declaration> {
    let mut declaration = Declaration {
        heading: heading.clone(),
        key: key.get_ref().to_string(),
        key_span: document.span(key.span()),
        package: None,
        version: document.string(value),
        requirement: None,
        path: None,
        git: None,
        canonical: None,
        reference: None,
        registry: None,
        registry_index: None,
        based: false,
        optional: false,
        inherited: false,
        rev_site: None,
        misspelled: None,
    };
    if let Some(version) = &declaration.version {
        declaration.requirement = Some(Requirement::parse(&version.value));
        return Some(declaration);
    }
    let Some(table) = value.get_ref().as_table() else {
        let message = format!("dependency `{}` is neither a version nor a table: cargo refuses it", declaration.key);
        problems.push(Problem::new(document.span(value.span()), message));
        return None;
    };
    detail(document, table, &mut declaration, problems);
    declaration.rev_site = rev_site(document, table);
    Some(declaration)
}

fn detail(document: Document<'_>, table: &Table<'_>, declaration: &mut Declaration, problems: &mut Vec<Problem>) {
    let value = |key: &str| document.get(table, key).map(|text| text.value);
    declaration.version = document.get(table, "version");
    declaration.requirement = declaration.version.as_ref().map(|version| Requirement::parse(&version.value));
    declaration.package = value("package");
    declaration.path = document.get(table, "path");
    declaration.git = document.get(table, "git");
    // Cargo's own name for what is meant without one.
    declaration.registry = value("registry").filter(|name| name != "crates-io");
    declaration.registry_index = value("registry-index");
    let url = declaration.git.as_ref().map(|git| git.value.as_str()).or(declaration.registry_index.as_deref());
    declaration.canonical = url.and_then(|url| source_id::canonical(source_id::without_protocol(url)));
    declaration.based = table.contains_key("base");
    declaration.optional = document::flag(table, "optional");
    declaration.inherited = document::flag(table, "workspace");
    let references = ["branch", "tag", "rev"].map(|key| (key, document.get(table, key)));
    let mut given = references.into_iter().filter_map(|(key, text)| Some((key, text?)));
    declaration.reference = given.next();
    if let (Some((first, _)), Some((second, text))) = (&declaration.reference, given.next()) {
        let message = format!("dependency `{}` has both `{first}` and `{second}`: cargo refuses it", declaration.key);
        problems.push(Problem::new(text.span, message));
    }
    // An entry that is only inherited from is looked at when somebody does.
    let is_own = declaration.heading.role != Role::Workspace;
    let beside_git = ["path", "registry", "registry-index"].into_iter().filter(|_| is_own && declaration.git.is_some());
    if let Some((key, _)) = beside_git.filter_map(|key| table.get_key_value(key)).next() {
        let message =
            format!("dependency `{}` has both `git` and `{}`: cargo refuses it", declaration.key, key.get_ref());
        problems.push(Problem::new(document.span(key.span()), message));
    }
    if let Some(value) = table.get("optional").filter(|_| !is_own && declaration.optional) {
        let message = format!("dependency `{}` of the workspace cannot be optional: cargo refuses it", declaration.key);
        problems.push(Problem::new(document.span(value.span()), message));
    }
    if let Some(value) = table.get("workspace").filter(|value| value.get_ref().as_bool() == Some(false)) {
        let message = format!("`workspace` of dependency `{}` cannot be false: cargo refuses it", declaration.key);
        problems.push(Problem::new(document.span(value.span()), message));
    }
    for key in ["version", "path", "git", "branch", "tag", "rev"] {
        if let Some(value) = table.get(key).filter(|value| value.get_ref().as_str().is_none()) {
            let message = format!("`{key}` of dependency `{}` is not a string: cargo refuses it", declaration.key);
            problems.push(Problem::new(document.span(value.span()), message));
        }
    }
    // Of use where nothing else says what it is.
    if declaration.version.is_none() {
        declaration.misspelled = table.keys().find_map(|key| misspelling(key.get_ref()));
    }
}

/// The key that an unknown one was probably meant to be.
fn misspelling(key: &str) -> Option<(String, &'static str)> {
    if KEYS.contains(&key) {
        return None;
    }
    let near = KEYS[..4].iter().copied().find(|known| strsim::damerau_levenshtein(key, known) <= 2)?;
    Some((key.to_owned(), near))
}

/// Where a git dependency takes its `rev`: in place of its reference, key and all, or behind the URL.
fn rev_site(document: Document<'_>, table: &Table<'_>) -> Option<PinSite> {
    let reference = ["branch", "tag"].iter().find_map(|key| table.get_key_value(*key));
    if let Some(rev) = document.get(table, "rev") {
        let comment = room(document, rev.span.range().end + 1);
        return Some(PinSite { span: rev.span, before: String::new(), after: String::new(), comment });
    }
    if let Some((key, value)) = reference {
        let span = document.span(key.span().start..value.span().end);
        let comment = room(document, span.range().end);
        return Some(PinSite { span, before: "rev = \"".to_owned(), after: "\"".to_owned(), comment });
    }
    let (key, url) = table.get_key_value("git")?;
    let (key, end) = (key.span().start, url.span().end);
    let (before, rest) = (&document.text[..key], &document.text[end..]);
    if is_in_inline_table(rest) {
        // Spelled like the URL's key: `rev` in a table of its own, `name.rev` among dotted keys.
        let before = format!(", {}rev = \"", &before[path_start(before)..]);
        return Some(PinSite { span: document.span(end..end), before, after: "\"".to_owned(), comment: None });
    }
    // A line of its own, below the URL's.
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let prefix = before[line_start..].trim_start_matches('\u{feff}');
    let (line_end, newline) = match rest.find('\n') {
        Some(at) if rest[..at].ends_with('\r') => (at - 1, "\r\n"),
        Some(at) => (at, "\n"),
        None => (rest.len(), if document.text.contains("\r\n") { "\r\n" } else { "\n" }),
    };
    let end = end + line_end;
    Some(PinSite {
        span: document.span(end..end),
        before: format!("{newline}{prefix}rev = \""),
        after: "\"".to_owned(),
        comment: None,
    })
}

/// The end of the line on which a value ends, if nothing but the ends of inline tables follows it: there a comment can be
/// added, which changes nothing.
fn room(document: Document<'_>, mut end: usize) -> Option<Span> {
    let rest = &document.text[end..];
    let line = rest.split('\n').next().unwrap_or(rest);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let (mut quote, mut is_escaped) = (None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some('"'), '\\') if !is_escaped => {
                is_escaped = true;
                continue;
            }
            (Some(mark), c) if c == mark && !is_escaped => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            // A comment is there already.
            (None, '#') => return None,
            (None, _) => {}
        }
        is_escaped = false;
    }
    let closed = line.trim_end_matches([' ', '\t']);
    end += closed.len();
    // What ends within a string or behind a comma goes on.
    let is_whole = quote.is_none() && (closed.is_empty() || closed.ends_with('}'));
    is_whole.then(|| document.span(end..end))
}

/// Whether what follows a value shows that it is in an inline table: nothing else goes on with a comma or closes.
fn is_in_inline_table(mut rest: &str) -> bool {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.find('\n').map_or("", |at| &comment[at..]),
            None => return rest.starts_with([',', '}']),
        }
    }
}

/// Where the dotted path starts whose last key stands right behind `before`.
fn path_start(before: &str) -> usize {
    let mut at = before.len();
    while let Some(path) = before[..at].trim_end_matches([' ', '\t']).strip_suffix('.') {
        let path = path.trim_end_matches([' ', '\t']);
        at = match path.chars().next_back() {
            Some(quote @ ('"' | '\'')) => {
                let is_escaped = |at: usize| quote == '"' && path[..at].ends_with('\\');
                let opening = path[..path.len() - 1].rmatch_indices(quote).map(|(at, _)| at);
                opening.into_iter().find(|&at| !is_escaped(at)).unwrap_or(0)
            }
            _ => path.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-').len(),
        };
    }
    at
}
