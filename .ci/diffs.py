#!/usr/bin/env python3
"""Holds `diff` to the lockfile histories of real repositories.

    .ci/diffs.py BINARY REPOSITORY... [--commits N] [--from N]

For each of N commits that changed Cargo.lock at the root of a repository, from the newest or from a later one on, the counts
of `BINARY diff COMMIT^ COMMIT` must be those that this program counts by itself: it knows lockfiles as TOML alone, and pairs
packages by ranking every possible pair.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from urllib.parse import parse_qsl, urlsplit

KINDS = ["source_changed", "commit_changed", "downgraded", "added", "upgraded", "removed"]


def git(repository, *arguments):
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def place(source):
    """A source as what is compared: its kind, its URL in one spelling, and its commit."""
    if source is None:
        return None, None
    scheme, _, url = source.partition("+")
    if scheme != "git":
        return ("registry", url), None
    url, _, commit = url.partition("#")
    url = url.partition("?")[0].removesuffix("/")
    if urlsplit(url).hostname == "github.com":
        url = "https://github.com" + urlsplit(url).path.lower()
    return ("git", url.removesuffix(".git")), commit


def number(version):
    """A version as something that sorts: a pre-release is below its release, build metadata is above nothing."""
    version, _, build = version.partition("+")
    core, dash, pre = version.partition("-")
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")] if dash else []
    builds = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in build.split(".")] if build else []
    return tuple(map(int, core.split("."))), not dash, parts, builds


def group(version):
    major, minor, patch = number(version)[0]
    return (major,) if major else (0, minor) if minor else (0, 0, patch)


def packages(text):
    """{name: [(version, place, commit)]} and {(name, version, place): checksum}."""
    lock = tomllib.loads(text)
    found, sums = {}, {}
    listed = lock.get("package", []) + ([lock["root"]] if "root" in lock else [])
    for package in listed:
        source = package.get("source")
        where, commit = place(source)
        found.setdefault(package["name"], []).append((package["version"], where, commit))
        key = "checksum {name} {version} ({source})".format(**{"source": source, **package})
        checksum = package.get("checksum", lock.get("metadata", {}).get(key))
        if where and where[0] == "registry":
            sums[package["name"], package["version"], where] = None if checksum == "<none>" else checksum
    return found, sums


def rank(old, new):
    """How likely one package became the other; the lowest first, none where it did not."""
    (version, where, commit), (version2, where2, commit2) = old, new
    tests = [
        old == new,
        (version, where) == (version2, where2),
        version == version2,
        group(version) == group(version2) and where == where2,
        group(version) == group(version2),
    ]
    return tests.index(True) if True in tests else None


def pairs(old, new):
    order = lambda package: (number(package[0]), str(package[1]), str(package[2]))
    old, new = sorted(old, key=order), sorted(new, key=order)
    every = [(rank(a, b), i, j) for i, a in enumerate(old) for j, b in enumerate(new)]
    left, right, taken = set(range(len(old))), set(range(len(new))), []
    for level, i, j in sorted(one for one in every if one[0] is not None):
        if i in left and j in right:
            taken.append((old[i], new[j]))
            left.remove(i)
            right.remove(j)
    if len(left) == len(right) == 1:
        return taken + [(old[left.pop()], new[right.pop()])]
    return taken + [(old[i], None) for i in left] + [(None, new[j]) for j in right]


def count(before, after):
    (old, old_sums), (new, new_sums) = packages(before), packages(after)
    counts = dict.fromkeys(KINDS, 0) | {"own": 0}
    for name in old.keys() | new.keys():
        for a, b in pairs(old.get(name, []), new.get(name, [])):
            if a == b:
                continue
            if a is None:
                kind = "added"
            elif b is None:
                kind = "removed"
            elif a[1] != b[1]:
                kind = "source_changed"
            elif number(a[0]) == number(b[0]):
                kind = "commit_changed"
            else:
                kind = "upgraded" if number(a[0]) < number(b[0]) else "downgraded"
            is_own = all(side is None or side[1] is None for side in (a, b))
            counts["own" if is_own else kind] += 1
    both = old_sums.keys() & new_sums.keys()
    counts["checksum_changed"] = sum(old_sums[key] not in (None, new_sums[key]) for key in both)
    return counts


def said(report):
    root = [workspace for workspace in report["workspaces"] if workspace["directory"] == ""]
    counts = dict.fromkeys(KINDS, 0) | {"own": 0}
    for workspace in root:
        counts["own"] = len(workspace["own"])
        for package in workspace["packages"]:
            counts[package["kind"].replace("-", "_")] += 1
    # One that is known from another lockfile too is counted by its workspace.
    counts["checksum_changed"] = sum(alarm["workspace"] == "" for alarm in report["alarms"])
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--commits", type=int, default=60)
    parser.add_argument("--from", type=int, default=0, dest="first")
    args = parser.parse_args()
    compared, unread, failed, total = 0, 0, 0, {}
    for repository in args.repositories:
        log = git(repository, "log", "--no-merges", "--format=%H", "--", "Cargo.lock").decode().split()
        for commit in log[args.first : args.first + args.commits]:
            texts = [git(repository, "show", f"{revision}:Cargo.lock") for revision in (f"{commit}^", commit)]
            manifests = [git(repository, "show", f"{revision}:Cargo.toml") for revision in (f"{commit}^", commit)]
            if None in texts or None in manifests:
                continue
            command = [args.binary, "diff", f"{commit}^", commit, "--format", "json"]
            done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
            report = json.loads(done.stdout) if done.stdout else None
            if report is None:
                print(f"{repository} {commit}: {done.stderr}")
                failed += 1
                continue
            if any(one["path"] == "Cargo.lock" for one in report["unread"]):
                unread += 1
                continue
            expected, found = count(*(text.decode() for text in texts)), said(report)
            compared += 1
            total = {kind: total.get(kind, 0) + number for kind, number in expected.items()}
            code = 1 if report["alarms"] else 2 if report["unread"] else 0
            if expected != found or done.returncode != code:
                print(f"{repository} {commit}, exit code {done.returncode}:\n  counted {expected}\n  told    {found}")
                failed += 1
    print(f"{compared} commits compared, {unread} with a lockfile that cargo refuses, {failed} differ: {total}")
    sys.exit(1 if failed or not compared else 0)


if __name__ == "__main__":
    main()
