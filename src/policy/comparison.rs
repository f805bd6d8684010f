//! A comparison: which findings are new against a base, which only moved, and which it has as well.
//!
//! A finding is known if the base holds the same fingerprint with an equal or weaker pin, at a level that is no lower: what
//! was a warning and now fails the run is new. So is what names another package or source than it did: under the same key
//! something else floats. The fingerprint counts equal findings, so ten equal ones are ten; those that changed places among
//! themselves are told by what is written. What left one place and appeared in another, with the same rule, name and
//! requirement, is moved: each one that left accounts for one that appeared, so the same float in a second table is new. What
//! the baseline or an exception accepts has not left: it is there.
//! What is about a file as a whole moves with that file alone.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::finding::Finding;
use super::{Excepted, Outcome};
use crate::scanner::Scan;
use crate::scanner::cargo::source_id;
use crate::scanner::dependency::{Origin, Pin};

/// What one base has, judged by the same policy.
pub struct Known<'a> {
    scan: &'a Scan,
    findings: Vec<Finding>,
    /// How many of them no baseline accepts: they are first.
    plain: usize,
}

/// Findings, told apart; each list in the order in which they came.
#[derive(Debug, Default)]
pub struct Compared {
    /// Those that no base has.
    pub new: Vec<Finding>,
    /// Those that stood elsewhere in a base, and no longer do.
    pub moved: Vec<Finding>,
    /// Those that a base has.
    pub known: Vec<Finding>,
    /// Those of the last two that a baseline accepts in a base and none accepts here: they fail where nothing is compared.
    pub unaccepted: Vec<Finding>,
}

/// What is found and accepted where findings are told apart.
#[derive(Debug, Default, Clone, Copy)]
pub struct Accepted<'a> {
    /// By the baseline.
    pub baselined: &'a [Finding],
    /// By exceptions.
    pub excepted: &'a [Excepted],
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    New,
    Moved,
    Known,
}

/// A finding's place: rule, path, table and name.
type Place<'f> = (&'static str, &'f str, &'f str, &'f str);

impl<'a> Known<'a> {
    /// What was found in a base, what its baseline accepts included: it is there. What is excepted there is not known: an
    /// exception holds where it says, and not where its finding went.
    #[must_use]
    pub fn new(scan: &'a Scan, outcome: Outcome) -> Self {
        let mut findings = outcome.findings;
        let plain = findings.len();
        findings.extend(outcome.baselined);
        Self { scan, findings, plain }
    }

    /// What became of each finding, seen from this base, and whether a baseline accepts it there.
    fn judge(&self, scan: &Scan, findings: &[&Finding]) -> Vec<(Status, bool)> {
        let mut matching = Matching {
            theirs: self,
            scan,
            findings,
            status: vec![(Status::New, false); findings.len()],
            left: vec![true; self.findings.len()],
        };
        // What is written in the same place, whichever of its equals it has become; then what has only become tighter.
        matching.pair(Status::Known, |scan, finding| (place(scan, finding), written(finding)));
        matching.pair(Status::Known, |scan, finding| (place(scan, finding), finding.ordinal));
        matching.stay();
        matching.pair(Status::Moved, |_, finding| {
            (finding.rule, finding.violation.name.as_str(), finding.violation.requirement.as_deref())
        });
        matching.status
    }
}

fn place<'f>(scan: &'f Scan, finding: &'f Finding) -> Place<'f> {
    let violation = &finding.violation;
    (finding.rule, scan.files.path(violation.span.file), &violation.place, &violation.name)
}

fn written(finding: &Finding) -> (Option<&str>, Option<Pin>) {
    (finding.violation.requirement.as_deref(), finding.violation.pin)
}

/// The package that a finding's declaration names, and the source that it gets it from; none for what is no declaration.
fn fetched<'f>(scan: &'f Scan, finding: &Finding) -> Option<(&'f str, Cow<'f, str>)> {
    let dependency = scan.dependencies.get(finding.violation.declaration?)?;
    let source = match &dependency.origin {
        Origin::Registry(Some(registry)) if registry != "crates-io" => Cow::Borrowed(registry.as_str()),
        Origin::Git { url, .. } => source_id::canonical(url).map_or(Cow::Borrowed(url.as_str()), Cow::Owned),
        _ => Cow::Borrowed(""),
    };
    Some((&dependency.package, source))
}

fn fits(theirs: &Finding, ours: &Finding) -> bool {
    theirs.violation.pin <= ours.violation.pin && theirs.level >= ours.level
}

/// Findings of two sides, being paired.
struct Matching<'a> {
    theirs: &'a Known<'a>,
    scan: &'a Scan,
    findings: &'a [&'a Finding],
    /// What became of each of ours, and whether its counterpart was accepted.
    status: Vec<(Status, bool)>,
    /// Which of theirs were not paired yet.
    left: Vec<bool>,
}

impl<'a> Matching<'a> {
    /// Leaves out what cannot have moved: a finding that has no name but its file's moves with that file, which is then
    /// gone from where it was. One file that was mended makes no room for another that broke.
    fn stay(&mut self) {
        let read: HashSet<&str> = self.scan.read.iter().map(String::as_str).collect();
        for (left, finding) in self.left.iter_mut().zip(&self.theirs.findings) {
            let path = self.theirs.scan.files.path(finding.violation.span.file);
            let is_named = path.rsplit('/').next() != Some(finding.violation.name.as_str());
            *left &= is_named || !read.contains(path);
        }
    }

    /// Pairs what has the same key, in order, each of theirs once.
    fn pair<K: std::hash::Hash + Eq>(&mut self, status: Status, key: impl Fn(&'a Scan, &'a Finding) -> K) {
        let key = |scan: &'a Scan, finding: &'a Finding| (key(scan, finding), fetched(scan, finding));
        let mut waiting: HashMap<_, Vec<usize>> = HashMap::new();
        // From the last one: what is popped is then the first.
        for (at, finding) in self.theirs.findings.iter().enumerate().rev().filter(|(at, _)| self.left[*at]) {
            waiting.entry(key(self.theirs.scan, finding)).or_default().push(at);
        }
        for (at, finding) in self.findings.iter().enumerate() {
            if self.status[at].0 != Status::New {
                continue;
            }
            let Some(candidates) = waiting.get_mut(&key(self.scan, finding)) else { continue };
            let fitting = candidates.iter().rposition(|&theirs| fits(&self.theirs.findings[theirs], finding));
            if let Some(found) = fitting {
                let theirs = candidates.remove(found);
                self.left[theirs] = false;
                self.status[at] = (status, theirs >= self.theirs.plain);
            }
        }
    }
}

/// Tells findings apart by what several bases have: new is what none of them has. Without a base, all are new. What is accepted
/// beside them is not told apart, but nothing that is still in its place has moved to where a finding is.
#[must_use]
pub fn compare(scan: &Scan, findings: Vec<Finding>, accepted: Accepted<'_>, bases: &[Known<'_>]) -> Compared {
    if bases.is_empty() {
        return Compared { new: findings, ..Compared::default() };
    }
    let mut status = vec![(Status::New, false); findings.len()];
    let beside = accepted.baselined.iter().chain(accepted.excepted.iter().map(|excepted| &excepted.finding));
    // Those first: of equal ones it is then the others that are new.
    let all: Vec<&Finding> = beside.chain(&findings).collect();
    let first = all.len() - findings.len();
    for base in bases {
        for (status, seen) in status.iter_mut().zip(base.judge(scan, &all).split_off(first)) {
            *status = (*status).max(seen);
        }
    }
    let mut compared = Compared::default();
    for (finding, (status, was_accepted)) in findings.into_iter().zip(status) {
        if was_accepted {
            compared.unaccepted.push(finding.clone());
        }
        match status {
            Status::New => compared.new.push(finding),
            Status::Moved => compared.moved.push(finding),
            Status::Known => compared.known.push(finding),
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::finding::{Level, Violation};
    use crate::scanner::dependency::Surface;
    use crate::text::{FileId, Files, Span};

    /// Findings of one rule and name in one place, numbered as the policy engine numbers them.
    fn findings(written: &[(&str, Pin)]) -> Vec<Finding> {
        let finding = |(ordinal, (requirement, pin)): (usize, &(&str, Pin))| {
            let mut violation = Violation::new(Surface::Git, "a", Span::top(FileId(0)), "floats");
            violation.requirement = Some((*requirement).to_owned());
            violation.pin = Some(*pin);
            Finding { rule: "unpinned-git", level: Level::Deny, violation, ordinal, policy: None, ended: None }
        };
        written.iter().enumerate().map(finding).collect()
    }

    #[track_caller]
    fn check(before: &[(&str, Pin)], after: &[(&str, Pin)], new: &[&str], moved: usize) {
        let scan = Scan { files: Files::new(["Cargo.toml".to_owned()]), ..Scan::default() };
        let base = Known::new(&scan, Outcome { findings: findings(before), ..Outcome::default() });
        let compared = compare(&scan, findings(after), Accepted::default(), &[base]);
        let written: Vec<_> =
            compared.new.iter().filter_map(|finding| finding.violation.requirement.as_deref()).collect();
        assert_eq!((written.as_slice(), compared.moved.len()), (new, moved));
        assert_eq!(compared.known.len(), after.len() - new.len() - moved);
    }

    const TAG: (&str, Pin) = ("v1", Pin::Tag);
    const BRANCH: (&str, Pin) = ("main", Pin::Latest);

    #[test]
    fn ten_equal_ones_are_ten() {
        check(&[TAG; 10], &[TAG; 10], &[], 0);
        check(&[TAG; 10], &[TAG; 12], &["v1", "v1"], 0);
        check(&[TAG; 10], &[TAG; 3], &[], 0);
        check(&[TAG; 1], &[BRANCH; 10], &["main"; 10], 0);
    }

    #[test]
    fn equals_that_change_places_are_known() {
        check(&[TAG, BRANCH], &[BRANCH, TAG], &[], 0);
        check(&[TAG, BRANCH, TAG], &[BRANCH, TAG, TAG], &[], 0);
        check(&[TAG, BRANCH], &[BRANCH], &[], 0);
    }

    #[test]
    fn what_is_weaker_than_it_was_is_new() {
        check(&[TAG], &[BRANCH], &["main"], 0);
        check(&[BRANCH], &[TAG], &[], 0);
        check(&[TAG, TAG], &[BRANCH, TAG], &["main"], 0);
    }

    #[test]
    fn without_a_base_all_are_new() {
        let scan = Scan::default();
        assert_eq!(compare(&scan, findings(&[TAG, BRANCH]), Accepted::default(), &[]).new.len(), 2);
    }
}
