#!/usr/bin/env bash
# Makes a virtual environment with the peers (once) and runs versus.py in it.
#   analysis/versus/versus.sh --spectra target/release/spectra
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${VERSUS_VENV:-$here/.venv}"
if [ ! -e "$venv/ready" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r "$here/requirements.txt"
    touch "$venv/ready"
fi
exec "$venv/bin/python" "$here/versus.py" "$@"
