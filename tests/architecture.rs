//! Holds the invariants of ARCHITECTURE.md: one direction of flow, and each line in its room.

use std::path::{Path, PathBuf};

/// The layers, lowest first; a module may name those of its own and of lower layers.
const LAYERS: [&[&str]; 11] = [
    &["text"],
    &["edit"],
    &["source"],
    &["scanner"],
    &["change"],
    &["policy"],
    &["reporter"],
    &["process"],
    &["releases"],
    &["fleet"],
    &["cli", "exit", "commands"],
];

/// A source file: its path below `src`, and its text without tests and comments.
struct Source {
    path: String,
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut waiting = vec![root.clone()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).expect("src can be listed") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file is text");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let below = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            found.push(Source { path: below, lines: text.lines().count(), code });
        }
    }
    assert!(found.len() > 30, "the sources are where this test looks for them");
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules of this crate that a file names by `crate::module`, in `use` lines and paths, groups included.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = &group[..group.find("};").unwrap_or(group.len())];
                modules.extend(group.split(',').map(|item| word(item.trim())));
            }
            None => modules.push(word(rest)),
        }
    }
    modules
}

#[test]
fn nothing_runs_back_up() {
    let mut edges = 0;
    for source in sources() {
        let module = source.path.trim_end_matches(".rs").split('/').next().unwrap_or_default().to_owned();
        // The crate's root names every module, and the binary only calls.
        let Some(own) = layer(&module) else {
            assert!(["lib", "main"].contains(&module.as_str()), "{} belongs to no layer", source.path);
            continue;
        };
        for named in named(&source.code) {
            let Some(other) = layer(&named) else { continue };
            edges += 1;
            assert!(other <= own, "{} names `crate::{named}`, which is above it", source.path);
        }
    }
    assert!(edges > 50, "the edges are where this test looks for them");
}

/// The files that name one of the texts.
fn naming(texts: &[&str]) -> Vec<String> {
    let names = |source: &Source| texts.iter().any(|text| source.code.contains(text));
    let mut paths: Vec<String> = sources().into_iter().filter(names).map(|source| source.path).collect();
    paths.sort();
    paths
}

#[test]
fn one_module_starts_processes_and_only_what_changes_pins_and_mirrors_use_it() {
    assert_eq!(naming(&["process::Command", "process::{Command", "Command::new"]), ["process.rs"]);
    assert_eq!(
        naming(&["crate::process", "process::cargo", "process::rustc", "process::git"]),
        [
            "commands/cargo.rs",
            "commands/conflict.rs",
            "commands/fix/channel.rs",
            "commands/resolving.rs",
            "fleet/mirror/place.rs",
            "fleet/mirror/refresh.rs",
            "fleet/remotes.rs"
        ]
    );
}

#[test]
fn one_module_opens_sockets_where_a_user_asks_for_it() {
    assert_eq!(naming(&["std::net", "TcpStream", "UnixStream", "UdpSocket"]), Vec::<String>::new());
    assert_eq!(naming(&["ureq"]), ["releases/online.rs"]);
    let callers = naming(&["crate::releases", "releases::index(", "releases::known("]);
    assert_eq!(
        callers,
        ["commands/check.rs", "commands/diff.rs", "commands/moving.rs", "commands/newest.rs", "commands/releases.rs"]
    );
}

#[test]
fn only_reporters_serialize() {
    let files = naming(&["Serialize"]);
    assert!(!files.is_empty() && files.iter().all(|file| file.starts_with("reporter/")), "{files:?}");
}

#[test]
fn only_commands_read_the_clock_and_the_environment() {
    let files = naming(&["Timestamp::now", "SystemTime", "Instant::now", "env::var", "env::args", "env::current_dir"]);
    // How long a process or a registry may take is the one thing that others measure.
    let measuring = ["main.rs", "process.rs", "releases/online.rs"];
    let allowed = |file: &String| file.starts_with("commands/") || measuring.contains(&file.as_str());
    assert!(!files.is_empty() && files.iter().all(allowed), "{files:?}");
}

#[test]
fn only_the_source_and_commands_touch_files() {
    let files = naming(&["std::fs", "File::open", "File::create", "read_to_string"]);
    // Many repositories are looked for where no snapshot is yet. What audits keep from one run to the next: mirrors, and the
    // history, which must not be written over another file.
    let fleet = [
        "fleet/discover.rs",
        "fleet/history/schema.rs",
        "fleet/mirror/place.rs",
        "fleet/mirror/refresh.rs",
        "fleet/targets.rs",
    ];
    let allowed = |file: &String| {
        let is_below = |directory| file.starts_with(directory);
        // Cargo's configuration and cache are files of the user's, outside of what is scanned.
        ["source/", "commands/", "releases/"].into_iter().any(is_below) || fleet.contains(&file.as_str())
    };
    assert!(!files.is_empty() && files.iter().all(allowed), "{files:?}");
}

#[test]
fn the_source_knows_no_toml() {
    let files = naming(&["toml::", "DeTable"]);
    assert!(!files.is_empty() && files.iter().all(|file| !file.starts_with("source")), "{files:?}");
}

#[test]
fn the_scanner_and_what_compares_scans_judge_nothing() {
    let is_one = |source: &&Source| source.path.starts_with("scanner") || source.path.starts_with("change");
    for source in sources().iter().filter(is_one) {
        for word in ["Level::", "Violation", "Finding", "Deny"] {
            assert!(!source.code.contains(word), "{} says `{word}`", source.path);
        }
    }
}

#[test]
fn lines_and_columns_are_for_people() {
    let files = naming(&["LineIndex", "text::Position"]);
    let allowed = |file: &String| file == "text.rs" || file.starts_with("reporter") || file == "policy/file.rs";
    assert!(files.iter().all(allowed), "{files:?}");
}

#[test]
fn a_rule_prints_nothing_reads_no_file_and_knows_no_exception() {
    let rules: Vec<Source> = sources().into_iter().filter(|source| source.path.starts_with("policy/rules/")).collect();
    assert!(rules.len() >= 10);
    for rule in rules {
        for word in ["std::fs", "std::io", "print", "Snapshot", "policy::exception", "crate::policy::evaluate"] {
            assert!(!rule.code.contains(word), "{} says `{word}`", rule.path);
        }
        assert!(rule.lines <= 200, "{} has {} lines: a rule is one page", rule.path, rule.lines);
    }
}

#[test]
fn files_stay_readable() {
    for source in sources() {
        assert!(
            source.lines <= 440,
            "{} has {} lines: which part of it has a name of its own?",
            source.path,
            source.lines
        );
    }
    let main = sources().into_iter().find(|source| source.path == "main.rs").expect("there is a main.rs");
    assert!(main.lines < 70, "main.rs parses, dispatches and exits");
}
