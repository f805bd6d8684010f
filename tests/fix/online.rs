//! Actions, pinned to what their remotes say: remotes are repositories beside the root, by `insteadOf`.

use std::fs;
use std::net::TcpListener;
use std::process;

use snapbox::cmd::Command;

use crate::support::{Repo, Run};

/// A workflow with these references of actions, each in a step of its own.
fn workflow(uses: &[&str]) -> String {
    let steps: String = uses.iter().map(|uses| format!("      - uses: {uses}\n")).collect();
    format!("on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n{steps}")
}

/// A repository with a workflow, and remotes of its actions.
struct Project {
    repo: Repo,
    /// What stands for GitHub's repositories, beside the one by default.
    instead: Vec<String>,
}

impl Project {
    fn new(uses: &[&str]) -> Self {
        let repo = Repo::new().file(".github/workflows/ci.yml", workflow(uses)).git();
        let instead = format!("[url \"file://{}/\"]\n\tinsteadOf = https://github.com/\n", repo.outside().display());
        Self { repo, instead: vec![instead] }
    }

    /// Runs git in a remote, which is made if it is not there; what it prints.
    fn git(&self, remote: &str, arguments: &[&str]) -> String {
        let directory = self.repo.outside().join(remote);
        fs::create_dir_all(&directory).expect("it can be made");
        let run = |arguments: &[&str]| {
            let mut git = process::Command::new("git");
            git.args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]);
            git.args(["-c", "advice.nestedTag=false"]).args(arguments).current_dir(&directory);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
            let output = git.output().expect("git is installed");
            assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        if !directory.join(".git").exists() {
            run(&["init", "--quiet"]);
        }
        run(arguments)
    }

    /// A new commit in a remote, and what is tagged there by lightweight tags; its id.
    fn commit(&self, remote: &str, tags: &[&str]) -> String {
        self.git(remote, &["commit", "--quiet", "--allow-empty", "--message", &format!("{tags:?} of {remote}")]);
        tags.iter().for_each(|tag| _ = self.git(remote, &["tag", tag]));
        self.git(remote, &["rev-parse", "HEAD"])
    }

    fn fix(&self, arguments: &[&str]) -> Run {
        self.fix_with(arguments, |command| command)
    }

    fn fix_with(&self, arguments: &[&str], with: impl FnOnce(Command) -> Command) -> Run {
        let config = self.repo.outside().join("gitconfig");
        fs::write(&config, self.instead.concat()).expect("it can be written");
        // Neither cargo nor rustc is needed, where nothing of Cargo's changes.
        let command = self.repo.command(&[&["fix", "--online"], arguments].concat()).env("CARGO", "/nonexistent/cargo");
        let command = command.env("GIT_CONFIG_GLOBAL", config).env("GIT_CONFIG_SYSTEM", "/dev/null");
        Run::new(with(command.env("GIT_TRACE", self.repo.outside().join("trace"))))
    }

    /// How often a remote was asked.
    fn asked(&self, url: &str) -> usize {
        let trace = fs::read_to_string(self.repo.outside().join("trace")).unwrap_or_default();
        trace.lines().filter(|line| line.contains("built-in: git ls-remote") && line.ends_with(url)).count()
    }

    /// What follows `uses:` in each step.
    fn uses(&self) -> Vec<String> {
        let text = self.repo.read(".github/workflows/ci.yml");
        text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, uses)| uses.to_owned()).collect()
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn tags_of_each_kind_become_their_commit_with_the_name_behind_it() {
    let project = Project::new(&[
        "o/light@v1.0.0",
        "o/annotated/sub/dir@v2.0.0",
        "o/nested@v3.0.0",
        "o/light/.github/workflows/x.yml@main",
        "'o/light@v1'  ",
        "o/light@v1.0.0 # the first",
        "\"o/light@refs/tags/v1.0.0\"",
        "o/.github/.github/workflows/x.yml@trunk",
    ]);
    let hidden = project.commit("o/.github", &["trunk"]);
    let light = project.commit("o/light", &["v1.0.0", "v1"]);
    let annotated = project.commit("o/annotated", &[]);
    project.git("o/annotated", &["tag", "--annotate", "--message=x", "v2.0.0"]);
    let nested = project.commit("o/nested", &[]);
    project.git("o/nested", &["tag", "--annotate", "--message=x", "inner"]);
    project.git("o/nested", &["tag", "--annotate", "--message=x", "v3.0.0", "inner"]);
    assert_eq!(project.git("o/nested", &["cat-file", "-p", "v3.0.0"]).lines().nth(1), Some("type tag"));
    let run = project.fix(&[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(
        project.uses(),
        [
            format!("o/light@{light} # v1.0.0"),
            format!("o/annotated/sub/dir@{annotated} # v2.0.0"),
            format!("o/nested@{nested} # v3.0.0"),
            format!("o/light/.github/workflows/x.yml@{light} # main"),
            format!("'o/light@{light}' # v1.0.0  "),
            format!("o/light@{light} # the first"),
            format!("\"o/light@{light}\" # v1.0.0"),
            format!("o/.github/.github/workflows/x.yml@{hidden} # trunk"),
        ]
    );
    assert!(run.stderr.contains("asked 4 repositories, which had the commits of 8 of 8 references"), "{}", run.stderr);
    assert!(run.stderr.contains("so cargo was not asked; a check finds nothing of what was pinned"), "{}", run.stderr);
    assert_eq!(project.repo.findings(), [""; 0]);
    // There is nothing left to ask.
    fs::remove_file(project.repo.outside().join("trace")).expect("git wrote it");
    let (before, run) = (project.uses(), project.fix(&[]));
    assert_eq!((run.code, project.uses(), project.repo.outside().join("trace").exists()), (0, before, false));
}

#[test]
fn without_online_nobody_is_asked() {
    let project = Project::new(&["o/r@v1"]);
    project.commit("o/r", &["v1"]);
    let run = project.repo.run(&["fix"]);
    assert_eq!((run.code, project.uses()), (1, vec!["o/r@v1".to_owned()]));
    assert!(words(&run.stdout).contains("`cargo pinned fix --online` pins it"), "{}", run.stdout);
}

#[test]
fn a_diff_of_what_the_remotes_say_is_printed_and_nothing_changed() {
    let project = Project::new(&["o/r@v1", "o/gone@v1"]);
    let commit = project.commit("o/r", &["v1"]);
    let run = project.fix(&["--dry-run"]);
    assert_eq!(run.code, 1);
    let line = format!("-      - uses: o/r@v1\n+      - uses: o/r@{commit} # v1\n");
    assert!(run.stdout.contains(&line), "{}", run.stdout);
    assert!(run.stderr.contains("note: https://github.com/o/gone could not be asked: "), "{}", run.stderr);
    assert_eq!(project.repo.git_output(&["status", "--porcelain"]), "");
}

#[test]
fn what_the_remote_does_not_say_is_left_with_why_and_the_rest_is_pinned() {
    let project = Project::new(&["o/r@deleted", "o/r@both", "o/gone@v1", "o/r@SHORT", "o/r@v1", "o/r@agreed"]);
    let first = project.commit("o/r", &["deleted", "both", "v1", "agreed"]);
    project.git("o/r", &["branch", "agreed"]);
    project.commit("o/r", &[]);
    project.git("o/r", &["branch", "both"]);
    project.git("o/r", &["tag", "--delete", "deleted"]);
    let text = project.repo.read(".github/workflows/ci.yml").replace("SHORT", &first[..8]);
    project.repo.write(".github/workflows/ci.yml", text);
    let run = project.fix(&[]);
    assert_eq!(run.code, 1);
    let (short, pinned) = (format!("o/r@{}", &first[..8]), format!("o/r@{first} # v1"));
    let agreed = format!("o/r@{first} # agreed");
    assert_eq!(project.uses(), ["o/r@deleted", "o/r@both", "o/gone@v1", &short, &pinned, &agreed]);
    let out = words(&run.stdout);
    for part in [
        "pinned 2 declarations in 1 file",
        "https://github.com/o/r has no tag or branch `deleted`",
        "https://github.com/o/r has a tag and a branch `both`, at ",
        "https://github.com/o/gone could not be asked: ",
        "does not say of a short commit id which commit it is: name the full one",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("fix --online"), "{out}");
}

#[test]
fn a_remote_that_hangs_holds_up_no_other() {
    let mut project = Project::new(&["hung/r@v1", "o/r@v1"]);
    let commit = project.commit("o/r", &["v1"]);
    // Connections are taken by the system, and nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it is bound");
    project.instead.push(format!("[url \"https://{address}/\"]\n\tinsteadOf = https://github.com/hung/\n"));
    let run = project.fix(&["--timeout", "5"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(project.uses(), ["hung/r@v1", &format!("o/r@{commit} # v1")]);
    let out = words(&run.stdout);
    assert!(out.contains("https://github.com/hung/r could not be asked: it took longer than 5s"), "{out}");
    drop(listener);
}

#[test]
fn a_repository_used_in_many_places_is_asked_once() {
    let uses: Vec<String> = (0..40).map(|at| format!("{}/r/p{at}@v1", if at % 2 == 0 { "o" } else { "O" })).collect();
    let uses: Vec<&str> = uses.iter().map(String::as_str).collect();
    let project = Project::new(&uses);
    let commit = project.commit("o/r", &["v1"]);
    project.repo.write("tools/action.yml", "runs:\n  using: composite\n  steps:\n    - uses: o/r@v1\n");
    let run = project.fix(&[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(project.uses().iter().all(|uses| uses.ends_with(&format!("@{commit} # v1"))));
    assert!(project.repo.read("tools/action.yml").contains(&commit));
    assert_eq!(project.asked("https://github.com/o/r") + project.asked("https://github.com/O/r"), 1);
}

#[test]
fn what_a_commit_would_break_or_another_forge_decides_is_left() {
    let slsa = "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml";
    let uses = [
        "dtolnay/rust-toolchain@stable",
        &format!("{slsa}@v2.1.0"),
        &format!("{slsa}@v2"),
        "o/r@${{ x }}",
        "docker://alpine:3",
    ];
    let project = Project::new(&uses);
    project.repo.write(".forgejo/workflows/ci.yml", workflow(&["o/r@v1", "https://example.com/o/r@v1"]));
    project.commit("o/r", &["v1"]);
    project.commit("dtolnay/rust-toolchain", &["stable"]);
    project.commit("slsa-framework/slsa-github-generator", &["v2"]);
    let run = project.fix(&[]);
    assert_eq!((run.code, project.uses()), (1, uses.map(str::to_owned).to_vec()));
    let out = words(&run.stdout);
    for part in [
        "`with: toolchain: stable`",
        "name a full tag, such as `v2.1.0`",
        "`git ls-remote <forge>/o/r v1 'v1^{}'`",
        "`git ls-remote https://example.com/o/r v1 'v1^{}'`",
        "`docker buildx imagetools inspect alpine:3",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!project.repo.outside().join("trace").exists(), "somebody was asked");
}

/// What is written in the configuration of the repository that is worked on decides neither whom git asks nor what it runs.
#[test]
fn the_configuration_of_the_repository_has_no_say() {
    let project = Project::new(&["o/r@v1"]);
    let commit = project.commit("o/r", &["v1"]);
    let other = project.commit("evil/o/r", &["v1"]);
    assert_ne!(commit, other);
    let evil = format!("url.file://{}/evil/o/.insteadOf", project.repo.outside().display());
    project.repo.run_git(&["config", &evil, "https://github.com/o/"]);
    // Not even where temporary files lie within it.
    let run = project.fix_with(&[], |command| command.env("TMPDIR", project.repo.root()));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(project.uses(), [format!("o/r@{commit} # v1")]);
}

/// Metadata of actions say of no forge that they are its: where nothing is GitHub's, they are not.
#[test]
fn where_only_another_forge_runs_workflows_nobody_is_asked() {
    let uses =
        "runs:\n  using: composite\n  steps:\n    - uses: o/r@v1\n    - uses: o/r@$(x)\n    - uses: checkout@v4\n";
    let project = Project { repo: Repo::new().file("action.yml", uses).git(), instead: Vec::new() };
    project.repo.write(".forgejo/workflows/ci.yml", workflow(&["o/r@v1"]));
    let run = project.fix(&[]);
    assert_eq!((run.code, project.repo.read("action.yml").as_str()), (1, uses));
    let out = words(&run.stdout);
    for part in
        ["`git ls-remote <forge>/o/r v1", "that its repository has for the reference", "`<owner>/checkout@<commit>`"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("ls-remote <forge>/o/r $("), "a command that runs another: {out}");
    assert!(!project.repo.outside().join("trace").exists(), "somebody was asked");
}
