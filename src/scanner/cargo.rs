//! Cargo: manifests, lockfiles, toolchain files and cargo's own configuration, joined.
//!
//! Files are read and parsed in parallel (`reading.rs`), put together (`assembly.rs`) by grouping them into workspaces
//! (`workspace.rs`, `paths.rs`) and joining those to their lockfiles (`resolution.rs`, `join.rs`), and compared with them
//! (`staleness.rs`). For a comparison of two sides, only what counts there is read (`settled.rs`).

mod assembly;
pub mod config;
pub mod declaration;
pub mod entries;
mod generated;
mod join;
pub mod lockfile;
pub mod manifest;
mod paths;
mod reading;
pub mod requirement;
mod rereading;
mod resolution;
mod settled;
mod shape;
pub mod source_id;
pub mod splice;
pub mod staleness;
pub mod toolchain;
pub mod versions;
pub mod workspace;

pub use resolution::edges;

pub(super) use reading::{Known, Reading, read};
pub(super) use settled::{Part, plan};

use super::excludes::Excludes;
use super::{Extent, Problem, Scan, Skipped};
use crate::text::{FileId, Span};
use paths::Paths;
use workspace::Group;

/// Puts together what was read: a part of it, where that is all that counts.
pub(super) fn assemble(mut reading: Reading<'_>, excludes: &Excludes, extent: Extent, part: Option<Part>) -> Scan {
    let snapshot = reading.snapshot;
    if snapshot.truncated {
        let message = format!("more than {} files: the rest was not looked at", crate::source::MAX_FILES);
        reading.scan.problems.push(Problem::new(Span::top(FileId(0)), message));
    }
    for path in snapshot.foreign() {
        let why = "a submodule or another repository: never entered".to_owned();
        reading.scan.skipped.push(Skipped { path: path.clone(), why });
    }
    reading.linked_configs();
    reading.includes();
    reading.toolchains();
    let groups = part.map_or_else(|| all_groups(&mut reading, excludes), |Part(groups)| groups);
    for (group, paths) in groups {
        reading.workspace(&group, &paths, extent);
    }
    reading.finish()
}

fn all_groups(reading: &mut Reading<'_>, excludes: &Excludes) -> Vec<(Group, Paths)> {
    let judged: Vec<usize> = (0..reading.manifests.list.len()).collect();
    let mut groups = reading.group(&judged);
    reading.adopt(judged.len(), &mut groups);
    reading.refused(&judged, &groups, excludes.includes_all());
    groups
}
