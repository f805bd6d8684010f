#!/usr/bin/env python3
"""Runs the steps of action.yml as a runner of GitHub's would, on scratch repositories: action.py BINARY

Evaluates the few forms of expressions that the action uses, and fails on any other.
"""
import json, os, pathlib, re, subprocess, sys, tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(sys.argv[1]).resolve()
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
LOCK = """version = 4

[[package]]
name = "demo"
version = "0.1.0"
dependencies = ["old", "serde"]
""" + "".join(f"""
[[package]]
name = "{name}"
version = "1.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{"0123456789abcdef" * 4}"
""" for name in ("old", "serde"))
failures = []


def expect(name, holds, what, ran=None):
    if not holds:
        failures.append(name)
        print(f"FAIL {name}: {what}")
        for line in (ran["log"] if ran else "").splitlines():
            print(f"    {line}")


def git(directory, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *settings, *arguments], cwd=directory, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.strip()


def evaluate(text, contexts):
    """The value of a text with `${{ context.key.key }}` in it."""
    form = re.compile(r"\$\{\{ ([a-z_]+(?:\.[a-z_-]+)+) \}\}")
    assert len(form.findall(text)) == text.count("${{"), f"a form of expression that this does not know: {text}"

    def value(match):
        first, *keys = match[1].split(".")
        at = contexts[first]
        for key in keys:
            # What is not there is empty, as GitHub has it.
            at = at.get(key, "") if isinstance(at, dict) else ""
        return str(at)
    return form.sub(value, text)


class Repository:
    """An upstream whose main has a float, and a change that adds one or none, merged for a try."""

    def __init__(self, directory, requirement, loosens=False):
        self.directory, self.upstream = directory, directory / "upstream"
        self.upstream.mkdir()
        git(self.upstream, "init", "--quiet")
        (self.upstream / "Cargo.lock").write_text(LOCK)
        self.manifest("=1.0.1")
        self.commit()
        self.base = git(self.upstream, "rev-parse", "HEAD")
        git(self.upstream, "checkout", "--quiet", "-b", "change")
        (self.upstream / "notes").write_text("first\n")
        self.commit()
        self.manifest(requirement)
        if loosens:
            (self.upstream / "pinned.toml").write_text('[rules]\nunpinned-crate = "allow"\n')
        self.commit()
        (self.upstream / "notes").write_text("last\n")
        self.commit()
        git(self.upstream, "checkout", "--quiet", "-b", "merged", "main")
        git(self.upstream, "merge", "--quiet", "--no-ff", "--message", "try", "change")

    def manifest(self, requirement):
        dependencies = f'old = "1"\nserde = "{requirement}"\n'
        manifest = '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n' + dependencies
        (self.upstream / "Cargo.toml").write_text(manifest)

    def commit(self):
        git(self.upstream, "add", "--all")
        git(self.upstream, "commit", "--quiet", "--allow-empty", "--message", "test")

    def checkout(self, reference, depth):
        """As actions/checkout does it: fetched to a depth, detached."""
        workspace = self.directory / f"workspace-{reference}-{depth}"
        workspace.mkdir(exist_ok=True)
        git(workspace, "init", "--quiet")
        depth = ["--depth", str(depth)] if depth else []
        git(workspace, "fetch", "--quiet", *depth, f"file://{self.upstream}", reference)
        git(workspace, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return workspace


def run(workspace, event, payload=None, inputs=None, tools="tool", action=ROOT):
    """What the action's steps did."""
    temporary = pathlib.Path(tempfile.mkdtemp(dir=workspace.parent))
    given = inputs or {}
    assert set(given) <= set(ACTION["inputs"]), given
    values = {name: given.get(name, known.get("default", "")) for name, known in ACTION["inputs"].items()}
    files = {name: temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH")}
    for file in files.values():
        file.write_text("")
    files["GITHUB_EVENT_PATH"].write_text(json.dumps(payload or {}))
    (temporary / "bin").mkdir()
    if tools == "tool":
        (temporary / "bin" / "cargo-pinned").symlink_to(BINARY)
    else:
        # A stand-in for cargo, that puts the program where it was asked to, or cannot.
        installs = f'mkdir -p "$7/bin" && ln -s "{BINARY}" "$7/bin/cargo-pinned"' if tools == "cargo" else "exit 101"
        (temporary / "bin" / "cargo").write_text(f'#!/bin/sh\necho "cargo $* in $(pwd)"\n{installs}\n')
        (temporary / "bin" / "cargo").chmod(0o755)
    others = [path for path in os.environ["PATH"].split(":") if not (pathlib.Path(path) / "cargo-pinned").exists()]
    environment = {
        "PATH": ":".join([str(temporary / "bin"), *others]), "HOME": str(temporary), "CI": "true", "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(temporary), "GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION_PATH": str(action),
        "GITHUB_EVENT_NAME": event, "GIT_CONFIG_SYSTEM": "/dev/null", **{name: str(file) for name, file in files.items()},
    }
    contexts = {"inputs": values, "github": {"event_name": event, "event": payload or {}}, "steps": {}}
    log, code = "", 0
    for step in ACTION["runs"]["steps"]:
        script = temporary / "step.sh"
        script.write_text(step["run"])
        own = {name: evaluate(value, contexts) for name, value in step.get("env", {}).items()}
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(shell, cwd=workspace, env={**environment, **own}, capture_output=True, text=True, timeout=300)
        log, code = log + done.stdout + done.stderr, done.returncode
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        contexts["steps"][step["id"]] = {"outputs": outputs}
        if code:
            break
    outputs = {name: evaluate(output["value"], contexts) for name, output in ACTION["outputs"].items()}
    return {"code": code, "log": log, "summary": files["GITHUB_STEP_SUMMARY"].read_text(), **outputs}


def judged(name, ran, code, findings):
    """One run that could judge: its exit code, the number of what fails, and its three reports."""
    expect(name, ran["code"] == code, f"exit code {ran['code']}, not {code}", ran)
    expect(name, ran["findings"] == str(findings), f"{ran['findings']!r} findings, not {findings}", ran)
    annotations = [line for line in ran["log"].splitlines() if line.startswith("::error") and "Cargo.toml" in line]
    expect(name, len(annotations) == findings, f"{len(annotations)} annotations, not {findings}", ran)
    expect(name, ran["summary"].strip() != "", "no summary", ran)
    try:
        sarif = json.loads(pathlib.Path(ran["sarif"]).read_text())
        expect(name, sarif["version"] == "2.1.0", "no SARIF", ran)
    except (OSError, ValueError, KeyError) as error:
        expect(name, False, f"no SARIF: {error!r}", ran)


def stopped(name, ran, words):
    expect(name, ran["code"] == 2, f"exit code {ran['code']}, not 2", ran)
    expect(name, words in ran["log"], f"nothing is said of {words!r}", ran)
    expect(name, ran["findings"] == "" and ran["sarif"] == "", "results of what could not be judged", ran)


def events(floating, exact, loosening):
    merged = floating.checkout("merged", 2)
    judged("a pull request with a float", run(merged, "pull_request"), 1, 1)
    judged("a pull request without", run(exact.checkout("merged", 2), "pull_request"), 0, 0)
    stopped("a pull request, fetched too shallow", run(floating.checkout("merged", 1), "pull_request"), "fetch-depth: 2")
    stopped("a pull request's own head", run(floating.checkout("change", 2), "pull_request"), "merge commit")
    judged("a pull request against everything", run(merged, "pull_request", inputs={"base": "none"}), 1, 2)
    judged("a pull request against a base of its own", run(merged, "pull_request", inputs={"base": "HEAD"}), 0, 0)
    for repository, code in ((floating, 1), (exact, 0)):
        payload = {"merge_group": {"base_sha": repository.base}}
        judged(f"a merge group, {code}", run(repository.checkout("merged", 0), "merge_group", payload), code, code)
    payload = {"merge_group": {"base_sha": floating.base}}
    stopped("a merge group, too shallow", run(floating.checkout("merged", 1), "merge_group", payload), "fetch-depth: 0")
    loose = loosening.checkout("merged", 2)
    judged("a change that loosens the policy", run(loose, "pull_request"), 0, 0)
    judged("the policy of the base", run(loose, "pull_request", inputs={"policy-from": "base"}), 1, 1)
    for event in ("push", "schedule", "workflow_dispatch"):
        judged(event, run(floating.checkout("merged", 1), event), 1, 2)


def inputs(repository):
    workspace = repository.checkout("merged", 1)
    allow = repository.directory / "it's a policy.toml"
    allow.write_text('[rules]\nunpinned-crate = "allow"\n')
    judged("a policy", run(workspace, "push", inputs={"policy": str(allow)}), 0, 0)
    judged("arguments", run(workspace, "push", inputs={"arguments": "--allow unpinned-crate\n --quiet"}), 0, 0)
    ran = run(workspace, "push", inputs={"summary": "false", "format": "human", "sarif-file": "a b.sarif"})
    expect("quiet", ran["summary"] == "" and "::error" not in ran["log"], "a summary or annotations", ran)
    expect("a file of one's own", ran["sarif"] == str(workspace / "a b.sarif") and ran["code"] == 1, ran["sarif"], ran)
    (workspace / "sub").mkdir(exist_ok=True)
    ran = run(workspace, "push", inputs={"working-directory": "sub", "sarif-file": "here.sarif"})
    expect("a directory", ran["sarif"] == str(workspace / "sub" / "here.sarif"), ran["sarif"], ran)
    stopped("what the tool refuses", run(workspace, "push", inputs={"policy": "nowhere.toml"}), "nowhere.toml")
    for name, value, words in (("working-directory", "nowhere", "no such directory"), ("binary", "./nowhere", "no such program"),
                               ("sarif-file", "sub", "no file"), ("arguments", "--help", "nothing was judged")):
        stopped(f"{name}: {value}", run(workspace, "push", inputs={name: value}), words)
    for name in ("base", "policy", "policy-from", "format", "arguments", "sarif-file", "summary"):
        for words in ('"; touch pwned; #', "$(touch pwned)", "`touch pwned`", "'; touch pwned; '"):
            run(workspace, "pull_request", inputs={"base": "HEAD", name: words})
    found = [path for path in workspace.rglob("pwned")]
    expect("hostile inputs", not found, f"they were run: {found}")


def programs(repository):
    workspace = repository.checkout("merged", 1)
    judged("a program by its path", run(workspace, "push", inputs={"binary": str(BINARY)}, tools="none"), 1, 2)
    ran = run(workspace, "push", tools="cargo")
    judged("a program that is built", ran, 1, 2)
    expect("a program that is built", "cargo install --locked --quiet --path . --root" in ran["log"]
           and f"in {ROOT}" in ran["log"], "not built as it should be", ran)
    stopped("no program at all", run(workspace, "push", tools="none"), "cannot be built")


def text():
    for step in ACTION["runs"]["steps"]:
        expect("action.yml", "${{" not in step["run"], "an expression in a script")
        expect("action.yml", "uses" not in step, "an action of others")
    for name, known in ACTION["inputs"].items():
        expect("action.yml", f"${{{{ inputs.{name} }}}}" in str(ACTION["runs"]), f"the input {name} is not used")
        expect("docs/ci.md", f"`{name}`" in (ROOT / "docs/ci.md").read_text(), f"the input {name} is not documented")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        repositories = []
        for name, *change in (("floating", "1"), ("exact", "=1.0.1"), ("loosening", "1", True)):
            (pathlib.Path(scratch) / name).mkdir()
            repositories.append(Repository(pathlib.Path(scratch) / name, *change))
        text()
        events(*repositories)
        inputs(repositories[0])
        programs(repositories[0])
    print("action.yml: " + (f"{len(failures)} failures" if failures else "all as expected"))
    sys.exit(1 if failures else 0)
