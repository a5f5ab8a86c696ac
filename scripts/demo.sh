#!/bin/bash
# The main job from nothing: renders people and their hands as a depth camera sees them, packs the frames,
# trains the proposed network, evaluates it on people it has not seen, and draws what it sees.
#   scripts/demo.sh PROGRAM FOLDER
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
mkdir -p "$2"
out=$2
began=$SECONDS

step() { printf '\n== %s\n' "$*" >&2; }

step "1/5 rendering 4000 labelled depth frames of 80 people"
rm -rf "$out/frames" "$out/run" "$out/evaluation" "$out/segmented"
"$program" synth --profile handseg --frames 4000 --subjects 80 --size 320x240 --seed 1 --out "$out/frames"

step "2/5 packing them, split by person"
"$program" pack "$out/frames" --out "$out/demo.h5" --force

step "3/5 training the proposed network (configs/train/demo.ini)"
"$program" train configs/train/demo.ini --set data.file="$out/demo.h5" --set train.out="$out/run"

step "4/5 evaluating on people it has not seen"
"$program" evaluate "$out/run/best.h5" --data "$out/demo.h5" --split test \
    --out "$out/evaluation" --overlays "$out/evaluation/overlays"

step "5/5 segmenting frames from PNG files, as for your own"
mapfile -t frames < <(find "$out/frames/images" -name '*.png' | sort | awk 'NR % 500 == 1')
"$program" segment "$out/run/best.h5" "${frames[@]}" --out "$out/segmented"

seconds=$((SECONDS - began))
cat <<TEXT

Done in $((seconds / 60)) min $((seconds % 60)) s.
  table      $out/evaluation/table.txt (also .csv .json .md .tex)
  pictures   $out/evaluation/overlays/sheet.png (truth | prediction, wrong pixels magenta)
  your own   build/release/handseg segment $out/run/best.h5 FRAMES... --out DIR
  network    $out/run/best.h5, training log $out/run/log.csv
TEXT
