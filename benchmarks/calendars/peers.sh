#!/usr/bin/env bash
# Our feeds beside those of others: peers.sh [serving|making]     (without a word: both)
# The peers get an environment of their own, var/calendar-peers, from requirements-peers.lock; wrk is Debian's.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
command -v wrk >/dev/null || sh deploy/debian.sh wrk
sh deploy/tools.sh var/calendar-peers "$here/requirements-peers.lock"
export PYTHONPATH=.
case ${1:-both} in
  serving) .venv/bin/python -m benchmarks.calendars.bench_serving ;;
  making) .venv/bin/python -m benchmarks.calendars.bench_making ;;
  both) "$0" serving; "$0" making ;;
  *) echo "usage: peers.sh [serving|making]" >&2; exit 2 ;;
esac
