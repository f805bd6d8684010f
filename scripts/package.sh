#!/usr/bin/env bash
# Packs a built binary with what belongs beside it: `package.sh TARGET DIRECTORY_OF_THE_BINARY OUT`.
# An archive of the same commit is the same, byte for byte, where tar is GNU's.
set -euo pipefail

target=${1:?a target triple}
built=${2:?the directory of the binary}
out=${3:?a directory for the archive}
root=$(cd "$(dirname "$0")/.." && pwd)
case $target in *windows*) exe=.exe ;; *) exe= ;; esac
binary=$(cd "$built" && pwd)/cargo-pinned$exe
name=cargo-pinned-$("$binary" --version | awk '{ print $2 }')-$target

mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$name/completions"
cp "$binary" "$work/$name/"
# README.md leads to the book, and the book to the schemas.
cp -r "$root"/docs "$root"/schemas "$work/$name/"
cp "$root"/README.md "$root"/CHANGELOG.md "$root"/LICENSE-* "$work/$name/"
"$root"/scripts/licenses.sh "$target" >"$work/$name/THIRD-PARTY-LICENSES"
"$binary" completions bash >"$work/$name/completions/cargo-pinned.bash"
"$binary" completions zsh >"$work/$name/completions/_cargo-pinned"
"$binary" completions fish >"$work/$name/completions/cargo-pinned.fish"
"$binary" completions powershell >"$work/$name/completions/_cargo-pinned.ps1"
"$binary" man --output "$work/$name/man"

cd "$work"
case $target in
*windows*) 7z a -bso0 "$out/$name.zip" "$name" ;;
*)
    if tar --version 2>/dev/null | grep -q 'GNU tar'; then
        moment=$(git -C "$root" log -1 --format=%ct)
        tar --sort=name --mtime="@$moment" --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n9 >"$out/$name.tar.gz"
    else
        # macOS' own tar packs what only macOS knows of a file as files beside it, if it may.
        COPYFILE_DISABLE=1 tar -czf "$out/$name.tar.gz" "$name"
    fi
    ;;
esac
