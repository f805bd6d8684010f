//! Workflows and Dockerfiles.

use crate::support::Repo;

const WORKFLOW: &str = ".github/workflows/ci.yml";

#[track_caller]
fn check(path: &str, text: impl AsRef<[u8]>, expected: &[&str]) {
    let report = Repo::new().file(path, text).check();
    let found = report.findings();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_workflow_may_be_as_large_as_it_likes() {
    let steps = "      - uses: a/b@main\n";
    let head = "jobs:\n  a:\n    steps:\n      - run: |\n";
    let scalar = format!("{head}{}{steps}", "          echo a line of it\n".repeat(200_000));
    check(WORKFLOW, scalar, &[".github/workflows/ci.yml:200005:19 unpinned-action a/b"]);
    let quoted = format!("jobs:\n  a:\n    steps:\n      - run: \"{}\"\n{steps}", "x\\n ".repeat(1_000_000));
    check(WORKFLOW, quoted, &[".github/workflows/ci.yml:5:19 unpinned-action a/b"]);
    let levels =
        [("- ", 257), ("? ", 257), ("[", 256), ("{a: ", 1_021), ("- - - ", 257), ("&a - ", 4), ("!t {", 1_024)];
    for (many, column) in levels {
        check(WORKFLOW, many.repeat(100_000), &[&format!("{WORKFLOW}:1:{column} unreadable-file ci.yml")]);
    }
}

#[test]
fn aliases_do_not_make_much_of_little() {
    let mut text = "x0: &a0 [a, a, a, a, a, a, a, a, a]\n".to_owned();
    for n in 1..60 {
        let many = vec![format!("*a{}", n - 1); 9].join(", ");
        text.push_str(&format!("x{n}: &a{n} [{many}]\n"));
    }
    text.push_str(
        "jobs:\n  a:\n    strategy:\n      matrix:\n        v: *a59\n    container: ${{ matrix.v }}\n    steps: *a59\n",
    );
    check(WORKFLOW, text, &[".github/workflows/ci.yml:66:16 unpinned-image ${{ matrix.v }}"]);
    let own = "a: &a\n  b: *a\njobs: *a\nx: &x [*x]\n";
    let report = Repo::new().file(WORKFLOW, own).file("Dockerfile", "FROM a\n").check();
    assert_eq!(report.findings(), ["Dockerfile:1:6 unpinned-image a"]);
}

#[test]
fn a_matrix_has_as_many_combinations_as_are_looked_at() {
    let axes: String = (0..40).map(|n| format!("        v{n}: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n")).collect();
    let text = format!("jobs:\n  a:\n    strategy:\n      matrix:\n{axes}    container: a:${{{{ matrix.v0 }}}}\n");
    check(WORKFLOW, text, &[".github/workflows/ci.yml:45:16 unpinned-image a"]);
}

#[test]
fn a_broken_workflow_is_found_and_the_others_are_read() {
    let repo = Repo::new()
        .file(WORKFLOW, "a: b: c\n")
        .file(".github/workflows/x.yaml", b"a: x\xff\njobs: {a: {uses: a/b@v1}}\n");
    let expected =
        [".github/workflows/ci.yml:1:5 unreadable-file ci.yml", ".github/workflows/x.yaml:2:22 unpinned-action a/b"];
    assert_eq!(repo.findings(), expected);
}

#[test]
fn a_dockerfile_may_be_as_large_and_as_broken_as_it_likes() {
    let many = |line: &str| format!("FROM a\n{}", line.repeat(20_000));
    let only = ["Dockerfile:1:6 unpinned-image a"];
    for line in [
        "RUN x \\\n",
        "ENV A=$A$A$A\n",
        "RUN <<E\nE\n",
        "ARG A=${A:-${A:-${A}}}\n",
        "# x\n",
        "RUN x \\\n# y\n\n",
        "FROM scratch AS b\nENV A=1\n",
    ] {
        check("Dockerfile", many(line), &only);
    }
    check(
        "Dockerfile",
        many("RUN <<E\n"),
        &["Dockerfile:1:6 unpinned-image a", "Dockerfile:2:1 unreadable-file Dockerfile"],
    );
    check(
        "Dockerfile",
        many("FOO\n"),
        &["Dockerfile:1:6 unpinned-image a", "Dockerfile:2:1 unreadable-file Dockerfile"],
    );
    check(
        "Dockerfile",
        format!("FROM {}a\n", "$".repeat(10_000)),
        &[&format!("Dockerfile:1:6 unpinned-image {}a", "$".repeat(10_000))],
    );
    let report = Repo::new().file("Dockerfile.j2", "FROM {{ x }}\nFOO\n").file("Dockerfile", "FROM a\n").check();
    assert_eq!(report.findings(), ["Dockerfile:1:6 unpinned-image a"]);
}

/// What is shown as a command is pasted into a shell.
#[test]
fn no_command_is_made_of_an_image_that_is_one() {
    for (image, is_shown) in
        [("node:20", true), ("ghcr.io/a_b/c-d.e:1.2", true), ("a;reboot", false), ("a:1|sh", false)]
    {
        let report = Repo::new().file("Dockerfile", format!("FROM {image}\n")).check();
        let help = report.list()[0]["help"].as_str().expect("it says what to do").to_owned();
        assert_eq!(help.contains("docker buildx"), is_shown, "{image}: {help}");
    }
}
