//! Manifests: what we read in every manifest that this project depends on, against what cargo reads in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::cargo_platform::Platform;
use cargo_metadata::{DependencyKind, Package};
use cargo_pinned::scanner::cargo::declaration::Declaration;
use cargo_pinned::scanner::cargo::manifest;
use cargo_pinned::scanner::cargo::requirement::Requirement;
use cargo_pinned::scanner::dependency::{Dependency, Origin, Pin, Role};
use cargo_pinned::scanner::excludes::Excludes;
use cargo_pinned::scanner::{self, Scan};
use cargo_pinned::source::memory;
use cargo_pinned::text::FileId;
use semver::{Op, VersionReq};

use crate::project;

/// One declaration as both can describe it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    /// The key.
    name: String,
    /// The real name.
    package: String,
    /// The requirement, as `semver` writes it.
    requirement: String,
    kind: Role,
    target: Option<String>,
    optional: bool,
    source: String,
}

/// How cargo reads the manifest of a package.
fn cargos(package: &Package) -> BTreeSet<Reading> {
    let reading = |dependency: &cargo_metadata::Dependency| Reading {
        name: dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()),
        package: dependency.name.clone(),
        requirement: dependency.req.to_string(),
        kind: match dependency.kind {
            DependencyKind::Development => Role::Dev,
            DependencyKind::Build => Role::Build,
            _ => Role::Normal,
        },
        target: dependency.target.as_ref().map(ToString::to_string),
        optional: dependency.optional,
        source: match (&dependency.path, &dependency.source) {
            (Some(path), _) => format!("path {path}"),
            (None, Some(source)) if source.repr.starts_with("git+") => source.repr.clone(),
            // The name of a registry other than the default one; where it is the default, nothing.
            _ => format!("registry {}", dependency.registry.as_deref().unwrap_or_default()),
        },
    };
    package.dependencies.iter().map(reading).collect()
}

/// How we read a declaration.
fn ours(declaration: &Declaration) -> Reading {
    let requirement = declaration.version.as_ref().map_or("*", |version| &version.value);
    let requirement = VersionReq::parse(requirement).expect("cargo took the manifest, so its requirements are valid");
    let source = match (&declaration.path, &declaration.git) {
        (Some(path), _) => format!("path {}", path.value),
        (None, Some(git)) => format!("git+{}", git.value),
        _ => {
            let registry = declaration.registry.as_ref().or(declaration.registry_index.as_ref());
            format!("registry {}", registry.map_or("", String::as_str))
        }
    };
    Reading {
        name: declaration.key.clone(),
        package: declaration.package_name().to_owned(),
        requirement: requirement.to_string(),
        kind: declaration.heading.role,
        target: target(&declaration.heading.table),
        optional: declaration.optional,
        source,
    }
}

/// The target in the path of a TOML table, read as TOML: `cfg(unix)` of `target.'cfg(unix)'.dependencies`.
fn target(table: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(&format!("[{table}]")).expect("the path of a table is TOML");
    let target = table.get("target")?.as_table()?.keys().next()?.clone();
    // As cargo spells it: the spaces in `cfg(target_os="wasi")` are its own.
    Some(target.parse::<Platform>().expect("cargo took it").to_string())
}

/// The declarations of a manifest that a build of its package can use, in one file.
fn declarations(path: &Path) -> Vec<Declaration> {
    let text = std::fs::read_to_string(path).expect("cargo unpacked this manifest");
    let manifest = manifest::read(FileId(0), &text);
    assert_eq!(manifest.problems, [], "cargo reads {}", path.display());
    let is_built =
        |declaration: &Declaration| matches!(declaration.heading.role, Role::Normal | Role::Dev | Role::Build);
    manifest.declarations.into_iter().filter(is_built).collect()
}

/// Cargo's own definition of an exact requirement.
fn is_exact(requirement: &VersionReq) -> bool {
    let [only] = requirement.comparators.as_slice() else {
        return false;
    };
    only.op == Op::Exact && only.minor.is_some() && only.patch.is_some()
}

/// Holds what we call exact against what cargo does, and says what that is.
fn exactness_is_cargos(text: &str) -> bool {
    let cargos = VersionReq::parse(text).is_ok_and(|requirement| is_exact(&requirement));
    assert_eq!(Requirement::parse(text).pin() == Pin::Exact, cargos, "{text}");
    cargos
}

#[test]
fn published_manifests_are_read_as_cargo_reads_them() {
    let (mut manifests, mut compared, mut exact) = (0, 0, 0);
    for package in project::from_registries() {
        let read = declarations(package.manifest_path.as_std_path());
        let readings: BTreeSet<Reading> = read.iter().map(ours).collect();
        assert_eq!(readings, cargos(package), "{}", package.manifest_path);
        assert_eq!(readings.len(), read.len(), "{}: one reading each", package.manifest_path);
        for requirement in read.iter().filter_map(|declaration| declaration.version.as_ref()) {
            exact += usize::from(exactness_is_cargos(&requirement.value));
            // Hardly anyone publishes `=1.2`, and that is the one that is easily taken for exact.
            exactness_is_cargos(&format!("={}", requirement.value.trim_start_matches(['^', '~', '=', '>', '<', ' '])));
        }
        manifests += 1;
        compared += read.len();
    }
    assert!(manifests >= 150, "only {manifests} manifests");
    assert!(compared >= 1000, "only {compared} declarations");
    assert!(exact >= 10, "only {exact} exact requirements");
}

/// Cargo.toml.orig is what the author wrote: paths, inheritance and old spellings are still in it. Cargo made what it
/// publishes of it, so that reading must contain ours, but for what only the author's workspace could tell.
#[test]
fn manifests_as_their_authors_wrote_them_are_read_as_cargo_reads_them() {
    let (mut manifests, mut compared) = (0, 0);
    for package in project::from_registries() {
        let original = package.manifest_path.with_file_name("Cargo.toml.orig");
        if !original.exists() {
            continue;
        }
        let mut rest = cargos(package);
        let (inherited, own): (Vec<_>, Vec<_>) =
            declarations(original.as_std_path()).into_iter().partition(|declaration| declaration.inherited);
        // Publishing drops a development dependency that has no version.
        for declaration in own.iter().filter(|declaration| declaration.version.is_some()) {
            let published = Reading { source: "registry ".to_owned(), ..ours(declaration) };
            assert!(rest.remove(&published), "{original}: cargo does not read {published:?}, but {rest:?}");
            compared += 1;
        }
        let is_inherited = |reading: &Reading| {
            let mut same = inherited.iter().filter(|declaration| declaration.key == reading.name);
            same.any(|declaration| {
                declaration.heading.role == reading.kind && target(&declaration.heading.table) == reading.target
            })
        };
        let missed: Vec<&Reading> = rest.iter().filter(|reading| !is_inherited(reading)).collect();
        assert!(missed.is_empty(), "{original}: we miss {missed:?}");
        manifests += 1;
    }
    assert!(manifests >= 150, "only {manifests} manifests");
    assert!(compared >= 1000, "only {compared} declarations");
}

/// Scans files that are held in memory.
fn scan(files: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Scan {
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
    let snapshot = memory::snapshot(files, scanner::wants);
    scanner::scan(&snapshot, &Excludes::new(true, []).expect("no pattern is no wrong pattern"))
}

/// The same manifests through the whole scanner: from bytes to the declarations that the rules judge.
#[test]
fn scanned_declarations_are_cargos() {
    let mut compared = 0;
    for package in project::from_registries() {
        let bytes = std::fs::read(&package.manifest_path).expect("cargo unpacked this manifest");
        let scan = scan([("Cargo.toml", bytes)]);
        assert_eq!(scan.problems, [], "{}", package.manifest_path);
        let short = |name: &str, package: &str, requirement: &str, kind, target: Option<String>| {
            (name.to_owned(), package.to_owned(), requirement.to_owned(), kind, target)
        };
        let scanned: BTreeSet<_> = scan
            .dependencies
            .iter()
            .map(|dependency| {
                let requirement = dependency.requirement.as_deref().expect("a published dependency has a version");
                let requirement = VersionReq::parse(requirement).expect("cargo took it");
                assert_eq!(dependency.pin == Pin::Exact, is_exact(&requirement), "{dependency:?}");
                assert_eq!(dependency.origin, Origin::Registry(None), "{dependency:?}");
                let target = target(&dependency.table);
                short(&dependency.name, &dependency.package, &requirement.to_string(), dependency.role, target)
            })
            .collect();
        let cargos = cargos(package);
        let cargos = cargos.iter().map(|reading| {
            short(&reading.name, &reading.package, &reading.requirement, reading.kind, reading.target.clone())
        });
        assert_eq!(scanned, cargos.collect(), "{}", package.manifest_path);
        compared += scanned.len();
    }
    assert!(compared >= 1000, "only {compared} declarations");
}

/// This project's own declarations are locked to what cargo resolves them to.
#[test]
fn declarations_are_locked_to_what_cargo_resolves() {
    let file = |name: &'static str| (name, std::fs::read(project::root().join(name)).expect("this project's own file"));
    let scan = scan([file("Cargo.toml"), file("Cargo.lock")]);
    let metadata = project::metadata();
    let resolve = metadata.resolve.as_ref().expect("cargo resolves");
    let root = resolve.nodes.iter().find(|node| Some(&node.id) == resolve.root.as_ref()).expect("the root is resolved");
    let resolved: BTreeMap<&str, String> = root
        .deps
        .iter()
        .map(|dependency| (metadata[&dependency.pkg].name.as_str(), metadata[&dependency.pkg].version.to_string()))
        .collect();
    let locked = |dependency: &Dependency| dependency.locked.one().map(|locked| locked.version.clone());
    let ours: BTreeMap<&str, String> = scan
        .dependencies
        .iter()
        .map(|dependency| (dependency.package.as_str(), locked(dependency).unwrap_or_default()))
        .collect();
    assert_eq!(ours, resolved);
    assert!(ours.len() >= 15, "only {} declarations", ours.len());
}
