//! How a declaration beyond Cargo's stands to a release: whether what is written is that, may become that, or is not.

use std::str::FromStr;

use pep440_rs::Version as PythonVersion;
use version_ranges::Ranges;

use crate::fleet::query::{Cover, Query, flavour, is_digest};
use crate::reporter::exposed::Admits;
use crate::scanner::dependency::{Dependency, Locked, Origin, Pin, Role, Surface};
use crate::scanner::ranges;
use crate::scanner::{self, Scan};

/// How a declaration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    /// What is written is what was asked for, and no lockfile says otherwise.
    pub(super) is_wanted: bool,
    /// Whether it may come to that.
    pub(super) admits: Admits,
    /// What more there is to say.
    pub(super) note: Option<String>,
    /// Why it cannot be told.
    pub(super) unclear: Option<String>,
}

impl Stand {
    fn new(is_wanted: bool, admits: Admits) -> Self {
        Self { is_wanted, admits, note: None, unclear: None }
    }

    fn no() -> Self {
        Self::new(false, Admits::No)
    }

    fn has() -> Self {
        Self::new(true, Admits::Yes)
    }

    fn unclear(why: impl Into<String>) -> Self {
        Self { unclear: Some(why.into()), ..Self::no() }
    }

    fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    fn of(cover: Cover) -> Self {
        match cover {
            Cover::Within => Self::has(),
            Cover::Overlaps => Self::new(false, Admits::Yes),
            Cover::Apart => Self::no(),
            Cover::Unclear => Self::new(false, Admits::Maybe),
        }
    }
}

/// How a declaration that names what is asked for stands to it.
pub(super) fn of(query: &Query, scan: &Scan, declared: &Dependency) -> Stand {
    if let Some(why) = &declared.invalid {
        return Stand::unclear(why.clone());
    }
    if declared.pin == Pin::Unknown && declared.role != Role::Override {
        return Stand::unclear("what it stands for cannot be told from the file");
    }
    let mut stand = match (&declared.origin, declared.surface) {
        (Origin::Path { .. }, _) => Stand::no(),
        (Origin::Git { reference, .. }, _) => git(query, declared, reference.as_ref().map(|(_, name)| name.as_str())),
        (_, Surface::Action) => action(query, declared, scanner::commented_release(&scan.files, declared)),
        (_, Surface::Image) => image(query, declared),
        (Origin::Url(_), Surface::Npm | Surface::Python) => archive(query, declared),
        _ if query.surface == Surface::Python => python(query, declared),
        _ => version(query, declared),
    };
    if declared.locked != Locked::Nowhere {
        // What a build gets is for the lockfile to say.
        stand.is_wanted = false;
    }
    if matches!(declared.role, Role::Override | Role::Workspace) && stand.admits == Admits::Yes {
        stand = by_role(declared, stand);
    }
    stand
}

/// What takes effect only where something else asks for the package.
fn by_role(declared: &Dependency, stand: Stand) -> Stand {
    match (declared.role, &declared.locked) {
        (Role::Workspace, _) if declared.uses.is_empty() => Stand::no(),
        (Role::Override, Locked::Nowhere) => Stand::new(false, Admits::Maybe).noted("where something brings it in"),
        _ => stand,
    }
}

/// What is taken from a repository: a branch may come to it, a tag with the name of the release is it.
fn git(query: &Query, declared: &Dependency, reference: Option<&str>) -> Stand {
    match reference {
        _ if query.wanted.is_none() => Stand::has(),
        Some(name) if declared.pin == Pin::Content => match query.covers(name) {
            Cover::Within => Stand::has(),
            _ => Stand::no(),
        },
        Some(name) if declared.pin == Pin::Tag => Stand::of(query.covers(name)),
        _ => Stand::new(false, Admits::Maybe),
    }
}

/// An archive at a URL: what its name says.
fn archive(query: &Query, declared: &Dependency) -> Stand {
    let is_in_name = query.wanted.as_deref().is_none_or(
        |wanted| matches!(&declared.origin, Origin::Url(url) if url.contains(wanted.trim_start_matches('='))),
    );
    if is_in_name { Stand::has().noted("by the name of the archive") } else { Stand::no() }
}

/// An action: a commit id is one commit for good, a full version a tag, part of one a tag that follows, the rest a branch.
fn action(query: &Query, declared: &Dependency, commented: Option<&str>) -> Stand {
    let Some(reference) = declared.requirement.as_deref() else { return Stand::new(false, Admits::Maybe) };
    let cover = query.covers(reference);
    match declared.pin {
        Pin::Content => match (cover, commented) {
            (Cover::Unclear, Some(release)) => match query.covers(release) {
                Cover::Within => Stand::has().noted("its comment says so"),
                Cover::Overlaps => Stand::new(false, Admits::Maybe).noted(format!("its comment says `{release}`")),
                _ => Stand::no().noted(format!("its comment says `{release}`")),
            },
            (Cover::Unclear, None) => {
                Stand::unclear("which release the commit is cannot be told: ask for it by the commit id")
            }
            (cover, _) => Stand::of(cover),
        },
        Pin::Latest if cover == Cover::Within => Stand::has(),
        Pin::Latest => Stand::new(false, Admits::Maybe).noted("a branch moves"),
        _ => tag(Stand::of(cover)),
    }
}

/// What is written is the name of the release, which its owner can put elsewhere.
fn tag(stand: Stand) -> Stand {
    match (stand.is_wanted, stand.admits) {
        (true, _) => stand.noted("a tag can be moved"),
        (false, Admits::Maybe) => stand.noted("a tag may be put there"),
        _ => stand,
    }
}

/// An image: by its digest, or by its tag, whose numbers are the release and whose words are the build of it.
fn image(query: &Query, declared: &Dependency) -> Stand {
    let Some(wanted) = query.wanted.as_deref() else { return Stand::has() };
    let written = declared.requirement.as_deref().unwrap_or_default();
    let (tag, digest) = match written.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None if is_digest(written) => ("", Some(written)),
        None => (written, None),
    };
    if is_digest(wanted) {
        return match digest {
            Some(digest) => Stand::new(digest == wanted, if digest == wanted { Admits::Yes } else { Admits::No }),
            None => Stand::new(false, Admits::Maybe).noted("a tag may be put there"),
        };
    }
    match (tag, digest) {
        ("", Some(_)) => Stand::unclear("which release the digest is cannot be told: ask for it by the digest"),
        (tag, None) => self::tag(by_tag(query, wanted, tag)),
        (tag, Some(_)) => match by_tag(query, wanted, tag) {
            stand if stand.is_wanted => stand.noted("its tag says so"),
            stand if stand.admits == Admits::No => stand,
            _ => Stand::new(false, Admits::Maybe).noted(format!("its tag said `{tag}` once")),
        },
    }
}

fn by_tag(query: &Query, wanted: &str, tag: &str) -> Stand {
    if tag.eq_ignore_ascii_case(wanted) {
        return Stand::has();
    }
    let is_range = wanted.starts_with(['<', '>', '=', '^', '~']);
    let asked = if is_range { "" } else { flavour(wanted).trim_start_matches('-') };
    let written = flavour(tag);
    let numbers = tag.strip_suffix(written).unwrap_or(tag);
    let written = written.trim_start_matches('-');
    if numbers.is_empty() {
        return match (tag, asked) {
            ("" | "latest", "") => Stand::new(false, Admits::Yes),
            ("" | "latest", _) => Stand::no(),
            (_, "") => Stand::new(false, Admits::Maybe),
            (tag, asked) if asked.starts_with(tag) => Stand::new(false, Admits::Yes),
            (tag, asked) if tag.contains(asked) => Stand::new(false, Admits::Maybe),
            _ => Stand::no(),
        };
    }
    let before_release = ["alpha", "beta", "rc", "pre", "dev", "nightly", "snapshot"];
    let is_early = before_release.iter().any(|word| {
        written.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    });
    // Asked for without one, a release is what all its builds have in them.
    let cover = match (asked, written) {
        ("", written) if written.is_empty() || !is_early => query.covers(numbers),
        (asked, written) if asked == written => query.covers(numbers),
        // `20-alpine` has `20.1.0-alpine3.19` in it.
        (asked, written) if !written.is_empty() && asked.starts_with(written) => match query.covers(numbers) {
            Cover::Within => Cover::Overlaps,
            cover => cover,
        },
        _ => Cover::Apart,
    };
    let stand = Stand::of(cover);
    if stand.is_wanted && asked != written { stand.noted(format!("in its build `{written}`")) } else { stand }
}

/// A version, a range or a tag, by the order of Cargo and npm.
fn version(query: &Query, declared: &Dependency) -> Stand {
    let written = declared.requirement.as_deref().unwrap_or_default().trim();
    let has_lockfile = declared.surface == Surface::Npm;
    if declared.pin == Pin::Latest {
        // Without a version, a place stands there.
        let is_newest = ranges::npm(written).is_some() || written.contains(['/', '.']);
        let admits = if is_newest { Admits::Yes } else { Admits::Maybe };
        return Stand::new(query.wanted.is_none() && !has_lockfile, admits);
    }
    let bare = written.strip_prefix("npm:").map_or(written, |rest| rest.rsplit('@').next().unwrap_or(rest));
    if matches!(declared.pin, Pin::Exact | Pin::Tag) || declared.pin == Pin::Content {
        let stand = Stand::of(query.covers(bare));
        return match declared.pin {
            // Whatever it was when its hash was written.
            Pin::Content if !stand.is_wanted && stand.admits == Admits::Yes => Stand::new(false, Admits::Maybe),
            Pin::Tag => tag(stand),
            _ => stand,
        };
    }
    let all = match query.surface {
        Surface::Crate => semver::VersionReq::parse(bare).ok().map(|one| vec![one]),
        _ => ranges::npm(bare),
    };
    match all {
        _ if !has_lockfile && query.covers(bare) == Cover::Within => Stand::has(),
        Some(all) if all.iter().any(|one| query.is_admitted(one)) => {
            Stand::new(query.wanted.is_none() && !has_lockfile, Admits::Yes)
        }
        Some(_) => Stand::no(),
        None => Stand::of(query.covers(bare)),
    }
}

/// A specifier of Python's.
fn python(query: &Query, declared: &Dependency) -> Stand {
    let written = declared.requirement.as_deref().unwrap_or_default().trim();
    let Some(wanted) = query.python() else { return Stand::no() };
    if let Some(text) = written.strip_prefix("===") {
        let is_wanted = PythonVersion::from_str(text.trim()).is_ok_and(|version| wanted.contains(&version));
        return if is_wanted { Stand::has() } else { Stand::no() };
    }
    let is_poetry = declared.table.starts_with("tool.poetry");
    let is_bare = written.starts_with(|c: char| c.is_ascii_digit());
    let admitted = match written {
        "" | "*" | "latest" => Some(Ranges::full()),
        written if is_poetry || is_bare => ranges::poetry(written),
        written => ranges::python(written),
    };
    let Some(admitted) = admitted else { return Stand::unclear(format!("`{written}` is no version specifier")) };
    let is_exact = matches!(declared.pin, Pin::Exact | Pin::Content);
    if admitted.is_disjoint(wanted) {
        return Stand::no();
    }
    if is_exact && query.wanted.is_some() {
        return Stand::has();
    }
    let is_named = admitted.iter().any(|(from, to)| [from, to].into_iter().any(is_early));
    match query.is_pre_release() && !is_named {
        true => Stand::new(false, Admits::Maybe).noted("a pre-release is taken where nothing else fits"),
        false => Stand::new(query.wanted.is_none() && declared.surface == Surface::Tool, Admits::Yes),
    }
}

/// Whether a bound names a pre-release. Below `<2` Python has the pre-releases of 2, which nobody named.
fn is_early(bound: &std::ops::Bound<PythonVersion>) -> bool {
    match bound {
        std::ops::Bound::Included(version) => version.any_prerelease() && !version.is_dev(),
        _ => false,
    }
}
