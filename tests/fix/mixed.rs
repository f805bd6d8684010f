//! One repository with every surface: what is pinned, what is left and why, and how a part of it is asked for.

use crate::proof;
use crate::support::{COMMIT, Repo, Run, lock, package};

const FILES: [(&str, &str); 8] = [
    ("package.json", "{ \"name\": \"x\", \"dependencies\": { \"a\": \"^1\" } }\n"),
    (
        "package-lock.json",
        "{ \"name\": \"x\", \"lockfileVersion\": 3, \"packages\": {\n  \"\": { \"name\": \"x\", \"dependencies\": { \"a\": \"^1\" } },\n  \
         \"node_modules/a\": { \"version\": \"1.2.3\", \"resolved\": \"https://example.org/a.tgz\", \"integrity\": \"sha512-x\" }\n} }\n",
    ),
    ("pyproject.toml", "[project]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [\"alpha>=1\"]\n"),
    (
        "uv.lock",
        "version = 1\n\n[[package]]\nname = \"alpha\"\nversion = \"1.3.0\"\nsource = { registry = \"https://example.org/simple\" }\n\
         wheels = [{ url = \"https://example.org/alpha.whl\", hash = \"sha256:0\" }]\n\n[[package]]\nname = \"demo\"\n\
         version = \"0.1.0\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"alpha\" }]\n\n[package.metadata]\n\
         requires-dist = [{ name = \"alpha\", specifier = \">=1\" }]\n",
    ),
    ("requirements.txt", "requests>=2\n"),
    ("Dockerfile", "FROM rust:1.95\nCOPY . .\nRUN cargo install cargo-nextest && cargo build --release\n"),
    ("install.sh", "#!/bin/sh\ncargo install cargo-nextest@0.9.100 --locked\ncargo install other\n"),
    (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    steps:\n      - uses: o/r@v1\n      - run: cargo install cargo-nextest --version 0.9\n",
    ),
];

/// All of them beside a package of Cargo's that depends on a local repository by its branch.
fn repo() -> (Repo, Repo) {
    let (left, url) = proof::with_left();
    let repo = proof::project(&url, "");
    FILES.iter().for_each(|(path, text)| repo.write(path, text));
    repo.commit();
    (left, repo)
}

fn changed(repo: &Repo) -> Vec<String> {
    repo.git_output(&["diff", "--name-only"]).lines().map(str::to_owned).collect()
}

#[test]
fn all_that_is_known_is_pinned_and_the_rest_is_left_with_why() {
    let (_left, repo) = repo();
    let run = proof::fix(&repo, &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("proved by cargo"), "{}", run.stderr);
    let all = [".github/workflows/ci.yml", "Cargo.lock", "Cargo.toml", "Dockerfile", "install.sh"];
    assert_eq!(
        changed(&repo),
        [&all[..], &["package-lock.json", "package.json", "pyproject.toml", "uv.lock"]].concat()
    );
    for (path, text) in [
        ("package.json", "\"a\": \"1.2.3\""),
        ("package-lock.json", "\"dependencies\": { \"a\": \"1.2.3\" }"),
        ("pyproject.toml", "[\"alpha==1.3.0\"]"),
        ("uv.lock", "specifier = \"==1.3.0\""),
        ("Dockerfile", "RUN cargo install --locked cargo-nextest@0.9.100 && cargo build --locked --release"),
        ("install.sh", "cargo install --locked other\n"),
        (".github/workflows/ci.yml", "cargo install --locked cargo-nextest --version 0.9.100\n"),
    ] {
        assert!(repo.read(path).contains(text), "{path}: {}", repo.read(path));
    }
    let out = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "`cargo pinned fix --online` pins it to the commit",
        "`docker buildx imagetools inspect rust:1.95 ",
        "name an exact version of `other`",
        "write the exact version that is in use, such as `==1.2.3`",
        "4 findings (4 deny) in 4 files",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    // A second run changes nothing, and finds the same.
    repo.commit();
    let again = proof::fix(&repo, &[]);
    assert_eq!((again.code, changed(&repo)), (1, Vec::new()));
    assert!(again.stdout.starts_with("nothing to pin\n"), "{}", again.stdout);
}

#[test]
fn one_surface_is_pinned_without_cargo() {
    let (_left, repo) = repo();
    let run = |arguments: &[&str]| {
        let arguments = [&["fix", "--surface"], arguments].concat();
        Run::new(repo.command(&arguments).env("CARGO", "/nonexistent/cargo"))
    };
    let npm = run(&["npm"]);
    assert_eq!(
        (npm.code, npm.stdout.as_str()),
        (0, "pinned 1 declaration\n\nno findings; 1 of 1 declaration pinned\n")
    );
    assert!(npm.stderr.contains("so cargo was not asked"), "{}", npm.stderr);
    // What it did not look at is not said to be well.
    let rest = repo.run(&["check", "--format", "json"]).report().list().len();
    assert!(
        npm.stderr.contains(&format!("note: left outside of what was asked for: {rest} findings\n")),
        "{}",
        npm.stderr
    );
    assert_eq!(changed(&repo), ["package-lock.json", "package.json"]);
    assert_eq!(run(&["python"]).code, 1);
    assert_eq!(changed(&repo), ["package-lock.json", "package.json", "pyproject.toml", "uv.lock"]);
}

/// A narrow fix ends with what the baseline still accepts, of what it looked at and of the rest.
#[test]
fn what_the_baseline_holds_is_said_where_nothing_else_is_left() {
    let (_left, repo) = repo();
    repo.run(&["baseline"]);
    repo.commit();
    let all = repo.read("pinned-baseline.toml").matches("fingerprint").count();
    let run = Run::new(repo.command(&["fix", "--rule", "unpinned-npm"]).env("CARGO", "/nonexistent/cargo"));
    let end = format!("; {} in the baseline\n", all - 1);
    assert!(run.stdout.ends_with(&end) && run.stdout.contains("\nno findings; "), "{}", run.stdout);
    assert!(!run.stderr.contains("outside"), "{}", run.stderr);
    let run = Run::new(repo.command(&["fix", "--surface", "npm"]).env("CARGO", "/nonexistent/cargo"));
    let note = format!("note: left outside of what was asked for: {} findings of the baseline\n", all - 1);
    assert!(run.stderr.contains(&note), "{}", run.stderr);
}

/// The version that another place has is written only where it is among those that are asked for; for Python, where packages must
/// fit each other, only from the same file.
#[test]
fn a_tool_is_pinned_to_what_it_is_asked_to_be() {
    let other = "npm i -g prettier@3.3.3\npip install ruff==0.6.9 tox==4.0\ncargo install --locked cross@0.2.5\nrustup default 1.80.1\n";
    let asked = "npx prettier@2; npx prettier@3; npx prettier@next; npx prettier@latest; pip install 'ruff<0.5' 'black~=22.0' tox; pip install black==22.3.0\n\
                 cargo install --locked cross --version ^0.1; cargo install --locked cross --version 0.2; rustup default stable\n";
    let repo = Repo::new().file("other.sh", other).file("asked.sh", asked);
    let run = repo.run(&["fix", "--no-verify"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let expected = "npx prettier@2; npx prettier@3.3.3; npx prettier@next; npx prettier@3.3.3; pip install 'ruff<0.5' 'black==22.3.0' tox; pip install black==22.3.0\n\
                    cargo install --locked cross --version ^0.1; cargo install --locked cross --version 0.2.5; rustup default stable\n";
    assert_eq!(repo.read("asked.sh"), expected, "{}", run.stdout);
}

/// A workspace that is left out may build what changes: nobody looked at its lockfile, and that is said.
#[test]
fn a_lockfile_that_is_left_out_is_named_where_it_may_not_fit_any_more() {
    let own = "[workspace]\n\n[dependencies]\nm = { path = \"../../m\" }\n";
    let repo = Repo::new()
        .file("Cargo.toml", "[workspace]\nmembers = [\"m\"]\nexclude = [\"fixtures\"]\n")
        .file("m/Cargo.toml", package("m", "[dependencies]\na = \"1\"\n"))
        .file("Cargo.lock", lock("a 1.0.5 crates-io\nm 0.1.0 -> a"))
        .file("fixtures/f/Cargo.toml", package("f", own))
        .file("fixtures/f/Cargo.lock", lock("a 1.0.4 crates-io\nf 0.1.0 -> m\nm 0.1.0 -> a"))
        .file("fixtures/g/Cargo.toml", package("g", "[workspace]\n"))
        .file("fixtures/g/Cargo.lock", lock("g 0.1.0"));
    let run = repo.run(&["fix", "--no-verify"]);
    assert_eq!((run.code, repo.read("m/Cargo.toml").contains("=1.0.5")), (0, true), "{}", run.stderr);
    let named = "left out, and not looked at: fixtures/f/Cargo.lock with a package by the name of one that changed";
    assert!(run.stderr.contains(named), "{}", run.stderr);
    assert!(!repo.run(&["fix", "--no-verify"]).stderr.contains("left out"), "nothing changed");
}

/// With `--locked` a build fails where its lockfile is stale: that is not put in then.
#[test]
fn a_build_is_not_locked_to_a_lockfile_that_cargo_refuses() {
    let manifest = |more: &str| package("m", &format!("[dependencies]\na = \"=1.0.5\"\n{more}"));
    let repo = Repo::new()
        .file("Cargo.toml", manifest("b = \"=1.0.0\"\n"))
        .file("Cargo.lock", lock("a 1.0.5 crates-io\nm 0.1.0 -> a"))
        .file("build.sh", "cargo test\n");
    let run = repo.run(&["fix", "--no-verify"]);
    assert_eq!(repo.read("build.sh"), "cargo test\n");
    let out = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("bring the stale Cargo.lock up to date, then add `--locked`"), "{out}");
    repo.write("Cargo.toml", manifest(""));
    // One beside that at the root counts where it is named.
    repo.write("fuzz/Cargo.toml", package("f", "[workspace]\n[dependencies]\na = \"=1.0.5\"\n"));
    repo.write("fuzz/Cargo.lock", lock("f 0.1.0"));
    let far = "#".repeat(200);
    repo.write("build.sh", format!("cargo test\n{far}\ncd fuzz; cargo build\n"));
    repo.run(&["fix", "--no-verify"]);
    assert_eq!(repo.read("build.sh"), format!("cargo test --locked\n{far}\ncd fuzz; cargo build\n"));
}

/// `--locked` goes where a lockfile is sure to be: not into builds of other code, nor of what an image has without it.
#[test]
fn a_build_is_not_locked_where_no_lockfile_may_be() {
    let image = "FROM scratch\nCOPY Cargo.toml ./\nCOPY src src\nRUN cargo build\nCOPY Cargo.lock ./\nRUN cargo test\n\
                 RUN git clone https://example.com/a\nWORKDIR a\nRUN cargo check\n";
    let steps = "      - run: cargo build\n      - run: rm -f Cargo.lock\n      - run: cargo test\n";
    let other = "      - uses: actions/checkout@0123456789012345678901234567890123456789\n        with: {repository: a/b}\n      - run: cargo build\n";
    let workflow = format!("on: push\njobs:\n  a:\n    steps:\n{steps}  b:\n    steps:\n{other}");
    let repo = Repo::demo("", "demo 0.1.0")
        .file("Dockerfile", image)
        .file(".github/workflows/ci.yml", &workflow)
        .file("side/Cargo.toml", package("side", "[dependencies]\na = \"=1.0.0\"\n\n[workspace]\n"))
        .file("build.sh", "cargo build\n")
        .file("both.sh", "cargo build\ncd side; cargo build\n")
        .git();
    let out = repo.run(&["fix", "--no-verify"]).stdout;
    let locked = |text: &str, command: &str| text.replacen(command, &format!("{command} --locked"), 1);
    assert_eq!(repo.read("Dockerfile"), locked(image, "cargo test"));
    assert_eq!(repo.read(".github/workflows/ci.yml"), locked(&workflow, "cargo build"));
    assert_eq!(repo.read("build.sh"), "cargo build --locked\n");
    assert_eq!(repo.read("both.sh"), "cargo build\ncd side; cargo build\n");
    let words: String = out.split_whitespace().collect::<Vec<_>>().join(" ");
    for help in [
        "copy Cargo.lock into the image too, then add `--locked`",
        "add `--locked`, where a Cargo.lock comes with what is built",
        "add `--locked` where that has a Cargo.lock, and commit one where it has none",
    ] {
        assert!(words.contains(help), "{help}: {out}");
    }
}

/// Wherever it may be run where no lockfile is, or none that git has, a build is left as it is.
#[test]
fn a_build_in_a_directory_without_a_lockfile_that_is_known_is_left() {
    let repo = || {
        let own = package("demo", "[workspace]\nexclude = [\"tools\", \"fixtures\"]\n");
        Repo::demo("", "demo 0.1.0")
            .file("Cargo.toml", own)
            .file("tools/bare/Cargo.toml", package("bare", "[workspace]\n"))
            .file("fixtures/app/Cargo.toml", package("app", "[dependencies]\na = \"=1.0.0\"\n\n[workspace]\n"))
    };
    let workflow = |step: &str| format!("on: push\njobs:\n  a:\n    steps:\n      - {step}\n");
    for (script, is_locked) in [
        ("cargo build", true),
        ("cd src; cargo build", true),
        ("cargo bare; cargo build; cd barely", true),
        ("cd tools/bare && cargo run", false),
        ("cd tools; cd bare; cargo run", false),
        ("cargo run --manifest-path tools/bare/Cargo.toml", false),
        ("cd \"fixtures/app\"; cargo build", false),
        ("cargo build --manifest-path=./fixtures/app/Cargo.toml", false),
        ("for d in bare x; do (cd $d; cargo build); done", false),
    ] {
        let repo = repo().file("build.sh", format!("{script}\n")).git();
        repo.run(&["fix", "--no-verify"]);
        assert_eq!(repo.read("build.sh").contains("--locked"), is_locked, "{script}");
    }
    for (step, is_locked) in [
        ("run: cargo build", true),
        ("{working-directory: tools/bare, run: cargo build}", false),
        ("{run: cargo build, working-directory: fixtures/app}", false),
    ] {
        let repo = repo().file(".github/workflows/ci.yml", workflow(step)).git();
        repo.run(&["fix", "--no-verify"]);
        assert_eq!(repo.read(".github/workflows/ci.yml").contains("--locked"), is_locked, "{step}");
    }
    let image = "FROM scratch\nWORKDIR /app\nCOPY . .\nWORKDIR /app/tools/bare\nRUN cargo build\n";
    let repo = repo().file("Dockerfile", image).file("tools/bare/build.sh", "cargo build\n").git();
    repo.run(&["fix", "--no-verify"]);
    assert_eq!((repo.read("Dockerfile").as_str(), repo.read("tools/bare/build.sh").as_str()), (image, "cargo build\n"));
    // What git ignores is on no other machine.
    let repo = Repo::demo("", "demo 0.1.0").file(".gitignore", "Cargo.lock\n").file("build.sh", "cargo build\n").git();
    repo.run(&["fix", "--no-verify"]);
    assert_eq!(repo.read("build.sh"), "cargo build\n");
}

/// A lockfile is refused for what is not all that it is for, and so are its packages without it.
#[test]
fn an_image_is_locked_where_all_of_the_code_came_with_its_lockfile() {
    let image = |copies: &str| format!("FROM scratch AS a\nWORKDIR /app\n{copies}\nRUN cd /app && cargo build\n");
    let locked = |repo: &Repo, path: &str| repo.read(path).contains("--locked");
    let chef =
        "COPY Cargo.toml .\nCOPY router router\nCOPY --from=planner /app/recipe.json recipe.json\nRUN cargo chef cook";
    let whole = [
        ("COPY . .", true),
        ("ADD ./ /app", true),
        ("COPY --from=x /y /y\nCOPY --chown=1 . /app", true),
        ("RUN --mount=type=bind,target=. true", false),
    ];
    let parts = [
        (chef, false),
        ("COPY router .", false),
        ("COPY router/ /app/", false),
        ("ADD router /app", false),
        ("COPY [\"router\", \".\"]", false),
        ("COPY router/Cargo.* ./\nCOPY router/src src", false),
        ("COPY docker/Cargo.toml Cargo.toml\nCOPY Cargo.lock Cargo.lock\nCOPY router router", false),
        ("COPY Cargo.lock router/Cargo.toml ./", false),
        ("COPY router/ .\nCOPY Cargo.lock .", false),
        ("COPY $A .", false),
        ("COPY Cargo.toml .\nCOPY . .", true),
        ("COPY . .\nRUN rm Cargo.lock", false),
        ("COPY . .\nRUN rm Cargo.lock\nCOPY . .", true),
        ("COPY . .\nRUN sed -i s/a/b/ Cargo.toml\nCOPY src src", false),
        ("RUN git clone https://x/y /y\nCOPY conf /conf\nWORKDIR /y", false),
        ("COPY . .\nCOPY Cargo.docker.toml Cargo.toml", false),
        ("COPY . .\nCOPY docker/Cargo.toml Cargo.toml", false),
        ("COPY . .\nCOPY --from=x /y/Cargo.toml .", false),
        ("COPY . .\nCOPY locks/Cargo.lock .", false),
        ("COPY --exclude=*.lock . .", false),
        ("COPY docker/Cargo.toml Cargo.toml\nCOPY . .", true),
    ];
    // What is copied in pieces is all there is of a single package alone.
    let pieces = [
        ("COPY Cargo.toml Cargo.lock ./\nCOPY src src", true),
        ("COPY Cargo.toml Cargo.loc[k] ./", true),
        ("COPY Cargo.* .", true),
    ];
    let router = package("router", "[dependencies]\na = \"=1.0.0\"\n");
    let workspace = || {
        let lock = lock("a 1.0.0 crates-io\nrouter 0.1.0 -> a");
        Repo::new()
            .file("Cargo.toml", "[workspace]\nmembers = [\"router\"]\n")
            .file("router/Cargo.toml", &router)
            .file("Cargo.lock", lock)
    };
    for (copies, is_locked) in whole.iter().chain(&parts).copied().chain(pieces.map(|(copies, _)| (copies, false))) {
        let repo = workspace().file("Dockerfile", image(copies)).git();
        repo.run(&["fix", "--no-verify"]);
        assert_eq!(locked(&repo, "Dockerfile"), is_locked, "{copies}");
    }
    for (copies, is_locked) in whole
        .iter()
        .chain(&pieces)
        .copied()
        .chain([("COPY docker/Cargo.toml Cargo.lock ./", false), ("COPY Cargo.* .\nCOPY $A .", false)])
    {
        let repo =
            Repo::demo("a = \"=1.0.0\"", "a 1.0.0 crates-io\ndemo 0.1.0 -> a").file("Dockerfile", image(copies)).git();
        repo.run(&["fix", "--no-verify"]);
        assert_eq!(locked(&repo, "Dockerfile"), is_locked, "{copies}");
    }
    // One that lies in a member may be built from there, and one beside it from the root alone.
    let repo =
        workspace().file("router/Dockerfile", image("COPY . .")).file("docker/Dockerfile", image("COPY . .")).git();
    repo.run(&["fix", "--no-verify"]);
    assert!(!locked(&repo, "router/Dockerfile") && locked(&repo, "docker/Dockerfile"));
}

/// What builds a package and has no lockfile would have two copies of a repository that it names by itself.
#[test]
fn a_repository_that_another_names_without_a_lockfile_is_left() {
    let git = |reference: &str| format!("left = {{ git = \"https://example.com/left\", {reference} }}\n");
    let commit = COMMIT;
    let fuzz = |reference: &str| {
        package("f", &format!("[workspace]\n\n[dependencies]\nm = {{ path = \"..\" }}\n{}", git(reference)))
    };
    let own =
        package("m", &format!("[workspace]\nexclude = [\"fuzz\"]\n\n[dependencies]\n{}", git("branch = \"main\"")));
    for (reference, is_pinned) in [("branch = \"main\"", false), (&*format!("rev = \"{commit}\""), true)] {
        let locked = format!("left 0.1.0 git+https://example.com/left?branch=main#{commit}\nm 0.1.0 -> left");
        let repo = Repo::new()
            .file("Cargo.toml", &own)
            .file("Cargo.lock", lock(&locked))
            .file("fuzz/Cargo.toml", fuzz(reference))
            .git();
        let out = repo.run(&["fix", "--no-verify"]).stdout;
        assert_eq!(repo.read("Cargo.toml").contains(&format!("rev = \"{commit}\"")), is_pinned, "{out}");
        let words: String = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            words.contains("`fuzz/Cargo.toml`, which builds this too, asks for the repository itself"),
            !is_pinned,
            "{out}"
        );
    }
}

/// A short commit id that the locked commit does not begin with: one of the two is not what was meant.
#[test]
fn a_commit_that_begins_otherwise_is_not_what_is_locked() {
    let left = |rev: &str| {
        let line = format!("left = {{ git = \"https://example.com/left\", rev = \"{rev}\" }}");
        let locked = format!("demo 0.1.0 -> left\nleft 0.1.0 git+https://example.com/left?rev={rev}#{COMMIT}");
        Repo::demo(&line, &locked).git()
    };
    // Digits alone may be the name of a tag.
    for (rev, is_pinned) in
        [("3f2a9c1", true), ("3F2A9C1", true), ("20260102", true), ("release", true), ("3f2a9c2", false)]
    {
        let repo = left(rev);
        let run = repo.run(&["fix", "--no-verify"]);
        assert_eq!(run.code, i32::from(!is_pinned), "{rev}: {}{}", run.stdout, run.stderr);
        assert_eq!(repo.read("Cargo.toml").contains(COMMIT), is_pinned, "{rev}");
        assert!(
            is_pinned || run.stdout.contains("Cargo.lock holds 3f2a9c1…, which does not begin like that"),
            "{}",
            run.stdout
        );
    }
}
