#!/usr/bin/env bash
# Writes the tables of reports/calibration/: how often each sentence of `analyze` and of `families` is wrong.
#   analysis/calibration/run.sh [SCALE]     a scale of 0.1 takes a tenth of the matrices (default 1, an hour of one core)
set -euo pipefail
cd "$(dirname "$0")/../.."
scale=${1:-1}
cargo build --release --example calibration --example families_calibration
target=${CARGO_TARGET_DIR:-target}/release/examples
"$target/calibration" --scale "$scale" > reports/calibration/analyze.md
"$target/families_calibration" > reports/calibration/families.md
