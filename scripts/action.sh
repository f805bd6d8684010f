#!/usr/bin/env bash
# The step of action.yml: finds the program and the base, runs one check, and hands on its reports and its exit code.
set -euo pipefail

# What could not be done, as an annotation; the tool's own exit code for that.
stop() {
    printf '::error title=cargo-pinned::%s\n' "$1"
    exit 2
}

# The workspace of a job in a container may belong to another user.
in_git() { git -c safe.directory='*' "$@" 2>/dev/null; }

# The revision to compare with; nothing where everything counts.
base() {
    case $PINNED_BASE in
        auto) ;;
        none) return ;;
        *) printf '%s' "$PINNED_BASE" && return ;;
    esac
    case ${GITHUB_EVENT_NAME:-} in
        pull_request)
            # GitHub merges the change into its target for a try. Anywhere else the first parent is just the last commit.
            local parents
            parents=$(in_git cat-file commit HEAD | sed '/^$/q' | sed -n 's/^parent //p') || true
            if [ "$(wc -w <<<"$parents")" -lt 2 ]; then
                stop "the commit that is checked out is not the merge commit of the pull request, so that its base is not known: leave out ref in actions/checkout, or name a base"
            fi
            in_git cat-file -e "${parents%%$'\n'*}" ||
                stop 'the base of the pull request was not fetched: give actions/checkout fetch-depth: 2'
            printf 'HEAD^1'
            ;;
        merge_group)
            [ -n "$PINNED_MERGE_GROUP" ] || stop 'the event names no base: name a base'
            in_git cat-file -e "$PINNED_MERGE_GROUP^{commit}" ||
                stop 'the base of the merge group was not fetched: give actions/checkout fetch-depth: 0'
            printf '%s' "$PINNED_MERGE_GROUP"
            ;;
    esac
}

# A path as programs of this system read it: the shell of a Windows runner has its own way.
absolute() {
    if command -v cygpath >/dev/null 2>&1; then cygpath -am -- "$1"; else realpath -- "$1"; fi
}

# The program: the one that is named, the one on the PATH, else this revision's own.
program() {
    if [ -n "$PINNED_BINARY" ]; then
        command -v -- "$PINNED_BINARY" >/dev/null || stop 'there is no such program as binary names' >&2
        printf '%s' "$PINNED_BINARY"
    elif command -v cargo-pinned; then
        :
    else
        # From its own directory, whose toolchain file counts there, and not the one under check.
        (cd "$GITHUB_ACTION_PATH" && cargo install --locked --quiet --path . --root "$RUNNER_TEMP/cargo-pinned") >&2 ||
            stop 'there is no cargo-pinned on the PATH, and it cannot be built' >&2
        printf '%s' "$RUNNER_TEMP/cargo-pinned/bin/cargo-pinned"
    fi
}

cd "${GITHUB_WORKSPACE:-.}"
cd -- "$PINNED_DIRECTORY" || stop 'there is no such directory as working-directory names'
sarif=${PINNED_SARIF:-$RUNNER_TEMP/cargo-pinned.sarif}
json=$RUNNER_TEMP/cargo-pinned.json
markdown=$RUNNER_TEMP/cargo-pinned.md
case $sarif in *$'\n'*) stop 'sarif-file must be one line' ;; esac
rm -f -- "$sarif" "$json" "$markdown" || stop 'sarif-file names no file that can be written'

# What `stop` says in these goes to the log, and its exit code ends the step.
if ! base=$(base); then printf '%s\n' "$base" && exit 2; fi
program=$(program)

arguments=(check --format "$PINNED_FORMAT" --output "sarif=$sarif" --output "json=$json")
if [ "$PINNED_SUMMARY" = true ]; then arguments+=(--output "markdown=$markdown"); fi
if [ -n "$base" ]; then arguments+=(--base "$base"); fi
if [ -n "$PINNED_POLICY" ]; then arguments+=(--config "$PINNED_POLICY"); fi
# Without a base there is no other policy to judge by.
if [ -n "$base" ] && [ -n "$PINNED_POLICY_FROM" ]; then arguments+=(--policy-from "$PINNED_POLICY_FROM"); fi
# Split at whitespace; nothing in it is expanded.
IFS=$' \t\n' read -r -d '' -a more <<<"$PINNED_ARGUMENTS" || true

code=0
# As bash 3.2 of macOS wants it, to which a list of nothing is unset.
"$program" "${arguments[@]}" ${more[@]+"${more[@]}"} || code=$?
# `--help` among the arguments is no verdict.
if [ "$code" = 0 ] && ! [ -f "$json" ]; then stop 'nothing was judged: see arguments'; fi

if [ -f "$markdown" ]; then cat -- "$markdown" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"; fi
{
    if [ -f "$sarif" ]; then printf 'sarif=%s\n' "$(absolute "$sarif")"; fi
    if [ -f "$json" ]; then printf 'findings=%s\n' "$(grep -oE '"deny": *[0-9]+' "$json" | head -n 1 | grep -oE '[0-9]+')"; fi
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
