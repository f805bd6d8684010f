//! In what a policy is looser than another: a change can pass its own gate by that.
//!
//! What is compared is what is written, not what would be found: a level or a `require` that became weaker, a kind of
//! declaration that is no longer judged, and whatever lets more pass: excludes, scopes, exceptions, accepted findings.

use super::baseline::Accepted;
use super::config::{Policy, Setting};
use super::exception::Exception;
use super::finding::Level;
use super::rules::RULES;
use super::scope::{Overlay, Scope, rank};

/// The phrases that say in what `policy` is looser than `base`; none where it is nowhere.
#[must_use]
pub fn loosened(policy: &Policy, base: &Policy) -> Vec<String> {
    let mut phrases: Vec<String> = RULES.iter().flat_map(|rule| setting(rule.id, policy, base)).collect();
    let excludes = policy.exclude.iter().filter(|pattern| !base.exclude.contains(pattern));
    phrases.extend(excludes.map(|pattern| format!("`{pattern}` is excluded")));
    let scopes = changed(&policy.scopes, &base.scopes).filter(|scope| is_loosening(scope, base));
    phrases.extend(counted(scopes.count(), "scope that loosens", "scopes that loosen"));
    let tightening = changed(&base.scopes, &policy.scopes).filter(|scope| is_tightening(scope, policy));
    phrases.extend(counted(tightening.count(), "scope that tightened is gone", "scopes that tightened are gone"));
    let exceptions = policy.exceptions.iter().filter(|new| !base.exceptions.iter().any(|old| covers(old, new)));
    for exception in exceptions {
        let until = exception.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        phrases.push(format!("an exception for {}{until}", exception.about()));
    }
    phrases.extend(counted(accepted(policy, base), "finding more in the baseline", "findings more in the baseline"));
    phrases
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

/// The scopes of one policy that the other does not have as they are.
fn changed<'s>(scopes: &'s [Scope], others: &'s [Scope]) -> impl Iterator<Item = &'s Scope> {
    scopes.iter().filter(|scope| !others.contains(scope))
}

/// Whether a scope lets something pass that the policy without it would not.
fn is_loosening(scope: &Scope, policy: &Policy) -> bool {
    scope.rules.iter().any(|(rule, overlay)| {
        let setting = policy.setting(rule);
        overlay.level.is_some_and(|level| level < setting.level)
            || is_weaker(overlay, setting)
            || (overlay.kinds.is_some() && fewer_kinds(&overlay.kinds, &setting.kinds))
            || (overlay.require_file == Some(false) && setting.require_file)
    })
}

fn is_weaker(overlay: &Overlay, setting: &Setting) -> bool {
    matches!((overlay.require, setting.require), (Some(new), Some(old)) if rank(new) < rank(old))
}

/// Whether a scope finds something that the policy without it would not.
fn is_tightening(scope: &Scope, policy: &Policy) -> bool {
    scope.rules.iter().any(|(rule, overlay)| {
        let setting = policy.setting(rule);
        overlay.level.is_some_and(|level| level > setting.level && level > Level::Allow)
            || matches!((overlay.require, setting.require), (Some(new), Some(old)) if rank(new) > rank(old))
            || (overlay.kinds.is_some() && fewer_kinds(&setting.kinds, &overlay.kinds))
            || (overlay.require_file == Some(true) && !setting.require_file)
    })
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

/// How many findings a baseline accepts that the other does not, or with a weaker pin.
fn accepted(policy: &Policy, base: &Policy) -> usize {
    let known: std::collections::HashMap<&str, &Accepted> =
        base.baseline.entries.iter().map(|entry| (entry.fingerprint.as_str(), entry)).collect();
    let is_more = |entry: &&Accepted| known.get(entry.fingerprint.as_str()).is_none_or(|known| entry.pin < known.pin);
    policy.baseline.entries.iter().filter(is_more).count()
}
