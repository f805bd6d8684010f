//! The lockfiles of the npm family in full: every package, and what asks for it.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;

use super::{pnpm, yarn};
use crate::scanner::graph::{Ask, Graph, Index, Package};
use crate::scanner::npm::json::{self, Document};
use crate::scanner::npm::yaml::{self, Yaml};
use crate::source::parent;
use crate::text::{FileId, Span};

const TABLES: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Reads a lockfile by its name; none for what is none, and for what cannot be read, which the scan says.
pub(in crate::scanner::npm) fn read(file: FileId, name: &str, text: &str) -> Option<Graph> {
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => package_lock(file, text),
        "bun.lock" => bun(file, text),
        "yarn.lock" => Some(yarn(file, text)),
        "pnpm-lock.yaml" => pnpm(file, text),
        _ => None,
    }
}

fn package(name: &str, version: &str, span: Span) -> Package {
    let (name, version) = (name.to_owned(), version.to_owned());
    Package { name, version, source: None, span, is_own: false, requires: Vec::new() }
}

/// What an object asks for in its tables.
fn asks(object: &Object<'_>) -> Vec<Ask> {
    let tables = TABLES.iter().chain(&["requires"]).filter_map(|table| json::object(object, table));
    let entries = tables.flat_map(json::entries);
    let text = |value: &Value<'_>| value.as_string_lit().map(|text| text.value.to_string());
    // In version 1 what a package has nested in it is an object, and no range.
    entries
        .filter(|(_, value)| value.as_object().is_none())
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

fn package_lock(file: FileId, text: &str) -> Option<Graph> {
    let document = Document::new(file, text);
    let value = document.parse().ok()?;
    let root = value.as_object()?;
    let mut all: Vec<(String, &Object<'_>, &Value<'_>)> = Vec::new();
    if let Some(packages) = json::object(root, "packages") {
        let entries = json::entries(packages).into_iter();
        all.extend(entries.filter_map(|(key, value)| Some((key.to_owned(), value.as_object()?, value))));
    } else {
        // Version 1: packages in packages.
        let mut waiting: Vec<(String, &Object<'_>)> = vec![(String::new(), root)];
        while let Some((lead, outer)) = waiting.pop() {
            for (name, value) in json::object(outer, "dependencies").map(json::entries).unwrap_or_default() {
                let Some(inner) = value.as_object() else { continue };
                let key = format!("{lead}node_modules/{name}");
                waiting.push((format!("{key}/"), inner));
                all.push((key, inner, value));
            }
        }
    }
    let index: Index = all.iter().enumerate().map(|(at, (key, ..))| (key.clone(), at)).collect();
    let target = |at: usize| {
        let link = json::get(all[at].1, "link").is_some().then(|| json::string(all[at].1, "resolved")).flatten();
        link.and_then(|place| index.get(&place).copied()).unwrap_or(at)
    };
    let find = |at: usize, (name, _): &Ask| {
        let mut place = all[at].0.as_str();
        loop {
            let key =
                if place.is_empty() { format!("node_modules/{name}") } else { format!("{place}/node_modules/{name}") };
            match index.get(&key) {
                Some(&found) => return vec![target(found)],
                None if place.is_empty() => return Vec::new(),
                None => {
                    let up = place.rfind("node_modules/").map_or_else(|| parent(place), |at| &place[..at]);
                    place = up.trim_end_matches('/');
                }
            }
        }
    };
    let one = |(key, object, value): &(String, &Object<'_>, &Value<'_>)| {
        let inside = key.rfind("node_modules/").map(|at| &key[at + "node_modules/".len()..]);
        let named = json::string(object, "name");
        let name = named.as_deref().or(inside).unwrap_or(key);
        let version = json::string(object, "version").unwrap_or_default();
        let range = value.range();
        let mut one = package(name, &version, document.span(range.start..range.end));
        one.is_own = inside.is_none() || json::get(object, "link").is_some();
        let resolved = json::string(object, "resolved").filter(|url| !url.contains("/-/"));
        one.source = resolved.or_else(|| version.contains(':').then(|| version.clone()));
        (one, asks(object))
    };
    let packages = all.iter().map(one).collect();
    Some(Graph::new(file, packages, find))
}

fn bun(file: FileId, text: &str) -> Option<Graph> {
    let document = Document::new(file, text);
    let value = document.parse().ok()?;
    let root = value.as_object()?;
    let mut keys = Vec::new();
    let mut packages = Vec::new();
    for (directory, value) in json::object(root, "workspaces").map(json::entries).unwrap_or_default() {
        let Some(object) = value.as_object() else { continue };
        let name = json::string(object, "name").unwrap_or_else(|| directory.to_owned());
        let mut own = package(&name, "", document.span(value.range().start..value.range().end));
        own.is_own = true;
        packages.push((own, asks(object)));
        keys.push(name);
    }
    let own = keys.len();
    for (key, value) in json::object(root, "packages").map(json::entries).unwrap_or_default() {
        let parts = json::strings(value);
        let first = parts.first().map(String::as_str).unwrap_or_default();
        let at = first.get(1..).and_then(|tail| tail.find('@')).map_or(first.len(), |at| at + 1);
        let version = first.get(at + 1..).unwrap_or_default();
        let mut one = package(&first[..at], version, document.span(value.range().start..value.range().end));
        one.is_own = version.starts_with("workspace:");
        one.source = version.contains(':').then(|| version.to_owned());
        let objects = value.as_array().into_iter().flat_map(|array| &array.elements).filter_map(Value::as_object);
        packages.push((one, objects.flat_map(asks).collect()));
        keys.push(key.to_owned());
    }
    let index: Index = keys.iter().enumerate().skip(own).map(|(at, key)| (key.clone(), at)).collect();
    let find = |at: usize, (name, _): &Ask| {
        let mut place = keys[at].as_str();
        loop {
            if let Some(&found) = index.get(&format!("{place}/{name}")) {
                return vec![found];
            }
            match place.rsplit_once('/') {
                Some((up, _)) => place = up,
                None => return index.get(name).copied().into_iter().collect(),
            }
        }
    };
    Some(Graph::new(file, packages, find))
}

fn yarn(file: FileId, text: &str) -> Graph {
    let (mut packages, mut patterns) = (Vec::<(Package, Vec<Ask>)>::new(), Index::new());
    let (mut offset, mut is_inside) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let bare = line.trim_end();
        if yarn::is_header(bare) {
            let span = Span::new(file, start..start + bare.len());
            let all = yarn::patterns(bare);
            let name = all.split(", ").find_map(yarn::name).unwrap_or_default();
            patterns.extend(all.split(", ").map(|pattern| (pattern.to_owned(), packages.len())));
            packages.push((package(name, "", span), Vec::new()));
            is_inside = false;
        } else if let (Some((package, asks)), Some(rest)) = (packages.last_mut(), bare.strip_prefix("  ")) {
            if let Some(inner) = rest.strip_prefix("  ").filter(|inner| is_inside && !inner.starts_with(' ')) {
                asks.extend(ask(inner));
            } else {
                is_inside = matches!(rest, "dependencies:" | "optionalDependencies:");
                if let Some((field, value)) = yarn::field(bare) {
                    set(package, field, value);
                }
            }
        }
    }
    Graph::new(file, packages, |_, (name, range)| {
        let range = range.as_deref().unwrap_or_default();
        let keys = [format!("{name}@{range}"), format!("{name}@npm:{range}"), format!("{name}@workspace:{range}")];
        keys.iter().find_map(|key| patterns.get(key)).copied().into_iter().collect()
    })
}

/// `name "^1.2.3"`, `"@scope/name" "^1"`, `name: "npm:^1.2.3"`.
fn ask(text: &str) -> Option<Ask> {
    let from = usize::from(text.starts_with('"'));
    let end = text.get(from..)?.find([' ', '"', ':']).map(|at| at + from)?;
    let range = text[end..].trim_start_matches(['"', ':', ' ']).trim_end_matches('"');
    Some((text[from..end].to_owned(), Some(range.to_owned())))
}

fn set(package: &mut Package, field: &str, value: &str) {
    match field {
        "version" => value.clone_into(&mut package.version),
        "resolution" => {
            // The name of what is taken, under whatever name it is asked for.
            let at = value.get(1..).and_then(|tail| tail.find('@')).map(|at| at + 1);
            let Some((name, inner)) = at.map(|at| (&value[..at], &value[at + 1..])) else { return };
            name.clone_into(&mut package.name);
            package.is_own = inner.starts_with("workspace:");
            package.source = Some(inner.to_owned()).filter(|inner| !inner.starts_with("npm:"));
        }
        "resolved" => {
            // Version 1 has an alias as the name: the archive says what it is of.
            let before = value.split("/-/").next().unwrap_or_default();
            if before.len() == value.len() {
                package.source = Some(value.to_owned());
            } else if !before.ends_with(&package.name) {
                let mut parts = before.rsplit('/');
                let (last, scope) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                package.name = if scope.starts_with('@') { format!("{scope}/{last}") } else { last.to_owned() };
            }
        }
        _ => {}
    }
}

fn pnpm(file: FileId, text: &str) -> Option<Graph> {
    let wants = |keys: &[&str]| match keys {
        ["packages" | "snapshots", _, field, ..] => TABLES.contains(field),
        ["importers" | "packages" | "snapshots", ..] => true,
        [table, ..] => TABLES.contains(table),
        [] => true,
    };
    let documents = yaml::read(text, wants).ok()?;
    let (mut packages, mut index) = (Vec::<(Package, Vec<Ask>)>::new(), Index::new());
    let lines = lines(text);
    for document in &documents {
        let importers = document.get("importers").map(Yaml::entries).unwrap_or_default();
        let importers = importers.iter().map(|(directory, importer)| (directory.as_str(), importer));
        for (directory, importer) in importers.chain([(".", document)]) {
            let asks = pnpm_asks(importer);
            if !asks.is_empty() {
                let mut own = package(directory, "", Span::top(file));
                own.is_own = true;
                packages.push((own, asks));
            }
        }
        for table in ["packages", "snapshots"] {
            for (key, value) in document.get(table).map(Yaml::entries).unwrap_or_default() {
                let id = pnpm::identity(key);
                let at = *index.entry(id.clone()).or_insert_with(|| {
                    let (name, version) = id.rsplit_once('@').filter(|(name, _)| !name.is_empty()).unwrap_or((&id, ""));
                    let (start, end) = lines.get(key.as_str()).copied().unwrap_or_default();
                    let mut one = package(name, version, Span::new(file, start..end));
                    one.source = version.contains(':').then(|| version.to_owned());
                    packages.push((one, Vec::new()));
                    packages.len() - 1
                });
                packages[at].1.extend(pnpm_asks(value));
            }
        }
    }
    let find = |_: usize, (name, version): &Ask| {
        let version = version.as_deref().unwrap_or_default().split('(').next().unwrap_or_default();
        let keys = [pnpm::identity(&format!("{name}@{version}")), pnpm::identity(version)];
        keys.iter().find_map(|key| index.get(key)).copied().into_iter().collect()
    };
    let mut graph = Graph::new(file, packages, find);
    // What stands there is what is taken, and not what was asked for.
    graph.packages.iter_mut().flat_map(|package| &mut package.requires).for_each(|edge| edge.range = None);
    Some(graph)
}

fn pnpm_asks(value: &Yaml) -> Vec<Ask> {
    let entries = TABLES.iter().filter_map(|table| value.get(table)).flat_map(Yaml::entries);
    let version = |entry: &Yaml| entry.string().or_else(|| entry.get("version")?.string()).map(str::to_owned);
    entries.map(|(name, entry)| (name.clone(), version(entry))).collect()
}

/// Where each key with an indent stands that is alone in its line, or opens a value; the first of those that are the same.
fn lines(text: &str) -> HashMap<&str, (usize, usize)> {
    let mut lines = HashMap::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let key = bare.strip_suffix(": {}").or_else(|| bare.strip_suffix(':')).unwrap_or_default();
        let start = offset + line.len() - line.trim_start().len();
        lines.entry(key.trim_matches(['\'', '"'])).or_insert((start, start + bare.len()));
        offset += line.len();
    }
    lines
}
