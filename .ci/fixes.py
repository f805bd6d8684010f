#!/usr/bin/env python3
"""Holds `fix` to a corpus of real manifests and lockfiles: fixes.py BINARY CORPUS

On a copy of each repository: nothing that can be fixed is left, a second run changes nothing, and only requirement and reference
text changed, told by reading both files again with another parser: every other token and byte is equal.
"""
import json, pathlib, re, shutil, subprocess, sys, tempfile, tomllib

BINARY, CORPUS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
TABLES = re.compile(r"(^|\.)(dev-|build-|dev_|build_)?dependencies\.|^patch\.|^replace\.")
failures = []


def run(root, *arguments):
    done = subprocess.run([BINARY, *arguments, "--root", root], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1) or "panicked" in done.stderr:
        failures.append(f"{root.name}: {arguments}: exit {done.returncode}: {done.stderr.strip()[:400]}")
    return done.stdout


def texts(root):
    return {p.relative_to(root): p.read_bytes().decode() for name in ("Cargo.toml", "Cargo.lock") for p in root.rglob(name)}


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    elif isinstance(value, list):
        yield (path, json.dumps(value, default=str))
    else:
        yield (path, value)


def compare(repo, path, before, after):
    """What may differ: a requirement, a reference, and a comment behind one."""
    # A version in parentheses would be a string of its own: each line keeps its shape but for what stands between quotes.
    old, new = before.split("\n"), after.split("\n")
    if path.name == "Cargo.lock":
        strip = lambda line: re.sub(r"\?(branch|tag|rev)=[^#\")]*", "", line)
        if len(old) != len(new) or any(a != b and strip(a) != strip(b) for a, b in zip(old, new)):
            failures.append(f"{repo}: {path}: more than the reference of a source changed")
        return
    a, b = dict(leaves(tomllib.loads(before.lstrip("\ufeff")))), dict(leaves(tomllib.loads(after.lstrip("\ufeff"))))
    for key in sorted(set(a) | set(b), key=str):
        if a.get(key) == b.get(key):
            continue
        name, dotted = key[-1], ".".join(key)
        pinned = isinstance(b.get(key), str) and re.fullmatch(r"=\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", b[key])
        commit = name == "rev" and re.fullmatch(r"[0-9a-f]{40,64}", b.get(key, ""))
        gone = name in ("branch", "tag") and key not in b and (*key[:-1], "rev") in b
        if not TABLES.search(dotted + ".") or not (pinned or commit or gone):
            failures.append(f"{repo}: {path}: {dotted} went from {a.get(key)!r} to {b.get(key)!r}")
    shape = lambda line: re.sub(r"(\"[^\"]*\"|'[^']*')", "S", line).replace("branch", "rev").replace("tag", "rev")
    if len(old) == len(new):
        for x, y in zip(old, new):
            if x != y and not (shape(y) == shape(x) or shape(y).startswith(shape(x)[:8]) and ("rev" in y)):
                failures.append(f"{repo}: {path}: {x!r} became {y!r}")


def main():
    count = fixed = 0
    for repo in sorted(path for path in CORPUS.iterdir() if (path / "Cargo.lock").is_file()):
        with tempfile.TemporaryDirectory() as tmp:
            root = pathlib.Path(tmp) / repo.name
            shutil.copytree(repo, root, symlinks=True, copy_function=shutil.copyfile)
            before = texts(root)
            fixable = json.loads(run(root, "check", "--format", "json"))["summary"]["fixable"]
            run(root, "fix", "--no-verify")
            after = texts(root)
            # What shares a source with something that is not judged is left together; it says so, and is fixable no more.
            left = json.loads(run(root, "check", "--format", "json"))
            if left["summary"]["fixable"]:
                names = [(f["path"], f["name"]) for f in left["findings"] if f["fix"]][:4]
                failures.append(f"{repo.name}: {left['summary']['fixable']} of {fixable} fixable are left: {names}")
            run(root, "fix", "--no-verify")
            if texts(root) != after:
                failures.append(f"{repo.name}: a second run changed something")
            for path in before:
                if before[path] != after[path]:
                    compare(repo.name, path, before[path], after[path])
        count, fixed = count + 1, fixed + fixable
    print(f"{fixed} findings fixed in {count} repositories")
    for failure in failures:
        print("FAIL", failure)
    sys.exit(1 if failures or count < 12 else 0)


main()
