#!/usr/bin/env bash
# Our planner beside its peers: install what the peers need, run all, print the tables and draw the pictures.
# usage: peers.sh [--seconds S] [--only PEER] [INSTANCE.json ...]      (make bench-peers)
# The peers get an environment of their own, var/peers-venv, from requirements-peers.lock; FET and a JDK (for Timefold)
# are Debian's, installed when missing. A peer that cannot be installed is named in the table with the reason.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
venv=$project/var/peers-venv
lock=$here/requirements-peers.lock

say() { echo "peers: $*" >&2; }

install_missing() {
  local missing=()
  command -v fet-cl >/dev/null || missing+=(fet)
  command -v javac >/dev/null || missing+=(default-jdk-headless)
  [ ${#missing[@]} = 0 ] && return
  sh "$project/deploy/debian.sh" "${missing[@]}" || say "without ${missing[*]} the table says which peers could not run"
}

install_python() {
  [ -f "$venv/.done" ] && [ "$venv/.done" -nt "$lock" ] && return
  say "installing the peers' Python packages into $venv"
  mkdir -p "$(dirname "$venv")"
  "${PYTHON:-python3}" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  touch "$venv/.done"
}

install_missing
install_python
exec "$project/.venv/bin/python" "$here/bench_peers.py" "$@"
