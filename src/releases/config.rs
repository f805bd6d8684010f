//! The user's configuration of cargo, as far as it decides which registry is asked, and how.
//!
//! Source: cargo's reference, [configuration](https://doc.rust-lang.org/cargo/reference/config.html) and
//! [source replacement](https://doc.rust-lang.org/cargo/reference/source-replacement.html).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tame_index::{CRATES_IO_HTTP_INDEX, index::git::CRATES_IO_INDEX};

use crate::scanner::cargo::source_id::{SourceId, canonical, without_protocol};

/// What cargo calls crates.io.
const CRATES_IO: &str = "crates-io";

/// How long cargo waits for a registry, where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The variables that name a proxy, as libcurl has them: `HTTP_PROXY` is not among them, since a web server sets it to what
/// anybody sends.
const HTTPS_PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP_PROXY: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];

/// The most steps from one source to the next that stands in its place.
const STEPS: usize = 16;

/// Where the entries of a registry are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// At this URL, asked file by file over HTTP, with `sparse+` ahead of it; and whether the user's configuration names it.
    Sparse(String, bool),
    /// In the git repository at this URL, which is read in cargo's cache alone.
    Git(String),
    /// In this directory.
    Local(PathBuf),
}

/// What is configured.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `CARGO_HOME`.
    pub home: PathBuf,
    /// Whether cargo is to fetch nothing: `net.offline`.
    pub is_offline: bool,
    /// How long to wait for an answer: `http.timeout`.
    pub timeout: Duration,
    /// Hosts that are asked without a proxy: `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// A file of certificates that are trusted: `http.cainfo`.
    pub cainfo: Option<PathBuf>,
    /// The proxy for HTTPS, and for HTTP.
    proxies: [Option<String>; 2],
    is_git: bool,
    sources: BTreeMap<String, Source>,
    registries: BTreeMap<String, Option<String>>,
}

/// The file, as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct File {
    source: BTreeMap<String, Source>,
    registries: BTreeMap<String, Entry>,
    net: Net,
    http: Http,
}

/// `[source.NAME]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Source {
    replace_with: Option<String>,
    registry: Option<String>,
    local_registry: Option<PathBuf>,
    directory: Option<PathBuf>,
}

/// `[registries.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    index: Option<String>,
    protocol: Option<String>,
}

/// `[net]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Net {
    offline: Option<bool>,
}

/// `[http]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Http {
    proxy: Option<String>,
    timeout: Option<u64>,
    cainfo: Option<PathBuf>,
}

impl Config {
    /// Reads `config.toml` (or `config`, its old name, which wins) in `CARGO_HOME`, and what `variable` says of the environment,
    /// which wins over it.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn read(home: PathBuf, variables: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut text = None;
        for path in ["config", "config.toml"].map(|name| home.join(name)) {
            match std::fs::read_to_string(&path) {
                Ok(read) => text = text.or(Some((path, read))),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("cannot read `{}`: {error}", path.display())),
            }
        }
        let file = match text {
            None => File::default(),
            Some((path, text)) => {
                toml::from_str(&text).map_err(|error| format!("`{}`: {}", path.display(), error.message()))?
            }
        };
        Self::from(home, file, variables)
    }

    fn from(home: PathBuf, file: File, variables: &BTreeMap<String, String>) -> Result<Self, String> {
        let variable = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        // Paths of a configuration are relative to the directory around the one that holds it.
        let around = home.parent().map_or_else(|| home.clone(), Path::to_owned);
        let mut sources = file.source;
        for source in sources.values_mut() {
            source.local_registry = source.local_registry.take().map(|path| around.join(path));
        }
        let protocol = file.registries.get(CRATES_IO).and_then(|entry| entry.protocol.clone());
        let protocol = variable("CARGO_REGISTRIES_CRATES_IO_PROTOCOL").cloned().or(protocol);
        let mut registries: BTreeMap<String, Option<String>> =
            file.registries.into_iter().map(|(name, entry)| (name, entry.index)).collect();
        for (key, index) in variables {
            let name = key.strip_prefix("CARGO_REGISTRIES_").and_then(|rest| rest.strip_suffix("_INDEX"));
            // A variable has no dashes in its name: which registry is meant, is for the URL alone to say.
            registries.extend(name.map(|name| (name.to_lowercase(), Some(index.clone()))));
        }
        let timeout = match variable("CARGO_HTTP_TIMEOUT") {
            Some(text) => {
                Some(text.parse().map_err(|_| format!("CARGO_HTTP_TIMEOUT: `{text}` is no number of seconds"))?)
            }
            None => file.http.timeout,
        };
        let first = |names: &[&str]| names.iter().find_map(|name| variable(name)).cloned();
        let proxy = first(&["CARGO_HTTP_PROXY"]).or(file.http.proxy).filter(|proxy| !proxy.is_empty());
        Ok(Self {
            is_offline: variable("CARGO_NET_OFFLINE").map_or(file.net.offline == Some(true), |value| value == "true"),
            timeout: timeout.map_or(TIMEOUT, Duration::from_secs).max(Duration::from_secs(1)),
            no_proxy: first(&["no_proxy", "NO_PROXY"]),
            proxies: [&HTTPS_PROXY[..], &HTTP_PROXY[..]].map(|names| proxy.clone().or_else(|| first(names))),
            cainfo: variable("CARGO_HTTP_CAINFO").map(PathBuf::from).or(file.http.cainfo.map(|path| around.join(path))),
            is_git: protocol.as_deref() == Some("git"),
            home,
            sources,
            registries,
        })
    }

    /// The proxy by which a registry is asked, for `https` or `http`.
    #[must_use]
    pub fn proxy(&self, scheme: &str) -> Option<&str> {
        self.proxies[usize::from(scheme == "http")].as_deref()
    }

    /// Whether a variable of the environment says anything here.
    #[must_use]
    pub fn is_concerned(variable: &str) -> bool {
        variable.starts_with("CARGO_") || variable.to_ascii_lowercase().ends_with("_proxy")
    }

    /// Where the entries of a source are.
    ///
    /// # Errors
    /// Why they are nowhere.
    pub fn registry(&self, source: &SourceId) -> Result<Registry, String> {
        if source.is_git() {
            return Err("a git dependency has no release".to_owned());
        }
        let own = self.name(source);
        let first = match source.is_crates_io() {
            true if self.is_git => Registry::Git(CRATES_IO_INDEX.to_owned()),
            true => Registry::Sparse(CRATES_IO_HTTP_INDEX.to_owned(), true),
            false => from_url(&source.text, own.is_some()),
        };
        let Some(mut name) = own else { return Ok(first) };
        let mut place = first;
        for _ in 0..STEPS {
            let Some(next) = self.sources.get(&name).and_then(|source| source.replace_with.clone()) else {
                return Ok(place);
            };
            place = self.named(&next)?;
            name = next;
        }
        Err("the sources of your cargo configuration replace each other in a circle".to_owned())
    }

    /// What the configuration calls a source; crates.io always has its name.
    fn name(&self, source: &SourceId) -> Option<String> {
        if source.is_crates_io() {
            return Some(CRATES_IO.to_owned());
        }
        let is_it = |url: &String| source.has_url(url, canonical(without_protocol(url)).as_deref());
        let by_source = self.sources.iter().find(|(_, one)| one.registry.as_ref().is_some_and(is_it));
        let by_registry = || self.registries.iter().find(|(_, index)| index.as_ref().is_some_and(is_it));
        by_source.map(|(name, _)| name.clone()).or_else(|| by_registry().map(|(name, _)| name.clone()))
    }

    /// The source of a name, which stands in the place of another.
    fn named(&self, name: &str) -> Result<Registry, String> {
        let index = self.registries.get(name).and_then(Option::as_ref);
        match (self.sources.get(name), index) {
            (Some(Source { local_registry: Some(path), .. }), _) => Ok(Registry::Local(path.clone())),
            (Some(Source { registry: Some(url), .. }), _) | (None, Some(url)) => Ok(from_url(url, true)),
            (_, None) if name == CRATES_IO => Ok(Registry::Sparse(CRATES_IO_HTTP_INDEX.to_owned(), true)),
            (Some(Source { directory: Some(_), .. }), _) => {
                Err(format!("the vendored directory `{name}`, which your cargo configuration names, has no index"))
            }
            _ => Err(format!("your cargo configuration has no registry `{name}`")),
        }
    }
}

/// The registry at a URL as a lockfile or a configuration writes it.
fn from_url(url: &str, is_users: bool) -> Registry {
    match url.strip_prefix("sparse+") {
        Some(_) => Registry::Sparse(url.to_owned(), is_users),
        None => Registry::Git(url.trim_start_matches("registry+").to_owned()),
    }
}
