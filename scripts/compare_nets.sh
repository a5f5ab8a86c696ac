#!/bin/bash
# Trains the networks the paper compares on one data set with one number of steps, evaluates them on one test split
# and writes the paper's Table 2.
#   scripts/compare_nets.sh --data F.h5 --out DIR [--nets NAME,NAME,...] [--steps N] [--config TRAINING.ini]
#                           [--frames NAME,NAME,...] [--set SECTION.KEY=VALUE]... [--plan]
# FCN16s and FCN8s begin with the parameters of FCN32s and FCN16s, the steps of which come on top, as the table says.
# --config and --set are for the networks, not for the forest. Says what it will do and about how long that takes
# before it begins; with --plan it ends there. Interrupted or killed, the same command goes on where it was; another
# one, with other steps say, needs another DIR. Writes DIR/table2.{txt,md,csv,json}, DIR/figure8.png (depth, truth and
# every net side by side, of --frames or a few of the test split) and a run folder for each network.
# --nets: of configs/nets; without it all but fcn32s_pad100. --steps: updates of each, 2000; 0: as --config,
# configs/train/compare.ini, says. Example:
#   scripts/compare_nets.sh --data hands.h5 --nets handseg,segnet,nearest --steps 5000 --out runs/table2
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
root="$(dirname "$(realpath "$0")")/.."
"$root/scripts/install_deps.sh" plots
make -s -C "$root" build/release/handseg
exec /usr/bin/python3 "$root/scripts/compare_nets.py" "$@"
