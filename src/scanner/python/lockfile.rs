//! Python's lockfiles: uv.lock, poetry.lock, pdm.lock, pylock.toml and Pipfile.lock.
//!
//! Source: [pylock.toml](https://packaging.python.org/en/latest/specifications/pylock-toml/); the others have no specification
//! but what their tools write.

use std::collections::HashMap;

use super::{reference, requirement};
use crate::scanner::Problem;
use crate::scanner::dependency::{LockedVersion, PinSite};
use crate::scanner::document::{self, Document, Table};
use crate::text::{FileId, Span};

/// Whose lockfile one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Uv,
    Poetry,
    Pdm,
    /// The standard, which several write.
    Pylock,
    Pipenv,
}

impl Tool {
    /// The command that makes the lockfile.
    pub(super) fn makes(self) -> &'static str {
        match self {
            Self::Uv => "uv lock",
            Self::Poetry => "poetry lock",
            Self::Pdm | Self::Pylock => "pdm lock",
            Self::Pipenv => "pipenv lock",
        }
    }
}

/// Whose lockfile one with this name is.
pub(super) fn tool(name: &str) -> Option<Tool> {
    match name {
        "uv.lock" => Some(Tool::Uv),
        "poetry.lock" => Some(Tool::Poetry),
        "pdm.lock" => Some(Tool::Pdm),
        "pylock.toml" => Some(Tool::Pylock),
        "Pipfile.lock" => Some(Tool::Pipenv),
        name => (name.starts_with("pylock.") && name.ends_with(".toml")).then_some(Tool::Pylock),
    }
}

/// A lockfile, read.
#[derive(Debug)]
pub(in crate::scanner) struct Lock {
    /// Whose it is.
    pub(super) tool: Tool,
    /// The packages by normalized name; several of one name where environments differ.
    pub(super) packages: HashMap<String, Vec<LockedVersion>>,
    /// The projects of this repository that it is made from; only uv says.
    pub(super) members: Vec<Member>,
}

/// A project that uv made a lockfile from.
#[derive(Debug, PartialEq)]
pub(super) struct Member {
    /// Its normalized name; empty for a root that is no package.
    pub(super) name: String,
    /// Its directory, relative to the lockfile; empty beside it. One that is not below is as it is written.
    pub(super) directory: String,
    /// What the lockfile repeats of its requirements.
    pub(super) repeats: Vec<Repeat>,
}

/// A requirement as the lockfile repeats it.
#[derive(Debug, PartialEq)]
pub(super) struct Repeat {
    /// The normalized name.
    pub(super) package: String,
    /// The specifier; empty where there is none.
    pub(super) specifier: String,
    /// Where another would be written.
    pub(super) site: PinSite,
}

/// Reads a lockfile.
pub(super) fn read(file: FileId, text: &str, tool: Tool) -> (Lock, Vec<Problem>) {
    let mut lock = Lock { tool, packages: HashMap::new(), members: Vec::new() };
    if tool == Tool::Pipenv {
        let problems = pipenv(file, text, &mut lock).err().into_iter().collect();
        return (lock, problems);
    }
    let document = Document::new(file, text);
    let table = match document.parse() {
        Ok(table) => table,
        Err(problem) => return (lock, vec![problem]),
    };
    let key = if tool == Tool::Pylock { "packages" } else { "package" };
    let packages = table.get(key).and_then(|value| value.get_ref().as_array());
    // Before Poetry 1.3 the hashes stood by themselves.
    let files = document::table(&table, "metadata").and_then(|metadata| document::table(metadata, "files"));
    for package in packages.into_iter().flatten().filter_map(|package| package.get_ref().as_table()) {
        let Some(name) = document.get(package, "name").map(|name| name.value) else { continue };
        if tool == Tool::Uv {
            lock.members.extend(member(document, package));
        }
        let Some(version) = document.get(package, "version") else { continue };
        let locked =
            locked(document, package, version.value, files.is_some_and(|files| files.contains_key(name.as_str())));
        lock.packages.entry(requirement::normalize(&name)).or_default().push(locked);
    }
    if let Some(manifest) = document::table(&table, "manifest") {
        // A root without `[project]` has its groups here.
        let repeats = document::table(manifest, "dependency-groups").map(|groups| repeats(document, groups, None));
        let root = |repeats| Member { name: String::new(), directory: String::new(), repeats };
        lock.members.extend(repeats.map(root));
    }
    (lock, Vec::new())
}

/// A package of a lockfile.
fn locked(document: Document<'_>, package: &Table<'_>, version: String, has_files: bool) -> LockedVersion {
    let source = document::table(package, "source").or_else(|| document::table(package, "vcs"));
    let text = |keys: &[&str]| source.and_then(|source| keys.iter().find_map(|key| document.get(source, key)));
    let url = text(&["git", "registry", "url", "path"]).map(|url| url.value);
    let commit = text(&["resolved_reference", "commit-id"]).map(|commit| commit.value);
    let revision = document.get(package, "revision").map(|revision| revision.value);
    let commit = commit.or(revision).or_else(|| Some(url.as_ref()?.rsplit_once('#')?.1.to_owned()));
    let commit = commit.filter(|commit| reference::is_commit(commit));
    let mut hashed = ["wheels", "files", "archive"].iter().filter_map(|key| package.get(*key)).flat_map(|value| {
        let one = std::slice::from_ref(value);
        value.get_ref().as_array().map_or(one, |array| array.as_ref())
    });
    let mut hashed =
        hashed.by_ref().chain(package.get("sdist")).filter_map(|file| file.get_ref().as_table()).peekable();
    let is_hashed = |file: &Table<'_>| file.contains_key("hash") || file.contains_key("hashes");
    let verified = commit.is_some() || has_files || hashed.peek().is_some() && hashed.all(is_hashed);
    LockedVersion { version, source: url, commit, git: None, verified }
}

/// A package of uv's that is a project of this repository.
fn member(document: Document<'_>, package: &Table<'_>) -> Option<Member> {
    let source = document::table(package, "source")?;
    let directory = ["virtual", "editable", "directory"].iter().find_map(|key| document.get(source, key))?;
    let directory = crate::source::join("", &directory.value).unwrap_or(directory.value);
    let name = requirement::normalize(&document.get(package, "name")?.value);
    let metadata = document::table(package, "metadata");
    let groups = metadata.and_then(|metadata| document::table(metadata, "requires-dev"));
    let mut all = metadata.map(|metadata| repeats(document, metadata, Some("requires-dist"))).unwrap_or_default();
    all.extend(groups.into_iter().flat_map(|groups| repeats(document, groups, None)));
    Some(Member { name, directory, repeats: all })
}

/// The requirements in the arrays of a table, or in one of them.
fn repeats(document: Document<'_>, table: &Table<'_>, only: Option<&str>) -> Vec<Repeat> {
    let arrays = table.iter().filter(|(key, _)| only.is_none_or(|only| key.get_ref() == only));
    let items = arrays.filter_map(|(_, value)| value.get_ref().as_array()).flatten();
    let repeat = |(table, range): (&Table<'_>, std::ops::Range<usize>)| {
        let package = requirement::normalize(&document.get(table, "name")?.value);
        let (before, after) = ("==".to_owned(), String::new());
        if let Some(specifier) = document.get(table, "specifier") {
            let site = PinSite { span: specifier.span, before, after, comment: None };
            return Some(Repeat { package, specifier: specifier.value, site });
        }
        // What comes from elsewhere than the registry has no specifier to repeat.
        if table.iter().any(|(key, _)| !matches!(key.get_ref().as_ref(), "name" | "extras" | "marker")) {
            return None;
        }
        let inner = document.text.get(range.clone())?.strip_suffix('}')?.trim_end();
        let end = range.start + inner.len();
        let site = PinSite {
            span: Span::new(document.file, end..end),
            before: ", specifier = \"==".to_owned(),
            after: "\"".to_owned(),
            comment: None,
        };
        Some(Repeat { package, specifier: String::new(), site })
    };
    items.filter_map(|item| Some((item.get_ref().as_table()?, item.span()))).filter_map(repeat).collect()
}

/// Reads a Pipfile.lock, which is JSON: categories of packages with their versions.
fn pipenv(file: FileId, text: &str, lock: &mut Lock) -> Result<(), Problem> {
    let wrong = |why: String| Problem::new(Span::top(file), why);
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| wrong(format!("not valid JSON: {error}")))?;
    let categories =
        value.as_object().ok_or_else(|| wrong("no lockfile of Pipenv's: it holds no object".to_owned()))?;
    for (name, package) in categories
        .iter()
        .filter(|(name, _)| *name != "_meta")
        .filter_map(|(_, packages)| packages.as_object())
        .flatten()
    {
        let commit = package["ref"].as_str().filter(|commit| reference::is_commit(commit)).map(str::to_owned);
        let version = package["version"].as_str().map(|version| version.trim_start_matches('='));
        let Some(version) = version.or(commit.as_deref()) else { continue };
        let verified = commit.is_some() || package["hashes"].as_array().is_some_and(|hashes| !hashes.is_empty());
        let version = version.to_owned();
        let locked = LockedVersion {
            version,
            source: package["index"].as_str().map(str::to_owned),
            commit,
            git: None,
            verified,
        };
        let held = lock.packages.entry(requirement::normalize(name)).or_default();
        if !held.contains(&locked) {
            held.push(locked);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, expected: &[(&str, &str, bool)]) {
        let (lock, problems) = read(FileId(0), text, tool(name).expect("a lockfile"));
        assert_eq!(problems, []);
        let mut got: Vec<(&str, &str, bool)> = lock
            .packages
            .iter()
            .flat_map(|(name, versions)| versions.iter().map(|one| (name.as_str(), one.version.as_str(), one.verified)))
            .collect();
        got.sort_unstable();
        assert_eq!(got, expected, "{name}");
    }

    #[test]
    fn each_tool_has_a_lockfile_of_its_own() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check(
            "uv.lock",
            &format!(
                "[[package]]\nname = \"a\"\nversion = \"1\"\nsdist = {{ hash = \"sha256:0\" }}\nwheels = [{{ hash = \"sha256:0\" }}]\n\
                 [[package]]\nname = \"b\"\nversion = \"2\"\nwheels = [{{ path = \"b.whl\" }}]\n\
                 [[package]]\nname = \"c\"\nversion = \"3\"\nsource = {{ git = \"https://e.org/c?rev=v1#{commit}\" }}\n"
            ),
            &[("a", "1", true), ("b", "2", false), ("c", "3", true)],
        );
        check(
            "poetry.lock",
            "[[package]]\nname = \"A.b\"\nversion = \"1\"\nfiles = [{ file = \"a\", hash = \"sha256:0\" }]\n[[package]]\nname = \"c\"\nversion = \"2\"\nfiles = []\n",
            &[("a-b", "1", true), ("c", "2", false)],
        );
        check(
            "poetry.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\n[metadata.files]\na = [{ hash = \"sha256:0\" }]\n",
            &[("a", "1", true)],
        );
        check(
            "pylock.toml",
            "[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{ hashes = { sha256 = \"0\" } }]\n",
            &[("a", "1", true)],
        );
        check(
            "Pipfile.lock",
            r#"{"_meta":{"x":{}},"default":{"a":{"hashes":["sha256:0"],"version":"==1"}},"develop":{"b":{"version":"==2"}}}"#,
            &[("a", "1", true), ("b", "2", false)],
        );
    }

    #[test]
    fn uv_repeats_what_its_projects_require() {
        let text = "[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\nsource = { editable = \"./x\" }\n\
                    [package.metadata]\nrequires-dist = [\n    { name = \"a\", specifier = \">=1\" },\n    { name = \"b\", extras = [\"c\"] },\n]\n\
                    [package.metadata.requires-dev]\ndev = [{ name = \"d\", git = \"https://e.org\" }, { name = \"e\" }]\n";
        let (lock, _) = read(FileId(0), text, Tool::Uv);
        assert_eq!(lock.members[0].directory, "x");
        let mut text = text.to_owned();
        for repeat in lock.members[0].repeats.iter().rev() {
            text.replace_range(repeat.site.span.range(), &format!("{}9{}", repeat.site.before, repeat.site.after));
        }
        assert!(text.contains("{ name = \"a\", specifier = \"==9\" }"), "{text}");
        assert!(text.contains("{ name = \"b\", extras = [\"c\"], specifier = \"==9\" }"), "{text}");
        assert!(text.contains("{ name = \"e\", specifier = \"==9\" }"), "{text}");
        assert_eq!(lock.members[0].repeats.len(), 3);
    }
}
