#!/bin/bash
# The paper's Table 3 and figure 6: accuracy against the number of training frames.
#   scripts/ablation.sh CONFIG DATA.h5 --sizes 5k,10k,20k --out DIR [--seed 1] [--set SECTION.KEY=VALUE]... [--plan]
# Trains CONFIG (configs/train/*.ini) on random parts of the training split, each holding the smaller ones, evaluates
# every one on the test split, and writes DIR/table3.{txt,md,csv,json} and DIR/figure6.{svg,png}: hand mIoU against the
# number of frames on a logarithmic axis, with the line fitted. Says what it will do and about how long that takes
# before it begins; with --plan it ends there. Interrupted or killed, the same command goes on where it was; another
# one, with other steps say, needs another DIR.
# --seed: of the draw. --set: of the training, for every size. Example:
#   scripts/ablation.sh configs/train/handseg.ini hands.h5 --sizes 5k,10k,20k,40k --out runs/sizes
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
root="$(dirname "$(realpath "$0")")/.."
"$root/scripts/install_deps.sh" plots
make -s -C "$root" build/release/handseg
exec /usr/bin/python3 "$root/scripts/ablation.py" "$@"
