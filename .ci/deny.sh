#!/usr/bin/env bash
# Judges our own dependencies: by deny.toml, and whether each is used. `deny.sh PROGRAMS` names the directory of cargo-deny and
# cargo-shear. Beyond what cargo fetches by the lockfiles it asks nobody.
#
# Advisories are in a database of their own, a repository in git. `ADVISORIES=DIR` names a clone of it; `ADVISORIES=online` gets it.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${1:?the directory of cargo-deny}

deny() {
    local manifest=$1
    shift
    "$programs/cargo-deny" --manifest-path "$manifest" --config deny.toml --locked "${offline[@]}" check "$@"
}

# What other platforms need is not here after a build.
offline=()
manifests=(Cargo.toml)
if [ -f fuzz/Cargo.toml ]; then
    manifests+=(fuzz/Cargo.toml)
fi
for manifest in "${manifests[@]}"; do
    cargo fetch --quiet --locked --manifest-path "$manifest"
done
offline=(--offline)
# What is let through for a package that is gone would be let through when it comes back; each manifest needs but some of it.
unused=(-D unmatched-skip -D license-not-encountered)
for manifest in "${manifests[@]}"; do
    deny "$manifest" "${unused[@]}" -A license-exception-not-encountered bans licenses sources
    unused=(-A unmatched-skip -A license-not-encountered)
done

"$programs/cargo-shear" --locked --offline .

case ${ADVISORIES:-} in
'')
    echo "LEFT OUT: no ADVISORIES, so no advisory was looked for; name a clone of RustSec's advisory-db, or \`online\`"
    exit 0
    ;;
online) ;;
*)
    directory=$(cd "$ADVISORIES" && pwd)
    echo "advisories as of $(git -C "$directory" log -1 --format=%cs)"
    # cargo-deny gets the database by git, from where it always does: git is told to take this clone for it.
    export CARGO_NET_OFFLINE=true GIT_CONFIG_COUNT=1
    export GIT_CONFIG_KEY_0=url.file://$directory.insteadOf GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
    ;;
esac
offline=()
for manifest in "${manifests[@]}"; do
    deny "$manifest" advisories
done
