#!/usr/bin/env python3
"""Holds what is found in pages to another parser of HTML, and to a rule of thumb for versions.

    pages.py BINARY DIRECTORY...

Python's own parser lists the scripts and styles that each page below a directory loads by an absolute URL. Each of them has to be
declared, and nothing else but what stands in a script (modules, import maps); and what is held has to have three numbers, a hash
or an `integrity` to show. What differs for a known reason is counted; anything else is printed, and fails.
"""

import collections
import html
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

FONTS = {"fonts.googleapis.com", "fonts.bunny.net", "use.typekit.net", "fonts.cdnfonts.com"}
HELD = re.compile(r"[@/._-]v?\d+\.\d+\.\d+|[0-9a-f]{40}|\d{4}-\d\d-\d\d|[.-](?=[0-9a-f]*\d)[0-9a-f]{8,}\.", re.I)
# cdnjs has each release under its own name, whatever that looks like; so has jQuery its first ones.
NAMED = re.compile(r"//cdnjs\.cloudflare\.com/ajax/libs/[^/]+/(?!latest/)|//code\.jquery\.com/.*-\d+\.\d+")


class Page(html.parser.HTMLParser):
    """What a page loads by its tags."""

    def __init__(self):
        super().__init__()
        self.loads, self.own = [], set()

    def handle_starttag(self, tag, pairs):
        attributes = {}
        for name, value in pairs:
            attributes.setdefault(name, value or "")
        rel = attributes.get("rel", "").lower().split()
        held = bool(re.search(r"(^|\s)sha(256|384|512)-\S", attributes.get("integrity", "")))
        if tag == "script" and attributes.get("src"):
            self.loads.append((attributes["src"], held, False))
        elif tag == "link" and attributes.get("href"):
            kind = attributes.get("as", "").lower()
            style = "stylesheet" in rel or ("preload" in rel and kind == "style")
            if style or "modulepreload" in rel or ("preload" in rel and kind == "script"):
                self.loads.append((attributes["href"], held, style))
            elif "canonical" in rel:
                self.own.add(host(attributes["href"]))
        elif tag == "base" and attributes.get("href"):
            self.own.add(host(attributes["href"]))
        elif tag == "meta" and attributes.get("property") == "og:url":
            self.own.add(host(attributes.get("content", "")))


def host(url):
    try:
        parts = urllib.parse.urlsplit(url.strip())
    except ValueError:
        return None
    return parts.hostname if parts.scheme.lower() in ("", "http", "https") and parts.netloc else None


def expected(page):
    """Each URL that is loaded from elsewhere, with whether it is held; and how many were left out on purpose."""
    found, left = collections.Counter(), 0
    for url, held, style in page.loads:
        name = host(url)
        if name is None:
            continue
        if name in page.own or (style and name in FONTS) or "." not in name or re.match(r"(127|10|192\.168)\.|.*[{}$<%]", name):
            left += 1
            continue
        url = url.strip()
        found[(url, held or bool(HELD.search(url)) or bool(NAMED.search(url)))] += 1
    return found, left


def around(text, start, end):
    """The URL that a span stands in: up to the quotes or blanks around it."""
    while start > 0 and text[start - 1:start] not in (b'"', b"'", b"`", b" ", b"=", b"\n", b"\t"):
        start -= 1
    while end < len(text) and text[end:end + 1] not in (b'"', b"'", b"`", b" ", b">", b"\n", b"\t"):
        end += 1
    return start, html.unescape(text[start:end].decode("utf-8", "replace"))


def ask(binary, verb, directory):
    """What the binary says; of a directory in which nothing is declared, nothing."""
    command = [binary, verb, "--surface", "web", "--format", "json", "--root", directory]
    output = subprocess.run(command, capture_output=True, check=False)
    if output.returncode == 2 and b"nothing to check" in output.stderr:
        return {"declarations": [], "skipped": []}
    return json.loads(output.stdout)


def compare(binary, directory):
    declared = collections.defaultdict(list)
    for item in ask(binary, "list", directory)["declarations"]:
        declared[item["path"]].append(item)
    skipped = {item["path"] for item in ask(binary, "check", directory)["skipped"]}
    pages, count, left, wrong = 0, 0, 0, []
    paths = subprocess.run(["git", "-C", directory, "ls-files", "-z"], capture_output=True, check=False).stdout
    names = [name.decode() for name in paths.split(b"\0") if name] or [
        str(path.relative_to(directory)) for path in pathlib.Path(directory).rglob("*")
    ]
    for name in names:
        path = pathlib.Path(directory, name)
        if path.suffix.lower() not in (".html", ".htm") or name in skipped or not path.is_file() or path.is_symlink():
            continue
        pages += 1
        text = path.read_bytes()
        page = Page()
        page.feed(text.decode("utf-8", "replace"))
        theirs, away = expected(page)
        left += away
        ours = collections.Counter()
        for item in declared[name]:
            start, url = around(text, item["span"]["start"], item["span"]["end"])
            before = text[max(0, start - 60):start].rstrip(b"\"'` \n")
            if re.search(rb"(from|import|\(|:)$", before) and not re.search(rb"=$", before):
                continue
            ours[(url, item["pin"] in ("exact", "content"))] += 1
        count += sum(theirs.values())
        wrong += [f"{name}: only {who}: {url} {'held' if held else 'floats'}"
                  for who, more in (("there", theirs - ours), ("here", ours - theirs)) for url, held in more]
    return pages, count, left, wrong


def main():
    binary, *directories = sys.argv[1:]
    failed = False
    for directory in directories:
        pages, count, left, wrong = compare(binary, directory)
        print(f"{directory}: {pages} pages, {count} loads from elsewhere, {left} left out on purpose, {len(wrong)} differ")
        for line in wrong[:40]:
            print(f"  {line}")
        failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
