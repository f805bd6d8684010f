#!/bin/sh
# What the pre-commit framework runs: cargo-pinned, built once from the clone that this script is in.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
binary=$here/.pre-commit/bin/cargo-pinned
# The clone is of one revision and never changes: what was built from it once, stays right.
if [ ! -x "$binary" ]; then
    # From the clone, so that its own toolchain file counts, and not that of the repository under check.
    # shellcheck disable=SC2086 # Several options: our own tests build without optimising.
    (cd "$here" && env -u GIT_DIR -u GIT_INDEX_FILE -u GIT_WORK_TREE \
        cargo install --locked --quiet ${CARGO_PINNED_INSTALL_OPTIONS:-} --path . --root .pre-commit) >&2
fi
exec "$binary" "$@"
