//! Options and their values, which are no packages, and where an option goes.

use super::*;

/// What a build is, with `--locked` put in.
#[track_caller]
fn check_locked(text: &str, expected: &str) {
    let found = commands(text, &[]).builds;
    let site = found[0].site.as_ref().expect("a place for it");
    let (before, after) = text.split_at(usize::try_from(site.span.start).expect("a place in it"));
    assert_eq!(format!("{before}{}{after}", site.before), expected);
}

/// Ahead of their own command, nextest and miri refuse it.
#[test]
fn what_is_locked_is_the_last_of_the_commands() {
    check_locked("cargo nextest run --profile ci", "cargo nextest run --locked --profile ci");
    check_locked("cargo miri test", "cargo miri test --locked");
    check_locked("cargo +nightly miri nextest run -p a", "cargo +nightly miri nextest run --locked -p a");
    check_locked("cargo hack nextest run --each-feature", "cargo hack nextest run --locked --each-feature");
    check_locked(
        "cargo llvm-cov --no-clean nextest --profile ci",
        "cargo llvm-cov --no-clean nextest --locked --profile ci",
    );
    check_builds(
        "cargo miri nextest list; cargo miri nextest show-config; cargo llvm-cov nextest --locked",
        &["cargo miri nextest list"],
    );
}

#[test]
fn short_names_of_the_last_command_build_too() {
    check_builds(
        "cargo nextest r --cargo-profile=ci; cargo miri t; cargo miri nextest b; cargo nextest r --locked",
        &["cargo nextest r", "cargo miri t", "cargo miri nextest b"],
    );
}

/// In quotes, too, all arguments are as many words as there are, and all elements of an array.
#[test]
fn what_may_be_any_words_may_be_locked() {
    check_builds(
        "exec cargo build \"$@\"; cargo test \"${flags[@]}\"; cargo b \"${@:2}\"; cargo t \"${a[@]:1:2}\"",
        &[],
    );
    check_builds(
        "cargo build \"$1\"; cargo test \"${#flags[@]}\"; cargo b \"${a[0]}\"; cargo t \"$*\"",
        &["cargo build", "cargo test", "cargo b", "cargo t"],
    );
}

#[test]
fn a_value_of_an_option_is_no_package() {
    let exact = [("a 1.0", Pin::Exact)];
    for options in [
        "--index-strategy unsafe-best-match --prerelease allow",
        "--resolution lowest-direct --python-platform linux --link-mode copy --config-setting x=y",
        "-C x=y --report r.json --src s --use-feature fast-deps --exists-action w --keyring-provider subprocess",
    ] {
        check(&format!("uv pip install {options} a==1.0; pip install {options} a==1.0"), &[exact[0], exact[0]]);
    }
    check("uv tool install --python-preference system a==1.0", &exact);
    check("pipx install --suffix x --pip-args '-q' -f a b", &[("a", Pin::Latest), ("b", Pin::Latest)]);
    check("npm i --audit false --fetch-timeout 100 --cpu x64 --os linux a", &[("a", Pin::Latest)]);
    check_builds("npm install --audit false", &["npm install"]);
}

#[test]
fn what_is_editable_is_a_directory() {
    check("uv pip install --no-deps -e py-polars; pip install --editable=a -e b[c] -e .", &[]);
    check("pip install -e git+https://e.org/x@v1#egg=y", &[("y v1", Pin::Tag)]);
}

#[test]
fn what_is_added_to_a_project_is_installed_too() {
    check(
        "pnpm add -w a; yarn add -W -D b@1.0.0; bun add c@^1; pnpm install d",
        &[("a", Pin::Latest), ("b 1.0.0", Pin::Exact), ("c ^1", Pin::Range), ("d", Pin::Latest)],
    );
    check("pnpm install; pnpm i --frozen-lockfile; bun install; pnpm -r --filter x run add", &[]);
}

#[test]
fn of_an_option_with_a_variable_the_variable_is_shown() {
    check("rustup component add rustfmt --toolchain=$T", &[("rust $T", Pin::Unknown)]);
    check("cargo install --locked --version=\"$V\" a", &[("a $V", Pin::Unknown)]);
}

/// With a place to put it, `xargs` adds nothing at the end.
#[test]
fn what_xargs_reads_is_put_where_it_says() {
    for xargs in ["xargs -I {}", "xargs -0I{}", "xargs -i", "xargs -n 1 --replace={}", "xargs -P4 -I{}"] {
        check_builds(&format!("ls | {xargs} cargo test --all-targets -p {{}}"), &["cargo test"]);
        check(&format!("ls | {xargs} cargo install --locked {{}}"), &[("{}", Pin::Unknown)]);
    }
    check_builds("ls | xargs -I X sh -c 'echo X; cargo check X'", &["cargo check"]);
    check_builds("ls | xargs cargo test", &[]);
    check("ls | xargs cargo install", &[("?", Pin::Unknown)]);
}
