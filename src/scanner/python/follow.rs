//! Follows `-r` and `-c` from one requirements file into others, never out of the repository, and says what comes of that: what
//! a constraint holds, and which files are only the source of others.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::requirements::{self, Include};
use super::{Facts, facts};
use crate::scanner::dependency::{Origin, Pin, Role, Surface};
use crate::scanner::excludes::Excludes;
use crate::scanner::surfaces::{Kind, Placed};
use crate::scanner::{Problem, Scan, Skipped};
use crate::source::{Snapshot, join, parent};
use crate::text::FileId;

/// The most files that are read for nothing but that another names them.
const MAX_FOLLOWED: usize = 1_000;

/// The most files that are looked at from one, along `-r` and `-c`.
const MAX_REACH: usize = 64;

/// The most files that are asked for what they constrain, all together.
const MAX_LOOKUPS: usize = 10_000_000;

/// A requirements file, and where it leads.
struct Node {
    place: String,
    file: FileId,
    /// Its dependencies, by their index in the scan.
    range: std::ops::Range<usize>,
    /// The files that it takes in by `-r`.
    requires: BTreeSet<usize>,
    /// Those by `-c`, which only constrain.
    constrains: BTreeSet<usize>,
    /// The sources that its comments name.
    sources: Vec<String>,
}

/// Follows every requirements file.
pub(super) fn follow(snapshot: &Snapshot, sheets: &[Placed], excludes: &Excludes, scan: &mut Scan) {
    let mut graph = Graph { snapshot, excludes, nodes: Vec::new(), by_place: HashMap::new(), followed: 0 };
    let mut wanted = VecDeque::new();
    for placed in sheets {
        let mut skip = |why: &str| scan.skipped.push(Skipped { path: placed.place.clone(), why: why.to_owned() });
        let facts = match facts(placed) {
            Some(Facts::Requirements(facts)) => facts,
            Some(Facts::Project(project)) if project.is_template => {
                skip("a template: it is no TOML before it is filled in");
                continue;
            }
            _ => continue,
        };
        if facts.is_other {
            skip("only named like a requirements file: most of its lines are no requirements");
            continue;
        }
        let range = placed.first..placed.first + placed.sheet.dependencies.len();
        let node = graph.add(placed.place.clone(), placed.file, range, facts.sources.clone());
        wanted.extend(
            facts.includes.iter().map(|include| (node, include.path.clone(), include.constrains, include.span)),
        );
    }
    while let Some((node, path, constrains, span)) = wanted.pop_front() {
        let include = Include { path, constrains, span };
        let (target, more) = graph.target(node, &include, scan);
        if let Some(target) = target {
            let Node { requires, constrains, .. } = &mut graph.nodes[node];
            if include.constrains {
                constrains.insert(target)
            } else {
                requires.insert(target)
            };
            wanted.extend(more.into_iter().map(|more| (target, more.path, more.constrains, more.span)));
        }
    }
    graph.constrain(scan);
    graph.leave_sources(scan);
}

struct Graph<'s> {
    snapshot: &'s Snapshot,
    excludes: &'s Excludes,
    nodes: Vec<Node>,
    by_place: HashMap<String, usize>,
    followed: usize,
}

impl Graph<'_> {
    fn add(&mut self, place: String, file: FileId, range: std::ops::Range<usize>, sources: Vec<String>) -> usize {
        self.by_place.insert(place.clone(), self.nodes.len());
        self.nodes.push(Node { place, file, range, requires: BTreeSet::new(), constrains: BTreeSet::new(), sources });
        self.nodes.len() - 1
    }

    /// The file that another takes in, and what that takes in if it was not read before.
    fn target(&mut self, node: usize, include: &Include, scan: &mut Scan) -> (Option<usize>, Vec<Include>) {
        let none = (None, Vec::new());
        let refuse = |scan: &mut Scan, why: &str| {
            let what = format!("it takes in `{}`, which {why}", include.path);
            scan.problems.push(Problem::new(include.span, what));
        };
        let Some(place) = join(parent(&self.nodes[node].place), &include.path) else {
            refuse(scan, "leads out of the repository: not read");
            return none;
        };
        if let Some(&known) = self.by_place.get(&place) {
            return (Some(known), Vec::new());
        }
        if let Some(why) = self.excludes.why(&place) {
            scan.skipped.push(Skipped { path: place.clone(), why: why.to_owned() });
            return none;
        }
        // One that is known by its name, or is a link to such a one, was read; if it is not here, that was said.
        if Kind::of(&place).is_some() && self.snapshot.find(&place).is_some() {
            return none;
        }
        if self.followed == MAX_FOLLOWED {
            refuse(scan, "is one of too many: not read");
            return none;
        }
        self.followed += 1;
        let Some(entry) = self.snapshot.open(&place) else {
            refuse(scan, "is not there");
            return none;
        };
        let text = match self.snapshot.read(&entry).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                refuse(scan, "is not UTF-8");
                return none;
            }
            Err(error) => {
                refuse(scan, &error.to_string());
                return none;
            }
        };
        let file = scan.files.add(entry.path.clone(), String::new());
        let (sheet, facts) = requirements::read(file, &place, &text, true);
        scan.files.set_text(file, text);
        scan.read.push(entry.path);
        scan.problems.extend(sheet.problems);
        let first = scan.dependencies.len();
        scan.dependencies.extend(sheet.dependencies);
        let node = self.add(place, file, first..scan.dependencies.len(), facts.sources);
        (Some(node), facts.includes)
    }

    /// Gives what a constraint holds to one version the constraint's pin: that of its own file, or of every file that takes
    /// it in. What only narrows is a constraint itself.
    fn constrain(&self, scan: &mut Scan) {
        let constraints: BTreeSet<usize> = self.nodes.iter().flat_map(|node| &node.constrains).copied().collect();
        if constraints.is_empty() {
            return;
        }
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            node.requires.iter().for_each(|&target| above[target].push(at));
        }
        for at in constraints.into_iter().filter(|at| above[*at].is_empty()) {
            scan.dependencies[self.nodes[at].range.clone()].iter_mut().for_each(|one| one.role = Role::Override);
        }
        let held: Vec<HashMap<String, Pin>> = self.nodes.iter().map(|node| held(node, scan)).collect();
        let constraints: Vec<Vec<usize>> = (0..self.nodes.len()).map(|node| self.constraints(node)).collect();
        let mut budget = MAX_LOOKUPS;
        for (at, node) in self.nodes.iter().enumerate() {
            let roots = roots(at, &above);
            for dependency in &mut scan.dependencies[node.range.clone()] {
                let floats = dependency.pin < Pin::Exact && dependency.origin == Origin::Surface;
                if !floats || dependency.role == Role::Override || budget == 0 {
                    continue;
                }
                budget = budget.saturating_sub(1 + constraints[at].len() + roots.len());
                let by = |node: &usize| {
                    constraints[*node].iter().find_map(|one| held[*one].get(&dependency.package)).copied()
                };
                let pin = by(&at).or_else(|| roots.iter().map(by).min().flatten());
                dependency.pin = pin.unwrap_or(dependency.pin);
            }
        }
    }

    /// The constraints files that one leads to.
    fn constraints(&self, node: usize) -> Vec<usize> {
        let mut seen = BTreeSet::from([(node, false)]);
        let mut wanted = VecDeque::from([(node, false)]);
        while let Some((at, is_constraint)) = wanted.pop_front() {
            let Node { requires, constrains, .. } = &self.nodes[at];
            let constrains = constrains.iter().take(MAX_REACH).map(|&target| (target, true));
            let requires = requires.iter().take(MAX_REACH).map(|&target| (target, is_constraint));
            for next in constrains.chain(requires) {
                if seen.len() < MAX_REACH && seen.insert(next) {
                    wanted.push_back(next);
                }
            }
        }
        seen.into_iter().filter(|(_, is_constraint)| *is_constraint).map(|(node, _)| node).collect()
    }

    /// Leaves out what is only the source of another file, which is what is installed: ranges are its point.
    fn leave_sources(&self, scan: &mut Scan) {
        let mut compiled: BTreeSet<String> = BTreeSet::new();
        for node in self.nodes.iter().filter(|node| !node.place.ends_with(".in")) {
            let directory = parent(&node.place);
            let beside =
                |name: &str| if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
            compiled.extend(node.sources.iter().map(|name| beside(name)));
            compiled.extend(node.place.strip_suffix(".txt").map(|stem| format!("{stem}.in")));
        }
        let sources: Vec<&Node> = self.nodes.iter().filter(|node| compiled.contains(&node.place)).collect();
        if sources.is_empty() {
            return;
        }
        let files: BTreeSet<FileId> = sources.iter().map(|node| node.file).collect();
        scan.dependencies.retain(|one| one.surface != Surface::Python || !files.contains(&one.span.file));
        for node in sources {
            let why = "the source of a compiled requirements file beside it, which is what is installed".to_owned();
            scan.skipped.push(Skipped { path: node.place.clone(), why });
        }
    }
}

/// What a file holds to one version.
fn held(node: &Node, scan: &Scan) -> HashMap<String, Pin> {
    let dependencies = scan.dependencies[node.range.clone()].iter();
    let exact = dependencies.filter(|one| matches!(one.pin, Pin::Exact | Pin::Content));
    exact.map(|one| (one.package.clone(), one.pin)).collect()
}

/// The files that take one in, over others too, and that nothing takes in by `-r`.
fn roots(node: usize, above: &[Vec<usize>]) -> Vec<usize> {
    let (mut seen, mut wanted, mut roots) = (BTreeSet::from([node]), VecDeque::from([node]), Vec::new());
    while let Some(at) = wanted.pop_front() {
        if above[at].is_empty() && at != node {
            roots.push(at);
        }
        for &from in above[at].iter().take(MAX_REACH) {
            if seen.len() < MAX_REACH && seen.insert(from) {
                wanted.push_back(from);
            }
        }
    }
    roots
}
