#!/usr/bin/env bash
# Prints what the changelog says of a version, by its tag, and fails unless Cargo.toml is of that version: `version.sh v1.2.3`.
set -euo pipefail
cd "$(dirname "$0")/.."

tag=${1:?a tag, such as v1.2.3}
version=${tag#v}
# The first one is the package's own.
declared=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
if [ "$tag" != "v$declared" ]; then
    echo "the tag is $tag, and Cargo.toml is of $declared" >&2
    exit 1
fi
notes=$(awk -v heading="## [$version]" 'index($0, "## [") == 1 { on = index($0, heading) == 1; next } on' CHANGELOG.md)
if [ -z "$(printf '%s' "$notes" | tr -d '[:space:]')" ]; then
    echo "CHANGELOG.md says nothing of $version" >&2
    exit 1
fi
printf '%s\n' "$notes"
