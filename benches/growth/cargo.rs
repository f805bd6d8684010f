//! Manifests, lockfiles and configuration of cargo, and policies that judge them.

use std::fmt::Write as _;

use crate::family::{Family, Tree, repeat};

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const PACKAGE: &str = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

pub fn families() -> Vec<Family> {
    let of = |what, one, make| Family::new("Cargo.toml", what, one, make);
    vec![
        of("dependencies", 1_000, |tree, n| {
            tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{}", repeat(n, |i| format!("d{i} = \"1\"\n"))));
        }),
        of("dependencies on one line", 1_000, |tree, n| {
            let line = repeat(n, |i| format!("d{i} = \"1\", "));
            tree.write("Cargo.toml", &format!("dependencies = {{ {} }}\n{PACKAGE}", line.trim_end_matches(", ")));
        }),
        of("features of one dependency", 2_000, |tree, n| {
            let features = repeat(n, |i| format!("\"f{i}\", "));
            let line = format!("a = {{ version = \"1\", features = [{features}] }}\n");
            tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{line}"));
        }),
        of("tables of targets", 500, |tree, n| {
            let target = |i| format!("[target.'cfg(x{i})'.dependencies]\nd{i} = \"1\"\n");
            tree.write("Cargo.toml", &format!("{PACKAGE}{}", repeat(n, target)));
        }),
        of("dotted keys, 100 deep", 100, |tree, n| {
            let deep = ".a".repeat(100);
            tree.write("Cargo.toml", &format!("{PACKAGE}{}", repeat(n, |i| format!("[metadata{i}{deep}]\nb = 1\n"))));
        }),
        of("members by a pattern", 60, |tree, n| members(tree, n, "members = [\"m/*\"]\n")),
        of("members, each named", 60, |tree, n| {
            members(tree, n, &format!("members = [{}]\n", repeat(n, |i| format!("\"m/{i}\", "))));
        }),
        of("members, each by a pattern of its own", 60, |tree, n| {
            members(tree, n, &format!("members = [{}]\n", repeat(n, |i| format!("\"m/{i}*\", "))));
        }),
        of("members, and as many excluded", 60, |tree, n| {
            let excluded = repeat(n, |i| format!("\"m/{i}x\", "));
            members(tree, n, &format!("members = [\"m/*\"]\nexclude = [{excluded}]\n"));
        }),
        of("path packages, each on the next", 60, |tree, n| {
            for i in 0..n {
                let to = format!("[dependencies]\nnext = {{ path = \"../{}\", package = \"demo\" }}\n", i + 1);
                tree.write(&format!("m/{i}/Cargo.toml"), &format!("{PACKAGE}{to}"));
            }
            tree.write(&format!("m/{n}/Cargo.toml"), PACKAGE);
            tree.write("Cargo.toml", "[workspace]\nmembers = [\"m/0\"]\n");
        }),
        of("dependencies that members inherit", 60, |tree, n| {
            members(
                tree,
                n,
                &format!("members = [\"m/*\"]\n[workspace.dependencies]\n{}", repeat(n, |i| format!("d{i} = \"1\"\n"))),
            );
            for i in 0..n {
                let line = format!("[dependencies]\nd{i} = {{ workspace = true }}\nd0 = {{ workspace = true }}\n");
                tree.write(
                    &format!("m/{i}/Cargo.toml"),
                    &format!(
                        "{}{}",
                        PACKAGE.replace("demo", &format!("m{i}")),
                        if i == 0 { line.replacen("d0 = { workspace = true }\n", "", 1) } else { line }
                    ),
                );
            }
        }),
        Family::new("Cargo.lock", "packages", 1_500, |tree, n| locked(tree, n, |i| format!("p{i}"), "1.0.0")),
        Family::new("Cargo.lock", "versions of one package", 300, |tree, n| {
            let package = |i: usize| block("a", &format!("1.0.{i}"), &format!(" \"a 1.0.{}\",\n", (i + 1) % n));
            let packages = repeat(n, package) + &block_own("demo", " \"a 1.0.0\",\n");
            tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\na = \"1\"\n"));
            tree.write("Cargo.lock", &format!("version = 4\n{packages}"));
        }),
        Family::new("Cargo.lock", "edges of one package", 1_500, |tree, n| {
            let packages = repeat(n, |i| block(&format!("p{i}"), "1.0.0", ""));
            let edges = repeat(n, |i| format!(" \"p{i}\",\n"));
            tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\nhub = \"1\"\n"));
            tree.write(
                "Cargo.lock",
                &format!(
                    "version = 4\n{packages}{}{}",
                    block("hub", "1.0.0", &edges),
                    block_own("demo", " \"hub\",\n")
                ),
            );
        }),
        Family::new("Cargo.lock", "packages without a checksum", 1_500, |tree, n| {
            locked(tree, n, |i| format!("p{i}"), "1.0.0");
            let text = tree.read("Cargo.lock");
            let bare: String = text.split_inclusive('\n').filter(|line| !line.starts_with("checksum")).collect();
            tree.write("Cargo.lock", &bare);
        }),
        Family::new("Cargo.lock", "packages, not as cargo writes it", 1_500, |tree, n| {
            locked(tree, n, |i| format!("p{i}"), "1.0.0");
            let text = tree.read("Cargo.lock").replace("source =", "source  =");
            tree.write("Cargo.lock", &text);
        }),
        Family::new("Cargo.lock", "dependencies that it misses", 1_000, |tree, n| {
            tree.write(
                "Cargo.toml",
                &format!("{PACKAGE}[dependencies]\n{}", repeat(n, |i| format!("p{i} = \"=2.0.0\"\n"))),
            );
            let edges = repeat(n, |i| format!(" \"p{i}\",\n"));
            tree.write(
                "Cargo.lock",
                &format!(
                    "version = 4\n{}{}",
                    repeat(n, |i| block(&format!("p{i}"), "1.0.0", "")),
                    block_own("demo", &edges)
                ),
            );
        }),
        Family::new("Cargo.lock", "upgrades, by diff", 1_500, |tree, n| {
            tree.two(
                |tree| locked(tree, n, |i| format!("p{i}"), "1.0.0"),
                |tree| locked(tree, n, |i| format!("p{i}"), "1.0.1"),
            );
        })
        .by(&["diff", "HEAD^"]),
        Family::new("Cargo.lock", "packages replaced, by diff", 1_500, |tree, n| {
            tree.two(
                |tree| locked(tree, n, |i| format!("p{i}"), "1.0.0"),
                |tree| locked(tree, n, |i| format!("q{i}"), "1.0.0"),
            );
        })
        .by(&["diff", "HEAD^"]),
        Family::new("Cargo.lock", "versions of one package, by diff", 300, |tree, n| {
            let side = move |major: usize| {
                move |tree: &Tree| {
                    let package = |i: usize| block("a", &format!("{major}.{i}.0"), "");
                    let edges = repeat(n, |i| format!(" \"a {major}.{i}.0\",\n"));
                    tree.write("Cargo.toml", PACKAGE);
                    tree.write(
                        "Cargo.lock",
                        &format!("version = 4\n{}{}", repeat(n, package), block_own("demo", &edges)),
                    );
                }
            };
            tree.two(side(1), side(2));
        })
        .by(&["diff", "HEAD^"]),
        Family::new("Cargo.lock", "packages, by exposed", 1_500, |tree, n| {
            locked(tree, n, |i| format!("p{i}"), "1.0.0");
            tree.commit();
        })
        .by(&["exposed", "p7@1.0.0", "."]),
        Family::new(".cargo/config.toml", "patches", 100, |tree, n| {
            tree.write("Cargo.toml", PACKAGE);
            let patches = repeat(n, |i| format!("p{i} = {{ git = \"https://example.com/{i}\" }}\n"));
            tree.write(".cargo/config.toml", &format!("[patch.crates-io]\n{patches}"));
        }),
        Family::new(".cargo/config.toml", "files that are included", 20, |tree, n| {
            tree.write("Cargo.toml", PACKAGE);
            tree.write(".cargo/config.toml", &format!("include = [{}]\n", repeat(n, |i| format!("\"{i}.toml\", "))));
            (0..n).for_each(|i| tree.write(&format!(".cargo/{i}.toml"), "paths = [\"x\"]\n"));
        }),
        Family::new("rust-toolchain.toml", "components", 50, |tree, n| {
            let components = repeat(n, |i| format!("\"c{i}\", "));
            tree.write(
                "rust-toolchain.toml",
                &format!("[toolchain]\nchannel = \"stable\"\ncomponents = [{components}]\n"),
            );
        }),
    ]
}

pub fn policies() -> Vec<Family> {
    let of = |what, one, make| Family::new("pinned.toml", what, one, make);
    vec![
        of("exceptions, each for one finding", 100, |tree, n| excepting(tree, n, |i| format!("d{i}")))
            .counted_at(500),
        of("exceptions by a glob, each for one finding", 100, |tree, n| excepting(tree, n, |i| format!("*d{i}")))
            .counted_at(500),
        of("exceptions of one name, each in one path", 60, |tree, n| {
            members(tree, n, "members = [\"m/*\"]\n");
            let exception = |i| {
                format!(
                    "[[exception]]\nrule = \"unpinned-crate\"\nname = \"a\"\npaths = [\"m/{i}/*.toml\"]\nreason = \"x\"\n"
                )
            };
            tree.write("pinned.toml", &repeat(n, exception));
        })
        .counted_at(500),
        of("exceptions by what is in the middle", 100, |tree, n| excepting(tree, n, |i| format!("*d{i}*")))
            .counted_at(500),
        of("scopes, each of one member", 60, |tree, n| {
            members(tree, n, "members = [\"m/*\"]\n");
            let scope =
                |i| format!("[[scope]]\npaths = [\"m/{i}/**\"]\nrules.unpinned-crate = {{ level = \"warn\" }}\n");
            tree.write("pinned.toml", &repeat(n, scope));
        })
        .counted_at(500),
        of("excludes, each of one member", 60, |tree, n| {
            members(tree, n, "members = []\n");
            tree.write("pinned.toml", &format!("exclude = [{}]\n", repeat(n, |i| format!("\"m/{i}/**\", "))));
        }),
        of("excludes that begin alike", 60, |tree, n| {
            members(tree, n, "members = []\n");
            tree.write("pinned.toml", &format!("exclude = [{}]\n", repeat(n, |i| format!("\"**/m*/**/x{i}*\", "))));
        }),
        Family::new("pinned-baseline.toml", "findings that it accepts", 200, |tree, n| {
            tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{}", repeat(n, |i| format!("d{i} = \"1\"\n"))));
            tree.tool(&["baseline"]);
        }),
    ]
}

pub fn reports() -> Vec<Family> {
    fn make(tree: &Tree, n: usize) {
        tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{}", repeat(n, |i| format!("d{i} = \"1\"\n"))));
    }
    let of = |what, arguments| Family::new("findings", what, 1_000, make).by(arguments);
    vec![
        of("human -v", &["check", "-v"]),
        of("full", &["check", "--format", "full"]),
        of("json", &["check", "--format", "json"]),
        of("sarif", &["check", "--format", "sarif"]),
        of("github", &["check", "--format", "github"]),
        of("gitlab", &["check", "--format", "gitlab"]),
        of("junit", &["check", "--format", "junit"]),
        of("markdown", &["check", "--format", "markdown"]),
        of("list", &["list"]),
        of("list, json", &["list", "--format", "json"]),
        Family::new("findings", "full, all on one line", 1_000, |tree, n| {
            let line = repeat(n, |i| format!("d{i} = \"1\", "));
            tree.write("Cargo.toml", &format!("dependencies = {{ {} }}\n{PACKAGE}", line.trim_end_matches(", ")));
        })
        .by(&["check", "--format", "full"]),
        Family::new("findings", "audit, html", 1_000, |tree, n| {
            make(tree, n);
            tree.commit();
        })
        .by(&["audit", ".", "--format", "html"]),
        Family::new("findings", "audit, sarif and markdown", 1_000, |tree, n| {
            make(tree, n);
            tree.commit();
        })
        .by(&["audit", ".", "--format", "markdown"]),
        Family::new("findings", "against a base that has them", 1_000, |tree, n| {
            tree.two(
                |tree| make(tree, n),
                |tree| {
                    let text = tree.read("Cargo.toml").replace("[dependencies]", "[dev-dependencies]");
                    tree.write("Cargo.toml", &text);
                },
            );
        })
        .by(&["check", "--base", "HEAD^"]),
    ]
}

fn excepting(tree: &Tree, n: usize, name: fn(usize) -> String) {
    tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{}", repeat(n, |i| format!("d{i} = \"1\"\n"))));
    let exception = |i| {
        format!("[[exception]]\nrule = \"unpinned-crate\"\nname = \"{}\"\nreason = \"until #{i} is done\"\n", name(i))
    };
    tree.write("pinned.toml", &repeat(n, exception));
}

fn members(tree: &Tree, n: usize, workspace: &str) {
    for i in 0..n {
        let package = PACKAGE.replace("demo", &format!("m{i}"));
        tree.write(&format!("m/{i}/Cargo.toml"), &format!("{package}[dependencies]\na = \"1\"\n"));
    }
    tree.write("Cargo.toml", &format!("[workspace]\nresolver = \"2\"\n{workspace}"));
}

fn locked(tree: &Tree, n: usize, name: fn(usize) -> String, version: &str) {
    let mut lines = String::new();
    for i in 0..n {
        let edges: String = [(i + 1) % n, (i * 7 + 3) % n, (i * 13 + 5) % n]
            .iter()
            .map(|&to| format!(" \"{}\",\n", name(to)))
            .collect();
        let _ = write!(lines, "{}", block(&name(i), version, &edges));
    }
    tree.write("Cargo.toml", &format!("{PACKAGE}[dependencies]\n{} = \"1\"\n", name(0)));
    tree.write("Cargo.lock", &format!("version = 4\n{lines}{}", block_own("demo", &format!(" \"{}\",\n", name(0)))));
}

fn block(name: &str, version: &str, edges: &str) -> String {
    let source = "registry+https://github.com/rust-lang/crates.io-index";
    let edges = if edges.is_empty() { String::new() } else { format!("dependencies = [\n{edges}]\n") };
    format!(
        "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\nchecksum = \"{HASH}\"\n{edges}"
    )
}

fn block_own(name: &str, edges: &str) -> String {
    format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\ndependencies = [\n{edges}]\n")
}
