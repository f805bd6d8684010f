//! Where a forge shows a line of a file at a commit. Only `https` links are made, and none where the forge is not known.

use gix::url::Scheme;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// What does not stand for itself in the path of a URL, to be on the safe side of every forge.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The kinds of forges, each with its own form of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GitHub,
    GitLab,
    Bitbucket,
    /// Bitbucket as it is run in house, whose addresses are others.
    BitbucketServer,
    /// Gitea, and Forgejo, which is Codeberg's.
    Gitea,
    Sourcehut,
}

/// A repository on a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forge {
    kind: Kind,
    /// The repository's page, without a slash at its end.
    home: String,
}

/// A link to a line is `before`, the file's path, `after`, the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) before: String,
    pub(super) after: String,
}

impl Lines {
    pub(super) fn link(&self, path: &str, line: usize) -> String {
        format!("{}{}{}{line}", self.before, encode(path), self.after)
    }
}

impl Forge {
    /// The forge of a remote, by the name of its host; the remote as git takes it: a URL, or `user@host:path`.
    pub(super) fn of(remote: &str) -> Option<Self> {
        let remote = gix::url::parse(remote).ok()?;
        let host = public(&remote.host()?.to_ascii_lowercase()).to_owned();
        let kind = kind(&host)?;
        // The port of a page is not the port of ssh; one of plain HTTP has no page under https that we know of.
        let port = match (&remote.scheme, remote.port) {
            (Scheme::Https, port) => port,
            (Scheme::Ssh | Scheme::Git, _) | (Scheme::Http, None | Some(80)) => None,
            _ => return None,
        };
        let path = std::str::from_utf8(&remote.path).ok()?.trim_matches('/');
        let segments: Vec<&str> = path.strip_suffix(".git").unwrap_or(path).split('/').collect();
        let segments = place(kind, &segments)?;
        let mut home = Url::parse("https://forge.invalid/").ok()?;
        home.set_host(Some(&host)).ok()?;
        // More than that stands in a host by the letter of URLs, and in none that there is.
        home.host_str()
            .filter(|host| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)))?;
        home.set_port(port).ok()?;
        home.path_segments_mut().ok()?.clear().extend(segments);
        Some(Self { kind, home: home.to_string() })
    }

    /// The repository's page.
    pub(super) fn home(&self) -> &str {
        &self.home
    }

    /// The page of a commit.
    pub(super) fn commit(&self, id: &str) -> Option<String> {
        let between = match self.kind {
            Kind::GitHub | Kind::Gitea | Kind::Sourcehut => "commit",
            Kind::GitLab => "-/commit",
            Kind::Bitbucket | Kind::BitbucketServer => "commits",
        };
        is_commit(id).then(|| format!("{}/{between}/{id}", self.home))
    }

    /// How to link to lines at a commit.
    pub(super) fn lines(&self, id: &str) -> Option<Lines> {
        let home = &self.home;
        let (before, after) = match self.kind {
            Kind::GitHub => (format!("{home}/blob/{id}/"), "#L".to_owned()),
            Kind::GitLab => (format!("{home}/-/blob/{id}/"), "#L".to_owned()),
            Kind::Bitbucket => (format!("{home}/src/{id}/"), "#lines-".to_owned()),
            Kind::BitbucketServer => (format!("{home}/browse/"), format!("?at={id}#")),
            Kind::Gitea => (format!("{home}/src/commit/{id}/"), "#L".to_owned()),
            Kind::Sourcehut => (format!("{home}/tree/{id}/item/"), "#L".to_owned()),
        };
        is_commit(id).then_some(Lines { before, after })
    }
}

/// The host of the pages, where it is not that of ssh: some have a second one for networks that let only port 443 out.
fn public(host: &str) -> &str {
    match host {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        "altssh.bitbucket.org" => "bitbucket.org",
        other => other,
    }
}

/// Instances of an organisation's own are mostly named after what they run: `gitlab.example.com`.
fn kind(host: &str) -> Option<Kind> {
    let named = |name: &str| host.split('.').any(|label| label == name);
    match host {
        "codeberg.org" => Some(Kind::Gitea),
        "bitbucket.org" => Some(Kind::Bitbucket),
        "git.sr.ht" => Some(Kind::Sourcehut),
        "salsa.debian.org" | "invent.kde.org" | "framagit.org" => Some(Kind::GitLab),
        _ if named("github") => Some(Kind::GitHub),
        _ if named("gitlab") => Some(Kind::GitLab),
        _ if named("gitea") || named("forgejo") => Some(Kind::Gitea),
        _ if named("bitbucket") => Some(Kind::BitbucketServer),
        _ => None,
    }
}

/// The segments of the path of a repository's page.
fn place<'a>(kind: Kind, segments: &[&'a str]) -> Option<Vec<&'a str>> {
    if segments.len() < 2 || segments.iter().any(|segment| ["", ".", ".."].contains(segment)) {
        return None;
    }
    if kind != Kind::BitbucketServer {
        return Some(segments.to_vec());
    }
    let owned = segments.strip_prefix(&["scm"]).unwrap_or(segments);
    match *owned {
        [project, repository] => Some(match project.strip_prefix('~') {
            Some(user) => vec!["users", user, "repos", repository],
            None => vec!["projects", project, "repos", repository],
        }),
        _ => None,
    }
}

fn is_commit(id: &str) -> bool {
    [40, 64].contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a path stands for itself in a URL.
pub(super) fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
}

/// A path as part of a URL: everything encoded but what stands for itself.
pub(super) fn encode(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[track_caller]
    fn check(remote: &str, expected: Option<&str>) {
        let link = Forge::of(remote).and_then(|forge| forge.lines(ID)).map(|lines| lines.link("a b/Cargo.toml", 12));
        assert_eq!(link.as_deref(), expected.map(|link| link.replace("ID", ID)).as_deref(), "{remote}");
    }

    #[test]
    fn each_forge_has_its_own_form() {
        let github = Some("https://github.com/o/r/blob/ID/a%20b/Cargo.toml#L12");
        for remote in [
            "https://github.com/o/r.git",
            "https://github.com/o/r/",
            "http://github.com/o/r",
            "git@github.com:o/r.git",
            "github.com:o/r",
            "ssh://git@github.com/o/r.git",
            "ssh://git@ssh.github.com:443/o/r.git",
            "git://GitHub.com/o/r.git",
        ] {
            check(remote, github);
        }
        check("https://gitlab.com/a/b/c.git", Some("https://gitlab.com/a/b/c/-/blob/ID/a%20b/Cargo.toml#L12"));
        check(
            "ssh://git@gitlab.corp.example:2222/a/b",
            Some("https://gitlab.corp.example/a/b/-/blob/ID/a%20b/Cargo.toml#L12"),
        );
        check(
            "https://gitlab.corp.example:8443/a/b",
            Some("https://gitlab.corp.example:8443/a/b/-/blob/ID/a%20b/Cargo.toml#L12"),
        );
        check("git@bitbucket.org:o/r.git", Some("https://bitbucket.org/o/r/src/ID/a%20b/Cargo.toml#lines-12"));
        check("ssh://git@codeberg.org/o/r.git", Some("https://codeberg.org/o/r/src/commit/ID/a%20b/Cargo.toml#L12"));
        check(
            "https://gitea.example.org/o/r",
            Some("https://gitea.example.org/o/r/src/commit/ID/a%20b/Cargo.toml#L12"),
        );
        check("https://git.sr.ht/~o/r", Some("https://git.sr.ht/~o/r/tree/ID/item/a%20b/Cargo.toml#L12"));
        let server = Some("https://bitbucket.example.org/projects/P/repos/r/browse/a%20b/Cargo.toml?at=ID#12");
        check("https://bitbucket.example.org/scm/P/r.git", server);
        check("ssh://git@bitbucket.example.org:7999/P/r.git", server);
        let own = Some("https://bitbucket.example.org/users/u/repos/r/browse/a%20b/Cargo.toml?at=ID#12");
        check("https://bitbucket.example.org/scm/~u/r.git", own);
    }

    #[test]
    fn what_is_not_known_or_not_to_be_trusted_gets_no_link() {
        for remote in [
            "",
            "../elsewhere",
            "/srv/git/r.git",
            "file:///srv/github.com/o/r",
            "https://example.org/o/r",
            "http://gitlab.example.org:8080/o/r",
            "javascript:alert(1)",
            "javascript://github.com/o/r%0aalert(1)",
            "data:text/html,https://github.com/o/r",
            "https://github.com/",
            "https://github.com/o",
            "https://github.com/o/../../r",
            "https://github.com/o//r",
            "github .com:o/r",
            "git@github.com\"onclick:o/r",
        ] {
            check(remote, None);
        }
    }

    #[test]
    fn what_a_remote_holds_stays_in_its_path() {
        let home = |remote: &str| Forge::of(remote).map(|forge| forge.home().to_owned());
        assert_eq!(home("git@github.com:o/r?x#y\"<b>").as_deref(), Some("https://github.com/o/r%3Fx%23y%22%3Cb%3E"));
        assert_eq!(home("https://user:secret@github.com/o/r").as_deref(), Some("https://github.com/o/r"));
        let forge = Forge::of("https://github.com/o/r").expect("a forge");
        assert_eq!(forge.commit("main\"><script>"), None);
        let link = forge.lines(ID).expect("lines").link("ü/#?%\u{202e}\n", 1);
        assert!(link.ends_with("/%C3%BC/%23%3F%25%E2%80%AE%0A#L1"), "{link}");
    }
}
