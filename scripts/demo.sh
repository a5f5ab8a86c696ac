#!/bin/bash
# The whole story from nothing: renders what two cameras record of people in coloured gloves, finds the gloves'
# colours, labels the frames by them, packs those that are good enough, trains the proposed network, evaluates it on
# people it has not seen, and shows every step in one page.
#   scripts/demo.sh PROGRAM FOLDER
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
program=$(realpath "$1")
cd "$(dirname "$0")/.."
mkdir -p "$2"
out=$2
began=$SECONDS
shown=user-1.00000004,user-2.00000011,user-3.00000023 # frames whose annotation is shown

step() { printf '\n== %s\n' "$*" >&2; }

if [ -e "$out/labelled/verdicts.log" ]; then
    echo "demo: $out/labelled holds verdicts of a review: move or remove it to make the demo anew" >&2
    exit 1
fi

step "1/7 recording: 160 people in coloured gloves before a depth and a colour camera, 4000 frames"
rm -rf "$out"/{recordings,labelled,stages,run,evaluation,segmented}
"$program" synth --recording --profile handseg --frames 4000 --subjects 160 --interval 1 --size 320x240 --seed 1 \
    --out "$out/recordings"

step "2/7 the gloves' colours, from shots of a sphere in their cloth"
"$program" calibrate "$out/recordings/calibration" --out "$out/calib.ini" --force

step "3/7 labels from colour and depth, with a score for every frame"
"$program" annotate "$out/recordings" --calib "$out/calib.ini" --config configs/glove/half.ini \
    --out "$out/labelled" --debug "$out/stages" --frames "$shown"

step "4/7 packing the frames that are good enough, split by person"
"$program" pack "$out/labelled" --out "$out/demo.h5" --force

step "5/7 training the proposed network (configs/train/demo.ini)"
"$program" train configs/train/demo.ini --set data.file="$out/demo.h5" --set train.out="$out/run"

step "6/7 evaluating on people it has not seen"
"$program" evaluate "$out/run/best.h5" --data "$out/demo.h5" --split test \
    --out "$out/evaluation" --overlays "$out/evaluation/overlays"

step "7/7 segmenting frames from PNG files, as for your own"
mapfile -t frames < <(find "$out/labelled/images" -name '*.png' | sort | awk 'NR % 500 == 1')
"$program" segment "$out/run/best.h5" "${frames[@]}" --out "$out/segmented"
scripts/demo_report.sh "$out" >"$out/report.html"

seconds=$((SECONDS - began))
cat <<TEXT

Done in $((seconds / 60)) min $((seconds % 60)) s.
  every step in pictures   $out/report.html
  table                    $out/evaluation/table.txt (also .csv .json .md .tex)
  truth and prediction     $out/evaluation/overlays/sheet.png
  network                  $out/run/best.h5, training log $out/run/log.csv
  judge the labels         build/release/handseg review $out/labelled
  your own frames          build/release/handseg segment $out/run/best.h5 FRAMES... --out DIR
TEXT
