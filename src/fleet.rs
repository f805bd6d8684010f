//! Many repositories: which they are, and what is in each.
//!
//! Each is judged by itself, and straight from its git objects: what is wrong with one is said in its row, and is never the end
//! of the run. Nothing here reads the clock or the environment, and nothing here prints.

pub mod discover;
pub mod exposure;
pub mod history;
pub mod judge;
mod local;
pub mod mirror;
pub mod query;
pub mod remotes;
pub mod targets;
mod verdict;
