//! What the user asks to be judged: the paths and URLs of the command line, and those of lists (`--from FILE`).
//!
//! A list is plain text, a path or URL a line, or TOML with more to say of each. A relative path in a list is seen from the list.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::policy::config::suggestion;

/// Where a repository is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// On this machine.
    Path(PathBuf),
    /// Elsewhere: as written, so perhaps with credentials, which [`Place::shown`] leaves out.
    Url(String),
}

impl Place {
    /// What an argument or a line of a list names; a path is seen from `base`.
    #[must_use]
    pub fn of(text: &OsStr, base: &Path) -> Self {
        match text.to_str().filter(|text| is_url(text)) {
            Some(url) => Self::Url(url.to_owned()),
            None => Self::Path(base.join(text)),
        }
    }

    /// The place as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Path(path) => crate::source::slashed(&path.display().to_string()),
            Self::Url(url) => without_credentials(url),
        }
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// What the user asks to be judged: a repository, or a directory to be searched for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What the user calls it; then it is one repository.
    pub name: Option<String>,
    /// Where it is.
    pub place: Place,
    /// The revision to be judged, where it is not HEAD.
    pub rev: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
}

impl Wanted {
    /// A place of which nothing else is said.
    #[must_use]
    pub fn at(place: Place) -> Self {
        Self { name: None, place, rev: None, owner: None, labels: Vec::new() }
    }
}

/// Reads a list of targets: TOML where the file's name says so, else a path or URL a line.
///
/// # Errors
/// Where it cannot be read, or says what it must not; with the place.
pub fn list(file: &Path) -> Result<Vec<Wanted>> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read the list `{}`", file.display()))?;
    let base = file.parent().unwrap_or(Path::new(""));
    let text = String::from_utf8(bytes).with_context(|| format!("the list `{}` is not UTF-8", file.display()))?;
    if file.extension().is_some_and(|extension| extension == "toml") {
        return table(&text, base).map_err(|(at, message)| {
            let line = text.as_bytes()[..at.min(text.len())].iter().filter(|&&byte| byte == b'\n').count() + 1;
            anyhow::anyhow!("{}:{line}: {message}", file.display())
        });
    }
    let lines = text.trim_start_matches('\u{feff}').lines().map(uncommented).filter(|line| !line.is_empty());
    Ok(lines.map(|line| Wanted::at(Place::of(OsStr::new(line), base))).collect())
}

/// A line without its comment: behind a blank, since a path or URL can have a `#` in it.
fn uncommented(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    let ends = line.match_indices('#').map(|(at, _)| at).find(|&at| line[..at].ends_with([' ', '\t']));
    line[..ends.unwrap_or(line.len())].trim_end()
}

type Fault = (usize, String);

/// The entries of a list in TOML.
fn table(text: &str, base: &Path) -> Result<Vec<Wanted>, Fault> {
    let table = DeTable::parse(text)
        .map_err(|error| (error.span().map_or(0, |span| span.start), format!("not valid TOML: {}", error.message())))?;
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    for (key, value) in table.get_ref() {
        if key.get_ref() != "repository" {
            let near = suggestion(key.get_ref(), &["repository"]);
            return Err((key.span().start, format!("unknown key `{}`{near}", key.get_ref())));
        }
        let entries = value.get_ref().as_array().into_iter().flatten();
        if value.get_ref().as_array().is_none() {
            return Err((value.span().start, "`repository` must be tables: `[[repository]]`".to_owned()));
        }
        for item in entries {
            let entry = entry(item, base)?;
            if let Some(name) = entry.name.clone().filter(|name| !names.insert(name.clone())) {
                return Err((item.span().start, format!("two repositories are named `{name}`")));
            }
            found.push(entry);
        }
    }
    Ok(found)
}

fn entry(item: &Spanned<DeValue<'_>>, base: &Path) -> Result<Wanted, Fault> {
    const KEYS: [&str; 6] = ["name", "path", "url", "rev", "owner", "labels"];
    let start = item.span().start;
    let Some(table) = item.get_ref().as_table() else {
        return Err((start, "`repository` must be tables: `[[repository]]`".to_owned()));
    };
    let (mut name, mut rev, mut owner, mut labels) = (None, None, None, Vec::new());
    let mut places = Vec::new();
    for (key, value) in table {
        let text = || text(value, key.get_ref());
        match key.get_ref().as_ref() {
            "name" => name = Some(text()?),
            "path" => places.push(Place::Path(base.join(text()?))),
            "url" => places.push(Place::Url(text()?)),
            "rev" => rev = Some(text()?),
            "owner" => owner = Some(text()?),
            "labels" => {
                let list = value.get_ref().as_array();
                let list = list.ok_or_else(|| (value.span().start, "`labels` must be a list of strings".to_owned()))?;
                labels = list.iter().map(|item| self::text(item, "labels")).collect::<Result<_, _>>()?;
            }
            other => {
                let near = suggestion(other, &KEYS);
                return Err((key.span().start, format!("unknown key of a repository `{other}`{near}")));
            }
        }
    }
    match (places.pop(), places.is_empty()) {
        (Some(place), true) => Ok(Wanted { name, place, rev, owner, labels }),
        (Some(_), false) => Err((start, "a repository has a `path` or a `url`, not both".to_owned())),
        (None, _) => Err((start, "a repository needs a `path` or a `url`".to_owned())),
    }
}

fn text(value: &Spanned<DeValue<'_>>, what: &str) -> Result<String, Fault> {
    let text = value.get_ref().as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| (value.span().start, format!("`{what}` must be a string that is not empty")))
}

/// What the command line asks for: the targets that it names, and those of the lists, in this order.
///
/// # Errors
/// Where a list cannot be read, or two repositories of lists have one name.
pub fn wanted(arguments: &[OsString], lists: &[PathBuf]) -> Result<Vec<Wanted>> {
    let mut all: Vec<Wanted> =
        arguments.iter().map(|argument| Wanted::at(Place::of(argument, Path::new("")))).collect();
    let mut names = HashSet::new();
    for file in lists {
        for entry in list(file)? {
            if let Some(name) = entry.name.clone().filter(|name| !names.insert(name.clone())) {
                bail!("{}: a repository of another list is named `{name}` too", file.display());
            }
            all.push(entry);
        }
    }
    Ok(all)
}

/// Whether a text is a URL, or what git takes for one: `user@host:path`.
#[must_use]
pub fn is_url(text: &str) -> bool {
    if let Some((scheme, _)) = text.split_once("://") {
        return !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    }
    // A colon ahead of any slash; one letter ahead of it is a drive.
    let head = text.split_once(':').map_or("", |(head, _)| head);
    head.len() > 1 && !head.contains(['/', '\\'])
}

/// A URL without what could be a secret: user and password, and in other places than the path.
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") }
}
