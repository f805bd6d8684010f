//! What a rule is: data and one function.

use super::config::Require;
use super::exception::Usage;
use super::finding::{Level, Violation};
use super::scope::Scoped;
use crate::change::releases::Releases;
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Locked, Pin, Role, Surface};

/// A rule: static data, its documentation, and the function that finds its violations.
#[derive(Debug)]
pub struct Rule {
    /// Its id, which is its file's name too.
    pub id: &'static str,
    /// What it looks at; none for any surface.
    pub surface: Option<Surface>,
    /// Its level unless the policy says otherwise.
    pub level: Level,
    /// The weakest pin that passes, for rules that judge pins.
    pub require: Option<Require>,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// An example that fails, and what passes in its place.
    pub example: Example,
    /// When to allow it.
    pub allow: &'static str,
    /// Its options in the policy, beside `level` and, where it judges pins, `require`: name and meaning.
    pub options: &'static [(&'static str, &'static str)],
    /// Finds its violations.
    pub check: fn(&Context<'_>) -> Vec<Violation>,
}

impl Rule {
    /// Whether what it judges can be held by content at all: by a commit, a digest, the `integrity` of a script.
    #[must_use]
    pub fn can_hold_content(&self) -> bool {
        self.require == Some(Require::Pin(Pin::Content)) || self.surface == Some(Surface::Web)
    }

    /// Whether a lockfile can hold what it judges.
    #[must_use]
    pub fn has_lockfile(&self) -> bool {
        matches!(self.surface, Some(Surface::Crate | Surface::Git | Surface::Npm | Surface::Python))
    }

    /// Why a policy cannot ask this much of what it judges, or this: as a lowercase fragment.
    #[must_use]
    pub fn why_not(&self, required: Require) -> Option<String> {
        match required {
            // A version is exact at most: a tighter one could be had for none.
            Require::Pin(Pin::Content) if !self.can_hold_content() => {
                Some(format!("`{}` can be held by an exact version at most, not by `content`", self.id))
            }
            // Without a lockfile there would be nothing that does not pass.
            Require::Locked if !self.has_lockfile() => {
                Some(format!("no lockfile holds what `{}` judges: `locked` would let everything pass", self.id))
            }
            _ => None,
        }
    }
}

/// An example: one file, before and after.
#[derive(Debug)]
pub struct Example {
    /// The file.
    pub file: &'static str,
    /// A text that fails.
    pub fails: &'static str,
    /// A text that passes.
    pub passes: &'static str,
}

/// What a rule may see: the scan, and its own options. It knows no level and no exception.
pub struct Context<'a> {
    /// What was scanned.
    pub scan: &'a Scan,
    /// What was there before, in a comparison: one scan for each base.
    pub bases: &'a [Scan],
    /// What is known of the releases that are new since then.
    pub releases: &'a Releases,
    /// The rule's id.
    pub id: &'static str,
    /// The policy with its scopes.
    pub scoped: &'a Scoped<'a>,
    /// What became of the policy's exceptions, for the rule that is about them.
    pub usages: &'a [Usage],
}

impl<'a> Context<'a> {
    /// The declarations of a surface whose kind the policy wants judged.
    pub fn dependencies(&self, surface: Surface) -> impl Iterator<Item = &'a Dependency> {
        let judged = move |dependency: &&Dependency| self.scoped.declaration(self.id, dependency).is_some();
        self.scan.dependencies.iter().filter(move |dependency| dependency.surface == surface).filter(judged)
    }

    /// The weakest pin that passes for a declaration.
    #[must_use]
    pub fn require(&self, dependency: &Dependency) -> Require {
        let setting = self.scoped.declaration(self.id, dependency);
        setting.and_then(|setting| setting.require).unwrap_or(Require::Pin(Pin::Exact))
    }

    /// Whether a declaration holds as tightly as it must.
    #[must_use]
    pub fn holds(&self, dependency: &Dependency) -> bool {
        match self.require(dependency) {
            Require::Pin(pin) => dependency.pin != Pin::Unknown && dependency.pin >= pin,
            Require::Locked => {
                matches!(dependency.pin, Pin::Exact | Pin::Content)
                    || match &dependency.locked {
                        Locked::One(locked) => locked.verified,
                        Locked::Several(_) => true,
                        // Without a lockfile there is one `lock-missing`, not a finding for each declaration.
                        Locked::Nowhere => dependency.invalid.is_none(),
                        Locked::Missing => false,
                    }
            }
        }
    }

    /// The violation of a declaration that does not hold as tightly as it must.
    #[must_use]
    pub fn loose(&self, dependency: &Dependency, message: String) -> Violation {
        let unused = is_unused(dependency);
        let mut violation = Violation::new(dependency.surface, dependency.name.clone(), dependency.span, message);
        violation.requirement.clone_from(&dependency.requirement);
        violation.pin = Some(dependency.pin);
        violation.required = Some(self.require(dependency));
        violation.locked = dependency.locked.one().map(|locked| locked.version.clone());
        violation.place.clone_from(&dependency.table);
        violation.declaration = Some(dependency.index);
        violation.message += &inherited_by(dependency);
        if unused {
            violation.help = Some("no member inherits it, so it reaches no build: delete it".to_owned());
        }
        if unused || dependency.pin == Pin::Unknown {
            violation.cap = Level::Warn;
        }
        violation
    }
}

/// Whether nothing inherits an entry of `[workspace.dependencies]`.
#[must_use]
pub fn is_unused(dependency: &Dependency) -> bool {
    dependency.role == Role::Workspace && dependency.used_by.is_empty() && !dependency.may_be_used
}

/// That cargo refuses the version of a declaration, and why.
#[must_use]
pub fn refused(dependency: &Dependency, why: &str) -> String {
    let written = dependency.requirement.as_deref().unwrap_or_default();
    format!("`{} = \"{written}\"` is no requirement that cargo reads: {why}", dependency.name)
}

/// What to do about it.
pub const REFUSED: &str = "write the exact version that is meant, such as `=1.2.3`";

/// The members that inherit an entry, in a few words.
fn inherited_by(dependency: &Dependency) -> String {
    match dependency.used_by.as_slice() {
        [] => String::new(),
        [one] => format!(", in {one}"),
        [one, two] => format!(", in {one} and {two}"),
        [one, two, rest @ ..] => format!(", in {one}, {two} and {} more", rest.len()),
    }
}
