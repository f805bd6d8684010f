//! The files of npm and of Python.

use crate::family::{Family, Tree, repeat};

pub fn npm() -> Vec<Family> {
    let of = |format, what, one, make| Family::new(format, what, one, make);
    vec![
        of("package.json", "dependencies", 1_000, manifest),
        of("package.json", "overrides", 500, |tree, n| {
            tree.write(
                "package.json",
                &format!("{{\"overrides\": {{{}}}}}", list(n, |i| format!("\"p{i}\": {{\"q{i}\": \"^1\"}}"))),
            );
        }),
        of("package.json", "nesting of overrides", 50, |tree, n| {
            tree.write("package.json", &format!("{{\"overrides\": {}\"^1\"{}}}", "{\"a\": ".repeat(n), "}".repeat(n)));
        }),
        of("package.json", "workspaces, each named", 60, |tree, n| {
            tree.write("package.json", &format!("{{\"workspaces\": [{}]}}", list(n, |i| format!("\"w/{i}\""))));
            (0..n).for_each(|i| {
                tree.write(
                    &format!("w/{i}/package.json"),
                    &format!("{{\"name\": \"w{i}\", \"dependencies\": {{\"a\": \"^1\"}}}}"),
                )
            });
            tree.write("package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {}}");
        }),
        of("package-lock.json", "packages", 1_500, |tree, n| {
            manifest(tree, n);
            let package = |i| {
                format!(
                    "\"node_modules/p{i}\": {{\"version\": \"1.0.{i}\", \"resolved\": \"https://example.com/p{i}.tgz\", \"integrity\": \"sha512-AAAA\", \"dependencies\": {{\"p{}\": \"^1\"}}}}",
                    i + 1
                )
            };
            let own = list(n, |i| format!("\"p{i}\": \"^1\""));
            tree.write(
                "package-lock.json",
                &format!(
                    "{{\"lockfileVersion\": 3, \"packages\": {{\"\": {{\"dependencies\": {{{own}}}}}, {}}}}}",
                    list(n, package)
                ),
            );
        }),
        of("package-lock.json", "nesting of packages", 20, |tree, n| {
            manifest(tree, 1);
            let package =
                |i: usize| format!("\"{}\": {{\"version\": \"1.0.{i}\"}}", vec!["node_modules/p0"; i + 1].join("/"));
            tree.write(
                "package-lock.json",
                &format!("{{\"lockfileVersion\": 3, \"packages\": {{{}}}}}", list(n, package)),
            );
        }),
        of("yarn.lock", "packages", 1_500, |tree, n| {
            manifest(tree, n);
            let package = |i| {
                format!(
                    "p{i}@^1:\n  version \"1.0.{i}\"\n  resolved \"https://example.com/p{i}.tgz#0123\"\n  integrity sha512-AAAA\n  dependencies:\n    p{} \"^1\"\n\n",
                    i + 1
                )
            };
            tree.write("yarn.lock", &format!("# yarn lockfile v1\n\n\n{}", repeat(n, package)));
        }),
        of("yarn.lock", "packages, of Berry", 1_500, |tree, n| {
            manifest(tree, n);
            let package = |i| {
                format!(
                    "\"p{i}@npm:^1\":\n  version: 1.0.{i}\n  resolution: \"p{i}@npm:1.0.{i}\"\n  checksum: 0123\n  languageName: node\n  linkType: hard\n\n"
                )
            };
            tree.write("yarn.lock", &format!("__metadata:\n  version: 8\n\n{}", repeat(n, package)));
        }),
        of("yarn.lock", "specifiers of one package", 500, |tree, n| {
            manifest(tree, 1);
            let specifiers = list(n, |i| format!("p0@^1.{i}"));
            tree.write("yarn.lock", &format!("# yarn lockfile v1\n\n\n{specifiers}:\n  version \"1.0.0\"\n"));
        }),
        of("pnpm-lock.yaml", "packages", 1_500, |tree, n| {
            manifest(tree, n);
            let own = repeat(n, |i| format!("      p{i}:\n        specifier: ^1\n        version: 1.0.{i}\n"));
            let packages = repeat(n, |i| format!("  p{i}@1.0.{i}:\n    resolution: {{integrity: sha512-AAAA}}\n"));
            let edges = repeat(n, |i| format!("  p{i}@1.0.{i}:\n    dependencies:\n      p{}: 1.0.{}\n", i + 1, i + 1));
            tree.write("pnpm-lock.yaml", &format!("lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n{own}\npackages:\n{packages}\nsnapshots:\n{edges}"));
        }),
        of("bun.lock", "packages", 1_500, |tree, n| {
            manifest(tree, n);
            let own = list(n, |i| format!("\"p{i}\": \"^1\""));
            let packages = list(n, |i| {
                format!(
                    "\"p{i}\": [\"p{i}@1.0.{i}\", \"\", {{\"dependencies\": {{\"p{}\": \"^1\"}}}}, \"sha512-AAAA\"]",
                    i + 1
                )
            });
            tree.write("bun.lock", &format!("{{\"lockfileVersion\": 1, \"workspaces\": {{\"\": {{\"dependencies\": {{{own}}}}}}}, \"packages\": {{{packages}}}}}"));
        }),
        of("package-lock.json", "packages, by exposed", 1_500, |tree, n| {
            manifest(tree, 1);
            let package = |i| {
                format!(
                    "\"node_modules/p{i}\": {{\"version\": \"1.0.{i}\", \"dependencies\": {{\"p{}\": \"^1\"}}}}",
                    i + 1
                )
            };
            tree.write(
                "package-lock.json",
                &format!(
                    "{{\"lockfileVersion\": 3, \"packages\": {{\"\": {{\"dependencies\": {{\"p0\": \"^1\"}}}}, {}}}}}",
                    list(n, package)
                ),
            );
            tree.commit();
        })
        .by(&["exposed", "npm:p7@1.0.7", "."]),
    ]
}

pub fn python() -> Vec<Family> {
    let of = |format, what, one, make| Family::new(format, what, one, make);
    vec![
        of("requirements.txt", "lines", 500, |tree, n| tree.write("requirements.txt", &repeat(n, |i| format!("p{i}>=1.{i}\n")))),
        of("requirements.txt", "hashes of one line", 200, |tree, n| {
            tree.write("requirements.txt", &format!("a==1{}\n", repeat(n, |i| format!(" \\\n    --hash=sha256:{i:064x}"))));
        }),
        of("requirements.txt", "files, each with the next", 10, |tree, n| {
            (0..n).for_each(|i| tree.write(&format!("r/{i}.txt"), &format!("-r {}.txt\np{i}\n", i + 1)));
            tree.write(&format!("r/{n}.txt"), "z\n");
            tree.write("requirements.txt", "-r r/0.txt\n");
        }),
        of("requirements.txt", "files, all of one", 10, |tree, n| {
            (0..n).for_each(|i| tree.write(&format!("r/{i}.txt"), &format!("p{i}\n")));
            tree.write("requirements.txt", &repeat(n, |i| format!("-r r/{i}.txt\n")));
        }),
        of("requirements.txt", "files, each of all", 5, |tree, n| {
            (0..n).for_each(|i| tree.write(&format!("r/requirements-{i}.txt"), &(repeat(n, |to| format!("-r requirements-{to}.txt\n")) + &format!("p{i}\n"))));
        }),
        of("requirements.txt", "constraints of as many", 500, |tree, n| {
            tree.write("requirements.txt", &format!("-c constraints.txt\n{}", repeat(n, |i| format!("p{i}\n"))));
            tree.write("constraints.txt", &repeat(n, |i| format!("p{i}==1.{i}\n")));
        }),
        of("requirements.txt", "specifiers of one line", 200, |tree, n| tree.write("requirements.txt", &format!("a>0{}\n", repeat(n, |i| format!(",!=1.{i}"))))),
        of("requirements.txt", "nesting of a marker", 50, |tree, n| {
            tree.write("requirements.txt", &format!("a; {}python_version > '3'{}\n", "(".repeat(n), ")".repeat(n)));
        }),
        of("requirements.txt", "operators of a marker", 100, |tree, n| {
            tree.write("requirements.txt", &format!("a; python_version > '3'{}\n", repeat(n, |i| format!(" or extra == 'x{i}'"))));
        }),
        of("requirements.txt", "continued lines", 500, |tree, n| tree.write("requirements.txt", &format!("a{}\n", " \\\n".repeat(n)))),
        of("uv.lock", "packages", 500, |tree, n| {
            project(tree, n);
            let package = |i| format!("[[package]]\nname = \"p{i}\"\nversion = \"1.0.{i}\"\nsource = {{ registry = \"https://example.com/simple\" }}\ndependencies = [\n    {{ name = \"p{}\" }},\n]\nsdist = {{ url = \"https://example.com/{i}\", hash = \"sha256:00\", size = 1 }}\n\n", i + 1);
            let own = repeat(n, |i| format!("    {{ name = \"p{i}\" }},\n"));
            tree.write("uv.lock", &format!("version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n\n{}[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n{own}]\n", repeat(n, package)));
        }),
        of("uv.lock", "versions of one package", 200, |tree, n| {
            project(tree, 1);
            let package = |i| format!("[[package]]\nname = \"p0\"\nversion = \"1.0.{i}\"\nsource = {{ registry = \"https://example.com/simple\" }}\n\n");
            tree.write("uv.lock", &format!("version = 1\n\n{}", repeat(n, package)));
        }),
        of("poetry.lock", "packages", 500, |tree, n| {
            tree.write("pyproject.toml", &format!("[tool.poetry]\nname = \"demo\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\n{}", repeat(n, |i| format!("p{i} = \"^1\"\n"))));
            let package = |i| format!("[[package]]\nname = \"p{i}\"\nversion = \"1.0.{i}\"\noptional = false\npython-versions = \"*\"\nfiles = [\n    {{file = \"p{i}.whl\", hash = \"sha256:00\"}},\n]\n\n");
            tree.write("poetry.lock", &format!("{}[metadata]\nlock-version = \"2.1\"\n", repeat(n, package)));
        }),
        of("Pipfile.lock", "packages", 500, |tree, n| {
            tree.write("Pipfile", &format!("[packages]\n{}", repeat(n, |i| format!("p{i} = \"*\"\n"))));
            tree.write("Pipfile.lock", &format!("{{\"_meta\": {{}}, \"default\": {{{}}}}}", list(n, |i| format!("\"p{i}\": {{\"version\": \"==1.0.{i}\", \"hashes\": [\"sha256:00\"]}}"))));
        }),
        of("pyproject.toml", "groups, each of the last", 50, |tree, n| {
            let groups = repeat(n, |i| format!("g{} = [\"p{i}\", {{ include-group = \"g{i}\" }}]\n", i + 1));
            tree.write("pyproject.toml", &format!("[project]\nname = \"demo\"\nversion = \"0\"\n[dependency-groups]\ng0 = [\"a\"]\n{groups}"));
        }),
        of("uv.lock", "packages, by exposed", 500, |tree, n| {
            project(tree, 1);
            let package = |i| format!("[[package]]\nname = \"p{i}\"\nversion = \"1.0.{i}\"\nsource = {{ registry = \"https://example.com/simple\" }}\ndependencies = [{{ name = \"p{}\" }}]\n\n", i + 1);
            tree.write("uv.lock", &format!("version = 1\n\n{}", repeat(n, package)));
            tree.commit();
        }).by(&["exposed", "python:p7@1.0.7", "."]),
    ]
}

pub fn pages() -> Vec<Family> {
    let of = |what, one, make: fn(usize) -> String| Family::text("HTML", what, one, "index.html", make);
    vec![
        of("scripts", 500, |n| {
            repeat(n, |i| format!("<script src=\"https://cdn.example.com/p{i}@1/a.js\"></script>\n"))
        }),
        of("text and tags that load nothing", 5_000, |n| {
            repeat(n, |i| format!("<p class=\"a\">{i} &amp; <b>more</b></p>\n"))
                + "<script src=\"https://cdn.example.com/p@1/a.js\"></script>"
        }),
        of("entries of an import map", 500, |n| {
            format!(
                "<script type=importmap>{{\"imports\": {{{}}}}}</script>",
                list(n, |i| format!("\"a{i}\": \"https://cdn.example.com/p{i}@1/a.js\""))
            )
        }),
        of("import maps", 200, |n| {
            repeat(n, |i| {
                format!(
                    "<script type=importmap>{{\"imports\": {{\"a{i}\": \"https://cdn.example.com/p{i}@1/a.js\"}}}}</script>\n"
                )
            })
        }),
        of("imports of one module", 500, |n| {
            format!(
                "<script type=module>{}</script>",
                repeat(n, |i| format!("import a{i} from 'https://cdn.example.com/p{i}@1/a.js';\n"))
            )
        }),
        of("attributes of one tag", 1_000, |n| {
            format!("<script {} src=\"https://cdn.example.com/p@1/a.js\"></script>", repeat(n, |i| format!("a{i}=1 ")))
        }),
        of("candidates of a `srcset`", 500, |n| {
            format!(
                "<link rel=preload as=image href=x imagesrcset=\"{}\">",
                list(n, |i| format!("https://cdn.example.com/p{i}@1/a.png {i}w"))
            )
        }),
        of("tags that do not end", 1_000, |n| "<script src=\"https://cdn.example.com/p@1/a.js\" ".repeat(n)),
        of("scripts that do not end", 1_000, |n| {
            "<script type=module>import 'https://cdn.example.com/p@1/a.js';\n".repeat(n)
        }),
        of("comments that do not end", 1_000, |n| {
            format!("<script src=\"https://cdn.example.com/p@1/a.js\"></script>{}", "<!-- <script>\n".repeat(n))
        }),
        of("comments in scripts that do not end", 1_000, |n| {
            format!("<script type=module>{}</script>", "/* import 'https://cdn.example.com/p@1/a.js' \n".repeat(n))
        }),
        of("template strings that do not end", 1_000, |n| {
            format!("<script type=module>{}</script>", "`${import('https://cdn.example.com/p@1/a.js')\n".repeat(n))
        }),
        of("quotes that do not end", 1_000, |n| {
            format!("<script type=module>{}</script>", "import('https://cdn.example.com/p@1/a.js\n".repeat(n))
        }),
        of("`<!--<script>` in scripts", 1_000, |n| {
            format!(
                "<script>{}</script><script src=\"https://cdn.example.com/p@1/a.js\"></script>",
                "<!--<script>".repeat(n)
            )
        }),
        of("nesting of tags", 1_000, |n| {
            format!("{}<script src=\"https://cdn.example.com/p@1/a.js\"></script>", "<div>".repeat(n))
        }),
        of("`<template>`s and `<noscript>`s", 1_000, |n| {
            "<template><noscript><script src=\"https://cdn.example.com/p@1/a.js\"></script>".repeat(n)
        }),
        of("entities in an address", 1_000, |n| {
            format!("<script src=\"https://cdn.example.com/{}p@1/a.js\"></script>", "&amp;".repeat(n))
        }),
    ]
}

fn manifest(tree: &Tree, n: usize) {
    tree.write(
        "package.json",
        &format!("{{\"name\": \"demo\", \"dependencies\": {{{}}}}}", list(n, |i| format!("\"p{i}\": \"^1\""))),
    );
}

fn project(tree: &Tree, n: usize) {
    let own = list(n, |i| format!("\"p{i}>=1\""));
    tree.write("pyproject.toml", &format!("[project]\nname = \"demo\"\nversion = \"0.1.0\"\ndependencies = [{own}]\n"));
}

/// With commas between.
fn list(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect::<Vec<_>>().join(", ")
}
