//! `fix`: pin everything that can be pinned, and prove that what is built stays the same.

mod channel;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;

use super::Output;
use super::actions::Actions;
use super::cargo::Cargo;
use super::change::{self, Outside, say};
use super::check::{nearest, today};
use super::proof::{Proof, must_lose, must_stay_fresh};
use super::subject::{Again, Subject};
use super::transaction::{Change, is_interrupted};
use super::writing::{Purpose, replace};
use crate::cli;
use crate::edit::{self, Edit, Fix};
use crate::exit::Exit;
use crate::policy::baseline::FILE;
use crate::policy::finding::{Finding, Level};
use crate::policy::{Outcome, rules};
use crate::reporter::{self, Detail, Report};
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::dependency::{Dependency, Pin, Surface};
use crate::source::parent;
use crate::text::{FileId, listed};
use channel::{Channel, is_fixed};

/// The most directories without a lockfile that are named.
const MOST_BARE: usize = 5;

/// Mends what can be mended, all of it or nothing.
///
/// # Errors
/// Where the repository cannot be judged or changed, or the proof fails; everything is then as it was.
pub fn run(args: &cli::Fix, output: &Output) -> Result<Exit> {
    if args.subject.rev.is_some() || args.subject.staged {
        bail!("only the working tree can be changed: leave out `--rev` and `--staged`");
    }
    if let Some(rule) = args.rule.iter().find(|rule| rules::find(rule).is_none()) {
        bail!("unknown rule `{rule}`{}", nearest(rule));
    }
    let day = today(args.today.as_deref())?;
    if let Some(name) = args.toolchain.as_deref().filter(|name| !is_fixed(name)) {
        bail!("channel `{name}` moves: name a release such as `1.95.0`, or a day such as `nightly-2026-01-01`");
    }
    let (subject, again) = change::begin(&args.subject, args.dry_run)?;
    if let Some(name) = args.package.iter().find(|name| !subject.scan.dependencies.iter().any(|one| is_of(one, name))) {
        bail!("no package `{name}` declares or inherits a dependency here");
    }
    let (outcome, outside) = change::judged(&subject, day);
    // What the baseline accepts is to be mended one day, too.
    let all: Vec<&Finding> = outcome.findings.iter().chain(&outcome.baselined).collect();
    let mut plan = Plan::new(args, &subject, all)?;
    if args.dry_run {
        if plan.changes.is_empty() {
            say("nothing to pin");
        }
        plan.actions.reasons().iter().for_each(|why| say(why));
        output.write(|out| out.write_all(change::diff(&plan.changes).as_bytes()))?;
        return Ok(exit(&outcome.findings));
    }
    let after = plan.carry_out(args, &subject, &again, day)?;
    let done = if after.is_some() { (plan.fixes.len(), plan.changes.len()) } else { (0, 0) };
    if let Some((after, outcome, _)) = &after {
        prune(after, &outcome.gone)?;
        change::say_left_out(&subject, &plan.changes);
    }
    let (now, left, outside) = match &after {
        Some((subject, outcome, outside)) => (subject, outcome, *outside),
        None => (&subject, &outcome, outside),
    };
    if args.toolchain.is_some() && done.0 > 0 {
        say("whether that toolchain can be had was not tried");
    }
    say_let_pass(now, left);
    say_outside(outside);
    let mut findings = left.findings.clone();
    plan.explain(&now.scan, &mut findings);
    let exit = report(done, now, (&findings, left), output)?;
    // The process ends here, and gives all of it back at once: freeing it piece by piece takes longer.
    std::mem::forget(plan);
    std::mem::forget((subject, outcome, again, after));
    Ok(exit)
}

/// Takes what accepts nothing any more out of the baseline.
fn prune(subject: &Subject, gone: &[String]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let mut baseline = subject.policy.baseline.clone();
    baseline.entries.retain(|entry| !gone.contains(&entry.fingerprint));
    replace(&subject.snapshot.root.join(FILE), baseline.render().as_bytes(), Purpose::Read)?;
    let entries = if gone.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", gone.len()) };
    say(&format!("{entries} of {FILE} went: what was accepted there is mended"));
    Ok(())
}

fn exit(findings: &[Finding]) -> Exit {
    if findings.iter().any(|finding| finding.level == Level::Deny) { Exit::Findings } else { Exit::Clean }
}

/// What is to be changed.
struct Plan<'f> {
    changes: Vec<Change>,
    /// Everything that is found.
    found: Vec<&'f Finding>,
    /// What of it is mended, and how.
    fixes: Vec<(&'f Finding, Fix)>,
    /// What remotes said of actions.
    actions: Actions,
    /// Why git sources are left that could be pinned as far as lockfiles tell, by their one text.
    left: BTreeMap<String, String>,
}

impl<'f> Plan<'f> {
    fn new(args: &cli::Fix, subject: &Subject, found: Vec<&'f Finding>) -> Result<Self> {
        let toolchain = Channel::find(args, subject, &found)?;
        let chosen: Vec<&'f Finding> =
            found.iter().copied().filter(|finding| is_chosen(args, subject, finding)).collect();
        let actions = Actions::ask(args, subject, &chosen)?;
        let fix = |finding: &'f Finding| {
            let violation = &finding.violation;
            let own = toolchain.as_ref().filter(|channel| channel.replaces(violation)).map(|channel| Fix {
                title: String::new(),
                edits: vec![Edit { span: violation.span, replacement: channel.name.clone() }],
                together: Vec::new(),
            });
            violation.fix.clone().or(own).or_else(|| actions.fix(violation)).map(|fix| (finding, fix))
        };
        let (fixes, alone) = together(chosen.into_iter().filter_map(fix).collect());
        alone.iter().for_each(|finding| say_alone(subject, finding));
        let changes = Self::changes(subject, &fixes)?;
        Ok(Self { changes, found, fixes, actions, left: BTreeMap::new() })
    }

    fn changes(subject: &Subject, fixes: &[(&Finding, Fix)]) -> Result<Vec<Change>> {
        let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
        for edit in fixes.iter().flat_map(|(_, fix)| &fix.edits) {
            edits.entry(edit.span.file).or_default().push(edit);
        }
        let files = &subject.scan.files;
        let change = |(file, edits): (FileId, Vec<&Edit>)| {
            let (path, before) = (files.path(file).to_owned(), files.text(file).to_owned());
            let after = edit::apply(&before, edits);
            let after = after.map_err(|_| anyhow::anyhow!("two fixes of `{path}` are in each other's way"))?;
            Ok(Change { path, before, after })
        };
        let mut changes: Vec<Change> = edits.into_iter().map(change).collect::<Result<_>>()?;
        changes.retain(|change| change.before != change.after);
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// Leaves out the pins of the git sources that there is something to say against; whether there were any.
    fn leave(&mut self, subject: &Subject, why: impl Fn(&str) -> Option<String>) -> Result<bool> {
        let (count, left) = (self.fixes.len(), &mut self.left);
        self.fixes.retain(|(finding, _)| {
            let git = git(&subject.scan, finding);
            let why = git.and_then(|git| Some((git.to_owned(), why(git)?)));
            why.is_none_or(|(git, why)| {
                left.insert(git, why);
                false
            })
        });
        let has_left = self.fixes.len() < count;
        if has_left {
            self.changes = Self::changes(subject, &self.fixes)?;
        }
        Ok(has_left)
    }

    /// Puts into findings why they are left, in place of what would help had nobody been asked.
    fn explain(&self, scan: &Scan, findings: &mut [Finding]) {
        self.actions.explain(scan, findings);
        for finding in findings {
            if let Some(why) = git(scan, finding).and_then(|git| self.left.get(git)) {
                finding.violation.help = Some(why.clone());
                finding.violation.fix = None;
            }
        }
    }

    /// Changes the files and proves it; the subject as it is then, where anything was changed.
    fn carry_out(
        &mut self,
        args: &cli::Fix,
        subject: &Subject,
        again: &Again,
        day: Date,
    ) -> Result<Option<(Subject, Outcome, Outside)>> {
        if self.changes.is_empty() {
            return Ok(None);
        }
        let root = &subject.snapshot.root;
        let workspaces = change::workspaces(&subject.scan, &self.changes);
        let is_cargos = !workspaces.is_empty();
        let proof = if args.no_verify || !is_cargos {
            None
        } else {
            let proof = Proof::before(Cargo::of_user(root, args.online), root, &subject.scan, workspaces);
            let proof = proof.context("the fix cannot be proved, and nothing was changed")?;
            // What cargo's metadata speaks against, and lockfiles do not tell.
            self.leave(subject, |git| Some(asks_by_url(proof.by_url(git)?)))?;
            if self.changes.is_empty() {
                return Ok(None);
            }
            Some(proof)
        };
        let refused = RefCell::new(None);
        let mut done = self.attempt(subject, again, day, proof.as_ref(), &refused);
        // The rest is not held up by what neither tells of git packages.
        if let Some(why) = refused.take().filter(|_| !is_interrupted(root)) {
            let why = |_: &str| Some(format!("pinned, it failed the proof: {why}; leave it, or pin it by hand"));
            if self.leave(subject, why)? && !self.changes.is_empty() {
                say(
                    "with the pins of git packages the fix failed its proof, and all was restored: it is tried without them",
                );
                done = self.attempt(subject, again, day, proof.as_ref(), &refused).or(done);
            }
        }
        let (after, notes) = done.context("the fix failed its proof")?;
        notes.iter().for_each(|note| say(note));
        if !is_cargos {
            say(
                "no manifest or lockfile of Cargo changed, so cargo was not asked; a check finds nothing of what was pinned",
            );
        } else if args.no_verify {
            let pinned = self.fixes.iter().filter_map(|(finding, _)| git(&subject.scan, finding)).collect();
            let unless = match needing_its_own(&subject.scan, &pinned) {
                Some(package) => format!("; it does not if `{package}` asks for its own repository by URL"),
                None => String::new(),
            };
            say(&format!("not verified: cargo was not asked whether it accepts the lockfile{unless}"));
        }
        Ok(Some(after))
    }

    /// Changes the files, foresees what will be there, and has it proved where there is somebody to prove it; what is `refused` then.
    fn attempt(
        &self,
        subject: &Subject,
        again: &Again,
        day: Date,
        proof: Option<&Proof>,
        refused: &RefCell<Option<String>>,
    ) -> Result<((Subject, Outcome, Outside), Vec<String>)> {
        let foresee = || {
            let after = subject.changed(again, change::files(&self.changes));
            let (outcome, outside) = change::judged(&after, day);
            self.must_mend(subject, &after.scan, &outcome).map(|()| (after, outcome, outside))
        };
        let prove = proof.map(|proof| {
            |after: &(Subject, Outcome, Outside)| -> Result<Vec<String>> {
                let first = |error: &anyhow::Error| error.to_string().lines().next().map(str::to_owned);
                proof.after(&subject.scan, &after.0.scan).inspect_err(|error| _ = refused.replace(first(error)))
            }
        });
        change::carry_out(&subject.snapshot.root, &self.changes, foresee, prove)
    }

    /// Holds that a check will find nothing of what this mends, and nothing else, and no lockfile that is stale, be it asked for or not.
    fn must_mend(&self, before: &Subject, scan: &Scan, after: &Outcome) -> Result<()> {
        must_stay_fresh(&before.scan, scan)?;
        let mended = self.fixes.iter().map(|(finding, _)| *finding);
        must_lose(&before.scan, self.found.iter().copied(), mended, scan, after)
    }
}

/// Why a git source is left: this package of it asks for it.
fn asks_by_url(package: &str) -> String {
    format!(
        "`{package}` asks for its own repository by URL and the same reference: pinned here, there would be two copies of it; leave \
         it, or let it pass by `require = \"locked\"`"
    )
}

/// A package of one of these git sources that needs another of the same: by path or by URL, which a lockfile does not tell.
fn needing_its_own<'s>(scan: &'s Scan, pinned: &HashSet<&str>) -> Option<&'s str> {
    if pinned.is_empty() {
        return None;
    }
    scan.workspaces.iter().filter_map(|workspace| workspace.lock.as_ref()).find_map(|lock| {
        let git = |package: &'s LockedPackage| {
            Some((package.source.as_ref().filter(|one| one.is_git())?.one_text(), package))
        };
        let inside: Vec<_> = lock.packages.iter().filter_map(git).filter(|(git, _)| pinned.contains(&**git)).collect();
        let names: HashSet<(&str, &str)> = inside.iter().map(|(git, package)| (&**git, &*package.name)).collect();
        let needs = |(git, package): &&(String, &'s LockedPackage)| {
            package.edges.iter().any(|edge| names.contains(&(&**git, &*edge.name)))
        };
        inside.iter().find(needs).map(|(_, package)| &*package.name)
    })
}

/// The git source that a finding's declaration is locked to, by its one text.
fn git<'s>(scan: &'s Scan, finding: &Finding) -> Option<&'s str> {
    scan.dependencies.get(finding.violation.declaration?)?.locked.one()?.git.as_deref()
}

fn is_chosen(args: &cli::Fix, subject: &Subject, finding: &Finding) -> bool {
    let declaration = finding.violation.declaration.and_then(|index| subject.scan.dependencies.get(index));
    (args.rule.is_empty() || args.rule.iter().any(|rule| rule == finding.rule))
        && (args.package.is_empty()
            || args.package.iter().any(|name| declaration.is_some_and(|dependency| is_of(dependency, name))))
}

/// Whether a package declares or inherits a dependency.
fn is_of(dependency: &Dependency, package: &String) -> bool {
    dependency.owner.as_ref() == Some(package) || dependency.used_by.contains(package)
}

/// Leaves out the fixes that must be carried out together with one that is not to be.
fn together(mut fixes: Vec<(&Finding, Fix)>) -> (Vec<(&Finding, Fix)>, Vec<&Finding>) {
    let mut alone = Vec::new();
    loop {
        let declaration = |(finding, _): &(&Finding, Fix)| finding.violation.declaration;
        let mended: HashSet<usize> = fixes.iter().filter_map(declaration).collect();
        let count = fixes.len();
        let goes = |(_, fix): &(&Finding, Fix)| fix.together.iter().all(|declaration| mended.contains(declaration));
        alone.extend(fixes.iter().filter(|fix| !goes(fix)).map(|(finding, _)| *finding));
        fixes.retain(goes);
        if fixes.len() == count {
            return (fixes, alone);
        }
    }
}

/// Says that a declaration was asked for without those that go with it.
fn say_alone(subject: &Subject, finding: &Finding) {
    let others = finding.violation.fix.iter().flat_map(|fix| &fix.together);
    let others = others.filter_map(|&at| subject.scan.dependencies.get(at));
    let others = others.filter(|other| Some(other.index) != finding.violation.declaration);
    let mut files: Vec<&str> = others.map(|other| subject.scan.files.path(other.span.file)).collect();
    files.sort_unstable();
    files.dedup();
    let (name, files) = (&finding.violation.name, files.join(", "));
    let what = match finding.violation.surface {
        Surface::Git => "what shares its git source",
        _ => "what requires it in the same words",
    };
    say(&format!("`{name}` is pinned only together with {what}, in {files}: not all of that was asked for"));
}

/// Says what passes although it floats, because the policy lets it: whoever asks to pin everything should know.
fn say_let_pass(after: &Subject, outcome: &Outcome) {
    let found =
        outcome.findings.iter().chain(&outcome.baselined).chain(outcome.excepted.iter().map(|one| &one.finding));
    let found: HashSet<usize> = found.filter_map(|finding| finding.violation.declaration).collect();
    let passes = |dependency: &&&Dependency| {
        matches!(dependency.surface, Surface::Crate | Surface::Git)
            && dependency.pin < Pin::Exact
            && !found.contains(&dependency.index)
    };
    let count = after.declarations().iter().filter(passes).count();
    if count > 0 {
        let what = match count {
            1 => "1 declaration floats and passes".to_owned(),
            _ => format!("{count} declarations float and pass"),
        };
        say(&format!("{what} by the policy, as for a published library: left as written"));
    }
}

/// Says what a narrow fix did not look at: without it, that nothing is left would be said of that as well.
fn say_outside(outside: Outside) {
    let Outside { findings, baselined } = outside;
    let counted = |count: usize| if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
    let what = match (findings, baselined) {
        (0, 0) => return,
        (findings, 0) => counted(findings),
        (0, baselined) => format!("{} of the baseline", counted(baselined)),
        (findings, baselined) => format!("{}, and {baselined} of the baseline", counted(findings)),
    };
    say(&format!("left outside of what was asked for: {what}"));
}

/// Says what was mended, and what is left and why.
fn report(
    (mended, files): (usize, usize),
    after: &Subject,
    (left, outcome): (&[Finding], &Outcome),
    output: &Output,
) -> Result<Exit> {
    let declarations = after.declarations();
    let report = Report {
        kind: after.snapshot.kind.name(),
        revision: None,
        root: after.snapshot.root.display().to_string(),
        scan: &after.scan,
        findings: left,
        excepted: &outcome.excepted,
        baselined: outcome.baselined.len(),
        declarations: &declarations,
        files: after.scan.read.len(),
        skipped: &after.scan.skipped,
        detail: Detail::Normal,
        width: Output::width(),
        comparison: None,
    };
    output.write(|out| {
        match (mended, files) {
            (0, _) => writeln!(out, "nothing to pin\n")?,
            (1, _) => writeln!(out, "pinned 1 declaration\n")?,
            (mended, 1) => writeln!(out, "pinned {mended} declarations in 1 file\n")?,
            (mended, files) => writeln!(out, "pinned {mended} declarations in {files} files\n")?,
        }
        reporter::left(&report, out)
    })?;
    let bare = after.scan.workspaces.iter().filter(|one| one.lock.is_none() && one.has_dependencies && !one.is_lost);
    let places: Vec<&str> = bare.map(|workspace| parent(after.scan.files.path(workspace.root))).collect();
    if !places.is_empty() {
        let named: Vec<&str> = places.iter().map(|place| if place.is_empty() { "." } else { place }).collect();
        let place = if places == [""] { String::new() } else { format!(" in {}", listed(&named, MOST_BARE)) };
        say(&format!(
            "without a lockfile nothing says what to pin to: run `cargo generate-lockfile`{place}, then fix again"
        ));
    }
    Ok(exit(left))
}
