#!/bin/bash
# Trains the proposed network on five real frames of a depth camera until it knows them, and shows what it makes
# of frames of another one: that data, training and evaluation fit together, not how well the network does.
#   scripts/real_frames.sh DATA_DIR [OUT_DIR]      OUT_DIR: build/real_frames
# DATA_DIR/handseg_figures/layout holds the five frames in the HandSeg layout, DATA_DIR/sr305 others. Without
# them there is nothing to do. HS_REAL_TRAIN: more arguments for `handseg train`.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
[ $# -ge 1 ] || { echo "usage: $0 DATA_DIR [OUT_DIR]" >&2; exit 2; }
least=.95 # hand mIoU
data=$(realpath -m "$1")
root=$(dirname "$(dirname "$(realpath "$0")")")
out=$(realpath -m "${2:-$root/build/real_frames}")
cd "$root"
for folder in "$data/handseg_figures/layout" "$data/sr305"; do
    [ -d "$folder" ] || { echo "SKIPPED: $folder: no such folder"; exit 0; }
done
make -s
program=$PWD/build/release/handseg
mkdir -p "$out"
rm -rf "$out/run" "$out/evaluation" "$out/overlays" "$out/sr305"
began=$SECONDS

"$program" pack "$data/handseg_figures/layout" --out "$out/real.h5" --split frame --ratio 1:0:0 --force
# shellcheck disable=SC2086
"$program" train configs/train/real.ini --set data.file="$out/real.h5" --set train.out="$out/run" \
    ${HS_REAL_TRAIN:-}
trained=$((SECONDS - began))
"$program" evaluate "$out/run/best.h5" --data "$out/real.h5" --split all --out "$out/evaluation" \
    --overlays "$out/overlays"
"$program" segment "$out/run/best.h5" "$data/sr305" --out "$out/sr305"

miou=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "iou") column = i }
                $1 == "mean of hands" { print $column; exit }' "$out/evaluation/table.csv")
echo "trained in $trained s; hand mIoU on the frames trained on: $miou"
echo "their predictions: $out/overlays; those of frames of another camera: $out/sr305/overlays"
awk -v got="$miou" -v least="$least" 'BEGIN { exit !(got >= least) }' ||
    { echo "real_frames: hand mIoU: got ${miou:-nothing}, expected at least $least" >&2; exit 1; }
