//! One mirror, refreshed by git: what the remote has is asked for, what the mirror lacks is fetched, what is no longer wanted is
//! let go. The order keeps the mirror whole wherever a run is killed: HEAD never names what is not there yet, or not any more.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::thread;

use super::answer::{self, Answer, Head, Plan};
use super::place::{self, Place};
use super::{Mirrored, Options, Remote};
use crate::fleet::targets::without_credentials;
use crate::process::{self, Deadline, Git};

/// The most that is kept of what git says, in characters.
const LONGEST: usize = 300;

/// What git says where trying again would not help: it would ask a server again that has refused, and lock an account.
const FOR_GOOD: [&str; 14] = [
    "not found",
    "does not exist",
    "does not appear to be a git repository",
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "permission denied",
    "host key verification failed",
    "not allowed",
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "returned error: 410",
];

/// Why a mirror could not be refreshed.
struct Fault {
    why: String,
    /// Whether it may be the mirror that is broken, so that a new one may help.
    is_ours: bool,
}

/// Refreshes the mirror of some remotes, which have one URL. What came of each.
pub(super) fn mirror(name: &str, remotes: &[(usize, &Remote)], options: &Options) -> Vec<(usize, Mirrored)> {
    let deadline = Deadline::after(options.limit);
    let failed = |path: Option<&Path>, why: &str| {
        let mirrored = match path {
            Some(path) => {
                let day = place::day(path).map_or_else(String::new, |day| format!(", judged as of {day}"));
                Mirrored { path: Some(path.to_owned()), error: Some(format!("not fetched{day}: {why}")) }
            }
            None => Mirrored { path: None, error: Some(format!("cannot be fetched: {why}")) },
        };
        remotes.iter().map(|(at, _)| (*at, mirrored.clone())).collect()
    };
    let place = match Place::take(&options.cache, name, deadline) {
        Ok(Some(place)) => place,
        Ok(None) => {
            let why = format!("another run held it for over {:?}", options.limit);
            return failed(place::held(&options.cache, name).as_deref(), &why);
        }
        Err(error) => {
            let why = format!("the cache `{}` cannot be used: {error}", options.cache.display());
            return failed(place::held(&options.cache, name).as_deref(), &why);
        }
    };
    let Some((_, first)) = remotes.first() else { return Vec::new() };
    let run = Run { url: &first.url, remotes, options, deadline };
    match run.tries(&place) {
        Err(why) => failed(place.mirror(), &why),
        Ok(plan) => {
            let done = |remote: &Remote| match remote.rev.as_ref().filter(|rev| plan.missing.contains(rev)) {
                Some(rev) => Mirrored {
                    path: None,
                    error: Some(format!("the remote has no branch or tag `{rev}`, and it is no full commit id")),
                },
                None => Mirrored { path: place.mirror().map(Path::to_owned), error: None },
            };
            remotes.iter().map(|(at, remote)| (*at, done(remote))).collect()
        }
    }
}

/// A mirror's refresh.
struct Run<'a> {
    url: &'a str,
    remotes: &'a [(usize, &'a Remote)],
    options: &'a Options,
    deadline: Deadline,
}

impl Run<'_> {
    /// Tries, and tries again.
    fn tries(&self, place: &Place) -> Result<Plan, String> {
        let (mut pause, mut anew) = (self.options.pause, false);
        let mut left = self.options.retries;
        loop {
            let fault = match self.once(place, anew) {
                Ok(plan) => return Ok(plan),
                Err(fault) => fault,
            };
            let said = fault.why.to_lowercase();
            let for_good = FOR_GOOD.iter().any(|words| said.contains(words));
            if left == 0 || for_good || self.deadline.left() <= pause {
                return Err(fault.why);
            }
            anew |= fault.is_ours;
            thread::sleep(pause);
            (left, pause) = (left - 1, pause * 2);
        }
    }

    /// Brings the mirror up to date, or makes it. What it has then.
    fn once(&self, place: &Place, anew: bool) -> Result<Plan, Fault> {
        let plan = self.ask(place)?;
        let ours = |error: String| Fault { why: error, is_ours: true };
        if let Some(mirror) = place.mirror().filter(|_| !anew) {
            self.bring(mirror, &plan).map_err(ours)?;
            return Ok(plan);
        }
        let fault = |error: std::io::Error| ours(format!("the cache `{}`: {error}", self.options.cache.display()));
        let new = place.beside().map_err(fault)?;
        let made = self.make(&new, &plan).and_then(|()| self.bring(&new, &plan));
        if let Err(error) = made {
            // What is half done is of no use to anyone; where it cannot be deleted, the next run tries.
            let _ = place.beside();
            return Err(ours(error));
        }
        place.put(&new).map_err(fault)?;
        Ok(plan)
    }

    /// Asks the remote what it has.
    fn ask(&self, place: &Place) -> Result<Plan, Fault> {
        // Where there is no mirror yet, this keeps git from finding a repository around the cache, and its configuration.
        let directory = git_directory(place.mirror().unwrap_or(Path::new("none")));
        let mut patterns = vec!["HEAD".to_owned()];
        if !self.options.refs.is_empty() {
            patterns.extend(["refs/heads/*".to_owned(), "refs/tags/*".to_owned()]);
        }
        for rev in self.remotes.iter().filter_map(|(_, remote)| remote.rev.as_deref()) {
            patterns.extend([format!("refs/{rev}"), format!("refs/tags/{rev}"), format!("refs/heads/{rev}")]);
            patterns.extend(rev.starts_with("refs/").then(|| rev.to_owned()));
        }
        let mut arguments = vec![directory.as_str(), "ls-remote", "--quiet", "--symref", "--", self.url];
        arguments.extend(patterns.iter().map(String::as_str));
        let text = self.git(&arguments, String::new()).map_err(|why| Fault { why, is_ours: false })?;
        Ok(Answer::parse(&text).plan(self.remotes, self.options))
    }

    /// Makes an empty mirror.
    fn make(&self, new: &Path, plan: &Plan) -> Result<(), String> {
        let is_long = plan.references.iter().any(|wanted| wanted.id.len() == 64);
        let format = if is_long { "--object-format=sha256" } else { "--object-format=sha1" };
        let new = git_directory(new);
        let quiet = [new.as_str(), "-c", "init.defaultRefFormat=files", "init", "--quiet", "--bare", "--template="];
        self.git(&[&quiet[..], &["--initial-branch=main", format]].concat(), String::new()).map(|_| ())
    }

    /// Fetches what a mirror lacks, and lets go what it need not have.
    fn bring(&self, mirror: &Path, plan: &Plan) -> Result<(), String> {
        let has = State::of(mirror)?;
        let directory = git_directory(mirror);
        let lacks = plan.references.iter().filter(|wanted| has.references.get(&wanted.name) != Some(&wanted.id));
        let lines: Vec<String> = lacks.map(|wanted| format!("+{}:{}\n", wanted.source, wanted.name)).collect();
        if !lines.is_empty() {
            // Packs are kept as they come: a thousand loose objects are slow to read.
            let settings =
                ["gc.autoDetach=false", "maintenance.autoDetach=false", "fetch.unpackLimit=1", "fetch.prune=false"];
            let mut arguments = vec![directory.as_str()];
            arguments.extend(settings.iter().flat_map(|setting| ["-c", setting]));
            arguments.extend(["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--atomic"]);
            arguments.extend(["--no-write-fetch-head", "--stdin", "--", self.url]);
            self.git(&arguments, lines.concat())?;
        }
        match &plan.head {
            Some(Head::Branch(branch)) if has.head.as_ref() != Some(&Head::Branch(branch.clone())) => {
                self.git(&[&directory, "symbolic-ref", "HEAD", branch], String::new())?;
            }
            Some(Head::Commit(_)) if has.head != plan.head => {
                let own = format!("{}HEAD", answer::OWN);
                self.git(&[&directory, "update-ref", "--no-deref", "HEAD", &own], String::new())?;
            }
            // Nothing is there any more: HEAD names a branch that does not exist.
            None if !matches!(has.head, Some(Head::Branch(_))) => {
                self.git(&[&directory, "symbolic-ref", "HEAD", "refs/heads/main"], String::new())?;
            }
            _ => {}
        }
        let wanted: HashSet<&str> = plan.references.iter().map(|wanted| wanted.name.as_str()).collect();
        let gone = has.references.keys().filter(|name| !wanted.contains(name.as_str()));
        let lines: String = gone.map(|name| format!("delete {name}\n")).collect();
        if !lines.is_empty() {
            self.git(&[&directory, "update-ref", "--no-deref", "--stdin"], lines)?;
        }
        place::refreshed(mirror, self.options.today).map_err(|error| error.to_string())
    }

    /// Runs git; what it prints, or why it failed.
    fn git(&self, arguments: &[&str], input: String) -> Result<String, String> {
        // No hook runs, whatever the user's configuration says of where hooks are.
        let arguments = &[&["-c", "core.hooksPath=/dev/null"], arguments].concat();
        let (directory, deadline) = (self.options.cache.as_path(), self.deadline);
        let protocols = self.options.protocols.join(":");
        let run = Git { directory, arguments, input, protocols: &protocols, deadline };
        match process::git(run) {
            Err(error) => Err(format!("git cannot be started: {error}")),
            Ok(None) => Err(format!("it took longer than {:?}", self.options.limit)),
            Ok(Some(ended)) if ended.success => Ok(ended.stdout),
            Ok(Some(ended)) => Err(said(&ended.stderr, self.url)),
        }
    }
}

/// What tells git which mirror it works on, seen from the cache.
fn git_directory(mirror: &Path) -> String {
    format!("--git-dir={}", mirror.file_name().unwrap_or_default().display())
}

/// What a mirror has.
struct State {
    head: Option<Head>,
    references: BTreeMap<String, String>,
}

impl State {
    fn of(mirror: &Path) -> Result<Self, String> {
        let repository = gix::open_opts(mirror, gix::open::Options::isolated()).map_err(|error| error.to_string())?;
        let read = || -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
            let head = repository.head()?;
            let name = head.referent_name().map(|name| Head::Branch(name.as_bstr().to_string()));
            let head = name.or_else(|| head.id().map(|id| Head::Commit(id.to_string())));
            let mut references = BTreeMap::new();
            for reference in repository.references()?.all()? {
                let reference = reference?;
                let id = reference.target().try_id().map(|id| id.to_owned().to_string());
                references.insert(reference.name().as_bstr().to_string(), id.unwrap_or_default());
            }
            Ok(Self { head, references })
        };
        read().map_err(|error| format!("its references cannot be read: {error}"))
    }
}

/// What git said, in one line that holds no secret.
pub(in crate::fleet) fn said(stderr: &str, url: &str) -> String {
    let lines: Vec<&str> = stderr.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let matters =
        |line: &str| ["fatal:", "error:", "remote:", "ssh:", "ERROR:"].iter().any(|word| line.starts_with(word));
    // One that ends with a colon says the rest in the next.
    let goes_on = |at: usize| at > 0 && lines[at - 1].ends_with(':') && matters(lines[at - 1]);
    let mut chosen: Vec<&str> =
        lines.iter().enumerate().filter(|(at, line)| matters(line) || goes_on(*at)).map(|(_, line)| *line).collect();
    if chosen.is_empty() {
        chosen.extend(lines.last());
    }
    let text = chosen.iter().map(|line| line.trim_start_matches("fatal: ")).collect::<Vec<_>>().join("; ");
    let text: String = bare(&text, url).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if text.is_empty() { "git failed, and did not say why".to_owned() } else { text }
}

/// A text without the secrets of a URL, and of any other in it.
fn bare(text: &str, url: &str) -> String {
    let mut text = text.replace(url, &without_credentials(url));
    let user = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    if let Some((user, _)) = user {
        let password = user.split_once(':').map_or(user, |(_, password)| password);
        for secret in [user, password].into_iter().filter(|secret| secret.len() > 3) {
            text = text.replace(secret, "***");
        }
    }
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "/'\"`".contains(c)).unwrap_or(part.len());
        out += "://";
        out += part[..end].rfind('@').map_or(part, |at| &part[at + 1..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stderr: &str, expected: &str) {
        assert_eq!(said(stderr, "https://me:s3cret@example.com/a.git?key=1"), expected);
    }

    #[test]
    fn what_git_says_is_one_line_without_secrets() {
        check(
            "fatal: repository 'https://me:s3cret@example.com/a.git?key=1' is gone\n",
            "repository 'https://example.com/a.git' is gone",
        );
        check("fatal: 'ssh://other:pw@host/x' is gone", "'ssh://host/x' is gone");
        check("fatal: password was s3cret, user me:s3cret", "password was ***, user ***");
        check(
            "progress 1%\rprogress 2%\nremote: no \u{1b}[31mway\u{1b}[0m\nfatal: failed\n",
            "remote: no [31mway[0m; failed",
        );
        check(
            "fatal: unable to connect:\nConnection refused\n\nPlease make sure\n",
            "unable to connect:; Connection refused",
        );
        check("hint: a\nhint: b\n", "hint: b");
        check("", "git failed, and did not say why");
        assert_eq!(said(&"x".repeat(1000), "file:///x").len(), LONGEST);
    }
}
