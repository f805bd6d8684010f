//! What a stage has of the code that its commands build: whether the lockfile came with it, and all that it is for.

use parse_dockerfile::{Flag, Source};

use super::variables::unquoted;
use crate::scanner::shell::{Code, Doubt};

/// What was copied into a stage so far.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Copied {
    /// All of the directory that the image is built from.
    is_whole: bool,
    /// The manifest and the lockfile that lie in that directory, by their names.
    has_manifest: bool,
    has_lock: bool,
    /// Another manifest or lockfile, in whose place that may be.
    has_another: bool,
    /// What commands did to it.
    code: Code,
}

impl Copied {
    /// `COPY` and `ADD`. What comes from another stage is no manifest, unless it is called so.
    pub(super) fn copy(&mut self, options: &[Flag<'_>], sources: &[Source<'_>], target: &str) {
        let paths = sources.iter().filter_map(|source| match source {
            Source::Path(path) => Some(unquoted(&path.value)),
            _ => None,
        });
        let paths: Vec<String> = paths.collect();
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        // Under the name of one lies then what may be another.
        let target = name(&unquoted(target));
        let is_it = |path: &String| name(path) == target || path.starts_with("Cargo.loc[");
        self.has_another |= matches!(&*target, "Cargo.toml" | "Cargo.lock") && !paths.iter().any(is_it);
        if options.iter().any(|flag| flag.name.value.eq_ignore_ascii_case("from")) {
            return self.has_another |= paths.iter().any(|path| name(path).starts_with("Cargo."));
        }
        // What is left out may be the lockfile.
        if options.iter().any(|flag| flag.name.value.eq_ignore_ascii_case("exclude")) {
            return self.has_another = true;
        }
        if paths.iter().any(|path| path.ends_with(".git") || path.contains("://")) {
            return self.code.is_beside = true;
        }
        paths.iter().for_each(|path| self.take(path));
    }

    /// The same with what `RUN --mount=type=bind` has for one command.
    #[must_use]
    pub(super) fn mounted(mut self, options: &[Flag<'_>]) -> Self {
        let values = options.iter().filter_map(|flag| Some(flag.value.as_ref()?.value.as_ref()));
        // That is the type of a mount that names none.
        let is_bind =
            |value: &&str| value.contains("type=bind") || value.contains("target=") && !value.contains("type=");
        for value in values.filter(|value: &&str| is_bind(value) && !value.contains("from=")) {
            let source = value.split(',').find_map(|part| part.strip_prefix("source=").or(part.strip_prefix("src=")));
            self.take(source.unwrap_or("."));
        }
        self
    }

    fn take(&mut self, path: &str) {
        let path = path.trim_start_matches("./").trim_matches('/');
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        // `Cargo.loc[k]` copies it where there is one.
        let plain: String = name.chars().filter(|c| !"*?[]".contains(*c)).collect();
        let is_both = ["*", "Cargo.*", "Cargo*"].contains(&name);
        match &plain[..] {
            // What is copied now is what is built.
            "" | "." if !is_both => (self.is_whole, self.has_another, self.code) = (true, false, Code::default()),
            "Cargo.toml" | "Cargo.lock" | "Cargo." | "Cargo" | "" if !directory.is_empty() => self.has_another = true,
            _ if is_both => (self.has_manifest, self.has_lock) = (true, true),
            "Cargo.toml" | ".toml" => self.has_manifest = true,
            "Cargo.lock" | ".lock" => self.has_lock = true,
            _ => self.has_another |= path.contains('$'),
        }
    }

    /// `WORKDIR`: into what was brought, where something was.
    pub(super) fn enter(&mut self) {
        self.code.is_other |= self.code.is_beside;
    }

    /// What a script did.
    pub(super) fn run(&mut self, code: Code) {
        self.code.is_beside |= code.is_beside;
        self.code.is_other |= code.is_other;
        self.code.is_changed |= code.is_changed;
    }

    /// Why what is built may have no lockfile that fits. Of an image of which nothing is known, nobody knows what it builds.
    pub(super) fn doubt(self) -> Doubt {
        match self {
            Self { code, .. } if code.is_other || code.is_changed => Doubt::Brought,
            Self { has_another: true, .. } => Doubt::NotCopied,
            Self { is_whole: true, .. } => Doubt::Context,
            Self { has_manifest: true, has_lock: true, .. } => Doubt::InPieces,
            Self { has_manifest: true, .. } => Doubt::NotCopied,
            _ => Doubt::Brought,
        }
    }
}
