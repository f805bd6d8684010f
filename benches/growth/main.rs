//! How time and memory grow with the input: for each format some families of inputs, each with more and more of one thing.
//!
//! `cargo bench --bench growth` measures each at about the size of the largest real file of its format, and at 4, 16 and 100 times
//! that; `-- WORD…` only those whose names have one of the words in them. `-- --largest DIRECTORY` tells the largest real files
//! there. `-- --count` is a guard for CI: by instructions, as valgrind's callgrind counts them, four times the input takes at most
//! 1.1 times four times the work. `-- --smoke` only shows that it works. PINNED=PROGRAM
//! measures a tool that is built already.

#![expect(clippy::print_stdout, reason = "a benchmark reports to whoever runs it")]
#![expect(unreachable_pub, reason = "a benchmark is a crate of its own")]

mod cargo;
mod ci;
mod family;
mod git;
mod measure;
mod packages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::Duration;

use family::Family;
use measure::Cost;

/// The sizes that are measured, as multiples of the largest real one.
const SIZES: [usize; 4] = [1, 4, 16, 100];

/// What twice the bytes may take at most, as a multiple, in time and in memory, before it is called more than linear. Sorting, and
/// memory that no cache holds any more, take up to 2.5 times.
const AT_MOST: f64 = 2.7;

/// What four times the input may take at most, in instructions.
const AT_MOST_COUNTED: f64 = 4.0 * 1.1;

/// Below these a ratio says nothing: a run that only begins and ends varies as much.
const LEAST_TIME: Duration = Duration::from_millis(40);
const LEAST_PEAK: u64 = 8 << 20;

/// What `--count` counts, where no family is named: those of which one grew too fast once, or whose like did, and one of most
/// formats. All of them take some minutes.
const GUARDED: [&str; 35] = [
    "Cargo.toml: dependencies on one line",
    "Cargo.toml: members, each by a pattern of its own",
    "Cargo.toml: path packages, each on the next",
    "Cargo.lock: packages",
    "Cargo.lock: versions of one package",
    "Cargo.lock: dependencies that it misses",
    "Cargo.lock: upgrades, by diff",
    ".cargo/config.toml: patches",
    "pinned.toml: exceptions, each for one finding",
    "pinned.toml: exceptions by a glob, each for one finding",
    "pinned.toml: exceptions by what is in the middle",
    "pinned.toml: exceptions of one name, each in one path",
    "pinned.toml: scopes, each of one member",
    "pinned-baseline.toml: findings that it accepts",
    "findings: full, all on one line",
    "findings: sarif",
    "findings: audit, html",
    "workflow: steps that run something",
    "workflow: tools at one version, and as many at none",
    "workflow: jobs",
    "workflow: lines of a script of one expression",
    "workflow: aliases of one anchor",
    "Dockerfile: commands",
    "Dockerfile: continued lines of one command",
    "shell: words of one command",
    "shell: mentions of a manifest on one line",
    "shell: commands on one line",
    "shell: here-documents that do not end",
    "package-lock.json: packages",
    "pnpm-lock.yaml: packages",
    "requirements.txt: constraints of as many",
    "uv.lock: packages",
    "HTML: scripts that do not end",
    "HTML: entries of an import map",
    "git: files of a revision",
];

fn families() -> Vec<Family> {
    let all = [
        cargo::families(),
        cargo::policies(),
        cargo::reports(),
        ci::workflows(),
        ci::dockerfiles(),
        ci::scripts(),
        packages::npm(),
        packages::python(),
        packages::pages(),
        git::families(),
    ];
    all.into_iter().flatten().collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let words: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    if let ["--make", number, n, root] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        let number: usize = number.parse().expect("a number");
        families()[number].make(Path::new(root), n.parse().expect("a number"));
        return ExitCode::SUCCESS;
    }
    if has("--largest") {
        words.iter().for_each(|directory| largest(Path::new(directory)));
        return ExitCode::SUCCESS;
    }
    let is_meant = |family: &Family| {
        let name = format!("{}: {}", family.format, family.what);
        let is_whole = words.is_empty() && (!has("--count") || GUARDED.contains(&name.as_str()));
        is_whole || words.iter().any(|word| name.contains(word.as_str()))
    };
    let families: Vec<(usize, Family)> = families().into_iter().enumerate().filter(|(_, one)| is_meant(one)).collect();
    if has("--count") {
        assert!(
            !words.is_empty() || families.len() == GUARDED.len(),
            "a family that is guarded is gone, or called otherwise"
        );
        return count(&families);
    }
    let sizes = if has("--smoke") { &SIZES[..1] } else { &SIZES };
    let empty = made(|root| std::fs::write(root.join("Dockerfile"), "").expect("a file"));
    let base = measure::cost(empty.path(), &["check"]);
    println!(
        "{:<21} {:<44} {:>8} {:>9} {:>9} {:>8}  a doubling takes",
        "format", "what grows", "how many", "input", "time", "memory"
    );
    let over: usize = families.iter().map(|(number, family)| usize::from(!table(*number, family, sizes, base))).sum();
    println!("{} families; {over} grow more than linearly", families.len());
    ExitCode::SUCCESS
}

/// A temporary directory with something in it.
fn made(make: impl FnOnce(&Path)) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    make(directory.path());
    directory
}

/// Makes the input of a family in a process of its own: what that takes would count for what is started by this one.
fn input_of(number: usize, n: usize) -> tempfile::TempDir {
    made(|root| {
        let mut command = Command::new(std::env::current_exe().expect("a program"));
        command.args(["--make", &number.to_string(), &n.to_string()]).arg(root);
        assert!(command.status().is_ok_and(|status| status.success()), "{command:?} failed");
    })
}

/// Measures a family, and prints a line for each size; whether it grows no more than linearly.
fn table(number: usize, family: &Family, sizes: &[usize], base: Cost) -> bool {
    let mut last: Option<(u64, Cost)> = None;
    let mut is_linear = true;
    for size in sizes {
        let n = family.one * size;
        let directory = input_of(number, n);
        let cost = measure::cost(directory.path(), family.arguments);
        let size = input(directory.path()).max(n as u64);
        let mut growth = String::new();
        if let Some((before, known)) = last {
            let doublings = (size as f64 / before as f64).log2().max(f64::MIN_POSITIVE);
            let a_doubling = |now: f64, then: f64| (now / then.max(f64::MIN_POSITIVE)).powf(1.0 / doublings);
            let time = |cost: Cost| cost.time.saturating_sub(base.time);
            let peak = |cost: Cost| cost.peak.saturating_sub(base.peak);
            let in_time = (time(cost) > LEAST_TIME)
                .then(|| a_doubling(time(cost).as_secs_f64(), time(known).as_secs_f64().max(0.001)));
            let in_peak =
                (peak(cost) > LEAST_PEAK).then(|| a_doubling(peak(cost) as f64, peak(known).max(1 << 20) as f64));
            let shown = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
            let is_over = [in_time, in_peak].into_iter().flatten().any(|ratio| ratio > AT_MOST);
            growth = format!(
                "{:>6} time {:>6} memory{}",
                shown(in_time),
                shown(in_peak),
                if is_over { "  MORE THAN LINEAR" } else { "" }
            );
            is_linear &= !is_over;
        }
        let ended = match cost.code {
            Some(0 | 1) => "",
            Some(2) => "  refused",
            _ => "  KILLED after a minute",
        };
        println!(
            "{:<21} {:<44} {n:>8} {:>6} KiB {:>6.0} ms {:>4} MiB  {growth}{ended}",
            family.format,
            family.what,
            input(directory.path()) >> 10,
            cost.time.as_secs_f64() * 1e3,
            cost.peak >> 20,
        );
        last = Some((size, cost));
        if cost.code.is_none_or(|code| code > 2) {
            return false;
        }
    }
    is_linear
}

/// The bytes of a tree, without what git keeps.
fn input(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => input(&entry.path()),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
        _ => 0,
    };
    entries.map(size).sum()
}

/// Counts instructions of each family at two sizes, two families at a time, and compares them.
fn count(families: &[(usize, Family)]) -> ExitCode {
    let empty = made(|root| std::fs::write(root.join("Dockerfile"), "").expect("a file"));
    let Some(base) = measure::instructions(empty.path(), &["check"]) else {
        println!("LEFT OUT: no valgrind here: growth is not counted");
        return ExitCode::SUCCESS;
    };
    let next = Mutex::new(families.iter());
    let lines = Mutex::new(BTreeMap::new());
    let work = || loop {
        let Some((number, family)) = next.lock().ok().and_then(|mut next| next.next()) else { return };
        let few = family.few;
        let at = |n: usize| {
            let directory = input_of(*number, n);
            measure::instructions(directory.path(), family.arguments).unwrap_or_default().saturating_sub(base)
        };
        let (one, four) = (at(few), at(few * 4));
        let ratio = four as f64 / one.max(1) as f64;
        if let Ok(mut lines) = lines.lock() {
            lines.insert((family.format, family.what), (few, one, four, ratio));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let lines = lines.into_inner().unwrap_or_default();
    let mut over = 0;
    for ((format, what), (few, one, four, ratio)) in &lines {
        let is_over = *ratio > AT_MOST_COUNTED;
        over += usize::from(is_over);
        let said = if is_over { "MORE THAN LINEAR" } else { "" };
        println!(
            "{format:<21} {what:<44} {few:>6} {:>9.1} M {:>9.1} M {ratio:>6.2} {said}",
            *one as f64 / 1e6,
            *four as f64 / 1e6
        );
    }
    println!(
        "{} families; {over} take more than {AT_MOST_COUNTED} times as much for four times the input",
        lines.len()
    );
    ExitCode::from(u8::from(over > 0))
}

/// Prints the largest file of each format in a directory of real repositories.
fn largest(directory: &Path) {
    let mut found: BTreeMap<&str, (u64, PathBuf)> = BTreeMap::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(path),
                Ok(kind) if kind.is_file() => {
                    let size = entry.metadata().map_or(0, |metadata| metadata.len());
                    if let Some(format) = format(&path) {
                        let known = found.entry(format).or_default();
                        if size > known.0 {
                            *known = (size, path);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    for (format, (size, path)) in found {
        println!("{format:<21} {:>6} KiB  {}", size >> 10, path.strip_prefix(directory).unwrap_or(&path).display());
    }
}

/// The format of a file, by its name.
fn format(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    let name = path.file_name()?.to_string_lossy();
    let exact =
        ["Cargo.toml", "Cargo.lock", "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"];
    let more =
        ["pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "rust-toolchain.toml", "pinned.toml"];
    let known = exact.into_iter().chain(more).find(|known| name == *known);
    known.or_else(|| match () {
        () if text.contains(".github/workflows/") => Some("workflow"),
        () if name.contains("Dockerfile") => Some("Dockerfile"),
        () if text.contains(".cargo/config") => Some(".cargo/config.toml"),
        () if name.contains("requirements") && name.ends_with(".txt") => Some("requirements.txt"),
        () if name.ends_with(".sh") => Some("shell"),
        () if name.ends_with(".html") => Some("HTML"),
        () => None,
    })
}
