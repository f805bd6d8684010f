//! Trees, ignore rules, references and histories.

use crate::family::{Family, Tree, repeat};

const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\n[dependencies]\na = \"1\"\n";

pub fn families() -> Vec<Family> {
    let of = |what, one, make| Family::new("git", what, one, make);
    vec![
        of("files, no git", 2_000, files),
        of("files that are tracked", 2_000, committed),
        of("files of a revision", 2_000, committed).by(&["check", "--rev", "HEAD"]),
        of("files that are staged", 2_000, committed).by(&["check", "--staged"]),
        of("files of an audit", 2_000, committed).by(&["audit", "."]),
        of("files that are not tracked", 2_000, |tree, n| {
            tree.write("Cargo.toml", MANIFEST);
            tree.commit();
            files(tree, n);
        }),
        of("files not tracked, and as many ignore rules", 100, |tree, n| {
            tree.write("Cargo.toml", MANIFEST);
            tree.write(".gitignore", &repeat(n, |i| format!("x{i}*y\n")));
            tree.commit();
            (0..n).for_each(|i| tree.write(&format!("d{i}/Cargo.toml"), &MANIFEST.replace("demo", &format!("m{i}"))));
        }),
        of("depth of directories", 10, |tree, n| {
            tree.write(&format!("{}/Cargo.toml", vec!["d"; n].join("/")), MANIFEST);
        }),
        of("depth of directories, in a revision", 10, |tree, n| {
            tree.write("Cargo.toml", MANIFEST);
            tree.write(&format!("{}/x/Cargo.toml", vec!["d"; n].join("/")), &format!("{MANIFEST}[workspace]\n"));
            tree.commit();
        })
        .by(&["check", "--rev", "HEAD"]),
        of("manifests with a lockfile each", 60, |tree, n| {
            for i in 0..n {
                tree.write(&format!("d{i}/Cargo.toml"), MANIFEST);
                tree.write(
                    &format!("d{i}/Cargo.lock"),
                    "version = 4\n\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\n",
                );
            }
        }),
        of("symbolic links in a chain", 5, |tree, n| {
            tree.write("l0", MANIFEST);
            (0..n).for_each(|i| tree.link(&format!("l{}", i + 1), &format!("l{i}")));
            tree.link("Cargo.toml", &format!("l{n}"));
        }),
        of("symbolic links at the places of files", 200, |tree, n| {
            tree.write("Cargo.toml", MANIFEST);
            (0..n).for_each(|i| tree.link(&format!("d{i}/Dockerfile"), "../nothing"));
        }),
        of("commits since the base", 500, history).by(&["check", "--base", "first"]),
        of("commits between two that are compared", 500, history).by(&["diff", "first...HEAD"]),
        of("branches that are judged", 50, |tree, n| {
            tree.write("Cargo.toml", MANIFEST);
            tree.commit();
            let head = tree.git(&["rev-parse", "HEAD"]);
            tree.git_with(&["update-ref", "--stdin"], &repeat(n, |i| format!("create refs/heads/b{i} {head}\n")));
        })
        .by(&["audit", ".", "--refs", "*"]),
    ]
}

fn files(tree: &Tree, n: usize) {
    tree.write("Cargo.toml", MANIFEST);
    (0..n).for_each(|i| tree.write(&format!("src/d{}/f{i}.rs", i / 50), ""));
}

fn committed(tree: &Tree, n: usize) {
    files(tree, n);
    tree.commit();
}

/// Commits that each change something, without a checkout.
fn history(tree: &Tree, n: usize) {
    let commit = |i: usize| {
        let text = MANIFEST.replace("\"1\"", &format!("\"1.{i}\""));
        let from = if i == 0 { "" } else { "from refs/heads/main^0\n" };
        format!(
            "commit refs/heads/main\ncommitter a <a@example.com> {} +0000\ndata 1\nx\n{from}M 100644 inline Cargo.toml\ndata {}\n{text}\n",
            1_700_000_000 + i,
            text.len()
        )
    };
    tree.git(&["init", "--quiet"]);
    let stream = format!("{}reset refs/tags/first\nfrom refs/heads/main~{n}\n\n", repeat(n + 1, commit));
    tree.git_with(&["fast-import", "--quiet"], &stream);
    tree.git(&["reset", "--hard", "--quiet", "main"]);
}
