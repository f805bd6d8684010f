//! Pages: templates that the policy names, in every kind of snapshot, and what passes.

use crate::support::{Repo, Report};

const ROLLING: &str = "<script src=\"https://js.cards.example/v2/cards.js\"></script>\n";

fn report(repo: &Repo, arguments: &[&str]) -> Report {
    repo.run(&[&["check", "--format", "json"], arguments].concat()).report()
}

fn page(page: impl AsRef<[u8]>) -> Repo {
    Repo::new().file("index.html", page).git()
}

fn site(policy: &str) -> Repo {
    Repo::new()
        .file("index.html", "<script src=\"https://unpkg.com/vue@3.4.38\"></script>\n")
        .file("site/templates/base.html.tera", ROLLING)
        .file("site/templates/old.html", ROLLING)
        .file("site/content/notes.md", format!("# Notes\n\n{ROLLING}"))
        .file("site/content/notes.txt", ROLLING)
        .file("pinned.toml", policy)
        .git()
}

#[test]
fn templates_are_pages_where_the_policy_names_them() {
    assert_eq!(report(&site(""), &[]).findings(), Vec::<String>::new());
    let repo = site("[web]\nfiles = [\"site/templates/**\", \"site/content/*\"]\n");
    let name = "unpinned-web js.cards.example/v2/cards.js";
    let expected = ["content/notes.md:3", "templates/base.html.tera:1", "templates/old.html:1"];
    let expected = expected.map(|place| format!("site/{place}:39 {name}"));
    for arguments in [&[][..], &["--staged"], &["--rev", "HEAD"]] {
        assert_eq!(report(&repo, arguments).findings(), expected, "{arguments:?}");
    }
    let audit = repo.run(&["audit", "--format", "json", "."]);
    assert_eq!(audit.stdout.matches("\"unpinned-web\"").count(), 3, "{}", audit.stdout);
    // What the policy leaves out is left out, whatever it names.
    repo.write("pinned.toml", "exclude = [\"site/templates\"]\n\n[web]\nfiles = [\"site/**\"]\n");
    assert_eq!(report(&repo, &[]).findings(), expected[..1]);
    let against = repo.run(&["check", "--base", "HEAD"]);
    let word = "`site/content/*` is no longer read as pages";
    assert!(against.stdout.contains(word), "{}", against.stdout);
}

#[test]
fn a_floor_and_a_repository_name_pages_together() {
    let repo = site("[web]\nfiles = [\"site/content/*\"]\n");
    let floor = repo.outside().join("floor.toml");
    std::fs::write(&floor, "[web]\nfiles = [\"**/*.tera\"]\n").expect("it can be written");
    let audit = repo.run(&["audit", "--format", "json", "--policy", floor.to_str().expect("a path"), "."]);
    assert_eq!(audit.stdout.matches("\"unpinned-web\"").count(), 2, "{}", audit.stdout);
}

#[test]
fn a_pattern_that_names_no_page_is_a_mistake() {
    let repo = site("[web]\nfiles = [\"src/**/*.rs\"]\n");
    let error = repo.run(&["check"]).error();
    assert!(error.contains("pinned.toml:2:9") && error.contains("`src/**/*.rs` names no page"), "{error}");
    let error = site("[web]\nfile = []\n").run(&["check"]).error();
    assert!(error.contains("did you mean `files`?"), "{error}");
}

#[test]
fn a_service_that_only_rolls_passes_by_an_exception() {
    let repo = page(ROLLING);
    assert_eq!(report(&repo, &[]).list().len(), 1);
    let exception =
        "[[exception]]\nrule = \"unpinned-web\"\nname = \"js.cards.example/**\"\nreason = \"no other URL\"\n";
    repo.write("pinned.toml", exception);
    assert_eq!(report(&repo, &[]).list().len(), 0);
}

#[test]
fn a_hash_can_be_required() {
    let script = |more: &str| format!("<script src=\"https://unpkg.com/vue@3.4.38\"{more}></script>\n");
    let repo = page(script(""));
    assert_eq!(report(&repo, &[]).list().len(), 0);
    repo.write("pinned.toml", "[rules]\nunpinned-web = { require = \"content\" }\n");
    let messages = report(&repo, &[]).messages();
    assert!(messages.contains("`vue` is loaded without an `integrity`"), "{messages}");
    repo.write("index.html", script(" integrity=\"sha384-abc\" crossorigin"));
    assert_eq!(report(&repo, &[]).list().len(), 0);
}

#[test]
fn what_a_template_fills_in_is_not_decided_and_said() {
    let repo = page("<script src=\"https://unpkg.com/vue@{{ version }}/vue.js\"></script>\n");
    let report = report(&repo, &["--deny", "unpinned-web"]);
    let finding = &report.list()[0];
    assert_eq!((&finding["pin"], &finding["level"]), (&"unknown".into(), &"warn".into()));
}

#[test]
fn what_is_new_against_a_base_and_what_changed() {
    let repo = page(format!("{ROLLING}<script src=\"https://cdn.plot.example/plot-2.27.0.min.js\"></script>\n"));
    repo.write(
        "index.html",
        format!("<h1>Shop</h1>\n{ROLLING}<script src=\"https://cdn.plot.example/plot-2.28.0.min.js\"></script>\n"),
    );
    let same = report(&repo, &["--base", "HEAD"]);
    assert_eq!((same.list().len(), &same.0["summary"]["known"]), (0, &1.into()));
    let diff = repo.run(&["diff", "HEAD"]).stdout;
    assert!(diff.contains("cdn.plot.example/plot.min.js") && diff.contains("2.27.0 → 2.28.0"), "{diff}");
    repo.write("about.html", "<link rel=stylesheet href=https://unpkg.com/x.css@1>");
    let new = report(&repo, &["--base", "HEAD"]).findings();
    assert_eq!(new, ["about.html:1:51 unpinned-web x.css"]);
}

/// A site that a generator made: each page loads the same.
#[test]
fn many_pages_that_say_the_same_are_said_once() {
    let mut repo = Repo::new();
    for page in 0..30 {
        repo = repo.file(&format!("docs/{page:02}.html"), format!("{}{ROLLING}", "\n".repeat(page)));
    }
    let repo = repo.file("index.html", "<script src=https://unpkg.com/vue></script>").git();
    let stdout = repo.run(&["check"]).stdout;
    assert!(stdout.contains("docs/00.html\n  1:39   unpinned-web"), "{stdout}");
    assert!(
        stdout.contains("\n… and 29 more files up to docs/29.html with the same (-v shows them)\nindex.html\n"),
        "{stdout}"
    );
    assert!(stdout.contains("31 findings (31 deny) in 31 files"), "{stdout}");
    assert_eq!(repo.run(&["check", "-v"]).stdout.matches("docs/").count(), 30);
}

#[test]
fn hostile_pages_are_read_to_the_end() {
    let last = "<script src=//unpkg.com/last@1></script>";
    for (before, found) in [
        ("<div <p </b <<a b='<script>' ".to_owned(), 0),
        ("<b </i <a b='<script>'>".to_owned(), 1),
        ("<".repeat(20_000), 1),
        ("<div ".repeat(20_000), 0),
        (format!("<p title=\"{}\">", "//unpkg.com/x@1 ".repeat(20_000)), 1),
        (format!("<script src=\"https://unpkg.com/{}\"></script>", "y".repeat(1 << 20)), 2),
        ("<noscript>".repeat(50_000), 0),
        ("<script>".to_owned(), 0),
        ("<script src=\"//unpkg.com/x@1".to_owned(), 0),
    ] {
        let repo = Repo::new().file("index.html", format!("{before}{last}\n")).file("a.html", last).git();
        let found_there = report(&repo, &[]).findings().len() - 1;
        assert_eq!(found_there, found, "{}", &before[..before.len().min(40)]);
    }
    // Pages in old encodings have their bytes counted all the same.
    let repo = page([b"<p>caf\xe9</p>".as_slice(), last.as_bytes()].concat());
    assert_eq!(report(&repo, &[]).findings(), ["index.html:1:41 unpinned-web last"]);
}
