#!/usr/bin/env python3
"""Cuts `fix`, `set` and `rollback` short at every system call that changes something, in turn: faults.py BINARY [VERB...]

At each it is killed, or the call fails as on a full disk or a broken one; the cargo that it asks is left alone. Afterwards each file
is what it was or what it was to be, all alike, or a journal is there and the next run names what it restores, after which it does
what the first was asked for.
"""
import concurrent.futures, hashlib, json, os, pathlib, re, shutil, subprocess, sys, tempfile

BINARY = pathlib.Path(sys.argv[1]).resolve()
CALLS = ["write", "fsync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fchmod"]
FAULTS = ["signal=KILL", "error=ENOSPC", "error=EIO"]
PACKAGE = '[package]\nname = "%s"\nversion = "%s"\nedition = "2021"\n\n[dependencies]\n%s'
WORKSPACE = '[workspace]\nmembers = ["m*"]\nresolver = "2"\n'


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def members(count, lines):
    files = {"Cargo.toml": WORKSPACE}
    for n in range(count):
        files[f"m{n}/Cargo.toml"] = PACKAGE % (f"m{n}", "0.1.0", lines)
        files[f"m{n}/src/lib.rs"] = ""
    return files


def run(tmp, *command, check=True, directory=None):
    environment = os.environ | {"CARGO_HOME": str(tmp / "home"), "TMPDIR": str(tmp / "scratch")}
    who = {f"GIT_{one}_{what}": "a@example.com" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment | who, cwd=directory)
    assert not check or done.returncode == 0, done
    return done


def unlocked(tmp, root):
    """Members whose pins are to be fixed: nothing asks cargo."""
    commit = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345"
    files = members(9, 'a = "1"\nb = { git = "https://example.com/b", branch = "main" }\n')
    lock = 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.1"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "%s"\n' % ("01" * 32)
    lock += f'\n[[package]]\nname = "b"\nversion = "0.1.0"\nsource = "git+https://example.com/b?branch=main#{commit}"\n'
    for n in range(9):
        lock += f'\n[[package]]\nname = "m{n}"\nversion = "0.1.0"\ndependencies = [\n "a",\n "b",\n]\n'
    write(root, {**files, "Cargo.lock": lock})


def alone(tmp, root):
    """One package: a single file changes, by one step and without a journal."""
    unlocked(tmp, root)
    shutil.move(root / "m0/Cargo.toml", root / "Cargo.toml")
    shutil.move(root / "m0/src", root / "src")
    for n in range(9):
        shutil.rmtree(root / f"m{n}")
    text = (root / "Cargo.toml").read_text().replace('b = { git = "https://example.com/b", branch = "main" }\n', "")
    (root / "Cargo.toml").write_text(text)
    lock = (root / "Cargo.lock").read_text().split("\n\n")
    lock = [one.replace(' "b",\n', "") for one in lock if not re.search(r'name = "(b|m[1-8])"', one)]
    (root / "Cargo.lock").write_text("\n\n".join(lock).rstrip() + "\n")


def publish(tmp, name, version, lines, needs):
    """A release in the registry beside the repository, which cargo's configuration above it names."""
    top = f"{name}-{version}"
    write(tmp / "staging" / top, {"Cargo.toml": PACKAGE % (name, version, lines), "src/lib.rs": ""})
    archive = tmp / "registry" / f"{top}.crate"
    archive.parent.mkdir(exist_ok=True)
    run(tmp, "tar", "-czf", archive, "-C", tmp / "staging", top)
    index = tmp / "registry/index" / name[:2] / name[2:4] / name
    index.parent.mkdir(parents=True, exist_ok=True)
    need = {"features": [], "optional": False, "default_features": True, "target": None, "kind": "normal"}
    line = {"name": name, "vers": version, "deps": [need | {"name": n, "req": r} for n, r in needs], "features": {}, "yanked": False}
    line["cksum"] = hashlib.sha256(archive.read_bytes()).hexdigest()
    with index.open("a") as file:
        file.write(json.dumps(line) + "\n")


def pinned(tmp, root):
    """Members that pin a pair of packages, which pin each other."""
    if not (tmp / "registry").exists():
        for version in ("1.0.1", "1.0.2"):
            publish(tmp, "pair", version, f'half = "={version}"\n', [("half", f"={version}")])
            publish(tmp, "half", version, "", [])
        config = f'[source.crates-io]\nreplace-with = "here"\n[source.here]\nlocal-registry = "{tmp}/registry"\n'
        write(tmp, {".cargo/config.toml": config})
    write(root, members(4, 'pair = "=1.0.1"\nhalf = "=1.0.1"\n'))
    # Cargo looks for its configuration from where it is run.
    run(tmp, "cargo", "generate-lockfile", "--offline", directory=root)
    run(tmp, "git", "-C", root, "init", "--quiet")
    commit(tmp, root, "start")


def bumped(tmp, root):
    pinned(tmp, root)
    run(tmp, BINARY, "set", "pair@1.0.2", "half@1.0.2", "--root", root)
    commit(tmp, root, "Bump the pair")


def commit(tmp, root, about):
    run(tmp, "git", "-C", root, "add", "--all")
    run(tmp, "git", "-C", root, "commit", "--quiet", "--message", about)


VERBS = {
    "fix": (unlocked, ["fix", "--no-verify"]),
    "fix one file": (alone, ["fix", "--no-verify"]),
    "set": (pinned, ["set", "pair@1.0.2", "half@1.0.2"]),
    "rollback": (bumped, ["rollback", "pair", "half"]),
}


def state(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for n in ("Cargo.toml", "Cargo.lock") for p in root.rglob(n)}


def cut_short(tmp, verb, make, arguments):
    def tool(root, *before):
        return run(tmp, *before, BINARY, *arguments, "--root", root, check=False)

    # What the tool starts is no longer followed once it is another program.
    strace = ["strace", "-f", "-b", "execve", "-qq", "-o"]
    pristine, done, root = tmp / "pristine", tmp / "done", tmp / "repo"
    (tmp / "scratch").mkdir()
    make(tmp, pristine)
    shutil.copytree(pristine, done)
    log = tmp / "log"
    ended = tool(done, *strace, log, "-e", "trace=" + ",".join(CALLS))
    assert ended.returncode == 0, ended
    old, new, points, restored = state(pristine), state(done), 0, 0
    is_alone = make is alone
    changed = {p for p in old if old[p] != new[p]}
    assert old.keys() == new.keys() and changed == ({"Cargo.toml"} if is_alone else old.keys() - {"Cargo.toml"})
    # Each thread's calls are counted by themselves.
    calls = re.findall(rf"^(\d+) +({'|'.join(CALLS)})\(", log.read_text(), re.M)
    most = {call: max((calls.count(one) for one in set(calls) if one[1] == call), default=0) for call in CALLS}
    for call, count in most.items():
        for when in range(1, count + 1):
            for fault in FAULTS:
                points += 1
                shutil.copytree(pristine, root)
                cut = tool(root, *strace, "/dev/null", "-e", f"inject={call}:{fault}:when={when}")
                now, journal, what = state(root), (root / ".cargo-pinned-journal").exists(), f"{verb}: {call} {when} {fault}"
                mixed = now not in (old, new)
                assert not any(now[p] not in (old[p], new[p]) for p in old), f"{what}: a file is neither old nor new"
                assert journal or not mixed, f"{what}: a mixed state without a journal: {cut}"
                assert "panicked" not in cut.stderr, cut
                assert not (journal and is_alone), f"{what}: a journal of one step"
                if journal or is_alone:
                    restored += journal
                    again = tool(root)
                    assert "restored" in again.stderr or is_alone, f"{what}: the next run does not say what it found: {again}"
                    assert again.returncode == 0 and state(root) == new, f"{what}: the next run does not mend it: {again}"
                    left = [p for p in root.rglob("*") if p.name.startswith(".cargo-pinned")]
                    # Where the first run came to its end, the second has nothing to write, and looks for nothing.
                    assert not left or is_alone and now == new, f"{what}: {left} is left behind"
                if not journal and cut.returncode == 2 and call != "write":
                    # A write that fails last is the report's own: what it reports is whole by then.
                    assert now == old, f"{what}: it failed and left changes: {cut}"
                shutil.rmtree(root)
    print(f"{verb}, cut short at {points} points {json.dumps(most)}: {restored} with a journal that the next run mended", flush=True)
    return points > 10 and restored == 0 if is_alone else points > 50 and restored > 0


def one(verb):
    with tempfile.TemporaryDirectory() as tmp:
        return cut_short(pathlib.Path(tmp), verb, *VERBS[verb])


def main():
    # Each is a process at a time, which waits for the disk and for strace.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        whole = all(list(pool.map(one, sys.argv[2:] or VERBS)))
    sys.exit(0 if whole else 1)


main()
