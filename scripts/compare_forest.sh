#!/bin/bash
# The random forest of handseg against one in plain Python, on the same rendered frames: scripts/compare_forest.py.
#   scripts/compare_forest.sh [OUT]        OUT: build/forest; what is there of earlier frames is used
# Example:
#   scripts/compare_forest.sh /tmp/forest
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$(dirname "$(realpath "$0")")/.."
out=$(realpath -m "${1:-build/forest}")
scripts/install_deps.sh scores
make -s build/release/handseg
program=$PWD/build/release/handseg
mkdir -p "$out"
if [ ! -f "$out/frames.h5" ]; then
    "$program" synth --frames 500 --subjects 50 --seed 5 --size 160x120 --out "$out/frames"
    "$program" pack "$out/frames" --out "$out/frames.h5"
fi
/usr/bin/python3 scripts/compare_forest.py "$program" "$out/frames.h5" "$out"
