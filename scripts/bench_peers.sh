#!/bin/bash
# Times handseg and PyTorch (CPU) on the same networks, in turn, in one run, and prints the table of the README.
#   scripts/bench_peers.sh [--nets handseg,segnet,fcn32s] [--rounds 5] [--seconds 10] [--threads 2] [--isa avx2]
#                          [--json FILE]
# --nets takes any of configs/nets. PyTorch, in its own environment under build/peers, is installed on the first run
# (about 200 MB). Nothing else should run meanwhile. Each figure is the median of the rounds, turns of either side
# one after the other, longer than most disturbances of the machine. PyTorch's is the best of its layouts, with and
# without torch.compile. --isa holds both to one instruction set. Example:
#   scripts/bench_peers.sh --nets handseg,fcn8s --rounds 3
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$(dirname "$0")/.."
version=2.13.0
make -s
python=build/peers/bin/python
if ! "$python" -c "import torch; assert torch.__version__.startswith('$version')" 2>/dev/null; then
    echo "installing PyTorch $version into build/peers" >&2
    python3 -m venv --system-site-packages build/peers || { echo "hint: apt-get install python3-venv" >&2; exit 1; }
    "$python" -c "import torch; assert torch.__version__.startswith('$version')" 2>/dev/null ||
        "$python" -m pip install --quiet "torch==$version" --extra-index-url https://download.pytorch.org/whl/cpu
fi
exec "$python" scripts/bench_peers.py "$@"
