#!/usr/bin/env bash
# Builds the wheel for this machine's Python, installs it into a fresh virtual environment and runs its tests there.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/../../target}
python=${PYTHON:-python3}
work=$target/python
rm -rf "$work/wheels" "$work/venv"
mkdir -p "$work"

"$python" -m venv "$work/build"
"$work/build/bin/pip" install --quiet 'maturin>=1.9,<2'
PATH=$work/build/bin:$PATH maturin build --quiet --compression-level 9 --out "$work/wheels"
bytes=$(stat -c %s "$work"/wheels/*.whl)
echo "megabytes of the wheel: $((bytes / 1000000)) (at most 14)"
[ "$bytes" -lt 15000000 ]

"$python" -m venv "$work/venv"
install() { "$work/venv/bin/pip" install --quiet "$@"; }
install "$work"/wheels/*.whl
# The wheel by itself needs nothing.
"$work/venv/bin/python" -c 'import spectra_weights'
"$work/venv/bin/spectra" --version
"$work/venv/bin/fit-basis" --version
install numpy pandas polars pyarrow mypy pytest
# Without PyTorch its tests are reported as skipped, and only where there is none for this machine.
if ! install torch --index-url https://download.pytorch.org/whl/cpu &&
    ! timeout 1200 "$work/venv/bin/pip" install --quiet torch; then
    echo "no PyTorch for this machine: tests that need it are skipped"
    export SPECTRA_TEST_WITHOUT=torch
fi
check() { "$work/venv/bin/mypy" "$@"; }
check --config-file pyproject.toml python/spectra_weights/*.py python/spectra_weights/compat
if [ -z "${SPECTRA_TEST_WITHOUT:-}" ]; then
    install accelerate lightning peft safetensors tensorboard transformers
    # These parts are checked with the types of NumPy, whose stubs are newer than the oldest Python.
    check --config-file= --strict --disable-error-code=import-untyped python/spectra_weights/{monitor,torch}
fi
"$work/venv/bin/python" -m pytest -q -rs tests
