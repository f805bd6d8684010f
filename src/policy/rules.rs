//! The registry of rules, sorted by id. A test holds it complete against the files of `rules/`.

mod checksum_changed;
mod lock_missing;
mod lock_stale;
mod lock_uncommitted;
mod lock_unverified;
mod outside_path;
mod release_too_new;
mod release_yanked;
mod source_override;
mod stale_exception;
mod unlocked_build;
mod unpinned_action;
mod unpinned_crate;
mod unpinned_git;
mod unpinned_image;
mod unpinned_npm;
mod unpinned_python;
mod unpinned_tool;
mod unpinned_toolchain;
mod unpinned_web;
mod unreadable_file;

use super::rule::Rule;

/// Every rule.
pub static RULES: &[&Rule] = &[
    &checksum_changed::RULE,
    &lock_missing::RULE,
    &lock_stale::RULE,
    &lock_uncommitted::RULE,
    &lock_unverified::RULE,
    &outside_path::RULE,
    &release_too_new::RULE,
    &release_yanked::RULE,
    &source_override::RULE,
    &stale_exception::RULE,
    &unlocked_build::RULE,
    &unpinned_action::RULE,
    &unpinned_crate::RULE,
    &unpinned_git::RULE,
    &unpinned_image::RULE,
    &unpinned_npm::RULE,
    &unpinned_python::RULE,
    &unpinned_tool::RULE,
    &unpinned_toolchain::RULE,
    &unpinned_web::RULE,
    &unreadable_file::RULE,
];

/// The rule that is about the exceptions of the others.
pub const STALE_EXCEPTION: &str = "stale-exception";

/// The rule that has something to say in a comparison alone.
pub const CHECKSUM_CHANGED: &str = "checksum-changed";

/// The rule about the age of what is new.
pub const RELEASE_TOO_NEW: &str = "release-too-new";

/// The rules that ask what a release index knows of what is new. An exception of theirs that matches nothing is not stale: what
/// it is for is new in one comparison alone.
pub const OF_RELEASES: [&str; 2] = [RELEASE_TOO_NEW, "release-yanked"];

/// The rule with an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
