//! The parts of the report for people: what is about Cargo, about actions, about images…

use std::io::{self, Write};

use super::{BOLD, DIM};
use crate::reporter::plural;
use crate::reporter::terminal::width;
use crate::scanner;
use crate::scanner::dependency::Surface;

/// Surfaces that are read together: Cargo's are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Section(Surface);

impl Section {
    /// The section of a finding of a surface in the file at `path`: what is wrong with a lockfile is read with whatever it locks.
    pub(super) fn of(surface: Surface, path: &str) -> Self {
        match surface {
            Surface::Lockfile => match scanner::surface(path) {
                Surface::Npm => Self(Surface::Npm),
                Surface::Python => Self(Surface::Python),
                _ => Self(Surface::Crate),
            },
            Surface::Git | Surface::Toolchain => Self(Surface::Crate),
            other => Self(other),
        }
    }

    /// Whether a report with these sections, in their order, has titles: a line of the policy's among Cargo's needs none.
    pub(super) fn need_titles(sections: impl Iterator<Item = Self>) -> bool {
        let (mut first, mut is_plain, mut is_one) = (None, true, true);
        for section in sections {
            is_plain &= matches!(section.0, Surface::Crate | Surface::Policy);
            is_one &= *first.get_or_insert(section) == section;
        }
        !is_plain && !is_one
    }

    fn title(self) -> &'static str {
        match self.0 {
            Surface::Crate | Surface::Git | Surface::Lockfile | Surface::Toolchain => "Cargo",
            Surface::Action => "actions",
            Surface::Image => "images",
            Surface::Npm => "npm",
            Surface::Python => "Python",
            Surface::Tool => "tools and builds in scripts",
            Surface::Web => "web pages",
            Surface::Policy => "policy",
        }
    }

    /// Writes what stands over the files of the section, with how many findings it has.
    pub(super) fn heading(self, count: usize, terminal: usize, out: &mut dyn Write) -> io::Result<()> {
        let title = format!("{}: {}", self.title(), plural(count, "finding"));
        let rule = "─".repeat(terminal.min(80).saturating_sub(width(&title) + 4));
        writeln!(out, "{DIM}──{DIM:#} {BOLD}{title}{BOLD:#} {DIM}{rule}{DIM:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lockfile_is_read_with_what_it_locks() {
        for (path, title) in [
            ("Cargo.toml", "Cargo"),
            ("a/Cargo.lock", "Cargo"),
            ("web/package.json", "npm"),
            ("yarn.lock", "npm"),
            ("uv.lock", "Python"),
        ] {
            assert_eq!(Section::of(Surface::Lockfile, path).title(), title, "{path}");
        }
    }
}
