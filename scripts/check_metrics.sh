#!/bin/bash
# Compares what `handseg evaluate` counts with scikit-learn's confusion matrix and scores on the same predictions, to
# the last digit.
#   scripts/check_metrics.sh MODEL.h5 DATA.h5
# Example:
#   scripts/check_metrics.sh runs/handseg/best.h5 hands.h5
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
root="$(dirname "$(realpath "$0")")/.."
"$root/scripts/install_deps.sh" scores metrics
make -s -C "$root" build/release/handseg
exec /usr/bin/python3 "$root/scripts/check_metrics.py" "$@"
