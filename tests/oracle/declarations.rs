//! Rows about declarations: requirements, names, tables, inheritance, and where a package comes from.

use crate::staleness::{APP, Fresh, LIB, ROOT, Refused, Row, judge, row, workspace};
use crate::tree::Tree;

const MEMCHR: &str = "memchr = \"=$memchr\"\n";
const BITFLAGS: &str = "bitflags = \"=$bitflags2\"\n";
const ITOA: &str = "itoa = { workspace = true }\n";

fn memchr(tree: &mut Tree, new: &str) {
    tree.edit(APP, MEMCHR, new);
}

/// Takes memchr out of its table and puts it into another.
fn memchr_in(tree: &mut Tree, table: &str) {
    memchr(tree, "");
    tree.append(APP, &format!("\n{table}\n{MEMCHR}"));
}

pub(crate) const ROWS: &[Row] = &[
    row("nothing changed", Fresh, |_| {}),
    row("dependencies that are a list of tables", Refused, |tree| {
        tree.append(APP, "\n[[target.x.dependencies]]\na = \"1\"\n")
    }),
    row("targets that are a list of tables", Refused, |tree| tree.append(LIB, "\n[[target]]\nx = 1\n")),
    row("a target without a table", Refused, |tree| tree.append(LIB, "\n[target]\nx = 1\n")),
    row("a target with a table that cargo does not know", Fresh, |tree| {
        tree.append(LIB, "\n[target.x.other]\na = 1\n")
    }),
    row("inherited dependencies that are a list of tables", Refused, |tree| {
        tree.edit(ROOT, "[workspace.dependencies]", "[[workspace.dependencies]]");
    }),
    row("members that are no list", Refused, |tree| tree.edit(ROOT, "[\"app\", \"lib\"]", "\"app\"")),
    row("members that are not all texts", Refused, |tree| {
        tree.edit(ROOT, "[\"app\", \"lib\"]", "[\"app\", \"lib\", 1]")
    }),
    row("patches that are a list of tables", Refused, |tree| tree.append(ROOT, "\n[[patch.crates-io]]\na = \"1\"\n")),
    row("requirement widened to a caret", Fresh, |tree| memchr(tree, "memchr = \"2\"\n")),
    row("requirement widened to anything", Fresh, |tree| memchr(tree, "memchr = \"*\"\n")),
    row("requirement widened to bounds", Fresh, |tree| memchr(tree, "memchr = \">=2, <3\"\n")),
    row("requirement narrowed to an exact pin", Fresh, |tree| {
        tree.edit(
            APP,
            "lib = { path = \"../lib\", version = \"0.2.0\" }",
            "lib = { path = \"../lib\", version = \"=0.2.0\" }",
        );
    }),
    row("requirement spelled with spaces", Fresh, |tree| memchr(tree, "memchr = \" = $memchr \"\n")),
    row("requirement with other build metadata", Fresh, |tree| memchr(tree, "memchr = \"=$memchr+other\"\n")),
    row("requirement raised within the major version", Refused, |tree| memchr(tree, "memchr = \"2.9999\"\n")),
    row("requirement raised beyond it", Refused, |tree| memchr(tree, "memchr = \"99\"\n")),
    row("requirement lowered", Refused, |tree| memchr(tree, "memchr = \"<2\"\n")),
    row("requirement that is none", Refused, |tree| memchr(tree, "memchr = \"==2\"\n")),
    row("requirement that is none, beside a path", Refused, |tree| {
        tree.edit(
            APP,
            "lib = { path = \"../lib\", version = \"0.2.0\" }",
            "lib = { path = \"../lib\", version = \"==0.2.0\" }",
        );
    }),
    row("git beside a path", Refused, |tree| {
        tree.edit(APP, "path = \"../lib\"", "git = \"https://example.com/lib\", path = \"../lib\"");
    }),
    row("git beside a registry", Refused, |tree| {
        memchr(tree, "memchr = { git = \"https://example.com/memchr\", registry = \"ours\" }\n");
    }),
    row("git beside a path, in an entry that nobody inherits", Fresh, |tree| {
        tree.append(ROOT, "x = { git = \"https://example.com/x\", path = \"x\" }\n");
    }),
    row("optional entry of the workspace", Refused, |tree| {
        tree.append(ROOT, "x = { version = \"=1.0.0\", optional = true }\n");
    }),
    row("dependency without version or source", Refused, |tree| memchr(tree, "memchr = {}\n")),
    row("dependency added that is new", Refused, |tree| memchr(tree, "memchr = \"2\"\nonce_cell = \"=$once_cell\"\n")),
    row("dependency added that another member has", Refused, |tree| {
        memchr(tree, "memchr = \"2\"\nheck = \"=$heck\"\n")
    }),
    row("dependency added for a target that never is", Refused, |tree| {
        tree.append(APP, "\n[target.'cfg(any())'.dependencies]\nonce_cell = \"=$once_cell\"\n");
    }),
    row("dependency removed that nothing else reaches", Refused, |tree| {
        tree.edit(APP, "aho-corasick = \"=$aho-corasick\"\n", "");
    }),
    row("dependency removed that another package reaches", Refused, |tree| memchr(tree, "")),
    row("dependency removed and the lockfile synced", Fresh, |tree| {
        memchr(tree, "");
        tree.sync();
    }),
    row("two versions of one package", Fresh, |tree| {
        tree.edit(APP, BITFLAGS, "bitflags = \"=$bitflags2\"\nolder = { package = \"bitflags\", version = \"1\" }\n");
        tree.sync();
    }),
    row("two versions of one package, and one that admits both left", Refused, |tree| {
        tree.edit(APP, BITFLAGS, "bitflags = \"=$bitflags2\"\nolder = { package = \"bitflags\", version = \"1\" }\n");
        tree.sync();
        let left = "bitflags = \">=1\"\n";
        tree.edit(APP, "bitflags = \"=$bitflags2\"\nolder = { package = \"bitflags\", version = \"1\" }\n", left);
    }),
    row("two declarations of one version", Fresh, |tree| {
        tree.edit(APP, BITFLAGS, "bitflags = \"=$bitflags2\"\nother = { package = \"bitflags\", version = \"2\" }\n");
    }),
    row("dependency commented out", Refused, |tree| memchr(tree, "# memchr = \"=$memchr\"\n")),
    row("dependency renamed by `package`", Fresh, |tree| {
        memchr(tree, "search = { package = \"memchr\", version = \"=$memchr\" }\n");
    }),
    row("`package` changed under the same key", Refused, |tree| {
        memchr(tree, "memchr = { package = \"heck\", version = \"=$heck\" }\n");
    }),
    row("second version of a package under another name", Refused, |tree| {
        memchr(tree, "memchr = \"2\"\nold = { package = \"bitflags\", version = \"=$bitflags1\" }\n");
    }),
    row("second version under another name, synced", Fresh, |tree| {
        memchr(tree, "memchr = \"2\"\nold = { package = \"bitflags\", version = \"=$bitflags1\" }\n");
        tree.sync();
    }),
    row("version swapped for another that is locked", Refused, |tree| {
        tree.edit(APP, "bitflags = \"=$bitflags2\"", "bitflags = \"=$bitflags1\"");
    }),
    row("moved to the development dependencies", Fresh, |tree| {
        memchr(tree, "");
        tree.edit(APP, "[dev-dependencies]\n", "[dev-dependencies]\nmemchr = \"=$memchr\"\n");
    }),
    row("moved to the build dependencies", Fresh, |tree| {
        memchr(tree, "");
        tree.edit(APP, "[build-dependencies]\n", "[build-dependencies]\nmemchr = \"=$memchr\"\n");
    }),
    row("moved to a target", Fresh, |tree| memchr_in(tree, "[target.'cfg(unix)'.dependencies]")),
    row("moved to a target's development dependencies", Fresh, |tree| {
        memchr_in(tree, "[target.x86_64-unknown-none.dev-dependencies]");
    }),
    row("moved out of a target", Fresh, |tree| tree.edit(APP, "\n[target.'cfg(windows)'.dependencies]\n", "")),
    row("moved to another target and kind", Fresh, |tree| {
        tree.edit(APP, "[target.'cfg(windows)'.dependencies]\n", "[target.'cfg(unix)'.build-dependencies]\n");
    }),
    row("declared in two tables", Fresh, |tree| {
        tree.edit(APP, "[dev-dependencies]\n", "[dev-dependencies]\nmemchr = \"2\"\n");
    }),
    row("declared in two tables that differ", Refused, |tree| {
        tree.edit(APP, "[dev-dependencies]\n", "[dev-dependencies]\nbitflags = \"=$bitflags1\"\n");
    }),
    row("made optional", Fresh, |tree| memchr(tree, "memchr = { version = \"=$memchr\", optional = true }\n")),
    row("no longer optional", Fresh, |tree| {
        tree.edit(APP, "strsim = { version = \"=$strsim\", optional = true }", "strsim = \"=$strsim\"");
    }),
    row("optional dependency removed", Refused, |tree| {
        tree.edit(APP, "strsim = { version = \"=$strsim\", optional = true }\n", "");
    }),
    row("feature of the member's own added", Fresh, |tree| {
        tree.edit(APP, "extra = []", "extra = []\nmore = [\"extra\"]")
    }),
    row("default features switched off", Fresh, |tree| {
        memchr(tree, "memchr = { version = \"=$memchr\", default-features = false }\n");
    }),
    row("feature that switches on another package's dependency", Refused, |tree| {
        tree.edit(
            APP,
            "aho-corasick = \"=$aho-corasick\"",
            "aho-corasick = { version = \"=$aho-corasick\", features = [\"logging\"] }",
        );
    }),
    row("dotted and quoted keys", Fresh, |tree| memchr(tree, "\"memchr\".\"version\" = '=$memchr'\n")),
    row("table of its own", Fresh, |tree| {
        memchr(tree, "");
        tree.append(APP, "\n[dependencies.memchr]\nversion = \"=$memchr\"\n");
    }),
    row("name with an underscore for a hyphen", Refused, |tree| {
        tree.edit(APP, "aho-corasick = \"", "aho_corasick = \"")
    }),
    row("name with a capital", Refused, |tree| memchr(tree, "Memchr = \"=$memchr\"\n")),
    row("resolver of another edition", Fresh, |tree| tree.edit(ROOT, "resolver = \"2\"", "resolver = \"3\"")),
    row("underscore spelling", Fresh, |tree| tree.edit(APP, "[dev-dependencies]", "[dev_dependencies]")),
    row("underscore spelling in edition 2024", Refused, |tree| {
        tree.edit(APP, "[dev-dependencies]", "[dev_dependencies]");
        tree.edit(APP, "edition = \"2021\"", "edition = \"2024\"");
    }),
    row("manifest with CRLF and a byte-order mark", Fresh, |tree| {
        let text = format!("\u{feff}{}", tree.text(APP).replace('\n', "\r\n"));
        tree.put(APP, &text);
    }),
    row("inherited from the workspace", Fresh, |tree| {
        memchr(tree, "memchr.workspace = true\n");
        tree.append(ROOT, MEMCHR);
    }),
    row("inherited for a target, optional and with features", Fresh, |tree| {
        memchr(tree, "");
        tree.append(
            APP,
            "\n[target.'cfg(unix)'.dependencies.memchr]\nworkspace = true\noptional = true\nfeatures = [\"std\"]\n",
        );
        tree.append(ROOT, "memchr = { version = \"2\", default-features = false }\n");
    }),
    row("inherited under another name", Fresh, |tree| {
        memchr(tree, "search.workspace = true\n");
        tree.append(ROOT, "search = { package = \"memchr\", version = \"2\" }\n");
    }),
    row("edition inherited and not there", Refused, |tree| {
        tree.edit(APP, "edition = \"2021\"", "edition.workspace = true");
    }),
    row("edition inherited", Fresh, |tree| {
        tree.edit(APP, "edition = \"2021\"", "edition.workspace = true");
        tree.edit(ROOT, "[workspace.package]\n", "[workspace.package]\nedition = \"2021\"\n");
    }),
    row("inherited and not there", Refused, |tree| memchr(tree, "memchr.workspace = true\n")),
    row("inherited, said to be false", Refused, |tree| {
        tree.edit(APP, ITOA, "itoa = { version = \"=$itoa\", workspace = false }\n");
    }),
    row("registry of cargo's own, by its name", Fresh, |tree| {
        memchr(tree, "memchr = { version = \"=$memchr\", registry = \"crates-io\" }\n");
    }),
    row("registry of cargo's own by its name, of another version", Refused, |tree| {
        memchr(tree, "memchr = { version = \"99\", registry = \"crates-io\" }\n");
    }),
    row("no longer inherited", Fresh, |tree| tree.edit(APP, ITOA, "itoa = \"=$itoa\"\n")),
    row("workspace's requirement widened", Fresh, |tree| tree.edit(ROOT, "itoa = \"=$itoa\"", "itoa = \"1\"")),
    row("workspace's requirement raised", Refused, |tree| tree.edit(ROOT, "itoa = \"=$itoa\"", "itoa = \"1.9999\"")),
    row("workspace's entry added that no member uses", Fresh, |tree| tree.append(ROOT, "once_cell = \"=99.0.0\"\n")),
    row("workspace's entry renamed to another package", Refused, |tree| {
        tree.edit(ROOT, "itoa = \"=$itoa\"", "itoa = { package = \"heck\", version = \"=$heck\" }");
    }),
    row("conflicting exact requirements in two members", Refused, |tree| {
        tree.edit(LIB, "heck = \"=$heck\"\n", "heck = \"=$heck\"\nmemchr = \"=2.0.1\"\n");
    }),
];

const LIB_PATH: &str = "lib = { path = \"../lib\", version = \"0.2.0\" }\n";

pub(crate) const SOURCES: &[Row] = &[
    row("from the registry to a path", Refused, |tree| {
        tree.package("memchr", "memchr", "$memchr", "");
        memchr(tree, "memchr = { path = \"../memchr\", version = \"=$memchr\" }\n");
    }),
    row("from the registry to a path, synced", Fresh, |tree| {
        tree.package("memchr", "memchr", "$memchr", "");
        memchr(tree, "memchr = { path = \"../memchr\", version = \"=$memchr\" }\n");
        tree.sync();
    }),
    row("from a path to the registry", Refused, |tree| tree.edit(APP, LIB_PATH, "lib = \"0.2.0\"\n")),
    row("from the registry to another by URL", Refused, |tree| {
        memchr(tree, "memchr = { version = \"=$memchr\", registry-index = \"https://registry.invalid/index\" }\n");
    }),
    row("from the registry to one that nothing configures", Refused, |tree| {
        memchr(tree, "memchr = { version = \"=$memchr\", registry = \"nowhere\" }\n");
    }),
    row("from the registry to git", Refused, |tree| {
        memchr(tree, "memchr = { version = \"=$memchr\", git = \"file:///nowhere\" }\n");
    }),
    row("requirement of a path dependency dropped", Fresh, |tree| {
        tree.edit(APP, LIB_PATH, "lib = { path = \"../lib\" }\n");
    }),
    row("requirement of a path dependency that its package does not meet", Refused, |tree| {
        tree.edit(APP, LIB_PATH, "lib = { path = \"../lib\", version = \"0.9\" }\n");
    }),
    row("path spelled in a roundabout way", Fresh, |tree| {
        tree.edit(APP, LIB_PATH, "lib = { path = \"../app/.././lib\" }\n");
    }),
    row("path to nowhere", Refused, |tree| tree.edit(APP, LIB_PATH, "lib = { path = \"../nowhere\" }\n")),
    row("path to a package of another name", Refused, |tree| {
        tree.edit(APP, LIB_PATH, "lib = { path = \"../side\" }\n")
    }),
    row("path dependency removed", Refused, |tree| tree.edit(APP, LIB_PATH, "")),
    row("path dependency inherited from the workspace", Fresh, |tree| {
        tree.edit(APP, LIB_PATH, "lib.workspace = true\n");
        tree.append(ROOT, "lib = { path = \"lib\" }\n");
    }),
    row("path dependency on itself for its tests", Refused, |tree| {
        tree.edit(APP, "[dev-dependencies]\n", "[dev-dependencies]\napp = { path = \".\" }\n");
    }),
    row("path dependency on itself for its tests, synced", Fresh, |tree| {
        tree.edit(APP, "[dev-dependencies]\n", "[dev-dependencies]\napp = { path = \".\" }\n");
        tree.sync();
    }),
    row("development dependency in a circle, synced", Fresh, |tree| {
        tree.append(LIB, "\n[dev-dependencies]\napp = { path = \"../app\" }\n");
        tree.sync();
    }),
];

#[test]
fn changed_declarations() {
    judge(&workspace(), ROWS);
}

#[test]
fn changed_sources() {
    judge(&workspace(), SOURCES);
}
