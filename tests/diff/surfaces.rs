//! What differs beyond Cargo: actions, images, npm, Python, tools and what pages load.

use crate::support::{COMMIT, Repo};
use crate::{declarations, diff, list, text};

const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// What differs where a file goes from the one text to the other, in JSON and in the two reports for people.
#[track_caller]
fn check(path: &str, before: &str, after: &str, expected: &[&str], shown: &str) {
    let repo = Repo::new().file(path, before).git();
    repo.write(path, after);
    assert_eq!(declarations(&diff(&repo)), expected);
    for format in ["human", "markdown"] {
        let report = repo.run(&["diff", "HEAD", "--format", format]).stdout;
        assert!(report.contains(shown), "{format} shows no `{shown}`: {report}");
    }
}

fn steps(uses: &str) -> String {
    format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {uses}\n")
}

#[track_caller]
fn action(before: &str, after: &str, expected: &[&str], shown: &str) {
    check(".github/workflows/a.yml", &steps(before), &steps(after), expected, shown);
}

#[test]
fn actions() {
    action("a/b@v4", "a/b@v5", &["changed a/b v4 v5"], "v4 → v5");
    action("a/b@v4", "a/b@v4.1", &["tightened a/b v4 v4.1"], "v4 → v4.1");
    action("a/b@v4.1", "a/b@v4", &["loosened a/b v4.1 v4"], "v4.1 → v4");
    action("a/b@v4", "a/b@main", &["loosened a/b v4 main"], "v4 → main");
    let pinned = |id: &str, comment: &str| format!("a/b@{id}{comment}");
    let changed = format!("changed a/b {COMMIT} {OTHER}");
    action(&pinned(COMMIT, ""), &pinned(OTHER, ""), &[&changed], &format!("{} → {}", &COMMIT[..7], &OTHER[..7]));
    let (old, new) = (pinned(COMMIT, " # v4.1.0"), pinned(OTHER, " # v4.2.0"));
    action(&old, &new, &[&changed], &format!("v4.1.0 → v4.2.0 ({})", &OTHER[..7]));
    // The same release, and another commit: that is what there is to see.
    let again = pinned(OTHER, " # v4.1.0");
    action(&old, &again, &[&changed], &format!("v4.1.0 ({}) → v4.1.0 ({})", &COMMIT[..7], &OTHER[..7]));
    let tightened = format!("tightened a/b v4 {COMMIT}");
    action("a/b@v4", &old, &[&tightened], &format!("v4 → v4.1.0 ({})", &COMMIT[..7]));
    action("a/b@v4", "a/c@v4", &["added a/c - v4", "removed a/b v4 -"], "a/c");
    let repo = Repo::new().file(".github/workflows/a.yml", steps(&old)).git();
    repo.write(".github/workflows/a.yml", steps(&new));
    let found = diff(&repo);
    let change = &list(&found, "declarations")[0];
    assert_eq!((text(change, "surface"), text(&change["after"], "release")), ("action", "v4.2.0"));
}

#[test]
fn images() {
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let check = |before: &str, after: &str, kind: &str, shown: &str| {
        let from = |text: &str| text.split_once([':', '@']).map_or("none", |(_, tail)| tail).to_owned();
        let expected = format!("{kind} node {} {}", from(before), from(after));
        check("Dockerfile", &format!("FROM {before}\n"), &format!("FROM {after}\n"), &[&expected], shown);
    };
    check("node:20", "node:22", "changed", "20 → 22");
    check("node:20", "node:20.1.0", "tightened", "20 → 20.1.0");
    check("node", "node:20", "tightened", "anything → 20");
    check("node:20", &format!("node:20@{}", digest("a")), "tightened", "20 → 20@aaaaaaa");
    check(
        &format!("node:20@{}", digest("a")),
        &format!("node:20@{}", digest("b")),
        "changed",
        "20@aaaaaaa → 20@bbbbbbb",
    );
}

#[test]
fn npm_and_python() {
    let npm = |before: &str, after: &str, expected: &str, shown: &str| {
        let manifest = |text: &str| format!("{{\"name\": \"demo\", \"dependencies\": {{\"a\": \"{text}\"}}}}\n");
        check("package.json", &manifest(before), &manifest(after), &[expected], shown);
    };
    npm("^1.0.0", "1.2.3", "tightened a ^1.0.0 1.2.3", "^1.0.0 → 1.2.3");
    npm("^1.0.0", "^2.0.0", "changed a ^1.0.0 ^2.0.0", "^1.0.0 → ^2.0.0");
    npm("^1.0.0", "~1.2.0", "tightened a ^1.0.0 ~1.2.0", "^1.0.0 → ~1.2.0");
    npm("~1.2.0", ">=1.2.0 <9", "loosened a ~1.2.0 >=1.2.0 <9", "~1.2.0 → >=1.2.0 <9");
    npm("1.2.3", "1.2.4", "changed a 1.2.3 1.2.4", "1.2.3 → 1.2.4");
    npm("1.2.3", "npm:evil@1.2.3", "source-changed a 1.2.3 npm:evil@1.2.3", "evil");
    let url = "https://example.com/a-1.2.3.tgz";
    npm("1.2.3", url, &format!("source-changed a 1.2.3 {url}"), "1.2.3 → https://");
    let python = |before: &str, after: &str, expected: &str, shown: &str| {
        check("requirements.txt", &format!("{before}\n"), &format!("{after}\n"), &[expected], shown);
    };
    python("a>=1", "a>=1,<2", "tightened a >=1 >=1,<2", ">=1 → >=1,<2");
    python("a==1.0", "a==1.1", "changed a ==1.0 ==1.1", "==1.0 → ==1.1");
    python("a==1.0", "a", "loosened a ==1.0 none", "==1.0 → anything");
}

#[test]
fn tools_and_pages() {
    check(
        "a.sh",
        "cargo install x@1.0.0 --locked\n",
        "cargo install x@1.1.0 --locked\n",
        &["changed x 1.0.0 1.1.0"],
        "1.0.0 → 1.1.0",
    );
    check("a.sh", "npm install -g x@1.0.0\n", "npm install -g x\n", &["loosened x 1.0.0 none"], "1.0.0 → anything");
    let page = |version: &str| format!("<script src=\"https://unpkg.com/vue@{version}\"></script>\n");
    check("a.html", &page("3.4.1"), &page("3.4.2"), &["changed vue 3.4.1 3.4.2"], "3.4.1 → 3.4.2");
    check("a.html", &page("3"), &page("3.4.2"), &["tightened vue 3 3.4.2"], "3 → 3.4.2");
}
