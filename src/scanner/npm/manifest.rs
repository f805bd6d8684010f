//! package.json: what it declares, and which packages are of its workspace.

use jsonc_parser::ast::{Object, Value};

use super::json::{self, Document, Text};
use super::spec::{self, Kind, Spec};
use super::{Facts, Manager};
use crate::scanner::Problem;
use crate::scanner::dependency::{Dependency, Origin, Pin, PinSite, Role, Surface};
use crate::scanner::surfaces::{self, Sheet};
use crate::source::parent;
use crate::text::FileId;

/// How deep overrides are read.
const MAX_DEPTH: usize = 128;

/// The most patterns of workspaces that are read of a manifest: each is held against every manifest below it.
pub(super) const MAX_PATTERNS: usize = 1000;

/// What other files need to know of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::scanner) struct Manifest {
    /// The package's name.
    pub(super) name: Option<String>,
    /// Its version.
    pub(super) version: Option<String>,
    /// The patterns of the packages of its workspace.
    pub(super) workspaces: Vec<String>,
    /// The package manager that it names.
    pub(super) manager: Option<Manager>,
    /// The entries of catalogs that it uses.
    pub(super) uses: Vec<CatalogUse>,
}

/// The use of an entry of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CatalogUse {
    /// The catalog's name.
    pub(super) catalog: String,
    /// The package.
    pub(super) name: String,
    /// What it is for.
    pub(super) role: Role,
}

/// Where declarations stand while they are read, and what was read of them.
pub(super) struct Reader<'t> {
    pub(super) document: Document<'t>,
    /// The directory of the file.
    pub(super) directory: &'t str,
    /// The package that declares them.
    pub(super) owner: Option<String>,
    /// The declarations.
    pub(super) dependencies: Vec<Dependency>,
    /// The entries of catalogs that are used.
    pub(super) uses: Vec<CatalogUse>,
}

/// Reads a manifest. What is none but a template of one is left alone.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let document = Document::new(file, text);
    // An empty file declares nothing, and is in many a test of package managers.
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Sheet::default();
    }
    let value = match document.parse() {
        Ok(value) => value,
        Err(_) if ["{{", "<%", "{%"].iter().any(|mark| text.contains(mark)) => return Sheet::default(),
        Err(problem) => return Sheet { problems: vec![problem], ..Sheet::default() },
    };
    let Some(root) = value.as_object() else {
        let problem = Problem::new(document.span(0..0), "not a package.json: no object".to_owned());
        return Sheet { problems: vec![problem], ..Sheet::default() };
    };
    let name = json::string(root, "name").filter(|name| !name.is_empty());
    let mut reader =
        Reader { document, directory: parent(place), owner: name.clone(), dependencies: Vec::new(), uses: Vec::new() };
    let overridden = overridden(root);
    for (table, role) in [
        ("dependencies", Role::Normal),
        ("devDependencies", Role::Dev),
        ("optionalDependencies", Role::Normal),
        ("peerDependencies", Role::Peer),
    ] {
        json::get(root, table).into_iter().for_each(|value| reader.table(table, role, value));
    }
    // npm refuses a direct dependency that is not what an override of it says: both are to be moved by hand.
    for dependency in &mut reader.dependencies {
        if overridden.contains(&dependency.name.as_str()) {
            dependency.site = None;
        }
    }
    reader.overrides(root);
    let workspaces = json::get(root, "workspaces");
    let inside = workspaces.and_then(Value::as_object);
    for holder in [Some(root), inside].into_iter().flatten() {
        reader.catalogs(holder);
    }
    let manager = json::get(root, "packageManager").and_then(Value::as_string_lit);
    let manager = manager.and_then(|literal| reader.manager(document.text(literal)));
    let patterns = inside.map_or(workspaces, |inside| json::get(inside, "packages"));
    let mut workspaces = patterns.map(json::strings).unwrap_or_default();
    workspaces.truncate(MAX_PATTERNS);
    let facts = Manifest { name, version: json::string(root, "version"), workspaces, manager, uses: reader.uses };
    Sheet { dependencies: reader.dependencies, facts: surfaces::Facts::Npm(Facts::Manifest(facts)), ..Sheet::default() }
}

/// The names that npm's overrides replace with a specifier of their own.
fn overridden<'v>(root: &'v Object<'_>) -> Vec<&'v str> {
    let entries = json::object(root, "overrides").map(json::entries).unwrap_or_default();
    let is_own = |value: &Value<'_>| value.as_string_lit().is_none_or(|literal| !literal.value.starts_with('$'));
    entries.into_iter().filter(|(_, value)| is_own(value)).map(|(key, _)| package_of(key)).collect()
}

impl Reader<'_> {
    /// The declarations of a table: names with specifiers.
    fn table(&mut self, table: &str, role: Role, value: &Value<'_>) {
        match value {
            Value::Object(object) => {
                for (name, value) in json::entries(object) {
                    self.entry(table, role, name, name, value);
                }
            }
            // npm once took a list of names.
            Value::Array(array) => {
                for literal in array.elements.iter().filter_map(Value::as_string_lit) {
                    let text = self.document.text(literal);
                    let mut dependency = Dependency::new(Surface::Npm, text.value.clone(), Pin::Unknown, text.span);
                    dependency.invalid = Some("a list of names has no versions".to_owned());
                    self.keep(dependency, table, role);
                }
            }
            _ => {}
        }
    }

    /// One declaration.
    fn entry(&mut self, table: &str, role: Role, name: &str, package: &str, value: &Value<'_>) {
        match value.as_string_lit() {
            Some(literal) => {
                let text = self.document.text(literal);
                self.declare(table, role, name, package, text);
            }
            None => {
                use jsonc_parser::common::Ranged;
                let range = value.range();
                let span = self.document.span(range.start..range.end);
                let mut dependency = Dependency::new(Surface::Npm, name, Pin::Unknown, span);
                dependency.invalid = Some("no string".to_owned());
                self.keep(dependency, table, role);
            }
        }
    }

    /// What a text declares of a package, if it declares anything.
    pub(super) fn declare(&mut self, table: &str, role: Role, name: &str, package: &str, text: Text) {
        let Spec { kind, pin, origin, package: other, invalid, prefix } = spec::parse(&text.value, self.directory);
        match (kind, role) {
            (Kind::Catalog, _) => {
                let catalog = spec::catalog(&text.value).unwrap_or_default().to_owned();
                return self.uses.push(CatalogUse { catalog, name: name.to_owned(), role });
            }
            (Kind::Elsewhere, Role::Override) => return,
            _ => {}
        }
        let mut dependency = Dependency::new(Surface::Npm, name, pin, text.span);
        dependency.package = other.unwrap_or_else(|| package.to_owned());
        (dependency.origin, dependency.invalid) = (origin, invalid);
        if kind == Kind::Elsewhere {
            dependency.invalid = Some("a reference that means something in overrides alone".to_owned());
        }
        let before = text.value.get(..prefix).unwrap_or_default();
        // What would have to be escaped is not worth a fix.
        let is_plain = before.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'\''));
        if kind == Kind::Registry && is_plain && matches!(role, Role::Normal | Role::Dev | Role::Workspace) {
            dependency.site =
                Some(PinSite { span: text.span, before: before.to_owned(), after: String::new(), comment: None });
        }
        dependency.requirement = Some(text.value);
        self.keep(dependency, table, role);
    }

    fn keep(&mut self, mut dependency: Dependency, table: &str, role: Role) {
        dependency.table = table.to_owned();
        dependency.role = role;
        dependency.owner.clone_from(&self.owner);
        self.dependencies.push(dependency);
    }

    /// What is taken in place of what packages ask for: npm's `overrides`, Yarn's `resolutions`, pnpm's `pnpm.overrides`.
    fn overrides(&mut self, root: &Object<'_>) {
        let pnpm = json::object(root, "pnpm").and_then(|pnpm| json::object(pnpm, "overrides"));
        let tables = [
            ("overrides", json::object(root, "overrides")),
            ("resolutions", json::object(root, "resolutions")),
            ("pnpm.overrides", pnpm),
        ];
        for (table, object) in tables {
            object.into_iter().for_each(|object| self.nested(table, "", object, 0));
        }
    }

    fn nested(&mut self, table: &str, above: &str, object: &Object<'_>, depth: usize) {
        for (key, value) in json::entries(object) {
            let name = if key == "." { above } else { key };
            match value {
                Value::Object(inner) if depth < MAX_DEPTH => {
                    self.nested(&format!("{table}.{key}"), name, inner, depth + 1);
                }
                value => self.entry(table, Role::Override, name, package_of(name), value),
            }
        }
    }

    /// The catalogs of a manifest, as Bun has them.
    fn catalogs(&mut self, holder: &Object<'_>) {
        if let Some(value) = json::get(holder, "catalog") {
            self.table("catalog", Role::Workspace, value);
        }
        for (name, value) in json::object(holder, "catalogs").map(json::entries).unwrap_or_default() {
            self.table(&format!("catalogs.{name}"), Role::Workspace, value);
        }
    }

    /// `packageManager`: `pnpm@9.1.0`, with the hash of its archive behind a `+` if there is one.
    fn manager(&mut self, text: Text) -> Option<Manager> {
        let (name, version) = text.value.split_once('@').unwrap_or((&text.value, ""));
        let (bare, hash) = version.split_once('+').unwrap_or((version, ""));
        let (url, fragment) = version.split_once('#').unwrap_or((version, ""));
        let is_hash =
            |text: &str| text.split_once('.').is_some_and(|(kind, hash)| kind.starts_with("sha") && !hash.is_empty());
        let spec = spec::parse(bare, "");
        let (pin, origin) = match spec.kind {
            _ if url.starts_with("https://") => {
                (if is_hash(fragment) { Pin::Content } else { Pin::Tag }, Origin::Url(url.to_owned()))
            }
            Kind::Registry if spec.pin == Pin::Exact && is_hash(hash) => (Pin::Content, Origin::Surface),
            Kind::Registry => (spec.pin, Origin::Surface),
            _ => (Pin::Unknown, Origin::Surface),
        };
        let mut span = text.span;
        // The version alone, unless escapes hide where it is.
        let width = u32::try_from(version.len()).unwrap_or(u32::MAX);
        if (span.end - span.start) as usize == text.value.len() && !version.is_empty() {
            span.start = span.end - width;
        }
        let mut dependency = Dependency::new(Surface::Npm, name, pin, span);
        (dependency.origin, dependency.requirement) = (origin, Some(version.to_owned()));
        let manager = Manager::ALL.into_iter().find(|manager| manager.name() == name);
        self.keep(dependency, "packageManager", Role::Use);
        manager
    }
}

/// The package that a key of overrides is about: `foo` in `foo@^1`, `bar` in `foo>bar` and `foo/**/bar`.
pub(super) fn package_of(key: &str) -> &str {
    let last = key.rsplit('>').next().unwrap_or(key).trim();
    let bare = match last.get(1..).and_then(|tail| tail.find('@')) {
        Some(at) if !last[..=at].contains('/') || last.starts_with('@') => &last[..=at],
        _ => last,
    };
    match bare.rfind("/@") {
        Some(at) => &bare[at + 1..],
        None if bare.starts_with('@') && bare.matches('/').count() == 1 => bare,
        None => bare.rsplit('/').next().unwrap_or(bare),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_package_of_a_key() {
        for (key, package) in [
            ("foo", "foo"),
            ("foo@^1", "foo"),
            ("@a/foo", "@a/foo"),
            ("@a/foo@npm:^1", "@a/foo"),
            ("foo>bar", "bar"),
            ("foo@1>@a/bar@2", "@a/bar"),
            ("**/bar", "bar"),
            ("foo/**/bar", "bar"),
            ("foo/@a/bar", "@a/bar"),
            ("@a/foo/bar", "bar"),
            ("", ""),
            ("@", "@"),
        ] {
            assert_eq!(package_of(key), package, "{key}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is in it: nothing panics, and each span is what is written there.
        #[test]
        fn spans_are_what_is_written(
            tables in prop::collection::vec(
                (
                    prop::sample::select(vec!["dependencies", "overrides", "resolutions", "catalog", "packageManager", "x"]),
                    prop::collection::vec(("[a@/>ü.*^1\\-]{0,6}", "[\\^~1.:@/#ü x$npm-]{0,12}"), 0..4),
                ),
                0..4,
            ),
            junk in "[{}\\[\\]:,\"/*\\\\n u0]{0,6}",
        ) {
            let entry = |(name, value): &(String, String)| {
                if name.contains('.') { format!("\"{name}\": {{ \"{name}\": \"{value}\" }}") } else { format!("\"{name}\": \"{value}\"") }
            };
            let table = |(name, entries): &(&str, Vec<(String, String)>)| match entries.first() {
                Some((_, value)) if *name == "packageManager" => format!("\"{name}\": \"{value}\""),
                _ => format!("\"{name}\": {{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", ")),
            };
            let whole = format!("{{ {} }}", tables.iter().map(table).collect::<Vec<_>>().join(",\n"));
            for text in [whole.clone(), format!("{whole}{junk}"), format!("{}{junk}", &whole[..whole.len() / 2 - usize::from(!whole.is_char_boundary(whole.len() / 2))])] {
                let sheet = read(FileId(0), "a/package.json", &text);
                for dependency in &sheet.dependencies {
                    let written = &text[dependency.span.range()];
                    let requirement = dependency.requirement.as_deref().unwrap_or(written);
                    let is_bare = dependency.role == Role::Use && requirement.is_empty();
                    prop_assert!(is_bare || written == requirement, "{text}: {written} {requirement}");
                }
                for problem in &sheet.problems {
                    prop_assert!(text.get(problem.span.range()).is_some(), "{text}");
                }
            }
        }
    }
}
