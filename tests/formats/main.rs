//! The formats of others: each report is read back by a parser of its format, and valid by that format's schema.

mod fixtures;
mod full;
mod github;
mod gitlab;
mod hostile_names;
mod junit;
mod markdown;
mod positions;
mod sarif;
#[path = "../support/mod.rs"]
mod support;
