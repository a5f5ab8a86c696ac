#!/bin/bash
# How good the automatic labels are: renders recordings of people in gloves, calibrates, annotates, and compares
# the masks with the true ones.
#   scripts/score_annotation.sh --frames N --subjects K --seed S --out DIR
# Prints a table and writes DIR/score.json (mean_iou, precision, rejected, caught). HS_SCORE_ANNOTATE: more
# arguments for `handseg annotate`. What is there of an interrupted or an earlier run of the same frames is used.
# Example:
#   scripts/score_annotation.sh --frames 300 --subjects 4 --seed 2001 --out build/annotation
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
usage() { echo "usage: $0 --frames N --subjects K --seed S --out DIR" >&2; exit 2; }
frames=300 subjects=4 seed=1 out=
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --frames) frames=$2 ;; --subjects) subjects=$2 ;; --seed) seed=$2 ;; --out) out=$2 ;; *) usage ;;
    esac
    shift 2
done
[ -n "$out" ] || usage
out=$(realpath -m "$out")
cd "$(dirname "$(realpath "$0")")/.."
scripts/install_deps.sh scores
make -s build/release/handseg
program=$PWD/build/release/handseg
mkdir -p "$out"
"$program" synth --recording --frames "$frames" --subjects "$subjects" --seed "$seed" --out "$out/recordings"
"$program" calibrate "$out/recordings/calibration" --out "$out/calib.ini" --force
rm -rf "$out/labelled"
# shellcheck disable=SC2086
"$program" annotate "$out/recordings" --calib "$out/calib.ini" --out "$out/labelled" ${HS_SCORE_ANNOTATE:-}
/usr/bin/python3 scripts/score_annotation.py "$out/recordings" "$out/labelled" "$out"
