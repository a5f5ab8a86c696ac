#!/bin/bash
# The paper's experiments, from data to a page: Tables 1 to 4, figures 6 and 8, a report of the runs.
#   scripts/paper.sh [--scale small] [--out report]       on rendered stand-ins, in less than an hour on two cores;
#                                                         --scale tiny: in minutes, to see that all of it works
#   scripts/paper.sh --data DIR [--out report]            on the data sets themselves: DIR/handseg, DIR/freiburg,
#                                                         DIR/nyu and DIR/handnet, as `handseg pack --layout` reads them
# On those every network trains for the paper's 50 epochs, which takes two cores months: --steps N trains each for N
# updates, --sizes 1k,2k,4k chooses Table 3's parts of the training set.
# Says what it will do and about how long that takes before it begins. Interrupted or killed, the same command goes on
# where it was; another scale or DIR needs another OUT. Writes OUT/index.html; the data sets, runs and
# tables lie beside it. Example:
#   scripts/paper.sh --data /data --steps 100000 --sizes 5k,10k,20k,40k --out report
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
root="$(dirname "$(realpath "$0")")/.."
"$root/scripts/install_deps.sh" plots
make -s -C "$root" build/release/handseg
exec /usr/bin/python3 "$root/scripts/paper.py" "$@"
