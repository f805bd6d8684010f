//! Where a locked package comes from, and when two sources are one.
//!
//! Cargo compares the kind, the git reference as text, and a canonical form of the URL (`SourceId` and `CanonicalUrl` in
//! its sources): without a trailing slash and `.git`, and on github.com in lower case and by https. The commit does not count.

use url::Url;

/// The index of crates.io, as every lockfile writes it.
pub const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Its URL in cargo's canonical form.
pub const CRATES_IO_CANONICAL: &str = "https://github.com/rust-lang/crates.io-index";

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A git repository.
    Git,
    /// A registry with a git index, or with a sparse one.
    Registry,
    /// Anything else that cargo knows or may come to know.
    Other,
}

/// A source as a lockfile writes it.
#[derive(Debug, Clone)]
pub struct SourceId {
    /// The whole text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// The URL, without reference and commit, as written.
    pub url: String,
    /// Its canonical form; none where that is no URL.
    canonical: Option<String>,
    /// The git reference with its key: `branch`, `tag` or `rev`.
    pub reference: Option<(&'static str, String)>,
    /// What follows the `#`: a commit.
    precise: Option<String>,
}

/// What cargo tells sources apart by: the kind, the git reference and the canonical URL.
pub type Key<'s> = (Kind, Option<(&'static str, &'s str)>, &'s str);

/// By kind, reference and text of the URL; see [`SourceId::same`] for what cargo takes as the same source.
impl PartialEq for SourceId {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl Eq for SourceId {}

impl SourceId {
    /// Reads a source. `encoded` says whether git references are form-urlencoded, as lockfiles of version 4 have them.
    #[must_use]
    pub fn parse(text: &str, encoded: bool) -> Self {
        Self::read(text, encoded, |_| true)
    }

    /// Reads the source that an edge names. Cargo writes no commit there, and takes one for nothing: a `#` that is not encoded and that no
    /// full commit id follows belongs to the reference.
    #[must_use]
    pub fn of_edge(text: &str, encoded: bool) -> Self {
        Self::read(text, encoded, |rest| encoded || is_full_commit(rest))
    }

    fn read(text: &str, encoded: bool, is_commit: impl Fn(&str) -> bool) -> Self {
        let (protocol, url) = text.split_once('+').unwrap_or(("", text));
        let kind = match protocol {
            "git" => Kind::Git,
            "registry" | "sparse" | "local-registry" | "directory" => Kind::Registry,
            _ => Kind::Other,
        };
        let mut source =
            Self { text: text.to_owned(), kind, url: url.to_owned(), canonical: None, reference: None, precise: None };
        if kind == Kind::Git {
            // Encoded, a reference has no `#` of its own, and cargo takes all that follows the first one for the commit. A URL that has
            // a fragment is written with both.
            let sharp = match url.find('?').filter(|_| encoded) {
                Some(query) => url[query..].find('#').map(|at| query + at),
                None => url.rfind('#').filter(|at| is_commit(&url[at + 1..])),
            };
            let (rest, precise) = match sharp {
                Some(at) => (&url[..at], Some(url[at + 1..].to_owned())),
                None => (url, None),
            };
            source.precise = precise;
            let (url, query) = rest.split_once('?').unwrap_or((rest, ""));
            source.url = url.to_owned();
            source.reference = reference(query, encoded);
        }
        // Nearly every package is from crates.io, which is compared by its text.
        if !source.is_crates_io() {
            source.canonical = canonical(&source.url);
        }
        source
    }

    /// Whether this is a git repository.
    #[must_use]
    pub fn is_git(&self) -> bool {
        self.kind == Kind::Git
    }

    /// Whether this is crates.io.
    #[must_use]
    pub fn is_crates_io(&self) -> bool {
        self.text == CRATES_IO
    }

    /// The commit, where it is a full one: 40 or 64 hex digits.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.precise.as_deref().filter(|commit| is_full_commit(commit))
    }

    /// The whole text without the commit.
    #[must_use]
    pub fn without_commit(&self) -> &str {
        let end = self.precise.as_ref().map_or(self.text.len(), |precise| self.text.len() - precise.len() - 1);
        &self.text[..end]
    }

    /// The one spelling of its URL by which cargo tells sources apart; as written, where that is no URL.
    #[must_use]
    pub fn identity(&self) -> &str {
        if self.is_crates_io() { CRATES_IO_CANONICAL } else { self.canonical.as_deref().unwrap_or(&self.url) }
    }

    /// What is equal of two sources that cargo takes as the same, the commit apart.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        let reference = self.reference.as_ref().map(|(key, value)| (*key, value.as_str()));
        (self.kind, reference, self.identity())
    }

    /// One text for all that cargo takes as the same source at the same commit, however they are spelled.
    #[must_use]
    pub fn one_text(&self) -> String {
        let reference = self.reference.as_ref().map(|(key, value)| format!("?{key}={value}")).unwrap_or_default();
        format!("{}{reference}#{}", self.identity(), self.precise.as_deref().unwrap_or_default())
    }

    /// Whether its URL is this one, given with its canonical form.
    #[must_use]
    pub fn has_url(&self, url: &str, canonical: Option<&str>) -> bool {
        self.url == url || self.has_canonical(canonical)
    }

    /// Whether the canonical form of its URL is this one; none is no form.
    #[must_use]
    pub fn has_canonical(&self, canonical: Option<&str>) -> bool {
        let own = if self.is_crates_io() { Some(CRATES_IO_CANONICAL) } else { self.canonical.as_deref() };
        canonical.is_some() && own == canonical
    }

    /// Whether cargo takes the two as the same source, the commit apart.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.reference == other.reference
            && self.has_url(&other.url, other.canonical.as_deref())
    }
}

/// A git reference from a query; the last key that is one counts, and `ref` is an old spelling of `branch`.
fn reference(query: &str, encoded: bool) -> Option<(&'static str, String)> {
    let named = |key: &str, value: String| match key {
        "branch" | "ref" => Some(("branch", value)),
        "tag" => Some(("tag", value)),
        "rev" => Some(("rev", value)),
        _ => None,
    };
    if encoded {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        return pairs.filter_map(|(key, value)| named(&key, value.into_owned())).last();
    }
    // Written raw, the value may itself hold `&` and `=`: it is everything behind the key.
    let (key, value) = query.split_once('=')?;
    named(key, value.to_owned())
}

/// A form-urlencoded value, decoded.
#[must_use]
pub fn decoded(value: &str) -> String {
    let query = format!("v={value}");
    url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}

/// Whether two URLs are one repository to cargo.
#[cfg(test)]
fn same_url(a: &str, b: &str) -> bool {
    a == b || canonical(a).zip(canonical(b)).is_some_and(|(a, b)| a == b)
}

/// The URL of a registry without what says how it is asked: `sparse+`, `registry+`.
#[must_use]
pub fn without_protocol(url: &str) -> &str {
    url.trim_start_matches("sparse+").trim_start_matches("registry+")
}

/// Cargo's canonical form of a repository's URL; none for what is no URL.
#[must_use]
pub fn canonical(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    if url.path().ends_with('/') {
        url.path_segments_mut().ok()?.pop_if_empty();
    }
    if url.scheme().contains('+') {
        return Some(url.into());
    }
    if url.host_str() == Some("github.com") {
        url = Url::parse(&format!("https{}", &url[url::Position::AfterScheme..])).ok()?;
        let path = url.path().to_lowercase();
        url.set_path(&path);
    }
    if let Some(path) = url.path().strip_suffix(".git").map(str::to_owned) {
        url.set_path(&path);
    }
    Some(url.into())
}

/// A URL, or a source as a lockfile writes it, without credentials: they are for no report.
#[must_use]
pub fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

/// Whether `text` is a full commit id: 40 (SHA-1) or 64 (SHA-256) hex digits, in either case.
#[must_use]
pub fn is_full_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";

    #[track_caller]
    fn check(source: &str, encoded: bool, reference: Option<(&'static str, &str)>) {
        let read = SourceId::parse(&format!("git+https://example.com/left{source}#{COMMIT}"), encoded);
        assert_eq!(read.reference, reference.map(|(key, value)| (key, value.to_owned())));
        assert_eq!(read.commit(), Some(COMMIT));
        assert_eq!(read.url, "https://example.com/left");
    }

    #[test]
    fn the_commit_is_left_out_with_its_mark() {
        for text in ["git+https://example.com/left", "git+https://example.com/left?branch=main"] {
            assert_eq!(SourceId::parse(&format!("{text}#{COMMIT}"), true).without_commit(), text);
            assert_eq!(SourceId::parse(text, true).without_commit(), text);
        }
    }

    #[test]
    fn an_edge_has_no_commit_to_cut_off() {
        let package = SourceId::parse(&format!("git+https://example.com/left?branch=main#3f2a#{COMMIT}"), false);
        let edge = SourceId::of_edge(package.without_commit(), false);
        assert!(edge.same(&package), "{edge:?}");
        // Cargo takes the commit of an edge for nothing.
        for encoded in [true, false] {
            let package = SourceId::parse(&format!("git+https://example.com/left?branch=main#{COMMIT}"), encoded);
            assert!(SourceId::of_edge(&package.text, encoded).same(&package));
        }
    }

    #[test]
    fn references_are_encoded_in_version_4_alone() {
        check("?branch=feat%2Fa%2Bb%23c", true, Some(("branch", "feat/a+b#c")));
        check("?branch=feat/a+b#c", false, Some(("branch", "feat/a+b#c")));
        check("?branch=feat/a", true, Some(("branch", "feat/a")));
        check("?branch=a+b", true, Some(("branch", "a b")));
        check("?ref=main", true, Some(("branch", "main")));
        check("", true, None);
    }

    #[test]
    fn a_commit_that_is_not_full_is_none() {
        assert_eq!(SourceId::parse("git+https://example.com/left#3f2a9c1", true).commit(), None);
        assert_eq!(SourceId::parse("git+https://example.com/left", true).commit(), None);
        let junk = format!("git+https://example.com/left#{COMMIT}junk");
        assert_eq!(SourceId::parse(&junk, true).commit(), None);
        // Cargo looks for a revision of the name `main#3f2a…`.
        let sharp = format!("git+https://example.com/left?branch=main#main#{COMMIT}");
        assert_eq!(SourceId::parse(&sharp, true).commit(), None);
        let fragment = format!("git+https://example.com/left#fragment#{COMMIT}");
        assert_eq!(SourceId::parse(&fragment, true).commit(), Some(COMMIT));
    }

    #[test]
    fn credentials_are_not_shown_and_all_else_stays_as_written() {
        for (url, expected) in [
            ("https://example.com", "https://example.com"),
            ("https://EXAMPLE.com/a", "https://EXAMPLE.com/a"),
            ("https://user@example.com/a", "https://example.com/a"),
            ("https://:password@example.com/a", "https://example.com/a"),
            ("git+https://user:password@example.com/a?rev=b", "git+https://example.com/a?rev=b"),
            ("no url", "no url"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn one_repository_has_many_urls() {
        assert!(same_url("https://github.com/Foo/Bar.git", "https://github.com/foo/bar"));
        assert!(same_url("https://github.com/foo/bar/", "http://github.com/foo/bar"));
        assert!(same_url("https://example.com/left.git", "https://example.com/left"));
        assert!(same_url("https://example.com/left#abc", "https://example.com/left"));
        assert!(!same_url("https://example.com/Left", "https://example.com/left"));
        assert!(!same_url("https://example.com/left.git2", "https://example.com/left"));
        assert!(!same_url("http://example.com/left", "https://example.com/left"));
    }
}
