//! Scopes: parts of a repository in which a rule has other settings.
//!
//! A declaration is judged by the scopes of its own place. An entry of `[workspace.dependencies]` has as many places as
//! members inherit it: it is judged once, by the weakest `require` among theirs, since a tighter one would bind them all.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::age::Age;
use super::config::{Policy, Require, Setting};
use super::finding::Level;
use crate::scanner::Scan;
use crate::scanner::cargo::workspace::Member;
use crate::scanner::dependency::{Dependency, Pin, Role};
use crate::scanner::pattern::Pattern;
use crate::scanner::pattern::index::{Index, are_rarer, texts};
use crate::text::FileId;

/// A scope, as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// Globs of paths; any, where it is not said.
    pub paths: Option<Vec<Pattern>>,
    /// Globs of names of packages; any, where it is not said.
    pub packages: Option<Vec<Pattern>>,
    /// Whether the package must be published as a library, or must not.
    pub published: Option<bool>,
    /// What it says of rules.
    pub rules: BTreeMap<&'static str, Overlay>,
}

/// What a scope says of a rule; what it does not say stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    /// How much its findings weigh.
    pub level: Option<Level>,
    /// The weakest pin that passes.
    pub require: Option<Require>,
    /// Which kinds of declarations it judges.
    pub kinds: Option<Vec<Role>>,
    /// Whether there must be a toolchain file.
    pub require_file: Option<bool>,
    /// How old a release must be.
    pub min_age: Option<Age>,
    /// Its bytes in the policy file.
    pub at: std::ops::Range<usize>,
}

impl Overlay {
    /// Whether it says the same as another, wherever in the file each stands.
    pub(super) fn says(&self, other: &Self) -> bool {
        *self == Self { at: self.at.clone(), ..other.clone() }
    }

    pub(super) fn apply(&self, setting: &mut Setting) {
        let changes = self.level.is_some_and(|level| level != setting.level)
            || (self.require.is_some() && self.require != setting.require)
            || self.require_file.is_some_and(|require| require != setting.require_file)
            || (self.min_age.is_some() && self.min_age != setting.min_age);
        if changes {
            (setting.at, setting.is_own) = (Some(self.at.clone()), false);
        }
        setting.level = self.level.unwrap_or(setting.level);
        setting.require = self.require.or(setting.require);
        setting.require_file = self.require_file.unwrap_or(setting.require_file);
        setting.min_age = self.min_age.or(setting.min_age);
        if self.kinds.is_some() {
            setting.kinds.clone_from(&self.kinds);
        }
    }
}

/// Where something stands, as far as scopes care.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    path: &'a str,
    member: Option<&'a Member>,
    role: Option<Role>,
}

impl Scope {
    fn covers(&self, place: Place<'_>) -> bool {
        let matches = |patterns: &Option<Vec<Pattern>>, text: Option<&str>| {
            let any =
                |patterns: &Vec<Pattern>| text.is_some_and(|text| patterns.iter().any(|pattern| pattern.matches(text)));
            patterns.as_ref().is_none_or(any)
        };
        // What is published carries its normal and build dependencies with it, and no others.
        let is_carried = matches!(place.role, None | Some(Role::Normal | Role::Build));
        let is_published = place.member.is_some_and(|member| member.is_published) && is_carried;
        matches(&self.paths, Some(place.path))
            && matches(&self.packages, place.member.map(|member| member.name.as_str()))
            && self.published.is_none_or(|published| published == is_published)
    }
}

/// A policy, ready to be asked about places.
pub struct Scoped<'a> {
    pub(super) policy: &'a Policy,
    pub(super) scan: &'a Scan,
    members: HashMap<FileId, &'a Member>,
    /// The scopes by their places, ours and a repository's own over a floor: made when a place is first asked about.
    places: OnceLock<[Places; 2]>,
}

/// Scopes by where they hold, so that not each place is held to each of them.
#[derive(Debug, Default)]
struct Places {
    by_path: Index,
    by_package: Index,
    /// Those that hold in any path and package.
    rest: Vec<usize>,
}

impl Places {
    fn new<'s>(scopes: &'s [Scope]) -> Self {
        let paths = |scope: &'s Scope| scope.paths.as_deref().map(texts);
        let packages = |scope: &'s Scope| scope.packages.as_deref().map(texts);
        let (mut by_path, mut by_package, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for ((at, scope), is_rarer) in scopes.iter().enumerate().zip(are_rarer(scopes, packages, paths)) {
            let numbered = |patterns: &'s [Pattern]| patterns.iter().map(move |pattern| (at, pattern));
            match (&scope.paths, &scope.packages) {
                (None, None) => rest.push(at),
                (Some(patterns), of) if of.is_none() || !is_rarer => by_path.extend(numbered(patterns)),
                (_, patterns) => by_package.extend(patterns.iter().flat_map(|patterns| numbered(patterns))),
            }
        }
        Self { by_path: Index::new(by_path.into_iter()), by_package: Index::new(by_package.into_iter()), rest }
    }

    /// Those that may cover a place, in the order of the policy.
    fn of(&self, place: Place<'_>) -> Vec<usize> {
        let mut scopes = self.rest.clone();
        scopes.extend(self.by_path.candidates(place.path));
        scopes.extend(place.member.iter().flat_map(|member| self.by_package.candidates(&member.name)));
        scopes.sort_unstable();
        scopes
    }
}

impl<'a> Scoped<'a> {
    pub(super) fn new(policy: &'a Policy, scan: &'a Scan) -> Self {
        let members = scan.workspaces.iter().flat_map(|workspace| &workspace.members);
        let has_scopes = policy.scopes.iter().chain(policy.own.iter().flat_map(|own| &own.scopes)).next().is_some();
        let members = if !has_scopes { HashMap::new() } else { members.map(|member| (member.file, member)).collect() };
        Self { policy, scan, members, places: OnceLock::new() }
    }

    fn place(&self, file: FileId, role: Option<Role>) -> Place<'a> {
        Place { path: self.scan.files.path(file), member: self.members.get(&file).copied(), role }
    }

    /// Whether a rule is on anywhere.
    pub(super) fn is_on(&self, rule: &str) -> bool {
        let own = self.policy.own.iter().flat_map(|own| &own.scopes);
        let levels = self.policy.scopes.iter().chain(own).filter_map(|scope| scope.rules.get(rule)?.level);
        self.policy.setting(rule).level != Level::Allow || levels.into_iter().any(|level| level != Level::Allow)
    }

    fn at(&self, rule: &str, place: Place<'_>) -> Cow<'a, Setting> {
        let policy = self.policy;
        let floor = policy.own.as_ref().and_then(|own| own.floor.get(rule));
        let mut setting = Cow::Borrowed(floor.unwrap_or_else(|| policy.setting(rule)));
        let own_scopes = policy.own.as_ref().map_or(&[][..], |own| &own.scopes);
        let [places, own_places] = self.places.get_or_init(|| [Places::new(&policy.scopes), Places::new(own_scopes)]);
        for overlay in overlays(&policy.scopes, places, rule, place) {
            overlay.apply(setting.to_mut());
        }
        if let Some(own) = &policy.own {
            own.lay(setting.to_mut(), rule, overlays(own_scopes, own_places, rule, place));
        }
        // What the command line says holds everywhere; over a floor it can only tighten.
        if let Some(&level) = policy.typed.get(rule) {
            let least = if policy.own.is_some() { setting.level } else { Level::Allow };
            setting.to_mut().level = level.max(least);
        }
        setting
    }

    /// What holds for a finding in a file, where it is about no declaration.
    pub(super) fn file(&self, rule: &str, file: FileId) -> Cow<'a, Setting> {
        self.at(rule, self.place(file, None))
    }

    /// What holds for a declaration; none where its kind is not judged.
    #[must_use]
    pub fn declaration(&self, rule: &str, dependency: &Dependency) -> Option<Cow<'a, Setting>> {
        let own = dependency.uses.is_empty().then_some((dependency.span.file, dependency.role));
        let places = dependency.uses.iter().map(|used| (used.manifest, used.role)).chain(own);
        let settings = places.filter_map(|(file, role)| {
            let setting = self.at(rule, self.place(file, Some(role)));
            let has_kind = match role {
                Role::Normal | Role::Dev | Role::Build => {
                    setting.kinds.as_ref().is_none_or(|kinds| kinds.contains(&role))
                }
                // A contract with others: judged where that is asked for alone.
                Role::Peer => setting.kinds.as_ref().is_some_and(|kinds| kinds.contains(&role)),
                // Patches, and what nothing inherits, are of every kind.
                _ => true,
            };
            has_kind.then_some(setting)
        });
        settings.reduce(|mut all, one| {
            if all.level < one.level {
                let all = all.to_mut();
                (all.level, all.at, all.is_own) = (one.level, one.at.clone(), one.is_own);
            }
            if one.require.map(rank) < all.require.map(rank) {
                let all = all.to_mut();
                (all.require, all.at, all.is_own) = (one.require, one.at.clone(), one.is_own);
            }
            all
        })
    }
}

/// What the scopes of a place say of a rule, in their order. Most policies have none, and need not know the place.
fn overlays<'s>(
    scopes: &'s [Scope],
    places: &Places,
    rule: &str,
    place: Place<'_>,
) -> impl Iterator<Item = &'s Overlay> {
    let places = if scopes.is_empty() { Vec::new() } else { places.of(place) };
    let scopes = places.into_iter().map(|at| &scopes[at]);
    scopes.filter(move |scope| scope.covers(place)).filter_map(move |scope| scope.rules.get(rule))
}

/// How much a `require` asks for: `locked` less than `exact`, and more than a tag, whose owner can move it.
pub(super) fn rank(require: Require) -> u8 {
    match require {
        Require::Pin(Pin::Latest) => 0,
        Require::Pin(Pin::Range) => 1,
        Require::Pin(Pin::Tag) => 2,
        Require::Locked => 3,
        Require::Pin(Pin::Exact) => 4,
        Require::Pin(Pin::Content | Pin::Unknown) => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn patterns(written: &Option<Vec<String>>) -> Option<Vec<Pattern>> {
        written.as_ref().map(|all| all.iter().filter_map(|text| Pattern::new(text).ok()).collect())
    }

    proptest! {
        /// The index finds what a loop over all finds, in the same order: later scopes win.
        #[test]
        fn the_index_misses_none_and_keeps_the_order(
            written in prop::collection::vec(
                (
                    prop::option::of(prop::collection::vec("[ab]?(/|\\*|\\*\\*/)?[ab*?]{0,2}", 0..3)),
                    prop::option::of(prop::collection::vec("[ab*?]{0,3}", 0..2)),
                    prop::option::of(any::<bool>()),
                ),
                0..24,
            ),
            path in "[ab/]{0,5}",
            name in prop::option::of("[ab]{1,3}"),
        ) {
            let scope = |(paths, packages, published): &(Option<Vec<String>>, Option<Vec<String>>, Option<bool>)| Scope {
                paths: patterns(paths),
                packages: patterns(packages),
                published: *published,
                rules: BTreeMap::new(),
            };
            let scopes: Vec<Scope> = written.iter().map(scope).collect();
            let member = name.map(|name| Member { name, directory: String::new(), file: FileId(0), is_published: false });
            let place = Place { path: &path, member: member.as_ref(), role: None };
            let covers = |at: &usize| scopes[*at].covers(place);
            let loop_over_all: Vec<usize> = (0..scopes.len()).filter(covers).collect();
            let by_index: Vec<usize> = Places::new(&scopes).of(place).into_iter().filter(covers).collect();
            prop_assert_eq!(by_index, loop_over_all);
        }
    }
}
