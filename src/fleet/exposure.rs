//! How a repository stands to a release: what its lockfiles hold, and what its declarations admit.
//!
//! A pure function of a scan. The lockfiles say what is there. What may come is for requirements to say, and those of packages
//! from elsewhere are in no lockfile: where one of them stands in between, nobody can tell without asking its registry.
//!
//! A repository is what the worst of its parts is: what is certain comes ahead of what is possible, and what could not be
//! read ahead of any word that all is well.

mod beyond;
mod chains;
mod declared;
mod held;
mod locked;
pub mod rows;
mod stands;

use std::collections::{HashMap, HashSet};

use super::query::Query;
use crate::reporter::exposed::{Admits, Answer, Declaration, Package, Places, Status};
use crate::scanner::Scan;
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::{Dependency, Origin, PathTarget, Role, Surface};
use crate::text::{FileId, listed};
use declared::{excludes, reaches_a_build, requirement};

/// The most phrases about what is unclear that a row keeps.
const MOST_UNCLEAR: usize = 20;

/// The most manifests without a lockfile that are named in a phrase.
const MOST_UNLOCKED: usize = 5;

/// Judges a scan: how the repository stands to what is asked for.
#[must_use]
pub fn judge(scan: &Scan, query: &Query) -> Answer {
    let case = Case::new(scan, query);
    let others = beyond::find(scan, query, &case.places);
    let is_crate = query.surface == Surface::Crate;
    let (mut packages, mut unclear) = (others.packages, others.unclear);
    let mut declarations: Vec<Declaration> =
        case.declared.iter().map(|declared| declared::row(&case, declared)).collect();
    if is_crate {
        packages.extend(locked::packages(&case));
        unclear.extend(case.unclear());
    }
    let is_admitted_elsewhere = others.declarations.iter().any(|declared| declared.admits != Admits::No);
    declarations.extend(others.declarations);
    unclear.truncate(MOST_UNCLEAR);
    let status = status(&packages, &declarations, &unclear);
    let is_kept_out = is_crate
        && !is_admitted_elsewhere
        && matches!(status, Status::WouldGet | Status::MayGet)
        && case.is_kept_out(&packages);
    Answer { status, packages, declarations, is_kept_out, unclear, skipped: scan.skipped.len() }
}

/// The worst of what is known.
fn status(packages: &[Package], declarations: &[Declaration], unclear: &[String]) -> Status {
    let admits = |admits| declarations.iter().any(|declaration| declaration.admits == admits);
    let is_declared = declarations.iter().any(|declaration| declaration.is_wanted);
    if is_declared || packages.iter().any(|package| package.is_wanted) {
        Status::Has
    } else if admits(Admits::Yes) {
        Status::WouldGet
    } else if admits(Admits::Maybe) || packages.iter().any(|package| package.may_move) {
        Status::MayGet
    } else if !unclear.is_empty() {
        Status::Unknown
    } else if !declarations.is_empty() || !packages.is_empty() {
        Status::Held
    } else {
        Status::Absent
    }
}

/// A scan, and what is asked of it.
struct Case<'a> {
    scan: &'a Scan,
    query: &'a Query,
    places: Places<'a>,
    /// The declarations that name the package.
    declared: Vec<&'a Dependency>,
    /// The workspace and the name of the package of each manifest of a member.
    members: HashMap<FileId, (usize, &'a str)>,
}

impl<'a> Case<'a> {
    fn new(scan: &'a Scan, query: &'a Query) -> Self {
        let is_named = |dependency: &&Dependency| is_fetched(dependency) && query.names(dependency);
        let declared = scan.dependencies.iter().filter(is_named).collect();
        let members = scan.workspaces.iter().enumerate().flat_map(|(at, workspace)| {
            workspace.members.iter().map(move |member| (member.file, (at, member.name.as_str())))
        });
        Self { scan, query, places: Places::new(scan), declared, members: members.collect() }
    }

    /// The workspaces whose members declare or inherit a dependency.
    fn homes(&self, dependency: &'a Dependency) -> impl Iterator<Item = usize> {
        let own = matches!(dependency.role, Role::Normal | Role::Dev | Role::Build).then_some(dependency.span.file);
        let users = dependency.uses.iter().map(|used| used.manifest);
        own.into_iter().chain(users).filter_map(|file| self.members.get(&file).map(|(home, _)| *home))
    }

    /// Whether every way to the release is ruled out by a requirement of the repository's own.
    fn is_kept_out(&self, packages: &[Package]) -> bool {
        let mut kept: HashMap<(&str, Option<&str>), bool> = HashMap::new();
        for package in packages {
            let all = kept.entry((&package.version, package.source.as_deref())).or_insert(true);
            *all &= package.kept_by.is_some();
        }
        let is_kept = |declared: &Dependency| {
            let locked = declared.locked.one().filter(|_| matches!(declared.origin, Origin::Registry(_)));
            let source = |source: &Option<String>| source.as_deref().map(shown);
            locked.is_some_and(|locked| {
                kept.get(&(locked.version.as_str(), source(&locked.source).as_deref())).copied().unwrap_or(false)
            })
        };
        let mut ways = self.declared.iter().filter(|declared| declared::admits(self.query, declared) != Admits::No);
        let mut between = packages.iter().filter(|package| package.may_move);
        ways.all(|declared| is_kept(declared)) && between.all(|package| package.kept_by.is_some())
    }

    /// What could not be read, or cannot be told without a lockfile.
    fn unclear(&self) -> Vec<String> {
        let files = &self.scan.files;
        let is_cargos = |file: FileId| {
            let path = files.path(file);
            matches!(crate::scanner::surface(path), Surface::Crate | Surface::Lockfile)
                && !path.rsplit('/').next().unwrap_or("").starts_with("rust-toolchain")
        };
        let problems = self.scan.problems.iter().filter(|problem| is_cargos(problem.span.file)).map(|problem| {
            format!("{}:{}: {}", files.path(problem.span.file), self.places.line(problem.span), problem.message)
        });
        let refused = self.declared.iter().filter(|declared| reaches_a_build(declared)).filter_map(|declared| {
            let why = match (&declared.origin, &declared.invalid) {
                (Origin::Nowhere { .. }, _) => "it has neither version, path nor git: cargo refuses it".to_owned(),
                (_, Some(why)) => {
                    format!("`{}` is no requirement: {why}", declared.requirement.as_deref().unwrap_or(""))
                }
                (_, None) => return None,
            };
            Some(format!("{}:{}: {why}", files.path(declared.span.file), self.places.line(declared.span)))
        });
        let unlocked = self.unlocked();
        let paths: Vec<&str> = unlocked.iter().map(|&at| files.path(self.scan.workspaces[at].root)).collect();
        let named = listed(&paths, MOST_UNLOCKED);
        let unlocked = (!paths.is_empty())
            .then(|| format!("without a Cargo.lock nothing says what the dependencies bring in: {named}"));
        problems.chain(refused).chain(unlocked).take(MOST_UNCLEAR).collect()
    }

    /// The workspaces without a lockfile whose dependencies may bring in what is asked for.
    fn unlocked(&self) -> Vec<usize> {
        let brings = |dependency: &&Dependency| {
            let is_foreign = match &dependency.origin {
                Origin::Path { target, .. } => !matches!(target, PathTarget::Inside(_)),
                _ => true,
            };
            is_foreign && is_fetched(dependency) && !self.query.is_named(&dependency.package)
        };
        // A requirement of its own that keeps all out that is asked for does so without a lockfile too.
        let fences = |declared: &&&Dependency| {
            let least = requirement(declared).and_then(|requirement| declared::least(&requirement));
            declared.origin == Origin::Registry(None)
                && least.is_some_and(|least| excludes(self.query, declared, &least))
        };
        let fenced: HashSet<usize> =
            self.declared.iter().filter(fences).flat_map(|declared| self.homes(declared)).collect();
        let homes = self.scan.dependencies.iter().filter(brings).flat_map(|dependency| self.homes(dependency));
        let is_open = |home: &usize| self.scan.workspaces[*home].lock.is_none() && !fenced.contains(home);
        let mut open: Vec<usize> = homes.filter(is_open).collect();
        open.sort_unstable();
        open.dedup();
        open
    }
}

/// Whether a dependency is one of cargo's.
fn is_fetched(dependency: &Dependency) -> bool {
    matches!(dependency.surface, Surface::Crate | Surface::Git)
}
