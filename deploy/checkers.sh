#!/bin/sh
# axe-core, HTML_CodeSniffer (what pa11y finds faults with) and the W3C's checker, as their lock says: checkers.sh FOLDER.
# Does nothing when FOLDER is as new as the lock.
set -eu
to=$1 here=$(dirname "$0") from=$(dirname "$0")/../tests/browser/checkers
command -v java >/dev/null || sh "$here/debian.sh" default-jre-headless
[ "$to/.done" -nt "$from/package-lock.json" ] && exit 0
command -v npm >/dev/null || sh "$here/debian.sh" npm
mkdir -p "$to"
cp "$from/package.json" "$from/package-lock.json" "$to"
npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --loglevel=error
touch "$to/.done"
