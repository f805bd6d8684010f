//! The npm family: what is declared, which lockfile is whose, what a fix writes, and what a hostile repository may hold.

#[path = "../support/mod.rs"]
mod support;

mod fixes;
mod hostile;
mod locks;
mod manifests;
mod projects;

use support::Repo;

/// A `packages` table of package-lock.json as `place version` a line, and what the root manifest asks for.
pub(crate) fn lock(root: &str, packages: &str) -> String {
    let line = |line: &str| {
        let (place, version) = line.split_once(' ').expect("a place and a version");
        format!(",\n    \"{place}\": {{ \"version\": \"{version}\", \"integrity\": \"sha512-x\" }}")
    };
    let packages: String = packages.lines().map(line).collect();
    format!("{{\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {root}{packages}\n  }}\n}}\n")
}

/// A package with one table of dependencies, locked.
pub(crate) fn demo(dependencies: &str, packages: &str) -> Repo {
    let manifest = format!("{{ \"name\": \"demo\", \"dependencies\": {dependencies} }}");
    Repo::new()
        .file("package.json", &manifest)
        .file("package-lock.json", lock(&format!("{{ \"dependencies\": {dependencies} }}"), packages))
}
