//! Why cargo will not move a package, in words: who requires what.

use std::collections::BTreeSet;
use std::path::Path;

use super::cargo::said;
use super::scratch::Scratch;
use crate::process::Ended;
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Pin};

/// Two requirements of one package that no version satisfies, as cargo tells of them.
#[derive(Debug, PartialEq, Eq)]
struct Clash {
    /// The package that both are about.
    package: String,
    /// Each requirement with the package that has it.
    sides: Vec<(String, String)>,
}

/// What cargo said of why it refused, and what may help; `named` are the packages that are to be moved.
pub(super) struct Refusal {
    /// Who requires what, or cargo's own words, one sentence each.
    pub(super) why: Vec<String>,
    /// What may help.
    pub(super) advice: Option<String>,
}

impl Refusal {
    /// Reads what cargo said of a mirrored repository.
    pub(super) fn new(ended: &Ended, scratch: &Scratch, root: &Path, scan: &Scan, named: &BTreeSet<&str>) -> Self {
        let words = scratch.as_of(root, &ended.stderr);
        let words = relative(&words, root);
        let Some(clash) = clash(&words) else {
            let kept = words.lines().filter(|line| !is_chatter(line)).map(|line| format!("{line}\n")).collect();
            let plain = Ended { success: false, stdout: String::new(), stderr: kept };
            let is_short = ["failed to select", "no matching package", "failed to get", "unable to update"];
            let is_lacking = is_short.iter().any(|text| words.contains(text)) && words.contains("offline");
            let advice = is_lacking.then(|| {
                "cargo was asked offline, where it knows only what it has fetched before: `--online` lets it fetch"
                    .to_owned()
            });
            return Self { why: vec![said(&plain)], advice };
        };
        let package = &clash.package;
        let mut why: Vec<String> = clash
            .sides
            .iter()
            .map(|(requirement, by)| {
                let places = places(scan, package, by);
                let place = if places.is_empty() { String::new() } else { format!(" in {}", places.join(", ")) };
                format!("`{package} {requirement}` is required by {by}{place}")
            })
            .collect();
        let pins = scan.dependencies.iter().filter(|dependency| dependency.package == *package);
        let pins = pins.filter(|dependency| dependency.pin == Pin::Exact);
        let files: BTreeSet<&str> = pins.map(|dependency| scan.files.path(dependency.span.file)).collect();
        let is_ours = !files.is_empty() && !named.contains(package.as_str());
        let is_placed = clash.sides.iter().any(|(_, by)| !places(scan, package, by).is_empty());
        if is_ours && !is_placed {
            why.push(format!("`{package}` is pinned in {}", files.into_iter().collect::<Vec<_>>().join(", ")));
        }
        let others = clash.sides.iter().map(|(_, by)| by).filter(|by| places(scan, package, by).is_empty());
        let others: BTreeSet<&str> = others.map(|by| name(by)).filter(|name| !named.contains(name)).collect();
        // What nobody named stays where it is locked, whatever else its requirements admit.
        let advice = if !named.contains(package.as_str()) {
            Some(format!("they go together: name `{package}` too, in one call"))
        } else if others.is_empty() {
            None
        } else {
            let others = others.into_iter().collect::<Vec<_>>().join("`, `");
            Some(format!("`{package}` moves only with `{others}`: name all in one call, at versions that go together"))
        };
        Self { why, advice }
    }
}

/// The name of a package as cargo tells of it: `demo v0.1.0 (crates/demo)`.
fn name(told: &str) -> &str {
    told.split(' ').next().unwrap_or(told)
}

/// The files in which a package of this repository requires another; none for a package from elsewhere.
fn places<'s>(scan: &'s Scan, package: &str, told: &str) -> Vec<&'s str> {
    let by = name(told);
    let requires = |dependency: &&Dependency| {
        let is_owner = dependency.owner.as_deref() == Some(by) || dependency.used_by.iter().any(|user| user == by);
        dependency.package == package && is_owner
    };
    let files = scan.dependencies.iter().filter(requires).map(|dependency| scan.files.path(dependency.span.file));
    files.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Paths below the root as they are seen from it.
fn relative(words: &str, root: &Path) -> String {
    let root = root.to_string_lossy();
    words.replace(&format!(" ({root})"), "").replace(&format!("({root}/"), "(")
}

/// What cargo adds for whoever runs it by hand.
fn is_chatter(line: &str) -> bool {
    let line = line.trim();
    ["As a reminder, you're using offline mode", "perhaps a crate was updated and forgotten", "note: "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// The text between the first two backticks behind `before`.
fn quoted<'t>(line: &'t str, before: &str) -> Option<&'t str> {
    let rest = &line[line.find(before)? + before.len()..];
    rest.split('`').next().filter(|text| text.len() < rest.len())
}

/// Reads cargo's account of requirements that cannot both hold.
fn clash(words: &str) -> Option<Clash> {
    let lines: Vec<&str> = words.lines().map(str::trim).collect();
    let start = lines.iter().position(|line| line.starts_with("error: failed to select a version for `"))?;
    let package = quoted(lines[start], "version for `")?.to_owned();
    let told = &lines[start..];
    let find = |before: &str| told.iter().find_map(|line| quoted(line, before)).map(str::to_owned);
    let mut sides = Vec::new();
    if let (Some(requirement), Some(by)) = (find("meet the requirements `"), find("required by package `")) {
        sides.push((requirement, by));
    }
    for (at, _) in told.iter().enumerate().filter(|(_, line)| line.starts_with("previously selected package `")) {
        // `... which satisfies dependency `b = "=1.0.1"` of package `demo v0.1.0``
        let Some(line) = told.get(at + 1) else { continue };
        if let (Some(dependency), Some(by)) = (quoted(line, "dependency `"), quoted(line, "of package `")) {
            let requirement = dependency.split('"').nth(1).unwrap_or(dependency);
            sides.push((requirement.to_owned(), by.to_owned()));
        }
    }
    (sides.len() > 1).then_some(Clash { package, sides })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_requires_what_is_taken_from_what_cargo_says() {
        let words = "error: failed to select a version for `b`.\n    ... required by package `a v1.0.2`\n    ... which satisfies \
                     dependency `a = \"=1.0.2\"` of package `demo v0.1.0 (/x)`\nversions that meet the requirements `=1.0.2` are: \
                     1.0.2\n\nall possible versions conflict with previously selected packages.\n\n  previously selected package \
                     `b v1.0.1`\n    ... which satisfies dependency `b = \"=1.0.1\"` of package `demo v0.1.0 (/x)`\n\nfailed to \
                     select a version for `b` which could resolve this conflict\n";
        let sides = [("=1.0.2", "a v1.0.2"), ("=1.0.1", "demo v0.1.0 (/x)")];
        let sides = sides.map(|(requirement, by)| (requirement.to_owned(), by.to_owned())).to_vec();
        assert_eq!(clash(words), Some(Clash { package: "b".to_owned(), sides }));
        assert_eq!(clash("error: failed to select a version for the requirement `a = \"=9\"`\n"), None);
    }
}
