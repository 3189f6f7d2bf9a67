#!/bin/sh
# Create the virtual environment from a hashed lock: setup.sh VENV LOCK. Uses uv when it is there, pip otherwise.
set -eu
venv=$1 lock=$2 python=${PYTHON:-python3}
"$python" - <<'PY' || exit 1
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(f"Quinzaine needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. Give another: make PYTHON=python3.12 run")
PY
if command -v uv >/dev/null 2>&1; then
    echo "Installing $(grep -c '==' "$lock") packages with uv into $venv ..."
    [ -x "$venv/bin/python" ] || uv venv -q --python "$python" "$venv"
    uv pip install -q --python "$venv/bin/python" --require-hashes -r "$lock"
    uv pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
    echo "Installing $(grep -c '==' "$lock") packages with pip into $venv (a minute or two the first time) ..."
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r "$lock"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi
