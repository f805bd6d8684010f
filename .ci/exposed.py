#!/usr/bin/env python3
"""Hold `exposed` to an independent count: exposed.py BINARY DIRECTORY...

Every Cargo.lock in the HEAD of every repository below the directories is read by git and Python's own TOML parser. For the crates
that most of the repositories share, in their most common versions, as a range and in any version, the packages that the JSON
report lists must be those, entry by entry, and who `has` the release must be who has one of them.

The same of npm's package-lock.json and of uv.lock and poetry.lock, which json and tomllib read; and of the references in `uses:`,
which a regular expression finds in workflows.
"""

import collections
import json
import re
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


LOCKS = {"npm": ("package-lock.json", "npm-shrinkwrap.json"), "python": ("uv.lock", "poetry.lock")}


def tree(repository):
    return git(repository, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8", "replace").split("\0")


def locked(surface, text):
    """The packages of a lockfile, those of the repository left out."""
    if surface == "python":
        packages = tomllib.loads(text).get("package", [])
        own = ("virtual", "editable", "directory")
        packages = [package for package in packages if not any(key in package.get("source", {}) for key in own)]
        return [(re.sub("[-_.]+", "-", package["name"]).lower(), package.get("version", "")) for package in packages]
    found = []
    for place, package in json.loads(text).get("packages", {}).items():
        if "node_modules/" in place and not package.get("link"):
            name = package.get("name", place.rsplit("node_modules/", 1)[-1])
            found.append((name, package.get("version", "")))
    return found


def beyond(binary, directories, surface):
    """The packages that most repositories share, counted and asked for."""
    fleet = {}
    for row in ask(binary, f"{surface}:none-such-name", directories):
        fleet[row["path"]] = locks = {}
        try:
            paths = [path for path in tree(row["path"]) if path.rsplit("/", 1)[-1] in LOCKS[surface]]
        except subprocess.CalledProcessError:
            continue
        for path in paths:
            try:
                locks[path] = locked(surface, git(row["path"], "show", f"HEAD:{path}").decode())
            except (ValueError, KeyError, AttributeError, subprocess.CalledProcessError):
                print(f"LEFT OUT: {row['path']}: {path} is no lockfile that can be read")
    shared = collections.Counter()
    for locks in fleet.values():
        shared.update({pair for packages in locks.values() for pair in packages})
    faults = checked = 0
    for (name, version), _ in shared.most_common(CRATES * 3):
        for row in ask(binary, f"{surface}:{name}@{'==' if surface == 'python' else ''}{version}", directories):
            locks = fleet[row["path"]]
            expected = {(path, other) for path, packages in locks.items() for its, other in packages if its == name}
            listed = {(one["path"], one["version"]) for one in row["packages"] if one["path"] in locks}
            checked += 1
            has = any(other == version for _, other in expected)
            if listed != expected or (has and row["status"] != "has"):
                faults += 1
                print(f"{surface}:{name}@{version}: {row['name']} is {row['status']}: {sorted(expected ^ listed)[:5]}")
    return said(surface, checked, faults)


def said(surface, checked, faults):
    """Prints what was compared, and where nothing was, that."""
    if checked:
        print(f"{surface}: {checked} rows compared, {faults} differ")
    else:
        print(f"LEFT OUT: {surface}: no repository of this fleet has anything to compare")
    return faults


def actions(binary, directories):
    """Who uses an action at a reference, by the lines of workflows."""
    line = re.compile(r"^[ \t]*-?[ \t]*[\"']?uses[\"']?:[ \t]*[\"']?([\w.-]+/[\w.-]+)[^@\s\"']*@([\w./-]+)", re.M)
    fleet = {}
    for row in ask(binary, "action:none/such", directories):
        fleet[row["path"]] = set()
        try:
            paths = [path for path in tree(row["path"]) if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", path)]
            for path in paths:
                text = git(row["path"], "show", f"HEAD:{path}").decode("utf-8", "replace")
                fleet[row["path"]] |= {(name.lower(), reference) for name, reference in line.findall(text)}
        except subprocess.CalledProcessError:
            continue
    shared = collections.Counter(pair for pairs in fleet.values() for pair in pairs)
    faults = checked = 0
    for (name, reference), _ in shared.most_common(CRATES * 3):
        for row in ask(binary, f"action:{name}@{reference}", directories):
            checked += 1
            if (name, reference) in fleet[row["path"]] and row["status"] != "has":
                faults += 1
                print(f"action:{name}@{reference}: {row['name']} is {row['status']}")
    return said("actions", checked, faults)


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
    faults += sum(beyond(binary, directories, surface) for surface in LOCKS) + actions(binary, directories)
    sys.exit(faults > 0)


main()
