//! What is found in package.json and pnpm-workspace.yaml.

use crate::demo;
use crate::support::Repo;

/// The findings of `unpinned-npm` in a manifest, each as `line:column name pin`, the spans held to the text.
#[track_caller]
fn check(manifest: &str, expected: &[&str]) {
    let repo = Repo::new().file("package.json", manifest).file("package-lock.json", "{}");
    let report = repo.run(&["check", "--surface", "npm", "--format", "json"]).report();
    let line = |finding: &serde_json::Value| {
        let at = |key: &str| usize::try_from(finding["span"][key].as_u64().expect("a number")).expect("it fits");
        if let Some(requirement) = finding["requirement"].as_str() {
            let written = &manifest[at("start")..at("end")];
            assert!(written == requirement || requirement.is_empty(), "{written}");
        }
        let (start, text) = (&finding["start"], |key: &str| finding[key].as_str().unwrap_or_default());
        format!("{}:{} {} {}", start["line"], start["column"], text("name"), text("pin"))
    };
    assert_eq!(report.list().iter().map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn every_table_is_judged_but_that_of_peers() {
    check(
        "{\n\"dependencies\": { \"a\": \"^1\", \"b\": \"1.2.3\" },\n\"devDependencies\": { \"c\": \"latest\" },\n\
         \"optionalDependencies\": { \"d\": \"x/y#v1\" },\n\"peerDependencies\": { \"e\": \"*\" },\n\"engines\": { \"node\": \">=18\" }\n}",
        &["2:25 a range", "3:28 c latest", "4:33 d tag"],
    );
}

#[test]
fn overrides_are_judged_however_deep() {
    check(
        "{ \"dependencies\": { \"a\": \"1.0.0\" },\n\
         \"overrides\": { \"b\": { \".\": \"^1\",\n\"c\": { \"d@2\": \"~2\" } }, \"a\": \"$a\" },\n\
         \"resolutions\": { \"**/e\": \"3\", \"f\": \"patch:f@npm%3A1.0.0#./f\" },\n\
         \"pnpm\": { \"overrides\": { \"g>h\": \">=4\", \"i\": \"-\" } } }",
        &["2:29 b range", "3:16 d@2 range", "4:27 **/e range", "5:34 g>h range"],
    );
}

#[test]
fn the_package_manager_is_one_version() {
    check("{ \"packageManager\": \"pnpm@9.1.0\" }", &[]);
    check("{ \"packageManager\": \"pnpm@9.1.0+sha512.abcdef\" }", &[]);
    check("{ \"packageManager\": \"pnpm@^9\" }", &["1:27 pnpm range"]);
    check("{ \"packageManager\": \"yarn\" }", &["1:22 yarn latest"]);
}

#[test]
fn a_byte_order_mark_comments_and_carriage_returns_move_nothing() {
    check(
        "\u{feff}{\r\n  // why\r\n  \"dependencies\": {\r\n    \"ü\": \"^1\", /* ü */ \"b\": \"^2\",\r\n  },\r\n}\r\n",
        &["4:11 ü range", "4:30 b range"],
    );
}

#[test]
fn of_a_key_that_is_there_twice_the_last_counts() {
    check("{ \"dependencies\": { \"a\": \"^1\", \"a\": \"1.0.0\" } }", &[]);
    check("{ \"dependencies\": { \"a\": \"1.0.0\", \"a\": \"^1\" } }", &["1:41 a range"]);
    check("{ \"dependencies\": { \"a\": \"1.0.0\" }, \"dependencies\": { \"b\": \"^1\" } }", &["1:61 b range"]);
}

#[test]
fn what_cannot_be_decided_warns_and_does_not_pass() {
    let repo = demo("{ \"a\": \"{{version}}\", \"b\": \"what: ever\", \"c\": \"exec:./x\" }", "node_modules/a 1.0.0");
    let report = repo.run(&["check", "--surface", "npm", "--format", "json"]).report();
    let levels: Vec<_> = report.list().iter().map(|finding| finding["level"].as_str()).collect();
    assert_eq!(levels, [Some("warn"); 3]);
}

#[test]
fn paths_pass_while_they_stay_here() {
    let repo = Repo::new()
        .file(
            "a/package.json",
            "{ \"dependencies\": { \"b\": \"file:../b\", \"c\": \"link:../../c\", \"d\": \"workspace:*\" } }",
        )
        .file("b/package.json", "{}");
    assert_eq!(repo.findings(), ["a/package.json:1:45 unpinned-npm c"]);
    assert!(repo.check().messages().contains("outside of this repository"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_outside() {
    let repo = Repo::new().file("package.json", "{ \"dependencies\": { \"b\": \"file:b\" } }").link("b", "/tmp");
    assert_eq!(repo.findings(), ["package.json:1:27 unpinned-npm b"]);
}

#[test]
fn peers_are_judged_where_the_policy_asks() {
    let repo = demo("{}", "node_modules/a 1.0.0")
        .file("package.json", "{ \"dependencies\": { \"b\": \"^1\" }, \"peerDependencies\": { \"a\": \"^1\" } }");
    repo.write("pinned.toml", "[rules]\nunpinned-npm = { kinds = [\"peer\"] }\n");
    assert_eq!(repo.findings(), ["package.json:1:62 unpinned-npm a"]);
    repo.write("pinned.toml", "[rules]\nunpinned-npm = { kinds = [\"build\"] }\n");
    assert!(repo.run(&["check"]).error().contains("there are normal, dev, peer"));
}

#[test]
fn catalogs_are_judged_once_and_know_their_users() {
    let repo = Repo::new()
        .file(
            "pnpm-workspace.yaml",
            "packages:\n  - 'p/*'\ncatalog:\n  a: ^1.0.0\ncatalogs:\n  old:\n    a: \"0.9\"\n    b: 1\n",
        )
        .file("package.json", "{ \"name\": \"root\" }")
        .file("p/x/package.json", "{ \"name\": \"x\", \"dependencies\": { \"a\": \"catalog:\" } }")
        .file("p/y/package.json", "{ \"name\": \"y\", \"devDependencies\": { \"a\": \"catalog:old\" } }");
    let report = repo.run(&["check", "--surface", "npm", "--format", "json"]).report();
    assert_eq!(
        report.findings(),
        [
            "pnpm-workspace.yaml:4:6 unpinned-npm a",
            "pnpm-workspace.yaml:7:9 unpinned-npm a",
            "pnpm-workspace.yaml:8:8 unpinned-npm b"
        ]
    );
    assert!(report.messages().contains("more than one version, in x;"), "{}", report.messages());
    assert_eq!(report.list()[2]["level"], "warn", "what nobody uses reaches no build");
}

/// Who uses an entry may stand in a manifest that is left out by default, or that cannot be read: nobody is told to delete it then.
#[test]
fn what_a_member_that_was_not_read_may_use_is_not_unused() {
    for (place, text) in [("tests/e2e", "{ \"dependencies\": { \"a\": \"catalog:\" } }"), ("p", "{ \"name\": <<<")] {
        let repo = Repo::new()
            .file("pnpm-workspace.yaml", format!("packages: ['{place}']\ncatalog:\n  a: ^1.0.0\n"))
            .file("package.json", "{ \"name\": \"root\" }")
            .file(&format!("{place}/package.json"), text);
        let report = repo.run(&["check", "--surface", "npm", "--format", "json"]).report();
        let found = report.list().iter().find(|one| one["name"] == "a").cloned().expect("it floats");
        assert_eq!(found["level"], "deny", "{place}");
        assert!(!found["help"].as_str().is_some_and(|help| help.contains("delete")), "{found}");
    }
}

/// pnpm reads its YAML with anchors and all: what an alias stands for is installed, and can be changed at its anchor alone.
#[test]
fn an_alias_in_a_catalog_is_what_it_stands_for() {
    let repo = Repo::new().file("pnpm-workspace.yaml", "catalog:\n  a: &v ^1.0.0\n  b: *v\n  c: &w \"2.x\"\n").file(
        "package.json",
        "{ \"dependencies\": { \"a\": \"catalog:\", \"b\": \"catalog:\", \"c\": \"catalog:\" } }",
    );
    assert_eq!(
        repo.run(&["check", "--surface", "npm", "--format", "json"]).report().findings(),
        [
            "pnpm-workspace.yaml:2:9 unpinned-npm a",
            "pnpm-workspace.yaml:3:6 unpinned-npm b",
            "pnpm-workspace.yaml:4:10 unpinned-npm c"
        ]
    );
}
