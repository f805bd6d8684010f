//! Rows about `[patch]` and `[replace]`, in manifests and in cargo's configuration.

use crate::staleness::{Fresh, LIB, ROOT, Refused, Row, judge, row, workspace};
use crate::tree::Tree;

const CONFIG: &str = ".cargo/config.toml";

/// A package in `patched` that can stand in for a crate.
fn stand_in(tree: &mut Tree, version: &str) {
    tree.package("patched", "heck", version, "");
    tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"patched\"]");
}

/// A patch that is used.
fn used(tree: &mut Tree) {
    stand_in(tree, "$heck");
    tree.append(ROOT, "\n[patch.crates-io]\nheck = { path = \"patched\" }\n");
}

/// A patch that nothing can use.
fn unused(tree: &mut Tree) {
    stand_in(tree, "99.0.0");
    tree.append(ROOT, "\n[patch.crates-io]\nheck = { path = \"patched\" }\n");
}

fn configured(tree: &mut Tree, version: &str) {
    stand_in(tree, version);
    tree.put(CONFIG, "[patch.crates-io]\nheck = { path = \"patched\" }\n");
}

fn none_used(tree: &mut Tree) {
    unused(tree);
    tree.package("unused", "heck", "98.0.0", "");
    tree.edit(ROOT, "\"patched\"]", "\"patched\", \"unused\"]");
    tree.append(ROOT, "earlier = { package = \"heck\", path = \"unused\" }\n");
}

/// A patch of the registry's `lib`, which nobody wants: the members' is by path.
fn stand_in_for_lib(tree: &mut Tree, version: &str) {
    tree.package("patched", "lib", version, "");
    tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"patched\"]");
    tree.append(ROOT, "\n[patch.crates-io]\nlib = { path = \"patched\" }\n");
}

fn two_versions(tree: &mut Tree) {
    tree.package("patched", "bitflags", "$bitflags1", "");
    tree.edit(ROOT, "exclude = [\"side\"]", "exclude = [\"side\", \"patched\"]");
    tree.append(ROOT, "\n[patch.crates-io]\nbitflags = { path = \"patched\" }\n");
}

fn replaced(tree: &mut Tree) {
    stand_in(tree, "$heck");
    tree.append(ROOT, "\n[replace]\n\"heck:$heck\" = { path = \"patched\" }\n");
}

pub(crate) const ROWS: &[Row] = &[
    row("patch added that is used", Refused, used),
    row("patch added that is used, synced", Fresh, |tree| {
        used(tree);
        tree.sync();
    }),
    row("patch added that is unused", Refused, unused),
    row("patch added that is unused, synced", Fresh, |tree| {
        unused(tree);
        tree.sync();
    }),
    row("patch in the manifest and another in the configuration, synced", Fresh, |tree| {
        used(tree);
        tree.edit(LIB, "heck = \"=$heck\"", "heck = \"*\"");
        tree.package("other", "heck", "99.0.0", "");
        tree.edit(ROOT, "\"patched\"]", "\"patched\", \"other\"]");
        tree.put(CONFIG, "[patch.crates-io]\nheck = { path = \"other\" }\n");
        tree.sync();
    }),
    row("patch added under another name, synced", Fresh, |tree| {
        stand_in(tree, "$heck");
        tree.append(ROOT, "\n[patch.crates-io]\nother = { package = \"heck\", path = \"patched\" }\n");
        tree.sync();
    }),
    row("patch removed that was used", Refused, |tree| {
        used(tree);
        tree.sync();
        tree.edit(ROOT, "heck = { path = \"patched\" }\n", "");
    }),
    row("patch removed that was unused", Fresh, |tree| {
        unused(tree);
        tree.sync();
        tree.edit(ROOT, "heck = { path = \"patched\" }\n", "");
    }),
    row("patch bumped that is used", Refused, |tree| {
        used(tree);
        tree.edit(LIB, "heck = \"=$heck\"", "heck = \"*\"");
        tree.sync();
        tree.edit("patched/Cargo.toml", "version = \"$heck\"", "version = \"99.0.0\"");
    }),
    row("patch bumped that is unused", Refused, |tree| {
        unused(tree);
        tree.sync();
        tree.edit("patched/Cargo.toml", "version = \"99.0.0\"", "version = \"99.0.1\"");
    }),
    row("patch with a dependency that the lock misses", Refused, |tree| {
        used(tree);
        tree.sync();
        tree.append("patched/Cargo.toml", "[dependencies]\nonce_cell = \"=$once_cell\"\n");
    }),
    row("patch with a dependency, synced", Fresh, |tree| {
        used(tree);
        tree.append("patched/Cargo.toml", "[dependencies]\nonce_cell = \"=$once_cell\"\n");
        tree.sync();
    }),
    row("patch that is no longer listed as unused", Refused, |tree| {
        unused(tree);
        tree.sync();
        tree.lock(|lock| lock[..lock.find("\n[[patch.unused]]").expect("it is unused")].to_owned());
    }),
    row("patch by the registry's URL, synced", Fresh, |tree| {
        stand_in(tree, "$heck");
        let source = tree.text("Cargo.lock").lines().find_map(|line| line.strip_prefix("source = \"registry+"));
        let url = source.expect("something has a source").trim_end_matches('"').to_owned();
        tree.append(ROOT, &format!("\n[patch.\"{url}\"]\nheck = {{ path = \"patched\" }}\n"));
        tree.sync();
    }),
    row("patch by a member, synced", Fresh, |tree| {
        tree.package("patched", "heck", "$heck", "");
        tree.edit(ROOT, "\"lib\"]", "\"lib\", \"patched\"]");
        tree.append(ROOT, "\n[patch.crates-io]\nheck = { path = \"patched\" }\n");
        tree.sync();
    }),
    row("patch of one of two versions", Refused, two_versions),
    row("patch of one of two versions, synced", Fresh, |tree| {
        two_versions(tree);
        tree.sync();
    }),
    row("patches of one package, the second unused, synced", Fresh, |tree| {
        used(tree);
        tree.package("unused", "heck", "99.0.0", "");
        tree.edit(ROOT, "\"patched\"]", "\"patched\", \"unused\"]");
        tree.append(ROOT, "later = { package = \"heck\", path = \"unused\" }\n");
        tree.sync();
    }),
    row("patches of both versions of a package, synced", Fresh, |tree| {
        two_versions(tree);
        tree.package("other", "bitflags", "$bitflags2", "");
        tree.edit(ROOT, "\"patched\"]", "\"patched\", \"other\"]");
        tree.append(ROOT, "later = { package = \"bitflags\", path = \"other\" }\n");
        tree.sync();
    }),
    row("patches of one package, none used, synced", Fresh, |tree| {
        none_used(tree);
        tree.sync();
    }),
    row("patches of one package, none used, one no longer listed", Refused, |tree| {
        none_used(tree);
        tree.sync();
        tree.lock(|lock| lock[..lock.rfind("\n[[patch.unused]]").expect("two are unused")].to_owned());
    }),
    row("patches of one package, none used, listed in another order", Refused, |tree| {
        none_used(tree);
        tree.sync();
        tree.lock(|lock| lock.replace("98.0.0", "?").replace("99.0.0", "98.0.0").replace('?', "99.0.0"));
    }),
    row("patch of a member's name and version, unused", Refused, |tree| stand_in_for_lib(tree, "0.2.0")),
    row("patch of a member's name and version, unused, synced", Fresh, |tree| {
        stand_in_for_lib(tree, "0.2.0");
        tree.sync();
    }),
    row("patch of a member's name, unused, synced", Fresh, |tree| {
        stand_in_for_lib(tree, "99.0.0");
        tree.sync();
    }),
    row("patch with path, development and optional dependencies, synced", Fresh, |tree| {
        used(tree);
        tree.package("patched/deep", "deep", "0.1.0", "");
        tree.append("patched/Cargo.toml", "[dependencies]\ndeep = { path = \"deep\" }\n");
        tree.append("patched/Cargo.toml", "fnv = { version = \"=$fnv\", optional = true }\n");
        tree.append("patched/Cargo.toml", "\n[dev-dependencies]\nonce_cell = \"=$once_cell\"\n");
        tree.sync();
    }),
    row("patch unused, with a dependency, synced", Fresh, |tree| {
        unused(tree);
        tree.append("patched/Cargo.toml", "[dependencies]\nonce_cell = \"=$once_cell\"\n");
        tree.sync();
    }),
    row("patch in a manifest and another in cargo's configuration, synced", Fresh, |tree| {
        used(tree);
        tree.package("other", "fnv", "$fnv", "");
        tree.edit(ROOT, "\"patched\"]", "\"patched\", \"other\"]");
        tree.put(CONFIG, "[patch.crates-io]\nfnv = { path = \"other\" }\n");
        tree.sync();
    }),
    row("patch to nowhere", Refused, |tree| {
        tree.append(ROOT, "\n[patch.crates-io]\nheck = { path = \"nowhere\" }\n");
    }),
    row("override by `paths` in cargo's configuration", Fresh, |tree| {
        stand_in(tree, "$heck");
        tree.put(CONFIG, "paths = [\"patched\"]\n");
    }),
    row("patch in a member, which cargo does not read", Fresh, |tree| {
        stand_in(tree, "$heck");
        tree.append(LIB, "\n[patch.crates-io]\nheck = { path = \"../patched\" }\n");
    }),
    row("patch in cargo's configuration that is used", Refused, |tree| configured(tree, "$heck")),
    row("patch in cargo's configuration that is used, synced", Fresh, |tree| {
        configured(tree, "$heck");
        tree.sync();
    }),
    row("patch in cargo's configuration that is unused", Refused, |tree| configured(tree, "99.0.0")),
    row("patch in cargo's configuration that is unused, synced", Fresh, |tree| {
        configured(tree, "99.0.0");
        tree.sync();
    }),
    row("replacement added", Refused, replaced),
    row("replacement added, synced", Fresh, |tree| {
        replaced(tree);
        tree.sync();
    }),
    row("replacement removed", Refused, |tree| {
        replaced(tree);
        tree.sync();
        tree.edit(ROOT, "\"heck:$heck\" = { path = \"patched\" }\n", "");
    }),
    row("replacement of a version that is not locked", Fresh, |tree| {
        stand_in(tree, "0.3.3");
        tree.append(ROOT, "\n[replace]\n\"heck:0.3.3\" = { path = \"patched\" }\n");
    }),
];

#[test]
fn changed_patches() {
    judge(&workspace(), ROWS);
}
