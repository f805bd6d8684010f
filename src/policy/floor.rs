//! The floor: one policy for many repositories, which each of them may tighten for itself.
//!
//! For each rule and place, the stricter of both holds: level, `require`, kinds, `require-file`. What a repository lets pass for
//! itself, by excludes, scopes, exceptions or its baseline, counts for the rules alone that the floor honours:
//!
//! ```toml
//! [audit]
//! honour = ["unpinned-toolchain"]
//! ```
//!
//! The command line may tighten what comes of it. A repository's own pinned.toml may have that table as well, since one file can
//! serve as both; it means nothing there.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use super::config::{Error, Policy, Setting, choice, unknown, wrong};
use super::exception::Exception;
use super::finding::Finding;
use super::rules::{RULES, STALE_EXCEPTION};
use super::scope::{Overlay, Scope, rank};
use super::{Outcome, place, sort};
use crate::scanner::Scan;
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
            || overlay.kinds.is_some()
    };
    own.exclude.is_empty()
        && own.scopes.is_empty()
        && own.exceptions.is_empty()
        && own.baseline.entries.is_empty()
        && !own.said.iter().any(loosens)
}

/// A finding that the repository's own policy lets pass, and the floor does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Waived {
    /// The finding.
    pub finding: Finding,
    /// How it would pass there.
    pub reason: String,
    /// The last day that it would.
    pub expires: Option<Date>,
}

/// What is needed to tell what a repository lets pass by itself.
pub struct Alone<'a> {
    /// What its own policy finds.
    pub own: Outcome,
    /// What it finds where it excludes nothing.
    pub included: Option<Outcome>,
    /// What no policy finds.
    pub default: Outcome,
    /// A scan with the same files as those that were judged.
    pub scan: &'a Scan,
}

impl Alone<'_> {
    /// Those of the findings that the repository's own policy would let pass. What no policy finds either is not its doing.
    #[must_use]
    pub fn waived(&self, findings: &[Finding]) -> Vec<Waived> {
        let key =
            |finding: &Finding| (finding.rule, finding.fingerprint(self.scan.files.path(finding.violation.span.file)));
        let keys = |findings: &[Finding]| findings.iter().map(key).collect::<HashSet<_>>();
        let found = keys(&self.own.findings);
        let baselined = keys(&self.own.baselined);
        let excepted: HashMap<_, _> =
            self.own.excepted.iter().map(|excepted| (key(&excepted.finding), excepted)).collect();
        let included = self.included.as_ref().map(|outcome| keys(&outcome.findings)).unwrap_or_default();
        let default = keys(&self.default.findings);
        let why = |finding: &Finding| {
            let key = key(finding);
            if found.contains(&key) {
                return None;
            }
            if let Some(excepted) = excepted.get(&key) {
                return Some((excepted.reason.clone(), excepted.expires));
            }
            let reason = if baselined.contains(&key) {
                "in its baseline"
            } else if included.contains(&key) {
                "excluded by its pinned.toml"
            } else if default.contains(&key) {
                "allowed by its pinned.toml"
            } else {
                return None;
            };
            Some((reason.to_owned(), None))
        };
        let one = |finding: &Finding| {
            let (reason, expires) = why(finding)?;
            Some(Waived { finding: finding.clone(), reason, expires })
        };
        findings.iter().filter_map(one).collect()
    }
}

/// What judges a repository by itself beside a floor: its own policy, but for what its own exceptions weigh that match nothing.
#[must_use]
pub fn alone(own: &Policy, strict: &Policy) -> Policy {
    let mut policy = own.clone();
    policy.settings.insert(STALE_EXCEPTION, strict.setting(STALE_EXCEPTION).clone());
    policy.deny_warnings = strict.deny_warnings;
    policy
}

/// Puts together what was found by the floor, for the rules that it honours with what the repository lets pass, and what the
/// repository's own policy says of its own exceptions.
#[must_use]
pub fn join(scan: &Scan, floor: &Policy, strict: Outcome, honouring: Option<Outcome>, own: &Outcome) -> Outcome {
    let mut joined = strict;
    if let Some(honouring) = honouring {
        let is_honoured = |finding: &Finding| floor.honour.contains(&finding.rule);
        joined.findings.retain(|finding| !is_honoured(finding));
        joined.excepted.retain(|excepted| !is_honoured(&excepted.finding));
        joined.findings.extend(honouring.findings.into_iter().filter(is_honoured));
        joined.excepted.extend(honouring.excepted.into_iter().filter(|excepted| is_honoured(&excepted.finding)));
        joined.baselined = honouring.baselined.into_iter().filter(is_honoured).collect();
        joined.excepted.sort_by(|a, b| place(scan, &a.finding).cmp(&place(scan, &b.finding)));
    }
    let stale = own.findings.iter().filter(|finding| finding.rule == STALE_EXCEPTION);
    joined.findings.extend(stale.cloned());
    sort(scan, &mut joined.findings);
    joined
}

/// The exceptions of a floor that match nothing that was found, by rule, name and path.
#[must_use]
pub fn unused<'f>(floor: &'f Policy, mut is_found: impl FnMut(&Exception) -> bool) -> Vec<&'f Exception> {
    let is_on = |exception: &&Exception| floor.setting(exception.rule).level != super::finding::Level::Allow;
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
