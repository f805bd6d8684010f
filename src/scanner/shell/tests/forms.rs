//! Forms of commands that are easily missed, and such as only look like something that floats.

use super::*;

/// What cargo-hack changes fits no lockfile while it runs, and nextest refuses `--locked` where it builds nothing.
#[test]
fn what_cannot_be_locked_is_no_build_to_lock() {
    check_builds(
        "cargo hack check --each-feature --no-dev-deps; cargo hack --no-private test; cargo hack check --each-feature",
        &["cargo hack check"],
    );
    check_builds(
        "cargo nextest run --archive-file a.tar.zst; cargo nextest run --cargo-metadata=m.json --binaries-metadata b.json
         cargo nextest archive --archive-file a.tar.zst; cargo nextest run -p a",
        &["cargo nextest archive", "cargo nextest run"],
    );
}

/// Whether each build may be of other code than the repository's.
#[track_caller]
fn check_doubts(text: &str, expected: &[bool]) {
    let builds = commands(text, &[]).builds;
    assert_eq!(builds.iter().map(|build| build.doubt.is_some()).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn code_that_was_brought_may_have_no_lockfile() {
    check_doubts("cargo build; git clone https://a/b; cargo test; cd b && cargo test", &[false, false, true]);
    check_doubts("curl -L https://a/b | tar xz; cargo test; cd b; cargo b", &[false, true]);
    check_doubts("tar -czf a.tgz b; tar --list -f x; cd b; cargo b", &[false]);
    check_doubts("cargo new a; (cd a && cargo b)", &[true]);
    check_doubts("rm -f Cargo.lock; cargo b", &[true]);
    check_doubts("cargo add a@1.0.0; cargo b", &[true]);
    check_doubts("sed -i s/a/b/ x/Cargo.toml; cargo b", &[true]);
    check_doubts("rm -rf target; cargo b", &[false]);
    check_doubts(
        "cargo b --manifest-path y/Cargo.toml; git clone https://x/y; cargo b; cargo b --manifest-path=y/Cargo.toml",
        &[false, false, true],
    );
    check_doubts("git clone https://x/y && cargo install --path y", &[true]);
    check_doubts("cargo new \"$A\"; cargo b", &[true]);
    check_doubts("cargo --config 'patch.crates-io.a.path=\"x\"' b; cargo b --config build.jobs=1", &[true, false]);
}

#[test]
fn what_is_built_elsewhere_may_have_no_lockfile() {
    for script in [
        "cd /tmp/x && cargo b",
        "cp -r a /tmp/r; cd /tmp/r; cargo b",
        "pushd ~/x; cargo b",
        "cargo b --manifest-path /r/Cargo.toml",
    ] {
        check_doubts(script, &[true]);
    }
    check_doubts("cd x && cargo b; cd ..; cargo b; cargo b -C y; cargo b --manifest-path y/Cargo.toml", &[false; 4]);
}

/// Of what makes a lockfile, takes it away or changes what it is for, there are more ways than anybody knows.
#[test]
fn what_is_not_known_to_leave_manifests_as_they_are_may_change_them() {
    for ahead in [
        "if [ ! -f \"Cargo.lock\" ]; then cargo fetch; fi",
        "[ -f Cargo.lock ] ||",
        "[[ -e Cargo.lock ]] ||",
        "if ! test -e Cargo.lock; then true; fi",
        "mv Cargo.lock Cargo.lock.bak &&",
        "git rm Cargo.lock;",
        "rm -rf *.lock;",
        "find . -name Cargo.lock -delete;",
        "echo > Cargo.lock;",
        "sd 'a' 'b' Cargo.toml;",
        "yq -i '.a = 1' Cargo.toml;",
        "dasel put -f Cargo.toml -v 1 a;",
        "gsed -i s/a/b/ Cargo.toml;",
        "echo x | tee -a a/Cargo.toml;",
        "cat > Cargo.toml <<EOF\n[a]\nEOF\n",
        "echo a >> Cargo.toml;",
        "mv t Cargo.toml;",
        "cp other.toml Cargo.toml;",
        "git apply a.patch;",
        "patch -p1 < a.patch;",
        "git checkout main -- Cargo.toml;",
        "find . -name Cargo.toml -exec sed -i s/a/b/ {} +;",
        "grep -rl a . | xargs sed -i s/a/b/;",
        "for f in */*.toml; do sed -i s/a/b/ \"$f\"; done;",
        "cargo set-version 1.0.0;",
        "python bump.py Cargo.toml;",
        "rm -rf Cargo.*;",
        "rm Cargo.{lock,toml};",
        "find . -name '*.toml' -exec sed -i s/a/b/ {} +;",
        "sed -Ei s/a/b/ C*;",
        "perl -0pi -e s/a/b/ $f;",
        "cargo machete --fix;",
        "cargo bump patch;",
        "cargo new a && cd a &&",
        "git worktree add ../base main; cd ../base;",
        "git submodule update --init; cd sub;",
        "gh repo clone a/b; cd b;",
        "curl -L https://a/b | tar -C c -xz; cd c;",
        "sed -n -i \"s/(a|b)/c/\" Cargo.toml;",
        "cat a > \"$(pwd)/Cargo.toml\";",
    ] {
        let script = format!("{ahead} cargo b");
        let builds = commands(&script, &[]).builds;
        assert!(!builds.is_empty() && builds.iter().all(|build| build.doubt.is_some()), "{script}: {builds:?}");
    }
    for ahead in [
        "# rm Cargo.lock\n",
        "git diff --exit-code Cargo.lock;",
        "sha256sum Cargo.lock | cut -c1-8;",
        "V=$(grep '^version' Cargo.toml | head -1);",
        "V=$(sed -n 's/^version = //p' Cargo.toml);",
        "V=\"$(grep -m1 -oP 'channel.*\"(\\K.*?)(?=\")' Cargo.toml)\";",
        "cat \"$(pwd)/a (b)/Cargo.toml\";",
        "if [ -f Cargo.toml ]; then true; fi;",
        "yq .package.version Cargo.toml;",
        "echo \"see Cargo.toml\";",
        "sed -i s/a/b/ README.md;",
        "cross b --manifest-path a/Cargo.toml;",
        "ARGS=\"--manifest-path a/Cargo.toml\";",
        "rm -f yarn.lock;",
        "sed -i s/a/b/ src/*.rs;",
        "tar -czf a.tgz target; cd sub;",
    ] {
        let script = format!("{ahead} cargo b");
        assert_eq!(commands(&script, &[]).builds.last().and_then(|build| build.doubt), None, "{script}");
    }
}

#[test]
fn what_a_script_without_any_command_of_ours_does_is_known_too() {
    for (text, is_changed) in [
        ("V=\"$(grep -m1 -oP 'version.*\"(\\K.*?)(?=\")' Cargo.toml)\"", false),
        ("if [ -f Cargo.toml ]; then echo yes; fi", false),
        ("mv Cargo.lock x", true),
        ("[[ -f Cargo.lock ]] || exit 1", true),
    ] {
        assert_eq!(commands(text, &[]).code.is_changed, is_changed, "{text}");
    }
}

#[test]
fn packages_beside_a_command_that_uv_runs_are_packages() {
    check("uv run --with a --with b==1.0 c --with d", &[("a", Pin::Latest), ("b 1.0", Pin::Exact)]);
    check(
        "uv run pip install a; poetry run pip install b==1; uv run -- cargo install --locked c@1.2.3",
        &[("a", Pin::Latest), ("b 1", Pin::Exact), ("c 1.2.3", Pin::Exact)],
    );
    check("uv run python -m pip install a; python3 -mpip install b", &[("a", Pin::Latest), ("b", Pin::Latest)]);
    check("uv run pytest -x; uv run python a.py; poetry run a; poetry install; uv sync", &[]);
}

#[test]
fn what_is_added_to_a_project_is_installed() {
    check(
        "uv add a; poetry add b@1.2.3; pdm add -G dev c==1.0; pipenv install d; pipenv install",
        &[("a", Pin::Latest), ("b 1.2.3", Pin::Exact), ("c 1.0", Pin::Exact), ("d", Pin::Latest)],
    );
}

#[test]
fn a_path_of_python_is_one_whatever_a_variable_holds() {
    check("pip install \"$ROOT/x\" \"$(pwd)/y[dev]\" ${{ github.workspace }}/z 'foo @ file:///x' $A/b.whl", &[]);
    check("pip install \"$A\" \"a==$B\"", &[("$A", Pin::Unknown), ("a $B", Pin::Unknown)]);
}

#[test]
fn a_program_is_what_its_path_ends_in_whatever_is_ahead_of_it() {
    check(
        "PY=\"$D/bin/python\"\n\"$PY\" -m pip install a\nPIP=\"$D/bin/pip\"\n\"$PIP\" install b; $PIP install c==1",
        &[("a", Pin::Latest), ("b", Pin::Latest), ("c 1", Pin::Exact)],
    );
    let chosen = "if [ -x a/python ]; then PY=a/python; else PY=b/python.exe; fi\n";
    check(
        &format!("{chosen}\"$PY\" -m pip install a; $PY -m pipx install b; $PY x.py; $X install c"),
        &[("a", Pin::Latest), ("b", Pin::Latest)],
    );
    check("V=\"$A/1.0\"; pip install \"a==$V\"; sh -c 'pip install b'", &[("a $V", Pin::Unknown), ("b", Pin::Latest)]);
}

#[test]
fn an_interpreter_and_the_name_of_a_shell_are_no_packages() {
    check("uvx --generate-shell-completion bash; uvx python s.py; uvx python@3.12 -V; uvx python3.12", &[]);
    check("uvx --with a python s.py; pipx run python-x", &[("a", Pin::Latest), ("python-x", Pin::Latest)]);
}

#[test]
fn a_starter_of_npm_is_the_package_behind_its_name() {
    check(
        "npm create vite@latest a; npm init react-app a; yarn create @scope; pnpm create @scope/x@1.2.3",
        &[
            ("create-vite latest", Pin::Latest),
            ("create-react-app", Pin::Latest),
            ("@scope/create", Pin::Latest),
            ("@scope/create-x 1.2.3", Pin::Exact),
        ],
    );
    check("npm init -y; npm init; npm create ./a; bun create a/b", &[]);
}

#[test]
fn an_alias_of_npm_is_held_by_what_it_stands_for() {
    check(
        "npm i a@npm:b@1.0.0; yarn add c@npm:@d/e@^1 f@workspace:* link:../y portal:../z; pnpm add workspace:y",
        &[("b 1.0.0", Pin::Exact), ("@d/e ^1", Pin::Range)],
    );
    check("pnpm --package=a@1.0.0 dlx b; gem install --file Gemfile", &[("a 1.0.0", Pin::Exact)]);
}

#[test]
fn a_toolchain_is_chosen_by_its_variable_too() {
    check(
        "export RUSTUP_TOOLCHAIN=nightly\nRUSTUP_TOOLCHAIN=1.80.1 cargo b --locked",
        &[("rust nightly", Pin::Latest), ("rust 1.80.1", Pin::Exact)],
    );
    check("RUSTUP_TOOLCHAIN= cargo b --locked; RUSTUP_TOOLCHAIN=\"$1\" cargo t --locked", &[]);
}
