#!/usr/bin/env bash
# Has Renovate itself judge the configuration in docs/updates.md, and say what it would do to a small project.
# Needs node 24 and npm; installs Renovate, without running its scripts, below the target directory.
set -euo pipefail
cd "$(dirname "$0")/.."
version=44.121.2
if ! command -v npm >/dev/null 2>&1 || [ "$(node --version | cut -d. -f1 | tr -d v)" -lt 24 ]; then
    echo "LEFT OUT: Renovate needs node 24 and npm; its configuration in docs/updates.md was validated by nothing"
    exit 0
fi
where=${CARGO_TARGET_DIR:-$PWD/target}/renovate
if [ ! -d "$where/node_modules/renovate" ]; then
    mkdir -p "$where"
    npm install --prefix "$where" --ignore-scripts --no-audit --no-fund --no-save --loglevel error "renovate@$version" >&2
fi
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
# shellcheck disable=SC2016 # The backquotes are of Markdown.
sed -n '/^```json$/,/^```$/p' docs/updates.md | sed '1d;$d' >"$project/renovate.json"
mkdir "$project/src"
touch "$project/src/lib.rs"
cat >"$project/Cargo.toml" <<'TOML'
[package]
name = "demo"
version = "0.1.0"
edition = "2021"

[dependencies]
serde = "=1.0.200"
serde_derive = "=1.0.200"
semver = "1.0.20"
TOML
cargo generate-lockfile --quiet --manifest-path "$project/Cargo.toml"
git -C "$project" init --quiet
git -C "$project" add --all
git -C "$project" -c user.name=a -c user.email=a@example.com commit --quiet --message start
cd "$project"
node "$where/node_modules/renovate/dist/config-validator.js" --strict --no-global renovate.json >validated 2>&1 || { cat validated; exit 1; }
tail -1 validated
LOG_LEVEL=debug LOG_FORMAT=json node "$where/node_modules/renovate/dist/renovate.js" --platform=local --dry-run=lookup >log 2>&1
python3 - <<'PY'
import json
lines = [json.loads(line) for line in open("log") if line.startswith("{")]
found = next(line["config"]["cargo"] for line in lines if line["msg"] == "packageFiles with updates")
told = {d["depName"]: d["updates"][0] for file in found for d in file["deps"] if d.get("updates")}
branches = {told[name]["branchName"] for name in ("serde", "serde_derive")}
assert len(branches) == 1, f"the two do not move together: {branches}"
for name in ("serde", "serde_derive", "semver"):
    assert told[name]["newValue"] == "=" + told[name]["newVersion"], told[name]
assert told["serde"]["updateType"] != "pin" and told["semver"]["updateType"] == "pin", told
print("Renovate would move", ", ".join(f"{name} to {one['newValue']} on {one['branchName']}" for name, one in told.items()))
PY
