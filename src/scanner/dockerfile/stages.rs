//! The stages of a file: what one hands on to those that build on it.

use std::collections::HashMap;
use std::rc::Rc;

use super::context::Copied;
use super::variables::{Scope, around_platform};

/// The most stages that are looked through for one with a platform in its name.
const MOST: usize = 256;

/// A stage while it is read.
pub(super) struct Stage {
    /// Its alias; empty where it has none.
    pub(super) name: String,
    pub(super) scope: Rc<Scope>,
    /// Whether its commands are read: they are for a shell that we know.
    pub(super) is_read: bool,
    /// What it has of the code that is built.
    pub(super) copied: Copied,
}

/// Those that have ended, by alias in lower case.
#[derive(Default)]
pub(super) struct Stages(HashMap<String, (Rc<Scope>, Copied)>);

impl Stages {
    /// Adds one that has ended; without an alias, nothing builds on it.
    pub(super) fn add(&mut self, ended: Stage) {
        if !ended.name.is_empty() {
            self.0.insert(ended.name.to_ascii_lowercase(), (ended.scope, ended.copied));
        }
    }

    /// What one has.
    pub(super) fn get(&self, name: &str) -> Option<(Rc<Scope>, Copied)> {
        self.0.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Whether a name is that of one for each platform, as in `base-$TARGETARCH`.
    pub(super) fn have_platform(&self, name: &str) -> bool {
        let Some((ahead, behind)) = around_platform(name).filter(|_| self.0.len() <= MOST) else { return false };
        let (ahead, behind) = (ahead.to_ascii_lowercase(), behind.to_ascii_lowercase());
        let is_it = |name: &String| {
            let platform = name.strip_prefix(&ahead).and_then(|rest| rest.strip_suffix(&behind));
            platform.is_some_and(|platform| !platform.is_empty())
        };
        !(ahead.is_empty() && behind.is_empty()) && self.0.keys().any(is_it)
    }
}
