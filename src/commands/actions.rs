//! The commits of actions, as their remotes say: only where the user lets `fix` go to the network.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::change::say;
use super::progress::Progress;
use super::subject::Subject;
use crate::cli;
use crate::edit::Fix;
use crate::fleet::remotes;
use crate::policy::action::{self, Remotes};
use crate::policy::finding::{Finding, Violation};
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Surface};

/// What remotes said of the actions that are found: the fix of each, by its declaration, or why there is none.
#[derive(Default)]
pub(super) struct Actions {
    fixes: HashMap<usize, Fix>,
    /// By path, name and reference: the same is left for the same reason.
    left: HashMap<(String, String, Option<String>), String>,
}

impl Actions {
    /// Asks the remotes of the actions in these findings, each once; nobody without `--online`.
    ///
    /// # Errors
    /// Where there is no directory to ask from.
    pub(super) fn ask(args: &cli::Fix, subject: &Subject, findings: &[&Finding]) -> Result<Self> {
        let mut actions = Self::default();
        let found = findings.iter().filter(|finding| finding.violation.surface == Surface::Action);
        let found = found.filter_map(|finding| subject.scan.dependencies.get(finding.violation.declaration?));
        let remotes = Remotes::of(&subject.scan);
        let found: Vec<(&Dependency, String)> = found.filter_map(|one| Some((one, remotes.url(one).ok()?))).collect();
        if !args.online || found.is_empty() {
            return Ok(actions);
        }
        let (mut urls, mut places) = (Vec::new(), HashMap::new());
        for (_, url) in &found {
            // GitHub's names are one in any case.
            places.entry(url.to_lowercase()).or_insert_with(|| {
                urls.push(url.clone());
                urls.len() - 1
            });
        }
        let directory = tempfile::tempdir().context("there is no directory to ask remotes from")?;
        let progress = Progress::new(urls.len());
        let limit = Duration::from_secs(args.timeout);
        let answers = remotes::ask(&urls, directory.path(), limit, &|| progress.advance());
        drop(progress);
        for (dependency, url) in &found {
            let answer = places.get(&url.to_lowercase()).and_then(|&at| answers.get(at));
            let fix = match answer {
                Some(Ok(references)) => action::fix(dependency, references).map_err(|why| format!("{url} {why}")),
                Some(Err(why)) => Err(format!("{url} could not be asked: {why}")),
                None => continue,
            };
            match fix {
                Ok(fix) => _ = actions.fixes.insert(dependency.index, fix),
                Err(why) => _ = actions.left.insert(key(&subject.scan, dependency), why),
            }
        }
        let (asked, pinned) = (urls.len(), actions.fixes.len());
        let remotes = if asked == 1 { "1 repository".to_owned() } else { format!("{asked} repositories") };
        say(&format!("asked {remotes}, which had the commits of {pinned} of {} references of actions", found.len()));
        Ok(actions)
    }

    /// The fix of a violation.
    pub(super) fn fix(&self, violation: &Violation) -> Option<Fix> {
        self.fixes.get(&violation.declaration?).cloned()
    }

    /// Why each of the actions is left that no remote had a commit for, each reason once.
    pub(super) fn reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<&str> = self.left.values().map(String::as_str).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// Puts into findings why they are left, in place of what would help had nobody been asked.
    pub(super) fn explain(&self, scan: &Scan, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.violation.surface == Surface::Action) {
            let dependency = finding.violation.declaration.and_then(|index| scan.dependencies.get(index));
            if let Some(why) = dependency.and_then(|dependency| self.left.get(&key(scan, dependency))) {
                finding.violation.help = Some(why.clone());
            }
        }
    }
}

fn key(scan: &Scan, dependency: &Dependency) -> (String, String, Option<String>) {
    (scan.files.path(dependency.span.file).to_owned(), dependency.name.clone(), dependency.requirement.clone())
}
