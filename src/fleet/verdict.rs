//! What is found in one commit of a repository: by its own policy as `check` judges, or by a floor.

use anyhow::Result;
use gix::ObjectId;
use jiff::civil::Date;

use super::judge::Options;
use super::local::{self, Alone, Found};
use crate::policy::config::{self, Policy};
use crate::policy::file::{Fault, PolicyFile, Rules};
use crate::policy::finding::Level;
use crate::policy::floor;
use crate::policy::{self, baseline};
use crate::reporter::audit::{Counts, Item, Packed};
use crate::scanner::dependency::Pin;
use crate::scanner::excludes::Excludes;
use crate::scanner::pattern::Pattern;
use crate::scanner::{self, Problem, Scan};
use crate::source::Snapshot;
use crate::source::objects::Repository;
use crate::text::{FileId, Files, Span};

/// What was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    pub(super) counts: Counts,
    pub(super) findings: Packed,
    pub(super) excepted: Packed,
    pub(super) waived: Packed,
    /// What is not in this clone, so that not everything was judged.
    pub(super) lacks: Option<String>,
    /// The first day after today on which it may be another one, since an exception ends or is about to.
    pub(super) until: Option<Date>,
}

/// Judges a commit.
pub(super) fn of(repository: &Repository, commit: ObjectId, options: &Options<'_>) -> Result<Verdict> {
    let snapshot = repository.files(commit, scanner::interest(options.everything))?;
    let own = PolicyFile::at_root(&snapshot).and_then(|file| Rules::parse(file, &snapshot));
    let policies = own.as_ref().ok().into_iter().chain(options.floor).map(|rules| &rules.policy);
    let exceptions = policies.flat_map(|policy| &policy.exceptions);
    let until = exceptions.filter_map(|exception| exception.changes_after(options.today)).min();
    let mut verdict = match options.floor {
        None => by_itself(&snapshot, own?, options)?,
        Some(floor) => by_floor(&snapshot, own, floor, options)?,
    };
    verdict.until = until;
    if snapshot.lacks_content() {
        let fetch = repository.refetch();
        verdict.lacks = Some(format!("not every file of this commit is in this clone: `{fetch}` brings them"));
    }
    Ok(verdict)
}

/// Judges as `check` does.
fn by_itself(snapshot: &Snapshot, own: Rules, options: &Options<'_>) -> Result<Verdict> {
    let mut scan = scan(snapshot, &own.policy.exclude, &own.policy.pages, options)?;
    let mut policy = own.policy.clone();
    policy.file = own.keep(&mut scan, true);
    for (rule, level) in options.levels {
        policy.set_level(rule, *level);
    }
    if options.deny_warnings {
        policy.deny_warnings();
    }
    let outcome = policy::evaluate(&scan, &policy, options.today, policy::Before::default());
    Ok(packed(&scan, &Found::of(&scan, &outcome), &[]))
}

/// Judges by the floor, which the repository's own policy can tighten. One that cannot be read is a finding: the floor holds all
/// the same.
fn by_floor(snapshot: &Snapshot, own: Result<Rules, Fault>, floor: &Rules, options: &Options<'_>) -> Result<Verdict> {
    let (own, fault) = match own {
        Ok(own) => (own, None),
        Err(fault) => (Rules::default(), Some(fault)),
    };
    // To name more pages is to be stricter.
    let pages = [floor.policy.pages.as_slice(), &own.policy.pages].concat();
    let scanned = |exclude: &[String]| -> Result<Scanned> {
        let mut scan = scan(snapshot, exclude, &pages, options)?;
        // A file that was added can have another number in another scan.
        let (mut above, mut below) = (own.policy.clone(), floor.policy.clone());
        above.file = own.keep(&mut scan, true);
        below.file = floor.keep(&mut scan, false);
        if let Some(fault) = &fault {
            scan.problems.extend(problem(fault, snapshot, &mut scan.files));
        }
        Ok(Scanned { scan, below, above, options })
    };
    let all = scanned(&floor.policy.exclude)?;
    let found = all.found(&all.over(false));
    if floor::only_tightens(&own.policy) {
        return Ok(packed(&all.scan, &found, &[]));
    }
    // Without what the repository leaves out.
    let exclude = own.policy.exclude.as_slice();
    let less = if exclude.is_empty() { None } else { Some(scanned(&[&floor.policy.exclude, exclude].concat())?) };
    let judged = less.as_ref().unwrap_or(&all);
    let honouring = (!floor.policy.honour.is_empty()).then(|| judged.found(&judged.over(true)));
    let alone = Alone {
        own: judged.found(&judged.alone()),
        included: less.is_some().then(|| all.found(&all.alone())),
        default: all.found(&Policy::default()),
    };
    let found = local::join(&floor.policy.honour, found, honouring, &alone.own);
    let waived = alone.waived(&found.findings);
    Ok(packed(&all.scan, &found, &waived))
}

/// A scan, and the two policies, whose files have their place in it.
struct Scanned<'o> {
    scan: Scan,
    below: Policy,
    above: Policy,
    options: &'o Options<'o>,
}

impl Scanned<'_> {
    fn over(&self, honoured: bool) -> Policy {
        floor::over(&self.below, &self.above, honoured)
    }

    fn alone(&self) -> Policy {
        floor::alone(&self.above, &self.over(false))
    }

    fn found(&self, policy: &Policy) -> Found {
        Found::of(&self.scan, &policy::evaluate(&self.scan, policy, self.options.today, policy::Before::default()))
    }
}

fn scan(snapshot: &Snapshot, exclude: &[String], pages: &[Pattern], options: &Options<'_>) -> Result<Scan> {
    let excludes = Excludes::new(!options.everything, exclude.iter().map(String::as_str));
    let excludes =
        excludes.map_err(|(pattern, why)| anyhow::anyhow!("`{pattern}` in `exclude` is no pattern: {why}"))?;
    Ok(scanner::scan(snapshot, &excludes.with_pages(pages.iter().cloned())))
}

/// A policy or baseline that cannot be read, as a problem at its place.
fn problem(fault: &Fault, snapshot: &Snapshot, files: &mut Files) -> Option<Problem> {
    let file = if fault.file == baseline::FILE { baseline::FILE } else { config::FILE };
    let id = FileId(u32::try_from(snapshot.find(file)?).ok()?);
    let span = fault.at.as_ref().map_or_else(
        || Span::top(id),
        |(text, at)| {
            files.set_text(id, text.clone());
            Span::new(id, at.clone())
        },
    );
    let message = format!("{}, so that only the floor holds here", fault.message);
    Some(Problem::new(span, message))
}

/// What is kept of what was found.
fn packed(scan: &Scan, found: &Found, waived: &[Item]) -> Verdict {
    let counts = Counts {
        deny: found.count(Level::Deny),
        warn: found.count(Level::Warn),
        excepted: found.excepted.len(),
        baselined: found.baselined.len(),
        waived: waived.len(),
        declarations: scan.dependencies.len(),
        pinned: scan.dependencies.iter().filter(|held| matches!(held.pin, Pin::Exact | Pin::Content)).count(),
        files: scan.read.len(),
        skipped: scan.skipped.len(),
        fixable: found.findings.iter().filter(|item| item.fix.is_some()).count(),
    };
    Verdict {
        counts,
        findings: Packed::new(&found.findings),
        excepted: Packed::new(&found.excepted),
        waived: Packed::new(waived),
        lacks: None,
        until: None,
    }
}
