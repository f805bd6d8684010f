//! What cargo makes of a repository, case by case: facts that a scanner is easily wrong about, tried on cargo itself.
//!
//! The cases of the contract beside the design are not repeated here.

#[path = "../support/mod.rs"]
mod support;

mod configuration;
mod conflicts;
mod hidden;
mod references;
mod tables;
mod workspaces;
