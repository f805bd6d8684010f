#!/usr/bin/env python3
"""Holds the tool to a corpus of real manifests and lockfiles: corpus.py BINARY CORPUS

Every declaration equals the truth table, every odd requirement is read as cargo reads it, every edited lockfile gets cargo's
verdict where bytes can tell, and no real root lockfile is called stale.
"""
import collections, json, pathlib, shutil, subprocess, sys, tempfile

BINARY, CORPUS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
RANGES = {"bare", "caret", "tilde", "comparison", "multiple", "partial-exact"}
PINS = {"exact": "exact", "git-rev-full": "content", "git-rev-other": "tag", "git-tag": "tag", "git-branch": "latest",
        "git-default-branch": "latest", "no-version": "latest"}
failures = []


def run(*arguments, cwd=None):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd)
    if done.returncode not in (0, 1) or "panicked" in done.stderr:
        failures.append(f"{arguments}: exit {done.returncode}: {done.stderr.strip()[:300]}")
        return None
    return json.loads(done.stdout)


def lines(name):
    return [json.loads(line) for line in (CORPUS / name).read_text().splitlines()]


def pin_of(truth):
    """The pin that the design gives to a class of the truth table."""
    if "base" in truth:
        return "unknown"
    if "path" in truth and "git" not in truth:
        return None  # content inside the repository, latest outside of it
    if truth["class"] == "wildcard":
        return "latest" if truth["req"].strip() in ("*", "x", "X") else "range"
    return "range" if truth["class"] in RANGES else PINS[truth["class"]]


def declarations():
    truths = collections.defaultdict(list)
    for truth in lines("truth.jsonl"):
        if truth["class"] != "inherited":
            truths[truth["repo"]].append(truth)
    count = 0
    for repo, rows in truths.items():
        listed = run("list", "--no-default-excludes", "--format", "json", "--root", CORPUS / repo)
        if listed is None:
            continue
        ours = [d for d in listed["declarations"] if d["surface"] in ("crate", "git") and d["path"].endswith("Cargo.toml")]
        key = lambda d: (d["path"], d["table"], d["name"])
        found = {key(d): d for d in ours}
        want = {(t["file"], t["table"], t["name"]) for t in rows}
        for surplus in sorted(set(found) - want):
            failures.append(f"{repo}: not in the truth table: {surplus}")
        for truth in rows:
            count += 1
            place = (truth["file"], truth["table"], truth["name"])
            ours = found.get(place)
            if ours is None:
                failures.append(f"{repo}: missed: {place}")
                continue
            same = truth["req"] == ours["requirement"] if "git" not in truth else all(
                truth.get(k) == ours[k] for k in ("git", "branch", "tag", "rev"))
            pin = pin_of(truth)
            if not same or truth.get("package", truth["name"].split(":")[0]) != ours["package"] or pin not in (None, ours["pin"]):
                failures.append(f"{repo}: {place}: {truth} is read as {ours}")
    return count


def repository(directory, files):
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)


def requirements():
    rows = lines("requirements.jsonl")
    for row in rows:
        with tempfile.TemporaryDirectory() as tmp:
            manifest = '[package]\nname = "demo"\nversion = "0.1.0"\n\n[dependencies]\na = %s\n' % json.dumps(row["requirement"])
            repository(pathlib.Path(tmp), {"Cargo.toml": manifest})
            listed = run("list", "--format", "json", "--root", tmp)
            report = run("check", "--format", "json", "--root", tmp)
            if listed is None or report is None:
                continue
            exact = listed["declarations"][0]["pin"] == "exact"
            flagged = any(f["rule"] == "unpinned-crate" for f in report["findings"])
            if exact != (row["class"] == "exact") or flagged == exact:
                failures.append(f"requirement {row}: exact {exact}, flagged {flagged}")
    return len(rows)


LOCK_RULES = {"lock-stale", "lock-unverified", "lock-missing", "unreadable-file"}


def lock_findings(root):
    report = run("check", "--format", "json", "--root", root)
    return collections.Counter((f["rule"], f["path"], f["name"], f["message"]) for f in (report or {"findings": []})["findings"]
                               if f["rule"] in LOCK_RULES)


def staleness():
    rows, before = lines("stale.jsonl"), {}
    for row in rows:
        repo = row["repo"].replace("/", "+")
        if repo not in before:
            before[repo] = lock_findings(CORPUS / repo)
        with tempfile.TemporaryDirectory() as tmp:
            root = pathlib.Path(tmp) / "repo"
            shutil.copytree(CORPUS / repo, root, symlinks=True, copy_function=shutil.copyfile)
            for edit in row["edits"]:
                file = root / edit["file"]
                if edit["old"] is None:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(edit["new"])
                else:
                    text = file.read_text()
                    assert text.count(edit["old"]) == 1, row["id"]
                    file.write_text(text.replace(edit["old"], edit["new"]))
            new = lock_findings(root) - before[repo]
        fresh = row["verdict"] == "fresh"
        alarm = any(rule == "lock-stale" and path == "Cargo.lock" for rule, path, _, _ in new)
        if fresh and alarm:
            failures.append(f"{row['id']}: a false alarm: {list(new)}")
        if not fresh and row["offline"] and not new:
            failures.append(f"{row['id']}: cargo says {row['verdict']}, we say nothing")
    return len(rows)


def own_lockfiles():
    roots = [path for path in sorted(CORPUS.iterdir()) if (path / "Cargo.lock").is_file()]
    for root in roots:
        for rule, path, name, message in lock_findings(root):
            if rule == "lock-stale" and path == "Cargo.lock":
                failures.append(f"{root.name}: a false alarm: {name}: {message}")
    return len(roots)


if __name__ == "__main__":
    print(f"{declarations()} declarations, {requirements()} requirements, {staleness()} edited lockfiles, {own_lockfiles()} real ones")
    for failure in failures:
        print("FAIL", failure)
    sys.exit(1 if failures else 0)
