#!/usr/bin/env python3
"""Holds what is found in package.json to what others say: `npm.py PINNED CORPUS`.

1. npm itself: a workspace is resolved by npm, fixed, and npm takes the fixed lockfile as it is (`npm ci`) and would write the
   same bytes. The same with pnpm, which refuses the lockfile where the manifests alone are changed.
2. npm-package-json-lint: its rules `prefer-absolute-version-*` on each package.json of the corpus, and the other way round.
   Where the two differ the reason is one of those named here, else this fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = ["npm-package-json-lint@11.0.0", "pnpm@10.34.9"]
TABLES = ["dependencies", "devDependencies", "peerDependencies"]


def run(command, directory, ok=(0,)):
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if ok is not None and done.returncode not in ok:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def workspace(directory):
    """Two packages and their root, with a range of each kind."""
    root = {
        "name": "root",
        "private": True,
        "workspaces": ["packages/*"],
        "dependencies": {"left-pad": "^1.3.0", "lp": "npm:left-pad@~1.2.0", "a": "^1.0.0"},
        "devDependencies": {"semver": "7.x"},
        "optionalDependencies": {"ms": "2"},
    }
    a = {"name": "a", "version": "1.0.0", "dependencies": {"ms": "^2.0.0", "semver": "^6.0.0"}}
    b = {"name": "b", "version": "1.0.0", "dependencies": {"a": "^1.0.0", "left-pad": "1.1.x"}}
    for place, manifest in (("", root), ("packages/a", a), ("packages/b", b)):
        path = directory / place / "package.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(manifest, indent="\t") + "\n")


def fixed(pinned, directory, lock, install, frozen):
    """Resolves, fixes, and asks the package manager."""
    run(install, directory)
    manifests = {path: path.read_text() for path in directory.rglob("package.json")}
    before = (directory / lock).read_text()
    found = json.loads(run([pinned, "check", "--format", "json"], directory, (1,)).stdout)["findings"]
    assert found and all(finding["fix"] for finding in found), found
    run([pinned, "fix"], directory)
    after = (directory / lock).read_text()
    run(frozen, directory)
    run([*install, "--offline"], directory)
    assert (directory / lock).read_text() == after, f"{install[0]} writes another {lock}"
    assert all(path.read_text() != text for path, text in manifests.items())
    # With the manifests alone changed, pnpm refuses the lockfile; npm accepts it, and writes it anew with the next install.
    (directory / lock).write_text(before)
    refused = run(frozen, directory, None).returncode != 0
    run([*install, "--offline"], directory)
    assert (directory / lock).read_text() == after and after != before
    assert refused == (lock == "pnpm-lock.yaml"), f"{frozen}: {refused}"
    print(f"{install[0]}: {len(found)} pinned, and {lock} is what it would write itself")


def manifests(corpus):
    for path in sorted(corpus.rglob("package.json")):
        try:
            value = json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue
        if isinstance(value, dict):
            yield path, value


def reason(spec, theirs):
    """Why one of the two flags a specifier and the other does not; none where there is no good one."""
    if theirs:
        if spec.startswith("workspace:"):
            return "a package of the same workspace, whatever follows"
        if re.search(r"#[0-9a-f]{40}$", spec):
            return "a full commit"
        return None
    if spec in ("", "latest", "next") or re.fullmatch(r"[a-z][a-z0-9-]*", spec):
        return "a tag, which it does not know"
    if re.fullmatch(r"v?\d+(\.\d+|\.x)?(\.x)?(-[\w.]+)?", spec) or "||" in spec or " - " in spec:
        return "a partial version or a range without an operator, which it takes for absolute"
    if spec.startswith(("npm:", "jsr:")):
        return "behind an alias, where it does not look"
    if re.match(r"(git|github:|https?:|[\w-]+/[\w-]+)", spec):
        return "a repository or an archive, which it does not judge"
    if not re.fullmatch(r"=?v?\d+\.\d+\.\d+([-+].*)?", spec):
        return "no specifier at all"
    return None


def compare(pinned, tools, corpus, scratch):
    """Both on copies in which each manifest stands for itself."""
    texts = {}
    for number, (path, value) in enumerate(manifests(corpus)):
        tables = {
            table: {name: spec for name, spec in value[table].items() if isinstance(spec, str)}
            for table in TABLES
            if isinstance(value.get(table), dict)
        }
        copy = scratch / f"m{number}" / "package.json"
        copy.parent.mkdir()
        # It gives up a file where a value is no string, and names no manifest without a name.
        copy.write_text(json.dumps(tables))
        texts[copy.parent.name] = (path, tables)
    (scratch / "pinned.toml").write_text(
        '[rules]\nlock-missing = "allow"\nunpinned-npm = { kinds = ["normal", "dev", "peer"] }\n'
    )
    rules = {f"prefer-absolute-version-{table}": "error" for table in TABLES}
    (scratch / "lint.json").write_text(json.dumps({"rules": rules}))
    script = """
const { NpmPackageJsonLint } = require('npm-package-json-lint');
const config = JSON.parse(require('fs').readFileSync('lint.json'));
const linter = new NpmPackageJsonLint({ cwd: process.cwd(), config, patterns: ['**/package.json'] });
console.log(JSON.stringify(linter.lint().results.map((r) => [r.filePath, r.issues.map((i) => [i.node, i.lintMessage])])));
"""
    environment = {**os.environ, "NODE_PATH": str(tools / "node_modules")}
    done = subprocess.run(["node", "-e", script], cwd=scratch, capture_output=True, text=True, check=True, env=environment)
    theirs = set()
    for path, issues in json.loads(done.stdout):
        for table, message in issues:
            names = message.split(" include: ", 1)[1]
            theirs.update((Path(path).parent.name, table, name) for name in names.split(", "))
    report = json.loads(run([pinned, "check", "--format", "json", "--surface", "npm"], scratch, (0, 1)).stdout)
    listed = json.loads(run([pinned, "list", "--format", "json"], scratch).stdout)["declarations"]
    tables = {(row["path"], row["span"]["start"]): row["table"] for row in listed}
    ours = {
        (finding["path"].split("/")[0], tables[finding["path"], finding["span"]["start"]], finding["name"])
        for finding in report["findings"]
    }
    wrong = []
    reasons = {}
    for place, table, name in sorted(ours ^ theirs):
        path, all_tables = texts[place]
        spec = all_tables[table][name]
        is_theirs = (place, table, name) in theirs
        why = reason(spec, is_theirs)
        line = f"{path.relative_to(corpus)} {table} {name} {spec!r}"
        if why is None:
            wrong.append(f"{'theirs' if is_theirs else 'ours'} alone: {line}")
        else:
            reasons.setdefault((is_theirs, why), []).append(line)
    declared = sum(len(table) for _, own in texts.values() for table in own.values())
    print(f"{len(texts)} manifests, {declared} declarations: {len(ours)} found here, {len(theirs)} by npm-package-json-lint")
    for (is_theirs, why), lines in sorted(reasons.items()):
        print(f"  {'theirs' if is_theirs else 'ours'} alone, {why}: {len(lines)}")
        for line in lines:
            print(f"    {line}")
    assert len(ours & theirs) > 50, "the two were compared on something"
    if wrong:
        sys.exit("\n".join(wrong))


def main():
    pinned, corpus = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
    if not (shutil.which("npm") and shutil.which("node")):
        print("LEFT OUT: no npm here")
        return
    tools = Path(__file__).resolve().parent.parent / "target" / "npm-tools"
    tools.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    had = subprocess.run(["npm", "install", *quiet, *TOOLS], cwd=tools, capture_output=True, text=True, check=False)
    if had.returncode != 0:
        print(f"LEFT OUT: {' and '.join(TOOLS)} cannot be had here: {had.stderr.strip().splitlines()[-1:]}")
        return
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        workspace(directory)
        install = ["npm", "install", "--package-lock-only", *quiet]
        fixed(pinned, directory, "package-lock.json", install, ["npm", "ci", "--dry-run", "--offline", "--ignore-scripts"])
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        workspace(directory)
        (directory / "pnpm-workspace.yaml").write_text("packages:\n  - packages/*\nlinkWorkspacePackages: true\n")
        install = [str(tools / "node_modules/.bin/pnpm"), "install", "--lockfile-only", "--ignore-scripts"]
        frozen = [*install, "--frozen-lockfile", "--offline"]
        fixed(pinned, directory, "pnpm-lock.yaml", [*install, "--no-frozen-lockfile"], frozen)
    with tempfile.TemporaryDirectory() as name:
        compare(pinned, tools, corpus, Path(name))


main()
