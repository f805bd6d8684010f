#!/usr/bin/env python3
"""Holds the scan of workflows and Dockerfiles to what its peers say of the same files: peers.py BINARY CORPUS PROGRAMS

Every `uses:` and image that zizmor finds unpinned in a workflow or action is found at the same line, and the other way round;
every image that hadolint finds without a tag, or at `latest`, is one of ours with the pin `latest`, and the other way round. Where
they differ is listed below, one by one, with the reason; one that is listed and is no more is a failure too.
"""
import json, pathlib, shutil, subprocess, sys, tempfile, time

BINARY, CORPUS, PROGRAMS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
DOCKER = ("Dockerfile", "Containerfile")

# Who alone finds it, the repository, the file, its lines, and why.
DIFFERENCES = [
    ("zizmor", "bytecodealliance+wasmtime", "crates/wizer/.github/workflows/ci.yml", {34, 45, 52},
     "GitHub runs the workflows at the root of a repository alone: this directory was another repository once"),
    ("ours", "lapce+lapce", "extra/linux/docker/alpine/Dockerfile", {7},
     "the tag is a variable whose default is `latest`; hadolint puts in no defaults"),
    ("ours", "lapce+lapce", "extra/linux/docker/debian/Dockerfile", {7}, "the same"),
    ("ours", "lapce+lapce", "extra/linux/docker/fedora/Dockerfile", {7}, "the same"),
    ("ours", "neondatabase+neon", "docker-compose/compute_wrapper/Dockerfile", {5}, "the same"),
    ("hadolint", "neondatabase+neon", "compute/compute-node.Dockerfile", {1722},
     "`extensions-${EXTENSIONS}` is, by its default, the stage `extensions-all` of the same file, and no image"),
]


def run(*command, codes=(0,)):
    started = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    if done.returncode not in codes:
        sys.exit(f"{command}: exit {done.returncode}: {done.stderr[:500]}")
    return json.loads(done.stdout or "[]"), time.perf_counter() - started


def is_docker(path):
    name = path.rsplit("/", 1)[-1]
    return name.startswith(DOCKER) or name.lower().endswith((".dockerfile", ".containerfile"))


def ours(repository):
    report, seconds = run(BINARY, "check", "--root", repository, "--surface", "action,image", "--no-default-excludes",
                          "--format", "json", codes=(0, 1))
    return report["findings"], seconds


def zizmor(repository):
    found, seconds = run(PROGRAMS / "zizmor", "--offline", "--quiet", "--no-config", "--no-exit-codes", "--persona", "auditor",
                         "--format", "json", repository)
    places = set()
    for finding in found:
        if finding["ident"] not in ("unpinned-uses", "unpinned-images"):
            continue
        for location in finding["locations"]:
            if location["symbolic"]["kind"] == "Primary":
                path = pathlib.Path(location["symbolic"]["key"]["Local"]["verbatim_path"]).resolve()
                places.add((str(path.relative_to(repository)), location["concrete"]["location"]["start_point"]["row"] + 1))
    return places, seconds


def hadolint(repository):
    files = [path for path in sorted(repository.rglob("*")) if path.is_file() and is_docker(str(path))]
    if not files:
        return set(), 0.0
    found, seconds = run(PROGRAMS / "hadolint", "--no-fail", "--config", "/dev/null", "--format", "json", *files)
    relative = lambda finding: str(pathlib.Path(finding["file"]).resolve().relative_to(repository))
    return {(relative(finding), finding["line"]) for finding in found if finding["code"] in ("DL3006", "DL3007")}, seconds


def ratios():
    """How many times faster the workflows alone are judged than by zizmor, the best of three runs of each, for each repository."""
    for repository in sorted(path for path in CORPUS.iterdir() if (path / ".github/workflows").is_dir()):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            shutil.copytree(repository / ".github/workflows", folder / ".github/workflows")
            best = lambda judge: min(judge(folder.resolve())[1] for _ in range(3))
            yield best(zizmor) / best(ours)


def main():
    failures, seen, counts = [], set(), {"zizmor": 0, "hadolint": 0}
    for repository in sorted(path for path in CORPUS.iterdir() if path.is_dir()):
        found, _ = ours(repository)
        place = lambda finding: (finding["path"], finding["start"]["line"])
        own = {"zizmor": {place(one) for one in found if not is_docker(one["path"]) and one["rule"].startswith("unpinned-")},
               "hadolint": {place(one) for one in found if is_docker(one["path"]) and one["pin"] == "latest"}}
        for name, peer in (("zizmor", zizmor), ("hadolint", hadolint)):
            theirs, _ = peer(repository)
            counts[name] += len(theirs)
            pairs = [(name, one) for one in theirs - own[name]] + [("ours", one) for one in own[name] - theirs]
            for side, (path, line) in sorted(pairs):
                known = [at for at, (by, where, file, lines, _) in enumerate(DIFFERENCES)
                         if (by, where, file) == (side, repository.name, path) and line in lines]
                seen.update((at, line) for at in known)
                if not known:
                    failures.append(f"{repository.name}/{path}:{line}: {side} alone finds it, beside {name}")
    for at, (side, where, file, lines, _) in enumerate(DIFFERENCES):
        failures.extend(f"{where}/{file}:{line}: listed as a difference ({side}), and is none" for line in lines if (at, line) not in seen)
    print(f"zizmor: {counts['zizmor']} places, hadolint: {counts['hadolint']}; {len(DIFFERENCES)} differences listed")
    faster = sorted(ratios())
    print(f"times faster than zizmor: {faster[0]:.1f} to {faster[-1]:.1f}, median {faster[len(faster) // 2]:.1f}")
    if not all(counts.values()):
        failures.append("a peer found nothing at all")
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
