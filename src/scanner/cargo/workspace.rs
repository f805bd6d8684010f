//! Which manifests belong together: roots, members and standalone packages, as cargo groups them.
//!
//! Source: cargo's reference, [workspaces](https://doc.rust-lang.org/cargo/reference/workspaces.html), and cargo's
//! `workspace.rs` where the reference is silent: `members` are patterns of the `glob` crate, `exclude` are literal prefixes,
//! a member named literally beats `exclude`, and path dependencies below the root are members by themselves.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::declaration::Declaration;
use super::lockfile::Lockfile;
use super::manifest::{Manifest, WorkspaceTable};
use super::reading::manifest_place;
use super::staleness::Difference;
use crate::scanner::Problem;
use crate::scanner::dependency::Role;
use crate::scanner::document::Text;
use crate::scanner::pattern::Pattern;
use crate::source::{Resolved, Snapshot, Tracking, is_below, join};
use crate::text::{FileId, Span};

/// A workspace, or a package that stands alone: what shares one lockfile.
#[derive(Debug)]
pub struct Workspace {
    /// The directory of the root manifest.
    pub directory: String,
    /// The root manifest.
    pub root: FileId,
    /// The packages, sorted by directory.
    pub members: Vec<Member>,
    /// The manifests of all its path packages, members or not.
    pub packages: Vec<FileId>,
    /// Whether any member declares a dependency.
    pub has_dependencies: bool,
    /// Whether a package inherits what nobody has: cargo reads none of it, and makes no lockfile.
    pub is_lost: bool,
    /// The lockfile, where there is one.
    pub lock: Option<Arc<Lockfile>>,
    /// What git knows of the lockfile.
    pub tracking: Tracking,
    /// What cargo would change in the lockfile.
    pub differences: Vec<Difference>,
}

/// A package of a workspace.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its directory.
    pub directory: String,
    /// Its manifest.
    pub file: FileId,
    /// Whether it is published as a library: it has a library target, nothing forbids to publish it, and it has what a
    /// registry asks for.
    pub is_published: bool,
}

/// The manifests of a snapshot, by directory.
pub(super) struct Manifests {
    /// Each with the directory that it stands in.
    pub(super) list: Vec<(String, Arc<Manifest>)>,
    by_directory: HashMap<String, usize>,
}

impl Manifests {
    pub(super) fn new(list: Vec<(String, Arc<Manifest>)>) -> Self {
        let by_directory = list.iter().enumerate().map(|(at, (directory, _))| (directory.clone(), at)).collect();
        Self { list, by_directory }
    }

    pub(super) fn at(&self, directory: &str) -> Option<usize> {
        self.by_directory.get(directory).copied()
    }

    pub(super) fn get(&self, directory: &str) -> Option<&Manifest> {
        self.at(directory).map(|at| &*self.list[at].1)
    }

    pub(super) fn insert(&mut self, directory: String, manifest: Arc<Manifest>) -> usize {
        let at = self.list.len();
        self.by_directory.insert(directory.clone(), at);
        self.list.push((directory, manifest));
        at
    }
}

/// The manifests of one workspace, by their index in [`Manifests`].
pub(super) struct Group {
    pub(super) root: usize,
    pub(super) members: BTreeSet<usize>,
    /// Those of the members that another workspace has as well, and that are judged there. The lockfile holds them all the same.
    pub(super) elsewhere: BTreeSet<usize>,
    /// Packages outside that have no lockfile of their own, and are built with this one's by a path dependency.
    pub(super) adopted: BTreeSet<usize>,
}

impl Group {
    pub(super) fn new(root: usize, members: BTreeSet<usize>) -> Self {
        Self { root, members, elsewhere: BTreeSet::new(), adopted: BTreeSet::new() }
    }

    /// The members that are judged here.
    pub(super) fn own(&self) -> impl Iterator<Item = usize> {
        self.members.difference(&self.elsewhere).copied()
    }

    /// Whether a package is judged here.
    pub(super) fn judges(&self, package: usize) -> bool {
        self.adopted.contains(&package) || self.members.contains(&package) && !self.elsewhere.contains(&package)
    }
}

/// What grouping needs to read a manifest that was not read yet.
pub(super) type Load<'a> = &'a mut dyn FnMut(&str) -> Option<Arc<Manifest>>;

/// Groups the manifests. Those that no group has are refused by cargo: their enclosing workspace neither claims nor
/// excludes them.
pub(super) fn group(
    snapshot: &Snapshot,
    manifests: &mut Manifests,
    judged: &[usize],
    load: Load<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut claimed = vec![false; manifests.list.len()];
    for &at in judged {
        if manifests.list[at].1.workspace.is_some() {
            let mut finder =
                Finder { snapshot, manifests: &mut *manifests, load: &mut *load, problems: &mut *problems, root: at };
            let members = finder.members();
            claimed.resize(manifests.list.len(), false);
            members.iter().for_each(|&member| claimed[member] = true);
            claimed[at] = true;
            groups.push(Group::new(at, members));
        }
    }
    judge_once(manifests, &mut groups);
    for &at in judged {
        if !claimed[at] && manifests.list[at].1.package.is_some() && root_of(manifests, at).is_none() {
            groups.push(Group::new(at, BTreeSet::from([at])));
        }
    }
    groups.sort_by(|a, b| manifests.list[a.root].0.cmp(&manifests.list[b.root].0));
    groups
}

/// Chooses where a package is judged that several workspaces have: where cargo's search from itself ends, else in the first.
/// One that is started from a root asks that root alone, and accepts a member that a workspace in between has as well.
fn judge_once(manifests: &Manifests, groups: &mut [Group]) {
    let mut homes: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        group.members.iter().for_each(|&member| homes.entry(member).or_default().push(at));
    }
    for (member, all) in homes.into_iter().filter(|(_, all)| all.len() > 1) {
        let root = root_of(manifests, member).and_then(|root| manifests.at(&root));
        let home = all.iter().position(|&at| Some(groups[at].root) == root).unwrap_or(0);
        for (_, &at) in all.iter().enumerate().filter(|&(at, _)| at != home) {
            groups[at].elsewhere.insert(member);
        }
    }
}

/// The workspace root that cargo's search upward from a manifest ends at, by directory.
pub(super) fn root_of(manifests: &Manifests, at: usize) -> Option<String> {
    let (directory, manifest) = &manifests.list[at];
    if manifest.workspace.is_some() {
        return Some(directory.clone());
    }
    if let Some(pointer) = pointer(directory, manifest) {
        return pointer;
    }
    let mut above = directory.as_str();
    while !above.is_empty() {
        above = crate::source::parent(above);
        let Some(candidate) = manifests.get(above) else {
            continue;
        };
        match &candidate.workspace {
            Some(workspace) if !is_excluded(above, workspace, directory) => {
                return Some(above.to_owned());
            }
            Some(_) => {}
            None => {
                if let Some(root) = pointer(above, candidate) {
                    return root;
                }
            }
        }
    }
    None
}

/// Where `package.workspace` points, where it is set; the inner value is none where that is outside.
fn pointer(directory: &str, manifest: &Manifest) -> Option<Option<String>> {
    let pointer = manifest.package.as_ref()?.workspace.as_ref()?;
    Some(join(directory, &pointer.value))
}

/// Whether the workspace at `root` excludes the directory: by a literal prefix, and not named among the members.
pub(super) fn is_excluded(root: &str, workspace: &WorkspaceTable, directory: &str) -> bool {
    let (excluded, named) = workspace.prefixes.get_or_init(|| {
        let joined = |texts: &mut dyn Iterator<Item = &str>| texts.filter_map(|text| join(root, text)).collect();
        let mut members = workspace.members.iter().map(|member| member.value.as_str());
        (joined(&mut workspace.exclude.iter().map(String::as_str)), joined(&mut members))
    });
    let covers = |prefixes: &HashSet<String>| {
        let mut above = directory;
        loop {
            if prefixes.contains(above) {
                return true;
            }
            if above.is_empty() {
                return false;
            }
            above = crate::source::parent(above);
        }
    };
    !excluded.is_empty() && covers(excluded) && !covers(named)
}

/// Finds the members of one workspace.
struct Finder<'a> {
    snapshot: &'a Snapshot,
    manifests: &'a mut Manifests,
    load: Load<'a>,
    problems: &'a mut Vec<Problem>,
    root: usize,
}

impl Finder<'_> {
    fn members(&mut self) -> BTreeSet<usize> {
        let (root, manifest) = &self.manifests.list[self.root];
        let root = root.clone();
        let patterns = manifest.workspace.as_ref().map(|workspace| workspace.members.clone()).unwrap_or_default();
        let is_package = manifest.package.is_some();
        let mut members = BTreeSet::new();
        let mut waiting: Vec<String> = patterns.iter().flat_map(|pattern| self.expand(&root, pattern)).collect();
        if is_package {
            waiting.push(root.clone());
        }
        while let Some(directory) = waiting.pop() {
            if directory != root && self.excludes(&root, &directory) {
                continue;
            }
            let Some(at) = self.at(&directory) else {
                continue;
            };
            // Another root inside is cargo's error to report, and judged for itself.
            let is_other_root = at != self.root && self.manifests.list[at].1.workspace.is_some();
            if is_other_root || !members.insert(at) {
                continue;
            }
            let paths = self.path_dependencies(at);
            waiting.extend(paths.into_iter().filter(|path| self.joins(&root, path)));
        }
        members
    }

    fn excludes(&self, root: &str, directory: &str) -> bool {
        let workspace = self.manifests.list[self.root].1.workspace.as_ref();
        workspace.is_some_and(|workspace| is_excluded(root, workspace, directory))
    }

    /// A path dependency below the root is a member; one elsewhere only if its own search ends at this root.
    fn joins(&mut self, root: &str, directory: &str) -> bool {
        is_below(directory, root)
            || self.at(directory).is_some_and(|at| root_of(self.manifests, at).as_deref() == Some(root))
    }

    /// The manifest in a directory, read now if it was not.
    fn at(&mut self, directory: &str) -> Option<usize> {
        if let Some(at) = self.manifests.at(directory) {
            return Some(at);
        }
        let directory = match self.snapshot.resolve(directory) {
            Resolved::Inside(path) => path,
            _ => directory.to_owned(),
        };
        if let Some(at) = self.manifests.at(&directory) {
            return Some(at);
        }
        let manifest = (self.load)(&directory)?;
        Some(self.manifests.insert(directory, manifest))
    }

    /// The directories that a package's path dependencies lead to.
    fn path_dependencies(&self, at: usize) -> Vec<String> {
        let (directory, manifest) = &self.manifests.list[at];
        let (root, root_manifest) = &self.manifests.list[self.root];
        let own = manifest.declarations.iter().filter(|declaration| is_built(declaration));
        own.filter_map(|declaration| {
            let (base, declaration) = match declaration.inherited {
                true => (root, &root_manifest.declarations[root_manifest.inherited(&declaration.key)?]),
                false => (directory, declaration),
            };
            join(base, &declaration.path.as_ref().filter(|_| !declaration.based)?.value)
        })
        .collect()
    }

    /// The directories that an entry of `members` stands for; what cargo refuses becomes a problem.
    fn expand(&mut self, root: &str, member: &Text) -> Vec<String> {
        let refuse = |problems: &mut Vec<Problem>, why: &str| {
            let message = format!("workspace member `{}` {why}", member.value);
            problems.push(Problem::new(member.span, message));
        };
        let Some(path) = join(root, &member.value) else {
            refuse(self.problems, "leads out of the repository: not read");
            return Vec::new();
        };
        if !path.contains(['*', '?', '[']) {
            // Cargo passes over plain files.
            if self.snapshot.open(&path).is_some() {
                return Vec::new();
            }
            if self.at(&path).is_none() && !self.snapshot.is_foreign(&path) {
                match self.snapshot.resolve(&path) {
                    Resolved::Outside(link) => {
                        refuse(
                            self.problems,
                            &format!("is a symbolic link out of the repository (`{link}`): not read"),
                        );
                    }
                    _ => {
                        let lack = self.lack(&path);
                        refuse(self.problems, &format!("has {lack}: cargo refuses the workspace"));
                    }
                }
            }
            return vec![path];
        }
        let Ok(pattern) = Pattern::new(&path) else {
            refuse(self.problems, "is not a pattern that cargo can read");
            return Vec::new();
        };
        let mut matched = self.matching(&pattern);
        // Plain files may match as well, which cargo passes over: only where nothing can match is it sure to refuse.
        let fixed = crate::source::parent(&path[..path.find(['*', '?', '[']).unwrap_or(0)]);
        let is_link = matches!(self.snapshot.resolve(fixed), Resolved::Inside(path) if path != fixed);
        let can_match = is_link || self.snapshot.is_directory(fixed) || self.snapshot.is_foreign(fixed);
        if matched.is_empty() && !can_match {
            refuse(self.problems, "matches nothing: cargo refuses the workspace");
        }
        matched.retain(|directory| {
            let found = self.at(directory).is_some();
            if !found && !self.excludes(root, directory) {
                let lack = self.lack(directory);
                refuse(self.problems, &format!("matches `{directory}`, which has {lack}: cargo refuses the workspace"));
            }
            found
        });
        matched
    }

    /// What a directory without a manifest that was read has.
    fn lack(&self, directory: &str) -> &'static str {
        let is_there = self.snapshot.find(&manifest_place(directory)).is_some();
        if is_there { "a Cargo.toml that cannot be read" } else { "no Cargo.toml" }
    }

    /// The directories, and the symbolic links, that a pattern matches.
    fn matching(&self, pattern: &Pattern) -> Vec<String> {
        let fixed = pattern.head();
        let directories = self.snapshot.directories();
        let start = directories.partition_point(|directory| directory.as_str() < fixed);
        let below = directories[start..].iter().take_while(|directory| directory.starts_with(fixed));
        let mut matched: Vec<String> = below.filter(|path| pattern.matches(path)).cloned().collect();
        for link in self.snapshot.links().keys().filter(|link| self.leads_to_directory(link)).take(MOST_LINKS) {
            matched.extend(self.through(link).filter(|path| pattern.matches(path)));
        }
        matched
    }

    /// A symbolic link to a directory, and the directories below that, by the link's name.
    fn through(&self, link: &str) -> impl Iterator<Item = String> {
        let target = match self.snapshot.resolve(link) {
            Resolved::Inside(path) => format!("{path}/"),
            _ => String::new(),
        };
        let directories = self.snapshot.directories();
        let start = directories.partition_point(|directory| directory.as_str() < target.as_str());
        let is_below = |directory: &&String| !target.is_empty() && directory.starts_with(&target);
        let count = directories[start..].iter().take_while(is_below).count();
        let below = directories[start..start + count]
            .iter()
            .map(move |directory| format!("{link}/{}", &directory[target.len()..]));
        std::iter::once(link.to_owned()).chain(below)
    }

    fn leads_to_directory(&self, link: &str) -> bool {
        matches!(self.snapshot.resolve(link), Resolved::Inside(path) if self.snapshot.is_directory(&path))
    }
}

/// The most symbolic links to directories that a pattern is tried through.
const MOST_LINKS: usize = 100;

/// Whether a declaration is in a table that reaches a build by itself.
pub(super) fn is_built(declaration: &Declaration) -> bool {
    matches!(declaration.heading.role, Role::Normal | Role::Dev | Role::Build)
}

/// The place of a finding about a whole workspace: the top of its root manifest.
impl Workspace {
    /// The span at the top of the root manifest.
    #[must_use]
    pub fn top(&self) -> Span {
        Span::top(self.root)
    }
}
