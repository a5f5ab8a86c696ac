#!/bin/bash
# Speed on this machine: each kernel by itself, then whole steps of the proposed network.
#   scripts/bench.sh PROGRAM BENCH...     HS_BENCH_NET: the network (configs/nets/handseg.ini)
#                                         HS_BENCH_SECONDS: of each measurement (0.3; 5 for steps)
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
program=$1
shift
cd "$(dirname "$0")/.."
net=${HS_BENCH_NET:-configs/nets/handseg.ini}
for bench in "$@"; do "$bench" "$net" "${HS_BENCH_SECONDS:-0.3}"; done
printf '\n'
"$program" bench "$net" --seconds "${HS_BENCH_SECONDS:-5}"
