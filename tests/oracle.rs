//! Cargo as the oracle: where we and cargo read the same bytes, we must read the same things.
//!
//! - `manifests`: every manifest in cargo's registry that this project depends on, read by us and by cargo.
//! - `declarations`, `members`, `lockfiles`, `patches`, `git`: small workspaces, changed in named ways, and whether
//!   `cargo --locked` would refuse the lockfile. Each table says what cargo is expected to say, so that a change of
//!   cargo is noticed too; where we differ on purpose, or cannot see what cargo sees, `staleness::KNOWN` says why.
//!
//! It needs what `cargo fetch --locked` downloads, and nothing else from the network. Workspaces are made in temporary
//! directories, by starting cargo and git: only `src/` must do without.

#[path = "oracle/declarations.rs"]
mod declarations;
#[path = "oracle/git.rs"]
mod git;
#[path = "oracle/lockfiles.rs"]
mod lockfiles;
#[path = "oracle/locktext.rs"]
mod locktext;
#[path = "oracle/manifests.rs"]
mod manifests;
#[path = "oracle/members.rs"]
mod members;
#[path = "oracle/patches.rs"]
mod patches;
#[path = "oracle/project.rs"]
mod project;
#[path = "oracle/staleness.rs"]
mod staleness;
#[path = "oracle/tree.rs"]
mod tree;
