//! Registries, asked: the sparse protocol over HTTP.
//!
//! Source: cargo's reference, [the sparse protocol](https://doc.rust-lang.org/cargo/reference/registry-index.html#sparse-protocol).
//! Each registry gets so long for each answer and a few times as long for all; one that fails to answer is asked no further.
//! No credentials are read or sent: a registry that wants some is one that does not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use rustls::crypto::ring;
use tame_index::index::cache::HttpRevision;
use tame_index::index::sparse::Response;
use tame_index::index::{FileLock, SparseIndex};
use tame_index::{IndexKrate, KrateName};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy, ProxyBuilder, Timeout};

use super::Entries;
use super::cache::{MOST, location};
use super::config::{Config, Registry};
use crate::scanner::cargo::source_id::shown;

/// How many questions are under way at a time.
const WORKERS: usize = 8;

/// How many times as long as for one answer all of them may take together.
const PATIENCE: u32 = 4;

/// Redirections that are followed, as many as a mirror may need.
const REDIRECTS: u32 = 3;

/// Asks registries about packages; what they said, and what went wrong with registries, a sentence each.
pub(super) fn ask<'n>(config: &Config, wanted: &BTreeSet<(Registry, &'n str)>) -> (Entries<'n>, Vec<String>) {
    let is_sparse = |registry: &Registry| matches!(registry, Registry::Sparse(..));
    let questions: Vec<&(Registry, &'n str)> = wanted.iter().filter(|(registry, _)| is_sparse(registry)).collect();
    let mut troubles = strangers(wanted);
    if questions.is_empty() {
        return (Entries::new(), troubles);
    }
    if config.is_offline {
        troubles.push("cargo is configured to be offline (`net.offline`): no registry is asked".to_owned());
        return (Entries::new(), troubles);
    }
    let agents = certificates(config)
        .and_then(|roots| Ok(Agents { http: agent(config, "http", &roots)?, https: agent(config, "https", &roots)? }));
    let agents = match agents {
        Ok(agents) => agents,
        Err(why) => return (Entries::new(), vec![format!("no registry is asked: {why}")]),
    };
    let round = Round {
        agents,
        config,
        started: Instant::now(),
        next: AtomicUsize::new(0),
        lost: Mutex::default(),
        entries: Mutex::default(),
    };
    thread::scope(|scope| {
        for _ in 0..questions.len().min(WORKERS) {
            scope.spawn(|| round.work(&questions));
        }
    });
    let lost = round.lost.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    troubles.extend(lost.iter().map(|(url, why)| format!("`{}` {why}", named(url))));
    (round.entries.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner), troubles)
}

/// What is said of the registries that are not asked.
fn strangers(wanted: &BTreeSet<(Registry, &str)>) -> Vec<String> {
    let said: BTreeSet<String> = wanted
        .iter()
        .filter_map(|(registry, _)| match registry {
            Registry::Sparse(url, false) => {
                Some(format!("`{}` is not asked: your own cargo configuration does not name it", named(url)))
            }
            Registry::Git(url) => Some(format!(
                "`{}` is not asked, since its index is in git: `cargo fetch` brings what it says into cargo's cache",
                named(url)
            )),
            _ => None,
        })
        .collect();
    said.into_iter().collect()
}

/// A client for each scheme, which may have a proxy of its own.
struct Agents {
    http: Agent,
    https: Agent,
}

/// A round of questions.
struct Round<'c, 'n> {
    agents: Agents,
    config: &'c Config,
    started: Instant,
    next: AtomicUsize,
    /// The registries that gave no answer, with what they did instead.
    lost: Mutex<BTreeMap<String, String>>,
    entries: Mutex<Entries<'n>>,
}

/// Why a question has no answer.
enum Failure {
    /// The registry has none: the next question is worth asking.
    This(String),
    /// It is the registry that fails.
    All(String),
}

impl<'n> Round<'_, 'n> {
    /// Asks one question after the other, until there is none left.
    fn work(&self, questions: &[&(Registry, &'n str)]) {
        while let Some((registry, name)) = questions.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Registry::Sparse(url, true) = registry else { continue };
            let known = self.lost.lock().ok().and_then(|lost| lost.get(url).cloned());
            let found = match known {
                Some(why) => Err(why),
                None => self.question(registry, name).map_err(|failure| match failure {
                    Failure::This(why) => why,
                    Failure::All(why) => {
                        if let Ok(mut lost) = self.lost.lock() {
                            lost.entry(url.clone()).or_insert_with(|| why.clone());
                        }
                        why
                    }
                }),
            };
            // That it was the registry's doing is said where it is not clear from the words.
            let found = found.map_err(|why| format!("the registry {why}"));
            if let Ok(mut entries) = self.entries.lock() {
                entries.insert((registry.clone(), name), found);
            }
        }
    }

    fn question(&self, registry: &Registry, name: &str) -> Result<IndexKrate, Failure> {
        let all = |why: &dyn std::fmt::Display| Failure::All(format!("cannot be asked: {why}"));
        let index = location(&self.config.home, registry).map_err(|why| all(&why))?;
        let index = SparseIndex::new(index).map_err(|why| all(&why))?;
        let krate = KrateName::try_from(name).map_err(|_| Failure::This("has no package of that name".to_owned()))?;
        // Without a revision of its own the library would map the cache's file, which cargo may write meanwhile.
        let lock = FileLock::unlocked();
        let request = index.make_remote_request(krate, Some(HttpRevision::Etag("")), &lock).map_err(|why| all(&why))?;
        let left = (self.config.timeout * PATIENCE).saturating_sub(self.started.elapsed()).min(self.config.timeout);
        if left.is_zero() {
            return Err(Failure::All("takes too long for all that is asked".to_owned()));
        }
        let agent = if request.uri.starts_with("http:") { &self.agents.http } else { &self.agents.https };
        let request = agent.configure_request(request.into()).timeout_global(Some(left)).build();
        let mut response = agent.run(request).map_err(|error| self.failed(&error))?;
        let body = response.body_mut().with_config().limit(MOST).read_to_vec().map_err(|error| self.failed(&error))?;
        // Nothing was said of what is at hand, so this would be an answer to something else.
        if response.status() == 304 {
            return Err(Failure::All(format!("answers with {}", response.status())));
        }
        let answer = Response { status_code: response.status(), revision: None, body: &body };
        match index.parse_remote_response(krate, answer, false, &lock) {
            Ok(Some(entry)) => {
                entry.deserialize().map_err(|error| Failure::This(format!("has an entry that cannot be read: {error}")))
            }
            Ok(None) => Err(Failure::This("does not have the package".to_owned())),
            Err(_) if response.status() == 401 => {
                Err(Failure::All("wants credentials, and none are ever sent".to_owned()))
            }
            Err(_) if response.status() != 200 => Err(Failure::All(format!("answers with {}", response.status()))),
            Err(error) => Err(Failure::This(format!("has an entry that cannot be read: {error}"))),
        }
    }

    fn failed(&self, error: &ureq::Error) -> Failure {
        let seconds = self.config.timeout.as_secs();
        let seconds = if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") };
        Failure::All(match error {
            ureq::Error::Timeout(Timeout::Global | Timeout::PerCall) => format!("does not answer within {seconds}"),
            ureq::Error::Timeout(_) => format!("cannot be reached within {seconds}"),
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
                format!("does not answer within {seconds}")
            }
            error => format!("cannot be asked: {error}"),
        })
    }
}

/// A client: the proxy, the time and the certificates that cargo would take.
fn agent(config: &Config, scheme: &str, roots: &RootCerts) -> Result<Agent, String> {
    let proxy = config.proxy(scheme).map(|text| proxy(text, config.no_proxy.as_deref())).transpose()?;
    // The certificates are always named, so none are built in.
    let tls = TlsConfig::builder()
        .root_certs(roots.clone())
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    let agent = Agent::config_builder()
        .timeout_connect(Some(config.timeout))
        .http_status_as_error(false)
        .max_redirects(REDIRECTS)
        .proxy(proxy)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build());
    Ok(agent.build().into())
}

fn proxy(text: &str, no_proxy: Option<&str>) -> Result<Proxy, String> {
    let wrong = |error: ureq::Error| format!("the proxy `{}` is none: {error}", shown(text));
    let proxy = Proxy::new(text).map_err(wrong)?;
    let Some(no_proxy) = no_proxy else { return Ok(proxy) };
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let Some(name) = proxy.username() {
        builder = builder.username(name);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    no_proxy.split(',').map(str::trim).fold(builder, ProxyBuilder::no_proxy).build().map_err(wrong)
}

/// The certificates that are trusted: those of the file that the user names, else the machine's.
fn certificates(config: &Config) -> Result<RootCerts, String> {
    let Some(path) = &config.cainfo else {
        let found = rustls_native_certs::load_native_certs();
        let certificates: Vec<Certificate<'static>> =
            found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        return Ok(RootCerts::new_with_certs(&certificates));
    };
    let pem = std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let certificate = |item: Result<PemItem<'static>, _>| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem).filter_map(certificate).collect();
    if certificates.is_empty() {
        return Err(format!("`{}` has no certificate", path.display()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// A registry's URL as a person may see it: how it is asked, and no credentials.
fn named(url: &str) -> String {
    let (protocol, rest) = url.split_once('+').unwrap_or(("", url));
    if protocol.is_empty() { shown(rest) } else { format!("{protocol}+{}", shown(rest)) }
}
