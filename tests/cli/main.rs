//! Commands as users type them: what they print, where, and how they exit.

#[path = "../support/mod.rs"]
mod support;

mod baseline;
mod cases;
mod checkouts;
mod colour;
mod commands;
mod exceptions;
mod hooks;
mod options;
mod roots;
mod scopes;
mod sections;
mod snapshots;
mod web;
