//! `exposed`: which repositories have a release, and which would get it.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::{Context as _, Result, anyhow, bail};

use super::Output;
use crate::cli::{self, ExposedFormat};
use crate::exit::Exit;
use crate::fleet::exposure::rows::{Scope, rows};
use crate::fleet::query::Query;
use crate::fleet::{discover, targets};
use crate::reporter::exposed::{self, Exposed, Format, Status};

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
    write(args, &exposed, output)?;
    Ok(exit(&exposed))
}

/// Writes the report to the files that the user names, and to standard output.
fn write(args: &cli::Exposed, exposed: &Exposed, output: &Output) -> Result<()> {
    for (format, path) in &args.output {
        let write = || -> std::io::Result<()> {
            let mut file = BufWriter::new(anstream::StripStream::new(File::create(path)?));
            exposed::render(reporter_format(*format), exposed, args.verbose, 120, &mut file)?;
            file.flush()
        };
        write().with_context(|| format!("cannot write the report `{}`", path.display()))?;
    }
    let format = reporter_format(args.format);
    output.write(|out| exposed::render(format, exposed, args.verbose, Output::width(), out))?;
    Ok(())
}

fn reporter_format(format: ExposedFormat) -> Format {
    match format {
        ExposedFormat::Human => Format::Human,
        ExposedFormat::Markdown => Format::Markdown,
        ExposedFormat::Json => Format::Json,
    }
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
