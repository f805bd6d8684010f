//! The proof of a fix: what is built is what was built, to the package and the feature.
//!
//! Cargo accepts the lockfile as it is, both lockfiles hold the same packages (a git reference apart, commit for commit), and
//! each package has the features that it had. The lockfile covers all targets; features are asked for this machine's, since
//! without that cargo fails wherever other targets' packages were never fetched.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::Value;

use super::cargo::Cargo;
use crate::policy::Outcome;
use crate::policy::finding::Finding;
use crate::policy::rules::STALE_EXCEPTION;
use crate::scanner::Scan;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::source_id::SourceId;

/// What is known of a workspace: of each package, its features; or why that cannot be told.
type Features = Result<BTreeMap<String, BTreeSet<String>>, String>;

/// What was there before, workspace by workspace.
pub(super) struct Proof {
    cargo: Cargo,
    host: Option<String>,
    root: PathBuf,
    workspaces: Vec<Workspace>,
}

/// A workspace as it was.
struct Workspace {
    directory: String,
    /// Why cargo refused its lockfile, where it did.
    refused: Option<String>,
    features: Features,
    /// The git sources that one of their own packages asks for by URL, each by its one text, with that package.
    by_url: BTreeMap<String, String>,
}

impl Proof {
    /// Looks at the workspaces in these directories below the root before anything is changed.
    ///
    /// # Errors
    /// Where cargo cannot be started, or refuses a lockfile in which nothing is known to be stale.
    pub(super) fn before(cargo: Cargo, root: &Path, scan: &Scan, directories: BTreeSet<String>) -> Result<Self> {
        let host = cargo.version(root)?.host;
        let mut proof = Self { cargo, host, root: root.to_owned(), workspaces: Vec::new() };
        for directory in directories {
            let refused = proof.cargo.refusal(&root.join(&directory), None)?;
            let is_stale = scan.workspaces.iter().any(|workspace| {
                workspace.directory == directory && (workspace.lock.is_none() || !workspace.differences.is_empty())
            });
            if let Some(why) = refused.as_ref().filter(|_| !is_stale) {
                bail!("{}: cargo fails before anything is changed: {why}\n{}", place(&directory), proof.way_out(why));
            }
            let metadata = proof.metadata(&directory);
            let by_url = metadata.as_ref().map(named_by_url).unwrap_or_default();
            let features = metadata.map(|metadata| features(&metadata));
            proof.workspaces.push(Workspace { directory, refused, features, by_url });
        }
        Ok(proof)
    }

    /// Looks at them again; what could not be compared, one sentence each.
    ///
    /// # Errors
    /// Where something is not what it was: the difference.
    pub(super) fn after(&self, before: &Scan, after: &Scan) -> Result<Vec<String>> {
        // What is said of several workspaces alike is said once.
        let mut notes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut proved = 0;
        for Workspace { directory, refused, features, .. } in &self.workspaces {
            let place = place(directory);
            // Whatever directory each of them lies in.
            let below = self.root.join(directory).join("").display().to_string();
            let bare = |why: &str| why.replace(&below, "");
            let held = packages(after, directory);
            same_packages(place, &packages(before, directory), &held)?;
            if let Some(why) = refused {
                let note =
                    format!("cargo refused the lockfile before, too, and nothing could be compared: {}", bare(why));
                notes.entry(note).or_default().push(place);
                continue;
            }
            proved += held.len();
            if let Some(why) = self.cargo.refusal(&self.root.join(directory), None)? {
                bail!("{place}: cargo refuses the lockfile: {why}");
            }
            match (features, self.metadata(directory)) {
                (Ok(before), Ok(after)) => same_features(place, before, &self::features(&after))?,
                (Err(why), _) => {
                    let note = format!("features could not be compared: {}\n{}", bare(why), self.way_out(why));
                    notes.entry(note).or_default().push(place);
                }
                (Ok(_), Err(why)) => bail!("{place}: cargo no longer reads it: {why}"),
            }
        }
        let mut said: Vec<String> = Vec::new();
        if proved > 0 {
            let packages = if proved == 1 { "1 package".to_owned() } else { format!("all {proved} packages") };
            let features = if notes.is_empty() { " and their features" } else { "" };
            said.push(format!("proved by cargo: it takes the lockfile as it is; {packages}{features} stay the same"));
        }
        said.extend(notes.into_iter().map(|(note, places)| format!("{}: {note}", places.join(", "))));
        Ok(said)
    }

    /// What helps where cargo lacks what it needs.
    fn way_out(&self, why: &str) -> &'static str {
        if why.contains("--locked was passed") {
            "`cargo update --workspace` brings the lockfile up to date, `--no-verify` does without cargo"
        } else if !self.cargo.could_fetch(why) {
            "`--no-verify` does without cargo"
        } else {
            "`cargo fetch --locked` brings what it lacks, `--online` lets it fetch now, `--no-verify` does without"
        }
    }

    fn metadata(&self, directory: &str) -> Result<Value, String> {
        self.cargo.metadata(&self.root.join(directory), self.host.as_deref(), None)
    }

    /// The package that asks for the git source, given by its one text, which it is of itself, by URL. Pinned, the source would be
    /// another than that.
    pub(super) fn by_url(&self, git: &str) -> Option<&str> {
        self.workspaces.iter().find_map(|workspace| workspace.by_url.get(git)).map(String::as_str)
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

/// The name and version of a package.
fn name(package: &Value) -> String {
    format!("{} {}", text(package, "name"), text(package, "version"))
}

/// Of each package, its features.
fn features(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<&str, String> =
        list(metadata, "packages").map(|package| (text(package, "id"), name(package))).collect();
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in list(&metadata["resolve"], "nodes") {
        let own = list(node, "features").filter_map(Value::as_str).map(str::to_owned);
        let name = names.get(text(node, "id")).cloned().unwrap_or_default();
        features.entry(name).or_default().extend(own);
    }
    features
}

/// The git sources that one of their own packages asks for by URL. What it asks for by path has the commit of the package in cargo's
/// metadata; what it asks for by URL has none, as written.
fn named_by_url(metadata: &Value) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    let read = |value: &Value| SourceId::parse(text(value, "source"), true);
    let packages: HashMap<&str, &Value> =
        list(metadata, "packages").map(|package| (text(package, "id"), package)).collect();
    for node in list(&metadata["resolve"], "nodes") {
        let Some(package) = packages.get(text(node, "id")) else { continue };
        if !text(package, "source").starts_with("git+") {
            continue;
        }
        let own = read(package);
        // What no feature switches on is asked for by nobody.
        let needs = list(node, "dependencies").filter_map(|id| packages.get(id.as_str()?));
        let needs: BTreeSet<&str> = needs.map(|needed| text(needed, "name")).collect();
        let is_it = |dependency: &Value| {
            let asked = read(dependency);
            needs.contains(text(dependency, "name")) && asked.commit().is_none() && asked.same(&own)
        };
        if list(package, "dependencies").any(is_it) {
            named.insert(own.one_text(), name(package));
        }
    }
    named
}

/// What a finding is known by, where its text has changed: the rule, the path, the place and the name.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Holds that of the findings before those that mend are gone, and that no other has come. Of those that are left, there may be as many
/// of a kind as there were, less those that mend. Exceptions are left out: one that has ended matches nothing once its finding is mended.
///
/// # Errors
/// The first that should not be there.
pub(super) fn must_lose<'a>(
    before: &'a Scan,
    found: impl Iterator<Item = &'a Finding>,
    mended: impl Iterator<Item = &'a Finding>,
    scan: &Scan,
    after: &Outcome,
) -> Result<()> {
    let is_counted = |finding: &&Finding| finding.rule != STALE_EXCEPTION;
    let left = || after.findings.iter().chain(&after.baselined).filter(is_counted);
    // Only what is left is counted: that is little where much was mended.
    let mut counts: HashMap<Key<'_>, Counts> = HashMap::new();
    left().for_each(|finding| counts.entry(key(scan, finding)).or_default().left += 1);
    if counts.is_empty() {
        return Ok(());
    }
    found.for_each(|finding| _ = counts.get_mut(&key(before, finding)).map(|counts| counts.found += 1));
    mended.for_each(|finding| _ = counts.get_mut(&key(before, finding)).map(|counts| counts.mended += 1));
    let is_wrong = |finding: &&Finding| {
        counts.get(&key(scan, finding)).is_some_and(|counts| counts.left + counts.mended > counts.found)
    };
    let Some(wrong) = left().find(is_wrong) else { return Ok(()) };
    bail!("{}: {} would be there afterwards: {}", key(scan, wrong).1, wrong.rule, wrong.violation.message)
}

/// Holds that no lockfile becomes stale, whatever is judged and reported of it.
///
/// # Errors
/// The first that would be.
pub(super) fn must_stay_fresh(before: &Scan, after: &Scan) -> Result<()> {
    match stale(after).difference(&stale(before)).next() {
        Some(path) => bail!("{path}: cargo would no longer take it as it is"),
        None => Ok(()),
    }
}

/// The lockfiles that are known to be stale.
fn stale(scan: &Scan) -> BTreeSet<&str> {
    let stale = scan.workspaces.iter().filter(|workspace| !workspace.differences.is_empty());
    stale.filter_map(|workspace| Some(scan.files.path(workspace.lock.as_ref()?.file))).collect()
}

/// How many findings there are of a kind.
#[derive(Default)]
struct Counts {
    found: usize,
    mended: usize,
    left: usize,
}

fn key<'a>(scan: &'a Scan, finding: &'a Finding) -> Key<'a> {
    let violation = &finding.violation;
    (finding.rule, scan.files.path(violation.span.file), &violation.place, &violation.name)
}

/// A workspace in words.
pub(super) fn place(directory: &str) -> &str {
    if directory.is_empty() { "the workspace" } else { directory }
}

/// Each package of the lockfile of the workspace in a directory: a git source by its commit and not by its reference.
fn packages(scan: &Scan, directory: &str) -> BTreeSet<String> {
    let workspace = scan.workspaces.iter().find(|workspace| workspace.directory == directory);
    let lock = workspace.and_then(|workspace| workspace.lock.as_deref());
    let line = |package: &LockedPackage| {
        let source = match &package.source {
            Some(source) if source.is_git() => format!("{}#{}", source.url, source.commit().unwrap_or_default()),
            Some(source) => source.text.clone(),
            None => String::new(),
        };
        format!("{} {} {source} {}", package.name, package.version, package.checksum.as_deref().unwrap_or_default())
    };
    lock.into_iter().flat_map(|lock| &lock.packages).map(line).collect()
}

fn same_packages(place: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Result<()> {
    let gone = before.difference(after).map(|line| format!("- {}", line.trim_end()));
    let come = after.difference(before).map(|line| format!("+ {}", line.trim_end()));
    let differences: Vec<String> = gone.chain(come).collect();
    if !differences.is_empty() {
        bail!("{place}: the lockfile would hold other packages:\n{}", differences.join("\n"));
    }
    Ok(())
}

fn same_features(
    place: &str,
    before: &BTreeMap<String, BTreeSet<String>>,
    after: &BTreeMap<String, BTreeSet<String>>,
) -> Result<()> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let show = |features: Option<&BTreeSet<String>>| match features {
        Some(features) => format!("[{}]", features.iter().cloned().collect::<Vec<_>>().join(", ")),
        None => "not built".to_owned(),
    };
    let line = |name: &String| format!("{name}: {}, was {}", show(after.get(name)), show(before.get(name)));
    let differences: Vec<String> = names.into_iter().filter(differs).map(line).collect();
    if !differences.is_empty() {
        bail!("{place}: other features would be built:\n{}", differences.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::scanner::cargo::lockfile;
    use crate::scanner::cargo::staleness::{Difference, What};
    use crate::scanner::cargo::workspace::Workspace;
    use crate::source::Tracking;
    use crate::text::Span;

    /// A scan of a workspace whose lockfile is stale or not.
    fn scan(is_stale: bool) -> Scan {
        let mut scan = Scan::default();
        let file = scan.files.add("Cargo.lock".to_owned(), String::new());
        let difference =
            || Difference { span: Span::top(file), name: "a".to_owned(), manifest: None, what: What::Patch };
        scan.workspaces.push(Workspace {
            directory: String::new(),
            root: file,
            members: Vec::new(),
            packages: Vec::new(),
            has_dependencies: true,
            is_lost: false,
            lock: Some(Arc::new(lockfile::read(file, ""))),
            tracking: Tracking::Unknown,
            differences: is_stale.then(difference).into_iter().collect(),
        });
        scan
    }

    #[test]
    fn a_lockfile_must_not_become_stale() {
        for (before, after, is_fine) in
            [(false, false, true), (false, true, false), (true, true, true), (true, false, true)]
        {
            assert_eq!(must_stay_fresh(&scan(before), &scan(after)).is_ok(), is_fine, "{before} {after}");
        }
    }
}
