//! `fix`: what it changes, what it leaves, and its proof by cargo itself.

#[path = "../support/mod.rs"]
mod support;

mod edits;
mod mixed;
mod online;
mod proof;
