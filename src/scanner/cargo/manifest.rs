//! One Cargo.toml, read: its package, its workspace table and every declaration of a dependency.
//!
//! Source: cargo's reference, [the manifest format](https://doc.rust-lang.org/cargo/reference/manifest.html) and
//! [specifying dependencies](https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html). This module knows one
//! file at a time: inheritance and membership are `workspace.rs`'s, and the lockfile is nobody's here.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use toml::Spanned;
use toml::de::DeValue;

use super::declaration::{self, Declaration, Heading};
use super::rereading;
use super::source_id;
use crate::scanner::Problem;
use crate::scanner::dependency::Role;
use crate::scanner::document::{self, Document, Table, Text};
use crate::text::{FileId, Span};

/// A manifest.
#[derive(Debug)]
pub struct Manifest {
    /// The file that it was read from.
    pub file: FileId,
    /// `[package]`, or its old name `[project]`.
    pub package: Option<Package>,
    /// `[workspace]`.
    pub workspace: Option<WorkspaceTable>,
    /// Every entry of every dependency table, in no particular order.
    pub declarations: Vec<Declaration>,
    /// The entries of `[workspace.dependencies]`, by key, as indexes of the declarations.
    pub inheritable: HashMap<String, usize>,
    /// Old spellings that edition 2024 refuses, where they stand: `[project]`, `dev_dependencies`, `build_dependencies`.
    pub old_spellings: Vec<(String, Span)>,
    /// What publishing asks for.
    pub publication: Publication,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Manifest {
    /// The entry of `[workspace.dependencies]` that a member inherits under `key`, as an index of the declarations.
    #[must_use]
    pub fn inherited(&self, key: &str) -> Option<usize> {
        self.inheritable.get(key).copied()
    }
}

/// A value of `[package]` that a workspace can provide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field {
    /// It is not there.
    #[default]
    Absent,
    /// `field.workspace = true`.
    Inherited,
    /// It is written here.
    Value(String),
}

impl Field {
    fn read(table: &Table<'_>, key: &str) -> Self {
        match table.get(key).map(Spanned::get_ref) {
            Some(DeValue::String(text)) => Self::Value(text.clone().into_owned()),
            // A table that says anything else than `workspace = true` cargo refuses.
            Some(DeValue::Table(_)) => Self::Inherited,
            _ => Self::Absent,
        }
    }

    /// The value, with what the workspace provides in place of an inherited one.
    #[must_use]
    pub fn resolve<'a>(&'a self, inherited: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Absent => None,
            Self::Inherited => inherited,
            Self::Value(value) => Some(value),
        }
    }
}

/// What a registry asks for, and what keeps a package from it.
#[derive(Debug, Default, Clone)]
pub struct Publication {
    /// `[lib]` stands in the manifest.
    pub has_lib: bool,
    version: Field,
    description: Field,
    license: Field,
    license_file: Field,
    /// `publish`: none where it is not said, else whether it lets any registry have it.
    publish: Option<bool>,
    inherits_publish: bool,
}

impl Publication {
    fn read(package: &Table<'_>, has_lib: bool) -> Self {
        let publish = package.get("publish").map(Spanned::get_ref);
        Self {
            has_lib,
            version: Field::read(package, "version"),
            description: Field::read(package, "description"),
            license: Field::read(package, "license"),
            license_file: Field::read(package, "license-file"),
            publish: match publish {
                Some(DeValue::Boolean(open)) => Some(*open),
                Some(DeValue::Array(registries)) => Some(!registries.is_empty()),
                _ => None,
            },
            inherits_publish: publish
                .and_then(DeValue::as_table)
                .is_some_and(|table| document::flag(table, "workspace")),
        }
    }

    /// Whether the package can be published: `publish` is neither false nor empty, and there are a version, a
    /// description and a licence, here or in the workspace that it inherits them from.
    #[must_use]
    pub fn is_open(&self, workspace: Option<&WorkspaceTable>) -> bool {
        let above = workspace.map(|workspace| &workspace.publication);
        let has = |own: &Field, of: fn(&Self) -> &Field| match own {
            Field::Absent => false,
            Field::Value(_) => true,
            Field::Inherited => above.is_some_and(|above| matches!(of(above), Field::Value(_))),
        };
        let publish = if self.inherits_publish { above.and_then(|above| above.publish) } else { self.publish };
        publish != Some(false)
            && has(&self.version, |all| &all.version)
            && has(&self.description, |all| &all.description)
            && (has(&self.license, |all| &all.license) || has(&self.license_file, |all| &all.license_file))
    }
}

/// `[package]`.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The text of its name.
    pub span: Span,
    /// Its version; absent means 0.0.0.
    pub version: Field,
    /// Its edition; absent means 2015.
    pub edition: Field,
    /// `package.workspace`: where the workspace's root is.
    pub workspace: Option<Text>,
}

/// `[workspace]`.
#[derive(Debug, Clone)]
pub struct WorkspaceTable {
    /// `members`, patterns of the `glob` crate.
    pub members: Vec<Text>,
    /// `exclude`, literal path prefixes.
    pub exclude: Vec<String>,
    /// `exclude` and `members` as paths from the repository's root, once someone asked.
    pub prefixes: OnceLock<(HashSet<String>, HashSet<String>)>,
    /// `workspace.package.version`.
    pub version: Option<String>,
    /// `workspace.package.edition`.
    pub edition: Option<String>,
    /// What members can inherit of what publishing asks for.
    pub publication: Publication,
}

/// Reads a manifest. What is wrong in it becomes a problem, and the rest is read all the same.
#[must_use]
pub fn read(file: FileId, text: &str) -> Manifest {
    let document = Document::new(file, text);
    let mut manifest = Manifest {
        file,
        package: None,
        workspace: None,
        declarations: Vec::new(),
        inheritable: HashMap::new(),
        old_spellings: Vec::new(),
        publication: Publication::default(),
        problems: Vec::new(),
    };
    let table = match document.parse() {
        Ok(table) => table,
        Err(problem) => {
            manifest.problems.push(problem);
            return manifest;
        }
    };
    manifest.package = package(document, &table, &mut manifest.problems);
    if let (false, Some((key, _))) = (table.contains_key("package"), table.get_key_value("project")) {
        manifest.old_spellings.push(("project".to_owned(), document.span(key.span())));
    }
    if let Some(package) = document::table(&table, "package").or_else(|| document::table(&table, "project")) {
        manifest.publication = Publication::read(package, table.contains_key("lib"));
    }
    manifest.workspace = table.get("workspace").and_then(|value| {
        let inner = value.get_ref().as_table()?;
        let package = document::table(inner, "package");
        let inheritable = |key: &str| Some(document.get(package?, key)?.value);
        Some(WorkspaceTable {
            members: document.strings(inner, "members"),
            prefixes: OnceLock::new(),
            exclude: document.strings(inner, "exclude").into_iter().map(|text| text.value).collect(),
            version: inheritable("version"),
            edition: inheritable("edition"),
            publication: package.map(|package| Publication::read(package, false)).unwrap_or_default(),
        })
    });
    if let (Some(pointer), Some(_)) =
        (manifest.package.as_ref().and_then(|package| package.workspace.as_ref()), &manifest.workspace)
    {
        let message = "`package.workspace` and `[workspace]` in one manifest: cargo refuses it".to_owned();
        manifest.problems.push(Problem::new(pointer.span, message));
    }
    dependency_tables(document, &table, &mut manifest);
    shapes(document, &table, &mut manifest.problems);
    let entries = manifest.declarations.iter().enumerate();
    let entries = entries.filter(|(_, declaration)| declaration.heading.role == Role::Workspace);
    manifest.inheritable = entries.map(|(at, declaration)| (declaration.key.clone(), at)).collect();
    manifest
}

/// Reads a manifest that was read before with another text: where only versions differ, nothing else is read again.
#[must_use]
pub(super) fn read_again(file: FileId, text: &str, before: &str, read: &Manifest) -> Manifest {
    let again = rereading::read_again(text, before, read).filter(|again| again.file == file);
    again.unwrap_or_else(|| self::read(file, text))
}

fn package(document: Document<'_>, table: &Table<'_>, problems: &mut Vec<Problem>) -> Option<Package> {
    let (key, value) = table.get_key_value("package").or_else(|| table.get_key_value("project"))?;
    let inner = value.get_ref().as_table()?;
    let Some(name) = document.get(inner, "name") else {
        problems.push(Problem::new(document.span(key.span()), "the package has no `name`".to_owned()));
        return None;
    };
    Some(Package {
        span: name.span,
        name: name.value,
        version: Field::read(inner, "version"),
        edition: Field::read(inner, "edition"),
        workspace: document.get(inner, "workspace"),
    })
}

/// The tables of dependencies, in a package and below each of its targets.
const KINDS: [(&str, Option<&str>, Role); 3] = [
    ("dependencies", None, Role::Normal),
    ("dev-dependencies", Some("dev_dependencies"), Role::Dev),
    ("build-dependencies", Some("build_dependencies"), Role::Build),
];

fn dependency_tables(document: Document<'_>, table: &Table<'_>, manifest: &mut Manifest) {
    kinds(document, table, "", manifest);
    for (name, target) in entries(table, "target") {
        if let Some(inner) = target.get_ref().as_table() {
            kinds(document, inner, &format!("target.{}.", document::key(name)), manifest);
        }
    }
    if let Some(workspace) = document::table(table, "workspace") {
        let heading = Heading { role: Role::Workspace, table: "workspace.dependencies".to_owned(), patched: None };
        declarations(document, workspace, "dependencies", &heading, manifest);
    }
    for (registry, patches) in entries(table, "patch") {
        if let Some(inner) = patches.get_ref().as_table() {
            patch(document, registry, inner, &mut manifest.declarations, &mut manifest.problems);
        }
    }
    let heading = Heading { role: Role::Replace, table: "replace".to_owned(), patched: None };
    declarations(document, table, "replace", &heading, manifest);
}

/// What is no table, or no list of texts, and must be: it is passed over here, and cargo refuses it.
fn shapes(document: Document<'_>, table: &Table<'_>, problems: &mut Vec<Problem>) {
    let mut tables = |table: &Table<'_>, above: &str, keys: &[&str]| {
        for (key, value) in table.iter().filter(|(key, _)| keys.is_empty() || keys.contains(&key.get_ref().as_ref())) {
            if value.get_ref().as_table().is_none() {
                let message = format!("`{above}{}` is no table: cargo refuses it", document::key(key.get_ref()));
                problems.push(Problem::new(document.span(key.span()), message));
            }
        }
    };
    let kinds: Vec<&str> = KINDS.iter().flat_map(|(name, old, _)| [Some(*name), *old]).flatten().collect();
    tables(table, "", &kinds);
    tables(table, "", &["package", "project", "workspace", "target", "patch", "replace"]);
    for (name, target) in entries(table, "target") {
        if let Some(inner) = target.get_ref().as_table() {
            tables(inner, &format!("target.{}.", document::key(name)), &kinds);
        }
    }
    for key in ["target", "patch"] {
        document::table(table, key).into_iter().for_each(|inner| tables(inner, &format!("{key}."), &[]));
    }
    let Some(workspace) = document::table(table, "workspace") else { return };
    tables(workspace, "workspace.", &["package", "dependencies"]);
    for key in ["members", "exclude", "default-members"] {
        let Some((written, value)) = workspace.get_key_value(key) else { continue };
        let is_text = |one: &Spanned<DeValue<'_>>| one.get_ref().as_str().is_some();
        if !value.get_ref().as_array().is_some_and(|array| array.iter().all(is_text)) {
            let message = format!("`workspace.{key}` is no list of paths: cargo refuses it");
            problems.push(Problem::new(document.span(written.span()), message));
        }
    }
}

fn entries<'a, 't>(table: &'a Table<'t>, key: &str) -> impl Iterator<Item = (&'a str, &'a Spanned<DeValue<'t>>)> {
    document::table(table, key)
        .into_iter()
        .flat_map(|inner| inner.iter().map(|(key, value)| (key.get_ref().as_ref(), value)))
}

fn kinds(document: Document<'_>, table: &Table<'_>, prefix: &str, manifest: &mut Manifest) {
    for (name, old, role) in KINDS {
        // The old spelling counts only where the new one is absent.
        let key = if table.contains_key(name) { name } else { old.unwrap_or(name) };
        if let Some((written, _)) = old.and_then(|old| table.get_key_value(old)) {
            manifest.old_spellings.push((written.get_ref().to_string(), document.span(written.span())));
        }
        let heading = Heading { role, table: format!("{prefix}{key}"), patched: None };
        declarations(document, table, key, &heading, manifest);
    }
}

fn declarations(document: Document<'_>, table: &Table<'_>, key: &str, heading: &Heading, manifest: &mut Manifest) {
    let Some(inner) = document::table(table, key) else {
        return;
    };
    manifest.declarations.reserve(inner.len());
    for (name, value) in inner {
        let read = declaration::read(document, heading, name, value, &mut manifest.problems);
        manifest.declarations.extend(read);
    }
}

/// Reads one table of `[patch]`, which cargo's configuration can hold too; `registry` is what it patches.
pub(super) fn patch(
    document: Document<'_>,
    registry: &str,
    table: &Table<'_>,
    declarations: &mut Vec<Declaration>,
    problems: &mut Vec<Problem>,
) {
    let heading = Heading {
        role: Role::Patch,
        table: format!("patch.{}", document::key(&source_id::shown(registry))),
        patched: Some(registry.to_owned()),
    };
    for (name, value) in table {
        declarations.extend(declaration::read(document, &heading, name, value, problems));
    }
}
