//! The JSON report: what it says of every rule's fixtures, and that its spans, positions, fixes and fingerprints hold.
//!
//! Every report is validated against `schemas/report-v1.json` where it is read, in [`support::Run::report`].

#[path = "../support/mod.rs"]
mod support;

mod fingerprints;
mod fixes;
mod properties;
mod rules;
mod said;
mod spans;
