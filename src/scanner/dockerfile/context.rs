//! What a stage has of the code that its commands build: whether the lockfile came with it.

use parse_dockerfile::{Flag, Source};

use super::variables::unquoted;
use crate::scanner::shell::{Code, Doubt};

/// What was copied into a stage so far.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Copied {
    /// A manifest by its name, so that what is built is known to be copied piece by piece.
    has_manifest: bool,
    /// The lockfile, or a directory that may have it.
    may_have_lock: bool,
    /// What commands did to it.
    code: Code,
}

impl Copied {
    /// `COPY` and `ADD`. What comes from another stage may be anything.
    pub(super) fn copy(&mut self, options: &[Flag<'_>], sources: &[Source<'_>], target: &str) {
        let is_from = options.iter().any(|flag| flag.name.value.eq_ignore_ascii_case("from"));
        let mut paths = sources.iter().filter_map(|source| match source {
            Source::Path(path) => Some(unquoted(&path.value)),
            _ => None,
        });
        if is_from {
            return self.may_have_lock = true;
        }
        if paths.clone().any(|path| path.ends_with(".git") || path.contains("://")) {
            return self.code.is_beside = true;
        }
        // What is copied now is what is built.
        self.code = Code::default();
        self.has_manifest |= paths.clone().any(|path| path.rsplit('/').next() == Some("Cargo.toml"));
        self.may_have_lock |= paths.any(|path| may_be_lock(&path, &unquoted(target)));
    }

    /// `RUN --mount=type=bind`: what is mounted may be all there is.
    pub(super) fn mount(&mut self, options: &[Flag<'_>]) {
        let values = options.iter().filter_map(|flag| Some(flag.value.as_ref()?.value.as_ref()));
        self.may_have_lock |= values.into_iter().any(|value: &str| value.contains("type=bind"));
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

    /// Why what is built may have no lockfile.
    pub(super) fn doubt(self) -> Option<Doubt> {
        match self {
            Self { code, .. } if code.is_doubtful() => Some(Doubt::Brought),
            Self { has_manifest: true, may_have_lock: false, .. } => Some(Doubt::NotCopied),
            _ => None,
        }
    }
}

/// Whether what is copied may be, or bring, a lockfile to where a manifest lies: by its name, by a pattern, as a directory whose
/// contents go to the place itself, or as a variable.
fn may_be_lock(path: &str, target: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_file = name.trim_start_matches('.').contains('.') && !name.contains(['*', '?', '[', '$']);
    let is_place = !target.trim_start_matches("./").contains(|c| c != '/') || target.starts_with(['/', '$']);
    name == "Cargo.lock" || name.contains(['*', '?', '[', '$']) || !is_file && is_place
}
