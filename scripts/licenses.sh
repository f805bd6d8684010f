#!/usr/bin/env bash
# Prints the licences of what is built into the program for a target: `licenses.sh TARGET`.
# Each text is printed once, below the packages that come with it; a package without one is named with what its manifest says.
set -euo pipefail

target=${1:?a target triple}
root=$(cd "$(dirname "$0")/.." && pwd)
home=${CARGO_HOME:-$HOME/.cargo}
home=${home//\\//} # as Windows has it
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Derives run when the program is built, and what they write is in it: they count. Build scripts do not.
cd "$root"
cargo tree --locked --target "$target" --edges normal --prefix none --format '{p}|{l}|{r}' |
    tr -d '\r' | sed -e 's/ (\*)$//' -e 's/ (proc-macro)//' | LC_ALL=C sort -u >"$work/tree"

: >"$work/files"
while IFS='|' read -r package license repository; do
    name=${package%% v*}
    version=${package#* v}
    version=${version%% *}
    [ "$name" != cargo-pinned ] || continue
    printf '%s %s: %s%s\n' "$name" "$version" "${license:-no licence is named}" "${repository:+, $repository}" >>"$work/packages"
    sources=
    for directory in "$home"/registry/src/*/"$name-$version"; do
        [ ! -d "$directory" ] || sources=$directory
    done
    if [ -z "$sources" ]; then
        echo "licenses.sh: the source of $name $version is not in $home/registry/src: \`cargo fetch --locked\` brings it" >&2
        exit 1
    fi
    find "$sources" -maxdepth 2 -type f \( -path "$sources/LICENSES/*" -o \( -not -path "$sources/*/*" \
        \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'copyright*' -o -iname 'notice*' -o -iname 'unlicense*' \) \) \) |
        LC_ALL=C sort >"$work/found"
    if [ ! -s "$work/found" ]; then
        printf '%s %s\n' "$name" "$version" >>"$work/without"
    fi
    while read -r file; do
        # Texts that differ in the ends of their lines alone are one.
        text=$(tr -d '\r' <"$file" | git hash-object --stdin)
        tr -d '\r' <"$file" >"$work/text-$text"
        printf '%s %s %s\n' "$text" "$name" "$version" >>"$work/files"
    done <"$work/found"
done <"$work/tree"

echo "cargo-pinned is built from these packages, for $target. Their licences are below."
echo
cat "$work/packages"
echo "Rust's standard library: MIT OR Apache-2.0, https://github.com/rust-lang/rust"
if [ -s "$work/without" ]; then
    printf '\nThese come without the text of a licence, which is named above:\n\n'
    cat "$work/without"
fi
cut -d ' ' -f 1 "$work/files" | awk '!seen[$0]++' | while read -r text; do
    printf '\n%s\n\n' "$(printf '=%.0s' {1..100})"
    awk -v text="$text" '$1 == text { print $2 " " $3 }' "$work/files" | awk '!seen[$0]++'
    printf '\n%s\n\n' "$(printf -- '-%.0s' {1..100})"
    cat "$work/text-$text"
done
