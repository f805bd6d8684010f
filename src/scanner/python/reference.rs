//! URLs and repositories in the place of a version: how tightly they hold.
//!
//! Source: pip's documentation of [VCS support](https://pip.pypa.io/en/stable/topics/vcs-support/) and of
//! [hashes](https://pip.pypa.io/en/stable/topics/secure-installs/): `vcs+scheme://host/path@reference#egg=name`, and
//! `https://…#sha256=…`.

use crate::scanner::dependency::{Origin, PathTarget, Pin};
use crate::source::{join, parent};

/// The systems that pip fetches from, as they stand before the `+`.
const SYSTEMS: [&str; 4] = ["git+", "hg+", "svn+", "bzr+"];

/// A reference to something outside of a package index.
#[derive(Debug, PartialEq)]
pub(super) struct Reference {
    /// The name that it carries by itself: `#egg=name`, or that of a wheel.
    pub(super) name: Option<String>,
    /// Where it leads.
    pub(super) origin: Origin,
    /// How tightly it holds.
    pub(super) pin: Pin,
    /// The bytes of the text that a person would point at: the reference within a repository, else all of it.
    pub(super) place: std::ops::Range<usize>,
}

/// Reads a URL, or a path where it is no URL, in the file at `place`.
pub(super) fn read(text: &str, place: &str) -> Reference {
    if let Some(system) = SYSTEMS.into_iter().find(|system| text.starts_with(system)) {
        return repository(text, system.len());
    }
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            directory(text, rest.trim_start_matches("//"), place)
        }
        Some((scheme, rest)) if rest.starts_with("//") && !scheme.contains('/') => url(text),
        _ => directory(text, text, place),
    }
}

/// A repository: its reference stands behind the last `@` of the path.
fn repository(text: &str, start: usize) -> Reference {
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let host = address.find("://").map_or(start, |at| at + 3);
    let path = address[host..].find(['/', ':']).map_or(address.len(), |at| host + at);
    let at = address[path..].rfind('@').map(|at| path + at);
    let written = at.map(|at| &address[at + 1..]).filter(|written| !written.is_empty());
    let pin = written.map_or(Pin::Latest, revision);
    let url = address[..at.unwrap_or(address.len())].to_owned();
    let egg = parameter(fragment, "egg").map(|egg| egg.split('[').next().unwrap_or(egg));
    let stem = || url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(&url).trim_end_matches(".git");
    Reference {
        name: Some(egg.unwrap_or_else(stem).to_owned()),
        pin,
        place: written.map_or(0..text.len(), |written| address.len() - written.len()..address.len()),
        origin: Origin::Git { url, reference: written.map(|written| ("rev", written.to_owned())) },
    }
}

/// How tightly a revision of a repository holds, where it is not said whether it is a branch, a tag or a commit.
pub(super) fn revision(written: &str) -> Pin {
    match written {
        written if is_commit(written) => Pin::Content,
        "HEAD" | "main" | "master" | "trunk" | "develop" => Pin::Latest,
        _ => Pin::Tag,
    }
}

/// A file elsewhere: fixed by a hash, or by a commit in its path, as in a forge's archive of one.
fn url(text: &str) -> Reference {
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let path = address.split('?').next().unwrap_or(address);
    let is_segment = |segment: &str| is_commit(segment.split('.').next().unwrap_or(segment));
    let pin = if has_hash(fragment) || path.split('/').any(is_segment) { Pin::Content } else { Pin::Tag };
    let name = parameter(fragment, "egg").map(str::to_owned).or_else(|| {
        let file = path.rsplit('/').next()?;
        let (name, _) = file.strip_suffix(".whl")?.split_once('-')?;
        Some(name.to_owned())
    });
    Reference { name, origin: Origin::Url(text.to_owned()), pin, place: 0..text.len() }
}

/// A path: this repository's own where it stays inside it. Tools differ in whether it counts from the file or from the root,
/// where they are started.
fn directory(text: &str, path: &str, place: &str) -> Reference {
    let path = path.split(['#', '[', ';']).next().unwrap_or(path).trim().replace('\\', "/");
    let target = [parent(place), ""].into_iter().find_map(|base| join(base, &path));
    let target = target.filter(|_| !path.starts_with('/')).map_or(PathTarget::Outside, PathTarget::Inside);
    let pin = if target == PathTarget::Outside { Pin::Unknown } else { Pin::Content };
    Reference { name: None, origin: Origin::Path { path, target }, pin, place: 0..text.len() }
}

/// Whether the fragment of a URL holds a hash that cannot be forged.
fn has_hash(fragment: &str) -> bool {
    [("sha1", 40), ("sha224", 56), ("sha256", 64), ("sha384", 96), ("sha512", 128)]
        .into_iter()
        .any(|(name, digits)| parameter(fragment, name).is_some_and(|hash| is_hex(hash, digits)))
}

fn parameter<'t>(fragment: &'t str, name: &str) -> Option<&'t str> {
    fragment.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).filter(|value| !value.is_empty())
}

/// Whether a text is a full commit id.
pub(super) fn is_commit(text: &str) -> bool {
    is_hex(text, 40) || is_hex(text, 64)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[track_caller]
    fn check(text: &str, pin: Pin, name: Option<&str>, place: &str) {
        let read = read(text, "a/requirements.txt");
        assert_eq!((read.pin, read.name.as_deref(), &text[read.place]), (pin, name, place), "{text}");
    }

    #[test]
    fn a_repository_is_held_by_a_full_commit() {
        check(&format!("git+https://e.org/x/y.git@{COMMIT}#egg=z"), Pin::Content, Some("z"), COMMIT);
        check("git+ssh://git@e.org/x/y@v1#egg=z[a]&subdirectory=b", Pin::Tag, Some("z"), "v1");
        check("git+git@e.org:x/y.git@0123abc", Pin::Tag, Some("y"), "0123abc");
        check("git+ssh://git@e.org/x/y", Pin::Latest, Some("y"), "git+ssh://git@e.org/x/y");
        check("hg+https://e.org/x@main", Pin::Latest, Some("x"), "main");
        check(&format!("git+https://e.org/x@{COMMIT}0"), Pin::Tag, Some("x"), &format!("{COMMIT}0"));
    }

    #[test]
    fn a_file_elsewhere_is_held_by_a_hash() {
        let hash = "a".repeat(64);
        for (end, pin) in
            [("", Pin::Tag), ("#md5=00000000000000000000000000000000", Pin::Tag), ("#sha256=ab", Pin::Tag)]
        {
            let text = format!("https://e.org/x_y-1.0-py3-none-any.whl{end}");
            check(&text, pin, Some("x_y"), &text);
        }
        let text = format!("https://e.org/x-1.0.tar.gz#egg=x&sha256={hash}");
        check(&text, Pin::Content, Some("x"), &text);
        let text = format!("https://e.org/x/archive/{COMMIT}.zip");
        check(&text, Pin::Content, None, &text);
    }

    #[test]
    fn a_path_is_held_by_this_repository() {
        for path in [".", "./x", "../x", "x/y.whl", "file:../x", "file:x#egg=y", ".\\x", "./x[extra]"] {
            check(path, Pin::Content, None, path);
        }
        for path in ["../../x", "/x", "file:///x"] {
            check(path, Pin::Unknown, None, path);
        }
    }
}
