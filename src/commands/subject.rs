//! What a command is about: the root, the snapshot, the policy, the scan, and what PATH narrows the report to.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli;
use crate::policy::baseline::{self, Baseline};
use crate::policy::config::{self, Policy};
use crate::scanner::dependency::{Dependency, Surface};
use crate::scanner::excludes::Excludes;
use crate::scanner::{self, Scan};
use crate::source::worktree::{self, Worktree};
use crate::source::{Snapshot, is_below, join, objects};
use crate::text::{FileId, LineIndex, Span};

/// A snapshot that was scanned, and what of it is to be reported.
pub(super) struct Subject {
    pub(super) snapshot: Snapshot,
    pub(super) policy: Policy,
    pub(super) scan: Scan,
    narrow: String,
    surfaces: Vec<Surface>,
}

impl Subject {
    /// Finds the root, reads the policy and scans.
    pub(super) fn load(args: &cli::Subject) -> Result<Self> {
        if args.rev.is_some() || args.staged {
            return Self::stored(args);
        }
        let (path, start) = start(args)?;
        let git = worktree::discover(&start).unwrap_or_else(|error| {
            // A checkout mounted elsewhere than it was made can still be judged, all but what git knows of it.
            let message = format!("the git repository of `{}` cannot be opened: {error:#}", start.display());
            let message = crate::reporter::escape(&message);
            let _ = writeln!(anstream::stderr(), "warning: {message}; nothing is known of what it tracks");
            None
        });
        let root = match &args.root {
            Some(root) => directory(root)?,
            None => root(&start, git.as_ref())?,
        };
        let narrow = match path {
            Some(path) => narrow(&root, &path)?,
            None => String::new(),
        };
        let snapshot = worktree::snapshot(&root, git.as_ref(), scanner::interest(args.no_default_excludes))?;
        Self::scanned(args, snapshot, narrow)
    }

    /// The root around a directory, else around the current one.
    pub(super) fn root(given: Option<&Path>) -> Result<PathBuf> {
        match given {
            Some(given) => directory(given),
            None => {
                let start = std::env::current_dir().context("cannot tell the current directory")?;
                root(&start, worktree::discover(&start).ok().flatten().as_ref())
            }
        }
    }

    /// What git has stored: a revision, or what is staged. PATH need not be on the disk.
    fn stored(args: &cli::Subject) -> Result<Self> {
        let start = match &args.root {
            Some(root) => directory(root)?,
            None => std::env::current_dir().context("cannot tell the current directory")?,
        };
        let root = objects::root(&start)?;
        let path = match &args.manifest_path {
            Some(manifest) => manifest.parent(),
            None => args.path.as_deref(),
        };
        let narrow = match path {
            Some(path) => {
                // As typed: seen from the current directory, where that is below the root.
                let current = std::env::current_dir().and_then(|current| current.canonicalize()).unwrap_or_default();
                let below = current.strip_prefix(&root).unwrap_or(Path::new(""));
                let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
                let absolute = path.strip_prefix(&root).map(|path| Some(text(path)));
                let found = absolute.unwrap_or_else(|_| join(&text(below), &text(path)));
                found.with_context(|| format!("`{}` is not below the root `{}`", path.display(), root.display()))?
            }
            None => String::new(),
        };
        let interest = scanner::interest(args.no_default_excludes);
        let snapshot = match &args.rev {
            Some(revision) => objects::revision(&start, &root, revision, interest)?,
            None => {
                let index = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
                objects::staged(&start, &root, index.as_deref(), interest)?
            }
        };
        Self::scanned(args, snapshot, narrow)
    }

    fn scanned(args: &cli::Subject, snapshot: Snapshot, narrow: String) -> Result<Self> {
        let (mut policy, file) = policy(args.config.as_deref(), &snapshot)?;
        policy.baseline = baseline(&snapshot)?;
        let excludes = Excludes::new(!args.no_default_excludes, policy.exclude.iter().map(String::as_str));
        let excludes =
            excludes.map_err(|(pattern, why)| anyhow::anyhow!("`{pattern}` in `exclude` is no pattern: {why}"))?;
        let mut scan = scanner::scan(&snapshot, &excludes);
        policy.file = file.map(|file| file.keep(&mut scan));
        let subject = Self { surfaces: surfaces(&args.surface)?, snapshot, policy, scan, narrow };
        subject.must_have_something()?;
        Ok(subject)
    }

    /// A gate that guards nothing is a mistake.
    fn must_have_something(&self) -> Result<()> {
        let scan = &self.scan;
        let roots = scan
            .workspaces
            .iter()
            .flat_map(|workspace| workspace.members.iter().map(|member| member.file).chain([workspace.root]));
        let spans = scan
            .dependencies
            .iter()
            .map(|dependency| dependency.span)
            .chain(scan.problems.iter().map(|problem| problem.span));
        if roots.map(Span::top).chain(spans).any(|span| self.is_inside(span)) {
            return Ok(());
        }
        let place =
            if self.narrow.is_empty() { self.snapshot.root.clone() } else { self.snapshot.root.join(&self.narrow) };
        let skipped = scan.skipped.iter().filter(|skipped| is_below(&skipped.path, &self.narrow)).count();
        let hint = if skipped > 0 {
            format!(" ({skipped} skipped: --no-default-excludes includes them)")
        } else {
            String::new()
        };
        bail!("nothing to check in `{}`{hint}", place.display());
    }

    /// Whether a place is in what PATH names.
    pub(super) fn is_inside(&self, span: Span) -> bool {
        is_below(self.scan.files.path(span.file), &self.narrow)
    }

    /// Whether a path is in what PATH names.
    pub(super) fn contains(&self, path: &str) -> bool {
        is_below(path, &self.narrow)
    }

    /// Whether a surface is to be reported.
    pub(super) fn wants(&self, surface: Surface) -> bool {
        self.surfaces.is_empty() || self.surfaces.contains(&surface)
    }

    /// The declarations that are to be reported.
    pub(super) fn declarations(&self) -> Vec<&Dependency> {
        let mut declarations: Vec<&Dependency> = self.scan.dependencies.iter().collect();
        declarations.retain(|dependency| self.wants(dependency.surface) && self.is_inside(dependency.span));
        declarations.sort_by_key(|dependency| (self.scan.files.path(dependency.span.file), dependency.span.start));
        declarations
    }
}

/// What the user named, if anything, and the directory that the search for the root starts from.
fn start(args: &cli::Subject) -> Result<(Option<PathBuf>, PathBuf)> {
    if let Some(manifest) = &args.manifest_path {
        let manifest = existing(manifest)?;
        if !manifest.ends_with("Cargo.toml") {
            bail!("`{}` is not a Cargo.toml", manifest.display());
        }
        let package = manifest.parent().map(Path::to_owned).unwrap_or_default();
        return Ok((Some(package.clone()), package));
    }
    match &args.path {
        Some(path) => {
            let path = existing(path)?;
            let start =
                if path.is_dir() { path.clone() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
            Ok((Some(path), start))
        }
        None => match &args.root {
            Some(root) => Ok((None, directory(root)?)),
            None => Ok((None, std::env::current_dir().context("cannot tell the current directory")?)),
        },
    }
}

fn existing(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("cannot find `{}`", path.display()))
}

fn directory(path: &Path) -> Result<PathBuf> {
    let path = existing(path)?;
    if !path.is_dir() {
        bail!("`{}` is not a directory", path.display());
    }
    Ok(path)
}

/// The top of the git work tree, else the root of the workspace that claims the package, else where the search starts.
fn root(start: &Path, git: Option<&Worktree>) -> Result<PathBuf> {
    if let Some(git) = git {
        return existing(&git.root);
    }
    for above in start.ancestors().filter(|above| above.join("Cargo.toml").is_file()) {
        let snapshot = worktree::snapshot(above, None, scanner::interest(true))?;
        let excludes = Excludes::new(false, []).map_err(|(pattern, _)| anyhow::anyhow!("`{pattern}` is no pattern"))?;
        let scan = scanner::scan(&snapshot, &excludes);
        let here = start.strip_prefix(above).unwrap_or(start).to_string_lossy().replace('\\', "/");
        let claims = |workspace: &scanner::cargo::workspace::Workspace| {
            workspace.directory.is_empty()
                && (here.is_empty()
                    || workspace
                        .members
                        .iter()
                        .any(|member| !member.directory.is_empty() && is_below(&here, &member.directory)))
        };
        let is_workspace = scan.workspaces.iter().any(claims);
        if is_workspace && above != start {
            return Ok(above.to_owned());
        }
    }
    Ok(start.to_owned())
}

/// PATH as a path below the root.
fn narrow(root: &Path, path: &Path) -> Result<String> {
    let root = existing(root)?;
    match path.strip_prefix(&root) {
        Ok(below) => Ok(below.to_string_lossy().replace('\\', "/")),
        Err(_) => bail!("`{}` is not below the root `{}`", path.display(), root.display()),
    }
}

fn surfaces(names: &[String]) -> Result<Vec<Surface>> {
    let find = |name: &String| {
        let known = Surface::ALL.iter().copied();
        known.clone().find(|surface| surface.name() == name).with_context(|| {
            format!("unknown surface `{name}`: there are {}", known.map(Surface::name).collect::<Vec<_>>().join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// A policy file, for findings that stand in it.
struct PolicyFile {
    /// Its name, as the user would say it.
    shown: String,
    text: String,
    /// Its index among the snapshot's entries, where it is one.
    entry: Option<usize>,
}

impl PolicyFile {
    /// Gives it its place in the table of files.
    fn keep(self, scan: &mut Scan) -> FileId {
        match self.entry.and_then(|entry| u32::try_from(entry).ok()) {
            Some(entry) => {
                scan.files.set_text(FileId(entry), self.text);
                FileId(entry)
            }
            None => scan.files.add(self.shown, self.text),
        }
    }
}

/// The baseline at the snapshot's root.
fn baseline(snapshot: &Snapshot) -> Result<Baseline> {
    let file = baseline::FILE;
    let Some(text) = text(snapshot, file)? else { return Ok(Baseline::default()) };
    Baseline::parse(&text).map_err(|error| {
        let at = LineIndex::new(&text).position(error.at.start);
        anyhow::anyhow!("{file}:{}:{}: {}", at.line, at.column, error.message)
    })
}

/// The text of a file at the snapshot's root, where it is there.
fn text(snapshot: &Snapshot, file: &str) -> Result<Option<String>> {
    let Some(entry) = snapshot.find(file) else { return Ok(None) };
    let bytes =
        snapshot.read(&snapshot.entries()[entry]).map_err(|error| anyhow::anyhow!("the policy `{file}` {error}"))?;
    Ok(Some(String::from_utf8(bytes).with_context(|| format!("the policy `{file}` is not UTF-8"))?))
}

/// The policy that the user names, else the one at the snapshot's root, else the defaults.
fn policy(config: Option<&Path>, snapshot: &Snapshot) -> Result<(Policy, Option<PolicyFile>)> {
    let file = match config {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the policy `{}`", path.display()))?;
            PolicyFile { shown: path.display().to_string(), text, entry: None }
        }
        None => {
            let Some(text) = text(snapshot, config::FILE)? else { return Ok((Policy::default(), None)) };
            let entry = snapshot.find(config::FILE);
            PolicyFile { shown: config::FILE.to_owned(), text, entry }
        }
    };
    let policy = Policy::parse(&file.text).map_err(|error| {
        let at = LineIndex::new(&file.text).position(error.at.start);
        anyhow::anyhow!("{}:{}:{}: {}", file.shown, at.line, at.column, error.message)
    })?;
    Ok((policy, Some(file)))
}
