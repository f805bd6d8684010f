//! Workflows, Dockerfiles and scripts.

use crate::family::{Family, Tree, repeat};

const JOB: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n";

fn workflow(tree: &Tree, text: &str) {
    tree.write(".github/workflows/ci.yml", text);
}

pub fn workflows() -> Vec<Family> {
    let of = |what, one, make| Family::new("workflow", what, one, make);
    vec![
        of("steps that use an action", 1_000, |tree, n| {
            workflow(tree, &format!("{JOB}    steps:\n{}", repeat(n, |i| format!("      - uses: a/b{i}@v1\n"))));
        }),
        of("steps that run something", 1_000, |tree, n| {
            workflow(
                tree,
                &format!("{JOB}    steps:\n{}", repeat(n, |i| format!("      - run: cargo install c{i}\n"))),
            );
        }),
        of("tools at one version, and as many at none", 500, |tree, n| {
            let step = |i| {
                format!(
                    "      - run: cargo install c{i}\n      - run: cargo install c{i}@1.0.{i}\n      - run: npx d{i}\n"
                )
            };
            tree.write(
                "package.json",
                &format!(
                    "{{\"dependencies\": {{{}\"z\": \"1.0.0\"}}}}",
                    repeat(n, |i| format!("\"e{i}\": \"1.0.0\", "))
                ),
            );
            workflow(tree, &format!("{JOB}    steps:\n{}", repeat(n, step)));
        }),
        of("jobs", 500, |tree, n| {
            let job =
                |i| format!("  j{i}:\n    needs: [j0]\n    container: c{i}:1\n    steps:\n      - uses: a/b@v1\n");
            workflow(tree, &format!("on: push\njobs:\n{}", repeat(n, job)));
        }),
        of("rows of a matrix", 100, |tree, n| {
            let row = |i| format!("          - v: 1.{i}\n");
            let steps = "    steps:\n      - run: cargo install a --version ${{ matrix.v }}\n      - run: npm i -g b@${{ matrix.v }}\n";
            workflow(tree, &format!("{JOB}    strategy:\n      matrix:\n        include:\n{}{steps}", repeat(n, row)));
        }),
        of("values of a matrix of two", 20, |tree, n| {
            let values = repeat(n, |i| format!("{i}, "));
            let steps = "    container: a:${{ matrix.v }}-${{ matrix.w }}\n    steps:\n      - run: npm i -g b@${{ matrix.v }}.${{ matrix.w }}\n";
            workflow(
                tree,
                &format!("{JOB}    strategy:\n      matrix:\n        v: [{values}]\n        w: [{values}]\n{steps}"),
            );
        }),
        of("scripts in a matrix of 60", 100, |tree, n| {
            let values = repeat(60, |i| format!("1.{i}, "));
            let step = |i| format!("      - run: cargo install a{i} --version ${{{{ matrix.v }}}}\n");
            workflow(
                tree,
                &format!("{JOB}    strategy:\n      matrix:\n        v: [{values}]\n    steps:\n{}", repeat(n, step)),
            );
        }),
        of("lines of a script in a matrix of 60", 100, |tree, n| {
            let values = repeat(60, |i| format!("1.{i}, "));
            let line = |i| format!("          cargo install a{i} --version ${{{{ matrix.v }}}}\n");
            workflow(
                tree,
                &format!(
                    "{JOB}    strategy:\n      matrix:\n        v: [{values}]\n    steps:\n      - run: |\n{}",
                    repeat(n, line)
                ),
            );
        }),
        of("lines of a script of one expression", 300, |tree, n| {
            let values = repeat(60, |i| format!("1.{i}, "));
            let lines = repeat(n, |i| format!("          cargo install a{i}\n"));
            workflow(
                tree,
                &format!(
                    "{JOB}    strategy:\n      matrix:\n        v: [{values}]\n    steps:\n      - run: |\n          cargo install b --version ${{{{ matrix.v }}}}\n{lines}"
                ),
            );
        }),
        of("variables, and as many scripts in a matrix", 100, |tree, n| {
            let variables = repeat(n, |i| format!("  V{i}: 1.2.{i}\n"));
            let step = |i| format!("      - run: cargo install a{i} --version ${{{{ matrix.v }}}}\n");
            workflow(
                tree,
                &format!(
                    "env:\n{variables}{JOB}    strategy:\n      matrix:\n        v: [1, 2, 3]\n    steps:\n{}",
                    repeat(n, step)
                ),
            );
        }),
        of("excluded rows of a matrix", 100, |tree, n| {
            let row = |i| format!("          - v: {i}\n            w: 1\n");
            let values = repeat(10, |i| format!("{i}, "));
            let steps = "    steps:\n      - run: cargo install a --version ${{ matrix.v }}.${{ matrix.w }}\n";
            workflow(
                tree,
                &format!(
                    "{JOB}    strategy:\n      matrix:\n        v: [{values}]\n        w: [{values}]\n        exclude:\n{}{steps}",
                    repeat(n, row)
                ),
            );
        }),
        of("aliases of one anchor", 500, |tree, n| {
            let first = "  first: &job\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n";
            workflow(tree, &format!("on: push\njobs:\n{first}{}", repeat(n, |i| format!("  j{i}: *job\n"))));
        }),
        of("anchors, each of two aliases of the last", 10, |tree, n| {
            let nested = repeat(n, |i| format!("  k{}: &k{}\n    steps: [*k{i}, *k{i}]\n", i + 1, i + 1));
            workflow(tree, &format!("on: push\njobs:\n  k0: &k0\n    steps:\n      - uses: a/b@v1\n{nested}"));
        }),
        of("lines of one script", 2_000, |tree, n| {
            workflow(
                tree,
                &format!(
                    "{JOB}    steps:\n      - run: |\n{}",
                    repeat(n, |i| format!("          cargo install c{i}\n"))
                ),
            );
        }),
        of("nesting of an expression", 100, |tree, n| {
            let nested = format!("{}matrix.v{}", "(".repeat(n), ")".repeat(n));
            workflow(
                tree,
                &format!(
                    "{JOB}    strategy:\n      matrix:\n        v: [1, 2]\n    container: a:${{{{ {nested} }}}}\n    steps:\n      - run: cargo install a --version ${{{{ {nested} }}}}\n"
                ),
            );
        }),
        of("operators of an expression", 100, |tree, n| {
            let chain = format!("matrix.v{}", repeat(n, |i| format!(" || 'x{i}'")));
            workflow(
                tree,
                &format!(
                    "{JOB}    strategy:\n      matrix:\n        v: [1, 2]\n    container: a:${{{{ {chain} }}}}\n    steps:\n      - run: cargo install a --version ${{{{ {chain} }}}}\n"
                ),
            );
        }),
        of("expressions of one script", 200, |tree, n| {
            let line = |i| format!("          cargo install a{i} --version ${{{{ env.V }}}}\n");
            workflow(tree, &format!("env:\n  V: 1.2.3\n{JOB}    steps:\n      - run: |\n{}", repeat(n, line)));
        }),
        of("variables, and as many steps", 100, |tree, n| {
            let variables = repeat(n, |i| format!("  V{i}: 1.2.{i}\n"));
            let step = |i| format!("      - env: {{ W: 1 }}\n        run: cargo install a --version $V{i}\n");
            workflow(tree, &format!("env:\n{variables}{JOB}    steps:\n{}", repeat(n, step)));
        }),
        of("nesting of flow sequences", 50, |tree, n| {
            workflow(tree, &format!("on: push\nx: {}{}\n{}", "[".repeat(n), "]".repeat(n), &JOB[9..]));
        }),
        of("comments behind references", 1_000, |tree, n| {
            let step = |i| format!("      - uses: a/b{i}@3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345 # v1.{i}\n");
            workflow(tree, &format!("{JOB}    steps:\n{}", repeat(n, step)));
        }),
        of("a quoted script with escapes", 2_000, |tree, n| {
            let line = |i| format!("cargo install c{i} \\\"x\\\"\\n");
            workflow(tree, &format!("{JOB}    steps:\n      - run: \"{}\"\n", repeat(n, line)));
        }),
    ]
}

pub fn dockerfiles() -> Vec<Family> {
    let of = |what, one, make: fn(usize) -> String| Family::text("Dockerfile", what, one, "Dockerfile", make);
    vec![
        of("stages, each from the last", 200, |n| {
            format!("FROM a:1 AS s0\n{}", repeat(n, |i| format!("FROM s{i} AS s{}\nCOPY --from=s{i} /a /b\n", i + 1)))
        }),
        of("stages that copy from images", 500, |n| repeat(n, |i| format!("FROM a{i}:1\nCOPY --from=b{i}:1 /a /b\n"))),
        of("arguments, and images by them", 300, |n| {
            repeat(n, |i| format!("ARG A{i}=1.{i}\n")) + &repeat(n, |i| format!("FROM a:$A{i}\n"))
        }),
        of("arguments, each twice the last", 10, |n| {
            format!("ARG A0=xx\n{}FROM a:$A{n}\n", repeat(n, |i| format!("ARG A{}=$A{i}$A{i}\n", i + 1)))
        }),
        of("references to one argument", 500, |n| format!("ARG A=1\nFROM a:{}\n", "${A}".repeat(n))),
        of("nesting of defaults", 50, |n| format!("FROM a:{}1{}\n", "${A:-".repeat(n), "}".repeat(n))),
        of("variables, and commands that use them", 200, |n| {
            let variables = repeat(n, |i| format!("ENV V{i}=1.{i}\n"));
            format!("FROM a:1\n{variables}{}", repeat(n, |i| format!("RUN cargo install a --version $V{i}\n")))
        }),
        of("commands", 1_000, |n| format!("FROM a:1\n{}", repeat(n, |i| format!("RUN cargo install c{i}\n")))),
        of("continued lines of one command", 2_000, |n| {
            format!("FROM a:1\nRUN true{}\n", repeat(n, |i| format!(" && \\\n  cargo install c{i}")))
        }),
        of("here-documents", 300, |n| {
            format!("FROM a:1\n{}", repeat(n, |i| format!("RUN <<E{i}\ncargo install c{i}\nE{i}\n")))
        }),
        of("here-documents of one command", 300, |n| {
            let open = repeat(n, |i| format!(" <<E{i}"));
            format!("FROM a:1\nRUN cat{open}\n{}", repeat(n, |i| format!("cargo install c{i}\nE{i}\n")))
        }),
        of("here-documents that do not end", 300, |n| {
            format!("FROM a:1\n{}", repeat(n, |i| format!("RUN <<E{i}\nx\n")))
        }),
        of("comments between continued lines", 2_000, |n| {
            format!("FROM a:1\nRUN true \\\n{}  && cargo install c\n", repeat(n, |i| format!("# {i}\n")))
        }),
        of("`ONBUILD`s of one another", 300, |n| format!("FROM a:1\n{}RUN x\n", "ONBUILD ".repeat(n))),
        of("exec forms", 1_000, |n| {
            format!("FROM a:1\n{}", repeat(n, |i| format!("RUN [\"cargo\", \"install\", \"c{i}\"]\n")))
        }),
    ]
}

pub fn scripts() -> Vec<Family> {
    let of = |what, one, make: fn(usize) -> String| Family::text("shell", what, one, "install.sh", make);
    vec![
        of("commands, each on a line", 1_000, |n| repeat(n, |i| format!("cargo install c{i}\n"))),
        of("commands on one line", 1_000, |n| repeat(n, |i| format!("cargo install c{i};"))),
        of("commands of one list", 1_000, |n| repeat(n, |i| format!("cargo install c{i} && ")) + "true\n"),
        of("commands of one pipe", 1_000, |n| repeat(n, |i| format!("curl https://example.com/{i} | ")) + "sh\n"),
        of("words of one command", 2_000, |n| format!("npm i -g{}\n", repeat(n, |i| format!(" p{i}")))),
        of("mentions of a manifest on one line", 2_000, |n| {
            format!(
                "sed -n p{}; cat{1}; echo{1}; cargo build\n",
                repeat(n, |i| format!(" d{i}/Cargo.toml")),
                repeat(n, |_| " Cargo.lock".to_owned())
            )
        }),
        of("variables that are used", 500, |n| repeat(n, |i| format!("V{i}=1.{i}\ncargo install a --version $V{i}\n"))),
        of("variables, each twice the last", 10, |n| {
            format!("V0=xx\n{}npm i -g a@$V{n}\n", repeat(n, |i| format!("V{}=$V{i}$V{i}\n", i + 1)))
        }),
        of("functions", 500, |n| repeat(n, |i| format!("f{i}() {{\n  cargo install c{i}\n}}\nf{i}\n"))),
        of("nesting of substitutions", 50, |n| format!("{}cargo install a{}\n", "echo $(".repeat(n), ")".repeat(n))),
        of("nesting of subshells", 50, |n| format!("{}cargo install a{}\n", "( ".repeat(n), " )".repeat(n))),
        of("nesting of quoted substitutions", 50, |n| {
            format!("{}cargo install a{}\n", "echo \"$(".repeat(n), ")\"".repeat(n))
        }),
        of("nesting of `if`", 50, |n| format!("{}cargo install a\n{}", "if true; then\n".repeat(n), "fi\n".repeat(n))),
        of("nesting of `sh -c`", 50, |n| format!("{}cargo install a\n", "sh -c ".repeat(n))),
        of("nesting of `sudo`", 500, |n| format!("{}cargo install a\n", "sudo ".repeat(n))),
        of("nesting of defaults", 50, |n| format!("npm i -g a@{}1{}\n", "${A:-".repeat(n), "}".repeat(n))),
        of("nesting of arithmetic", 50, |n| format!("echo {}1{}\n", "$((".repeat(n), "))".repeat(n))),
        of("parentheses that do not end", 500, |n| "echo $(( $( ".repeat(n)),
        of("quotes that do not end", 1_000, |n| repeat(n, |i| format!("echo \"{i}' `\n"))),
        of("backquotes", 1_000, |n| repeat(n, |i| format!("echo `cargo install c{i}`\n"))),
        of("here-documents", 300, |n| repeat(n, |i| format!("bash <<E{i}\ncargo install c{i}\nE{i}\n"))),
        of("here-documents of one command", 300, |n| {
            format!(
                "cat{}\n{}",
                repeat(n, |i| format!(" <<E{i}")),
                repeat(n, |i| format!("cargo install c{i}\nE{i}\n"))
            )
        }),
        of("here-documents that do not end", 300, |n| repeat(n, |i| format!("cat <<E{i}\nx\n"))),
        of("here-documents of one word that does not come", 300, |n| "cat <<E\nx\n".repeat(n)),
        of("branches of one `case`", 1_000, |n| {
            format!("case $1 in\n{}esac\n", repeat(n, |i| format!("a{i}) cargo install c{i} ;;\n")))
        }),
        of("continued lines", 2_000, |n| format!("npm i -g \\\n{}\n", repeat(n, |i| format!("  p{i} \\\n")))),
        of("braces", 500, |n| format!("npm i -g {}\n", "{a,b}".repeat(n))),
        of("comments", 5_000, |n| repeat(n, |i| format!("# cargo install c{i}\n"))),
        of("escapes", 5_000, |n| format!("echo {}\n", "\\x".repeat(n))),
        of("array elements", 2_000, |n| {
            format!("a=({})\ncargo install \"${{a[@]}}\"\n", repeat(n, |i| format!("c{i} ")))
        }),
    ]
}
