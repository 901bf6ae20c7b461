#!/bin/sh
# Create the virtual environment and install the packages of a lock file, and this project in editable mode.
# usage: environment.sh VENV LOCK
set -eu
venv=$1 lock=$2

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Without a choice, the system's Python, if it can create environments: distributions compile it with
# profile-guided optimization. Version managers often do not, which costs a third more CPU.
python=${PYTHON:-python3}
if [ -z "${PYTHON:-}" ] && is_new_enough /usr/bin/python3 && /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then
    python=/usr/bin/python3
fi
if ! is_new_enough "$python"; then
    echo "Minga needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Creating the environment in $venv…"
    if ! "$python" -m venv --clear "$venv" >/dev/null 2>&1; then
        # On Debian, venv and pip are in a separate package.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        fi
        "$python" -m venv --clear "$venv"
    fi
fi
echo "Installing the packages of $lock…"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
