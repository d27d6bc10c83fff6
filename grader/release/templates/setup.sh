#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, the jail, the grader.
set -euo pipefail
source=${AUTOGRADER:-/autograder}/source

new_enough() { command -v "$1" >/dev/null && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=
find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        if new_enough "$candidate"; then python=$candidate; return 0; fi
    done
    return 1
}

if ! find_python; then
    apt-get update -qq
    for version in 3.13 3.12 3.11; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version" "python$version-venv" && break
    done
    find_python
fi
bash "$source/confine.sh"
"$python" -m venv "${AUTOGRADER:-/autograder}/venv"
"${AUTOGRADER:-/autograder}/venv/bin/pip" install --quiet --disable-pip-version-check "@REQUIREMENT@"
chmod -R go-rwx "$source"
