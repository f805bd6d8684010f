//! What pinning an action is about: which remote says what its reference leads to, and what is written then.
//!
//! Nobody is asked here: what a remote has is given. A commit that no remote named is never written.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use crate::edit::{Edit, Fix};
use crate::scanner::Scan;
use crate::scanner::dependency::{Dependency, Pin};

/// Actions that tell by their reference what they install: a commit id says nothing of it, and an input has to.
const SELECTORS: [(&str, &str); 3] =
    [("dtolnay/rust-toolchain", "toolchain"), ("taiki-e/install-action", "tool"), ("dtolnay/install", "crate")];

/// The directories of forges whose actions come from elsewhere by default, which their server decides.
const OTHER_FORGES: [&str; 2] = [".forgejo/", ".gitea/"];

/// Whether it finds its own builder by the tag that it was called with, and refuses to run at a commit.
fn needs_its_tag(dependency: &Dependency) -> bool {
    dependency.name.starts_with("slsa-framework/slsa-github-generator/.github/workflows/")
}

/// Whether it is at a full tag, and would not run at a commit.
#[must_use]
pub fn must_be_a_tag(dependency: &Dependency) -> bool {
    let version = dependency.requirement.as_deref().and_then(|tag| tag.strip_prefix('v'));
    needs_its_tag(dependency) && version.is_some_and(|version| semver::Version::parse(version).is_ok())
}

/// Which remotes say what the references of the actions in a scan lead to.
pub struct Remotes<'s> {
    scan: &'s Scan,
    /// Whether metadata of actions, which lie anywhere and say of no forge that they are its, are GitHub's.
    is_github: OnceCell<bool>,
}

impl<'s> Remotes<'s> {
    /// Those of a scan.
    #[must_use]
    pub fn of(scan: &'s Scan) -> Self {
        Self { scan, is_github: OnceCell::new() }
    }

    /// The URL of the repository at GitHub that says which commit the reference of an action leads to.
    ///
    /// # Errors
    /// Where that is not to be asked: what to do in its place.
    pub fn url(&self, dependency: &Dependency) -> Result<String, String> {
        let name = &dependency.name;
        let Some(reference) = &dependency.requirement else {
            return Err(format!("add `@` and a full commit id: `{name}@<commit>`"));
        };
        if dependency.pin == Pin::Unknown {
            return Err("name a full commit id".to_owned());
        }
        if needs_its_tag(dependency) {
            return Err("name a full tag, such as `v2.1.0`: at a commit it refuses to run".to_owned());
        }
        let by_input = SELECTORS.iter().find(|(action, _)| name.eq_ignore_ascii_case(action));
        if let Some((_, input)) = by_input.filter(|_| selects(reference)) {
            return Err(format!(
                "pin to a full commit id of its default branch, and move what the reference selects into an input, which a \
                 commit does not tell: `with: {input}: {reference}`"
            ));
        }
        let mut parts = name.splitn(3, '/');
        let (owner, repository) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_dots = |part: &str| matches!(part, "" | "." | "..");
        // A repository may be called `.github`.
        let is_plain = |part: &str| {
            let is_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !is_dots(part) && part.chars().all(is_one)
        };
        let url = format!("https://github.com/{owner}/{repository}");
        if self.is_of_github(dependency) && is_plain(owner) && is_plain(repository) {
            if dependency.site.is_none() {
                return Err(
                    "write the reference as plain text, without escapes: as it is, no edit can pin it".to_owned()
                );
            }
            return Ok(url);
        }
        let of_whom = "name the repository of the action, and a full commit id";
        match name.contains("://") {
            false if !name.contains('/') => return Err(format!("{of_whom}: `<owner>/{owner}@<commit>`")),
            false if [owner, repository].iter().any(|part| is_dots(part)) => {
                return Err(format!("{of_whom}: `<owner>/<repository>@<commit>`"));
            }
            _ => {}
        }
        if is_part_of_commit(reference) {
            return Err(whole(reference, None));
        }
        let url = if name.contains("://") { name.clone() } else { format!("<forge>/{owner}/{repository}") };
        // Whoever takes a command from a report runs what is written here.
        let is_harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:+@".contains(c);
        if !name.chars().chain(reference.chars()).all(is_harmless) {
            return Err("pin to the full commit id that its repository has for the reference".to_owned());
        }
        // Of an annotated tag, the commit stands in the second line: the first has the id of the tag itself.
        Err(format!(
            "pin to the full commit id in the last line of `git ls-remote {url} {reference} '{reference}^{{}}'`, and keep \
             the name behind it: `# {reference}`"
        ))
    }

    /// Whether GitHub runs what a declaration is in.
    fn is_of_github(&self, dependency: &Dependency) -> bool {
        let is_elsewhere = |path: &str| OTHER_FORGES.iter().any(|directory| path.starts_with(directory));
        let is_here = |path: &str| path.starts_with(".github/");
        let path = self.scan.files.path(dependency.span.file);
        let read = &self.scan.read;
        let guess = || read.iter().any(|path| is_here(path)) || !read.iter().any(|path| is_elsewhere(path));
        is_here(path) || !is_elsewhere(path) && *self.is_github.get_or_init(guess)
    }
}

/// Whether a reference of such an action selects what it installs; `v1` and the default branch select nothing.
fn selects(reference: &str) -> bool {
    let version = reference.strip_prefix('v').unwrap_or(reference);
    let is_own = reference.starts_with('v') && version.starts_with(|c: char| c.is_ascii_digit());
    let is_commit = reference.len() >= 7 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_own && !is_commit && !matches!(reference, "main" | "master")
}

/// Whether a reference looks like a commit id that is not a full one: hex digits, and no day such as `20240131`.
#[must_use]
pub fn is_part_of_commit(reference: &str) -> bool {
    let is_day =
        reference.len() == 8 && reference.starts_with("20") && reference.bytes().all(|byte| byte.is_ascii_digit());
    reference.len() >= 7 && !is_day && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What to do about a reference that is not a full commit id, and looks like one: no remote says over git which it is. `page` is the URL
/// of the commit's page, where the forge is known.
#[must_use]
pub fn whole(reference: &str, page: Option<String>) -> String {
    match page {
        _ if reference.len() >= 40 => "a full commit id has 40 hex digits: this one was damaged".to_owned(),
        Some(page) => format!("write the commit id in full: {page} shows it"),
        None => "write the commit id in full, as its repository shows it".to_owned(),
    }
}

/// What a remote has: its branches and tags, each with the commit that it leads to.
#[derive(Debug, Default)]
pub struct References {
    tags: BTreeMap<String, String>,
    branches: HashMap<String, String>,
}

impl References {
    /// Reads what `git ls-remote` prints: an annotated tag has a second line, with `^{}` behind its name, for what it leads to
    /// in the end. What is no such line is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut references = Self::default();
        for (id, name) in text.lines().filter_map(|line| line.split_once('\t')).filter(|(id, _)| is_id(id)) {
            if let Some(branch) = name.strip_prefix("refs/heads/") {
                references.branches.insert(branch.to_owned(), id.to_owned());
            } else if let Some(tag) = name.strip_prefix("refs/tags/") {
                match tag.strip_suffix("^{}") {
                    Some(tag) => _ = references.tags.insert(tag.to_owned(), id.to_owned()),
                    None => _ = references.tags.entry(tag.to_owned()).or_insert_with(|| id.to_owned()),
                }
            }
        }
        references
    }

    /// The commit that a reference leads to, and the name that tells people and update bots of it.
    ///
    /// # Errors
    /// Where there is no one such commit: why.
    fn find<'a>(&'a self, reference: &'a str) -> Result<(&'a str, &'a str), String> {
        let (tag, branch) = match (reference.strip_prefix("refs/tags/"), reference.strip_prefix("refs/heads/")) {
            (Some(tag), _) => (self.tags.get(tag), None),
            (_, Some(branch)) => (None, self.branches.get(branch)),
            _ => (self.tags.get(reference), self.branches.get(reference)),
        };
        let commit = match (tag, branch) {
            (Some(tag), Some(branch)) if tag != branch => {
                return Err(format!(
                    "has a tag and a branch `{reference}`, at {} and {}, and which of them GitHub takes is not documented: \
                     choose one of these commits",
                    short(tag),
                    short(branch)
                ));
            }
            (Some(commit), _) | (None, Some(commit)) => commit,
            (None, None) if is_part_of_commit(reference) => {
                return Err(format!(
                    "has no tag or branch `{reference}`, and does not say of a short commit id which commit it is: name the \
                     full one"
                ));
            }
            (None, None) => return Err(format!("has no tag or branch `{reference}`")),
        };
        let name = reference.strip_prefix("refs/tags/").or_else(|| reference.strip_prefix("refs/heads/"));
        let name = name.unwrap_or(reference);
        Ok((commit, self.fullest(name, commit).unwrap_or(name)))
    }

    /// The tag of the fullest version that a cut one (`v4`) stands for, of those at the same commit.
    fn fullest(&self, written: &str, commit: &str) -> Option<&str> {
        let (_, version) = written.split_at(written.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len());
        if numbers(version)?.len() >= 3 {
            return None;
        }
        let ahead = format!("{written}.");
        let versions = self.tags.range(ahead.clone()..).take_while(|(tag, _)| tag.starts_with(&ahead));
        let versions = versions.filter(|(_, at)| *at == commit);
        let versions = versions.filter_map(|(tag, _)| Some((numbers(&tag[ahead.len()..])?, tag.as_str())));
        versions.max_by_key(|(numbers, _)| (numbers.len(), numbers.clone())).map(|(_, tag)| tag)
    }
}

/// The numbers between dots, where there is nothing else.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    text.split('.').map(number).collect()
}

/// Whether a text is the full id of an object, as git prints it.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// The edits that pin an action to the commit that its remote has for its reference, with the name as a comment where the line
/// has none.
///
/// # Errors
/// Where the remote says of no one commit that it is that: why, as what it does.
pub fn fix(dependency: &Dependency, references: &References) -> Result<Fix, String> {
    let reference = dependency.requirement.as_deref().unwrap_or_default();
    let (commit, name) = references.find(reference)?;
    let site = dependency.site.as_ref().ok_or("cannot be written here")?;
    let replacement = format!("{}{commit}{}", site.before, site.after);
    let mut edits = vec![Edit { span: site.span, replacement }];
    // What YAML could take for the end of a line ends a comment.
    let is_plain = !name.contains(|c: char| c.is_control() || c.is_whitespace());
    if let Some(span) = site.comment.filter(|_| is_plain) {
        edits.push(Edit { span, replacement: format!(" # {name}") });
    }
    Ok(Fix { title: format!("pin to {commit}"), edits, together: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const TAG: &str = "cccccccccccccccccccccccccccccccccccccccc";

    /// What a remote with these references says of one: the commit and the name.
    #[track_caller]
    fn check(lines: &[(&str, &str)], reference: &str, expected: Result<(&str, &str), &str>) {
        let text: String = lines.iter().map(|(id, name)| format!("{id}\t{name}\n")).collect();
        let references = References::parse(&text);
        let found = references.find(reference);
        match (&found, expected) {
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            _ => assert_eq!(found, expected.map_err(str::to_owned)),
        }
    }

    #[test]
    fn a_tag_leads_to_its_commit_and_not_to_itself() {
        check(&[(A, "refs/tags/v1")], "v1", Ok((A, "v1")));
        check(&[(TAG, "refs/tags/v1"), (A, "refs/tags/v1^{}")], "v1", Ok((A, "v1")));
        check(&[(A, "refs/tags/v1^{}"), (TAG, "refs/tags/v1")], "v1", Ok((A, "v1")));
        check(&[(A, "refs/heads/main")], "main", Ok((A, "main")));
    }

    /// A name that YAML could take for the end of a line is not written behind one.
    #[test]
    fn a_name_that_ends_a_line_is_no_comment() {
        use crate::scanner::dependency::{Pin, PinSite, Surface};
        use crate::text::{FileId, Span};
        let span = Span::new(FileId(0), 0..1);
        for (name, expected) in [("v1", 2), ("v\u{2028}1", 1), ("v\u{7f}1", 1)] {
            let mut action = Dependency::new(Surface::Action, "a/b", Pin::Tag, span);
            action.requirement = Some(name.to_owned());
            let comment = Some(Span::new(FileId(0), 1..1));
            action.site = Some(PinSite { span, before: String::new(), after: String::new(), comment });
            let references = References::parse(&format!("{A}\trefs/tags/{name}\n"));
            assert_eq!(fix(&action, &references).map(|fix| fix.edits.len()), Ok(expected), "{name:?}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        check(&[(A, "refs/tags/v10")], "v1", Err("has no tag or branch `v1`"));
        check(&[(A, "refs/heads/x/refs/tags/v1"), (A, "refs/pull/v1")], "v1", Err("has no tag or branch"));
        check(&[(A, "refs/tags/v1")], &A[..10], Err("short commit id"));
        for plain in ["abc", "release-1", "abcdefg"] {
            let why = References::parse("").find(plain).map(|_| ()).expect_err("there is nothing");
            assert_eq!(why, format!("has no tag or branch `{plain}`"));
        }
        check(
            &[("", "refs/tags/v1"), ("abc", "refs/tags/v1"), (&A.to_uppercase(), "refs/tags/v1")],
            "v1",
            Err("no tag"),
        );
    }

    #[test]
    fn a_tag_and_a_branch_of_one_name_are_one_where_they_agree() {
        let both = [(A, "refs/heads/v1"), (TAG, "refs/tags/v1"), (B, "refs/tags/v1^{}")];
        check(&both, "v1", Err("a tag and a branch `v1`, at bbbbbbbbbbbb and aaaaaaaaaaaa"));
        check(&both, "refs/tags/v1", Ok((B, "v1")));
        check(&both, "refs/heads/v1", Ok((A, "v1")));
        check(&[(A, "refs/heads/v1"), (A, "refs/tags/v1")], "v1", Ok((A, "v1")));
    }

    #[test]
    fn a_cut_version_is_named_in_full() {
        let tags = ["v4", "v4.1.0", "v4.9", "v4.10.0", "v4.2.0-rc.1", "v40.0.0", "x-v4", "x-v4.0.1", "v5.0.0"];
        let names: Vec<String> = tags.iter().map(|tag| format!("refs/tags/{tag}")).collect();
        let lines: Vec<(&str, &str)> = names.iter().map(|name| (A, name.as_str())).collect();
        check(&lines, "v4", Ok((A, "v4.10.0")));
        check(&lines, "v4.1", Err("no tag"));
        check(&lines, "x-v4", Ok((A, "x-v4.0.1")));
        check(&lines, "v5.0.0", Ok((A, "v5.0.0")));
        check(&[(A, "refs/tags/v4"), (B, "refs/tags/v4.1.0")], "v4", Ok((A, "v4")));
        check(&[(A, "refs/heads/v4"), (A, "refs/tags/v4.1.0")], "v4", Ok((A, "v4.1.0")));
        check(&[(A, "refs/heads/main"), (A, "refs/tags/main.1")], "main", Ok((A, "main")));
    }
}
