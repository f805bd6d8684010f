#!/usr/bin/env bash
# Prints the directory of the programs of .ci/requirements.txt, installed where they are not yet; fails where they cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${CARGO_TARGET_DIR:-$PWD/target}/ci-venv
if ! cmp -s .ci/requirements.txt "$venv/installed"; then
    {
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement .ci/requirements.txt
        cp .ci/requirements.txt "$venv/installed"
    } >&2
fi
printf '%s\n' "$venv/bin"
