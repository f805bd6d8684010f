//! pnpm-workspace.yaml: the packages of a workspace, its catalogs and its overrides.

use super::Facts;
use super::json::{Document, Text};
use super::manifest::{Reader, package_of};
use super::yaml::{self, Yaml};
use crate::scanner::Problem;
use crate::scanner::dependency::Role;
use crate::scanner::surfaces::{self, Sheet};
use crate::source::parent;
use crate::text::{FileId, Span};

/// What other files need to know of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::scanner) struct Workspace {
    /// The patterns of its packages.
    pub(super) packages: Vec<String>,
    /// Whether a range may mean one of them: `linkWorkspacePackages`.
    pub(super) links: bool,
}

/// Reads one.
pub(super) fn read(file: FileId, place: &str, text: &str) -> Sheet {
    let wants = |keys: &[&str]| {
        matches!(keys.first(), Some(&("packages" | "catalog" | "catalogs" | "overrides" | "linkWorkspacePackages")))
    };
    let documents = match yaml::read(text, wants) {
        Ok(documents) => documents,
        Err(_) if text.contains("{{") => return Sheet::default(),
        Err((at, why)) => {
            let wrong = || Problem::new(Span::new(file, at..at), format!("not valid YAML: {why}"));
            let problem = Problem::conflict(file, text, 0).unwrap_or_else(wrong);
            return Sheet { problems: vec![problem], ..Sheet::default() };
        }
    };
    let mut reader = Reader {
        document: Document::new(file, text),
        directory: parent(place),
        owner: None,
        dependencies: Vec::new(),
        uses: Vec::new(),
    };
    let root = documents.first().unwrap_or(&Yaml::Left);
    let mut table = |table: &str, role: Role, entries: &Yaml| {
        for (name, value) in entries.entries() {
            let Yaml::Scalar(value, place) = value else { continue };
            let span = Span::new(file, place.range.clone());
            let package = if role == Role::Override { package_of(name) } else { name };
            let first = reader.dependencies.len();
            reader.declare(table, role, name, package, Text { value: value.clone(), span });
            // What stands where the text is not the value itself cannot be changed there.
            let declared = reader.dependencies.iter_mut().skip(first).filter(|_| !place.is_plain);
            declared.for_each(|dependency| dependency.site = None);
        }
    };
    root.get("catalog").into_iter().for_each(|entries| table("catalog", Role::Workspace, entries));
    for (name, entries) in root.get("catalogs").map(Yaml::entries).unwrap_or_default() {
        table(&format!("catalogs.{name}"), Role::Workspace, entries);
    }
    root.get("overrides").into_iter().for_each(|entries| table("overrides", Role::Override, entries));
    let packages = root.get("packages").map(Yaml::items).unwrap_or_default();
    let links = root.get("linkWorkspacePackages").and_then(Yaml::string).is_some_and(|value| value != "false");
    let packages = packages.iter().filter_map(Yaml::string).map(str::to_owned).take(super::manifest::MAX_PATTERNS);
    Sheet {
        dependencies: reader.dependencies,
        facts: surfaces::Facts::Npm(Facts::Workspace(Workspace { packages: packages.collect(), links })),
        ..Sheet::default()
    }
}
