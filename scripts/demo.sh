#!/bin/bash
# The main job from nothing: renders people with hands, packs them, trains the proposed network, evaluates it
# on people it has not seen, and draws what it sees.
#   scripts/demo.sh PROGRAM FOLDER      HS_DEMO_FRAMES: frames to render (1600)
set -euo pipefail
program=$1 out=$2
frames=${HS_DEMO_FRAMES:-1600}
cd "$(dirname "$0")/.."
mkdir -p "$out"
began=$SECONDS

step() { printf '\n== %s\n' "$*" >&2; }

step "1/5 rendering $frames depth frames with true masks"
rm -rf "$out/frames" "$out/run"
"$program" synth --profile handseg --frames "$frames" --subjects 20 --seed 1 --out "$out/frames"

step "2/5 packing them into $out/demo.h5, split by subject"
"$program" pack "$out/frames" --out "$out/demo.h5" --force

step "3/5 training the proposed network (configs/train/demo.ini)"
"$program" train configs/train/demo.ini --set data.file="$out/demo.h5" --set train.out="$out/run"

step "4/5 evaluating on subjects it has not seen"
rm -rf "$out/overlays"
for format in text csv json markdown latex; do
    case $format in text) ext=txt ;; markdown) ext=md ;; latex) ext=tex ;; *) ext=$format ;; esac
    if [ "$ext" = txt ]; then
        "$program" evaluate "$out/run/best.h5" --data "$out/demo.h5" --overlays "$out/overlays" \
            --save "$out/predictions.h5" --format text | tee "$out/table.txt"
    fi
done

step "5/5 segmenting frames from their PNG files"
