//! `exposed`: which repositories have a release, and which would get it.

use anyhow::{Result, anyhow, bail};

use super::Output;
use crate::cli::{self, ListFormat};
use crate::exit::Exit;
use crate::fleet::exposure::rows::{Scope, rows};
use crate::fleet::query::Query;
use crate::fleet::{discover, targets};
use crate::reporter;
use crate::reporter::exposed::{Exposed, Status};

/// Answers the question of an incident.
///
/// # Errors
/// Where the query or a list of targets cannot be read, or there is no target.
pub fn run(args: &cli::Exposed, output: &Output) -> Result<Exit> {
    let query = Query::parse(&args.query).map_err(|why| anyhow!("{why}"))?;
    let targets = discover::targets(&targets::wanted(&args.targets, &args.from)?);
    if targets.is_empty() {
        bail!("no repository to look at: name directories, or a list of them with --from");
    }
    let scope =
        Scope { revision: args.rev.as_deref(), everything: args.no_default_excludes, cache: args.cache.as_deref() };
    let exposed = Exposed {
        rows: rows(targets, &query, scope),
        query: query.text,
        surface: query.surface.name(),
        name: query.name,
        versions: query.wanted,
    };
    output.write(|out| match args.format {
        ListFormat::Human => reporter::exposed::exposed_human(&exposed, args.verbose, Output::width(), out),
        ListFormat::Json => reporter::exposed::exposed_json(&exposed, out),
    })?;
    Ok(exit(&exposed))
}

/// An answer that lacks a repository is none: that weighs more than who is known to be concerned, whom the report names anyway.
fn exit(exposed: &Exposed) -> Exit {
    let has = |status| exposed.count(status) > 0;
    if has(Status::Unknown) {
        Exit::Failed
    } else if has(Status::Has) || has(Status::WouldGet) || has(Status::MayGet) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
