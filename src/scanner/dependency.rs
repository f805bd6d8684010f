//! The words of the scan: pure types, shared by every surface.

use std::fmt;

use crate::text::{FileId, Span};

/// A kind of place where a version is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// Registry and path dependencies of Cargo packages.
    Crate,
    /// Git dependencies of Cargo packages.
    Git,
    /// What was resolved: Cargo.lock.
    Lockfile,
    /// The Rust toolchain.
    Toolchain,
    /// Actions and reusable workflows of GitHub.
    Action,
    /// Container images.
    Image,
    /// Packages of the npm family: package.json.
    Npm,
    /// Python packages: requirements files and pyproject.toml.
    Python,
    /// What a script installs or builds.
    Tool,
    /// Scripts and styles that a page loads from elsewhere.
    Web,
    /// The policy itself.
    Policy,
}

impl Surface {
    /// Every surface, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::Crate,
        Self::Git,
        Self::Lockfile,
        Self::Toolchain,
        Self::Action,
        Self::Image,
        Self::Npm,
        Self::Python,
        Self::Tool,
        Self::Web,
        Self::Policy,
    ];

    /// The surface's name in the command line, the policy and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crate => "crate",
            Self::Git => "git",
            Self::Lockfile => "lockfile",
            Self::Toolchain => "toolchain",
            Self::Action => "action",
            Self::Image => "image",
            Self::Npm => "npm",
            Self::Python => "python",
            Self::Tool => "tool",
            Self::Web => "web",
            Self::Policy => "policy",
        }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How tightly a declaration holds what a build gets: a ladder, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pin {
    /// Whatever is newest: `*`, a branch, no reference at all, `stable`.
    Latest,
    /// Any release within bounds: `1.2`, `>=1, <2`, `=1.2`.
    Range,
    /// One named release, whose owner can move the name: a git tag, a short commit id.
    Tag,
    /// One version that the registry will not replace: `=1.2.3`.
    Exact,
    /// Fixed by a hash, or by this repository's own commit.
    Content,
    /// Not decidable from the bytes: never silently a pass.
    Unknown,
}

impl Pin {
    /// Every pin, weakest first.
    pub const ALL: [Self; 6] = [Self::Latest, Self::Range, Self::Tag, Self::Exact, Self::Content, Self::Unknown];

    /// The pin's name in the policy and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Range => "range",
            Self::Tag => "tag",
            Self::Exact => "exact",
            Self::Content => "content",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a declaration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `[dependencies]`.
    Normal,
    /// `[dev-dependencies]`.
    Dev,
    /// `[build-dependencies]`.
    Build,
    /// `[workspace.dependencies]`, for members to inherit.
    Workspace,
    /// `[patch.…]`.
    Patch,
    /// `[replace]`.
    Replace,
    /// The toolchain that builds everything.
    Toolchain,
    /// `peerDependencies`: a contract with whoever uses the package, not a choice.
    Peer,
    /// `overrides` and `resolutions`: what is taken in place of what packages ask for.
    Override,
    /// Used where it stands: an action, an image, a tool, a script of a page.
    Use,
}

impl Role {
    /// The role's name in the policy (`kinds`) and in `list`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Dev => "dev",
            Self::Build => "build",
            Self::Workspace => "workspace",
            Self::Patch => "patch",
            Self::Replace => "replace",
            Self::Toolchain => "toolchain",
            Self::Peer => "peer",
            Self::Override => "override",
            Self::Use => "use",
        }
    }
}

/// Which package a lockfile holds a declaration to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Locked {
    /// There is no lockfile to ask.
    #[default]
    Nowhere,
    /// There is a lockfile, but it holds nothing that satisfies the declaration.
    Missing,
    /// One package.
    One(LockedVersion),
    /// Several, by version: which one the declaration gets cannot be told, or differs between the members that inherit it.
    Several(Vec<String>),
}

impl Locked {
    /// The versions that are locked.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        match self {
            Self::Nowhere | Self::Missing => Vec::new(),
            Self::One(locked) => vec![locked.version.clone()],
            Self::Several(versions) => versions.clone(),
        }
    }

    /// The one package that the declaration is held to.
    #[must_use]
    pub fn one(&self) -> Option<&LockedVersion> {
        match self {
            Self::One(locked) => Some(locked),
            _ => None,
        }
    }
}

/// A package in a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedVersion {
    /// The version, with its build metadata.
    pub version: String,
    /// The source as the lockfile writes it; none for path packages.
    pub source: Option<String>,
    /// The full commit that a git source is locked to.
    pub commit: Option<String>,
    /// Of a git source in a Cargo.lock, the one text for all its spellings that are one to cargo.
    pub git: Option<String>,
    /// Whether a checksum or a full commit holds it.
    pub verified: bool,
}

/// What the lockfile of another workspace, which builds the same package, holds a declaration to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abroad {
    /// That lockfile.
    pub lock: FileId,
    /// What it holds.
    pub locked: LockedVersion,
}

/// How to write a tighter pin into a declaration: where, and what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinSite {
    /// The bytes that the pin replaces; empty where it is inserted.
    pub span: Span,
    /// What precedes the pin in the replacement.
    pub before: String,
    /// What follows it.
    pub after: String,
    /// Where its line ends, if there is room for a comment.
    pub comment: Option<Span>,
}

/// The lockfile of another ecosystem that holds a declaration, and where it says the requirement again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// That lockfile.
    pub lock: FileId,
    /// Where a tighter pin must be written there, too, for the lockfile to stay fresh.
    pub sites: Vec<PinSite>,
}

/// Where what is declared comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A registry; `None` is crates.io.
    Registry(Option<String>),
    /// A git repository.
    Git {
        /// The URL as written.
        url: String,
        /// The reference as written, with its key: `branch`, `tag`, `rev` or none.
        reference: Option<(&'static str, String)>,
    },
    /// A directory.
    Path {
        /// The path as written.
        path: String,
        /// Where it leads.
        target: PathTarget,
    },
    /// The entry says nothing of it, which cargo refuses.
    Nowhere {
        /// A key that looks like a misspelling, and what it was meant to be.
        misspelled: Option<(String, &'static str)>,
    },
    /// A toolchain channel.
    Channel,
    /// Where its surface fetches from: a forge for actions, a registry for images, npm and Python packages and tools.
    Surface,
    /// This URL, as written.
    Url(String),
}

/// Where a path dependency leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathTarget {
    /// To this directory below the root.
    Inside(String),
    /// Into a submodule, whose commit this repository holds.
    Foreign,
    /// Out of the repository.
    Outside,
    /// Not decidable: it is relative to a `base` that cargo's configuration defines.
    Unknown,
}

/// A member's use of an entry of `[workspace.dependencies]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// The member's manifest.
    pub manifest: FileId,
    /// What it is for there.
    pub role: Role,
}

/// One place that names something to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The kind of place.
    pub surface: Surface,
    /// The key as written.
    pub name: String,
    /// The real name of the package.
    pub package: String,
    /// What is written: a version requirement, a git reference, a channel.
    pub requirement: Option<String>,
    /// Why the requirement is none at all: cargo's own words.
    pub invalid: Option<String>,
    /// The ecosystem whose package a tool is, by the command that installs it: crates, npm's or Python's.
    pub ecosystem: Option<Surface>,
    /// How tightly it holds.
    pub pin: Pin,
    /// The text between the quotes of the requirement or reference; where there is none, what comes nearest.
    pub span: Span,
    /// Where in its file it is: the path of the TOML table or JSON object, the job of a workflow, the stage of a Dockerfile;
    /// else empty.
    pub table: String,
    /// What it is for.
    pub role: Role,
    /// Where it comes from.
    pub origin: Origin,
    /// What the lockfile holds it to.
    pub locked: Locked,
    /// The first lockfile of another workspace that holds it to something else.
    pub abroad: Option<Abroad>,
    /// The name of the package whose manifest it is in, where it is in one.
    pub owner: Option<String>,
    /// The members that inherit it, by package name, sorted; for `[workspace.dependencies]` alone.
    pub used_by: Vec<String>,
    /// The tables in which they do.
    pub uses: Vec<Use>,
    /// Whether a member that was not read may inherit it: one that is left out, or that cannot be read.
    pub may_be_used: bool,
    /// Where a tighter pin would be written.
    pub site: Option<PinSite>,
    /// The lockfile that says the requirement again, where it is no Cargo.lock.
    pub repeated: Option<Repeated>,
    /// Where a lockfile repeats the requirement: what is written there changes with it.
    pub copies: Vec<Span>,
    /// Its index among the declarations of the scan.
    pub index: usize,
}

impl Dependency {
    /// A declaration of what is used where it stands, with everything that not every surface has left out.
    #[must_use]
    pub fn new(surface: Surface, name: impl Into<String>, pin: Pin, span: Span) -> Self {
        let name = name.into();
        Self {
            surface,
            package: name.clone(),
            name,
            requirement: None,
            invalid: None,
            ecosystem: None,
            pin,
            span,
            table: String::new(),
            role: Role::Use,
            origin: Origin::Surface,
            locked: Locked::Nowhere,
            abroad: None,
            owner: None,
            used_by: Vec::new(),
            uses: Vec::new(),
            may_be_used: false,
            site: None,
            repeated: None,
            copies: Vec::new(),
            index: 0,
        }
    }
}
