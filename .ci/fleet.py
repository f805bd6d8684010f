#!/usr/bin/env python3
"""Makes a fleet of small bare repositories, always the same ones: for tests and benches of audits.

    .ci/fleet.py DIRECTORY [NUMBER]             makes NUMBER repositories (2000 without it)
    .ci/fleet.py DIRECTORY [NUMBER] --change K  commits a change of a requirement to each K-th of them
    .ci/fleet.py DIRECTORY [NUMBER] --mixed     the same, of which some also have what npm, Python and workflows ask for
    .ci/fleet.py DIRECTORY --audit BINARY       audits them, and compares the report with what is known

Each is written by one `git fast-import`, as a pack, with one commit of some 60 files. What floats in a repository follows from its
number alone, and is in `fleet.json` beside them: how many declarations, and how many of them are ranges.
"""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CRATES = ["anyhow", "bytes", "clap", "hyper", "libc", "log", "regex", "serde", "tokio", "tracing", "url", "uuid"]
NPM = ["chalk", "debug", "lodash", "ms", "react", "semver"]
PYTHON = ["attrs", "click", "flask", "jinja2", "requests", "urllib3"]
ACTIONS = ["actions/cache", "actions/checkout", "actions/setup-node", "actions/setup-python"]
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[remote \"origin\"]\n\turl = https://example.com/fleet/{}.git\n"
CHECKSUM = "0123456789abcdef" * 4
ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def declarations(number, changed):
    """What a repository depends on: for each crate its locked version, and what is written."""
    chance = random.Random(number)
    chosen = sorted(chance.sample(CRATES, chance.randint(3, 9)))
    found = []
    for crate in chosen:
        version = f"{chance.randint(1, 4)}.{chance.randint(0, 40)}.{chance.randint(0, 20)}"
        found.append((crate, version, f"={version}" if chance.random() < 0.6 else version))
    if changed:
        crate, version, _ = found[0]
        found[0] = (crate, version, version)
    return found


def versions(number, names, most):
    """Some of the names, each with the one version of a few that this repository has."""
    chance = random.Random(f"{number} {names[0]}")
    return {name: f"{chance.randint(1, 3)}.{chance.randint(0, 2)}.0" for name in sorted(chance.sample(names, most))}


def npm(number):
    """A project of npm's, exact, whose lockfile has one package more, twice."""
    direct = versions(number, NPM, 3)
    package = {"name": f"web-{number}", "version": "1.0.0", "private": True, "dependencies": direct}
    held = {f"node_modules/{name}": version for name, version in direct.items()}
    below = next(iter(direct))
    held |= {"node_modules/tslib": "2.0.0", f"node_modules/{below}/node_modules/tslib": f"1.{number % 3}.0"}
    packages = {"": package}
    for place, version in sorted(held.items()):
        name = place.rsplit("node_modules/", 1)[-1]
        packages[place] = {"version": version, "integrity": f"sha512-{'A' * 86}=="}
        if name == below:
            packages[place]["dependencies"] = {"tslib": f"1.{number % 3}.0"}
    lock = {"name": package["name"], "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    yield "web/package.json", json.dumps(package, indent=2) + "\n"
    yield "web/package-lock.json", json.dumps(lock, indent=2) + "\n"


def python(number):
    """A project of Python's, exact, locked by uv."""
    direct = versions(number, PYTHON, 3)
    asked = "".join(f'    "{name}=={version}",\n' for name, version in direct.items())
    head = f'[project]\nname = "tools-{number}"\nversion = "0.1.0"\nrequires-python = ">=3.12"\n'
    yield "tools/pyproject.toml", f"{head}dependencies = [\n{asked}]\n"
    lock = 'version = 1\nrevision = 3\nrequires-python = ">=3.12"\n'
    for name, version in sorted(direct.items()):
        lock += f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "https://example.com/simple" }}\n'
    edges = "".join(f'    {{ name = "{name}" }},\n' for name in direct)
    asked = "".join(f'    {{ name = "{name}", specifier = "=={version}" }},\n' for name, version in direct.items())
    lock += f'\n[[package]]\nname = "tools-{number}"\nversion = "0.1.0"\nsource = {{ virtual = "." }}\n'
    lock += f"dependencies = [\n{edges}]\n\n[package.metadata]\nrequires-dist = [\n{asked}]\n"
    yield "tools/uv.lock", lock


def workflow(number):
    """A workflow, whose actions are at tags."""
    used = versions(number, ACTIONS, 2)
    steps = "".join(f"      - uses: {name}@v{version}\n" for name, version in used.items())
    yield ".github/workflows/ci.yml", f"on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"


# Which repositories of a mixed fleet have what, and how many declarations that is.
MIXED = [(3, npm, 3), (4, python, 3), (5, workflow, 2)]


def files(number, changed=False, mixed=False):
    """The files of a repository, by path."""
    depends = declarations(number, changed)
    head = f'[package]\nname = "fleet-{number}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n'
    yield "Cargo.toml", head + "".join(f'{crate} = "{written}"\n' for crate, _, written in depends)
    source = "registry+https://github.com/rust-lang/crates.io-index"
    lock = "version = 4\n"
    for crate, version, _ in sorted(depends):
        lock += f'\n[[package]]\nname = "{crate}"\nversion = "{version}"\nsource = "{source}"\nchecksum = "{CHECKSUM}"\n'
    own = "".join(f' "{crate}",\n' for crate, _, _ in sorted(depends))
    own = f'\n[[package]]\nname = "fleet-{number}"\nversion = "0.1.0"\ndependencies = [\n{own}]\n'
    parts = (lock + own).split("\n[[package]]\n")
    yield "Cargo.lock", "\n[[package]]\n".join(parts[:1] + sorted(parts[1:]))
    yield "rust-toolchain.toml", f'[toolchain]\nchannel = "{"stable" if number % 5 == 0 else "1.80.1"}"\n'
    if number % 7 == 0:
        crate = depends[0][0]
        reason = 'reason = "until the vendor publishes"'
        yield "pinned.toml", f'[[exception]]\nrule = "unpinned-crate"\nname = "{crate}"\n{reason}\n'
    for module in range(8):
        for file in range(7):
            yield f"src/module_{module}/file_{file}.rs", f"// {number} {module} {file}\n" * 20
    yield "src/main.rs", "fn main() {}\n"
    for each, make, _ in MIXED if mixed else []:
        if number % each == 0:
            yield from make(number)
    yield "README.md", f"# fleet-{number}\n"


def feed(number, changed, mixed):
    """What `git fast-import` reads."""
    who = f"committer fleet <fleet@example.com> {1700000000 + changed} +0000\n"
    text = f"commit refs/heads/main\n{who}data 5\ntest\n"
    if changed:
        text += "from refs/heads/main^0\n"
    for path, content in files(number, changed, mixed):
        text += f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    return text + "done\n"


def write(root, number, changed, mixed):
    place = root / f"team-{number % 20}" / f"fleet-{number}.git"
    if not changed:
        for part in ["objects/pack", "refs/heads"]:
            (place / part).mkdir(parents=True, exist_ok=True)
        (place / "HEAD").write_text("ref: refs/heads/main\n")
        (place / "config").write_text(CONFIG.format(number))
    git = ["git", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done"]
    subprocess.run(git, cwd=place, input=feed(number, changed, mixed).encode(), check=True, env=ENVIRONMENT)
    depends = declarations(number, changed)
    ranges = sum(not written.startswith("=") for _, _, written in depends)
    more = sum(count for each, _, count in MIXED if mixed and number % each == 0)
    return f"fleet-{number}", {"declarations": len(depends) + 1 + more, "ranges": ranges}


def audit(root, binary):
    """Whether an audit says of each repository what it was made with."""
    run = subprocess.run([binary, "audit", root, "--format", "json"], capture_output=True, check=False)
    rows = {row["name"]: row for row in json.loads(run.stdout)["repositories"]}
    known = json.loads((root / "fleet.json").read_text())
    assert rows.keys() == known.keys(), "the repositories are those that were made"
    for name, expected in known.items():
        row = rows[name]
        passing = row["findings"] + row["excepted"]
        found = {
            "declarations": row["summary"]["declarations"],
            "ranges": sum(finding["rule"] == "unpinned-crate" for finding in passing),
        }
        assert row["error"] is None and found == expected, f"{name}: {found}, not {expected}"
    print(f"{len(rows)} repositories, {sum(known[name]['ranges'] for name in known)} ranges: as they were made")


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if "--audit" in sys.argv:
        audit(Path(arguments[0]), arguments[-1])
        return
    step = int(arguments.pop()) if "--change" in sys.argv else 0
    root = Path(arguments[0])
    number = int(arguments[1]) if len(arguments) > 1 else 2000
    root.mkdir(parents=True, exist_ok=True)
    record = root / "fleet.json"
    known = json.loads(record.read_text()) if step else {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(lambda at: write(root, at, bool(step), "--mixed" in sys.argv), range(0, number, step or 1))
        known.update(made)
    record.write_text(json.dumps(known, indent=1))


if __name__ == "__main__":
    main()
