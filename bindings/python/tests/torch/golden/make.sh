#!/usr/bin/env bash
# Writes the golden files again with the program: bindings/python/tests/torch/golden/make.sh path/to/spectra
set -euo pipefail
spectra=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

"$spectra" train families.toml --out "$work/run" --device cpu > /dev/null 2>&1
cp "$work/run/checkpoints/step-00000001.safetensors" families.safetensors
"$spectra" train phases.toml --out "$work/phases" --device cpu > /dev/null 2>&1
cp "$work/phases/checkpoints/step-00000003.safetensors" phases.safetensors

fit() {
    name=$1
    shift
    "$spectra" fit-basis "$@" weights.safetensors --no-controls --seed 11 --out "fit-$name.safetensors" > /dev/null
    "$spectra" rebuild "fit-$name.safetensors" --output "$work/$name.safetensors" > /dev/null 2>&1
    mv "$work/$name.safetensors" "dense-$name.safetensors"
}

for basis in gaussian rademacher rank-one circulant dct pixels projection diagonal fastfood srht; do
    fit "$basis" --k 5 --basis "$basis"
done
fit dct-image --k 20 --basis dct --image 6x2
fit three --p 3 --k 5,7,6 --basis gaussian,srht,circulant --residual --inner 9,10
fit links --p 2 --k 4,30 --basis rank-one,fastfood --link tanh,exp
fit residual --p 2 --k 5 --basis pixels,projection --residual --link square
