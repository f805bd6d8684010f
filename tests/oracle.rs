//! Cargo as the oracle: where we and cargo read the same bytes, we must read the same things.
//!
//! - `manifests`: every manifest in cargo's registry that this project depends on, read by us and by cargo.
//!
//! It needs what `cargo fetch --locked` downloads, and nothing else from the network.

#[path = "oracle/manifests.rs"]
mod manifests;
#[path = "oracle/project.rs"]
mod project;
