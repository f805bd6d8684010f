//! The policy file, pinned.toml: built-in defaults, and what a repository changes about them.
//!
//! Every key is optional; one that is not known is an error that names the nearest known one. What is read here is only
//! what is written: the levels of the command line are applied on top by [`Policy::set_level`].

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::age::Age;
use super::baseline::Baseline;
use super::exception::Exception;
use super::finding::Level;
use super::floor::{self, Own};
use super::pages;
use super::rule::Rule;
use super::rules;
use super::scope::{Overlay, Scope};
pub use super::values::suggestion;
use super::values::{choice, date, pattern, patterns, strings, unknown, wrong};
use crate::scanner::dependency::{Pin, Role, Surface};
use crate::scanner::pattern::Pattern;
use crate::text::FileId;

/// The option that says how old a release must be.
const MIN_AGE: &str = "min-age";

/// The policy's file name, at the snapshot's root.
pub const FILE: &str = "pinned.toml";

/// The weakest pin that a rule lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Require {
    /// A weaker pin passes where the lockfile holds it to one version with a checksum or commit.
    Locked,
    /// At least this pin.
    Pin(Pin),
}

impl fmt::Display for Require {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.pad("locked"),
            Self::Pin(pin) => f.pad(pin.name()),
        }
    }
}

/// What the policy says of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// How much its findings weigh.
    pub level: Level,
    /// The weakest pin that passes, for rules that judge pins.
    pub require: Option<Require>,
    /// Which kinds of declarations it judges; all, where this is not said.
    pub kinds: Option<Vec<Role>>,
    /// `require-file`: whether there must be a toolchain file at all.
    pub require_file: bool,
    /// `min-age`: how old a release must be, for the rule that judges that.
    pub min_age: Option<Age>,
    /// The bytes of the policy file that changed one of these last.
    pub at: Option<std::ops::Range<usize>>,
    /// Whether that file is the repository's own, where a floor is below it.
    pub is_own: bool,
}

impl Setting {
    /// What is said of a rule that the policy has not heard of, which no registered rule is.
    const NONE: Self = Self {
        level: Level::Allow,
        require: None,
        kinds: None,
        require_file: false,
        min_age: None,
        at: None,
        is_own: false,
    };

    /// The defaults of a rule.
    fn of(rule: &Rule) -> Self {
        let min_age = rule.options.iter().any(|(name, _)| *name == MIN_AGE).then_some(Age::DEFAULT);
        Self { level: rule.level, require: rule.require, min_age, ..Self::NONE }
    }

    /// Whether it asks for what the rule asks for by default, whatever the level.
    pub(super) fn is_as_usual(&self, rule: &Rule) -> bool {
        let usual = Self::of(rule);
        self.require == usual.require && self.require_file == usual.require_file && self.min_age == usual.min_age
    }
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(super) settings: BTreeMap<&'static str, Setting>,
    /// What the file says of rules, where no scope says otherwise.
    pub(super) said: BTreeMap<&'static str, Overlay>,
    /// The rules of which an audit by this floor lets each repository's own policy have its say.
    pub honour: Vec<&'static str>,
    /// What the repository says itself, where this is a floor below it.
    pub(super) own: Option<Own>,
    /// Patterns of paths to leave out.
    pub exclude: Vec<String>,
    /// Patterns of files that are pages, beside those that are by their name.
    pub pages: Vec<Pattern>,
    /// Parts of the repository in which rules have other settings; later ones win.
    pub scopes: Vec<Scope>,
    /// The levels of the command line, which hold everywhere.
    pub(super) typed: BTreeMap<&'static str, Level>,
    /// Findings that pass for a reason.
    pub exceptions: Vec<Exception>,
    /// Findings that were accepted one day.
    pub baseline: Baseline,
    /// The file that it was read from, once that has a place in the table of files.
    pub file: Option<FileId>,
    pub(super) deny_warnings: bool,
}

impl Default for Policy {
    fn default() -> Self {
        let defaults = |rule: &&'static Rule| (rule.id, Setting::of(rule));
        Self {
            settings: rules::RULES.iter().map(defaults).collect(),
            said: BTreeMap::new(),
            honour: Vec::new(),
            own: None,
            exclude: Vec::new(),
            pages: Vec::new(),
            scopes: Vec::new(),
            typed: BTreeMap::new(),
            exceptions: Vec::new(),
            baseline: Baseline::default(),
            file: None,
            deny_warnings: false,
        }
    }
}

/// What is wrong in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The bytes that are wrong.
    pub at: std::ops::Range<usize>,
    /// What is wrong with them.
    pub message: String,
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// The first mistake, at its place.
    pub fn parse(text: &str) -> Result<Self> {
        let table = DeTable::parse(text).map_err(|error| Error {
            at: error.span().unwrap_or(0..0),
            message: format!("not valid TOML: {}", error.message()),
        })?;
        let mut policy = Self::default();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "exclude" => {
                    policy.exclude = strings(value, "exclude")?;
                    patterns(value, "exclude")?;
                }
                "rules" => {
                    for (rule, overlay) in overlays(value)? {
                        overlay.apply(policy.settings.entry(rule.id).or_insert_with(|| Setting::of(rule)));
                        policy.said.insert(rule.id, overlay);
                    }
                }
                "scope" => policy.scopes = scopes(value)?,
                "exception" => policy.exceptions = exceptions(value)?,
                "audit" => policy.honour = floor::audit(value)?,
                "web" => policy.pages = pages::web(value)?,
                other => {
                    let known = ["audit", "exclude", "exception", "rules", "scope", "web"];
                    return Err(unknown(key.span(), "key", other, &known));
                }
            }
        }
        Ok(policy)
    }

    /// What the policy says of a rule.
    #[must_use]
    pub fn setting(&self, id: &str) -> &Setting {
        self.settings.get(id).unwrap_or(&Setting::NONE)
    }

    /// Sets a rule's level; whether there is such a rule.
    pub fn set_level(&mut self, id: &str, level: Level) -> bool {
        let Some(rule) = rules::find(id) else { return false };
        self.settings.entry(rule.id).or_insert_with(|| Setting::of(rule)).level = level;
        self.typed.insert(rule.id, level);
        true
    }

    /// Makes every warning fail the run.
    pub fn deny_warnings(&mut self) {
        self.deny_warnings = true;
    }

    pub(super) fn raise(&self, level: Level) -> Level {
        if self.deny_warnings && level == Level::Warn { Level::Deny } else { level }
    }
}

/// What a table of rules says of each.
fn overlays(value: &Spanned<DeValue<'_>>) -> Result<Vec<(&'static Rule, Overlay)>> {
    let Some(table) = value.get_ref().as_table() else { return Err(wrong(value, "rules", "a table")) };
    let one = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<toml::de::DeString<'_>> = key;
        let id = key.get_ref().as_ref();
        let Some(rule) = rules::find(id) else {
            let ids: Vec<&str> = rules::RULES.iter().map(|rule| rule.id).collect();
            return Err(unknown(key.span(), "rule", id, &ids));
        };
        let at = key.span().start..value.span().end;
        Ok((rule, Overlay { at, ..overlay(rule, value)? }))
    };
    table.iter().map(one).collect()
}

fn overlay(rule: &Rule, value: &Spanned<DeValue<'_>>) -> Result<Overlay> {
    let mut overlay = Overlay::default();
    if value.get_ref().is_str() {
        overlay.level = Some(level(value)?);
        return Ok(overlay);
    }
    let Some(table) = value.get_ref().as_table() else { return Err(wrong(value, rule.id, "a level or a table")) };
    let mut known = vec!["level"];
    known.extend(rule.require.map(|_| "require"));
    known.extend(rule.options.iter().map(|(name, _)| *name));
    for (key, value) in table {
        match key.get_ref().as_ref() {
            other if !known.contains(&other) => {
                return Err(unknown(key.span(), &format!("option of `{}`", rule.id), other, &known));
            }
            "level" => overlay.level = Some(level(value)?),
            "require" => {
                let required = require(value)?;
                if let Some(message) = rule.why_not(required) {
                    return Err(Error { at: value.span(), message });
                }
                overlay.require = Some(required);
            }
            MIN_AGE => {
                let age = value.get_ref().as_str().and_then(Age::parse);
                let wanted = "a number and a unit, such as \"3 days\" (minutes, hours, days, weeks)";
                overlay.min_age = Some(age.ok_or_else(|| wrong(value, MIN_AGE, wanted))?);
            }
            "kinds" => overlay.kinds = Some(kinds(rule, value)?),
            _ => {
                let flag = value.get_ref().as_bool();
                overlay.require_file = Some(flag.ok_or_else(|| wrong(value, "require-file", "true or false"))?);
            }
        }
    }
    Ok(overlay)
}

fn scopes(value: &Spanned<DeValue<'_>>) -> Result<Vec<Scope>> {
    const KEYS: [&str; 4] = ["paths", "packages", "published", "rules"];
    let wanted = "tables: `[[scope]]`";
    let Some(array) = value.get_ref().as_array() else { return Err(wrong(value, "scope", wanted)) };
    let one = |item: &Spanned<DeValue<'_>>| {
        let Some(table) = item.get_ref().as_table() else { return Err(wrong(item, "scope", wanted)) };
        let mut scope = Scope::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "paths" => scope.paths = Some(patterns(value, "paths")?),
                "packages" => scope.packages = Some(patterns(value, "packages")?),
                "published" => {
                    let flag = value.get_ref().as_bool();
                    scope.published = Some(flag.ok_or_else(|| wrong(value, "published", "true or false"))?);
                }
                "rules" => {
                    scope.rules = overlays(value)?.into_iter().map(|(rule, overlay)| (rule.id, overlay)).collect()
                }
                other => return Err(unknown(key.span(), "key of a scope", other, &KEYS)),
            }
        }
        if scope.paths.is_none() && scope.packages.is_none() && scope.published.is_none() {
            let message = "a scope needs `paths`, `packages` or `published`".to_owned();
            return Err(Error { at: item.span(), message });
        }
        Ok(scope)
    };
    array.iter().map(one).collect()
}

fn exceptions(value: &Spanned<DeValue<'_>>) -> Result<Vec<Exception>> {
    let wanted = "tables: `[[exception]]`";
    let Some(array) = value.get_ref().as_array() else { return Err(wrong(value, "exception", wanted)) };
    let one = |item: &Spanned<DeValue<'_>>| match item.get_ref().as_table() {
        Some(table) => exception(table, item.span()),
        None => Err(wrong(item, "exception", wanted)),
    };
    array.iter().map(one).collect()
}

fn exception(table: &DeTable<'_>, at: std::ops::Range<usize>) -> Result<Exception> {
    const KEYS: [&str; 5] = ["rule", "name", "paths", "reason", "expires"];
    let (mut rule, mut reason) = (None, None);
    let (mut name, mut paths, mut expires) = (None, Vec::new(), None);
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "rule" => {
                let known: Vec<(&str, &'static str)> = rules::RULES.iter().map(|rule| (rule.id, rule.id)).collect();
                rule = Some(choice(value, "rule", &known)?);
            }
            "name" => name = Some(pattern(value, "name")?),
            "paths" => paths = patterns(value, "paths")?,
            "reason" => {
                reason = value.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
            }
            "expires" => expires = Some(date(value)?),
            other => return Err(unknown(key.span(), "key of an exception", other, &KEYS)),
        }
    }
    let lacks = |what: &str| Error { at: at.clone(), message: format!("an exception needs a `{what}`") };
    let (rule, reason) = (rule.ok_or_else(|| lacks("rule"))?, reason.ok_or_else(|| lacks("reason"))?);
    Ok(Exception { rule, name, paths, reason, expires, at })
}

fn level(value: &Spanned<DeValue<'_>>) -> Result<Level> {
    choice(value, "level", &[("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)])
}

fn require(value: &Spanned<DeValue<'_>>) -> Result<Require> {
    let pins = [Pin::Latest, Pin::Range, Pin::Tag, Pin::Exact, Pin::Content].map(|pin| (pin.name(), Require::Pin(pin)));
    let mut known = pins.to_vec();
    known.push(("locked", Require::Locked));
    choice(value, "require", &known)
}

/// The kinds of declarations that a rule can be told to judge, or not.
pub(super) fn known_kinds(rule: &Rule) -> [Role; 3] {
    match rule.surface {
        Some(Surface::Npm) => [Role::Normal, Role::Dev, Role::Peer],
        _ => [Role::Normal, Role::Build, Role::Dev],
    }
}

fn kinds(rule: &Rule, value: &Spanned<DeValue<'_>>) -> Result<Vec<Role>> {
    let Some(array) = value.get_ref().as_array() else {
        return Err(wrong(value, "kinds", "a list"));
    };
    let known = known_kinds(rule).map(|role| (role.name(), role));
    array.iter().map(|item| choice(item, "kind", &known)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, at: &str, expected: &[&str]) {
        let error = Policy::parse(text).expect_err("refused");
        assert_eq!(&text[error.at.clone()], at);
        for part in expected {
            assert!(error.message.contains(part), "{}", error.message);
        }
    }

    #[test]
    fn a_misspelling_names_what_is_nearest() {
        refused("[rules]\nunpined-crate = \"warn\"\n", "unpined-crate", &["unpinned-crate"]);
        refused("exclud = []\n", "exclud", &["`exclude`"]);
        refused("[rules]\nunpinned-crate = \"wran\"\n", "\"wran\"", &["`warn`"]);
        refused("[rules]\nunpinned-crate = { requier = \"exact\" }\n", "requier", &["`require`"]);
        refused("[rules]\nunpinned-crate = { require = \"exakt\" }\n", "\"exakt\"", &["`exact`"]);
        let locked = "unpinned-action = { require = \"locked\" }";
        refused(&format!("[rules]\n{locked}\n"), "\"locked\"", &["no lockfile holds what `unpinned-action` judges"]);
        refused("[rules]\nlock-stale = { require = \"exact\" }\n", "require", &["option of `lock-stale`"]);
    }

    #[test]
    fn a_wrong_type_says_what_is_wanted() {
        refused("exclude = \"a\"\n", "\"a\"", &["list of strings"]);
        refused("[rules]\nlock-stale = 3\n", "3", &["a level or a table"]);
        refused("a = \n", "", &["not valid TOML"]);
    }

    #[test]
    fn settings_are_read() {
        let text = "[rules]\nlock-stale = \"warn\"\nunpinned-crate = { level = \"warn\", require = \"locked\", kinds = [\"normal\"] }\n";
        let policy = Policy::parse(text).expect("a policy");
        assert_eq!(policy.setting("lock-stale").level, Level::Warn);
        let setting = policy.setting("unpinned-crate");
        assert_eq!((setting.level, setting.require), (Level::Warn, Some(Require::Locked)));
        assert_eq!(setting.kinds, Some(vec![Role::Normal]));
        assert_eq!(policy.setting("unpinned-git").level, Level::Deny);
    }
}
