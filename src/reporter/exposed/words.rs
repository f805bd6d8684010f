//! The words of the report that both people's formats use. What comes from a repository is not made safe here.

use super::{Admits, Answer, Declaration, Exposed, Package, Row, Status};
use crate::reporter::plural;
use crate::reporter::terminal::brief;

/// What is said of a repository, in one line.
pub(super) enum Said {
    /// The steps to a package, or the parts of a declaration: none of them is broken.
    Way(Vec<String>),
    /// Words, in which what is quoted is from the repository.
    Phrase(String),
}

/// The answer in a line.
pub(super) fn summary(exposed: &Exposed) -> String {
    let all = match exposed.rows.len() {
        1 => "1 repository".to_owned(),
        count => format!("{count} repositories"),
    };
    let name = &exposed.name;
    let what = match &exposed.versions {
        Some(versions) => format!("{name} {versions}"),
        None => format!("any {name}"),
    };
    let has = exposed.count(Status::Has);
    let head = match (has, exposed.rows.len()) {
        (0, 1) => format!("the repository does not have {what}"),
        (1, 1) => format!("the repository has {what}"),
        (0, _) => format!("none of {all} has {what}"),
        (1, _) => format!("1 of {all} has {what}"),
        (has, _) => format!("{has} of {all} have {what}"),
    };
    let others =
        [(Status::WouldGet, "would get it"), (Status::MayGet, "may get it"), (Status::Unknown, "could not be judged")];
    let others = others.map(|(status, words)| (exposed.count(status), words));
    let others: Vec<String> =
        others.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    if others.is_empty() { head } else { format!("{head}; {}", others.join(", ")) }
}

/// What stands over the repositories of a status.
pub(super) fn title(status: Status, surface: &str) -> &'static str {
    let has_lockfiles = matches!(surface, "crate" | "npm" | "python");
    match status {
        Status::Has => "has it",
        Status::WouldGet if has_lockfiles => "would get it: an update may take it",
        Status::WouldGet => "would get it: a build may take it",
        Status::MayGet if !has_lockfiles => "may get it: what is written may come to it",
        Status::MayGet => "may get it: a package in between decides",
        Status::Unknown => "could not be judged",
        Status::Held => "held off it",
        Status::Absent => "does not know it",
    }
}

/// Of how many of the repositories under a heading it is to be taken lightly.
pub(super) fn lightly(status: Status, rows: &[&Row]) -> Option<String> {
    let count = |is: &dyn Fn(&Answer) -> bool| rows.iter().filter(|row| is(&row.answer)).count();
    let kept = count(&|answer| answer.is_kept_out);
    let newer = count(&|answer| !answer.is_kept_out && is_newer(answer));
    let newer = (newer > 0).then(|| format!("{newer} only by going back from a newer version"));
    let kept = (kept > 0).then(|| format!("{kept} kept out by a requirement of their own"));
    let parts: Vec<String> = newer.into_iter().chain(kept).collect();
    (matches!(status, Status::WouldGet | Status::MayGet) && !parts.is_empty()).then(|| parts.join(", "))
}

/// What is not listed, and what was left out.
pub(super) fn rest(exposed: &Exposed, verbose: bool) -> Option<String> {
    let (held, absent) = (exposed.count(Status::Held), exposed.count(Status::Absent));
    let skipped: usize = exposed.rows.iter().map(|row| row.answer.skipped).sum();
    let mut parts = Vec::new();
    if held > 0 && !verbose {
        parts.push(format!("{held} held off it"));
    }
    if absent > 0 && !verbose {
        parts.push(format!("{absent} without it"));
    }
    if !parts.is_empty() {
        parts = vec![format!("{} (-v lists them)", parts.join(", "))];
    }
    if skipped > 0 {
        parts.push(format!("{} skipped by default (--no-default-excludes reads them)", plural(skipped, "file")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Whether every locked package of the name is newer than what was asked for.
pub(super) fn is_newer(answer: &Answer) -> bool {
    !answer.packages.is_empty() && answer.packages.iter().all(|package| package.is_newer)
}

/// What is said of a repository.
pub(super) fn said(row: &Row) -> Vec<Said> {
    let answer = &row.answer;
    if let Some(error) = &row.error {
        return vec![Said::Phrase(error.clone())];
    }
    let admitting = |admits| answer.declarations.iter().filter(move |declaration| declaration.admits == admits);
    let moving = answer.packages.iter().filter(|package| package.may_move);
    let mut said: Vec<Said> = match answer.status {
        Status::Has => {
            let written = answer.declarations.iter().filter(|declaration| declaration.is_wanted);
            let held = answer.shown().filter(|package| package.is_wanted);
            held.map(package).chain(written.map(declaration)).collect()
        }
        Status::WouldGet => admitting(Admits::Yes).map(declaration).collect(),
        Status::MayGet => moving.clone().map(package).chain(admitting(Admits::Maybe).map(declaration)).collect(),
        Status::Unknown | Status::Absent => Vec::new(),
        Status::Held => {
            answer.packages.iter().map(package).chain(answer.declarations.iter().map(declaration)).collect()
        }
    };
    if answer.is_kept_out {
        let keepers = answer.packages.iter().filter_map(|package| package.kept_by.as_ref());
        let mut keepers: Vec<String> = keepers
            .map(|keeper| format!("{}:{} asks for `{}`", keeper.path, keeper.line, keeper.requirement))
            .collect();
        keepers.dedup();
        said.insert(0, Said::Phrase(format!("kept out while {}", keepers.first().map_or("", String::as_str))));
    }
    if answer.status == Status::Unknown {
        said.extend(answer.unclear.iter().cloned().map(Said::Phrase));
    }
    said
}

/// What is said of a repository of which something is known, and not all: behind everything else.
pub(super) fn partly(answer: &Answer, verbose: bool) -> Vec<Said> {
    match (answer.status, answer.unclear.as_slice()) {
        (Status::Unknown, _) | (_, []) => Vec::new(),
        (_, unclear) if verbose => {
            unclear.iter().map(|unclear| Said::Phrase(format!("not judged: {unclear}"))).collect()
        }
        (_, [only]) => vec![Said::Phrase(format!("not judged: {only}"))],
        (_, [first, rest @ ..]) => {
            vec![Said::Phrase(format!("not judged: {} (and {} more: -v)", brief(first), rest.len()))]
        }
    }
}

/// A locked package: the chain to it, and what is special about it.
fn package(package: &Package) -> Said {
    let mut line: Vec<String> = match package.via.as_slice() {
        [] => {
            let name = format!("{} {}", package.name, package.version);
            vec![name, "(nothing there leads to it)".to_owned()]
        }
        [first, rest @ ..] => {
            std::iter::once(first.clone()).chain(rest.iter().map(|step| format!("> {step}"))).collect()
        }
    };
    if package.is_newer {
        line.push("(newer)".to_owned());
    }
    if let Some(kind @ ("dev" | "build")) = package.kind {
        line.push(format!("({kind})"));
    }
    match &package.source {
        _ if package.is_usual => {}
        None if package.via.len() != 1 => line.push("(a path)".to_owned()),
        None => line.push("(a package of its own)".to_owned()),
        Some(source) => line.push(format!("(from {source})")),
    }
    if package.lockfile != "Cargo.lock" {
        line.push(format!("in {}", package.lockfile));
    }
    Said::Way(line)
}

/// A declaration: where, what, and what it is held to.
fn declaration(declaration: &Declaration) -> Said {
    let Declaration { path, line, name, package, .. } = declaration;
    let written = match &declaration.requirement {
        Some(requirement) => format!("{name} = \"{requirement}\""),
        None => name.clone(),
    };
    let mut out = vec![format!("{path}:{line}"), written];
    // `docker.io/library/node` says no more than `node`.
    if package != name && !package.ends_with(&format!("/{name}")) {
        out.push(format!("({package})"));
    }
    if let Some(origin) = &declaration.origin {
        out.push(format!("({origin})"));
    }
    match (declaration.has_lock, declaration.locked.as_slice()) {
        (false, _) if !declaration.is_lockable => {}
        (false, _) => out.push("no lockfile".to_owned()),
        (true, []) => out.push("not in the lockfile".to_owned()),
        (true, versions) => {
            let newer = if declaration.is_newer { " (newer)" } else { "" };
            out.push(format!("locked {}{newer}", versions.join(", ")));
        }
    }
    if let Some(note) = &declaration.note {
        out.push(format!("({note})"));
    }
    if declaration.kind == "workspace" && declaration.used_by.is_empty() {
        out.push("(no member uses it)".to_owned());
    }
    Said::Way(out)
}
