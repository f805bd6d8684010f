#!/usr/bin/env python3
"""Holds the table of docs/comparison.md to what zizmor and hadolint find in its repository: `comparison.py PROGRAMS`.

A row is known by what stands between its first backquotes; what it says in a tool's column is compared with what that tool finds there.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = ROOT / "fixtures/book/everything/1-Start"
PROGRAMS = pathlib.Path(sys.argv[1])


def printed(program, *arguments):
    ended = subprocess.run([PROGRAMS / program, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return ended.stdout, ended.returncode


def table():
    """Of each tool its version and, for each row, its cell."""
    lines = (ROOT / "docs/comparison.md").read_text().splitlines()
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|")]
    rows = [[cell.strip() for cell in row] for row in rows]
    first = next(at for at, row in enumerate(rows) if row[0] == "declaration")
    last = next(at for at, row in enumerate(rows) if row[0] == "exit code")
    tools = {}
    for column, name in enumerate(rows[first]):
        tool, _, version = name.strip("`").rpartition(" ")
        cells = {re.split("`", row[0])[1]: row[column] for row in rows[first + 2:last]}
        tools[tool] = version, cells, rows[last][column]
    return tools


def zizmor(persona):
    """What zizmor finds unpinned, by what its places say."""
    text, code = printed("zizmor", "--offline", "--persona", persona, "--format", "json-v1", ".")
    places = [place for finding in json.loads(text) if finding["ident"].startswith("unpinned") for place in finding["locations"]]
    return " ".join(place["concrete"]["feature"] for place in places), code


def main():
    failures = []
    tools = table()

    def expect(what, is_so):
        if not is_so:
            failures.append(what)

    for tool in ("zizmor", "hadolint"):
        version, _, _ = tools[tool]
        expect(f"{tool} is of another version than {version}", version in printed(tool, "--version")[0])
    _, cells, said = tools["zizmor"]
    (regular, code), (pedantic, _) = zizmor("regular"), zizmor("pedantic")
    expect(f"zizmor ends with {code}", said == str(code))
    for row, cell in cells.items():
        word = row.removeprefix("container: ")
        found = "yes" if word in regular else "with `--persona pedantic`" if word in pedantic else ""
        expect(f"zizmor finds of {row}: {found!r}, and the page says {cell!r}", cell == found)
    _, cells, said = tools["hadolint"]
    text, code = printed("hadolint", "--format", "json", "Dockerfile")
    expect(f"hadolint ends with {code}", said == str(code))
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    # What it says of pins: untagged and floating images, and unpinned packages of pip.
    found = " ".join(lines[one["line"] - 1] for one in json.loads(text) if one["code"] in ("DL3006", "DL3007", "DL3013"))
    for row, cell in cells.items():
        expect(f"hadolint finds of {row}: {row in found}, and the page says {cell!r}", (cell == "yes") == (row in found))
    for failure in failures:
        print(failure)
    print(f"comparison: {len(cells)} declarations, {len(failures)} differences from the page")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
