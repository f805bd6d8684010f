//! `audit`: judge many repositories.

mod kept;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;

use super::Output;
use super::check::{nearest, today};
use super::progress::Progress;
use kept::Mirrors;

use crate::cli::{self, AuditFormat, FailOn};
use crate::exit::Exit;
use crate::fleet::discover;
use crate::fleet::history::Session;
use crate::fleet::{judge, targets};
use crate::policy::file::Rules;
use crate::policy::finding::Level;
use crate::policy::{floor, rules};
use crate::reporter::Detail;
use crate::reporter::audit::{self, Audit, Row};
use crate::scanner::pattern::Pattern;

/// Judges repositories, and says so.
///
/// # Errors
/// Where none can be judged: no target, an unreadable list or floor.
pub fn run(args: &cli::Audit, output: &Output) -> Result<Exit> {
    let today = today(args.today.as_deref())?;
    let at = jiff::Timestamp::now().round(jiff::Unit::Second)?;
    must_be_possible(args)?;
    let levels = levels(args)?;
    let floor = args.policy.as_deref().map(|path| floor_of(path, args, &levels)).transpose()?;
    let refs = args
        .refs
        .iter()
        .map(|glob| Pattern::new(glob).map_err(|why| anyhow::anyhow!("`{glob}` in --refs is no glob: {why}")));
    let refs = refs.collect::<Result<Vec<Pattern>>>()?;
    let wanted = targets::wanted(&args.targets, &args.from)?;
    // What is wrong with the history is known before anything is fetched; it is read while the targets are searched.
    let (targets, history) = std::thread::scope(|scope| {
        let history = scope.spawn(|| kept::begin(args, at, today));
        (discover::targets(&wanted), history.join())
    });
    let history = history.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if targets.is_empty() {
        bail!("there is nothing to audit: the lists name no repository");
    }
    let mirrors = Mirrors::refresh(args, &targets, &refs, today)?;
    let progress = Progress::new(targets.len());
    let options = judge::Options {
        floor: floor.as_ref(),
        levels: &levels,
        deny_warnings: denies_warnings(args),
        rev: args.rev.as_deref(),
        refs: &refs,
        everything: args.no_default_excludes,
        today,
        history: history.as_ref(),
        local: &|target| mirrors.local(target, args),
        done: &|| progress.advance(),
    };
    let rows = quietly(|| judge::judge(&targets, &options));
    drop(progress);
    let notes = floor.as_ref().map_or_else(Vec::new, |floor| notes(floor, &rows, today));
    let runs = history.as_ref().map(Session::runs).transpose()?.unwrap_or_default();
    let audit = Audit { rows, today, at: at.to_string(), runs, notes };
    write(args, &audit, output)?;
    // Only what was told is known from now on.
    history.map(Session::finish).transpose()?;
    Ok(exit(args, &audit))
}

/// Refuses what cannot be done before anything is judged.
fn must_be_possible(args: &cli::Audit) -> Result<()> {
    if args.format == AuditFormat::Sarif {
        bail!("SARIF is a file for each repository: `--output sarif=DIR` writes them");
    }
    if args.fail_on == FailOn::New && args.history.is_none() {
        bail!("which findings are new is known from a history: `--fail-on new` needs `--history FILE`");
    }
    Ok(())
}

/// The levels of the command line.
fn levels(args: &cli::Audit) -> Result<Vec<(&'static str, Level)>> {
    let mut levels = Vec::new();
    for (ids, level) in [(&args.allow, Level::Allow), (&args.warn, Level::Warn), (&args.deny, Level::Deny)] {
        for id in ids.iter().filter(|id| *id != "warnings" || level != Level::Deny) {
            let rule = rules::find(id).with_context(|| format!("unknown rule `{id}`{}", nearest(id)))?;
            levels.push((rule.id, level));
        }
    }
    Ok(levels)
}

fn denies_warnings(args: &cli::Audit) -> bool {
    args.deny.iter().any(|id| id == "warnings")
}

/// The floor, which the command line can only tighten.
fn floor_of(path: &Path, args: &cli::Audit, levels: &[(&'static str, Level)]) -> Result<Rules> {
    let mut rules = Rules::of(Some(super::policy::named(path)?))?;
    for &(rule, level) in levels {
        let floor = rules.policy.setting(rule).level;
        if level < floor {
            bail!(
                "`--{level} {rule}` would loosen the policy, by which it is `{floor}`: over --policy, levels can only rise"
            );
        }
        rules.policy.set_level(rule, level);
    }
    if denies_warnings(args) {
        rules.policy.deny_warnings();
    }
    Ok(rules)
}

/// Does work in which what panics says so in its row, and not on standard error.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let done = work();
    std::panic::set_hook(hook);
    done
}

/// What is to be said of the floor's exceptions, of which no single repository can tell.
fn notes(floor: &Rules, rows: &[Row], today: Date) -> Vec<String> {
    let policy = &floor.policy;
    let mut notes = Vec::new();
    // What could not be judged may have what an exception is for.
    if rows.iter().all(|row| row.error.is_none()) {
        let is_found = |exception: &crate::policy::exception::Exception| {
            rows.iter()
                .flat_map(|row| [&row.excepted, &row.findings])
                .any(|packed| packed.items().iter().any(|item| exception.is_about(&item.rule, &item.name, &item.path)))
        };
        let unused = floor::unused(policy, is_found);
        notes.extend(unused.into_iter().map(|exception| {
            format!(
                "the exception for {} matches nothing in any repository: delete it, or mend its name or paths",
                exception.about()
            )
        }));
    }
    for exception in policy.exceptions.iter().filter(|exception| exception.ends_soon(today)) {
        let ends = exception.expires.map(|day| day.to_string()).unwrap_or_default();
        notes.push(format!("the exception for {} ends on {ends}", exception.about()));
    }
    notes
}

/// Writes the report to the files that the user names, and to standard output.
fn write(args: &cli::Audit, audit: &Audit, output: &Output) -> Result<()> {
    for (format, path) in &args.output {
        let written = match reporter_format(*format) {
            Some(format) => File::create(path).and_then(|file| {
                let mut file = BufWriter::new(anstream::StripStream::new(file));
                audit::render(format, audit, detail(args), 120, &mut file)?;
                file.flush()
            }),
            None => logs(audit, path),
        };
        written.with_context(|| format!("cannot write the report `{}`", path.display()))?;
    }
    match reporter_format(args.format) {
        Some(audit::Format::Human) => {
            output.write(|out| audit::render(audit::Format::Human, audit, detail(args), Output::width(), out))?;
        }
        Some(format) => Output::stream(|out| audit::render(format, audit, detail(args), Output::width(), out))?,
        None => {}
    }
    Ok(())
}

/// Writes a log for each repository into a directory.
fn logs(audit: &Audit, directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    for (row, name) in audit::file_names(audit) {
        let mut file = BufWriter::new(File::create(directory.join(name))?);
        audit::sarif(row, &mut file)?;
        file.flush()?;
    }
    Ok(())
}

fn reporter_format(format: AuditFormat) -> Option<audit::Format> {
    match format {
        AuditFormat::Human => Some(audit::Format::Human),
        AuditFormat::Json => Some(audit::Format::Json),
        AuditFormat::Ndjson => Some(audit::Format::Ndjson),
        AuditFormat::Markdown => Some(audit::Format::Markdown),
        AuditFormat::Html => Some(audit::Format::Html),
        AuditFormat::Sarif => None,
    }
}

fn detail(args: &cli::Audit) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

/// How the run ends: a repository that could not be judged never passes silently.
fn exit(args: &cli::Audit, audit: &Audit) -> Exit {
    let failed = audit.failed().count();
    if failed > 0 && (!args.ignore_failed || failed == audit.rows.len()) {
        return Exit::Failed;
    }
    let fails = |row: &Row| match args.fail_on {
        FailOn::Any => row.counts.deny > 0,
        FailOn::New => {
            // What no run has judged before is new as a whole.
            let Some(change) = &row.change else { return row.counts.deny > 0 };
            let new = change.new.iter();
            let new: std::collections::HashSet<&str> = new.map(String::as_str).collect();
            let is_new = |item: &audit::Item| item.level == "deny" && new.contains(item.fingerprint.as_str());
            !new.is_empty() && row.findings.items().iter().any(is_new)
        }
    };
    if audit.rows.iter().any(fails) { Exit::Findings } else { Exit::Clean }
}
