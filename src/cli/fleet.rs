//! The options of the verbs that look at many repositories.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::output;

/// What the exit code of an audit says.
pub(super) const AUDIT_EXIT: &str = "Exit codes: 0 nothing at level deny; 1 findings at level deny (with --fail-on new: that the last run \
    did not have); 2 the tool could not do its job: a repository could not be judged (unless --ignore-failed is given and \
    another one could be), none was found, or the policy or a list cannot be read. The report is written all the same where a \
    repository could not be judged.";

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Repositories, directories that are searched for them, or URLs
    #[arg(value_name = "TARGET", required_unless_present = "from")]
    pub targets: Vec<OsString>,
    /// Take targets from a list; may be repeated
    ///
    /// A path or URL a line, with `#` comments; or, in a file whose name ends in .toml, tables `[[repository]]` with `path` or
    /// `url`, and `name`, `rev`, `owner` and `labels`. A relative path is seen from the list's directory.
    #[arg(long, value_name = "FILE")]
    pub from: Vec<PathBuf>,
    /// Judge this revision, where a list names none [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// Judge the branches and tags that match as well, each as a row of its own; may be repeated
    ///
    /// The glob is matched against full names (`refs/tags/v1.*`) and short ones (`v1.*`, `release/*`, `origin/release/*`); a
    /// `*` stays within a part of the name, `**` does not.
    #[arg(long, value_name = "GLOB")]
    pub refs: Vec<String>,
    /// Keep mirrors of URLs in a directory, and refresh them with git
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// How long the refresh of one mirror may take, in seconds, with what is tried again
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
    /// Let git fetch by this protocol too, beside https, ssh and file; may be repeated
    ///
    /// `http` and `git` are not encrypted: whoever is on the way can change what is judged.
    #[arg(long, value_name = "PROTOCOL")]
    pub allow_protocol: Vec<String>,
    /// Keep what was found in a file: what is new, resolved and how old is known, and what has not changed is not read again
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// The organisation's policy, below which no repository can go
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// How to report to standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: AuditFormat,
    /// Write a report to a file as well, `sarif` to a directory; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output::<AuditFormat>)]
    pub output: Vec<(AuditFormat, PathBuf)>,
    /// Fail on findings of a rule; `warnings` for all that would be warned of
    #[arg(long, value_name = "RULE")]
    pub deny: Vec<String>,
    /// Report findings of a rule without failing; over a floor it can only tighten
    #[arg(long, value_name = "RULE")]
    pub warn: Vec<String>,
    /// Do not look for findings of a rule; over a floor it can only tighten
    #[arg(long, value_name = "RULE")]
    pub allow: Vec<String>,
    /// Which findings at level deny fail the run
    #[arg(long, value_enum, value_name = "WHICH", default_value = "any")]
    pub fail_on: FailOn,
    /// Do not fail for repositories that cannot be judged: they are in the report all the same
    #[arg(long)]
    pub ignore_failed: bool,
    /// Scan test data and other people's code too, and what cargo would refuse
    #[arg(long)]
    pub no_default_excludes: bool,
    /// The day to judge by, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
    /// Print repositories that fail and nothing else
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// List every repository
    #[arg(short, long)]
    pub verbose: bool,
}

/// Which findings fail an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Any
    Any,
    /// Those that the last run did not have
    New,
}

/// The formats of audits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// For a person at a terminal
    Human,
    /// For programs: version 1 of the JSON report
    Json,
    /// The same, a line each repository
    Ndjson,
    /// For an issue that is kept up to date
    Markdown,
    /// One page with everything in it, for a browser
    Html,
    /// For code scanning: SARIF 2.1.0, a file each repository, to a directory
    Sarif,
}

/// The formats of `exposed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExposedFormat {
    /// For a person at a terminal
    Human,
    /// For the issue of an incident
    Markdown,
    /// For programs: version 1 of the JSON report
    Json,
}

/// What the exit codes of `exposed` say.
pub(super) const EXPOSED_CODES: &str = "Exit codes: 0 no repository has it or can get it, 1 one has, would get or may get it, 2 one could \
    not be judged, whatever the others have: the answer is not whole, and the report says what it lacks.";

/// Options of `exposed`.
#[derive(Debug, Args)]
pub struct Exposed {
    /// The release: serde@1.0.200, 'foo@>=2.1, <2.1.4', npm:left-pad@1.3.0, or NAME for any version
    ///
    /// `1.2` is every 1.2.x. A range has every version between its bounds, pre-releases too. What declarations admit goes by
    /// the rules of cargo, npm or Python. What is no crate stands behind `npm:`, `python:`, `action:`, `image:`, `tool:` or `web:`:
    /// `action:actions/checkout@v4`, `image:node@20.1.0`, `web:vue@3`.
    #[arg(value_name = "NAME@VERSION")]
    pub query: String,
    /// Repositories, bare ones too, and directories to search for them
    #[arg(value_name = "TARGET", required_unless_present = "from")]
    pub targets: Vec<OsString>,
    /// A list of targets: a path a line, or TOML with `name`, `path`, `rev`, `owner` and `labels`; may be repeated
    #[arg(long, value_name = "FILE")]
    pub from: Vec<PathBuf>,
    /// Judge this revision of each repository, and never what is on the disk [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// Where `audit` keeps the mirrors of URLs: they are read as its last run left them, and nothing is fetched
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// How to report to standard output
    #[arg(long, value_enum, default_value = "human")]
    pub format: ExposedFormat,
    /// Write a report to a file as well; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output::<ExposedFormat>)]
    pub output: Vec<(ExposedFormat, PathBuf)>,
    /// Read test data and other people's code too; a repository's own `exclude` never counts here
    #[arg(long)]
    pub no_default_excludes: bool,
    /// List the repositories that are held off it or do not know it too, and every way
    #[arg(short, long)]
    pub verbose: bool,
}
