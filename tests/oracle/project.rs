//! This project's own dependencies, as cargo sees them: what the oracles have to work with.

use std::path::Path;
use std::sync::LazyLock;

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// What cargo says of this project. The first use downloads what is missing for other platforms, if anything.
pub(crate) fn metadata() -> &'static Metadata {
    static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
        let mut command = MetadataCommand::new();
        command.cargo_path(cargo()).current_dir(root()).other_options(["--locked".to_owned()]);
        command.exec().expect("cargo reads this project")
    });
    &METADATA
}

/// The cargo that runs these tests.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Where this project is.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The packages that come from a registry.
pub(crate) fn from_registries() -> impl Iterator<Item = &'static Package> {
    let is_registry =
        |package: &&Package| package.source.as_ref().is_some_and(|source| source.repr.contains("registry+"));
    metadata().packages.iter().filter(is_registry)
}

/// `text` with each `$name` replaced by the version of that crate in this project's lockfile; `$bitflags1` and
/// `$bitflags2` are the two of one name.
pub(crate) fn fill(text: &str) -> String {
    static VERSIONS: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
        let plain = ["aho-corasick", "cfg-if", "either", "fnv", "heck", "itoa", "log", "memchr", "once_cell", "strsim"];
        let plain = plain.map(|name| (name, version(name, "")));
        let twice = [("bitflags1", version("bitflags", "1.")), ("bitflags2", version("bitflags", "2."))];
        plain.into_iter().chain(twice).collect()
    });
    if !text.contains('$') {
        return text.to_owned();
    }
    let filled =
        VERSIONS.iter().fold(text.to_owned(), |text, (name, version)| text.replace(&format!("${name}"), version));
    assert!(!filled.contains('$'), "a placeholder names no crate that is at hand: {filled}");
    filled
}

fn version(name: &str, prefix: &str) -> String {
    let found = from_registries()
        .find(|package| package.name.as_str() == name && package.version.to_string().starts_with(prefix))
        .unwrap_or_else(|| panic!("{name} {prefix} is no longer among this project's dependencies: choose another"));
    found.version.to_string()
}
