//! pyproject.toml: what a project requires, to run, to be worked on and to be built.
//!
//! Source: [pyproject.toml](https://packaging.python.org/en/latest/specifications/pyproject-toml/),
//! [dependency groups](https://packaging.python.org/en/latest/specifications/dependency-groups/), and the manuals of uv, PDM and
//! Hatch. `requires-python` is a contract with users, not a dependency.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::DeValue;

use super::{entry, poetry, requirement};
use crate::scanner::Problem;
use crate::scanner::dependency::{Dependency, Origin, Role};
use crate::scanner::document::{self, Document, Table};
use crate::scanner::surfaces::Sheet;
use crate::text::FileId;

/// What a manifest says beside its dependencies.
#[derive(Debug, Default)]
pub(in crate::scanner) struct Project {
    /// Its name.
    pub(super) name: Option<String>,
    /// It is no TOML, and holds the marks of a template.
    pub(super) is_template: bool,
}

/// Whether a text holds the marks of a template, as cookiecutter's do.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Reads a pyproject.toml.
pub(super) fn read(file: FileId, place: &str, text: &str) -> (Sheet, Project) {
    let document = Document::new(file, text);
    let mut reader = Reader { document, place, sheet: Sheet::default() };
    let table = match document.parse() {
        Ok(table) => table,
        Err(_) if is_template(text) => return (reader.sheet, Project { is_template: true, ..Project::default() }),
        Err(problem) => {
            reader.sheet.problems.push(problem);
            return (reader.sheet, Project::default());
        }
    };
    let project = document::table(&table, "project");
    let tool = document::table(&table, "tool");
    let poetry = tool.and_then(|tool| document::table(tool, "poetry"));
    reader.standard(&table);
    if let Some(tool) = tool {
        reader.tools(tool);
    }
    if let Some(poetry) = poetry {
        poetry::read(document, place, poetry, &mut reader.sheet);
    }
    let name = project.into_iter().chain(poetry).find_map(|table| document.get(table, "name"));
    let name = name.map(|name| name.value);
    let mut sheet = reader.sheet;
    own(&mut sheet, name.as_deref().unwrap_or_default(), file, place);
    sheet.dependencies.iter_mut().for_each(|dependency| dependency.owner.clone_from(&name));
    (sheet, Project { name, is_template: false })
}

/// `demo[test]` in the project `demo` is the project itself, with more of what is written here. What builds it is another
/// release of it.
fn own(sheet: &mut Sheet, name: &str, file: FileId, place: &str) {
    let package = requirement::normalize(name);
    let own = sheet.dependencies.iter_mut().filter(|one| one.package == package && one.origin == Origin::Surface);
    for dependency in own.filter(|one| !matches!(one.role, Role::Build | Role::Override)) {
        let itself = requirement::refer(".", file, 0, place, &dependency.name);
        (dependency.pin, dependency.origin, dependency.site) = (itself.pin, itself.origin, None);
    }
}

struct Reader<'t> {
    document: Document<'t>,
    place: &'t str,
    sheet: Sheet,
}

impl Reader<'_> {
    /// The tables that every tool reads.
    fn standard(&mut self, root: &Table<'_>) {
        if let Some(build) = document::table(root, "build-system") {
            self.list(build, "requires", "build-system.requires", Role::Build);
        }
        let Some(project) = document::table(root, "project") else {
            self.lists(root, "dependency-groups", "dependency-groups", Role::Dev);
            return;
        };
        self.list(project, "dependencies", "project.dependencies", Role::Normal);
        self.lists(project, "optional-dependencies", "project.optional-dependencies", Role::Normal);
        self.lists(root, "dependency-groups", "dependency-groups", Role::Dev);
    }

    /// The tables of single tools.
    fn tools(&mut self, tool: &Table<'_>) {
        if let Some(pdm) = document::table(tool, "pdm") {
            self.lists(pdm, "dev-dependencies", "tool.pdm.dev-dependencies", Role::Dev);
        }
        let environments = document::table(tool, "hatch").and_then(|hatch| document::table(hatch, "envs"));
        for (name, environment) in environments.into_iter().flatten() {
            let Some(environment) = environment.get_ref().as_table() else { continue };
            for key in ["dependencies", "extra-dependencies"] {
                let place = format!("tool.hatch.envs.{}.{key}", document::key(name.get_ref()));
                self.list(environment, key, &place, Role::Dev);
            }
        }
        if let Some(uv) = document::table(tool, "uv") {
            self.list(uv, "dev-dependencies", "tool.uv.dev-dependencies", Role::Dev);
            self.sources(uv);
            for key in ["override-dependencies", "constraint-dependencies", "build-constraint-dependencies"] {
                self.list(uv, key, &format!("tool.uv.{key}"), Role::Override);
            }
        }
    }

    /// `[tool.uv.sources]`: where packages come from that are required elsewhere in the file. What comes from there in any
    /// case is judged by that alone.
    fn sources(&mut self, uv: &Table<'_>) {
        let mut from: HashMap<String, Vec<Dependency>> = HashMap::new();
        for (name, value) in document::table(uv, "sources").into_iter().flatten() {
            let one = std::slice::from_ref(value);
            let items = value.get_ref().as_array().map_or(one, |array| array.as_ref());
            let mut is_always = true;
            for table in items.iter().filter_map(|item| item.get_ref().as_table()) {
                let narrows = ["marker", "extra", "group"].iter().any(|key| table.contains_key(*key));
                match entry::read(self.document, name.get_ref(), table, self.place) {
                    Some(mut dependency) => {
                        is_always &= !narrows;
                        dependency.table = format!("tool.uv.sources.{}", document::key(name.get_ref()));
                        dependency.role = Role::Normal;
                        from.entry(dependency.package.clone()).or_default().push(dependency);
                    }
                    None => is_always = false,
                }
            }
            let package = requirement::normalize(name.get_ref());
            if is_always && from.contains_key(&package) {
                self.sheet.dependencies.retain(|one| one.role == Role::Build || one.package != package);
            }
        }
        let mut from: Vec<Dependency> = from.into_values().flatten().collect();
        from.sort_by_key(|dependency| dependency.span);
        self.sheet.dependencies.append(&mut from);
    }

    /// Each array of a table.
    fn lists(&mut self, table: &Table<'_>, key: &str, place: &str, role: Role) {
        for (name, _) in document::table(table, key).into_iter().flatten() {
            let place = format!("{place}.{}", document::key(name.get_ref()));
            if let Some(lists) = document::table(table, key) {
                self.list(lists, name.get_ref(), &place, role);
            }
        }
    }

    /// The requirements of an array; what is no string in it, such as `{ include-group = "…" }`, names nothing new.
    fn list(&mut self, table: &Table<'_>, key: &str, place: &str, role: Role) {
        let array = table.get(key).and_then(|value| value.get_ref().as_array());
        for item in array.into_iter().flatten() {
            self.requirement(item, place, role);
        }
    }

    fn requirement(&mut self, item: &Spanned<DeValue<'_>>, table: &str, role: Role) {
        let Some(text) = self.document.string(item) else { return };
        // `{root:uri}` is Hatch's own, and what is to be filled in names nothing yet.
        if role == Role::Dev && text.value.contains('{') || is_template(&text.value) {
            return;
        }
        let is_plain = self.document.text.get(text.span.range()) == Some(text.value.as_str());
        match requirement::declare(&text.value, text.span.file, text.span.start as usize, self.place) {
            Ok(mut dependency) => {
                if !is_plain {
                    (dependency.span, dependency.site) = (text.span, None);
                }
                dependency.table = table.to_owned();
                dependency.role = role;
                self.sheet.dependencies.push(dependency);
            }
            Err(why) => {
                let why = format!("`{}` in `{table}` is no requirement: {why}", text.value);
                self.sheet.problems.push(Problem::new(text.span, why));
            }
        }
    }
}
