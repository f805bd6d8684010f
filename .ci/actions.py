#!/usr/bin/env python3
"""Holds `fix --online` for actions to the workflows of a corpus: actions.py BINARY CORPUS PROGRAMS

Each repository that a workflow or action of a copy uses is made beside it, with the references that are used there, as tags of
each kind and as branches. Afterwards: PyYAML sees other references and nothing else, each the commit that git itself tells of the
reference; the name stands behind it as a comment where there was none; zizmor finds nothing unpinned but what was left; each
remote was asked once; and a second run changes nothing. By PyYAML, zizmor and git, none of which is ours.
"""
import collections, json, os, pathlib, re, shutil, subprocess, sys, tempfile
import yaml

BINARY, CORPUS, PROGRAMS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
USES = re.compile(r"([\w-]+)/([\w.-]+)(/[^@]*)?@(.+)")
# Their references say what is installed, which a commit does not.
SELECTORS = ("dtolnay/rust-toolchain", "dtolnay/install", "taiki-e/install-action")
COMMIT = re.compile(r"[0-9a-f]{40}")
failures, counts = [], collections.Counter()


def run(*command, cwd, codes=(0,), **environment):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env=os.environ | environment)
    if done.returncode not in codes:
        sys.exit(f"{command}: exit {done.returncode}: {done.stderr[:500]}")
    return done.stdout.strip()


def files(root):
    found = [path for path in root.rglob("*.y*ml") if path.parent == root / ".github/workflows" or path.stem == "action"]
    return {path: path.read_bytes().decode() for path in sorted(found) if path.is_file()}


def leaves(value, path=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        yield from leaves(below, (*path, key))
    if not isinstance(value, (dict, list)):
        yield path, value


def parsed(text):
    try:
        return dict(leaves(yaml.load(text, yaml.CBaseLoader)))
    except yaml.YAMLError:
        return {}


def remotes(place, wanted):
    """The repositories, each with a commit of its own, and its references by turns as each kind; what each leads to."""
    commits = {}
    for number, ((owner, name), references) in enumerate(sorted(wanted.items())):
        remote = place / owner / name
        remote.mkdir(parents=True)
        git = lambda *arguments: run("git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments, cwd=remote)
        git("init", "--quiet", "--initial-branch=trunk")
        git("commit", "--quiet", "--allow-empty", "--message", f"{owner}/{name}")
        for at, reference in enumerate(sorted(references)):
            kind = (number + at) % 4
            if kind == 3:
                git("branch", reference)
            else:
                git("tag", *(["--annotate", "--message=x"] if kind else []), f"inner-{at}" if kind == 2 else reference)
            if kind == 2:
                git("-c", "advice.nestedTag=false", "tag", "--annotate", "--message=x", reference, f"inner-{at}")
            commits[(owner, name, reference)] = git("rev-parse", f"{reference}^{{commit}}")
    return commits


def check(repository, place):
    root, outside = place / "copy", place / "remotes"
    shutil.copytree(repository, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    before, wanted = files(root), collections.defaultdict(set)
    for path, value in ((path, value) for text in before.values() for path, value in parsed(text).items()):
        match = USES.fullmatch(str(value).strip()) if path[-1:] == ("uses",) else None
        if match and not COMMIT.fullmatch(match[4]) and "${{" not in value:
            wanted[(match[1].lower(), match[2].lower())].add(match[4])
    commits = remotes(outside, wanted)
    names = {match[:2] for text in before.values() for match in re.findall(USES, text)}
    for owner, name in names:
        # As GitHub does, whatever the case.
        link = outside / owner / name
        if not link.exists() and (outside / owner.lower() / name.lower()).exists():
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(outside / owner.lower() / name.lower())
    (place / "config").write_text(f'[url "file://{outside}/"]\n\tinsteadOf = https://github.com/\n[safe]\n\tdirectory = *\n')
    fix = lambda: run(BINARY, "fix", "--online", "--surface", "action", "--no-default-excludes", "--root", root, cwd=place, codes=(0, 1),
                      GIT_CONFIG_GLOBAL=str(place / "config"), GIT_TRACE=str(place / "trace"), CARGO="/nonexistent")
    fix()
    asked = re.findall(r"git ls-remote .* -- '?(\S+?)'?$", (place / "trace").read_text() if (place / "trace").exists() else "", re.M)
    if len(asked) != len({url.lower() for url in asked}):
        failures.append(f"{repository.name}: a remote was asked twice")
    counts["asked"] += len(asked)
    after = files(root)
    for path, text in after.items():
        compare(f"{repository.name}/{path.relative_to(root)}", before[path], text, commits)
    report = json.loads(run(BINARY, "check", "--surface", "action", "--no-default-excludes", "--format", "json", "--root", root, cwd=place, codes=(0, 1)))
    left = {(f["path"], f["start"]["line"]) for f in report["findings"] if f["rule"] == "unpinned-action"}
    counts["left"] += len(left)
    for finding in report["findings"]:
        if finding["rule"] == "unpinned-action" and "/".join(finding["name"].split("/")[:2]) not in SELECTORS:
            failures.append(f"{repository.name}/{finding['path']}: {finding['name']}@{finding['requirement']} is left")
    for finding in json.loads(run(PROGRAMS / "zizmor", "--offline", "--quiet", "--no-config", "--no-exit-codes", "--persona", "auditor",
                                  "--format", "json", root, cwd=place) or "[]"):
        for location in finding["locations"]:
            if finding["ident"] != "unpinned-uses" or location["symbolic"]["kind"] != "Primary":
                continue
            found = pathlib.Path(location["symbolic"]["key"]["Local"]["verbatim_path"]).resolve().relative_to(root.resolve())
            line = location["concrete"]["location"]["start_point"]["row"] + 1
            # GitHub runs the workflows at the root alone.
            if (str(found), line) not in left and root / found in after:
                failures.append(f"{repository.name}/{found}:{line}: zizmor finds it unpinned")
    fix()
    if files(root) != after:
        failures.append(f"{repository.name}: a second run changed something")


def compare(place, before, after, commits):
    old, new = parsed(before), parsed(after)
    if old.keys() != new.keys():
        failures.append(f"{place}: PyYAML sees another structure")
    for path in old.keys() & new.keys():
        if old[path] == new[path]:
            continue
        match = USES.fullmatch(old[path].strip())
        commit = match and commits.get((match[1].lower(), match[2].lower(), match[4]))
        if path[-1] != "uses" or not commit or new[path].strip() != old[path].strip()[: -len(match[4])] + commit:
            failures.append(f"{place}: {old[path]!r} became {new[path]!r}")
        counts["pinned"] += 1
    lines = list(zip(before.split("\n"), after.split("\n")))
    if before.count("\n") != after.count("\n"):
        failures.append(f"{place}: it has other lines")
    for was, now in ((was, now) for was, now in lines if was != now):
        reference, commit = was.split("#")[0].strip().strip("\"'").rsplit("@", 1)[-1], COMMIT.search(now)
        name = f"# {reference}" if "#" not in was else was[was.index("#"):].rstrip()
        if not commit or not now.rstrip().endswith(name) or now.count("#") != 1:
            failures.append(f"{place}: {was!r} became {now!r}")


for repository in sorted(path for path in CORPUS.iterdir() if path.is_dir()):
    with tempfile.TemporaryDirectory() as place:
        check(repository, pathlib.Path(place).resolve())
print(f"actions: {counts['pinned']} references pinned by {counts['asked']} questions, {counts['left']} left; {len(failures)} failures")
for failure in failures[:40]:
    print(f"  {failure}")
sys.exit(1 if failures or not counts["pinned"] else 0)
