//! What a repository may hold that no one meant well with: each a clear finding or message, never a panic or a hang.
//!
//! [`support::Run::new`] holds what every test here asserts: no panic, one of the three exit codes, an end within a minute.

#[path = "../support/mod.rs"]
mod support;

#[cfg(unix)]
mod configuration;
mod content;
mod git;
#[cfg(unix)]
mod links;
#[cfg(unix)]
mod names;
mod other;
mod policy;
mod size;
#[cfg(unix)]
mod special;
