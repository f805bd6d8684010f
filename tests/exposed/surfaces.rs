//! The statuses of what is no crate: for each surface a table of what is written, what is asked, and how that stands.

use cargo_pinned::reporter::exposed::{Answer, Status};

use crate::statuses::answer;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What is expected, in a letter each: has, would get, may get, unknown, held, absent.
fn status(letter: char) -> Status {
    match letter {
        'H' => Status::Has,
        'W' => Status::WouldGet,
        'M' => Status::MayGet,
        'U' => Status::Unknown,
        '-' => Status::Held,
        '.' => Status::Absent,
        _ => panic!("`{letter}` is no status"),
    }
}

#[track_caller]
fn check(query: &str, files: &[(&str, String)], expected: char) -> Answer {
    let answer = answer(query, files);
    assert_eq!(answer.status, status(expected), "{query} of {files:?}: {answer:#?}");
    answer
}

/// Holds every row of a table, and says all that differ.
#[track_caller]
fn table(
    rows: &[(&str, &str, char)],
    query: impl Fn(&str) -> String,
    files: impl Fn(&str) -> Vec<(&'static str, String)>,
) {
    let wrong = |(written, asked, expected): &&(&str, &str, char)| {
        let got = answer(&query(asked), &files(written)).status;
        (got != status(*expected)).then(|| format!("`{asked}` of `{written}` is {got:?}, not {:?}", status(*expected)))
    };
    let wrong: Vec<String> = rows.iter().filter_map(|row| wrong(&row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn workflow(step: &str) -> Vec<(&'static str, String)> {
    vec![(".github/workflows/ci.yml", format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - {step}\n"))]
}

fn one(path: &'static str, text: &str) -> Vec<(&'static str, String)> {
    vec![(path, text.to_owned())]
}

#[test]
fn actions() {
    let rows = [
        ("a/b@v4", "a/b@v4", 'H'),
        ("a/b@v4", "a/b@v4.1.0", 'W'),
        ("a/b@v4", "a/b@v3", '-'),
        ("a/b@v4.1.0", "a/b@v4", 'H'),
        ("a/b@v4.1.0", "a/b@4.1.0", 'H'),
        ("a/b@v4.1.0", "a/b@v4.1.1", '-'),
        ("a/b@v4.1.0", "a/b@<=4.1.1", 'H'),
        ("a/b@v4", "a/b@<=4.1.1", 'W'),
        ("a/b@v5", "a/b@<=4.1.1", '-'),
        ("a/b@v4", "a/b", 'H'),
        ("A/B/init@v4", "a/b@*", 'H'),
        ("a/bc@v4", "a/b", '.'),
        ("a/b@main", "a/b@v4", 'M'),
        ("a/b@main", "a/b@main", 'H'),
        ("a/b@v4", &format!("a/b@{SHA}"), 'M'),
        ("a/b@main", &format!("a/b@{SHA}"), 'M'),
        (&format!("a/b@{SHA}"), &format!("a/b@{SHA}"), 'H'),
        (&format!("a/b@{SHA}"), &format!("a/b@{}", &SHA[..8].to_uppercase()), 'H'),
        (&format!("a/b@{OTHER}"), &format!("a/b@{SHA}"), '-'),
        (&format!("a/b@{SHA} # v4.1.0"), "a/b@v4.1.0", 'H'),
        (&format!("a/b@{SHA} # tag=v4.1.0"), "a/b@v4", 'H'),
        (&format!("a/b@{SHA} # v4.1.1"), "a/b@v4.1.0", '-'),
        (&format!("a/b@{SHA} # v4"), "a/b@v4.1.0", 'M'),
        // Nothing says which release it is: that is no word that all is well.
        (&format!("a/b@{SHA}"), "a/b@v4.1.0", 'U'),
        ("a/b@${{ inputs.version }}", "a/b@v4", 'U'),
        ("./a/b", "a/b@v4", '.'),
    ];
    table(&rows, |query| format!("action:{query}"), |written| workflow(&format!("uses: {written}")));
    let files = workflow(&format!("uses: a/b@{SHA} # v4.1.0"));
    assert_eq!(check("action:a/b@v4.1.0", &files, 'H').declarations[0].note.as_deref(), Some("its comment says so"));
    check("action:a/b@v4", &one(".github/workflows/ci.yml", "jobs: [\n"), 'U');
}

#[test]
fn images() {
    let rows = [
        ("node:20.1.0", "node@20.1.0", 'H'),
        ("docker.io/library/node:20.1.0", "node:20.1.0", 'H'),
        ("node:20.1.0", "docker.io/node@20.1.0", 'H'),
        ("node:20", "node@20.1.0", 'W'),
        ("node:20.1.0", "node@20", 'H'),
        ("node:18", "node@20.1.0", '-'),
        ("node", "node@20.1.0", 'W'),
        ("node:latest", "node@20.1.0", 'W'),
        ("node:lts", "node@20.1.0", 'M'),
        ("node:20-alpine", "node@20.1.0-alpine", 'W'),
        ("node:20-alpine", "node@20.1.0-alpine3.19", 'W'),
        ("node:20.1.0-alpine", "node@20.1.0", 'H'),
        ("node:20.1.0", "node@20.1.0-alpine", '-'),
        ("node:20.1.0-rc1", "node@20.1.0", '-'),
        ("node:20.1.0-slim", "node@>=20, <20.2", 'H'),
        ("ubuntu:22.04", "ubuntu@22.04", 'H'),
        ("ubuntu:22.04", "ubuntu@24.04", '-'),
        ("node:20", &format!("node@{DIGEST}"), 'M'),
        (&format!("node@{DIGEST}"), &format!("node@{DIGEST}"), 'H'),
        (&format!("node:20@{DIGEST}"), &format!("node@{}1", &DIGEST[..70]), '-'),
        (&format!("node:20.1.0@{DIGEST}"), "node@20.1.0", 'H'),
        (&format!("node:20@{DIGEST}"), "node@20.1.0", 'M'),
        (&format!("node@{DIGEST}"), "node@20.1.0", 'U'),
        ("ghcr.io/x/y:1.2", "ghcr.io/x/y", 'H'),
        ("ghcr.io/x/yz:1.2", "ghcr.io/x/y", '.'),
        ("ghcr.io/x/node:1", "node@1", '.'),
    ];
    table(&rows, |query| format!("image:{query}"), |written| one("Dockerfile", &format!("FROM {written}\n")));
    check("image:node@20.1.0", &workflow("uses: docker://node:20.1.0"), 'H');
}

/// A package.json with these dependencies, and a package-lock.json with these packages.
fn npm(dependencies: &str, locked: &str) -> Vec<(&'static str, String)> {
    let mut files = one("package.json", &format!("{{\"name\": \"demo\", \"dependencies\": {{{dependencies}}}}}\n"));
    if !locked.is_empty() {
        let root = format!("{{\"name\": \"demo\", \"dependencies\": {{{dependencies}}}}}");
        let text = format!("{{\"lockfileVersion\": 3, \"packages\": {{\n\"\": {root},\n{locked}\n}}}}\n");
        files.push(("package-lock.json", text));
    }
    files
}

#[test]
fn npm_without_a_lockfile() {
    let rows = [
        ("1.3.0", "left-pad@1.3.0", 'H'),
        ("1.3.0", "left-pad@1.3", 'H'),
        ("=1.3.0", "left-pad@1.3.0", 'H'),
        ("1.3.1", "left-pad@1.3.0", '-'),
        ("^1.0.0", "left-pad@1.3.0", 'W'),
        ("1.0.0 - 1.4", "left-pad@1.3.0", 'W'),
        ("^2 || ~1.3", "left-pad@1.3.0", 'W'),
        ("^2", "left-pad@1.3.0", '-'),
        ("^2", "left-pad@>=1 <2.1", 'W'),
        ("latest", "left-pad@1.3.0", 'W'),
        ("next", "left-pad@1.3.0", 'M'),
        ("u/left-pad#main", "left-pad@1.3.0", 'M'),
        ("u/left-pad#v1.3.0", "left-pad@1.3.0", 'H'),
        ("npm:other@1.3.0", "other@1.3.0", 'H'),
        ("npm:other@1.3.0", "left-pad@1.3.0", 'U'),
        ("file:../left-pad", "left-pad@1.3.0", '-'),
        ("^1.0.0", "left-pad", 'W'),
    ];
    table(&rows, |query| format!("npm:{query}"), |written| npm(&format!("\"left-pad\": \"{written}\""), ""));
    check("npm:@scope/x@1", &npm("\"@scope/x\": \"1.2.0\"", ""), 'H');
    // Nothing says what the others bring in.
    check("npm:left-pad@1.3.0", &npm("\"express\": \"4.0.0\"", ""), 'U');
    check("npm:left-pad@1.3.0", &one("package.json", "{\"name\": \"demo\"}"), '.');
    check("npm:left-pad@1.3.0", &one("package.json", "{"), 'U');
}

fn chain(answer: &Answer) -> String {
    let package = answer.packages.first().expect("a package");
    format!("{}: {}", package.kind.unwrap_or("none"), package.via.join(" > "))
}

#[test]
fn npm_s_lockfiles_hold_what_no_manifest_names() {
    let between = |range: &str, version: &str| {
        npm(
            "\"event-stream\": \"3.3.6\"",
            &format!(
                "\"node_modules/event-stream\": {{\"version\": \"3.3.6\", \"dependencies\": {{\"flatmap-stream\": \"{range}\"}}}},\n\
                 \"node_modules/flatmap-stream\": {{\"version\": \"{version}\"}}"
            ),
        )
    };
    let has = check("npm:flatmap-stream@0.1.1", &between("^0.1.0", "0.1.1"), 'H');
    assert_eq!(chain(&has), "normal: demo > event-stream 3.3.6 > flatmap-stream 0.1.1");
    assert_eq!((has.packages[0].lockfile.as_str(), has.packages[0].line), ("package-lock.json", 4));
    check("npm:flatmap-stream@0.1.1", &between("^0.1.0", "0.1.0"), 'M');
    check("npm:flatmap-stream@0.1.1", &between("0.1.0", "0.1.0"), '-');
    check("npm:other@0.1.1", &between("0.1.0", "0.1.0"), '.');
    // A declaration admits it, and the lockfile holds something else.
    let locked = "\"node_modules/foo\": {\"version\": \"1.0.0\"}";
    check("npm:foo@1.0.1", &npm("\"foo\": \"^1.0.0\"", locked), 'W');
    check("npm:foo@1.0.0", &npm("\"foo\": \"^1.0.0\"", locked), 'H');
    check("npm:foo@2.0.0", &npm("\"foo\": \"^1.0.0\"", locked), '-');
    // Under another name.
    let alias = "\"node_modules/bar\": {\"name\": \"foo\", \"version\": \"1.0.0\"}";
    check("npm:foo@1.0.0", &npm("\"bar\": \"npm:foo@^1.0.0\"", alias), 'H');
    // Nested: another version of the same.
    let nested = "\"node_modules/a\": {\"version\": \"1.0.0\", \"dependencies\": {\"foo\": \"2.0.0\"}},\n\
                  \"node_modules/a/node_modules/foo\": {\"version\": \"2.0.0\"},\n\"node_modules/foo\": {\"version\": \"1.0.0\"}";
    let has = check("npm:foo@2.0.0", &npm("\"a\": \"1.0.0\", \"foo\": \"1.0.0\"", nested), 'H');
    assert_eq!(chain(&has), "normal: demo > a 1.0.0 > foo 2.0.0");
}

#[test]
fn each_lockfile_of_npm_s_family_says_the_way() {
    let manifest = "{\"name\": \"demo\", \"dependencies\": {\"a\": \"^1.0.0\"}}\n";
    let old = "{\"name\": \"demo\", \"lockfileVersion\": 1, \"dependencies\": {\"a\": {\"version\": \"1.0.0\", \"requires\": {\"b\": \"^2.0.0\"}, \"dependencies\": {\"b\": {\"version\": \"2.0.0\"}}}}}";
    let yarn = "# yarn lockfile v1\n\n\na@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    b \"^2.0.0\"\n\nb@^2.0.0:\n  version \"2.0.0\"\n";
    let berry = "__metadata:\n  version: 8\n\n\"a@npm:^1.0.0\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n  dependencies:\n    b: \"npm:^2.0.0\"\n  checksum: x\n\n\
                 \"b@npm:^2.0.0\":\n  version: 2.0.0\n  resolution: \"b@npm:2.0.0\"\n\n\"demo@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"demo@workspace:.\"\n  dependencies:\n    a: \"npm:^1.0.0\"\n";
    let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0(c@1.0.0)\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n\n  b@2.0.0:\n    resolution: {integrity: sha512-x}\n\n\
                snapshots:\n\n  a@1.0.0(c@1.0.0):\n    dependencies:\n      b: 2.0.0\n\n  b@2.0.0: {}\n";
    let pnpm6 = "lockfileVersion: '6.0'\n\ndependencies:\n  a:\n    specifier: ^1.0.0\n    version: 1.0.0\n\npackages:\n\n  /a@1.0.0:\n    resolution: {integrity: sha512-x}\n    dependencies:\n      b: 2.0.0\n\n  /b@2.0.0:\n    resolution: {integrity: sha512-x}\n";
    let bun = "{\"lockfileVersion\": 1, \"workspaces\": {\"\": {\"name\": \"demo\", \"dependencies\": {\"a\": \"^1.0.0\"}}},\n\"packages\": {\n\"a\": [\"a@1.0.0\", \"\", {\"dependencies\": {\"b\": \"^2.0.0\"}}, \"sha512-x\"],\n\"b\": [\"b@2.0.0\", \"\", {}, \"sha512-x\"],\n}}\n";
    for (path, text, root, may, line) in [
        ("package-lock.json", old, "", 'M', 1),
        ("yarn.lock", yarn, "", 'M', 9),
        ("yarn.lock", berry, "demo 0.0.0-use.local > ", 'M', 11),
        ("pnpm-lock.yaml", pnpm, ". > ", 'M', 16),
        ("pnpm-lock.yaml", pnpm6, ". > ", 'M', 15),
        ("bun.lock", bun, "demo > ", 'M', 4),
    ] {
        let files = vec![("package.json", manifest.to_owned()), (path, text.to_owned())];
        let has = check("npm:b@2.0.0", &files, 'H');
        assert_eq!(has.packages[0].via.join(" > "), format!("{root}a 1.0.0 > b 2.0.0"), "{path}");
        assert_eq!(has.packages[0].line, line, "{path}");
        check("npm:b@2.0.1", &files, may);
        check("npm:b@3.0.0", &files, '-');
        check("npm:a@1.0.1", &files, 'W');
    }
    // What it holds cannot be read.
    let files = vec![("package.json", manifest.to_owned()), ("bun.lockb", "binary".to_owned())];
    check("npm:b@2.0.0", &files, 'U');
}

#[test]
fn python_without_a_lockfile() {
    let rows = [
        ("requests==2.31.0", "requests@2.31.0", 'H'),
        ("Requests==2.31", "requests@2.31.0", 'H'),
        ("requests==2.31.5", "requests@2.31", 'H'),
        ("requests==2.31.5", "requests@==2.31", '-'),
        ("requests===2.31.0", "requests@2.31.0", 'H'),
        ("requests>=2,<3", "requests@2.31.0", 'W'),
        ("requests>=2,<3", "requests@3.0.0", '-'),
        ("requests>=2", "requests@>=1,<2.1", 'W'),
        ("requests", "requests@2.31.0", 'W'),
        ("requests~=2.30.0", "requests@2.31.0", '-'),
        ("requests>=2", "requests@3.0rc1", 'M'),
        ("requests>=3.0b1", "requests@3.0rc1", 'W'),
        ("typing_extensions==4.1", "Typing.Extensions@4.1.0", 'H'),
        ("git+https://example.com/r@main#egg=requests", "requests@2.31.0", 'M'),
        // Nothing says what the others bring in.
        ("flask==2.0", "requests@2.31.0", 'U'),
    ];
    table(&rows, |query| format!("python:{query}"), |written| one("requirements.txt", &format!("{written}\n")));
    // With hashes, what is not listed is not installed.
    let hashed = format!("flask==2.0 --hash=sha256:{}\n", &DIGEST[7..]);
    check("python:requests@2.31.0", &one("requirements.txt", &hashed), '.');
    // What narrows the choice of others installs nothing.
    check("python:requests@2.31.0", &one("constraints.txt", "requests==2.31.0\n"), 'M');
    let poetry = "[tool.poetry]\nname = \"demo\"\n[tool.poetry.dependencies]\nrequests = \"^2.30\"\n";
    check("python:requests@2.31.0", &one("pyproject.toml", poetry), 'W');
    check("python:requests@3", &one("pyproject.toml", poetry), '-');
}

#[test]
fn python_s_lockfiles_hold_what_no_manifest_names() {
    let manifest = |requirement: &str| {
        format!("[project]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\"{requirement}\"]\n")
    };
    let uv = "version = 1\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"a\" }]\n\n\
              [[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = { registry = \"https://example.com/simple\" }\ndependencies = [{ name = \"b-c\" }]\n\n\
              [[package]]\nname = \"b-c\"\nversion = \"2.0\"\nsource = { registry = \"https://example.com/simple\" }\n";
    let poetry = "[[package]]\nname = \"a\"\nversion = \"1.0\"\n\n[package.dependencies]\nB_c = \"<3\"\n\n[[package]]\nname = \"b-c\"\nversion = \"2.0\"\n";
    let pdm = "[[package]]\nname = \"a\"\nversion = \"1.0\"\ndependencies = [\"b-c>=1\"]\n\n[[package]]\nname = \"b-c\"\nversion = \"2.0\"\n";
    for (path, text, root, line, newest) in
        [("uv.lock", uv, "demo 0.1.0 > ", 16, 'M'), ("poetry.lock", poetry, "", 9, '-'), ("pdm.lock", pdm, "", 7, 'M')]
    {
        let files = vec![("pyproject.toml", manifest("a>=1")), (path, text.to_owned())];
        let has = check("python:B.C@2.0.0", &files, 'H');
        assert_eq!(has.packages[0].via.join(" > "), format!("{root}a 1.0 > b-c 2.0"), "{path}");
        assert_eq!(has.packages[0].line, line, "{path}");
        check("python:b-c@2.5.0", &files, 'M');
        check("python:b-c@3.0.0", &files, newest);
        check("python:a@1.5.0", &files, 'W');
        check("python:other@1.5.0", &files, '.');
    }
    // There is one version of a package in an environment: a requirement of its own keeps the others out.
    let own = uv.replace("[{ name = \"a\" }]", "[{ name = \"a\" }, { name = \"b-c\" }]");
    let files = vec![("pyproject.toml", manifest("a>=1\", \"b-c==2.0")), ("uv.lock", own)];
    check("python:b-c@2.5.0", &files, '-');
    let pipfile = "[packages]\na = \"*\"\n";
    let locked =
        "{\"_meta\": {}, \"default\": {\"a\": {\"version\": \"==1.0\"},\n\"b-c\": {\"version\": \"==2.0\"}}}\n";
    let files = vec![("Pipfile", pipfile.to_owned()), ("Pipfile.lock", locked.to_owned())];
    assert_eq!(check("python:b_c@2", &files, 'H').packages[0].line, 2);
    check("python:b_c@2.5.0", &files, 'M');
}

#[test]
fn tools() {
    let rows = [
        ("cargo install ripgrep@14.1.0 --locked", "tool:ripgrep@14.1.0", 'H'),
        ("cargo install ripgrep --version '^14'", "tool:ripgrep@14.1.0", 'W'),
        ("cargo install ripgrep --version '^13'", "tool:ripgrep@14.1.0", '-'),
        ("cargo install ripgrep", "tool:ripgrep@14.1.0", 'W'),
        ("cargo install ripgrep@14.1.0", "tool:ripgrep", 'H'),
        ("cargo install ripgrep@$V", "tool:ripgrep@14.1.0", 'U'),
        ("go install example.com/x/y@v0.14.0", "tool:example.com/x/y@0.14.0", 'H'),
        ("gem install rails -v 7.0.0.1", "tool:rails@7.0.0.1", 'H'),
        ("gem install rails -v 7.0.0.1", "tool:rails@7.0.0.2", '-'),
        ("cargo install --git https://github.com/a/b --tag v1.0.0 b", "tool:b@1.0.0", 'H'),
        // What is a package of an ecosystem is found by its name there, too.
        ("cargo install ripgrep@14.1.0 --locked", "ripgrep@14.1.0", 'H'),
        ("cargo install ripgrep", "ripgrep@14.1.0", 'W'),
        ("npm install -g left-pad@1.3.0", "npm:left-pad@1.3.0", 'H'),
        ("npm install -g left-pad@^1", "npm:left-pad@1.3.0", 'W'),
        ("pip install Requests==2.31.0", "python:requests@2.31.0", 'H'),
        ("pip install 'requests>=2'", "python:requests@2.31.0", 'W'),
        ("pip install requests==2.31.0", "npm:requests@2.31.0", '.'),
    ];
    table(&rows, str::to_owned, |written| one("setup.sh", &format!("{written}\n")));
}

#[test]
fn what_pages_load() {
    let rows = [
        ("https://unpkg.com/vue@3", "web:vue@3", 'H'),
        ("https://unpkg.com/vue@3", "web:vue@3.4.1", 'W'),
        ("https://unpkg.com/vue@3.4.1", "web:vue@3", 'H'),
        ("https://unpkg.com/vue@3.4.1", "npm:vue@3.4.1", 'H'),
        ("https://unpkg.com/vue@2", "web:vue@3", '-'),
        ("https://unpkg.com/vue", "web:vue@3", 'W'),
        ("https://cdn.jsdelivr.net/npm/@a/b@1.0.0/x.js", "web:@a/b@1.0.0", 'H'),
        ("https://cdn.example.com/lib-1.2.3.min.js", "web:cdn.example.com/lib.min.js@1.2.3", 'H'),
        ("https://cdn.example.com/v2/lib.js", "web:example.com", 'H'),
        ("https://cdn.example.com/v2/lib.js", "web:cdn.example.com/v2/lib.js@2.5.0", 'W'),
        ("https://cdn.badexample.com/v2/lib.js", "web:example.com", '.'),
    ];
    table(&rows, str::to_owned, |url| one("index.html", &format!("<script src=\"{url}\"></script>\n")));
}

/// A way through a whole lockfile, to each of its packages, is not written out.
#[test]
fn very_long_ways_are_cut() {
    let entry = |at: usize| format!("a@{at}:\n  version \"1.0.{at}\"\n  dependencies:\n    a \"{}\"\n\n", at + 1);
    let lock: String = (0..2000).map(entry).collect();
    let files = vec![("package.json", "{\"name\": \"demo\"}\n".to_owned()), ("yarn.lock", lock)];
    let has = check("npm:a@1", &files, 'H');
    assert_eq!((has.packages.len(), has.packages.iter().map(|package| package.via.len()).max()), (2000, Some(64)));
}
