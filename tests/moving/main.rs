//! `set` and `rollback`: what they move and refuse, with cargo itself and a registry of the test's own.
//!
//! - `registry`: projects whose crates.io is a directory, so that no network is needed.
//! - `set`: tables, members and sources; pairs that pin each other.
//! - `git`: dependencies by revision.
//! - `reach`: lockfiles and declarations that a move does not concern.
//! - `rollback`: from red to green, and what history tells.
//! - `aged`: the newest release that is old enough.
//! - `refusals`: nothing is changed, and why is said.

#[path = "../support/mod.rs"]
mod support;

mod aged;
mod git;
mod reach;
mod refusals;
mod registry;
mod rollback;
mod set;
