#!/usr/bin/env python3
"""Hold `exposed` to an independent count: exposed.py BINARY DIRECTORY...

Every Cargo.lock in the HEAD of every repository below the directories is read by git and Python's own TOML parser. For the crates
that most of the repositories share, in their most common versions, as a range and in any version, the packages that the JSON
report lists must be those, entry by entry, and who `has` the release must be who has one of them.
"""

import collections
import json
import subprocess
import sys
import tomllib

CRATES = 8


def git(repository, *arguments):
    return subprocess.run(["git", "-C", repository, *arguments], capture_output=True, check=True).stdout


def lockfiles(repository):
    """Each lockfile's packages, by path; of one that is no TOML, what its lines say."""
    try:
        paths = git(repository, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8", "replace").split("\0")
    except subprocess.CalledProcessError:
        return None
    found = {}
    for path in paths:
        if path.rsplit("/", 1)[-1] == "Cargo.lock":
            try:
                lock = tomllib.loads(git(repository, "show", f"HEAD:{path}").decode())
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, subprocess.CalledProcessError):
                print(f"LEFT OUT: {repository}: {path} is no lockfile that can be read")
                continue
            packages = lock.get("package", []) + ([lock["root"]] if "root" in lock else [])
            found[path] = [(package["name"], package["version"]) for package in packages]
    return found


def ask(binary, query, directories):
    command = [binary, "exposed", query, "--format", "json", "--no-default-excludes", "--", *directories]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 1, 2) or not run.stdout:
        sys.exit(f"{query}: exit code {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)["repositories"]


def main():
    binary, directories = sys.argv[1], sys.argv[2:]
    rows = ask(binary, "serde", directories)
    fleet = {row["path"]: locks for row in rows if (locks := lockfiles(row["path"])) is not None}
    shared = collections.Counter()
    versions = collections.defaultdict(collections.Counter)
    for locks in fleet.values():
        pairs = {pair for packages in locks.values() for pair in packages}
        shared.update({name for name, _ in pairs})
        for name, version in pairs:
            versions[name][version] += 1
    queries = []
    for name, _ in shared.most_common(CRATES):
        queries.append((name, name, lambda _: True))
        for version, _ in versions[name].most_common(3):
            queries.append((f"{name}@{version}", name, lambda other, wanted=version: other == wanted))
            major = version.split(".")[0]
            queries.append((f"{name}@{major}", name, lambda other, major=major: other.split(".")[0] == major))
    faults = checked = 0
    for query, name, wanted in queries:
        rows = ask(binary, query, directories)
        for row in rows:
            locks = fleet.get(row["path"])
            if locks is None:
                continue
            same = {(path, version) for path, packages in locks.items() for other, version in packages
                    if other.replace("-", "_").lower() == name.replace("-", "_").lower()}
            expected = sorted((path, version, bool(wanted(version))) for path, version in same)
            listed = sorted({(package["path"], package["version"], package["wanted"]) for package in row["packages"]})
            has = any(wanted(version) for _, version in same)
            checked += 1
            if listed != expected or has != (row["status"] == "has"):
                faults += 1
                print(f"{query}: {row['name']} is {row['status']}: by count it {'has it' if has else 'has it not'}")
                print(f"  only counted: {sorted(set(expected) - set(listed))[:5]}")
                print(f"  only reported: {sorted(set(listed) - set(expected))[:5]}")
    if not checked:
        sys.exit("there was nothing to compare")
    print(f"{len(queries)} queries over {len(fleet)} repositories: {checked} rows compared, {faults} differ")
    sys.exit(faults > 0)


main()
