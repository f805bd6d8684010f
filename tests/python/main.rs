//! Python as its users meet it: which files count, what holds what, and what a fix makes of it.

#[path = "../support/mod.rs"]
mod support;

mod files;
mod fixes;
mod locks;
