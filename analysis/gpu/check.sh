#!/usr/bin/env bash
# Checks and times the GPU path on hardware, in under eight minutes, on a machine that need not have a compiler.
#
#   analysis/gpu/check.sh build FOLDER        builds what the check runs, into FOLDER, and packs it as FOLDER.tar.xz
#   analysis/gpu/check.sh run FOLDER OUT      runs it from FOLDER or FOLDER.tar.xz: times by device, the GPU tests, steps beside PyTorch
#
# The first is for the machine with Rust, the second for the one with the GPU: a Vulkan driver, and PyTorch with CUDA for the steps
# beside it. Each part has a limit of its own and what failed is said at the end: a part that fails does not end the others.
set -euo pipefail
cd "$(dirname "$0")/../.."
action=${1:?build or run is needed} binaries=${2:?a folder is needed}

build() {
    mkdir -p "$binaries"
    local target=${CARGO_TARGET_DIR:-target}
    cargo build --release --bin spectra --example device_table --example serve_train_step
    cp "$target/release/spectra" "$target/release/examples/"{device_table,serve_train_step} "$binaries/"
    cargo test --release --test gpu --no-run --message-format json |
        python3 -c 'import json, sys
for message in map(json.loads, sys.stdin):
    if message.get("executable") and message["target"]["kind"] == ["test"]:
        print(message["executable"])' |
        while read -r path; do cp "$path" "$binaries/gpu_tests"; done
    strip "$binaries"/*
    # The tests hold the paths of the program and of the repository as they were when they were compiled.
    realpath "$target/release/spectra" >"$binaries/program.path"
    pwd >"$binaries/repository.path"
    tar -C "$binaries" -cJf "$binaries.tar.xz" .
    ls -l "$binaries.tar.xz"
}

failed=()

# part NAME SECONDS FILE COMMAND...: runs a command, its output in FILE, and shows the end of it.
part() {
    local name=$1 limit=$2 file=$3
    shift 3
    printf '== %s\n' "$name"
    timeout "$limit" "$@" >"$file" 2>&1 || failed+=("$name: exit status $?")
    tail -n 4 "$file"
}

# stand_in PATH TARGET: makes PATH a link to TARGET where nothing lies there.
stand_in() {
    if [ ! -e "$1" ]; then
        mkdir -p "$(dirname "$1")"
        ln -s "$(realpath "$2")" "$1"
    fi
}

run() {
    local out=${1:?a folder for the results is needed}
    mkdir -p "$out"
    if [ ! -d "$binaries" ]; then
        mkdir -p "$binaries"
        tar -C "$binaries" -xJf "$binaries.tar.xz"
    fi
    stand_in "$(cat "$binaries/program.path")" "$binaries/spectra"
    stand_in "$(cat "$binaries/repository.path")" .
    export SPECTRA_TEST_GPU=require
    part "devices" 30 "$out/devices.txt" "$binaries/spectra" devices
    part "times by device" 180 "$out/device_table.md" "$binaries/device_table"
    part "GPU tests" 120 "$out/tests.txt" "$binaries/gpu_tests"
    part "steps beside PyTorch" 90 "$out/steps.txt" python3 analysis/versus/train_steps.py --device gpu --rounds 3 \
        --binary "$binaries/serve_train_step"
}

case $action in
build) build ;;
run)
    run "${3:-}"
    if [ ${#failed[@]} -gt 0 ]; then
        printf 'failed: %s\n' "${failed[@]}"
        exit 1
    fi
    ;;
*)
    echo "$action: build or run is needed" >&2
    exit 2
    ;;
esac
