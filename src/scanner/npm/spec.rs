//! What is written behind the name of a package: a version, a range, a tag, a repository, an archive, a path.
//!
//! The forms are those of npm, pnpm, Yarn and Bun together; what a form of one is to another is not told apart, since all of
//! them hold as loosely. Exactness is by a rule of our own: a full version, at most one `=` or `v` before it.

use percent_encoding::percent_decode_str;

use crate::scanner::cargo::source_id::is_full_commit;
use crate::scanner::dependency::{Origin, PathTarget, Pin};
use crate::source::join;

/// What a specifier says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    /// What kind of thing it names.
    pub(super) kind: Kind,
    /// How tightly it holds.
    pub(super) pin: Pin,
    /// Where that comes from.
    pub(super) origin: Origin,
    /// The package that it names, where that is not the key's: `npm:other@1.2.3`.
    pub(super) package: Option<String>,
    /// Why no package manager reads it.
    pub(super) invalid: Option<String>,
    /// How many bytes of the text stand before what a version would replace.
    pub(super) prefix: usize,
}

/// What kind of thing a specifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A version, a range or a tag of a registry.
    Registry,
    /// A git repository.
    Git,
    /// An archive at a URL.
    Archive,
    /// A file or directory, or a package of the same workspace.
    Own,
    /// An entry of a catalog, which is where it is declared.
    Catalog,
    /// `$name`, what the same manifest declares elsewhere; `-`, nothing at all.
    Elsewhere,
    /// Not decidable.
    Odd,
}

impl Spec {
    fn new(kind: Kind, pin: Pin) -> Self {
        Self { kind, pin, origin: Origin::Surface, package: None, invalid: None, prefix: 0 }
    }

    fn odd(why: &str) -> Self {
        Self { invalid: Some(why.to_owned()), ..Self::new(Kind::Odd, Pin::Unknown) }
    }

    /// A file or directory, as seen from `directory`.
    fn path(directory: &str, path: &str) -> Self {
        let relative = path.strip_prefix("//").filter(|rest| !rest.starts_with('/')).unwrap_or(path);
        let inside = if relative.starts_with('~') { None } else { join(directory, relative) };
        let (pin, target) = match inside {
            Some(place) => (Pin::Content, PathTarget::Inside(place)),
            None => (Pin::Latest, PathTarget::Outside),
        };
        Self { origin: Origin::Path { path: path.to_owned(), target }, ..Self::new(Kind::Own, pin) }
    }
}

/// The name of the catalog that a specifier uses.
pub(super) fn catalog(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("catalog:")?.trim();
    Some(if name.is_empty() { "default" } else { name })
}

/// Reads a specifier that stands in a file of `directory`.
pub(super) fn parse(text: &str, directory: &str) -> Spec {
    let lead = text.len() - text.trim_start().len();
    let text = text.trim();
    if ["{{", "<%", "${", "{%"].iter().any(|mark| text.contains(mark)) {
        return Spec::odd("a placeholder");
    }
    if text == "-" || text.starts_with('$') {
        return Spec::new(Kind::Elsewhere, Pin::Unknown);
    }
    let scheme = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    match scheme {
        Some(("catalog", _)) => Spec::new(Kind::Catalog, Pin::Unknown),
        Some(("workspace", rest)) => workspace(rest),
        Some(("file" | "link" | "portal", rest)) => Spec::path(directory, rest),
        Some(("patch", rest)) => patch(rest, directory),
        Some((scheme @ ("npm" | "jsr"), rest)) => {
            let mut spec = aliased(rest);
            spec.prefix += lead + scheme.len() + 1;
            spec
        }
        Some(("github" | "gitlab" | "bitbucket" | "gist", _)) => git(text),
        Some(("http" | "https", rest)) if !is_repository(rest) => archive(text),
        Some(("http" | "https" | "git" | "ssh", _)) => git(text),
        Some((scheme, _)) if scheme.starts_with("git+") => git(text),
        // A drive of Windows is a path.
        Some((scheme, _)) if scheme.len() == 1 => Spec::path(directory, text),
        Some((scheme, _)) => Spec::odd(&format!("`{scheme}:` is no protocol that is known")),
        None if text.starts_with("git@") => git(text),
        None => plain(text, directory, lead),
    }
}

/// What has no protocol.
fn plain(text: &str, directory: &str, lead: usize) -> Spec {
    let is_file = |text: &str| [".tgz", ".tar.gz", ".tar"].iter().any(|end| text.ends_with(end));
    if text.starts_with(['.', '/']) || text.starts_with("~/") || is_file(text) {
        return Spec::path(directory, text);
    }
    let before = text.split('#').next().unwrap_or_default();
    match before.matches('/').count() {
        0 => Spec { prefix: lead, ..registry(text) },
        1 if !before.starts_with('@') && !before.contains(char::is_whitespace) => git(text),
        _ => Spec::path(directory, text),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
}

/// `workspace:*`, `workspace:^1`, `workspace:../other`: whatever this repository has.
fn workspace(rest: &str) -> Spec {
    let target = PathTarget::Inside(String::new());
    Spec { origin: Origin::Path { path: format!("workspace:{rest}"), target }, ..Spec::new(Kind::Own, Pin::Content) }
}

/// `patch:name@npm%3A1.2.3#…`: as what is patched.
fn patch(rest: &str, directory: &str) -> Spec {
    let patched = percent_decode_str(rest.split('#').next().unwrap_or_default()).decode_utf8_lossy();
    let at = patched.get(1..).and_then(|tail| tail.find('@')).map(|at| at + 1);
    let Some((name, inner)) = at.map(|at| (&patched[..at], &patched[at + 1..])) else {
        return Spec::odd("what is patched has no version");
    };
    // A patch of a patch would be read as deep as it is written.
    if inner.starts_with("patch:") {
        return Spec::odd("a patch of a patch");
    }
    let spec = parse(inner, directory);
    let kind = if spec.kind == Kind::Registry { Kind::Odd } else { spec.kind };
    Spec { kind, package: Some(spec.package.unwrap_or_else(|| name.to_owned())), ..spec }
}

/// What follows `npm:`: another package with its version, or a version alone.
fn aliased(rest: &str) -> Spec {
    let at = rest.get(1..).and_then(|tail| tail.find('@')).map(|at| at + 1);
    match at {
        Some(at) => {
            let spec = registry(&rest[at + 1..]);
            Spec { package: Some(rest[..at].to_owned()), prefix: at + 1, ..spec }
        }
        None if rest.starts_with('@') || (is_tag(rest) && rest != "latest") => {
            Spec { package: Some(rest.to_owned()), prefix: rest.len(), ..Spec::new(Kind::Odd, Pin::Latest) }
        }
        None => registry(rest),
    }
}

/// A version, a range or a tag.
fn registry(text: &str) -> Spec {
    let text = text.trim();
    let spec = Spec::new(Kind::Registry, pin(text));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    if is_tag(text) && !text.bytes().all(is_plain) {
        return Spec::odd("neither a version nor a range nor a name");
    }
    spec
}

/// How tightly a version, a range or a tag holds.
fn pin(text: &str) -> Pin {
    if matches!(text, "" | "*" | "x" | "X") || is_tag(text) {
        return Pin::Latest;
    }
    let bare = text.strip_prefix(['=', 'v']).map_or(text, str::trim_start);
    // What is longer, or has larger numbers, is no version to npm either.
    const LARGEST: u64 = (1 << 53) - 1;
    let is_safe = |version: &semver::Version| {
        text.len() <= 256 && [version.major, version.minor, version.patch].iter().all(|number| *number <= LARGEST)
    };
    if semver::Version::parse(bare).is_ok_and(|version| is_safe(&version)) { Pin::Exact } else { Pin::Range }
}

/// Whether a text is a tag of a registry, such as `latest` or `next`, if it is anything: no range begins like that.
fn is_tag(text: &str) -> bool {
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || "<>=~^*|+".contains(c));
    let word = text.strip_prefix('v').or(text.strip_prefix('-')).map_or(text, str::trim_start);
    // `x`, `X.1`: wildcards.
    let is_wild = matches!(word.as_bytes(), [b'x' | b'X'] | [b'x' | b'X', b'.' | b' ', ..]);
    !text.is_empty() && !begins(text) && !begins(word) && !is_wild && !text.contains("||")
}

/// Whether the rest of a `https:` URL names a repository, as npm and the others guess.
fn is_repository(rest: &str) -> bool {
    const HOSTS: [&str; 6] =
        ["github.com", "www.github.com", "gitlab.com", "bitbucket.org", "gist.github.com", "git.sr.ht"];
    let path = rest.trim_start_matches('/').split(['#', '?']).next().unwrap_or_default();
    if path.ends_with(".git") {
        return true;
    }
    let mut parts = path.trim_end_matches('/').split('/');
    let host = parts.next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    HOSTS.contains(&host) && matches!(parts.collect::<Vec<_>>().as_slice(), [_] | [_, _] | [_, _, "tree", _])
}

/// An archive: as its URL says where that has a full commit id, else by a name that its owner can put something else under.
fn archive(text: &str) -> Spec {
    let path = text.split(['#', '?']).next().unwrap_or_default();
    let bare = |part: &str| {
        let end = [".tar.gz", ".tgz", ".zip"].iter().find_map(|end| part.strip_suffix(end));
        is_full_commit(end.unwrap_or(part))
    };
    let pin = if path.split('/').any(bare) { Pin::Content } else { Pin::Tag };
    Spec { origin: Origin::Url(text.to_owned()), ..Spec::new(Kind::Archive, pin) }
}

/// A repository: pinned by a full commit id behind `#` alone.
fn git(text: &str) -> Spec {
    let (url, fragment) = text.split_once('#').map_or((text, None), |(url, rest)| (url, Some(rest)));
    let reference = fragment.and_then(reference);
    let pin = match &reference {
        None => Pin::Latest,
        Some(("semver", _)) => Pin::Range,
        Some((_, name)) if is_full_commit(name) => Pin::Content,
        Some(("tag", _)) => Pin::Tag,
        Some(("branch", _)) => Pin::Latest,
        Some((_, name)) if is_short_commit(name) || looks_like_a_version(name) => Pin::Tag,
        Some(_) => Pin::Latest,
    };
    Spec { origin: Origin::Git { url: url.to_owned(), reference }, ..Spec::new(Kind::Git, pin) }
}

/// The reference in a fragment: `main`, `commit=…`, `semver:^1`; a directory beside it is none.
fn reference(fragment: &str) -> Option<(&'static str, String)> {
    let parts = fragment.split('&').flat_map(|part| part.split("::"));
    let one = |part: &str| {
        let decoded = percent_decode_str(part).decode_utf8_lossy().into_owned();
        match decoded.split_once([':', '=']) {
            Some(("semver", range)) => Some(("semver", range.to_owned())),
            Some(("commit", id)) => Some(("rev", id.to_owned())),
            Some(("tag", name)) => Some(("tag", name.to_owned())),
            Some(("head", name)) => Some(("branch", name.to_owned())),
            Some(("path" | "workspace" | "cwd", _)) => None,
            _ => Some(("rev", decoded)).filter(|(_, name)| !name.is_empty()),
        }
    };
    let all: Vec<(&str, String)> = parts.filter_map(one).collect();
    // Which of several counts differs between package managers: the loosest does here.
    all.iter().find(|(_, name)| !is_full_commit(name)).or(all.last()).cloned()
}

fn is_short_commit(name: &str) -> bool {
    (7..40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name is like those that people give to releases: `v1`, `1.2.3-rc`, `package@1.2.3`.
fn looks_like_a_version(name: &str) -> bool {
    let last = name.rsplit(['@', '/']).next().unwrap_or(name);
    let bare = last.strip_prefix('v').unwrap_or(last);
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = rest.len() < bare.len();
    is_number
        && match rest.strip_prefix('.') {
            Some(minor) => minor.starts_with(|c: char| c.is_ascii_digit()),
            None => rest.is_empty() && bare.len() < last.len(),
        }
}

#[cfg(test)]
mod oracle;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: Kind, pin: Pin) {
        let spec = parse(text, "packages/app");
        assert_eq!((spec.kind, spec.pin), (kind, pin), "{text}: {spec:?}");
    }

    #[test]
    fn a_full_version_is_exact_and_nothing_else_is() {
        for exact in
            ["1.2.3", "=1.2.3", "v1.2.3", "= 1.2.3", " 1.2.3 ", "1.2.3-rc.1", "1.2.3+b", "npm:a@1.2.3", "npm:1.2.3"]
        {
            check(exact, Kind::Registry, Pin::Exact);
        }
        for range in [
            "^1.2.3",
            "~1.2.3",
            "1",
            "1.2",
            "1.x",
            "1.2.*",
            ">=1.2.3",
            "1.2.3 - 1.2.3",
            "1.2.3 || 2.0.0",
            "==1.2.3",
            "x.1",
        ] {
            check(range, Kind::Registry, Pin::Range);
        }
        for latest in ["", "*", "x", "latest", "next", "npm:latest"] {
            check(latest, Kind::Registry, Pin::Latest);
        }
        check("npm:other", Kind::Odd, Pin::Latest);
        check("npm:@a/b@^1", Kind::Registry, Pin::Range);
        check("99999999999999999.0.0", Kind::Registry, Pin::Range);
    }

    #[test]
    fn repositories_hold_by_a_full_commit_alone() {
        let commit = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345";
        for url in [
            "user/repo",
            "github:user/repo",
            "git+https://example.com/r.git",
            "git@github.com:u/r.git",
            "https://github.com/u/r",
        ] {
            check(url, Kind::Git, Pin::Latest);
            check(&format!("{url}#main"), Kind::Git, Pin::Latest);
            check(&format!("{url}#v1.2.3"), Kind::Git, Pin::Tag);
            check(&format!("{url}#{}", &commit[..7]), Kind::Git, Pin::Tag);
            check(&format!("{url}#semver:^1"), Kind::Git, Pin::Range);
            check(&format!("{url}#{commit}"), Kind::Git, Pin::Content);
            check(&format!("{url}#{commit}&path:/a"), Kind::Git, Pin::Content);
            check(&format!("{url}#commit={commit}"), Kind::Git, Pin::Content);
            check(&format!("{url}#{commit}x"), Kind::Git, Pin::Latest);
        }
        check(&format!("https://codeload.github.com/u/r/tar.gz/{commit}"), Kind::Archive, Pin::Content);
        check("https://example.com/a-1.0.0.tgz", Kind::Archive, Pin::Tag);
    }

    #[test]
    fn what_is_of_this_repository_is_its_own() {
        for own in ["workspace:*", "file:../lib", "link:./x", "portal:../../x", "../lib", "a.tgz", "./a.tgz"] {
            check(own, Kind::Own, Pin::Content);
        }
        for outside in ["file:../../../x", "file:/etc", "~/x", "C:/x", "file:///x"] {
            check(outside, Kind::Own, Pin::Latest);
        }
    }

    #[test]
    fn the_rest() {
        check("catalog:", Kind::Catalog, Pin::Unknown);
        check("$other", Kind::Elsewhere, Pin::Unknown);
        check("{{version}}", Kind::Odd, Pin::Unknown);
        check("exec:./make.js", Kind::Odd, Pin::Unknown);
        check("what is this", Kind::Odd, Pin::Unknown);
        check("patch:a@npm%3A1.2.3#~/x.patch", Kind::Odd, Pin::Exact);
        check("patch:a@npm%3A^1#~/x.patch", Kind::Odd, Pin::Range);
        assert_eq!(parse("npm:a@^1", "").prefix, 6);
        assert_eq!(parse(" ^1", "").prefix, 1);
    }
}
