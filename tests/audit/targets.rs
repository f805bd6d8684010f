//! Which repositories there are: directories that are searched, and lists.

use serde_json::Value;

use crate::{Audit, Fleet, read};

#[test]
fn every_kind_of_repository_is_found() {
    let fleet = Fleet::new().floating("org/tree");
    fleet.git(".", &["clone", "--quiet", "--bare", "org/tree", "bare/one.git"]);
    fleet.git(".", &["clone", "--quiet", "--mirror", "org/tree", "bare/two"]);
    fleet.git("org/tree", &["worktree", "add", "--quiet", "../../linked"]);
    let audit = fleet.audit(&[]);
    assert_eq!(audit.names(), ["linked", "one", "tree", "two"]);
    assert!(audit.rows().iter().all(|row| row["findings"] == audit.row("tree")["findings"]));
    assert_eq!(audit.row("one")["path"], "./bare/one.git");
    assert_eq!(
        (&audit.row("linked")["reference"], &audit.row("tree")["reference"]),
        (&"linked".into(), &"main".into())
    );
}

/// A repository in a working tree is one of its own; a submodule is its outer one's, and not searched.
#[test]
fn a_repository_inside_another_is_found_unless_it_is_a_submodule() {
    let fleet = Fleet::new().floating("lib").floating("outer").floating("outer/inner").floating("outer/lib");
    fleet.git("outer", &["submodule", "--quiet", "add", "../lib", "modules/new"]);
    // As git made them once: a whole repository, that .gitmodules names.
    fleet.git("outer", &["config", "--file", ".gitmodules", "submodule.old.path", "lib"]);
    let fleet = fleet.floating("outer/modules/new/deeper");
    assert_eq!(fleet.audit(&[]).names(), ["inner", "lib", "outer"]);
    // What the user names is judged, whatever it is to others.
    let named = read(fleet.0.run(&["audit", "outer/lib", "outer/modules/new", "--format", "json"]));
    assert_eq!(named.names(), ["deeper", "lib", "new"]);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_but_one_that_is_named() {
    let fleet = Fleet::new().floating("real/mine");
    std::os::unix::fs::symlink("../real", fleet.0.root().join("real/loop")).expect("links can be made");
    std::os::unix::fs::symlink("real", fleet.0.root().join("alias")).expect("links can be made");
    assert_eq!(fleet.audit(&[]).names(), ["mine"]);
    let named = read(fleet.0.run(&["audit", "alias", "--format", "json"]));
    assert_eq!(named.names(), ["mine"]);
    assert_eq!(named.row("mine")["path"], "alias/mine");
}

#[test]
fn what_is_named_twice_is_one_row() {
    let fleet = Fleet::new().floating("a");
    let audit = read(fleet.0.run(&["audit", "a", "./a", ".", "a/.git", "--format", "json"]));
    assert_eq!(audit.names(), ["a"]);
}

#[test]
fn caches_and_what_others_installed_are_not_searched() {
    let fleet = Fleet::new().floating("mine").floating("mine/node_modules/x").floating("mine/target/git/y");
    let fleet = fleet.file("mine/target/CACHEDIR.TAG", "");
    assert_eq!(fleet.audit(&[]).names(), ["mine"]);
}

fn of_list(fleet: &Fleet, file: &str, text: &str) -> Audit {
    fleet.0.write(file, text);
    read(fleet.0.run(&["audit", "--from", file, "--format", "json"]))
}

#[test]
fn a_list_is_a_path_or_url_a_line() {
    let fleet = Fleet::new().floating("org/a").floating("org/b").floating("other");
    let text = "# the fleet\n\n../org/a   # mine\n  ../other\r\nhttps://user:secret@example.com/org/c.git\ngit@example.com:d\n";
    let audit = of_list(&fleet, "lists/fleet.txt", text);
    assert_eq!(audit.names(), ["a", "c", "d", "other"]);
    assert!(audit.error("c").contains("--cache"), "{}", audit.error("c"));
    assert_eq!(audit.row("c")["url"], "https://example.com/org/c.git");
    assert_eq!((audit.code, &audit.row("a")["error"]), (2, &Value::Null));
    assert!(!audit.json.to_string().contains("secret"));
}

#[test]
fn a_list_in_toml_says_more_of_each() {
    let fleet = Fleet::new().floating("org/a").floating("org/b");
    fleet.git("org/a", &["tag", "v1"]);
    fleet.0.write("org/a/Cargo.toml", "noise");
    fleet.commit("org/a");
    let text = "[[repository]]\nname = \"shop\"\npath = \"org/a\"\nrev = \"v1\"\nowner = \"team-x\"\nlabels = [\"pci\", \"web\"]\n\
                [[repository]]\npath = \"org\"\nowner = \"team-y\"\n";
    let audit = of_list(&fleet, "fleet.toml", text);
    assert_eq!(audit.names(), ["a", "b", "shop"]);
    let shop = audit.row("shop");
    assert_eq!((&shop["owner"], &shop["labels"]), (&"team-x".into(), &serde_json::json!(["pci", "web"])));
    assert_eq!((audit.findings("shop").len(), &shop["reference"]), (2, &"v1".into()));
    assert_eq!(audit.row("b")["owner"], "team-y");
    assert!(audit.findings("a")[0].contains("unreadable-file"));
}

#[test]
fn a_mistake_in_a_list_names_its_line() {
    let fleet = Fleet::new();
    for (text, expected) in [
        ("\n[[repositry]]\n", "fleet.toml:2: unknown key `repositry`; did you mean `repository`?"),
        ("[[repository]]\npth = \"x\"\n", "fleet.toml:2: unknown key of a repository `pth`; did you mean `path`?"),
        ("[[repository]]\nname = \"x\"\n", "fleet.toml:1: a repository needs a `path` or a `url`"),
        ("[[repository]]\npath = \"x\"\nurl = \"y\"\n", "a `path` or a `url`, not both"),
        ("[[repository]]\npath = 3\n", "fleet.toml:2: `path` must be a string"),
        ("[[repository]]\nname = \"x\"\npath = \"x\"\n[[repository]]\nname = \"x\"\npath = \"y\"\n", "named `x`"),
        ("a = \n", "not valid TOML"),
        ("", "the lists name no repository"),
    ] {
        fleet.0.write("fleet.toml", text);
        let error = fleet.0.run(&["audit", "--from", "fleet.toml"]).error();
        assert!(error.contains(expected), "{error}");
    }
    let error = fleet.0.run(&["audit", "--from", "none.txt"]).error();
    assert!(error.contains("cannot read the list `none.txt`"), "{error}");
    let error = fleet.0.run(&["audit"]).error();
    assert!(error.contains("TARGET") || error.contains("--from"), "{error}");
}
