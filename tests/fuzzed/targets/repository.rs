//! A repository in memory, scanned and judged: every place that is named is in its file, and between characters.

use std::collections::BTreeMap;

use cargo_pinned::policy::config::Policy;
use cargo_pinned::policy::file::{PolicyFile, Rules};
use cargo_pinned::policy::{self, Before, Outcome};
use cargo_pinned::scanner::dependency::{Dependency, Origin, PinSite, Surface};
use cargo_pinned::scanner::excludes::Excludes;
use cargo_pinned::scanner::isolated::FAILED;
use cargo_pinned::scanner::{self, Parsed, Scan, graph};
use cargo_pinned::source::{Snapshot, memory};
use cargo_pinned::text::Span;
use jiff::civil::Date;

use super::files::Files;

/// How many names are asked for in lockfiles: each takes reading them all.
const MAX_NAMES: usize = 3;

/// The day that everything is judged on.
pub(super) const DAY: Date = jiff::civil::date(2026, 1, 1);

/// A repository, and what is found in it.
pub(super) struct Judged {
    files: Files,
    pub(super) snapshot: Snapshot,
    rules: Rules,
    pub(super) policy: Policy,
    pub(super) excludes: Excludes,
    pub(super) scan: Scan,
    pub(super) parsed: Parsed,
    pub(super) outcome: Outcome,
}

impl Judged {
    /// Scans and judges a repository by its own policy, or by the default one where that has a mistake.
    pub(super) fn of(files: &Files) -> Self {
        let snapshot = memory::snapshot(files.all().clone(), scanner::wants);
        let file = PolicyFile::at_root(&snapshot).unwrap_or_default();
        let rules = match Rules::parse(file, &snapshot) {
            Ok(rules) => rules,
            Err(fault) => {
                // It is shown to whoever runs it, at its place.
                let _ = fault.to_string();
                if let Some((text, at)) = fault.at {
                    assert!(text.get(at.clone()).is_some(), "{at:?} is not in the policy");
                }
                Rules::default()
            }
        };
        Self::by(files.clone(), snapshot, rules)
    }

    fn by(files: Files, snapshot: Snapshot, rules: Rules) -> Self {
        let policy = &rules.policy;
        let excludes = Excludes::new(true, policy.exclude.iter().map(String::as_str));
        let excludes = excludes.expect("patterns of a policy were read").with_pages(policy.pages.iter().cloned());
        let (mut scan, parsed) = scanner::scan_keeping(&snapshot, &excludes);
        let mut policy = policy.clone();
        policy.file = rules.keep(&mut scan, true);
        let outcome = policy::evaluate(&scan, &policy, DAY, Before::default());
        Self { files, snapshot, rules, policy, excludes, scan, parsed, outcome }
    }

    /// The same repository with these files in the place of its own.
    pub(super) fn changed(&self, changes: BTreeMap<String, Vec<u8>>) -> Self {
        let files = self.files.with(&changes);
        let changed = scanner::scan_again(&self.snapshot.changed(changes), &self.parsed, &self.excludes);
        // What is not parsed again is as it would be.
        let snapshot = memory::snapshot(files.all().clone(), scanner::wants);
        let whole = Self::by(files, snapshot, self.rules.clone());
        assert_eq!(changed.dependencies, whole.scan.dependencies, "a scan of what changed, and of all");
        assert_eq!(changed.problems, whole.scan.problems, "a scan of what changed, and of all");
        assert_eq!(changed.builds, whole.scan.builds, "a scan of what changed, and of all");
        whole
    }

    /// Everything that is found.
    pub(super) fn findings(&self) -> impl Iterator<Item = &policy::finding::Finding> {
        self.outcome.findings.iter().chain(&self.outcome.baselined)
    }

    /// Holds what a reader of a scan and of its findings takes for granted.
    pub(super) fn hold(&self) {
        let scan = &self.scan;
        for (index, dependency) in scan.dependencies.iter().enumerate() {
            assert_eq!(dependency.index, index);
            self.declaration(dependency);
        }
        for problem in &scan.problems {
            self.is_there(problem.span, &problem.message);
            assert!(!problem.message.starts_with(FAILED), "{}", problem.message);
        }
        for build in &scan.builds {
            self.is_there(build.span, &build.command);
            build.site.iter().for_each(|site| self.site(site));
        }
        for finding in self.findings().chain(self.outcome.excepted.iter().map(|excepted| &excepted.finding)) {
            let violation = &finding.violation;
            self.is_there(violation.span, &violation.message);
            finding.policy.into_iter().for_each(|span| self.is_there(span, "a line of the policy"));
            assert!(violation.declaration.is_none_or(|index| index < scan.dependencies.len()));
            assert!(!violation.message.is_empty());
            let edits = violation.fix.iter().flat_map(|fix| &fix.edits);
            edits.for_each(|edit| self.is_there(edit.span, &edit.replacement));
        }
        self.graphs();
    }

    fn declaration(&self, dependency: &Dependency) {
        self.is_there(dependency.span, &dependency.name);
        dependency.site.iter().for_each(|site| self.site(site));
        let repeated = dependency.repeated.iter().flat_map(|repeated| &repeated.sites);
        repeated.for_each(|site| self.site(site));
        dependency.copies.iter().for_each(|&span| self.is_there(span, "a copy"));
        // Bare of escapes, what is written in a manifest is what is meant.
        let is_cargos = matches!(dependency.surface, Surface::Crate | Surface::Git);
        let is_fetched = matches!(dependency.origin, Origin::Registry(_) | Origin::Git { .. });
        if let Some(requirement) = dependency.requirement.as_ref().filter(|_| is_cargos && is_fetched) {
            let text = self.scan.files.slice(dependency.span);
            assert!(text == requirement || text.contains(['\\', '\r', '\n']), "{text:?} is not {requirement:?}");
        }
    }

    fn site(&self, site: &PinSite) {
        self.is_there(site.span, &site.before);
        if let Some(comment) = site.comment {
            self.is_there(comment, "a comment");
            assert_eq!(comment.file, site.span.file);
            assert!(comment.start >= site.span.end, "a comment stands behind what it is about");
        }
    }

    /// Holds that a span is a range of its file, between characters.
    fn is_there(&self, span: Span, what: &str) {
        let files = &self.scan.files;
        assert!((span.file.0 as usize) < files.count() || span.start == span.end, "{span:?} is of no file: {what}");
        assert!(
            files.text(span.file).get(span.range()).is_some(),
            "{span:?} is not in {}: {what}",
            files.path(span.file)
        );
    }

    /// Lockfiles in full, as they are read for a question about one name.
    fn graphs(&self) {
        for surface in [Surface::Npm, Surface::Python] {
            let of = self.scan.dependencies.iter().filter(|dependency| dependency.surface == surface);
            for name in of.map(|dependency| dependency.package.as_str()).take(MAX_NAMES) {
                for graph in graph::graphs(&self.scan, surface, name) {
                    assert_eq!(graph.ways().len(), graph.packages.len());
                    graph.packages.iter().for_each(|package| self.is_there(package.span, &package.name));
                    let edges = graph.packages.iter().flat_map(|package| &package.requires);
                    assert!(edges.into_iter().all(|edge| edge.to < graph.packages.len()));
                }
            }
        }
    }
}
