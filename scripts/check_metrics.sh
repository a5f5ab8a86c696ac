#!/bin/bash
# Compares what `handseg evaluate` counts with scikit-learn's confusion matrix and scores on the same predictions, to
# the last digit.
#   scripts/check_metrics.sh MODEL.h5 DATA.h5
# The first run installs scikit-learn and h5py into an environment of their own under build/checks.
set -euo pipefail
root="$(dirname "$(realpath "$0")")/.."
make -s -C "$root" build/release/handseg
python=$root/build/checks/bin/python
if ! "$python" -c "import sklearn, h5py" 2>/dev/null; then
    echo "installing scikit-learn and h5py into build/checks" >&2
    python3 -m venv --system-site-packages "$root/build/checks" ||
        { echo "hint: apt-get install python3-venv" >&2; exit 1; }
    "$python" -m pip install --quiet scikit-learn h5py
fi
exec "$python" "$root/scripts/check_metrics.py" "$@"
