#!/usr/bin/env python3
"""Kills audits of a fleet that keep a history, at random moments, and runs them side by side: the report is the same.

    .ci/history.py BINARY DIRECTORY [TIMES]

DIRECTORY is a fleet as `.ci/fleet.py` makes it. Each time, one audit is killed and the next one compared with one that was not
disturbed; then two run at once on one history. The seed is printed, and SEED=… takes it.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def start(binary, fleet, history, day):
    command = [binary, "audit", fleet, "--history", str(history), "--format", "json", "--today", day]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def report(run):
    out, err = run.communicate()
    assert run.returncode in (0, 1), f"exit code {run.returncode}: {err}"
    found = json.loads(out)
    # When it ran, and how many runs there were, is all that may differ; one that was killed had not told all, so it does not count.
    found.pop("at", None)
    found.pop("runs", None)
    return found


def main():
    binary, fleet = sys.argv[1:3]
    times = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory, "base")
        first = report(start(binary, fleet, base, "2026-11-25"))
        began = time.monotonic()
        expected = report(start(binary, fleet, Path(directory, "cold"), "2026-11-25"))
        took = time.monotonic() - began
        assert expected == first, "two first runs differ"
        again = report(start(binary, fleet, base, "2026-11-26"))
        rows = zip(first["repositories"], again["repositories"], strict=True)
        for old, new in rows:
            assert new["new"] == [] and new["resolved"] == [], new["name"]
            assert {**new, "new": None, "resolved": None} == {**old, "new": None, "resolved": None}, new["name"]
        for number in range(times):
            history = Path(directory, f"killed-{number}")
            kills = chance.randint(1, 4)
            for _ in range(kills):
                run = start(binary, fleet, history, "2026-11-25")
                time.sleep(chance.uniform(0, took))
                run.kill()
                if run.communicate()[0].rstrip().endswith("}"):
                    # Its whole report was out already: it may be the last run.
                    history = Path(directory, f"killed-{number}-{chance.random()}")
            assert report(start(binary, fleet, history, "2026-11-25")) == expected, f"{number}: after {kills} kills"
        for number in range(3):
            history = Path(directory, f"both-{number}")
            both = [start(binary, fleet, history, "2026-11-25") for _ in range(2)]
            reports = [report(run) for run in both]
            assert reports == [expected, expected], "two runs at once"
    print(f"{times} killed audits and 3 pairs of audits: each report as it should be")


main()
