//! What a command is about: the snapshot, the policy, the scan, what it is compared with, and what is to be reported.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::base::Base;
use super::place::Place;
use crate::cli;
use crate::policy::config::Policy;
use crate::policy::file::Rules;
use crate::scanner::dependency::{Dependency, Surface};
use crate::scanner::excludes::Excludes;
use crate::scanner::{self, Extent, Parsed, Scan};
use crate::source::{Snapshot, is_below};
use crate::text::Span;

/// What a subject is scanned by, for its scan once some of its files are changed.
pub(super) struct Again {
    rules: Rules,
    excludes: Excludes,
    parsed: Parsed,
}

/// A snapshot that was scanned, and what of it is to be reported.
pub(super) struct Subject {
    pub(super) snapshot: Snapshot,
    pub(super) policy: Policy,
    pub(super) scan: Scan,
    pub(super) base: Option<Base>,
    narrow: String,
    surfaces: Vec<Surface>,
}

impl Subject {
    /// Finds the root, reads the policy and scans.
    pub(super) fn load(args: &cli::Subject) -> Result<Self> {
        let place = Place::find(args)?;
        let rules = super::policy::of(args.config.as_deref(), &place.snapshot)?;
        Self::scanned(args, place, &rules, None)
    }

    /// The same, compared with where `revision` and the snapshot part; `from` says whose policy judges.
    pub(super) fn compared(args: &cli::Subject, revision: &str, from: cli::PolicyFrom) -> Result<Self> {
        let place = Place::find(args)?;
        let mut base = Base::find(args, &place, revision)?;
        let rules = base.rules(args, &place.snapshot, from)?;
        Self::scanned(args, place, &rules, Some(base))
    }

    /// The same as [`Subject::load`], with what it takes to see it again once it is changed.
    pub(super) fn to_change(args: &cli::Subject) -> Result<(Self, Again)> {
        let Place { snapshot, narrow, .. } = Place::find(args)?;
        let rules = super::policy::of(args.config.as_deref(), &snapshot)?;
        let excludes = excludes(args, &rules.policy)?;
        let (mut scan, parsed) = scanner::scan_keeping(&snapshot, &excludes);
        let mut policy = rules.policy.clone();
        policy.file = rules.keep(&mut scan, true);
        let subject = Self { surfaces: surfaces(&args.surface)?, snapshot, policy, scan, base: None, narrow };
        subject.must_have_something()?;
        Ok((subject, Again { rules, excludes, parsed }))
    }

    /// What it is once these files have that content, by path.
    pub(super) fn changed(&self, again: &Again, files: BTreeMap<String, Vec<u8>>) -> Self {
        let snapshot = self.snapshot.changed(files);
        let mut scan = scanner::scan_again(&snapshot, &again.parsed, &again.excludes);
        let mut policy = again.rules.policy.clone();
        policy.file = again.rules.keep(&mut scan, true);
        let (narrow, surfaces) = (self.narrow.clone(), self.surfaces.clone());
        Self { snapshot, policy, scan, base: None, narrow, surfaces }
    }

    fn scanned(args: &cli::Subject, place: Place, rules: &Rules, mut base: Option<Base>) -> Result<Self> {
        let Place { snapshot, narrow, .. } = place;
        let mut policy = rules.policy.clone();
        let excludes = excludes(args, &policy)?;
        let snapshots = base.as_ref().map_or(&[][..], |base| &base.snapshots);
        let (mut scan, scans) = scanner::scan_beside(&snapshot, snapshots, &excludes, Extent::Joined);
        let is_own = base.as_ref().is_none_or(|base| base.policy_from == cli::PolicyFrom::Head);
        policy.file = rules.keep(&mut scan, is_own);
        if let Some(base) = &mut base {
            base.keep(rules, scans)?;
        }
        let subject = Self { surfaces: surfaces(&args.surface)?, snapshot, policy, scan, base, narrow };
        subject.must_have_something()?;
        Ok(subject)
    }

    /// A gate that guards nothing is a mistake.
    fn must_have_something(&self) -> Result<()> {
        let scan = &self.scan;
        let roots = scan
            .workspaces
            .iter()
            .flat_map(|workspace| workspace.members.iter().map(|member| member.file).chain([workspace.root]));
        let spans = scan
            .dependencies
            .iter()
            .map(|dependency| dependency.span)
            .chain(scan.problems.iter().map(|problem| problem.span));
        // A page that loads nothing from elsewhere was checked all the same, and so was any file that is named itself.
        let is_judged = |path: &String| {
            let is_other = || !matches!(scanner::surface(path), Surface::Crate | Surface::Lockfile);
            *path == self.narrow || is_below(path, &self.narrow) && is_other()
        };
        if roots.map(Span::top).chain(spans).any(|span| self.is_inside(span)) || scan.read.iter().any(is_judged) {
            return Ok(());
        }
        let place =
            if self.narrow.is_empty() { self.snapshot.root.clone() } else { self.snapshot.root.join(&self.narrow) };
        let skipped = scan.skipped.iter().filter(|skipped| is_below(&skipped.path, &self.narrow)).count();
        let hint = if skipped > 0 {
            format!(" ({skipped} skipped: --no-default-excludes includes them)")
        } else {
            String::new()
        };
        bail!("nothing to check in `{}`{hint}{}", place.display(), self.not_followed());
    }

    /// Which symbolic links in what PATH names were not followed, as the end of a sentence: what they lead to is reported where it
    /// is, if it is in the root at all.
    fn not_followed(&self) -> String {
        let links = self.snapshot.links().iter().filter(|(place, _)| is_below(place, &self.narrow));
        let count = links.clone().count();
        let shown: Vec<String> = links.take(3).map(|(place, to)| format!("`{place}` to `{to}`")).collect();
        let (shown, more) = (shown.join(", "), count.saturating_sub(3));
        match (count, more) {
            (0, _) => String::new(),
            (1, _) => format!(": the symbolic link {shown} is not followed, name what it leads to"),
            (_, 0) => format!(": the symbolic links {shown} are not followed, name what they lead to"),
            _ => format!(": the symbolic links {shown} and {more} more are not followed, name what they lead to"),
        }
    }

    /// Whether a place is in what PATH names.
    pub(super) fn is_inside(&self, span: Span) -> bool {
        is_below(self.scan.files.path(span.file), &self.narrow)
    }

    /// Whether a path is in what PATH names.
    pub(super) fn contains(&self, path: &str) -> bool {
        is_below(path, &self.narrow)
    }

    /// Whether a surface is to be reported.
    pub(super) fn wants(&self, surface: Surface) -> bool {
        self.surfaces.is_empty() || self.surfaces.contains(&surface)
    }

    /// The declarations that are to be reported.
    pub(super) fn declarations(&self) -> Vec<&Dependency> {
        let mut declarations: Vec<&Dependency> = self.scan.dependencies.iter().collect();
        declarations.retain(|dependency| self.wants(dependency.surface) && self.is_inside(dependency.span));
        declarations.sort_by_key(|dependency| (self.scan.files.path(dependency.span.file), dependency.span.start));
        declarations
    }
}

/// What is left out, by default and by the policy, and what it names as pages.
fn excludes(args: &cli::Subject, policy: &Policy) -> Result<Excludes> {
    let excludes = Excludes::new(!args.no_default_excludes, policy.exclude.iter().map(String::as_str));
    let excludes =
        excludes.map_err(|(pattern, why)| anyhow::anyhow!("`{pattern}` in `exclude` is no pattern: {why}"))?;
    Ok(excludes.with_pages(policy.pages.iter().cloned()))
}

fn surfaces(names: &[String]) -> Result<Vec<Surface>> {
    let find = |name: &String| {
        let known = Surface::ALL.iter().copied();
        known.clone().find(|surface| surface.name() == name).with_context(|| {
            format!("unknown surface `{name}`: there are {}", known.map(Surface::name).collect::<Vec<_>>().join(", "))
        })
    };
    names.iter().map(find).collect()
}
