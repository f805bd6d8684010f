//! What is changed and what is left, without the proof.

use crate::support::{COMMIT, Repo, lock, package};

fn fix(repo: &Repo, arguments: &[&str]) -> (i32, String) {
    let run = repo.run(&[&["fix", "--no-verify"], arguments].concat());
    (run.code, run.stdout)
}

/// Two members, one of them with a git dependency; the other inherits.
fn workspace() -> Repo {
    let git = format!("git+https://example.com/left?branch=main#{COMMIT}");
    let left = "left = { git = \"https://example.com/left\", branch = \"main\" }\n";
    Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n\n[workspace.dependencies]\nb = \"1\" # shared\n")
        .file("one/Cargo.toml", package("one", &format!("[dependencies]\na = \"1\"\nb.workspace = true\n{left}")))
        .file("two/Cargo.toml", package("two", "[dependencies]\nb.workspace = true\nright = { git = \"https://example.com/left\", branch = \"main\" }\n"))
        .file("Cargo.lock", lock(&format!("a 1.0.1 crates-io\nb 1.0.2 crates-io\nleft 0.1.0 {git} -> right\none 0.1.0 -> a, b, left\nright 0.2.0 {git}\ntwo 0.1.0 -> b, right")))
        .git()
}

#[test]
fn everything_is_pinned_and_a_second_run_changes_nothing() {
    let repo = workspace();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(out.starts_with("pinned 4 declarations in 4 files\n"), "{out}");
    let rev = format!("git = \"https://example.com/left\", rev = \"{COMMIT}\" }} # main\n");
    assert!(repo.read("one/Cargo.toml").ends_with(&format!("a = \"=1.0.1\"\nb.workspace = true\nleft = {{ {rev}")));
    assert!(repo.read("two/Cargo.toml").ends_with(&rev));
    assert!(repo.read("Cargo.toml").ends_with("b = \"=1.0.2\" # shared\n"));
    let source = format!("git+https://example.com/left?rev={COMMIT}#{COMMIT}");
    assert_eq!(repo.read("Cargo.lock").matches(&source).count(), 2);
    assert_eq!(repo.findings(), [""; 0]);
    let before = ["Cargo.toml", "Cargo.lock", "one/Cargo.toml", "two/Cargo.toml"].map(|path| repo.read(path));
    assert_eq!(fix(&repo, &[]).0, 0);
    assert_eq!(before, ["Cargo.toml", "Cargo.lock", "one/Cargo.toml", "two/Cargo.toml"].map(|path| repo.read(path)));
}

#[test]
fn a_diff_is_printed_and_nothing_changed() {
    let repo = workspace();
    let run = repo.run(&["fix", "--dry-run"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("--- a/Cargo.lock\n+++ b/Cargo.lock\n@@ "), "{}", run.stdout);
    assert!(run.stdout.contains("-b = \"1\" # shared\n+b = \"=1.0.2\" # shared\n"), "{}", run.stdout);
    assert_eq!(repo.git_output(&["status", "--porcelain"]), "");
    // It is one that git takes.
    repo.write("fix.diff", &run.stdout);
    repo.run_git(&["apply", "fix.diff"]);
    std::fs::remove_file(repo.root().join("fix.diff")).expect("it is there");
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn what_is_not_asked_for_is_left() {
    let repo = workspace();
    assert_eq!(fix(&repo, &["--rule", "unpinned-crate"]).0, 1);
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "Cargo.toml\none/Cargo.toml");
    let repo = workspace();
    assert_eq!(fix(&repo, &["--surface", "crate", "two"]).0, 0);
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "");
    let repo = workspace();
    fix(&repo, &["--package", "two", "--rule", "unpinned-crate"]);
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "Cargo.toml");
}

/// Half of a repository pinned would be two repositories to cargo.
#[test]
fn what_shares_a_source_is_pinned_together_or_not_at_all() {
    let repo = workspace();
    fix(&repo, &["one"]);
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "one/Cargo.toml");
    assert!(repo.read("one/Cargo.toml").contains("branch = \"main\""));
}

#[test]
fn what_someone_else_holds_is_left_and_named() {
    let git = |name: &str| format!("git+https://example.com/{name}?branch=main#{COMMIT}");
    let repo = Repo::demo(
        "left = { git = \"https://example.com/left\", branch = \"main\" }\nright = { git = \"https://example.com/right\", branch = \"main\" }",
        &format!("demo 0.1.0 -> left, right\nleft 0.1.0 {}\nright 0.2.0 {} -> left", git("left"), git("right")),
    )
    .git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 1);
    let manifest = repo.read("Cargo.toml");
    assert!(
        manifest.contains("left\", branch = \"main\"") && manifest.contains(&format!("right\", rev = \"{COMMIT}\"")),
        "{manifest}"
    );
    let words: String = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("`right 0.2.0` from https://example.com/right needs `left`"), "{out}");
    assert!(words.contains("require = \"locked\""), "{out}");
}

#[test]
fn what_cannot_be_pinned_says_why() {
    let repo = Repo::demo("a = \"2\"\nb = \"1\"", "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b").git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 1);
    assert!(out.contains("Cargo.lock holds no version for it"), "{out}");
    assert!(repo.read("Cargo.toml").ends_with("a = \"2\"\nb = \"=1.0.2\"\n"));
}

#[test]
fn an_interrupted_run_is_named_and_mended() {
    let repo = workspace();
    let (before, after) = ("[workspace]\nmembers = []\n", "[workspace]\nmembers = [\"x\"]\n");
    let texts = format!("{before}\n{after}\n");
    let file = serde_json::json!({ "path": "Cargo.toml", "before": before.len(), "after": after.len() });
    let checksum = crc32fast::hash(texts.as_bytes());
    let head = serde_json::json!({ "about": "", "files": [file], "checksum": checksum });
    repo.write("Cargo.toml", after);
    repo.write(".cargo-pinned-journal", format!("{head}\n{texts}"));
    // Who only looks changes nothing, and is not shown a diff of what is half done.
    let error = repo.run(&["fix", "--no-verify", "--dry-run"]).error();
    assert!(error.contains("without `--dry-run`"), "{error}");
    assert_eq!(repo.read("Cargo.toml"), after);
    let run = repo.run(&["fix", "--no-verify"]);
    assert!(run.stderr.contains("Cargo.toml restored"), "{}", run.stderr);
    assert_eq!(repo.read("Cargo.toml"), before);
    assert!(!repo.root().join(".cargo-pinned-journal").exists());
}

#[test]
fn two_commits_by_one_reference_are_left_and_named() {
    let other = "1111111111111111111111111111111111111111";
    let git = |name: &str, commit: &str| format!("{name} 0.1.0 git+https://example.com/both?branch=main#{commit}");
    let branch = |name: &str| format!("{name} = {{ git = \"https://example.com/both\", branch = \"main\" }}\n");
    let locked = format!("demo 0.1.0 -> left, right\n{}\n{}", git("left", COMMIT), git("right", other));
    let repo = Repo::demo(&(branch("left") + &branch("right")), &locked).git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!((code, repo.git_output(&["diff", "--name-only"])), (1, String::new()));
    assert!(out.contains("Cargo.lock holds two commits by one reference of https://example.com/both"), "{out}");
}

#[test]
fn what_the_baseline_accepts_is_mended_and_leaves_it() {
    let repo = Repo::demo("a = \"1\"\nb = \"2\"", "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b").git();
    repo.run(&["baseline"]);
    assert_eq!(repo.read("pinned-baseline.toml").matches("fingerprint").count(), 3);
    // The stale entry of the lockfile and the float that it misses stay accepted.
    assert_eq!(fix(&repo, &[]).0, 0);
    assert!(repo.read("Cargo.toml").ends_with("a = \"=1.0.1\"\nb = \"2\"\n"));
    assert_eq!(repo.read("pinned-baseline.toml").matches("fingerprint").count(), 2);
    assert_eq!(repo.findings(), [""; 0]);
}

#[test]
fn a_check_names_a_fix_that_was_cut_short() {
    let repo = workspace();
    repo.write(".cargo-pinned-journal", "{}");
    let run = repo.run(&["check"]);
    assert!(run.stderr.contains("a change was cut short here"), "{}", run.stderr);
    let error = repo.run(&["fix", "--no-verify"]).error();
    assert!(error.contains(".cargo-pinned-journal` is no journal"), "{error}");
}

#[test]
fn a_diff_of_tabs_and_carriage_returns_is_one_that_git_takes() {
    let manifest = package("demo", "[dependencies]\na\t=\t\"1\" # é\n").replace('\n', "\r\n");
    let repo =
        Repo::new().file("Cargo.toml", manifest).file("Cargo.lock", lock("a 1.0.1 crates-io\ndemo 0.1.0 -> a")).git();
    let diff = repo.run(&["fix", "--no-verify", "--dry-run"]).stdout;
    assert!(diff.contains("-a\t=\t\"1\" # é\r\n+a\t=\t\"=1.0.1\" # é\r\n"), "{diff:?}");
    repo.write("fix.diff", diff);
    repo.run_git(&["apply", "fix.diff"]);
    assert!(repo.read("Cargo.toml").contains("\"=1.0.1\""));
}

/// What the active compiler is says what `stable` means here, and nothing of any other channel.
#[test]
#[cfg(unix)]
fn the_active_release_takes_the_place_of_stable_alone() {
    let channel = |name: &str| format!("[toolchain]\nchannel = \"{name}\"\n");
    let repo = Repo::demo("", "demo 0.1.0")
        .file("rust-toolchain.toml", channel("stable"))
        .file("fuzz/rust-toolchain.toml", channel("nightly"))
        .file("old/rust-toolchain.toml", channel("1.70"))
        .git();
    let rustc = repo.outside().join("bin/rustc");
    std::fs::create_dir_all(rustc.parent().expect("a parent")).expect("it can be made");
    std::fs::write(&rustc, "#!/bin/sh\necho 'rustc 1.95.0 (59807616e 2026-03-21)'\n").expect("it can be written");
    std::fs::set_permissions(&rustc, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let path = format!("{}:{}", repo.outside().join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let run = crate::support::Run::new(repo.command(&["fix", "--dry-run"]).env("PATH", &path));
    assert!(run.stdout.contains("+channel = \"1.95.0\"\n"), "{}", run.stdout);
    let run = crate::support::Run::new(repo.command(&["fix"]).env("PATH", &path));
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "rust-toolchain.toml");
    assert_eq!(repo.read("rust-toolchain.toml"), channel("1.95.0"));
    // Who names a channel means all of them.
    assert_eq!(fix(&repo, &["--toolchain", "1.94.1"]).0, 0);
    assert_eq!(repo.read("fuzz/rust-toolchain.toml"), channel("1.94.1"));
}

/// Where a lockfile would say what to pin to; a package without dependencies needs none.
#[test]
fn what_has_no_lockfile_is_named_and_a_long_list_ends() {
    let floats = |name: &str| package(name, "[workspace]\n\n[dependencies]\nx = \"1\"\n");
    let said = |directories: &[&str]| {
        let repo = Repo::new().file("bare/Cargo.toml", package("bare", "[workspace]\n"));
        let put = |repo: Repo, at: &&str| repo.file(&format!("{at}Cargo.toml"), floats("p"));
        let run = directories.iter().fold(repo, put).git().run(&["fix", "--no-verify"]);
        assert_eq!(run.code, 1);
        run.stderr.split_once("run `cargo generate-lockfile`").map(|(_, rest)| rest.trim().to_owned()).expect("a note")
    };
    assert_eq!(said(&[""]), ", then fix again");
    assert_eq!(said(&["", "a/"]), "in ., a, then fix again");
    assert_eq!(said(&["", "a/", "b/", "c/", "d/", "e/", "f/"]), "in ., a, b, c, d, 2 more, then fix again");
}

/// A package that two workspaces build, each with a lockfile of its own: pinned to what one holds, the other would be stale.
#[test]
fn what_two_lockfiles_hold_differently_is_left_and_named() {
    let app = |name: &str| package(name, "[workspace]\n\n[dependencies]\nshared = { path = \"../shared\" }\n");
    let locked = |name: &str, a: &str| {
        lock(&format!("a {a} crates-io\nb 1.0.2 crates-io\n{name} 0.1.0 -> shared\nshared 0.1.0 -> a, b"))
    };
    let repo = Repo::new()
        .file("shared/Cargo.toml", package("shared", "[dependencies]\na = \"1\"\nb = \"1\"\n"))
        .file("one/Cargo.toml", app("one"))
        .file("one/Cargo.lock", locked("one", "1.0.1"))
        .file("two/Cargo.toml", app("two"))
        .file("two/Cargo.lock", locked("two", "1.0.9"))
        .git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 1);
    assert!(repo.read("shared/Cargo.toml").ends_with("a = \"1\"\nb = \"=1.0.2\"\n"), "b is the same in both");
    let words: String = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("holds 1.0.1, and `two/Cargo.lock`, which builds it too, 1.0.9"), "{out}");
}

/// The commit that a patch brings is one of another repository.
#[test]
fn what_a_patch_replaces_is_not_pinned_to_the_patch() {
    let repo = Repo::demo(
        "left = { git = \"https://example.com/left\", branch = \"main\" }\n\n[patch.\"https://example.com/left\"]\nleft = { git = \"https://example.com/fork\", branch = \"mine\" }",
        &format!("demo 0.1.0 -> left\nleft 0.1.0 git+https://example.com/fork?branch=mine#{COMMIT}"),
    )
    .git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 1);
    let manifest = repo.read("Cargo.toml");
    assert!(manifest.contains("https://example.com/left\", branch = \"main\""), "{manifest}");
    assert!(manifest.contains(&format!("https://example.com/fork\", rev = \"{COMMIT}\"")), "{manifest}");
    assert!(out.contains("a patch puts"), "{out}");
    assert!(repo.read("Cargo.lock").contains(&format!("fork?rev={COMMIT}#{COMMIT}")));
}

#[test]
fn a_patch_that_nothing_uses_is_pinned_in_the_lockfile_too() {
    let unused = format!(
        "\n[[patch.unused]]\nname = \"left\"\nversion = \"0.1.0\"\nsource = \"git+https://example.com/left?branch=main#{COMMIT}\"\n"
    );
    let manifest = "[patch.crates-io]\nleft = { git = \"https://example.com/left\", branch = \"main\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", manifest))
        .file("Cargo.lock", lock("demo 0.1.0") + &unused)
        .git();
    let (code, out) = fix(&repo, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(repo.read("Cargo.lock").contains(&format!("left?rev={COMMIT}#{COMMIT}")), "{}", repo.read("Cargo.lock"));
}

/// A vendored copy stands in the configuration by the reference.
#[test]
fn what_is_vendored_by_its_reference_is_left() {
    let repo = Repo::demo(
        "left = { git = \"https://example.com/left\", branch = \"main\" }",
        &format!("demo 0.1.0 -> left\nleft 0.1.0 git+https://example.com/left?branch=main#{COMMIT}"),
    )
    .file(".cargo/config.toml", "[source.\"git+https://example.com/left?branch=main\"]\ngit = \"https://example.com/left\"\nbranch = \"main\"\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = \"third-party\"\n")
    .git();
    let (code, out) = fix(&repo, &["--rule", "unpinned-git"]);
    assert_eq!((code, repo.git_output(&["diff", "--name-only"])), (1, String::new()));
    let words: String = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("`.cargo/config.toml` replaces this source by its reference"), "{out}");
}

#[test]
fn a_toolchain_is_pinned_to_what_stays() {
    let repo = Repo::demo("", "demo 0.1.0").file("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n").git();
    let error = repo.run(&["fix", "--no-verify", "--toolchain", "nightly"]).error();
    assert!(error.contains("channel `nightly` moves"), "{error}");
    let error = repo.run(&["fix", "--no-verify", "--package", "nope"]).error();
    assert!(error.contains("no package `nope`"), "{error}");
    assert_eq!(fix(&repo, &["--toolchain", "nightly-2026-01-01"]).0, 0);
    assert!(repo.read("rust-toolchain.toml").ends_with("channel = \"nightly-2026-01-01\"\n"));
}

/// Half of what goes together was asked for: why nothing happens is said.
#[test]
fn what_goes_together_and_was_not_asked_for_is_named() {
    let repo = workspace();
    let run = repo.run(&["fix", "--no-verify", "--package", "one", "--rule", "unpinned-git"]);
    assert!(
        run.stderr.contains("`left` is pinned only together with what shares its git source, in two/Cargo.toml"),
        "{}",
        run.stderr
    );
    assert_eq!(repo.git_output(&["diff", "--name-only"]), "");
}

#[test]
fn an_escaped_quote_behind_a_reference_hides_no_room_for_its_comment() {
    let check = |rest: &str, expected: &str| {
        let repo = Repo::demo(
            &format!(
                "a = {{ git = \"https://example.com/a\", branch = \"main\"{rest}{} }}",
                if rest.ends_with('[') { "\n]" } else { "" }
            ),
            &format!("a 0.1.0 git+https://example.com/a?branch=main#{COMMIT}\ndemo 0.1.0 -> a"),
        );
        repo.run(&["fix", "--no-verify", "--rule", "unpinned-git"]);
        let line =
            repo.read("Cargo.toml").lines().find(|line| line.starts_with("a = ")).expect("it is there").to_owned();
        let close = if rest.ends_with('[') { "" } else { " }" };
        assert_eq!(line, format!("a = {{ git = \"https://example.com/a\", rev = \"{COMMIT}\"{rest}{close}{expected}"));
    };
    check("", " # main");
    check(", features = [\"x\\\"# y\"]", " # main");
    check(", features = [\"x\\\\\"]", " # main");
    check(", features = ['x\\']", " # main");
    check(", features = [\"x # y\", 'x # \"y']", " # main");
    // What goes on in the next line leaves no room.
    check(", features = [", "");
}

/// A text goes on in the next line, though what is written of it so far ends like a table.
#[test]
fn within_a_text_of_several_lines_there_is_no_room_for_a_comment() {
    let repo = Repo::demo(
        "a = { git = \"https://example.com/a\", branch = \"main\", note = \"\"\"}\n\"\"\" }",
        &format!("a 0.1.0 git+https://example.com/a?branch=main#{COMMIT}\ndemo 0.1.0 -> a"),
    );
    repo.run(&["fix", "--no-verify", "--rule", "unpinned-git"]);
    let expected = format!("a = {{ git = \"https://example.com/a\", rev = \"{COMMIT}\", note = \"\"\"}}\n\"\"\" }}\n");
    assert!(repo.read("Cargo.toml").ends_with(&expected), "{}", repo.read("Cargo.toml"));
}

/// Lockfiles of versions 1 and 2 name the source in every edge.
#[test]
fn the_edges_of_an_old_lockfile_are_brought_along() {
    let source = "git+https://example.com/left?branch=main";
    let crates = "registry+https://github.com/rust-lang/crates.io-index";
    let package = |name: &str, source: &str, edges: &[String]| {
        let edges: String = edges.iter().map(|edge| format!(" \"{edge}\",\n")).collect();
        format!("[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n{source}dependencies = [\n{edges}]\n\n")
    };
    let edge = |name: &str, source: &str| format!("{name} 0.1.0 ({source})");
    let git = |commit: &str| format!("source = \"{source}#{commit}\"\n");
    let text = package("demo", "", &[edge("left", source), edge("right", source)])
        + &package("left", &git(COMMIT), &[edge("right", source), edge("z", crates)])
        + &package("right", &git(COMMIT), &[])
        + &package("z", &format!("source = \"{crates}\"\n"), &[]);
    let own = |name: &str| format!("{name} = {{ git = \"https://example.com/left\", branch = \"main\" }}");
    let repo = Repo::demo(&format!("{}\n{}", own("left"), own("right")), "demo 0.1.0").file("Cargo.lock", &text);
    let run = repo.run(&["fix", "--no-verify", "--rule", "unpinned-git"]);
    assert!(run.stdout.contains("2 pinned") || repo.read("Cargo.toml").matches(COMMIT).count() == 2, "{}", run.stdout);
    assert_eq!(repo.read("Cargo.lock"), text.replace("?branch=main", &format!("?rev={COMMIT}")));
}

/// Another source has a package of the same name: who needs that one holds nothing of ours.
#[test]
fn what_others_need_of_another_source_holds_nothing() {
    let left = "left = { git = \"https://example.com/left\", branch = \"main\" }\nuser = \"=1.0.0\"";
    let ours = format!("left 0.1.0 git+https://example.com/left?branch=main#{COMMIT}");
    let check = |our_edge: &str, other: &str, their_edge: &str, is_pinned: bool| {
        let rows = format!("demo 0.1.0 -> {our_edge}, user\n{ours}\n{other}\nuser 1.0.0 crates-io -> {their_edge}");
        let repo = Repo::demo(left, &rows);
        let run = repo.run(&["fix", "--no-verify"]);
        assert!(!run.stdout.contains("two copies"), "{}", run.stdout);
        assert_eq!(repo.read("Cargo.toml").contains(COMMIT), is_pinned, "{}{}", run.stdout, run.stderr);
    };
    check("left 0.1.0", "left 0.9.0 crates-io", "left 0.9.0", true);
    // Of one version too, the sources tell them apart and order them: that is not touched, and why is another reason.
    let (our_edge, other) = ("left 0.1.0 (git+https://example.com/left?branch=main)", "git+https://example.com/other");
    check(our_edge, &format!("left 0.1.0 {other}#{COMMIT}"), &format!("left 0.1.0 ({other})"), false);
}

/// What is left out is not changed, and would need what was there before.
#[test]
fn what_is_not_judged_holds_its_source() {
    let left = "left = { git = \"https://example.com/left\", branch = \"main\" }\n";
    let git = format!("git+https://example.com/left?branch=main#{COMMIT}");
    let app = format!("[workspace]\n\n[dependencies]\n{left}beside = {{ path = \"../beside\" }}\n");
    let repo = Repo::new()
        .file("app/Cargo.toml", package("app", &app))
        .file("beside/Cargo.toml", package("beside", &format!("[dependencies]\n{left}")))
        .file("app/Cargo.lock", lock(&format!("app 0.1.0 -> beside, left\nbeside 0.1.0 -> left\nleft 0.1.0 {git}")))
        .file("pinned.toml", "exclude = [\"beside\"]\n");
    let (code, out) = fix(&repo, &[]);
    assert_eq!((code, repo.read("app/Cargo.toml").contains(COMMIT)), (1, false), "{out}");
    assert!(out.contains("`beside`, whose manifest is not judged, needs `left` of the same repository"), "{out}");
}

/// One package of the lockfile, and more declarations of it than that.
#[test]
fn many_declarations_of_one_package_are_pinned() {
    let git = "left = { git = \"https://example.com/left\", branch = \"main\" }\n";
    let tables = format!("[dependencies]\n{git}\n[dev-dependencies]\n{git}\n[build-dependencies]\n{git}");
    let source = format!("git+https://example.com/left?branch=main#{COMMIT}");
    let repo = Repo::new()
        .file("Cargo.toml", package("demo", &tables))
        .file("Cargo.lock", lock(&format!("demo 0.1.0 -> left\nleft 0.1.0 {source}")));
    let (code, out) = fix(&repo, &[]);
    assert_eq!((code, repo.read("Cargo.toml").matches(COMMIT).count()), (0, 3), "{out}");
}

/// A source that is written with an escape cannot be changed in its place.
#[test]
fn a_source_that_is_not_written_as_cargo_writes_it_is_left_with_what_to_do() {
    let locked = lock(&format!("demo 0.1.0 -> left\nleft 0.1.0 git+https://example.com/left?branch=main#{COMMIT}"));
    let repo = Repo::demo("left = { git = \"https://example.com/left\", branch = \"main\" }", "demo 0.1.0")
        .file("Cargo.lock", locked.replace("branch=main", "branch=m\\u0061in"));
    let run = repo.run(&["fix", "--no-verify"]);
    let expected = "its source is not written in Cargo.lock as cargo writes it: run `cargo update --workspace` first";
    assert!(run.stdout.contains(expected), "{}{}", run.stdout, run.stderr);
    assert!(!repo.read("Cargo.toml").contains(COMMIT));
}
