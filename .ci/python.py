#!/usr/bin/env python3
"""Python's requirements against the libraries and tools that define them.

    .ci/python.py table                 what `packaging` and `poetry-core` make of the lines below, for fixtures/python
    .ci/python.py check PINNED UV       that this is what is recorded, and that uv accepts what `fix` makes of its projects

The tests read the record, so that they need neither; this holds the record to the libraries.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import packaging
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

RECORD = pathlib.Path(__file__).parent.parent / "fixtures/python/requirements.jsonl"
POETRY = RECORD.with_name("poetry.jsonl")

VERSIONS = ["0.9", "1.0", "1.0.0", "1.0.1", "1.0.post1", "1.0rc1", "1.0+local", "1.2.3", "1.4.5", "1.5", "2.0", "2.0.dev1", "1!1.0"]

SPECIFIERS = """
==1.0|== 1.0|==1.0.0|==1|==1.2.3|==v1.0|==1.0.*|==1.*|== 1.*|==1.0+local|==1.0+LOCAL.2|==1.0-1|==1.0.post1|==1.0rc1|==1.0.RC.1|==1.0a|==1.0-alpha_1
==1!1.0|==1.0.dev0|==1.0.dev0.*|==1.0+local.*|==1.0a1.*|===1.0|=== 1.0|===1.0.*|===foo|===foo-bar_baz|===1.0+weird!|===|=== |==|== |==*|==.*|==1..0|==1.0.|==a
~=1.0|~=1.4.5|~= 1.4|~=1|~=1.0.*|~=1.0+local|~=2.0rc1|~=1.4.post1|!=1.0|!=1.0.*|!= 1.0|!=1.0+local|<1.0|<=1.0|>1.0|>=1.0|< 2|> 1.0.post1|>=1.0.*|<1.*|>=1.0+local|<=1.0+local
>=1.0,<2.0|>=1.0, <2.0|>= 1.0 , < 2.0|>=1.0,==1.4.5|==1.4.5,>=1.0|==1.0,!=1.0.1|==1.0,==1.0.0|>=1.0,|,>=1.0|>=1.0,,<2|,|>=1.0;|>=1.0 <2.0|>=1.0 ==1.4.5|(==1.0)|( ==1.0 )|(>=1,<2)|(==1.0|==1.0)|()|( )|(==1.0),<2
=1.0|= 1.0|=>1.0|=<1.0|^1.0|~1.0|1.0|*|<>1.0|==1.0==2.0|==1.0 1.1|==1,2|>=1.0rc1|>=0|>=0.0.0|==2022.12.7|==0.0.1.dev20240101|==1.0.post|==1.0-post2|==1.0_beta3|==00001.00002|==1.0c1|==1.0-rev3|==1.0.preview2|>=2.0.dev1,<3|!=1.5,>=1.0|!=1.0,!=1.0.1
""".replace("\n", "|").split("|")

LINES = [
    "requests", "requests ", " requests", "Requests", "zope.interface==5.4.0", "ruamel_yaml==0.17", "a", "A1", "a-", "a.", "a_", "-a", "_a", ".a", "a--b", "a.-_b", "a b", "1a", "1", "a==1.0 b", "é", "a\u00a0==1",
    "requests[socks]", "requests[socks]==2.0", "requests [socks] ==2.0", "requests[socks,security]==2.0", "requests[ socks , security ]>=2", "requests[]==2.0", "requests[ ]", "requests[socks", "requests[socks,]==1", "requests[,]", "requests[a b]", "requests[a-b_c.d]", "requests[a][b]", "requests[-a]",
    "a==1.0;python_version<'3.9'", "a==1.0 ; python_version < '3.9'", "a ; python_version < '3.9'", "a;python_version<\"3.9\"", "a>=1 ; python_version < '3.9' and sys_platform == 'win32'", "a ; (python_version < '3.9' or os_name == 'nt') and extra == 'x'", "a ; 'linux' in sys_platform", "a ; sys_platform not in 'win32'", "a ; sys_platform not  in 'win32'", "a ; python_version < 3.9", "a ; python < '3.9'", "a ; python_version", "a ;", "a==1 ;", "a ; (python_version < '3.9'", "a ; python_version < '3.9')", "a ; python_version < '3.9' and", "a ; and python_version < '3.9'", "a ; python_version ~= '3.9'", "a ; python_version === '3.9'", "a ; python_version = '3.9'", "a ; os.name == 'nt'", "a ; platform.machine == 'x'", "a ; python_implementation == 'CPython'", "a ; platform_python_implementation == 'CPython'", "a ; implementation_name == 'cpython'", "a ; implementation_version >= '3'", "a ; platform_release >= '3'", "a ; platform_version in 'x y'", "a ; python_full_version >= '3.7.1'", "a ; extra == \"it's\"", "a ; extra == 'x", "a ; '3.9' > python_version", "a ; 'a' == 'a'", "a ; extra != 'x' or extra == 'y' and os_name == 'nt'", "a ; ((((os_name == 'nt'))))", "a ; os_name == 'nt' ; os_name == 'nt'",
    "a @ https://example.org/a.zip", "a@https://example.org/a.zip", "a @https://example.org/a.zip", "a[x] @ https://example.org/a.zip", "a @ https://example.org/a.zip ; os_name == 'nt'", "a @ https://example.org/a.zip; os_name == 'nt'", "a @ https://example.org/a.zip#sha256=00 ; os_name == 'nt'", "a @ git+https://example.org/a.git@v1", "a @ file:///a.whl", "a @ ./a.whl", "a @", "a @ ", "a @ https://example.org/a.zip ==1.0", "a @ https://example.org/a.zip os_name == 'nt'", "a ==1.0 @ https://example.org/a.zip", "https://example.org/a.zip", "./a", "git+https://example.org/a.git",
    "", " ", "#", "a # b", "a==1.0 --hash=sha256:00", "a==${V}", "a=={{ v }}", "a:1", "a/b", "a==1.0\\",
]
LINES += [f"a{one}" for one in SPECIFIERS if one] + [f"a {one} ; os_name == 'nt'" for one in SPECIFIERS if one and ";" not in one]

CONSTRAINTS = ["1.2.3", "1.2", "1", "==1.2.3", "== 1.2.3", "=1.2.3", "===1.2.3", "^1.2.3", "^1", "^ 1.2", "~1.2.3", "~1", "~=1.2.3", "~= 1.2", "*", "", "1.*", "1.2.*", "==1.2.*", "!=1.2.3", "!=1.*", ">1", ">=1.2", "> 1", "<2", "<= 2", ">=1,<2", ">=1, <2", ">= 1 , < 2", ">=1 <2", "^1 || ^2", "1.2.3 || 1.2.4", "1.2.3 | 1.2.4", "==1.2.3 || >=2", ">=1,==1.2.3", "1.2.3,>=1", "1.0rc1", "1.0-beta.2", "1.0+cpu", "==1.0+cpu", "newest", "^x", ">=a", "1.2.3 foo", "2024.1.15", "v1.2.3", "^1.2,!=1.2.5", ">=1.0,<2.0 || >=3", "1!2.0"]


def requirement(line):
    row = {"line": line, "name": None, "exact": False, "admits": []}
    try:
        read = Requirement(line)
    except InvalidRequirement:
        return row
    row["name"] = canonicalize_name(read.name)
    row["exact"] = any(one.operator == "===" or one.operator == "==" and not one.version.endswith(".*") for one in read.specifier)
    if read.url is None and not any(one.operator == "===" for one in read.specifier):
        row["admits"] = [version for version in VERSIONS if read.specifier.contains(Version(version), prereleases=True)]
    return row


def constraint(text):
    from poetry.core.constraints.version import VersionConstraint, parse_constraint
    from poetry.core.constraints.version.exceptions import ParseConstraintError

    try:
        read: VersionConstraint = parse_constraint(text)
    except (ParseConstraintError, ValueError):
        return {"constraint": text, "pin": None}
    pin = "exact" if read.is_simple() and not read.is_any() and hasattr(read, "release") else "latest" if read.is_any() else "range"
    return {"constraint": text, "pin": pin}


def record():
    import poetry.core

    head = {"packaging": packaging.__version__, "versions": VERSIONS}
    rows = [head] + [requirement(line) for line in LINES]
    poetry_rows = [{"poetry-core": poetry.core.__version__}] + [constraint(text) for text in CONSTRAINTS]
    def lines(rows):
        return "".join(json.dumps(row) + "\n" for row in rows)

    return {RECORD: lines(rows), POETRY: lines(poetry_rows)}


def table():
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    for path, text in record().items():
        path.write_text(text)
        print(f"{path.name}: {text.count(chr(10)) - 1} lines")


# Wheels of packages that nobody else has, for uv to resolve without any network.
WHEELS = [("alpha", "1.2.3"), ("alpha", "1.3.0"), ("beta", "2.0"), ("gamma_x", "0.5.1"), ("delta", "4.0.post1"), ("epsilon", "1!2.0")]

HEAD = '[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = ">=3.9"\n'
UV = '[tool.uv]\nno-index = true\nfind-links = ["{wheels}"]\n'

PROJECTS = {
    "plain": {"pyproject.toml": HEAD + 'dependencies = ["alpha>=1", "beta", "Gamma.X [more] ~=0.5 ; python_version < \'3.15\'", "delta (>=1,<5)"]\n' + UV},
    "groups": {
        "pyproject.toml": HEAD
        + 'dependencies = ["alpha >= 1, < 2"]\n[project.optional-dependencies]\nA = ["alpha>=1,<2", "beta>1"]\nb = ["beta>1", \'epsilon\']\n'
        + '[dependency-groups]\nlint = ["delta"]\ndev = ["gamma-x", {{include-group = "lint"}}]\n'
        + UV
    },
    "legacy": {"pyproject.toml": HEAD + "dependencies = []\n" + UV + 'dev-dependencies = ["alpha<1.3", "beta"]\n'},
    "root": {"pyproject.toml": '[dependency-groups]\ndev = ["alpha", "beta>=1"]\n' + UV},
    "workspace": {
        "pyproject.toml": HEAD + 'dependencies = ["member", "alpha"]\n' + UV + '[tool.uv.workspace]\nmembers = ["packages/*"]\n[tool.uv.sources]\nmember = {{ workspace = true }}\n',
        "packages/m/pyproject.toml": HEAD.replace("{name}", "member") + 'dependencies = ["alpha>=1", "beta"]\n',
    },
    "windows": {"pyproject.toml": (HEAD + 'dependencies = [\n    "alpha>=1",\n    "beta",\n]\n' + UV).replace("\n", "\r\n")},
}


def make(folder, name):
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    for package, version in WHEELS:
        with zipfile.ZipFile(wheels / f"{package}-{version}-py3-none-any.whl", "w") as wheel:
            info = f"{package}-{version}.dist-info"
            wheel.writestr(f"{package}.py", "")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\nProvides-Extra: more\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    for path, text in PROJECTS[name].items():
        path = folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.format(name="demo", wheels="wheels").encode())


def run(*command, cwd, expected=0):
    ended = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if expected is not None and ended.returncode != expected:
        sys.exit(f"{' '.join(map(str, command))}: exit {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended


def check(pinned, uv):
    for path, text in record().items():
        if path.read_text() != text:
            sys.exit(f"{path}: not what the library says: run `.ci/python.py table`, and see what the tests make of it")
    print(f"the record is what packaging {packaging.__version__} says of {len(LINES)} lines, and poetry-core of {len(CONSTRAINTS)}")
    for name in PROJECTS:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            make(folder, name)
            run("git", "init", "-q", cwd=folder)
            lock = [uv, "lock", "--offline", "--quiet", "--cache-dir", folder / ".cache"]
            run(*lock, cwd=folder)
            run("git", "add", "pyproject.toml", "uv.lock", cwd=folder)
            before = json.loads(run(pinned, "list", "--format", "json", cwd=folder).stdout)["declarations"]
            loose = [one for one in before if one["pin"] in ("latest", "range")]
            fixed = run(pinned, "fix", cwd=folder).stdout
            after = json.loads(run(pinned, "list", "--format", "json", cwd=folder).stdout)["declarations"]
            left = [one["name"] for one in after if one["pin"] in ("latest", "range")]
            if not loose or left:
                sys.exit(f"{name}: {len(loose)} were loose, {left} are still\n{fixed}")
            run(*lock, "--check", cwd=folder)
            text = (folder / "uv.lock").read_bytes()
            run(*lock, cwd=folder)
            same = "" if (folder / "uv.lock").read_bytes() == text else "; it would write it in another way"
            print(f"uv, {name}: {len(loose)} pinned, and the lockfile is accepted as it is{same}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["table"]:
            table()
        case ["check", pinned, uv]:
            check(pathlib.Path(pinned).resolve(), pathlib.Path(uv).resolve())
        case _:
            sys.exit(__doc__)
