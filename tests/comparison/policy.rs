//! Whose policy judges, and what is said where it became looser.

use crate::support::{Repo, Report, lock, package};
use crate::{against, said};

const LOCKED: &str = "a 1.0.1 crates-io\nb 1.0.2 crates-io\ndemo 0.1.0 -> a, b";

/// A repository whose policy was `before` and is now `after`.
fn changed(before: &str, after: &str) -> Repo {
    let repo = Repo::demo("a = \"1\"\nb = \"=1.0.2\"", LOCKED).file("pinned.toml", before).git();
    repo.write("pinned.toml", after);
    repo
}

fn loosened(report: &Report) -> Vec<&str> {
    report.0["loosened"].as_array().expect("a list").iter().filter_map(|phrase| phrase.as_str()).collect()
}

#[track_caller]
fn check(before: &str, after: &str, phrases: &[&str]) {
    let report = against(&changed(before, after), "HEAD", &[]);
    assert_eq!(loosened(&report), phrases);
}

#[test]
fn what_became_looser_is_named() {
    check("", "[rules]\nlock-stale = \"warn\"\n", &["`lock-stale` went from deny to warn"]);
    check(
        "",
        "[rules]\nunpinned-crate = { require = \"locked\" }\n",
        &["`unpinned-crate` went from requiring `exact` to `locked`"],
    );
    check("", "[rules]\nunpinned-crate = { kinds = [\"normal\"] }\n", &["`unpinned-crate` judges fewer kinds"]);
    check("", "exclude = [\"x/**\"]\n", &["`x/**` is excluded"]);
    check("", "[[scope]]\npaths = [\"x\"]\nrules.lock-stale = \"allow\"\n", &["1 scope that loosens"]);
    check("[[scope]]\npaths = [\"x\"]\nrules.source-override = \"deny\"\n", "", &["1 scope that tightened is gone"]);
    let exception = |rest: &str| format!("[[exception]]\nrule = \"lock-stale\"\nreason = \"r\"\n{rest}");
    check("", &exception(""), &["an exception for lock-stale"]);
    check(
        &exception("expires = 2099-01-01\n"),
        &exception("expires = 2099-12-31\n"),
        &["an exception for lock-stale until 2099-12-31"],
    );
    check(&exception("name = \"a\"\n"), &exception("name = \"*\"\n"), &["an exception for lock-stale of `*`"]);
}

#[test]
fn what_became_stricter_or_stayed_is_not() {
    check("[rules]\nlock-stale = \"warn\"\n", "", &[]);
    check("exclude = [\"a\", \"b\"]\n", "exclude = [\"b\"]\n", &[]);
    check("[[scope]]\npaths = [\"x\"]\nrules.lock-stale = \"allow\"\n", "", &[]);
    check(
        "[[scope]]\npaths = [\"x\"]\nrules.lock-stale = \"allow\"\n",
        "[[scope]]\npaths = [\"x\"]\nrules.source-override = \"deny\"\n",
        &[],
    );
    let exception = "[[exception]]\nrule = \"lock-stale\"\nreason = \"r\"\n";
    check(exception, &exception.replace("\"r\"", "\"another reason\""), &[]);
    check(exception, &format!("{exception}expires = 2099-01-01\n"), &[]);
}

/// A scope with these places and what it says of `unpinned-crate`.
fn scope(places: &str, says: &str) -> String {
    format!("[[scope]]\n{places}\nrules.unpinned-crate = \"{says}\"\n")
}

#[test]
fn a_scope_is_known_by_what_it_says_and_not_by_its_place_in_the_file() {
    let legacy = scope("paths = [\"legacy/**\"]", "allow");
    check(&legacy, &format!("# why\n\n{legacy}"), &[]);
    let core = scope("paths = [\"core/**\"]", "deny");
    check(&format!("{legacy}{core}"), &format!("exclude = []\n{legacy}{core}"), &[]);
}

#[test]
fn a_scope_that_covers_less_loosens_nothing() {
    let both = scope("paths = [\"a/**\", \"b/**\"]", "allow");
    check(&both, &scope("paths = [\"b/**\"]", "allow"), &[]);
    check(&both, &scope("paths = [\"b/**\"]\npackages = [\"x\"]", "allow"), &[]);
    check(&both, &scope("paths = [\"b/**\", \"c/**\"]", "allow"), &["1 scope that loosens"]);
    check(&both, &scope("packages = [\"x\"]", "allow"), &["1 scope that loosens"]);
    // What lets pass more in the same places is another: it goes further than the one that is gone.
    let phrases = ["1 scope that loosens", "1 scope that tightened is gone"];
    check(&scope("paths = [\"a\"]", "warn"), &scope("paths = [\"a\"]", "allow"), &phrases);
    // One that tightens covers more.
    let (few, more) = (scope("paths = [\"a\"]", "deny"), scope("paths = [\"a\", \"b\"]", "deny"));
    let warn = "[rules]\nunpinned-crate = \"warn\"\n";
    check(&format!("{warn}{few}"), &format!("{warn}{more}"), &[]);
    check(&format!("{warn}{more}"), &format!("{warn}{few}"), &["1 scope that tightened is gone"]);
}

#[test]
fn scopes_are_compared_with_each_other_too() {
    let (all, core) = (scope("paths = [\"crates/**\"]", "allow"), scope("paths = [\"crates/core/**\"]", "deny"));
    // What the one lets pass, the other took back.
    check(&format!("{all}{core}"), &all, &["1 scope that tightened is gone"]);
    check(&format!("{all}{core}"), &format!("{core}{all}"), &["scopes in an order in which a looser one wins"]);
    check(&format!("{core}{all}"), &format!("{all}{core}"), &[]);
    let again = scope("paths = [\"crates/**\"]\npackages = [\"core\"]", "allow");
    check(&format!("{all}{core}"), &format!("{all}{core}{again}"), &["scopes in an order in which a looser one wins"]);
    // As loose as the rule is elsewhere, and looser than what another scope asks for.
    let before = format!("[rules]\nunpinned-crate = \"warn\"\n{}", scope("paths = [\"crates/**\"]", "deny"));
    let after = format!("{before}{}", scope("paths = [\"crates/x/**\"]", "warn"));
    check(&before, &after, &["1 scope that loosens"]);
}

#[test]
fn each_option_counts_in_the_rules_and_in_scopes() {
    let options = [
        ("lock-stale", "level = \"warn\"", "level = \"deny\"", "went from deny to warn"),
        ("unpinned-crate", "require = \"locked\"", "require = \"exact\"", "went from requiring `exact` to `locked`"),
        ("unpinned-crate", "kinds = [\"dev\"]", "kinds = [\"dev\", \"build\"]", "judges fewer kinds"),
        (
            "release-too-new",
            "min-age = \"3 days\"",
            "min-age = \"9 days\"",
            "went from a least age of 9 days to 3 days",
        ),
        ("unpinned-toolchain", "require-file = false", "require-file = true", "no longer requires a file"),
    ];
    for (rule, loose, strict, phrase) in options {
        let says = |option: &str| format!("[rules]\n{rule} = {{ {option} }}\n");
        check(&says(strict), &says(loose), &[&format!("`{rule}` {phrase}")]);
        check(&says(loose), &says(strict), &[]);
        check(&says(strict), &says(strict), &[]);
        let scope = |option: &str| format!("[[scope]]\npaths = [\"x\"]\nrules.{rule} = {{ {option} }}\n");
        check(&says(strict), &format!("{}{}", says(strict), scope(loose)), &["1 scope that loosens"]);
        check(&format!("{}{}", says(loose), scope(strict)), &says(loose), &["1 scope that tightened is gone"]);
        // As strict as what holds there anyway.
        check(&says(strict), &format!("{}{}", says(strict), scope(strict)), &[]);
        check(&format!("{}{}", says(loose), scope(loose)), &says(loose), &[]);
    }
}

#[test]
fn a_scope_for_what_is_published_is_part_of_one_for_all() {
    let scope = |published: &str| scope(&format!("paths = [\"a/**\"]\n{published}"), "allow");
    let (all, yes, no) = (scope(""), scope("published = true"), scope("published = false"));
    check(&all, &yes, &[]);
    check(&yes, &yes, &[]);
    check(&yes, &all, &["1 scope that loosens"]);
    check(&yes, &no, &["1 scope that loosens"]);
}

#[test]
fn the_first_line_says_so_even_to_those_who_want_little() {
    let repo = changed("", "[rules]\nunpinned-crate = \"allow\"\n");
    for quiet in [&["check", "--base", "HEAD"][..], &["check", "--base", "HEAD", "-q"]] {
        let run = repo.run(quiet);
        let first = run.stdout.lines().next().unwrap_or_default();
        assert_eq!(first, "the policy is looser than that of HEAD: `unpinned-crate` went from deny to allow");
    }
}

#[test]
fn an_exception_that_covers_less_or_as_long_loosens_nothing() {
    let exception = |rest: &str| format!("[[exception]]\nrule = \"lock-stale\"\nreason = \"r\"\n{rest}");
    let paths = |list: &str| exception(&format!("paths = [{list}]\n"));
    for (before, after) in [
        (exception(""), paths("\"a\"")),
        (paths("\"a\", \"b\""), paths("\"b\"")),
        (exception(""), exception("name = \"a\"\n")),
        (exception("name = \"a\"\n"), exception("name = \"a\"\npaths = [\"a\"]\n")),
        (exception("expires = 2099-01-02\n"), exception("expires = 2099-01-01\n")),
        (exception("expires = 2099-01-01\n"), exception("expires = 2099-01-01\n")),
    ] {
        check(&before, &after, &[]);
    }
    let phrase = "an exception for lock-stale";
    for (before, after, phrase) in [
        (paths("\"a\""), exception(""), phrase),
        (paths("\"a\""), paths("\"a\", \"b\""), phrase),
        (paths("\"a\""), paths("\"b\""), phrase),
        (exception("name = \"a\"\n"), exception(""), phrase),
        (exception("name = \"a\"\n"), exception("name = \"b\"\n"), "an exception for lock-stale of `b`"),
        (exception("expires = 2099-01-01\n"), exception(""), phrase),
        (exception("").replace("lock-stale", "lock-missing"), exception(""), phrase),
    ] {
        check(&before, &after, &[phrase]);
    }
}

#[test]
fn a_weaker_pin_in_the_baseline_is_one_finding_more() {
    let repo = Repo::demo("a = \"1\"\nb = \"=1.0.2\"", LOCKED);
    repo.run(&["baseline"]);
    let repo = repo.git();
    let baseline = repo.read("pinned-baseline.toml");
    assert!(baseline.contains("\"range\""), "{baseline}");
    repo.write("pinned-baseline.toml", baseline.replace("\"range\"", "\"latest\""));
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
    repo.commit();
    repo.write("pinned-baseline.toml", baseline);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), [""; 0]);
}

#[test]
fn what_the_baseline_accepts_elsewhere_is_more_where_it_is_weaker() {
    let write = |repo: &Repo, one: &str, two: &str| {
        repo.write("one/Cargo.toml", crate::support::package("one", &format!("[dependencies]\n{one}")));
        repo.write("two/Cargo.toml", crate::support::package("two", &format!("[dependencies]\n{two}")));
    };
    let repo = Repo::new().file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    write(&repo, "a = \"1\"\n", "");
    repo.run(&["baseline"]);
    let repo = repo.git();
    for (there, phrases) in [("a = \"1\"\n", &[][..]), ("a = \"*\"\n", &["1 finding more in the baseline"])] {
        write(&repo, "", there);
        repo.run(&["baseline"]);
        assert_eq!(loosened(&against(&repo, "HEAD", &[])), phrases, "{there}");
    }
}

#[test]
fn what_is_named_by_its_file_makes_no_room_for_another() {
    let broken = "[dependencies\n";
    let repo = Repo::new().file("one/Cargo.toml", broken).file("two/Cargo.toml", crate::support::package("two", ""));
    repo.run(&["baseline"]);
    let repo = repo.git();
    // What stays is no more than before.
    repo.write("three.sh", "npm install -g left@1\n");
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
    std::fs::remove_file(repo.root().join("three.sh")).expect("it is there");
    repo.write("one/Cargo.toml", crate::support::package("one", ""));
    repo.write("two/Cargo.toml", broken);
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
}

#[test]
fn findings_more_in_the_baseline_are_counted() {
    let repo = Repo::demo("a = \"1\"\nb = \"1\"", LOCKED).git();
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["2 findings more in the baseline"]);
    repo.commit();
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), [""; 0]);
}

/// Two packages; the first one's float is in the baseline, and moves to the second.
fn moving() -> Repo {
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n")
        .file("one/Cargo.toml", package("one", "[dependencies]\na = \"1\"\n"))
        .file("two/Cargo.toml", package("two", ""))
        .file("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0 -> a\ntwo 0.1.0"))
        .git();
    repo.run(&["baseline"]);
    repo.commit();
    repo
}

fn move_it(repo: &Repo) {
    repo.write("one/Cargo.toml", package("one", ""));
    repo.write("two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\n"));
    repo.write("Cargo.lock", lock("a 1.0.1 crates-io\none 0.1.0\ntwo 0.1.0 -> a"));
}

#[test]
fn a_move_out_of_the_baseline_says_that_the_full_check_fails_and_what_to_do() {
    let repo = moving();
    move_it(&repo);
    let note = "note: 1 finding that the baseline of HEAD accepts is not in this one, and a check without a base reports it: \
                run `cargo pinned baseline`, and commit pinned-baseline.toml with this change\n";
    let run = repo.run(&["check", "--base", "HEAD"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, note));
    assert_eq!(repo.run(&["check", "--base", "HEAD", "-q"]).stderr, "");
    let github = repo.run(&["check", "--base", "HEAD", "--format", "github"]);
    assert!(github.stdout.contains("::notice title=cargo-pinned::1 finding that the baseline"), "{}", github.stdout);
    assert_eq!(repo.run(&["check"]).code, 1);
    // An entry that `fix` pruned is known from the base's baseline.
    repo.write("pinned-baseline.toml", "accepted = []\n");
    assert_eq!(repo.run(&["check", "--base", "HEAD"]).stderr, note);
    // Done as told, there is nothing to say, and nothing more is accepted than was.
    repo.run(&["baseline"]);
    let report = against(&repo, "HEAD", &[]);
    assert_eq!(loosened(&report), [""; 0]);
    assert_eq!((report.findings().len(), said(&report).moved), (0, 0));
    assert_eq!(repo.run(&["check"]).code, 0);
}

#[test]
fn an_entry_accounts_for_one_move_and_only_while_its_float_was_there() {
    // What is accepted in two places where it was in one is one more.
    let repo = moving();
    move_it(&repo);
    repo.write("two/Cargo.toml", package("two", "[dependencies]\na = \"1\"\n[dev-dependencies]\na = \"1\"\n"));
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
    // What moved and became weaker is more as well.
    move_it(&repo);
    repo.write("two/Cargo.toml", package("two", "[dependencies]\na = \"*\"\n"));
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
    // An entry whose float was mended long ago makes no room for another.
    let repo = moving();
    let baseline = repo.read("pinned-baseline.toml");
    repo.write("one/Cargo.toml", package("one", "[dependencies]\na = \"=1.0.1\"\n"));
    repo.commit();
    assert_eq!(repo.read("pinned-baseline.toml"), baseline);
    move_it(&repo);
    repo.run(&["baseline"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), ["1 finding more in the baseline"]);
}

#[test]
fn both_sides_are_judged_by_the_policy_of_what_is_checked() {
    // Stricter than before: what was always there is not new.
    let repo = changed("[rules]\nunpinned-crate = \"allow\"\n", "");
    let report = against(&repo, "HEAD", &[]);
    assert_eq!((report.list().len(), said(&report).known), (0, 1));
}

#[test]
fn the_bases_policy_can_judge() {
    let repo = changed("", "[rules]\nunpinned-crate = \"allow\"\n");
    let manifest = repo.read("Cargo.toml").replace("=1.0.2", "1");
    repo.write("Cargo.toml", manifest);
    assert_eq!(against(&repo, "HEAD", &[]).findings(), [""; 0]);
    let report = against(&repo, "HEAD", &["--policy-from", "base"]);
    assert_eq!(report.findings(), ["Cargo.toml:8:6 unpinned-crate b"]);
    assert_eq!(loosened(&report), [""; 0]);
}

#[test]
fn the_bases_baseline_judges_with_its_policy() {
    let repo = Repo::demo("a = \"1\"\nb = \"=1.0.2\"", LOCKED).git();
    repo.write("Cargo.toml", repo.read("Cargo.toml").replace("=1.0.2", "1"));
    // A change that accepts its own float.
    repo.run(&["baseline"]);
    assert_eq!(against(&repo, "HEAD", &[]).findings(), [""; 0]);
    let report = against(&repo, "HEAD", &["--policy-from", "base"]);
    assert_eq!(report.findings(), ["Cargo.toml:8:6 unpinned-crate b"]);
}

#[test]
fn a_policy_elsewhere_in_the_repository_is_compared_by_its_path() {
    let repo = Repo::demo("a = \"1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").file("ci/policy.toml", "").git();
    repo.write("ci/policy.toml", "[rules]\nunpinned-crate = \"allow\"\n");
    let report = against(&repo, "HEAD", &["--config", "ci/policy.toml"]);
    assert_eq!(loosened(&report), ["`unpinned-crate` went from deny to allow"]);
    let report = against(&repo, "HEAD", &["--config", "ci/policy.toml", "--policy-from", "base"]);
    assert_eq!(said(&report).known, 1);
}

#[test]
fn a_policy_of_the_base_that_cannot_be_read_stops_only_who_asks_for_it() {
    let repo = changed("what is this\n", "");
    let report = against(&repo, "HEAD", &[]);
    assert!(loosened(&report)[0].contains("pinned.toml:1:"), "{:?}", loosened(&report));
    let error = repo.run(&["check", "--base", "HEAD", "--policy-from", "base"]).error();
    assert!(error.contains("the policy of `HEAD`"), "{error}");
}

#[test]
fn whose_policy_is_a_question_of_comparisons_alone() {
    let error = Repo::demo("", "demo 0.1.0").git().run(&["check", "--policy-from", "base"]).error();
    assert!(error.contains("--base"), "{error}");
}

#[test]
fn an_exception_that_came_with_the_change_and_matches_nothing_is_new() {
    let exception = "[[exception]]\nrule = \"lock-stale\"\nname = \"gone\"\nreason = \"r\"\n";
    let names = |repo: &Repo| against(repo, "HEAD", &[]).findings();
    assert_eq!(names(&changed("", exception)), ["pinned.toml:1:1 stale-exception lock-stale of `gone`"]);
    assert_eq!(names(&changed(exception, exception)), [""; 0]);
}

#[test]
fn before_the_first_commit_no_policy_was_stricter() {
    let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
        .file("pinned.toml", "exclude = [\"x/**\"]\n");
    repo.run_git(&["init", "--quiet"]);
    assert_eq!(loosened(&against(&repo, "HEAD", &[])), [""; 0]);
}

/// What the baseline or an exception accepts is still where it was: a copy of it has not moved.
#[test]
fn a_copy_of_what_is_accepted_is_new() {
    let exception = "[[exception]]\nrule = \"unpinned-tool\"\npaths = [\"one.sh\"]\nreason = \"r\"\n";
    for excepted in [false, true] {
        let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a")
            .file("one.sh", "cargo install --locked cross\ncargo install --locked cross\n")
            .git();
        if !excepted {
            repo.run(&["baseline"]);
            repo.commit();
        }
        repo.write("two.sh", "cargo install --locked cross\n");
        if excepted {
            repo.write("pinned.toml", exception);
        }
        let said = said(&against(&repo, "HEAD", &[]));
        assert_eq!((said.new.len(), said.moved), (1, 0), "{:?}", said.new);
    }
}

/// Whether an exception for a rule, which nothing matches, is told to be stale.
fn is_stale(rule: &str, policy: &str, arguments: &[&str]) -> bool {
    let policy = format!("{policy}[[exception]]\nrule = \"{rule}\"\nreason = \"r\"\n");
    let repo = Repo::demo("a = \"=1.0.1\"", "a 1.0.1 crates-io\ndemo 0.1.0 -> a").file("pinned.toml", policy).git();
    let run = repo.run(&[&["check", "--format", "json"], arguments].concat()).report();
    run.findings().iter().any(|found| found.contains("stale-exception"))
}

#[test]
fn an_exception_is_stale_where_its_rule_has_judged() {
    let base = ["--base", "HEAD"];
    assert!(is_stale("unpinned-web", "", &[]));
    assert!(!is_stale("unpinned-web", "rules.unpinned-web = \"allow\"\n", &[]));
    // This one has nothing to say without a base.
    assert!(!is_stale("checksum-changed", "", &[]));
    assert!(is_stale("checksum-changed", "", &base));
    assert!(!is_stale("checksum-changed", "rules.checksum-changed = \"allow\"\n", &base));
    // And these of releases that are new since then alone.
    assert!(!is_stale("release-yanked", "", &[]));
    assert!(!is_stale("release-yanked", "", &base));
}
