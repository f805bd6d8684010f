//! The floor: one policy for many repositories, which each of them may tighten for itself.
//!
//! For each rule and place, the stricter of both holds: level, `require`, kinds, `require-file`, `min-age`. What a repository lets pass for
//! itself, by excludes, scopes, exceptions or its baseline, counts for the rules alone that the floor honours:
//!
//! ```toml
//! [audit]
//! honour = ["unpinned-toolchain"]
//! ```
//!
//! The command line may tighten what comes of it. A repository's own pinned.toml may have that table as well, since one file can
//! serve as both; it means nothing there.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::config::{Error, Policy, Setting};
use super::exception::Exception;
use super::finding::Level;
use super::rules::{RULES, STALE_EXCEPTION};
use super::scope::{Overlay, Scope, rank};
use super::values::{choice, unknown, wrong};
use crate::text::FileId;

/// What a repository says itself, over a floor.
#[derive(Debug, Clone)]
pub struct Own {
    /// What it says of rules everywhere.
    said: BTreeMap<&'static str, Overlay>,
    /// What it says in parts.
    pub(super) scopes: Vec<Scope>,
    /// Its file.
    pub(super) file: Option<FileId>,
    /// What the floor says of rules everywhere.
    pub(super) floor: BTreeMap<&'static str, Setting>,
    /// Whether its scopes may loosen.
    is_honoured: bool,
}

impl Own {
    /// Lays what the repository says of a rule over what the floor says.
    pub(super) fn lay<'o>(&self, setting: &mut Setting, rule: &str, scopes: impl Iterator<Item = &'o Overlay>) {
        let mut said = self.said.get(rule).cloned().unwrap_or_default();
        if self.is_honoured {
            tighten(&said, setting);
            for overlay in scopes {
                let before = setting.at.clone();
                overlay.apply(setting);
                setting.is_own |= setting.at != before;
            }
            return;
        }
        // Only what its own scopes leave of it: where they take something back, it does not say so there.
        for overlay in scopes {
            said = then(said, overlay);
        }
        tighten(&said, setting);
    }
}

/// What two overlays come to, the second one laid over the first.
fn then(first: Overlay, second: &Overlay) -> Overlay {
    Overlay {
        level: second.level.or(first.level),
        require: second.require.or(first.require),
        kinds: second.kinds.clone().or(first.kinds),
        require_file: second.require_file.or(first.require_file),
        min_age: second.min_age.or(first.min_age),
        at: second.at.clone(),
    }
}

/// Lays an overlay over a setting as far as it is stricter.
fn tighten(overlay: &Overlay, setting: &mut Setting) {
    let mut is_stricter = false;
    if let Some(level) = overlay.level.filter(|level| *level > setting.level) {
        (setting.level, is_stricter) = (level, true);
    }
    if let Some(require) = overlay.require
        && setting.require.is_none_or(|old| rank(old) < rank(require))
    {
        (setting.require, is_stricter) = (Some(require), true);
    }
    if overlay.require_file == Some(true) && !setting.require_file {
        (setting.require_file, is_stricter) = (true, true);
    }
    if let Some(age) = overlay.min_age
        && setting.min_age.is_none_or(|old| old < age)
    {
        (setting.min_age, is_stricter) = (Some(age), true);
    }
    if let (Some(more), Some(kinds)) = (&overlay.kinds, &mut setting.kinds) {
        kinds.extend(more.iter().filter(|kind| !kinds.contains(kind)).copied().collect::<Vec<_>>());
    }
    if is_stricter {
        (setting.at, setting.is_own) = (Some(overlay.at.clone()), true);
    }
}

/// A floor and a repository's own policy, each with the place of its file. With `honoured`, what the repository lets pass counts:
/// that is for the rules of the floor's `honour` alone.
#[must_use]
pub fn over(floor: &Policy, own: &Policy, honoured: bool) -> Policy {
    let mut policy = floor.clone();
    policy.pages.extend(own.pages.iter().cloned());
    for (rule, overlay) in &own.said {
        if let Some(setting) = policy.settings.get_mut(rule) {
            tighten(overlay, setting);
        }
    }
    if honoured {
        policy.exclude.extend(own.exclude.iter().cloned());
        policy.exceptions.extend(own.exceptions.iter().cloned());
        policy.baseline.clone_from(&own.baseline);
    }
    policy.own = Some(Own {
        said: own.said.clone(),
        scopes: own.scopes.clone(),
        file: own.file,
        floor: floor.settings.clone(),
        is_honoured: honoured,
    });
    policy
}

/// Whether a policy lets pass nothing that a floor might not: then there is nothing to honour or to name as waived.
#[must_use]
pub fn only_tightens(own: &Policy) -> bool {
    let loosens = |(rule, overlay): (&&'static str, &Overlay)| {
        let default = Policy::default();
        let default = default.setting(rule);
        overlay.level.is_some_and(|level| level < default.level)
            || matches!((overlay.require, default.require), (Some(new), Some(old)) if rank(new) < rank(old))
            || matches!((overlay.min_age, default.min_age), (Some(new), Some(old)) if new < old)
            || overlay.kinds.is_some()
    };
    own.exclude.is_empty()
        && own.scopes.is_empty()
        && own.exceptions.is_empty()
        && own.baseline.entries.is_empty()
        && !own.said.iter().any(loosens)
}

/// What judges a repository by itself beside a floor: its own policy, but for what its own exceptions weigh that match nothing.
#[must_use]
pub fn alone(own: &Policy, strict: &Policy) -> Policy {
    let mut policy = own.clone();
    policy.settings.insert(STALE_EXCEPTION, strict.setting(STALE_EXCEPTION).clone());
    policy.deny_warnings = strict.deny_warnings;
    policy
}

/// The exceptions of a floor that match nothing that was found, by rule, name and path.
#[must_use]
pub fn unused(floor: &Policy, mut is_found: impl FnMut(&Exception) -> bool) -> Vec<&Exception> {
    let is_on = |exception: &&Exception| floor.setting(exception.rule).level != Level::Allow;
    floor.exceptions.iter().filter(is_on).filter(|exception| !is_found(exception)).collect()
}

/// Reads the table `[audit]`.
pub(super) fn audit(value: &Spanned<DeValue<'_>>) -> Result<Vec<&'static str>, Error> {
    let Some(table) = value.get_ref().as_table() else { return Err(wrong(value, "audit", "a table")) };
    let known: Vec<(&str, &'static str)> = RULES.iter().map(|rule| (rule.id, rule.id)).collect();
    let mut honour = Vec::new();
    for (key, value) in table {
        if key.get_ref() != "honour" {
            return Err(unknown(key.span(), "key of `audit`", key.get_ref(), &["honour"]));
        }
        let Some(array) = value.get_ref().as_array() else { return Err(wrong(value, "honour", "a list of rules")) };
        honour = array.iter().map(|item| choice(item, "rule", &known)).collect::<Result<_, _>>()?;
    }
    Ok(honour)
}
