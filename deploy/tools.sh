#!/bin/sh
# Give programs that only tests or benchmarks need an environment of their own, from a hashed lock: tools.sh VENV LOCK.
# Does nothing when VENV is as new as LOCK.
set -eu
venv=$1 lock=$2
[ "$venv/.done" -nt "$lock" ] && exit 0
echo "Installing $(grep -c '^[a-z].*==' "$lock") packages of $lock into $venv ..."
"${PYTHON:-python3}" -m venv --clear "$venv"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-compile --require-hashes --no-deps -r "$lock"
touch "$venv/.done"
