//! `exposed`: who has a release, and who would get it.
//!
//! - `statuses`: small repositories in memory, each with the status that it must have and why.
//! - `oracle`: the same question put to cargo, which updates a workspace from a registry of the test's own.
//! - `surfaces`: the same of what is no crate, in one table for each surface.
//! - `cli`: the command as users type it, its reports and exit codes.

#[path = "../support/mod.rs"]
mod support;

mod cli;
mod oracle;
mod statuses;
mod surfaces;
