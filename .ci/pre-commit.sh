#!/usr/bin/env bash
# Runs the pre-commit framework itself with our hooks: pre-commit.sh BINARY PROGRAMS [--from-source]
#
# PROGRAMS is the directory that has `pre-commit`. The hook `cargo-pinned-system` runs BINARY; with --from-source the hook
# `cargo-pinned` is built and run too, as pre-commit would on a user's machine.
set -euo pipefail
binary=$(realpath "$1") programs=$(realpath "$2") from_source=${3:-}
repository=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/bin" "$scratch/home"
ln -s "$binary" "$scratch/bin/cargo-pinned"
# What this repository has built already need not be built again, and what is built is to work, not to be fast.
export CARGO_PINNED_INSTALL_OPTIONS=--debug
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$repository/target}"
export PATH="$scratch/bin:$programs:$PATH" PRE_COMMIT_HOME="$scratch/cache"
# No configuration of the user's, and no index of a git that runs us.
export GIT_CONFIG_GLOBAL="$scratch/home/gitconfig" GIT_CONFIG_SYSTEM=/dev/null
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
git config --global user.name test
git config --global user.email test@example.com
git config --global init.defaultBranch main
git config --global protocol.file.allow always

# The hooks from a clone, as users get them, with what is not committed yet.
git clone --quiet "$repository" "$scratch/hooks"
(cd "$repository" && git ls-files -z --cached --others --exclude-standard .pre-commit-hooks.yaml scripts) |
    (cd "$repository" && xargs -0 cp --parents --target-directory="$scratch/hooks")
git -C "$scratch/hooks" add --all
git -C "$scratch/hooks" commit --quiet --allow-empty --message hooks
revision=$(git -C "$scratch/hooks" rev-parse HEAD)

failed=0
fail() { printf 'FAIL %s: %s\n' "$id" "$1"; sed 's/^/    /' "$scratch/said"; failed=1; }
# Whether a commit passes, and what it says.
commit() { git commit --message test "$@" >"$scratch/said" 2>&1; }
passes() { local what=$1; shift; commit "$@" || fail "$what is refused"; }
refused() {
    local what=$1
    shift
    if commit "$@"; then fail "$what passes"; fi
    grep -q 'unpinned-crate.*serde' "$scratch/said" || fail "$what: the finding is not named"
}
manifest() {
    printf '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nserde = "%s"\n' "$1" >Cargo.toml
}
scratch_repository() {
    mkdir "$scratch/$1" && cd "$scratch/$1"
    git init --quiet
    manifest '=1.0.228'
    cat >Cargo.lock <<'LOCK'
version = 4

[[package]]
name = "demo"
version = "0.1.0"
dependencies = [
 "serde",
]

[[package]]
name = "serde"
version = "1.0.228"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
LOCK
    cat >.pre-commit-config.yaml <<CONFIG
repos:
  - repo: $scratch/hooks
    rev: $revision
    hooks:
      - id: $1
CONFIG
    git add --all
}

try() {
    id=$1
    scratch_repository "$id"
    pre-commit install >/dev/null
    passes 'the first commit, without floats'
    manifest '1.0'
    refused 'a float' --all
    git add Cargo.toml
    manifest '=1.0.228'
    refused 'a float that is staged, and exact on the disk'
    git add Cargo.toml
    manifest '1.0'
    passes 'what is exact where it is staged, and floats on the disk' --allow-empty
    git commit --quiet --no-verify --all --message 'a float that got in'
    printf '\n# A comment.\n' >>Cargo.toml
    passes 'a commit to a repository that has a float already' --all
    printf 'serde_json = "1"\n[build-dependencies]\nserde = "1"\n' >>Cargo.toml
    refused 'a second float' --all
}

# Our own hook and that of the framework in one file, whichever comes first.
compose() {
    id="init --hook"
    scratch_repository compose
    printf 'repos:\n  - repo: local\n    hooks: [{id: note, name: note, entry: touch ran, language: system, always_run: true, pass_filenames: false}]\n' \
        >.pre-commit-config.yaml
    printf '/ran\n/pinned.toml\n' >.gitignore
    git add --all
    for order in before after; do
        rm -f .git/hooks/pre-commit* ran
        if [ $order = before ]; then cargo-pinned init --hook --root . >/dev/null; fi
        pre-commit install >/dev/null
        if [ $order = after ]; then cp .git/hooks/pre-commit "$scratch/plain"; fi
        cargo-pinned init --hook --root . >/dev/null
        manifest '=1.0.228'
        passes "a commit without floats, $order" --all --allow-empty
        [ -e ran ] || fail "the framework's hooks did not run, $order"
        manifest '*'
        refused "a float, $order" --all
        cargo-pinned init --remove-hook >/dev/null
        ! grep -qs 'cargo-pinned' .git/hooks/pre-commit* || fail "something is left, $order"
    done
    cmp .git/hooks/pre-commit "$scratch/plain" || fail "the framework's hook is not as it was"
}

try cargo-pinned-system
if [ "$from_source" = --from-source ]; then try cargo-pinned; fi
compose
if [ $failed = 0 ]; then echo "pre-commit $(pre-commit --version | cut -d' ' -f2): all as expected"; fi
exit $failed
