//! How packages come into a build: the shortest way to each from a package of the repository's own.

use std::collections::{HashMap, VecDeque};

use super::Route;
use crate::scanner::cargo;
use crate::scanner::cargo::lockfile::{LockedPackage, Lockfile};

/// The most packages of a way, its start aside: a lockfile may be made so that every way is as long as the file.
const MOST: usize = 20;

/// The ways through one lockfile.
pub(super) struct Routes<'a> {
    lock: &'a Lockfile,
    /// Where each package is in the lockfile: two may have the same name and version.
    places: HashMap<*const LockedPackage, usize>,
    /// How each package is reached first, where it is.
    steps: Vec<Option<Step>>,
}

/// The last step of a way.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The package that it leads from; itself at the start of a way.
    from: usize,
    /// The package that the way starts at.
    start: usize,
    /// How many steps the way has.
    length: usize,
}

impl<'a> Routes<'a> {
    /// Walks a lockfile breadth first from the packages without a source, in the order of the file.
    pub(super) fn new(lock: &'a Lockfile) -> Self {
        let edges = cargo::edges(lock);
        let mut steps: Vec<Option<Step>> = vec![None; lock.packages.len()];
        let own = lock.packages.iter().enumerate().filter(|(_, package)| package.source.is_none());
        let mut waiting: VecDeque<usize> = own.map(|(at, _)| at).collect();
        waiting.iter().for_each(|&at| steps[at] = Some(Step { from: at, start: at, length: 0 }));
        while let Some(at) = waiting.pop_front() {
            let Some(Step { start, length, .. }) = steps[at] else { continue };
            for &target in edges[at].iter().flatten() {
                if steps[target].is_none() {
                    steps[target] = Some(Step { from: at, start, length: length + 1 });
                    waiting.push_back(target);
                }
            }
        }
        let places = lock.packages.iter().enumerate().map(|(at, package)| (std::ptr::from_ref(package), at)).collect();
        Self { lock, places, steps }
    }

    /// The way to a package of this lockfile.
    pub(super) fn to(&self, package: &LockedPackage) -> Route<'a> {
        let place = self.places.get(&std::ptr::from_ref(package)).copied();
        let Some((mut at, Some(last))) = place.map(|at| (at, self.steps[at])) else { return Route::default() };
        let mut path = Vec::with_capacity(last.length.min(MOST) + 1);
        while let Some(step) = self.steps[at].filter(|step| step.from != at && path.len() < MOST) {
            path.push(&self.lock.packages[at]);
            at = step.from;
        }
        path.push(&self.lock.packages[last.start]);
        path.reverse();
        Route { direct: last.length == 1, left_out: last.length + 1 - path.len(), path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::cargo::lockfile;
    use crate::text::FileId;

    /// A lockfile in which each word depends on the next one; what ends in `!` is of the repository's own.
    fn routes(ways: &[&str], to: &str) -> (bool, String, usize) {
        let mut edges: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
        for words in ways.iter().map(|way| way.split_whitespace().collect::<Vec<_>>()) {
            words.windows(2).for_each(|pair| edges.entry(pair[0]).or_default().push(pair[1].trim_end_matches('!')));
            words.last().map(|last| edges.entry(last).or_default());
        }
        let mut text = "version = 4\n".to_owned();
        for (word, to) in edges {
            text += &format!("\n[[package]]\nname = \"{}\"\nversion = \"1.0.0\"\n", word.trim_end_matches('!'));
            if !word.ends_with('!') {
                text += "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
            }
            text += &format!("dependencies = {to:?}\n");
        }
        let lock = lockfile::read(FileId(0), &text);
        let package = lock.packages.iter().find(|package| package.name == to).expect("it is locked");
        let route = Routes::new(&lock).to(package);
        let names: Vec<&str> = route.path.iter().map(|package| package.name.as_str()).collect();
        (route.direct, names.join(" "), route.left_out)
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let ways = ["m! a b c", "m! x c", "n! a"];
        assert_eq!(routes(&ways, "c"), (false, "m x c".to_owned(), 0));
        assert_eq!(routes(&ways, "a"), (true, "m a".to_owned(), 0));
        assert_eq!(routes(&ways, "m"), (false, "m".to_owned(), 0));
    }

    #[test]
    fn what_a_member_reaches_over_another_starts_at_that_one() {
        assert_eq!(routes(&["m! n! a b a"], "b"), (false, "n a b".to_owned(), 0));
    }

    #[test]
    fn what_nothing_leads_to_has_no_way() {
        assert_eq!(routes(&["m! a", "b"], "b"), (false, String::new(), 0));
    }

    #[test]
    fn a_long_way_keeps_its_start_and_its_end() {
        let names: Vec<String> = (0..200).map(|at| format!("p{at}")).collect();
        let (direct, path, left_out) = routes(&[&format!("m! {}", names.join(" "))], "p199");
        assert!(!direct && path.starts_with("m p180 p181 ") && path.ends_with(" p199"), "{path}");
        assert_eq!(left_out, 180);
    }
}
