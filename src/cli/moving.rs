//! The options of the verbs that move pins.

use std::path::PathBuf;

use clap::Args;

/// Where `set` and `rollback` act, and how.
#[derive(Debug, Args)]
pub struct Moving {
    /// The root of the repository [default: the git work tree around the current directory, else its workspace]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print what would change, as a diff, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Let cargo fetch what is not at hand, and ask the registry for releases where their age counts
    #[arg(long)]
    pub online: bool,
    /// The policy file [default: pinned.toml at the root]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Scan test data and other people's code too, and what cargo would refuse
    #[arg(long)]
    pub no_default_excludes: bool,
    /// The day to judge by, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

/// Options of `set`.
#[derive(Debug, Args)]
pub struct Set {
    /// What to move, by the package's real name
    #[arg(value_name = "NAME[@VERSION|@REV]", required = true)]
    pub packages: Vec<String>,
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub moving: Moving,
}

/// Options of `rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// What to move back, by the package's real name
    #[arg(value_name = "NAME", required = true)]
    pub packages: Vec<String>,
    /// Back to this version; for a git dependency, a revision of its repository
    #[arg(long, value_name = "VERSION", conflicts_with = "rev")]
    pub to: Option<String>,
    /// Back to what the lockfile had in this revision, such as a release tag
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    #[expect(missing_docs, reason = "a doc comment on a flattened group would end up in the help")]
    #[command(flatten)]
    pub moving: Moving,
}
