#!/bin/bash
# The paper's Table 4: trains on each data set, tests on all of them.
#   scripts/cross_dataset.sh CONFIG NAME=DATA.h5 NAME=DATA.h5 [...] --out DIR [--set SECTION.KEY=VALUE]... [--plan]
# Where one of two sets labels one hand only, left and right count as one class. Writes DIR/table4.{txt,md,csv,json},
# and what each model makes of frames of each test split, DIR/table4.png.
# Says what it will do and about how long that takes before it begins; with --plan it ends there. Interrupted or
# killed, the same command goes on where it was; another one, with other steps say, needs another DIR. Example:
#   scripts/cross_dataset.sh configs/train/handseg.ini ours=hands.h5 nyu=nyu.h5 --out runs/table4
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
root="$(dirname "$(realpath "$0")")/.."
make -s -C "$root" build/release/handseg
exec /usr/bin/python3 "$root/scripts/cross_dataset.py" "$@"
