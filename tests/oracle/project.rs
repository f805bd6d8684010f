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
