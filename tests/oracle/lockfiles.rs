//! Rows about Cargo.lock itself: its formats, what is missing from it, and what is too much.

use crate::locktext::{as_version, entry, with_edge, with_package, without};
use crate::staleness::{APP, Fresh, LIB, ROOT, Refused, Row, judge, row, workspace};
use crate::tree::Tree;

const LOCK: &str = "Cargo.lock";
const CHECKSUM: &str = "checksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
const ELSEWHERE: &str = "source = \"registry+https://registry.invalid/index\"\n";

/// A source line of the registry that everything is from.
fn source(tree: &Tree) -> String {
    let line = tree.text(LOCK).lines().find(|line| line.starts_with("source = ")).expect("something has a source");
    format!("{line}\n")
}

/// The source as it stands in an edge.
fn in_edge(tree: &Tree) -> String {
    source(tree).trim_start_matches("source = \"").trim_end().trim_end_matches('"').to_owned()
}

/// Has an entry say something else of a key, or something of it for the first time.
fn with(tree: &mut Tree, key: &str, value: &str) {
    let rest = |entry: &str| -> String { entry.split_inclusive('\n').filter(|line| !line.starts_with(key)).collect() };
    tree.lock(|lock| entry(lock, "itoa", |entry| format!("{}{key} = {value}\n", rest(entry))));
}

fn older(tree: &mut Tree, version: u8) {
    tree.lock(|lock| as_version(lock, version));
}

/// A package that has edges to both versions of a crate, of which it asks for the first, and for what a requirement admits.
fn two_edges(tree: &mut Tree, requirement: &str) {
    let newer = format!("newer = {{ package = \"bitflags\", version = \"{requirement}\" }}");
    tree.edit(APP, "bitflags = \"=$bitflags2\"", &format!("bitflags = \"=$bitflags1\"\n{newer}"));
    tree.lock(|lock| with_edge(lock, "app", &crate::project::fill("bitflags $bitflags1")));
}

pub(crate) const ROWS: &[Row] = &[
    row("lock without its last newline", Fresh, |tree| tree.lock(|lock| lock.trim_end().to_owned())),
    row("lock of version 1", Fresh, |tree| older(tree, 1)),
    row("lock of version 2", Fresh, |tree| older(tree, 2)),
    row("lock of version 3", Fresh, |tree| older(tree, 3)),
    row("lock of a version that is not there yet", Refused, |tree| tree.edit(LOCK, "version = 4\n", "version = 9\n")),
    row("lock of no version", Fresh, |tree| tree.edit(LOCK, "version = 4\n", "")),
    row("lock of version 1 without a checksum", Refused, |tree| {
        older(tree, 1);
        tree.lock(|lock| lock.split_inclusive('\n').filter(|line| !line.starts_with("\"checksum memchr")).collect());
    }),
    row("lock of version 1 with an edge too many", Refused, |tree| {
        older(tree, 1);
        let edge = format!("fnv $fnv ({})", in_edge(tree));
        tree.lock(|lock| with_edge(lock, "lib", &crate::project::fill(&edge)));
    }),
    row("lock with CRLF", Fresh, |tree| tree.lock(|lock| lock.replace('\n', "\r\n"))),
    row("lock with a byte-order mark", Fresh, |tree| tree.lock(|lock| format!("\u{feff}{lock}"))),
    row("lock with comments", Fresh, |tree| {
        tree.lock(|lock| lock.replace("[[package]]", "# a package\n[[package]] # here"))
    }),
    row("lock with keys that cargo does not know", Fresh, |tree| {
        tree.lock(|lock| lock.replace("name = \"memchr\"\n", "name = \"memchr\"\nnote = \"none\"\n"));
    }),
    row("lock with a source that is no text", Refused, |tree| with(tree, "source", "1")),
    row("lock with a checksum that is no text", Refused, |tree| with(tree, "checksum", "1")),
    row("lock with a replacement that is no text", Refused, |tree| with(tree, "replace", "1")),
    row("lock with edges that are no list", Refused, |tree| with(tree, "dependencies", "\"a\"")),
    row("lock with an edge that is no text", Refused, |tree| with(tree, "dependencies", "[1]")),
    row("lock with packages that are no list", Refused, |tree| tree.lock(|_| "version = 4\npackage = {}\n".to_owned())),
    row("lock with a package that is no table", Refused, |tree| {
        tree.lock(|_| "version = 4\npackage = [1]\n".to_owned())
    }),
    row("lock with a root that is no table", Refused, |tree| {
        tree.edit(LOCK, "version = 4\n", "version = 4\nroot = 1\n");
    }),
    row("lock with metadata", Fresh, |tree| tree.append(LOCK, "\n[metadata]\nnote = \"none\"\n")),
    row("lock with metadata that are no texts", Refused, |tree| tree.append(LOCK, "\n[metadata]\nnote = 1\n")),
    row("lock with a table of metadata that is a list", Refused, |tree| tree.append(LOCK, "\n[[metadata]]\n")),
    row("lock with patches of which none is said to be unused", Refused, |tree| tree.append(LOCK, "\n[patch]\n")),
    row("lock with unused patches that are no list", Refused, |tree| tree.append(LOCK, "\n[patch]\nunused = 1\n")),
    row("lock with its packages in another order", Fresh, |tree| {
        tree.lock(|lock| {
            let mut parts: Vec<&str> = lock.trim_end().split("\n\n").collect();
            parts[1..].reverse();
            parts.join("\n\n") + "\n"
        });
    }),
    row("lock with [root]", Fresh, |tree| {
        tree.lock(|lock| entry(lock, "app", |entry| entry.replace("[[package]]", "[root]")));
    }),
    row("lock missing", Refused, |tree| tree.remove(LOCK)),
    row("lock empty", Refused, |tree| tree.lock(|_| String::new())),
    row("lock cut in the middle", Refused, |tree| tree.lock(|lock| lock[..lock.len() - 40].to_owned())),
    row("lock with conflict markers", Refused, |tree| {
        tree.lock(|lock| lock.replacen("\n\n", "\n\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n", 1));
    }),
    row("member's entry deleted", Refused, |tree| tree.lock(|lock| entry(lock, "lib", |_| String::new()))),
    row("member's entry twice, with an older version", Refused, |tree| {
        tree.append(LOCK, "\n[[package]]\nname = \"lib\"\nversion = \"0.1.9\"\n");
    }),
    row("member's edges as an empty list", Refused, |tree| {
        tree.lock(|lock| {
            entry(lock, "lib", |entry| format!("{}dependencies = []\n", &entry[..entry.find("dep").expect("edges")]))
        });
    }),
    row("member's version changed in the lock", Refused, |tree| {
        tree.lock(|lock| entry(lock, "lib", |entry| entry.replace("0.2.0", "0.1.9")));
    }),
    row("member's name changed in the lock", Refused, |tree| {
        tree.lock(|lock| entry(lock, "app", |entry| entry.replace("\"app\"", "\"application\"")));
    }),
    row("member with a checksum", Refused, |tree| {
        tree.lock(|lock| entry(lock, "lib", |entry| entry.replace("\ndep", &format!("\n{CHECKSUM}dep"))));
    }),
    row("member with a source", Refused, |tree| {
        let source = source(tree);
        tree.lock(|lock| entry(lock, "lib", |entry| entry.replace("\ndep", &format!("\n{source}dep"))));
    }),
    row("package deleted", Refused, |tree| tree.lock(|lock| entry(lock, "itoa", |_| String::new()))),
    row("package deleted that only another package reaches", Refused, |tree| {
        tree.edit(APP, "memchr = \"=$memchr\"\n", "");
        tree.sync();
        tree.lock(|lock| entry(lock, "memchr", |_| String::new()));
    }),
    row("package twice", Refused, |tree| {
        tree.lock(|lock| entry(lock, "itoa", |entry| format!("{entry}\n{entry}")));
    }),
    row("package's checksum dropped", Refused, |tree| tree.lock(|lock| without(lock, "itoa", "checksum"))),
    row("package's checksum emptied", Refused, |tree| {
        tree.lock(|lock| without(lock, "itoa", "checksum"));
        tree.lock(|lock| entry(lock, "itoa", |entry| format!("{entry}checksum = \"\"\n")));
    }),
    row("package's checksum changed", Refused, |tree| {
        tree.lock(|lock| without(lock, "itoa", "checksum"));
        tree.lock(|lock| entry(lock, "itoa", |entry| format!("{entry}{CHECKSUM}")));
    }),
    row("package's source dropped", Refused, |tree| tree.lock(|lock| without(lock, "itoa", "source"))),
    row("package from another registry", Refused, |tree| {
        let source = source(tree);
        tree.lock(|lock| entry(lock, "itoa", |entry| entry.replace(&source, ELSEWHERE)));
    }),
    row("package locked to a version that does not satisfy", Refused, |tree| {
        tree.edit(LOCK, "name = \"itoa\"\nversion = \"$itoa\"", "name = \"itoa\"\nversion = \"0.4.8\"");
    }),
    row("edge of a member dropped", Refused, |tree| tree.lock(|lock| without(lock, "lib", " \"heck\""))),
    row("edge of a member dropped, to a target's dependency", Refused, |tree| {
        tree.lock(|lock| without(lock, "app", " \"either\""));
    }),
    row("edge of a package dropped, to what a member reaches too", Refused, |tree| {
        tree.lock(|lock| without(lock, "aho-corasick", " \"memchr\""));
    }),
    row("edge of a package dropped, to what nothing else reaches", Refused, |tree| {
        tree.edit(APP, "memchr = \"=$memchr\"\n", "");
        tree.sync();
        tree.lock(|lock| without(lock, "aho-corasick", " \"memchr\""));
    }),
    row("edge too many, of a member", Refused, |tree| tree.lock(|lock| with_edge(lock, "lib", "fnv"))),
    row("edge too many, of a member to another", Refused, |tree| tree.lock(|lock| with_edge(lock, "lib", "side"))),
    row("edge too many, of a package", Refused, |tree| tree.lock(|lock| with_edge(lock, "aho-corasick", "fnv"))),
    row("edge too many, of a path package to its development dependency", Refused, |tree| {
        tree.edit(LIB, "heck = \"=$heck\"\n", "heck = \"=$heck\"\nonce_cell = \"=$once_cell\"\n");
        tree.sync();
        tree.lock(|lock| with_edge(lock, "side", "once_cell"));
    }),
    row("edge too many, of a path package to an optional dependency", Refused, |tree| {
        tree.lock(|lock| with_edge(lock, "side", "heck"));
    }),
    row("edge that leads to no package", Fresh, |tree| tree.lock(|lock| with_edge(lock, "lib", "nothing"))),
    row("edge twice", Fresh, |tree| tree.lock(|lock| with_edge(lock, "lib", "heck"))),
    row("edge spelled with its version", Fresh, |tree| {
        tree.lock(|lock| without(lock, "lib", " \"heck\""));
        tree.lock(|lock| with_edge(lock, "lib", &crate::project::fill("heck $heck")));
    }),
    row("edge spelled in full", Fresh, |tree| {
        let edge = format!("heck $heck ({})", in_edge(tree));
        tree.lock(|lock| without(lock, "lib", " \"heck\""));
        tree.lock(|lock| with_edge(lock, "lib", &crate::project::fill(&edge)));
    }),
    row("edge with a version that is not locked", Refused, |tree| {
        tree.lock(|lock| without(lock, "lib", " \"heck\""));
        tree.lock(|lock| with_edge(lock, "lib", "heck 0.0.9"));
    }),
    row("edge with a source that is not locked", Refused, |tree| {
        tree.lock(|lock| without(lock, "lib", " \"heck\""));
        let edge = crate::project::fill("heck $heck (registry+https://registry.invalid/index)");
        tree.lock(|lock| with_edge(lock, "lib", &edge));
    }),
    row("edge without the version that tells two apart", Refused, |tree| {
        tree.lock(|lock| without(lock, "lib", " \"bitflags"));
        tree.lock(|lock| with_edge(lock, "lib", "bitflags"));
    }),
    row("edge to the other of two versions", Refused, |tree| {
        tree.lock(|lock| without(lock, "lib", " \"bitflags"));
        tree.lock(|lock| with_edge(lock, "lib", &crate::project::fill("bitflags $bitflags2")));
    }),
    row("edges to two versions, of which all requirements admit the first", Refused, |tree| two_edges(tree, ">=1")),
    row("edges to two versions, each the first for a requirement", Fresh, |tree| two_edges(tree, ">=2")),
    row("package too many, without a source", Fresh, |tree| tree.lock(|lock| with_package(lock, "zzz", ""))),
    row("package too many, from a registry", Refused, |tree| {
        let source = source(tree);
        tree.lock(|lock| with_package(lock, "zzz", &format!("{source}{CHECKSUM}")));
    }),
    row("package too many, from git", Refused, |tree| {
        tree.lock(|lock| with_package(lock, "zzz", &format!("source = \"git+file:///nowhere#{:040}\"\n", 1)));
    }),
    row("package too many, a second version of a locked one", Refused, |tree| {
        let source = source(tree);
        tree.lock(|lock| with_package(lock, "itoa", &format!("{source}{CHECKSUM}")));
    }),
    row("patch listed as unused, without a source", Fresh, |tree| {
        tree.append(LOCK, "\n[[patch.unused]]\nname = \"zzz\"\nversion = \"1.0.0\"\n");
    }),
    row("patch listed as unused, with a source", Refused, |tree| {
        tree.append(LOCK, &format!("\n[[patch.unused]]\nname = \"zzz\"\nversion = \"1.0.0\"\n{ELSEWHERE}"));
    }),
    row("patch listed as unused that is a member", Refused, |tree| {
        tree.append(LOCK, "\n[[patch.unused]]\nname = \"lib\"\nversion = \"0.2.0\"\n");
    }),
    row("workspace without any dependency, lock missing", Refused, |tree| {
        tree.edit(ROOT, "members = [\"app\", \"lib\"]", "members = [\"none\"]");
        tree.package("none", "none", "0.1.0", "");
        for directory in ["app", "lib", "side"] {
            tree.remove(&format!("{directory}/Cargo.toml"));
        }
        tree.remove(LOCK);
    }),
];

#[test]
fn changed_lockfiles() {
    let (first, second) = ROWS.split_at(ROWS.len() / 2);
    let base = workspace();
    std::thread::scope(|scope| {
        scope.spawn(|| judge(&base, first));
        judge(&base, second);
    });
}
