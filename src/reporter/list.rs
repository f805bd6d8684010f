//! What `list` prints: every declaration with its pin and what it is locked to. The schema of its JSON is `schemas/list-v1.json`, made
//! from these types.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::json::{WirePosition, WireSpan};
use super::terminal::{escape, pad, shorten, width};
use super::{Locator, plural};
use crate::scanner::Scan;
use crate::scanner::cargo::source_id::shown;
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin};

/// The whole list.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "cargo-pinned list, version 1"))]
struct Wire<'a> {
    /// Always `cargo-pinned/list/v1`.
    schema: &'static str,
    /// Those of a file stand together.
    declarations: Vec<WireDeclaration<'a>>,
}

/// One declaration.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WireDeclaration<'a> {
    /// What kind of thing is declared: `crate`, `git`, `action`, and so on.
    surface: &'a str,
    /// The name as it is written.
    name: &'a str,
    /// The package's real name.
    package: &'a str,
    /// What is written of versions; null where nothing is.
    requirement: Option<&'a str>,
    /// `latest`, `range`, `tag`, `exact`, `content` or `unknown`.
    pin: &'a str,
    /// The file, relative to the root, with `/`.
    path: &'a str,
    span: WireSpan,
    /// Where the span begins.
    start: WirePosition,
    /// Where it ends.
    end: WirePosition,
    /// The table with its keys as written, or the job or stage; empty where a file has no parts.
    table: &'a str,
    /// What it is for: `normal`, `dev`, `build`, `workspace`, `patch`, `replace`, `toolchain`, `peer`, `override` or `use`.
    kind: &'a str,
    /// The version that a lockfile holds it to; null where none does.
    locked: Option<&'a str>,
    /// Where that comes from.
    source: Option<String>,
    /// The members that inherit it.
    used_by: &'a [String],
    /// The repository of a git dependency, without credentials.
    git: Option<String>,
    branch: Option<&'a str>,
    tag: Option<&'a str>,
    rev: Option<&'a str>,
}

/// Writes the declarations as JSON.
///
/// # Errors
/// Where `out` refuses.
pub fn list_json(scan: &Scan, declarations: &[&Dependency], out: &mut dyn Write) -> io::Result<()> {
    let locator = Locator::new(scan);
    let declarations = declarations.iter().map(|dependency| declaration(&locator, dependency)).collect();
    super::json::write(&Wire { schema: "cargo-pinned/list/v1", declarations }, out)
}

fn declaration<'a>(locator: &Locator<'a>, dependency: &'a Dependency) -> WireDeclaration<'a> {
    let (start, end) = locator.range(dependency.span);
    let locked = dependency.locked.one();
    let (git, reference) = match &dependency.origin {
        Origin::Git { url, reference } => (Some(shown(url)), reference.as_ref()),
        _ => (None, None),
    };
    let named = |wanted: &str| reference.filter(|(key, _)| *key == wanted).map(|(_, value)| value.as_str());
    WireDeclaration {
        surface: dependency.surface.name(),
        name: &dependency.name,
        package: &dependency.package,
        requirement: dependency.requirement.as_deref(),
        pin: dependency.pin.name(),
        path: locator.scan.files.path(dependency.span.file),
        span: dependency.span.into(),
        start: start.into(),
        end: end.into(),
        table: &dependency.table,
        kind: dependency.role.name(),
        locked: locked.map(|locked| locked.version.as_str()),
        source: locked.and_then(|locked| locked.source.as_deref()).map(shown),
        used_by: &dependency.used_by,
        git,
        branch: named("branch"),
        tag: named("tag"),
        rev: named("rev"),
    }
}

/// Writes the declarations for a person, by file.
///
/// # Errors
/// Where `out` refuses.
pub fn list_human(scan: &Scan, declarations: &[&Dependency], terminal: usize, out: &mut dyn Write) -> io::Result<()> {
    const BOLD: Style = Style::new().bold();
    const DIM: Style = Style::new().dimmed();
    let locator = Locator::new(scan);
    let places: Vec<String> = declarations.iter().map(|dependency| place(&locator, dependency)).collect();
    let placed = places.iter().map(String::len).max().unwrap_or(0);
    let room = terminal.saturating_sub(2 + placed + 2 + 2 + 8 + 20).max(30);
    let wrote = |dependency: &Dependency| shorten(&escape(&written(dependency)), room);
    let columns = declarations.iter().map(|dependency| width(&wrote(dependency))).max().unwrap_or(0);
    let path = |dependency: &&Dependency| scan.files.path(dependency.span.file);
    let mut places = places.iter();
    for group in declarations.chunk_by(|a, b| path(a) == path(b)) {
        writeln!(out, "{BOLD}{}{BOLD:#}", escape(path(&group[0])))?;
        for table in group.chunk_by(|a, b| a.table == b.table) {
            // Not every kind of file has parts.
            if !table[0].table.is_empty() {
                writeln!(out, "  {DIM}[{}]{DIM:#}", escape(&table[0].table))?;
            }
            for dependency in table {
                let style = match dependency.pin {
                    Pin::Exact | Pin::Content => AnsiColor::Green.on_default(),
                    _ => AnsiColor::Yellow.on_default(),
                };
                let (wrote, held) = (pad(&wrote(dependency), columns), escape(&held(dependency)));
                let pin = dependency.pin.name();
                // No blanks at the end of a line.
                let pin = if held.is_empty() { pin.to_owned() } else { format!("{}  ", pad(pin, 7)) };
                let place = pad(places.next().map_or("", String::as_str), placed);
                writeln!(out, "  {DIM}{place}{DIM:#}  {wrote}  {style}{pin}{style:#}{held}")?;
            }
        }
    }
    let pinned = declarations.iter().filter(|dependency| matches!(dependency.pin, Pin::Exact | Pin::Content)).count();
    writeln!(
        out,
        "{}{pinned} of {} pinned",
        if declarations.is_empty() { "" } else { "\n" },
        plural(declarations.len(), "declaration")
    )
}

/// Where a declaration stands in its file, as findings have it.
fn place(locator: &Locator<'_>, dependency: &Dependency) -> String {
    let (start, _) = locator.range(dependency.span);
    format!("{}:{}", start.line, start.column)
}

fn written(dependency: &Dependency) -> String {
    let name = &dependency.name;
    let requirement = dependency.requirement.as_deref().unwrap_or_default();
    match &dependency.origin {
        Origin::Git { reference: Some((key, value)), .. } => format!("{name} {key} = \"{value}\""),
        Origin::Git { reference: None, .. } => format!("{name} (default branch)"),
        Origin::Path { path, .. } => format!("{name} path = \"{path}\""),
        Origin::Nowhere { .. } => name.clone(),
        // A script that stands for itself, an action or image without a reference, a requirement that is none.
        Origin::Surface | Origin::Url(_) if requirement.is_empty() || requirement == name => name.clone(),
        Origin::Registry(_) | Origin::Channel | Origin::Surface | Origin::Url(_) => {
            format!("{name} = \"{requirement}\"")
        }
    }
}

fn held(dependency: &Dependency) -> String {
    match &dependency.locked {
        Locked::One(locked) => match &locked.commit {
            Some(commit) => format!("{} at {}", locked.version, &commit[..7]),
            None => locked.version.clone(),
        },
        Locked::Several(versions) => versions.join(", "),
        Locked::Missing | Locked::Nowhere => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporter::json::{hold_schema, schema_of};

    #[test]
    fn the_schema_is_up_to_date() {
        hold_schema("list-v1.json", &schema_of::<Wire<'_>>());
    }
}
