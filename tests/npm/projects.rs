//! Which lockfile is whose, whether it is there, and whether it is committed.

use crate::support::Repo;

const FLOATS: &str = "{ \"dependencies\": { \"a\": \"1.0.0\" } }";

#[test]
fn a_lockfile_is_missing_once_for_each_project() {
    let repo = Repo::new()
        .file("package.json", "{ \"name\": \"root\", \"workspaces\": [\"packages/*\", \"!packages/out\"] }")
        .file("packages/in/package.json", FLOATS)
        .file("packages/out/package.json", FLOATS)
        .file("bare/package.json", "{ \"type\": \"module\", \"dependencies\": { \"x\": \"file:../packages/in\" } }")
        .file("peer/package.json", "{ \"peerDependencies\": { \"a\": \"*\" } }");
    assert_eq!(
        repo.findings(),
        ["package.json:1:1 lock-missing root", "packages/out/package.json:1:1 lock-missing packages/out"]
    );
    assert!(repo.check().messages().contains("run `npm install --package-lock-only`"));
    for name in ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"] {
        let content = if name.ends_with(".lock") || name.ends_with(".lockb") { "" } else { "{}" };
        let content = if name == "bun.lock" { "{}" } else { content };
        let repo = Repo::new().file("package.json", FLOATS).file(name, content);
        assert_eq!(repo.check().findings().iter().filter(|line| line.contains("lock-missing")).count(), 0, "{name}");
    }
}

#[test]
fn a_member_may_have_a_lockfile_of_its_own() {
    let repo = Repo::new()
        .file("package.json", "{ \"workspaces\": [\"p\"] }")
        .file("p/package.json", FLOATS)
        .file("p/yarn.lock", "a@1.0.0:\n  version \"1.0.0\"\n");
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn a_lockfile_that_git_does_not_have_is_found() {
    let repo = Repo::new().file("package.json", FLOATS).file(".gitignore", "package-lock.json\n").git();
    repo.write("package-lock.json", "{}");
    assert_eq!(repo.findings(), ["package-lock.json:1:1 lock-uncommitted package-lock.json"]);
    repo.write(".gitignore", "");
    assert_eq!(repo.findings(), ["package-lock.json:1:1 lock-uncommitted package-lock.json"]);
    repo.commit();
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn of_several_lockfiles_that_of_the_named_manager_counts() {
    let repo = Repo::new()
        .file("package.json", "{ \"packageManager\": \"yarn@1.22.22\", \"dependencies\": { \"a\": \"^1\" } }")
        .file("package-lock.json", crate::lock("{ \"dependencies\": { \"a\": \"^1\" } }", "node_modules/a 1.1.0"))
        .file("yarn.lock", "a@^1:\n  version \"1.9.0\"\n  integrity sha512-x\n");
    assert!(repo.check().messages().contains("write `1.9.0`"), "{}", repo.check().messages());
}

#[test]
fn what_npx_runs_is_the_newest_where_nothing_can_hold_it() {
    let workflow = |run: &str| format!("jobs:\n  a:\n    steps:\n      - run: {run}\n      - run: npx a\n");
    let level = |repo: &Repo| {
        let report = repo.check();
        let one = report.list().iter().find(|one| one["rule"] == "unpinned-tool").expect("a finding").clone();
        format!("{} {}", one["level"].as_str().unwrap_or_default(), one["pin"].as_str().unwrap_or_default())
    };
    let repo = Repo::new().file(".github/workflows/ci.yml", workflow("npm run x"));
    assert_eq!(level(&repo), "deny latest");
    // What is installed before may have a command of that name.
    repo.write(".github/workflows/ci.yml", workflow("npm --quiet install b@1.0.0"));
    assert_eq!(level(&repo), "warn unknown");
    let repo = repo.file("package.json", "{}");
    repo.write(".github/workflows/ci.yml", workflow("true"));
    assert_eq!(level(&repo), "warn unknown");
}

/// Source: pnpm's settings, `linkWorkspacePackages`, which is off since version 9.
#[test]
fn a_range_means_a_package_of_the_workspace_where_its_manager_links_it() {
    let repo = |root: &str, workspace: &str| {
        Repo::new()
            .file("package.json", root)
            .file("pnpm-workspace.yaml", format!("packages: ['p/*']\n{workspace}"))
            .file("p/a/package.json", "{\"name\":\"a\",\"version\":\"7.0.0\"}")
            .file("p/b/package.json", "{\"name\":\"b\",\"dependencies\":{\"a\":\"^7.0.0\"}}")
    };
    let pnpm = "{\"name\":\"r\",\"private\":true}";
    let npm = "{\"name\":\"r\",\"private\":true,\"workspaces\":[\"p/*\"],\"packageManager\":\"npm@11.0.0\"}";
    let floats = |repo: Repo| {
        repo.findings().iter().any(|one| one.starts_with("p/b/package.json") && one.ends_with("unpinned-npm a"))
    };
    assert!(floats(repo(pnpm, "")) && floats(repo(pnpm, "linkWorkspacePackages: false\n")));
    assert!(!floats(repo(pnpm, "linkWorkspacePackages: true\n")) && !floats(repo(npm, "")));
}
