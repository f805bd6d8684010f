//! What a check is compared with: the commits, their snapshots, and their findings by the policy that judges.

use std::collections::HashSet;

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;

use super::place::{self, Place};
use crate::cli::{self, PolicyFrom};
use crate::policy;
use crate::policy::baseline::Baseline;
use crate::policy::comparison::Known;
use crate::policy::config::Policy;
use crate::policy::exception::Exception;
use crate::policy::file::Rules;
use crate::policy::loosening;
use crate::policy::rule::Rule;
use crate::policy::rules::{RULES, STALE_EXCEPTION};
use crate::scanner::Scan;
use crate::source::Snapshot;
use crate::source::objects::Repository;
use crate::text::FileId;

/// The base of a comparison.
pub(super) struct Base {
    /// The revision as the user typed it.
    pub(super) revision: String,
    /// The full id of what is compared with.
    pub(super) name: String,
    /// The files of each commit that is compared with; none where there is no commit yet.
    pub(super) snapshots: Vec<Snapshot>,
    /// Whose policy judges.
    pub(super) policy_from: PolicyFrom,
    /// In what the policy became looser, one phrase each.
    loosened: Vec<String>,
    /// What was scanned in each, with the place of the policy file there.
    pub(super) scans: Vec<Scan>,
    files: Vec<Option<FileId>>,
    /// The fetch that brings what a clone with a filter left out.
    refetch: String,
    /// What the base's own exceptions are about.
    exceptions: HashSet<String>,
    /// What the base's own baseline accepts, where that can be known.
    baseline: Option<Baseline>,
}

/// What a base comes to, judged by the policy of what is compared with it.
pub(super) struct Judged<'a> {
    /// What each commit is known to have.
    pub(super) known: Vec<Known<'a>>,
    /// In what the policy or the baseline became looser, one phrase each.
    pub(super) loosened: Vec<String>,
}

impl Base {
    /// Finds the commits to compare with.
    pub(super) fn find(args: &cli::Subject, place: &Place, revision: &str) -> Result<Self> {
        let Some(repository) = &place.repository else {
            let root = &place.snapshot.root;
            if Repository::open(root, None).is_ok() {
                bail!("`{}` is bare: say with --rev what is to be compared with `{revision}`", root.display());
            }
            bail!("`{}` is in no git repository: there is no `{revision}` to compare with", root.display());
        };
        let bases = repository.bases(revision, &place.snapshot)?;
        let commits = bases.merge_bases.iter().chain(&bases.merging);
        let snapshots = commits.map(|&commit| repository.beside(&place.snapshot, commit, place::interest(args)));
        Ok(Self {
            revision: revision.to_owned(),
            name: bases.name,
            snapshots: snapshots.collect::<Result<_>>()?,
            policy_from: PolicyFrom::Head,
            loosened: Vec::new(),
            scans: Vec::new(),
            files: Vec::new(),
            refetch: repository.refetch(),
            exceptions: HashSet::new(),
            baseline: None,
        })
    }

    /// The policy that judges both sides, once it is known in what the snapshot's became looser than the base's.
    pub(super) fn rules(&mut self, args: &cli::Subject, snapshot: &Snapshot, from: PolicyFrom) -> Result<Rules> {
        let config = args.config.as_deref();
        self.policy_from = from;
        let base = self.snapshots.first().map(|base| super::policy::of_base(config, snapshot, base)).transpose();
        let in_base = || format!("the policy of `{}` cannot be read", self.revision);
        if from == PolicyFrom::Base {
            let rules = base.with_context(in_base)?.unwrap_or_default();
            self.baseline = Some(rules.policy.baseline.clone());
            return Ok(rules);
        }
        let own = super::policy::of(config, snapshot)?;
        self.loosened = match base {
            // Before the first commit there is no policy that could have been stricter.
            Ok(None) => Vec::new(),
            Ok(Some(base)) => {
                self.exceptions = base.policy.exceptions.iter().map(Exception::about).collect();
                self.baseline = Some(base.policy.baseline.clone());
                loosening::loosened(&own.policy, &base.policy)
            }
            // It says nothing that could be compared: whoever mends it is not to be stopped.
            Err(error) => vec![format!("{} ({error:#}), so it is not known whether this one is looser", in_base())],
        };
        Ok(own)
    }

    /// Takes what was scanned.
    pub(super) fn keep(&mut self, rules: &Rules, mut scans: Vec<Scan>) -> Result<()> {
        // What cannot be read there would be new here.
        if self.snapshots.iter().any(Snapshot::lacks_content) {
            let Self { revision, refetch, .. } = self;
            bail!("files of what `{revision}` is compared by are not in this clone: `{refetch}` brings them");
        }
        self.files = scans.iter_mut().map(|scan| rules.keep(scan, false)).collect();
        self.scans = scans;
        Ok(())
    }

    /// Judges each commit by a policy.
    pub(super) fn judge(&self, policy: &Policy, today: Date) -> Judged<'_> {
        let mut stale: Option<HashSet<String>> = None;
        let first = self.scans.first();
        let is_on = |rule: &&&Rule| first.is_some_and(|scan| policy::is_on(rule.id, policy, scan));
        let on: HashSet<&str> = RULES.iter().filter(is_on).map(|rule| rule.id).collect();
        let judge = |(scan, file): (_, &Option<FileId>)| {
            let mut policy = policy.clone();
            policy.file = *file;
            let mut outcome = policy::evaluate(scan, &policy, today, policy::Before::default());
            // An exception that came with this change and matches nothing is new, though it would match nothing before either.
            let is_known = |name: &String| self.policy_from == PolicyFrom::Base || self.exceptions.contains(name);
            outcome.findings.retain(|found| found.rule != STALE_EXCEPTION || is_known(&found.violation.name));
            // What this change's baseline no longer accepts is told by the base's own.
            let is_on = |rule: &str| on.contains(rule);
            if let Some(own) = &self.baseline {
                let (others, mut accepted, gone) = own.split(scan, std::mem::take(&mut outcome.findings), is_on);
                outcome.findings = others;
                outcome.baselined.append(&mut accepted);
                stale.get_or_insert_with(|| gone.into_iter().collect());
            }
            Known::new(scan, outcome)
        };
        let known = self.scans.iter().zip(&self.files).map(judge).collect();
        let mut loosened = self.loosened.clone();
        // Before the first commit there is no baseline that could have accepted less.
        let more =
            self.baseline.as_ref().zip(stale).and_then(|(own, stale)| loosening::grown(&policy.baseline, own, &stale));
        loosened.extend(more);
        Judged { known, loosened }
    }
}
