//! What scripts say, by example.

mod forms;
mod options;

use super::*;
use crate::scanner::dependency::Pin;

fn commands(text: &str, environment: &[(&str, &str)]) -> Commands {
    let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    read(&Script::whole(FileId(0), text, 0), &environment, "")
}

/// Each tool as `name`, `name requirement`, with its pin, in order.
#[track_caller]
fn check(text: &str, expected: &[(&str, Pin)]) {
    check_with(text, &[], expected);
}

#[track_caller]
fn check_with(text: &str, environment: &[(&str, &str)], expected: &[(&str, Pin)]) {
    let found = commands(text, environment).dependencies;
    let shown: Vec<(String, Pin)> = found
        .iter()
        .map(|one| {
            let version = one.requirement.as_ref().filter(|version| **version != one.name);
            (version.map_or_else(|| one.name.clone(), |version| format!("{} {version}", one.name)), one.pin)
        })
        .collect();
    let shown: Vec<(&str, Pin)> = shown.iter().map(|(shown, pin)| (shown.as_str(), *pin)).collect();
    assert_eq!(shown, expected, "{text}");
}

/// Each build by its command.
#[track_caller]
fn check_builds(text: &str, expected: &[&str]) {
    let found = commands(text, &[]).builds;
    let shown: Vec<&str> = found.iter().map(|build| build.command.as_str()).collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn cargo_installs_what_is_named() {
    check("cargo install a", &[("a", Pin::Latest)]);
    check("cargo install a@1.2.3 b@1.2 c@^1", &[("a 1.2.3", Pin::Exact), ("b 1.2", Pin::Range), ("c ^1", Pin::Range)]);
    check("cargo install --version =1.2.3 a", &[("a =1.2.3", Pin::Exact)]);
    check("cargo install a --version 1.2.3 --root=x", &[("a 1.2.3", Pin::Exact)]);
    check("cargo +1.80.1 install --vers '~1.2' a", &[("rust 1.80.1", Pin::Exact), ("a ~1.2", Pin::Range)]);
    check("cargo --locked install -j 4 --features x,y a", &[("a", Pin::Latest)]);
    check("cargo install --path . --locked; cargo install --list", &[]);
    check("cargo binstall -y --strategies compile a b@2.0.0", &[("a", Pin::Latest), ("b 2.0.0", Pin::Exact)]);
    check("cargo-binstall a@1.0.0", &[("a 1.0.0", Pin::Exact)]);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    check(
        &format!("cargo install --git https://x.y/z/a.git --rev {commit}"),
        &[(&format!("a {commit}"), Pin::Content)],
    );
    check("cargo install --git https://x.y/z/a --tag v1 b", &[("b v1", Pin::Tag)]);
    check("cargo install --git https://x.y/z/a", &[("a", Pin::Latest)]);
    check("cargo install --git https://x.y/z/a --branch main", &[("a main", Pin::Latest)]);
}

#[test]
fn toolchains_are_what_rustup_and_cargo_are_told() {
    check("rustup toolchain install stable 1.80.1", &[("rust stable", Pin::Latest), ("rust 1.80.1", Pin::Exact)]);
    check("rustup install --profile minimal nightly-2026-01-01", &[("rust nightly-2026-01-01", Pin::Exact)]);
    check("rustup default 1.80; rustup override set beta", &[("rust 1.80", Pin::Range), ("rust beta", Pin::Latest)]);
    check("rustup component add rustfmt --toolchain nightly", &[("rust nightly", Pin::Latest)]);
    check("rustup component add rustfmt; rustup target add x; rustup show; rustup default", &[]);
    check("rustup update", &[("rust", Pin::Latest)]);
    check("rustup run nightly cargo install a", &[("rust nightly", Pin::Latest), ("a", Pin::Latest)]);
    check("cargo +nightly fmt", &[("rust nightly", Pin::Latest)]);
}

#[test]
fn packages_of_npm_are_held_by_a_full_version() {
    check("npm i -g a@1.2.3 @b/c@^1 d", &[("a 1.2.3", Pin::Exact), ("@b/c ^1", Pin::Range), ("d", Pin::Latest)]);
    check("npm install --global a@latest b@v1.2.3", &[("a latest", Pin::Latest), ("b v1.2.3", Pin::Exact)]);
    check("npm i -g . ./x ../y.tgz; npm ci; npm run build; npm test", &[]);
    check("npx a@1.0.0 b@2; npx c; npx -y -p d e", &[("a 1.0.0", Pin::Exact), ("c", Pin::Unknown), ("d", Pin::Latest)]);
    check(
        "pnpm dlx a; yarn dlx b@1.0.0; bunx c@1",
        &[("a", Pin::Latest), ("b 1.0.0", Pin::Exact), ("c 1", Pin::Range)],
    );
    check("yarn global add a; pnpm add -g b; yarn install; pnpm install", &[("a", Pin::Latest), ("b", Pin::Latest)]);
    check("npx --no-install a; npm exec -- b@1.0.0", &[("b 1.0.0", Pin::Exact)]);
    check("corepack prepare pnpm@9.1.0 --activate", &[("pnpm 9.1.0", Pin::Exact)]);
}

#[test]
fn packages_of_python_are_held_by_two_equals_signs_or_hashes() {
    check(
        "pip install a==1.2.3 'b>=1' c[x,y]==1.0 d",
        &[("a 1.2.3", Pin::Exact), ("b >=1", Pin::Range), ("c 1.0", Pin::Exact), ("d", Pin::Latest)],
    );
    check("pip3.11 install -U pip 'e==1.*'", &[("pip", Pin::Latest), ("e 1.*", Pin::Range)]);
    check("python3 -m pip install -r x.txt -e . ./y z.whl; pip install --require-hashes a", &[]);
    check("python setup.py install pip; python -m build; pip list", &[]);
    check(
        "pipx install a==1.0; uv tool install b; uvx c@1.0.0; uv pip install d",
        &[("a 1.0", Pin::Exact), ("b", Pin::Latest), ("c 1.0.0", Pin::Exact), ("d", Pin::Latest)],
    );
    let commit = "0123456789abcdef0123456789abcdef01234567";
    check(&format!("pip install git+https://x.y/a.git@{commit}#egg=a"), &[(&format!("a {commit}"), Pin::Content)]);
    check("pip install git+https://u:p@x.y/a.git", &[("x.y/a", Pin::Latest)]);
    // What begins like a fragment is no end of a URL behind it.
    check("pip install '#git+https://x.y/a.git'", &[("x.y/a", Pin::Latest)]);
}

#[test]
fn go_and_gem_have_versions_of_their_own() {
    check("go install x.y/a@v1.2.3 x.y/b@latest", &[("x.y/a v1.2.3", Pin::Exact), ("x.y/b latest", Pin::Latest)]);
    check("go install ./...; go build; go run . a@b; go run x.y/a@v1 b", &[("x.y/a v1", Pin::Range)]);
    check(
        "gem install a -v 1.2.3; gem install b c:2.0",
        &[("a 1.2.3", Pin::Exact), ("b", Pin::Latest), ("c 2.0", Pin::Exact)],
    );
}

#[test]
fn a_download_that_is_run_is_held_by_a_commit_alone() {
    let url = "https://x.y/0123456789abcdef0123456789abcdef01234567/i.sh";
    check(&format!("curl -sSf {url} | sh"), &[(&url[8..], Pin::Content)]);
    for run in [
        "curl --proto '=https' -sSf https://x.y/i.sh | sh",
        "wget -qO- https://x.y/i.sh | sudo -E bash -",
        "curl https://u:secret@x.y/i.sh?a=b | tee log | bash -s -- -y",
        "bash <(curl -s https://x.y/i.sh)",
        "sh -c \"$(curl -fsSL https://x.y/i.sh)\"",
        "eval \"$(wget -O - https://x.y/i.sh)\"",
        "(curl https://x.y/i.sh || wget -O- https://x.y/i.sh) | { sh; }",
        "source <(curl -s https://x.y/i.sh)",
        "curl -s https://x.y/i.sh | env A=b python3 -",
    ] {
        check(run, &[("x.y/i.sh", Pin::Latest)]);
    }
    check("curl https://x.y/v1.2.3/i.sh | sh", &[("x.y/v1.2.3/i.sh", Pin::Tag)]);
    check("curl \"https://x.y/$V/i.sh\" | sh", &[("x.y/$V/i.sh", Pin::Unknown)]);
    check("curl -sS \"file://$(pwd)/i.sh\" | sh; curl file:///i.sh | sh", &[]);
    check("curl https://x.y/${{ github.sha }}/i.sh | sh", &[("x.y/${{ github.sha }}/i.sh", Pin::Unknown)]);
    check("curl https://x.y/a | jq .; curl -o a https://x.y/a | sh; x | sh; bash a \"$(curl https://x.y/v)\"", &[]);
    check("curl https://x.y/a > b; sh b; curl https://x.y/a && sh c", &[]);
    check(
        "curl https://sh.rustup.rs | sh -s -- -y --default-toolchain nightly",
        &[("sh.rustup.rs", Pin::Latest), ("rust nightly", Pin::Latest)],
    );
}

#[test]
fn only_commands_count() {
    check("echo cargo install a; printf 'npx b\\n'; x --flag 'cargo install c'", &[]);
    check("# cargo install a\necho \"\ncargo install b\n\"", &[]);
    check("cat <<EOF\ncargo install a\nEOF\ncat <<'X' > f\ncurl x | sh\nX\n", &[]);
    check("command -v cargo install; which npx a; cargo() { :; }; cargo install a", &[]);
    check("grep -q 'pip install' x && exit 1", &[]);
}

#[test]
fn commands_are_found_wherever_the_shell_runs_them() {
    for text in [
        "A=b C=d cargo install a",
        "sudo -E -u x env -i P=q /usr/bin/cargo install a",
        "time nice -n 10 timeout -k 5 60 cargo.exe install a",
        "true && { false || (cargo install a); } &",
        "if ! cargo install a; then :; fi",
        "while x; do case y in z) cargo install a ;; esac; done",
        "f() { for i in 1 2; do cargo install a; done; }",
        "echo \"$(cargo install a)\" `true`",
        "bash -euxo pipefail -c 'true; cargo install a'",
        "x=1; sh -c \"cd \\\"$x\\\" && cargo install a\"",
        "sudo bash <<EOF\ncargo install a\nEOF",
        "cargo \\\n  install \\\n  a",
        "C=cargo; $C install a",
        "$SUDO cargo install a",
        "[[ -x y ]] || ~/.cargo/bin/cargo install 'a'",
        "[[ \"$(cargo install a)\" == y ]]",
        "if [[ ! ( -n x && x =~ `cargo install a` ) ]]; then :; fi",
        "[[ $x == \"$(cargo install a)\"* ]]",
        "trap - EXIT; cargo install \"a\" 2>&1 | tee log",
        "cat <<EOF\n$(cargo install a)\nEOF",
        "\"$HOME\"/.cargo/bin/cargo install a",
    ] {
        check(text, &[("a", Pin::Latest)]);
    }
}

#[test]
fn variables_are_followed_where_they_hold_one_value() {
    check("V=1.2.3\ncargo install a@$V b --version=\"${V}\"", &[("a 1.2.3", Pin::Exact), ("b 1.2.3", Pin::Exact)]);
    check("export V=1.2.3; cargo install a@$V", &[("a 1.2.3", Pin::Exact)]);
    check("cargo install a@${V:-1.2.3}", &[("a 1.2.3", Pin::Exact)]);
    check("V=1.2.3; V=${V}0; cargo install a@$V", &[("a $V", Pin::Unknown)]);
    check("V=$(x); cargo install a@$V; read V", &[("a $V", Pin::Unknown)]);
    check("cargo install a@\"$V\" $CRATES", &[("a $V", Pin::Unknown), ("$CRATES", Pin::Unknown)]);
    check("V=1; x && V=2; for V in 3; do :; done; npm i -g a@$V", &[("a $V", Pin::Unknown)]);
    check_with("cargo install $FLAGS a@$V", &[("V", "1.0.0"), ("FLAGS", "--locked -q")], &[("a 1.0.0", Pin::Exact)]);
    check_with("V=2.0.0; cargo install a@$V", &[("V", "1.0.0")], &[("a $V", Pin::Unknown)]);
    check(
        "cargo install a@${{ matrix.v }} && rustup default ${{ x }}",
        &[("a ${{ matrix.v }}", Pin::Unknown), ("rust ${{ x }}", Pin::Unknown)],
    );
}

#[test]
fn builds_want_to_be_locked() {
    check_builds("cargo build; cargo b --release; cargo +nightly t", &["cargo build", "cargo b", "cargo t"]);
    check_builds("cargo --locked build; cargo test --frozen -- x; cargo run --locked -- y", &[]);
    check_builds("cargo test -- --locked; cargo run a --locked", &["cargo test", "cargo run"]);
    check_builds("cargo fmt; cargo new a; cargo metadata; cargo xtask a; cargo --version; cargo build --help", &[]);
    check_builds(
        "cargo update; cargo generate-lockfile; cargo update --dry-run; cargo update a --precise 1.0.0",
        &["cargo update", "cargo generate-lockfile"],
    );
    check_builds(
        "cargo install a; cargo install --path .; cargo install b --locked",
        &["cargo install", "cargo install"],
    );
    check_builds(
        "cross build --target x; cargo nextest run; cargo hack --each-feature check",
        &["cross build", "cargo nextest run", "cargo hack check"],
    );
    // Miri's setup builds the standard library, by its own lockfile.
    check_builds("cargo miri setup; cargo miri test", &["cargo miri test"]);
    check_builds(
        "cargo nextest show-config; cargo hack --locked check; cargo llvm-cov report; cargo llvm-cov",
        &["cargo llvm-cov"],
    );
    check_builds("cargo build $FLAGS; cargo build ${{ x }}; cargo build -p $X", &["cargo build"]);
    check_builds("npm install; npm i; npm ci; npm install a@1.0.0; npm install -g b", &["npm install", "npm install"]);
}

#[test]
fn places_are_those_of_what_is_written() {
    let text = "é; cargo install \"rip\"  x@1.2 && cargo +nightly build --release";
    let found = commands(text, &[]);
    let at = |span: Span| &text[span.range()];
    let written: Vec<&str> = found.dependencies.iter().map(|one| at(one.span)).collect();
    assert_eq!(written, ["rip", "1.2", "nightly"]);
    let sites: Vec<Option<(&str, &str)>> = found
        .dependencies
        .iter()
        .map(|one| one.site.as_ref().map(|site| (at(site.span), site.before.as_str())))
        .collect();
    assert_eq!(sites, [Some(("", "@")), Some(("1.2", "")), None]);
    let builds: Vec<&str> = found.builds.iter().map(|build| at(build.span)).collect();
    assert_eq!(builds, ["cargo install", "cargo +nightly build"]);
    let site = found.builds[1].site.as_ref().expect("a place for --locked");
    assert_eq!((&text[..site.span.start as usize], site.before.as_str()), (&text[..text.len() - 10], " --locked"));
}

/// Of a part of a word, and of what a variable is set to.
#[test]
fn commands_between_backticks_are_read_whatever_is_escaped_ahead_of_them() {
    for text in [
        "x=\"`cargo install foo`\"",
        "x=\"\\\n`cargo install foo`\"",
        "export x=\"a\\\nb`date`c\\\n`cargo install foo`d\\\ne\"",
        "echo x\"\\\n`cargo install foo`\"y",
        "echo \"\\\n`cargo install foo`é\"y",
        "x=\"\\\"é\\\" `cargo install foo`\"",
        "x=\"\\\\ \\$a \\`b\\` `cargo install foo`\"",
        "x=\"\\\"é\\\" `echo \\\"é\\\"` `cargo install foo` é\"",
        "x=\"a\"\\\"é\\\"\"`cargo install foo`\"",
        "x=$'a\\'b'; y=\"\\\n`cargo install foo`\"",
        "# don't\nx=\"\\\n`cargo install foo`\"",
        "cat <<'E' # don't\ndon't \\\nE\nx=\"\\\n`cargo install foo`\"",
        "cat <<-E <<F\n'\n\tE\n'\nF\nx=\"\\\n`cargo install foo`\"",
        "cat <<<'E'\nx=\"\\\n`cargo install foo`\"",
        "x='\"'\ny=\"\\\n`cargo install foo`\"",
        "x=\\\"\ny=\"\\\n`cargo install foo`\"",
    ] {
        let found = commands(text, &[]);
        let written: Vec<&str> = found.dependencies.iter().map(|one| &text[one.span.range()]).collect();
        assert_eq!(written, ["foo"], "{text}");
    }
    // What nothing is read wrongly of stays as it is.
    let found = commands("sh -c \"cargo install \\\n foo && echo `date`\"\n", &[]);
    assert_eq!(found.dependencies.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["foo"]);
}

#[test]
fn nothing_is_written_ahead_of_a_parenthesis() {
    for (text, is_offered) in
        [("pip install ruff=(=0.6.9", false), ("pip install \"ruff\"(", false), ("(pip install ruff)", true)]
    {
        let found = commands(text, &[]);
        let sites: Vec<bool> = found.dependencies.iter().map(|one| one.site.is_some()).collect();
        assert_eq!(sites, [is_offered], "{text}");
    }
}

#[test]
fn nothing_is_written_behind_what_a_variable_ends_in() {
    let found = commands("verify=\"cargo run -p x --\"\n$verify a.wasm\ncargo $SUB\n", &[]);
    assert_eq!(
        found.builds.iter().map(|build| (build.command.as_str(), &build.site)).collect::<Vec<_>>(),
        [("cargo run", &None)]
    );
}

#[test]
fn a_script_in_parts_is_edited_where_it_is_written() {
    let mut script = Script::new(FileId(0));
    script.push("cargo install ", 10);
    script.push("a\n", 30);
    script.push("cargo build", 40);
    let found = read(&script, &Environment::new(), "job");
    let site = |site: &Option<PinSite>| site.as_ref().map(|site| site.span.range());
    assert_eq!((found.dependencies[0].span.range(), site(&found.dependencies[0].site)), (30..31, Some(31..31)));
    assert_eq!((found.builds[1].span.range(), site(&found.builds[1].site)), (40..51, Some(51..51)));
    assert!(found.dependencies.iter().all(|one| one.table == "job"));
}

#[test]
fn what_the_shell_refuses_is_read_as_far_as_it_goes() {
    check("cargo install a\nfi\ncargo install b\n", &[("a", Pin::Latest), ("b", Pin::Latest)]);
    check("cargo install a\necho 'unclosed\ncargo install b\n", &[("a", Pin::Latest)]);
    check("cargo install a\nif true; then cargo install b\n", &[("a", Pin::Latest)]);
}

#[test]
fn files_of_other_languages_are_left_alone() {
    let tools = |text: &str| file(FileId(0), text).dependencies.len();
    assert_eq!(tools("#!/usr/bin/env python3\ncargo install a\n"), 0);
    assert_eq!(tools("#!/usr/bin/env -S bash -e\ncargo install a\n"), 1);
    assert_eq!(tools("#!/bin/sh\ncargo install a\n"), 1);
    assert_eq!(tools("cargo install a\n"), 1);
}

/// What opens something, and never ends it, over and over. On a stack as small as that of any thread here.
#[test]
fn hostile_scripts_end() {
    const UNITS: [&str; 36] = [
        "$(",
        "\"$(",
        "( ",
        "{ ",
        "if ",
        "${a:-",
        "$((",
        "`\\",
        "cat <<A\n",
        "<<'A'",
        "a && ",
        "a | ",
        "case a in b) ",
        "f() { ",
        "[[ ( ",
        "! ",
        "time ",
        "time -p ",
        "coproc ",
        "<<Aesac coproc ",
        "\ntime ",
        "a=(",
        "{a,",
        "@(",
        "${",
        "<(",
        "a[",
        "((a\n",
        "a[(b\n",
        "x (b\n",
        "case a in\n",
        "case a in ?(",
        "/||a+=/${",
        "${..{..>(",
        "sh -c \"",
        "curl a | sh | ",
    ];
    let read = |text: String| {
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let found = thread.spawn(move || commands(&text, &[])).expect("a thread").join();
        found.expect("no panic").dependencies.len()
    };
    for unit in UNITS {
        read(format!("cargo install a\n{}", unit.repeat(1000)));
        read(format!("{}\ncargo install a\n", unit.repeat(100)));
    }
    // Where nothing is open, what follows so much is still read.
    assert_eq!(read(format!("{}cargo install a\n", "f() { echo \"${A[\"x\"]}\"; }\n".repeat(3000))), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(400))]

    /// Whatever a script is made of, reading it ends, and each place is one in the text, at the bounds of characters.
    #[test]
    fn any_text_can_be_read(parts in proptest::collection::vec(proptest::sample::select(&[
        "cargo ", "install ", "build ", "a@1.2.3 ", "--version ", "$V", "${V:-1}", "V=1.0.0\n", "curl ", "https://é.y/a ", "| ", "sh ",
        "-c ", "'", "\"", "\\", "`", "$(", ")", "(", "{", "}", "<<EOF\n", "EOF\n", "npx ", "pip install ", "é", "🦀", ";", "\n", " ",
        "if ", "then ", "fi\n", "${{ x }}", "$", "#", "==", "@", "sudo ", "env ", "xargs ", "rustup run ", "go install ", "for x in ",
        "do ", "done\n", "case x in ", "[[ ", "]] ", "a=(", "git+https://x/y@z ", "<(", "&&", "=", "--", "-", "\r\n", "\t",
    ][..]), 0..40)) {
        let text = parts.concat();
        let found = commands(&text, &[]);
        for one in &found.dependencies {
            proptest::prop_assert!(text.get(one.span.range()).is_some());
            proptest::prop_assert!(one.site.as_ref().is_none_or(|site| text.get(site.span.range()).is_some()));
            // What is written out is at its place.
            if let Some(site) = one.site.as_ref().filter(|site| site.before.is_empty()) {
                proptest::prop_assert_eq!(Some(&text[site.span.range()]), one.requirement.as_deref());
            }
        }
        for build in &found.builds {
            proptest::prop_assert!(text.get(build.span.range()).is_some());
            proptest::prop_assert!(build.site.as_ref().is_none_or(|site| text.get(site.span.range()).is_some()));
        }
    }
}

#[test]
fn a_script_from_windows_is_the_same_script() {
    let text = "\u{feff}cargo install --locked a\r\nf() {\r\n  cargo install \\\r\n    --locked é\r\n}\r\n";
    let sheet = super::file(FileId(0), text);
    let written: Vec<&str> = sheet.dependencies.iter().map(|one| &text[one.span.range()]).collect();
    assert_eq!((written, sheet.builds.len()), (vec!["a", "é"], 0));
}
