#!/bin/sh
# Create the virtual environment from a hashed lock: setup.sh VENV LOCK. Uses uv when it is there, pip otherwise.
set -eu
venv=$1 lock=$2 python=${PYTHON:-python3}
packages=$(grep -c '^[a-z].*==' "$lock")

"$python" - <<'PY' || exit 1
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(f"Quinzaine needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. Give another: make PYTHON=python3.12 run")
PY

# what pip says becomes one line that counts, its errors are shown; Python compiles later what it really imports
with_pip() {
    { "$venv/bin/python" -m pip install --disable-pip-version-check --no-color --no-compile "$@" 2>&1; echo "exit $?"; } |
        awk -v total="$packages" -v live="$([ -t 1 ] && echo yes)" '
            /^Collecting / { if (live || ++n % 10 == 0) printf live ? "\r\033[K  %d / %d %s" : "  %d / %d %s\n", live ? ++n : n, total, $2 }
            /^Installing collected/ { printf live ? "\r\033[K  %s\n" : "  %s\n", "unpacking ..." }
            /^ERROR|^  *ERROR|^error/ { print }
            /^exit [0-9]+$/ { code = $2 }
            { fflush() }
            END { exit code }'
}

if command -v uv >/dev/null 2>&1; then
    echo "Installing $packages packages with uv into $venv ..."
    [ -x "$venv/bin/python" ] || uv venv -q --python "$python" "$venv"
    uv pip install --python "$venv/bin/python" --require-hashes -r "$lock"
    uv pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
    echo "Installing $packages packages with pip into $venv (a minute or two the first time) ..."
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    with_pip --require-hashes --no-deps -r "$lock"
    with_pip --no-deps --no-build-isolation --editable .
fi
