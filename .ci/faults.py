#!/usr/bin/env python3
"""Cuts `fix` short at every system call that changes something, in turn: faults.py BINARY

At each it is killed, or the call fails as on a full disk or a broken one. Afterwards each file is what it was or what it was to
be, all alike, or a journal is there and the next run names what it restores, after which everything is as it was.
"""
import json, pathlib, re, shutil, subprocess, sys, tempfile

BINARY = pathlib.Path(sys.argv[1]).resolve()
CALLS = ["write", "fsync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fchmod"]
FAULTS = ["signal=KILL", "error=ENOSPC", "error=EIO"]
MEMBERS = 16
PACKAGE = '[package]\nname = "m%d"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\na = "1"\nb = { git = "https://example.com/b", branch = "main" }\n'


def repository(root):
    commit = "3f2a9c1d5b7e8f60718293a4b5c6d7e8f9012345"
    files = {"Cargo.toml": '[workspace]\nmembers = ["m*"]\nresolver = "2"\n'}
    lock = 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.1"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "%s"\n' % ("01" * 32)
    lock += f'\n[[package]]\nname = "b"\nversion = "0.1.0"\nsource = "git+https://example.com/b?branch=main#{commit}"\n'
    for n in range(MEMBERS):
        files[f"m{n}/Cargo.toml"] = PACKAGE % n
        files[f"m{n}/src/lib.rs"] = ""
        lock += f'\n[[package]]\nname = "m{n}"\nversion = "0.1.0"\ndependencies = [\n "a",\n "b",\n]\n'
    for path, text in {**files, "Cargo.lock": lock}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def state(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for n in ("Cargo.toml", "Cargo.lock") for p in root.rglob(n)}


def fix(root, *before):
    return subprocess.run([*before, BINARY, "fix", "--no-verify", "--root", root], capture_output=True, text=True, timeout=60)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        pristine, done = tmp / "pristine", tmp / "done"
        repository(pristine)
        shutil.copytree(pristine, done)
        log = tmp / "log"
        ended = fix(done, "strace", "-f", "-qq", "-o", log, "-e", "trace=" + ",".join(CALLS))
        assert ended.returncode == 0, ended
        old, new, points, restored = state(pristine), state(done), 0, 0
        assert old.keys() == new.keys() and all(old[p] != new[p] for p in old if p != "Cargo.toml")
        counts = {call: len(re.findall(rf"^\d+ +{call}\(", log.read_text(), re.M)) for call in CALLS}
        for call, count in counts.items():
            for when in range(1, count + 1):
                for fault in FAULTS:
                    points += 1
                    root = tmp / "repo"
                    shutil.copytree(pristine, root)
                    cut = fix(root, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={when}")
                    now, journal, what = state(root), (root / ".cargo-pinned-fix.json").exists(), f"{call} {when} {fault}"
                    mixed = now not in (old, new)
                    assert not any(now[p] not in (old[p], new[p]) for p in old), f"{what}: a file is neither old nor new"
                    assert journal or not mixed, f"{what}: a mixed state without a journal: {cut}"
                    assert "panicked" not in cut.stderr, cut
                    if journal:
                        restored += 1
                        again = fix(root)
                        assert "restored" in again.stderr, f"{what}: the next run does not say what it found: {again}"
                        assert again.returncode == 0 and state(root) == new, f"{what}: the next run does not mend it: {again}"
                        left = [p for p in root.rglob("*") if p.name.startswith(".cargo-pinned")]
                        assert not left, f"{what}: {left} is left behind"
                    elif cut.returncode == 2 and call != "write":
                        # A write that fails last is the report's own: what it reports is whole by then.
                        assert now == old, f"{what}: it failed and left changes: {cut}"
                    shutil.rmtree(root)
        print(f"cut short at {points} points {json.dumps(counts)}: {restored} with a journal that the next run mended")
        sys.exit(0 if points > 100 else 1)


main()
