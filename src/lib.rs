//! cargo-pinned: exact dependency pinning, enforced.
//!
//! One direction, and nothing runs back up: text -> source -> scanner -> change -> policy -> reporter -> fleet -> commands. The
//! modules stand here in that order. The library has no stable interface: the command line and the formats are the interface.
//!
//! - [`text`] and [`edit`]: files, places in them, and changes to them as data.
//! - [`source`]: snapshots, which list and read the files of a repository at one moment.
//! - [`scanner`]: every declaration in a snapshot, and what the lockfile holds it to. It judges nothing.
//! - [`change`]: what differs between two scans. It judges nothing either.
//! - [`policy`]: the rules, and what their findings weigh.
//! - [`reporter`]: a report goes in, bytes come out.
//! - [`releases`]: what registries say of releases, from cargo's cache, or asked.
//! - [`fleet`]: many repositories: which they are, and what is in each.
//! - [`commands`]: the verbs of [`cli`], which wire the rest together; [`exit`] has the exit codes.

pub mod text;

pub mod edit;

pub mod source;

pub mod scanner;

pub mod change;

pub mod policy;

pub mod reporter;

pub mod process;

pub mod releases;

pub mod fleet;

pub mod cli;

pub mod exit;

pub mod commands;
