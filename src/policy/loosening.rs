//! In what a policy is looser than another: a change can pass its own gate by that.
//!
//! What is compared is what is written, not what would be found: a level or a `require` that became weaker, a kind of
//! declaration that is no longer judged, and whatever lets more pass: excludes, scopes, exceptions. Of accepted findings it
//! counts what was found in the base as well: an entry that went along with its float accepts nothing more.

use std::collections::{HashMap, HashSet};

use super::baseline::Baseline;
use super::config::{Policy, Setting};
use super::exception::Exception;
use super::rules::RULES;
use super::scope::{Overlay, Scope, rank};
use crate::scanner::dependency::Pin;
use crate::scanner::pattern::Pattern;

/// The phrases that say in what `policy` is looser than `base`; none where it is nowhere.
#[must_use]
pub fn loosened(policy: &Policy, base: &Policy) -> Vec<String> {
    let mut phrases: Vec<String> = RULES.iter().flat_map(|rule| setting(rule.id, policy, base)).collect();
    let excludes = policy.exclude.iter().filter(|pattern| !base.exclude.contains(pattern));
    phrases.extend(excludes.map(|pattern| format!("`{pattern}` is excluded")));
    let pages = base.pages.iter().filter(|pattern| !policy.pages.contains(pattern));
    phrases.extend(pages.map(|pattern| format!("`{}` is no longer read as pages", pattern.as_str())));
    let added = policy.scopes.iter().filter(|new| !base.scopes.iter().any(|old| is_part(new, old)));
    phrases.extend(counted(
        added.filter(|scope| loosens(scope, base)).count(),
        "scope that loosens",
        "scopes that loosen",
    ));
    let gone = base.scopes.iter().filter(|old| !policy.scopes.iter().any(|new| is_part(old, new)));
    let tightened = gone.filter(|scope| tightens(scope, policy)).count();
    phrases.extend(counted(tightened, "scope that tightened is gone", "scopes that tightened are gone"));
    if is_reordered(policy, base) {
        phrases.push("scopes in an order in which a looser one wins".to_owned());
    }
    let exceptions = policy.exceptions.iter().filter(|new| !base.exceptions.iter().any(|old| covers(old, new)));
    for exception in exceptions {
        let until = exception.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        phrases.push(format!("an exception for {}{until}", exception.about()));
    }
    phrases
}

/// The phrase that says how many more findings a baseline accepts than the base's, or with a weaker pin; none where it is none.
///
/// An entry of the base's that is gone accounts for one of the same rule and name elsewhere: that float moved. One of the
/// `stale` fingerprints does not: it accepted nothing any more.
#[must_use]
pub fn grown(baseline: &Baseline, base: &Baseline, stale: &HashSet<String>) -> Option<String> {
    let (ours, theirs) = (pins(baseline), pins(base));
    let mut left: HashMap<(&str, &str), Vec<Option<Pin>>> = HashMap::new();
    for entry in base.entries.iter().filter(|entry| !stale.contains(&entry.fingerprint)) {
        // What has no name but its file's moves with that file: one that was mended makes no room for another that broke.
        let is_named = entry.path.rsplit('/').next() != Some(entry.name.as_str());
        if is_named && !ours.contains_key(entry.fingerprint.as_str()) {
            left.entry((&entry.rule, &entry.name)).or_default().push(entry.pin);
        }
    }
    let mut count = 0;
    for entry in &baseline.entries {
        let is_known = theirs.get(entry.fingerprint.as_str()).map(|pin| *pin <= entry.pin);
        let mut has_moved = || {
            let left = left.get_mut(&(entry.rule.as_str(), entry.name.as_str()))?;
            let fitting = left.iter().position(|pin| *pin <= entry.pin)?;
            Some(left.swap_remove(fitting))
        };
        count += usize::from(!is_known.unwrap_or_else(|| has_moved().is_some()));
    }
    counted(count, "finding more in the baseline", "findings more in the baseline")
}

/// The pins that a baseline accepts, by fingerprint.
fn pins(baseline: &Baseline) -> HashMap<&str, Option<Pin>> {
    baseline.entries.iter().map(|entry| (entry.fingerprint.as_str(), entry.pin)).collect()
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    }
}

/// In what the setting of a rule is looser.
fn setting(rule: &str, policy: &Policy, base: &Policy) -> Vec<String> {
    let (new, old) = (policy.setting(rule), base.setting(rule));
    let mut phrases = Vec::new();
    if new.level < old.level {
        phrases.push(format!("`{rule}` went from {} to {}", old.level, new.level));
    }
    if let (Some(new), Some(old)) = (new.require, old.require)
        && rank(new) < rank(old)
    {
        phrases.push(format!("`{rule}` went from requiring `{old}` to `{new}`"));
    }
    if fewer_kinds(&new.kinds, &old.kinds) {
        phrases.push(format!("`{rule}` judges fewer kinds"));
    }
    if let (Some(new), Some(old)) = (new.min_age, old.min_age)
        && new < old
    {
        phrases.push(format!("`{rule}` went from a least age of {old} to {new}"));
    }
    if old.require_file && !new.require_file {
        phrases.push(format!("`{rule}` no longer requires a file"));
    }
    phrases
}

fn fewer_kinds<T: PartialEq>(new: &Option<Vec<T>>, old: &Option<Vec<T>>) -> bool {
    match (new, old) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(new), Some(old)) => old.iter().any(|kind| !new.contains(kind)),
    }
}

/// Whether a scope says what another one says, in no more places.
fn is_part(scope: &Scope, other: &Scope) -> bool {
    let is_within = |inner: &Option<Vec<Pattern>>, outer: &Option<Vec<Pattern>>| match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner.iter().all(|pattern| outer.contains(pattern)),
    };
    is_within(&scope.paths, &other.paths)
        && is_within(&scope.packages, &other.packages)
        && (other.published.is_none() || scope.published == other.published)
        && scope.rules.len() == other.rules.len()
        && scope.rules.iter().all(|(rule, overlay)| other.rules.get(rule).is_some_and(|other| overlay.says(other)))
}

/// What holds for a rule in one place or another: what the policy says, and what each of its scopes makes of that.
fn settings(rule: &'static str, policy: &Policy) -> impl Iterator<Item = Setting> {
    let setting = policy.setting(rule);
    let overlays = policy.scopes.iter().filter_map(move |scope| scope.rules.get(rule));
    let scoped = overlays.map(|overlay| {
        let mut setting = setting.clone();
        overlay.apply(&mut setting);
        setting
    });
    std::iter::once(setting.clone()).chain(scoped)
}

/// Whether a scope lets something pass that a policy without it would not, where it has the last word.
fn loosens(scope: &Scope, policy: &Policy) -> bool {
    scope.rules.iter().any(|(&rule, overlay)| settings(rule, policy).any(|setting| is_looser(overlay, &setting)))
}

/// Whether a scope finds something that a policy without it would not, where what it says is not said otherwise.
fn tightens(scope: &Scope, policy: &Policy) -> bool {
    scope.rules.iter().any(|(&rule, overlay)| settings(rule, policy).any(|setting| is_tighter(overlay, &setting)))
}

/// Whether two scopes of both policies changed places, so that the looser one, now behind the other, wins.
fn is_reordered(policy: &Policy, base: &Policy) -> bool {
    let before = |scope: &Scope| base.scopes.iter().rposition(|old| is_part(scope, old));
    policy.scopes.iter().enumerate().any(|(at, last)| {
        let Some(place) = before(last) else { return false };
        policy.scopes[..at].iter().any(|first| {
            let is_looser = |(rule, overlay): (&&'static str, &Overlay)| {
                let mut setting = base.setting(rule).clone();
                first.rules.get(*rule).is_some_and(|first| {
                    first.apply(&mut setting);
                    is_looser(overlay, &setting)
                })
            };
            before(first).is_some_and(|first| first > place) && last.rules.iter().any(is_looser)
        })
    })
}

/// Whether less is found where an overlay is laid over a setting.
fn is_looser(overlay: &Overlay, setting: &Setting) -> bool {
    overlay.level.is_some_and(|level| level < setting.level)
        || matches!((overlay.require, setting.require), (Some(new), Some(old)) if rank(new) < rank(old))
        || (overlay.kinds.is_some() && fewer_kinds(&overlay.kinds, &setting.kinds))
        || (overlay.require_file == Some(false) && setting.require_file)
        || matches!((overlay.min_age, setting.min_age), (Some(new), Some(old)) if new < old)
}

/// Whether more is found where an overlay is laid over a setting.
fn is_tighter(overlay: &Overlay, setting: &Setting) -> bool {
    overlay.level.is_some_and(|level| level > setting.level)
        || matches!((overlay.require, setting.require), (Some(new), Some(old)) if rank(new) > rank(old))
        || (overlay.kinds.is_some() && fewer_kinds(&setting.kinds, &overlay.kinds))
        || (overlay.require_file == Some(true) && !setting.require_file)
        || matches!((overlay.min_age, setting.min_age), (Some(new), Some(old)) if new > old)
}

/// Whether an exception lets pass whatever another does, and for as long.
fn covers(old: &Exception, new: &Exception) -> bool {
    let lasts = match (old.expires, new.expires) {
        (None, _) => true,
        (Some(old), Some(new)) => new <= old,
        (Some(_), None) => false,
    };
    let has_paths =
        old.paths.is_empty() || (!new.paths.is_empty() && new.paths.iter().all(|path| old.paths.contains(path)));
    old.rule == new.rule && lasts && has_paths && (old.name.is_none() || old.name == new.name)
}
