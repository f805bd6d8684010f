//! A row for each repository of a fleet: opened, scanned and judged by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Result, bail};
use rayon::prelude::*;

use super::judge;
use crate::fleet::discover::Target;
use crate::fleet::mirror;
use crate::fleet::query::Query;
use crate::fleet::targets::{Place, without_credentials};
use crate::reporter::exposed::{Answer, Row};
use crate::scanner;
use crate::scanner::excludes::Excludes;
use crate::scanner::isolated::{FAILED, said};
use crate::source::objects::Repository;

/// What is looked at in each repository.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The revision, where a target names none of its own; else HEAD.
    pub revision: Option<&'a str>,
    /// What is left out by default is read too.
    pub everything: bool,
    /// Where audits keep mirrors of what is elsewhere.
    pub cache: Option<&'a Path>,
}

/// Judges repositories, in parallel; the rows stay in order. What is wrong with one is said in its row.
#[must_use]
pub fn rows(targets: Vec<Target>, query: &Query, scope: Scope<'_>) -> Vec<Row> {
    targets.into_par_iter().with_max_len(1).map(|target| isolated(&target, query, scope)).collect()
}

/// Judges a target, whatever happens.
fn isolated(target: &Target, query: &Query, scope: Scope<'_>) -> Row {
    let mut row = blank(target);
    let judged = catch_unwind(AssertUnwindSafe(|| fill(&mut row, target, query, scope)));
    let error = match judged {
        Ok(judged) => judged.err().map(|error| format!("{error:#}")),
        Err(panic) => Some(format!("{FAILED}: {}", said(&*panic))),
    };
    if error.is_some() {
        row.answer = Answer::default();
    }
    row.error = error;
    row
}

/// A row of which nothing is known but the target.
fn blank(target: &Target) -> Row {
    let url = match &target.place {
        Place::Url(url) => Some(without_credentials(url)),
        Place::Path(_) => None,
    };
    Row {
        name: target.name.clone(),
        path: target.place.shown(),
        url,
        owner: target.owner.clone(),
        labels: target.labels.clone(),
        commit: None,
        error: None,
        answer: Answer::default(),
    }
}

/// Opens the repository of a target, and writes into its row what is known.
fn fill(row: &mut Row, target: &Target, query: &Query, scope: Scope<'_>) -> Result<()> {
    if let Some(fault) = &target.fault {
        bail!("{fault}");
    }
    let repository = match &target.place {
        Place::Path(path) => Repository::at(path)?,
        Place::Url(url) => match scope.cache.map(|cache| mirror::kept(cache, url)) {
            Some(Some(mirror)) => Repository::at(&mirror)?,
            Some(None) => {
                bail!("there is no mirror of it in the cache: `cargo pinned audit` with the same `--cache` fetches it")
            }
            None => bail!(
                "is elsewhere: only what is on this machine is read, such as the mirrors of an audit by `--cache DIR`"
            ),
        },
    };
    row.url = row.url.take().or_else(|| repository.url().map(|url| without_credentials(&url)));
    let tip = match target.rev.as_deref().or(scope.revision) {
        Some(revision) => repository.tip(revision)?,
        None => repository.head()?,
    };
    row.commit = Some(tip.commit.to_string());
    let snapshot = repository.files(tip.commit, scanner::interest(scope.everything))?;
    let excludes = Excludes::new(!scope.everything, []).map_err(|(_, why)| anyhow::anyhow!("{why}"))?;
    let scan = scanner::scan(&snapshot, &excludes);
    row.answer = judge(&scan, query);
    Ok(())
}
