//! What fuzzing begins with: seeds, the repositories of `fixtures/`, and what it has found before.

use std::path::{Path, PathBuf};

/// Inputs that once made a target fail, by target.
pub(crate) const FOUND: &str = "fixtures/fuzzed";

/// The directories whose entries are small repositories.
const REPOSITORIES: [&str; 3] = ["fixtures/rules/*/fail", "fixtures/rules/*/pass", "fixtures/cli/*/in"];

/// The most bytes of a seed: what is longer makes each run slow, and says the same over and over.
const MAX_BYTES: usize = 16 << 10;

/// The seeds of a target, by name.
pub(crate) fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    let directories = match target {
        // All of them are repositories, but edits are not.
        "snapshot" => names("fuzz/seeds").into_iter().filter(|name| name != "edit").collect(),
        _ => vec![target.to_owned()],
    };
    let mut seeds = Vec::new();
    for directory in directories.iter().flat_map(|name| [format!("fuzz/seeds/{name}"), format!("{FOUND}/{name}")]) {
        let named =
            |name: &String| (format!("{}-{name}", directory.replace('/', "-")), read(&format!("{directory}/{name}")));
        seeds.extend(names(&directory).iter().map(named));
    }
    seeds.extend(repositories().into_iter().filter(|(_, text)| is_for(target, text)));
    seeds.retain(|(_, bytes)| bytes.len() <= MAX_BYTES);
    seeds
}

/// The tokens of a target's dictionary, in libFuzzer's format: a quoted text a line.
pub(crate) fn dictionary(target: &str) -> Vec<Vec<u8>> {
    let text = String::from_utf8(read(&format!("fuzz/dictionaries/{target}.dict"))).expect("a dictionary is text");
    let tokens = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    tokens.map(|line| token(line).unwrap_or_else(|| panic!("`{line}` is no token"))).collect()
}

fn token(line: &str) -> Option<Vec<u8>> {
    let mut rest = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut token = Vec::new();
    while let Some(c) = rest.chars().next() {
        if let Some(code) = rest.strip_prefix("\\x") {
            token.push(u8::from_str_radix(code.get(..2)?, 16).ok()?);
            rest = code.get(2..)?;
            continue;
        }
        rest = rest.strip_prefix('\\').unwrap_or(rest);
        let c = if c == '\\' { rest.chars().next()? } else { c };
        token.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(c.len_utf8()..)?;
    }
    Some(token)
}

/// The names of what is in a directory, sorted; none where there is no such directory.
pub(crate) fn names(directory: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root().join(directory)) else { return Vec::new() };
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name().into_string();
    let mut names: Vec<String> = entries.map(|entry| name(entry).expect("a name is text")).collect();
    names.sort();
    names
}

/// The bytes of a file of this repository.
pub(crate) fn read(path: &str) -> Vec<u8> {
    std::fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Whether a repository says something to a target: all do to that of whole ones.
fn is_for(target: &str, repository: &[u8]) -> bool {
    let endings: &[&str] = match target {
        "snapshot" => &[""],
        "manifest" => &["Cargo.toml"],
        "lockfile" => &["Cargo.lock"],
        "toolchain" => &["rust-toolchain", "rust-toolchain.toml"],
        "config" => &["config.toml"],
        "policy" => &["pinned.toml"],
        "workflow" => &[".yml", ".yaml"],
        "dockerfile" => &["Dockerfile"],
        "shell" => &[".sh"],
        "package_json" => &["package.json"],
        "requirements" => &["requirements.txt", "pyproject.toml", "Pipfile"],
        "html" => &[".html"],
        _ => &[],
    };
    let text = String::from_utf8_lossy(repository);
    let mut paths = text.lines().filter_map(|line| line.strip_prefix("--- "));
    paths.any(|path| endings.iter().any(|ending| path.ends_with(ending)))
}

/// The small repositories of the fixtures, each as one text.
fn repositories() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for pattern in REPOSITORIES {
        let (above, below) = pattern.split_once("/*/").expect("a pattern of directories");
        for name in names(above) {
            let directory = format!("{above}/{name}/{below}");
            let mut text = Vec::new();
            add(&directory, "", &mut text);
            if !text.is_empty() {
                found.push((directory.replace('/', "-"), text));
            }
        }
    }
    assert!(found.len() > 20, "the fixtures are where this looks for them");
    found
}

/// Adds the files below a directory, each under a line with its path.
fn add(root: &str, below: &str, text: &mut Vec<u8>) {
    for name in names(&format!("{root}/{below}")) {
        let path = format!("{below}{name}");
        if self::root().join(root).join(&path).is_dir() {
            add(root, &format!("{path}/"), text);
            continue;
        }
        if text.last().is_some_and(|&last| last != b'\n') {
            text.push(b'\n');
        }
        text.extend_from_slice(format!("--- {path}\n").as_bytes());
        text.extend(read(&format!("{root}/{path}")));
    }
}
