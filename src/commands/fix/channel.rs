//! The toolchain that `fix` pins a channel to.

use anyhow::Result;

use super::super::subject::Subject;
use crate::cli;
use crate::policy::finding::{Finding, Violation};
use crate::process;
use crate::scanner::cargo::toolchain;
use crate::scanner::dependency::{Pin, Surface};

/// What toolchain files are pinned to.
pub(super) struct Channel {
    /// Its name.
    pub(super) name: String,
    /// Whether the user named it; what the active compiler answers is what `stable` means, and nothing else.
    is_named: bool,
}

impl Channel {
    /// The channel that the user names, else the release that is active.
    pub(super) fn find(args: &cli::Fix, subject: &Subject, found: &[&Finding]) -> Result<Option<Self>> {
        if let Some(name) = &args.toolchain {
            return Ok(Some(Self { name: name.clone(), is_named: true }));
        }
        if args.no_verify || !found.iter().any(|finding| is_stable(&finding.violation)) {
            return Ok(None);
        }
        // `rustc 1.95.0 (59807616e 2026-03-21)`; a beta or a nightly says more than a version.
        let version = process::rustc(&subject.snapshot.root, &["--version"]).ok().filter(|ended| ended.success);
        let version = version.and_then(|ended| ended.stdout.split(' ').nth(1).map(str::to_owned));
        let is_release = |version: &String| semver::Version::parse(version).is_ok_and(|version| version.pre.is_empty());
        Ok(version.filter(is_release).map(|name| Self { name, is_named: false }))
    }

    /// Whether it goes in the place of what a violation is about: never of a toolchain that these files do not decide.
    pub(super) fn replaces(&self, violation: &Violation) -> bool {
        let is_channel = violation.surface == Surface::Toolchain && violation.requirement.is_some();
        is_channel && violation.pin != Some(Pin::Unknown) && (self.is_named || is_stable(violation))
    }
}

fn is_stable(violation: &Violation) -> bool {
    violation.surface == Surface::Toolchain && violation.requirement.as_deref() == Some("stable")
}

/// Whether a channel names one toolchain for good.
pub(super) fn is_fixed(channel: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    channel.chars().all(is_plain) && toolchain::pin(channel) == Pin::Exact
}
