//! The command line, as data: no behaviour. A doc comment here is the help text.

mod fleet;
mod moving;

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use fleet::{AUDIT_EXIT, EXPOSED_CODES};
pub use fleet::{Audit, AuditFormat, Exposed, ExposedFormat, FailOn};
pub use moving::{Moving, Rollback, Set};

/// Exact dependency pinning, enforced.
///
/// Finds every version that can float into a build: in manifests and lockfiles, toolchain files, workflows, Dockerfiles,
/// scripts and pages. Without a command it checks the repository around the current directory.
#[derive(Debug, Parser)]
#[command(name = "cargo-pinned", bin_name = "cargo pinned", version, about, long_about, max_term_width = 100)]
#[command(
    override_usage = "cargo pinned [check] [OPTIONS]\n       cargo pinned <COMMAND> [OPTIONS]",
    after_help = "Exit codes: 0 nothing at level deny, 1 findings at level deny, 2 the tool could not do its job."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what floats; the default
    Check(Check),
    /// Pin everything that can be pinned, and prove that what is built stays the same
    #[command(
        mut_arg("rev", |arg| arg.hide(true)),
        mut_arg("staged", |arg| arg.hide(true)),
        mut_arg("path", |arg| arg.help("Pin only what is in this file or directory; the root still rules")),
        mut_arg("manifest_path", |arg| arg.help("Pin only what is in this manifest's directory")),
        mut_arg("surface", |arg| arg.help(format!("Pin only on these surfaces: {SURFACES}")))
    )]
    Fix(Fix),
    /// Judge many repositories, straight from their git objects
    ///
    /// Targets are repositories (working trees, bare ones, mirrors), and directories that are searched for them: also below
    /// working trees, but not in submodules, in `.git`, `node_modules` and caches (`CACHEDIR.TAG`), nor through symbolic links.
    /// What is committed is judged, at HEAD or --rev, never what is checked out; nothing of a repository runs, and none is
    /// changed. What is wrong with one, such as a corrupt pack, is the error of its row, and the others are judged.
    ///
    /// With --policy, one policy is the floor for all: for each rule the stricter of it and of the repository's own holds. What a
    /// repository lets pass by itself counts for the rules in the floor's `[audit] honour = ["RULE"]` alone; the rest is listed
    /// as locally waived. Without --policy, each repository is judged by its own, as `check` does.
    #[command(after_help = AUDIT_EXIT)]
    Audit(Audit),
    /// Which repositories have a release, and which would get it
    ///
    /// Each repository has one of six statuses, the worst that any of its parts has: `has`, a lockfile holds it; `would-get`,
    /// a declaration admits it, and the lockfile holds something else or there is none; `may-get`, a package in between, whose
    /// requirement no lockfile holds, may admit it; `unknown`, something that decides could not be read; `held`, nothing admits
    /// it; `absent`, nothing names the package.
    #[command(after_help = EXPOSED_CODES)]
    Exposed(Exposed),
    /// What a change of pins brings in
    ///
    /// Compares BASE itself, and not where the two part, with HEAD, with the working tree, or with what is staged. BASE may be
    /// written `A..B` for A and B, and `A...B` for where A and B part and B, as git has it. No policy is read: what differs
    /// is told, not judged. When a release was published, and whether it was yanked, is what cargo's cache knows of it, or with
    /// --online what the registries of your own cargo configuration say.
    #[command(
        after_help = "Exit codes: 0 compared, whatever differs; 1 a release has another checksum than it had; 2 the tool could \
                      not do its job, or could not read a file that differs."
    )]
    Diff(Diff),
    /// Move pins: requirement and lockfile together, all or nothing
    ///
    /// Moves each package in every table and member that declares it, and in the lockfile; nothing else moves but what has to. Cargo
    /// moves the lockfile in a copy, so nothing is written before it is known to work, and is asked again once it is written.
    /// Packages that pin each other are moved in one call. Without a VERSION it is the newest compatible release that cargo
    /// knows of; where the policy has `release-too-new`, the newest that the release index knows to be old enough. REV is a tag
    /// or a commit of a git dependency, and its full commit is what is written.
    #[command(
        after_help = "Exit codes: 0 moved, or there already, whatever `check` would find; 2 it could not be, and nothing was changed."
    )]
    Set(Set),
    /// Move packages back to the version before their last change in history
    ///
    /// That change is found by walking history back from HEAD; where the working tree's Cargo.lock has another version than HEAD's,
    /// that is the last change. What changed together with a package, and is needed by it, goes back with it where nothing
    /// holds it. Otherwise as `set`.
    #[command(
        after_help = "Exit codes: 0 moved, or there already, whatever `check` would find; 2 it could not be, and nothing was changed."
    )]
    Rollback(Rollback),
    /// Every declaration with its pin and locked version
    List(List),
    /// Accept today's findings, so that only new ones fail
    #[command(
        mut_arg("rev", |arg| arg.hide(true)),
        mut_arg("staged", |arg| arg.hide(true)),
        mut_arg("path", |arg| arg.help("Accept only what is in this file or directory; the root still rules")),
        mut_arg("manifest_path", |arg| arg.help("Accept only what is in this manifest's directory")),
        mut_arg("surface", |arg| arg.help(format!("Accept only on these surfaces: {SURFACES}")))
    )]
    Baseline(Baseline),
    /// Write a commented pinned.toml; with --hook, a git pre-commit hook too
    ///
    /// pinned.toml is written with every line commented out: it says what holds anyway. One that is there is never
    /// touched. The hook judges what is staged, and fails the commit for what the last commit did not already have; a
    /// hook that is there already runs as before, behind it.
    Init(Init),
    /// A rule's documentation; without a rule, the list of rules
    Explain(Explain),
    /// Completions for a shell, to standard output
    Completions(Completions),
    /// The manual page, to standard output
    Man(Man),
}

/// The names of the surfaces, for the help.
const SURFACES: &str = "crate, git, lockfile, toolchain, action, image, npm, python, tool, web, policy";

/// What is judged, and by which policy.
#[derive(Debug, Args)]
pub struct Subject {
    /// Report only what is in this file or directory; the root still rules
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The root of the repository [default: the git work tree around PATH, else its workspace, else PATH]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Judge this revision, whatever the disk holds; of bare repositories too
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub rev: Option<String>,
    /// Judge what is staged, and not what is on the disk
    #[arg(long)]
    pub staged: bool,
    /// Report only what is in this manifest's directory
    #[arg(long, value_name = "FILE", conflicts_with = "path")]
    pub manifest_path: Option<PathBuf>,
    /// The policy file [default: pinned.toml at the root]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[expect(missing_docs, reason = "the help is made of the list")]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help = format!("Report only these surfaces: {SURFACES}"))]
    pub surface: Vec<String>,
    /// Scan test data and other people's code too, and what cargo would refuse
    #[arg(long)]
    pub no_default_excludes: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct Check {
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub subject: Subject,
    /// Report only what is new since REV: what the merge base with it does not have
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// Whose policy and baseline judge both sides of a comparison
    #[arg(long, value_enum, value_name = "SIDE", default_value = "head", requires = "base")]
    pub policy_from: PolicyFrom,
    /// Ask the registries for the age of new releases, and whether they were yanked, for the rules that want to know
    #[arg(long, requires = "base")]
    pub online: bool,
    /// How to report to standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// Write a report to a file as well; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output::<Format>)]
    pub output: Vec<(Format, PathBuf)>,
    /// Fail on findings of a rule; `warnings` for all that would be warned of
    #[arg(long, value_name = "RULE")]
    pub deny: Vec<String>,
    /// Report findings of a rule without failing
    #[arg(long, value_name = "RULE")]
    pub warn: Vec<String>,
    /// Do not look for findings of a rule
    #[arg(long, value_name = "RULE")]
    pub allow: Vec<String>,
    /// The day to judge by, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
    /// Print findings at level deny and nothing else
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// List what was skipped, and every finding
    #[arg(short, long)]
    pub verbose: bool,
}

/// A side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFrom {
    /// What is checked
    Head,
    /// What it is compared with
    Base,
}

/// Options of `fix`.
#[derive(Debug, Args)]
pub struct Fix {
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub subject: Subject,
    /// Mend findings of these rules alone
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub rule: Vec<String>,
    /// Mend what this package declares or inherits alone; may be repeated
    #[arg(long, value_name = "NAME")]
    pub package: Vec<String>,
    /// Pin toolchain files to this channel [default: for `stable`, the release that the active rustc says it is]
    #[arg(long, value_name = "CHANNEL")]
    pub toolchain: Option<String>,
    /// Print what would change, as a diff, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Start no process: leave out the proof by cargo
    #[arg(long)]
    pub no_verify: bool,
    /// Ask GitHub for the commits of actions, and let cargo fetch what the proof needs and is not at hand
    #[arg(long, conflicts_with = "no_verify")]
    pub online: bool,
    /// How long the repository of an action may take to answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "online", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    /// The day to judge by, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// Options of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The revision that is compared with
    #[arg(value_name = "BASE")]
    pub base: String,
    /// The revision that is looked at [default: the working tree]
    #[arg(value_name = "HEAD", conflicts_with = "staged")]
    pub head: Option<String>,
    /// Look at what is staged, and not at what is on the disk
    #[arg(long)]
    pub staged: bool,
    /// The root of the repository [default: the git work tree around the current directory]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Compare test data and other people's code too, and what cargo would refuse
    #[arg(long)]
    pub no_default_excludes: bool,
    /// How to report to standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: DiffFormat,
    /// Write a report to a file as well; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output::<DiffFormat>)]
    pub output: Vec<(DiffFormat, PathBuf)>,
    /// Ask the registries when releases were published, and whether they were yanked [default: what cargo's cache knows]
    #[arg(long)]
    pub online: bool,
    /// The day that ages are counted to the start of, as YYYY-MM-DD [default: now]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
    /// Print what fails the run and nothing else
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Cut no line and no list
    #[arg(short, long)]
    pub verbose: bool,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub struct List {
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub subject: Subject,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    pub format: ListFormat,
}

/// Options of `baseline`.
#[derive(Debug, Args)]
pub struct Baseline {
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub subject: Subject,
    /// The day to judge by, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Check what is staged before each commit: adds a block to this clone's pre-commit hook, or makes one
    ///
    /// A hook that is no shell script, is a symbolic link or would run in other repositories too is left alone, and what
    /// to add to it by hand is said. `core.hooksPath` is honoured.
    #[arg(long)]
    pub hook: bool,
    /// Take the block out of the pre-commit hook again, and write nothing else
    #[arg(long, conflicts_with = "hook")]
    pub remove_hook: bool,
    /// Print the JSON Schema of pinned.toml, for editors, and write nothing
    #[arg(long, conflicts_with_all = ["hook", "remove_hook", "root"])]
    pub schema: bool,
    /// The root of the repository [default: the git work tree around the current directory, else its workspace]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each verb to this directory, and print nothing
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

/// The formats of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person at a terminal
    Human,
    /// Each finding with its source line
    Full,
    /// For programs: version 1 of the JSON report
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations in GitHub's workflows
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit's XML
    Junit,
    /// For a step summary or a comment
    Markdown,
}

/// The formats of `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a person at a terminal
    Human,
    /// For a comment on a change
    Markdown,
    /// For programs: version 1 of the JSON diff
    Json,
}

/// The formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a person at a terminal
    Human,
    /// For programs: version 1 of the JSON list
    Json,
}

fn output<F: ValueEnum>(text: &str) -> Result<(F, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("must be FORMAT=FILE")?;
    if file.is_empty() {
        return Err("names no file".to_owned());
    }
    let format = F::from_str(format, false).map_err(|_| {
        let names = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        format!("`{format}` is no format: {}", names.join(", "))
    })?;
    Ok((format, PathBuf::from(file)))
}
