//! What a declaration asks for and a lockfile has, as a person would say it.

use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::paths::Effective;
use crate::scanner::cargo::resolution::admits_locked;
use crate::scanner::cargo::source_id;

/// What a declaration asks for, in words.
pub(super) fn wants(effective: &Effective<'_>) -> String {
    let entry = effective.entry;
    let name = entry.package_name();
    if let Some(path) = &entry.path {
        let requirement = entry.version.as_ref().map(|version| format!(" {}", version.value)).unwrap_or_default();
        return format!("{name}{requirement} from the path `{}`", path.value);
    }
    if let Some(git) = &entry.git {
        let reference = entry
            .reference
            .as_ref()
            .map_or_else(|| "its default branch".to_owned(), |(key, text)| format!("{key} `{}`", text.value));
        return format!("{name} from {} at {reference}", source_id::shown(&git.value));
    }
    let requirement = entry.version.as_ref().map_or("", |version| version.value.as_str());
    let source = entry.registry.as_deref().or(entry.registry_index.as_deref());
    let source = source.map(|registry| format!(" from registry `{}`", source_id::shown(registry))).unwrap_or_default();
    let caret = if requirement.starts_with(|first: char| first.is_ascii_digit()) { "^" } else { "" };
    format!("{name} {caret}{requirement}{source}")
}

/// What a locked package is, as the answer to what a declaration asks for.
pub(super) fn has(effective: &Effective<'_>, package: &LockedPackage) -> String {
    let from_registry = effective.entry.git.is_none() && effective.entry.path.is_none();
    match &package.source {
        // The same version from elsewhere: where from is what differs.
        Some(source) if from_registry && admits_locked(effective.entry, package) => {
            format!("{} from {}", package.version, source_id::shown(&source.text))
        }
        Some(source) if from_registry && (source.is_crates_io() || source.kind == source_id::Kind::Registry) => {
            package.version.clone()
        }
        Some(source) if source.is_git() => {
            let reference = source
                .reference
                .as_ref()
                .map_or_else(|| "its default branch".to_owned(), |(key, value)| format!("{key} `{value}`"));
            format!("{} from {} at {reference}", package.version, source_id::shown(&source.url))
        }
        Some(_) => format!("{} from a registry", package.version),
        None => format!("{} from a path", package.version),
    }
}
